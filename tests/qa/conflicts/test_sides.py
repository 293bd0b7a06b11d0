"""Who says what beside an answer: positions, dates, who is silent; and the words in which two quotes differ."""

import re
from dataclasses import replace

import pytest

from index.records import Article
from qa.app.html import conflicts, turn, words
from qa.app.html.differences import find_differences
from qa.comparison.model import RelationShares, StanceShares
from qa.conflicts.differences import UNKNOWN
from qa.conflicts.engine import ComparedPair, Thresholds, conflicts_of
from qa.conflicts.merging import merge_conflicts, surest
from qa.records import Answer, Citation, Conflict, ConflictCheck, Coverage, Passage, Position


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
    scope=Coverage(298, 4, 4),
)  # fmt: skip


def plain(html: str) -> str:
    return re.sub(r"<[^>]*>", " ", html)


def crowd(count: int) -> tuple[dict[str, Article], tuple[Position, ...]]:
    """Articles and the positions that they take, each its own."""
    articles = {f"m{n}": article(f"m{n}", f"It was closed {n} times.") for n in range(count)}
    return articles, tuple(Position(one.text, (cite(one, one.text),), 1) for one in articles.values())


def marked(text: str, other: str) -> list[str]:
    return [text[span.start : span.end] for span in find_differences(text, other)]


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
        ("The 2nm process is in use.", "The 2-nanometer process is in use.", []),
        ("It opened on 3 July 2026 in Aarup.", "It opened on July 3 in Aarup.", []),
        ("Three people died in the crash.", "3 persons died in the crash.", []),
        ("The data-centre cost $5bn.", "The datacenter cost 5 billion dollars.", []),
        ("The café’s U.S. owner organised it.", "The cafe's US owner organized it.", []),
        ("More than 40 beds are there.", "40 beds are there.", ["More than"]),
        ("It killed 23 people, police said.", "It killed 40 people, doctors said.", ["23", "police"]),
        ("It opened on 2 May 2026.", "It opened in March 2026.", ["2 May"]),
        ("The boxes were filled by hand.", "The papers were filed by hand.", ["boxes", "filled"]),
        ("The house has 40 beds.", "There were 45 beds, so officials of that place told us.", ["40"]),
        ("It has 40 beds and 3 doctors.", "Quite another thing: 45 beds, 4 doctors there.", []),
        ("The same words.", "The same words.", []),
        ("Nothing is alike here at all.", "Quite another thing was said.", []),
    ],
)
def test_the_words_that_differ_are_marked_and_no_others(one, other, expected):
    assert marked(one, other) == expected


def test_a_day_that_one_of_two_names_by_the_date_of_its_article_is_the_same():
    one, other = "It was closed yesterday in Aarup.", "It was closed on 2 July in Aarup."
    dated = find_differences(one, other, ("2026-07-03", "2026-07-04"))
    assert dated == ()
    assert [one[span.start : span.end] for span in find_differences(one, other)] == ["yesterday"]


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


def against(one: Citation, other: Citation, score: float = 0.9, *, update: bool = False) -> Conflict:
    """A conflict as `qa.conflicts.engine` makes one of each pair of sources."""
    explanation = f"“{one.quote}” against “{other.quote}”"
    return Conflict("number", explanation, (one, other), score, update, (0, 1))


DAWNS, NOONS, DUSKS = *SMALL.citations, LARGE.citations[0]
MOONS = cite(MOON, "closed", MOON.text)
PAIRS = replace(ANSWER, positions=(SMALL, LARGE))


@pytest.mark.parametrize(
    ("tiers", "merged_tier"),
    [(("may_disagree", "disagree"), "disagree"), (("disagree", "may_disagree"), "disagree"),
     (("may_disagree", "may_disagree"), "may_disagree")],
)  # fmt: skip
def test_what_is_merged_keeps_the_surest_tier(tiers, merged_tier):
    pairs = (against(DAWNS, DUSKS, 0.9), against(NOONS, DUSKS, 0.8))
    answer = replace(
        PAIRS, conflicts=tuple(replace(one, tier=tier) for one, tier in zip(pairs, tiers, strict=True))
    )
    (one,) = merge_conflicts(answer)
    assert (one.tier, one.score) == (merged_tier, 0.9)
    assert surest(()) is None


def test_a_pair_told_the_other_way_round_joins_the_right_sides():
    answer = replace(PAIRS, conflicts=(against(DAWNS, DUSKS), against(DUSKS, NOONS)))
    assert [one.by_side() for one in merge_conflicts(answer)] == [((DAWNS, NOONS), (DUSKS,))]


def test_pairs_that_share_a_statement_on_no_position_are_one():
    answer = replace(PAIRS, conflicts=(against(DAWNS, MOONS), against(NOONS, MOONS)))
    assert [one.by_side() for one in merge_conflicts(answer)] == [((DAWNS, NOONS), (MOONS,))]


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
    assert merge_conflicts(replace(PAIRS, conflicts=pairs)) == pairs


def test_a_possible_update_says_so_in_plain_words_with_who_reports_later():
    shown = plain(conflicts.conflict_card(against(DAWNS, DUSKS, update=True), ARTICLES))
    assert (
        "The later report (by Dusk, 3 July 2026) may describe a newer situation. If so, both are right."
        in shown
    )
    assert "About four in five such pairs differ" in shown
    assert "How sure: 90%" in shown
    undated = [replace(one, published=None, publisher=None) for one in (DAWNS, DUSKS)]
    assert "The later report may describe" in words.update_note(against(*undated, update=True), {})
    # What a person ruled an update may be of one day, or of none: then nobody is called the later one.
    of_one_day = [replace(one, published="2026-07-03") for one in (DAWNS, DUSKS)]
    for told in (undated, of_one_day):
        names = {one.article_id: "Dusk" for one in told}
        assert words.update_note(against(*told, update=True), names).startswith(
            "The later report may describe"
        )


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
    compared = ComparedPair(0, 1, RelationShares(0, 0, 1, 0, (0, 0, 0, 1, 0)), UNKNOWN, 0.9)
    found = conflicts_of(told, [compared], [SURE[one], SURE[other]], Thresholds(0.65, 0.5, 0.75))
    if one is not None and one == other:  # one verdict shown with both is no dispute
        assert found == ()
    else:
        assert [conflicts.verdicts(conflict) for conflict in found] == [(one, other)]


def card(one: str, other: str, explanation: str) -> str:
    left, right = article("left", one), article("right", other)
    conflict = Conflict("certainty", explanation, (cite(left, one), cite(right, other)), 0.7, sides=(0, 1))
    return conflicts.conflict_card(conflict, {})


def test_a_whole_sentence_is_marked_where_it_differs():
    shown = card("The mill was closed in June.", "The mill was closed in July.", "June against July")
    assert re.findall("<mark>([^<]*)</mark>", shown) == ["June", "July"] * 2  # closed, and opened


def test_a_conflict_opens_both_articles_each_at_its_own_characters():
    shown = card("A mill.", "No mill.", "mill against none")
    assert 'href="article/left?start=0&amp;end=7&amp;beside=right&amp;from=0&amp;to=8#quote"' in shown


def test_an_article_against_itself_has_nothing_to_stand_beside():
    one, other = cite(DAWN, "The mill"), cite(DAWN, "120")
    within = Conflict("number", "1 against 120", (one, other), 0.9)
    assert "Compare" not in conflicts.conflict_card(within, ARTICLES)


def test_how_sure_a_disagreement_is_is_said_in_words_that_fit_its_tier_whatever_its_score():
    for score in (0.1, 0.5, 0.95):
        less_sure = replace(against(DAWNS, DUSKS, score), tier="may_disagree")
        assert conflicts.sureness(less_sure) == "About one in two such pairs disagree"
        assert conflicts.sureness(against(DAWNS, DUSKS, score)) == "About four in five such pairs disagree"
    assert words.how_often("may_disagree", update=True) == "About one in two such pairs differ"


@pytest.mark.parametrize("hundredths", range(1, 100))
def test_the_word_always_fits_the_figure_beside_it(hundredths):
    for probability in (hundredths / 100 - 0.004, hundredths / 100, hundredths / 100 + 0.004):
        assert words.percent(probability) == f"{hundredths}%"
        least = next(least for least, word in words.LIKELIHOOD if word == words.likelihood(probability))
        assert max(step for step, _ in words.LIKELIHOOD if step <= hundredths) == least


def test_a_copied_answer_names_quote_source_date_address_and_characters_and_never_hides_what_disagrees():
    copied = turn.copy_text(ANSWER)
    assert copied.splitlines()[:2] == [
        "“The mill employs 120 people.”",
        "“On dawn”, Dawn, 1 July 2026, https://dawn.example/, characters 0-28 (the answer 17-20)",
    ]
    assert copied.endswith(
        "They say something else: 120 (2), 350 people (1). Compared 3 pairs of statements from 3 sources."
    )
    disputed = turn.copy_text(replace(ANSWER, conflicts=(against(DAWNS, DUSKS),)))
    assert disputed.endswith("They disagree: 120 (2), 350 people (1).")


def test_a_copied_citation_tells_nobody_where_a_file_lies():
    for uri in ("/home/ida/papers/mill.txt", "file:///home/ida/papers/mill.txt", "papers/mill.txt"):
        filed = replace(SMALL.citations[0], uri=uri, title=None, name="")
        place = "characters 0-28 (the answer 17-20)"
        assert (
            words.quotation(filed)
            == f"“The mill employs 120 people.”\n“mill.txt”, Dawn, 1 July 2026, {place}"
        )
