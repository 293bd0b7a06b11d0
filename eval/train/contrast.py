"""Contrast sets: one question, and short statements that differ in what decides (Gardner et al. 2020).

    python -m eval.train.contrast FILE...

checks files and counts what they hold. A set is a question and its statements, one a line, each with a label:

    ? How many people did the quake in Kandor kill?
    = The quake in Kandor killed 23 people, police said.
    same: Twenty-three died when the earth shook in Kandor.
    conflict number: At least 40 people lost their lives in the Kandor quake.
    compatible: More than 20 people were killed in Kandor.
    beside: In Kandor the quake injured 40 people.

`=` is the statement that the others are held against. A yes/no question has none: its statements are labelled
`yes`, `no`, `open` or `other`, and each two are held against each other.
"""

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from eval.train.comparison_data import ANSWER, RELATION, STANCE, WITHOUT_QUESTION, Judgement
from index.errors import GoldError
from qa.comparison import KINDS, RELATIONS, STANCES, Statement, relation_texts, stance_texts

_LINE = re.compile(r"(same|compatible|beside|yes|no|open|other|conflict (\w+)): (.+)")


@dataclass(frozen=True, slots=True)
class Said:
    """A statement, its label, and a conflict's kind."""

    sentence: str
    label: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ContrastSet:
    """A question and what is said to it; `base` is "" for a yes/no question."""

    question: str
    base: str
    said: tuple[Said, ...]


def read_contrast(file: Path) -> list[ContrastSet]:
    """The sets in a file. Raises GoldError, with the line, for what is no set."""
    found: list[ContrastSet] = []
    lines = [(at, line.strip()) for at, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1)]
    question, base = "", ""
    said: list[Said] = []
    for at, line in [*lines, (len(lines), "? ")]:
        if line.startswith("?"):
            if question:
                found.append(_checked(ContrastSet(question, base, tuple(said)), f"{file}, line {at}"))
            question, base, said = line[1:].strip(), "", []
        elif line.startswith("="):
            base = line[1:].strip()
        elif line:
            met = _LINE.fullmatch(line)
            if met is None or (met[2] and met[2] not in KINDS):
                raise GoldError(f"{file}, line {at}: no label, or one that is not known: {line[:60]}")
            said.append(Said(met[3], met[1].split()[0], met[2] or ""))
    return found


def _checked(one: ContrastSet, place: str) -> ContrastSet:
    decided = {said.label in STANCES for said in one.said}
    if len(one.said) < 2 or decided != {not one.base}:
        raise GoldError(
            f"{place}: before it stands a set that is too small, or has neither `=` nor yes/no labels alone"
        )
    return one


# Of a yes/no question's statements so many pairs are held against each other at a time.
_PAIRS = 8


def contrast_judgements(sets: Iterable[ContrastSet], draw: random.Random) -> list[Judgement]:
    """What the sets teach: stances, answers and relations, these in one of both orders."""
    made: list[Judgement] = []
    for one in sets:
        made += _of_yes_no(one, draw) if not one.base else _of_other(one, draw)
    return made


def _of_yes_no(one: ContrastSet, draw: random.Random) -> Iterable[Judgement]:
    for said in one.said:
        answers = int(said.label != "other")
        texts = stance_texts(one.question, Statement(said.sentence))
        yield Judgement(*texts, STANCE, STANCES.index(said.label), answers=answers)
    pairs = list(combinations(one.said, 2))
    for first, second in draw.sample(pairs, min(_PAIRS, len(pairs))):
        labels = {first.label, second.label}
        if "other" in labels:
            relation, kind = "both", ""
        elif len(labels) == 1:
            if "open" in labels:
                continue  # two reasons to be unsure need not be the same
            relation, kind = "same", ""
        else:
            relation, kind = "conflict", "certainty" if "open" in labels else "polarity"
        pair = (first.sentence, second.sentence)
        yield _relation(one.question, pair, (relation, kind), draw)


def _of_other(one: ContrastSet, draw: random.Random) -> Iterable[Judgement]:
    for sentence, label in ((one.base, "="), *((said.sentence, said.label) for said in one.said)):
        texts = stance_texts(one.question, Statement(sentence))
        yield Judgement(*texts, ANSWER, -1, answers=int(label != "beside"))
    for said in one.said:
        relation = {"compatible": "both", "beside": "both"}.get(said.label, said.label)
        yield _relation(one.question, (one.base, said.sentence), (relation, said.kind), draw)


def _relation(question: str, pair: tuple[str, str], label: tuple[str, str], draw: random.Random) -> Judgement:
    first, second = draw.sample([Statement(text, text) for text in pair], 2)
    relation, kind = label
    texts = relation_texts("" if draw.random() < WITHOUT_QUESTION else question, first, second)
    place = RELATIONS.index(relation)
    return Judgement(*texts, RELATION, place, KINDS.index(kind) if kind else -1)


def read_all(files: Sequence[Path]) -> list[ContrastSet]:
    """The sets of all files, or of the *.txt in a folder, in the order of their names."""
    every = [each for file in files for each in (sorted(file.glob("*.txt")) if file.is_dir() else [file])]
    return [one for file in every for one in read_contrast(file)]


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+", help="files, or folders of *.txt")
    sets = read_all(parser.parse_args().files)
    labels = Counter(f"{said.label} {said.kind}".strip() for one in sets for said in one.said)
    print(f"{len(sets)} sets, {sum(labels.values())} statements: {dict(sorted(labels.items()))}")


if __name__ == "__main__":
    main()
