"""What was removed can be put back for a day, as it stood: in both stores, all in one step, and through repair."""

import shutil
import sqlite3
import time
from contextlib import closing

import pytest

from eval.robustness.small_library import WordHashEmbedder, contents
from index.aside import GRACE_S, Aside, pack, unpack
from index.care.backup import backup
from index.care.check import check
from index.care.repair import repair
from index.errors import ArticleNotFound, LibraryError
from index.library import Library
from index.local.schema import FILE
from tests.older import as_version, change_text
from tests.shelf import EMBEDDER, NEWS, add, article, chunks, open_store, search, state

FERRY = "The ferry carried forty people. It came late, the captain said."
BAKER = "Bread is baked in the morning. The baker sells it at noon."
MILL = "The mill was built in 1912. It grinds rye for the baker."


def open_library(place):
    return Library.open(place, embedder=WordHashEmbedder(), chunk_tokens=60)


@pytest.fixture(params=["library", "library.db"], ids=["local", "milvus"])
def place(request, tmp_path):
    """Where a library is made: the ending says in which store."""
    return tmp_path / request.param


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "articles"
    made.mkdir()
    for name, text in (("ferry", FERRY), ("baker", BAKER), ("mill", MILL)):
        (made / f"{name}.txt").write_text(text)
    return made


@pytest.fixture
def library(place, folder):
    with open_library(place) as opened:
        opened.add(folder)
        opened.edit([about(opened, "ferry").id], {"publisher": "Harbour Post", "title": "A full ferry"})
        yield opened


def about(library, word):
    return next(one for one in library.articles() if word in one.text.split(".")[0])


def test_what_was_removed_is_put_back_as_it_stood_with_its_edits_and_the_same_answers(library, place, folder):
    before, ferry = contents(library), about(library, "ferry")
    assert library.remove(ferry.id) == ferry
    assert ferry not in list(library.articles())
    assert len(library) == 2
    assert [(one.id, one.name, one.publisher) for one in library.removed()] == [
        (ferry.id, "A full ferry", "Harbour Post")
    ]
    library.close()
    with open_library(place) as again:  # another process finds it as well
        assert again.restore([ferry.id]) == (ferry,)
        assert contents(again) == before
        assert again.removed() == ()
        assert [one.status for one in again.add(folder)] == ["unchanged"] * 3  # it stands at its place


def test_many_are_removed_in_one_step_and_put_back_in_one(library):
    before, generation = contents(library), library.generation
    ids = [one.id for one in library.articles()]
    assert [one.id for one in library.remove_all([*ids, ids[0]])] == ids
    assert (len(library), library.generation) == (0, generation + 1)
    assert len({(one.step, one.removed) for one in library.removed()}) == 1
    assert [one.id for one in library.restore(ids)] == ids
    assert library.generation == generation + 2
    assert contents(library) == before


def test_all_are_removed_or_none_and_put_back_or_none(library):
    ids = [one.id for one in library.articles()]
    with pytest.raises(ArticleNotFound, match="No article nowhere"):
        library.remove_all([ids[0], "nowhere"])
    assert len(library) == 3
    library.remove(ids[0])
    with pytest.raises(ArticleNotFound, match="nowhere was removed from the library"):
        library.restore([ids[0], "nowhere"])
    assert (len(library), [one.id for one in library.removed()]) == (2, [ids[0]])


def test_an_article_that_was_added_again_is_no_longer_among_the_removed(library, folder):
    ferry = about(library, "ferry")
    library.remove(ferry.id)
    library.add(folder / "ferry.txt")
    assert library.removed() == ()
    with pytest.raises(ArticleNotFound, match="whosays restore"):
        library.restore([ferry.id])
    assert about(library, "ferry").publisher is None  # as its file states


def test_what_stands_in_its_place_by_now_stays(library, folder):
    ferry = about(library, "ferry")
    library.remove(ferry.id)
    (folder / "ferry.txt").write_text("The ferry was sold. Nobody says to whom.")
    library.add(folder / "ferry.txt")
    library.restore([ferry.id])
    assert {one.text for one in library.articles()} >= {FERRY, "The ferry was sold. Nobody says to whom."}
    library.remove(ferry.id)
    assert [one.id for one in library.removed()] == [ferry.id]


@pytest.fixture
def store(place):
    opened = open_store(place)
    yield opened
    opened.close()


def set_aside(store, one, at):
    with store.change("a test") as change:
        change.set_aside(one.id, at=at)


def test_after_a_day_it_cannot_be_put_back_and_the_next_change_deletes_it(store, place):
    add(store, *NEWS[:3])
    now = int(time.time())
    set_aside(store, NEWS[0], now - GRACE_S - 1)
    set_aside(store, NEWS[1], now - GRACE_S + 600)
    assert [one.id for one in store.removed()] == [NEWS[1].id]
    with (
        store.change("a test") as change,
        pytest.raises(ArticleNotFound, match=f"No article {NEWS[0].id} was removed"),
    ):
        change.put_back(NEWS[0].id)
    if place.suffix != ".db":
        with closing(sqlite3.connect(place / FILE)) as rows:
            assert rows.execute("SELECT id FROM aside").fetchall() == [(NEWS[1].id,)]


def test_an_article_at_two_places_goes_from_both_and_comes_back_to_both(store):
    with store.change("a test") as change:
        assert change.put(NEWS[0], place="a", origin="a")
        change.put(NEWS[0], place="b", origin="b")
        cut = chunks(NEWS[0])
        change.add_chunks(cut, EMBEDDER.embed([one.text for one in cut]))
    before = search(store, "Who makes the chips?"), state(store)
    set_aside(store, NEWS[0], int(time.time()))
    assert state(store).articles == 0
    with store.change("a test") as change:
        change.put_back(NEWS[0].id)
        assert change.places(article_id=NEWS[0].id) == ("a", "b")
    found, now = search(store, "Who makes the chips?"), state(store)
    assert (found, now.articles, now.chunks) == (before[0], before[1].articles, before[1].chunks)


def test_a_text_of_any_letters_and_any_length_comes_back(store):
    long = article("Ein Fährschiff – 渡し船. " * 9_000, title="\\u0000 “ü”", published="2026-07")
    add(store, long)
    set_aside(store, long, int(time.time()))
    assert [one.name for one in store.removed()] == [long.name]
    with store.change("a test") as change:
        change.put_back(long.id)
    assert [one.article for one in search(store, "渡し船", k=1)] == [long]


def test_a_change_that_raises_removes_nothing(store):
    add(store, *NEWS[:2])

    def half():
        with store.change("a test") as change:
            change.set_aside(NEWS[0].id, at=int(time.time()))
            raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        half()
    assert (state(store).articles, store.removed()) == (2, ())


def test_what_is_packed_is_unpacked():
    cut = chunks(NEWS[0])
    kept = Aside(NEWS[0], (("a", "b"),), cut, EMBEDDER.embed([one.text for one in cut]))
    again = unpack(pack(kept))
    assert (again.article, again.places, again.chunks) == (kept.article, kept.places, kept.chunks)
    assert (again.vectors == kept.vectors).all()


@pytest.fixture
def local(tmp_path, folder):
    with open_library(tmp_path / "library") as opened:
        opened.add(folder)
        yield opened


def test_a_library_of_an_earlier_version_is_upgraded_by_the_first_change(local):
    before = contents(local)
    local.close()
    as_version(local.path, 3)
    with open_library(local.path) as older:
        assert (older.removed(), contents(older)) == ((), before)
        ferry = about(older, "ferry")
        older.remove(ferry.id)
        assert [one.id for one in older.removed()] == [ferry.id]
        older.restore([ferry.id])
        assert contents(older) == before
    assert check(local.path).sound


def test_what_was_removed_is_in_a_backup_and_outlives_a_repair(local, tmp_path):
    before, ferry = contents(local), about(local, "ferry")
    local.remove(ferry.id)
    local.close()
    copy = backup(local.path, tmp_path / "copy").folder
    change_text(copy, "chunk", 1, lambda _: "Changed.")
    assert not repair(copy, embedder=WordHashEmbedder()).found.sound
    with open_library(copy) as mended:
        mended.restore([ferry.id])
        assert contents(mended) == before
    shutil.rmtree(copy)


def test_what_a_disk_has_changed_of_it_is_told_and_not_put_back(local):
    ferry = about(local, "ferry")
    local.remove(ferry.id)
    local.close()
    with closing(sqlite3.connect(local.path / FILE)) as rows:
        rows.execute("UPDATE aside SET removed = removed + 1")
        rows.commit()
    (finding,) = check(local.path).findings
    assert finding.article_id == ferry.id
    assert "cannot be put back" in finding.says
    with open_library(local.path) as damaged, pytest.raises(LibraryError, match="is not what was written"):
        damaged.restore([ferry.id])
