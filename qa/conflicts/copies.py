"""Which articles are copies of each other, so that they count as one source."""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np

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
    ids = list(texts)
    pairs = (
        (ids[one], ids[other])
        for one, other in sorted(set(_sharing([_shingles(texts[each]) for each in ids])))
        if _is_copy(_shingles(texts[ids[one]]), _shingles(texts[ids[other]]))
    )
    return tuple(tuple(group) for group in group_linked(ids, pairs) if len(group) > 1)


def _sharing(shingles: Sequence[frozenset[int]]) -> Iterator[tuple[int, int]]:
    """Places of two texts that share one of the sequences that are looked at."""
    looked = [
        np.fromiter((one for one in some if len(some) <= _SHORT or not one % _ONE_OF), dtype=np.uint32)
        for some in shingles
    ]
    places = np.repeat(np.arange(len(looked)), [len(some) for some in looked])
    every = np.concatenate(looked) if looked else np.empty(0, dtype=np.uint32)
    order = np.lexsort((places, every))
    for run in np.split(places[order], np.flatnonzero(np.diff(every[order])) + 1):
        if len(run) > 1:
            yield from (combinations if len(run) <= _TOGETHER else _neighbours)(run.tolist(), 2)


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
