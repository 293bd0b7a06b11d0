"""Two rankings become one: by hand-worked numbers."""

import pytest

from index.errors import LibraryError
from index.records import Candidate
from index.retrieve import by_either_leg, weighted_scores

NEAR = Candidate("a:000000", 0.8, None)
BOTH = Candidate("b:000000", 0.6, 5.0)
WORDS = Candidate("c:000000", 0.2, 10.0)


def order(ranked):
    return [candidate.chunk_id[0] for candidate, _ in ranked]


def test_weighted_scores_are_shares_of_the_best():
    ranked = weighted_scores([NEAR, BOTH, WORDS], dense_weight=0.5)
    assert [(candidate.chunk_id[0], score) for candidate, score in ranked] == [
        ("b", 0.625),
        ("c", 0.625),
        ("a", 0.5),
    ]


@pytest.mark.parametrize(("weight", "expected"), [(1.0, "abc"), (0.0, "cba")])
def test_all_the_weight_on_one_leg_is_that_leg_s_ranking(weight, expected):
    assert "".join(order(weighted_scores([BOTH, WORDS, NEAR], dense_weight=weight))) == expected


def test_a_weight_is_a_share():
    with pytest.raises(LibraryError, match=r"dense_weight is a share from 0 to 1, not 1\.5"):
        weighted_scores([NEAR], dense_weight=1.5)


def test_ties_are_broken_by_id_whatever_the_order():
    twins = [Candidate(f"{name}:000000", 0.5, 1.0) for name in "dacb"]
    assert order(weighted_scores(twins)) == ["a", "b", "c", "d"]
    assert order(weighted_scores([NEAR, BOTH, WORDS])) == order(weighted_scores([WORDS, NEAR, BOTH]))


def test_nothing_fused_is_nothing():
    assert weighted_scores([]) == []


def test_a_question_without_words_is_ranked_by_meaning_alone():
    ranked = weighted_scores([Candidate("b:000000", 0.3, None), Candidate("a:000000", -0.1, None)])
    assert order(ranked) == ["b", "a"]


def test_what_is_first_in_either_leg_comes_before_what_is_second_in_both():
    near, worded, both, far = (
        Candidate("a:000000", 0.9, 1.0),
        Candidate("b:000000", 0.1, 9.0),
        Candidate("c:000000", 0.8, 8.0),
        Candidate("d:000000", 0.2, None),
    )
    ranked = by_either_leg([far, both, worded, near])
    assert [one for one, _ in ranked] == [near, worded, both, far]
    assert [score for _, score in ranked] == [1, 1, 0.5, pytest.approx(1 / 3)]
    assert by_either_leg([]) == []
