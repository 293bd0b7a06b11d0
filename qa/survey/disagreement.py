"""One disagreement that a survey found: two accounts that cannot both hold, each with its statements."""

from dataclasses import dataclass

from qa.records import Citation, Conflict, ConflictKind, ConflictTier


@dataclass(frozen=True, slots=True)
class Account:
    """One value and the statements that give it, by date; without an amount or date, their first words."""

    value: str
    citations: tuple[Citation, ...]

    @property
    def amount(self) -> str:
        """The value where it is an amount or a date; "" where a whole sentence stands against another."""
        return "" if self.value.startswith("“") else self.value


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two accounts that cannot both hold. `score` is in 0..1; `possible_update` as in `Conflict`."""

    kind: ConflictKind
    one: Account
    other: Account
    score: float
    possible_update: bool
    tier: ConflictTier = "disagree"

    @property
    def accounts(self) -> tuple[Account, Account]:
        """Both."""
        return self.one, self.other

    @property
    def conflict(self) -> Conflict:
        """The same as an answer carries it."""
        statements = (*self.one.citations, *self.other.citations)
        explanation = f"{self.one.value} against {self.other.value}"
        sides = (0,) * len(self.one.citations) + (1,) * len(self.other.citations)
        return Conflict(
            self.kind, explanation, statements, self.score, self.possible_update, sides, self.tier
        )
