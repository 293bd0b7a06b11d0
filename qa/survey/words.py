"""What the statements of a library share of their words: rare ones find each other, and weigh the more.

A weight is of counts that are rounded down to powers of two: one more article then changes the weights of few
words, and what was matched before mostly stands.
"""

import calendar
import re

import numpy as np
from numpy.typing import NDArray

from qa.survey.columns import Marks, Numbers, Rows, find_shared, number_of, scatter

# A word that no more statements have is looked up. Source: own choice. In a list of 3,333 things, as
# `eval.bench.survey` makes it, it finds all of the planted disputes; without it 91 in 100 are found.
RARE = 12

_ODD = np.uint64(0x9E3779B97F4A7C15)

CAPITAL = 1
"""Of a word: it stands within a sentence with a capital, and is no month or day of the week."""
AMONG = 1
"""Of a name: it stands among the words."""
FIGURE = 2
"""Of either: it begins with a digit, or is a month or day of the week."""

WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*")
_CALENDAR = frozenset(name.lower() for name in (*calendar.month_name, *calendar.day_name) if name)


class Words:
    """The stems of the content words of each text, rare ones weighing more (inverse document frequency).

    A weight is a whole number of powers of two, so that a sum of weights is exact.
    """

    def __init__(self, stems: Numbers, rows: Rows) -> None:
        """`rows` hold for each text the places of its words among `stems`."""
        self._stems, self._rows = stems, rows
        many = np.bincount(rows.flat, minlength=len(stems))
        self._weights = (np.frexp(max(1, len(rows)))[1] - np.frexp(np.maximum(many, 1))[1]).astype(np.int64)
        self._is_rare = (many > 1) & (many <= RARE)
        rare = self._is_rare[rows.flat]
        owners = rows.owners()[rare]
        order = np.argsort(rows.flat[rare], kind="stable")
        self._holders = Rows.of_lengths(np.where(self._is_rare, many, 0), owners[order].astype(np.int32))
        self._totals = rows.sums(self._weights[rows.flat])

    def find_sharing(self, places: Numbers) -> Rows:
        """For each of these texts the places of those that have a rare word of it; its own, too."""
        words = self._rows.take(places)
        holders = self._holders.take(words.flat.astype(np.int64))
        return Rows.of_lengths(words.sums(holders.lengths), holders.flat.astype(np.int64))

    def measure_shared(self, ones: Numbers, others: Numbers) -> NDArray[np.float64]:
        """Of each two the weight of the words of both, of that of the words of either, in 0..1."""
        shared = find_shared(self._rows, ones, others)
        both = shared.sums(self._weights[self._rows.take(ones).flat[shared.flat]])
        either = self._totals[ones] + self._totals[others] - both
        return np.asarray(both / np.maximum(either, 1), np.float64)

    def marks(self, digests: Numbers) -> Marks:
        """Of each statement, by its digest, what its words weigh and who else has its rare ones."""
        holders = self._holders.sums(scatter(digests)[self._holders.flat])
        told = scatter(scatter(self._stems) + self._weights.astype(np.uint64) * _ODD + holders)
        return np.asarray(self._rows.sums(told[self._rows.flat]))


def floor_power(count: int) -> int:
    """The largest power of two that is no larger."""
    return 1 << (count.bit_length() - 1)


def words_of(text: str, names: frozenset[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The names and the words of a statement by number, in order, with the above in their lowest bits."""
    told = WORD.findall(text)
    capital = {word.lower() for word in told[1:] if word[0].isupper()} - _CALENDAR
    words = {word.lower() for word in told}
    return (
        tuple(sorted(number_of(one) | AMONG * (one in words) | _figure(one) for one in names)),
        tuple(sorted(number_of(one) | CAPITAL * (one in capital) | _figure(one) for one in words)),
    )


def _figure(word: str) -> int:
    return FIGURE * (word[:1].isdigit() or word in _CALENDAR)
