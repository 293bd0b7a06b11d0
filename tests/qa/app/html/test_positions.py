"""The table of positions beside a tally: who says what, in whose words, and what conflicts, each thing once."""

import re
from dataclasses import replace

import pytest

from index.records import Article
from qa.app.html import positions, sources, turn, words
from qa.app.html.conflicts import both_quotes, conflict_card
from qa.app.html.document import style
from qa.conflicts.tally import tally_of
from qa.conflicts.timeline import timeline_of
from qa.records import Answer, Citation, Conflict, Coverage, Position, Timeline
from tests.qa.conflicts.test_sides import (
    ANSWER,
    ARTICLES,
    BESIDE,
    DAWNS,
    DENIED,
    DUSK,
    DUSKS,
    HELD,
    LARGE,
    MOON,
    MOONS,
    NOONS,
    OPEN,
    PAIRS,
    SMALL,
    YES_NO,
    against,
    article,
    cite,
    crowd,
    plain,
)


def table(answer: Answer, articles: dict[str, Article] = ARTICLES) -> str:
    tally = tally_of(answer)
    return positions.position_table(answer, tally, sources.rows_of(answer, tally), articles, "turn-1")


def rows(answer: Answer) -> list[str]:
    """What stands in each row, in order."""
    return [
        " ".join(plain(one.split("</tr>")[0]).split()) for one in table(answer).split('<tr role="row">')[2:]
    ]


def listed(answer: Answer, articles: dict[str, Article] = ARTICLES) -> str:
    return sources.source_list(sources.rows_of(answer, tally_of(answer)), articles, "turn-1")


def test_each_position_is_one_row_with_all_who_hold_it_and_when_the_answers_first():
    own, other = rows(PAIRS)
    assert own == (
        "The mill employs 120 people. 1 other source in its own words 2 It has 120 workers. "
        "1 Dawn 1 July 2026 2 Noon 2 July 2026"
    )
    assert other == "The mill employs 350 people in all. Says something else 3 Dusk 3 July 2026"
    assert "The mill employs <mark>350 people</mark> in all." in table(PAIRS)


def test_a_quote_opens_its_own_sentence_in_its_article():
    shown = table(PAIRS)
    for one in (DAWNS, NOONS, DUSKS):
        assert (
            f'<a class="quoted" data-article href="article/{one.article_id}?start={one.start}&amp;end={one.end}#quote">'
            in shown
        )


def test_of_whole_sentences_the_shortest_stands_for_a_position_and_the_others_open():
    long = article("long", "The mill, as has been known for long, employs 120 people.")
    position = Position(long.text, (cite(long, long.text), *HELD.citations), 2, "yes")
    answer = replace(YES_NO, text=long.text, citations=position.citations, positions=(position, DENIED))
    before, fold = table(answer, {**ARTICLES, "long": long}).split('<details class="own-words">')
    assert "The mill employs" in plain(before)
    assert long.text in plain(fold)


def test_the_first_quote_is_large_only_where_nobody_differs():
    assert 'class="said' not in turn.turn(PAIRS, ARTICLES, 1)
    same = replace(PAIRS, positions=(SMALL,))
    shown = turn.turn(same, ARTICLES, 1)
    assert (
        '<blockquote class="said"><bdi>The mill employs <mark>120</mark> people.</bdi></blockquote>' in shown
    )
    assert '<h3 class="tally"><span class="count"><bdi>Both say 120</bdi></span></h3>' in shown
    alone = replace(
        same, citations=(DAWNS,), positions=(replace(SMALL, citations=(DAWNS,), independent_sources=1),)
    )
    shown = turn.turn(alone, ARTICLES, 1)
    assert 'class="said"' in shown
    assert '<h3 class="step">One source answers</h3>' in shown
    assert "tally" not in shown


@pytest.mark.parametrize("tier", ["disagree", "may_disagree"])
def test_a_conflict_is_one_mark_on_the_later_row_with_both_quotes_in_view_and_its_tier_in_words(tier):
    answer = replace(PAIRS, conflicts=(replace(against(DAWNS, DUSKS), tier=tier),))
    told = {"disagree": "They disagree", "may_disagree": "They may disagree"}[tier]
    shown = turn.turn(answer, ARTICLES, 1)
    assert shown.count('<details class="dispute"') == 1
    own, other = rows(answer)
    assert "isagree" not in own
    closed = re.sub('<ul class="sides">.*', "", other)
    assert f"{told} with source 1 “ 120 ”" in closed
    assert "350 people" in closed
    assert f'<h3 class="tally"><span class="relation {tier.replace("_", "-")}">' in shown
    assert 'class="card' not in shown


def test_each_conflict_opens_in_place_once():
    answer = replace(
        ANSWER, positions=(SMALL, LARGE, BESIDE),
        conflicts=(against(DAWNS, DUSKS), against(DUSKS, cite(MOON, MOON.text)), against(DAWNS, MOONS)),
    )  # fmt: skip
    shown = turn.turn(answer, ARTICLES, 7)
    assert re.findall(r'<details class="dispute" id="([\w-]+)">', shown) == [
        "turn-7-conflict-1", "turn-7-conflict-2", "turn-7-conflict-3",
    ]  # fmt: skip


def test_a_mark_names_all_of_the_other_side():
    both = replace(PAIRS, conflicts=(against(DAWNS, DUSKS), against(NOONS, DUSKS)))
    _, dusk = rows(both)
    assert "They disagree with sources 1 2 “ 120 ”" in dusk


def test_a_possible_update_is_no_disagreement():
    updated = replace(PAIRS, conflicts=(against(DAWNS, DUSKS, update=True),))
    _, dusk = rows(updated)
    assert "Perhaps an update with source 1" in dusk
    assert "isagree with" not in dusk
    assert "Perhaps an update" in positions.headline(tally_of(updated))


def test_an_article_against_itself_is_marked_on_its_row():
    within = Conflict(
        "number", "x", (cite(DUSK, "350", DUSK.text), cite(DUSK, "all", DUSK.text)), 0.9, sides=(0, 1)
    )
    _, dusk = rows(replace(PAIRS, conflicts=(within,)))
    assert "They disagree with source 3" in dusk


def test_a_statement_that_only_takes_part_in_a_conflict_has_its_row_and_is_not_called_silent():
    disputed = replace(ANSWER, positions=(SMALL,), conflicts=(against(DAWNS, MOONS),))
    _, moon = rows(disputed)
    assert moon.startswith("The bakery was closed . They disagree with source 1")
    assert words.silent_articles(disputed) == {"dusk"}


def test_a_second_statement_of_an_article_bears_the_articles_number():
    second = cite(DUSK, "in all", DUSK.text)
    twice = replace(
        PAIRS,
        conflicts=(
            against(DAWNS, replace(second, sentence_start=1, sentence_end=99, sentence=second.quote)),
        ),
    )
    assert [re.findall(r" (\d) Dusk", row) for row in rows(twice)] == [[], ["3"], ["3"]]
    assert listed(twice).count("<li") == 3


def test_many_rows_open_on_demand_but_none_that_disagrees():
    articles, told = crowd(20)
    last = told[-1].citations[0]
    answer = replace(ANSWER, positions=(SMALL, *told), conflicts=(against(DAWNS, last),))
    shown, folded = table(answer, articles).split("<summary>14 further statements</summary>")
    assert shown.count('<tr role="row">') == positions.SHOWN + 2  # the head, and what disagrees
    assert "It was closed 19 times." in " ".join(plain(shown).split())
    assert "It was closed 5 times." in folded


def test_the_sources_are_listed_by_number_each_once_and_many_open_on_demand():
    shown = listed(PAIRS)
    assert re.findall(r'class="number">(\d)</span><div><a class="source" data-article href="article/(\w+)', shown) == [
        ("1", "dawn"), ("2", "noon"), ("3", "dusk"),
    ]  # fmt: skip
    assert "1 July 2026" in shown
    articles, told = crowd(20)
    many = listed(replace(ANSWER, positions=(SMALL, *told)), articles)
    assert f"<summary>{22 - sources.SHOWN} further sources</summary>" in many
    assert listed(replace(ANSWER, citations=(DAWNS,), positions=(replace(SMALL, citations=(DAWNS,)),))) == ""


@pytest.mark.parametrize("scope", [Coverage(298, 3, 3), Coverage()])
def test_an_article_that_was_found_and_not_read_is_never_called_silent(scope):
    unread = replace(ANSWER, scope=scope)
    assert "No answer found" not in words.reading_summary(unread)
    assert words.reading_summary(ANSWER) == (
        "Read: 4 passages from 4 of 298 articles. No answer found in 1 of these articles."
    )


def verdicts(answer: Answer) -> list[str]:
    return re.findall(r'class="(?:stance|verdict)[^"]*">([^<]*)', table(answer))


def test_to_a_yes_no_question_each_row_says_what_is_surely_said():
    assert verdicts(YES_NO) == ["Says yes", "Leaves it open", "Says no"]
    unsure = replace(YES_NO, positions=tuple(replace(one, polarity=None) for one in YES_NO.positions))
    assert verdicts(unsure) == []
    assert [row.count("Says something else") for row in rows(unsure)] == [0, 1, 1, 1]


def test_a_badge_stands_only_where_the_quote_itself_says_so():
    said = (replace(DENIED.citations[0], elsewhere=True),)
    answer = replace(YES_NO, positions=(HELD, replace(DENIED, citations=said)))
    shown = table(answer)
    assert '<p class="stance yes">Says yes</p>' in shown
    assert '<p class="verdict">Says no, elsewhere in the article</p>' in shown
    assert "stance no" not in shown
    alone = replace(YES_NO, citations=said, text=DUSK.text, positions=(replace(DENIED, citations=said),))
    assert '<p class="verdict">Says no, elsewhere in the article</p>' in turn.turn(alone, ARTICLES, 1)


def test_of_several_with_one_verdict_those_that_give_it_elsewhere_say_so_in_the_fold():
    both = replace(
        HELD, citations=(*HELD.citations, replace(OPEN.citations[0], elsewhere=True)), independent_sources=2
    )
    shown = table(replace(YES_NO, positions=(both, DENIED)))
    before, fold = shown.split('<details class="own-words">')
    assert '<p class="stance yes">Say yes</p>' in before
    assert "Says yes, elsewhere in the article" in fold


def test_near_copies_are_said_to_be_none_of_the_independent_sources():
    assert (
        words.sources(replace(SMALL, independent_sources=1))
        == "1 independent source, 1 near-copy not counted"
    )
    copied = Position("350", (LARGE.citations[0], cite(MOON, MOON.text)), 1)
    own, other = rows(replace(ANSWER, positions=(SMALL, copied)))
    assert "1 independent source, 1 near-copy not counted" in other
    assert "near-copy" not in own


def side_by_side(one: str, other: str, kind: str) -> Conflict:
    left, right = article("left", one, "2026-07-01"), article("right", other, "2026-07-02")
    return Conflict(kind, "x", (cite(left, one), cite(right, other)), 0.9, False, (0, 1))


@pytest.mark.parametrize(
    ("one", "other", "kind", "marked"),
    [
        ("On 3 July the crash killed 23 people.", "On 4 July the crash killed 40 people.", "number", ["23", "40"]),
        ("On 3 July the crash killed 23 people.", "On 4 July the crash killed 40 people.", "date", ["3", "4"]),
        ("On 3 July it was closed.", "On 4 July it was opened.", "polarity", ["closed", "opened"]),
    ],
)  # fmt: skip
def test_only_what_differs_is_marked_and_never_a_date_that_has_nothing_to_do_with_it(
    one, other, kind, marked
):
    shown = conflict_card(side_by_side(one, other, kind), {})
    closed, opened = shown.split("</summary>")[:2]
    assert re.findall("<mark>([^<]*)</mark>", closed) == marked
    assert re.findall("<mark>([^<]*)</mark>", opened) == marked


def test_a_closed_card_shows_the_words_of_both_sides_where_they_differ_and_who_says_them():
    start = "After long talks in the old town hall that went on until late in the night "
    conflict = side_by_side(
        f"{start}the council sold the mill.", f"{start}the council kept the mill.", "name"
    )
    shown = both_quotes(conflict)
    assert re.findall("<mark>([^<]*)</mark>", shown) == ["sold", "kept"]
    told = " ".join(plain(shown).split())
    assert told.startswith("“… ")
    assert "against" in told
    assert "Left" in told
    assert "Right" in told


def test_a_file_without_a_publisher_is_named_by_the_file_never_by_a_title():
    filed = Citation(
        "x", None, None, None, "/tmp/002_9cc7.txt", 0, 2, "No", "No", 0, 2, 0.5, name="“No orders yet”"
    )
    assert words.speaker(filed) == "002_9cc7"
    assert words.speaker(replace(filed, publisher="Post")) == "Post"


def test_nothing_on_the_page_of_an_answer_is_green():
    rules = "\n".join(line for line in style().splitlines() if "--done" in line)
    for part in (".turn", ".answer", ".conflicts {", ".positions", ".sources", ".age", ".relation"):
        assert part not in rules


def test_what_was_said_when_opens_beside_the_answer_and_what_may_be_superseded_is_marked_on_the_row():
    newer = Conflict("number", "", (DAWNS, DUSKS), 0.9, True, (0, 1))
    alone = replace(SMALL, citations=(DAWNS,), independent_sources=1)
    answer = replace(ANSWER, citations=(DAWNS,), positions=(alone, LARGE), conflicts=(newer,))
    answer = replace(answer, timeline=timeline_of(answer))
    page = turn.turn(answer, ARTICLES, 1)
    fold = page.partition('<details class="over-time">')[2].partition("</details>")[0]
    assert "<summary>In order of time: 2 dated statements</summary>" in fold
    assert (
        " ".join(plain(fold.partition("</summary>")[2]).split())
        == "1 July 2026 Dawn Perhaps superseded “The mill employs 120 people.” "
        "3 July 2026 Dusk Latest “The mill employs 350 people in all.”"
    )
    own, other = rows(answer)
    assert own.endswith("1 July 2026 Perhaps superseded")
    assert other.endswith("3 July 2026 Latest")


def test_one_date_is_no_timeline():
    few = replace(ANSWER, citations=(DAWNS,), positions=(replace(SMALL, citations=(DAWNS,)),))
    assert "In order of time" not in turn.turn(replace(few, timeline=timeline_of(few)), ARTICLES, 1)
    entry = timeline_of(few).entries[0]
    again = Timeline((entry, replace(entry, citation=NOONS)))
    assert "In order of time" not in turn.turn(replace(few, timeline=again), ARTICLES, 1)
