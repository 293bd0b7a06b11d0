import pytest

from qa.conversation import standalone
from qa.records import Turn


def _after(*questions: str) -> list[Turn]:
    return [Turn(question) for question in questions]


def test_the_first_question_stands_as_asked() -> None:
    assert standalone("  Who   made it? ", []) == "Who made it?"


@pytest.mark.parametrize(
    ("earlier", "question", "expected"),
    [
        ("Who is Clive Chan?", "Where did he work before?", "Where did Clive Chan work before?"),
        ("Is Meta working with Samsung?", "How large are its orders?", "How large are Meta's orders?"),
        ("When did OpenAI and Broadcom release Jalapeño?", "When will it be deployed?", "When will Jalapeño be deployed?"),
        ("What is Meta's plan?", "What about Anthropic?", "What is Anthropic's plan?"),
        ("Who made the first two generations of MTIA?", "And the third?", "the third: Who made the first two generations of MTIA?"),
        ("How much will Anthropic spend?", "Over what period?", "Over what period: How much will Anthropic spend?"),
        ("What is OpenAI's chip called?", "Is it on sale?", "Is OpenAI's chip on sale?"),
        ("Who won the order?", "What did Meta say to that?", "What did Meta say to that: Who won the order?"),
        ("How much will Anthropic spend?", "Why?", "Why: How much will Anthropic spend?"),
    ],
)  # fmt: skip
def test_a_follow_up_takes_what_it_lacks_from_the_earlier_question(
    earlier: str, question: str, expected: str
) -> None:
    assert standalone(question, _after(earlier)) == expected


def test_a_question_with_its_own_subject_is_left_alone() -> None:
    question = "Which process does Anthropic consider for its chips?"
    assert standalone(question, _after("Who is Clive Chan?")) == question


def test_a_pronoun_reaches_back_through_another_follow_up() -> None:
    turns = _after("Who is Clive Chan?", "Where did he work before?")
    assert standalone("What did he do there?", turns) == "What did Clive Chan do there?"


def test_he_and_she_stand_for_whom_the_answer_to_who_names() -> None:
    turn = Turn("Who left OpenAI's chip team?", "Clive Chan, an early member of OpenAI's team, has left.")
    assert standalone("Where did he go?", [turn]) == "Where did Clive Chan go?"


def test_without_a_name_in_the_question_the_answer_gives_it() -> None:
    turn = Turn("Who released the chip?", "It was released by Broadcom.")
    assert standalone("When did it say so?", [turn]) == "When did Broadcom say so?"
