"""The rule for yes and no: one source says that a thing is so, another that it is not."""

from dataclasses import dataclass, replace

from qa.answering import clause
from qa.asked import Asked
from qa.certainty import Certainty
from qa.claims import Claim, clause_certainty
from qa.proposition import NEGATIVE
from qa.records import Polarity
from qa.rules import Pair, Side, Statement, in_words
from qa.subject import Common, common, times_differ
from qa.verdict import HEDGES
from qa.verdicts import Verdicts
from qa.whom import of_others

# How likely two statements must say yes and no at least, for the pair to be weighed.
LEAST_OPPOSED = 0.1

_OPEN_HEDGES = frozenset(HEDGES) - {"denied"}  # a rule for certainty is theirs


def compare_polarity(asked: Asked, one: Statement, other: Statement, verdicts: Verdicts) -> Pair | None:
    """The disagreement of two statements of which one says what the other denies, else None.

    Where the question is one for yes or no the statements' verdicts on it decide. Else they must be alike in
    nearly all words, so that the negation is what sets them apart.
    """
    if any(of_others(asked, statement.claim, statement.about) for statement in (one, other)):
        return None
    return _by_verdicts(asked, one, other, verdicts) or _by_negation(asked, one, other, verdicts)


def _by_verdicts(asked: Asked, one: Statement, other: Statement, verdicts: Verdicts) -> Pair | None:
    """Where one says yes and the other no, or they lean so."""
    verdict, against = verdicts.of(one.citation), verdicts.of(other.citation)
    said = verdict.polarity, against.polarity
    if set(said) == {"yes", "no"}:
        return replace(_pair(asked, one, other, said), told=min(verdict.sure, against.sure))
    leaned = _lean_apart(one, other, verdicts)
    if leaned is not None:
        first: Polarity = "yes" if leaned.yes_first else "no"
        second: Polarity = "no" if leaned.yes_first else "yes"
        return replace(_pair(asked, one, other, (first, second)), told=leaned.likely)
    return None


def _by_negation(asked: Asked, one: Statement, other: Statement, verdicts: Verdicts) -> Pair | None:
    """Where two statements are alike but for a negation, and neither is heard to answer the question."""
    said = {verdicts.of(statement.citation).polarity for statement in (one, other)}
    shared = common(asked, one.claim, other.claim)
    if "yes" in said or "no" in said or shared is None:
        return None  # at most one of them speaks to the question
    plain = other if one.claim.negated else one
    if one.claim.negated == other.claim.negated or NEGATIVE.search(plain.claim.text):
        return None
    if not _comparable(asked, one.claim, other.claim, shared):
        return None
    told = _denial(one), _denial(other)
    return _pair(asked, one, other, told)


@dataclass(frozen=True, slots=True)
class _Leaned:
    """How likely one of two statements says yes and the other no; and whether it is the first that does."""

    likely: float
    yes_first: bool


def _lean_apart(one: Statement, other: Statement, verdicts: Verdicts) -> _Leaned | None:
    """How two statements lean apart of which not both are sure; None for a hedge, or where they hardly do."""
    leanings = verdicts.leaning(one.citation), verdicts.leaning(other.citation)
    if leanings[0] is None or leanings[1] is None:
        return None
    hedged = {verdicts.of(statement.citation).certainty for statement in (one, other)} & _OPEN_HEDGES
    likely = leanings[0].against(leanings[1])
    if hedged or likely < LEAST_OPPOSED:
        return None
    return _Leaned(likely, leanings[0].yes * leanings[1].no >= leanings[0].no * leanings[1].yes)


def _comparable(asked: Asked, one: Claim, other: Claim, shared: Common) -> bool:
    """Whether the claims are alike but for the negation, of one subject and time, and both plain."""
    levels = {_certainty(asked, claim).level for claim in (one, other)}
    places = clause(asked, one), clause(asked, other)
    starts = one.clauses[places[0]].start, other.clauses[places[1]].start
    return (
        shared.nearly_all
        and shared.same_subject
        and levels <= {"fact", "future"}
        and len(one.quantities) == len(other.quantities)
        and not times_differ(one, starts[0], other, starts[1], shared)
    )


def _denial(statement: Statement) -> Polarity:
    return "no" if statement.claim.negated else "yes"


def _certainty(asked: Asked, claim: Claim) -> Certainty:
    return clause_certainty(claim, clause(asked, claim), asked=asked.cues)


def _pair(asked: Asked, one: Statement, other: Statement, said: tuple[Polarity, Polarity]) -> Pair:
    sides = [
        Side(polarity, in_words(asked, statement.claim), (statement.citation,))
        for polarity, statement in zip(said, (one, other), strict=True)
    ]
    return Pair("polarity", sides[0], sides[1])
