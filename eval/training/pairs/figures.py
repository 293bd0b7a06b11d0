"""Figures and dates in a sentence: where they stand, and what else says the same, less, or something else."""

import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from eval.training.data.unanswerable import NUMBER_WORDS, bump, put

MONTH_NAMES = "January February March April May June July August September October November December".split()
_MONTH = "|".join(MONTH_NAMES)

_FIGURE = re.compile(
    r"(?<![\w.,$€£/–-])(?P<currency>[$€£] ?)?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?P<fraction>\.\d+)?"
    r"(?P<after> ?%| percent| (?:thousand|million|billion|trillion))?(?!\w|[.,]\d|[/–-])"
)
# A figure after one of these is a bound or an estimate, one end of a range, or a name.
_BOUND = re.compile(
    r"\b(?:about|around|over|under|than|least|most|nearly|almost|some|to|from|between|approximately|roughly"
    r"|circa|exceed(?:s|ed|ing)?|reach(?:es|ed|ing)?|as|below|above|within|until|up|and|or|by|number|no|chapter|section|article|version|page|top"
    r"|aged?|first|last|every|per|only|further|additional|another|extra)\.? (?:the |a |an )?$|[(+±~<>=–-] ?$",
    re.IGNORECASE,
)
_DETERMINED = re.compile(r"\b(?:all|both|other|the|these|those|this|its|their|his|her|a|an) $", re.IGNORECASE)
_NAME_BEFORE = re.compile(r"[A-Z]\w*,? $")
_NOUN_AFTER = re.compile(
    r" (?!(?:in|to|and|or|of|by|at|on|for|with|from|was|were|is|are|the|a|an|when|while|after|before|until|as"
    r"|that|which|who|but|x|times|per|more|less|fewer|other|\w+ing|\w+ed)\b)[a-z]{3,}"
)
_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_WORD_NUMBER = re.compile(rf"(?<![\w-])(?:{'|'.join(NUMBER_WORDS)})(?= [a-z]{{3,}}s\b)")

# Things that happen once: another date, or another doer, contradicts.
_ONCE = re.compile(
    r"\b(?:was|were) (?:\w+ly )?(?:born|founded|established|opened|built|completed|released|published"
    r"|discovered|invented|launched|formed|created|signed|adopted|abolished|destroyed|conquered|assassinated|executed|crowned"
    r"|introduced|inaugurated|dissolved|demolished|annexed|incorporated|constructed|designed|written|composed"
    r"|killed|ratified|passed|granted|erected|finished|commissioned|premiered)\b|\b(?:died|married)\b"
)
_YEAR = re.compile(r"\b[Ii]n (?P<year>1[0-9]\d\d|20[0-2]\d)(?=[ ,.;])(?! (?:to|and|or|until|–|-))")
_DAY = re.compile(
    rf"(?P<on>\b[Oo]n )?(?:(?P<day>\d{{1,2}}) (?P<month>{_MONTH})|(?P<month2>{_MONTH}) (?P<day2>\d{{1,2}}))"
    r",? (?P<year>1[0-9]\d\d|20[0-2]\d)(?![\d–-])(?! ?[–-])"
)
_RANGE_BEFORE = re.compile(
    r"\b(?:since|until|from|to|by|before|after|between|and|till|of|the|through)\s$|[(–-] ?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that counts or measures, at characters `start` to `end`; `value` is without its scale."""

    start: int
    end: int
    currency: str
    digits: str
    after: str
    value: float

    def write(self, value: float) -> str:
        """Another value in the same manner."""
        whole = f"{value:,.0f}" if "," in self.digits or value >= 10_000 else f"{value:.0f}"
        text = whole if value == int(value) else f"{value:g}"
        return f"{self.currency}{text}{self.after}"


def figures(sentence: str) -> list[Figure]:
    """The figures that a sentence gives as exact."""
    found = []
    for match in _FIGURE.finditer(sentence):
        before, rest = sentence[: match.start()], sentence[match.end() :]
        counted = match["currency"] or match["after"]
        if not counted and re.search(r"\b[Ii]n $", before):  # a year long ago
            continue
        if _BOUND.search(before) or (not counted and not _NOUN_AFTER.match(rest)):
            continue
        if re.match(r" (?:or|to|and|-|–|[(])", rest) or _NAME_BEFORE.search(before):
            continue
        year = re.fullmatch(r"1[0-9]\d\d|20\d\d", match["whole"]) and not match["fraction"]
        if year and not counted:
            continue
        digits = match["whole"] + (match["fraction"] or "")
        value = float(digits.replace(",", ""))
        found.append(
            Figure(match.start(), match.end(), match["currency"] or "", digits, match["after"] or "", value)
        )
    return found


def other_figure(sentence: str, near: Sequence[str], draw: random.Random) -> str | None:
    """The sentence with one figure exchanged: for another of its context, or one much like it."""
    found = figures(sentence)
    if not found:
        return _other_word(sentence, draw)
    chosen = draw.choice(found)
    others = [
        one
        for text in near
        for one in figures(text)
        if one.after == chosen.after and one.digits != chosen.digits and one.digits not in sentence
    ]
    borrowed = others and draw.random() < 0.5
    digits = draw.choice(others).digits if borrowed else bump(chosen.digits, draw)
    if float(digits.replace(",", "")) in (chosen.value, 0.0):
        return None
    return put(sentence, (chosen.start, chosen.end), f"{chosen.currency}{digits}{chosen.after}")


def _other_word(sentence: str, draw: random.Random) -> str | None:
    found = [one for one in _WORD_NUMBER.finditer(sentence) if not _BOUND.search(sentence[: one.start()])]
    if not found:
        return None
    chosen = draw.choice(found)
    return put(sentence, chosen.span(), draw.choice([one for one in NUMBER_WORDS if one != chosen[0]]))


def bound(sentence: str, draw: random.Random) -> tuple[str, str] | None:
    """The sentence with a bound or an estimate for a figure: one that follows, and one that cannot hold."""
    found = [
        one
        for one in figures(sentence)
        if (one.value >= 20 or (one.after and one.value >= 3))
        and not _DETERMINED.search(sentence[: one.start])
    ]
    if not found:
        return None
    chosen = draw.choice(found)
    below, above = _round_numbers(chosen.value)
    near = _significant(chosen.value, 2)
    estimate = abs(near - chosen.value) / chosen.value <= 0.03 and near != chosen.value
    more, less = draw.choice(("more than", "over")), draw.choice(("less than", "under"))
    right = [f"{more} {chosen.write(below)}", f"{less} {chosen.write(above)}"]
    if estimate:
        right += [f"{draw.choice(('about', 'around', 'roughly'))} {chosen.write(near)}"] * 2
    wrong = [f"{more} {chosen.write(above)}", f"{less} {chosen.write(below)}"]
    wrong.append(f"{draw.choice(('about', 'around'))} {chosen.write(_far(chosen.value, draw))}")
    place = (chosen.start, chosen.end)
    return _capitalise(put(sentence, place, draw.choice(right))), _capitalise(
        put(sentence, place, draw.choice(wrong))
    )


def _capitalise(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _significant(value: float, digits: int) -> float:
    size = 10.0 ** (math.floor(math.log10(value)) - digits + 1)
    return round(round(value / size) * size, 6)


def _round_numbers(value: float) -> tuple[float, float]:
    """A round number below and one above."""
    size = 10.0 ** math.floor(math.log10(value))
    if value < 2 * size:
        size /= 10
    below = math.ceil(value / size - 1e-9) - 1
    return round(below * size, 6), round((math.floor(value / size + 1e-9) + 1) * size, 6)


def _far(value: float, draw: random.Random) -> float:
    return _significant(value * draw.choice((0.3, 0.5, 0.6, 1.6, 2.0, 3.0)), 2)


def respelt(sentence: str, draw: random.Random) -> str | None:
    """The sentence with a figure's unit written otherwise: "$5 billion", "5 billion dollars"."""
    changed = []
    for one in figures(sentence):
        scale = one.after.strip()
        text = f"{one.digits}{one.after}"
        if one.currency.strip() == "$":
            changed.append((one, f"{text} dollars"))
        if scale in ("%", "percent"):
            other = " percent" if scale == "%" else "%"
            changed.append((one, f"{one.currency}{one.digits}{other}"))
        if scale in _SCALES and scale != "trillion":
            full = one.value * _SCALES[scale]
            if full == int(full):
                changed.append((one, f"{one.currency}{full:,.0f}"))
        if "," in one.digits and not one.after and one.value >= 1e6 and one.value % 1e4 == 0:
            changed.append((one, f"{one.currency}{one.value / 1e6:g} million"))
    if not changed:
        return None
    figure, text = draw.choice(changed)
    return put(sentence, (figure.start, figure.end), text)


def other_year(sentence: str, near: Sequence[str], draw: random.Random) -> str | None:
    """The sentence, of what happens once, with another year."""
    found = list(_YEAR.finditer(sentence))
    if len(found) != 1 or not _ONCE.search(sentence):
        return None
    year = found[0]["year"]
    others = sorted({one["year"] for text in near for one in _YEAR.finditer(text)} - {year})
    moved = str(int(year) + draw.choice((-1, 1)) * draw.choice((1, 2, 3, 5, 10, draw.randint(4, 60))))
    chosen = draw.choice(others) if others and draw.random() < 0.5 else moved
    return put(sentence, found[0].span("year"), chosen)


def coarser(sentence: str, draw: random.Random) -> tuple[str, str] | None:
    """A day given as its month or year, and the same with another month or year, which cannot hold."""
    found = [one for one in _DAY.finditer(sentence) if not _RANGE_BEFORE.search(sentence[: one.start()])]
    if len(found) != 1:
        return None
    day = found[0]
    month, year = day["month"] or day["month2"], int(day["year"])
    opening = "In" if (day["on"] or "").startswith("O") else "in"
    other_month = draw.choice([one for one in MONTH_NAMES if one != month])
    other = year + draw.choice((-10, -4, -3, -2, -1, 1, 2, 3, 4, 10))
    right = draw.choice((f"{opening} {month} {year}", f"{opening} {year}", f"{opening} {month} {year}"))
    wrong = draw.choice((f"{other_month} {year}", f"{other}", f"{month} {other}"))
    return put(sentence, day.span(), right), put(sentence, day.span(), f"{opening} {wrong}")


def once(sentence: str) -> bool:
    """Whether it tells of what happens once."""
    return bool(_ONCE.search(sentence))
