"""The news sets: every quote is verbatim, every kind is there, the halves are apart."""

from collections import Counter
from pathlib import Path

import pytest

from eval.gold.questions import GoldQuestion, read_gold
from eval.gold.sets import NAMED
from eval.judge import Judge
from eval.pairs.judging import KINDS, TRAPS, Shelf, read_articles, read_pairs

HALVES = ("", "-held-out")


def folder(half: str) -> Path:
    return NAMED[f"pairs{half}"].file.parent


@pytest.mark.parametrize("half", HALVES)
def test_each_quote_of_a_pair_stands_in_its_article(half: str) -> None:
    shelf = Shelf(read_articles(folder(half)))
    for pair in read_pairs(folder(half) / "pairs.jsonl"):
        assert shelf.cite(pair.one).quote == pair.one.quote
        assert shelf.cite(pair.other).quote == pair.other.quote


@pytest.mark.parametrize("half", HALVES)
def test_there_are_enough_conflicts_of_each_kind_and_as_many_that_only_look_so(half: str) -> None:
    pairs = read_pairs(folder(half) / "pairs.jsonl")
    kinds = Counter(pair.kind for pair in pairs)
    assert all(kinds[kind] >= 9 for kind in KINDS)
    assert kinds[None] >= sum(kinds[kind] for kind in KINDS)
    assert {pair.trap for pair in pairs if pair.kind is None} == set(TRAPS)
    assert sum(pair.within for pair in pairs if pair.kind) >= 3


@pytest.mark.parametrize("half", HALVES)
def test_each_question_has_its_evidence_in_the_articles(half: str) -> None:
    judge = Judge(read_articles(folder(half)).values())
    questions = [one for one in read_gold(folder(half) / "questions.jsonl") if isinstance(one, GoldQuestion)]
    kinds = Counter(one.kind for one in questions)
    assert len(questions) >= 80
    assert all(kinds[kind] >= 8 for kind in ("factoid", "yes_no", "why_how", "list", "disagreement"))
    assert kinds["unanswerable"] >= 18
    for question in questions:
        located = judge.locate(question)
        assert len(located.evidence) == len(question.evidence)
        assert bool(question.answers) == (question.kind != "unanswerable")
        assert bool(question.conflicts) == (question.kind == "disagreement")


def test_the_halves_share_no_article_and_no_question() -> None:
    opened, held = (read_articles(folder(half)) for half in HALVES)
    assert not set(opened) & set(held)
    asked = [{pair.question.lower() for pair in read_pairs(folder(half) / "pairs.jsonl")} for half in HALVES]
    assert not asked[0] & asked[1]
