"""Who says what beside an answer: positions, dates, who is silent; and the words in which two quotes differ."""

import re
from dataclasses import replace

import pytest

from index.records import Article
from qa.app.html import conflicts, sides, turn, words
from qa.app.html.differences import find_differences
from qa.comparison.model import RelationShares, StanceShares
from qa.conflicts.differences import UNKNOWN
from qa.conflicts.engine import ComparedPair, Thresholds, conflicts_of
from qa.conflicts.merging import merge_conflicts, surest
from qa.conflicts.timeline import timeline_of
from qa.records import Answer, Citation, Conflict, ConflictCheck, Coverage, Passage, Position, Timeline


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


def rows(answer: Answer) -> list[str]:
    """What stands in each row of the table, in order."""
    table = sides.who_says_what(answer, ARTICLES, "turn-1")
    return [" ".join(plain(one.split("</tr>")[0]).split()) for one in table.split('<tr role="row" class')[1:]]


def plain_row(text: str) -> str:
    """A row without the attributes of its tag, which `rows` leaves."""
    return text.partition('">')[2].strip()


def test_each_source_has_a_row_with_its_own_sentence_the_answers_first_and_those_that_say_the_same_next():
    own, same, other = map(plain_row, rows(ANSWER))
    assert own == "1 Dawn The answer 1 July 2026"
    assert same == "2 Noon On noon It has 120 workers. Says the same 2 July 2026"
    assert other == "3 Dusk On dusk The mill employs 350 people in all. Says something else 3 July 2026"
    assert "The mill employs <mark>350 people</mark> in all." in sides.who_says_what(ANSWER, ARTICLES, "t")


def test_two_articles_that_hold_the_same_words_are_two_rows_each_of_which_opens_its_own_article():
    copy = replace(DAWN, id="copy")
    answer = replace(
        ANSWER, positions=(replace(SMALL, citations=(*SMALL.citations, cite(copy, "120", copy.text))),)
    )
    table = sides.who_says_what(answer, {**ARTICLES, "copy": copy}, "turn-1")
    assert re.findall(r'<a class="source" data-article href="article/(\w+)', table) == [
        "dawn",
        "noon",
        "copy",
    ]
    assert (
        table.count("The mill employs <mark>120</mark> people.") == 1
    )  # the first one's is the answer, above


def test_one_sentence_is_one_row_with_all_that_is_quoted_of_it():
    twice = Position("mill", (cite(DUSK, "mill", DUSK.text),), 1)
    answer = replace(ANSWER, positions=(SMALL, LARGE, twice))
    assert len(rows(answer)) == 3
    table = sides.who_says_what(answer, ARTICLES, "turn-1")
    assert "The <mark>mill</mark> employs <mark>350 people</mark> in all." in table


def test_an_answer_that_is_all_there_is_has_no_table():
    alone = replace(
        ANSWER, citations=SMALL.citations[:1], positions=(replace(SMALL, citations=SMALL.citations[:1]),)
    )
    assert sides.who_says_what(alone, ARTICLES, "turn-1") == ""


def crowd(count: int) -> tuple[dict[str, Article], tuple[Position, ...]]:
    """Articles and the positions that they take, each its own."""
    articles = {f"m{n}": article(f"m{n}", f"It was closed {n} times.") for n in range(count)}
    return articles, tuple(Position(one.text, (cite(one, one.text),), 1) for one in articles.values())


def test_many_sources_open_on_demand_but_none_that_disagrees():
    articles, positions = crowd(20)
    last = positions[-1].citations[0]
    answer = replace(ANSWER, positions=(SMALL, *positions), conflicts=(against(DAWNS, last),))
    table = sides.who_says_what(answer, articles, "turn-1")
    shown, folded = table.split("<summary>16 further sources</summary>")
    assert shown.count('<tr role="row" class') == sides.SHOWN
    assert "It was closed 19 times." in " ".join(plain(shown).split())  # "19" is marked against "120"
    assert "It was closed 5 times." in folded
    assert folded.count("<blockquote>") == 16
    everyone = replace(answer, conflicts=tuple(against(DAWNS, one.citations[0]) for one in positions))
    assert (
        sides.who_says_what(everyone, articles, "turn-1").split("<details")[0].count("Disagrees with") == 21
    )


def test_near_copies_are_said_to_be_none_of_the_independent_sources():
    assert (
        words.sources(replace(SMALL, independent_sources=1))
        == "1 independent source, 1 near-copy not counted"
    )
    copied = Position("350", (LARGE.citations[0], cite(MOON, MOON.text)), 1)
    (_, _, first, second) = rows(replace(ANSWER, positions=(SMALL, copied)))
    assert "1 independent source, 1 near-copy not counted" in first
    assert "near-copy" not in second


@pytest.mark.parametrize("scope", [Coverage(298, 3, 3), Coverage()])
def test_an_article_that_was_found_and_not_read_is_never_called_silent(scope):
    unread = replace(ANSWER, scope=scope)
    assert "Moon" not in plain(sides.who_says_what(unread, ARTICLES, "turn-1"))
    assert "no answer found" not in words.support(unread)


def test_a_source_that_only_takes_part_in_a_conflict_has_its_row_and_is_not_called_silent():
    disputed = replace(ANSWER, conflicts=(against(SMALL.citations[0], cite(MOON, "closed", MOON.text)),))
    own, moon, *_ = map(plain_row, rows(disputed))
    assert own == "1 Dawn The answer Disagrees with source 2 different numbers 1 July 2026"
    assert moon == (
        "2 Moon On moon The bakery was closed . Disagrees with source 1 different numbers 4 July 2026"
    )
    assert words.support(disputed) == "2 of 4 articles read say so · 2 say something else"


def test_the_marks_of_merged_conflicts_name_all_of_the_other_side():
    both = replace(
        ANSWER,
        conflicts=(
            against(SMALL.citations[0], LARGE.citations[0]),
            against(SMALL.citations[1], LARGE.citations[0]),
        ),
    )
    own, dusk, noon = map(plain_row, rows(both))
    assert "Disagrees with source 2 different numbers" in own
    assert "Disagrees with source 1 and 3 different numbers" in dusk
    assert "Disagrees with source 2 different numbers" in noon


def test_a_possible_update_is_no_disagreement_on_its_rows():
    updated = replace(ANSWER, conflicts=(against(SMALL.citations[0], LARGE.citations[0], update=True),))
    own, *_ = rows(updated)
    assert "Differs, perhaps as an update, from source 2 different numbers" in own
    assert "Disagrees" not in own


def test_an_article_against_itself_is_marked_on_its_row():
    within = Conflict(
        "number", "x", (cite(DUSK, "350", DUSK.text), cite(DUSK, "all", DUSK.text)), 0.9, sides=(0, 1)
    )
    (row,) = (one for one in rows(replace(ANSWER, conflicts=(within,))) if "Dusk" in one)
    assert "Disagrees with itself different numbers" in row


def test_each_conflict_has_marks_that_open_its_card():
    answer = replace(
        ANSWER, positions=(SMALL, LARGE, BESIDE),
        conflicts=(against(DAWNS, DUSKS), against(DUSKS, cite(MOON, MOON.text)), against(DAWNS, MOONS)),
    )  # fmt: skip
    shown = turn.turn(answer, ARTICLES, 7)
    cards = re.findall(r'<details id="([\w-]+)">', shown)
    assert len(cards) == len(merge_conflicts(answer)) == 3
    for card in cards:
        assert shown.count(f'href="#{card}"') == 2


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


def stances(answer: Answer) -> list[str]:
    """What each row says to a yes/no question."""
    return [
        re.sub("<[^>]*>", "", cell)
        for cell in re.findall('class="takes">(.*?)</td>', sides.who_says_what(answer, ARTICLES, "t"))
    ]


def test_to_a_yes_no_question_each_row_says_what_its_source_surely_says():
    assert stances(YES_NO) == ["Says yes", "", "Leaves it open", "Says no"]
    assert "clearly says" not in plain(sides.who_says_what(YES_NO, ARTICLES, "t"))


def test_that_nothing_surely_says_yes_or_no_is_said():
    open_only = replace(YES_NO, citations=OPEN.citations, text=OPEN.text, positions=(OPEN, BESIDE))
    assert stances(open_only) == ["Leaves it open", ""]
    assert "None of these sources clearly says yes or no." in sides.who_says_what(open_only, ARTICLES, "t")
    assert "None of these sources clearly says no." in sides.who_says_what(
        replace(YES_NO, positions=(HELD, BESIDE)), ARTICLES, "t"
    )


def test_without_any_sure_verdict_each_row_only_says_that_it_is_something_else():
    unsure = tuple(replace(one, polarity=None) for one in YES_NO.positions)
    answer = replace(YES_NO, positions=unsure)
    assert stances(answer) == ["", *["Says something else"] * 3]
    assert "surely" not in sides.who_says_what(answer, ARTICLES, "t")


def test_a_row_that_a_conflict_sets_against_the_answer_is_told_by_its_marks_alone():
    three = replace(PAIRS, positions=(SMALL, LARGE, BESIDE))
    assert stances(three) == ["", "Says the same", "Says something else", "Says something else"]
    disputed = replace(three, conflicts=(replace(against(NOONS, DUSKS), tier="may_disagree"),))
    assert stances(disputed) == ["", "", "Says the same", "Says something else"]
    (_, dusk, noon, _) = map(plain_row, rows(disputed))
    assert "May disagree with source 3 different numbers" in dusk
    assert "May disagree with source 2 different numbers" in noon
    aside = replace(three, conflicts=(against(DUSKS, BESIDE.citations[0]),))
    assert stances(aside) == ["", "Says the same", "Says something else", "Says something else"]


def test_a_table_without_anything_to_tell_has_no_column_for_stances():
    only = replace(
        PAIRS, positions=(replace(SMALL, citations=(DAWNS,)), LARGE), conflicts=(against(DAWNS, DUSKS),)
    )
    table = sides.who_says_what(replace(only, citations=(DAWNS,)), ARTICLES, "t")
    assert "Stance" not in table
    assert "takes" not in table


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
    (one,) = merge_conflicts(answer)
    assert one.by_side() == ((DAWNS, NOONS), (DUSKS,))
    assert (one.score, one.explanation) == (0.9, "“120” against “350 people”")
    shown = conflicts.conflict_panel(answer, ARTICLES, "turn-1")
    assert "1 disagreement between the articles" in shown
    assert shown.count('<li class="card disagree">') == 1
    assert turn.copy_text(answer).endswith("1 disagreement between the articles.")
    assert len(answer.conflicts) == 2  # the answer keeps its pairs


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
    assert '<p class="label">Against the answer</p>' in against_it
    assert "Noon" in against_it
    assert "Moon" in against_it


def test_a_card_without_the_answers_first_citation_says_whose_side_is_whose():
    answer = replace(PAIRS, conflicts=(against(NOONS, DUSKS),))
    shown = plain(conflicts.conflict_panel(answer, ARTICLES, "turn-1"))
    assert "Same as the answer" in shown
    assert "Against the answer" in shown
    assert "neither side" not in shown


def test_a_card_between_others_says_that_the_answer_is_on_neither_side():
    answer = replace(PAIRS, positions=(SMALL, LARGE, BESIDE), conflicts=(against(DUSKS, MOONS),))
    shown = plain(conflicts.conflict_panel(answer, ARTICLES, "turn-1"))
    assert "The answer itself is on neither side." in shown
    assert "Against the answer" not in shown


def test_a_possible_update_says_so_in_plain_words_with_who_reports_later():
    shown = plain(conflicts.conflict_card(against(DAWNS, DUSKS, update=True), ARTICLES, (DAWNS,)))
    assert (
        "The later report (by Dusk, 3 July 2026) may describe a newer situation. If so, both are right."
        in shown
    )
    assert "Another report" in shown
    assert "Against the answer" not in shown
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


def test_a_yes_stands_above_its_side_and_whole_sentences_are_not_told_twice():
    pair = (cite(DAWN, DAWN.text), cite(DUSK, DUSK.text))
    told = f"yes: “{DAWN.text}” against “{DUSK.text}”"
    conflict = Conflict("polarity", told, pair, 0.9, sides=(0, 1))
    shown = conflicts.conflict_card(conflict, ARTICLES, pair[:1])
    assert re.findall('class="label">([^<]*)', shown) == ["The answer · says yes", "Against the answer"]
    assert '<span class="explanation"><bdi>Dawn against Dusk</bdi></span>' in shown
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
        "They say something else: 2 positions, not judged to contradict each other. "
        "Compared 3 pairs of statements from 3 sources."
    )
    disputed = turn.copy_text(replace(ANSWER, conflicts=(against(DAWNS, DUSKS),)))
    assert disputed.endswith("1 disagreement between the articles.")


def test_a_copied_citation_tells_nobody_where_a_file_lies():
    for uri in ("/home/ida/papers/mill.txt", "file:///home/ida/papers/mill.txt", "papers/mill.txt"):
        filed = replace(SMALL.citations[0], uri=uri, title=None, name="")
        place = "characters 0-28 (the answer 17-20)"
        assert (
            words.quotation(filed)
            == f"“The mill employs 120 people.”\n“mill.txt”, Dawn, 1 July 2026, {place}"
        )


def test_under_the_sources_stands_what_was_said_when_by_whom_and_what_may_be_superseded():
    newer = Conflict("number", "", (DAWNS, LARGE.citations[0]), 0.9, True, (0, 1))
    answer = replace(
        ANSWER, positions=(replace(SMALL, citations=SMALL.citations[:1]), LARGE), conflicts=(newer,)
    )
    answer = replace(answer, citations=SMALL.citations[:1])
    page = turn.turn(replace(answer, timeline=timeline_of(answer)), ARTICLES, 1)
    listed = page.partition('<ol class="days">')[2].partition("</ol>")[0]
    assert listed.count("<li") == listed.count("<time") == 2
    assert '<time datetime="2026-07-01">1 July 2026</time>' in listed
    assert (
        plain(listed).split()
        == (
            "1 July 2026 Dawn Perhaps superseded “The mill employs 120 people.” "
            "3 July 2026 Dusk Latest “The mill employs 350 people in all.”"
        ).split()
    )
    own, other = map(plain_row, rows(replace(answer, timeline=timeline_of(answer))))
    assert own.endswith("1 July 2026 Perhaps superseded")
    assert other.endswith("3 July 2026 Latest")
    assert "Perhaps superseded" in page.partition('class="from"')[2].partition("</p>")[0]


def test_one_date_is_no_timeline_and_a_long_one_opens_on_demand():
    articles, _ = crowd(7)
    dated = {
        name: replace(one, published=f"2026-08-0{n + 1}") for n, (name, one) in enumerate(articles.items())
    }
    told = tuple(Position(one.text, (cite(dated[name], one.text),), 1) for name, one in articles.items())
    many = replace(ANSWER, positions=(SMALL, *told))
    page = turn.turn(replace(many, timeline=timeline_of(many)), {**ARTICLES, **dated}, 1)
    assert "<summary>9 dated statements</summary>" in page
    few = replace(
        ANSWER, citations=SMALL.citations[:1], positions=(replace(SMALL, citations=SMALL.citations[:1]),)
    )
    assert "In order of time" not in turn.turn(replace(few, timeline=timeline_of(few)), ARTICLES, 1)
    one_day = replace(few, positions=told[:1])
    entry = timeline_of(one_day).entries[0]
    again = Timeline((entry, replace(entry, citation=told[1].citations[0])))
    assert "In order of time" not in turn.turn(replace(one_day, timeline=again), {**ARTICLES, **dated}, 1)
