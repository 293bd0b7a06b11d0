"""Two questions in one, and marks that came into a question by accident."""

import pytest

from qa.question.marks import drop_stray_marks
from qa.question.parts import split_questions


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("How many died and who was blamed?", ["How many died?", "Who was blamed?"]),
        ("Who owns it and is it safe?", ["Who owns it?", "Is it safe?"]),
        ("What did it cost? Who paid?", ["What did it cost?", "Who paid?"]),
        ("Who's against it, and why?", ["Who's against it?", "Why?"]),
        ("Who won, how did they win, and when was it?", ["Who won, how did they win, and when was it?"]),
    ],
)
def test_two_questions_in_one_are_cut_where_the_second_begins(typed: str, parts: list[str]) -> None:
    if len(parts) > 1:
        assert split_questions(typed) == parts
    for part in split_questions(typed):
        assert split_questions(part) == [part]


@pytest.mark.parametrize(
    "typed",
    [
        "When and where was it found?",
        "Did he say how it began and who was there?",
        "Which river floods and is feared?",
        "Who won and by how much?",
        "Samsung and TSMC",
    ],
)
def test_one_question_stays_one(typed: str) -> None:
    assert split_questions(typed) == [typed]


def test_more_questions_than_are_answered_at_once_stay_as_typed() -> None:
    typed = "Who won? Who lost? Who paid? Who fell? Who rose?"
    assert split_questions(typed) == ["Who won? Who lost? Who paid? Who fell? Who rose?"]


@pytest.mark.parametrize(
    "typed",
    [
        "Who won the order?/", "/Who won the order?", "Who won / the order?", '"Who won the order?',
        '"Who won the order?"', "Who won the order?'", "Who won the order? \\", "“Who won the order?",
    ],
)  # fmt: skip
def test_a_stray_mark_leaves_the_question_as_it_was(typed: str) -> None:
    assert drop_stray_marks(typed) == "Who won the order?"


@pytest.mark.parametrize(
    "typed",
    [
        'Did he say "we close"?',
        "and/or 24/7 at http://a.b/c?",
        "Who's the bank's chief?",
        "the companies' plan",
        "///",
    ],
)
def test_marks_that_say_something_stay(typed: str) -> None:
    assert drop_stray_marks(typed) == typed
