"""LocalStore's files: indexes follow the database, and what breaks is made again or said."""

import shutil
import sqlite3

import pytest

from index.errors import LibraryError
from index.local.schema import FILE
from tests.shelf import NEWS, QUESTIONS, add, article, open_store, remove, search, state


def found(store):
    """Everything that the questions find, with all scores."""
    return [search(store, question) for question in QUESTIONS]


def fresh(folder, *articles):
    with_all = open_store(folder)
    add(with_all, *articles)
    try:
        return found(with_all)
    finally:
        with_all.close()


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "library")
    yield opened
    opened.close()


def test_words_in_the_database_but_not_in_tantivy_are_caught_up(tmp_path, store):
    # As when a folder is restored from a copy: tantivy is older than the database.
    add(store, NEWS[0], NEWS[4])
    shutil.copytree(tmp_path / "library" / "lexical", tmp_path / "older")
    remove(store, NEWS[4])
    add(store, *NEWS[1:3])
    store.close()
    shutil.rmtree(tmp_path / "library" / "lexical")
    shutil.copytree(tmp_path / "older", tmp_path / "library" / "lexical")
    again = open_store(tmp_path / "library")
    assert found(again) == fresh(tmp_path / "fresh", *NEWS[:3])
    again.close()


def test_words_of_a_change_that_never_ended_are_taken_away(tmp_path, store):
    # As when a kill falls between tantivy's commit and the database's: tantivy is newer.
    add(store, *NEWS[:3])
    store.close()
    shutil.copy(tmp_path / "library" / FILE, tmp_path / "older.sqlite")
    store = open_store(tmp_path / "library")
    add(store, NEWS[3])
    store.close()
    shutil.copy(tmp_path / "older.sqlite", tmp_path / "library" / FILE)
    again = open_store(tmp_path / "library")
    assert found(again) == fresh(tmp_path / "fresh", *NEWS[:3])
    add(again, NEWS[4])
    assert found(again) == fresh(tmp_path / "other", *NEWS[:3], NEWS[4])
    again.close()


def test_a_database_restored_from_an_old_copy_is_searched_as_it_stands(tmp_path, store):
    add(store, *NEWS)
    store.close()
    shutil.copy(tmp_path / "library" / FILE, tmp_path / "older.sqlite")
    store = open_store(tmp_path / "library")
    for one in NEWS[:3]:
        remove(store, one)
    store.close()
    shutil.copy(tmp_path / "older.sqlite", tmp_path / "library" / FILE)
    again = open_store(tmp_path / "library")
    assert found(again) == fresh(tmp_path / "fresh", *NEWS)
    again.close()


@pytest.mark.parametrize("damage", ["missing", "garbled", "of another library"])
def test_a_word_index_that_is_broken_is_made_again(tmp_path, store, damage, caplog):
    add(store, *NEWS)
    before = found(store)
    store.close()
    lexical = tmp_path / "library" / "lexical"
    if damage == "garbled":
        (lexical / "meta.json").write_text("{")
    else:
        shutil.rmtree(lexical)
    if damage == "of another library":
        fresh(tmp_path / "other", NEWS[4])
        shutil.copytree(tmp_path / "other" / "lexical", lexical)
    again = open_store(tmp_path / "library")
    assert found(again) == before
    assert "is made again" in caplog.text or damage == "missing"
    again.close()


def test_a_file_is_not_a_library(tmp_path):
    (tmp_path / "notes").write_text("hello")
    with pytest.raises(LibraryError, match="is a file, and a library is a folder"):
        open_store(tmp_path / "notes")


def test_a_folder_of_other_files_does_not_become_a_library(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(LibraryError, match=r"is not a library: it holds notes.txt"):
        open_store(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes.txt"]


def test_another_program_s_database_is_left_alone(tmp_path):
    (tmp_path / "library").mkdir()
    with sqlite3.connect(tmp_path / "library" / FILE) as other:
        other.execute("CREATE TABLE recipe (name)")
    other.close()
    with pytest.raises(LibraryError, match="another program's file"):
        open_store(tmp_path / "library")


def test_a_file_that_is_no_database_is_said(tmp_path):
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / FILE).write_bytes(b"not a database at all, but long enough to look" * 40)
    with pytest.raises(LibraryError, match="is damaged: file is not a database; restore"):
        open_store(tmp_path / "library")


def test_a_library_of_a_newer_version_asks_for_an_update(tmp_path, store):
    store.close()
    with sqlite3.connect(tmp_path / "library" / FILE) as database:
        database.execute("PRAGMA user_version = 7")
    database.close()
    with pytest.raises(LibraryError, match=r"newer Whosays \(schema 7; this one reads 6\): update"):
        open_store(tmp_path / "library")


def test_a_large_library_keeps_a_dense_file_and_one_article_more_does_not_rewrite_it(tmp_path, store, caplog):
    plants = [
        article(" ".join(f"Plant {n} makes chips." for n in range(part, 20_100, 10))) for part in range(10)
    ]
    add(store, *plants)
    files = sorted((tmp_path / "library").glob("dense*"))
    assert [file.name for file in files] == ["dense-1.faiss", "dense.json"]
    written = [file.stat().st_mtime_ns for file in files]
    add(store, *NEWS[:4])
    remove(store, NEWS[2])
    assert sorted((tmp_path / "library").glob("dense*")) == files
    assert [file.stat().st_mtime_ns for file in files] == written
    before = found(store)
    assert before[0][0].chunk.text == "Samsung makes the chips."
    assert state(store).chunks == 20_100 + 6
    store.close()
    for damaged in (False, True):
        if damaged:
            files[0].write_bytes(b"no index")
        again = open_store(tmp_path / "library")
        assert found(again) == before
        assert ("is made again" in caplog.text) == damaged
        again.close()
