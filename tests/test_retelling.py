"""Statements of one story in other words, put to a question: compared as the survey compares them."""

import pytest

from qa.asked import read_question
from qa.conflict import compare_all
from qa.records import Citation
from qa.retelling import MAX_ARTICLE_CHARACTERS, Retelling
from qa.unasked import Difference

ABOUT = "The Aarup federation met in Kandor on Monday. Owners in Kandor wrote to the Aarup federation again."
BACKS = "The council backs the inquiry."
REJECTS = "The council has turned down the inquiry."
ASKED = "Are they in favour of looking into it?"


def cite(article: str, text: str, sentence: str, published: str = "2026-04-28") -> Citation:
    start = text.index(sentence)
    end = start + len(sentence)
    place = (article, None, None, published, f"{article}.txt", start, end)
    return Citation(*place, sentence, sentence, start, end, 0.8)


def told(one: str, other: str, more: str = "") -> tuple[list[Citation], dict[str, str]]:
    """Two articles of the story with a sentence each."""
    texts = {"a": f"{ABOUT} {one}{more}", "b": f"{ABOUT} {other}"}
    return [cite("a", texts["a"], one), cite("b", texts["b"], other, "2026-04-30")], texts


def difference(question: str, one: str, other: str, more: str = "") -> Difference | None:
    both, texts = told(one, other, more)
    return Retelling(read_question(question), texts).difference(*both)


def test_what_one_backs_and_the_other_turns_down_is_found_in_other_words_than_the_question() -> None:
    found = difference(ASKED, BACKS, REJECTS)
    assert found is not None
    assert (found.kind, found.words) == ("polarity", ("“backs”", "“turned down”"))


@pytest.mark.parametrize(
    "question", ["How much does the inquiry cost?", "When does the inquiry begin?", "Who leads the council?"]
)
def test_what_the_question_does_not_ask_for_is_left_out(question: str) -> None:
    assert difference(question, BACKS, REJECTS) is None


def test_how_certain_a_thing_is_is_left_to_the_rules_of_the_question() -> None:
    done, weighed = "The council has sold the wreck.", "The council is considering selling the wreck."
    assert difference("Is the wreck still theirs?", done, weighed) is None


def test_a_question_for_a_number_is_answered_by_numbers() -> None:
    one, other = "Nine people were injured.", "Fifteen people were injured, the police said."
    found = difference("How many got hurt?", one, other)
    assert found is not None
    assert found.words == ("Nine people", "Fifteen people")
    assert difference("Was anybody hurt?", one, other) is None


def test_articles_of_two_stories_are_not_compared() -> None:
    both, texts = told(BACKS, REJECTS)
    other = f"The Lindmark choir sang in Ostby. {REJECTS}"
    apart = [both[0], cite("b", other, REJECTS, "2026-04-30")]
    assert Retelling(read_question(ASKED), {**texts, "b": other}).difference(*apart) is None


def test_an_article_that_is_very_long_or_not_at_hand_is_not_read() -> None:
    assert difference(ASKED, BACKS, REJECTS, " " * MAX_ARTICLE_CHARACTERS) is None
    both, _ = told(BACKS, REJECTS)
    assert Retelling(read_question(ASKED), {}).difference(*both) is None


def test_the_pair_is_one_of_an_answer_with_how_far_it_is_to_be_trusted() -> None:
    both, texts = told(BACKS, REJECTS)
    (pair,) = compare_all(ASKED, both, texts).found
    assert (pair.kind, pair.one.words) == ("polarity", "“backs”")
    assert 0 < pair.retold < 1
    assert compare_all(ASKED, both, {}).found == ()


class Unread(dict[str, str]):
    """Texts that nobody may ask for."""

    def get(self, *_: object) -> str:  # type: ignore[override]
        pytest.fail("an article was read")


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("Who leads the council?", BACKS, REJECTS),
        (ASKED, BACKS, "The council met on Monday."),
        ("How many were there?", "Nine people came.", "The council has turned down the inquiry."),
        ("How many were there?", "Some 200 people came.", "There were 204 people."),
    ],
)
def test_no_article_is_read_where_its_statements_alone_cannot_differ(
    question: str, one: str, other: str
) -> None:
    both, texts = told(one, other)
    assert Retelling(read_question(question), Unread(texts)).difference(*both) is None
