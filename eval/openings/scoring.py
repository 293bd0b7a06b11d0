"""How much of what is stated is read, and how much of what is read is stated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.openings.records import FIELDS, Row
from index.sources.opening import read_opening
from index.sources.opening.scoring import Weights, key


@dataclass(frozen=True, slots=True)
class Count:
    """Of one field: texts that state it, texts in which something was read, and in which that was right."""

    stated: int = 0
    read: int = 0
    right: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.stated + other.stated, self.read + other.read, self.right + other.right)

    @property
    def precision(self) -> float:
        """1 where nothing was read."""
        return self.right / self.read if self.read else 1.0

    @property
    def recall(self) -> float:
        """1 where nothing is stated."""
        return self.right / self.stated if self.stated else 1.0


def count(rows: Sequence[Row], weights: Weights | None = None) -> dict[str, Count]:
    """The counts by field; `weights` None for the bundled ones."""
    found = dict.fromkeys(FIELDS, Count())
    for row in rows:
        stated = read_opening(row.text, file_name=row.file_name, weights=weights).stated
        for name in FIELDS:
            expected, read = row.expected[name], getattr(stated, name)
            right = bool(expected) and same(read, expected)
            found[name] += Count(bool(expected), bool(read), right)
    return found


def same(read: str | None, expected: str | None) -> bool:
    """Whether two values are equal, capitals, signs and a "The" apart."""
    return key(read or "") == key(expected or "")


def print_counts(what: str, counts: Mapping[str, Count]) -> None:
    """A line for each field."""
    print(what)
    for name, one in counts.items():
        shares = f"precision {one.precision:6.1%}  recall {one.recall:6.1%}"
        print(f"  {name:10} {shares}  ({one.stated} stated, {one.read} read, {one.right} right)")
