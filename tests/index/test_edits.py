"""What people set of an article: in both stores, beside what its source states, kept whatever is added again."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from eval.robustness.small_library import WordHashEmbedder, contents
from index.care.backup import backup
from index.care.check import check
from index.care.repair import repair
from index.edits import as_stated
from index.errors import ArticleNotFound, LibraryError
from index.library import Library
from index.publishers import FILE, MergedNames, merge_names
from index.records import ListQuery
from index.scope import Scope
from tests.older import as_version, change_text
from tests.shelf import NEWS, add, beside, open_store, search, state

FERRY = "The ferry carried forty people. It came late, the captain said."
BAKER = "Bread is baked in the morning. The baker sells it at noon."


def open_library(place):
    return Library.open(place, embedder=WordHashEmbedder(), chunk_tokens=60)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "articles"
    made.mkdir()
    (made / "ferry.txt").write_text(FERRY)
    (made / "baker.txt").write_text(BAKER)
    (made / "articles.toml").write_text('["ferry.txt"]\npublisher = "Harbor Post"\n')
    return made


@pytest.fixture
def library(place, folder):
    with open_library(place) as opened:
        opened.add(folder)
        yield opened


def ferry(library):
    return next(one for one in library.articles() if "ferry" in one.text)


def test_what_is_set_is_what_counts_and_what_the_source_states_is_kept_beside_it(library):
    before = ferry(library)
    (edited,) = library.edit([before.id], {"publisher": "Harbour Post", "published": "3 July 2026"})
    assert edited == ferry(library)
    assert (edited.id, edited.text, edited.uri) == (before.id, before.text, before.uri)
    assert (edited.publisher, edited.published) == ("Harbour Post", "2026-07-03")
    assert dict(edited.edited) == {"publisher": "Harbor Post", "published": None}
    assert as_stated(edited) == before
    (listed,) = library.listing(publishers=["harbour post"]).articles
    assert (listed.id, listed.edited) == (edited.id, edited.edited)
    assert library.publishers() == (("Harbour Post", 1),)
    assert [one.id for one in library.articles(since="2026-07")] == [before.id]


def test_a_word_is_taken_back_and_a_value_is_emptied(library):
    own = ferry(library).id
    library.edit([own], {"publisher": "", "author": "Ann Lee"})
    assert (ferry(library).publisher, ferry(library).author) == (None, "Ann Lee")
    library.edit([own], {"publisher": None})
    assert (ferry(library).publisher, ferry(library).edited) == ("Harbor Post", (("author", None),))
    library.edit([own], {"author": None})
    assert ferry(library).edited == ()


def test_edits_outlive_the_same_file_a_changed_one_and_a_new_process(place, folder, library):
    library.edit([ferry(library).id], {"publisher": "Harbour Post"})
    library.add(folder)
    assert ferry(library).publisher == "Harbour Post"
    (folder / "ferry.txt").write_text(f"{FERRY} Nobody was hurt.")
    library.add(folder)
    changed = ferry(library)
    assert changed.text.endswith("hurt.")
    assert (changed.publisher, changed.edited) == ("Harbour Post", (("publisher", "Harbor Post"),))
    library.close()
    with open_library(place) as again:
        assert ferry(again) == changed


def test_a_record_that_takes_the_place_of_another_is_not_taken_for_it(library, tmp_path):
    file = tmp_path / "notes.jsonl"
    line = '{{"text": "{} came late. Nobody knows why."}}\n'
    file.write_text(line.format("The tram") + line.format("The bus"))
    library.add(file)
    tram = next(one for one in library.articles() if "tram" in one.text)
    library.edit([tram.id], {"publisher": "Tram News"})
    file.write_text(line.format("The boat") + line.format("The tram") + line.format("The bus"))
    library.add(file)
    stands = {one.text.split()[1]: one.publisher for one in library.articles()}
    assert (stands["boat"], stands["tram"], stands["bus"]) == (None, "Tram News", None)


def test_many_articles_are_edited_at_once_or_none(library):
    ids = [one.id for one in library.articles()]
    library.edit(ids, {"publisher": "Town Gazette"})
    assert library.publishers() == (("Town Gazette", 2),)
    before = contents(library)
    with pytest.raises(ArticleNotFound, match="No article 0123456789abcdef"):
        library.edit([*ids, "0123456789abcdef"], {"publisher": "Nobody"})
    assert contents(library) == before


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"published": "03/04/2026"}, "is not a sure date: write 2026, 2026-07 or 2026-07-03"),
        ({"updated": "soon"}, "is not a sure date"),
        ({"title": "x" * 301}, "title has 301 characters, and 300 are the most"),
        ({"text": "Other words."}, "text cannot be set: an article has title, publisher"),
        ({}, "nothing is set: give a value for any of title"),
    ],
)
def test_what_cannot_be_set_is_told_and_changes_nothing(library, values, says):
    generation = library.generation
    with pytest.raises(LibraryError, match=says):
        library.edit([ferry(library).id], values)
    assert library.generation == generation


def test_a_title_that_is_set_is_searched_in_place_of_the_one_that_stood_there(place):
    store = open_store(place)
    add(store, *NEWS)
    before = state(store)
    with store.change("a test") as change:
        change.edit(NEWS[0].id, {"title": "Zeppelin"})
    assert search(store, "zeppelin")[0].article.title == "Zeppelin"
    assert all(hit.bm25 is None or "oundry" in hit.chunk.text for hit in search(store, "foundry"))
    after = state(store)
    assert (after.articles, after.chunks) == (before.articles, before.chunks)
    assert after.generation == before.generation + 1
    with store.change("a test") as change:
        change.edit(NEWS[0].id, {"title": "Zeppelin"})
    assert state(store) == after  # nothing was set that did not stand there
    store.close()


def test_an_edited_store_ranks_as_one_into_which_the_same_was_put(place, tmp_path):
    store, other = open_store(place), open_store(beside(place, "other"))
    add(store, *NEWS)
    with store.change("a test") as change:
        change.edit(NEWS[0].id, {"title": "The tale of the ministry", "publisher": "Bakery"})
    add(other, *NEWS[1:])
    with other.change("a test") as change:
        change.put(next(store.articles(Scope(articles=(NEWS[0].id,)))), place="p", origin="p")
        chunks = store.search(None, k=99, within=Scope(articles=(NEWS[0].id,)))
        change.add_chunks([hit.chunk for hit in chunks.hits], chunks.vectors)
    for question in ("What did the ministry deny?", "Who makes the chips?", "bread"):
        assert search(store, question) == search(other, question)
    store.close()
    other.close()


def test_those_of_which_most_is_missing_are_listed_first(place):
    store = open_store(place)
    add(store, *NEWS)

    def missing(one):
        return sum(value is None for value in (one.title, one.publisher, one.published))

    listed = store.list(ListQuery(most=10, order="missing")).articles
    assert [missing(one) for one in listed] == sorted(map(missing, NEWS), reverse=True)
    store.close()


def test_a_library_of_the_version_before_is_read_and_can_be_edited_while_another_reads(tmp_path, folder):
    place = tmp_path / "old"
    with open_library(place) as made:
        made.add(folder)
        expected = contents(made)
    as_version(place, 2)
    assert check(place).sound
    with open_library(place) as reader, open_library(place) as library:
        assert contents(reader) == expected
        library.edit([ferry(reader).id], {"publisher": "Harbour Post"})
        assert ferry(reader).publisher == "Harbour Post"
        assert reader.search("ferry")[0].article == ferry(library)
    assert check(place).sound


def test_edits_are_in_a_backup_and_outlive_a_repair(tmp_path, folder):
    place = tmp_path / "library"
    with open_library(place) as library:
        library.add(folder)
        library.edit([ferry(library).id], {"publisher": "Harbour Post", "updated": "2026-07"})
        edited = ferry(library)
    assert check(place).sound
    backup(place, tmp_path / "copy")
    with open_library(tmp_path / "copy") as copy:
        assert ferry(copy) == edited
    with closing(sqlite3.connect(place / "library.sqlite")) as rows:
        ((key,),) = rows.execute("SELECT key FROM article WHERE opening LIKE 'Bread%'")
    change_text(place, "article", key, lambda _: "Other bread.")
    repair(place, embedder=WordHashEmbedder())
    with open_library(place) as mended:
        assert ferry(mended) == edited
    shutil.copytree(tmp_path / "copy", tmp_path / "changed")
    with closing(sqlite3.connect(tmp_path / "changed" / "library.sqlite")) as rows:
        rows.execute("UPDATE article SET publisher = 'Liar' WHERE publisher = 'Harbour Post'")
        rows.commit()
    assert not check(tmp_path / "changed").sound


def test_all_of_a_folder_are_edited_and_nothing_beside_it(library, folder, tmp_path):
    (tmp_path / "articles-old").mkdir()
    (tmp_path / "articles-old" / "tram.txt").write_text("The tram came late. Nobody knows why.")
    library.add(tmp_path / "articles-old")
    assert len(library.edit_folder(folder, {"author": "Ann Lee"})) == 2
    assert {one.author for one in library.articles() if "tram" in one.text} == {None}
    with pytest.raises(LibraryError, match="was added from"):
        library.edit_folder(tmp_path / "elsewhere", {"author": "Ann Lee"})


def test_names_that_are_merged_are_one_for_what_is_added_later_too(place, library, tmp_path):
    library.edit([ferry(library).id], {"publisher": "Thomson Reuters"})
    assert library.merge_publishers(["THOMSON REUTERS"], "Reuters") == 1
    assert library.publishers() == (("Reuters", 1),)
    library.close()
    (tmp_path / "tram.html").write_text(
        '<meta property="og:site_name" content="Thomson Reuters"><p>The tram came late. Nobody knows why.</p>'
    )
    with open_library(place) as again:
        again.add(tmp_path / "tram.html")
        tram = next(one for one in again.articles() if "tram" in one.text)
        assert (tram.publisher, tram.edited) == ("Reuters", (("publisher", "Thomson Reuters"),))
        assert again.merge_publishers(["Reuters"], "Reuters News") == 2
        assert again.publishers() == (("Reuters News", 2),)
        before = contents(again)
        for names, into in ((["Reuters News"], ""), (["Reuters News"], "REUTERS NEWS"), ([], "Reuters")):
            with pytest.raises(LibraryError, match="name the publishers that are one"):
                again.merge_publishers(names, into)
        assert contents(again) == before
        with pytest.raises(LibraryError, match="is by Nobody"):
            again.merge_publishers(["Nobody"], "Reuters")
        assert [one.id for one in again.articles(publishers=["Reuters News"])] == sorted(
            one.id for one in again.articles() if one.publisher
        )


def test_a_line_of_mergers_that_was_cut_off_is_passed_over(tmp_path):
    merge_names(tmp_path, ["Thomson Reuters"], "Reuters")
    with (tmp_path / FILE).open("a") as file:
        file.write('{"name": "Reuters", "is": "Reut')
    assert MergedNames(tmp_path).name_of("thomson  reuters") == "Reuters"
    assert MergedNames(tmp_path).name_of("Reuters") is None


def test_articles_that_dates_leave_out_because_they_state_none_are_counted(library):
    library.edit([ferry(library).id], {"published": "2026-07-03"})
    assert library.count_undated() == 0
    assert library.count_undated(scope=Scope(since="2026")) == 1
    assert library.count_undated(scope=Scope(until="2020")) == 1
    assert library.count_undated(scope=Scope(publishers=("Harbor Post",), since="2026")) == 0
    assert library.count_undated(sought="ferry", scope=Scope(since="2026")) == 0
