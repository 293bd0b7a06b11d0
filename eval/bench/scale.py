"""Libraries of up to a million passages on one machine: `python -m eval.bench.scale`.

Adds, opens, searches and asks at each size, each in a process of its own, and fits how each figure grows:
time and memory of the smallest size to those of the largest as passages to the power of x. The articles are
made, from a seed, of sentences of the training stories put together anew, in files of 1,000; they go through
all of `Library.add` but the embedder's network, for a passage's vector is the mean of its sentences' own, so
that a million are made in minutes. To the seconds that adding takes here the embedder adds the passages over
`embedded_a_second`, which is measured beside. Questions are those of the stories, with the bundled models.

"Cold" searches find nothing of the library's files in the system's memory: all is dropped before each one.
"""

import argparse
import ctypes
import json
import mmap
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eval.bench.sizes import STORIES
from eval.provenance import this_run
from eval.stories import read_stories
from index.embed import open_embedder
from index.local.store import LocalStore
from index.records import ListQuery, Vectors
from qa.ask import ask
from qa.library import Library

SIZES = (10_000, 100_000, 1_000_000)
QUESTIONS = 200
_SENTENCES = 25  # an article: 3.84 passages
_FILE = 1_000  # articles
_BEST = 10
_DIMENSION = 384
# Figures that are shares or speeds.
_NO_GROWTH = {"recall", "precision", "embedded_a_second", "estimate_over_actual"}


def sentences() -> list[str]:
    """Those of the training stories that are neither short nor long, each ending in a full stop."""
    return [
        f"{one.strip().rstrip('.')}."
        for story in read_stories(STORIES)
        for account in story.accounts
        for paragraph in account.text.split("\n")
        for one in paragraph.split(". ")
        if 40 < len(one) < 240
    ]


class MeanEmbedder:
    """The bundled embedder for questions; for passages of known sentences the mean of these, unit length."""

    name = "mean-of-sentences"
    window_tokens = 256

    def __init__(self, folder: Path) -> None:
        """`folder` keeps the vectors of the sentences, made once."""
        self._bundled = open_embedder()
        kept = folder / "sentences.npz"
        if not kept.exists():
            texts = sorted(set(sentences()))
            np.savez(kept, texts=np.array(texts), vectors=self._bundled.embed(texts))
        with np.load(kept) as found:
            self._at = {text: at for at, text in enumerate(found["texts"].tolist())}
            self._vectors: Vectors = found["vectors"]
        self.vocabulary = self._bundled.vocabulary

    def embed(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """As `index.records.Embedder` says."""
        if query:
            return self._bundled.embed(texts, query=True)
        means = np.empty((len(texts), _DIMENSION), np.float32)
        for mean, text in zip(means, texts, strict=True):
            parts = (f"{one.strip().rstrip('.')}." for line in text.split("\n") for one in line.split(". "))
            known = [self._at[one] for one in parts if one in self._at]
            mean[:] = self._vectors[known].mean(0) if known else self._vectors[len(text) % len(self._at)]
        unit: Vectors = means / np.linalg.norm(means, axis=1, keepdims=True)
        return unit


def write_articles(folder: Path, passages: int, seed: int) -> int:
    """Files of made articles, about so many passages in all; how many articles there are."""
    folder.mkdir()
    draw = random.Random(seed)  # noqa: S311  # no secret
    every = sentences()
    accounts = [account for story in read_stories(STORIES) for account in story.accounts]
    number = max(1, round(passages / 3.84))
    for first in range(0, number, _FILE):
        with (folder / f"{first:07d}.jsonl").open("w", encoding="utf-8") as file:
            for at in range(first, min(first + _FILE, number)):
                like = draw.choice(accounts)
                record = {
                    "title": f"{like.title} ({at + 1})",
                    "text": " ".join(draw.sample(every, _SENTENCES)),
                    "publisher": like.publisher,
                    "published": like.published,
                }
                file.write(json.dumps(record) + "\n")
    return number


def _questions() -> list[str]:
    every = [question.standalone for story in read_stories(STORIES) for question in story.questions]
    return random.Random(7).sample(every, QUESTIONS)  # noqa: S311  # no secret


def _ms(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def _percentiles(name: str, times: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.percentile(times, (50, 95)).tolist()
    return {f"{name}_p50_ms": p50, f"{name}_p95_ms": p95}


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def drop_cached(folder: Path) -> None:
    """Nothing of the files in `folder` stays in the system's memory, not even what is mapped here."""
    inside, libc = str(folder.resolve()), ctypes.CDLL(None, use_errno=True)
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        place, *_, path = line.split(maxsplit=5)
        if path.startswith(inside) and not path.endswith("-shm"):
            first, last = (int(one, 16) for one in place.split("-"))
            # Without this the system keeps what is mapped; of a file that is only read nothing is lost.
            libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), mmap.MADV_DONTNEED)
    for held in folder.rglob("*"):
        if held.is_file():
            file = os.open(held, os.O_RDONLY)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)


def add_articles(work: Path, passages: int, seed: int) -> dict[str, float]:
    """Makes the library of files that are written first."""
    source, folder = work / "articles", work / "library"
    number = write_articles(source, passages, seed)
    embedder = MeanEmbedder(work.parent)
    began = time.perf_counter()
    with Library.open(folder, embedder=embedder) as library:
        outcomes = library.add(source)
        seconds = time.perf_counter() - began
        chunks = LocalStore.open(folder, create=False, manifest={}).list(ListQuery()).state.chunks
        sample = [hit.chunk.text for hit in library.sample(200)[0]]
    assert sum(one.status == "added" for one in outcomes) == number, "not all articles were added"
    began = time.perf_counter()
    open_embedder().embed(sample)
    return {
        "articles": number,
        "passages": chunks,
        "add_s": seconds,
        "embedded_a_second": len(sample) / (time.perf_counter() - began),
        "add_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        "disk_mb": sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) / 1e6,
    }


def use_library(work: Path, passages: int, seed: int) -> dict[str, float]:
    """Opens the library and searches, asks, lists and changes it."""
    del passages, seed
    embedder, folder, questions = MeanEmbedder(work.parent), work / "library", _questions()
    embedder.embed(questions[:1], query=True)
    before = _resident_mb()
    found: dict[str, float] = {}
    began = time.perf_counter()
    library = Library.open(folder, embedder=embedder)
    library.search(questions[0])
    found["open_s"] = time.perf_counter() - began
    searches = [_ms(lambda one=one: library.search(one)) for one in questions]  # type: ignore[misc]
    found["open_mb"] = _resident_mb() - before
    found |= _percentiles("retrieve", searches)
    os.sync()  # what is still to be written is never dropped
    cold = []
    for question in questions:
        drop_cached(folder)
        cold.append(_ms(lambda question=question: library.search(question)))  # type: ignore[misc]
    found |= _percentiles("retrieve_cold", cold)
    found["recall"] = recall(folder, embedder.embed(questions, query=True))
    answers = [ask(one, library=library).timings_ms.total for one in questions[:50]]
    found |= _percentiles("ask", answers)
    found["list_first_ms"] = _ms(library.listing)
    found["list_later_ms"] = _ms(lambda: library.listing(first=len(library) // 2))
    found["list_sought_ms"] = _ms(lambda: library.listing(sought="harbour strike"))
    changes: dict[str, list[float]] = {"add_one_ms": [], "remove_one_ms": []}
    for number in range(7):
        one = work / f"one-{number}.txt"
        one.write_text(
            " ".join(sentences()[number * _SENTENCES : (number + 1) * _SENTENCES]), encoding="utf-8"
        )
        changes["add_one_ms"].append(_ms(lambda one=one: library.add(one)))  # type: ignore[misc]
        name = next(iter(library.listing(order="added", most=1).articles)).id
        changes["remove_one_ms"].append(_ms(lambda name=name: library.remove(name)))  # type: ignore[misc]
        library.search(questions[number])
    library.close()
    return found | {name: float(np.median(several)) for name, several in changes.items()}


def recall(folder: Path, questions: Vectors) -> float:
    """Of the ten passages nearest to each question the share that a search scores."""
    store = LocalStore.open(folder, create=False, manifest={})
    best = [(np.empty(0, np.float32), np.empty(0, np.int64)) for _ in questions]
    with store._database.snapshot():  # the truth that the index is held against
        for keys, vectors in store._database.vectors_after(0):
            for at, scores in enumerate(questions @ vectors.T):
                top = np.argpartition(-scores, min(_BEST, len(scores) - 1))[:_BEST]
                near = np.concatenate([best[at][0], scores[top]]), np.concatenate([best[at][1], keys[top]])
                order = np.argsort(-near[0], kind="stable")[:_BEST]
                best[at] = near[0][order], near[1][order]
    with store._pin():
        shares = [
            len(set(truth.tolist()) & set(store._nearest(question, 100, None))) / _BEST
            for question, (_, truth) in zip(questions, best, strict=True)
        ]
    store.close()
    return float(np.mean(shares))


PHASES: Mapping[str, Callable[[Path, int, int], dict[str, float]]] = {
    "add": add_articles,
    "open": use_library,
}


def measure_size(work: Path, passages: int, seed: int) -> dict[str, float]:
    """Both phases of one size, each in a process of its own."""
    size = ["--work", str(work), "--passages", str(passages), "--seed", str(seed)]
    found: dict[str, float] = {}
    for phase in PHASES:
        found |= run_phase("eval.bench.scale", ["--phase", phase, *size])
    return found


def run_phase(module: str, arguments: Sequence[str]) -> dict[str, Any]:
    """What a process of its own prints last, as JSON."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def exponents(sizes: Mapping[int, Mapping[str, float]], by: str = "passages") -> dict[str, float]:
    """By figure the x of `by` ** x, fitted over the sizes on logarithms; none for one size, nor for zeros."""
    if len(sizes) < 2:
        return {}
    many = np.log([one[by] for one in sizes.values()])
    return {
        name: round(float(np.polyfit(many, np.log([one[name] for one in sizes.values()]), 1)[0]), 2)
        for name in next(iter(sizes.values()))
        if name not in {by, *_NO_GROWTH} and all(one[name] > 0 for one in sizes.values())
    }


def rows(sizes: Mapping[int, Mapping[str, float]], by: str = "passages") -> Iterator[str]:
    """The table, in Markdown."""
    growth = exponents(sizes, by)
    yield f"| | {' | '.join(f'{size:,}' for size in sizes)} | grows by |"
    yield "|---|" + "---|" * (len(sizes) + 1)
    for name in next(iter(sizes.values())):
        cells = " | ".join(
            f"{one[name]:,.3g}" if one[name] < 1000 else f"{one[name]:,.0f}" for one in sizes.values()
        )
        yield f"| {name} | {cells} | {growth.get(name, '')} |"


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.bench.scale",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--passages", type=int, nargs="+", default=SIZES)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument(
        "--work", type=Path, help="a folder that keeps what is made; default: a temporary one"
    )
    parser.add_argument("--phase", choices=PHASES, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.phase:
        print(json.dumps(PHASES[asked.phase](asked.work, asked.passages[0], asked.seed)))
        return
    work = asked.work or Path(tempfile.mkdtemp())
    sizes = {}
    for passages in asked.passages:
        at = work / str(passages)
        shutil.rmtree(at, ignore_errors=True)
        at.mkdir(parents=True)
        sizes[passages] = measure_size(at, passages, asked.seed)
        print("\n".join(rows(sizes)), flush=True)
    print(json.dumps(this_run(f"python -m eval.bench.scale --seed {asked.seed}", {}).to_dict()))
    if not asked.work:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
