"""What every store promises: the same tests for LocalStore and for MilvusStore, on Milvus Lite."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from shelf import EMBEDDER, NEWS, QUESTIONS, add, article, chunks, open_store, remove, search, texts

from index.errors import LibraryError, LibraryInUse
from index.records import Article, State
from index.scope import EVERYTHING, Scope


@pytest.fixture(params=["library", "library.db"], ids=["local", "milvus"])
def place(request, tmp_path):
    """Where a store is made: the ending says which."""
    return tmp_path / request.param


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
def store(place):
    opened = open_store(place)
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
    assert list(store.articles(EVERYTHING)) == []
    assert store.state == State(0, 0, 0)


def test_the_same_articles_are_found_after_closing_and_opening(place, store):
    add(store, *NEWS)
    before = found(store)
    store.close()
    again = open_store(place)
    assert found(again) == before
    assert list(again.articles(EVERYTHING)) == sorted(NEWS, key=lambda one: one.id)
    again.close()


def test_articles_added_one_by_one_rank_as_articles_added_at_once(place, store):
    for one in reversed(NEWS):
        add(store, one)
        search(store, "chips")
    assert found(store) == fresh(place.with_stem("fresh"), *NEWS)


def test_an_article_removed_and_added_again_ranks_as_before(store):
    add(store, *NEWS)
    before = found(store)
    remove(store, NEWS[0])
    assert found(store) != before
    add(store, NEWS[0])
    assert found(store) == before


def test_additions_and_removals_leave_a_store_that_ranks_as_one_built_afresh(place, store):
    others = [article(f"Plant {n} makes the chips. Its orders are {n} trillion won.") for n in range(40)]
    add(store, *NEWS, *others)
    remove(store, *others[:30], NEWS[1])
    add(store, article("The backlog is a rumour."))
    remove(store, article("The backlog is a rumour."))
    assert found(store) == fresh(place.with_stem("fresh"), NEWS[0], *NEWS[2:], *others[30:])


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
    assert list(store.articles(EVERYTHING)) == [NEWS[0]]


def test_a_change_of_nothing_is_no_new_generation(store):
    add(store, *NEWS)
    add(store, *NEWS)
    assert store.state.generation == 1


def test_an_article_at_two_places_stays_until_its_last_place_goes(store):
    with store.change("a test") as change:
        assert change.put(NEWS[0], place="a", origin="a") is True
        assert change.put(NEWS[0], place="b", origin="b") is False
        change.clear("a")
    assert list(store.articles(EVERYTHING)) == [NEWS[0]]
    with store.change("a test") as change:
        assert change.places(article_id=NEWS[0].id) == ("b",)
        change.clear("b")
    assert list(store.articles(EVERYTHING)) == []


def test_an_article_that_moves_within_a_change_is_not_lost(store):
    add(store, NEWS[0])
    with store.change("a test") as change:
        change.put(NEWS[1], place=NEWS[0].uri, origin="a")
        change.put(NEWS[0], place="elsewhere", origin="a")
    assert "Samsung makes the chips." in texts(search(store, "Samsung chips"))


def test_a_second_writer_is_told_who_writes(store, place):
    other = open_store(place)
    with (
        store.change("whosays add"),
        pytest.raises(LibraryInUse, match=r"in use by process \d+ \(whosays add\); wait"),
    ):
        add(other, NEWS[0])
    add(other, NEWS[0])
    other.close()


def test_searching_goes_on_while_a_change_is_being_made(store, place):
    add(store, NEWS[0])
    before = found(store)
    reader = open_store(place)
    with store.change("a test") as change:
        change.put(NEWS[1], place="b", origin="b")
        assert found(reader) == before
        assert found(store) == before
    reader.close()


def test_a_store_that_stays_open_sees_what_another_adds_and_removes(store, place):
    reader = open_store(place)
    assert search(reader, "bread") == []
    add(store, *NEWS)
    assert texts(search(reader, "Bread is baked", k=1)) == ["Bread is baked in the morning."]
    remove(store, NEWS[4])
    assert "Bread is baked in the morning." not in texts(search(reader, "Bread is baked"))
    assert found(reader) == found(store)
    reader.close()


def test_publishers_are_matched_whole_and_in_any_case(store):
    add(store, *NEWS)
    only = Scope(publishers=("gate NEWS", "wedoany"))
    assert {hit.article for hit in search(store, "bread", within=only)} == {NEWS[0], NEWS[1]}
    assert search(store, "bread", within=Scope(publishers=("Gate",))) == []


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
    within = Scope(since=since, until=until)
    assert sorted(one.published for one in store.articles(within)) == dates
    assert sorted(hit.article.published for hit in search(store, "report", within=within)) == dates


def test_what_is_no_date_is_said(store):
    with pytest.raises(LibraryError, match="until = 'July' is not a date: write 2026, 2026-07"):
        list(store.articles(Scope(until="July")))


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


def test_articles_keep_every_field(store):
    whole = Article("0" * 16, "https://example.org/a", "Text.\n", "Title", "Publisher", "Author", "2026-07")
    add(store, whole)
    assert list(store.articles(EVERYTHING)) == [whole]


def test_threads_share_a_store_while_it_changes(store):
    add(store, *NEWS[:3])
    others = [article(f"Plant {n} makes bread. Nothing else is known.") for n in range(4)]
    before = found(store)

    def change(one):
        add(store, one)
        remove(store, one)

    def ask(_):
        hits = found(store)
        assert {hit.article for each in hits for hit in each} >= set(NEWS[:3])
        return len(list(store.articles(EVERYTHING)))

    with ThreadPoolExecutor(5) as pool:
        writing = pool.submit(lambda: [change(one) for one in others])
        counted = list(pool.map(ask, range(6)))
        writing.result()
    assert set(counted) <= {3, 4}
    assert found(store) == before
