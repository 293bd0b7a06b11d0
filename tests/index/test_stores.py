"""What every store promises: the same tests for LocalStore and for MilvusStore, on Milvus Lite or a server."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from index.errors import LibraryError, LibraryInUse
from index.names import OPENING_CHARS
from index.records import Article, Excerpt, Listed, Listing, ListQuery, SearchQuery, Section, Span, State
from index.retrieve import by_either_leg, weighted_scores
from index.scope import EVERYTHING, Scope
from tests.shelf import (
    EMBEDDER,
    NEWS,
    QUESTIONS,
    add,
    article,
    beside,
    chunks,
    open_store,
    remove,
    search,
    state,
    texts,
)


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
    assert state(store) == State(0, 0, 0)


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
    assert found(store) == fresh(beside(place, "fresh"), *NEWS)


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
    assert found(store) == fresh(beside(place, "fresh"), NEWS[0], *NEWS[2:], *others[30:])


def test_a_change_that_raises_leaves_nothing_behind(store):
    add(store, NEWS[0])
    before = found(store), state(store)

    def half():
        with store.change("a test") as change:
            change.put(NEWS[1], place="b", origin="b")
            change.clear(NEWS[0].uri)
            raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        half()
    assert (found(store), state(store)) == before
    assert list(store.articles(EVERYTHING)) == [NEWS[0]]


def test_a_change_of_nothing_is_no_new_generation(store):
    add(store, *NEWS)
    add(store, *NEWS)
    assert state(store).generation == 1


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


def test_without_a_query_chunks_come_evenly_over_the_articles_with_their_vectors(store):
    add(store, *NEWS)
    every = store.search(None, k=99, within=EVERYTHING)
    ids = [hit.chunk.id for hit in every.hits]
    assert ids == sorted(chunk.id for one in NEWS for chunk in chunks(one))
    assert np.allclose(every.vectors, EMBEDDER.embed([hit.chunk.text for hit in every.hits]), atol=2e-5)
    assert {hit.score for hit in every.hits} == {0.0}
    some = store.search(None, k=4, within=EVERYTHING)
    assert [hit.chunk.id for hit in some.hits] == [ids[0], ids[3], ids[6], ids[9]]
    only = store.search(None, k=99, within=Scope(articles=(NEWS[1].id,)))
    assert {hit.article for hit in only.hits} == {NEWS[1]}


def test_what_is_found_comes_with_its_vectors(store):
    add(store, *NEWS)
    (vector,) = EMBEDDER.embed(["chips"], query=True)
    found = store.search(SearchQuery("chips", vector, weighted_scores), k=3, within=EVERYTHING)
    assert len(found.hits) == 3
    assert np.allclose(found.vectors, EMBEDDER.embed([hit.chunk.text for hit in found.hits]), atol=2e-5)


@pytest.mark.parametrize("within", [EVERYTHING, Scope(articles=(NEWS[1].id,))])
def test_of_many_queries_at_once_each_finds_what_it_finds_alone(store, within):
    add(store, *NEWS)
    asked = ["chips", "How large is the backlog of orders?", "Who leads the ministry?", "zebra", "chips"]
    vectors = EMBEDDER.embed(asked, query=True)
    fuses = [weighted_scores, by_either_leg, weighted_scores, weighted_scores, by_either_leg]
    queries = [SearchQuery(*one) for one in zip(asked, vectors, fuses, strict=True)]
    together = store.search_each(queries, k=3, within=within)
    alone = [store.search(query, k=3, within=within) for query in queries]
    assert [one.hits for one in together] == [one.hits for one in alone]
    assert [one.vectors.tolist() for one in together] == [one.vectors.tolist() for one in alone]
    assert list(store.search_each([], k=3, within=within)) == []


def test_of_many_queries_at_once_an_empty_library_finds_nothing(store):
    vectors = EMBEDDER.embed(["chips", "ferries"], query=True)
    queries = [SearchQuery("chips", vector, weighted_scores) for vector in vectors]
    assert [one.hits for one in store.search_each(queries, k=3, within=EVERYTHING)] == [(), ()]


LISTED = (
    article("The ferries carried 40 people.", title="B", publisher="Post", published="2026-07-03"),
    article("A ferry sank. Its crew swam.", title="a", publisher="post ", published="2026-07"),
    article("Bread was baked. The crew of the ferry ate it.", title="C", publisher="Oven", published="2025"),
    article("Ferry tales are told. Nobody knows by whom.", published="2026-08-01"),
    article("Nothing happened.", title="Ferry", publisher="Calm"),
)


def names(listing):
    return [one.title or "untitled" for one in listing.articles]


def test_a_list_of_nothing_says_how_the_library_stands(store):
    assert store.list(ListQuery()) == Listing(State(0, 0, 0), 0)
    assert store.list(ListQuery(most=9)) == Listing(State(0, 0, 0), 0)
    add(store, *LISTED)
    assert store.list(ListQuery()) == Listing(State(1, 5, 8), 5)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("date", ["untitled", "a", "B", "C", "Ferry"]),
        ("title", ["a", "B", "C", "Ferry", "untitled"]),
        ("publisher", ["Ferry", "C", "a", "B", "untitled"]),
        ("added", ["Ferry", "untitled", "C", "a", "B"]),
    ],
)
def test_a_list_is_sorted_as_asked_a_page_at_a_time(store, order, expected):
    for one in LISTED:
        add(store, one)
    assert names(store.list(ListQuery(most=9, order=order))) == expected
    page = store.list(ListQuery(first=1, most=2, order=order))
    assert (page.total, names(page)) == (5, expected[1:3])


def test_a_listed_article_is_the_article_without_its_text(store):
    long = article("Word. " * 500, title="Long", publisher="Post", published="2026")
    add(store, long)
    (one,) = store.list(ListQuery(most=1)).articles
    assert one == Listed(
        long.id, long.uri, "Long", "Post", None, "2026", 3_000, long.text[:OPENING_CHARS], None
    )


def test_a_list_holds_the_articles_of_its_filter_and_no_others(store):
    add(store, *LISTED)
    july = ListQuery(Scope(since="2026-07", until="2026-07-31"), most=9)
    assert (store.list(july).total, names(store.list(july))) == (2, ["a", "B"])
    ids = Scope(articles=(LISTED[0].id, LISTED[4].id, "no such id"))
    assert (store.list(ListQuery(ids)).total, store.list(ListQuery(ids)).articles) == (2, ())
    assert names(store.list(ListQuery(Scope(publishers=("POST",)), most=9))) == ["a", "B"]


def test_words_are_found_in_titles_and_in_any_form_in_texts_which_then_show_where(store):
    add(store, *LISTED)
    assert store.list(ListQuery(sought="ferry")).total == 5
    assert names(store.list(ListQuery(sought="ferry crew", most=9))) == ["a", "C"]
    assert names(store.list(ListQuery(sought="crew post", most=9))) == ["a"]  # in the text, and the publisher
    assert store.list(ListQuery(sought="ferry tractor", most=9)).articles == ()
    by_title = {one.title: one.excerpt for one in store.list(ListQuery(sought="ferry", most=9)).articles}
    assert by_title["Ferry"] is None  # the title shows it
    assert by_title["B"] == Excerpt(0, LISTED[0].text, (Span(4, 11),))


def test_a_list_in_groups_names_each_with_its_number_also_where_a_page_cuts_it(store):
    add(store, *LISTED)

    def groups(**page):
        return store.list(ListQuery(**page)).sections

    assert groups(group="month", most=9) == (
        Section("2026-08", 0, 1, continued=False),
        Section("2026-07", 1, 2, continued=False),
        Section("2025", 3, 1, continued=False),
        Section(None, 4, 1, continued=False),
    )
    assert groups(group="publisher", first=3, most=1) == (Section("Post", 0, 2, continued=True),)
    assert groups(most=9) == ()


def test_publishers_and_dates_are_those_of_all_that_fit_whatever_the_page(store):
    add(store, *LISTED)
    every = store.list(ListQuery(publishers=True, period=True))
    assert [(name.strip().casefold(), number) for name, number in every.publishers] == [
        ("calm", 1),
        ("oven", 1),
        ("post", 2),
    ]
    assert (every.period, every.articles) == (("2025", "2026-08-01"), ())
    crew = store.list(ListQuery(sought="crew", most=1, publishers=True, period=True))
    assert (crew.publishers, crew.period) == ((("Oven", 1), ("post ", 1)), ("2025", "2026-07"))
    undated = Scope(publishers=("Calm",))
    assert store.list(ListQuery(undated, period=True)).period == (None, None)


def test_a_list_shows_what_another_added_and_removed(store, place):
    reader = open_store(place)
    assert names(reader.list(ListQuery(most=9))) == []
    add(store, *LISTED)
    assert names(reader.list(ListQuery(sought="ferry", most=2))) == ["untitled", "a"]
    remove(store, LISTED[3])
    listing = reader.list(ListQuery(sought="ferry", most=2))
    assert (names(listing), listing.state) == (["a", "B"], State(2, 4, 6))
    reader.close()


def test_an_order_that_is_none_is_said(store):
    with pytest.raises(
        LibraryError, match="order by date, title, publisher, added, missing, group by publisher or month"
    ):
        store.list(ListQuery(order="size"))


def test_a_library_that_was_closed_says_so(store):
    store.close()
    with pytest.raises(LibraryError, match="has been closed"):
        search(store, "bread")
    with pytest.raises(LibraryError, match="has been closed"):
        store.list(ListQuery())


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
