"""The measure beside other systems: its articles, its processes and its table, with Whosays alone."""

import json
import sys
from pathlib import Path

import pytest

from eval.bench.peers import quality
from eval.bench.peers.__main__ import (
    FIGURES,
    OURS,
    QUESTIONS,
    gather_articles,
    measure_quality,
    measure_round,
    table,
)
from eval.bench.peers.quality import Sought
from eval.bench.peers.systems import READ


def test_the_same_seed_gives_the_same_articles_and_questions(tmp_path: Path) -> None:
    made = gather_articles(None, 20, 13)
    assert made == gather_articles(None, 20, 13) != gather_articles(None, 20, 14)
    assert len(made["articles"]) == 20
    assert len(set(made["questions"])) == QUESTIONS
    (tmp_path / "one.txt").write_text("The ferry sank on Monday.", encoding="utf-8")
    assert [one["text"] for one in gather_articles(tmp_path, 20, 13)["articles"]] == [
        "The ferry sank on Monday."
    ]


def test_a_round_adds_in_one_process_and_asks_in_another_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHOSAYS_JUDGE", "small")  # which models answer is not what this is about
    made = gather_articles(None, READ + 2, 13)
    (tmp_path / "told.json").write_text(
        json.dumps(made | {"questions": made["questions"][:4]}), encoding="utf-8"
    )
    found = measure_round(Path(sys.executable), OURS, tmp_path, 0)
    assert set(found) == set(FIGURES)
    assert all(value > 0 for value in found.values())
    assert not (tmp_path / f"{OURS}-0").exists()


def test_a_system_that_fails_ends_the_run_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "told.json").write_text(json.dumps({"articles": [], "questions": []}), encoding="utf-8")
    with pytest.raises(SystemExit, match=r"nobody failed to add:(.|\n)*KeyError: 'nobody'"):
        measure_round(Path(sys.executable), "nobody", tmp_path, 0)


def test_the_table_says_how_many_times_our_figure_the_others_are() -> None:
    lines = table({OURS: {"add_s": 2.0, "answer_p50_ms": 100}, "other": {"add_s": 5.0}}).splitlines()
    assert lines[0] == "| | whosays | other |"
    assert "| adding all, s | 2 | 5 (2.5×) |" in lines
    assert "| an answer, median, ms | 100 | – |" in lines


def test_what_is_sought_stands_in_the_passages_of_its_own_sources_word_for_word() -> None:
    passages, sought = quality.gather(5, 13)
    assert (passages, sought) == quality.gather(5, 13)
    assert len({one["text"] for one in passages}) == len(passages)
    answered = [one for one in sought if one.right]
    assert len(answered) > 500
    assert 100 < len(sought) - len(answered) < 200  # nothing answers them
    assert all(all(one.right) and len(one.right) == len(one.gold) for one in sought)
    held = [(one.gold, one.right) for one in answered]
    assert all(
        gold in passages[at]["text"]
        for golds, right in held
        for gold, places in zip(golds, right, strict=True)
        for at in places
    )
    without, _ = quality.gather(0, 13)
    assert 5 <= len(passages) - len(without) <= 15
    assert passages[: len(without)] == without


def test_the_score_counts_questions_by_rank_and_sources_by_question() -> None:
    sought = [
        Sought("one?", (frozenset({4}), frozenset({7, 8}))),
        Sought("two?", (frozenset({1}),)),
        Sought("three?", (frozenset({2}), frozenset({3}))),
        Sought("four?", (frozenset({9}),)),
    ]
    sought.append(Sought("nobody knows?", ()))
    found = [[4, 0, 8], [0, 5, 6, 10, 1], [0, 5, 6, 10, 11, 3], [], [4]]
    assert quality.score(found, sought) == {
        "first": 25.0,
        "among_5": 50.0,
        "among_12": 75.0,
        "sources": 62.5,
    }


def test_an_answer_is_right_whose_sentence_gives_that_of_its_own_source() -> None:
    passages = [
        {"text": "The ferry sank on Monday. It carried 45 people."},
        {"text": "It carried 61 people. The ferry is old."},
        {"text": "It carried 45 people, the port says."},
    ]
    sought = [
        Sought("How many?", (frozenset({0}), frozenset({1})), ("45 people", "61 people")),
        Sought("How many were there?", (frozenset({0}),), ("45 people",)),
        Sought("How many drowned?", (frozenset({0}),), ("45 people",)),
        Sought("Who built it?", ()),
        Sought("Who sold it?", ()),
    ]
    ferry = {"place": 0, "start": 4, "end": 9}
    people = {"place": 1, "start": 11, "end": 13}
    elsewhere = {"place": 2, "start": 11, "end": 13}
    said = [people, elsewhere, None, None, ferry]
    shares = quality.score_answers(said, sought, passages)
    assert shares == pytest.approx({"right": 100 / 3, "wrong": 100 / 3, "silent": 100 / 3, "refused": 50})
    told = [{"place": 0, "start": 37, "end": 39}, ferry, {"place": 0, "start": 20, "end": 30}, None, None]
    shares = quality.score_answers(told, sought, passages)
    assert shares == pytest.approx({"right": 200 / 3, "wrong": 100 / 3, "silent": 0, "refused": 100})


def test_each_system_is_told_the_same_and_its_finds_are_scored(tmp_path: Path) -> None:
    passages, sought = quality.gather(0, 13)
    few = [one for one in sought if one.right and all(at < 40 for places in one.right for at in places)]
    figures = measure_quality({OURS: Path(sys.executable)}, tmp_path, passages[:40], few)
    assert set(figures[OURS]) == set(quality.FIGURES)
    assert 50 < figures[OURS]["first"] <= figures[OURS]["among_12"] <= 100
    assert "×" not in table({**figures, "other": figures[OURS]}, quality.FIGURES, times=False)


def test_what_a_system_says_is_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHOSAYS_JUDGE", "small")
    passages, sought = quality.gather(0, 13)
    few = [one for one in sought if one.right and all(at < 40 for places in one.right for at in places)][:12]
    said = measure_quality({OURS: Path(sys.executable)}, tmp_path, passages[:40], few, "say")[OURS]
    assert set(said) == set(quality.ANSWERED)
    assert said["right"] > 50
    assert said["right"] + said["wrong"] + said["silent"] == pytest.approx(100)
