"""Contrast sets: one question, and short statements that differ in what decides (Gardner et al. 2020).

    python -m eval.training.judgements.contrast FILE...

checks files and counts what they hold. A set is a question and its statements, one a line, each with a label:

    ? How many people did the quake in Kandor kill?
    = The quake in Kandor killed 23 people, police said.
    same: Twenty-three died when the earth shook in Kandor.
    conflict number: At least 40 people lost their lives in the Kandor quake.
    compatible: More than 20 people were killed in Kandor.
    beside: In Kandor the quake injured 40 people.

`=` is the statement that the others are held against. A yes/no question has none: its statements are labelled
`yes`, `no`, `open` or `other`, and each two are held against each other. Where a statement stands may be said
before it, the headline, the day and the sentence before, and what of it answers may be marked:

    update number: {Kandor: search goes on | 2026-03-05} The toll has risen to [31].
    elsewhere: {Tervo counts its dead | 2026-03-04 | The quake came at night.} It killed 40 people.

`elsewhere` sounds like an answer, and only where it stands shows that it is none; `update` is a later state
of the same thing, and the statement against which it is held has a day too.
"""

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path

from eval.errors import GoldError
from eval.training.data.questions import Passage, Question, is_held_out
from eval.training.judgements.judgement import ANSWER, RELATION, STANCE, WITHOUT_QUESTION, Judgement
from qa.comparison.model import KINDS, RELATIONS, STANCES, ModelStatement, relation_texts, stance_texts

_LINE = re.compile(r"(same|compatible|beside|elsewhere|yes|no|open|other|(?:conflict|update) (\w+)): (.+)")
_STATEMENT = re.compile(r"(?:\{([^{}|]*)(?:\|([^{}|]*))?(?:\|([^{}|]*))?\} ?)?([^{}]+)")
_MARKED = re.compile(r"([^\[\]]*)\[([^\[\]]+)\]([^\[\]]*)")


@dataclass(frozen=True, slots=True)
class Said:
    """A statement, its label, and a conflict's or an update's kind."""

    statement: ModelStatement
    label: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ContrastSet:
    """A question and what is said to it; a yes/no question has no `base`."""

    question: str
    base: ModelStatement | None
    said: tuple[Said, ...]


def read_contrast(file: Path) -> list[ContrastSet]:
    """The sets in a file. Raises GoldError, with the line, for what is no set."""
    found: list[ContrastSet] = []
    lines = [(at, line.strip()) for at, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1)]
    question, base = "", None
    said: list[Said] = []
    for at, line in [*lines, (len(lines), "? ")]:
        place = f"{file}, line {at}"
        if line.startswith("?"):
            if question:
                found.append(_check(ContrastSet(question, base, tuple(said)), place))
            question, base, said = line[1:].strip(), None, []
        elif line.startswith("="):
            base = _statement(line[1:].strip(), place)
        elif line:
            met = _LINE.fullmatch(line)
            if met is None or (met[2] and met[2] not in KINDS):
                raise GoldError(f"{place}: no label, or one that is not known: {line[:60]}")
            said.append(Said(_statement(met[3], place), met[1].split()[0], met[2] or ""))
    return found


def _statement(text: str, place: str) -> ModelStatement:
    """Reads `{headline | day | sentence before} sentence [with what answers]`."""
    parts = _STATEMENT.fullmatch(text)
    if parts is None:
        raise GoldError(f"{place}: where it stands is written {{headline | day | before}}: {text[:60]}")
    title, day, before, told = (part.strip() if part else "" for part in parts.groups())
    try:
        published = date.fromisoformat(day).isoformat() if day else None
    except ValueError:
        raise GoldError(f"{place}: the day is written as 2026-03-05: {day[:60]}") from None
    marked = _MARKED.fullmatch(told)
    if marked is None and ("[" in told or "]" in told):
        raise GoldError(f"{place}: one [mark] a statement: {told[:60]}")
    sentence, quote = ("".join(marked.groups()), marked[2]) if marked else (told, told)
    if marked and sentence.find(quote) != len(marked[1]):
        raise GoldError(f"{place}: mark more words, what is marked stands before it too: {told[:60]}")
    return ModelStatement(sentence, quote, before, title, published)


def _check(one: ContrastSet, place: str) -> ContrastSet:
    labels = {said.label for said in one.said} - {"elsewhere"}
    if len(one.said) < 2 or {label in STANCES for label in labels} != {one.base is None}:
        raise GoldError(
            f"{place}: before it stands a set that is too small, or has neither `=` nor yes/no labels alone"
        )
    dated = one.base is not None and one.base.published is not None
    for said in one.said:
        if said.label == "update" and not (dated and said.statement.published is not None):
            raise GoldError(f"{place}: before it stands an update without its day, or a `=` without one")
    return one


# Labels of statements that do not answer, and how often one stands beside one that does; own choice.
_SILENT = frozenset(("beside", "elsewhere", "other"))
_BESIDE = 0.5

# Of a set's statements so many pairs are held against each other at a time.
_PAIRS = 8

# Both can be true, and one of them does not answer.
_BESIDE_ANSWERS = "beside"

# Two labels of a set whose statements relate in a known way, whatever they are held against.
_RELATED = {
    frozenset(("same",)): "same",
    frozenset(("same", "conflict")): "conflict",
    frozenset(("same", "beside")): _BESIDE_ANSWERS,
    frozenset(("conflict", "beside")): _BESIDE_ANSWERS,
    frozenset(("compatible", "beside")): _BESIDE_ANSWERS,
    frozenset(("update", "beside")): _BESIDE_ANSWERS,
}


def contrast_judgements(sets: Iterable[ContrastSet], draw: random.Random) -> list[Judgement]:
    """What the sets teach: stances, answers and relations, these in one of both orders."""
    made: list[Judgement] = []
    for one in sets:
        made += _of_yes_no(one, draw) if one.base is None else _of_other(one, one.base, draw)
    return made


def _of_yes_no(one: ContrastSet, draw: random.Random) -> Iterable[Judgement]:
    for said in one.said:
        label = "other" if said.label == "elsewhere" else said.label
        texts = stance_texts(one.question, said.statement)
        yield Judgement(*texts, STANCE, STANCES.index(label), answers=int(label != "other"))
    pairs = list(combinations([said for said in one.said if said.label != "elsewhere"], 2))
    for first, second in draw.sample(pairs, min(_PAIRS, len(pairs))):
        labels = {first.label, second.label}
        if "other" in labels:
            relation, kind = _BESIDE_ANSWERS, ""
        elif len(labels) == 1:
            if "open" in labels:
                continue  # two reasons to be unsure need not be the same
            relation, kind = "same", ""
        else:
            relation, kind = "conflict", "certainty" if "open" in labels else "polarity"
        yield _relation(one.question, (first.statement, second.statement), (relation, kind), draw)


def _of_other(one: ContrastSet, base: ModelStatement, draw: random.Random) -> Iterable[Judgement]:
    for statement, label in ((base, "="), *((said.statement, said.label) for said in one.said)):
        answers = int(label not in ("beside", "elsewhere"))
        yield Judgement(*stance_texts(one.question, statement), ANSWER, -1, answers=answers)
    for said in one.said:
        if said.label != "elsewhere":  # the pair alone does not show it
            relation = {"compatible": "both", "beside": _BESIDE_ANSWERS}.get(said.label, said.label)
            yield _relation(one.question, (base, said.statement), (relation, said.kind), draw)
    pairs = list(combinations(one.said, 2))
    for first, second in draw.sample(pairs, min(_PAIRS, len(pairs))):
        related = _RELATED.get(frozenset((first.label, second.label)))
        if related is not None:
            kind = (first.kind or second.kind) if related == "conflict" else ""
            yield _relation(one.question, (first.statement, second.statement), (related, kind), draw)


def contrast_questions(sets: Iterable[ContrastSet], draw: random.Random) -> Iterator[Question]:
    """Each set as a question that is read: a passage is a statement, or one that answers beside one
    that does not.

    The words that answer are learnt only where every statement of the set marks them.
    """
    for one in sets:
        answers = [said.statement for said in one.said if said.label not in _SILENT]
        silent = [said.statement for said in one.said if said.label in _SILENT]
        if one.base is not None:
            answers.append(one.base)
        marked = one.base is not None and all(told.quote != told.sentence for told in answers)
        draw.shuffle(silent)
        passages = []
        for told in answers:
            # what stands nowhere may stand beside anything
            free = silent and not (silent[-1].before or silent[-1].title) and draw.random() < _BESIDE
            passages.append(_passage(told, silent.pop() if free else None, draw))
        passages += [Passage(told.title, _split_statement(told)) for told in silent]
        draw.shuffle(passages)
        yield Question(one.question, "", "span" if marked else "yesno", tuple(passages))


def _passage(told: ModelStatement, beside: ModelStatement | None, draw: random.Random) -> Passage:
    """The statement where it stands, with what answers in it; before or after it another, if given."""
    texts = _split_statement(told)
    first = draw.random() < 0.5
    if beside is not None and first:
        texts = (beside.sentence, *texts)
    at = sum(len(text) + 1 for text in texts[:-1]) + told.sentence.find(told.quote)
    if beside is not None and not first:
        texts = (*texts, beside.sentence)
    return Passage(told.title, texts, at, at + len(told.quote))


def _split_statement(told: ModelStatement) -> tuple[str, ...]:
    return (told.before, told.sentence) if told.before else (told.sentence,)


def _relation(
    question: str, pair: tuple[ModelStatement, ModelStatement], label: tuple[str, str], draw: random.Random
) -> Judgement:
    first, second = draw.sample(pair, 2)
    relation, kind = label
    beside = relation == _BESIDE_ANSWERS
    asked = "" if draw.random() < WITHOUT_QUESTION else question
    texts = relation_texts(asked, first, second)
    place = RELATIONS.index("both" if beside else relation)
    return Judgement(
        *texts, RELATION, place, KINDS.index(kind) if kind else -1, beside=beside and bool(asked)
    )


def read_all(files: Sequence[Path]) -> list[ContrastSet]:
    """The sets of all files, or of the *.txt in a folder, in the order of their names."""
    every = [each for file in files for each in (sorted(file.glob("*.txt")) if file.is_dir() else [file])]
    return [one for file in every for one in read_contrast(file)]


def read_parts(folder: Path | None) -> tuple[list[ContrastSet], list[ContrastSet]]:
    """The sets in the folder to train on, and those that choose between trainings; none of no folder."""
    sets = read_all([folder]) if folder else []
    return [one for one in sets if not is_held_out(one.question)], [
        one for one in sets if is_held_out(one.question)
    ]


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+", help="files, or folders of *.txt")
    sets = read_all(parser.parse_args().files)
    labels = Counter(f"{said.label} {said.kind}".strip() for one in sets for said in one.said)
    print(f"{len(sets)} sets, {sum(labels.values())} statements: {dict(sorted(labels.items()))}")


if __name__ == "__main__":
    main()
