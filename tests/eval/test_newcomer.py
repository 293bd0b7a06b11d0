"""The stranger's library: its words stand in its articles, and each way of telling a difference is known."""

import json
from dataclasses import replace

import pytest

from eval.errors import GoldError
from eval.newcomer.__main__ import ARTICLES, DIFFERENCES, Side, count_others, judge, read_differences
from eval.robustness.small_library import WordHashEmbedder
from index.library import Library
from qa.records import Answer, Citation, Conflict, ConflictCheck, Position


@pytest.fixture
def told(tmp_path):
    """The library and the ids of its articles, by the names of their files."""
    with Library.open(tmp_path / "library", embedder=WordHashEmbedder()) as library:
        outcomes = library.add(ARTICLES)
        yield library, {one.source.rsplit("/")[-1].split(".")[0]: str(one.article_id) for one in outcomes}


def test_the_words_of_each_difference_stand_in_their_articles(told):
    library, ids = told
    found = read_differences(library, ids)
    assert len(found) == len(DIFFERENCES.read_text("utf-8").splitlines()) == 31
    for one in found:
        assert len({side.article_id for side in one.sides}) == 2
        for side in one.sides:
            assert len(library.article(side.article_id).text[side.start : side.end]) > 3


def test_words_that_stand_nowhere_are_an_error_that_names_line_and_article(told, tmp_path):
    wrong = tmp_path / "wrong.jsonl"
    sides = [
        {"article": "water-1", "words": "no such words"},
        {"article": "water-2", "words": "25 September"},
    ]
    wrong.write_text(json.dumps({"question": "Which?", "sides": sides}))
    with pytest.raises(GoldError, match=r"wrong\.jsonl, line 1: water-1 nowhere says 'no such words'"):
        read_differences(*told, wrong)


ONE, OTHER = Side("a", 0, 5), Side("b", 0, 5)


def cite(article_id):
    return Citation(article_id, None, None, None, f"/{article_id}.txt", 0, 5, "words", "words", 0, 5, 0.9)


def told_by(*positions):
    given = tuple(Position("words", citations, len(citations)) for citations in positions)
    return replace(EMPTY, citations=positions[0][:1], positions=given)


EMPTY = Answer(
    question="Which?",
    standalone_question="Which?",
    status="answered",
    text="words",
    confidence=0.9,
    citations=(),
    positions=(),
    conflicts=(),
    conflict_check=ConflictCheck("checked"),
    passages=(),
)


def test_how_a_difference_is_told():
    one, other = cite("a"), cite("b")
    sides = {"statements": (one, other), "sides": (0, 1)}
    conflict = Conflict("number", "one against the other", score=0.9, tier="may_disagree", **sides)
    apart, together = told_by((one,), (other,)), told_by((one, other))
    assert judge(replace(apart, conflicts=(conflict,)), (ONE, OTHER)) == "may disagree"
    assert judge(replace(apart, conflicts=(replace(conflict, tier="disagree"),)), (OTHER, ONE)) == "disagree"
    assert judge(apart, (ONE, OTHER)) == "something else"
    assert judge(together, (ONE, OTHER)) == "the same"
    assert judge(told_by((one,)), (ONE, OTHER)) == "not shown"
    assert count_others([replace(apart, conflicts=(conflict,))], []) == 1
