"""Quantities in a sentence: value, unit, and the interval that the words allow.

"more than 10 trillion won" is every amount above 10 trillion won; "about half" is 45 to 55 percent;
"4,500" is rounded to hundreds. Two quantities agree when their intervals meet.

Source: own rules. Each pattern was switched off alone, on 8,455 labelled relations between two short answers
of the stories and 9,999 spans to be extended: those that gained nothing are gone (what is counted, changes
and parts, rates, results of games, vague numbers, clock times, labels; counts of different nouns that answer
one question are compared, 243 conflicts more among the 2,503 told from two values, and 52 wrongly). Without
`_FRACTION` 38 conflicts are lost, without `_AFTER_UNIT` 20, and 2.6 points of F1 of the extended spans.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.language.numbers import (
    ABOUT,
    DIGITS,
    SCALE,
    SIGN,
    WORDS,
    comparator,
    half_place,
    interval,
    parse,
    scale_of,
    upper_end,
)
from qa.language.terms import FUNCTION_WORDS
from qa.language.units import CURRENCY_SIGNS, NUMBER_WORDS, UNITS


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of a normalised sentence; `start` and `end` are offsets there, from comparator to unit.
    `text` is the phrase, of a count with the word after it.

    `value` is the stated number in the base of `dimension`: a currency code, a dimension of `units.py`
    ("percent", "power" in watts, "people"), or "count". `low` and `high` bound what the words allow;
    `rounding` is how far off the number itself may be.
    """

    text: str
    start: int
    end: int
    value: float
    low: float
    high: float
    rounding: float
    dimension: str


# Characters before a number that can hold its comparator.
_LOOK_BACK = 60
_UNIT = "|".join(re.escape(word) for word in sorted(UNITS, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?<![\w.,/:@#])(?<![A-Za-z0-9]-)(?P<sign>(?:{SIGN}) ?)?(?P<number>{DIGITS}|(?i:\b(?:{WORDS})))"
    rf"(?P<scale>{SCALE})?"
)
_FRACTION = re.compile(
    r"\b(?:(?P<half>half)(?= (?:of|the|its|their|all|a|an)\b(?! (?:million|billion|trillion|dozen|"
    r"hundred|thousand)))|"
    r"(?P<part>an?|one|two|three|four)[ -](?P<whole>third|quarter|fifth|tenth)s?(?= (?:of|the)\b))",
    re.I,
)
_AFTER_UNIT = re.compile(
    rf"[ -]?(?:(?:South )?(?:Korean|Japanese|Chinese|Indian|Swiss|Russian|US|U\.S\.|American|Hong "
    rf"Kong) )?(?P<unit>{_UNIT})(?![\w])"
)
# A bare number that is a year, a date or one of several, and names or counts nothing.
_NO_COUNT = re.compile(r"(?:19|20)\d\d$|one$|zero$", re.I)


def read_quantities(sentence: str, taken: Sequence[tuple[int, int]] = ()) -> tuple[Quantity, ...]:
    """All quantities of a normalised sentence in reading order; none inside the spans `taken` (dates)."""
    found = [_fraction(sentence, match) for match in _FRACTION.finditer(sentence)]
    position = 0
    while match := _NUMBER.search(sentence, position):
        position = match.end()
        busy = [*taken, *((one.start, one.end) for one in found)]
        within = any(start < match.end() and match.start() < end for start, end in busy)
        made = None if within else _plain(sentence, match)
        if made is not None:
            found.append(made)
            position = max(position, made.end)
    return tuple(sorted(found, key=lambda quantity: (quantity.start, quantity.value)))


def comparable(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities measure the same kind of thing, so that differing values could disagree."""
    counts = {one.dimension, other.dimension} <= {"count", "people"}
    return one.dimension == other.dimension or counts


def agree(one: Quantity, other: Quantity) -> bool:
    """Whether one amount can satisfy both: their intervals meet."""
    slack = 1e-9 * max(abs(one.value), abs(other.value))
    return max(one.low, other.low) < min(one.high, other.high) - slack


def same_value(one: Quantity, other: Quantity) -> bool:
    """Whether both state the same number after rounding, whatever the comparator: one position."""
    apart = abs(one.value - other.value)
    return comparable(one, other) and apart <= (one.rounding + other.rounding) * (1 - 1e-9)


def _plain(sentence: str, match: re.Match[str]) -> Quantity | None:
    """A number in digits or words, or None where it is an ordinal, a name's, a year."""
    sign, number, scale, end = (match["sign"] or "").strip(), match["number"], match["scale"], match.end()
    if scale in ("m", "M") and not sign:
        end, scale = match.end("number"), None  # "100m" alone is metres, which no list of units reads surely
    low = top = parse(number) * scale_of(scale)
    half = half_place(number, scale_of(scale))
    second = upper_end(sentence, match.start(), end, parse(number))
    if second:
        shared, end = scale_of(second["scale"]), second.end()
        low = low if scale else parse(number) * shared
        top, half = parse(second["number"]) * shared, half_place(second["number"], shared)
    unit = _AFTER_UNIT.match(sentence, end)
    if unit and unit["unit"] == "won" and low < 100:
        unit = None  # "10 won the cup"
    dimension, factor = "count", 1.0
    if sign:
        dimension = CURRENCY_SIGNS[sign]
    elif unit:
        dimension, factor = UNITS[unit["unit"]]
        end = unit.end("unit")
    elif re.match(r"\w|\.\d", sentence[end : end + 2]) or (not scale and _NO_COUNT.match(number)):
        return None  # "3rd", "5G", "1.2.3"
    about, length = comparator(sentence[max(0, match.start() - _LOOK_BACK) : match.start()])
    start = match.start() - length
    least, most = interval(about, low, top, half)
    middle = (low + top) / 2
    rounding = max(half, (top - low) / 2, ABOUT * abs(middle) if "~" in about else 0.0)
    return Quantity(
        text=sentence[start : _find_count_end(sentence, end) if dimension == "count" else end],
        start=start,
        end=end,
        value=middle * factor,
        low=least * factor,
        high=most * factor,
        rounding=rounding * factor,
        dimension=dimension,
    )


def _find_count_end(sentence: str, end: int) -> int:
    """Where the word after a count ends, which most often says what is counted: "420 beds"."""
    word = re.match(r" ([a-z]+)\b", sentence[end:])
    return end + word.end() if word and word[1] not in FUNCTION_WORDS else end


def _fraction(sentence: str, match: re.Match[str]) -> Quantity:
    """ "half of", "two thirds of": a share in percent."""
    value = 50.0
    if not match["half"]:
        parts = {"a": 1, "an": 1, **NUMBER_WORDS}[match["part"].lower()]
        value = 100.0 * parts / {"third": 3, "quarter": 4, "fifth": 5, "tenth": 10}[match["whole"].lower()]
    about, length = comparator(sentence[max(0, match.start() - _LOOK_BACK) : match.start()])
    start, end = match.start() - length, match.end()
    low, high = interval(about, value, value, 0.5)
    rounding = ABOUT * value if "~" in about else 0.5
    return Quantity(sentence[start:end], start, end, value, low, high, rounding, "percent")
