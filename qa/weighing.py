"""How sure a conflict is: the probability that two statements, found to differ, cannot both be right.

It rests on how surely each answers the question, by itself and among what its article says, on how much of
the question both speak of, and on whether the entailment model calls the two a contradiction. The weights are
those of a logistic regression.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from qa.asked import Asked
from qa.claims import read_claim
from qa.records import Citation, ConflictKind, Entailment
from qa.relation import weight
from qa.rules import Pair
from qa.verdicts import told_plainly

# So many pairs at most go through the model, those of the likeliest answers; the others are judged without.
MOST_WEIGHED = 16

# Below it a conflict is not shown: a false alarm costs more trust than a miss. At 0.75 about 87 of 100 shown
# are right on questions that the weights were fitted without, at 0.65 about 77, at 0.5 about 72.
# Source: `eval.fit_conflicts`.
LEAST_SURE = 0.75

# How surely the less sure statement answers, and the surer one, as log-odds; the logarithm of how sure the
# one that is further from it is beside the best statement of its article; which share of what the question
# asks about both speak of, 0..1; how likely it is that one says yes and the other no, or leaves open what the
# other says, as log-odds, 0 where that is not what sets them apart; then, with a model, how surely it calls
# the two a contradiction. Whether it has one follow from the other adds nothing, nor how alike the two are.
# Source: `python -m eval.fit_conflicts`, on the open half of the news set, those of a model with the bundled
# one. "on_question" raised average precision on questions left out of the fit from 0.70 to 0.73.
FEATURES = ("less_sure", "surer", "beside_best", "on_question", "told", "contradicts")
BY_RULE: Mapping[str, float] = {
    "less_sure": 0.692, "surer": 0.208, "beside_best": 1.313, "on_question": 2.462, "told": 0.0,
    "number": 0.178, "date": 0.286, "name": -0.337, "polarity": 0.182, "certainty": 0.258,
}  # fmt: skip
BY_MODEL: Mapping[str, float] = {
    "less_sure": 0.652, "surer": 0.194, "beside_best": 1.384, "on_question": 2.402, "told": 0.974,
    "contradicts": 1.834,
    "number": -0.341, "date": -0.068, "name": -0.623, "polarity": -0.827, "certainty": 0.212,
}  # fmt: skip


class Weighing:
    """Gives pairs of statements on one question their scores."""

    def __init__(
        self, asked: Asked, statements: Sequence[Citation], entailment: Entailment | None = None
    ) -> None:
        self._asked = asked
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
        """What each pair is weighed by, by name; "contradicts" where the model judged it."""
        rows = [
            {
                **self._answering(*_both(pair)),
                "on_question": min(self._on_question(one) for one in _both(pair)),
                "told": 0.0 if pair.told is None else _log_odds(pair.told),
            }
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
        return rows

    def _answering(self, one: Citation, other: Citation) -> dict[str, float]:
        low, high = sorted((one.score, other.score))
        beside = min(each.score / max(self._best.get(each.article_id, 0.0), 1e-6) for each in (one, other))
        return {
            "less_sure": _log_odds(low),
            "surer": _log_odds(high),
            "beside_best": math.log(max(min(beside, 1.0), 0.01)),
        }

    def _on_question(self, citation: Citation) -> float:
        """Which share of what the question asks about the statement speaks of, dull words counting less."""
        claim = read_claim(citation.sentence, published=citation.published)
        wanted = sum(weight(key) for key in self._asked.keys)
        return sum(weight(key) for key in self._asked.keys & claim.keys) / wanted if wanted else 1.0


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
