"""What the set is made of: a piece to lay out, a layout of it, a row."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Half = Literal["open", "sealed"]
FIELDS = ("title", "publisher", "author", "published", "updated")
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


@dataclass(frozen=True, slots=True)
class Piece:
    """An account of a story with a writer and a day, to be laid out as an outlet would print it.

    `later` is a day of update, `other` somebody else's name: a photographer, an editor, a speaker.
    """

    title: str
    publisher: str
    author: str
    other: str
    day: date
    later: date
    paragraphs: tuple[str, ...]
    draw: random.Random

    @property
    def body(self) -> str:
        """The paragraphs, a blank line between two."""
        return "\n\n".join(self.paragraphs)

    @property
    def site(self) -> str:
        """A web address such as the publisher might have."""
        return "".join(one for one in self.publisher.lower() if one.isalnum() and one.isascii()) + ".example"


@dataclass(frozen=True, slots=True)
class Laid:
    """A text, and what it states of itself, by field; a field that is not there is not stated."""

    text: str
    stated: dict[str, str] = field(default_factory=dict)
    file_name: str = "article.txt"


Style = Callable[[Piece, int], Laid]
"""Lays a piece out; each turn has accidents of its own."""


@dataclass(frozen=True, slots=True)
class Row:
    """One text of the set with what it states, None where it states nothing."""

    text: str
    file_name: str
    expected: dict[str, str | None]
    style: str


def state(piece: Piece, *names: str) -> dict[str, str]:
    """The named fields of the piece, as a layout that prints them states them."""
    values = {
        "title": piece.title,
        "publisher": piece.publisher,
        "author": piece.author,
        "published": piece.day.isoformat(),
        "updated": piece.later.isoformat(),
    }
    return {name: values[name] for name in names}


def short(day: date) -> str:
    """ "12 Mar 2026"."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def long(day: date) -> str:
    """ "12 March 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def american(day: date) -> str:
    """ "March 12, 2026"."""
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def american_short(day: date) -> str:
    """ "Mar 12, 2026"."""
    return f"{MONTHS[day.month - 1][:3]} {day.day}, {day.year}"


def weekday(day: date) -> str:
    """ "Thursday"."""
    return WEEKDAYS[day.weekday()]


def doubtful(day: date) -> bool:
    """Whether "03/04/2026" could be another day of the year."""
    return day.day <= 12 and day.day != day.month
