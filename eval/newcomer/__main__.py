"""What becomes of the differences between articles that a newcomer adds and asks about.

    python -m eval.newcomer [--json]

adds the twelve articles, as files of four formats whose texts alone say who published them and when, and asks
about each difference once. Of each it tells how far it came: both statements shown, and told as a difference
in words that fit; and how many conflicts are shown besides, of which some are right too: what was planted is
not all. Nothing was fitted, trained or chosen on these articles.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from eval.errors import GoldError
from qa.ask import ask, open_library
from qa.library import Library
from qa.records import Answer, Citation
from qa.settings import Settings

FOLDER = Path(__file__).parent
ARTICLES = FOLDER / "articles"
DIFFERENCES = FOLDER / "differences.jsonl"

# not shown     at least one of the two statements stands nowhere in the answer
# the same      both are given as one position: the answer reassures over a difference
# something else   shown as two positions, and nothing is said of how they stand to each other
Told = Literal["disagree", "may disagree", "something else", "the same", "not shown"]
LEVELS: tuple[Told, ...] = ("disagree", "may disagree", "something else", "the same", "not shown")


@dataclass(frozen=True, slots=True)
class Side:
    """One of two statements: the id of its article, and where its words stand in the text."""

    article_id: str
    start: int
    end: int

    def said_by(self, citation: Citation) -> bool:
        """Whether the cited sentence holds the words."""
        return (
            citation.article_id == self.article_id
            and citation.sentence_start <= self.start
            and self.end <= citation.sentence_end
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """A question to which two articles give answers that cannot both be right."""

    question: str
    sides: tuple[Side, Side]


def read_differences(library: Library, ids: dict[str, str], file: Path = DIFFERENCES) -> list[Difference]:
    """All of the file; `ids` are the articles' by their files' names. GoldError for words not in the text."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        row = json.loads(line)
        sides = []
        for side in row["sides"]:
            text = library.article(ids[side["article"]]).text
            start = text.replace("\n", " ").find(side["words"])
            if start < 0:
                raise GoldError(
                    f"{file.name}, line {number}: {side['article']} nowhere says {side['words']!r}"
                )
            sides.append(Side(ids[side["article"]], start, start + len(side["words"])))
        found.append(Difference(row["question"], (sides[0], sides[1])))
    return found


def judge(answer: Answer, sides: tuple[Side, Side]) -> Told:
    """How the answer tells the difference between the two sides."""
    for conflict in sorted(answer.conflicts, key=lambda one: one.tier != "disagree"):
        told = conflict.by_side()
        for one, other in (sides, sides[::-1]):
            if len(told) == 2 and _any(told[0], one) and _any(told[1], other):
                return "disagree" if conflict.tier == "disagree" else "may disagree"
    if any(_any(each.citations, sides[0]) and _any(each.citations, sides[1]) for each in answer.positions):
        return "the same"
    shown = list(answer.quotes())
    return "something else" if all(_any(shown, side) for side in sides) else "not shown"


def count_others(answers: Sequence[Answer], differences: Sequence[Difference]) -> int:
    """How many of the conflicts shown are none of the differences."""
    planted = [one.sides for one in differences]
    return sum(
        not any(judge(replace(answer, conflicts=(one,)), sides) in LEVELS[:2] for sides in planted)
        for answer in answers
        for one in answer.conflicts
    )


def _any(citations: Sequence[Citation], side: Side) -> bool:
    return any(side.said_by(one) for one in citations)


def run() -> list[tuple[Difference, Answer, Told]]:
    """Each difference with the answer to its question, and how that tells it."""
    with TemporaryDirectory() as folder, open_library(folder, Settings(), create=True) as library:
        ids = {}
        for outcome in library.add(ARTICLES):
            if outcome.article_id is None:
                raise GoldError(f"{outcome.source} was not added: it {outcome.reason}")
            ids[Path(outcome.source).stem] = outcome.article_id
        asked = [
            (one, ask(one.question, library=library, settings=Settings()))
            for one in read_differences(library, ids)
        ]
    return [(one, answer, judge(answer, one.sides)) for one, answer in asked]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.newcomer", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    rows = run()
    counts = Counter(told for *_, told in rows)
    others = count_others([answer for _, answer, _ in rows], [one for one, *_ in rows])
    if given.json:
        told = [{"question": one.question, "status": answer.status, "told": how} for one, answer, how in rows]
        print(
            json.dumps(
                {"counts": {level: counts[level] for level in LEVELS}, "others": others, "rows": told},
                indent=1,
            )
        )
        return
    for one, answer, how in rows:
        print(f"{how:>15}  {answer.status:>10}  {one.question}")
    print(*(f"{counts[level]:>3}  {level}" for level in LEVELS), sep="\n")
    print(f"{others:>3}  other conflicts shown")


if __name__ == "__main__":
    main()
