"""The rule for certainty, where verdicts are known: one source says that it is so, another that it may be."""

from qa.answering import clause
from qa.asked import Asked
from qa.claims import Claim, clause_certainty, read_claim
from qa.quantities import comparable
from qa.relation import weight
from qa.rules import Pair, Side, Statement, in_words
from qa.subject import concerns, contrast, names_all
from qa.verdict import HEDGES, Verdict
from qa.verdicts import Verdicts

# The least weighted share of what the question asks about that both statements must speak of.
LEAST_SHARED = 0.5


def compare_certainty(asked: Asked, one: Statement, other: Statement, verdicts: Verdicts) -> Pair | None:
    """The disagreement of a statement that says yes as a fact and one that leaves it open, else None."""
    told, against = verdicts.of(one.citation), verdicts.of(other.citation)
    if contrast(one.claim, other.claim) or not all(_speaks_of(asked, each.claim) for each in (one, other)):
        return None
    for sure, hedged in ((told, against), (against, told)):
        if _asserts(sure) and _leaves_open(hedged):
            return Pair("certainty", _side(asked, one, told), _side(asked, other, against))
    return None


def _asserts(verdict: Verdict) -> bool:
    return verdict.polarity == "yes" and verdict.certainty == "fact"


def _leaves_open(verdict: Verdict) -> bool:
    return verdict.polarity == "open" and verdict.certainty in HEDGES


def _speaks_of(asked: Asked, claim: Claim) -> bool:
    """Whether the claim holds most of what the question asks about, all its names and amounts too."""
    amounts = read_claim(asked.text, published=None).quantities
    if not all(any(comparable(amount, met) for met in claim.quantities) for amount in amounts):
        return False
    at = clause(asked, claim)
    wanted = sum(weight(key) for key in asked.keys)
    held = sum(weight(key) for key in asked.keys & claim.keys)
    of_it = concerns(asked, claim, at) and names_all(asked, claim, at)
    return of_it and wanted > 0 and held >= LEAST_SHARED * wanted


def _side(asked: Asked, statement: Statement, verdict: Verdict) -> Side:
    certainty = clause_certainty(statement.claim, clause(asked, statement.claim), asked=asked.cues)
    hedged = verdict.polarity == "open" and certainty.cue
    words = f"“{certainty.cue}”" if hedged else in_words(asked, statement.claim)
    return Side(certainty, words, (statement.citation,))
