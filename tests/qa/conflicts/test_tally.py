"""How the sources of an answer stand to each other: positions, tiers, counts; the same words on each surface."""

from dataclasses import replace

import pytest

from qa.conflicts.tally import tally_of
from qa.export.answer import answer_text
from qa.export.markdown import answer_section
from qa.export.tally import compared_text, headline_text
from qa.records import Answer, Citation, Conflict, ConflictCheck, Polarity, Position


def cite(name: str, quote: str, sentence: str = "", *, elsewhere: bool = False) -> Citation:
    whole = sentence or quote
    start = whole.index(quote)
    place = (start, start + len(quote), quote, whole, 0, len(whole))
    return Citation(name, None, name.title(), "2026-07-03", f"{name}.txt", *place, 0.9, elsewhere=elsewhere)


def value(quote: str, *names: str) -> Position:
    held = tuple(cite(name, quote, f"The storm left {quote}, so {name}.") for name in names)
    return Position(quote, held, len(names))


def verdict(polarity: Polarity | None, *names: str, elsewhere: bool = False) -> Position:
    held = tuple(cite(name, f"So says {name}.", elsewhere=elsewhere) for name in names)
    return Position(held[0].quote, held, len(names), polarity)


def told(*positions: Position, conflicts: tuple[Conflict, ...] = (), ruled_out: int = 0) -> Answer:
    check = ConflictCheck("checked", 4, 4, 6, ruled_out=ruled_out)
    first = positions[0]
    return Answer("?", "?", "answered", first.text, 0.9, first.citations, positions, conflicts, check, ())


def against(one: Position, other: Position, tier: str = "disagree", *, update: bool = False) -> Conflict:
    pair = (one.citations[0], other.citations[0])
    return Conflict("number", "one against the other", pair, 0.9, update, (0, 1), tier)


SEVEN, NINE, ELEVEN = value("7 dead", "a", "b"), value("at least 9", "c"), value("11", "d")
YES, NO, OPEN = verdict("yes", "a", "b", "c"), verdict("no", "d"), verdict("open", "e")


@pytest.mark.parametrize(
    ("answer", "headline"),
    [
        (told(SEVEN, NINE, ELEVEN, conflicts=(against(SEVEN, NINE),)),
         "They disagree: 7 dead (2), at least 9 (1), 11 (1)"),
        (told(SEVEN, NINE, conflicts=(against(SEVEN, NINE, "may_disagree"),)),
         "They may disagree: 7 dead (2), at least 9 (1)"),
        (told(SEVEN, NINE, conflicts=(against(SEVEN, NINE, update=True),)),
         "Perhaps an update: 7 dead (2), at least 9 (1)"),
        (told(SEVEN, NINE), "They say something else: 7 dead (2), at least 9 (1)"),
        (told(value("June 24, 2026", *"abcd")), "All 4 say June 24, 2026"),
        (told(SEVEN), "Both say 7 dead"),
        (told(value("7 dead", "a")), ""),
        (told(YES, NO, OPEN, conflicts=(against(YES, NO),)),
         "They disagree: 3 say yes · 1 says no · 1 leaves it open"),
        (told(verdict("yes", "a"), verdict(None, "b")),
         "They say something else: 1 says yes · 1 gives no clear answer"),
        (told(YES), "All 3 say yes"),
        (told(verdict(None, "a", "b"), verdict(None, "c")), "They say something else: 2 statements from 3 sources"),
        (told(verdict(None, "a", "b", "c")), "All 3 say the same"),
    ],
)  # fmt: skip
def test_the_tally_leads_with_who_says_what_and_how_far_apart_they_are(answer, headline):
    assert headline_text(tally_of(answer)) == headline
    first = (headline or "One source answers") + ":"
    assert answer_text(answer).splitlines()[0] == first
    assert answer_section(answer)[2].startswith(f"**{first[:-1]}** (confidence 90%)")


def test_two_verdicts_that_are_opposed_may_disagree_at_least_whatever_was_judged():
    assert tally_of(told(YES, NO)).relation == "may_disagree"
    assert tally_of(told(YES, NO, ruled_out=1)).relation == "else"  # as a person ruled
    assert tally_of(told(YES, OPEN)).relation == "else"


def test_two_values_are_apart_though_they_were_judged_the_same():
    mixed = Position(
        "40 people", (*value("40 people", "a", "b").citations, *value("48 people", "c").citations), 3
    )
    tally = tally_of(told(mixed))
    assert headline_text(tally) == "They say something else: 40 people (2), 48 people (1)"
    assert [[one.article_id for one in stand.citations] for stand in tally.stands] == [["a", "b"], ["c"]]


def test_positions_with_one_verdict_are_one_and_others_never_are():
    other = replace(verdict("yes", "f"), text="In other words.")
    tally = tally_of(told(YES, NO, other, verdict(None, "g"), verdict(None, "h")))
    assert [(one.polarity, one.independent_sources) for one in tally.stands] == [
        ("yes", 4), ("no", 1), (None, 1), (None, 1),
    ]  # fmt: skip


def test_pairs_between_two_verdicts_are_one_disagreement():
    other = replace(verdict("yes", "f"), text="In other words.")
    tally = tally_of(told(YES, NO, other, conflicts=(against(YES, NO), against(NO, other))))
    assert len(tally.conflicts) == 1
    assert tally.conflicts[0].by_side() == ((YES.citations[0], other.citations[0]), (NO.citations[0],))


def test_copies_count_once_in_the_tally_and_alone_they_are_one_source():
    copied = told(Position("7 dead", SEVEN.citations, 1), NINE)
    assert headline_text(tally_of(copied)) == "They say something else: 7 dead (1), at least 9 (1)"
    assert tally_of(told(Position("7 dead", SEVEN.citations, 1))).relation == "alone"


def test_a_statement_that_only_takes_part_in_a_conflict_is_told_and_no_article_is_a_source_twice():
    faint = cite("z", "12", "Perhaps 12, said z.")
    second = cite("c", "13", "Later c said 13.")
    conflicts = (
        Conflict("number", "x", (SEVEN.citations[0], faint), 0.9, False, (0, 1)),
        Conflict("number", "x", (SEVEN.citations[0], second), 0.9, False, (0, 1)),
    )
    tally = tally_of(told(SEVEN, NINE, conflicts=conflicts))
    assert headline_text(tally) == "They disagree: 7 dead (2), at least 9 (1), 12 (1), 13 (1)"
    assert [one.text for one in tally.stands] == ["7 dead", "at least 9", "12", "13"]
    assert tally.sources == 4


@pytest.mark.parametrize(
    "answer", [told(SEVEN, NINE), told(YES, NO), told(YES, OPEN), told(value("7 dead", "a"))]
)
def test_nothing_reassures_beside_what_differs_or_where_one_source_is_all(answer):
    compared, _ = compared_text(answer, tally_of(answer))
    assert compared == "Compared 6 pairs of statements from 4 sources"
    assert "none" not in answer_text(answer)
    assert compared_text(told(SEVEN), tally_of(told(SEVEN)))[0].endswith("; none of those shown differ")


def test_each_position_is_printed_once_and_conflicts_name_their_numbers():
    printed = answer_text(told(SEVEN, NINE, conflicts=(against(SEVEN, NINE),)))
    assert "\n\n1. 7 dead (characters 15-21)\n  “The storm left 7 dead, so a.”\n" in printed
    assert "\n\n2. at least 9 (characters 15-25)\n" in printed
    assert printed.count("The storm left 7 dead, so a.") == 1
    assert printed.endswith("\n\n  They disagree, number: 1 against 2, one against the other")


def test_a_verdict_that_other_sentences_of_an_article_give_says_so():
    printed = answer_text(told(YES, verdict("no", "d", elsewhere=True)))
    assert "1. Say yes:\n" in printed
    assert "2. Says no, elsewhere in the article:\n  “So says d.”" in printed
    mixed = replace(YES, citations=(*verdict("yes", "a", elsewhere=True).citations, *YES.citations[1:]))
    printed = answer_text(told(mixed, NO))
    assert "1. Say yes:\n  Says yes, elsewhere in the article:\n  “So says a.”" in printed
