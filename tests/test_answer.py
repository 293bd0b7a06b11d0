"""From readings to an answer: what the comparison model judges once more decides the order and the conflicts."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from index.library import Library
from index.records import Hit
from qa.answer import Models, answer_question
from qa.comparison.model import RelationShares, StanceShares, Statement
from qa.conflicts.rulings import Standing, rule
from qa.records import Answer, Reading
from qa.settings import Settings

NORTH = "The mill in Aarup opened in 1890. It employs 120 people today."
SOUTH = "The mill in Aarup is old. The mill in Aarup has 300 people on its books."


class EachSentence:
    """Reads every sentence of every hit, all with one score."""

    def read(self, question: str, hits: Sequence[Hit], talk: str = "") -> list[Reading]:
        spans = {(hit.article.id, span): hit for hit in hits for span in hit.chunk.sentences}
        return [
            Reading(hit, *[span.start, span.end] * 2, 0.3)
            for (_, span), hit in sorted(spans.items(), key=str)
        ]


class Hears:
    """Says which sentences answer, by a word in them, and that those with other figures conflict."""

    name = "hears"
    judge = None

    def __init__(self, *words: str) -> None:
        self._words = words

    def stances(self, question: str, statements: Sequence[Statement]) -> list[StanceShares]:
        answers = [any(word in one.sentence for word in self._words) for one in statements]
        return [StanceShares(0.0, 0.0, 0.0, 1.0, 0.99 if one else 0.02) for one in answers]

    def relations(self, question: str, pairs: Sequence[tuple[Statement, Statement]]) -> list[RelationShares]:
        conflict = RelationShares(0.01, 0.01, 0.97, 0.01, (0.96, 0.01, 0.01, 0.01, 0.01))
        both = RelationShares(0.01, 0.97, 0.01, 0.01, (0.2,) * 5)
        return [
            conflict if {one.sentence.count("people"), other.sentence.count("people")} == {1} else both
            for one, other in pairs
        ]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    for name, text in (("north", NORTH), ("south", SOUTH)):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    opened = Library.open(tmp_path / "library")
    opened.add(tmp_path / "north.txt")
    opened.add(tmp_path / "south.txt")
    return opened


def asked(library: Library, *words: str, standing: Standing | None = None) -> Answer:
    return answer_question(
        "How many work at the mill in Aarup?",
        library=library,
        models=Models(EachSentence(), Hears(*words)),
        settings=Settings(),
        standing=standing,
    )


@pytest.mark.parametrize("said", ["It employs 120 people today.", "The mill in Aarup is old."])
def test_of_sentences_that_the_reader_finds_alike_the_comparison_model_chooses(
    library: Library, said: str
) -> None:
    answer = asked(library, said)
    assert answer.citations[0].sentence == said
    assert answer.confidence > 0.3


def test_a_sentence_that_the_comparison_model_rejects_is_not_cited(library: Library) -> None:
    assert asked(library).status == "closest"


def test_an_articles_second_sentence_is_held_against_the_answer(library: Library) -> None:
    """South's first statement agrees with all; what conflicts is its other sentence."""
    answer = asked(library, "120 people", "is old", "300 people")
    (conflict,) = answer.conflicts
    assert {one.sentence for one in conflict.statements} == {
        "It employs 120 people today.",
        "The mill in Aarup has 300 people on its books.",
    }
    assert asked(library, "is old", "1890").conflicts == ()


def test_a_conflict_that_is_ruled_none_does_not_hide_another_of_the_same_two_articles(tmp_path: Path) -> None:
    """Of each two articles the surest conflict alone is shown; the second of South's comes after it."""
    south = "About 300 people work at the mill in Aarup. The mill in Aarup has 310 people on its books."
    for name, text in (("north", NORTH), ("south", south)):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    with Library.open(tmp_path / "library") as library:
        library.add(*sorted(tmp_path.glob("*.txt")))
        words = "120 people", "300 people", "310 people"
        (surest,) = asked(library, *words).conflicts
        ruled = rule(surest, "no conflict", question="How many work there?")
        answer = asked(library, *words, standing=Standing([ruled]))
        (other,) = answer.conflicts
        assert {one.sentence for one in other.statements} != {one.sentence for one in surest.statements}
        assert answer.conflict_check.ruled_out == 1
        both = Standing([ruled, rule(other, "no conflict", question="How many work there?")])
        answer = asked(library, *words, standing=both)
        assert (answer.conflicts, answer.conflict_check.ruled_out) == (
            (),
            1,
        )  # one a pair of articles, as shown
        assert answer.conflict_check.pairs == asked(library, *words).conflict_check.pairs
