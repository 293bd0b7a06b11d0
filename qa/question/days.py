"""From which day on something is asked: "since Monday", "in the last three days", "this week".

Relative days are counted from the day on which it is asked, which is said with the answer.
"""

import datetime
import re

from qa.language.dates import day_of, read_periods
from qa.language.units import NUMBER_WORDS

_ISO = re.compile(r"\b(\d{4}-\d\d(?:-\d\d)?)\b")
_PAST = re.compile(
    r"\b(?:last|past|previous)(?: (?P<many>\d{1,3}|[a-z]+))? (?P<unit>day|week|month|year)s?\b", re.IGNORECASE
)
_THIS = re.compile(r"\bthis (?P<unit>week|month|year)\b", re.IGNORECASE)
_WEEKEND = re.compile(r"\b(?:the |last |this )?weekend\b", re.IGNORECASE)
_NAMED = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:january|february|march|april|may|june|july|august|"
    r"september|october|november|december)\b",
    re.IGNORECASE,
)
_DAYS = {"day": 1, "week": 7}


def read_since(question: str, today: datetime.date) -> tuple[datetime.date, tuple[int, int]] | None:
    """The first day that is asked for, and where the words for it stand; None where none are.

    A weekday is the last one before `today`, a date without a year the last one.
    """
    for pattern, make in ((_ISO, _iso), (_PAST, _past), (_THIS, _this), (_WEEKEND, _weekend)):
        found = pattern.search(question)
        day = make(found, today) if found else None
        if found and day:
            return day, (_opening(question, found.start()), found.end())
    text = _NAMED.sub(lambda name: name[0].title(), question)
    for period in read_periods(text, published=today.isoformat()):
        if period.first is not None and period.resolved:
            day = period.first
            if _NAMED.fullmatch(period.text) and period.text.lower().endswith("day") and day >= today:
                day -= datetime.timedelta(days=7)
            if day > today:
                day = _year_before(day)
            return day, (_opening(question, period.start), period.end)
    return None


def _opening(question: str, start: int) -> int:
    """Where the words begin that lead up to the day: "since", "in the"."""
    before = re.search(
        r"(?:\b(?:since|after|from|in|over|within|as of|during|on|the)\s+)+$", question[:start], re.I
    )
    return before.start() if before else start


def _iso(found: re.Match[str], _: datetime.date) -> datetime.date | None:
    day = day_of(found[1])
    return day if day is None or found[1].count("-") == 2 else day.replace(day=1)


def _past(found: re.Match[str], today: datetime.date) -> datetime.date | None:
    unit, said = found["unit"].lower(), (found["many"] or "").lower()
    many = int(said) if said.isdigit() else {"couple": 2, "few": 3}.get(said, NUMBER_WORDS.get(said))
    if many is None and said:
        return None
    if many is None:  # "last week" is the week before this one
        return {
            "day": today - datetime.timedelta(days=1),
            "week": today - datetime.timedelta(days=today.weekday() + 7),
            "month": _months_before(today.replace(day=1), 1),
            "year": datetime.date(today.year - 1, 1, 1),
        }[unit]
    whole = int(many)
    if unit in _DAYS:
        return today - datetime.timedelta(days=whole * _DAYS[unit])
    return _months_before(today, whole * (12 if unit == "year" else 1))


def _this(found: re.Match[str], today: datetime.date) -> datetime.date:
    return {
        "week": today - datetime.timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }[found["unit"].lower()]


def _weekend(_: re.Match[str], today: datetime.date) -> datetime.date:
    back = (today.weekday() - 5) % 7
    return today - datetime.timedelta(days=back or 7)


def _months_before(day: datetime.date, many: int) -> datetime.date:
    months = day.year * 12 + day.month - 1 - many
    year, month = max(1, months // 12), months % 12 + 1
    last = (datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)).day
    return datetime.date(year, month, min(day.day, last))


def _year_before(day: datetime.date) -> datetime.date:
    return _months_before(day, 12)
