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


def independent(article_ids: Sequence[str], texts: Mapping[str, str]) -> int:
    """How many sources the articles are when near-copies (reposts, agency copy) count as one."""
    if len(article_ids) < 2:
        return len(article_ids)
    shingles = [_shingles(texts.get(article_id, "")) for article_id in article_ids]
    places = range(len(shingles))
    copies = (pair for pair in combinations(places, 2) if _is_copy(*(shingles[place] for place in pair)))
    return len(group_linked(places, copies))


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
