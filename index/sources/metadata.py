"""What a source states about an article, in one normal form; what it does not state is None."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from email.utils import parsedate_tz

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sep", "sept"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_MONTH = r"(?P<name>[A-Za-z]{3,9})\.?"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
# A time of day may follow; the date is kept as stated there, in the source's own time zone.
_TIME = r"(?:(?:T|,|\s|\bat\b)+\d{1,2}[:.]\d\d.*|T\d{2,6}.*|Z)?"
_YEAR_FIRST = tuple(
    re.compile(pattern + _TIME, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"(?P<year>\d{4})(?:-(?P<month>\d\d?)(?:-(?P<day>\d\d?))?)?",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
        r"(?P<year>\d{4})[/.]\s?(?P<month>\d\d?)[/.]\s?(?P<day>\d\d?)\.?",
        r"(?P<year>\d{4})\s*[年년]\s*(?P<month>\d\d?)\s*[月월](?:\s*(?P<day>\d\d?)\s*[日일])?",
    )
)
_NAMED = tuple(
    re.compile(_WEEKDAY + pattern + _TIME, re.IGNORECASE | re.DOTALL)
    for pattern in (
        _MONTH + r"\s+(?P<day>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
        r"(?P<day>\d\d?)(?:st|nd|rd|th)?[\s-]+(?:of\s+)?" + _MONTH + r",?[\s-]+(?P<year>\d{4})",
        _MONTH + r",?\s+(?P<year>\d{4})",
    )
)
_DATE_CHARACTERS = 400  # a day, a time of it, and what some write after them
_EITHER_ORDER = re.compile(r"(\d\d?)[/.-](\d\d?)[/.-](\d{4})" + _TIME, re.IGNORECASE | re.DOTALL)
# What programs write where nobody wrote anything. Source: the defaults of python-docx (its template and
# CorePropertiesPart), ReportLab (PDFInfo), Microsoft Office and its PDF printer, LibreOffice, WordPress.
_NO_AUTHORS = frozenset((
    "python-docx", "anonymous", "(anonymous)", "unknown", "(unspecified)", "none", "n/a", "default", "author",
    "user", "office user", "microsoft office user", "windows user", "admin", "administrator", "owner", "root",
))  # fmt: skip
_NO_TITLE = re.compile(
    r"(?:untitled|unnamed|document|dokument|doc)\W*\d*|word document|pdf document|powerpoint presentation"
    r"|\(?(?:anonymous|unspecified)\)?|n/a|none|microsoft \w+ - .*"
    r"|\S*\.(?:docx?|odt|pdf|rtf|txt|tex|indd|html?|pages|md|pptx?|xlsx?)|.*\.(?:docx?|odt|rtf|indd|pptx?)",
    re.IGNORECASE,
)
_LEVELS = 8  # a list of authors, each with names of several parts, takes four
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a source states about an article, on one line each; `url` is http or https.

    `published` and `updated` are "2026", "2026-07" or "2026-07-03".
    """

    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: str | None = None
    url: str | None = None
    updated: str | None = None

    def fill_from(self, other: "Metadata") -> "Metadata":
        """These values, and those of `other` where there is none here."""
        return Metadata(
            **{
                field.name: getattr(self, field.name) or getattr(other, field.name)
                for field in fields(Metadata)
            }
        )


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one article in a source, newlines as found there, and what the source states about it."""

    text: str
    stated: Metadata = Metadata()


def normalise_metadata(values: Mapping[str, object]) -> Metadata:
    """The values under the names of Metadata's fields, normalised; others and unusable ones are left out."""
    return Metadata(
        title=clean_title(values.get("title")),
        publisher=one_line(values.get("publisher")),
        author=clean_author(values.get("author")),
        published=iso_date(one_line(values.get("published"))),
        url=web_address(one_line(values.get("url"))),
        updated=iso_date(one_line(values.get("updated"))),
    )


def one_line(value: object, *, levels: int = _LEVELS) -> str | None:
    """A value of JSON, TOML or a page as one line of text; of a list, its parts; of a mapping, its "name".

    What is nested in more `levels` is left out.
    """
    if levels and isinstance(value, Mapping):
        return one_line(value.get("name"), levels=levels - 1)
    if levels and isinstance(value, list | tuple):
        return ", ".join(part for one in value if (part := one_line(one, levels=levels - 1))) or None
    if isinstance(value, bool) or not isinstance(value, str | int | date):
        return None
    return " ".join(_UNPRINTABLE.sub(" ", str(value)).split()) or None


def clean_title(value: object) -> str | None:
    """A title on one line; None for a file's name, and for what programs write where nobody gave one."""
    title = one_line(value)
    return None if title is None or _NO_TITLE.fullmatch(title) else title


def clean_author(value: object) -> str | None:
    """Who wrote it, on one line; None for what programs write where nobody said so ("python-docx")."""
    author = one_line(value)
    return None if author is None or author.casefold() in _NO_AUTHORS else author


def web_address(value: str | None) -> str | None:
    """`value` if it is a complete http or https address, else None."""
    return value if value and re.fullmatch(r"https?://[^\s/]\S*", value, re.IGNORECASE) else None


def iso_date(value: str | None) -> str | None:
    """A stated date as ISO 8601, as exact as stated; None where it cannot be read in exactly one way.

    A time of day is dropped, not converted: the day is the one that the source names. "03/07/2026" is None
    (March or July?), "25/12/2026" is not.
    """
    value = (value or "").strip()
    if len(value) > _DATE_CHARACTERS:
        return None
    for pattern in (*_YEAR_FIRST, *_NAMED):
        if match := pattern.fullmatch(value):
            parts = match.groupdict()
            month = _MONTHS.get(parts["name"].lower()) if "name" in parts else parts["month"]
            if month is not None or "name" not in parts:
                return _valid(parts["year"], month, parts.get("day"))
    if match := _EITHER_ORDER.fullmatch(value):
        first, second, year = match.groups()
        readings = {_valid(year, first, second), _valid(year, second, first)} - {None}
        return readings.pop() if len(readings) == 1 else None
    # RFC 2822, as in mail and feeds: "Fri, 03 Jul 2026 16:37:00 +0900".
    parsed = parsedate_tz(value) if re.search(r"\d:\d\d", value) and re.search("[A-Za-z]{3}", value) else None
    return _valid(*parsed[:3]) if parsed else None


def _valid(year: str | int, month: str | int | None, day: str | int | None) -> str | None:
    try:
        whole = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return whole.isoformat()[: 10 if day else 7 if month else 4]
