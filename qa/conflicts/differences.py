"""Whether two answers hold one value, after units, rounding and intervals of dates: arithmetic alone."""

from dataclasses import dataclass
from typing import Literal

from index.clean import normalise
from qa.language.claims import names_match, read_names
from qa.language.dates import Period, read_periods
from qa.language.dates import agree as dates_agree
from qa.language.quantities import Quantity, comparable, read_quantities, same_value
from qa.language.quantities import agree as quantities_agree
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
    names = [read_names(f"by {text}") for text in (mine, theirs)]  # no word opens a sentence
    equal = [len(found) for found in names] == [1, 1] and names_match(names[0][0], names[1][0])
    return Difference("equal", "name") if equal else UNKNOWN


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
