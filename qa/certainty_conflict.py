"""The rule for certainty, where verdicts are known: one source says that it is so, another that it may be."""

from qa.answering import clause
from qa.asked import Asked
from qa.claims import Claim, clause_certainty
from qa.relation import weight
from qa.rules import Pair, Side, Statement, in_words
from qa.subject import concerns, contrast
from qa.verdict import HEDGES, Verdict
from qa.verdicts import Verdicts

# The least weighted share of what the question asks about that a hedged statement must speak of.
LEAST_SHARED = 0.5


def compare_certainty(asked: Asked, one: Statement, other: Statement, verdicts: Verdicts) -> Pair | None:
    """The disagreement of a statement that says yes as a fact and one that leaves it open, else None."""
    told, against = verdicts.of(one.citation), verdicts.of(other.citation)
    for sure, hedged, statement in ((told, against, other), (against, told, one)):
        apart = contrast(one.claim, other.claim)
        if _asserts(sure) and _leaves_open(hedged) and _speaks_of(asked, statement.claim) and not apart:
            sides = _side(asked, one, told), _side(asked, other, against)
            return Pair("certainty", *sides, told=sure.sure)
    return None


def _asserts(verdict: Verdict) -> bool:
    return verdict.polarity == "yes" and verdict.certainty == "fact"


def _leaves_open(verdict: Verdict) -> bool:
    return verdict.polarity == "open" and verdict.certainty in HEDGES


def _speaks_of(asked: Asked, claim: Claim) -> bool:
    """Whether the claim holds most of what the question asks about."""
    wanted = sum(weight(key) for key in asked.keys)
    held = sum(weight(key) for key in asked.keys & claim.keys)
    of_it = concerns(asked, claim, clause(asked, claim))
    return of_it and wanted > 0 and held >= LEAST_SHARED * wanted


def _side(asked: Asked, statement: Statement, verdict: Verdict) -> Side:
    certainty = clause_certainty(statement.claim, clause(asked, statement.claim), asked=asked.cues)
    hedged = verdict.polarity == "open" and certainty.cue
    words = f"“{certainty.cue}”" if hedged else in_words(asked, statement.claim)
    return Side(certainty, words, (statement.citation,))
