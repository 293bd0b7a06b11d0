"""Several states, copies and versions of one library, open at once in one process: each answers for itself."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing

import pytest

from eval.robustness.small_library import contents, open_library, write_articles
from index.care.backup import backup
from index.care.check import check
from index.local.schema import FILE, SCHEMA_VERSION
from tests.older import as_version
from tests.paths import ROOT

VERSIONS = range(1, SCHEMA_VERSION + 1)
WORD = "backlog"
# Removes one article and adds those of a folder, each when it is told so.
CHANGER = """
import sys
from eval.robustness.small_library import open_library
with open_library(sys.argv[1]) as library:
    for line in sys.stdin:
        if line.strip() == "remove":
            library.remove(sorted(one.id for one in library.articles())[0])
        else:
            library.add(line.strip())
        print("done", flush=True)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    work = tmp_path_factory.mktemp("made")
    write_articles(work / "articles", version=0)
    with open_library(work / "library") as library:
        library.add(work / "articles")
    return work / "library"


@pytest.fixture
def more(tmp_path):
    write_articles(tmp_path / "more", version=1)
    return tmp_path / "more"


def version_of(folder):
    with closing(sqlite3.connect(folder / FILE)) as rows:
        return rows.execute("PRAGMA user_version").fetchone()[0]


def listed(library):
    """What lists show: by date, by publisher, of a word."""
    pages = (
        library.listing(),
        library.listing(order="publisher", group="publisher"),
        library.listing(sought=WORD),
    )
    return [[(one.id, one.title, one.characters) for one in page.articles] for page in pages]


def test_libraries_of_all_versions_open_at_once_say_the_same_and_are_upgraded_one_by_one(
    made, more, tmp_path
):
    with ExitStack() as stack:
        shelf = {}
        for version in VERSIONS:
            shutil.copytree(made, tmp_path / f"version {version}")
            if version < SCHEMA_VERSION:
                as_version(tmp_path / f"version {version}", version)
            shelf[version] = [
                stack.enter_context(open_library(tmp_path / f"version {version}")) for _ in range(2)
            ]
        expected, pages = contents(shelf[SCHEMA_VERSION][0]), listed(shelf[SCHEMA_VERSION][0])
        assert expected
        for own, other in shelf.values():
            assert contents(own) == contents(other) == expected
            assert listed(own) == pages
            assert own.removed() == ()
        changed = None
        for version, (own, other) in shelf.items():
            assert [version_of(tmp_path / f"version {one}") for one in VERSIONS] == [
                *[SCHEMA_VERSION] * (version - 1),
                *range(version, SCHEMA_VERSION + 1),
            ]
            first = min(one.id for one in own.articles())
            own.remove(first)
            assert [one.id for one in other.removed()] == [first]  # opened before there was a place for it
            own.edit([min(one.id for one in own.articles())], {"publisher": "The Oven"})
            own.add(more)
            changed = changed or (contents(own), listed(own))
            assert (contents(own), listed(own)) == (contents(other), listed(other)) == changed
            other.restore([first])
            assert own.article(first).id == first
            for later in range(version + 1, SCHEMA_VERSION + 1):
                assert contents(shelf[later][0]) == expected
    for version in VERSIONS:
        assert check(tmp_path / f"version {version}").sound


def test_a_copy_beside_its_library_is_asked_in_turns_with_it_and_each_changes_alone(made, more, tmp_path):
    shutil.copytree(made, tmp_path / "library")
    backup(tmp_path / "library", tmp_path / "copy")
    with open_library(tmp_path / "library") as own, open_library(tmp_path / "copy") as copy:
        before = contents(own)
        assert contents(copy) == before
        ids = sorted(one.id for one in own.articles())
        for turn, one in enumerate(ids[:3]):
            own.remove(one)
            copy.remove(ids[-1 - turn])
            assert own.generation == copy.generation
            assert [hit.article.id for hit in own.search(WORD) if hit.article.id in ids[: turn + 1]] == []
            assert [hit.article.id for hit in copy.search(WORD) if hit.article.id in ids[-1 - turn :]] == []
            assert contents(own) != contents(copy)
        copy.restore(ids[-3:])
        copy.add(more)
        assert contents(own) != before  # nothing that the copy got back or was given
        own.restore(ids[:3])
        assert contents(own) == before
        own.add(more)
        assert list(own.articles()) == list(copy.articles())
        assert listed(own) == listed(copy)


def test_what_is_being_read_is_read_to_its_end_as_it_stood_while_another_process_changes_it(
    made, more, tmp_path
):
    folder = shutil.copytree(made, tmp_path / "library")
    command = [sys.executable, "-c", CHANGER, str(folder)]
    with (
        open_library(folder) as library,
        open_library(folder) as second,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as process,
    ):

        def change(how):
            process.stdin.write(f"{how}\n")
            process.stdin.flush()
            assert process.stdout.readline() == "done\n"

        stood = [one.id for one in library.articles()]
        before = contents(library)
        reading = library.articles()
        seen = [next(reading).id]
        change("remove")
        later = second.articles()
        seen.append(next(reading).id)
        assert next(later).id == stood[1]
        change(more)
        seen += [one.id for one in reading]
        assert seen == stood
        assert [one.id for one in later] == stood[2:]
        assert library.generation == second.generation
        assert contents(library) == contents(second) != before
        assert stood[0] not in {hit.article.id for hit in library.search(WORD, k=100)}
        process.stdin.close()
        assert process.wait(timeout=60) == 0
