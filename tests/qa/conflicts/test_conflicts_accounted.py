"""Promise 2 through every surface: all conflicts, each limit, and settings that reach the comparison."""

import re
from dataclasses import replace
from typing import Any

import pytest

from index.library import Library
from qa.app.html.turn import turn
from qa.ask import ask
from qa.conflicts.merging import merge_conflicts
from qa.export.answer import answer_text
from qa.records import Answer, ConflictCheck
from qa.settings import Settings

QUESTION = "How large is Northwind's order backlog?"
AMOUNTS = (10, 14, 20, 30, 50)
# A sentence is weighed against the others retrieved, so there must be some.
BESIDE = "The weather at the coast was calm. A school in the valley opened a new library."


@pytest.fixture
def library(tmp_path):
    for amount in AMOUNTS:
        text = f"Northwind's order backlog is {amount} trillion won. {BESIDE}"
        (tmp_path / f"paper{amount}.txt").write_text(text, encoding="utf-8")
    with Library.open(tmp_path / "library") as library:
        library.add(*sorted(tmp_path.glob("*.txt")))
        yield library


def answer(library: Library, **settings: Any) -> Answer:
    return ask(QUESTION, library=library, settings=Settings(**settings))


def test_all_conflicts_are_kept_also_those_beside_the_best_statement(library: Library) -> None:
    found = {conflict.explanation for conflict in answer(library).conflicts}
    assert len(found) == len(AMOUNTS) * (len(AMOUNTS) - 1) // 2  # every two of five values
    first = answer(library).citations[0].quote
    assert any(first not in words for words in found)


def test_all_conflicts_are_printed_with_both_sides(library: Library) -> None:
    shown = answer(library)
    printed = " ".join(answer_text(shown).split())
    for conflict in shown.conflicts:
        assert all(statement.sentence in printed for statement in conflict.statements)
    page = turn(shown, {}, 1)
    assert page.count('<details class="dispute"') == len(merge_conflicts(shown))


def test_the_limit_of_the_settings_is_the_one_that_holds_and_every_surface_says_so(library: Library) -> None:
    shown = answer(library, max_pairs=3)
    assert shown.conflict_check.pairs == 3
    assert shown.conflicts
    for surface in (shown.conflict_check.reason, answer_text(shown), turn(shown, {}, 1)):
        assert re.search(r"3 of \d+ pairs were compared, those of the likeliest answers", surface)


def test_a_limit_that_leaves_no_conflict_is_said_beside_none_found() -> None:
    reason = "1 of 3 pairs were compared, those of the likeliest answers"
    told = replace(_nothing(), conflict_check=ConflictCheck("checked", 3, 3, 1, reason))
    for shown in (answer_text(told), turn(told, {}, 1)):
        assert "Compared 1 pair of statements from 3 sources; none judged to contradict each other" in shown
        assert "Only 1 of 3 pairs were compared" in shown


def test_a_statement_too_faint_to_answer_is_still_compared_with_the_answer(library: Library) -> None:
    citations = [one for position in answer(library, judge="small").positions for one in position.citations]
    scores = sorted((one.score for one in citations), reverse=True)
    assert scores[0] > scores[1]
    shown = answer(library, min_confidence=(scores[0] + scores[1]) / 2, judge="small")
    assert len(shown.positions) == 1
    # The only answer stands against each of the four others, and is on a side of every conflict.
    assert shown.conflict_check.statements == len(AMOUNTS)
    assert shown.conflicts
    assert all(shown.citations[0] in conflict.statements for conflict in shown.conflicts)


def test_a_judge_compares_all_that_may_answer_with_each_other(library: Library) -> None:
    shown = answer(library, min_confidence=0.0)
    assert shown.conflict_check.statements >= len(AMOUNTS)
    assert shown.conflict_check.pairs >= len(AMOUNTS) * (len(AMOUNTS) - 1) // 2


def test_where_comparing_is_turned_off_the_answer_says_so(library: Library) -> None:
    shown = answer(library, entailment="off")
    assert (shown.status, shown.conflicts) == ("answered", ())
    assert shown.conflict_check == ConflictCheck("not_checked", reason="the settings turn comparing off")
    assert "not checked, because the settings turn comparing off" in answer_text(shown)


def _nothing() -> Answer:
    return Answer("?", "?", "unanswered", "", 0.0, (), (), (), ConflictCheck("checked"), ())
