"""A process killed in the middle of a change leaves the library as it was before it or after it."""

import shutil
import subprocess
import sys

import pytest

from eval.robustness.crash import all_of, change, kill_repeatedly
from eval.robustness.small_library import open_library, write_articles
from tests.paths import ROOT

# Waits to be killed: when all is written and nothing committed, or as soon as that is done.
HELD = """
import sys
from contextlib import contextmanager
from pathlib import Path
from eval.robustness.crash import change, open_library
deed, moment, library, articles = sys.argv[1:]
def wait(now):
    if now == moment:
        print("waits", flush=True)
        sys.stdin.readline()
with open_library(Path(library)) as opened:
    change_store = opened._store.change
    @contextmanager
    def held(command):
        with change_store(command) as begun:
            yield begun
            wait("before")
        wait("after")
    opened._store.change = held
    change(opened, deed, Path(articles))
"""


def test_twenty_kills_leave_the_old_library_or_the_new_one():
    # kill_repeatedly asserts that each library left behind is one of the two, and searches as built afresh.
    tally = kill_repeatedly(20, seed=1)
    assert tally.old + tally.new == 20


@pytest.mark.parametrize("deed", ["remove", "restore"])
def test_a_kill_leaves_all_removed_or_none_and_all_put_back_or_none(deed):
    tally = kill_repeatedly(8, seed=2, deed=deed)
    assert tally.old + tally.new == 8


@pytest.mark.parametrize("deed", ["add", "remove", "restore"])
def test_a_kill_before_the_commit_leaves_the_old_library_and_one_after_it_the_new_one(deed, tmp_path):
    articles = tmp_path / "articles"
    write_articles(articles, version=0)
    with open_library(tmp_path / "old") as library:
        library.add(articles)
        if deed == "restore":
            change(library, "remove", articles)
        old = all_of(library)
    write_articles(articles, version=int(deed == "add"))
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    with open_library(tmp_path / "new") as library:
        change(library, deed, articles)
        new = all_of(library)
    assert old != new
    for moment, left in (("before", old), ("after", new)):
        shutil.copytree(tmp_path / "old", tmp_path / moment)
        with subprocess.Popen(
            [sys.executable, "-c", HELD, deed, moment, str(tmp_path / moment), str(articles)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        ) as process:  # fmt: skip
            assert process.stdout.readline() == "waits\n"
            process.kill()
        with open_library(tmp_path / moment) as library:
            assert all_of(library) == left
