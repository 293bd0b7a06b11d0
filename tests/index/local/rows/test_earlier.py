"""Libraries of earlier versions: read as they are, moved by their next change, and what a disk changed is kept so."""

import sqlite3
from contextlib import closing

import pytest

from eval.robustness.small_library import contents, open_library, write_articles
from index.care.backup import backup
from index.care.check import check
from index.care.repair import repair
from index.errors import LibraryError
from index.local.schema import FILE, SCHEMA_VERSION
from index.records import ListQuery
from tests.index.care.test_care import WordHashEmbedder
from tests.older import as_version, change_text

VERSIONS = [1, 2, 3, 4]


@pytest.fixture
def folder(tmp_path):
    write_articles(tmp_path / "articles", version=0)
    with open_library(tmp_path / "library") as library:
        library.add(tmp_path / "articles")
    return tmp_path / "library"


def listed(library):
    return library.listing(order="title"), library.listing(sought="backlog edition"), library.publishers()


def held(folder):
    with open_library(folder) as library:
        return contents(library), listed(library)


def tables(folder):
    with closing(sqlite3.connect(folder / FILE)) as rows:
        names = rows.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        (version,) = rows.execute("PRAGMA user_version").fetchone()
        return version, [name for (name,) in names]


@pytest.mark.parametrize("version", [*VERSIONS, 5])
def test_it_is_read_as_it_is_and_holds_the_same_after_its_next_change(folder, tmp_path, version):
    newest, before = tables(folder), held(folder)
    as_version(folder, version)
    as_it_was = tables(folder)
    assert held(folder) == before
    assert check(folder).sound
    assert tables(folder) == as_it_was != newest
    (tmp_path / "one.txt").write_text("The ferry came late. Nobody was hurt.")
    with open_library(folder) as library:
        library.add(tmp_path / "one.txt")
        library.remove(next(one.id for one in library.articles() if "ferry" in one.text))
    assert tables(folder) == newest
    assert held(folder)[0] == before[0]
    assert check(folder).sound


@pytest.mark.parametrize("version", VERSIONS)
def test_a_backup_and_a_repair_of_it_hold_the_same(folder, tmp_path, version):
    before = held(folder)
    as_version(folder, version)
    copy = backup(folder, tmp_path / "copy").folder
    assert held(copy) == before
    with closing(sqlite3.connect(copy / FILE, isolation_level=None)) as rows:
        rows.execute("DELETE FROM vector WHERE key = 9")
    assert not check(copy).sound
    done = repair(copy, embedder=WordHashEmbedder())
    assert (done.renewed, done.lost) == (1, ())
    assert held(copy) == before
    assert tables(copy)[0] == SCHEMA_VERSION


@pytest.mark.parametrize("changed", ["article", "chunk", "vector"])
def test_what_a_disk_changed_before_it_was_moved_is_told_afterwards(folder, tmp_path, changed):
    as_version(folder, 4)
    if changed == "vector":
        with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as rows:
            rows.execute("UPDATE vector SET data = zeroblob(length(data)) WHERE key = 9")
    else:
        change_text(folder, changed, 5, lambda text: text.replace("backlog", "backlug"))
    (tmp_path / "one.txt").write_text("The ferry came late. Nobody was hurt.")
    with open_library(folder) as library:
        library.add(tmp_path / "one.txt")
    assert tables(folder)[0] == SCHEMA_VERSION
    (finding,) = check(folder).findings
    assert finding.means == ("lost" if changed == "article" else "derived")
    repair(folder, embedder=WordHashEmbedder())
    assert check(folder).sound


def test_of_a_move_that_fails_nothing_is_left(folder, tmp_path):
    as_version(folder, 4)
    before, as_it_was = held(folder), tables(folder)
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as rows:
        rows.execute("CREATE TABLE chunk_moved (one)")  # in the way
    (tmp_path / "one.txt").write_text("The ferry came late. Nobody was hurt.")
    with open_library(folder) as library, pytest.raises(LibraryError, match="chunk_moved"):
        library.add(tmp_path / "one.txt")
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as rows:
        rows.execute("DROP TABLE chunk_moved")
    assert tables(folder) == as_it_was
    assert held(folder) == before


def test_a_list_shows_openings_and_lengths_of_either_layout(folder):
    with open_library(folder) as library:
        shown = library.listing().articles
        assert [(one.opening, one.characters) for one in shown] == [
            (whole.text[:400], len(whole.text))
            for whole in sorted(library.articles(), key=lambda one: [own.id for own in shown].index(one.id))
        ]
        state = library._store.list(ListQuery()).state
    as_version(folder, 2)
    with open_library(folder) as library:
        assert library.listing().articles == shown
        assert library._store.list(ListQuery()).state == state
