"""Two statements that differ in a name alone: can both be true, or only one?

    python -m eval.training.judgements.rivals FILE...

checks files and counts what they hold. A line is a sentence with two names for one place of it:

    one: [Rossi | Bianchi] was elected head of the dockers' union in March.
    many: [Rossi | Bianchi] joined the dockers' union in March.

`one` is said of what only one can be or do, so that the two statements conflict; `many` is said of more than
one thing. Only the sense tells them apart: a model taught by names exchanged by rule (`elsewhere.py`) takes
every other name for another thing. Where no question is asked nothing else says what they are about.
"""

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.errors import GoldError
from eval.training.data.questions import is_held_out
from eval.training.judgements.judgement import AT_ONCE, GAPS, RELATION, Judgement, tell_after
from qa.comparison.model import KINDS, RELATIONS

_LINE = re.compile(r"(one|many): ([^\[\]|]*)\[([^\[\]|]+)\|([^\[\]|]+)\]([^\[\]|]*)")


@dataclass(frozen=True, slots=True)
class Rivals:
    """Two statements; `conflict` where only one of them can be true."""

    statements: tuple[str, str]
    conflict: bool


def read_rivals(file: Path) -> list[Rivals]:
    """One for each line. Raises GoldError, with the line, for what is none."""
    return [
        _rivals(line.strip(), f"{file}, line {at}")
        for at, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if line.strip()
    ]


def _rivals(line: str, place: str) -> Rivals:
    found = _LINE.fullmatch(line)
    if found is None:
        raise GoldError(f"{place}: write one: or many: and a sentence with [one name | another]: {line[:60]}")
    label, before, name, other, after = found.groups()
    names = (name.strip(), other.strip())
    if names[0] == names[1]:
        raise GoldError(f"{place}: the two names are the same: {line[:60]}")
    first, second = (f"{before}{one}{after}" for one in names)
    return Rivals((first, second), label == "one")


def read_parts(folder: Path | None) -> tuple[list[Rivals], list[Rivals]]:
    """Those of all files that are trained on, and those held out: one in twelve, by the first statement."""
    found = [one for file in sorted(folder.glob("*.txt")) for one in read_rivals(file)] if folder else []
    held_out = [one for one in found if is_held_out(one.statements[0])]
    return [one for one in found if one not in held_out], held_out


def rival_judgements(rivals: Iterable[Rivals], draw: random.Random) -> Iterator[Judgement]:
    """Relations without a question, in one of both orders."""
    for one in rivals:
        first, second = draw.sample(one.statements, 2)
        gap = draw.choice(AT_ONCE if one.conflict else GAPS)
        relation = RELATIONS.index("conflict" if one.conflict else "both")
        kind = KINDS.index("name") if one.conflict else -1
        yield Judgement(tell_after(gap, first), second, RELATION, relation, kind)


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description="check files of rival statements and count what they hold")
    parser.add_argument("files", nargs="+", type=Path)
    try:
        found = [one for file in parser.parse_args().files for one in read_rivals(file)]
    except (OSError, GoldError) as error:
        parser.exit(1, f"{error}\n")
    counts = Counter("one" if one.conflict else "many" for one in found)
    print(f"{len(found)} lines: {counts['one']} one, {counts['many']} many")


if __name__ == "__main__":
    main()
