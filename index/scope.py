"""`Scope`: which articles of a library count; and the days that an ISO date covers, however exact it is."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict, Unpack

from index.errors import LibraryError

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ].*)?)?)?")


class ScopeParts(TypedDict, total=False):
    """A scope's parts by name, as public calls take them."""

    publishers: Sequence[str]
    since: str | None
    until: str | None
    articles: Sequence[str]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which articles count; what is left empty limits nothing.

    `publishers` match whole names in any spelling, as `index.names.fold_publisher`. `since` and `until` are
    ISO dates of any precision, both included: an article is in when its stated day, month or year overlaps
    them, out when it states none. They are kept as typed; `bounds` reads them. `articles` are ids, each kept
    once. Raises LibraryError for one text where several names are due.
    """

    publishers: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    articles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("publishers", "articles"):
            given = getattr(self, name)
            if isinstance(given, str):
                raise LibraryError(
                    f"{name} = {given[:40]!r} is one text: give a list, such as [{given[:40]!r}]"
                )
        object.__setattr__(self, "publishers", tuple(self.publishers))
        object.__setattr__(self, "since", self.since or None)
        object.__setattr__(self, "until", self.until or None)
        object.__setattr__(self, "articles", tuple(dict.fromkeys(self.articles)))

    def with_parts(self, **parts: Unpack[ScopeParts]) -> "Scope":
        """The same with these parts in place of its own; one that is left empty stays as it is."""
        given: dict[str, Any] = {name: value for name, value in parts.items() if value}
        return replace(self, **given) if given else self

    def bounds(self) -> tuple[str | None, str | None]:
        """The first day of `since` and the last of `until`, None where open, as `days` writes.

        Raises LibraryError for what is no date.
        """
        ends: list[str | None] = []
        for name, value, end in (("since", self.since, 0), ("until", self.until, 1)):
            covered = days(value)
            if value is not None and covered is None:
                raise LibraryError(
                    f"{name} = {value[:40]!r} is not a date: write 2026, 2026-07 or 2026-07-03"
                )
            ends.append(covered[end] if covered else None)
        return ends[0], ends[1]


EVERYTHING = Scope()
"""All articles."""


def days(date: str | None) -> tuple[str, str] | None:
    """First and last day as "YYYY-MM-DD", which compare as strings; None where `date` is not an ISO date.

    The last day of a month is written 31 whatever the month: nothing lies between its end and that.
    """
    matched = _DATE.fullmatch(date.strip()) if date else None
    if not matched:
        return None
    year, month, day = matched.groups()
    try:
        datetime.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return f"{year}-{month or '01'}-{day or '01'}", f"{year}-{month or '12'}-{day or '31'}"
