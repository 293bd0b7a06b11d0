"""A share of `python -m eval.robustness.faults`, which asserts what each library does after each fault."""

import subprocess
import sys
from collections import Counter

from eval.robustness import faults
from eval.robustness.small_library import WordHashEmbedder, contents, open_library, write_articles
from index.care.repair import repair
from index.local.schema import FILE, REPAIR
from tests.paths import ROOT

# Waits to be killed when ten of twelve articles are mended.
HELD = """
import sys
from eval.robustness.small_library import WordHashEmbedder
from index.care import repair
repair._AT_ONCE = 5
def wait(done, total, label):
    if done == 11:
        print("waits", flush=True)
        sys.stdin.readline()
repair.repair(sys.argv[1], embedder=WordHashEmbedder(), progress=wait)
"""


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
    # kill_repairs asserts that the next one loses nothing.
    assert faults.kill_repairs(8, seed=2).total() == 8


def test_a_repair_that_was_killed_with_a_part_mended_is_ended_by_the_next_one(tmp_path):
    write_articles(tmp_path / "articles", version=0)
    with open_library(tmp_path / "library") as library:
        library.add(tmp_path / "articles")
        whole = contents(library)
    faults._damage_vectors(tmp_path / "library")
    with subprocess.Popen(
        [sys.executable, "-c", HELD, str(tmp_path / "library")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "waits\n"
        process.kill()
    assert (tmp_path / "library" / REPAIR / FILE).exists()
    repair(tmp_path / "library", embedder=WordHashEmbedder())
    assert not (tmp_path / "library" / REPAIR).exists()
    with open_library(tmp_path / "library") as library:
        assert contents(library) == whole


def test_readers_see_whole_changes_while_writers_and_readers_are_killed():
    tally: Counter[str] = Counter()
    while tally["writers killed"] + tally["readers killed"] < 2:  # each crowd has one kill at least
        tally += faults.crowd(4, seed=2, editions=3)
    assert tally["editions written"] > 2
