"""Libraries in Milvus: addresses, what goes wrong, changes that stop half-way, and two who write."""

import json
import sys
import time
from concurrent import futures
from pathlib import Path

import grpc
import numpy as np
import pytest
from milvus_lite.adapter.grpc.server import start_server_in_thread
from milvus_lite.adapter.grpc.servicer import MilvusServicer
from milvus_lite.db import MilvusLite
from pymilvus.grpc_gen import common_pb2, milvus_pb2, milvus_pb2_grpc

from index.errors import LibraryError, LibraryInUse
from index.library import library_place
from index.milvus import MilvusStore, milvus_address
from index.milvus.connection import connect
from index.milvus.lease import Lease
from index.milvus.rows import Collections, record
from index.milvus.store import make_library
from index.records import ListQuery, SearchQuery
from index.retrieve import weighted_scores
from index.scope import EVERYTHING, Scope
from tests.shelf import (
    EMBEDDER,
    MANIFEST,
    NEWS,
    QUESTIONS,
    add,
    article,
    chunks,
    open_store,
    remove,
    search,
    state,
    texts,
)


class Stopped(Exception):
    """The process ends here, as far as the library can tell."""


class Stopping(Collections):
    """Writes so many times, and then nothing gets through any more, as if the process had been killed."""

    left = 10_000

    def _count_down(self):
        if not self.left:
            raise Stopped
        self.left -= 1

    def insert(self, which, rows):
        if rows:
            self._count_down()
            super().insert(which, rows)

    def delete(self, which, where):
        self._count_down()
        super().delete(which, where)


def found(store):
    return [search(store, question) for question in QUESTIONS]


def contents(store):
    now = state(store)
    return list(store.articles(EVERYTHING)), found(store), now.articles, now.chunks


def rows_of(store):
    """How many rows of each kind stand in Milvus, whether they count or not."""
    collections = store._collections
    kinds = [
        row["kind"]
        for which in ("records", "state")
        for row in collections.query(which, "generation >= 0", ["kind"])
    ]
    chunks = len(collections.query("chunks", "key > 0", ["key"])) if collections.dimension() else 0
    return {kind: kinds.count(kind) for kind in sorted(kinds)} | {"chunk": chunks}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "library.db"


@pytest.fixture
def server(tmp_path):
    """Milvus Lite behind an address, as a server is; its port."""
    running, database, port = start_server_in_thread(data_dir=str(tmp_path / "served"))
    yield port
    running.stop(grace=0).wait()
    database.close()


@pytest.fixture(autouse=True)
def _own_data(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def at(port, name="news", **options):
    address = milvus_address(f"milvus://127.0.0.1:{port}/{name}")
    return MilvusStore.open(address, **{"create": True, "manifest": MANIFEST, **options})


def test_both_stores_find_the_same_with_the_same_scores(tmp_path, file):
    several = [article(f"Plant {n} makes chips. It has {n} orders. Was it {n % 7} won?") for n in range(60)]
    hits = []
    for place in (tmp_path / "library", file):
        store = open_store(place)
        add(store, *NEWS, *several)
        remove(store, *several[:20])
        hits.append((found(store), store.search(None, k=7, within=EVERYTHING).hits))
        store.close()
    assert hits[0] == hits[1]
    assert len(hits[0][0][0]) == 10


def test_a_text_of_any_length_and_a_title_longer_than_a_value_come_back_whole(file):
    long = article("Ærø, “naïve” 𝗧𝗛𝗘 北京. " * 20_000, title="Tïtle " * 20_000, publisher="𝗣 ' \" \\ ]")
    store = open_store(file)
    with store.change("a test") as change:
        change.put(long, place="p" * 70_000, origin="o")
    store.close()
    store = open_store(file)
    assert list(store.articles(Scope(publishers=("𝗣 ' \" \\ ]",)))) == [long]
    with store.change("a test") as change:
        assert change.article_at("p" * 70_000) == long.id
        change.clear("p" * 70_000)
    assert rows_of(store) == {"commit": 1, "manifest": 1, "chunk": 0}
    store.close()


def test_words_of_other_scripts_are_found_and_counted_as_whole_words(tmp_path, file):
    several = [article(f"… — {'!' * n}.") for n in range(3)]
    several += [article(f"हिन्दी {n} में. Ærø's naïve “Straße” {n}_x.", title="Ünïcode") for n in range(5)]
    hits = []
    for place in (tmp_path / "library", file):
        store = open_store(place)
        add(store, *several, *NEWS)
        hits.append(
            [search(store, question) for question in ("हिन्दी 3", "strasse aero", "x naive", "' ] \\", "u")]
        )
        store.close()
    assert hits[0] == hits[1]
    assert "हिन्दी 3 में." in hits[0][0][0].chunk.text


def test_more_chunks_than_a_search_gives_are_counted_and_listed_all_the_same(file):
    store = open_store(file)
    add(store, *NEWS)
    wanted = ListQuery(sought="chips", most=9)
    before = search(store, "makes the chips", k=2), store.list(wanted)
    narrow = Collections(connect(milvus_address(file)), milvus_address(file), most_found=2)
    narrow.manifest()
    other = MilvusStore(narrow, MANIFEST)
    assert other.list(wanted) == before[1]
    assert before[1].total == 2
    assert texts(search(other, "makes the chips", k=2)) == texts(before[0])
    with pytest.raises(LibraryError, match="k = 3 passages: Milvus finds 2 at most"):
        search(other, "chips", k=3)
    other.close()
    store.close()


def put(change, one, place=None):
    if change.put(one, place=place or one.uri, origin=one.uri):
        cut = chunks(one)
        change.add_chunks(cut, EMBEDDER.embed([chunk.text for chunk in cut]))


def swap(store, out, into):
    """A removal, additions and a replacement, all in one change."""
    with store.change("a test") as change:
        change.clear(out[0].uri)
        for one in into:
            put(change, one)
        put(change, out[1], place=out[2].uri)
        change.clear(out[1].uri)


def stopped_after(writes, file, work):
    """What is left where `work` on the library gets through so many writes; whether it got to its end."""
    collections = Stopping(connect(milvus_address(file)), milvus_address(file))
    collections.manifest()
    collections.left = writes
    store = MilvusStore(collections, MANIFEST)
    try:
        work(store)
    except Stopped:
        return False
    finally:
        collections.close()
    return True


def test_wherever_a_change_stops_the_library_is_old_or_new_and_the_next_change_tidies_up(file):
    store = open_store(file)
    add(store, *NEWS[:3])
    old, rows = contents(store), rows_of(store)
    new, sides = None, []
    for writes in range(60):
        whole = stopped_after(writes, file, lambda target: swap(target, NEWS[:3], NEWS[3:]))
        after = contents(store)
        if after != old:
            new = new or after
            assert after == new
            assert sorted(one.id for one in after[0]) == sorted(one.id for one in NEWS[1:2] + NEWS[3:])
        sides.append(after == new)
        with store.change("back") as change:
            for one in NEWS[:3]:
                put(change, one)
            for one in NEWS[3:]:
                change.clear(one.uri)
        assert (list(store.articles(EVERYTHING)), rows_of(store)) == (old[0], rows)
        if whole:
            break
    assert contents(store) == old
    assert sides == sorted(sides)
    assert (sides[0], sides[-1]) == (False, True)
    assert sides.count(True) > 2  # some stops fell between what makes it count and its end
    store.close()


def test_a_library_whose_making_stopped_is_made_by_the_next(file):
    for writes in range(10):
        collections = Stopping(connect(milvus_address(file)), milvus_address(file))
        collections.left = writes
        try:
            make_library(collections, MANIFEST)
        except Stopped:
            with pytest.raises(LibraryError, match="There is no library at"):
                MilvusStore.open(milvus_address(file), create=False, manifest={})
        else:
            break
        finally:
            collections.close()
    else:
        pytest.fail("it is never made")
    assert writes > 1
    store = open_store(file)
    assert (store.info.manifest["embedder"], state(store).generation) == (EMBEDDER.name, 0)
    store.close()


def test_a_search_during_which_a_change_is_made_sees_one_or_the_other_whole(file):
    class Overtaken(Collections):
        """Another's change is made, and its rows deleted, while this one searches for the first time."""

        before = True

        def find_holding(self, texts, where, most, fields=()):
            found = super().find_holding(texts, where, most, fields)
            if self.before:
                self.before = False
                remove(writer, *NEWS[:2])
                add(writer, NEWS[3])
            return found

    writer = open_store(file)
    add(writer, *NEWS[:3])
    collections = Overtaken(connect(milvus_address(file)), milvus_address(file))
    collections.manifest()
    reader = MilvusStore(collections, MANIFEST)
    assert found(reader) == found(writer)
    assert not reader._collections.before
    reader.close()
    writer.close()


def test_articles_that_go_while_all_are_read_are_left_out(file):
    store = open_store(file)
    several = [article(f"Plant {n} makes chips.") for n in range(300)]
    add(store, *several)
    reading = store.articles(EVERYTHING)
    first = next(reading)
    remove(store, *(one for one in several if one != first))
    left = list(reading)
    assert len(left) < 299  # what was not yet read is gone
    assert {one.id for one in left} <= {one.id for one in several}
    store.close()


@pytest.mark.parametrize(
    ("written", "text", "uri"),
    [
        ("milvus://db.example.org/news", "milvus://db.example.org:19530/news", "http://db.example.org:19530"),
        ("MILVUS://Host:1/News_2", "milvus://host:1/News_2", "http://host:1"),
        ("milvus+https://h:443/a", "milvus+https://h:443/a", "https://h:443"),
        ("milvus://[::1]:1/a", "milvus://[::1]:1/a", "http://[::1]:1"),
        (Path("milvus://h:1/a"), "milvus://h:1/a", "http://h:1"),
        (r"milvus:\\h:1\a", "milvus://h:1/a", "http://h:1"),
    ],
)
def test_an_address_is_read_however_it_is_written(written, text, uri):
    address = milvus_address(written)
    assert (address.text, address.uri) == (text, uri)
    assert address.folder.name == text.rpartition("/")[2]
    assert library_place(written) == text


def test_folders_of_another_kind_are_no_addresses_of_milvus(tmp_path):
    (tmp_path / "old.db").mkdir()
    (tmp_path / "old.db" / "library.sqlite").write_bytes(b"")
    assert milvus_address(tmp_path / "old.db") is None
    assert milvus_address("news") is None
    assert milvus_address(r"C:\\Users\\ida\\news") is None
    assert milvus_address(tmp_path / "new.DB").uri == ""


@pytest.mark.parametrize("written", ["milvus://h:1", "milvus://h:1/a b", "milvus:///a", "milvus://h:x/a"])
def test_half_an_address_is_said(written):
    with pytest.raises(LibraryError, match=r"is no address of a library: write milvus://host:19530/name"):
        milvus_address(written)


def test_a_password_in_an_address_is_refused_without_repeating_it():
    with pytest.raises(LibraryError, match="set WHOSAYS_MILVUS_TOKEN=user:password") as told:
        milvus_address("milvus://ida:secret@h:1/a")
    assert "secret" not in str(told.value)


def test_without_pymilvus_the_command_that_installs_it_is_said(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(LibraryError, match=r"pip install 'whosays\[milvus\]'"):
        open_store(file)


def test_a_file_that_another_process_has_open_is_in_use(file):
    held = MilvusLite(str(file))
    with pytest.raises(LibraryInUse, match="Milvus Lite lets in one at a time: end that one"):
        open_store(file)
    held.close()
    open_store(file).close()


def test_what_is_no_library_of_milvus_is_left_alone(tmp_path):
    (tmp_path / "a.db").write_text("hello")
    with pytest.raises(LibraryError, match="is a file, and Milvus Lite 3 keeps a folder of that name"):
        open_store(tmp_path / "a.db")
    (tmp_path / "b.db").mkdir()
    (tmp_path / "b.db" / "notes.txt").write_text("hello")
    with pytest.raises(LibraryError, match=r"is not a library: it holds notes.txt and nothing of Milvus"):
        open_store(tmp_path / "b.db")
    with pytest.raises(LibraryError, match=r"There is no library at .*c.db: add articles to make one"):
        MilvusStore.open(milvus_address(tmp_path / "c.db"), create=False, manifest={})
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.db", "b.db"]


def test_a_library_of_a_newer_version_asks_for_an_update(file):
    open_store(file).close()
    collections = Collections.connect(milvus_address(file))
    manifest = collections.manifest()
    collections.delete("state", "key == 0")
    collections.insert("state", [record(0, "manifest", 0, json.dumps({**manifest, "schema": "7"}))])
    collections.close()
    with pytest.raises(LibraryError, match=r"newer Whosays \(schema 7; this one reads 1\): update"):
        open_store(file)


def test_a_question_from_an_embedder_of_another_dimension_is_said(file):
    store = open_store(file)
    add(store, NEWS[0])
    with pytest.raises(LibraryError, match="holds vectors of 64 numbers, the embedder gives 3: open it with"):
        store.search(SearchQuery("bread", np.ones(3, np.float32), weighted_scores), k=3, within=EVERYTHING)
    store.close()


def test_a_first_change_that_is_undone_does_not_fix_the_dimension(file):
    store = open_store(file)

    def half():
        with store.change("a test") as change:
            change.put(NEWS[0], place="a", origin="a")
            change.add_chunks(chunks(NEWS[0]), np.ones((2, 3), np.float32))
            raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        half()
    add(store, NEWS[0])
    assert search(store, "chips")[0].article == NEWS[0]
    store.close()


def test_two_machines_share_a_library_on_a_server(server):
    one, other = at(server), at(server)
    apart = at(server, "apart")
    assert one.info.manifest == other.info.manifest != apart.info.manifest
    add(one, *NEWS[:3])
    add(other, *NEWS[3:])
    remove(one, NEWS[1])
    assert found(one) == found(other)
    assert {one.id for one in other.articles(EVERYTHING)} == {one.id for one in (NEWS[0], *NEWS[2:])}
    assert (state(one).generation, state(apart).generation) == (3, 0)
    with (
        one.change("whosays add"),
        pytest.raises(LibraryInUse, match=r"in use by process \d+ \(whosays add\); wait"),
    ):
        add(other, NEWS[1])
    add(other, NEWS[1])
    for store in (one, other, apart):
        store.close()


def test_a_writer_that_was_killed_keeps_others_out_only_until_its_lease_runs_out(server):
    store = at(server)
    collections = store._collections
    note = {"pid": 7, "host": "elsewhere", "command": "whosays add", "until": time.time() + 100}
    collections.insert("state", [record(-(1 << 62) - 5, "writer", 0, json.dumps(note))])
    with pytest.raises(LibraryInUse, match=r"in use by process 7 on elsewhere \(whosays add\)"):
        add(store, NEWS[0])
    collections.delete("state", 'kind == "writer"')
    note["until"] = time.time() - 3600
    collections.insert("state", [record(-(1 << 62) - 5, "writer", 0, json.dumps(note))])
    add(store, NEWS[0])
    assert collections.query("state", 'kind == "writer"', ["key"]) == []
    store.close()


def test_a_writer_whose_lease_ran_out_writes_no_more_and_one_that_is_half_over_is_drawn_anew(server):
    store = at(server)
    tickets = lambda: store._collections.query("state", 'kind == "writer"', ["key"])  # noqa: E731
    late = Lease(store._collections, seconds=-1.0)
    with late.hold("a test"), pytest.raises(LibraryInUse, match="another may have begun: the change is not"):
        late.keep()
    lease = Lease(store._collections, seconds=3600.0)
    with lease.hold("a test"):
        (first,) = tickets()
        lease.keep()
        assert tickets() == [first]
        lease._until_here -= 3000.0
        lease.keep()
        (second,) = tickets()
        assert second != first
    assert tickets() == []
    store.close()


class Clock:
    """Goes on only while somebody sleeps."""

    now = set_by = 0.0

    def time(self):
        return 1e9 + self.now + self.set_by

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def ticket(store, key, until):
    note = {"pid": 7, "host": "elsewhere", "command": "whosays add", "until": until}
    store._collections.insert("state", [record(-(1 << 62) - key, "writer", 0, json.dumps(note))])


def test_a_clock_set_back_keeps_nobody_out_for_longer_than_a_lease(server, caplog):
    store = at(server)
    clock = Clock()
    ticket(store, 5, clock.time() + 86_400)  # of one that was killed, before the clock was set back by a day
    with Lease(store._collections, seconds=1.0, clock=clock).hold("a test"):
        assert 1.0 < clock.now <= 1.25  # seen at the next look, a quarter of a second later at most
    assert "has another time than this machine" in caplog.text
    assert store._collections.query("state", 'kind == "writer"', ["key"]) == []
    store.close()


def test_of_two_that_were_killed_before_a_clock_was_set_back_each_is_waited_out(server):
    store = at(server)

    class Meanwhile(Clock):
        """The second one's ticket appears while the first one's is waited out."""

        appeared = 0.0

        def sleep(self, seconds):
            super().sleep(seconds)
            if not self.appeared and self.now > 0.5:
                self.appeared = self.now
                ticket(store, 6, self.time() + 86_400)

    clock = Meanwhile()
    ticket(store, 5, clock.time() + 86_400)
    with Lease(store._collections, seconds=2.0, clock=clock).hold("a test"):
        assert 2.0 < clock.now - clock.appeared <= 2.25
    assert store._collections.query("state", 'kind == "writer"', ["key"]) == []
    store.close()


def test_a_writer_of_another_time_that_lives_keeps_its_lease(server):
    """One whose clock is a day ahead draws anew each half lease, and is not taken for a dead one."""
    store = at(server)
    keys = iter(range(5, 10_000))

    class Beside(Collections):
        """The other draws anew each time that somebody looks, which is more often than each half lease."""

        def query(self, which, where, fields):
            if which == "state":
                key = next(keys)
                ticket(store, key, time.time() + 86_400)
                store._collections.delete("state", f"key == {-(1 << 62) - key + 1}")
            return super().query(which, where, fields)

    address = milvus_address(f"milvus://127.0.0.1:{server}/news")
    beside = Beside(connect(address), address)
    with (
        pytest.raises(LibraryInUse, match="in use by process 7 on elsewhere"),
        Lease(beside, seconds=1.0).hold("a test"),
    ):
        pass
    beside.close()
    store._collections.delete("state", 'kind == "writer"')
    store.close()


@pytest.mark.parametrize("by", [-86_400.0, 86_400.0])
def test_a_writer_whose_clock_is_set_never_writes_for_longer_than_its_lease(server, by):
    store = at(server)
    clock = Clock()
    lease = Lease(store._collections, seconds=1.0, clock=clock)
    with lease.hold("a test"):
        clock.set_by = by
        if by < 0:
            lease.keep()
            clock.sleep(1.1)
        with pytest.raises(LibraryInUse, match="another may have begun: the change is not made"):
            lease.keep()
    store.close()


def test_a_server_that_is_gone_is_said_when_opening_and_when_asking(tmp_path):
    running, database, port = start_server_in_thread(data_dir=str(tmp_path / "served"))

    class Gone(Collections):
        """The server ends as soon as a text is asked for."""

        def query(self, which, where, fields):
            if which == "records" and 'kind == "text"' in where:
                running.stop(grace=0).wait()
                database.close()
            return super().query(which, where, fields)

    store = at(port)
    add(store, NEWS[0])
    address = milvus_address(f"milvus://127.0.0.1:{port}/news")
    collections = Gone(connect(address), address)
    collections.manifest()
    listing = MilvusStore(collections, MANIFEST)
    with pytest.raises(LibraryError, match="could not be read for a list: see that Milvus runs"):
        listing.list(ListQuery(sought="chips", most=1))
    listing.close()
    for ask in (lambda: search(store, "chips"), lambda: add(store, NEWS[1]), lambda: at(port)):
        with pytest.raises(
            LibraryError, match=rf"Milvus at http://127.0.0.1:{port} does not answer .*start it"
        ):
            ask()
    store.close()


def test_a_library_that_was_dropped_from_the_server_is_said(server):
    store = at(server)
    add(store, NEWS[0])
    with store._collections._connection.calls() as client:
        client.drop_collection("news_chunks")
    with pytest.raises(LibraryError, match=r"lacks a part .*does not exist.*add its articles to a new one"):
        search(store, "chips")
    store.close()


def test_another_program_s_collection_is_left_alone(server):
    store = at(server)
    with store._collections._connection.calls() as client:
        client.create_collection("recipes_records", dimension=4)
    with pytest.raises(LibraryError, match="recipes_records is another program's collection"):
        at(server, "recipes")
    store.close()


def test_a_milvus_without_full_text_search_is_too_old():
    class Old(MilvusServicer):
        def GetVersion(self, request, context):  # noqa: N802
            return milvus_pb2.GetVersionResponse(status=common_pb2.Status(), version="v2.4.9")

    running = grpc.server(futures.ThreadPoolExecutor(2))
    milvus_pb2_grpc.add_MilvusServiceServicer_to_server(Old(None), running)
    port = running.add_insecure_port("127.0.0.1:0")
    running.start()
    with pytest.raises(LibraryError, match=r"is version v2.4.9, and full text search needs 2.5: update it"):
        at(port)
    running.stop(grace=0).wait()


def test_of_more_equal_passages_than_are_proposed_the_same_are_found_however_they_were_added(tmp_path):
    several = [article("Plant makes chips.", title=None, publisher=f"Paper {n}") for n in range(150)]
    hits = []
    for name, order in (("one.db", several), ("other.db", several[::-1])):
        store = open_store(tmp_path / name)
        add(store, *order[:70])
        store.close()
        store = open_store(tmp_path / name)
        add(store, *order[70:])
        hits.append(search(store, "Who makes chips?", k=5))
        store.close()
    assert hits[0] == hits[1]
    assert [hit.article.id for hit in hits[0]] == sorted(one.id for one in several)[:5]
