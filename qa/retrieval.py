"""The passages that are read: where some repeat each other, others come beside them.

Twelve outlets that carry one agency's report leave no room among twelve passages for the one that says
otherwise.
"""

from collections.abc import Sequence
from dataclasses import replace

from index.library import Library
from index.records import Fuse, Hit, Vectors
from index.scope import EVERYTHING, Scope

_DEEPER = 8  # times as many passages are looked through for those that say something else
# A passage repeats others where more of it stands in sentences of theirs. Source: own choice.
_REPEATED = 0.5


def find_passages(
    library: Library, query: str, *, k: int, vector: Vectors | None = None, scope: Scope = EVERYTHING
) -> list[Hit]:
    """The `k` best passages, and for each of them that repeats better ones the next that does not.

    They come in the order in which they are to be read: what repeats comes last. Raises what
    `Library.search` raises.
    """
    hits = library.search(query, k=k, vector=vector, scope=scope)
    if not _part(hits)[1]:
        return hits
    return _with_others(hits, library.search(query, k=_DEEPER * k, vector=vector, scope=scope))


def find_passages_each(
    library: Library, queries: Sequence[str], *, k: int, fuse: Fuse, depth: int, scope: Scope = EVERYTHING
) -> list[list[Hit]]:
    """As `find_passages` for each of many queries, but only where at least half of the passages repeat.

    `fuse` and `depth` are as for `Library.search_each`.
    """
    found = library.search_each(queries, k=k, fuse=fuse, depth=depth, scope=scope)
    crowded = [at for at, hits in enumerate(found) if 2 * len(_part(hits)[1]) >= max(1, len(hits))]
    again = [queries[at] for at in crowded]
    deeper = library.search_each(again, k=_DEEPER * k, fuse=fuse, depth=_DEEPER * k, scope=scope)
    for at, more in zip(crowded, deeper, strict=True):
        found[at] = _with_others(found[at], more)
    return found


def _with_others(hits: Sequence[Hit], deeper: Sequence[Hit]) -> list[Hit]:
    """The hits, those that repeat last, and of deeper ones as many that do not as there are such."""
    known = {hit.chunk.id for hit in hits}
    new, repeats = _part(hits)
    others = _part([*hits, *(hit for hit in deeper if hit.chunk.id not in known)])[0][len(new) : len(hits)]
    return [replace(hit, rank=rank) for rank, hit in enumerate([*new, *others, *repeats], start=1)]


def _part(hits: Sequence[Hit]) -> tuple[list[Hit], list[Hit]]:
    """Those that say something else than what came before, and those that repeat it."""
    seen: set[str] = set()
    new: list[Hit] = []
    repeats: list[Hit] = []
    for hit in hits:
        told = [_words(hit.article.text[span.start : span.end]) for span in hit.chunk.sentences]
        repeated = sum(len(one) for one in told if one in seen) > _REPEATED * sum(map(len, told))
        (repeats if repeated else new).append(hit)
        seen.update(told)
    return new, repeats


def _words(sentence: str) -> str:
    return " ".join(sentence.casefold().split())
