"""Copies of one library that went different ways: what was made from one is never taken for the other's."""

import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from index.care.check import check
from index.care.repair import repair
from index.local import dense, history
from index.local.database import Counters
from index.local.history import Mark
from index.local.lexical import LexicalIndex
from index.local.schema import FILE
from index.records import ListQuery
from tests.older import as_version
from tests.shelf import EMBEDDER, NEWS, QUESTIONS, add, article, chunks, open_store, remove, search, state

ONE, OTHER = (
    article("The ferry came late to the harbour.", title="Harbour"),
    article("Samsung bakes bread for the market.", title="Bakery"),
)


def found(store):
    return [search(store, question) for question in (*QUESTIONS, "ferry harbour", "bread market")]


@contextmanager
def opened(folder):
    with closing(open_store(folder)) as store:
        yield store


def changed(folder, *added, without=()):
    with opened(folder) as store:
        if added:
            add(store, *added)
        for one in without:
            remove(store, one)


def as_made_anew(folder, place):
    """What a search of the folder's database finds with indexes made from nothing."""
    copy = shutil.copytree(folder, place)
    drop_indexes(copy)
    with opened(copy) as store:
        return found(store)


def drop_indexes(folder):
    shutil.rmtree(folder / "lexical")
    for file in folder.glob("dense*"):
        file.unlink()


def words_added(monkeypatch):
    """Fills with the keys of all chunks whose words are written from now on."""
    added, add_words = [], LexicalIndex.add

    def note(index, key, text):
        added.append(key)
        add_words(index, key, text)

    monkeypatch.setattr(LexicalIndex, "add", note)
    return added


def lay_over(folder, source):
    """The indexes of `source` in place of those of `folder`."""
    drop_indexes(folder)
    shutil.copytree(source / "lexical", folder / "lexical")
    for file in source.glob("dense*"):
        shutil.copy(file, folder / file.name)


@pytest.fixture
def small_files(monkeypatch):
    """FAISS's file is kept of any library, and written with each change."""
    monkeypatch.setattr(dense, "SAVE_FROM", 1)
    monkeypatch.setattr(dense, "_RENEW_SHARE", 0.0)


# One change each, after which both copies count the same articles, passages, keys and generations.
WAYS = {
    "added": ([ONE], [], [OTHER], []),
    "removed": ([], NEWS[0:1], [], NEWS[2:3]),
    "changed": ([ONE], NEWS[0:1], [OTHER], NEWS[2:3]),
}


@pytest.fixture(params=list(WAYS))
def copies(request, tmp_path, small_files):
    changed(tmp_path / "one", *NEWS)
    shutil.copytree(tmp_path / "one", tmp_path / "other")
    added, without, others, without_others = WAYS[request.param]
    changed(tmp_path / "one", *added, without=without)
    changed(tmp_path / "other", *others, without=without_others)
    return tmp_path / "one", tmp_path / "other"


def test_copies_that_went_two_ways_have_one_generation_and_two_tokens(copies):
    with opened(copies[0]) as one, opened(copies[1]) as other:
        assert state(one).generation == state(other).generation
        assert state(one).token != state(other).token
        assert state(one).token == one.list(ListQuery(most=1)).state.token


def test_the_indexes_of_the_other_copy_are_told_by_check_and_a_search_goes_by_the_articles(
    copies, tmp_path, caplog
):
    one, other = copies
    expected = as_made_anew(one, tmp_path / "anew")
    assert check(one).sound
    lay_over(one, other)
    saved = dense.read_stamp(one).file
    assert [(finding.means, finding.says) for finding in check(one).findings] == [
        ("derived", "lexical: the word index is not that of these articles"),
        ("derived", f"{saved}: the dense index is not that of these articles"),
    ]
    with opened(one) as store:
        assert found(store) == expected
    assert "The dense index" in caplog.text
    changed(one, article("Nothing else was said."))
    assert check(one).sound


def test_a_repair_makes_them_again(copies, tmp_path):
    one, other = copies
    expected = as_made_anew(one, tmp_path / "anew")
    lay_over(one, other)
    done = repair(one)
    assert (len(done.found.findings), done.lost, done.kept) == (2, (), None)
    assert check(one).sound
    with opened(one) as store:
        assert found(store) == expected


def test_the_other_copy_s_database_put_in_place_of_an_open_one_s_is_read_anew(copies, tmp_path):
    one, other = copies
    expected = as_made_anew(other, tmp_path / "anew")
    with opened(one) as store:
        before = found(store)
        listing = store.list(ListQuery(sought="ferry", most=9))
        with closing(sqlite3.connect(other / FILE)) as source, closing(sqlite3.connect(one / FILE)) as target:
            source.backup(target)
        assert found(store) == expected != before
        assert store.list(ListQuery(sought="ferry", most=9)).total == 0 <= listing.total


def test_an_index_of_a_state_before_the_ways_parted_is_brought_up_by_the_difference(
    copies, tmp_path, monkeypatch, caplog
):
    one, _ = copies
    parted = shutil.copytree(one, tmp_path / "parted")
    changed(one, article("Nothing else was said."))
    expected = as_made_anew(one, tmp_path / "anew")
    lay_over(one, parted)
    assert check(one).sound
    added = words_added(monkeypatch)
    with opened(one) as store:
        assert found(store) == expected
    assert len(added) == 1
    assert "is made again" not in caplog.text


def test_an_index_of_a_state_that_is_forgotten_by_now_is_made_again(
    tmp_path, monkeypatch, small_files, caplog
):
    monkeypatch.setattr(history, "KEPT", 3)
    folder = tmp_path / "library"
    changed(folder, NEWS[0])
    first = shutil.copytree(folder, tmp_path / "first")
    for one in NEWS[1:5]:
        changed(folder, one)
    expected = as_made_anew(folder, tmp_path / "anew")
    lay_over(folder, first)
    with opened(folder) as store:
        assert store._database.connection.execute("SELECT count(*) FROM past").fetchone() == (3,)
        assert found(store) == expected
    assert caplog.text.count("is made again") == 2


def test_a_large_file_is_written_again_before_the_library_forgets_its_state():
    now = Counters(history.KEPT, 30_000, 1, 30_000, 1, "now")
    kept = dense.Saved("here", history.KEPT // 2, 30_000, 30_000, "flat", 64, "dense-1.faiss", 0, "then")
    assert not dense.is_due(now, kept, 0)
    assert dense.is_due(replace(now, generation=now.generation + 1), kept, 0)


def test_a_library_of_the_last_version_without_tokens_keeps_its_indexes_and_gets_one(
    tmp_path, monkeypatch, small_files, caplog
):
    folder = tmp_path / "library"
    changed(folder, *NEWS[:3])
    as_version(folder, 5)
    added = words_added(monkeypatch)
    with opened(folder) as store:
        before = found(store)
        assert state(store).token == ""
        add(store, ONE)
        assert len(state(store).token) == 32
        assert found(store) == as_made_anew(folder, tmp_path / "anew") != before
    assert "is made again" not in caplog.text
    assert check(folder).sound
    assert len(added) > 1


@pytest.mark.parametrize("where", ["before the database's commit", "after it"])
def test_a_kill_between_two_commits_is_mended_by_the_difference(tmp_path, where, monkeypatch, caplog):
    after, between, commit = tmp_path / "after", tmp_path / "between", LexicalIndex.commit
    changed(after, *NEWS[:3])
    before = shutil.copytree(after, tmp_path / "before")

    def keep(index, stamp):
        commit(index, stamp)
        if Mark.read(stamp.library).then:
            shutil.copytree(after / "lexical", between)

    with opened(after) as store, monkeypatch.context() as patch:
        patch.setattr(LexicalIndex, "commit", keep)
        replace_first(store, ONE)
    folder = before if where.startswith("before") else after
    expected = as_made_anew(folder, tmp_path / "anew")
    shutil.rmtree(folder / "lexical")
    shutil.copytree(between, folder / "lexical")
    assert check(folder).sound
    added = words_added(monkeypatch)
    with opened(folder) as store:
        assert found(store) == expected
        add(store, OTHER)
    assert len(added) == 1  # of what was added now
    assert "is made again" not in caplog.text


def replace_first(store, new):
    """One change that adds words and takes others away."""
    with store.change("a test") as change:
        change.put(new, place=NEWS[0].uri, origin=NEWS[0].uri)
        change.add_chunks(chunks(new), EMBEDDER.embed([one.text for one in chunks(new)]))
