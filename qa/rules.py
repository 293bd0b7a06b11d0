"""Typed rules: whether two statements disagree on a number, a date, or how certain a thing is.

Every pair passes the same gates first: one subject, one relation, no contrasting qualifier, and the value
must be the one that the question asks for. A false alarm costs more trust than a miss, so whatever cannot be
decided is no conflict.
"""

from dataclasses import dataclass

from qa import answering as ask
from qa.asked import Asked
from qa.certainty import Certainty, clash, read_certainty, verb_phrase
from qa.claims import Claim, Name, clause_certainty, read_claim
from qa.dates import Period
from qa.dates import agree as dates_agree
from qa.quantities import Quantity, comparable
from qa.quantities import agree as quantities_agree
from qa.records import Citation, ConflictKind, Polarity
from qa.subject import Common, asserts, common, concerns, narrowed, times_differ


@dataclass(frozen=True, slots=True)
class Statement:
    """A citation with what it asserts.

    `about` are the names in the sentence before it, where its own opens with a pronoun.
    """

    citation: Citation
    claim: Claim
    about: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """One value with the statements that give it; `value` decides what counts as the same."""

    value: Quantity | Period | Certainty | Name | Polarity | str
    words: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides that differ, and the probability, once weighed, that they cannot both hold.

    `told` is how surely verdicts say what sets them apart, 0..1; None where they rest on none. `retold` is
    how far the rules for articles of one story are to be trusted that find them to differ; 0 where none do.
    """

    kind: ConflictKind
    one: Side
    other: Side
    score: float = 0.0
    told: float | None = None
    retold: float = 0.0


# The levels that assert, then those that do not; the earlier of two clashing ones is the assertion.
_RANKED = ("fact", "future", "planned", "considered", "unconfirmed", "denied", "none")


@dataclass(frozen=True, slots=True)
class _Asserted:
    """How surely the clause that answers is asserted, and in which words."""

    value: Certainty
    words: str
    clause: int


def compare(asked: Asked, one: Statement, other: Statement) -> Pair | None:
    """The disagreement of two statements, None where there is none or it cannot be told."""
    if one.claim.text == other.claim.text:
        return None
    shared = common(asked, one.claim, other.claim)
    if shared is None:
        return None
    return (
        _numbers(asked, one, other, shared)
        or _dates(asked, one, other, shared)
        or _attained(asked, one, other, shared)
        or _certainties(asked, one, other, shared)
    )


def _numbers(asked: Asked, one: Statement, other: Statement, shared: Common) -> Pair | None:
    if not (asked.kind == "number" or (asked.kind == "open" and shared.nearly_all)):
        return None
    if not shared.same_subject or one.claim.negated != other.claim.negated:
        return None
    mine, theirs = ask.quantities(asked, one.claim), ask.quantities(asked, other.claim)
    shown = [(mine[name], theirs[name]) for name in mine if name in theirs]
    for first, second in [pair for pair in shown if comparable(*pair)]:
        places = one.claim, first.start, other.claim, second.start
        agreeing = quantities_agree(first, second) or _meets(first, other.claim) or _meets(second, one.claim)
        if agreeing or times_differ(*places, shared) or not shared.holds_at(*places):
            return None
        if narrowed(asked, *places) or _other_act(asked, (one, first), (other, second)):
            return None
        sides = _side(first, first.text, one), _side(second, second.text, other)
        return Pair("number", *sides)
    return None


def _other_act(asked: Asked, one: tuple[Statement, Quantity], other: tuple[Statement, Quantity]) -> bool:
    """Whether one number is of the act asked about and one of another: "received", "needed" so many votes."""
    verbs = [ask.governor(statement.claim, quantity) for statement, quantity in (one, other)]
    return all(verbs) and verbs[0] != verbs[1] and sum(verb in asked.keys for verb in verbs) == 1


def _dates(asked: Asked, one: Statement, other: Statement, shared: Common) -> Pair | None:
    if not (asked.kind == "date" or (asked.kind == "open" and shared.nearly_all)):
        return None
    mine, theirs = (
        ask.date(asked, statement.claim, statement.citation.published) for statement in (one, other)
    )
    if mine is None or theirs is None or not shared.same_subject or one.claim.negated != other.claim.negated:
        return None
    if _meets(mine, other.claim) or _meets(theirs, one.claim):
        return None
    if not shared.holds_at(one.claim, mine.start, other.claim, theirs.start):
        return None
    sides = _side(mine, mine.text, one), _side(theirs, theirs.text, other)
    return Pair("date", *sides)


def _meets(value: Quantity | Period, claim: Claim) -> bool:
    """Whether the claim gives any value that agrees: then the other one may be of something else.

    "More than 10 trillion won", of another thing, says nothing about 70 trillion: hence the factor of two.
    """
    if isinstance(value, Period):
        return any(dates_agree(value, day) for day in claim.dates if day.resolved)
    return any(
        quantities_agree(value, met) and 0.5 <= abs(value.value) / max(abs(met.value), 1e-12) <= 2
        for met in claim.quantities
        if comparable(value, met)
    )


def _attained(asked: Asked, one: Statement, other: Statement, shared: Common) -> Pair | None:
    """One amount, that one statement says has been reached and the other expects: "has reached" 50 trillion.

    The question asks for the amount, or whether it has been reached; its own "expected" is no excuse here.
    """
    named = read_claim(asked.text, published=None).quantities
    if not (asked.kind == "number" or named) or not shared.same_subject:
        return None
    mine, theirs = ask.quantities(asked, one.claim), ask.quantities(asked, other.claim)
    for first, second in [(mine[name], theirs[name]) for name in mine if name in theirs]:
        places = one.claim, first.start, other.claim, second.start
        alike = all(comparable(first, met) and quantities_agree(first, met) for met in (second, *named))
        if not alike or times_differ(*places, shared) or not shared.holds_at(*places):
            continue
        told = _told(one.claim, first), _told(other.claim, second)
        if any(_reached(*pair) for pair in (told, told[::-1])):
            sides = (
                _side(told[0].value, told[0].words, one),
                _side(told[1].value, told[1].words, other),
            )
            return Pair("certainty", *sides)
    return None


def _reached(one: _Asserted, other: _Asserted) -> bool:
    """Whether one clause says in the perfect tense what the other only plans or considers."""
    perfect = one.words.startswith(("“has ", "“have ", "“had "))
    return perfect and one.value.level == "fact" and other.value.level in ("planned", "considered")


def _told(claim: Claim, quantity: Quantity) -> _Asserted:
    """How surely a quantity's own clause is asserted, whatever the question and the clauses beside it say."""
    clause = ask.clause_at(claim, quantity.start)
    text = claim.clauses[clause].text
    return _asserted(text, read_certainty(text, claim.text), clause)


def _certainties(asked: Asked, one: Statement, other: Statement, shared: Common) -> Pair | None:
    if not (asked.verb or (asked.kind in ("certainty", "open") and shared.nearly_all)):
        return None
    mine, theirs = _certainty(asked, one.claim), _certainty(asked, other.claim)
    if not clash(mine.value, theirs.value):
        return None
    first = min(mine, theirs, key=lambda read: _RANKED.index(read.value.level))
    sure, hedged = (one, other) if first is mine else (other, one)
    open_, closed = (theirs, mine) if sure is one else (mine, theirs)
    if not shared.same_subject and open_.value.level not in ("unconfirmed", "denied"):
        return None
    if not (asserts(asked, sure.claim, closed.clause) and concerns(asked, hedged.claim, open_.clause)):
        return None
    sides = _side(mine.value, mine.words, one), _side(theirs.value, theirs.words, other)
    return Pair("certainty", *sides)


def _certainty(asked: Asked, claim: Claim) -> _Asserted:
    clause = ask.clause(asked, claim)
    certainty = clause_certainty(claim, clause, asked=asked.cues)
    return _asserted(claim.clauses[clause].text, certainty, clause)


def _asserted(text: str, certainty: Certainty, clause: int) -> _Asserted:
    words = certainty.cue or verb_phrase(text) or _shortened(text)
    return _Asserted(certainty, f"“{words}”", clause)


def in_words(asked: Asked, claim: Claim) -> str:
    """The clause of the claim that answers, in quotation marks, shortened where it is long."""
    return f"“{_shortened(claim.clauses[ask.clause(asked, claim)].text)}”"


def _shortened(text: str) -> str:
    return text if len(text) <= 70 else f"{text[:69].rsplit(' ', 1)[0]} …"


def _side(value: Quantity | Period | Certainty, words: str, statement: Statement) -> Side:
    return Side(value, words, (statement.citation,))
