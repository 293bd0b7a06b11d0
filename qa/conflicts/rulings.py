"""What people ruled on conflicts, kept beside the library; the last ruling on two statements counts.

It counts wherever they are quoted: a survey quotes whole sentences, an answer words in them. One JSON object
a line. The file only grows, under a lock, so that two writers lose nothing. A line that was cut off is passed
over.
"""

import hashlib
import json
import logging
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import combinations, product
from pathlib import Path, PurePosixPath
from typing import Any, Literal, get_args
from urllib.parse import unquote

from filelock import FileLock, Timeout

from index.errors import LibraryError, LibraryInUse
from index.names import split_address
from qa.records import Citation, Conflict, ConflictKind

FILE = "rulings.jsonl"
LOCK_WAIT_S = 10.0
_LIBRARIES_KEPT = 16  # whose rulings stay read

Verdict = Literal["conflict", "no conflict", "update", "withdrawn"]
"""`update`: the later article states another value. `withdrawn`: there is no ruling any more."""

Reason = Literal[
    "rounding",
    "other_entity",
    "other_time",
    "subset",
    "paraphrase",
    "attribution",
    "update",
    "other_property",
    "agreement",
    "unrelated",
]
"""Why two statements that do not conflict may look as if they did: the "trap" of gold pairs."""

# What stands in gold data as long as nobody says why there is no conflict.
NO_REASON: Reason = "unrelated"

_log = logging.getLogger(__name__)

_Place = tuple[str, int, int]
_Pair = tuple[_Place, _Place]


@dataclass(frozen=True, slots=True)
class RuledStatement:
    """A quote, its place, and the side of the conflict that it is on; `article` is a file name."""

    article_id: str
    article: str
    start: int
    end: int
    quote: str
    side: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """One verdict on a conflict of one kind, put to `question`; `ruled` is UTC, ISO 8601."""

    verdict: Verdict
    kind: ConflictKind
    question: str
    statements: tuple[RuledStatement, ...]
    ruled: str
    reason: Reason | None = None


class Standing:
    """The rulings that count: on any two statements the last one that covers them.

    A ruling covers two statements where, in both articles, what was ruled on and the statement's sentence
    overlap. The kind of the conflict does not matter: the same words may be told as two kinds.
    """

    def __init__(self, rulings: Iterable[Ruling]) -> None:
        self._rulings = tuple(rulings)
        # Both ways round, by articles: the two places and the number of the ruling, oldest first.
        self._between: dict[tuple[str, str], list[tuple[_Place, _Place, int]]] = defaultdict(list)
        for number, ruling in enumerate(self._rulings):
            for one, other in _pairs_of(ruling):
                self._between[one[0], other[0]].append((one, other, number))
                self._between[other[0], one[0]].append((other, one, number))

    def of(self, conflict: Conflict) -> Ruling | None:
        """What was ruled last on any two statements of the conflict's sides; None where nothing stands."""
        last = max((self._last(*pair) for pair in _across(_sides_of(conflict))), default=-1)
        found = self._rulings[last] if last >= 0 else None
        return None if found is None or found.verdict == "withdrawn" else found

    def between(self, one: Citation, other: Citation) -> Verdict | None:
        """The verdict that stands on two statements; None for none."""
        return self._verdict(_sentence(one), _sentence(other))

    def verdict(self, conflict: Conflict) -> Verdict | None:
        """The verdict on every two statements of different sides; None where these are not of one verdict."""
        verdicts = {self._verdict(*pair) for pair in _across(_sides_of(conflict))}
        return verdicts.pop() if len(verdicts) == 1 else None

    def apply(self, conflict: Conflict) -> Conflict:
        """The conflict as it is ruled: an update or none; as it was where nobody said."""
        verdict = self.verdict(conflict)
        return conflict if verdict is None else replace(conflict, possible_update=verdict == "update")

    def gold(self) -> list[dict[str, Any]]:
        """One labelled pair a ruling, its first statement of two sides, in the shape of `pairs.jsonl`.

        Where nobody said why there is no conflict, the trap is "unrelated".
        """
        names = _names(self._rulings)
        rows: dict[_Pair, dict[str, Any]] = {}
        for ruling in self._rulings:
            one, other = _first_of_two_sides(ruling)
            mine, theirs = sorted((_place(one), _place(other)))
            counts = self._rulings[self._last(mine, theirs)]
            if counts.verdict != "withdrawn" and (mine, theirs) not in rows:
                rows[mine, theirs] = _gold_row((mine, theirs), counts, one, other, names)
        return list(rows.values())

    def _verdict(self, one: _Place, other: _Place) -> Verdict | None:
        last = self._last(one, other)
        verdict = self._rulings[last].verdict if last >= 0 else "withdrawn"
        return None if verdict == "withdrawn" else verdict

    def _last(self, one: _Place, other: _Place) -> int:
        """The number of the last ruling that covers two places, -1 where none does."""
        ruled = self._between.get((one[0], other[0]), ())
        covering = (
            number for mine, theirs, number in reversed(ruled) if _meet(mine, one) and _meet(theirs, other)
        )
        return next(covering, -1)


class Rulings:
    """The file in a library's folder; any number of threads and processes may add to it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def add(self, ruling: Ruling) -> None:
        """Keep one more. Raises LibraryInUse after ten seconds of waiting, LibraryError where it cannot."""
        line = _json(asdict(ruling)) + b"\n"
        try:
            with FileLock(self.path.with_suffix(".lock"), timeout=LOCK_WAIT_S):
                append_line(self.path, line)
        except Timeout:
            raise LibraryInUse(f"Another process is writing to {self.path}: rule again in a moment") from None
        except OSError as error:
            raise LibraryError(
                f"The ruling cannot be written to {self.path} ({error.strerror}): allow writing"
            ) from error

    def read_standing(self) -> Standing:
        """What counts by now; read anew when the file has changed. Raises LibraryError when it cannot be."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return Standing(())
        except OSError as error:
            raise self._unreadable(error) from error
        return _read_standing(self.path, found.st_size, found.st_mtime_ns)

    def all(self) -> tuple[Ruling, ...]:
        """Every ruling, oldest first; lines that are none are passed over."""
        return tuple(ruling for line in self._lines() if (ruling := _read(line)) is not None)

    def count_passed_over(self) -> int:
        """The number of lines that are no rulings."""
        return sum(_read(line) is None for line in self._lines() if line.strip())

    def _lines(self) -> list[bytes]:
        try:
            return self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> LibraryError:
        return LibraryError(f"The rulings {self.path} cannot be read ({error.strerror}): allow reading")


def append_line(path: Path, line: bytes) -> None:
    """At the end of a file of lines, on the disk when it returns; the caller holds the file's lock."""
    with path.open("a+b") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = b"\n" + line  # after a line that a kill cut off
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def read_standing(folder: Path) -> Standing:
    """What counts in a library by now; nothing, with a warning in the log, where it cannot be read.

    An answer without its rulings shows more conflicts, none fewer.
    """
    try:
        return Rulings(folder).read_standing()
    except LibraryError as error:
        _log.warning("%s; until then no ruling counts", error)
        return Standing(())


@lru_cache(maxsize=_LIBRARIES_KEPT)
def _read_standing(path: Path, size: int, modified_ns: int) -> Standing:  # noqa: ARG001 - what tells one state from another
    return Standing(Rulings(path.parent).all())


def rule(
    conflict: Conflict,
    verdict: Verdict,
    *,
    question: str,
    reason: Reason | None = None,
    now: datetime | None = None,
) -> Ruling:
    """A verdict on a conflict as it was shown; `reason` is kept only where there is no conflict."""
    statements = tuple(
        RuledStatement(one.article_id, _file_name(one), one.start, one.end, one.quote, side)
        for side, citations in enumerate(conflict.by_side())
        for one in citations
    )
    ruled = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    kept = reason if verdict == "no conflict" else None
    return Ruling(verdict, conflict.kind, question, statements, ruled, kept)


def gold_lines(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as a file holds them."""
    return "".join(_json(row).decode() + "\n" for row in rows)


def _json(value: dict[str, Any]) -> bytes:
    """In UTF-8; a half of a character, which has none, as JSON escapes it."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _read(line: bytes) -> Ruling | None:
    try:
        fields = json.loads(line)
        statements = tuple(
            RuledStatement(
                str(one["article_id"]),
                str(one["article"]),
                int(one["start"]),
                int(one["end"]),
                str(one["quote"]),
                int(one["side"]),
            )
            for one in fields["statements"]
        )
        verdict, kind, reason = fields["verdict"], fields["kind"], fields.get("reason")
        known = verdict in get_args(Verdict) and kind in get_args(ConflictKind)
        if not known or (reason is not None and reason not in get_args(Reason)):
            return None
        if len({one.side for one in statements}) < 2:
            return None
        return Ruling(verdict, kind, str(fields["question"]), statements, str(fields["ruled"]), reason)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _place(one: RuledStatement) -> _Place:
    return one.article_id, one.start, one.end


def _sentence(one: Citation) -> _Place:
    return one.article_id, one.sentence_start, one.sentence_end


def _meet(one: _Place, other: _Place) -> bool:
    """Whether two places of one article have a character in common."""
    return one[1] < other[2] and other[1] < one[2]


def _across(sides: Iterable[Sequence[_Place]]) -> Iterator[_Pair]:
    """Every two places of two different sides."""
    for mine, theirs in combinations(sides, 2):
        yield from product(mine, theirs)


def _sides_of(conflict: Conflict) -> list[list[_Place]]:
    return [[_sentence(one) for one in side] for side in conflict.by_side()]


def _pairs_of(ruling: Ruling) -> Iterator[_Pair]:
    sides: dict[int, list[_Place]] = defaultdict(list)
    for one in ruling.statements:
        sides[one.side].append(_place(one))
    return _across(sides.values())


def _first_of_two_sides(ruling: Ruling) -> tuple[RuledStatement, RuledStatement]:
    one = ruling.statements[0]
    return one, next(other for other in ruling.statements if other.side != one.side)


def _gold_row(
    pair: _Pair, ruling: Ruling, one: RuledStatement, other: RuledStatement, names: dict[str, str]
) -> dict[str, Any]:
    none = ruling.verdict == "no conflict"
    row: dict[str, Any] = {
        "id": f"ruled-{hashlib.sha256(repr((ruling.kind, *pair)).encode()).hexdigest()[:12]}",
        "question": ruling.question,
        "kind": None if none else ruling.kind,
        "trap": (ruling.reason or NO_REASON) if none else None,
        "one": {"article": names[one.article_id], "quote": one.quote},
        "other": {"article": names[other.article_id], "quote": other.quote},
    }
    return {**row, "update": True} if ruling.verdict == "update" else row


def _names(rulings: Iterable[Ruling]) -> dict[str, str]:
    """A file name for each article, with a part of its id where two articles have the same."""
    of_name: dict[str, set[str]] = defaultdict(set)
    for ruling in rulings:
        for one in ruling.statements:
            of_name[one.article].add(one.article_id)
    return {
        article_id: name if len(ids) == 1 else f"{name.removesuffix('.txt')}-{article_id[:8]}.txt"
        for name, ids in of_name.items()
        for article_id in ids
    }


def _file_name(citation: Citation) -> str:
    """The article as a text file of a gold set is called: "report.txt", also for "report.pdf"."""
    name = PurePosixPath(unquote(split_address(citation.uri).path)).name or citation.article_id
    return f"{PurePosixPath(name).stem}.txt"
