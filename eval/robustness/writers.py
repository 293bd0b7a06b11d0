"""Several processes that write to a library on a Milvus server: stopped, killed, and all at once.

    python -m eval.robustness.writers [--address milvus://localhost:19530] [--change add|edit|remove|restore]

A process is stopped just before each of its writes in turn, for longer than its lease, while another one
writes; then it goes on. Nobody waits for that: the clocks that leases go by are put forward. One is killed
just before each of its writes. Two write at once. It fails where a library holds anything but whole changes,
where one that was told as made is not there, and where a search differs from that of a library made afresh.
Without an address it starts Milvus Lite's own server, which programs reach as they reach any other: only what
a Milvus server does by itself is not seen there.
"""

import argparse
import logging
import multiprocessing
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import get_args

from eval.robustness.crash import Deed, all_of, change
from eval.robustness.small_library import WordHashEmbedder, contents, write_articles
from index.errors import LibraryError, LibraryInUse
from index.library import Library
from index.milvus import MilvusStore, milvus_address
from index.milvus.connection import connect
from index.milvus.rows import Collections, Row, Which
from index.milvus.store import make_library

LEASE_S = 3600.0  # longer than any change takes: each draws one ticket, and makes the same writes
_PAUSE_S = 1.5 * LEASE_S + 1  # a ticket counts for half a lease more
_ARTICLES, _LONGEST_S = 2, 120.0
_MANIFEST = {"embedder": WordHashEmbedder.name, "chunk_tokens": "60", "overlap_sentences": "1"}
# Children start from a process that has imported what takes long, and share no connection with ours.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["eval.robustness.writers", "pymilvus"])


class _Clock:
    """This machine's, put forward by `ahead` seconds."""

    ahead = 0.0

    def time(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def sleep(self, seconds: float, /) -> None:
        time.sleep(seconds)


# What the leases of this process go by.
_CLOCK = _Clock()


class Stopping(Collections):
    """Tells just before the write of that number, and waits to be told how long it slept; 0 for never."""

    stops_at = 0
    told: Connection | None = None
    writes = counts_at = 0

    def insert(self, which: Which, rows: Sequence[Row]) -> None:
        """As it is, a write before which the process may stop."""
        if rows:
            self._count()
            if rows[0].get("kind") == "commit":
                self.counts_at = self.writes
        super().insert(which, rows)

    def delete(self, which: Which, where: str) -> None:
        """As it is, a write before which the process may stop."""
        self._count()
        super().delete(which, where)

    def _count(self) -> None:
        self.writes += 1
        if self.writes == self.stops_at and self.told is not None:
            self.told.send("stops")
            _CLOCK.ahead = self.told.recv()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server of Milvus Lite, which ends with the block."""
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    running, database, port = start_server_in_thread(data_dir=str(folder))
    try:
        yield f"milvus://127.0.0.1:{port}"
    finally:
        running.stop(grace=0).wait()
        database.close()


def open_shared(address: str) -> Library:
    """The library at an address, made where there is none; its writers may pause for LEASE_S."""
    return _library(Collections, address)


def _library(kind: type[Collections], address: str) -> Library:
    place = milvus_address(address)
    assert place is not None
    collections = kind.connect(place)
    manifest = collections.manifest() or make_library(collections, _MANIFEST)
    store = MilvusStore(collections, manifest, lease_s=LEASE_S, clock=_CLOCK)
    return Library(store, WordHashEmbedder(), chunk_tokens=60, overlap_sentences=1)


@contextmanager
def _fresh(server: str) -> Iterator[str]:
    """A place for a library, which is dropped when the block ends."""
    name = f"writers_{secrets.token_hex(6)}"
    try:
        yield f"{server}/{name}"
    finally:
        place = milvus_address(f"{server}/{name}")
        assert place is not None
        connection = connect(place)
        with suppress(LibraryError), connection.calls() as client:
            for one in client.list_collections():
                if one.startswith(f"{name}_"):
                    client.drop_collection(one)
        connection.close()


class _Writer:
    """A process that makes one change, and tells when it stops and what became of it."""

    def __init__(self, address: str, deed: Deed, articles: Path, *, at: int) -> None:
        self.address = address
        self.told, other = _processes.Pipe()
        self.process: ForkServerProcess = _processes.Process(
            target=_write, args=(address, deed, articles, at, other), daemon=True
        )
        self.process.start()
        other.close()

    def next(self) -> str:
        """What it tells; "killed" where it tells nothing any more."""
        try:
            if not self.told.poll(_LONGEST_S):
                raise AssertionError(f"the writer to {self.address} neither ends nor stops")
            return str(self.told.recv())
        except EOFError:
            self.process.join(_LONGEST_S)
            return "killed"

    def send(self, number: signal.Signals) -> None:
        """To stop it, or to kill it."""
        assert self.process.pid is not None
        os.kill(self.process.pid, number)

    def go_on(self) -> None:
        """After it was stopped."""
        self.send(signal.SIGCONT)
        self.told.send(_PAUSE_S)


def _write(address: str, deed: Deed, articles: Path, at: int, told: Connection) -> None:
    logging.disable(logging.CRITICAL)
    with _library(Stopping, address) as library:
        collections = library._store._collections  # type: ignore[attr-defined]
        collections.stops_at, collections.told = at, told
        try:
            change(library, deed, articles)
            told.send(f"made {collections.writes} {collections.counts_at}")
        except LibraryInUse:
            told.send("refused")
    os._exit(0)


@dataclass(frozen=True, slots=True)
class Scene:
    """A change of libraries that all begin alike, and what each must hold after it.

    `held` by whether the change was made, and whether another one added `more`. It takes `writes` writes, and
    counts from that of number `counts_at` on.
    """

    server: str
    deed: Deed
    articles: Path
    more: Path
    held: Mapping[tuple[bool, bool], object]
    writes: int = 0
    counts_at: int = 0

    @classmethod
    def make(cls, server: str, deed: Deed, work: Path) -> "Scene":
        """With its files in `work`."""
        articles, more = work / f"{deed}-articles", work / "more"
        more.mkdir(parents=True, exist_ok=True)
        (more / "mill.txt").write_text("The mill makes paper.\n\nIts backlog of orders is small.\n")
        scene = cls(server, deed, articles, more, {})
        held = {}
        for made in (False, True):
            with scene.begin() as address, open_shared(address) as library:
                if made:
                    change(library, deed, articles)
                held[made, False] = all_of(library)
                library.add(more)
                held[made, True] = all_of(library)
        with scene.begin() as address:
            told = _Writer(address, deed, articles, at=0).next()
        assert held[False, False] != held[True, False]
        _, writes, counts_at = told.split()
        return replace(scene, held=held, writes=int(writes), counts_at=int(counts_at))

    @contextmanager
    def begin(self) -> Iterator[str]:
        """A library as it is before the change; it is dropped when the block ends."""
        shutil.rmtree(self.articles, ignore_errors=True)  # the change adds files
        write_articles(self.articles, version=0, count=_ARTICLES)
        with _fresh(self.server) as address:
            with open_shared(address) as library:
                library.add(self.articles)
                if self.deed == "restore":
                    change(library, "remove", self.articles)
            write_articles(self.articles, version=1 if self.deed == "add" else 0, count=_ARTICLES)
            yield address


def stop_writers(scene: Scene, points: Sequence[int]) -> Counter[str]:
    """One stopped before each of these writes, until another one has written; all of them at once."""
    tally: Counter[str] = Counter()
    with ExitStack() as stack:
        writers = _begin(stack, scene, points, signal.SIGSTOP)
        for writer in writers:
            with open_shared(writer.address) as library:
                library.add(scene.more)
                writer.go_on()
                told = writer.next().split()[0]
                where = f"stopped before write {points[writers.index(writer)]} of {scene.deed}"
                assert told in ("made", "refused"), f"{where}: {told}"
                expected = scene.held[told == "made", True]
                assert all_of(library) == expected, f"{where}, it was {told}: the library is another"
                library.remove_all([one.id for one in library.articles() if "paper" in one.text])
            with open_shared(writer.address) as library:
                left = tuple(one for one in library.articles())
                assert left == scene.held[told == "made", False][0], f"{where}: the next change fails"  # type: ignore[index]
            tally[told] += 1
    return tally


def kill_writers(scene: Scene, points: Sequence[int]) -> Counter[str]:
    """One killed before each of these writes; all of them at once."""
    tally: Counter[str] = Counter()
    with ExitStack() as stack:
        writers = _begin(stack, scene, points, signal.SIGKILL)
        for point, writer in zip(points, writers, strict=True):
            assert writer.next() == "killed"
            where = f"killed before write {point} of {scene.deed}"
            with open_shared(writer.address) as library:
                found = all_of(library)
                assert found in (scene.held[False, False], scene.held[True, False]), f"{where}: neither"
                made = found == scene.held[True, False]
                library.add(scene.more)
                assert all_of(library) == scene.held[made, True], f"{where}: the next change fails"
            tally["new" if made else "old"] += 1
    return tally


def _begin(stack: ExitStack, scene: Scene, points: Sequence[int], by: signal.Signals) -> list[_Writer]:
    """Writers that were all stopped, and for all others the time when their leases have run out."""
    places = [stack.enter_context(scene.begin()) for _ in points]
    writers = [
        _Writer(place, scene.deed, scene.articles, at=point)
        for place, point in zip(places, points, strict=True)
    ]
    for writer in writers:
        stack.callback(writer.process.kill)
        assert writer.next() == "stops"
        writer.send(by)
    stack.callback(setattr, _CLOCK, "ahead", 0.0)
    _CLOCK.ahead = _PAUSE_S
    return writers


def write_at_once(server: str, *, editions: int, writers: int = 2) -> Counter[str]:
    """Processes that each replace their own articles again and again, while this one reads.

    Each goes on once its first edition was read.
    """
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name, _fresh(server) as address:
        open_shared(address).close()
        folders = [Path(name) / f"writer-{number}" for number in range(writers)]
        begun, unread = [], {}
        for folder in folders:
            told, other = _processes.Pipe()
            process = _processes.Process(
                target=_write_editions, args=(address, folder, editions, other), daemon=True
            )
            process.start()
            other.close()
            begun.append((process, told))
            unread[folder.name] = told
        with open_shared(address) as library:
            while any(process.is_alive() for process, _ in begun):
                seen: dict[str, set[str]] = {}
                for one in library.articles():
                    seen.setdefault(Path(one.uri).parent.name, set()).add(one.text.split()[-1])
                    tally["articles read"] += 1
                assert all(len(own) == 1 for own in seen.values()), f"half a change was read: {seen}"
                for writer in seen.keys() & unread.keys():
                    unread.pop(writer).send("read")
            for process, told in begun:
                assert process.exitcode == 0, "a writer failed"
                tally["changes made"] += editions
                tally["times told to wait"] += int(told.recv())
            with _fresh(server) as other_place, open_shared(other_place) as fresh:
                fresh.add(*folders)
                assert contents(fresh) == contents(library), "it differs from a library made afresh"
    return tally


def _write_editions(address: str, folder: Path, editions: int, told: Connection) -> None:
    folder.mkdir()
    waits = 0
    with open_shared(address) as library:
        for edition in range(editions):
            for plant in ("Taylor", "Tainan"):
                text = f"The plant of {folder.name} in {plant} makes chips in edition{edition}"
                (folder / f"{plant}.txt").write_text(text)
            while True:
                try:
                    library.add(folder)
                    break
                except LibraryInUse:
                    waits += 1
            if edition == 0:
                assert told.poll(_LONGEST_S), "nobody reads what was written first"
                told.recv()
    told.send(waits)


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", help="of a Milvus server, as milvus://localhost:19530")
    parser.add_argument("--change", nargs="+", choices=get_args(Deed), default=get_args(Deed))
    parser.add_argument("--at-once", type=int, default=8, help="writers that are stopped at a time")
    parser.add_argument("--editions", type=int, default=30, help="of each of two that write at once")
    given = parser.parse_args()
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = given.address or stack.enter_context(served(work / "milvus"))
        for deed in given.change:
            scene = Scene.make(server, deed, work)
            stopped, killed = Counter[str](), Counter[str]()
            for first in range(1, scene.writes + 1, given.at_once):
                points = range(first, min(first + given.at_once, scene.writes + 1))
                stopped += stop_writers(scene, points)
                killed += kill_writers(scene, points)
            print(f"{deed}: stopped before each of {scene.writes} writes: {dict(stopped)};", end=" ")
            print(f"killed before each: {dict(killed)}", flush=True)
        print(f"two at once: {dict(write_at_once(server, editions=given.editions))}")


if __name__ == "__main__":
    main()
