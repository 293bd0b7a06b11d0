"""Which articles are copies of each other, so that they count as one source."""

import re
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

from index.clean import normalise

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
    kept: list[frozenset[int]] = []
    parents = list(range(len(shingles)))

    def root(index: int) -> int:
        while parents[index] != index:
            index = parents[index]
        return index

    for index, mine in enumerate(shingles):
        for earlier, theirs in enumerate(kept):
            least = min(len(mine), len(theirs))
            if least and len(mine & theirs) >= NEAR_COPY * least:
                parents[root(index)] = root(earlier)
        kept.append(mine)
    return len({root(index) for index in range(len(shingles))})


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
