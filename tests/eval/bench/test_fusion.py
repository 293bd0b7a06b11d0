"""The fusion that the bench holds the shipped one against: by hand-worked numbers."""

import pytest

from eval.bench.fusion import reciprocal_ranks
from index.records import Candidate

NEAR = Candidate("a:000000", 0.8, None)
BOTH = Candidate("b:000000", 0.6, 5.0)
WORDS = Candidate("c:000000", 0.2, 10.0)


def test_reciprocal_ranks_add_up() -> None:
    ranked = reciprocal_ranks([NEAR, BOTH, WORDS])
    assert {candidate.chunk_id[0]: score for candidate, score in ranked} == {
        "a": pytest.approx(1 / 61),
        "b": pytest.approx(1 / 62 + 1 / 62),
        "c": pytest.approx(1 / 63 + 1 / 61),
    }
    assert [candidate.chunk_id[0] for candidate, _ in ranked] == ["c", "b", "a"]


def test_ranks_do_not_depend_on_the_order_in_which_candidates_come() -> None:
    assert reciprocal_ranks([NEAR, BOTH, WORDS]) == reciprocal_ranks([WORDS, NEAR, BOTH])
    assert reciprocal_ranks([]) == []
