"""One process writes while another reads, and while a third would write too."""

import subprocess
import sys
import threading
import time

import pytest

from eval.robustness.small_library import WordHashEmbedder
from index.errors import LibraryInUse
from index.library import Library
from index.local import store
from tests.paths import ROOT
from tests.waits import LONGEST_S

HOLDER = """
import sys
from tests.index.local.test_two_processes import open_library
sys.argv = ["/usr/bin/whosays", "add"]
library = open_library({library!r})
def pause(done, total, label):
    if done == 0:
        print("writing", flush=True)
        sys.stdin.readline()
library.add({articles!r}, progress=pause)
print("done", flush=True)
"""
WRITER = """
import sys
from pathlib import Path
from index.local import store
from tests.index.local.test_two_processes import open_library, write_edition
from tests.waits import LONGEST_S
store._WRITER_WAIT_S = LONGEST_S  # a reader that mends may hold the lock
library = open_library({library!r})
for edition in range(1, 13):
    write_edition(Path({articles!r}), edition)
    library.add({articles!r})
    if edition in (4, 8):
        sys.stdin.readline()
"""


def open_library(folder):
    return Library.open(folder, embedder=WordHashEmbedder(), chunk_tokens=60)


def write_edition(folder, edition):
    """Three articles that all name the edition: a reader that saw two editions at once saw a torn state."""
    folder.mkdir(exist_ok=True)
    for plant in ("Taylor", "Tainan", "Dresden"):
        (folder / f"{plant}.txt").write_text(f"The plant in {plant} makes chips in edition{edition}.")


def start(script, tmp_path):
    code = script.format(library=str(tmp_path / "library"), articles=str(tmp_path / "articles"))
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def editions(hits):
    return sorted(hit.chunk.text.split()[-1] for hit in hits)


def test_a_second_writer_is_told_which_process_writes_and_a_reader_is_not_disturbed(tmp_path):
    write_edition(tmp_path / "articles", 0)
    with open_library(tmp_path / "library") as library:
        library.add(tmp_path / "articles")
        before = library.search("Which plant makes chips?")
        write_edition(tmp_path / "articles", 1)
        with start(HOLDER, tmp_path) as holder:
            assert holder.stdout.readline() == "writing\n"
            expected = rf"library is in use by process {holder.pid} \(whosays add\); wait until it is done, or stop it"
            with pytest.raises(LibraryInUse, match=expected):
                library.add(tmp_path / "articles")
            with pytest.raises(LibraryInUse, match=expected):
                library.remove(before[0].article.id)
            assert library.search("Which plant makes chips?") == before
            with open_library(tmp_path / "library") as another:
                assert another.search("Which plant makes chips?") == before
            holder.stdin.write("\n")
            holder.stdin.flush()
            assert holder.stdout.readline() == "done\n"
        assert editions(library.search("Which plant makes chips?")) == ["edition1."] * 3


def test_a_writer_that_was_killed_holds_nothing(tmp_path):
    write_edition(tmp_path / "articles", 0)
    with start(HOLDER, tmp_path) as holder:
        assert holder.stdout.readline() == "writing\n"
        holder.kill()
    with open_library(tmp_path / "library") as library:
        assert len(library) == 0
        library.add(tmp_path / "articles")
        assert len(library) == 3


def test_readers_see_whole_editions_while_a_writer_replaces_them(tmp_path):
    write_edition(tmp_path / "articles", 0)
    waits = ["edition4.", "edition8."]
    with open_library(tmp_path / "library") as library:
        library.add(tmp_path / "articles")
        with start(WRITER, tmp_path) as writer:
            end = time.monotonic() + LONGEST_S
            while writer.poll() is None:
                assert time.monotonic() < end
                hits = library.search("Which plant makes chips?")
                assert len(hits) == 3
                assert len(set(editions(hits))) == 1
                assert all(hit.bm25 for hit in hits)
                if editions(hits)[0] in waits:
                    waits.remove(editions(hits)[0])
                    writer.stdin.write("\n")
                    writer.stdin.flush()
        assert writer.returncode == 0
        assert waits == []
        assert editions(library.search("Which plant makes chips?")) == ["edition12."] * 3
        with open_library(tmp_path / "fresh") as fresh:
            fresh.add(tmp_path / "articles")
            assert fresh.search("Which plant makes chips?") == library.search("Which plant makes chips?")


def test_two_processes_may_make_the_same_library(tmp_path):
    opened = []
    threads = [
        threading.Thread(target=lambda: opened.append(open_library(tmp_path / "library"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    assert len({library._store.info.manifest["library"] for library in opened}) == 1
    for library in opened:
        library.close()


def test_threads_search_one_library_while_another_adds(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "_WRITER_WAIT_S", LONGEST_S)  # a reader that mends may hold the lock
    write_edition(tmp_path / "articles", 0)
    problems = []
    with open_library(tmp_path / "library") as library:
        library.add(tmp_path / "articles")

        def read():
            for _ in range(30):
                found = editions(library.search("Which plant makes chips?"))
                if len(found) != 3 or len(set(found)) != 1:
                    problems.append(found)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for edition in range(1, 4):
            write_edition(tmp_path / "articles", edition)
            library.add(tmp_path / "articles")
        for reader in readers:
            reader.join()
    assert problems == []
