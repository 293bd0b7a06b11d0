"""From readings to an answer: what the comparison model judges once more decides the order and the conflicts."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.library import Library
from index.records import Hit
from qa.answer import answer_question
from qa.comparison.excerpt import Excerpt
from qa.comparison.model import ModelStatement, ReadExcerpt, RelationShares, StanceShares
from qa.conflicts.rulings import Standing, rule
from qa.question.conversation import Understood, understand
from qa.reader.spans import Window
from qa.records import Answer, Reading, Turn
from qa.settings import Settings
from qa.stages import Examined, Models
from qa.weights.fitted import load_fitted

NORTH = "The mill in Aarup opened in 1890. It employs 120 people today."
SOUTH = "The mill in Aarup is old. The mill in Aarup has 300 people on its books."


class EachSentence:
    """Reads every sentence of every hit, all with one score."""

    def read(self, asked: Understood, hits: Sequence[Hit]) -> list[Reading]:
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

    def stances(self, question: str, statements: Sequence[ModelStatement]) -> list[StanceShares]:
        answers = [any(word in one.sentence for word in self._words) for one in statements]
        return [StanceShares(0.0, 0.0, 0.0, 1.0, 0.99 if one else 0.02) for one in answers]

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
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
        understand("How many work at the mill in Aarup?"),
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


def test_an_answer_names_the_events_of_the_articles_that_it_quotes(library: Library) -> None:
    (event,) = asked(library, "120 people", "300 people").events
    names = {article.id: article.name for article in library.articles()}
    assert event.name in names.values()
    assert {*event.article_ids} <= {*names}


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


# So sure that its verdict is shown, whatever weights are fitted to it.
HOLDS = StanceShares(0.994, 0.002, 0.002, 0.002, 0.9)
DENIES = StanceShares(0.002, 0.994, 0.002, 0.002, 0.9)
ASIDE = StanceShares(0.1, 0.1, 0.1, 0.7, 0.05)
CLOSED = "Has the mill in Aarup closed?"


class Judge:
    """Takes each article's stand by a word in it, and finds all that it is asked of to be one relation."""

    name = "judge"

    def __init__(self, stands: Mapping[str, StanceShares], relation: str = "both") -> None:
        self._stands = stands
        shares = dict.fromkeys(("same", "both", "conflict", "update", "beside"), 0.01) | {relation: 0.96}
        self._relation = RelationShares(**shares, kinds=(0.2,) * 5)

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[ReadExcerpt]:
        window = Window(np.zeros((0, 2), dtype=np.int64), *np.zeros((2, 0), dtype=np.float32), 0.0)
        told = [" ".join(one.sentences) for one in excerpts]
        stands = [next((s for word, s in self._stands.items() if word in text), ASIDE) for text in told]
        return [
            ReadExcerpt(stand, tuple(4.0 if "closed" in each else -6.0 for each in one.sentences), window)
            for one, stand in zip(excerpts, stands, strict=True)
        ]

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        return [self._relation] * len(pairs)

    def lengths(self, texts: Sequence[str]) -> list[int]:
        return [len(one.split()) for one in texts]


class Beside(Hears):
    """The small model beside a judge."""

    def __init__(self, judge: Judge) -> None:
        super().__init__("closed")
        self.judge = judge  # type: ignore[assignment]

    def stances(self, question: str, statements: Sequence[ModelStatement]) -> list[StanceShares]:
        """Of what a sentence holds it has no opinion."""
        told = super().stances(question, statements)
        return [StanceShares(0.25, 0.25, 0.25, 0.25, one.answers) for one in told]


def library_of(folder: Path, **texts: str) -> Library:
    opened = Library.open(folder / "library")
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
        opened.add(folder / f"{name}.txt")
    return opened


def judged(
    library: Library,
    judge: Judge,
    examined: list[Examined] | None = None,
    asked: Understood | None = None,
) -> Answer:
    return answer_question(
        asked or Understood(CLOSED),
        library=library,
        models=Models(EachSentence(), Beside(judge)),
        settings=Settings(min_confidence=0.0),
        on_examined=None if examined is None else examined.append,
    )


RUMOUR = {
    "north": "The mill in Aarup has closed for good, its owner said. Workers wept at the gate.",
    "south": "People say that the mill in Aarup has closed. That is not so: it runs day and night.",
    "west": "Rain fell on Aarup. The fair was moved.",
}


def test_with_a_judge_a_verdict_is_that_of_the_article_not_of_a_claim_that_it_repeats(tmp_path: Path) -> None:
    with library_of(tmp_path, **RUMOUR) as library:
        answer = judged(library, Judge({"for good": HOLDS, "not so": DENIES}))
    told = {one.text: one.polarity for one in answer.positions}
    assert told["The mill in Aarup has closed for good, its owner said."] == "yes"
    assert told["People say that the mill in Aarup has closed."] == "no"


def test_a_follow_up_for_yes_or_no_gets_verdicts_though_words_of_the_talk_stand_behind_it(
    tmp_path: Path,
) -> None:
    follow_up = understand("The mill has closed?", [Turn("Who owns the mill?")], about=["Aarup"])
    examined: list[Examined] = []
    with library_of(tmp_path, **RUMOUR) as library:
        answer = judged(library, Judge({"for good": HOLDS, "not so": DENIES}), examined, follow_up)
        alone = answer_question(
            follow_up,
            library=library,
            models=Models(EachSentence(), Hears("closed")),
            settings=Settings(min_confidence=0.0),
            on_examined=examined.append,
        )
    assert answer.standalone_question == "The mill has closed? (Aarup)"
    assert {"yes", "no"} <= {one.polarity for one in answer.positions}
    assert alone.text == alone.citations[0].sentence
    assert all(one.stance is not None for each in examined for one in each.found)


@pytest.mark.parametrize("relation", ["both", "same", "beside"])
def test_opposed_verdicts_that_are_shown_never_stand_beside_each_other_without_a_word(
    tmp_path: Path, relation: str
) -> None:
    with library_of(tmp_path, **RUMOUR) as library:
        answer = judged(library, Judge({"for good": HOLDS, "not so": DENIES}, relation))
    shown = {one.polarity: frozenset(each.article_id for each in one.citations) for one in answer.positions}
    assert {"yes", "no"} <= {*shown}
    pairs = {frozenset(each.article_id for each in one.statements): one.tier for one in answer.conflicts}
    assert pairs[shown["yes"] | shown["no"]] in ("disagree", "may_disagree")


def test_each_stage_is_told_to_who_asks(tmp_path: Path) -> None:
    examined: list[Examined] = []
    with library_of(tmp_path, **RUMOUR) as library:
        answer = judged(library, Judge({"for good": HOLDS, "not so": DENIES}), examined)
        articles = {one.id for one in library.articles()}
    (held,) = examined
    assert {one.article.id for one in held.read} == articles
    assert {one.citation.article_id for one in held.found} == articles  # none is cut before the judge
    assert {one.citation.article_id for one in held.statements} <= articles
    assert held.check.pairs == len(held.compared) > 0
    assert held.found[0].citation == answer.citations[0]
    assert [one.citation.score for one in held.found] == sorted(
        (one.citation.score for one in held.found), reverse=True
    )
    unwatched: list[Examined] = []
    with library_of(tmp_path / "empty") as nothing:
        assert judged(nothing, Judge({}), unwatched).status == "unanswered"
    assert unwatched[0].check.reason == "no article is in scope"


def test_the_thresholds_are_those_of_the_judge_where_there_is_one() -> None:
    alone, both = Models(EachSentence(), Hears()), Models(EachSentence(), Beside(Judge({})))
    assert (alone.judged, both.judged, Models(EachSentence()).judged) == (False, True, False)
    for name in ("answered", "source", "stranger", "closest"):
        assert alone.threshold(name) == load_fitted().thresholds[name]
        assert both.threshold(name) == load_fitted().thresholds[f"judged_{name}"]
