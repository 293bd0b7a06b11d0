"""Fits the reader's weights and shows what each threshold costs, on questions that it was not trained on.

    python -m eval.fit_reader DATA [--questions 800]

asks what `eval.fit_material` gathers. Half of it, by article, fits the weights of each kind of question: two
logistic regressions of "this sentence answers", on all features for the order and without the shared words
for the score; then scale and constant of the score on the first reading of each question, so that the score
of an answer is the probability that it is right. The other half judges them.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from eval.fit_material import Asked, gather
from eval.metrics import auroc, expected_calibration_error
from index.embed import open_embedder
from qa.kinds import Kind
from qa.reader import SpanReader
from qa.span_model import BundledSpanModel

Rows = NDArray[np.float64]

# The features of the words that question and sentence, or passage, share.
SHARED_WORDS = (2, 3)


def fit(asked: Sequence[Asked]) -> tuple[Rows, Rows]:
    """The weights of the order and those of the score, the constant last in both."""
    from sklearn.linear_model import LogisticRegression  # comes with sentence-transformers

    order = _regression(asked, range(asked[0].features.shape[1]))
    lean = _regression(asked, [at for at in range(len(order)) if at not in SHARED_WORDS])
    firsts = [int(np.argmax(one.features @ order)) for one in asked]
    scores = np.array([one.features[first] @ lean for one, first in zip(asked, firsts, strict=True)])
    outcomes = np.array([one.right[first] for one, first in zip(asked, firsts, strict=True)])
    scale = LogisticRegression(C=1e4).fit(scores[:, None], outcomes)
    lean *= scale.coef_[0, 0]
    lean[-1] += scale.intercept_[0]
    return order, lean


def _regression(asked: Sequence[Asked], columns: Sequence[int]) -> Rows:
    """What tells a sentence that answers, by some of the features; the weights of the others are 0."""
    from sklearn.linear_model import LogisticRegression

    features = np.concatenate([one.features for one in asked])
    right = np.concatenate([one.right for one in asked])
    used = [at for at in columns if features[:, at].std() > 0 or at == features.shape[1] - 1]
    weights = np.zeros(features.shape[1])
    fitted = LogisticRegression(C=10.0, fit_intercept=False, max_iter=5_000).fit(features[:, used], right)
    weights[used] = fitted.coef_[0]
    return weights


@dataclass(frozen=True, slots=True)
class First:
    """A question's first reading: its probability, whether it is right, and whether any could be."""

    way: str
    probability: float
    right: bool
    answerable: bool


def first_readings(asked: Sequence[Asked], order: Rows, weights: Rows) -> list[First]:
    """One for each question, in order."""
    firsts = []
    for one in asked:
        place = int(np.argmax(one.features @ order))
        probability = float(1 / (1 + np.exp(-(one.features[place] @ weights))))
        firsts.append(First(one.way, probability, bool(one.right[place]), one.answerable))
    return firsts


def report(firsts: Sequence[First]) -> dict[str, object]:
    """Share of right first readings, AUROC of abstention, calibration, and the errors of each threshold."""
    probability = np.array([one.probability for one in firsts])
    right = np.array([one.right for one in firsts], dtype=bool)
    answerable = np.array([one.answerable for one in firsts], dtype=bool)
    separation = auroc(list(probability), list(answerable))
    return {
        "questions": len(firsts),
        "answerable": int(answerable.sum()),
        "right_first": _share(right[answerable]),
        "auroc": _rounded(separation),
        "calibration_error": _rounded(expected_calibration_error(list(probability), list(right))),
        "best_threshold": _best_threshold(probability, answerable),
        "thresholds": {
            f"{threshold:.2f}": {
                "answered_though_unanswerable": _share(probability[~answerable] >= threshold),
                "refused_though_answerable": _share(probability[answerable] < threshold),
                "right_of_answered": _share(right[probability >= threshold]),
            }
            for threshold in np.arange(0.1, 0.75, 0.05)
        },
    }


def _best_threshold(probability: Rows, answerable: NDArray[np.bool_]) -> float | None:
    """The one with the least sum of the two shares of errors."""
    if answerable.all() or not answerable.any():
        return None
    thresholds = np.arange(0.05, 0.9, 0.01)
    errors = [
        (probability[~answerable] >= one).mean() + (probability[answerable] < one).mean()
        for one in thresholds
    ]
    return round(float(thresholds[int(np.argmin(errors))]), 2)


def _share(of: NDArray[np.bool_]) -> float | None:
    return round(float(of.mean()), 3) if of.size else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def main() -> None:
    """Prints weights and reports as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=800)
    arguments = parser.parse_args()
    embedder = open_embedder(None)
    asked = gather(arguments.data, arguments.questions, SpanReader(BundledSpanModel(), embedder), embedder)
    print(json.dumps(fit_kinds(asked), indent=1))


def fit_kinds(asked: Sequence[Asked]) -> dict[str, object]:
    """The weights of each kind and how they do, together and by the way in which was asked."""
    found: dict[str, object] = {}
    judged: list[First] = []
    for kind in get_args(Kind):
        mine = [one for one in asked if one.kind == kind]
        order, weights = fit([one for one in mine if one.fitted])
        firsts = first_readings([one for one in mine if not one.fitted], order, weights)
        judged += firsts
        found[f"{kind}, order"] = [round(float(weight), 3) for weight in order]
        found[kind] = [round(float(weight), 3) for weight in weights]
        found[f"{kind}, judged"] = report(firsts)
    found["judged"] = report(judged)
    for way in sorted({one.way for one in judged}):
        found[f"judged, {way}"] = report([one for one in judged if one.way == way])
    return found


if __name__ == "__main__":
    main()
