"""A share of `python -m eval.robustness.fuzz`, which asserts what each broken file ends as."""

import numpy as np
import pytest

from eval.robustness.fuzz import fuzz
from eval.robustness.mutants import KINDS, mutant, originals
from index.sources.formats import MAX_BYTES, parse


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_file_is_added_or_refused_with_a_reason_and_the_others_go_on(kind):
    tally = fuzz(kind, mutants=10, seed=3)
    assert tally.tried == 10
    assert tally.added > 0
    assert sum(tally.refused.values()) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_broken_can_be_read_while_it_is_whole(kind):
    assert all(parse(kind, data, max_bytes=MAX_BYTES) for data in originals(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_always_makes_the_same_mutants(kind):
    one, other = ([mutant(kind, np.random.default_rng((seed, 1))) for seed in range(5)] for _ in range(2))
    assert one == other
    assert len(set(one)) > 1
