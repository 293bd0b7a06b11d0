"""Which articles are copies of each other, so that they count as one source."""

import re
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations

from index.text.clean import normalise
from qa.conflicts.groups import group_linked

# Two articles are one source when this share of the shorter one's five-word sequences stands in the other.
# Source: containment of word shingles after Broder (1997); the threshold is our own choice.
NEAR_COPY = 0.5
_SHINGLE_WORDS = 5
_MAX_CHARACTERS = 100_000


def copies_among(article_ids: Sequence[str], texts: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The articles that are near-copies (reposts, agency copy), a group of ids each; none of one alone.

    A copy with another number in it is still one: whether that number conflicts is not asked here.
    """
    ids = list(dict.fromkeys(article_ids))
    shingles = {article_id: _shingles(texts.get(article_id, "")) for article_id in ids}
    pairs = (pair for pair in combinations(ids, 2) if _is_copy(*(shingles[one] for one in pair)))
    return tuple(tuple(group) for group in group_linked(ids, pairs) if len(group) > 1)


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
