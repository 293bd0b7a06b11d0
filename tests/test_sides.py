"""Who says what beside an answer: positions, dates, who is silent; and the words in which two quotes differ."""

import re
from dataclasses import replace

import pytest

from index.records import Article
from qa.app.html import conflicts, sides, turn, words
from qa.app.html.differences import differing
from qa.comparison.model import RelationShares, StanceShares
from qa.conflicts.differences import UNKNOWN
from qa.conflicts.engine import Compared, conflicts_of
from qa.conflicts.merging import merged
from qa.records import Answer, Citation, Conflict, ConflictCheck, Passage, Position, Scope


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
ARTICLES = {one.id: one for one in (DAWN, NOON, DUSK, MOON)}
SMALL = Position(
    "120", (cite(DAWN, "120", DAWN.text), cite(NOON, "120", NOON.text)), independent_sources=2
)  # fmt: skip
LARGE = Position("350 people", (cite(DUSK, "350 people", DUSK.text),), independent_sources=1)
ANSWER = Answer(
    "How many people does the mill employ?", "How many people does the mill employ?", "answered", "120", 0.8,
    SMALL.citations, (LARGE, SMALL), (), ConflictCheck("checked", 3, 3, 3),
    tuple(Passage(name, 0, 9, ARTICLES[name].text[:9], rank, 0.5) for rank, name in enumerate(ARTICLES, 1)),
    scope=Scope(298, 4, 4),
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


def test_the_articles_that_were_read_and_say_nothing_are_named():
    shown = sides.silent(ANSWER, ARTICLES)
    assert " ".join(plain(shown).split()) == "Read, no answer found Moon 4 July 2026"
    assert 'href="article/moon"' in shown


@pytest.mark.parametrize("scope", [Scope(298, 3, 3), Scope()])
def test_an_article_that_was_found_and_not_read_is_never_called_silent(scope):
    unread = replace(ANSWER, scope=scope)
    assert sides.silent(unread, ARTICLES) == ""
    assert "no answer found" not in words.support(unread)


def test_an_article_that_only_takes_part_in_a_conflict_is_not_called_silent():
    against = Conflict("name", "mill against bakery", (SMALL.citations[0], cite(MOON, "closed")), 0.9)
    disputed = replace(ANSWER, conflicts=(against,))
    assert sides.silent(disputed, ARTICLES) == ""
    assert words.support(disputed) == "2 of 4 articles read say so · 2 say something else"


def test_many_silent_articles_are_counted_after_the_first():
    crowd = {f"m{n}": replace(MOON, id=f"m{n}") for n in range(30)}
    passages = tuple(Passage(name, 0, 1, "T", rank, 0.5) for rank, name in enumerate(crowd, 1))
    shown = sides.silent(replace(ANSWER, passages=passages, scope=Scope(298, 30, 30)), crowd)
    assert shown.count("data-article") == sides.SILENT_SHOWN
    assert shown.index("m0") < shown.index("m1")
    assert "and 22 more" in shown


def test_an_article_removed_since_is_not_named():
    assert sides.silent(ANSWER, {}) == ""


def test_nothing_to_add_adds_no_section():
    alone = replace(ANSWER, positions=(SMALL,), scope=Scope(2, 2, 2))
    assert sides.who_says_what(alone, ARTICLES, "turn-1") == ""


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


HELD = Position(DAWN.text, (cite(DAWN, DAWN.text),), 1, "yes")
DENIED = Position(DUSK.text, (cite(DUSK, DUSK.text),), 1, "no")
OPEN = Position(NOON.text, (cite(NOON, NOON.text),), 1, "open")
BESIDE = Position(MOON.text, (cite(MOON, MOON.text),), 1)
YES_NO = replace(
    ANSWER, question="Does the mill employ 120?", text=DAWN.text, citations=HELD.citations,
    positions=(HELD, BESIDE, OPEN, DENIED),
)  # fmt: skip


def rows(answer: Answer) -> dict[str, str]:
    """What stands under each heading of a yes/no question."""
    parts = re.split("<h4>([^<]*)</h4>", sides.positions(answer, ARTICLES))
    return {
        title: " ".join(plain(body).split()) for title, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_to_a_yes_no_question_statements_stand_under_what_they_surely_say_to_it():
    shown = rows(YES_NO)
    assert list(shown) == ["Says yes", "Says no", "Leaves it open", "No sure verdict"]
    assert shown["Says yes"] == "The answer The mill employs 120 people. Dawn 1 July 2026"
    assert shown["Says no"] == "The mill employs 350 people in all. Dusk 3 July 2026"
    assert shown["Leaves it open"].startswith("Does not decide it. It has 120 workers. Noon")
    assert shown["No sure verdict"].startswith("Read the words. The bakery was closed. Moon")


def test_that_nothing_surely_says_yes_or_no_is_said():
    shown = rows(replace(YES_NO, citations=OPEN.citations, positions=(OPEN, BESIDE)))
    assert shown["Says yes"] == shown["Says no"] == "None for sure."
    assert shown["Leaves it open"].startswith("Does not decide it. The answer It has")


def test_without_any_sure_verdict_the_statements_stand_beside_each_other():
    unsure = tuple(replace(one, polarity=None) for one in YES_NO.positions)
    shown = sides.positions(replace(YES_NO, positions=unsure), ARTICLES)
    assert '<ul class="columns">' in shown
    assert "Says" not in shown
    assert "verdict" not in shown


def test_many_statements_of_one_stance_open_on_demand():
    more = tuple(replace(BESIDE, text=f"The bakery {n}") for n in range(5))
    shown = sides.positions(replace(YES_NO, positions=(HELD, *more)), ARTICLES)
    assert "<summary>3 other statements</summary>" in shown
    assert shown.index("The bakery 1") < shown.index("<summary>") < shown.index("The bakery 2")


def test_nothing_that_leaves_a_question_open_is_counted_as_an_answer():
    assert words.support(YES_NO) == (
        "1 of 4 articles read says yes · 1 says no · 1 leaves it open · 1 with no sure verdict"
    )
    other_words = replace(BESIDE, polarity="yes")
    twice = replace(YES_NO, positions=(HELD, other_words))
    assert words.support(twice) == "2 of 4 articles read say yes · no answer found in the other 2"
    unclear = replace(YES_NO, citations=BESIDE.citations, positions=(BESIDE, HELD))
    assert (
        words.support(unclear) == "1 of 4 articles read says so · 1 says yes · no answer found in the other 2"
    )


def against(one: Citation, other: Citation, score: float = 0.9, *, update: bool = False) -> Conflict:
    """A conflict as `qa.conflicts.engine` makes one of each pair of sources."""
    explanation = f"“{one.quote}” against “{other.quote}”"
    return Conflict("number", explanation, (one, other), score, update, (0, 1))


DAWNS, NOONS, DUSKS = *SMALL.citations, LARGE.citations[0]
MOONS = cite(MOON, "closed", MOON.text)
PAIRS = replace(ANSWER, positions=(SMALL, LARGE))


def test_pairs_between_the_same_two_positions_are_shown_as_one_card_with_two_sides():
    answer = replace(PAIRS, conflicts=(against(DAWNS, DUSKS, 0.9), against(NOONS, DUSKS, 0.8)))
    (one,) = merged(answer)
    assert one.by_side() == ((DAWNS, NOONS), (DUSKS,))
    assert (one.score, one.explanation) == (0.9, "“120” against “350 people”")
    shown = conflicts.conflict_panel(answer, ARTICLES, "turn-1")
    assert "1 disagreement between the articles" in shown
    assert shown.count('<li class="card">') == 1
    assert turn.copied(answer).endswith("1 disagreement between the articles.")
    assert len(answer.conflicts) == 2  # the answer keeps its pairs


def test_a_pair_told_the_other_way_round_joins_the_right_sides():
    answer = replace(PAIRS, conflicts=(against(DAWNS, DUSKS), against(DUSKS, NOONS)))
    assert [one.by_side() for one in merged(answer)] == [((DAWNS, NOONS), (DUSKS,))]


def test_pairs_that_share_a_statement_on_no_position_are_one():
    answer = replace(PAIRS, conflicts=(against(DAWNS, MOONS), against(NOONS, MOONS)))
    assert [one.by_side() for one in merged(answer)] == [((DAWNS, NOONS), (MOONS,))]


@pytest.mark.parametrize(
    "pairs",
    [
        (against(DAWNS, DUSKS), against(NOONS, DUSKS, update=True)),  # one may be a newer state only
        (against(DAWNS, DUSKS), against(DAWNS, MOONS)),  # the other sides say two things
        (against(DAWNS, NOONS), against(DAWNS, NOONS)),  # one position against itself
        (replace(against(DAWNS, DUSKS), sides=()), against(DAWNS, MOONS)),
    ],
)
def test_what_is_more_than_one_disagreement_stays_apart(pairs):
    assert merged(replace(PAIRS, conflicts=pairs)) == pairs


def test_the_answers_side_shows_the_answer_first_and_who_contradicts_it_stays_in_view():
    with_it, other = (cite(DUSK, "employs"), cite(DAWN, "120")), (cite(NOON, "120"), cite(MOON, "closed"))
    conflict = Conflict("number", "120 against 350", (*with_it, *other), 0.9, sides=(0, 0, 1, 1))
    own, against_it = (
        conflicts.conflict_card(conflict, ARTICLES, with_it[1:]).split('class="sides">')[1].split("</li>")[:2]
    )
    assert (
        own.index("Dawn") < own.index("<summary>1 more statement on this side</summary>") < own.index("Dusk")
    )
    assert '<p class="label">The answer</p>' in own
    assert "<details" not in against_it
    assert '<p class="label">Against it</p>' in against_it
    assert "Noon" in against_it
    assert "Moon" in against_it


def test_a_card_without_the_answers_first_citation_says_whose_side_is_whose():
    answer = replace(PAIRS, conflicts=(against(NOONS, DUSKS),))
    shown = plain(conflicts.conflict_panel(answer, ARTICLES, "turn-1"))
    assert "As the answer" in shown
    assert "Against it" in shown
    assert "neither side" not in shown


def test_a_card_between_others_says_that_the_answer_is_on_neither_side():
    answer = replace(PAIRS, positions=(SMALL, LARGE, BESIDE), conflicts=(against(DUSKS, MOONS),))
    shown = plain(conflicts.conflict_panel(answer, ARTICLES, "turn-1"))
    assert "The answer itself is on neither side." in shown
    assert "Against it" not in shown


def test_a_possible_update_says_so_in_plain_words_with_who_reports_later():
    shown = plain(conflicts.conflict_card(against(DAWNS, DUSKS, update=True), ARTICLES, (DAWNS,)))
    assert "The later report (by Dusk, 3 July 2026) may tell of a newer state: then both are right." in shown
    assert "Another report" in shown
    assert "Against it" not in shown
    assert "Very likely a real difference (90%)" in shown
    undated = [replace(one, published=None, publisher=None) for one in (DAWNS, DUSKS)]
    assert "The later report may tell" in words.later(against(*undated, update=True), {})


SURE = {
    "yes": StanceShares(0.9, 0.1, 0, 0), "no": StanceShares(0.1, 0.9, 0, 0),
    "open": StanceShares(0, 0.1, 0.9, 0), None: StanceShares(0.3, 0.3, 0.3, 0.1),
}  # fmt: skip


@pytest.mark.parametrize("one", SURE)
@pytest.mark.parametrize("other", SURE)
@pytest.mark.parametrize("text", ["No more.", "It is said ” against no: “x", "One of many words. " * 9])
def test_the_verdicts_of_a_card_are_those_of_the_engine_whatever_the_articles_say(one, other, text):
    left, right = article("left", text), article("right", f"{text} Really.")
    told = (cite(left, left.text), cite(right, right.text))
    compared = Compared(0, 1, RelationShares(0, 0, 1, 0, (0, 0, 0, 1, 0)), UNKNOWN, 0.9)
    found = conflicts_of(told, [compared], [SURE[one], SURE[other]])
    if (one or "yes") == (other or "yes"):  # unsure, it leans to the first: one verdict is no dispute
        assert found == ()
    else:
        assert [conflicts.verdicts(conflict) for conflict in found] == [(one, other)]


def test_a_yes_stands_above_its_side_and_whole_sentences_are_not_told_twice():
    pair = (cite(DAWN, DAWN.text), cite(DUSK, DUSK.text))
    told = f"yes: “{DAWN.text}” against “{DUSK.text}”"
    conflict = Conflict("polarity", told, pair, 0.9, sides=(0, 1))
    shown = conflicts.conflict_card(conflict, ARTICLES, pair[:1])
    assert re.findall('class="label">([^<]*)', shown) == ["The answer · says yes", "Against it"]
    assert "explanation" not in shown
    alone = conflicts.conflict_card(conflict, ARTICLES)
    assert re.findall('class="label">([^<]*)', alone) == ["Says yes"]


def card(one: str, other: str, explanation: str) -> str:
    left, right = article("left", one), article("right", other)
    conflict = Conflict("certainty", explanation, (cite(left, one), cite(right, other)), 0.7, sides=(0, 1))
    return conflicts.conflict_card(conflict, {})


def test_a_whole_sentence_is_marked_where_it_differs():
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
    disputed = turn.copied(replace(ANSWER, conflicts=(against(DAWNS, DUSKS),)))
    assert disputed.endswith("1 disagreement between the articles.")
