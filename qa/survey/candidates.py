"""Which statements of a library are held against each other: each and its nearest in other articles.

Near is what means the like, stands in articles that are about the like and shares its rare words: the cosine
of two sentences' embeddings, that of the means of their articles', and what both have of the weight of their
words. One search of vectors and a list of who has each rare word find them, without word lists or names of
stories, and the work grows with the statements, not with the square of the library.
"""

import hashlib
from collections.abc import Callable, ItemsView, Iterator, Mapping, Sequence, ValuesView
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.adding import Progress
from index.records import Vectors
from qa.language.dates import day_of
from qa.survey.columns import Marks, Numbers, find_shared, number_of, scatter
from qa.survey.matches import CLOSED, OPEN, UNTRIED, Matched, Matches, find
from qa.survey.near_copies import NearCopies, Pair
from qa.survey.nearest import (
    EXACT,
    Cells,
    Nearest,
    Places,
    closeness,
    find_cells,
    find_leaders,
    whole,
    whole_numbers,
)
from qa.survey.statements import Sheets
from qa.survey.vectors import StatementVectors
from qa.survey.words import RARE, Words

# Each statement meets so many, of so many that are looked at. Source: in one library of 112 stories held out
# of training, 66 in 100 labelled disputes are among the pairs so proposed, before the limits below; without
# shared words 64, with the cosine of the sentences alone 58.
NEIGHBOURS = 6
LOOKED_AT = 32
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

_BLOCK = 1024  # statements whose neighbours are sought at once
_MET_AT_ONCE = 64  # statements that are held against all that they look at
_SAVED_AFTER_S = (
    20.0  # of matching, so that a survey that is killed goes on there; less often where it is slow
)
_UNDATED = -1
_ODD = np.uint64(0x9E3779B97F4A7C15)

AreApart = Callable[[str, str], bool]
"""Whether two articles, by their ids, surely tell of two events."""


def never_apart(_one: str, _other: str) -> bool:
    """Of articles of whose events nothing is known."""
    return False


@dataclass(frozen=True, slots=True)
class Memory:
    """Where matches are kept between surveys of all articles of a library.

    `stamp` tells all that they depend on, the articles apart, `mark` what `AreApart` does for an article.
    """

    folder: Path
    stamp: str
    mark: Callable[[str], str]


class CandidatePairs(Mapping[Pair, float]):
    """Pairs of statements with the cosine of their sentences, in order; `one` is the smaller digest."""

    def __init__(self, one: Numbers, other: Numbers, cosines: NDArray[np.float64]) -> None:
        """In any order, a pair perhaps twice."""
        order = np.lexsort((other, one))
        one, other = one[order], other[order]
        first = np.append(True, (np.diff(one) != 0) | (np.diff(other) != 0))[: len(one)]
        self.one, self.other, self.cosines = one[first], other[first], cosines[order][first]

    def __getitem__(self, pair: Pair) -> float:
        start, end = np.searchsorted(self.one, [pair[0], pair[0] + 1]).tolist()
        at = start + int(np.searchsorted(self.other[start:end], pair[1]))
        if at == end or self.other[at] != pair[1]:
            raise KeyError(pair)
        return float(self.cosines[at])

    def __iter__(self) -> Iterator[Pair]:
        return zip(self.one.tolist(), self.other.tolist(), strict=True)

    def __len__(self) -> int:
        return len(self.one)

    def values(self) -> ValuesView[float]:
        """In the order of the pairs."""
        return dict(enumerate(self.cosines.tolist())).values()

    def nearness(self, digests: Numbers) -> NDArray[np.float64]:
        """For each statement, by sorted digests, the highest cosine of its pairs; -1 for one without."""
        found = np.full(len(digests), -1.0)
        for end in (self.one, self.other):
            np.maximum.at(found, np.searchsorted(digests, end), self.cosines)
        return found

    def items(self) -> ItemsView[Pair, float]:
        """In order."""
        return dict(zip(self, self.cosines.tolist(), strict=True)).items()


def candidates(
    sheets: Sheets,
    copies: NearCopies,
    rows: StatementVectors,
    progress: Progress | None = None,
    *,
    are_apart: AreApart = never_apart,
    memory: Memory | None = None,
    among: Numbers | None = None,
) -> CandidatePairs:
    """The pairs that are held against each other; `copies` and `rows` are those of the sheets.

    With `among` only these statements, by their digests, are held against others.
    """
    if len(rows) < 2:
        return CandidatePairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    matching = _Matching(sheets, copies, rows, are_apart)
    matches = _match_anew(matching, progress, memory, among)
    ends = rows.digests[matches.met.owners()], rows.digests[matches.met.flat]
    return CandidatePairs(np.minimum(*ends), np.maximum(*ends), matches.cosines)


def _match_anew(
    matching: "_Matching", progress: Progress | None, memory: Memory | None, among: Numbers | None
) -> Matches:
    """The matches of the statements; of those that nothing has changed for as they were kept."""
    rows = matching.rows
    known = Matches.load(memory.folder, memory.stamp) if memory else Matches.nothing()
    spots = matching.spots() if memory else np.zeros(len(rows), np.uint64)
    cells, settled = _cells(rows, known, spots)
    moved = known.moved(rows.digests, spots, cells)
    marks = matching.marks(memory.mark, spots, cells) if memory else np.ones(len(rows), np.uint64)
    wanted, perhaps = moved.find_outdated(marks, settled)
    if not wanted.all():
        wanted |= _reached(rows, moved, cells, np.flatnonzero(~settled))
    owners = moved.looked.owners()[perhaps]
    wanted[matching.find_changed(moved, owners[~wanted[owners]], perhaps[~wanted[owners]])] = True
    if among is not None:
        wanted &= np.isin(rows.digests, among)
    places = np.flatnonzero(wanted)
    matches = replace(moved, marks=marks, done=~wanted)
    if not len(places):
        return matches
    near, found = Nearest(rows, cells), _Found(matches, memory)
    try:
        for start in range(0, len(places), _BLOCK):
            if progress:
                progress(start, len(places), "matching statements")
            block = places[start : start + _BLOCK]
            looked_at = near.search(block, matching.depths(block))
            for place, matched in zip(block.tolist(), matching.meet(block, looked_at), strict=True):
                found.add(place, matched)
            found.keep_in_time()
    finally:  # also of a survey that was stopped
        found.keep()
    return found.matches


class _Found:
    """The matches, and what was found of some statements since they were last kept."""

    def __init__(self, matches: Matches, memory: Memory | None) -> None:
        self.matches = matches
        self._memory = memory
        self._rows: list[tuple[int, Matched]] = []
        self._next = monotonic() + _SAVED_AFTER_S

    def add(self, place: int, found: Matched) -> None:
        """Places come in order."""
        self._rows.append((place, found))

    def keep_in_time(self) -> None:
        """Now and then, so that a kill loses little and the keeping takes little of the time."""
        if self._memory and (began := monotonic()) > self._next:
            self.keep()
            self._next = monotonic() + max(_SAVED_AFTER_S, 20 * (monotonic() - began))

    def keep(self) -> None:
        """All of it."""
        if self._rows:
            places, found = zip(*self._rows, strict=True)
            self.matches = self.matches.with_rows(np.array(places), found)
            self._rows.clear()
        if self._memory:
            self.matches.save(self._memory.folder, self._memory.stamp)


class _Measured(NamedTuple):
    """Of two statements: the cosine, whether their articles are about the like, and what names they share."""

    cosine: float
    alike: bool
    share_name: bool
    share_rare_name: bool


class _Matching:
    """What two statements are matched by."""

    def __init__(
        self, sheets: Sheets, copies: NearCopies, rows: StatementVectors, are_apart: AreApart
    ) -> None:
        self.rows = rows
        self._sheets = sheets
        self._copies = copies
        self._are_apart = are_apart
        columns = sheets.columns
        self._words = Words(columns.stems, columns.terms.take(sheets.first))
        self._names = columns.names.take(sheets.first)
        held = np.bincount(self._names.flat, minlength=len(columns.vocabulary))
        self._is_rare = held <= RARE
        self._first = columns.owner[sheets.first].astype(np.int64)
        self._lines = columns.lines.lengths
        self._alone = sheets.standing.lengths == 1
        self._days = [_ordinal(one) for one in sheets.published]

    def depths(self, places: Places) -> Places:
        """How many others to look at: those of the same article come on top."""
        return LOOKED_AT + self._lines[self._first[places]]

    def meet(self, places: Places, near: Sequence[tuple[Places, float]]) -> Iterator[Matched]:
        """Statements and their nearest, with those that share their rare words beside them."""
        for start in range(0, len(places), _MET_AT_ONCE):
            yield from self._meet(places[start : start + _MET_AT_ONCE], near[start : start + _MET_AT_ONCE])

    def _meet(self, places: Places, near: Sequence[tuple[Places, float]]) -> Iterator[Matched]:
        many = len(self.rows)
        sharing = self._words.find_sharing(places)
        numbers = np.repeat(np.arange(len(places)), [len(some) for some, _ in near])
        nearest = numbers * many + np.concatenate([some for some, _ in near])
        keys = np.unique(np.concatenate([nearest, sharing.owners() * many + sharing.flat]))
        numbers, others = np.divmod(keys, many)
        different = others != places[numbers]
        numbers, others = numbers[different], others[different]
        ones = places[numbers]
        vectors = self.rows.of(places)[numbers], self.rows.of(others)
        close, measured = self._closeness(ones, others, vectors), self._measure(ones, others, vectors)
        bounds = np.searchsorted(numbers, np.arange(len(places) + 1)).tolist()
        for place, (_, reach), (start, end) in zip(places.tolist(), near, pairwise(bounds), strict=True):
            gates, met = self._choose(place, others[start:end], close[start:end], measured[start:end])
            yield Matched(reach, others[start:end], close[start:end].astype(np.float32), gates, met)

    def _choose(
        self, place: int, others: Places, close: NDArray[np.float64], measured: Sequence[_Measured]
    ) -> tuple[NDArray[np.int8], list[tuple[int, float]]]:
        """The nearest with which the statement may meet, and what came of all."""
        gates = np.full(len(others), UNTRIED, np.int8)
        met: list[tuple[int, float]] = []
        least = -np.inf
        for at in np.argsort(-close, kind="stable").tolist():
            if len(met) == NEIGHBOURS or close[at] < least:
                break
            gates[at] = OPEN if self._may_meet(place, int(others[at]), measured[at]) else CLOSED
            if gates[at] == OPEN:
                met.append((int(others[at]), measured[at].cosine))
                least = max(least, close[at] - FURTHER)
        return gates, met

    def find_changed(self, known: Matches, owners: Places, entries: Places) -> Places:
        """Of statements those that would find another than they know, by entries of `looked`."""
        changed = np.zeros(len(self.rows), bool)
        for start in range(0, len(entries), _BLOCK):
            places, at = owners[start : start + _BLOCK], entries[start : start + _BLOCK]
            others = known.looked.flat[at].astype(np.int64)
            vectors = self.rows.of(places), self.rows.of(others)
            close = self._closeness(places, others, vectors).astype(np.float32)
            changed[places[close != known.close[at]]] = True
            tried = (known.gates[at] != UNTRIED) & ~changed[places]
            places, others, gates = places[tried], others[tried], known.gates[at][tried]
            measured = self._measure(places, others, (vectors[0][tried], vectors[1][tried]))
            for place, other, one, gate in zip(
                places.tolist(), others.tolist(), measured, gates.tolist(), strict=True
            ):
                if not changed[place] and self._may_meet(place, other, one) != (gate == OPEN):
                    changed[place] = True
        return np.flatnonzero(changed)

    def _closeness(
        self, ones: Places, others: Places, vectors: tuple[Vectors, Vectors]
    ) -> NDArray[np.float64]:
        """How near each two statements are, of their vectors and their words."""
        mine, theirs = map(whole_numbers, vectors)
        shared = self._words.measure_shared(ones, others)
        return np.asarray(closeness(np.einsum("ij,ij->i", mine, theirs)) + shared, np.float64)

    def _measure(self, ones: Places, others: Places, vectors: tuple[Vectors, Vectors]) -> list[_Measured]:
        width = self.rows.width
        products = vectors[0].astype(np.float64) * vectors[1]
        # Rounded, for the order of a sum may differ.
        cosines = np.round(products[:, :width].sum(1), 9)
        alike = np.round(products[:, width:].sum(1), 9) >= LEAST_OF_ARTICLES
        told = find_shared(self._names, ones, others)
        names = self._names.take(ones).flat[told.flat]
        any_told, rare = told.lengths > 0, told.sums(self._is_rare[names]) > 0
        return [
            _Measured(*one)
            for one in zip(cosines.tolist(), alike.tolist(), any_told.tolist(), rare.tolist(), strict=True)
        ]

    def _may_meet(self, place: int, other: int, measured: _Measured) -> bool:
        # A bulletin tells of several events: two sentences that name what few others do are of one.
        # Source: in 150 lists as `eval.bench.survey` makes them, it finds all that was planted;
        # by articles alone 16 in 100. On the stories of the dev part both show the same.
        if measured.cosine < LEAST_COSINE or not (measured.alike or measured.share_name):
            return False
        apart = never_apart if measured.share_rare_name else self._are_apart
        one, another = sorted((place, other))
        return self._may_stand_together(one, another, apart) and not self._copies.cannot_conflict(
            int(self.rows.digests[one]), int(self.rows.digests[another])
        )

    def _may_stand_together(self, one: int, other: int, are_apart: AreApart) -> bool:
        """Whether in two articles that may tell of one event and were not published too far apart."""
        ids, days = self._sheets.ids, self._days
        return any(
            mine != theirs
            and (_UNDATED in (days[mine], days[theirs]) or abs(days[mine] - days[theirs]) <= MOST_DAYS)
            and not are_apart(ids[mine], ids[theirs])
            for mine in self._articles(one)
            for theirs in self._articles(other)
        )

    def _articles(self, place: int) -> list[int]:
        if self._alone[place]:
            return [int(self._first[place])]
        return list(self._sheets.articles(place).tolist())

    def spots(self) -> Marks:
        """What each statement's vector is made from: its words, and the article where they stand first."""
        ids = np.array([number_of(one) for one in self._sheets.ids], np.uint64)
        return np.asarray(scatter(ids)[self._first] + scatter(self.rows.digests) * _ODD)

    def marks(self, mark: Callable[[str], str], spots: Marks, cells: Cells | None) -> Marks:
        """All that `meet` and the search for what it looks at read of each statement.

        What is read of an article's text is told by its id, which is made from it.
        """
        sheets, digests = self._sheets, self.rows.digests
        articles = scatter(
            np.array(
                [
                    _mark_of(f"{own}\0{published}\0{mark(own)}")
                    for own, published in zip(sheets.ids, sheets.published, strict=True)
                ],
                np.uint64,
            )
        )
        found = sheets.standing.sums(articles[sheets.columns.owner[sheets.standing.flat]])
        rare = np.where(self._is_rare, scatter(sheets.columns.vocabulary), np.uint64(0))
        for part in (
            scatter(spots), articles[self._first], self._words.marks(digests),
            self._names.sums(rare[self._names.flat]), self._copies.marks(),
        ):  # fmt: skip
            found = scatter(found) + part
        if cells is not None:
            leaders = scatter(digests[cells.leaders])
            found = scatter(found) + leaders[cells.nearest].sum(1, dtype=np.uint64)
            found = scatter(found) + leaders[cells.nearest[:, 0]]
        return np.asarray(found)


def _cells(rows: StatementVectors, known: Matches, spots: Marks) -> tuple[Cells | None, NDArray[np.bool_]]:
    """In which cells each statement is sought, and which stand where they stood in the known matches."""
    digests = rows.digests
    old = find(known.digests, digests)
    settled = old >= 0
    settled[settled] = known.spots[old[settled]] == spots[settled]
    if len(rows) <= EXACT:
        return None, settled & (not len(known.leaders))
    leaders = find_leaders(rows)
    nearest = np.full((len(rows), known.nearest.shape[1]), -1, np.int32)
    last = np.full(len(rows), -np.inf, np.float32)
    moved = find(digests[leaders], known.leaders).astype(np.int32)
    kept = np.flatnonzero(settled) if len(moved) else np.empty(0, np.int64)
    nearest[kept], last[kept] = moved[known.nearest[old[kept]]], known.last[old[kept]]
    kept = kept[(nearest[kept] >= 0).all(1)]
    if len(new := np.flatnonzero(find(known.leaders, digests[leaders]) < 0)) and len(kept):
        ahead = whole(rows, leaders[new]).T
        nearer = [
            (whole(rows, some) @ ahead).max(1) >= last[some]
            for some in np.split(kept, range(_BLOCK, len(kept), _BLOCK))
        ]
        kept = kept[~np.concatenate(nearer)]
    stale = np.ones(len(rows), bool)
    stale[kept] = False
    found = find_cells(rows, leaders, np.flatnonzero(stale))
    if nearest.shape[1] != found.nearest.shape[1]:
        return found, np.zeros(len(rows), bool)
    home = nearest[:, 0].copy()
    nearest[stale], last[stale] = found.nearest, found.last
    return Cells(leaders, nearest, last), settled & (nearest[:, 0] == home)


def _reached(
    rows: StatementVectors, matches: Matches, cells: Cells | None, fresh: Places
) -> NDArray[np.bool_]:
    """Which statements would look at one of those that are new, or stand elsewhere."""
    found = np.zeros(len(rows), bool)
    if not len(fresh):
        return found
    if len(fresh) > len(rows) // 8:
        return ~found
    ahead = whole(rows, fresh).T
    if cells is None:
        near = np.arange(len(rows))
    else:
        home = cells.nearest[fresh, 0]
        near = np.flatnonzero(np.isin(cells.nearest, home).any(1))
    for some in np.split(near, range(_BLOCK, len(near), _BLOCK)):
        reached = whole(rows, some) @ ahead >= matches.reach[some, None]
        if cells is not None:
            reached &= (cells.nearest[some][:, :, None] == home).any(1)
        found[some] = reached.any(1)
    return found


def _mark_of(told: str) -> int:
    hashed = hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(hashed, "big")


def _ordinal(published: str | None) -> int:
    day = day_of(published)
    return _UNDATED if day is None else day.toordinal()
