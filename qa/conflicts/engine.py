"""Statements of different sources held against each other: who says the same, and what cannot both be right.

The comparison model judges each pair; what either says to a yes/no question, how sure the reader is that both
answer, and whether two values are equal after units and rounding are features of one calibrated score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from qa.comparison.evidence import log_odds, probability, told_of
from qa.comparison.model import KINDS, Comparison, RelationShares, StanceShares
from qa.comparison.model import Statement as Told
from qa.conflicts.differences import Difference, difference
from qa.records import Citation, Conflict, ConflictCheck, ConflictKind, Polarity, Position

# A verdict is shown from this probability on. Source: `python -m eval.fit.comparison`: of all sources quoted
# 55 % get one and 79 % of those are right; from 0.6 on 60 % and 77 %, from 0.75 on 46 % and 82 %.
SURE_STANCE = 0.65
# Two sources say the same from this probability on.
SAME = 0.5
# A conflict is shown from this probability on.
SURE_CONFLICT = 0.5

# One weight each for the log-odds of conflict or update, of opposed and of unlike stances, for values that
# are equal and that differ, for the log-odds that both answer, and the constant: logistic regressions of
# "both answer, and are labelled as conflict or update". Source: `python -m eval.fit.comparison`, on stories
# held out of training.
CONFLICT_WEIGHTS: Mapping[Literal["yes_no", "other"], Sequence[float]] = {
    "yes_no": (0.66, 0.149, 0.055, -0.717, 0.0, 0.783, -0.137),
    "other": (0.28, 0.0, 0.0, -0.35, 0.557, 0.647, -0.761),
}

# Where nothing is asked: weights for the log-odds of a conflict and of an update, the cosine of both
# sentences, and the constant. Source: `python -m eval.fit.survey`, 112 stories held out of training.
DISPUTE_WEIGHTS: Sequence[float] = (0.682, 0.581, 4.802, -1.348)
# An update that is less likely counts as this much: two statements of one day are none, and may conflict.
_HARDLY = 0.03
# A dispute is shown from this probability on. Source: the same; of those shown 67 % are labelled, and 10 % of
# the labelled found. What no question is about has no label, but hardly any of it is a dispute: read blind by
# other eyes, of 188 unlabelled pairs from 0.3 on 21 were some, of the 36 from 0.5 on one.
SURE_DISPUTE = 0.5

# So many words of an answer stand in an explanation.
QUOTED_WORDS = 14


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


@dataclass(frozen=True, slots=True)
class Judged:
    """What two statements are to each other where nothing is asked.

    `score` is the probability that they cannot both be right, 0 where they rather say the same, `same` that
    they do; `update`: rather because things have changed.
    """

    score: float
    same: float
    update: bool
    kind: ConflictKind


def dispute(
    pairs: Sequence[tuple[Told, Told]], cosines: Sequence[float], comparison: Comparison
) -> list[Judged]:
    """Each pair of statements judged without a question; `cosines` are those of their embeddings."""
    judged = []
    for told, cosine in zip(comparison.relations("", pairs), cosines, strict=True):
        rather_same = told.same >= told.conflict + told.update
        score = 0.0 if rather_same else probability(DISPUTE_WEIGHTS, dispute_evidence(told, cosine))
        kind = max(KINDS, key=lambda name, told=told: told.kinds[KINDS.index(name)])  # type: ignore[misc]
        judged.append(Judged(round(score, 4), round(told.same, 4), _perhaps_update(told), kind))
    return judged


def _perhaps_update(relation: RelationShares) -> bool:
    """Whether it may be told of a newer state: half as likely as a conflict is enough to say "possibly"."""
    return relation.update >= relation.conflict / 2


def dispute_evidence(relation: RelationShares, cosine: float) -> tuple[float, ...]:
    """The features of a pair, in the order of `DISPUTE_WEIGHTS`."""
    return log_odds(relation.conflict), log_odds(max(relation.update, _HARDLY)), cosine, 1.0


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
    update = _perhaps_update(compared.relation) and _dated_apart(one, other)
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
    told = {"yes": "yes: ", "no": "no: ", "open": "open: "}.get(verdict or "", "")
    return f"{told}{shortened(citation.quote)}"


def shortened(quote: str) -> str:
    """The quote, or its first words, in quotation marks."""
    words = quote.split()
    return f"“{' '.join(words[:QUOTED_WORDS])}{' …' if len(words) > QUOTED_WORDS else ''}”"


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
