"""Which articles are copies of each other, so that they count as one source."""

import re
import zlib
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.text.clean import normalise
from qa.conflicts.groups import group_linked

# Two articles are one source when this share of the shorter one's five-word sequences stands in the other.
# Source: containment of word shingles after Broder (1997); the threshold is our own choice.
NEAR_COPY = 0.5
_SHINGLE_WORDS = 5
_MAX_CHARACTERS = 100_000
# Of many articles those are held against each other that share one of every eight sequences, of short any.
# Of two texts with 50 sequences in common one in 800 goes unseen.
_ONE_OF, _SHORT = 8, 64
_TOGETHER = (
    50  # articles with a sequence in common, of which each is held against all others; of more the next
)

_AT_ONCE = 4_096  # pairs

Key = TypeVar("Key", bound=Hashable)

Sequences = NDArray[np.uint32]
"""Hashes of all five-word sequences of a text."""


def copies_among(article_ids: Sequence[str], texts: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The articles that are near-copies (reposts, agency copy), a group of ids each; none of one alone.

    A copy with another number in it is still one: whether that number conflicts is not asked here.
    """
    ids = list(dict.fromkeys(article_ids))
    shingles = {article_id: _shingles(texts.get(article_id, "")) for article_id in ids}
    pairs = (pair for pair in combinations(ids, 2) if _is_copy(*(shingles[one] for one in pair)))
    return tuple(tuple(group) for group in group_linked(ids, pairs) if len(group) > 1)


def copies_in(texts: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """As `copies_among` for all of many texts, in a time that grows with them and not with their pairs."""
    return copies_by({one: sequences_of(text) for one, text in texts.items()})


def copies_by(sequences: Mapping[Key, Sequences], *, mutual: bool = False) -> tuple[tuple[Key, ...], ...]:
    """As `copies_in`, from what `sequences_of` makes of the texts.

    Where it must be `mutual`, the longer one too has most of its text from the shorter: a digest is then no
    copy of the reports in it.
    """
    ids, held = list(sequences), list(sequences.values())
    sharing = _sharing(held)
    parts = np.array_split(sharing, len(sharing) // _AT_ONCE + 1)
    copies = [some[_are_copies(held, some, mutual=mutual)] for some in parts]
    pairs = ((ids[one], ids[other]) for one, other in np.concatenate(copies).tolist())
    return tuple(tuple(group) for group in group_linked(ids, pairs) if len(group) > 1)


def sequences_of(text: str) -> Sequences:
    """Hashes of its five-word sequences, sorted."""
    return np.array(sorted(_shingles(text)), np.uint32)


def _sharing(held: Sequence[Sequences]) -> NDArray[np.int64]:
    """Places of two texts that share one of the sequences that are looked at, (pairs, 2), in order."""
    looked = [some if len(some) <= _SHORT else some[some % _ONE_OF == 0] for some in held]
    if not looked:
        return np.empty((0, 2), np.int64)
    places = np.repeat(np.arange(len(looked)), [len(some) for some in looked])
    every = np.concatenate(looked)
    order = np.argsort(every, kind="stable")
    places, every = places[order], every[order]
    starts = np.flatnonzero(np.append(True, every[1:] != every[:-1])[: len(every)])
    lengths = np.diff(np.append(starts, len(every)))
    found = [np.empty(0, np.int64)]
    for length in np.unique(lengths[lengths > 1]).tolist():
        runs = places[starts[lengths == length][:, None] + np.arange(length)]
        if length > _TOGETHER:
            one, other = np.arange(length - 1), np.arange(1, length)
        else:
            one, other = np.triu_indices(length, 1)
        found.append((runs[:, one] * len(held) + runs[:, other]).reshape(-1))
    return np.column_stack(np.divmod(np.unique(np.concatenate(found)), len(held)))


def _are_copies(held: Sequence[Sequences], pairs: NDArray[np.int64], *, mutual: bool) -> NDArray[np.bool_]:
    """As `_is_copy` of each two."""
    if not len(pairs):
        return np.empty(0, bool)
    keys = np.sort(
        np.concatenate(
            [
                held[place] + (np.int64(number) << 32)
                for side in pairs.T.tolist()
                for number, place in enumerate(side)
            ]
        ),
        kind="stable",
    )
    both = np.bincount(keys[:-1][keys[1:] == keys[:-1]] >> 32, minlength=len(pairs))
    of = max if mutual else min
    lengths = np.array([of(len(held[one]), len(held[other])) for one, other in pairs.tolist()])
    return np.asarray((lengths > 0) & (both >= NEAR_COPY * lengths))


def independent(article_ids: Sequence[str], texts: Mapping[str, str]) -> int:
    """How many sources the articles are when near-copies count as one."""
    return len(article_ids) - sum(len(group) - 1 for group in copies_among(article_ids, texts))


def _is_copy(mine: frozenset[int], theirs: frozenset[int]) -> bool:
    least = min(len(mine), len(theirs))
    return least > 0 and len(mine & theirs) >= NEAR_COPY * least


@lru_cache(maxsize=64)
def _shingles(text: str) -> frozenset[int]:
    """Hashes of all five-word sequences of the first 100,000 characters."""
    words = re.findall(r"\w+", normalise(text[:_MAX_CHARACTERS]).lower())
    size = min(_SHINGLE_WORDS, len(words))
    return frozenset(
        zlib.crc32(" ".join(words[start : start + size]).encode())
        for start in range(len(words) - size + 1)
        if size
    )
