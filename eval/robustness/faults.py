"""Do to libraries what disks, full disks and crashes do, and look at what they answer and what can be mended.

    python -m eval.robustness.faults [--trials 250] [--seed N] [--disk FOLDER] [--minutes 10]

prints what the faults led to. It fails when a damaged library answers unlike the whole one and does not say
so, when a repair loses more than it tells, when a full disk or a kill leaves half a change, and when a reader
sees one. `--disk` names an empty folder on a small file system, to be filled up; `--minutes` is how long two
processes write and four read while one a second is killed.
"""

import argparse
import logging
import multiprocessing
import os
import resource
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import numpy as np

from eval.robustness.small_library import WordHashEmbedder, contents, open_library, write_articles
from index.care.check import check
from index.care.repair import Repaired, repair
from index.errors import LibraryError, LibraryInUse
from index.library import Library
from index.local.schema import FILE, REPAIR, connect

_ARTICLES = 12
_BLOCK = 512  # bytes: what a disk writes at once
_WRITERS, _READERS = 2, 4
_QUESTION = "Which plant makes chips?"
# Children start from a process that has imported what takes long, and share nothing with ours.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["eval.robustness.crash", "index.care.repair"])


@dataclass(frozen=True, slots=True)
class Example:
    """A library, and the contents that it may have: also those before the change that its log holds."""

    folder: Path
    may_hold: tuple[object, ...]
    ids: frozenset[str]
    in_log: int  # articles of that change


def damage_repeatedly(trials: int, seed: int) -> Counter[str]:
    """Each time: one file of a library damaged; how often it answered as before, said so, and was mended."""
    draw = np.random.default_rng(seed)
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        examples = _examples(work)
        for number in range(trials):
            example = examples[number % 2]
            damaged = _copy(example.folder, work / "damaged")
            files = sorted(one for one in damaged.rglob("*") if one.is_file() and one.stat().st_size)
            # Every other time the one that holds the articles.
            file = damaged / FILE if number % 4 < 2 else files[draw.integers(len(files))]
            fault = (_flip, _zero, _cut)[draw.integers(3)]
            fault(file, draw)
            told = f"trial {number}: {fault.__name__[1:]} {file.name}"
            tally[_answer(damaged, example, told)] += 1
            tally[_repair(damaged, example, work, told)] += 1
    return tally


def _examples(work: Path) -> tuple[Example, Example]:
    """One in one file, and one whose last change stands in SQLite's log alone, as a kill leaves it."""
    write_articles(work / "articles", version=0, count=_ARTICLES)
    with open_library(work / "whole") as library:
        library.add(work / "articles")
        old = contents(library)
        ids = frozenset(article.id for article in library.articles())
        _copy(work / "whole", work / "growing")
    write_articles(work / "more", version=1, count=_ARTICLES)
    with open_library(work / "growing") as library:
        with closing(connect(work / "growing")) as connection:
            # While somebody reads, the log is not emptied.
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM article").fetchone()
            library.add(work / "more")
            _copy(work / "growing", work / "logged")
        new = contents(library)
        all_ids = frozenset(article.id for article in library.articles())
    assert (work / "logged" / f"{FILE}-wal").stat().st_size > 0
    return (
        Example(work / "whole", (old,), ids, 0),
        Example(work / "logged", (old, new), all_ids, len(all_ids - ids)),
    )


def _copy(folder: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(folder, target))


def _flip(file: Path, draw: np.random.Generator) -> None:
    data = bytearray(file.read_bytes())
    data[draw.integers(len(data))] ^= 1 << int(draw.integers(8))
    file.write_bytes(data)


def _zero(file: Path, draw: np.random.Generator) -> None:
    data = bytearray(file.read_bytes())
    first = _BLOCK * int(draw.integers((len(data) + _BLOCK - 1) // _BLOCK))
    data[first : first + _BLOCK] = bytes(len(data[first : first + _BLOCK]))
    file.write_bytes(data)


def _cut(file: Path, draw: np.random.Generator) -> None:
    file.write_bytes(file.read_bytes()[: draw.integers(file.stat().st_size)])


def _answer(damaged: Path, example: Example, told: str) -> str:
    said, now = "", None
    try:
        with open_library(damaged) as library:
            now = contents(library)
    except LibraryError as error:
        said = str(error)
    if said:
        assert str(damaged) in said, f"{told}: {said}"
        return "said to be damaged"
    assert now in example.may_hold, f"{told}: it answers unlike the whole library, and says nothing"
    return "answered as before"


def _repair(damaged: Path, example: Example, work: Path, told: str) -> str:
    said = ""
    try:
        done = repair(damaged, embedder=WordHashEmbedder())
    except LibraryError as error:
        said = str(error)
    if said:
        assert "Nothing of" in said, f"{told}: {said}"
        return "not to be mended: nothing could be read"
    again = check(damaged)
    assert again.sound, f"{told}: after its repair {again.findings}"
    with open_library(damaged) as library:
        now = contents(library)
        if now in example.may_hold:
            return "mended: nothing lost"
        _assert_lost(done, library, example, told)
        shutil.rmtree(work / "fresh", ignore_errors=True)
        with open_library(work / "fresh") as fresh:
            fresh.add(*sorted(article.uri for article in library.articles()))  # as they were added
            assert contents(fresh) == now, f"{told}: what was mended is unlike a new library of its articles"
    return "mended: lost articles told"


def _assert_lost(done: Repaired, library: Library, example: Example, told: str) -> None:
    """What is missing was told, or it was said that this cannot be known; nothing else was lost."""
    held = {article.id for article in library.articles()}
    assert done.lost, f"{told}: articles are gone, and the repair tells of none"
    unknown = any("cannot be read" in says for says in done.lost)
    assert held <= example.ids, f"{told}: articles that never were"
    assert unknown or len(example.ids - held) <= done.found.lost + example.in_log, (
        f"{told}: {len(held)} of {len(example.ids)} articles are left, and {done.lost} told as lost"
    )


def fill_repeatedly(trials: int, seed: int, disk: Path | None = None) -> Counter[str]:
    """Each time a change for which there is too little room, and one with room enough after it.

    Without a `disk` no file may grow beyond some size, which a process can bring about for itself.
    """
    draw = np.random.default_rng(seed)
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory(dir=disk) as full:
        work, library, ballast = Path(name), Path(full) / "library", Path(full) / "ballast"
        write_articles(work / "articles", version=0, count=_ARTICLES)
        old, largest = _add_all(work / "old", work / "articles")
        write_articles(work / "articles", version=1, count=_ARTICLES)
        new, _ = _add_all(work / "new", work / "articles")
        for _ in range(trials):
            _copy(work / "old", library)
            room = int(draw.uniform(0.0, 2.0 if disk is None else 3.0) * largest)
            if disk is not None:
                ballast.write_bytes(bytes(max(0, shutil.disk_usage(disk).free - room)))
            ended = _wait_end(_add_within, library, work / "articles", None if disk else room)
            assert ended in (0, 3), f"with {room:,} bytes of room a change ends with {ended}"
            ballast.unlink(missing_ok=True)
            with open_library(library) as after:
                assert contents(after) == (new if ended == 0 else old), f"{room:,} bytes left half a change"
                after.add(work / "articles")
                assert contents(after) == new, f"after {room:,} bytes of room a second add fails"
            tally["added" if ended == 0 else "refused, and added when there was room"] += 1
    return tally


def _add_all(folder: Path, articles: Path) -> tuple[object, int]:
    """What a new library of the articles holds, and the size of its largest file in bytes."""
    with open_library(folder) as library:
        library.add(articles)
        held = contents(library)
    return held, max(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def _wait_end(work: Callable[..., None], *given: object) -> int | None:
    process = _processes.Process(target=work, args=given)
    process.start()
    process.join()
    return process.exitcode


def _add_within(folder: Path, articles: Path, largest: int | None) -> None:
    """Ends with 3 where the change is refused with an error that says what to do."""
    if largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    try:
        with open_library(folder) as library:
            library.add(articles)
    except LibraryError as error:
        os._exit(3 if str(folder) in str(error) else 4)


def kill_repairs(kills: int, seed: int) -> Counter[str]:
    """Each time a repair of a damaged library is killed, and repeated."""
    draw = np.random.default_rng(seed)
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        write_articles(work / "articles", version=0, count=_ARTICLES)
        whole, _ = _add_all(work / "whole", work / "articles")
        _damage_vectors(_copy(work / "whole", work / "old"))
        duration = min(_duration(work) for _ in range(3))
        for number in range(kills):
            _copy(work / "old", work / "damaged")
            process = _processes.Process(target=_mend, args=(work / "damaged",))
            begun = work / "damaged" / REPAIR
            process.start()
            if number % 2:  # from the moment it has begun, however busy the machine is
                while process.is_alive() and not begun.exists():
                    time.sleep(0.001)
                process.join(duration * draw.random() / 4)
            else:
                process.join(duration * (number + draw.random()) / kills)
            process.kill()
            process.join()
            left = begun.exists()
            tally["ended before" if not process.exitcode else "killed in between" if left else "killed"] += 1
            _mend(work / "damaged")
            with open_library(work / "damaged") as library:
                assert contents(library) == whole, f"kill {number}: the repair after it lost something"
    return tally


def _duration(work: Path) -> float:
    """Seconds that a repair takes in a process of its own."""
    _copy(work / "old", work / "damaged")
    began = time.perf_counter()
    assert _wait_end(_mend, work / "damaged") == 0
    return time.perf_counter() - began


def _damage_vectors(folder: Path) -> None:
    """Every third, so that their articles are to be cut and embedded again."""
    with closing(connect(folder)) as connection:
        connection.execute("UPDATE chunk SET vector = zeroblob(length(vector)) WHERE key % 3 = 0")


def _mend(folder: Path) -> None:
    repair(folder, embedder=WordHashEmbedder())


def crowd(seconds: float, seed: int, *, editions: int = 0) -> Counter[str]:
    """Two processes write editions, four read; every so often one of them is killed, and another comes.

    A slow machine takes longer, until so many `editions` are written.
    """
    draw = np.random.default_rng(seed)
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        _write_edition(work / "articles-0", 0)
        _add_all(work / "library", work / "articles-0")
        with _crowd(work) as (present, start):
            until = time.monotonic() + seconds
            while time.monotonic() < until or _count_editions(work / "library") < editions:
                time.sleep(draw.uniform(0.2, 1.8))
                for number, process in enumerate(present):
                    assert process.exitcode is None, f"process {number} ended with {process.exitcode}"
                number = int(draw.integers(len(present)))
                present[number].kill()
                present[number].join()
                present[number] = start(number)
                tally["writers killed" if number < _WRITERS else "readers killed"] += 1
        with open_library(work / "library") as library:
            seen = _editions(library)
            tally["editions written"] = sum(seen.values())
            for writer in range(_WRITERS):
                _write_edition(work / f"articles-{writer}", seen.get(str(writer), 0) + 1)
                library.add(work / f"articles-{writer}")
            with open_library(work / "fresh") as fresh:
                for writer in range(_WRITERS):
                    fresh.add(work / f"articles-{writer}")
                assert contents(fresh) == contents(library), "what is left is unlike a new library"
        assert check(work / "library").sound
    return tally


def _count_editions(folder: Path) -> int:
    with open_library(folder) as library:
        return sum(_editions(library).values())


@contextmanager
def _crowd(work: Path) -> Iterator[tuple[list[ForkServerProcess], Callable[[int], ForkServerProcess]]]:
    def start(number: int) -> ForkServerProcess:
        target = _write_on if number < _WRITERS else _read_on
        process = _processes.Process(target=target, args=(work, number))
        process.start()
        return process

    present = [start(number) for number in range(_WRITERS + _READERS)]
    try:
        yield present, start
    finally:
        for process in present:
            process.kill()
            process.join()


def _write_edition(folder: Path, edition: int) -> None:
    """Three articles that name their writer and edition: who sees two of one writer sees half a change."""
    folder.mkdir(exist_ok=True)
    writer = folder.name.rpartition("-")[2]
    for plant in ("Taylor", "Tainan", "Dresden"):
        text = f"The plant in {plant} makes chips of writer {writer} in edition {edition}"
        (folder / f"{plant}.txt").write_text(text)


def _editions(library: Library) -> dict[str, int]:
    """The edition of each writer; AssertionError where one shows two, or not all of its articles."""
    seen: dict[str, list[int]] = {}
    for hit in library.search(_QUESTION, k=20):
        *_, writer, _, _, edition = hit.chunk.text.split()
        seen.setdefault(writer, []).append(int(edition))
    for writer, editions in seen.items():
        assert len(editions) == 3, f"writer {writer} shows {editions}"
        assert len(set(editions)) == 1, f"writer {writer} shows {editions}"
    return {writer: editions[0] for writer, editions in seen.items()}


def _write_on(work: Path, number: int) -> None:
    with open_library(work / "library") as library:
        edition = _editions(library).get(str(number), 0)
        while True:
            edition += 1
            _write_edition(work / f"articles-{number}", edition)
            with suppress(LibraryInUse):  # told so by the other writer's lock: it comes with the next edition
                library.add(work / f"articles-{number}")


def _read_on(work: Path, _: int) -> None:
    while True:
        with open_library(work / "library") as library:
            for _ in range(20):
                _editions(library)


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=250)
    parser.add_argument("--seed", type=int, default=20260703)
    parser.add_argument("--disk", type=Path, help="an empty folder on a small file system")
    parser.add_argument("--minutes", type=float, default=10)
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # what heals is told each time
    for title, tally in (
        ("damaged files", damage_repeatedly(given.trials, given.seed)),
        ("full disks", fill_repeatedly(given.trials // 5, given.seed, given.disk)),
        ("killed repairs", kill_repairs(given.trials // 5, given.seed)),
        ("a crowd", crowd(60 * given.minutes, given.seed)),
    ):
        print(
            f"{title}: {', '.join(f'{count:,} {what}' for what, count in sorted(tally.items()))}", flush=True
        )


if __name__ == "__main__":
    main()
