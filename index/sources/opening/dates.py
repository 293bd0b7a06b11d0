"""Days within a line, in the forms that are in use, with every way to read each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

# Months in the languages that are written in Latin letters and most met on the web, by their first letters.
_MONTH_NAMES = (
    "january jan januar janvier janv enero ene gennaio gen janeiro januari styczeń stycznia sty leden ledna",
    "february feb februar février févr fév febrero febbraio fevereiro fev februari luty lutego únor února",
    "march mar märz mrz mars marzo março maart mrt marzec marca březen března",
    "april apr avril avr abril abr aprile kwiecień kwietnia duben dubna",
    "may mai mayo maggio mag maio mei maj maja květen května",
    "june jun juni juin junio giugno giu junho czerwiec czerwca červen června",
    "july jul juli juillet juil julio luglio lug julho lipiec lipca červenec července",
    "august aug août aoû agosto ago augustus augusti sierpień sierpnia srpen srpna",
    "september sep sept septembre septiembre settembre set setembro wrzesień września září",
    "october oct oktober okt octobre octubre ottobre ott outubro out październik października říjen října",
    "november nov novembre noviembre novembro listopad listopada listopadu",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro desember des grudzień grudnia"
    " prosinec prosince",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_MONTH = rf"(?P<name>{_NAME})\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.)?"
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d)"
_BEFORE, _AFTER = r"(?<![\w/.-])", r"(?![\w/-]|\.\d)"
_OF = r"(?:\s+(?:of|de|del|di))?\s+"
_FORMS = tuple(
    re.compile(_BEFORE + form + _AFTER, re.IGNORECASE)
    for form in (
        r"(?P<year>1[5-9]\d\d|20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?",
        r"(?P<year>1[5-9]\d\d|20\d\d)[/.]\s?(?P<month>\d\d?)[/.]\s?(?P<day>\d\d?)\.?",
        r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d\d?)\s?[月월]\s?(?P<day>\d\d?)\s?[日일]",
        rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
        rf"{_DAY}{_OF}{_MONTH}(?:,|\s+de|\s+del)?\s+{_YEAR}",
        rf"{_DAY}[-/ ]{_MONTH}[-/ ,]{_YEAR}",
        r"(?P<either>\d\d?)[/.-](?P<other>\d\d?)[/.-](?P<year>1[5-9]\d\d|20\d\d)",
        rf"{_MONTH},?{_OF}{_YEAR}",
        rf"{_MONTH},?\s+{_YEAR}",
        rf"{_MONTH}\s+{_DAY}",
        rf"{_DAY}{_OF}{_MONTH}",
    )
)
# What surrounds a day and belongs to it.
_WEEKDAY = re.compile(
    r"\b(?:(?:on|am|le|el|il|at)\s+)?(?:(?:mon|fri|sun)(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|sat(?:urday)?"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag"
    r"|mittwoch|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado"
    r"|domingo)\.?,?\s+$",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?:[,·|/–-]|\s|\bat\b|\bà\b|\bkl\b\.?|\bum\b|\bT)*\d{1,2}(?:[:.]|h)\d\d(?::\d\d)?\s*(?:[ap]\.?m\b\.?|Uhr|hrs?\b)?"
    r"(?:\s*(?:GMT|UTC|[BCEPMAJ]{1,2}[SDE]?T|[+-]\d{4}))?(?![\d/])"
    r"|(?:[,·|/–-]|\s|\bat\b)*\d{1,2}\s?[ap]\.?m\b\.?(?:\s*(?:GMT|UTC|[BCEPM]{1,2}[SDE]?T))?"
    r"|,?\s+\d{4}\s*(?:GMT|UTC)\b"
    r"|,?\s+(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b",
    re.IGNORECASE,
)
_MOST = 12  # in one line


@dataclass(frozen=True, slots=True)
class Day:
    """A day, month or year at [start, end) of a line; weekday and time of day around it are part of it.

    `readings` are in ISO 8601: one where it can be read in one way, two for "03/04/2026"; none where no year
    is stated, and then `monthday` is "10-03".
    """

    start: int
    end: int
    readings: tuple[str, ...]
    monthday: str = ""
    timed: bool = False


def find_days(line: str) -> list[Day]:
    """The days in a line of a few hundred characters, in order, none over another."""
    taken: list[Day] = []
    for form in _FORMS:
        for match in form.finditer(line):
            if len(taken) >= _MOST:
                break
            if any(match.start() < one.end and one.start < match.end() for one in taken):
                continue
            readings, monthday = _read(match)
            if readings or monthday:
                taken.append(_with_surroundings(line, match, readings, monthday))
    return sorted(taken, key=lambda one: one.start)


def _with_surroundings(line: str, match: re.Match[str], readings: tuple[str, ...], monthday: str) -> Day:
    before = _WEEKDAY.search(line, max(0, match.start() - 20), match.start())
    after = _TIME.match(line, match.end())
    return Day(
        before.start() if before else match.start(),
        after.end() if after else match.end(),
        readings,
        monthday,
        timed=after is not None,
    )


def _read(match: re.Match[str]) -> tuple[tuple[str, ...], str]:
    parts = match.groupdict()
    year = parts.get("year")
    if "either" in parts:
        first, second = parts["either"], parts["other"]
        found = [_iso(year, second, first), _iso(year, first, second)]
        return tuple(dict.fromkeys(one for one in found if one)), ""
    month = _MONTHS[parts["name"].casefold()] if parts.get("name") else parts.get("month")
    if year is None:
        whole = _iso("2024", month, parts["day"])  # a leap year: 29 February is a day
        return (), whole[5:] if whole else ""
    found_one = _iso(year, month, parts.get("day"))
    return ((found_one,) if found_one else ()), ""


def _iso(year: str | None, month: int | str | None, day: str | None) -> str | None:
    try:
        whole = date(int(year or 0), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return whole.isoformat()[: 10 if day else 7 if month else 4]


_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_. ]?)([01]\d)\2([0-3]\d)(?!\d)")


def day_of_file(name: str) -> str | None:
    """The day in the name of a file, year first as in "2026-03-12_gazette.txt"; None for two, or none."""
    found: Iterator[str | None] = (_iso(one[1], one[3], one[4]) for one in _IN_NAME.finditer(name[:255]))
    days = {one for one in found if one}
    return days.pop() if len(days) == 1 else None
