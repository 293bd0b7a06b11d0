"""Statements of different sources held against each other: who says the same, and what cannot both be right.

The comparison model judges each pair; what either says to a yes/no question, how sure the reader is that both
answer, and whether two values are equal after units and rounding are features of one calibrated score.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

from qa.comparison.evidence import log_odds, probability, to_model_statement
from qa.comparison.model import KINDS, Comparison, ModelStatement, RelationShares, StanceShares
from qa.conflicts.differences import Difference, difference
from qa.records import Citation, Conflict, ConflictCheck, ConflictKind, ConflictTier, Polarity, Position
from qa.weights.fitted import load_fitted

# Two sources say the same from this probability on.
SAME = 0.5
# Where both models judge a pair, so much of what they say is the judge's.
_JUDGE = 0.7
# An update that is less likely counts as this much: two statements of one day are none, and may conflict.
MIN_UPDATE_PROBABILITY = 0.03
# Where nothing is asked, a pair is the judge's from this score of the small model's on; see `hesitates`.
HESITATES = 0.15

# So many words of an answer stand in an explanation.
QUOTED_WORDS = 14


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a verdict is shown, and two statements "may disagree" and "disagree"."""

    verdict: float
    lower: float
    upper: float


def thresholds(*, judged: bool) -> Thresholds:
    """Those that were fitted for answers that the judge has seen, or the small model alone."""
    told, before = load_fitted().thresholds, "judged_" if judged else ""
    return Thresholds(*(told[f"{before}{name}"] for name in ("verdict", "lower", "upper")))


def survey_thresholds(*, judged: bool) -> Thresholds:
    """Those of pairs that no question was put to; a survey gives no verdicts."""
    told, before = load_fitted().thresholds, "judged_" if judged else ""
    return Thresholds(1.0, told[f"{before}survey_lower"], told[f"{before}survey_upper"])


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """Two statements of different sources, by their places among those compared, and what holds of them.

    `score` is the probability that both answer and cannot both be right, from `features`.
    """

    one: int
    other: int
    relation: RelationShares
    difference: Difference
    score: float
    features: tuple[float, ...] = ()


def polarity_of(stance: StanceShares | None, at: Thresholds) -> Polarity | None:
    """The verdict, where it is sure enough to be shown."""
    if stance is None:
        return None
    best = _find_leaning(stance)
    return best if getattr(stance, best) >= at.verdict else None


def compare(
    question: str,
    statements: Sequence[Citation],
    stances: Sequence[StanceShares | None],
    comparison: Comparison,
    *,
    least: float = 0.0,
    max_pairs: int,
) -> tuple[list[ComparedPair], ConflictCheck]:
    """Each pair of statements of different articles, likeliest first; and what was compared.

    The statements come surest first. Of a pair the surer one is the first statement or answers with a score
    of `least`: what two sources say beside the question is not held against each other. Where there are more
    than `max_pairs`, sources with opposed verdicts are all compared, and of the others the likeliest answers.
    """
    judge = comparison.judge
    at = thresholds(judged=judge is not None)
    pairs = [
        (one, other)
        for one, other in combinations(range(len(statements)), 2)
        if statements[one].article_id != statements[other].article_id
        and (one == 0 or statements[one].score >= least)
    ]
    articles = [one.article_id for one in statements]
    firsts = {place for place, article in enumerate(articles) if article not in articles[:place]}

    opposed = {
        pair
        for pair in pairs
        if firsts.issuperset(pair) and _are_opposed(stances[pair[0]], stances[pair[1]], at)
    }
    # A pair is as likely to answer as the less sure of its two. What copies repeat comes last.
    words = [_words(one) for one in statements]
    told_once = {frozenset((words[one], words[other])): (one, other) for one, other in reversed(pairs)}
    repeated = {*pairs} - {pair for told, pair in told_once.items() if len(told) > 1}
    ranked = sorted(pairs, key=lambda pair: (pair not in opposed, pair in repeated, pair[1], pair[0]))
    near = ranked[: max(max_pairs, len(opposed))]
    told = [to_model_statement(one) for one in statements]
    texts = [(told[one], told[other]) for one, other in near]
    relations = comparison.relations(question, texts)
    decided: Sequence[RelationShares | None] = (
        judge.relations(question, texts) if judge else [None] * len(near)
    )
    compared = []
    for (one, other), relation, ruling in zip(near, relations, decided, strict=True):
        differs = difference(statements[one], statements[other])
        scores = statements[one].score, statements[other].score
        row = evidence_of(relation, differs, (stances[one], stances[other]), scores, ruling)
        score = conflict_score(row, yes_no=stances[one] is not None, judged=judge is not None)
        together = relation if ruling is None else _together(relation, ruling)
        compared.append(ComparedPair(one, other, together, differs, score, row))
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
    ruling: RelationShares | None = None,
) -> tuple[float, ...]:
    """The features of a pair, in the order of the fitted weights; `scores` are how probably both answer.

    `relation` is the small model's, `ruling` the judge's: of this the weights of pairs that it has judged
    know.
    """
    one, other = stances
    opposed = unlike = alike = 0.5
    if one is not None and other is not None:
        opposed = one.yes * other.no + one.no * other.yes
        unlike = one.open * (other.yes + other.no) + (one.yes + one.no) * other.open
        alike = one.yes * other.yes + one.no * other.no + one.open * other.open
    return (
        log_odds(relation.conflict + relation.update),
        log_odds(opposed),
        log_odds(unlike),
        log_odds(alike),
        float(differs.verdict == "equal"),
        float(differs.verdict == "different"),
        log_odds(min(scores)),
        *(() if ruling is None else _of_judge(ruling)),
        1.0,
    )


def _of_judge(ruling: RelationShares) -> tuple[float, float, float]:
    return log_odds(ruling.conflict + ruling.update), log_odds(ruling.same), log_odds(ruling.beside)


def conflict_score(row: Sequence[float], *, yes_no: bool, judged: bool = False) -> float:
    """The probability of a conflict from its features; `yes_no`: as answers to such a question."""
    weights = load_fitted().judged_conflict if judged else load_fitted().conflict
    return probability(weights["yes_no" if yes_no else "other"], row)


def _together(small: RelationShares, judge: RelationShares) -> RelationShares:
    """What both models say of two statements."""

    def mean(one: float, other: float) -> float:
        return (1 - _JUDGE) * one + _JUDGE * other

    return RelationShares(
        same=mean(small.same, judge.same),
        both=mean(small.both, judge.both),
        conflict=mean(small.conflict, judge.conflict),
        update=mean(small.update, judge.update),
        kinds=tuple(map(mean, small.kinds, judge.kinds)),
        beside=mean(small.beside, judge.beside),
    )


@dataclass(frozen=True, slots=True)
class PairJudgement:
    """What two statements are to each other where nothing is asked.

    `score` is the probability that they cannot both be right, 0 where they rather say the same, `same` that
    they do; `update`: rather because things have changed.
    """

    score: float
    same: float
    update: bool
    kind: ConflictKind


def dispute(
    pairs: Sequence[tuple[ModelStatement, ModelStatement]],
    cosines: Sequence[float],
    comparison: Comparison,
) -> list[PairJudgement]:
    """Each pair of statements judged without a question; `cosines` are those of their embeddings.

    A judge is asked where the comparison model neither rules a dispute out nor is sure enough to show it.
    """
    judge = comparison.judge
    small = comparison.relations("", pairs)
    rows = [dispute_evidence(told, cosine) for told, cosine in zip(small, cosines, strict=True)]
    scores = [
        0.0 if _rather_same(told) else probability(load_fitted().dispute, row)
        for told, row in zip(small, rows, strict=True)
    ]
    asked = [place for place, score in enumerate(scores) if judge is not None and hesitates(score)]
    rulings = judge.relations("", [pairs[place] for place in asked]) if judge and asked else []
    rulings_at = dict(zip(asked, rulings, strict=True))
    judged = []
    for place, (told, score) in enumerate(zip(small, scores, strict=True)):
        ruling = rulings_at.get(place)
        if ruling is None:
            judged.append(_judge_pair(told, score))
            continue
        row = dispute_evidence(told, cosines[place], ruling)
        decided = 0.0 if _rather_same(ruling) else probability(load_fitted().judged_dispute, row)
        judged.append(_judge_pair(_together(told, ruling), decided))
    return judged


def hesitates(score: float) -> bool:
    """Whether the comparison model leaves a pair to the judge: of the score as it is told, 0..1.

    What it would show alone stays shown. Source: of 571 labelled disputes in 52 open stories the small model
    alone shows 28, and 47 in 100 shown are labelled. Asked as here, of a fifth of the pairs, the judge makes
    that 71 and 52; from 0.04 on 73 and 52, in over twice the time; asked of all that is not ruled out, 70 and
    55, but of 23 figures in a list of near-alike statements it then calls five the same.
    """
    return HESITATES <= round(score, 4) < survey_thresholds(judged=False).lower


def _judge_pair(relation: RelationShares, score: float) -> PairJudgement:
    kind = max(KINDS, key=lambda name: relation.kinds[KINDS.index(name)])
    return PairJudgement(round(score, 4), round(relation.same, 4), _perhaps_update(relation), kind)


def _rather_same(relation: RelationShares) -> bool:
    return relation.same >= relation.conflict + relation.update


def _perhaps_update(relation: RelationShares) -> bool:
    """Whether it may be told of a newer state: half as likely as a conflict is enough to say "possibly"."""
    return relation.update >= relation.conflict / 2


def dispute_evidence(
    relation: RelationShares, cosine: float, ruling: RelationShares | None = None
) -> tuple[float, ...]:
    """The features of a pair, in the order of the fitted weights; `ruling` is the judge's."""
    judged = () if ruling is None else (log_odds(ruling.conflict + ruling.update),)
    update = log_odds(max(relation.update, MIN_UPDATE_PROBABILITY))
    return (log_odds(relation.conflict), update, cosine, *judged, 1.0)


def conflicts_of(
    statements: Sequence[Citation],
    compared: Sequence[ComparedPair],
    stances: Sequence[StanceShares | None],
    at: Thresholds,
    quoted: Collection[int] | None = None,
) -> tuple[Conflict, ...]:
    """The pairs that cannot both be right, surest first; of each two articles the surest alone.

    Two verdicts that are both shown and opposed may disagree in any case: those of the statements that are
    `quoted`, by their places; by default of all.
    """
    shown = range(len(statements)) if quoted is None else quoted
    found = [
        one
        for one in compared
        if (one.score >= at.lower and _may_conflict(one, (stances[one.one], stances[one.other]), at))
        or (
            one.one in shown and one.other in shown and _are_opposed(stances[one.one], stances[one.other], at)
        )
    ]
    found.sort(key=lambda one: (-round(one.score, 9), one.one, one.other))
    surest: dict[frozenset[str], ComparedPair] = {}
    for one in found:
        articles = frozenset((statements[one.one].article_id, statements[one.other].article_id))
        surest.setdefault(articles, one)
    return tuple(_conflict(statements, one, stances, at) for one in surest.values())


def _are_opposed(one: StanceShares | None, other: StanceShares | None, at: Thresholds) -> bool:
    return {polarity_of(one, at), polarity_of(other, at)} == {"yes", "no"}


def _may_conflict(
    compared: ComparedPair, stances: tuple[StanceShares | None, StanceShares | None], at: Thresholds
) -> bool:
    """Whether neither their values are equal nor both are shown with one verdict."""
    return compared.difference.verdict != "equal" and measure_agreement(*stances) < at.verdict


def measure_agreement(one: StanceShares | None, other: StanceShares | None) -> float:
    """From which threshold down both are shown with one verdict: the less sure share, or 0."""
    if one is None or other is None or _find_leaning(one) != _find_leaning(other):
        return 0.0
    return float(min(getattr(one, _find_leaning(one)), getattr(other, _find_leaning(other))))


def _find_leaning(stance: StanceShares) -> Polarity:
    """The likeliest of yes, no and open."""
    shares: dict[Polarity, float] = {"yes": stance.yes, "no": stance.no, "open": stance.open}
    return max(shares, key=lambda name: shares[name])


def _conflict(
    statements: Sequence[Citation],
    compared: ComparedPair,
    stances: Sequence[StanceShares | None],
    at: Thresholds,
) -> Conflict:
    one, other = statements[compared.one], statements[compared.other]
    verdicts = polarity_of(stances[compared.one], at), polarity_of(stances[compared.other], at)
    kind = kind_of_conflict(compared, verdicts)
    update = _perhaps_update(compared.relation) and _differ_in_date(one, other)
    explanation = f"{_value(one, verdicts[0])} against {_value(other, verdicts[1])}"
    tier: ConflictTier = "disagree" if compared.score >= at.upper else "may_disagree"
    return Conflict(kind, explanation, (one, other), compared.score, update, (0, 1), tier)


def kind_of_conflict(
    compared: ComparedPair, verdicts: tuple[Polarity | None, Polarity | None]
) -> ConflictKind:
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
    return f"{told}{shorten_quote(citation.quote)}"


def shorten_quote(quote: str) -> str:
    """The quote, or its first words, in quotation marks."""
    words = quote.split()
    return f"“{' '.join(words[:QUOTED_WORDS])}{' …' if len(words) > QUOTED_WORDS else ''}”"


def _differ_in_date(one: Citation, other: Citation) -> bool:
    return bool(one.published and other.published and one.published != other.published)


def positions_of(
    statements: Sequence[Citation],
    compared: Sequence[ComparedPair],
    stances: Sequence[StanceShares | None],
    at: Thresholds,
) -> tuple[Position, ...]:
    """The statements that say the same together, that of the first statement first.

    A statement joins the first position whose first statement says the same, in the same words if they were
    not compared; a yes never joins a no.
    """
    same = {
        frozenset((one.one, one.other))
        for one in compared
        if (one.relation.same >= SAME and one.difference.verdict != "different")
        or one.difference.verdict == "equal"
    }
    verdicts = [polarity_of(one, at) for one in stances]
    words = [_words(one) for one in statements]
    groups: list[list[int]] = []
    for place in range(len(statements)):
        for members in groups:
            first = members[0]
            apart = {verdicts[first], verdicts[place]} in ({"yes", "no"}, {"yes", "open"}, {"no", "open"})
            if (frozenset((first, place)) in same or words[first] == words[place]) and not apart:
                members.append(place)
                break
        else:
            groups.append([place])
    return tuple(_position(statements, members, verdicts) for members in groups)


def _words(one: Citation) -> tuple[str, str]:
    """Of the sentence and of the quote in it, as copies repeat them."""
    return " ".join(one.sentence.casefold().split()), " ".join(one.quote.casefold().split())


def _position(
    statements: Sequence[Citation], members: Sequence[int], verdicts: Sequence[Polarity | None]
) -> Position:
    citations = tuple(statements[place] for place in members)
    told = next((verdicts[place] for place in members if verdicts[place] is not None), None)
    return Position(citations[0].quote, citations, len(citations), told, "")
