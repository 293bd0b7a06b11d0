"""What each statement was matched with, kept beside the library, so that a change matches few anew.

With each statement stand the others that were looked at, those that it met, and a mark of all that this was
made from. Matched anew is what has another mark, what looked at such a one or at one that has gone, and what
a new one is near enough to be looked at. All others would find the same again. The file is derived: of
another version, damaged, or of a library where nobody may write, it is not used.
"""

import json
import math
import os
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.records import Vectors
from qa.survey.columns import Marks
from qa.survey.nearest import Cells, Places

FILE = "conflicts.matches"
_RAGGED = ("looked", "met")
# What the file holds after its first line, in this order; the line tells the lengths.
_KINDS = {
    "digests": "<i8", "marks": "<u8", "done": "?", "spots": "<u8", "reach": "<f8", "looked": "<i4",
    "looked_lengths": "<i8", "close": "<f4", "gates": "i1", "met": "<i4", "met_lengths": "<i8",
    "cosines": "<f8", "leaders": "<i8", "nearest": "<i4", "last": "<f4",
}  # fmt: skip


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

    def fits(self, rows: int) -> bool:
        """Whether it has so many rows, and their entries."""
        lengths = self.lengths
        return (
            lengths.shape == (rows,)
            and self.flat.ndim == 1
            and bool((lengths >= 0).all() and (lengths <= len(self.flat)).all())
            and int(lengths.sum()) == len(self.flat)
        )

    def owners(self) -> Places:
        """For each entry its row."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def take(self, rows: Places) -> Places:
        """Where the entries of these rows stand, in their order."""
        starts = np.cumsum(self.lengths) - self.lengths
        lengths = self.lengths[rows]
        before = np.cumsum(lengths) - lengths
        return np.repeat(starts[rows] - before, lengths) + np.arange(int(lengths.sum()))


CLOSED, OPEN, UNTRIED = 0, 1, 2
"""Whether two statements may meet; untried where there were closer ones enough."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What was found of one statement: as a row of `Matches`, the cosines with whom it met."""

    reach: float
    looked: Places
    close: NDArray[np.float32]
    gates: NDArray[np.int8]
    met: list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Matches:
    """By statement, in the order of `digests`: whom it looked at, how near the last was, whom it met.

    `marks` tell what that was made from, `done` are those that were matched; `spots` are marks of the
    vectors. With the entries of `looked` go how `close` they were found and what came of it in `gates`, with
    those of `met` the `cosines`. `nearest` and `last` are as in `Cells`, of no width where there are none;
    `leaders` are digests.
    """

    digests: Places
    marks: Marks
    done: NDArray[np.bool_]
    spots: Marks
    reach: NDArray[np.float64]
    looked: Ragged
    close: NDArray[np.float32]
    gates: NDArray[np.int8]
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
            none, np.empty(0, np.float32), np.empty(0, np.int8), none, np.empty(0),
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
        entries = self.looked.take(rows)
        return replace(
            fresh,
            looked=told[0],
            close=self.close[entries],
            gates=self.gates[entries],
            met=told[1],
            cosines=self.cosines[self.met.take(rows)],
        )

    def find_outdated(self, marks: Marks, settled: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Places]:
        """Which are to be matched anew, and entries of the others' `looked` that may have changed.

        That is: what is not matched, has another mark than these, or looked at one that is not `settled`,
        with its vector where it was. Where another mark alone is changed, how close the two are may be so.
        """
        changed = self.marks != marks
        found = ~self.done | changed
        owners = self.looked.owners()
        found[owners[~settled[self.looked.flat]]] = True
        perhaps = changed[self.looked.flat] & ~found[owners]
        return np.asarray(found), np.flatnonzero(perhaps)

    def with_rows(self, places: Places, found: Sequence["Matched"]) -> "Matches":
        """With what was found at some places, in order, instead of what is known there."""
        done, reach = self.done.copy(), self.reach.copy()
        done[places], reach[places] = True, [one.reach for one in found]
        rest = _others(len(done), places)
        looked, at = _merge(self.looked, places, Ragged.of([one.looked for one in found]), rest)
        kept = self.looked.take(rest)
        met, met_at = _merge(
            self.met, places, Ragged.of([[place for place, _ in one.met] for one in found]), rest
        )
        cosines = np.array([cosine for one in found for _, cosine in one.met], np.float64)
        return replace(
            self,
            done=done,
            reach=reach,
            looked=looked,
            close=_put(at, self.close[kept], np.concatenate([one.close for one in found])),
            gates=_put(at, self.gates[kept], np.concatenate([one.gates for one in found])),
            met=met,
            cosines=_put(met_at, self.cosines[self.met.take(rest)], cosines),
        )

    def save(self, folder: Path, stamp: str) -> None:
        """Written beside it and moved into its place, so that a kill leaves the old file or the new one."""
        arrays = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in _RAGGED}
        for name in _RAGGED:
            ragged = getattr(self, name)
            arrays |= {name: ragged.flat, f"{name}_lengths": ragged.lengths}
        data = b"".join(np.ascontiguousarray(arrays[name], kind).tobytes() for name, kind in _KINDS.items())
        told = {name: arrays[name].shape for name in _KINDS}
        fresh = folder / f"{FILE}.{os.getpid()}"
        with suppress(OSError):
            try:
                with fresh.open("wb") as file:
                    file.write(f"{stamp} {zlib.crc32(data):08x} {json.dumps(told)}\n".encode())
                    file.write(data)
                fresh.replace(folder / FILE)
            finally:
                fresh.unlink(missing_ok=True)

    @classmethod
    def load(cls, folder: Path, stamp: str) -> "Matches":
        """What was kept with that stamp; of nothing where it is not that, or not whole."""
        try:
            head, _, data = (folder / FILE).read_bytes().partition(b"\n")
            kept, checksum, told = head.decode().split(" ", 2)
            if (kept, checksum) != (stamp, f"{zlib.crc32(data):08x}"):
                return cls.nothing()
            arrays: dict[str, Any] = {}
            at = 0
            for name, shape in json.loads(told).items():
                whole = np.frombuffer(data, _KINDS[name], math.prod(shape), at)
                arrays[name], at = whole.reshape(shape).copy(), at + whole.nbytes
            for name in _RAGGED:
                arrays[name] = Ragged(arrays.pop(f"{name}_lengths"), arrays.pop(name))
            read = cls(**arrays)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return cls.nothing()
        return read if read.is_whole() else cls.nothing()

    def is_whole(self) -> bool:
        """Whether all fits together: a library may be a stranger's, and its places lead out of it."""
        many = len(self.digests)
        by_statement = (self.marks, self.done, self.spots, self.reach, self.last)
        entries = (
            (self.looked.flat, (self.close, self.gates), many),
            (self.met.flat, (self.cosines,), many),
            (self.nearest, (), len(self.leaders)),
        )
        return (
            all(one.shape == (many,) for one in (self.digests, *by_statement))
            and self.nearest.ndim == 2
            and len(self.nearest) == many
            and all(one.fits(many) for one in (self.looked, self.met))
            and all(beside.shape == flat.shape for flat, several, _ in entries for beside in several)
            and all(not flat.size or (flat.min() >= 0 and flat.max() < end) for flat, _, end in entries)
            and bool((np.diff(self.digests) > 0).all() and (np.diff(self.leaders) > 0).all())
        )


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


def _merge(
    known: Ragged, places: Places, fresh: Ragged, rest: Places
) -> tuple[Ragged, tuple[Places, Places]]:
    """`known` with the rows at `places` as in `fresh`, and where the entries of both stand in it."""
    lengths = known.lengths.copy()
    lengths[places] = fresh.lengths
    merged = Ragged(lengths, np.empty(int(lengths.sum()), np.int32))
    ours, theirs = merged.take(rest), merged.take(places)
    merged.flat[ours], merged.flat[theirs] = known.flat[known.take(rest)], fresh.flat
    return merged, (ours, theirs)


def _put(at: tuple[Places, Places], ours: NDArray[Any], theirs: NDArray[Any]) -> NDArray[Any]:
    merged = np.empty(len(ours) + len(theirs), ours.dtype)
    merged[at[0]], merged[at[1]] = ours, theirs
    return merged
