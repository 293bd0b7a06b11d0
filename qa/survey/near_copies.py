"""Statements in nearly the same words: which cannot conflict, by arithmetic alone.

Lists and bulletins hold many: "the hospital in Aarup has 420 beds", "the hospital in Tervo has 310". A
conflict differs in one thing. Near-copies that differ in a name and in a figure or day besides tell of two
things; those whose figures and days meet, after rounding, tell the same; and of those that differ in figures
and days alone many are a series. Source: of all 22,610 pairs in 112 stories held out of training these rules
leave out none; in the lists of `eval.bench.survey`, 2,000 articles, 95 in 100 of what is shown was planted,
and all that was planted is found.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qa.conflicts.groups import group_linked
from qa.language.dates import agree as dates_agree
from qa.language.dates import read_periods
from qa.language.quantities import agree, comparable, read_quantities
from qa.survey.columns import Marks, Rows, number_of, scatter
from qa.survey.statements import Sheets
from qa.survey.words import AMONG, CAPITAL, FIGURE, WORD

# Near-copies share so much of their words, names and figures apart. Source: own choice; 0.3 to 0.5 leave out
# the same.
_SHARED = 0.4

# More near-copies that differ in figures alone, or would conflict with each other, are a series: "report 14
# of the day". Source: own choice.
_MOST_VERSIONS = 7

_REMEMBERED = 20_000  # statements, 2 kB each

Pair = tuple[int, int]
"""The digests of two statements, the smaller first."""

_OF_OTHERS = np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The words of a statement by their places in the vocabulary: names, figures and days, the others."""

    names: frozenset[int]
    figures: frozenset[int]
    others: frozenset[int]


class NearCopies:
    """The statements' words; a name is one that stands somewhere within a sentence with a capital."""

    def __init__(self, sheets: Sheets) -> None:
        self._sheets = sheets
        columns, first = sheets.columns, sheets.first
        words, names = columns.words.take(first), columns.names.take(first)
        word_flags = Rows(columns.words.bounds, columns.word_flags).take(first).flat
        name_flags = Rows(columns.names.bounds, columns.name_flags).take(first).flat
        self._known = np.zeros(len(columns.vocabulary), bool)
        self._known[words.flat[(word_flags & CAPITAL) > 0]] = True
        self._figures = np.zeros(len(columns.vocabulary), bool)
        self._figures[words.flat[(word_flags & FIGURE) > 0]] = True
        told = scatter(columns.vocabulary)
        known = self._known[names.flat]
        self._names: Marks = names.sums(np.where(known, told[names.flat], np.uint64(0)))
        # The others are those words that are no figures, without the names among them.
        others = words.sums(np.where((word_flags & FIGURE) > 0, np.uint64(0), told[words.flat]))
        taken = known & ((name_flags & AMONG) > 0) & ((name_flags & FIGURE) == 0)
        among = names.sums(np.where(taken, told[names.flat], np.uint64(0)))
        self._frames: Marks = self._names + (others - among) * _OF_OTHERS
        _, at, many = np.unique(self._frames, return_inverse=True, return_counts=True)
        self._in_series = (many > _MOST_VERSIONS)[at.reshape(-1)]
        self._parts: dict[int, _Parts] = {}

    def alike(self, one: int, other: int) -> bool:
        """Whether two statements, by their digests, are near-copies."""
        mine, theirs = self._of(one).others, self._of(other).others
        return len(mine & theirs) >= _SHARED * len(mine | theirs)

    def same_figures(self, one: int, other: int) -> bool:
        """Whether they hold the same figures and days, so that no number or date of theirs conflicts."""
        return self._of(one).figures == self._of(other).figures != frozenset()

    def cannot_conflict(self, one: int, other: int) -> bool:
        """Whether they are near-copies that cannot conflict."""
        mine, theirs = self._of(one), self._of(other)
        if mine.figures == theirs.figures or not self.alike(one, other):
            return False
        numbers = self._sheets.number(one), self._sheets.number(other)
        if self._frames[numbers[0]] == self._frames[numbers[1]] and self._in_series[numbers[0]]:
            return True
        if _each_lacks(mine.figures, theirs.figures) and (
            _each_lacks(mine.names, theirs.names) or self._longer(one, other) or self._longer(other, one)
        ):
            return True
        return _meet(self._sheets.text(one), self._sheets.text(other))

    def without_series(self, pairs: Iterable[Pair]) -> list[Pair]:
        """The pairs, without those of near-copies of which more than `_MOST_VERSIONS` hang together."""
        listed = list(pairs)
        near = [pair for pair in listed if self.alike(*pair)]
        groups = group_linked((digest for pair in near for digest in pair), near)
        series = {digest for group in groups if len(group) > _MOST_VERSIONS for digest in group}
        alike = {pair for pair in near if pair[0] in series}
        return [pair for pair in listed if pair not in alike]

    def marks(self) -> Marks:
        """What of other statements decides of each: which of its names are names, whether it has versions."""
        return self._names + self._in_series.astype(np.uint64)

    def _longer(self, one: int, other: int) -> bool:
        """Whether `one` has a longer name for what `other` names, and its article nowhere has the shorter.

        "Upper Tervo" is not "Tervo"; Ana Keller is Keller further down.
        """
        mine, theirs = self._of(one), self._of(other)
        more, both = mine.names - theirs.names, mine.names & theirs.names
        columns = self._sheets.columns
        numbers = np.array(
            [number_of(word.lower()) for word in WORD.findall(self._sheets.text(one))], np.int64
        )
        told = pairwise(np.searchsorted(columns.vocabulary, numbers).tolist())
        shorter = {word for run in told if more & {*run} for word in run if word in both}
        if not shorter:
            return False
        for article in dict.fromkeys(self._sheets.articles(self._sheets.number(one)).tolist()):
            for row in range(*columns.lines.bounds[article : article + 2].tolist()):
                names = frozenset(columns.names.row(row).tolist())
                if shorter & names and not more & names:
                    return False
        return True

    def _of(self, digest: int) -> _Parts:
        if digest not in self._parts:
            if len(self._parts) >= _REMEMBERED:
                self._parts.clear()
            number = self._sheets.number(digest)
            words = self._sheets.columns.words.row(self._sheets.first[number])
            names = self._sheets.names(number)
            known = frozenset(names[self._known[names]].tolist())
            figures = frozenset(words[self._figures[words]].tolist())
            self._parts[digest] = _Parts(known, figures, frozenset(words.tolist()) - known - figures)
        return self._parts[digest]


def _each_lacks(mine: frozenset[int], theirs: frozenset[int]) -> bool:
    return bool(mine - theirs) and bool(theirs - mine)


def _meet(mine: str, theirs: str) -> bool:
    """Whether both hold as many amounts and as many dates, each of which can be the other's."""
    dates = [read_periods(text, published=None) for text in (mine, theirs)]
    amounts = [
        read_quantities(text, [(one.start, one.end) for one in found])
        for text, found in zip((mine, theirs), dates, strict=True)
    ]
    if len(dates[0]) != len(dates[1]) or len(amounts[0]) != len(amounts[1]):
        return False
    return all(a.resolved and b.resolved and dates_agree(a, b) for a, b in zip(*dates, strict=True)) and all(
        comparable(a, b) and agree(a, b) for a, b in zip(*amounts, strict=True)
    )
