"""The embeddings of a library's statements: each made once, kept per article, and held in half the memory."""

from bisect import bisect_left
from collections.abc import Mapping
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from index.adding import Progress
from index.records import Embedder, Vectors
from qa.survey.cache import SurveyCache
from qa.survey.statements import Sheets, plainly

HalfVectors = NDArray[np.float16]

_BATCH = 20  # articles embedded between two commits: a few seconds of work


class StatementVectors:
    """By statement its vector and that of its article, side by side; held in half the memory until asked for.

    A library of 100,000 articles states some two million things. Rows are in the order of `digests`.
    """

    def __init__(self, sheets: Sheets, vectors: Mapping[int, HalfVectors]) -> None:
        """`vectors` are those of each article's statements, (lines, dimensions), by place in the sheets."""
        self.digests = sorted(sheets.places)
        starts = dict(zip(vectors, np.cumsum([0, *map(len, vectors.values())]), strict=False))
        numbers = {at: number for number, at in enumerate(vectors)}
        first = [sheets.places[digest][0] for digest in self.digests]
        self._lines = np.concatenate(list(vectors.values())) if vectors else np.empty((0, 0), np.float16)
        self._about = np.array([_mean(one.astype(np.float32)) for one in vectors.values()])
        self._line = np.array([starts[at] + number for at, number in first], np.int64)
        self._article = np.array([numbers[at] for at, _ in first], np.int64)
        self.width = self._lines.shape[1]

    @classmethod
    def read(
        cls, sheets: Sheets, cache: SurveyCache, embedder: Embedder, progress: Progress | None = None
    ) -> "StatementVectors":
        """From the cache where they are known; else embedded, the same words once."""
        return cls(sheets, _embed_statements(sheets, cache, embedder, progress))

    def __len__(self) -> int:
        return len(self.digests)

    def of(self, places: NDArray[np.int64]) -> Vectors:
        """Of shape (places, 2 dimensions)."""
        lines = self._lines[self._line[places]].astype(np.float32)
        return np.concatenate([lines, self._about[self._article[places]]], axis=1)

    def cosine(self, one: int, other: int) -> float:
        """That of two statements, by their digests."""
        places = [bisect_left(self.digests, digest) for digest in (one, other)]
        mine, theirs = self._lines[self._line[places]].astype(np.float32)
        return float(mine @ theirs)


def _embed_statements(
    sheets: Sheets, cache: SurveyCache, embedder: Embedder, progress: Progress | None
) -> dict[int, HalfVectors]:
    """By article the embeddings of its statements, (lines, dimensions)."""
    found: dict[int, HalfVectors] = {}
    known: dict[str, NDArray[np.float16]] = {}  # of statements in several articles, copies mostly

    def take(at: int, vectors: HalfVectors) -> None:
        found[at] = vectors
        sheet = sheets.sheets[at]
        for line, quote, vector in zip(sheet.lines, sheet.quotes, vectors, strict=True):
            if len(sheets.places[line.digest]) > 1:
                known.setdefault(plainly(quote), vector)

    stated = [at for at, sheet in enumerate(sheets.sheets) if sheet.lines]
    for start in range(0, len(stated), _BATCH):
        if progress:
            progress(start, len(stated), "embedding statements")
        batch = {at: sheets.sheets[at] for at in stated[start : start + _BATCH]}
        stamps = {at: f"{embedder.name} {sheet.stamp}" for at, sheet in batch.items()}
        kept = {
            at: cache.vectors(sheet.article.id, stamps[at], len(sheet.lines)) for at, sheet in batch.items()
        }
        for at, held in kept.items():
            if held is not None:
                take(at, held)
        if fresh := [at for at in batch if at not in found]:
            texts = {at: [plainly(quote) for quote in batch[at].quotes] for at in fresh}
            new = [text for text in dict.fromkeys(chain(*texts.values())) if text not in known]
            made = dict(zip(new, embedder.embed(new).astype(np.float16), strict=True))
            for at, own in texts.items():
                vectors = np.array([made[text] if text in made else known[text] for text in own])
                cache.keep_vectors(batch[at].article.id, stamps[at], vectors)
                take(at, vectors)
            cache.commit()
    return found


def _mean(vectors: Vectors) -> Vectors:
    """Of length 1."""
    total = vectors.sum(0)
    length = float(np.linalg.norm(total))
    return np.asarray(total / length if length else total, np.float32)
