"""Which statements of a library are held against each other: each and its nearest in other articles.

Near is what means the like, stands in articles that are about the like and shares its rare words: the cosine
of two sentences' embeddings, that of the means of their articles', and what both have of the weight of their
words. One search of vectors and a list of who has each rare word find them, without word lists or names of
stories, and the work grows with the statements, not with the square of the library.
"""

from collections import defaultdict
from collections.abc import Sequence
from math import fsum, log
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index.library import Progress
from index.records import Embedder
from qa.language.terms import terms
from qa.survey.cache import SurveyCache
from qa.survey.near_copies import NearCopies, Pair
from qa.survey.statements import Sheets, day_of, plainly

Vectors = NDArray[np.float32]

# Each statement meets so many, of so many that are looked at. Source: in one library of 112 stories held out
# of training, 66 in 100 labelled disputes are among the pairs so proposed, before the limits below; without
# shared words 64, with the cosine of the sentences alone 58.
NEIGHBOURS = 6
LOOKED_AT = 32
# A word that no more statements have is looked up. Source: own choice. In a list of 3,333 things, as
# `eval.bench.survey` makes it, it finds all of the planted disputes; without it 91 in 100 are found.
RARE = 12
# Below it two sentences are of two things. Source: on the same stories, each a library of its own, it leaves
# out half of the pairs, and none of those that score 0.4 or more.
LEAST_COSINE = 0.25
# Below it two articles are of two matters, unless both sentences share a name.
LEAST_OF_ARTICLES = 0.5
# What is so much further than the nearest of a statement is of another thing. Source: the same: it leaves out
# a sixth of the rest, and none that score so; in lists nearly all of other things.
FURTHER = 0.2
# Statements published further apart are of two times. Source: own choice.
MOST_DAYS = 366

_EXACT = 50_000  # statements; beyond, the nearest are sought in the nearest cells alone
_PROBED = 16
_BATCH = 50  # articles embedded between two commits


def candidates(
    sheets: Sheets,
    copies: NearCopies,
    cache: SurveyCache,
    embedder: Embedder,
    progress: Progress | None = None,
) -> dict[Pair, float]:
    """The pairs with the cosine of their sentences, in order; `copies` are those of the sheets."""
    digests = sorted(sheets.places)
    if len(digests) < 2:
        return {}
    vectors = _vectors(sheets, cache, embedder, progress)
    about = {at: _mean(one) for at, one in vectors.items()}
    first = [sheets.places[digest][0] for digest in digests]
    rows = np.array([np.concatenate([vectors[at][number], about[at]]) for at, number in first], np.float32)
    words = _Words([sheets.text(digest) for digest in digests])
    index = _index(rows)
    found: dict[Pair, float] = {}
    width = rows.shape[1] // 2
    most = max(len(sheet.lines) for sheet in sheets.sheets)
    for start in range(0, len(rows), 1024):
        if progress:
            progress(start, len(rows), "matching statements")
        block = rows[start : start + 1024]
        _, near = index.search(block, min(len(rows), LOOKED_AT + most))
        for place, looked_at in enumerate(near.tolist(), start):
            others = np.array(sorted({*looked_at, *words.sharing(place)} - {place, -1}), np.int64)
            close = rows[others] @ rows[place] + [words.shared(place, other) for other in others.tolist()]
            met, least = 0, -np.inf
            for at in np.argsort(-close, kind="stable").tolist():
                if met == NEIGHBOURS or close[at] < least:
                    break
                other = int(others[at])
                pair = _pair(digests[place], digests[other])
                if not _may_meet(sheets, pair) or copies.agree_or_tell_of_others(*pair):
                    continue
                cosine = float(rows[place, :width] @ rows[other, :width])
                alike = float(rows[place, width:] @ rows[other, width:]) >= LEAST_OF_ARTICLES
                if cosine >= LEAST_COSINE and (alike or sheets.names(pair[0]) & sheets.names(pair[1])):
                    found[pair] = cosine
                    least = max(least, close[at] - FURTHER)
                    met += 1
    return dict(sorted(found.items()))


class _Words:
    """The stems of the content words of each text, rare ones weighing more (inverse document frequency)."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._of = [frozenset(terms(text)) for text in texts]
        holders: dict[str, list[int]] = defaultdict(list)
        for place, held in enumerate(self._of):
            for word in held:
                holders[word].append(place)
        self._weights = {word: log(len(texts) / len(places)) for word, places in holders.items()}
        self._rare = {word: places for word, places in holders.items() if 1 < len(places) <= RARE}
        self._totals = [fsum(map(self._weights.__getitem__, held)) for held in self._of]

    def sharing(self, place: int) -> set[int]:
        """The places of the texts that have a rare word of the text at `place`."""
        return {other for word in self._of[place] for other in self._rare.get(word, ())}

    def shared(self, place: int, other: int) -> float:
        """The weight of the words of both, of that of the words of either, in 0..1."""
        # Exactly, for the order of a set differs from process to process.
        both = fsum(map(self._weights.__getitem__, self._of[place] & self._of[other]))
        either = self._totals[place] + self._totals[other] - both
        return both / either if either else 0.0


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
    stated = [at for at, sheet in enumerate(sheets.sheets) if sheet.lines]
    for start in range(0, len(stated), _BATCH):
        if progress:
            progress(start, len(stated), "embedding statements")
        batch = {at: sheets.sheets[at] for at in stated[start : start + _BATCH]}
        stamps = {at: f"{embedder.name} {sheet.stamp}" for at, sheet in batch.items()}
        kept = {
            at: cache.vectors(sheet.article.id, stamps[at], len(sheet.lines)) for at, sheet in batch.items()
        }
        if fresh := [at for at, known in kept.items() if known is None]:
            made = embedder.embed([plainly(quote) for at in fresh for quote in batch[at].quotes])
            ends = np.cumsum([len(batch[at].quotes) for at in fresh])
            for at, vectors in zip(fresh, np.split(made.astype(np.float16), ends[:-1]), strict=True):
                cache.keep_vectors(batch[at].article.id, stamps[at], vectors)
                kept[at] = vectors
            cache.commit()
        found |= {at: vectors.astype(np.float32) for at, vectors in kept.items() if vectors is not None}
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
