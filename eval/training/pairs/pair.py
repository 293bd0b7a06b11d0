"""A pair of statements, and what the first says of the second."""

from dataclasses import dataclass

LABELS = ("entailment", "neutral", "contradiction")
ENTAILMENT, NEUTRAL, CONTRADICTION = range(3)


@dataclass(frozen=True, slots=True)
class Pair:
    """`label` is a place in LABELS; `source` is the set, or how the pair was made."""

    premise: str
    hypothesis: str
    label: int
    source: str
