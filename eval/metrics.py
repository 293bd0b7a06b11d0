"""The formulas: answers, retrieval, abstention, calibration, latency. A metric of nothing is None, never 0.

Scores of one question lie in 0..1. `SquadScores` alone is on the scale of the published scripts, 0..100.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SquadVersion = Literal["1.1", "2.0"]

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def normalise(text: str) -> str:
    """Lower case, without ASCII punctuation, English articles and repeated white space.

    Source: Rajpurkar et al. 2016, the evaluation script of SQuAD 1.1; 2.0 does the same, in this order.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(prediction: str, golds: Sequence[str], *, version: SquadVersion = "2.0") -> float:
    """1.0 when the prediction equals a gold answer once both are normalised. No gold answer: "" is right."""
    found = normalise(prediction)
    return float(any(found == normalise(gold) for gold in _usable(golds, version)))


def f1(prediction: str, golds: Sequence[str], *, version: SquadVersion = "2.0") -> float:
    """Best overlap in words with a gold answer, 0..1. No gold answer: 1.0 for "", else 0.0.

    Two texts that are both empty once normalised score 1 under 2.0 and 0 under 1.1, as in the scripts.
    """
    found = normalise(prediction).split()
    return max(_overlap(found, normalise(gold).split(), version) for gold in _usable(golds, version))


def _usable(golds: Sequence[str], version: SquadVersion) -> Sequence[str]:
    if version == "1.1":
        if not golds:
            raise ValueError("SQuAD 1.1 knows no question without an answer; score it as 2.0")
        return golds
    return [gold for gold in golds if normalise(gold)] or [""]


def _overlap(found: Sequence[str], gold: Sequence[str], version: SquadVersion) -> float:
    if version == "2.0" and (not found or not gold):
        return float(found == gold)
    shared = (Counter(found) & Counter(gold)).total()
    return 2 * shared / (len(found) + len(gold)) if shared else 0.0


@dataclass(frozen=True, slots=True)
class SquadScores:
    """Means over questions on the scripts' scale, 0..100; None where no question is of that sort."""

    exact_match: float
    f1: float
    has_answer_exact_match: float | None
    has_answer_f1: float | None
    no_answer_accuracy: float | None


def squad_scores(
    predictions: Sequence[str], golds: Sequence[Sequence[str]], *, version: SquadVersion = "2.0"
) -> SquadScores:
    """What the published script prints for these predictions ("" says that there is no answer).

    `golds` runs parallel to `predictions`. As in the script of 2.0, a question has an answer when its list
    is not empty. Raises ValueError for no question at all, or an empty list under 1.1.
    """
    pairs = list(zip(predictions, golds, strict=True))
    if not pairs:
        raise ValueError("there is no question to score")
    exact = [100 * exact_match(found, gold, version=version) for found, gold in pairs]
    overlap = [100 * f1(found, gold, version=version) for found, gold in pairs]
    with_answer = [bool(gold) for gold in golds]
    return SquadScores(
        exact_match=sum(exact) / len(pairs),
        f1=sum(overlap) / len(pairs),
        has_answer_exact_match=mean([score for score, has in zip(exact, with_answer, strict=True) if has]),
        has_answer_f1=mean([score for score, has in zip(overlap, with_answer, strict=True) if has]),
        no_answer_accuracy=mean([score for score, has in zip(exact, with_answer, strict=True) if not has]),
    )


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean, None for no value."""
    return sum(values) / len(values) if values else None


def ratio(part: float, whole: float) -> float | None:
    """`part / whole`, None for a whole of 0."""
    return part / whole if whole else None


def recall_at_k(ranks: Sequence[int | None], k: int) -> float | None:
    """Share of relevant items among the first `k`; `ranks` holds their ranks from 1, None if not found."""
    return ratio(sum(rank is not None and rank <= k for rank in ranks), len(ranks))


def mrr(ranks: Sequence[int | None]) -> float | None:
    """Mean reciprocal rank; `ranks` holds each question's first relevant rank from 1, None counting 0."""
    return mean([0.0 if rank is None else 1 / rank for rank in ranks])


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Probability that a positive scores above a negative, a tie counting half. None unless both sorts occur.

    Source: the rank-sum form (Mann and Whitney 1947; Hanley and McNeil 1982), with mean ranks for ties.
    """
    is_positive = np.asarray(positive, dtype=bool)
    positives, negatives = int(is_positive.sum()), int((~is_positive).sum())
    if not positives or not negatives:
        return None
    _, inverse, counts = np.unique(
        np.asarray(scores, dtype=np.float64), return_inverse=True, return_counts=True
    )
    mean_rank = np.cumsum(counts) - (counts - 1) / 2
    rank_sum = float(mean_rank[inverse][is_positive].sum())
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def roc(scores: Sequence[float], positive: Sequence[bool]) -> list[tuple[float, float]]:
    """Shares of negatives and positives at or above each score, (0, 0) to (1, 1); [] for one sort only."""
    pairs = list(zip(scores, positive, strict=True))
    positives = sum(is_positive for _, is_positive in pairs)
    negatives = len(pairs) - positives
    if not positives or not negatives:
        return []
    points = [(0.0, 0.0)]
    for threshold in sorted(set(scores), reverse=True):
        above = [is_positive for score, is_positive in pairs if score >= threshold]
        points.append(((len(above) - sum(above)) / negatives, sum(above) / positives))
    return points


@dataclass(frozen=True, slots=True)
class AbstentionErrors:
    """Shares, 0..1: of unanswerable questions that were answered, of answerable ones that were refused."""

    answered_though_unanswerable: float | None
    refused_though_answerable: float | None


def abstention_errors(answered: Sequence[bool], answerable: Sequence[bool]) -> AbstentionErrors:
    """Both ways of being wrong about whether to answer; the lists run parallel, one entry a question."""
    pairs = list(zip(answered, answerable, strict=True))
    return AbstentionErrors(
        mean([float(did) for did, could in pairs if not could]),
        mean([float(not did) for did, could in pairs if could]),
    )


@dataclass(frozen=True, slots=True)
class PrecisionRecall:
    """Shares, 0..1. `precision` is None when nothing was predicted, `recall` when nothing was to be found."""

    precision: float | None
    recall: float | None
    f1: float | None


def precision_recall(*, right: int, predicted: int, found: int, gold: int) -> PrecisionRecall:
    """`right` of `predicted` are true, `found` of `gold` predicted: two counts, as several may match one.

    F1 is 0 when there was something to find and nothing right was predicted; None when there was neither.
    """
    precision, recall = ratio(right, predicted), ratio(found, gold)
    if not predicted and not gold:
        return PrecisionRecall(None, None, None)
    if not precision or not recall:
        return PrecisionRecall(precision, recall, 0.0)
    return PrecisionRecall(precision, recall, 2 * precision * recall / (precision + recall))


def wilson(part: int, whole: int) -> tuple[float, float] | None:
    """The 95 % interval of the share `part / whole`, low and high, in 0..1; None for a whole of 0.

    Source: Wilson 1927, "Probable inference", without continuity correction.
    """
    if not whole:
        return None
    z = 1.959964  # the 97.5th percentile of the normal distribution
    share, spread = part / whole, z * z / whole
    centre = share + spread / 2
    half = (spread * (share * (1 - share) + spread / 4)) ** 0.5
    return max(0.0, (centre - half) / (1 + spread)), min(1.0, (centre + half) / (1 + spread))


def bootstrap_interval(
    parts: Sequence[float], wholes: Sequence[float], *, resamples: int = 2000
) -> tuple[float, float] | None:
    """The 95 % interval of `sum(parts) / sum(wholes)`, low and high; None for wholes of 0.

    The lists run parallel, an entry a group of items that are not independent: groups are drawn again, with
    replacement, always the same way. Source: Efron and Tibshirani 1993, chapter 13, the percentile interval.
    """
    if not sum(wholes):
        return None
    draws = np.random.default_rng(0).integers(0, len(wholes), (resamples, len(wholes)))
    part = np.asarray(parts, dtype=np.float64)[draws].sum(axis=1)
    whole = np.asarray(wholes, dtype=np.float64)[draws].sum(axis=1)
    drawn = whole > 0
    low, high = np.percentile(part[drawn] / whole[drawn], (2.5, 97.5))
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Precision and recall of what was found with at least this score."""

    score: float
    precision: float
    recall: float


def precision_recall_curve(
    scores: Sequence[float], positive: Sequence[bool], *, gold: int
) -> list[CurvePoint]:
    """A point for each score that occurs, highest first; `gold` counts what there was to find.

    `scores` are those of what was found: what was not found has none, so the curve may end at any recall.
    """
    pairs = list(zip(scores, positive, strict=True))
    if not gold:
        return []
    points = []
    for threshold in sorted(set(scores), reverse=True):
        above = [is_positive for score, is_positive in pairs if score >= threshold]
        points.append(CurvePoint(threshold, sum(above) / len(above), sum(above) / gold))
    return points


def average_precision(scores: Sequence[float], positive: Sequence[bool], *, gold: int) -> float | None:
    """Precision at each step of `precision_recall_curve`, weighted by the recall that the step gains.

    What was never found counts 0. None when there was nothing to find. Source: Manning et al. 2008,
    "Introduction to Information Retrieval", section 8.4, without interpolation.
    """
    if not gold:
        return None
    total, before = 0.0, 0.0
    for point in precision_recall_curve(scores, positive, gold=gold):
        total += (point.recall - before) * point.precision
        before = point.recall
    return total


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose confidence falls into one tenth: how many, their mean confidence, the share right."""

    count: int
    confidence: float
    accuracy: float


def reliability(confidences: Sequence[float], right: Sequence[bool], *, bins: int = 10) -> list[Bin]:
    """The bins that hold an answer, lowest first: `bins` of equal width over 0..1, each closed on the right.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 2; 0 joins the first bin.
    """
    groups: dict[int, list[tuple[float, bool]]] = {}
    for confidence, is_right in zip(confidences, right, strict=True):
        if not 0 <= confidence <= 1:
            raise ValueError(f"a confidence lies in 0..1, not at {confidence}")
        # Rounded: 0.7 * 10 is a hair above 7, and 0.7 belongs to the bin that ends there.
        groups.setdefault(max(0, int(np.ceil(round(confidence * bins, 9))) - 1), []).append(
            (confidence, is_right)
        )
    return [
        Bin(len(group), sum(one for one, _ in group) / len(group), sum(hit for _, hit in group) / len(group))
        for _, group in sorted(groups.items())
    ]


def expected_calibration_error(
    confidences: Sequence[float], right: Sequence[bool], *, bins: int = 10
) -> float | None:
    """Mean distance of confidence and share right over `reliability`'s bins, weighted by their answers."""
    weighted = [
        one.count * abs(one.confidence - one.accuracy) for one in reliability(confidences, right, bins=bins)
    ]
    return ratio(sum(weighted), len(confidences))


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The value that `percent` of 100 lie at or below, interpolated between neighbours; None for no value."""
    return float(np.percentile(np.asarray(values, dtype=np.float64), percent)) if values else None


def share(of: NDArray[np.bool_]) -> float | None:
    """How many of these are true, to three places; None of none."""
    return round(float(of.mean()), 3) if of.size else None
