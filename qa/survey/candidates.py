"""Which statements of a library are held against each other: each and its nearest in other articles.

Near is what means the like, stands in articles that are about the like and shares its rare words: the cosine
of two sentences' embeddings, that of the means of their articles', and what both have of the weight of their
words. One search of vectors and a list of who has each rare word find them, without word lists or names of
stories, and the work grows with the statements, not with the square of the library.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from index.adding import Progress
from index.records import Article
from qa.language.dates import day_of
from qa.survey.matches import CLOSED, OPEN, UNTRIED, Matched, Matches, find
from qa.survey.near_copies import NearCopies, Pair
from qa.survey.nearest import EXACT, Cells, Nearest, Places, closeness, find_cells, find_leaders, whole
from qa.survey.statements import Sheets
from qa.survey.vectors import StatementVectors
from qa.survey.words import RARE, Marks, Words, mark_of

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
_SAVED_AFTER_S = (
    20.0  # of matching, so that a survey that is killed goes on there; less often where it is slow
)
_ODD = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))

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


def candidates(
    sheets: Sheets,
    copies: NearCopies,
    rows: StatementVectors,
    progress: Progress | None = None,
    *,
    are_apart: AreApart = never_apart,
    memory: Memory | None = None,
) -> dict[Pair, float]:
    """The pairs with the cosine of their sentences, in order; `copies` and `rows` are those of the sheets."""
    if len(rows) < 2:
        return {}
    matching = _Matching(sheets, copies, rows, are_apart)
    matches = _match_anew(matching, progress, memory)
    owners = matches.met.owners().tolist()
    found: dict[Pair, float] = {}
    for one, other, cosine in zip(owners, matches.met.flat.tolist(), matches.cosines.tolist(), strict=True):
        found[_pair(rows.digests[one], rows.digests[other])] = cosine
    return dict(sorted(found.items()))


def _match_anew(matching: "_Matching", progress: Progress | None, memory: Memory | None) -> Matches:
    """The matches of all statements; of those that nothing has changed for as they were kept."""
    rows = matching.rows
    digests = np.array(rows.digests, np.int64)
    known = Matches.load(memory.folder, memory.stamp) if memory else Matches.nothing()
    spots = matching.spots() if memory else np.zeros(len(rows), np.uint64)
    cells, settled = _cells(rows, known, spots)
    moved = known.moved(digests, spots, cells)
    marks = matching.marks(memory.mark, spots, cells) if memory else np.ones(len(rows), np.uint64)
    wanted, perhaps = moved.find_outdated(marks, settled)
    if not wanted.all():
        wanted |= _reached(rows, moved, cells, np.flatnonzero(~settled))
    owners = moved.looked.owners()[perhaps]
    wanted[matching.find_changed(moved, owners[~wanted[owners]], perhaps[~wanted[owners]])] = True
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
            for place, (others, reach) in zip(block.tolist(), looked_at, strict=True):
                found.add(place, matching.meet(place, others, reach))
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


class _Matching:
    """What two statements are matched by."""

    def __init__(
        self, sheets: Sheets, copies: NearCopies, rows: StatementVectors, are_apart: AreApart
    ) -> None:
        self.rows = rows
        self._sheets = sheets
        self._copies = copies
        self._are_apart = are_apart
        self._words = Words(map(sheets.text, rows.digests))
        held = Counter(chain.from_iterable(map(sheets.names, rows.digests)))
        self._rare = frozenset(name for name, many in held.items() if many <= RARE)
        self._first = np.array([sheets.places[digest][0][0] for digest in rows.digests], np.int64)
        self._lines = np.array([len(sheet.lines) for sheet in sheets.sheets], np.int64)

    def depths(self, places: Places) -> Places:
        """How many others to look at: those of the same article come on top."""
        return LOOKED_AT + self._lines[self._first[places]]

    def meet(self, place: int, near: Places, reach: float) -> Matched:
        """A statement and its nearest, with those that share its rare words beside them."""
        others = np.array(sorted({*near.tolist(), *self._words.find_sharing(place)} - {place}), np.int64)
        gates = np.full(len(others), UNTRIED, np.int8)
        if not len(others):
            return Matched(reach, others, np.empty(0, np.float32), gates, [])
        close = self._closeness(place, others)
        cosines, alike = self._cosines(place, others)
        met: list[tuple[int, float]] = []
        least = -np.inf
        for at in np.argsort(-close, kind="stable").tolist():
            if len(met) == NEIGHBOURS or close[at] < least:
                break
            gates[at] = OPEN if self._may_meet(place, int(others[at]), cosines[at], alike[at]) else CLOSED
            if gates[at] == OPEN:
                met.append((int(others[at]), cosines[at]))
                least = max(least, close[at] - FURTHER)
        return Matched(reach, others, close.astype(np.float32), gates, met)

    def find_changed(self, known: Matches, owners: Places, entries: Places) -> Places:
        """Of statements those that would find another than they know, by entries of `looked`."""
        changed: set[int] = set()
        for place, several in groupby(zip(owners.tolist(), entries.tolist(), strict=True), itemgetter(0)):
            at = np.array([entry for _, entry in several])
            others = known.looked.flat[at].astype(np.int64)
            if (self._closeness(place, others).astype(np.float32) != known.close[at]).any():
                changed.add(place)
                continue
            tried = known.gates[at] != UNTRIED
            others, gates = others[tried], known.gates[at][tried]
            if not len(others):
                continue
            cosines, alike = self._cosines(place, others)
            told = zip(others.tolist(), cosines, alike, strict=True)
            if any(
                self._may_meet(place, *one) != (gate == OPEN) for one, gate in zip(told, gates, strict=True)
            ):
                changed.add(place)
        return np.array(sorted(changed), np.int64)

    def _closeness(self, place: int, others: Places) -> NDArray[np.float64]:
        vectors = whole(self.rows, np.append(others, place))
        shared = [self._words.measure_shared(place, other) for other in others.tolist()]
        return closeness(vectors[:-1] @ vectors[-1]) + shared

    def _cosines(self, place: int, others: Places) -> tuple[list[float], list[bool]]:
        """Of the sentences, and whether their articles are about the like."""
        width = self.rows.width
        vectors = self.rows.of(np.append(others, place)).astype(np.float64)
        # Rounded, for the order of a sum may differ.
        products = [
            np.round((vectors[:-1, half] * vectors[-1, half]).sum(1), 9)
            for half in (slice(width), slice(width, None))
        ]
        return products[0].tolist(), (products[1] >= LEAST_OF_ARTICLES).tolist()

    def _may_meet(self, place: int, other: int, cosine: float, alike: bool) -> bool:
        sheets = self._sheets
        pair = _pair(self.rows.digests[place], self.rows.digests[other])
        # A bulletin tells of several events: two sentences that name what few others do are of one.
        # Source: in 150 lists as `eval.bench.survey` makes them, it finds all that was planted;
        # by articles alone 16 in 100. On the stories of the dev part both show the same.
        told = sheets.names(pair[0]) & sheets.names(pair[1])
        if cosine < LEAST_COSINE or not (alike or told):
            return False
        apart = never_apart if told & self._rare else self._are_apart
        return _may_meet(sheets, pair, apart) and not self._copies.cannot_conflict(*pair)

    def spots(self) -> Marks:
        """What each statement's vector is made from: its words, and the article where they stand first."""
        ids = np.array([mark_of(sheet.article.id) for sheet in self._sheets.sheets], np.uint64)
        return ids[self._first] * _ODD[0] + np.array(self.rows.digests, np.uint64) * _ODD[1]

    def marks(self, mark: Callable[[str], str], spots: Marks, cells: Cells | None) -> Marks:
        """All that `meet` and the search for what it looks at read of each statement.

        What is read of an article's text is told by its id, which is made from it.
        """
        sheets, digests = self._sheets, self.rows.digests
        articles = np.array(
            [mark_of(one.article.id, one.article.published, mark(one.article.id)) for one in sheets.sheets],
            np.uint64,
        )
        places = [sheets.places[digest] for digest in digests]
        standing = np.array([at for several in places for at, _ in several], np.int64)
        ends = np.cumsum([len(several) for several in places])
        running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(articles[standing], dtype=np.uint64)])
        found = running[ends] - running[np.concatenate([[0], ends[:-1]])]
        found += spots * _ODD[2] + articles[self._first] * _ODD[0] + self._words.marks(digests)
        found += np.array(
            [
                mark_of(sorted(sheets.names(digest) & self._rare), self._copies.mark(digest))
                for digest in digests
            ],
            np.uint64,
        )
        if cells is not None:
            leaders = np.array(digests, np.uint64)[cells.leaders] * _ODD[1]
            found += (leaders[cells.nearest] >> np.uint64(7)).sum(1, dtype=np.uint64)
            found += leaders[cells.nearest[:, 0]] * _ODD[2]
        return np.asarray(found)


def _cells(rows: StatementVectors, known: Matches, spots: Marks) -> tuple[Cells | None, NDArray[np.bool_]]:
    """In which cells each statement is sought, and which stand where they stood in the known matches."""
    digests = np.array(rows.digests, np.int64)
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


def _pair(one: int, other: int) -> Pair:
    return min(one, other), max(one, other)


def _may_meet(sheets: Sheets, pair: Pair, are_apart: AreApart) -> bool:
    """Whether they stand in two articles that may tell of one event and were not published too far apart."""
    mine, theirs = ([sheets.sheets[at].article for at, _ in sheets.places[digest]] for digest in pair)
    return any(
        one.id != other.id and _are_near_in_time(one, other) and not are_apart(one.id, other.id)
        for one in mine
        for other in theirs
    )


def _are_near_in_time(one: Article, other: Article) -> bool:
    mine, theirs = day_of(one.published), day_of(other.published)
    return mine is None or theirs is None or abs((mine - theirs).days) <= MOST_DAYS
