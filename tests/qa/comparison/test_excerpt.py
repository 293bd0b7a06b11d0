"""What the judge reads of an article: which of its sentences, and how they stand in one text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.comparison.excerpt import TITLE_CHARACTERS, Excerpt, choose_sentences

ROOM = 100


def test_the_likeliest_is_taken_in_any_case_and_alone_where_it_fills_the_room() -> None:
    assert choose_sentences([0.1, 0.9, 0.2], [20, 500, 20], ROOM) == [1]
    assert choose_sentences([0.1, 0.9, 0.2], [20, 60, 20], -5) == [1]
    assert choose_sentences([0.3], [20], 0) == [0]


def test_the_likeliest_comes_with_both_its_neighbours_before_any_other() -> None:
    scores = [0.8, 0.1, 0.1, 0.9, 0.1, 0.7]
    # Four sentences of 20 with a mark each: the likeliest, its two neighbours, and the second likeliest.
    assert choose_sentences(scores, [20] * 6, 4 * 21) == [0, 2, 3, 4]
    assert choose_sentences(scores, [20] * 6, 3 * 21) == [2, 3, 4]
    assert choose_sentences(scores, [20] * 6, 2 * 21) == [2, 3]


def test_the_second_and_third_come_with_the_sentence_before_and_further_ones_alone() -> None:
    scores = [0.0, 0.9, 0.0, 0.0, 0.8, 0.0, 0.0, 0.7, 0.0, 0.0, 0.6, 0.0]
    assert choose_sentences(scores, [20] * 12, 5 * 21) == [0, 1, 2, 3, 4]
    assert choose_sentences(scores, [20] * 12, 7 * 21) == [0, 1, 2, 3, 4, 6, 7]
    assert choose_sentences(scores, [20] * 12, 8 * 21) == [0, 1, 2, 3, 4, 6, 7, 10]


def test_what_does_not_fit_gives_way_to_a_shorter_one() -> None:
    assert choose_sentences([0.1, 0.9, 0.2, 0.3], [20, 20, 90, 20], 3 * 21) == [0, 1, 3]


def test_of_equals_the_earlier_is_likelier() -> None:
    assert choose_sentences([0.5, 0.5, 0.5], [90, 90, 90], ROOM) == [0]


def test_an_article_that_fits_is_read_whole() -> None:
    assert choose_sentences([0.1, 0.2, 0.3, 0.4], [9] * 4, 4 * 10) == [0, 1, 2, 3]


@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(1, 60)), min_size=1, max_size=30),
    st.integers(0, 224),
)
def test_what_is_chosen_is_in_order_holds_the_likeliest_and_fits(
    sentences: list[tuple[float, int]], room: int
) -> None:
    scores, tokens = [one for one, _ in sentences], [one for _, one in sentences]
    chosen = choose_sentences(scores, tokens, room)
    assert chosen == sorted(set(chosen))
    assert scores.index(max(scores)) in chosen
    assert len(chosen) == 1 or sum(tokens[at] + 1 for at in chosen) <= room


def test_sentences_that_follow_each_other_are_joined_and_a_gap_is_marked() -> None:
    sentences = ("The mill burned.", "Nobody was hurt.", "It opens again in May.")
    text, places = Excerpt("Valley Post: Fire", sentences, (3, 4, 7)).text()
    assert text == "Valley Post: Fire | The mill burned. Nobody was hurt. … It opens again in May."
    assert [text[first:last] for first, last in places] == [*sentences]


@pytest.mark.parametrize("numbers", [(0, 1), (5, 6)])
def test_where_an_excerpt_stands_in_its_article_is_no_part_of_its_text(numbers: tuple[int, int]) -> None:
    assert Excerpt("", ("One.", "Two."), numbers).text() == ("One. Two.", ((0, 4), (5, 9)))


def test_a_long_or_broken_title_is_one_short_line() -> None:
    text, ((first, last),) = Excerpt("Post:\n  a  fire " + "x" * 300, ("It burned.",), (0,)).text()
    title, _, rest = text.partition(" | ")
    assert title.startswith("Post: a fire xxx")
    assert len(title) == TITLE_CHARACTERS
    assert rest == text[first:last] == "It burned."


def test_the_same_words_of_one_source_are_one_excerpt_whatever_was_left_out_elsewhere() -> None:
    one = Excerpt("Post", ("It burned.",), (0,))
    assert one == Excerpt("Post", ("It burned.",), (0,))
    assert one != Excerpt("Radio", ("It burned.",), (0,))
    assert len({one, Excerpt("Post", ("It burned.",), (0,))}) == 1
