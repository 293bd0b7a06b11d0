"""Which statements of a library are held against each other: each and its nearest in other articles.

Near is what means the like and stands in articles that are about the like: the cosine of two sentences'
embeddings, plus that of the means of their articles'. One search finds them, without word lists or names of
stories, and the work grows with the statements, not with the square of the library.
"""

from collections.abc import Sequence
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.library import Progress
from index.records import Embedder
from qa.survey.cache import SurveyCache
from qa.survey.near_copies import NearCopies, Pair
from qa.survey.statements import Sheets, day_of, plainly

Vectors = NDArray[np.float32]

# Each statement meets so many, of so many that are looked at. Source: in one library of 112 stories held out
# of training, 64 in 100 labelled disputes are among the pairs so proposed, 4.4 pairs a statement; 71 with 12
# neighbours, twice the pairs. With the cosine of the sentences alone 46 in 100, 3.7 pairs a statement.
NEIGHBOURS = 6
LOOKED_AT = 32
# Below it two sentences are of two things; below the other, two articles, unless both sentences share a name.
LEAST_COSINE = 0.15
LEAST_OF_ARTICLES = 0.5
# Statements published further apart are of two times. Source: own choice.
MOST_DAYS = 366

_EXACT = 50_000  # statements; beyond, the nearest are sought in the nearest cells alone
_PROBED = 16
_BATCH = 50  # articles embedded between two commits


def candidates(
    sheets: Sheets, cache: SurveyCache, embedder: Embedder, progress: Progress | None = None
) -> dict[Pair, float]:
    """The pairs with the cosine of their sentences, in order."""
    digests = sorted(sheets.places)
    if len(digests) < 2:
        return {}
    vectors = _vectors(sheets, cache, embedder, progress)
    about = {at: _mean(one) for at, one in vectors.items()}
    first = [sheets.places[digest][0] for digest in digests]
    rows = np.array([np.concatenate([vectors[at][number], about[at]]) for at, number in first], np.float32)
    index = _index(rows)
    copies = NearCopies(sheets)
    found: dict[Pair, float] = {}
    width = rows.shape[1] // 2
    most = max(len(sheet.lines) for sheet in sheets.sheets)
    for start in range(0, len(rows), 1024):
        if progress:
            progress(start, len(rows), "matching statements")
        block = rows[start : start + 1024]
        _, near = index.search(block, min(len(rows), LOOKED_AT + most))
        for place, others in enumerate(near.tolist(), start):
            met = 0
            for other in others:
                if other < 0 or met == NEIGHBOURS:
                    break
                pair = _pair(digests[place], digests[other])
                if place == other or not _may_meet(sheets, pair) or copies.agree_or_tell_of_others(*pair):
                    continue
                cosine = float(rows[place, :width] @ rows[other, :width])
                alike = float(rows[place, width:] @ rows[other, width:]) >= LEAST_OF_ARTICLES
                if cosine >= LEAST_COSINE and (alike or sheets.names(pair[0]) & sheets.names(pair[1])):
                    found[pair] = cosine
                    met += 1
    return dict(sorted(found.items()))


def _pair(one: int, other: int) -> Pair:
    return min(one, other), max(one, other)


def _may_meet(sheets: Sheets, pair: Pair) -> bool:
    """Whether they stand in two articles that were not published too far apart."""
    mine, theirs = (
        [(at, day_of(sheets.sheets[at].article.published)) for at, _ in sheets.places[digest]]
        for digest in pair
    )
    return any(
        at != other_at and (one is None or other is None or abs((one - other).days) <= MOST_DAYS)
        for at, one in mine
        for other_at, other in theirs
    )


def _vectors(
    sheets: Sheets, cache: SurveyCache, embedder: Embedder, progress: Progress | None
) -> dict[int, Vectors]:
    """By article the embeddings of its statements, (lines, dimensions), from the cache where known."""
    found: dict[int, Vectors] = {}
    for done, sheet in enumerate(sheets.sheets):
        if progress and done % 20 == 0:
            progress(done, len(sheets.sheets), "embedding statements")
        if not sheet.lines:
            continue
        stamp = f"{embedder.name} {sheet.stamp}"
        kept = cache.vectors(sheet.article.id, stamp, len(sheet.lines))
        if kept is None:
            made = embedder.embed([plainly(quote) for quote in sheet.quotes])
            kept = made.astype(np.float16)
            cache.keep_vectors(sheet.article.id, stamp, kept)
            if done % _BATCH == 0:
                cache.commit()
        found[done] = kept.astype(np.float32)
    cache.commit()
    return found


def _mean(vectors: Vectors) -> Vectors:
    """Of length 1."""
    total = vectors.sum(0)
    length = float(np.linalg.norm(total))
    return np.asarray(total / length if length else total, np.float32)


def _index(rows: Vectors) -> Any:
    if len(rows) <= _EXACT:
        index: Any = faiss.IndexFlatIP(rows.shape[1])
    else:
        cells = int(4 * len(rows) ** 0.5)
        index = faiss.index_factory(rows.shape[1], f"IVF{cells},Flat", faiss.METRIC_INNER_PRODUCT)
        index.train(_sample(rows, 40 * cells))
        index.nprobe = _PROBED
    index.add(rows)
    return index


def _sample(rows: Vectors, many: int) -> Vectors:
    """Every so manyth row: the same each time."""
    chosen: Sequence[int] = np.linspace(0, len(rows) - 1, min(many, len(rows))).astype(int).tolist()
    return rows[chosen]
