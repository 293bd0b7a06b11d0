"""Whether two facts of one story cannot both hold: the typed rules, for statements in other words.

That both tell of one story stands for much of what facts of a whole library must share to be held against
each other. Each rule still asks for the words that say what is counted, dated, done or denied.
"""

import datetime
import re

from qa.language.claims import Claim
from qa.language.clauses import governor
from qa.language.dates import Period
from qa.language.dates import agree as dates_agree
from qa.language.quantities import Quantity, counted, same_value
from qa.language.quantities import agree as quantities_agree
from qa.language.quantities import comparable as quantities_comparable
from qa.language.relation import key
from qa.records import ConflictKind
from qa.survey.one_story import contrasted, elsewhere, narrows, one_subject, one_time, shared_words
from qa.survey.retold_acts import compare_certainty, compare_polarity, compare_reached
from qa.survey.same_thing import ONCE
from qa.survey.story_facts import StoryFact
from qa.survey.unasked import Difference, Found, timely

# As in `qa.survey.unasked`, less: what is told in other words may be of something else. Source: own choice.
_TRUST: dict[ConflictKind, float] = {
    "number": 0.8, "date": 0.75, "polarity": 0.75, "name": 0.65, "certainty": 0.65,
}  # fmt: skip
# Of what is told in other words the model seldom sees that it is contrary. It is asked only to throw out what
# it is sure is none. Source: on the open half of the news set false alarms of earlier rules had 0.02 at most,
# true ones 0.06 and more.
_LEAST_PROBABILITY = 0.04
# The least share of the shorter clause's words that the other sentence must hold.
_LEAST_SHARED = 0.4


def retold(one: StoryFact, other: StoryFact) -> Difference | None:
    """What two facts of two articles of one story disagree in; None where it is nothing, or unclear."""
    shared = shared_words(one, other)
    if not shared or one.claim.text == other.claim.text or not one_subject(one, other):
        return None
    if contrasted(one, other):
        return None
    others = (_numbers, compare_polarity, compare_reached, compare_certainty) if one_time(one, other) else ()
    for rule in (_dates, *others):
        found = rule(one, other)
        if found is not None:
            kind, words, values = found
            if rule is not compare_reached and not timely(
                kind, one.fact, one.scene.published, other.fact, other.scene.published
            ):
                return None
            part = len(shared) / max(1, min(len(one.fact.keys), len(other.fact.keys)))
            score = round(_TRUST[kind] * (0.5 + 0.5 * min(1.0, part)), 4)
            least = (
                0.0 if rule is compare_reached else _LEAST_PROBABILITY
            )  # the model sees one amount in both
            return Difference(kind, words, values, score, least)
    return None


def _alike(one: StoryFact, other: StoryFact, shared: frozenset[str]) -> bool:
    """Whether the clauses share enough, and neither is narrower than the other."""
    least = min(len(one.fact.keys), len(other.fact.keys))
    return len(shared) >= _LEAST_SHARED * least and not narrows(one, other) and not narrows(other, one)


def _told(one: StoryFact, other: StoryFact) -> bool:
    """Whether both say what is or was, or both what is to be, and neither denies it."""
    mine, theirs = one.fact, other.fact
    return (
        bool(mine.tense)
        and mine.tense == theirs.tense
        and not (mine.certainty.negated or theirs.certainty.negated)
    )


def _numbers(one: StoryFact, other: StoryFact) -> Found | None:
    shared = one.fact.keys & other.fact.keys
    if not _told(one, other) or elsewhere(one) or elsewhere(other):
        return None
    for mine in one.fact.quantities:
        for theirs in other.fact.quantities:
            if not _of_one_kind(mine, theirs) or mine.role != theirs.role:
                continue
            alone = not any(_of_one_kind(mine, met) for met in one.fact.quantities if met is not mine)
            alone &= not any(_of_one_kind(theirs, met) for met in other.fact.quantities if met is not theirs)
            verbs = governor(one.claim, mine), governor(other.claim, theirs)
            other_act = all(verbs) and verbs[0] != verbs[1]
            if not alone or other_act or _meets(mine, other.claim) or _meets(theirs, one.claim):
                continue
            anchors = shared - {mine.noun, theirs.noun, "peopl"}
            of_number = {mine.dimension, theirs.dimension} <= {"count", "people"}
            if of_number and _states(one) != _states(other):
                continue
            if not (mine.noun and theirs.noun) and of_number and not _states(one):
                continue  # "three" of whom?
            if len(anchors) < (1 if of_number else 2) or not _alike(one, other, shared):
                continue
            if not quantities_agree(mine, theirs) and not same_value(mine, theirs):
                return "number", (mine.text, theirs.text), (mine, theirs)
    return None


# What befalls those who are counted: those who died are not those who fell ill.
_STATES = frozenset(
    key(word)
    for word in """killed injured missing arrested charged ill sick infected hospitalised hospitalized rescued
    evacuated displaced homeless stranded confirmed suspected tested vaccinated recovered sold built
    ordered delivered recalled sent""".split()
)


def _states(fact: StoryFact) -> frozenset[str]:
    return _STATES & {word.key for word in fact.claim.words if word.clause == fact.fact.clause}


# Words for people that may count the same ones.
_PEOPLE = frozenset(counted(word) for word in "passengers residents patients workers".split())


def _of_one_kind(one: Quantity, other: Quantity) -> bool:
    """Counts of one noun, people, or of one dimension; "three" and "nine passengers" may be people too."""
    if {one.dimension, other.dimension} == {"count", "people"}:
        return {one.noun, other.noun} <= {"", *_PEOPLE}
    if one.dimension == other.dimension == "count":
        return one.noun == other.noun != ""
    return quantities_comparable(one, other)


def _meets(value: Quantity, claim: Claim) -> bool:
    """Whether the claim gives any amount that agrees, of whatever is counted."""
    counts = {"count", "people"}
    return any(
        quantities_agree(value, met)
        for met in claim.quantities
        if quantities_comparable(value, met) or {value.dimension, met.dimension} <= counts
    )


# Words that put a thing first or last of its kind, so that it has one date.
_RANKS = tuple(
    frozenset(key(word) for word in words.split()) for words in ("first earliest", "last latest most-recent")
)


def _dates(one: StoryFact, other: StoryFact) -> Found | None:
    shared = one.fact.keys & other.fact.keys
    denied = one.fact.certainty.negated or other.fact.certainty.negated
    if denied or not one.fact.tense or not other.fact.tense or len(shared) < 2:
        return None
    mine, theirs = ([day for day in fact.fact.dates if day.resolved] for fact in (one, other))
    if len(mine) != 1 or len(theirs) != 1 or not _apart(one, mine[0], other, theirs[0], shared):
        return None
    told = any(
        dates_agree(mine[0], day) for day in other.claim.dates if day.resolved and day is not theirs[0]
    )
    told |= any(dates_agree(theirs[0], day) for day in one.claim.dates if day.resolved and day is not mine[0])
    if told or not _alike(one, other, shared):
        return None
    return "date", (mine[0].text, theirs[0].text), (mine[0], theirs[0])


def _apart(one: StoryFact, mine: Period, other: StoryFact, theirs: Period, shared: frozenset[str]) -> bool:
    """Whether both date one moment of a thing, its only, first, last, beginning or end, and not the same."""
    if _begins(one, mine) and _begins(other, theirs):
        return _differ(mine, mine.first, theirs, theirs.first)
    if _ends(one, mine) and _ends(other, theirs):
        return _differ(mine, mine.last, theirs, theirs.last)
    if dates_agree(mine, theirs) or one.fact.tense != other.fact.tense:
        return False
    ranked = any(one.claim.keys & rank and other.claim.keys & rank for rank in _RANKS)
    return bool(shared & ONCE) or ranked


def _differ(one: Period, day: datetime.date | None, other: Period, met: datetime.date | None) -> bool:
    """Whether the days are further apart than a date that is no day leaves open."""
    exact = all(re.search(r"\b[0-3]?\d\b(?!\d)", period.text) for period in (one, other))
    return (
        day is not None
        and met is not None
        and abs((day - met).days) > (0 if exact else 366 if _yearly(one, other) else 31)
    )


def _yearly(one: Period, other: Period) -> bool:
    return any(re.fullmatch(r"(?:[a-z]+ )*\d{4}", period.text.lower()) is not None for period in (one, other))


_UNTIL = re.compile(r"^(?:until|till|up to|by the end of)\b", re.I)
_ENDING = re.compile(
    r"\b(?:ends?|ended|expires?|expired|lapses?|lapsed|runs? out|(?:is|was|will be) lifted|reopens?)\b", re.I
)
_BEGINNING = re.compile(r"\b(?:first|began|begins?|started|starts?|earliest)\b", re.I)


def _ends(fact: StoryFact, day: Period) -> bool:
    """Whether the date is the one on which what is told comes to its end."""
    return bool(_UNTIL.search(day.text) or _ENDING.search(fact.fact.text))


def _begins(fact: StoryFact, day: Period) -> bool:
    return bool(re.match("since ", day.text, re.I) or _BEGINNING.search(fact.fact.text))
