"""Whether a statement holds the dates, the amounts and the narrowing words that a yes/no question names."""

import re
from collections.abc import Sequence
from math import isinf
from typing import Literal

from qa.claims import Claim
from qa.dates import Period, read_periods
from qa.dates import agree as dates_agree
from qa.quantities import Quantity, comparable
from qa.quantities import agree as quantities_agree

Match = Literal["same", "other", "unclear"]

# These narrow what is asked, so the statement must hold them too.
_STRICT = re.compile(
    r"\b(?:all|most|both|each|only|few|more|less|fewer|other|same|every|before|after|until|since|over|under|"
    r"once|again|against|still|always|than|without|solely|exclusively)\b",
    re.I,
)
_BOUND = re.compile(r"^(?:before|after|prior to|by|since|until) ", re.I)


def match_values(asked: Claim, claim: Claim, low: int, high: int) -> Match:
    """Whether the statement gives, from `low` to `high`, the dates and amounts asked about, or others."""
    found: list[Match] = []
    for period in asked.dates:
        days = [day for day in claim.dates if low <= day.start < high and day.resolved and not day.reported]
        found.append(_one_of([_within(day, period) for day in days]) if period.resolved else "unclear")
    for amount in asked.quantities:
        if not amount.modifier:
            amounts = [met for met in claim.quantities if low <= met.start < high and comparable(amount, met)]
            found.append(_one_of([_satisfies(met, amount) for met in amounts]))
    if "unclear" in found or found.count("other") > 1:
        return "unclear"
    return "other" if "other" in found else "same"


def as_narrow(asked: Claim, stretch: str) -> bool:
    """Whether the words that narrow the question stand in the statement too."""
    wanted = _STRICT.findall(without_values(asked).lower())
    return set(wanted) <= set(_STRICT.findall(stretch.lower()))


def without_values(claim: Claim) -> str:
    """The text with its dates and amounts, which are compared by value and not by word, left blank."""
    text = claim.text
    spans = [(day.start, day.end) for day in claim.dates]
    spans += [(amount.start, amount.end) for amount in claim.quantities if not amount.modifier]
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _one_of(each: Sequence[Match]) -> Match:
    if "same" in each:
        return "same"
    return "other" if list(each) == ["other"] else "unclear"


def _within(day: Period, asked: Period) -> Match:
    if not dates_agree(day, asked):
        return "other"
    if day.yearless or asked.yearless:
        return "same" if asked.yearless and day.days <= asked.days else "unclear"
    named = read_periods(_BOUND.sub("in ", asked.text), published=None)
    if _BOUND.match(asked.text) and any(dates_agree(day, period) for period in named):
        return "unclear"  # "before 1989" may or may not hold of a day of 1989
    late_enough = asked.first is None or (day.first is not None and day.first >= asked.first)
    early_enough = asked.last is None or (day.last is not None and day.last <= asked.last)
    return "same" if late_enough and early_enough else "unclear"


def _satisfies(met: Quantity, asked: Quantity) -> Match:
    if not quantities_agree(met, asked):
        return "other"
    if isinf(asked.low) or isinf(asked.high):
        return "same" if met.low >= asked.low and met.high <= asked.high else "unclear"
    return "unclear" if isinf(met.low) or isinf(met.high) else "same"
