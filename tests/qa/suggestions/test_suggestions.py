"""Questions to go on with: made of statements by grammar, asked before they are offered, sought when nobody waits."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from index.errors import LibraryError
from index.scope import EVERYTHING, Scope
from qa.app.html.suggestions import WHOLE, follow_ups, starters
from qa.app.pages.suggestions import Precedence, Suggester
from qa.app.talks.conversation import Exchange, Talk
from qa.ask import ask
from qa.asking.questions import questions_from
from qa.language.clauses import main_clause
from qa.library import Library
from qa.records import Answer, ConflictCheck
from qa.suggestions.candidates import (
    DISPUTED,
    CandidateQuestion,
    after_answer,
    at_first,
    collect_shown,
    find_reported_names,
)
from qa.suggestions.offer import Offer, offers
from tests.served import FERRY, MILL, POLICE
from tests.waits import LONGEST_S

COMMON = frozenset("barrier council water station".split())
HARBOUR = (
    "The harbour of Aarup was closed on Monday by the storm. "
    "The ferry Aurora kept its passengers on board because the wind was too strong."
)


@pytest.mark.parametrize(
    ("sentence", "questions"),
    [
        ("The tanker Medea carried 30 sailors.", ["How many sailors did the tanker Medea carry?"]),
        ("Orvik Water paid $3 million for the lake.", ["How much did Orvik Water pay for the lake?"]),
        ("Twelve villages were flooded.", ["How many villages were flooded?"]),
        ("The dam above Orvik was closed on 3 July.", ["When was the dam above Orvik closed?"]),
        ("On Friday, the council opened the dam.", ["When did the council open the dam?"]),
        ("The station was built by Norwind.", ["Who built the station?"]),
        ("Orvik sold the lake because water was scarce.", ["Why did Orvik sell the lake?"]),
        ("The council has not approved the dam.", ["Has the council approved the dam?"]),
        ("No village was flooded by the lake.", ["Was any village flooded by the lake?"]),
        ("Barriers are planned for the crossing.", ["Are barriers planned for the crossing?"]),
        ("Norwind plans to rebuild the dam.", ["Does Norwind plan to rebuild the dam?"]),
        ("The mayor said that Norwind sold the lake, again.", ["Did Norwind sell the lake?"]),
        ("The cost of the dam was €4 million.", ["What was the cost of the dam?"]),
    ],
)
def test_a_statement_answers_the_question_that_is_made_of_it(sentence: str, questions: list[str]) -> None:
    assert questions_from(sentence, COMMON)[:1] == questions


@pytest.mark.parametrize(
    "sentence",
    [
        "It carried 30 sailors.",  # who is meant stands elsewhere
        "The dam and its lake.",  # no verb
        "Is the dam closed?",
        "The plan that was made in Orvik has holes.",  # another clause within the subject
        "The mayor wrote: “We sold the lake.”",
        "The council had closed the dam.",  # before something else that is told
        "I've sold the lake.",
        "He's sold the lake.",
        "Last week 300 people left Orvik.",
        "Approved by the council has no meaning.",
        "Whoever sold the lake has the money.",
        "25 are closed.",
        "3. Orvik sold the lake.",
        "The mayor confirmed what Norwind wanted.",  # without what was confirmed there is no whole
        "The dam was closed not by Norwind but by Orvik.",
        "",
    ],
)
def test_of_what_is_no_plain_statement_nothing_is_asked(sentence: str) -> None:
    assert questions_from(sentence, COMMON) == []


def test_a_clause_is_words_of_its_sentence_in_their_order() -> None:
    sentence = "After the storm, the council of Orvik has also closed the dam, the mayor said."
    clause = main_clause(sentence)
    assert clause is not None
    assert (clause.subject, clause.verb) == (("the", "council", "of", "Orvik"), "has")
    assert (clause.rest, clause.opening) == (("closed", "the", "dam"), "After the storm")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("suggestions")
    for name, text in {"ferry": FERRY, "police": POLICE, "mill": MILL, "harbour": HARBOUR}.items():
        (folder / f"{name}.json").write_text(json.dumps({"text": text, "title": name.title()}))
    with Library.open(folder / "library") as opened:
        opened.add(folder)
        yield opened


QUESTION = "When was the harbour of Aarup closed?"


def test_after_an_answer_what_it_does_not_show_is_asked_for(library: Library) -> None:
    answer = ask(QUESTION, library=library)
    shown = {(one.article_id, one.sentence_start) for one in answer.quotes()}
    assert answer.status == "answered"
    candidates = after_answer(answer, library)
    assert "Why did the ferry Aurora keep its passengers on board?" in [one.question for one in candidates]
    texts = {article.id: article.text for article in library.articles()}
    for one in candidates:
        assert one.origin is not None
        assert texts[one.origin.article_id][one.origin.start : one.origin.end] == one.origin.quote
        assert (one.origin.article_id, one.origin.sentence_start) not in shown


def test_what_is_disputed_comes_first(library: Library) -> None:
    answer = ask(QUESTION, library=library)
    last = after_answer(answer, library)[-1]
    assert last.origin is not None
    assert after_answer(answer, library, [last.origin])[0] == last


def test_only_what_the_library_answers_with_that_very_statement_is_offered(library: Library) -> None:
    answer = ask(QUESTION, library=library)
    candidates = after_answer(answer, library)
    answerless = CandidateQuestion("Who is the captain of the submarine?", candidates[0].origin)
    other = CandidateQuestion("How many people does the mill in Aarup employ?", candidates[0].origin)
    known = CandidateQuestion(QUESTION, answer.citations[0])
    found = offers(
        [answerless, other, known, *candidates], partial(ask, library=library), shown=collect_shown(answer)
    )
    assert found
    assert {one.question for one in found} <= {one.question for one in candidates}
    for one in found:
        origin = next(each.origin for each in candidates if each.question == one.question)
        again = ask(one.question, library=library)
        assert again.status == "answered"
        assert origin is not None
        assert (origin.article_id, origin.sentence_start) in {
            (each.article_id, each.sentence_start) for each in again.citations
        }


def test_no_more_are_asked_than_may_be(library: Library) -> None:
    answer = ask(QUESTION, library=library)
    asked: list[str] = []

    def refusing(question: str) -> Answer:
        asked.append(question)
        return replace(answer, status="unanswered", citations=())

    assert offers([CandidateQuestion(str(number)) for number in range(9)], refusing, asked=4) == []
    assert len(asked) == 4


def test_a_library_begins_with_what_is_disputed_then_what_is_central_and_who_is_reported(
    library: Library,
) -> None:
    assert find_reported_names(library) == ["Aurora", "Aarup"] or find_reported_names(library) == [
        "Aarup",
        "Aurora",
    ]
    questions = [one.question for one in at_first(library)]
    assert "What do the articles say about Aarup?" in questions
    assert any(one.origin is not None for one in at_first(library))
    disputed = ask("How many people did the ferry Aurora carry?", library=library).citations[:1]
    assert at_first(library, disputed)[0].question == DISPUTED


def test_an_empty_library_begins_with_nothing(tmp_path: Path) -> None:
    with Library.open(tmp_path / "empty") as empty:
        assert at_first(empty) == []


# The page


class Counting:
    """The real `ask` over a library, which counts and remembers what it was asked."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.asked: list[str] = []
        self.scopes: list[Scope] = []

    def __call__(self, question, history, *, about, on_stage, scope=EVERYTHING):
        self.asked.append(question)
        self.scopes.append(scope)
        return ask(
            question, library=self.library, history=history, about=about, on_stage=on_stage, scope=scope
        )


def _told(talk: Talk, library: Library, question: str = QUESTION) -> Exchange:
    asked = talk.begin(question)
    answer = ask(question, library=library, scope=talk.scope)
    talk.end(asked, replace(asked, answer=answer))
    newest = talk.newest()
    assert newest is not None
    return newest


@pytest.fixture
def asking(library: Library) -> Counting:
    return Counting(library)


@pytest.fixture
def suggester(asking: Counting, library: Library) -> Suggester:
    return Suggester(asking, lambda: library, precedence=Precedence())


def test_under_an_answer_stand_questions_for_its_turn(suggester: Suggester, library: Library) -> None:
    talk = Talk()
    turn = _told(talk, library)
    cleared, html = list(suggester.suggest_under(talk))
    assert cleared == ""
    assert f'data-turn="turn-{turn.number}"' in html
    assert 1 <= html.count("data-ask=") <= 3
    assert len(list(suggester.suggest_under(talk))) == 1  # as it was: nothing is sought again


def test_after_a_refusal_the_articles_do_answer_something(suggester: Suggester, library: Library) -> None:
    talk = Talk()
    refused = _told(talk, library, "What is the capital of Peru?")
    assert refused.answer is not None
    assert refused.answer.status in ("closest", "unanswered")
    html = list(suggester.suggest_under(talk))[-1]
    assert "The articles do answer" in html
    assert "data-ask=" in html


def test_a_refusal_of_a_part_leads_to_the_whole_library(
    suggester: Suggester, asking: Counting, library: Library
) -> None:
    talk = Talk()
    mill = next(article.id for article in library.articles() if article.title == "Mill")
    talk.scope = Scope(articles=(mill,))
    _told(talk, library)
    html = list(suggester.suggest_under(talk))[-1]
    assert WHOLE in html
    assert html.count("data-whole") == 1
    assert set(asking.scopes) == {talk.scope, EVERYTHING}


def test_nothing_is_sought_while_an_answer_is(
    suggester: Suggester, asking: Counting, library: Library
) -> None:
    talk = Talk()
    _told(talk, library)
    talk.begin("And when?")
    list(suggester.suggest_under(talk))
    assert asking.asked == []


def test_what_is_sought_ends_when_the_next_question_comes(library: Library) -> None:
    talk = Talk()
    _told(talk, library)
    asked: list[str] = []

    def interrupted(question, history, *, about, on_stage, scope):
        asked.append(question)
        talk.begin("And when?")
        on_stage("searching")
        raise AssertionError("it goes on")

    found = list(Suggester(interrupted, lambda: library, precedence=Precedence()).suggest_under(talk))
    assert found == [""]
    assert len(asked) == 1


def test_a_library_that_is_gone_offers_nothing() -> None:
    def gone() -> Library:
        raise LibraryError("There is no library here any more")

    assert Suggester(Counting, gone, precedence=Precedence()).suggest_first(Talk()) == ""


def test_starters_are_sought_once_for_a_library(suggester: Suggester, asking: Counting) -> None:
    first = suggester.suggest_first(Talk())
    assert "data-ask=" in first
    times = len(asking.asked)
    assert times
    assert suggester.suggest_first(Talk()) == first
    assert len(asking.asked) == times


def test_who_waits_for_an_answer_goes_first() -> None:
    precedence, order = Precedence(), []
    waiting = threading.Thread(target=lambda: (precedence.give_way(lambda: True), order.append("suggestion")))
    with precedence.go_ahead():
        waiting.start()
        waiting.join(0.3)
        order.append("answer")
    waiting.join(LONGEST_S)
    assert order == ["answer", "suggestion"]


def test_what_is_no_longer_wanted_waits_for_nobody() -> None:
    precedence = Precedence()
    with precedence.go_ahead():
        precedence.give_way(lambda: False)


def test_markup_in_a_question_is_shown_and_does_nothing() -> None:
    evil = Offer('Is "<img src=x onerror=alert(1)>" here?', "disagree")
    for html in (follow_ups([evil], 3, answered=True), starters([evil])):
        assert "<img" not in html
        assert 'data-ask="Is &quot;&lt;img' in html
        assert "the articles disagree" in html
    assert follow_ups([], 3, answered=True) == starters([]) == ""


def test_the_newest_turn_is_none_while_any_is_sought() -> None:
    talk = Talk()
    assert talk.newest() is None
    first = talk.begin("What?")
    check = ConflictCheck("not_checked", reason="nothing")
    answer = Answer("What?", "What?", "unanswered", "", 0.0, (), (), (), check, ())
    talk.end(first, replace(first, answer=answer))
    assert talk.newest() is not None
    again = talk.begin("What?", number=first.number)
    assert talk.newest() is None
    talk.end(again, replace(again, answer=answer))
    assert talk.newest() is not None
