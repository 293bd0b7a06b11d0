"""In which order the sources are wanted: said at the end of a question, or as an option."""

from dataclasses import replace

import pytest

from qa.conflicts.timeline import in_order
from qa.export.answer import answer_text
from qa.question.order import read_order
from qa.records import Answer, Citation, ConflictCheck, Position, Timeline


@pytest.mark.parametrize(
    ("question", "plain", "order"),
    [
        ("How many people work there, newest first?", "How many people work there?", "newest"),
        ("How many people work there? Newest first.", "How many people work there?", "newest"),
        ("How many people work there (oldest first)", "How many people work there", "oldest"),
        ("What was said of the mill, in chronological order?", "What was said of the mill?", "oldest"),
        ("Who came first?", "Who came first?", "best"),
        ("Which were the newest first editions?", "Which were the newest first editions?", "best"),
        ("newest first", "newest first", "best"),
    ],
)
def test_an_order_at_the_end_of_a_question_is_taken_from_it(question: str, plain: str, order: str) -> None:
    assert read_order(question) == (plain, order)


def said(article: str, day: str | None, quote: str) -> Citation:
    return Citation(
        article, None, None, day, f"{article}.txt", 0, len(quote), quote, quote, 0, len(quote), 0.9
    )


MAY, JULY, NEVER = (
    said("may", "2026-05", "200."),
    said("july", "2026-07-03", "Two hundred."),
    said("n", None, "200!"),
)
AUGUST = said("august", "2026-08", "250.")
ANSWER = Answer(
    "How many?", "How many?", "answered", "200.", 0.9, (MAY, NEVER, JULY),
    (Position("200.", (MAY, NEVER, JULY), 3), Position("250.", (AUGUST,), 1)), (), ConflictCheck("checked"), (),
    timeline=Timeline((), 1),
)  # fmt: skip


def test_sources_stand_by_date_and_those_without_come_last() -> None:
    newest = in_order(ANSWER, "newest")
    assert newest.citations == (JULY, MAY, NEVER)
    assert newest.text == "Two hundred."
    assert [one.citations[0] for one in newest.positions] == [AUGUST, JULY]
    assert [one.text for one in newest.positions] == ["250.", "Two hundred."]
    oldest = in_order(ANSWER, "oldest")
    assert [one.citations for one in oldest.positions] == [(MAY, JULY, NEVER), (AUGUST,)]
    assert in_order(ANSWER, "best") is ANSWER


def test_the_order_is_said_and_how_many_have_no_date() -> None:
    told = answer_text(in_order(ANSWER, "newest"))
    assert "Sources in order of time, the newest first; 1 statement without a date comes last." in told
    assert "Sources in order" not in answer_text(replace(ANSWER, order="best"))
