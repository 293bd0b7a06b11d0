"""What is asked of an answer itself, of the outlets, of news, and in another language: quoted, counted, told."""

import datetime
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from qa.ask import ask, build_embedder
from qa.export.answer import answer_text
from qa.export.lead import NEAREST, NONE_NEAR, lead_text
from qa.library import Library
from qa.records import Answer, Citation, Turn
from qa.replies.earlier import tell_others
from qa.replies.other_topic import replace_topic
from qa.settings import Settings

SMALL = Settings(judge="small")
TODAY = datetime.date(2026, 11, 26)
REPORTS = [
    ("Coast Gazette", "Harriet Moss", "2026-11-20", "Ferry Aurora sinks off Varn",
     "The ferry Aurora sank off Varn on Thursday. Seven people died when the ferry Aurora sank. Captain Olsen was blamed "
     "for the accident because he had ignored the storm warning. The harbour at Varn has been closed since 19 November."),
    ("Morning Post", "", "2026-11-21", "Nine dead after ferry sinks",
     "Nine people died when the ferry Aurora sank off Varn, the coast guard said. The ship carried 40 passengers. The "
     "harbour at Varn is closed."),
    ("Morning Post", "", "2026-11-24", "Norwind wins order for turbines",
     "Norwind won the order for 60 turbines. The rival Helvik won the order for the cables. The turbines will stand off Lund."),
]  # fmt: skip


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("replies")
    for number, (publisher, author, published, title, text) in enumerate(REPORTS):
        stated = {"title": title, "publisher": publisher, "published": published, "text": text}
        stated |= {"author": author} if author else {}
        (folder / f"{number}.json").write_text(json.dumps(stated), encoding="utf-8")
    with Library.open(folder / "library") as opened:
        opened.add(folder)
        yield opened


@pytest.fixture(scope="module")
def first(library: Library) -> Answer:
    found = ask("How many people died when the ferry Aurora sank?", library=library, settings=SMALL)
    assert found.text in ("Seven", "Nine", "Seven people", "Nine people")
    return found


def follow(question: str, library: Library, *history: Answer | Turn) -> Answer:
    return ask(question, library=library, history=history, today=TODAY, settings=SMALL)


def test_how_sure_an_answer_is_comes_from_that_answer(library: Library, first: Answer) -> None:
    again = follow("Are you sure?", library, first)
    assert (again.taken_as, again.text, again.confidence) == ("sure", first.text, first.confidence)
    assert again.positions == first.positions
    assert f"about {round(first.confidence * 100)} in 100 are right" in lead_text(again)
    assert lead_text(again) in answer_text(again)


def test_an_earlier_turn_in_words_alone_is_asked_once_more(library: Library, first: Answer) -> None:
    again = follow("Are you sure?", library, Turn(first.question, "whatever a program says"))
    assert (again.text, again.positions) == (first.text, first.positions)


def test_an_earlier_answer_whose_quote_stands_nowhere_is_asked_once_more(
    library: Library, first: Answer
) -> None:
    forged = replace(first.citations[0], quote="Sixty", sentence="Sixty people died.")
    again = follow("Are you sure?", library, replace(first, text="Sixty", citations=(forged,)))
    assert again.text == first.text


def test_who_said_it_names_outlet_byline_and_day(library: Library, first: Answer) -> None:
    again = follow("Who said that?", library, first)
    assert again.taken_as == "source"
    by = {
        "Coast Gazette": "Coast Gazette, by Harriet Moss, 20 November 2026",
        "Morning Post": "Morning Post, 21 November 2026",
    }
    quoted = again.citations[0]
    assert lead_text(again).startswith(f"This stands in {by[quoted.publisher or '']}")
    assert quoted.article_id == first.citations[0].article_id


def test_the_others_are_the_answer_without_its_first_source(library: Library, first: Answer) -> None:
    again = follow("And the others?", library, first)
    assert again.taken_as == "others"
    own = first.citations[0].article_id
    assert own not in {one.article_id for one in (*again.citations, *again.closest)}
    assert {one.article_id for one in (*again.citations, *again.closest)} <= {
        one.article_id for one in first.quotes()
    }


def test_where_no_other_source_answers_that_is_said(library: Library, first: Answer) -> None:
    alone = replace(first, positions=first.positions[:1], conflicts=())
    alone = replace(alone, positions=(replace(alone.positions[0], citations=alone.citations[:1]),))
    again = tell_others("And the others?", alone)
    assert again.status == "unanswered"
    assert lead_text(again) == "No other source was found to answer this."


def test_another_topic_takes_the_place_of_the_likest_in_the_question_before(library: Library) -> None:
    embedder = build_embedder("bundled")
    assert replace_topic("Does OpenAI use Google's TPUs?", "Meta", embedder) == "Does Meta use Google's TPUs?"
    assert replace_topic("What did the bridge cost?", "the tunnel", embedder) == "What did the tunnel cost?"
    before = follow("Who won the order for the turbines?", library)
    again = follow("What about the cables?", library, before)
    assert "Helvik" in again.text
    assert again.citations[0].sentence == "The rival Helvik won the order for the cables."
    assert lead_text(again) == "Asked as: “Who won the order for the cables?”"


def test_a_reason_and_a_date_come_from_the_event_of_the_answer(library: Library, first: Answer) -> None:
    blamed = follow("Who was blamed for the accident?", library, first)
    why = follow("Why?", library, blamed)
    assert {one.publisher for one in why.citations} <= {"Coast Gazette", "Morning Post"}
    assert "Norwind" not in " ".join(one.sentence for one in why.quotes())
    assert why.scope.article_ids == ()


def test_two_questions_in_one_are_two_answers(library: Library) -> None:
    both = follow(
        "How many turbines did Norwind win the order for, and who won the order for the cables?", library
    )
    assert "60" in both.text
    (other,) = both.further
    assert other.question == "Who won the order for the cables?"
    assert "Helvik" in other.text
    assert "Helvik" in answer_text(both)


@pytest.mark.parametrize(
    "typed", ["Who won the order for the turbines? /", '"Who won the order for the turbines?']
)
def test_a_stray_mark_changes_nothing_in_an_answer(library: Library, typed: str) -> None:
    plain = follow("Who won the order for the turbines?", library)
    marked = follow(typed, library)
    assert marked.question == typed
    assert (marked.citations, marked.positions, marked.conflicts) == (
        plain.citations,
        plain.positions,
        plain.conflicts,
    )


def test_outlets_that_are_named_are_set_side_by_side(library: Library) -> None:
    found = follow("Compare Coast Gazette and Morning Post on the ferry", library)
    assert found.overview is not None
    assert [one.heading for one in found.overview.sections] == [
        "Coast Gazette on ferry",
        "Morning Post on ferry",
    ]
    for section, name in zip(found.overview.sections, ("Coast Gazette", "Morning Post"), strict=True):
        assert {one.publisher for one in section.citations} == {name}
        assert all("turbines" not in one.sentence for one in section.citations)


def test_what_is_new_is_what_was_published_since(library: Library) -> None:
    found = follow("What is new since Monday?", library)
    assert (found.taken_as, found.scope.since) == ("news", "2026-11-23")
    assert {one.title for one in found.citations} == {"Norwind wins order for turbines"}
    assert lead_text(found) == "Published since Monday, 23 November 2026: 1 article."


def test_who_says_least_is_counted(library: Library) -> None:
    found = follow("Who says least?", library)
    assert found.overview is not None
    assert [one.heading for one in found.overview.sections] == [
        "Coast Gazette: 4 statements in 1 article",
        "Morning Post: 6 statements in 2 articles",
    ]
    assert follow("Who says most?", library).overview.sections[0].heading.startswith("Morning Post")  # type: ignore[union-attr]


def test_a_question_in_another_language_is_told_so_in_that_language(library: Library) -> None:
    found = follow("Wer hat den Auftrag für die Turbinen von Norwind bekommen?", library)
    assert (found.status, found.language, found.text) == ("closest", "de", "")
    assert "Norwind won the order for 60 turbines." in [one.quote for one in found.closest]
    assert lead_text(found) == NEAREST["de"]
    far = follow("Warum ist die Banane krumm, und seit wann ist das so?", library)
    assert (far.status, lead_text(far)) == ("unanswered", NONE_NEAR["de"])
    assert set(NEAREST) == set(NONE_NEAR) == {"de", "fr", "es", "it", "pt", "nl", "pl", "tr", "zh", "ja", ""}


def test_every_quote_of_a_reply_is_verbatim(library: Library, first: Answer) -> None:
    asked = [
        "Are you sure?",
        "who said that?",
        "and the others?",
        "Who says least?",
        "what is new since 1 November?",
    ]
    quoted: list[Citation] = [one for each in asked for one in follow(each, library, first).quotes()]
    assert len(quoted) > 5
    for one in quoted:
        assert library.article(one.article_id).text[one.start : one.end] == one.quote
