"""The bench of surveys: its libraries, its stand-ins, and how growth is fitted."""

import pytest

from eval.bench.scale import exponents, rows
from eval.bench.survey import StandInComparison, StandInEmbedder, _places, make, measure
from qa.comparison.model import ModelStatement


def test_there_are_names_for_the_facts_of_100_000_articles_and_no_two_are_the_same():
    names = _places(166_667)
    assert len(set(names)) == 166_667
    assert names[:2] == ["Kelville", "Marville"]


def test_the_same_numbers_make_the_same_articles():
    assert make(30, 2).texts == make(30, 2).texts != make(30, 3).texts


def test_each_stage_is_told_and_one_more_article_is_compared_alone():
    found = measure(40, 1, stand_ins=True)
    assert found["articles"] == 40
    for name in ("first", "one_more"):
        stages = [found[f"{name} {one}"] for one in ("events", "reading", "vectors", "matching", "judging")]
        assert 0 < sum(stages) <= found[f"{name}_s"]
    assert 0 < found["one_more_compared"] < found["pairs"]
    assert "recall" not in found


def test_growth_is_the_exponent_of_the_size():
    sizes = {size: {"articles": size, "x_s": size**1.5, "none": 0.0} for size in (10, 100, 1_000)}
    assert exponents(sizes, "articles") == {"x_s": 1.5}
    assert "| x_s | 31.6 | 1,000 | 31,623 | 1.5 |" in rows(sizes, "articles")


def test_stand_ins_tell_figures_that_differ_and_hear_shared_words():
    told = [ModelStatement(f"The mill has {number} hands.") for number in (7, 7, 8)]
    same, other = StandInComparison().relations("", [(told[0], told[1]), (told[0], told[2])])
    assert same.conflict == 0.0
    assert other.conflict == pytest.approx(0.9)
    near, far, one = StandInEmbedder().embed(["the mill is shut", "a storm hit us", "the mill is old"])
    assert near @ one > 0.5 > far @ one
