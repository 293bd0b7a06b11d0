"""What the statements of a library share of their words: rare ones find each other, and weigh the more.

A weight is of counts that are rounded down to powers of two: one more article then changes the weights of few
words, and what was matched before mostly stands.
"""

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from math import fsum, log

import numpy as np
from numpy.typing import NDArray

from qa.language.terms import terms

Marks = NDArray[np.uint64]
"""A number for each statement that changes, all but surely, with what it is made from."""

# A word that no more statements have is looked up. Source: own choice. In a list of 3,333 things, as
# `eval.bench.survey` makes it, it finds all of the planted disputes; without it 91 in 100 are found.
RARE = 12


class Words:
    """The stems of the content words of each text, rare ones weighing more (inverse document frequency)."""

    def __init__(self, texts: Iterable[str]) -> None:
        numbers: dict[str, int] = {}
        # Sorted: what is kept of one statement must not depend on the others.
        self._of = [array("I", [numbers.setdefault(word, len(numbers)) for word in sorted(terms(text))])
                    for text in texts]  # fmt: skip
        every = np.concatenate([np.array(held, np.int64) for held in self._of])
        many = np.bincount(every, minlength=len(numbers))
        self._weights = [log(floor_power(len(self._of)) / floor_power(one)) for one in many.tolist()]
        self._rare: dict[int, list[int]] = {
            word: [] for word, holding in enumerate(many.tolist()) if 1 < holding <= RARE
        }
        for place, held in enumerate(self._of):
            for word in held:
                if word in self._rare:
                    self._rare[word].append(place)
        # Exactly, for the order of a sum may differ.
        self._totals = [fsum(map(self._weights.__getitem__, held)) for held in self._of]
        self._last: tuple[int, frozenset[int]] = (-1, frozenset())
        self._names = numbers

    def find_sharing(self, place: int) -> set[int]:
        """The places of the texts that have a rare word of the text at `place`."""
        return {other for word in self._of[place] for other in self._rare.get(word, ())}

    def measure_shared(self, place: int, other: int) -> float:
        """The weight of the words of both, of that of the words of either, in 0..1."""
        if self._last[0] != place:
            self._last = place, frozenset(self._of[place])
        mine = self._last[1]
        both = fsum(self._weights[word] for word in self._of[other] if word in mine)
        either = self._totals[place] + self._totals[other] - both
        return both / either if either else 0.0

    def marks(self, digests: Sequence[int]) -> Marks:
        """Of each statement, by its digest, what its words weigh and who else has its rare ones."""
        holders = {word: sorted(digests[at] for at in held) for word, held in self._rare.items()}
        told = np.array(
            [mark_of(word, self._weights[at], holders.get(at)) for word, at in self._names.items()], np.uint64
        )
        lengths = [len(held) for held in self._of]
        return sum_by_row(told, [np.array(held, np.int64) for held in self._of], lengths)


def floor_power(count: int) -> int:
    """The largest power of two that is no larger."""
    return 1 << (count.bit_length() - 1)


def mark_of(*told: object) -> int:
    """64 bits, the same for the same values in every process."""
    return int.from_bytes(
        hashlib.blake2b(repr(told).encode("utf-8", "replace"), digest_size=8).digest(), "big"
    )


def sum_by_row(values: Marks, rows: Sequence[NDArray[np.int64]], lengths: Sequence[int]) -> Marks:
    """For each row the sum of the values at its places, beyond 64 bits from 0 again."""
    ends = np.cumsum(lengths)
    running = np.concatenate(
        [np.zeros(1, np.uint64), np.cumsum(values[np.concatenate(rows)], dtype=np.uint64)]
    )
    return np.asarray(running[ends] - running[ends - lengths])
