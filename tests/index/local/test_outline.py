"""What a library keeps in memory for its lists: the same as its database says, through changes."""

from contextlib import closing

import pytest

from index.local.database import ReadAhead
from index.local.outline import Owners
from index.records import ListQuery
from index.scope import Scope
from tests.shelf import NEWS, add, article, open_store, remove, search


@pytest.fixture
def store(tmp_path):
    with closing(open_store(tmp_path / "library")) as opened:
        yield opened


def owners_by_sql(store):
    return dict(store._database.connection.execute("SELECT key, article FROM chunk").fetchall())


def caught_up(store, owners):
    with store._database.snapshot() as now:
        return owners.catch_up(store._database, now)


def test_whose_passage_a_key_is_follows_additions_and_removals(store):
    owners = Owners()
    for change in (
        lambda: add(store, *NEWS[:3]),
        lambda: remove(store, NEWS[1]),
        lambda: add(store, *NEWS[3:]),
    ):
        change()
        owners = caught_up(store, owners)
        known = owners_by_sql(store)
        assert {key for one in set(known.values()) for key in owners.passages_of({one})} == set(known)
        for key, one in known.items():
            assert owners.articles_of([key]) == {one}
    assert owners.articles_of([0, 3, 10_000]) <= set(known.values())
    assert owners.passages_of(set()).tolist() == []


def test_a_library_restored_from_a_copy_is_read_anew(store, tmp_path):
    add(store, *NEWS)
    ahead = caught_up(store, Owners())
    with closing(open_store(tmp_path / "copy")) as other:
        add(other, NEWS[2])
        assert caught_up(other, ahead).articles_of([1]) == set(owners_by_sql(other).values())


def titles(store, sought):
    return [one.title for one in store.list(ListQuery(sought=sought, most=20, order="title")).articles]


def test_articles_found_by_words_follow_changes(store):
    one, other = article("The ferry came late.", title="Harbour"), article("Bread is baked.", title="Straße")
    add(store, one)
    assert titles(store, "ferries") == titles(store, "HARB") == ["Harbour"]
    add(store, other)
    assert titles(store, "strasse") == titles(store, "bread") == ["Straße"]
    assert titles(store, "s") == ["Straße"]
    assert titles(store, "strasse ferry") == []
    remove(store, one)
    assert titles(store, "harbour") == titles(store, "ferry") == []


def test_many_that_fit_are_listed_as_few_are(store, monkeypatch):
    add(store, *NEWS)
    queries = [
        ListQuery(sought=sought, most=3, first=first, order=order, publishers=True, within=within)
        for sought in ("the", "chips", "monday ministry")
        for first in (0, 2)
        for order in ("date", "title")
        for within in (Scope(), Scope(since="2026"))
    ]
    few = [store.list(query) for query in queries]
    monkeypatch.setattr("index.local.listing._FEW", 0)
    assert [store.list(query) for query in queries] == few
    assert any(page.articles for page in few)


def test_a_search_that_reads_ahead_finds_the_same(store, monkeypatch, tmp_path):
    add(store, *NEWS)
    before = [hit.chunk.id for hit in search(store, "Who makes the chips?")]
    monkeypatch.setattr("index.local.store._AHEAD_FROM", 1)
    with closing(open_store(tmp_path / "library")) as again:
        assert [hit.chunk.id for hit in search(again, "Who makes the chips?")] == before
        assert len(again._ahead._connections) > 1
    assert again._ahead._connections == []


def test_what_cannot_be_read_ahead_is_no_error(tmp_path):
    with closing(ReadAhead(tmp_path / "none")) as ahead:
        ahead.begin([1, 2])
