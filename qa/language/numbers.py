"""Numbers as digits or words, how exactly they are stated, and the comparators around them.

A comparator is one of "", "~" (about), "~<" (nearly), "~>" (just over), ">", ">=", "<", "<=".
"""

import re

from qa.language.units import CURRENCY_SIGNS, NUMBER_WORDS, SCALES, SHORT_SCALES

# How far a number marked "about" may be off. Source: own choice; "about 10" covers 9 to 11.
ABOUT = 0.10
# A round number is exact to half its last stated place, but never taken as rougher than this share.
_ROUGHEST = 0.10

DIGITS = r"(?:\d{1,3}(?:,\d{2,3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_SMALL = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_BIG = "hundred|thousand|million|billion|trillion"
WORDS = (
    rf"(?:half an?(?= (?:{_BIG}|dozen))|an?(?= (?:{_BIG}|dozen)\b)|(?:{_SMALL})\b)"
    rf"(?:[ -](?:{_BIG})(?: and(?= (?:{_SMALL})\b))?|[ -](?:{_SMALL})\b)*(?: and a half)?"
)
SCALE = rf"(?:[ -]?(?:{'|'.join(SCALES)})\b| ?(?:bn|mn|mln|mio|tn|trn)\b|(?:k|m|M|B|b)\b)"
SIGN = "|".join(re.escape(sign) for sign in sorted(CURRENCY_SIGNS, key=len, reverse=True))
_SECOND = re.compile(
    rf"(?P<dash> ?[-–] ?| to | and | or )(?:{SIGN})?(?P<number>{DIGITS}|(?:{_SMALL})\b)(?P<scale>{SCALE})?"
)
_COMPARATORS: tuple[tuple[str, str], ...] = (
    (
        "<=",
        r"no more than|not more than|at most|up to|as much as|as many as|a maximum of|no larger than|maximum",
    ),
    (">=", r"no (?:less|fewer) than|not (?:less|fewer) than|at least|a minimum of|as few as|minimum"),
    (
        "~<",
        r"just under|slightly (?:less|under|below|fewer)(?: than)?|nearly|almost|close to|"
        r"approach(?:es|ed|ing)?",
    ),
    ("~>", r"just over|slightly (?:more|over|above)(?: than)?|a little over"),
    (
        ">",
        r"(?:well |far |much )?(?:more than|over|above|greater than|in excess of|upwards of|north of|beyond|"
        r"exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|topp(?:ed|ing)|tops|larger than|higher than)",
    ),
    ("<", r"(?:well |far |much )?(?:less than|fewer than|under|below|lower than|smaller than)"),
    (
        "~",
        r"about|around|approximately|approx\.?|roughly|some|circa|ca?\.|~|≈|an estimated|estimated(?: at)?|"
        r"in the region of|in the order of",
    ),
)
_BEFORE = tuple(
    (sign, re.compile(rf"(?:(?<=\W)|^)(?:{words})(?: (?:an?|the|about|around))? ?$", re.I))
    for sign, words in _COMPARATORS
)


def parse(text: str) -> float:
    """The number that digits or words state, without a scale after them."""
    if text[0].isdigit():
        return float(text.replace(",", ""))
    total, current = 0.0, 0.0
    for word in re.split(r"[ -]", text.lower()):
        if word in NUMBER_WORDS:
            current += NUMBER_WORDS[word]
        elif word == "half":
            current += 0.5
        elif word in ("a", "an") and not current and not total:
            current = 1.0
        elif word == "hundred":
            current = max(current, 1.0) * 100
        elif word in SCALES:
            total, current = (
                total + max(current, 1.0) * SCALES[word] if current != 0.5 else 0.5 * SCALES[word],
                0.0,
            )
    return total + current


def scale_of(text: str | None) -> float:
    word = (text or "").strip(" -")
    return SCALES.get(word.lower(), SHORT_SCALES.get(word, 1.0))


def half_place(number: str, scale: float) -> float:
    """How far a stated number may be off: half of its last stated place, see `_ROUGHEST`."""
    value = abs(parse(number)) * scale
    if not number[0].isdigit() and re.search(_BIG, number, re.I):
        return _ROUGHEST / 2 * value
    if "." in number:
        return 0.5 * float(10 ** -len(number.split(".")[1])) * scale
    digits = number.replace(",", "")
    zeros = len(digits) - len(digits.rstrip("0")) if digits.isdigit() and len(digits) > 2 else 0
    half = 0.5 * float(10**zeros) * scale
    if zeros:
        return max(min(half, _ROUGHEST / 2 * value), 0.5)
    return min(half, _ROUGHEST * value) if scale > 1 else half


def upper_end(sentence: str, start: int, end: int, first: float) -> re.Match[str] | None:
    """The upper end of a range that begins at `start`, if the text is one: "5-7", "between 5 and 7"."""
    match = _SECOND.match(sentence, end)
    if not match or parse(match["number"]) * scale_of(match["scale"]) <= first:
        return None
    before, dash = sentence[max(0, start - 20) : start], match["dash"].strip()
    if dash == "and" and not re.search(r"\bbetween (?:about |roughly |around )?$", before, re.I):
        return None
    return None if dash == "to" and re.search(r"\bfrom (?:about )?$", before, re.I) else match


def comparator(before: str) -> tuple[str, int]:
    """The comparator that ends `before`, "" for none, and the length of its phrase."""
    for sign, pattern in _BEFORE:
        match = pattern.search(before)
        if match:
            return sign, len(before) - match.start()
    return "", 0


def interval(sign: str, value: float, top: float, half: float) -> tuple[float, float]:
    low, high = value - half, top + half
    about = ABOUT * abs(value)
    return {
        "~": (min(low, value - about), max(high, top + about)),
        "~<": (min(low, value - about), high),
        "~>": (low, max(high, top + about)),
        ">": (value, float("inf")),
        ">=": (low, float("inf")),
        "<": (float("-inf"), top),
        "<=": (float("-inf"), high),
    }.get(sign, (low, high))
