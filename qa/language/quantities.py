"""Quantities in a sentence: value, unit, and the interval that the words allow.

"more than 10 trillion won" is every amount above 10 trillion won; "about half" is 45 to 55 percent;
"4,500" is rounded to hundreds. Two quantities agree when their intervals meet.

Source: own rules. On 30 phrases of news text (those of `tests/test_claims.py`) quantulum3 0.10 read 25: it
takes "€1.2bn" for "euro bit newton", "£350m" for pound metres, "third-generation" for 1/3, "fourth quarter"
for 1/16, passes over "hundreds of thousands", and gives no interval for "more than". These rules read all 30.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qa.language.numbers import (
    ABOUT,
    DIGITS,
    SCALE,
    SIGN,
    TRAILING,
    WORDS,
    comparator,
    half_place,
    interval,
    parse,
    scale_of,
    trailing_comparator,
    upper_end,
)
from qa.language.terms import FUNCTION_WORDS, stem
from qa.language.units import CURRENCY_SIGNS, NUMBER_WORDS, SCALES, UNITS

Role = Literal["", "by", "part"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of a normalised sentence; `start` and `end` are offsets there, from the
    comparator to the unit; `text` is the phrase, with what is counted.

    `value` is the stated number in the base of `dimension`: a currency code, a dimension of `units.py`
    ("percent", "power" in watts, "people"), "score", or "count" with `noun`, the stem of what is counted.
    `low` and `high` bound what the words allow; `rounding` is how far off the number itself may be. `role`
    marks a change ("rose by 3 percent") or a part ("including 5 children"), which is not compared with a
    whole. `modifier`: it describes a noun and is not itself an amount ("2nm process", "five-year deal").
    """

    text: str
    start: int
    end: int
    value: float
    low: float
    high: float
    rounding: float
    dimension: str
    noun: str = ""
    role: Role = ""
    modifier: bool = False


_UNIT = "|".join(re.escape(word) for word in sorted(UNITS, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?<![\w.,/:@#])(?<![A-Za-z0-9]-)(?P<sign>(?:{SIGN}) ?)?(?P<number>{DIGITS}|(?i:\b(?:{WORDS})))"
    rf"(?P<scale>{SCALE})?"
)
_VAGUE = re.compile(
    r"\b(?P<outer>dozens|hundreds|thousands|tens|scores)(?: of (?P<inner>hundreds|thousands|millions|"
    r"billions|trillions))?\b|"
    r"\b(?P<big>millions|billions|trillions)\b",
    re.I,
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
_PER = re.compile(
    r" ?(?:per|an?|/) ?(?P<per>second|minute|hour|day|week|month|year|quarter|barrel|share|tonne|ton|"
    r"litre|kg|person)\b"
)
# A number after one of these names a thing: "Boeing 737", "phase 3", "No. 5".
_LABEL = re.compile(
    r"\b(?:no\.|number|page|phase|chapter|version|type|level|grade|group|stage|article|section|flight|route|"
    r"model|series|covid|formula|tier|room|gate|category|class|highway|paragraph|figure|table|round|week|day)"
    r"[ -]$",
    re.I,
)
_NAME_BEFORE = re.compile(r"(?<=[\w,] )(?:[A-Z][\w'-]*) $")
_ORDINAL_BEFORE = re.compile(
    r"\b(?:first|second|third|fourth|last|next|top|past|previous|final|latter) $", re.I
)
_PART_BEFORE = re.compile(
    r"(?:^[Oo]f (?:the|its|these|those|all)\b[^,]*, |\b(?:including|among (?:them|whom)|of (?:which|"
    r"them|whom)|another|additional|further|extra|the "
    r"other|up from|"
    r"down from|compared with|compared to|against|versus|(?:rose|fell|grew|up|down|raised|cut|"
    r"increased?) from|from))"
    r"(?: (?:about|around|some|at least|just|a))? ?$",
    re.I,
)
_BY_BEFORE = re.compile(
    r"\b(?:(?:rose|rise|rises|fell|falls?|grew|grow|grows|up|down|jumped|dropped|climbed|slipped|increased?|decreased?|"
    r"declined?|cut|gained?|lost|added|surged|plunged)(?: by)?|by)(?: (?:about|around|some|nearly|"
    r"over|more than))? ?$",
    re.I,
)
_MORE_AFTER = re.compile(
    r"^(?:[ -]\w+)? of (?:its|the|their|his|her|those|these)\b|^(?: \w+){0,2} alone\b|"
    r"^ (?:more|other|others|further|additional|extra)\b(?! than)"
)
_ALONE = re.compile(r"\balone (?:\w+ ){0,2}$", re.I)
_ONE_IN = re.compile(r"\b(?:one|\d+) in $", re.I)
_CLOCK = re.compile(r"^ ?(?:[ap]\.?m\b|o'clock)|^:\d\d", re.I)
_SCORE = re.compile(r"(?<![\w.,/-])(\d{1,3})[-–](\d{1,3})(?![\w%/]|[-–]\d)")
_SCORE_CUES = re.compile(
    r"\b(?:win|won|wins|beat|beats|lost|lose|loses|defeat\w*|draw|drew|victory|score\w*|led|tie)\b", re.I
)
_WORD = re.compile(r"[^\W\d_][\w'-]*|[^\w\s]")
_NOT_COUNTED = FUNCTION_WORDS | frozenset(
    """said says told worth won plus was were be been went came got made after since ago old later
    earlier per and or""".split()
)
# Different words for the same counted thing; their stems are made one.
_SAME_NOUN = {
    stem(word): words.split()[0]
    for words in (
        "employees employee workers worker staff staffers jobs job",
        "dead deaths death fatalities fatality killed died lives toll casualties",
        "injured injuries wounded hurt",
        "cars car vehicles vehicle automobiles",
        "troops soldiers soldier servicemen",
        "homes home houses house",
        "companies company firms firm businesses",
        "children child kids kid",
        "chips chip processors",
        "flats apartments apartment flat",
        "planes plane aircraft jets jet airplanes",
        "sites site locations location",
        "shops shop stores store outlets",
    )
    for word in words.split()
}


def read_quantities(sentence: str, taken: Sequence[tuple[int, int]] = ()) -> tuple[Quantity, ...]:
    """All quantities of a normalised sentence in reading order; none inside the spans `taken` (dates)."""
    found: list[Quantity] = []
    busy = list(taken)

    def free(start: int, end: int) -> bool:
        return all(end <= low or high <= start for low, high in busy)

    for match in _SCORE.finditer(sentence):
        if free(*match.span()) and _is_score(sentence, match):
            found.append(_score(match))
            busy.append(match.span())
    for pattern, make in ((_FRACTION, _fraction), (_VAGUE, _vague), (_NUMBER, _plain)):
        position = 0
        while found_here := pattern.search(sentence, position):
            position = found_here.end()
            made = make(sentence, found_here) if free(*found_here.span()) else None
            if made is not None:
                found.append(made)
                busy.append((found_here.start(), made.end))
                position = max(position, made.end)
    return tuple(sorted(found, key=lambda quantity: (quantity.start, quantity.value)))


def comparable(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities measure the same kind of thing, so that differing values could disagree."""
    if one.dimension != other.dimension or one.role != other.role or one.modifier != other.modifier:
        counts = {one.dimension, other.dimension} <= {"count", "people"}
        if not counts or one.role != other.role or one.modifier != other.modifier:
            return False
    if one.modifier or one.dimension == "count" or other.dimension == "count":
        return one.noun == other.noun or (not one.modifier and not (one.noun and other.noun))
    return True


def agree(one: Quantity, other: Quantity) -> bool:
    """Whether one amount can satisfy both: their intervals meet."""
    slack = 1e-9 * max(abs(one.value), abs(other.value))
    return max(one.low, other.low) < min(one.high, other.high) - slack


def same_value(one: Quantity, other: Quantity) -> bool:
    """Whether both state the same number after rounding, whatever the comparator: one position."""
    apart = abs(one.value - other.value)
    return comparable(one, other) and apart <= (one.rounding + other.rounding) * (1 - 1e-9)


def _plain(sentence: str, match: re.Match[str]) -> Quantity | None:
    """A number in digits or words, or None where it is a label, an ordinal, a time of day."""
    sign = (match["sign"] or "").strip()
    value, top, half, end = _stated(sentence, match)
    unit = _AFTER_UNIT.match(sentence, end)
    if unit and unit["unit"] == "won" and value < 100:
        unit = None  # "10 won the cup"
    before = sentence[max(0, match.start() - _LOOK_BACK) : match.start()]
    sign_before, length = comparator(before)
    start = match.start() - length
    dimension, factor, modifier = "count", 1.0, False
    if sign:
        dimension = CURRENCY_SIGNS[sign]
    elif unit:
        dimension, factor = UNITS[unit["unit"]]
        modifier = dimension != "age" and (sentence[end] == "-" or unit["unit"] in _PROCESS_UNITS)
        end = unit.end("unit")
    elif re.match(r"\w|\.\d", sentence[end : end + 2]):
        return None  # "3rd", "5G", "1.2.3"
    if dimension == "count" and not match["scale"] and _is_label(sentence, match, before, end):
        return None
    if _ONE_IN.search(before) or _ORDINAL_BEFORE.search(before) or _CLOCK.match(sentence[end : end + 12]):
        return None
    per = _PER.match(sentence, end)
    if per and dimension != "count" and not modifier:
        dimension, end = f"{dimension}/{per['per']}", per.end()
    trailing = TRAILING.match(sentence[end : end + 20])
    if trailing:
        sign_before = trailing_comparator(trailing)
        end += trailing.end()
    noun, noun_end = _noun(sentence, end) if dimension == "count" or modifier else ("", end)
    low, high = interval(sign_before, value, top, half)
    middle = (value + top) / 2
    return Quantity(
        text=sentence[start:noun_end],
        start=start,
        end=end,
        value=middle * factor,
        low=low * factor,
        high=high * factor,
        rounding=max(half, (top - value) / 2, ABOUT * abs(middle) if "~" in sign_before else 0.0) * factor,
        dimension=dimension,
        noun=noun,
        role=_role(before[: len(before) - length], sentence[end : end + 60], dimension),
        modifier=modifier,
    )


def _stated(sentence: str, match: re.Match[str]) -> tuple[float, float, float, int]:
    """The number, or both ends of a range; how exactly it is stated; and where it ends."""
    number, scale, end = parse(match["number"]), scale_of(match["scale"]), match.end()
    if match["scale"] in ("m", "M") and not match["sign"] and not _THINGS.match(sentence, end):
        end, scale = match.end("number"), 1.0  # "100m" alone is metres, which no list of units reads surely
    second = upper_end(sentence, match.start(), end, number)
    if not second:
        return number * scale, number * scale, half_place(match["number"], scale), end
    shared = scale_of(second["scale"])
    low = number * (scale if match["scale"] else shared)
    return low, parse(second["number"]) * shared, half_place(second["number"], shared), second.end()


_THINGS = re.compile(r" [a-z]+s\b| people")
# Characters before a number that can hold its comparator or role.
_LOOK_BACK = 60
_PROCESS_UNITS = frozenset("nm nanometer nanometers nanometre nanometres".split())


def _is_label(sentence: str, match: re.Match[str], before: str, end: int) -> bool:
    """Whether a bare number names something: a product, a year, a date, "one of"."""
    number = match["number"]
    if number.lower() in ("one", "zero"):
        return True
    if re.fullmatch(r"(?:19|20)\d\d", number) or re.match(
        r"/\d| in (?:\d|[a-z]+\b)", sentence[end : end + 30]
    ):
        return True
    return bool(_LABEL.search(before) or (number[0].isdigit() and _NAME_BEFORE.search(before)))


def _noun(sentence: str, start: int) -> tuple[str, int]:
    """The stem of what is counted after `start`, and where its phrase ends; ("", start) for nothing."""
    end, head, words = start, "", 0
    rest = re.match(r" of (?:the |its |their |his |her )?", sentence[start:])
    position = start + rest.end() if rest else start
    while words < 4:
        word = _WORD.match(sentence, position + (sentence[position : position + 1] in (" ", "-")))
        if not word or not word[0][0].isalpha() or word[0].lower() in _NOT_COUNTED:
            break
        if words and word[0].endswith("ed"):
            break  # "4,500 salmon passed"
        head, end, position = word[0], word.end(), word.end()
        words += 1
        if stem(head) in _SAME_NOUN or (head.endswith("s") and not head.endswith("ss")):
            break
    known = stem(head) if head else ""
    return _SAME_NOUN.get(known, known), end


def counted(word: str) -> str:
    """The noun that stands for `word` in `Quantity.noun`."""
    return _SAME_NOUN.get(stem(word), stem(word))


def _role(before: str, after: str, dimension: str) -> Role:
    if dimension != "percent" and _MORE_AFTER.match(after):
        return "part"
    if _PART_BEFORE.search(before) or _ALONE.search(before):
        return "part"
    by = _BY_BEFORE.search(before)
    if by and (dimension not in ("count", "people") or re.search(r"\w+ by\b", by[0])):
        return "by"
    return ""


def _fraction(sentence: str, match: re.Match[str]) -> Quantity | None:
    """ "half of", "two thirds of": a share in percent."""
    if _ORDINAL_BEFORE.search(sentence[max(0, match.start() - _LOOK_BACK) : match.start()]):
        return None
    if match["half"]:
        value = 50.0
    else:
        parts = {"a": 1, "an": 1, **NUMBER_WORDS}[match["part"].lower()]
        value = 100.0 * parts / {"third": 3, "quarter": 4, "fifth": 5, "tenth": 10}[match["whole"].lower()]
    sign, length = comparator(sentence[max(0, match.start() - _LOOK_BACK) : match.start()])
    start = match.start() - length
    low, high = interval(sign, value, value, 0.5)
    rounding = ABOUT * value if "~" in sign else 0.5
    text = sentence[start : match.end()]
    return Quantity(text, start, match.end(), value, low, high, rounding, "percent")


def _vague(sentence: str, match: re.Match[str]) -> Quantity | None:
    """ "dozens", "hundreds of thousands": from the named power upwards, tenfold or more."""
    single = (match["outer"] or match["big"]).lower()
    low = {"tens": 10.0, "scores": 40.0}.get(single) or SCALES[single.removesuffix("s")]
    if match["inner"]:
        low *= SCALES[match["inner"].lower().removesuffix("s")]
    elif single in ("tens", "scores"):
        return None
    high = low * (10 if match["inner"] or single in ("dozens", "hundreds") else 100)
    of = re.match(r" of ", sentence[match.end() :])
    end = match.end()
    unit = _AFTER_UNIT.match(sentence, end + of.end() - 1) if of else None
    if unit:
        dimension, factor = UNITS[unit["unit"]]
        text = sentence[match.start() : unit.end("unit")]
        rounding = (high - low) / 2 * factor
        middle = (low + high) / 2 * factor
        return Quantity(text, match.start(), end, middle, low * factor, high * factor, rounding, dimension)
    noun, noun_end = _noun(sentence, end)
    text = sentence[match.start() : noun_end]
    middle, rounding = (low + high) / 2, (high - low) / 2
    return Quantity(text, match.start(), end, middle, low, high, rounding, "count", noun)


def _is_score(sentence: str, match: re.Match[str]) -> bool:
    """Whether "3-1" is a result: it falls, or a verb of playing stands in the sentence and no noun after."""
    first, second = int(match[1]), int(match[2])
    if len(match[1]) + len(match[2]) > 5 or re.match(
        r" (?:percent|%|million|people|[a-z]+s\b)", sentence[match.end() :]
    ):
        return False
    return first >= second or bool(_SCORE_CUES.search(sentence[: match.start()]))


def _score(match: re.Match[str]) -> Quantity:
    """Both numbers as one value, the larger first: who won is told by the verb."""
    first, second = sorted((int(match[1]), int(match[2])), reverse=True)
    value = first * 1000.0 + second
    return Quantity(match[0], match.start(), match.end(), value, value - 0.1, value + 0.1, 0.1, "score")
