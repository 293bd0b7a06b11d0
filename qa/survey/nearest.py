"""The nearest statements of each: found anew for a few of them, with the same outcome as for all.

Vectors are rounded to whole numbers of a byte, whose products add up exactly in any order: what is nearest
depends on the statements alone, not on which are sought together, and ties go to the smaller digest. Up to
`EXACT` statements all are looked at. Of more those in the nearest cells alone; each cell is led by one of the
statements, which are chosen by their digests, so that a statement more or less changes few cells or none.
"""

from typing import Any, NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from index.records import Vectors
from qa.survey.vectors import StatementVectors
from qa.survey.words import floor_power

Places = NDArray[np.int64]

EXACT = 50_000  # statements
PROBED = 16  # cells
_ADDED = 4_096  # statements added to an index at once: their whole numbers take 3 kB each
_BLOCK = 1_024  # statements held against all leaders at once
_SCALE = 400.0  # a number of a vector of length 1 is less than 127 / 400, or cut there
_MORE = 8  # are sought beyond what is asked for, to see who ties with the last


class Cells(NamedTuple):
    """Places of the leaders, by digest; for each statement its nearest, (statements, PROBED), nearest first.

    `last` is how near the last of these is. A statement stands in the cell of the first.
    """

    leaders: Places
    nearest: NDArray[np.int32]
    last: Vectors


class Nearest:
    """A search of all statements of `rows` for those nearest to some of them."""

    def __init__(self, rows: StatementVectors, cells: Cells | None) -> None:
        """`cells` are those that `find_cells` finds; None for statements that are few."""
        self._rows = rows
        self._cells = cells
        self._index = _index(rows, cells)

    def search(self, places: Places, depths: Places) -> list[tuple[Places, float]]:
        """For each place so many others at most, nearest first, and how near the last is; -inf where all are.

        The place itself is not among them.
        """
        block = whole(self._rows, places)
        most = min(len(self._rows), int(depths.max()) + 1 + _MORE)
        near, found = self._look(block, places, most)
        return [
            self._cut(place, depth, near[at], found[at])
            for at, (place, depth) in enumerate(zip(places.tolist(), depths.tolist(), strict=True))
        ]

    def _cut(self, place: int, depth: int, near: Vectors, found: Places) -> tuple[Places, float]:
        while True:
            real = (found >= 0) & (found != place)
            others, nearness = found[real], near[real]
            order = np.lexsort((others, -nearness))
            every = len(found) == len(self._rows) or not (found >= 0).all()
            if every and len(others) <= depth:
                return others[order], -np.inf
            last = float(nearness[order[depth - 1]]) if len(others) >= depth else -np.inf
            if every or nearness[order[-1]] < last:
                return others[order[:depth]], last
            # The last ties with some that were not sought yet.
            alone, more = np.array([place]), min(len(self._rows), 2 * len(found))
            told = self._look(whole(self._rows, alone), alone, more)
            near, found = told[0][0], told[1][0]

    def _look(self, block: Vectors, places: Places, most: int) -> tuple[Vectors, Places]:
        if self._cells is None:
            found: tuple[Vectors, Places] = self._index.search(block, most)
            return found
        probed = np.ascontiguousarray(self._cells.nearest[places], np.int64)
        told: tuple[Vectors, Places] = self._index.search_preassigned(
            block, most, probed, np.zeros(probed.shape, np.float32)
        )
        return told


def whole(rows: StatementVectors, places: Places) -> Vectors:
    """The vectors of statements in whole numbers."""
    return whole_numbers(rows.of(places))


def whole_numbers(vectors: Vectors) -> Vectors:
    """The same from -127 to 127: of all products of two the sum is exact."""
    found: Vectors = np.rint(vectors * np.float32(_SCALE)).clip(-127, 127)
    return found


def closeness(dots: Vectors) -> NDArray[np.float64]:
    """Sums of products of whole numbers as those of the vectors."""
    return np.asarray(dots, np.float64) / _SCALE**2


def find_leaders(rows: StatementVectors) -> Places:
    """The statements with the smallest digests: of N four to eight times the root of N."""
    share = min(1.0, 4 / floor_power(len(rows)) ** 0.5)
    return np.arange(np.searchsorted(rows.digests, int(share * (2**63 - 1))))


def find_cells(rows: StatementVectors, leaders: Places, places: Places) -> Cells:
    """The nearest leaders of the statements at `places` alone, in the order of these."""
    probed = min(PROBED, len(leaders))
    if not len(places):
        return Cells(leaders, np.empty((0, probed), np.int32), np.empty(0, np.float32))
    ahead = whole(rows, leaders).T
    nearest, last = [], []
    for start in range(0, len(places), _BLOCK):
        dots = whole(rows, places[start : start + _BLOCK]) @ ahead
        # One whole number of both: nearer first, of those as near the smaller digest.
        ranked = dots.astype(np.int64) * len(leaders) - np.arange(len(leaders))
        best = np.argpartition(-ranked, probed - 1)[:, :probed]
        best = np.take_along_axis(best, np.argsort(-np.take_along_axis(ranked, best, 1)), 1)
        nearest.append(best.astype(np.int32))
        last.append(np.take_along_axis(dots, best[:, -1:], 1)[:, 0])
    return Cells(leaders, np.concatenate(nearest), np.concatenate(last))


def _index(rows: StatementVectors, cells: Cells | None) -> Any:
    dimension = 2 * rows.width
    if cells is None:
        index: Any = faiss.IndexFlatIP(dimension)
    else:
        index = faiss.index_factory(
            dimension, f"IVF{len(cells.leaders)},SQ8_direct_signed", faiss.METRIC_INNER_PRODUCT
        )
        index.by_residual = False
        index.quantizer.add(whole(rows, cells.leaders))
        index.is_trained = True  # a byte stands for itself
        index.nprobe = cells.nearest.shape[1]
    for start in range(0, len(rows), _ADDED):
        block = whole(rows, np.arange(start, min(start + _ADDED, len(rows))))
        if cells is None:
            index.add(block)
        else:
            home = np.ascontiguousarray(cells.nearest[start : start + _ADDED, 0], np.int64)
            index.add_core(len(block), faiss.swig_ptr(block), None, faiss.swig_ptr(home), None)
    return index
