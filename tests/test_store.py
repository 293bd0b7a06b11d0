"""The store: changes are whole, indexes follow the database, and what breaks is made again or said."""

import shutil
import sqlite3

import numpy as np
import pytest
from shelf import EMBEDDER, NEWS, QUESTIONS, add, article, chunks, open_store, remove, search, texts

from index.errors import LibraryError, LibraryInUse
from index.records import Article, Filter, State
from index.schema import FILE


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


def test_what_was_added_is_found_with_its_article_and_its_place_in_the_text(store):
    add(store, *NEWS)
    best = search(store, "How large is the backlog of orders?")[0]
    assert best.chunk.text == "The backlog of orders is 50 trillion won."
    assert best.article == NEWS[0]
    assert best.article.text[best.chunk.start : best.chunk.end] == best.chunk.text
    assert best.chunk.sentences[0].start == 25
    assert best.rank == 1


def test_an_empty_store_finds_nothing_and_holds_nothing(store):
    assert search(store, "Who makes the chips?") == []
    assert list(store.articles(Filter())) == []
    assert store.state == State(0, 0, 0)


def test_the_same_articles_are_found_after_closing_and_opening(tmp_path, store):
    add(store, *NEWS)
    before = found(store)
    store.close()
    again = open_store(tmp_path / "library")
    assert found(again) == before
    assert list(again.articles(Filter())) == sorted(NEWS, key=lambda one: one.id)
    again.close()


def test_articles_added_one_by_one_rank_as_articles_added_at_once(tmp_path, store):
    for one in reversed(NEWS):
        add(store, one)
        search(store, "chips")
    assert found(store) == fresh(tmp_path / "fresh", *NEWS)


def test_an_article_removed_and_added_again_ranks_as_before(store):
    add(store, *NEWS)
    before = found(store)
    remove(store, NEWS[0])
    assert found(store) != before
    add(store, NEWS[0])
    assert found(store) == before


def test_additions_and_removals_leave_a_store_that_ranks_as_one_built_afresh(tmp_path, store):
    others = [article(f"Plant {n} makes the chips. Its orders are {n} trillion won.") for n in range(40)]
    add(store, *NEWS, *others)
    remove(store, *others[:30], NEWS[1])
    add(store, article("The backlog is a rumour."))
    remove(store, article("The backlog is a rumour."))
    assert found(store) == fresh(tmp_path / "fresh", NEWS[0], *NEWS[2:], *others[30:])


def test_a_change_that_raises_leaves_nothing_behind(store):
    add(store, NEWS[0])
    before = found(store), store.state

    def half():
        with store.change("a test") as change:
            change.put(NEWS[1], place="b", origin="b")
            change.clear(NEWS[0].uri)
            raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        half()
    assert (found(store), store.state) == before
    assert list(store.articles(Filter())) == [NEWS[0]]


def test_a_change_of_nothing_is_no_new_generation(store):
    add(store, *NEWS)
    add(store, *NEWS)
    assert store.state.generation == 1


def test_an_article_at_two_places_stays_until_its_last_place_goes(store):
    with store.change("a test") as change:
        assert change.put(NEWS[0], place="a", origin="a") is True
        assert change.put(NEWS[0], place="b", origin="b") is False
        change.clear("a")
    assert list(store.articles(Filter())) == [NEWS[0]]
    with store.change("a test") as change:
        assert change.places(article_id=NEWS[0].id) == ("b",)
        change.clear("b")
    assert list(store.articles(Filter())) == []


def test_an_article_that_moves_within_a_change_is_not_lost(store):
    add(store, NEWS[0])
    with store.change("a test") as change:
        change.put(NEWS[1], place=NEWS[0].uri, origin="a")
        change.put(NEWS[0], place="elsewhere", origin="a")
    assert "Samsung makes the chips." in texts(search(store, "Samsung chips"))


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


def test_a_second_writer_is_told_who_writes(store, tmp_path):
    other = open_store(tmp_path / "library")
    with (
        store.change("whosays add"),
        pytest.raises(LibraryInUse, match=r"in use by process \d+ \(whosays add\); wait"),
    ):
        add(other, NEWS[0])
    add(other, NEWS[0])
    other.close()


def test_searching_goes_on_while_a_change_is_being_made(store, tmp_path):
    add(store, NEWS[0])
    before = found(store)
    reader = open_store(tmp_path / "library")
    with store.change("a test") as change:
        change.put(NEWS[1], place="b", origin="b")
        assert found(reader) == before
        assert found(store) == before
    reader.close()


def test_a_store_that_stays_open_sees_what_another_adds_and_removes(store, tmp_path):
    reader = open_store(tmp_path / "library")
    assert search(reader, "bread") == []
    add(store, *NEWS)
    assert texts(search(reader, "Bread is baked", k=1)) == ["Bread is baked in the morning."]
    remove(store, NEWS[4])
    assert "Bread is baked in the morning." not in texts(search(reader, "Bread is baked"))
    assert found(reader) == found(store)
    reader.close()


def test_publishers_are_matched_whole_and_in_any_case(store):
    add(store, *NEWS)
    only = Filter(publishers=("gate NEWS", "wedoany"))
    assert {hit.article for hit in search(store, "bread", within=only)} == {NEWS[0], NEWS[1]}
    assert search(store, "bread", within=Filter(publishers=("Gate",))) == []


@pytest.mark.parametrize(
    ("since", "until", "dates"),
    [
        ("2026-07-03", None, ["2026", "2026-07", "2026-07-03"]),
        (None, "2026-07-02", ["2026", "2026-06", "2026-07"]),
        ("2026-06-15", "2026-06-20", ["2026", "2026-06"]),
        ("2026-07", "2026-07", ["2026", "2026-07", "2026-07-03"]),
        ("2027", None, []),
    ],
)
def test_an_article_is_in_a_range_that_its_stated_period_overlaps(store, since, until, dates):
    dated = [
        article("A report.", published=date) for date in ("2026", "2026-06", "2026-07", "2026-07-03", None)
    ]
    add(store, *dated)
    within = Filter(since=since, until=until)
    assert sorted(one.published for one in store.articles(within)) == dates
    assert sorted(hit.article.published for hit in search(store, "report", within=within)) == dates


def test_what_is_no_date_is_said(store):
    with pytest.raises(LibraryError, match="until = 'July' is not a date: write 2026, 2026-07"):
        list(store.articles(Filter(until="July")))


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
    with pytest.raises(LibraryError, match="cannot be read: file is not a database; restore"):
        open_store(tmp_path / "library")


def test_a_library_of_a_newer_version_asks_for_an_update(tmp_path, store):
    store.close()
    with sqlite3.connect(tmp_path / "library" / FILE) as database:
        database.execute("PRAGMA user_version = 7")
    database.close()
    with pytest.raises(LibraryError, match=r"newer Whosays \(schema 7; this one reads 1\): update"):
        open_store(tmp_path / "library")


def test_a_library_that_was_closed_says_so(store):
    store.close()
    with pytest.raises(LibraryError, match="has been closed"):
        search(store, "bread")


def test_chunks_of_an_article_that_was_not_put_are_an_error(store):
    with store.change("a test") as change, pytest.raises(LibraryError, match="belongs to no article"):
        change.add_chunks(chunks(NEWS[0])[:1], EMBEDDER.embed(["x"]))


def test_vectors_of_another_dimension_are_an_error(store):
    add(store, NEWS[0])
    wrong = "holds vectors of 64 numbers, the embedder gives 3"
    with store.change("a test") as change, pytest.raises(LibraryError, match=wrong):
        change.add_chunks(chunks(NEWS[0])[:1], np.ones((1, 3), np.float32))


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
    assert store.state.chunks == 20_100 + 6
    store.close()
    for damaged in (False, True):
        if damaged:
            files[0].write_bytes(b"no index")
        again = open_store(tmp_path / "library")
        assert found(again) == before
        assert ("is made again" in caplog.text) == damaged
        again.close()


def test_articles_keep_every_field(store):
    whole = Article("0" * 16, "https://example.org/a", "Text.\n", "Title", "Publisher", "Author", "2026-07")
    add(store, whole)
    assert list(store.articles(Filter())) == [whole]
