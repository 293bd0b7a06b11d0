"""Who says what beside an answer: positions, dates, who is silent; and the words in which two quotes differ."""

import re
from dataclasses import replace

import pytest

from index.records import Article
from qa.app import conflicts, sides, turn, words
from qa.app.catalogue import entry
from qa.app.differences import differing
from qa.records import Answer, Citation, Conflict, ConflictCheck, Position


def article(name: str, text: str, published: str | None = None) -> Article:
    return Article(name, f"https://{name}.example/", text, f"On {name}", name.title(), None, published)


def cite(source: Article, quote: str, sentence: str = "") -> Citation:
    start, first = source.text.index(quote), source.text.index(sentence or quote)
    return Citation(
        source.id, source.title, source.publisher, source.published, source.uri, start, start + len(quote),
        quote, sentence or quote, first, first + len(sentence or quote), 0.9,
    )  # fmt: skip


DAWN = article("dawn", "The mill employs 120 people.", "2026-07-01")
NOON = article("noon", "It has 120 workers.", "2026-07-02")
DUSK = article("dusk", "The mill employs 350 people in all.", "2026-07-03")
MOON = article("moon", "The bakery was closed.", "2026-07-04")
EVERYONE = tuple(map(entry, (DAWN, NOON, DUSK, MOON)))
ARTICLES = {one.id: one for one in (DAWN, NOON, DUSK, MOON)}
SMALL = Position(
    "120", (cite(DAWN, "120", DAWN.text), cite(NOON, "120", NOON.text)), independent_sources=2
)  # fmt: skip
LARGE = Position("350 people", (cite(DUSK, "350 people", DUSK.text),), independent_sources=1)
ANSWER = Answer(
    "How many people does the mill employ?", "How many people does the mill employ?", "answered", "120", 0.8,
    SMALL.citations, (LARGE, SMALL), (), ConflictCheck("checked", 3, 3, 3), (),
)  # fmt: skip


def plain(html: str) -> str:
    return re.sub(r"<[^>]*>", " ", html)


def test_positions_stand_beside_each_other_the_answers_own_first():
    first, second = sides.positions(ANSWER, ARTICLES).split("</ul></li>")[:2]
    assert 'class="own"' in first
    assert "2 independent sources" in first
    assert "Dawn" in first
    assert "2 July 2026" in first
    assert "The mill employs <mark>350 people</mark> in all." in second
    assert "1 independent source<" in second


def test_a_position_without_another_is_not_repeated_beside_the_answer():
    assert sides.positions(replace(ANSWER, positions=(SMALL,)), ARTICLES) == ""


def test_many_positions_open_on_demand():
    more = tuple(Position(f"{n} people", LARGE.citations, 1) for n in range(5))
    shown = sides.positions(replace(ANSWER, positions=(SMALL, *more)), ARTICLES)
    assert "<summary>3 other statements</summary>" in shown
    assert shown.index("1 people") < shown.index("<summary>") < shown.index("2 people")


def test_near_copies_are_said_to_be_none_of_the_independent_sources():
    assert (
        words.sources(replace(SMALL, independent_sources=1))
        == "1 independent source, 1 near-copy not counted"
    )


def test_dated_positions_stand_on_a_timeline_oldest_first():
    shown = sides.timeline(ANSWER, ARTICLES)
    days = re.findall(r'class="day">([^<]*)', shown)
    assert days == ["1 July 2026", "2 July 2026", "3 July 2026"]
    assert shown.index("Dawn") < shown.index("Noon") < shown.index("350 people") < shown.index("Dusk")


@pytest.mark.parametrize("published", [None, "2026-07-01"])
def test_there_is_no_timeline_without_two_positions_of_different_dates(published):
    undated = tuple(
        replace(one, citations=tuple(replace(citation, published=published) for citation in one.citations))
        for one in (SMALL, LARGE)
    )
    assert sides.timeline(replace(ANSWER, positions=undated), ARTICLES) == ""
    assert sides.timeline(replace(ANSWER, positions=(SMALL,)), ARTICLES) == ""


def test_the_articles_in_which_nothing_was_found_are_named():
    shown = sides.silent(ANSWER, EVERYONE)
    assert "Nothing found in Moon · 4 July 2026" in re.sub(r"\s+", " ", plain(shown)).replace(" 4", " · 4")
    assert 'href="article/moon"' in shown
    assert "Dusk" not in shown


def test_an_article_that_only_takes_part_in_a_conflict_is_not_called_silent():
    against = Conflict("name", "mill against bakery", (SMALL.citations[0], cite(MOON, "closed")), 0.9)
    disputed = replace(ANSWER, conflicts=(against,))
    assert sides.silent(disputed, EVERYONE) == ""
    assert words.support(disputed, 4) == "2 of 4 articles say so · 2 say something else"


def test_many_silent_articles_are_counted_after_the_first():
    crowd = tuple(replace(EVERYONE[3], id=f"m{n}") for n in range(30))
    shown = sides.silent(ANSWER, crowd)
    assert shown.count("data-article") == sides.SILENT_SHOWN
    assert "and 22 more" in shown


def test_nothing_to_add_adds_no_section():
    alone = replace(ANSWER, positions=(SMALL,))
    assert sides.who_says_what(alone, ARTICLES, EVERYONE[:2], "turn-1") == ""


def marked(text: str, other: str) -> list[str]:
    return [text[span.start : span.end] for span in differing(text, other)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("The firm has received the order.", "The firm has received no order.", []),
        ("The firm has received no order.", "The firm has received the order.", ["no"]),
        ("The firm has not received the order.", "The firm has received the order.", ["not"]),
        ("Anna is evaluating the process.", "Anna is using the process.", ["evaluating"]),
        ("It will be built in 2026 in Aarup.", "It will be built in 2028 in Aarup.", ["2026"]),
        ("It costs $10.5 a day.", "It costs $12 a day.", ["$10.5"]),
        ("On Monday the mill was closed.", "The mill was closed on Monday.", []),
        ("The same words.", "The same words.", []),
        ("Nothing is alike here at all.", "Quite another thing was said.", []),
    ],
)
def test_the_words_that_differ_are_marked_and_no_others(one, other, expected):
    assert marked(one, other) == expected


def test_a_long_clause_that_one_of_two_merely_adds_is_no_difference():
    one = "Earlier that day several papers reported that Anna is using the new process for chips."
    assert marked(one, "Anna is evaluating the new process for chips.") == ["using"]


HELD = Position(DAWN.text, (cite(DAWN, DAWN.text),), 1, "yes", "fact")
DENIED = Position(DUSK.text, (cite(DUSK, DUSK.text),), 1, "no", "denied")
PLANNED = Position(NOON.text, (cite(NOON, NOON.text),), 1, "open", "planned")
BESIDE = Position(MOON.text, (cite(MOON, MOON.text),), 1, "open", "fact")
YES_NO = replace(
    ANSWER, question="Does the mill employ 120?", text=DAWN.text, citations=HELD.citations,
    positions=(HELD, BESIDE, PLANNED, DENIED),
)  # fmt: skip


def rows(answer: Answer) -> dict[str, str]:
    """What stands under each heading of a yes/no question."""
    parts = re.split("<h4>([^<]*)</h4>", sides.positions(answer, ARTICLES))
    return {
        title: " ".join(plain(body).split()) for title, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_to_a_yes_no_question_statements_stand_under_what_they_say_to_it():
    shown = rows(YES_NO)
    assert list(shown) == ["Says yes", "Says no", "Leaves it open", "Not clearly yes or no"]
    assert shown["Says yes"] == "The answer The mill employs 120 people. Dawn 1 July 2026"
    assert shown["Says no"] == "The mill employs 350 people in all. denied Dusk 3 July 2026"
    assert shown["Leaves it open"].startswith("Does not decide it. It has 120 workers. planned Noon")
    assert shown["Not clearly yes or no"].startswith("Counted as neither: read the words. The bakery")


def test_that_nothing_says_yes_or_no_is_said():
    shown = rows(replace(YES_NO, citations=PLANNED.citations, positions=(PLANNED, BESIDE)))
    assert shown["Says yes"] == shown["Says no"] == "None found."
    assert shown["Leaves it open"].startswith("Does not decide it. The answer It has")


def test_many_statements_of_one_stance_open_on_demand():
    more = tuple(replace(BESIDE, text=f"The bakery {n}") for n in range(5))
    shown = sides.positions(replace(YES_NO, positions=(HELD, *more)), ARTICLES)
    assert "<summary>3 other statements</summary>" in shown
    assert shown.index("The bakery 1") < shown.index("<summary>") < shown.index("The bakery 2")


def test_nothing_that_leaves_a_question_open_is_counted_as_an_answer():
    assert words.support(YES_NO, 6) == (
        "1 of 6 articles says yes · 1 says no · 1 leaves it open · 1 is not clearly yes or no · "
        "nothing found in the other 2"
    )
    other_words = replace(BESIDE, polarity="yes")
    twice = replace(YES_NO, positions=(HELD, other_words))
    assert words.support(twice, 2) == "2 of 2 articles say yes"
    unclear = replace(YES_NO, citations=BESIDE.citations, positions=(BESIDE, HELD))
    assert words.support(unclear, 2) == "1 of 2 articles says so · 1 says yes"


@pytest.mark.parametrize(
    ("value", "sentence", "expected"),
    [
        ("is using", "Anna is also using it.", "is also using"),
        ("is using", "Anna is, as of late, still not using it.", None),
        ("50 won", "About 50 won, he said.", "50 won"),
        ("“is using”", "She said “Anna is using” it.", "is using"),
        ("is", "This was his.", None),
        ("", "Anything.", None),
        ("a " * 40 + "b", "a " * 400, None),
    ],
)
def test_what_a_side_says_is_found_in_its_sentence_though_a_word_stands_between(value, sentence, expected):
    found = conflicts.place(value, sentence)
    assert (found and sentence[found.start : found.end]) == expected


def test_the_answers_side_shows_the_answer_first_and_who_contradicts_it_stays_in_view():
    with_it, against = (cite(DUSK, "employs"), cite(DAWN, "120")), (cite(NOON, "120"), cite(MOON, "closed"))
    conflict = Conflict("number", "120 against 350", (*with_it, *against), 0.9, sides=(0, 0, 1, 1))
    own, other = (
        conflicts.conflict_card(conflict, ARTICLES, with_it[1]).split('class="sides">')[1].split("</li>")[:2]
    )
    assert (
        own.index("Dawn") < own.index("<summary>1 more statement on this side</summary>") < own.index("Dusk")
    )
    assert "<details" not in other
    assert "Noon" in other
    assert "Moon" in other


def card(one: str, other: str, explanation: str) -> str:
    left, right = article("left", one), article("right", other)
    conflict = Conflict("certainty", explanation, (cite(left, one), cite(right, other)), 0.7, sides=(0, 1))
    return conflicts.conflict_card(conflict, {})


def test_a_whole_sentence_is_marked_where_it_holds_what_the_explanation_quotes():
    shown = card(
        "Anna is evaluating 2nm.", "Anna is using 2-nanometre chips.", "“is evaluating” against “is using”"
    )
    assert re.findall("<mark>([^<]*)</mark>", shown) == ["is evaluating", "is using"]


def test_a_whole_sentence_is_marked_where_it_differs_when_the_explanation_quotes_nothing():
    shown = card("The mill was closed in June.", "The mill was closed in July.", "June against July")
    assert re.findall("<mark>([^<]*)</mark>", shown) == ["June", "July"]


def test_a_conflict_opens_both_articles_each_at_its_own_characters():
    shown = card("A mill.", "No mill.", "mill against none")
    assert 'href="article/left?start=0&amp;end=7&amp;beside=right&amp;from=0&amp;to=8#quote"' in shown


def test_an_article_against_itself_has_nothing_to_stand_beside():
    one, other = cite(DAWN, "The mill"), cite(DAWN, "120")
    within = Conflict("number", "1 against 120", (one, other), 0.9)
    assert "Compare" not in conflicts.conflict_card(within, ARTICLES)


@pytest.mark.parametrize(
    ("score", "said"),
    [(0.95, "Very likely a real disagreement (95%)"), (0.7, "Likely a real disagreement (70%)"),
     (0.5, "As likely as not a real disagreement (50%)"), (0.1, "Unlikely a real disagreement (10%)"),
     (0.999, "Very likely a real disagreement (99%)")],
)  # fmt: skip
def test_how_sure_a_disagreement_is_is_said_in_words_beside_its_figure(score, said):
    assert words.surely(score) == said


@pytest.mark.parametrize("hundredths", range(1, 100))
def test_the_word_always_fits_the_figure_beside_it(hundredths):
    for probability in (hundredths / 100 - 0.004, hundredths / 100, hundredths / 100 + 0.004):
        assert words.percent(probability) == f"{hundredths}%"
        least = next(least for least, word in words.LIKELIHOOD if word == words.likelihood(probability))
        assert max(step for step, _ in words.LIKELIHOOD if step <= hundredths) == least


def test_a_copied_answer_names_quote_source_date_address_and_characters_and_never_hides_what_disagrees():
    copied = turn.copied(ANSWER)
    assert copied.splitlines()[:2] == [
        "“120”", "Dawn, “On dawn”, 1 July 2026, https://dawn.example/, characters 17-20",
    ]  # fmt: skip
    assert copied.endswith("No conflict found in 3 pairs of statements from 3 sources.")
    against = Conflict("number", "120 against 350", (SMALL.citations[0], LARGE.citations[0]), 0.9)
    disputed = turn.copied(replace(ANSWER, conflicts=(against,)))
    assert disputed.endswith("1 disagreement between the articles.")
