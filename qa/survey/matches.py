"""What each statement was matched with, kept beside the library, so that a change matches few anew.

With each statement stand the others that were looked at, those that it met, and a mark of all that this was
made from. Matched anew is what has another mark, what looked at such a one or at one that has gone, and what
a new one is near enough to be looked at. All others would find the same again. The file is derived: of
another version, damaged, or of a library where nobody may write, it is not used.
"""

import os
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.records import Vectors
from qa.survey.nearest import Cells, Places
from qa.survey.words import Marks

FILE = "conflicts.matches"


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of different lengths, one after the other."""

    lengths: Places
    flat: NDArray[np.int32]

    @classmethod
    def of(cls, rows: Sequence[Sequence[int] | Places]) -> "Ragged":
        """The rows as given."""
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        flat = (
            np.concatenate([np.asarray(row, np.int32) for row in rows])
            if len(rows)
            else np.empty(0, np.int32)
        )
        return cls(lengths, flat.astype(np.int32))

    def owners(self) -> Places:
        """For each entry its row."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def take(self, rows: Places) -> Places:
        """Where the entries of these rows stand, in their order."""
        starts = np.cumsum(self.lengths) - self.lengths
        lengths = self.lengths[rows]
        before = np.cumsum(lengths) - lengths
        return np.repeat(starts[rows] - before, lengths) + np.arange(int(lengths.sum()))


@dataclass(frozen=True, slots=True)
class Matches:
    """By statement, in the order of `digests`: whom it looked at, how near the last was, whom it met.

    `marks` tell what that was made from, `done` are those that were matched; `spots` are marks of the
    vectors. `cosines` go with the entries of `met`. `nearest` and `last` are as in `Cells`, of no width where
    there are none; `leaders` are digests.
    """

    digests: Places
    marks: Marks
    done: NDArray[np.bool_]
    spots: Marks
    reach: NDArray[np.float64]
    looked: Ragged
    met: Ragged
    cosines: NDArray[np.float64]
    leaders: Places
    nearest: NDArray[np.int32]
    last: Vectors

    @classmethod
    def nothing(cls) -> "Matches":
        """Of no statement."""
        return cls.unmatched(np.empty(0, np.int64), np.empty(0, np.uint64), None)

    @classmethod
    def unmatched(cls, digests: Places, spots: Marks, cells: Cells | None) -> "Matches":
        """Of statements of which none was matched yet."""
        many = len(digests)
        none = Ragged(np.zeros(many, np.int64), np.empty(0, np.int32))
        return cls(
            digests, np.zeros(many, np.uint64), np.zeros(many, bool), spots, np.full(many, -np.inf),
            none, none, np.empty(0),
            digests[cells.leaders] if cells else np.empty(0, np.int64),
            cells.nearest if cells else np.empty((many, 0), np.int32),
            cells.last if cells else np.empty(many, np.float32),
        )  # fmt: skip

    def moved(self, digests: Places, spots: Marks, cells: Cells | None) -> "Matches":
        """The same at the places of `digests`; what looked at one that is not among them is not matched."""
        where = find(digests, self.digests)
        done = self.done.copy()
        done[self.looked.owners()[where[self.looked.flat] < 0]] = False
        rows = np.flatnonzero(where >= 0)
        fresh = Matches.unmatched(digests, spots, cells)
        fresh.marks[where[rows]], fresh.reach[where[rows]] = self.marks[rows], self.reach[rows]
        fresh.done[where[rows]] = done[rows]
        rows = np.flatnonzero((where >= 0) & done)
        told = []
        for ragged in (self.looked, self.met):
            lengths = np.zeros(len(digests), np.int64)
            lengths[where[rows]] = ragged.lengths[rows]
            told.append(Ragged(lengths, where[ragged.flat[ragged.take(rows)]].astype(np.int32)))
        return replace(fresh, looked=told[0], met=told[1], cosines=self.cosines[self.met.take(rows)])

    def find_outdated(self, marks: Marks) -> NDArray[np.bool_]:
        """Which are not matched, have another mark than these, or looked at one that has."""
        changed = self.marks != marks
        found = ~self.done | changed
        found[self.looked.owners()[changed[self.looked.flat]]] = True
        return np.asarray(found)

    def with_rows(
        self,
        places: Places,
        reach: Sequence[float],
        looked: Sequence[Places],
        met: Sequence[Sequence[tuple[int, float]]],
    ) -> "Matches":
        """With what was found at some places, in order, instead of what is known there."""
        done, new_reach = self.done.copy(), self.reach.copy()
        done[places], new_reach[places] = True, reach
        others = Ragged.of([[other for other, _ in row] for row in met])
        cosines = np.array([cosine for row in met for _, cosine in row], np.float64)
        new_met, (known, fresh) = _merge(self.met, places, others)
        merged = np.empty(len(new_met.flat))
        merged[known], merged[fresh] = self.cosines[self.met.take(_others(len(self.marks), places))], cosines
        return replace(
            self,
            done=done,
            reach=new_reach,
            looked=_merge(self.looked, places, Ragged.of(looked))[0],
            met=new_met,
            cosines=merged,
        )

    def save(self, folder: Path, stamp: str) -> None:
        """Written beside it and moved into its place, so that a kill leaves the old file or the new one."""
        held = BytesIO()
        np.savez(
            held, digests=self.digests, marks=self.marks,
            done=self.done, spots=self.spots, reach=self.reach,
            looked_lengths=self.looked.lengths, looked=self.looked.flat, met_lengths=self.met.lengths,
            met=self.met.flat, cosines=self.cosines, leaders=self.leaders, nearest=self.nearest,
            last=self.last,
        )  # fmt: skip
        data = held.getbuffer()
        fresh = folder / f"{FILE}.{os.getpid()}"
        with suppress(OSError):
            try:
                with fresh.open("wb") as file:
                    file.write(_head(stamp, data))
                    file.write(data)
                fresh.replace(folder / FILE)
            finally:
                fresh.unlink(missing_ok=True)

    @classmethod
    def load(cls, folder: Path, stamp: str) -> "Matches":
        """What was kept with that stamp; of nothing where it is not that, or not whole."""
        try:
            data = memoryview((folder / FILE).read_bytes())
            size = len(_head(stamp, b""))
            if bytes(data[:size]) != _head(stamp, data[size:]):
                return cls.nothing()
            with np.load(BytesIO(data[size:])) as held:
                return cls(
                    held["digests"], held["marks"],
                    held["done"], held["spots"], held["reach"],
                    Ragged(held["looked_lengths"], held["looked"]), Ragged(held["met_lengths"], held["met"]),
                    held["cosines"], held["leaders"], held["nearest"], held["last"],
                )  # fmt: skip
        except (OSError, ValueError, KeyError, EOFError):
            return cls.nothing()


def find(held: Places, sought: Places) -> Places:
    """Where each stands among `held`, which are sorted; -1 for those that do not."""
    if not len(held):
        return np.full(len(sought), -1)
    at = np.searchsorted(held, sought).clip(max=len(held) - 1)
    return np.where(held[at] == sought, at, -1)


def _others(many: int, places: Places) -> Places:
    rest = np.ones(many, bool)
    rest[places] = False
    return np.flatnonzero(rest)


def _merge(known: Ragged, places: Places, fresh: Ragged) -> tuple[Ragged, tuple[Places, Places]]:
    """`known` with the rows at `places` as in `fresh`, and where the entries of both stand in it."""
    lengths = known.lengths.copy()
    lengths[places] = fresh.lengths
    merged = Ragged(lengths, np.empty(int(lengths.sum()), np.int32))
    rest = _others(len(lengths), places)
    ours, theirs = merged.take(rest), merged.take(places)
    merged.flat[ours], merged.flat[theirs] = known.flat[known.take(rest)], fresh.flat
    return merged, (ours, theirs)


def _head(stamp: str, data: bytes | memoryview) -> bytes:
    """A line of fixed length for a stamp."""
    return f"{stamp} {zlib.crc32(data):08x}\n".encode()
