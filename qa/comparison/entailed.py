"""Any entailment model as a comparison model: what a user names instead of the bundled one."""

from collections.abc import Sequence

from qa.comparison.model import KINDS, RelationShares, StanceShares, Statement
from qa.records import Entailment, Probabilities


class EntailedComparison:
    """Stances and relations from three labels: what is contradicted is a no, or a conflict.

    Such a model tells neither what is open from what is beside the question, nor an update from a conflict.
    """

    def __init__(self, entailment: Entailment) -> None:
        self._entailment = entailment

    @property
    def name(self) -> str:
        """The entailment model's own."""
        return self._entailment.name

    def stances(self, question: str, statements: Sequence[Statement]) -> list[StanceShares]:
        """As `qa.comparison.model.Comparison` says."""
        judged = self._entailment.judge([(one.sentence, question) for one in statements])
        return [StanceShares(one.entailment, one.contradiction, 0.0, one.neutral) for one in judged]

    def relations(self, question: str, pairs: Sequence[tuple[Statement, Statement]]) -> list[RelationShares]:
        """As `qa.comparison.model.Comparison` says; the same only where each follows from the other."""
        del question
        both = [pair for one, other in pairs for pair in ((one, other), (other, one))]
        judged = self._entailment.judge([(one.sentence, other.sentence) for one, other in both])
        return [_relation(*two) for two in zip(judged[::2], judged[1::2], strict=True)]


def _relation(one: Probabilities, other: Probabilities) -> RelationShares:
    conflict = (one.contradiction + other.contradiction) / 2
    same = min(one.entailment, other.entailment)
    return RelationShares(same, max(0.0, 1 - same - conflict), conflict, 0.0, (1 / len(KINDS),) * len(KINDS))
