"""A process killed in the middle of a change leaves the library as it was before it or after it."""

import pytest

from eval.robustness.crash import kill_repeatedly


def test_twenty_kills_leave_the_old_library_or_the_new_one():
    # kill_repeatedly asserts that each library left behind is one of the two, and searches as built afresh.
    tally = kill_repeatedly(20, seed=1)
    assert tally.old + tally.new == 20
    # Kills are spread over the whole duration: were all on one side, they would have tested nothing.
    assert tally.old > 0
    assert tally.new > 0


@pytest.mark.parametrize("deed", ["remove", "restore"])
def test_a_kill_leaves_all_removed_or_none_and_all_put_back_or_none(deed):
    tally = kill_repeatedly(8, seed=2, deed=deed)
    assert tally.old + tally.new == 8
    assert tally.old > 0
    assert tally.new > 0
