"""Whether two facts cannot both hold, though nobody asked: stricter gates than for answers to one question.

Answers to a question are of one thing because the question is. Here nothing says so but the two clauses: they
must name the same, share nearly all other words, and differ in one value. What cannot be told is no conflict.
"""

import datetime
import re
from dataclasses import dataclass

from qa.language.certainty import clash, verb_phrase
from qa.language.claims import Claim, Name
from qa.language.clauses import governor
from qa.language.dates import Period
from qa.language.dates import agree as dates_agree
from qa.language.quantities import Quantity, same_value
from qa.language.quantities import agree as quantities_agree
from qa.language.quantities import comparable as quantities_comparable
from qa.language.relation import key
from qa.records import ConflictKind
from qa.survey.facts import Fact, day_of
from qa.survey.same_thing import (
    ONCE,
    alike,
    may_be_of_one_time,
    met,
    narrowed,
    same_names,
    times_agree,
    unclear,
)

# The least share of the longer clause's words that the other must hold. Source: own choice; candidates are
# sought with it, so that none that could pass is missed.
LEAST_SHARED = 0.6
_SHORTER_SHARED = 0.75


# How much a kind of rule is to be trusted. Source: own choice, not calibrated on labelled pairs.
_TRUST: dict[ConflictKind, float] = {
    "number": 0.9, "date": 0.85, "polarity": 0.8, "name": 0.7, "certainty": 0.65,
}  # fmt: skip

# Below it a judge does not see a contradiction; what is done and what is only planned are none to it, so it
# is not asked. Source: own choice.
_LEAST: dict[ConflictKind, float] = {
    "number": 0.5, "date": 0.5, "polarity": 0.5, "name": 0.5, "certainty": 0.0,
}  # fmt: skip

# What one name alone can have done, or be, once the rest of the clause is the same.
_BY_ONE = frozenset(
    key(word)
    for word in """found founded invent invented discover discovered design designed win won write wrote
    written direct directed paint painted compose composed succeed succeeded replace replaced capital
    chief executive chairman president minister mayor headquarters headquartered located born""".split()
)
_HEDGES = ("planned", "considered", "unconfirmed", "denied")
# A value holds at the day that the article was published, and for so long around it.
_HOLDS_DAYS = 366
_TOLD_WITHIN_DAYS = 120


Value = Quantity | Period | str


@dataclass(frozen=True, slots=True)
class Difference:
    """In what two facts differ, and how much to trust that they cannot both hold.

    `least`: what a judge must at least give for a contradiction, 0 where it is not asked.
    """

    kind: ConflictKind
    words: tuple[str, str]
    values: tuple[Value, Value]
    score: float
    least: float = 0.0


# Kind, words and values of a difference, before it is told how much to trust it.
Found = tuple[ConflictKind, tuple[str, str], tuple[Value, Value]]


def differ(one: Fact, other: Fact) -> Difference | None:
    """What two facts disagree in; None where they agree, or speak of different things, or it is unclear."""
    longer, shorter = sorted((len(one.keys), len(other.keys)), reverse=True)
    shared = len(one.keys & other.keys)
    much = not unclear(one, other) and shared >= max(1, LEAST_SHARED * longer, _SHORTER_SHARED * shorter)
    if not much or one.claim.text == other.claim.text or not may_be_of_one_time(one, other):
        return None
    if not same_names(one, other):
        return _names(one, other) if one.keys == other.keys else None
    if narrowed(one, other) or narrowed(other, one) or not alike(one, other):
        return None
    for rule in (_numbers, _dates, _polarity, _certainty):
        found = rule(one, other)
        if found is not None:
            kind, words, values = found
            score = round(_TRUST[kind] * (0.5 + 0.5 * shared / longer), 4)
            return Difference(kind, words, values, score, _LEAST[kind])
    return None


def same(one: Value, other: Value) -> bool:
    """Whether two values of a difference are one, however they are worded and rounded."""
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return same_value(one, other)
    if isinstance(one, Period) and isinstance(other, Period):
        return dates_agree(one, other)
    return one == other


def timely(
    kind: ConflictKind, one: Fact, published: str | None, other: Fact, other_published: str | None
) -> bool:
    """Whether articles of these dates can dispute it: not a year apart, nor first the plan, then the deed."""
    first, second = day_of(published), day_of(other_published)
    if kind == "date":
        return True
    if kind == "certainty":
        hedged = one if one.certainty.level in _HEDGES else other
        of_hedge, of_deed = (first, second) if hedged is one else (second, first)
        natural = hedged.certainty.level in ("planned", "considered")
        if natural and (of_hedge is None or of_deed is None):
            return hedged.certainty.level != "planned"
        return not (natural and of_hedge and of_deed and of_hedge < of_deed)
    mine, theirs = one.dates, other.dates
    if mine and theirs:
        return True
    if mine or theirs:
        day = second if mine else first
        return day is not None and all(_just_before(period, day) for period in (*mine, *theirs))
    return first is None or second is None or abs((first - second).days) <= _HOLDS_DAYS


def _just_before(period: Period, day: datetime.date) -> bool:
    """Whether an article of that day that gives no date can be telling of the period."""
    if period.first is None or period.last is None or period.yearless:
        return False
    told_within = datetime.timedelta(days=_TOLD_WITHIN_DAYS)
    return period.days <= _HOLDS_DAYS and period.first <= day <= period.last + told_within


def _numbers(one: Fact, other: Fact) -> Found | None:
    if one.certainty.negated or other.certainty.negated or not one.tense or one.tense != other.tense:
        return None
    if not times_agree(one, other):
        return None
    for mine in one.quantities:
        for theirs in other.quantities:
            if not _of_one_kind(mine, theirs):
                continue
            alone = sum(_of_one_kind(mine, met) for met in one.quantities) == 1
            alone &= sum(_of_one_kind(theirs, met) for met in other.quantities) == 1
            verbs = governor(one.claim, mine), governor(other.claim, theirs)
            other_act = all(verbs) and verbs[0] != verbs[1]
            if not alone or other_act or _meets(mine, other.claim) or _meets(theirs, one.claim):
                continue
            if not quantities_agree(mine, theirs) and not same_value(mine, theirs):
                return ("number", (mine.text, theirs.text), (mine, theirs))
    return None


def _of_one_kind(one: Quantity, other: Quantity) -> bool:
    counted = {one.dimension, other.dimension} <= {"count", "people"}
    return quantities_comparable(one, other) and (not counted or one.noun == other.noun)


def _meets(value: Quantity, claim: Claim) -> bool:
    """Whether the claim gives any amount that agrees: then the other may be of something else."""
    return any(quantities_agree(value, met) for met in claim.quantities if quantities_comparable(value, met))


def _dates(one: Fact, other: Fact) -> Found | None:
    if _has_amounts(one, other) or one.certainty.negated or other.certainty.negated:
        return None
    mine = [day for day in one.dates if day.resolved]
    theirs = [day for day in other.dates if day.resolved]
    if len(mine) != 1 or len(theirs) != 1 or not one.tense or one.tense != other.tense:
        return None
    if not one.keys & other.keys & ONCE or dates_agree(mine[0], theirs[0]):
        return None
    if any(dates_agree(mine[0], day) for day in other.claim.dates if day.resolved):
        return None
    if any(dates_agree(theirs[0], day) for day in one.claim.dates if day.resolved):
        return None
    return ("date", (mine[0].text, theirs[0].text), (mine[0], theirs[0]))


def _has_amounts(one: Fact, other: Fact) -> bool:
    return bool(one.quantities or other.quantities)


def _polarity(one: Fact, other: Fact) -> Found | None:
    """One denies the other's verb: the same words but for "not"."""
    levels = {one.certainty.level, other.certainty.level}
    if (
        one.certainty.negated == other.certainty.negated
        or not levels <= {"fact", "future"}
        or len(levels) > 1
    ):
        return None
    if _has_amounts(one, other) or one.keys != other.keys or not times_agree(one, other):
        return None
    values = str(one.certainty.negated), str(other.certainty.negated)
    return ("polarity", (quoted(one), quoted(other)), values)


def _certainty(one: Fact, other: Fact) -> Found | None:
    """One asserts what the other only plans, weighs, cannot confirm or denies."""
    worded = min(len(fact.text.split()) for fact in (one, other)) >= 4
    if not worded or not clash(one.certainty, other.certainty) or not times_agree(one, other):
        return None
    hedged = {one.certainty.level, other.certainty.level} & {"denied", "unconfirmed"}
    named = len(set(one.names) & set(other.names)) >= 2
    if _has_amounts(one, other) or len(one.keys & other.keys) + (hedged != set() or named) < 2:
        return None
    values = one.certainty.level, other.certainty.level
    return ("certainty", (quoted(one), quoted(other)), values)


def _names(one: Fact, other: Fact) -> Difference | None:
    """The same clause but for one name, of what only one can be."""
    mine = [name for name in one.names if not met(name, other.said)]
    theirs = [name for name in other.names if not met(name, one.said)]
    if len(mine) != 1 or len(theirs) != 1 or not one.keys & _BY_ONE or len(one.keys) < 2:
        return None
    if not any(met(name, other.names) for name in one.names) or len(one.names) != len(other.names):
        return None
    if one.names.index(mine[0]) != other.names.index(theirs[0]) or _has_amounts(one, other):
        return None
    if one.certainty.level != "fact" or other.certainty.level != "fact" or not times_agree(one, other):
        return None
    if one.certainty.negated or other.certainty.negated or re.search(r"\band\b|,", one.text + other.text):
        return None
    words = _spelt(mine[0], one.claim.text), _spelt(theirs[0], other.claim.text)
    values = " ".join(sorted(mine[0])), " ".join(sorted(theirs[0]))
    return Difference("name", words, values, _TRUST["name"], _LEAST["name"])


def _spelt(name: Name, text: str) -> str:
    """A name as the text writes it, in its order."""
    found = [word for word in re.findall(r"[\w&.'-]+", text) if word.removesuffix("'s").lower() in name]
    return " ".join(dict.fromkeys(word.removesuffix("'s") for word in found)) or " ".join(sorted(name))


def quoted(fact: Fact) -> str:
    """The words that set a fact apart, in quotation marks: its hedge, else its verb or the clause."""
    cue = fact.certainty.cue or (not fact.certainty.negated and verb_phrase(fact.text))
    return f"“{cue}”" if cue else in_full(fact)


def in_full(fact: Fact) -> str:
    """The clause in quotation marks, shortened where it is long."""
    return f"“{fact.text if len(fact.text) <= 70 else fact.text[:69].rsplit(' ', 1)[0] + ' …'}”"
