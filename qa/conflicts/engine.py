"""Statements of different sources held against each other: who says the same, and what cannot both be right.

The comparison model judges each pair; what either says to a yes/no question, how sure the reader is that both
answer, and whether two values are equal after units and rounding are features of one calibrated score.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal

from index.clean import normalise
from qa.comparison.model import KINDS, Comparison, RelationShares, StanceShares
from qa.comparison.model import Statement as Told
from qa.conflicts.differences import Difference, difference
from qa.reader.candidates import headline
from qa.records import Citation, Conflict, ConflictCheck, ConflictKind, Polarity, Position

# A verdict is shown from this probability on. Source: `python -m eval.fit.comparison`: of all sources quoted
# 55 % get one and 81 % of those are right; from 0.65 on 51 % and 82 %, from 0.5 on 70 % and 77 %.
SURE_STANCE = 0.6
# Two sources say the same from this probability on.
SAME = 0.5
# A conflict is shown from this probability on.
SURE_CONFLICT = 0.5

# One weight each for the log-odds of conflict or update, of opposed and of unlike stances, for values that
# are equal and that differ, for the log-odds that both answer, and the constant: logistic regressions of
# "both answer, and are labelled as conflict or update". Source: `python -m eval.fit.comparison`, on stories
# held out of training.
CONFLICT_WEIGHTS: Mapping[Literal["yes_no", "other"], Sequence[float]] = {
    "yes_no": (1.291, 0.138, -0.069, -0.709, 0.0, 0.703, -0.199),
    "other": (0.421, 0.0, 0.0, 0.117, 0.648, 0.637, -0.708),
}

# So many words of an answer stand in an explanation.
QUOTED_WORDS = 14

# Characters before a sentence that may explain it.
_BEFORE = 200


@dataclass(frozen=True, slots=True)
class Compared:
    """Two statements of different sources, by their places among those compared, and what holds of them.

    `score` is the probability that both answer and cannot both be right.
    """

    one: int
    other: int
    relation: RelationShares
    difference: Difference
    score: float


def polarity_of(stance: StanceShares | None) -> Polarity | None:
    """The verdict, where it is sure enough to be shown."""
    if stance is None:
        return None
    best = _leaning(stance)
    return best if getattr(stance, best) >= SURE_STANCE else None


def compare(
    question: str,
    statements: Sequence[Citation],
    stances: Sequence[StanceShares | None],
    comparison: Comparison,
    *,
    least: float = 0.0,
    max_pairs: int,
) -> tuple[list[Compared], ConflictCheck]:
    """Each pair of statements of different articles, likeliest first; and what was compared.

    The statements come surest first. Of a pair the surer one is the first statement or answers with a score
    of `least`: what two sources say beside the question is not held against each other.
    """
    pairs = [
        (one, other)
        for one, other in combinations(range(len(statements)), 2)
        if statements[one].article_id != statements[other].article_id
        and (one == 0 or statements[one].score >= least)
    ]
    # Those of the likeliest statements first: a pair is as likely to answer as the less sure of its two.
    near = sorted(pairs, key=lambda pair: pair[::-1])[:max_pairs]
    told = [told_of(one) for one in statements]
    relations = comparison.relations(question, [(told[one], told[other]) for one, other in near])
    compared = []
    for (one, other), relation in zip(near, relations, strict=True):
        differs = difference(statements[one], statements[other])
        scores = statements[one].score, statements[other].score
        row = evidence_of(relation, differs, (stances[one], stances[other]), scores)
        score = conflict_score(row, yes_no=stances[one] is not None)
        compared.append(Compared(one, other, relation, differs, score))
    reason = ""
    if len(near) < len(pairs):
        reason = f"{len(near)} of {len(pairs)} pairs were compared, those of the likeliest answers"
    sources = len({one.article_id for one in statements})
    if not near:
        return [], ConflictCheck(
            "not_checked", len(statements), sources, reason="only one source speaks to it"
        )
    return compared, ConflictCheck("checked", len(statements), sources, len(near), reason)


def evidence_of(
    relation: RelationShares,
    differs: Difference,
    stances: tuple[StanceShares | None, StanceShares | None],
    scores: tuple[float, float],
) -> tuple[float, ...]:
    """The features of a pair, in the order of `CONFLICT_WEIGHTS`; `scores` are the reader's of both."""
    one, other = stances
    opposed = unlike = 0.5
    if one is not None and other is not None:
        opposed = one.yes * other.no + one.no * other.yes
        unlike = one.open * (other.yes + other.no) + (one.yes + one.no) * other.open
    return (
        log_odds(relation.conflict + relation.update),
        log_odds(opposed),
        log_odds(unlike),
        float(differs.verdict == "equal"),
        float(differs.verdict == "different"),
        log_odds(min(scores)),
        1.0,
    )


def conflict_score(row: Sequence[float], *, yes_no: bool) -> float:
    """The probability of a conflict from its features; `yes_no`: as answers to such a question."""
    return probability(CONFLICT_WEIGHTS["yes_no" if yes_no else "other"], row)


def log_odds(share: float) -> float:
    """Of a probability, which is taken to lie in 0.0001..0.9999."""
    share = min(max(share, 1e-4), 1 - 1e-4)
    return math.log(share / (1 - share))


def probability(weights: Sequence[float], row: Sequence[float]) -> float:
    """What a logistic regression with these weights says of these features."""
    total = sum(weight * value for weight, value in zip(weights, row, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def told_of(citation: Citation, before: str = "") -> Told:
    """The statement as the comparison model hears it."""
    title = headline(citation.publisher, citation.title)
    sentence, quote, told = (_plainly(text) for text in (citation.sentence, citation.quote, before))
    return Told(sentence, quote, told, title, citation.published)


def before_of(citation: Citation, texts: Mapping[str, str]) -> str:
    """What stands right before the statement in its article."""
    text = texts[citation.article_id]
    return text[max(0, citation.sentence_start - _BEFORE) : citation.sentence_start].split("\n")[-1]


# In plain letters, as the model was trained; questions come back to the same statements.
_plainly = lru_cache(maxsize=4096)(normalise)


def conflicts_of(
    statements: Sequence[Citation], compared: Sequence[Compared], stances: Sequence[StanceShares | None]
) -> tuple[Conflict, ...]:
    """The pairs that cannot both be right, surest first; of each two articles the surest alone."""
    found = [
        one
        for one in compared
        if one.score >= SURE_CONFLICT and may_conflict(one, (stances[one.one], stances[one.other]))
    ]
    found.sort(key=lambda one: (-round(one.score, 9), one.one, one.other))
    surest: dict[frozenset[str], Compared] = {}
    for one in found:
        articles = frozenset((statements[one.one].article_id, statements[one.other].article_id))
        surest.setdefault(articles, one)
    return tuple(_conflict(statements, one, stances) for one in surest.values())


def may_conflict(compared: Compared, stances: tuple[StanceShares | None, StanceShares | None]) -> bool:
    """Whether neither their values are equal nor both lean to one verdict."""
    return compared.difference.verdict != "equal" and not _same_leaning(*stances)


def _same_leaning(one: StanceShares | None, other: StanceShares | None) -> bool:
    """Whether both lean to one verdict on a yes/no question, sure or not: then they do not dispute it."""
    return one is not None and other is not None and _leaning(one) == _leaning(other)


def _leaning(stance: StanceShares) -> Polarity:
    """The likeliest of yes, no and open."""
    shares: dict[Polarity, float] = {"yes": stance.yes, "no": stance.no, "open": stance.open}
    return max(shares, key=lambda name: shares[name])


def _conflict(
    statements: Sequence[Citation], compared: Compared, stances: Sequence[StanceShares | None]
) -> Conflict:
    one, other = statements[compared.one], statements[compared.other]
    verdicts = polarity_of(stances[compared.one]), polarity_of(stances[compared.other])
    kind = kind_of_conflict(compared, verdicts)
    update = compared.relation.update > compared.relation.conflict and _dated_apart(one, other)
    explanation = f"{_value(one, verdicts[0])} against {_value(other, verdicts[1])}"
    return Conflict(kind, explanation, (one, other), compared.score, update, (0, 1))


def kind_of_conflict(compared: Compared, verdicts: tuple[Polarity | None, Polarity | None]) -> ConflictKind:
    """What the two differ in: values that were read tell it, else two verdicts, else the model."""
    if compared.difference.kind is not None and compared.difference.verdict == "different":
        return compared.difference.kind
    if set(verdicts) == {"yes", "no"}:
        return "polarity"
    if "open" in verdicts and ("yes" in verdicts or "no" in verdicts):
        return "certainty"
    return max(KINDS, key=lambda name: compared.relation.kinds[KINDS.index(name)])


def _value(citation: Citation, verdict: Polarity | None) -> str:
    words = citation.quote.split()
    short = citation.quote if len(words) <= QUOTED_WORDS else " ".join(words[:QUOTED_WORDS]) + " …"
    told = {"yes": "yes: ", "no": "no: ", "open": "open: "}.get(verdict or "", "")
    return f"{told}“{' '.join(short.split())}”"


def _dated_apart(one: Citation, other: Citation) -> bool:
    return bool(one.published and other.published and one.published != other.published)


def positions_of(
    statements: Sequence[Citation],
    compared: Sequence[Compared],
    stances: Sequence[StanceShares | None],
) -> tuple[Position, ...]:
    """The statements that say the same together, that of the first statement first.

    A statement joins the first position whose first statement says the same; a yes never joins a no.
    """
    same = {
        frozenset((one.one, one.other))
        for one in compared
        if (one.relation.same >= SAME and one.difference.verdict != "different")
        or one.difference.verdict == "equal"
    }
    verdicts = [polarity_of(one) for one in stances]
    groups: list[list[int]] = []
    for place in range(len(statements)):
        for members in groups:
            first = members[0]
            apart = {verdicts[first], verdicts[place]} in ({"yes", "no"}, {"yes", "open"}, {"no", "open"})
            if frozenset((first, place)) in same and not apart:
                members.append(place)
                break
        else:
            groups.append([place])
    return tuple(_position(statements, members, verdicts) for members in groups)


def _position(
    statements: Sequence[Citation], members: Sequence[int], verdicts: Sequence[Polarity | None]
) -> Position:
    citations = tuple(statements[place] for place in members)
    told = next((verdicts[place] for place in members if verdicts[place] is not None), None)
    return Position(citations[0].quote, citations, len(citations), told, "")
