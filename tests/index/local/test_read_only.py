"""A library on media, or in a folder, that cannot be written is asked as any other, and changed by nobody."""

import shutil
from contextlib import closing

import pytest

from index.care.backup import backup
from index.care.check import check
from index.care.repair import repair
from index.errors import LibraryError, LibraryInUse, LibraryReadOnly
from index.local.store import LocalStore
from index.records import ListQuery
from index.scope import EVERYTHING
from tests.read_only import let_read, let_write, medium, public_folder, reader
from tests.shelf import EMBEDDER, MANIFEST, NEWS, QUESTIONS, add, article, open_store, remove, search, state

MORE = article("The ministry bought three ferries.", title="Ferries", publisher="Evening News")
# Opens a store, then answers each question with what is found, the generation, and how many articles stand.
READER = """
import json, sys, tempfile
from pathlib import Path
from index.errors import WhosaysError
from index.local.store import LocalStore
from index.scope import EVERYTHING
from tests.read_only import become_nobody
from tests.shelf import MANIFEST, NEWS, add, article, open_store, search, state
with tempfile.TemporaryDirectory() as folder:
    store = open_store(Path(folder) / "library")
    add(store, *NEWS)
    search(store, "chips")
    store.close()
become_nobody()
store = LocalStore.open(Path(sys.argv[1]), create=False, manifest=MANIFEST)
for line in sys.stdin:
    asked = json.loads(line)
    try:
        if asked == "change":
            add(store, article("Nobody may add this."))
        told = [
            [[hit.chunk.text, hit.score] for hit in search(store, asked)], state(store).generation,
            len(list(store.articles(EVERYTHING))),
        ]
    except WhosaysError as error:
        told = [type(error).__name__, str(error)]
    print(json.dumps(told), flush=True)
store.close()
"""


def everything(store):
    """All that can be read of a store."""
    found = [search(store, question) for question in QUESTIONS]
    listed = [store.list(ListQuery(sought=word)) for word in ("", "chips")]
    return found, listed, list(store.articles(EVERYTHING)), store.removed(), state(store)


def told(store, question):
    return [[hit.chunk.text, hit.score] for hit in search(store, question)]


@pytest.fixture
def disk(tmp_path):
    with medium(tmp_path / "disk") as mounted:
        yield mounted


@pytest.fixture
def library(disk):
    """With an article that was removed, so that its word index holds what the library does not."""
    store = open_store(disk.folder / "library")
    add(store, *NEWS, MORE)
    with store.change("a test") as change:
        change.set_aside(MORE.id, at=2_000_000_000)
    store.close()
    return disk.folder / "library"


def test_on_read_only_media_a_library_gives_all_that_it_gave_before(disk, library):
    before = open_store(library)
    expected = everything(before)
    before.close()
    stood = sorted(path.name for path in library.rglob("*"))
    disk.seal()
    store = LocalStore.open(library, create=False, manifest=MANIFEST)
    assert store.info.read_only
    assert everything(store) == expected
    store.close()
    assert sorted(path.name for path in library.rglob("*")) == stood


def test_it_is_said_once_where_it_is_opened_and_of_no_library_that_can_be_written(disk, library, caplog):
    open_store(library).close()
    assert caplog.messages == []
    disk.seal()
    store = open_store(library)
    everything(store)
    store.close()
    (line,) = caplog.messages
    assert (
        line
        == f"The library {library} is read-only: it can be asked, and nothing can be changed or kept there"
    )


def test_without_an_index_of_words_one_is_made_elsewhere_and_gone_at_the_end(
    disk, library, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = open_store(library)
    expected = everything(store)
    store.close()
    shutil.rmtree(library / "lexical")  # as in a backup
    disk.seal()
    store = open_store(library)
    assert everything(store) == expected
    (own,) = tmp_path.glob("whosays-words-*")
    assert own.stat().st_mode & 0o777 == 0o700
    store.close()
    assert list(tmp_path.glob("whosays-words-*")) == []


@pytest.mark.parametrize("damage", [b"", b"{}", b"nonsense"])
def test_a_damaged_index_of_words_is_made_again_elsewhere(disk, library, damage):
    store = open_store(library)
    expected = everything(store)
    store.close()
    (library / "lexical" / "meta.json").write_bytes(damage)
    disk.seal()
    store = open_store(library)
    assert everything(store) == expected
    store.close()


def test_the_index_of_words_of_a_copy_that_went_another_way_is_told_and_made_again_elsewhere(disk, library):
    copy = shutil.copytree(library, disk.folder / "copy")
    for folder, one in ((library, NEWS[0]), (copy, NEWS[1])):
        with closing(open_store(folder)) as store:
            remove(store, one)
    with closing(open_store(library)) as store:
        expected = everything(store)
    shutil.rmtree(library / "lexical")
    shutil.copytree(copy / "lexical", library / "lexical")
    disk.seal()
    assert [one.says for one in check(library).findings] == [
        "lexical: the word index is not that of these articles"
    ]
    with closing(open_store(library)) as store:
        assert everything(store) == expected


def test_whatever_would_change_it_is_refused_with_what_to_do(disk, library):
    disk.seal()
    store = open_store(library)
    expected = everything(store)
    for change in (
        lambda: add(store, MORE),
        lambda: remove(store, NEWS[0]),
        store.make_indexes,
    ):
        with pytest.raises(
            LibraryReadOnly, match=r"is read-only: .*Allow writing; or copy it with `whosays backup"
        ):
            change()
    with pytest.raises(LibraryReadOnly, match="copy its folder to where you may write, and repair the copy"):
        repair(library, embedder=EMBEDDER)
    assert everything(store) == expected
    store.close()


def test_it_is_checked_and_the_copy_that_a_backup_makes_can_be_changed(disk, library, tmp_path):
    disk.seal()
    assert check(library).sound
    assert check(library).articles == len(NEWS)
    assert backup(library, tmp_path / "copy").found.sound
    copy = open_store(tmp_path / "copy")
    add(copy, MORE)
    assert state(copy).articles == len(NEWS) + 1
    copy.close()


def test_what_a_kill_left_in_the_log_is_read(disk, library):
    """Its changes stand in the log alone, beside which SQLite's other file is."""
    writer = open_store(library)
    writer._database.connection.execute("BEGIN")  # a reader: the log cannot be moved into the database
    writer._database.connection.execute("SELECT count(*) FROM article").fetchone()
    other = open_store(library)
    add(other, MORE)
    expected = everything(other)
    shutil.copytree(library, disk.folder / "killed")
    other.close()
    writer.close()
    assert (disk.folder / "killed" / "library.sqlite-wal").stat().st_size
    disk.seal()
    store = open_store(disk.folder / "killed")
    assert everything(store) == expected
    assert check(disk.folder / "killed").sound
    store.close()
    disk.unseal()
    (disk.folder / "killed" / "library.sqlite-shm").unlink()
    disk.seal()
    with pytest.raises(LibraryError, match=r"its last changes stand in library\.sqlite-wal alone"):
        open_store(disk.folder / "killed")


def test_what_somebody_changes_while_it_is_read_is_told_and_read_anew(disk, library):
    disk.seal()
    store = open_store(library)
    before = state(store)

    def write():
        disk.unseal()
        writer = open_store(library)
        add(writer, article("Nobody knew of this."))
        writer.close()

    with (
        pytest.raises(LibraryInUse, match="was changed by somebody else while it was read: ask again"),
        store._database.snapshot(),
    ):
        write()
    assert state(store).articles == before.articles + 1
    assert told(store, "Who knew of this?")[0][0] == "Nobody knew of this."
    store.close()


def test_no_library_can_be_made_there(disk):
    (disk.folder / "new").mkdir()
    disk.seal()
    with pytest.raises(LibraryError, match=r"No library can be made in .*: it is read-only"):
        open_store(disk.folder / "new")
    with pytest.raises(LibraryError, match="cannot be made or read"):
        open_store(disk.folder / "other")


def test_who_may_only_read_a_folder_reads_what_others_write_there_meanwhile():
    with public_folder() as folder:
        library = folder / "library"
        writer = open_store(library)
        add(writer, *NEWS)
        expected = [[told(writer, question), 1, len(NEWS)] for question in QUESTIONS]
        writer.close()
        let_read(library)
        home = folder / "home"
        home.mkdir(mode=0o777)
        home.chmod(0o777)
        with reader(READER, str(library), home=home) as other:
            assert [other.tell(question) for question in QUESTIONS] == expected
            assert other.tell("change")[0] == "LibraryReadOnly"
            assert [path.name for path in home.iterdir()] != []  # its links
            let_write(library)
            library.chmod(0o755)
            writer = open_store(library)
            add(writer, MORE)
            asked = "Who bought ferries?"
            assert other.tell(asked) == [told(writer, asked), 2, len(NEWS) + 1]
            (own,) = home.glob("whosays-words-*")
            assert (own / "2" / "meta.json").exists()  # the writer's index, and not one made anew
            remove(writer, *NEWS[:2])
            assert other.tell(asked) == [told(writer, asked), 3, len(NEWS) - 1]
            writer.close()
            again = open_store(library)
            add(again, NEWS[0])
            assert other.tell(QUESTIONS[0]) == [told(again, QUESTIONS[0]), 4, len(NEWS)]
            again.close()
            assert other.tell(QUESTIONS[0])[1:] == [4, len(NEWS)]
        assert list(home.iterdir()) == []
