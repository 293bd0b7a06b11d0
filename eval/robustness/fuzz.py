"""Add thousands of broken files to libraries, and look at what becomes of each.

    python -m eval.robustness.fuzz [--mutants 2000] [--seed N] [--kinds .pdf .docx]

prints, for each format, how many were added and refused, the slowest, and the peak memory of the process that
reads files. It fails when a file ends as nothing, a reason is not for people, what was added is no text, a
passage is no part of its article, the same bytes give another article, or the library differs from one of the
added files alone.
"""

import argparse
import re
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from eval.robustness.mutants import KINDS, mutant
from eval.robustness.small_library import contents, open_library
from index.library import Library
from index.records import Outcome
from index.sources.formats import MAX_BYTES
from index.sources.sandbox import limits_of

_AT_ONCE = 100
# What only a program would say.
_UNFIT = re.compile(r"Traceback|Exception|\w+Error\b|0x[0-9a-f]{6}|<class|\.py\b|object at|/site-packages/")


@dataclass(slots=True)
class Tally:
    """What became of the mutants of one format; seconds of the slowest, MB of the largest reading process."""

    tried: int = 0
    added: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    reader_mb: int = 0


def fuzz(kind: str, mutants: int, seed: int) -> Tally:
    """So many mutants of one format, added, added again, and held against a library of the good ones."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for first in range(0, mutants, _AT_ONCE):
            folder = work / f"batch-{first}"
            folder.mkdir()
            files = [
                _write(folder, kind, number, seed) for number in range(first, min(first + _AT_ONCE, mutants))
            ]
            _batch(work / f"library-{first}", work / f"good-{first}", files, tally)
    return tally


def _write(folder: Path, kind: str, number: int, seed: int) -> Path:
    file = folder / f"{number:05d}{kind}"
    file.write_bytes(mutant(kind, np.random.default_rng((seed, KINDS.index(kind), number))))
    return file


def _batch(place: Path, good: Path, files: Sequence[Path], tally: Tally) -> None:
    with open_library(place) as library:
        outcomes = _add(library, files, tally)
        _check_articles(library)
        again = library.add(*files, within=limits_of(MAX_BYTES))
        _check_again(outcomes, again)
        held = contents(library)
    accepted = [
        file for file in files if any(_is_of(one, file) and one.status != "refused" for one in outcomes)
    ]
    with open_library(good) as library:
        library.add(*accepted, within=limits_of(MAX_BYTES))
        assert contents(library) == held, f"{place.name} differs from a library of its added files alone"


def _add(library: Library, files: Sequence[Path], tally: Tally) -> tuple[Outcome, ...]:
    began: list[float] = []

    def look(*_: object) -> None:
        began.append(time.perf_counter())
        tally.reader_mb = max(tally.reader_mb, _largest_child_mb())

    outcomes = library.add(*files, within=limits_of(MAX_BYTES), progress=look)
    look()
    tally.slowest_s = max(tally.slowest_s, *(later - one for one, later in pairwise(began)))
    for file in files:
        own = [one for one in outcomes if _is_of(one, file)]
        assert own, f"{file} ends as nothing"
        tally.tried += 1
        tally.added += any(one.status != "refused" for one in own)
        if all(one.status == "refused" for one in own):
            tally.refused[_sort(own[0].reason)] += 1
    for one in outcomes:
        _check_outcome(one)
    return outcomes


def _largest_child_mb() -> int:
    """The most memory that the process which reads files had at once; 0 where the system does not tell."""
    peaks = [0]
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            with suppress(OSError):  # it has just ended
                status = Path(f"/proc/{pid}/status").read_text()
                peaks += [int(kilobytes) for kilobytes in re.findall(r"VmHWM:\s+(\d+)", status)]
    return max(peaks) * 1_024 // 1_000_000


def _is_of(outcome: Outcome, file: Path) -> bool:
    return outcome.source.startswith(str(file))


def _check_outcome(one: Outcome) -> None:
    told = f"{one.source}: {one.status} {one.reason!r}"
    assert one.status in {"added", "unchanged", "refused"}, told
    assert (one.article_id is None) == (one.status == "refused"), told
    if one.status == "refused":
        assert one.reason.strip(), told
    assert not _UNFIT.search(one.reason), told
    assert len(one.reason) < 600, told
    assert "\n" not in one.reason, told


def _check_articles(library: Library) -> None:
    for article in library.articles():
        for value in (article.text, article.title, article.publisher, article.author, article.published):
            if value is not None:
                value.encode()  # no half of a character
        for one in library.chunks(article):
            assert one.text.strip(), f"{article.uri}: passage {one.ordinal} is empty"
            for span in one.sentences:
                assert 0 <= span.start < span.end <= len(article.text), f"{article.uri}: {span}"


def _check_again(first: Sequence[Outcome], again: Sequence[Outcome]) -> None:
    """The same bytes are the same articles, and the same refusals."""
    assert [(one.source, one.article_id) for one in first] == [(one.source, one.article_id) for one in again]
    for one, other in zip(first, again, strict=True):
        if one.status == "refused":
            assert (one.status, one.reason) == (other.status, other.reason), f"{one.source}: {one.reason}"
        else:
            assert other.status == "unchanged", f"{one.source}: {one.status}, then {other.status}"


def _sort(reason: str) -> str:
    """What refusals of one sort share: no figures, names or quotes."""
    return re.sub(r"\d[\d,.]*", "N", re.sub(r"\(.*?\)|“.*?”|\".*?\"|'.*?'", "…", reason))[:60]


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=2_000, help="of each format")
    parser.add_argument("--seed", type=int, default=20260703)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    given = parser.parse_args()
    print("| format | mutants | added | refused | slowest, s | reader's memory, MB |")
    print("|---|---|---|---|---|---|")
    for kind in given.kinds:
        tally = fuzz(kind, given.mutants, given.seed)
        refused = sum(tally.refused.values())
        print(
            f"| {kind} | {tally.tried:,} | {tally.added:,} | {refused:,} | {tally.slowest_s:.1f} |"
            f" {tally.reader_mb:,} |",
            flush=True,
        )
        for reason, count in tally.refused.most_common(12):
            print(f"<!-- {count:,} {reason} -->")


if __name__ == "__main__":
    main()
