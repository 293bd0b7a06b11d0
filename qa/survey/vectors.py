"""The embeddings of a library's statements: each made once, kept per article, and held in half the memory."""

from collections.abc import Mapping
from itertools import chain, pairwise

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

    def __init__(self, sheets: Sheets, lines: HalfVectors) -> None:
        """`lines` are the vectors of all lines, (lines, dimensions)."""
        self.digests = sheets.digests
        self._lines = lines
        self._line = sheets.first
        columns = sheets.columns
        self._article = columns.owner[self._line]
        self.width = lines.shape[1]
        self._about = np.zeros((len(sheets), self.width), np.float32)
        for at, (start, end) in enumerate(pairwise(columns.lines.bounds.tolist())):
            if start < end:
                self._about[at] = _mean(lines[start:end].astype(np.float32))

    @classmethod
    def read(
        cls, sheets: Sheets, cache: SurveyCache, embedder: Embedder, progress: Progress | None = None
    ) -> "StatementVectors":
        """From the cache where they are known; else embedded, the same words once."""
        return cls(sheets, _Embedding(sheets, cache, embedder).run(progress))

    def __len__(self) -> int:
        return len(self.digests)

    def of(self, places: NDArray[np.int64]) -> Vectors:
        """Of shape (places, 2 dimensions)."""
        lines = self._lines[self._line[places]].astype(np.float32)
        return np.concatenate([lines, self._about[self._article[places]]], axis=1)

    def cosine(self, one: int, other: int) -> float:
        """That of two statements, by their digests."""
        places = np.searchsorted(self.digests, [one, other])
        mine, theirs = self._lines[self._line[places]].astype(np.float32)
        return float(mine @ theirs)


class _Embedding:
    """The vectors of all lines, made or read block by block into one array."""

    def __init__(self, sheets: Sheets, cache: SurveyCache, embedder: Embedder) -> None:
        self._sheets, self._cache, self._embedder = sheets, cache, embedder
        self._lines: HalfVectors = np.empty((0, 0), np.float16)
        self._bounds = sheets.columns.lines.bounds.tolist()
        # In several articles, copies mostly: where each such text has a vector already.
        self._several = np.repeat(sheets.standing.lengths > 1, sheets.standing.lengths)
        several = np.zeros(len(sheets.columns), bool)
        several[sheets.standing.flat] = self._several
        self._several = several
        self._known: dict[str, int] = {}

    def run(self, progress: Progress | None) -> HalfVectors:
        """Of shape (lines, dimensions)."""
        stated = [at for at in range(len(self._sheets)) if self._bounds[at] < self._bounds[at + 1]]
        for start in range(0, len(stated), _BATCH):
            if progress:
                progress(start, len(stated), "embedding statements")
            batch = stated[start : start + _BATCH]
            stamps = {at: f"{self._embedder.name} {self._sheets.stamps[at]}" for at in batch}
            fresh = []
            for at in batch:
                many = self._bounds[at + 1] - self._bounds[at]
                held = self._cache.vectors(self._sheets.ids[at], stamps[at], many)
                if held is None or (self._lines.size and held.shape[1] != self._lines.shape[1]):
                    fresh.append(at)
                else:
                    self._take(at, held)
            if fresh:
                self._embed(fresh, stamps)
        return self._lines

    def _embed(self, fresh: list[int], stamps: Mapping[int, str]) -> None:
        texts = {at: self._sheets.texts(at) for at in fresh}
        new = [text for text in dict.fromkeys(chain(*texts.values())) if text not in self._known]
        made = dict(zip(new, self._embedder.embed(new).astype(np.float16), strict=True)) if new else {}
        for at, own in texts.items():
            vectors = np.array(
                [made[text] if text in made else self._lines[self._known[text]] for text in own]
            )
            self._cache.keep_vectors(self._sheets.ids[at], stamps[at], vectors)
            self._take(at, vectors)
        self._cache.commit()

    def _take(self, at: int, vectors: HalfVectors) -> None:
        start, end = self._bounds[at], self._bounds[at + 1]
        if not self._lines.size:
            self._lines = np.zeros((self._bounds[-1], vectors.shape[1]), np.float16)
        self._lines[start:end] = vectors
        for row in (start + np.flatnonzero(self._several[start:end])).tolist():
            self._known.setdefault(plainly(self._sheets.columns.quote(row)), row)


def _mean(vectors: Vectors) -> Vectors:
    """Of length 1."""
    total = vectors.sum(0)
    length = float(np.linalg.norm(total))
    return np.asarray(total / length if length else total, np.float32)
