"""Whether two answers hold one value, after units, rounding and intervals of dates: arithmetic alone."""

from dataclasses import dataclass
from typing import Literal

from index.text.clean import normalise
from qa.language.dates import Period, read_periods
from qa.language.dates import agree as dates_agree
from qa.language.quantities import Quantity, comparable, read_quantities, same_value
from qa.language.quantities import agree as quantities_agree
from qa.language.terms import FUNCTION_WORDS
from qa.records import Citation

_LONGEST = 160  # characters of an answer that is one value


@dataclass(frozen=True, slots=True)
class Difference:
    """`verdict` is "unknown" where not both answers are one value of the same sort; then `kind` is None."""

    verdict: Literal["equal", "different", "unknown"]
    kind: Literal["number", "date", "name"] | None = None


UNKNOWN = Difference("unknown")


def difference(one: Citation, other: Citation) -> Difference:
    """What the values of two short answers are to each other; whole sentences are never compared so."""
    mine, theirs = normalise(one.quote), normalise(other.quote)
    if " ".join(mine.lower().split()) == " ".join(theirs.lower().split()):
        return Difference("equal")
    if one.quote == one.sentence or other.quote == other.sentence or max(len(mine), len(theirs)) > _LONGEST:
        return UNKNOWN
    dates = [read_periods(text, published=by.published) for text, by in ((mine, one), (theirs, other))]
    if any(dates):
        return _dates(dates[0][0], dates[1][0]) if [len(found) for found in dates] == [1, 1] else UNKNOWN
    amounts = [read_quantities(text) for text in (mine, theirs)]
    if any(amounts):
        alone = [len(found) for found in amounts] == [1, 1]
        return _numbers(amounts[0][0], amounts[1][0]) if alone else UNKNOWN
    one_name, other_name = _name(mine), _name(theirs)
    equal = one_name and other_name and (one_name <= other_name or other_name <= one_name)
    return Difference("equal", "name") if equal else UNKNOWN


def _name(text: str) -> frozenset[str]:
    """The words of an answer that is one name and no more: "the Samsung Electronics"; none of another."""
    words = [word for word in text.replace("'s", "").split() if word.lower() not in FUNCTION_WORDS]
    return frozenset(words) if all(word[0].isupper() for word in words) else frozenset()


def _dates(one: Period, other: Period) -> Difference:
    if not (one.resolved and other.resolved):
        return UNKNOWN
    return Difference("unknown" if dates_agree(one, other) else "different", "date")


def _numbers(one: Quantity, other: Quantity) -> Difference:
    if not comparable(one, other):
        return UNKNOWN
    if same_value(one, other):
        return Difference("equal", "number")
    return Difference("unknown" if quantities_agree(one, other) else "different", "number")


def differing_values(one: Citation, other: Citation) -> tuple[str, str] | None:
    """The two amounts or dates in which two sentences differ; None where it is not one of each.

    Values that both hold are left aside. It says in what two statements differ that are known to.
    """
    texts = normalise(one.sentence), normalise(other.sentence)
    dates = [read_periods(text, published=by.published) for text, by in zip(texts, (one, other), strict=True)]
    mine, theirs = (
        read_quantities(text, [(date.start, date.end) for date in found])
        for text, found in zip(texts, dates, strict=True)
    )
    amounts = [(a, b) for a in mine for b in theirs if comparable(a, b) and not quantities_agree(a, b)]
    if len(amounts) == 1:
        return amounts[0][0].text, amounts[0][1].text
    if not amounts and [len(found) for found in dates] == [1, 1]:
        (first,), (second,) = dates
        if first.resolved and second.resolved and not dates_agree(first, second):
            return first.text, second.text
    return None
