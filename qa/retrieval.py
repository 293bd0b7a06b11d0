"""The passages that are read: where some repeat each other, others come beside them.

Twelve outlets that carry one agency's report leave no room among twelve passages for the one that says
otherwise.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from index.library import Library
from index.records import Hit, Vectors
from index.scope import EVERYTHING, Scope
from qa.conflicts.copies import NEAR_COPY, sequences_of

_DEEPER = 8  # times as many passages are looked through for those that say something else


def find_passages(
    library: Library, query: str, *, k: int, vector: Vectors | None = None, scope: Scope = EVERYTHING
) -> list[Hit]:
    """The `k` best passages, and for each of them that repeats better ones the next that does not.

    They come in the order in which they are to be read: what repeats comes last. A passage repeats others
    where more of its five-word sequences stand in these than not. Raises what `Library.search` raises.
    """
    hits = library.search(query, k=k, vector=vector, scope=scope)
    new, repeats = _part(hits)
    if repeats:
        known = {hit.chunk.id for hit in hits}
        deeper = library.search(query, k=_DEEPER * k, vector=vector, scope=scope)
        new = _part([*hits, *(hit for hit in deeper if hit.chunk.id not in known)])[0][:k]
    return [replace(hit, rank=rank) for rank, hit in enumerate([*new, *repeats], start=1)]


def _part(hits: Sequence[Hit]) -> tuple[list[Hit], list[Hit]]:
    """Those that say something else than what came before, and those that repeat it."""
    seen = np.empty(0, np.uint32)
    new: list[Hit] = []
    repeats: list[Hit] = []
    for hit in hits:
        sequences = sequences_of(hit.chunk.text)
        repeated = np.isin(sequences, seen).sum() > NEAR_COPY * len(sequences)
        (repeats if repeated else new).append(hit)
        seen = np.union1d(seen, sequences)
    return new, repeats
