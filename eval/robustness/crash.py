"""Kill a process at random moments of a change, and look at the library that it leaves.

    python -m eval.robustness.crash [--kills 200] [--milvus] [--change add|edit|remove|restore]

prints how many kills fell before and after the change took effect; it fails when a library does not open,
holds anything but the old or the new articles, or searches unlike one built afresh.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from eval.robustness.small_library import contents, open_library, write_articles
from index.library import Library

Deed = Literal["add", "edit", "remove", "restore"]
"""What is stopped: articles are added and replaced, half of them edited or removed, or these put back."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What the kills found; `finished` changes had ended before they were killed."""

    old: int
    new: int
    finished: int


def kill_repeatedly(kills: int, seed: int, *, ending: str = "", deed: Deed = "add") -> Tally:
    """Each time: the old library, a process that changes it, and a kill within its duration.

    With the `ending` ".db" of libraries in Milvus Lite.
    """
    draw = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        articles = work / "articles"
        write_articles(articles, version=0)
        old_library = work / f"old{ending}"
        with open_library(old_library) as library:
            library.add(articles)
            if deed == "restore":
                change(library, "remove", articles)
            old = all_of(library)
        write_articles(articles, version=1 if deed == "add" else 0)
        with open_library(work / f"fresh{ending}") as library:
            library.add(articles)
            if deed in ("edit", "remove"):
                change(library, deed, articles)
            new = all_of(library)
        assert old != new
        waiting = [_Adder(deed) for _ in range(2)]  # they import while the one before is judged
        duration = min(_seconds(waiting, old_library, articles, kill_after=None) for _ in range(3))
        tally = {"old": 0, "new": 0, "finished": 0}
        last_old, first_new = 0.0, duration
        for number in range(kills):
            if number % 2:
                # One in every slice of the duration, and a little beyond: kills fall into every phase.
                moment = duration * 1.1 * (number + draw.random()) / kills
            elif not tally["new"]:
                # A busy machine may take longer than before: later and later, until it had taken effect.
                moment = first_new = first_new * 1.5
            else:
                # Around the moment in which the change takes effect.
                moment = draw.uniform(min(last_old, first_new), max(last_old, first_new))
            tally["finished"] += _seconds(waiting, old_library, articles, kill_after=moment) < 0
            with open_library(old_library.with_stem("library")) as library:
                after = all_of(library)
                assert after in (old, new), f"after a kill at {moment * 1000:.1f} ms the library is neither"
                if after == old:
                    tally["old"] += 1
                    last_old = max(last_old, moment)
                else:
                    tally["new"] += 1
                    first_new = min(first_new, moment)
                if deed == "add" or after == old:
                    change(library, deed, articles)
                assert all_of(library) == new, f"after a kill at {moment * 1000:.1f} ms a second one fails"
        for adder in waiting:
            adder.kill()
        return Tally(**tally)


def change(library: Library, deed: Deed, articles: Path) -> None:
    """What is stopped."""
    half = [one.id for number, one in enumerate(library.articles()) if number % 2]
    if deed == "add":
        library.add(articles)
    elif deed == "edit":
        library.edit(half, {"publisher": "Morning Post", "published": "2026-07-03"})
    elif deed == "remove":
        library.remove_all(half)
    else:
        library.restore([one.id for one in library.removed()])


def all_of(library: Library) -> tuple[object, ...]:
    """What stands there, what is found, and what can be put back."""
    return (*contents(library), sorted(one.id for one in library.removed()))


class _Adder:
    """A process that waits, all imported, to be told which library to change."""

    def __init__(self, deed: Deed) -> None:
        self.deed = deed
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(  # noqa: S603  # ourselves
            [sys.executable, "-m", "eval.robustness.crash", "--adder", "--change", deed],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=root,
            text=True,
        )

    def begin(self, articles: Path, library: Path) -> None:
        """Returns when it is about to begin."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{articles}\n{library}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "begins\n"

    def has_ended(self, wait_s: float) -> bool:
        """Whether it ends within `wait_s`."""
        try:
            return self._process.wait(wait_s) == 0
        except subprocess.TimeoutExpired:
            return False

    def kill(self) -> None:
        """As the system does when memory runs out: at once."""
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()


def _seconds(waiting: list[_Adder], old: Path, articles: Path, kill_after: float | None) -> float:
    """What the change took, or was given; negative when it had ended before the kill."""
    target = old.with_stem("library")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(old, target)
    adder = waiting.pop(0)
    waiting.append(_Adder(adder.deed))
    adder.begin(articles, target)
    began = time.perf_counter()
    if kill_after is None:
        assert adder.has_ended(120.0), "the change does not end"
        took = time.perf_counter() - began
    else:
        time.sleep(kill_after)
        took = -1.0 if adder.has_ended(0.0) else kill_after
    adder.kill()
    return took


def _wait_and_change(deed: Deed) -> None:
    articles, folder = Path(sys.stdin.readline().rstrip("\n")), Path(sys.stdin.readline().rstrip("\n"))
    with open_library(folder) as library:
        library.chunks(next(library.articles()))  # what is slow at first use is done before the clock starts
        print("begins", flush=True)
        change(library, deed, articles)
    os._exit(0)


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20260703)
    parser.add_argument("--milvus", action="store_true", help="of libraries in Milvus Lite")
    parser.add_argument("--change", choices=get_args(Deed), default="add", help="what is stopped")
    parser.add_argument("--adder", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.adder:
        _wait_and_change(arguments.change)
    ending = ".db" if arguments.milvus else ""
    tally = kill_repeatedly(arguments.kills, arguments.seed, ending=ending, deed=arguments.change)
    print(f"{arguments.kills} kills: {tally.old} left the old library, {tally.new} the new one", end="")
    print(f" ({tally.finished} came after the end); none left anything else, and every search was right")


if __name__ == "__main__":
    main()
