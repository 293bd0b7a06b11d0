"""How sure a conflict is: the probability that two statements, found to differ, cannot both be right.

It rests on how surely each answers the question, by itself and among what its article says, and on what the
entailment model makes of the two, in both directions. The weights are those of a logistic regression.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from qa.records import Citation, ConflictKind, Entailment
from qa.rules import Pair
from qa.verdicts import told_plainly

# So many pairs at most go through the model, those of the likeliest answers; the others are judged without.
MOST_WEIGHED = 16

# Below it a conflict is not shown: a false alarm costs more trust than a miss. At 0.75 about 82 of 100 shown
# are right on questions that the weights were fitted without, at 0.65 about 76, at 0.5 about 65.
# Source: `eval.fit_conflicts`.
LEAST_SURE = 0.75

# How surely the less sure statement answers, and the surer one, as log-odds; the logarithm of how sure the
# one that is further from it is beside the best statement of its article; how surely both verdicts were told,
# as log-odds, 0 where there are none; then, with a model, how surely it calls the two a contradiction,
# and how surely it has one follow from the other.
# Source: `python -m eval.fit_conflicts`, on the open half of the news set, those of a model with the bundled
# one. That what follows is no contradiction the set is too small to show (0.79 was fitted): "follows" weighs
# nothing.
FEATURES = ("less_sure", "surer", "beside_best", "told", "contradicts", "follows")
BY_RULE: Mapping[str, float] = {
    "less_sure": 0.852, "surer": 0.376, "beside_best": 1.51, "told": 0.0,
    "number": 0.958, "date": 0.748, "name": -0.027, "polarity": 0.549, "certainty": 0.345,
}  # fmt: skip
BY_MODEL: Mapping[str, float] = {
    "less_sure": 0.82, "surer": 0.357, "beside_best": 1.492, "told": 0.196,
    "contradicts": 1.428, "follows": 0.0,
    "number": 0.443, "date": 0.413, "name": -0.27, "polarity": -0.027, "certainty": 0.342,
}  # fmt: skip


class Weighing:
    """Gives pairs of statements on one question their scores."""

    def __init__(self, statements: Sequence[Citation], entailment: Entailment | None = None) -> None:
        self._best: dict[str, float] = {}
        for one in statements:
            self._best[one.article_id] = max(self._best.get(one.article_id, 0.0), one.score)
        self._entailment = entailment

    def weigh(self, pairs: Sequence[Pair]) -> list[Pair]:
        """The pairs with their scores, in order; those that are no conflict after all are left out."""
        found = [
            replace(pair, score=score(pair.kind, features))
            for pair, features in zip(pairs, self.features(pairs), strict=True)
        ]
        return [pair for pair in found if pair.score >= LEAST_SURE]

    def features(self, pairs: Sequence[Pair]) -> list[dict[str, float]]:
        """What each pair is weighed by, by name; "contradicts" and "follows" where the model judged it."""
        rows = [
            {**self._answering(*_both(pair)), "told": 0.0 if pair.told is None else _log_odds(pair.told)}
            for pair in pairs
        ]
        if self._entailment is None:
            return rows
        likeliest = sorted(range(len(pairs)), key=lambda at: (-rows[at]["less_sure"], at))[:MOST_WEIGHED]
        texts = [[told_plainly(one.sentence) for one in _both(pairs[at])] for at in likeliest]
        told = self._entailment.judge([pair for one, other in texts for pair in ((one, other), (other, one))])
        for place, at in enumerate(likeliest):
            both = told[2 * place], told[2 * place + 1]
            rows[at]["contradicts"] = sum(one.contradiction for one in both) / 2
            rows[at]["follows"] = max(one.entailment for one in both)
        return rows

    def _answering(self, one: Citation, other: Citation) -> dict[str, float]:
        low, high = sorted((one.score, other.score))
        beside = min(each.score / max(self._best.get(each.article_id, 0.0), 1e-6) for each in (one, other))
        return {
            "less_sure": _log_odds(low),
            "surer": _log_odds(high),
            "beside_best": math.log(max(min(beside, 1.0), 0.01)),
        }


def score(kind: ConflictKind, features: Mapping[str, float]) -> float:
    """The probability, 0..1, rounded to four digits."""
    weights = BY_MODEL if "contradicts" in features else BY_RULE
    total = weights[kind] + sum(weights[name] * value for name, value in features.items())
    return round(1 / (1 + math.exp(-total)), 4)


def _both(pair: Pair) -> tuple[Citation, Citation]:
    """The two statements that the pair was found in."""
    return pair.one.citations[0], pair.other.citations[0]


def _log_odds(probability: float) -> float:
    kept = min(max(probability, 0.01), 0.99)
    return math.log(kept / (1 - kept))
