"""What a survey reads of articles, as columns of numbers: of 100,000 articles no object is held a statement.

Words and names are told by numbers made from them. Of one article all of it is one row of bytes, which is
kept beside the library and depends on the article alone.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Marks = NDArray[np.uint64]
"""A number for each of several things that changes, all but surely, with what it is made from."""

_ODD = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_STEP = np.uint64(0x9E3779B97F4A7C15)
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_HEAD = 6  # numbers before the columns of a row of bytes: how much of each follows
_BY_LINE = 8  # columns with a number for each line
_AT_ONCE = 1_000  # articles


@lru_cache(maxsize=65_536)
def number_of(word: str) -> int:
    """62 bits, the same for the same word in every process; the lowest two are free."""
    hashed = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(hashed, "big") >> 1 & ~3


def scatter(numbers: NDArray[Any]) -> Marks:
    """Each number as 64 bits that look drawn, so that sums of them tell sets apart. Source: splitmix64."""
    found = numbers.astype(np.uint64) + _STEP
    for shift, odd in zip(_SHIFTS, _ODD, strict=False):
        found = (found ^ (found >> shift)) * odd
    return np.asarray(found ^ (found >> _SHIFTS[2]))


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of different lengths, one after the other: row n from `bounds[n]` up to `bounds[n + 1]`."""

    bounds: Numbers
    flat: NDArray[Any]

    @classmethod
    def of_lengths(cls, lengths: Numbers, flat: NDArray[Any]) -> "Rows":
        """From how long each row is."""
        return cls(np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)]), flat)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def row(self, number: int) -> NDArray[Any]:
        """One of them."""
        return self.flat[self.bounds[number] : self.bounds[number + 1]]

    @property
    def lengths(self) -> Numbers:
        """How long each is."""
        return np.diff(self.bounds)

    def owners(self) -> Numbers:
        """For each entry its row."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def take(self, rows: Numbers) -> "Rows":
        """Some of the rows, in the order asked for."""
        lengths = self.lengths[rows]
        return Rows.of_lengths(lengths, self.flat[ranges(self.bounds[:-1][rows], lengths)])

    def sums(self, values: NDArray[Any]) -> NDArray[Any]:
        """Of each row the sum of values that stand for its entries; beyond 64 bits from 0 again."""
        kind = np.uint64 if values.dtype == np.uint64 else np.int64
        running = np.zeros(len(values) + 1, kind)
        np.cumsum(values, out=running[1:], dtype=kind)
        return np.asarray(running[self.bounds[1:]] - running[self.bounds[:-1]])


def ranges(starts: Numbers, lengths: Numbers) -> Numbers:
    """All whole numbers from each start on, so many of each."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))


def find_shared(rows: Rows, ones: Numbers, others: Numbers) -> Rows:
    """Of each two rows the entries that both have, as places in all entries of `ones`.

    In a row entries are in order, none twice.
    """
    mine, theirs = rows.take(ones), rows.take(others)
    most = int(rows.flat.max(initial=0)) + 1
    keys = np.concatenate([some.owners() * most + some.flat for some in (mine, theirs)])
    order = np.argsort(keys, kind="stable")  # two runs that are in order
    keys = keys[order]
    found = order[:-1][keys[1:] == keys[:-1]]
    return Rows.of_lengths(np.bincount(mine.owners()[found], minlength=len(ones)), found)


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A statement as it is kept: its place, digest, that of it as a model hears it, its words by number.

    Of `names` and `words` the lowest two bits tell more; see `NearCopies`.
    """

    start: int
    end: int
    digest: int
    heard: int
    names: tuple[int, ...]
    words: tuple[int, ...]
    terms: tuple[int, ...]
    quote: str


def pack(lines: Sequence[ReadLine], sequences: NDArray[np.uint32]) -> bytes:
    """All that is kept of an article, with the sequences of words that tell copies."""
    quotes = [one.quote.encode("utf-8", "surrogatepass") for one in lines]
    words = [
        [number for one in lines for number in getattr(one, kind)] for kind in ("names", "words", "terms")
    ]
    numbers = [
        len(lines), *map(len, words), sum(map(len, quotes)), len(sequences),
        *(one.start for one in lines), *(one.end for one in lines),
        *(one.digest for one in lines), *(one.heard for one in lines),
        *(len(one.names) for one in lines), *(len(one.words) for one in lines),
        *(len(one.terms) for one in lines), *map(len, quotes),
        *words[0], *words[1], *words[2],
    ]  # fmt: skip
    return np.array(numbers, np.int64).tobytes() + sequences.astype(np.uint32).tobytes() + b"".join(quotes)


@dataclass(frozen=True, slots=True)
class Packed:
    """Views of a row of bytes; `by_line` has a row for each column: `pack` tells which."""

    by_line: Numbers
    words: tuple[Numbers, Numbers, Numbers]
    sequences: NDArray[np.uint32]
    quotes: bytes

    @classmethod
    def read(cls, kept: bytes, characters: int | None = None) -> "Packed | None":
        """None where the bytes are of another shape, or tell of places that a text so long has not."""
        if len(kept) < 8 * _HEAD:
            return None
        lines, *several, held, sequences = counts = np.frombuffer(kept, np.int64, _HEAD).tolist()
        if min(counts) < 0 or max(counts) > len(kept):
            return None
        whole = _HEAD + _BY_LINE * lines + sum(several)
        if len(kept) != 8 * whole + 4 * sequences + held:
            return None
        numbers = np.frombuffer(kept, np.int64, whole)
        by_line = numbers[_HEAD : _HEAD + _BY_LINE * lines].reshape(_BY_LINE, lines)
        if lines and (
            by_line.min() < 0
            or by_line[4:].sum(1).tolist() != [*several, held]
            or (by_line[0] >= by_line[1]).any()
            or (characters is not None and by_line[1].max() > characters)
        ):
            return None
        ends = np.cumsum([_HEAD + _BY_LINE * lines, *several])
        words = tuple(numbers[start:end] for start, end in pairwise(ends.tolist()))
        rest = np.frombuffer(kept, np.uint32, sequences, 8 * whole)
        return cls(by_line, (words[0], words[1], words[2]), rest, kept[len(kept) - held :])


@dataclass(slots=True)
class _Gathered:
    """Of many articles, in blocks."""

    by_line: list[Numbers] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    words: tuple[list[Numbers], list[Numbers], list[Numbers]] = field(default_factory=lambda: ([], [], []))
    sequences: list[NDArray[np.uint32]] = field(default_factory=list)
    sequence_lengths: list[int] = field(default_factory=list)
    quotes: list[bytes] = field(default_factory=list)


class Columns:
    """What is read of several articles, one after the other; a line of any is a row.

    `names`, `words` and `terms` hold by row places in `vocabulary` and `stems`; `sequences` go by article.
    """

    def __init__(self, kept: Iterable[Packed]) -> None:
        found = _gather(kept)
        self.lines = Rows.of_lengths(np.array(found.lines, np.int64), np.empty(0))
        every = np.concatenate([np.empty((_BY_LINE, 0), np.int64), *found.by_line], axis=1)
        self.starts, self.ends = every[0].astype(np.int32), every[1].astype(np.int32)
        self.digests, self.heard = every[2].copy(), every[3].copy()
        self.owner = self.lines.owners().astype(np.int32)
        names, own = (_join(some, np.int64) for some in found.words[:2])
        self.name_flags, self.word_flags = ((some & 3).astype(np.int8) for some in (names, own))
        many = len(names)
        self.vocabulary, places = _number(np.concatenate([names, own]) & ~3)
        self.names = Rows.of_lengths(every[4], places[:many].copy())
        self.words = Rows.of_lengths(every[5], places[many:].copy())
        self.stems, places = _number(_join(found.words[2], np.int64))
        self.terms = Rows.of_lengths(every[6], places)
        self.sequences = Rows.of_lengths(
            np.array(found.sequence_lengths, np.int64), _join(found.sequences, np.uint32)
        )
        self._quotes = b"".join(found.quotes)
        self._quoted = Rows.of_lengths(every[7], np.empty(0)).bounds

    def __len__(self) -> int:
        return len(self.digests)

    def quote(self, row: int) -> str:
        """A line as the article has it; of damaged bytes, which are no text, what can be read."""
        quoted = self._quotes[self._quoted[row] : self._quoted[row + 1]]
        try:
            return quoted.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return quoted.decode("utf-8", "replace")


def _gather(kept: Iterable[Packed]) -> _Gathered:
    """Joined every so many articles, so that small arrays do not pile up."""
    every = _Gathered()
    waiting = iter(kept)
    while some := list(islice(waiting, _AT_ONCE)):
        every.by_line.append(np.concatenate([one.by_line for one in some], axis=1))
        every.lines += [one.by_line.shape[1] for one in some]
        for kind, held in enumerate(every.words):
            held.append(np.concatenate([one.words[kind] for one in some]))
        every.sequences.append(np.concatenate([one.sequences for one in some]))
        every.sequence_lengths += [len(one.sequences) for one in some]
        every.quotes.append(b"".join(one.quotes for one in some))
    return every


def _join(several: list[NDArray[Any]], kind: type[Any]) -> NDArray[Any]:
    """Joined, and no longer held apart."""
    found = np.concatenate(several) if several else np.empty(0, kind)
    several.clear()
    return found


def _number(numbers: Numbers) -> tuple[Numbers, NDArray[np.int32]]:
    """Those that there are, in order, and for each given its place among them."""
    found, places = np.unique(numbers, return_inverse=True)
    return found, places.reshape(-1).astype(np.int32)
