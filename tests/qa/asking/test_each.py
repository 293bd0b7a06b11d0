"""A question about each statement: what it adds to a survey, what is remembered of it, and what is asked again."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.errors import QuestionError
from qa import Library
from qa.ask import ask, build_comparison
from qa.asking.each import ASKING, StatementQuestions
from qa.asking.questions import common_words, whether_true
from qa.cli import main
from qa.records import Answer
from qa.settings import Settings
from qa.survey.cache import SurveyCache
from qa.survey.statements import Sheets
from qa.survey.survey import Survey

# What the small model sees as a disagreement beside a question alone.
UNSEEN = "Nobody in Orvik has seen the minister since June."
SEEN = "The minister spoke in the town hall of Orvik in August."
TEXTS = {
    "Post": f"{UNSEEN} The weather was mild for the season.",
    "Herald": f"The market opened at nine. {SEEN}",
}
SMALL = Settings(judge="small")


class Asker:
    """The real `ask` with small models, which notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, question: str, **options: Any) -> Answer:
        self.asked.append(question)
        return ask(question, settings=SMALL, **options)


def add(library: Library, folder: Path, publisher: str, text: str) -> None:
    file = folder / f"{publisher}.json"
    file.write_text(json.dumps({"text": text, "publisher": publisher, "published": "2026-07-03"}))
    assert [outcome.status for outcome in library.add(file)] == ["added"]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        for publisher, text in TEXTS.items():
            add(opened, tmp_path, publisher, text)
        yield opened


@pytest.fixture
def survey(library: Library) -> Callable[..., Survey]:
    def surveyed(**options: Any) -> Survey:
        return library.conflicts(comparison=build_comparison(SMALL), **options)

    return surveyed


def told(found: Survey) -> set[frozenset[str]]:
    return {frozenset(one.sentence for one in conflict.statements) for conflict in found.conflicts}


def test_asking_finds_what_comparing_does_not_and_it_is_told_from_then_on(
    library: Library, survey: Callable[..., Survey]
) -> None:
    before = survey()
    assert (told(before), before.asked, before.unasked) == (set(), 0, 4)
    asker = Asker()
    found = survey(ask=asker)
    assert told(found) == {frozenset({UNSEEN, SEEN})}
    assert (found.asked, found.unasked, len(asker.asked)) == (4, 0, 4)
    for one in found.conflicts[0].statements:
        assert library.article(one.article_id).text[one.start : one.end] == one.quote
    assert survey() == found
    assert survey(ask=asker) == found
    assert len(asker.asked) == 4
    assert found.to_dict()["asked"] == 4


def test_what_has_the_nearest_counterpart_is_asked_about_first(survey: Callable[..., Survey]) -> None:
    asker = Asker()
    survey(ask=asker)
    assert ["minister" in question for question in asker.asked] == [True, True, False, False]


def test_of_what_has_no_counterpart_each_article_s_first_statement_is_asked_about_before_others(
    library: Library,
) -> None:
    asker = Asker()
    questions = StatementQuestions("models", ask=partial(asker, library=library))
    sheets, cache = Sheets.read(library.articles(), SurveyCache(None)), SurveyCache(None)
    asked = questions.put(sheets, cache, np.full(len(sheets.digests), -1.0), None, None)
    assert (asked.done, asked.left) == (4, 0)
    first = {one for question in asker.asked[:2] for one in ("anybody", "market") if one in question}
    assert first == {"anybody", "market"}


class Enough(Exception):
    """Somebody has stopped it."""


def test_who_stops_keeps_what_was_asked_and_the_next_goes_on_there(survey: Callable[..., Survey]) -> None:
    def stop(done: int, total: int | None, label: str) -> None:
        if (label, done) == (ASKING, 3):
            raise Enough

    asker = Asker()
    with pytest.raises(Enough):
        survey(ask=asker, progress=stop)
    part = survey()
    assert (part.asked, part.unasked, len(asker.asked)) == (3, 1, 3)
    whole = survey(ask=asker)
    assert (whole.asked, len(asker.asked), len(set(asker.asked))) == (4, 4, 4)
    assert told(whole) == {frozenset({UNSEEN, SEEN})}


def test_after_a_change_only_what_is_new_is_asked_about(
    library: Library, tmp_path: Path, survey: Callable[..., Survey]
) -> None:
    asker = Asker()
    survey(ask=asker)
    add(library, tmp_path, "Courier", "The council of Aarup sold its two ferries.")
    found = survey()
    assert (found.asked, found.unasked) == (4, 1)
    survey(ask=asker)
    assert len(asker.asked) == 5
    assert "ferries" in asker.asked[-1]


def test_what_was_asked_of_some_articles_is_asked_again_of_all_and_not_the_other_way_round(
    survey: Callable[..., Survey],
) -> None:
    asker = Asker()
    part = survey(ask=asker, publishers=["Post"])
    assert (part.asked, told(part)) == (2, set())
    assert survey().asked == 0
    survey(ask=asker)
    assert len(asker.asked) == 6
    assert survey(publishers=["Herald"]).unasked == 0


def test_only_the_statements_of_the_article_that_is_looked_at_are_asked_about(
    library: Library, survey: Callable[..., Survey]
) -> None:
    asker = Asker()
    (own,) = [one.id for one in library.articles() if one.publisher == "Herald"]
    found = survey(of=[own], ask=asker)
    assert told(found) == {frozenset({UNSEEN, SEEN})}
    assert (found.asked, found.unasked, len(asker.asked)) == (2, 0, 2)
    assert survey().asked == 2


def test_a_statement_that_no_question_can_be_asked_about_ends_nothing(survey: Callable[..., Survey]) -> None:
    asker = Asker()

    def refuse(question: str, **options: Any) -> Answer:
        if "market" in question:
            raise QuestionError("ask a shorter question")
        return asker(question, **options)

    found = survey(ask=refuse)
    assert (found.asked, found.unasked) == (4, 0)
    assert told(found) == {frozenset({UNSEEN, SEEN})}


def test_without_a_model_that_compares_nothing_is_asked(library: Library) -> None:
    asker = Asker()
    found = library.conflicts(comparison=None, ask=asker)
    assert (found.asked, found.unasked, asker.asked) == (0, 0, [])


def test_a_statement_is_asked_about_in_its_own_words() -> None:
    common = common_words(["The mills of Aarup are shut. Two mills are open."], frozenset({"mills"}))
    assert whether_true("Two mills are open.", common) == "Is it true that two mills are open?"
    assert whether_true("Aarup has two mills.", common) == "Is it true that Aarup has two mills?"


def test_the_command_asks_when_told_to_and_says_what_was_asked(
    library: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHOSAYS_JUDGE", "small")
    command = ["conflicts", "--library", str(library.path)]
    assert main(command) == 0
    assert (
        "`whosays conflicts --ask` also asks a question about each of 4 statements" in capsys.readouterr().out
    )
    assert main([*command, "--ask"]) == 0
    shown = capsys.readouterr().out
    assert "A question was asked about each of 4 statements." in shown
    assert UNSEEN in " ".join(shown.split())
    assert main([*command, "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert (plain["asked"], plain["unasked"], len(plain["conflicts"])) == (4, 0, 1)
