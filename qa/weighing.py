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

# Below it a conflict is not shown: a false alarm costs more trust than a miss. At 0.75 about 88 of 100 shown
# are right on questions that the weights were fitted without, at 0.65 about 79, at 0.5 about 74.
# Source: `eval.fit_conflicts`.
LEAST_SURE = 0.75

# How surely the less sure statement answers, and the surer one, as log-odds; the logarithm of how sure the
# one that is further from it is beside the best statement of its article; which share of what the question
# asks about both speak of, 0..1; how likely it is that one says yes and the other no, or leaves open what the
# other says, as log-odds, 0 where that is not what sets them apart; how far the rules for one story bear it
# out. With a model, also how surely it calls the two a contradiction. What adds nothing: whether it has one
# follow from the other, what it says to the question with either's value, how alike the two are, and how near
# to the question. Source: `python -m eval.fit_conflicts`, on the open half of the news set, those of a model
# with the bundled one.
FEATURES = ("less_sure", "surer", "beside_best", "on_question", "told", "retold")
JUDGED = ("contradicts",)
BY_RULE: Mapping[str, float] = {
    "less_sure": 0.68, "surer": 0.206, "beside_best": 1.317, "on_question": 2.605, "told": 0.0,
    "retold": 0.123,
    "number": 0.106, "date": 0.247, "name": -0.453, "polarity": 0.309, "certainty": 0.238,
}  # fmt: skip
BY_MODEL: Mapping[str, float] = {
    "less_sure": 0.648, "surer": 0.198, "beside_best": 1.385, "on_question": 2.47, "told": 1.131,
    "retold": 0.437, "contradicts": 1.763,
    "number": -0.389, "date": -0.088, "name": -0.708, "polarity": -0.576, "certainty": 0.211,
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
                "retold": pair.retold,
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
