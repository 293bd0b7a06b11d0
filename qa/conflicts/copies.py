"""Which articles are copies of each other, so that they count as one source."""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise

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


def copies_by(sequences: Mapping[str, Sequences]) -> tuple[tuple[str, ...], ...]:
    """As `copies_in`, from what `sequences_of` makes of the texts."""
    ids, held = list(sequences), list(sequences.values())
    pairs = (
        (ids[one], ids[other])
        for one, other in sorted(set(_sharing(held)))
        if _is_copy(frozenset(held[one].tolist()), frozenset(held[other].tolist()))
    )
    return tuple(tuple(group) for group in group_linked(ids, pairs) if len(group) > 1)


def sequences_of(text: str) -> Sequences:
    """Hashes of its five-word sequences, sorted."""
    return np.array(sorted(_shingles(text)), np.uint32)


def _sharing(held: Sequence[Sequences]) -> Iterator[tuple[int, int]]:
    """Places of two texts that share one of the sequences that are looked at."""
    looked = [some if len(some) <= _SHORT else some[some % _ONE_OF == 0] for some in held]
    places = np.repeat(np.arange(len(looked)), [len(some) for some in looked])
    every = np.concatenate(looked) if looked else np.empty(0, np.uint32)
    order = np.lexsort((places, every))
    places, every = places[order], every[order]
    _, starts, many = np.unique(every, return_index=True, return_counts=True)
    for start, length in zip(starts[many > 1].tolist(), many[many > 1].tolist(), strict=True):
        run = places[start : start + length].tolist()
        yield from (combinations if len(run) <= _TOGETHER else _neighbours)(run, 2)


def _neighbours(places: Sequence[int], _: int) -> Iterator[tuple[int, int]]:
    yield from pairwise(places)


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
