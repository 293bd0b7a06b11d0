"""The days that an ISO date covers, whatever its precision: "2026-07" is 1 to 31 July 2026."""

import datetime
import re

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ].*)?)?)?")


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
