"""A share of `python -m eval.robustness.faults`, which asserts what each library does after each fault."""

from eval.robustness import faults


def test_a_damaged_library_answers_as_before_or_says_so_and_a_repair_tells_what_is_lost():
    tally = faults.damage_repeatedly(32, seed=4)
    assert tally["said to be damaged"] > 3
    assert tally["answered as before"] > 3
    assert tally["mended: nothing lost"] > 3
    assert tally["mended: lost articles told"] > 0


def test_a_change_for_which_the_disk_has_no_room_leaves_the_library_as_it_was():
    tally = faults.fill_repeatedly(8, seed=2)
    assert tally["refused, and added when there was room"] > 1
    assert tally["added"] > 0


def test_a_repair_that_was_killed_is_ended_by_the_next_one():
    assert faults.kill_repairs(8, seed=2)["killed in between"] > 1


def test_readers_see_whole_changes_while_writers_and_readers_are_killed():
    tally = faults.crowd(4, seed=2, editions=3)
    assert tally["editions written"] > 2
    assert tally["writers killed"] + tally["readers killed"] > 1
