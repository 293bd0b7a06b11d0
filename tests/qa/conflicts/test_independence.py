"""On how many legs a position stands: copies, and those who cite one outlet, count once."""

from dataclasses import replace

from qa.app.html import turn
from qa.conflicts.copies import copies_among, independent
from qa.conflicts.independence import SharedOutlet, shared_outlets, weigh, with_copies
from qa.conflicts.tally import tally_of
from qa.export.answer import answer_text
from qa.export.markdown import answer_section
from qa.records import Answer, Citation, Conflict, ConflictCheck, Coverage, Position

STORY = " ".join(f"Line {number} of the agency's long story about the mill." for number in range(40))


def said(article: str, sentence: str = "The mill employs 200 people.", source: str | None = None) -> Citation:
    place = (0, len(sentence), sentence, sentence, 0, len(sentence))
    return Citation(
        article, None, article.title(), "2026-07-03", f"{article}.txt", *place, 0.9, according_to=source
    )


POST, NEWS, RADIO = said("post"), said("news"), said("radio", "Two hundred work there.")
COPIES = (("post", "news"),)


def told(*positions: Position, conflicts: tuple[Conflict, ...] = (), copies=COPIES) -> Answer:
    return Answer(
        "How many?", "How many?", "answered", positions[0].text, 0.9, positions[0].citations, positions, conflicts,
        ConflictCheck("checked", 3, 3, 3), (), scope=Coverage(9, 4, 4), copies=copies,
    )  # fmt: skip


def position(*citations: Citation, copies=COPIES) -> Position:
    return weigh(Position(citations[0].quote, citations, len(citations)), copies)


def test_articles_that_share_most_of_their_words_are_copies_even_where_a_number_is_another() -> None:
    texts = {
        "post": f"The mill employs 200 people. {STORY}",
        "news": f"By our own staff. The mill employs 250 people. {STORY}",
        "radio": "Two hundred work there, as the mayor told the town's council on Monday.",
    }
    assert copies_among(["radio", "post", "news", "post"], texts) == (("post", "news"),)
    assert independent(["radio", "post", "news"], texts) == 2
    assert copies_among(["post", "radio"], texts) == ()


def test_copies_and_those_who_cite_one_outlet_count_once() -> None:
    assert position(POST, NEWS, RADIO).independent_sources == 2
    citing = said("star", source="The Information"), said("moon", source="the Information")
    assert position(*citing, RADIO).independent_sources == 2
    assert shared_outlets(position(*citing, RADIO)) == (SharedOutlet("The Information", 2, 2),)
    assert position(citing[0], said("information")).independent_sources == 1
    assert position(citing[0], said("sun", source="Reuters")).independent_sources == 2


def test_who_copies_one_and_cites_another_joins_both() -> None:
    chain = position(POST, replace(NEWS, according_to="Reuters"), said("sun", source="Reuters"))
    assert chain.independent_sources == 1


def test_a_copy_that_says_it_in_other_words_stands_for_itself() -> None:
    other = said("news", "The mill employs 250 people.")
    assert with_copies([POST, NEWS, RADIO], COPIES) == [(POST, (NEWS,)), (RADIO, ())]
    assert with_copies([POST, other], COPIES) == [(POST, ()), (other, ())]
    assert with_copies([POST, NEWS], ()) == [(POST, ()), (NEWS, ())]


def test_a_conflict_between_copies_with_another_number_stands() -> None:
    other = said("news", "The mill employs 250 people.")
    conflict = Conflict("number", "“200” against “250”", (POST, other), 0.9, False, (0, 1))
    shown = answer_text(told(position(POST), position(other), conflicts=(conflict,)))
    assert shown.count("250 people.”") == 1
    assert "They disagree, number: 1 against 2" in shown
    assert "Also in" not in shown


def test_a_copy_is_shown_with_what_it_repeats_as_text_in_markdown_and_on_the_page() -> None:
    answer = told(
        position(POST, NEWS, RADIO), position(said("sun", source="Reuters"), said("moon", source="Reuters"))
    )
    text = answer_text(answer)
    assert "Also in 1 near-copy: News" in text
    assert text.count("The mill employs 200 people.") == 2
    assert "2 of these sources cite Reuters." in text
    assert "according to Reuters" in text
    written = "\n".join(answer_section(answer))
    assert "Also in 1 near-copy: News." in written
    assert "2 of these sources cite Reuters." in written
    page = turn.turn(answer, {}, 1)
    assert page.count('<tr role="row">') == 3  # the head and two positions
    assert page.count("Also in 1 near-copy: <a") == 1
    assert "According to <bdi>Reuters</bdi>" in page
    assert "1 independent source, 2 cite Reuters" in page
    assert "Also in 1 near-copy: News" in turn.copy_text(answer)


def test_counts_are_of_independent_sources() -> None:
    answer = told(position(RADIO), position(POST, NEWS), position(said("sun", source="Reuters")))
    assert [one.independent_sources for one in tally_of(answer).stands] == [1, 1, 1]
    page = turn.turn(told(position(POST, NEWS, RADIO)), {}, 1)
    assert "Both say the same" in page
    assert "2 independent sources, 1 near-copy not counted" in page


def test_a_conflict_marks_the_row_that_its_copies_share() -> None:
    other = said("sun", "The mill employs 250 people.")
    conflict = Conflict("number", "“200” against “250”", (NEWS, other), 0.9, False, (0, 1))
    page = turn.turn(told(position(POST, NEWS), position(other), conflicts=(conflict,)), {}, 1)
    assert page.count('<details class="dispute"') == 1
    assert 'with source </span><span class="number">1</span>' in page


def test_the_report_that_two_cite_may_be_another() -> None:
    citing = said("star", source="the report"), said("moon", source="the report")
    assert position(*citing).independent_sources == 2
    assert shared_outlets(position(*citing)) == ()
