"""Statements in nearly the same words: which cannot conflict, by arithmetic alone.

Lists and bulletins hold many: "the hospital in Aarup has 420 beds", "the hospital in Tervo has 310". A
conflict differs in one thing. Near-copies that differ in a name and in a figure or day besides tell of two
things; those whose figures and days meet, after rounding, tell the same; and of those that differ in figures
and days alone many are a series. Source: of all 22,610 pairs in 112 stories held out of training these rules
leave out none; in the lists of `eval.bench.survey`, 2,000 articles, 95 in 100 of what is shown was planted,
and all that was planted is found.
"""

import calendar
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from qa.conflicts.groups import group_linked
from qa.language.dates import agree as dates_agree
from qa.language.dates import read_periods
from qa.language.quantities import agree, comparable, read_quantities
from qa.survey.statements import Sheets

# Near-copies share so much of their words, names and figures apart. Source: own choice; 0.3 to 0.5 leave out
# the same.
_SHARED = 0.4

# More near-copies that differ in figures alone, or would conflict with each other, are a series: "report 14
# of the day". Source: own choice.
_MOST_VERSIONS = 7

_REMEMBERED = 20_000  # statements, 3 kB each

Pair = tuple[int, int]
"""The digests of two statements, the smaller first."""

_CALENDAR = frozenset(name.lower() for name in (*calendar.month_name, *calendar.day_name) if name)
_WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class _Parts:
    """The words of a statement in small letters: names, figures and days, and the others."""

    text: str
    names: frozenset[str]
    figures: frozenset[str]
    others: frozenset[str]


class NearCopies:
    """The statements' words; a name is one that stands somewhere within a sentence with a capital."""

    def __init__(self, sheets: Sheets) -> None:
        self._sheets = sheets
        within = {
            word.lower()
            for digest in sheets.places
            for word in _WORD.findall(sheets.text(digest))[1:]
            if word[0].isupper()
        }
        self._known = within - _CALENDAR
        self._parts: dict[int, _Parts] = {}
        self._versions = Counter(hash(self._frame(digest)) for digest in sheets.places)

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
        if self._frame(one) == self._frame(other) and self._versions[hash(self._frame(one))] > _MOST_VERSIONS:
            return True
        if _each_lacks(mine.figures, theirs.figures) and (
            _each_lacks(mine.names, theirs.names) or self._longer(one, other) or self._longer(other, one)
        ):
            return True
        return _meet(mine.text, theirs.text)

    def without_series(self, pairs: Iterable[Pair]) -> list[Pair]:
        """The pairs, without those of near-copies of which more than `_MOST_VERSIONS` hang together."""
        listed = list(pairs)
        near = [pair for pair in listed if self.alike(*pair)]
        groups = group_linked((digest for pair in near for digest in pair), near)
        series = {digest for group in groups if len(group) > _MOST_VERSIONS for digest in group}
        alike = {pair for pair in near if pair[0] in series}
        return [pair for pair in listed if pair not in alike]

    def mark(self, digest: int) -> tuple[list[str], bool]:
        """What of other statements decides of one: which of its names are names, whether it has versions."""
        many = self._versions[hash(self._frame(digest))] > _MOST_VERSIONS
        return sorted(self._of(digest).names), many

    def _frame(self, digest: int) -> tuple[frozenset[str], frozenset[str]]:
        """What it shares with those that differ from it in figures and days alone."""
        parts = self._of(digest)
        return parts.names, parts.others

    def _longer(self, one: int, other: int) -> bool:
        """Whether `one` has a longer name for what `other` names, and its article nowhere has the shorter.

        "Upper Tervo" is not "Tervo"; Ana Keller is Keller further down.
        """
        mine, theirs = self._of(one), self._of(other)
        more, both = mine.names - theirs.names, mine.names & theirs.names
        runs = pairwise(word.lower() for word in _WORD.findall(mine.text))
        shorter = {word for run in runs if more & {*run} for word in run if word in both}
        return bool(shorter) and not any(
            shorter & line.names and not more & line.names
            for at, _ in self._sheets.places[one]
            for line in self._sheets.sheets[at].lines
        )

    def _of(self, digest: int) -> _Parts:
        if digest not in self._parts:
            if len(self._parts) >= _REMEMBERED:
                self._parts.clear()
            text = self._sheets.text(digest)
            words = frozenset(word.lower() for word in _WORD.findall(text))
            names = self._sheets.names(digest) & self._known
            figures = frozenset(word for word in words if word[0].isdigit() or word in _CALENDAR)
            self._parts[digest] = _Parts(text, names, figures, words - names - figures)
        return self._parts[digest]


def _each_lacks(mine: frozenset[str], theirs: frozenset[str]) -> bool:
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
