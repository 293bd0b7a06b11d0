"""Libraries of the shelf are renamed, copied, removed and put back; nothing that is in use, and nothing for good."""

import os
import re
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from eval.robustness.small_library import WordHashEmbedder, contents
from index.aside import GRACE_S
from index.errors import LibraryError, LibraryInUse
from index.local.lock import WriterLock
from qa.app.pages.intake import LibrarySource
from qa.app.pages.library_list import SEALED, LibraryList
from qa.app.serve import command
from qa.app.shelf.libraries import BUNDLED, FIRST, UNUSED_S, Choice, Shelf
from qa.app.shelf.removed_libraries import FOLDER, RemovedLibraries
from qa.app.shelf.uploads import Allowed
from qa.library import Library, has_examples
from qa.settings import Settings
from tests.read_only import medium

PIER = "The pier was full on Friday. Nobody left before noon."


def opened(folder: Path) -> Library:
    return Library.open(folder, embedder=WordHashEmbedder(), chunk_tokens=60, overlap_sentences=0)


@pytest.fixture
def shelf(tmp_path):
    """With the examples, and a library of one article."""
    (tmp_path / "pier.txt").write_text(PIER, encoding="utf-8")
    with Shelf(tmp_path / "shelf", open_at=opened, open_bundled=lambda: opened(tmp_path / "seeds")) as own:
        own.create("The port").add(tmp_path / "pier.txt")
        yield own


def test_a_renamed_library_is_the_same_one_and_is_found_by_its_old_name(shelf):
    before = contents(shelf.open("The port"))
    assert shelf.rename("The port", "  Harbour  news ") == "Harbour news"
    assert shelf.names() == (BUNDLED, "Harbour news")
    assert contents(shelf.open("Harbour news")) == before
    assert Choice(shelf, lambda: "The port").name == "Harbour news"  # as a browser still calls it
    shelf.rename("Harbour news", "Quay")
    assert [shelf.current_name(one) for one in ("The port", "Harbour news", "Quay")] == ["Quay"] * 3
    shelf.create("The port")
    assert shelf.current_name("The port") == "The port"  # another one has that name now
    assert shelf.rename("Quay", "QUAY") == "QUAY"  # only the size of letters
    assert shelf.names() == (BUNDLED, "QUAY", "The port")


@pytest.mark.parametrize(
    "name", ["", "../up", "a/b", ".hidden", "Alpha", "example articles", "CON", "news.db", "News.DB"]
)
def test_a_library_cannot_have_a_name_that_is_taken_or_none(shelf, name):
    shelf.create("alpha")
    for change in (shelf.rename, shelf.copy):
        with pytest.raises(LibraryError, match=r"cannot be called|There is a library"):
            change("The port", name)
    assert shelf.names() == (BUNDLED, "alpha", "The port")


def test_a_copy_is_as_the_library_is_and_goes_its_own_way(shelf, tmp_path):
    (article,) = shelf.open("The port").articles()
    shelf.open("The port").edit([article.id], {"publisher": "Post"})
    before = contents(shelf.open("The port"))
    assert shelf.copy("The port", "Copy") == "Copy"
    assert contents(shelf.open("Copy")) == before
    shelf.open("Copy").remove(article.id)
    assert (len(shelf.open("Copy")), len(shelf.open("The port"))) == (0, 1)
    assert shelf.copy(BUNDLED, "Mine") == "Mine"
    assert not shelf.is_read_only("Mine")


def test_a_removed_library_is_put_back_as_it_was(shelf):
    before = contents(shelf.open("The port"))
    shelf.remove("The port")
    assert (shelf.names(), shelf.removed()) == ((BUNDLED,), ("The port",))
    with pytest.raises(LibraryError, match="There is no library The port"):
        shelf.open("The port")
    shelf.put_back("The port")
    assert (shelf.names(), shelf.removed()) == ((BUNDLED, "The port"), ())
    assert contents(shelf.open("The port")) == before


def test_the_only_library_stays(tmp_path):
    with Shelf(tmp_path / "shelf", open_at=opened) as own:
        own.create("The port")
        with pytest.raises(LibraryError, match="the only library here: create another"):
            own.remove("The port")
        own.create("Harbour")
        own.remove("The port")
        assert own.names() == ("Harbour",)


def test_an_installed_wheel_has_no_examples_and_begins_with_an_empty_library(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "has_examples", lambda: has_examples(tmp_path))
    monkeypatch.setattr(command, "default_root", lambda: tmp_path / "libraries")

    def begin(**how):
        return command._open_libraries(Settings(), nullcontext(), Allowed(), several=True, **how)

    with pytest.raises(LibraryError, match="no library to read yet"), begin(read_only=True):
        pass
    with begin(read_only=False) as held:
        assert (len(held.source.library()), held.source.choice.name, held.is_bundled()) == (
            0,
            FIRST,
            False,
        )
    with begin(read_only=True) as held:
        assert held.source.choice.name == FIRST


def test_of_two_that_were_removed_under_one_name_the_last_comes_back_where_the_name_is_free(shelf):
    shelf.remove("The port")
    assert len(shelf.create("The port")) == 0
    with pytest.raises(LibraryError, match="There is a library The port already"):
        shelf.put_back("The port")
    shelf.remove("The port")
    assert shelf.removed() == ("The port",)
    shelf.put_back("The port")
    assert len(shelf.open("The port")) == 0
    shelf.rename("The port", "Empty")
    shelf.put_back("The port")
    assert len(shelf.open("The port")) == 1


def test_after_a_day_it_is_gone(shelf, tmp_path):
    shelf.create("Old").close()
    kept = RemovedLibraries(shelf.root)
    kept.put_away(shelf.root / "Old", at=time.time() - GRACE_S - 5)
    assert kept.names() == ()
    with pytest.raises(LibraryError, match="removed more than a day ago"):
        shelf.put_back("Old")
    assert len(list((shelf.root / FOLDER).iterdir())) == 1
    shelf.create("New")
    assert list((shelf.root / FOLDER).iterdir()) == []


def test_what_is_compared_or_written_or_of_the_examples_stays_as_it_is(shelf):
    shelf.is_surveyed = lambda folder: folder.name == "The port"
    for change in (lambda: shelf.rename("The port", "Quay"), lambda: shelf.remove("The port")):
        with pytest.raises(LibraryError, match="while its articles are compared: wait"):
            change()
    shelf.is_surveyed = lambda _: False
    with (
        opened(shelf.root / "The port") as other,
        other._store.change("whosays add"),
        pytest.raises(LibraryInUse, match=r"in use by process \d+ \(whosays add\)"),
    ):
        shelf.remove("The port")
    for change in (lambda: shelf.rename(BUNDLED, "Quay"), lambda: shelf.remove(BUNDLED)):
        with pytest.raises(LibraryError, match="it is the one of the examples"):
            change()
    for name in ("../seeds", FOLDER, "nowhere"):
        with pytest.raises(LibraryError, match="There is no library"):
            shelf.remove(name)
    assert shelf.names() == (BUNDLED, "The port")
    assert len(shelf.open("The port")) == 1


def test_who_may_only_read_changes_no_library(shelf):
    choice = Choice(shelf, lambda: "The port", fixed=True)
    for change in (
        lambda: choice.rename("The port", "Quay"),
        lambda: choice.remove("The port"),
        lambda: choice.copy("Copy", "The port"),
        lambda: choice.put_back("The port"),
    ):
        with pytest.raises(LibraryError, match="read-only: none can be made or changed"):
            change()
    assert shelf.names() == (BUNDLED, "The port")


@pytest.mark.skipif(os.name != "posix", reason="of links on the disk")
def test_a_link_among_the_removed_is_neither_followed_nor_deleted(shelf, tmp_path):
    opened(tmp_path / "elsewhere").close()
    (shelf.root / FOLDER).mkdir()
    (shelf.root / FOLDER / "1 elsewhere").symlink_to(tmp_path / "elsewhere")
    shelf.create("New")
    assert shelf.removed() == ()
    assert (tmp_path / "elsewhere" / "library.sqlite").exists()


def test_a_library_that_nobody_has_asked_for_long_is_closed_and_opened_again_when_it_is(tmp_path):
    now = [1000.0]
    with Shelf(tmp_path / "shelf", open_at=opened, clock=lambda: now[0]) as shelf:
        one, two = shelf.create("one"), shelf.create("two")
        now[0] += UNUSED_S
        assert shelf.open("two") is two
        assert len(one) == 0  # still open
        now[0] += 1
        shelf.is_surveyed = lambda folder: folder.name == "one"
        shelf.open("two")
        assert len(one) == 0
        shelf.is_surveyed = lambda folder: False
        with WriterLock(tmp_path / "shelf" / "one").hold("a test"):
            shelf.open("two")
            assert len(one) == 0
        shelf.open("two")
        with pytest.raises(LibraryError, match="has been closed"):
            len(one)
        assert len(shelf.open("one")) == 0
        assert shelf.open("two") is two


def offered(choice):
    """What the list at the side offers: to do, and with which library; and what it says."""
    told = LibraryList(choice)._draw()
    said = re.findall(r'<p class="said">(.*?)</p>', told)
    return re.findall(r'data-do="(.*?)"(?: data-name="(.*?)")?', told), said


def test_what_can_be_done_with_a_library_is_offered_and_nothing_that_would_be_refused(tmp_path):
    with medium(tmp_path / "shelf") as root, Shelf(root.folder, open_at=opened) as shelf:
        for name in ("Mine", "Old"):
            shelf.create(name)
        choice = Choice(shelf, lambda: "Mine")
        shelf.remove("Old")
        own = [(do, "Mine") for do in ("rename", "copy", "remove")]
        assert offered(choice) == ([("make", ""), *own, ("put back", "Old")], [])
        shelf.close()
        root.seal()
        assert offered(choice) == ([], [SEALED])
        with pytest.raises(LibraryError, match="read-only: none can be made or changed"):
            choice.copy("Another")


def test_a_library_where_nobody_may_write_can_be_copied_and_not_changed_and_is_closed_when_unused(tmp_path):
    now = [1000.0]
    (tmp_path / "shelf").mkdir()
    (tmp_path / "pier.txt").write_text(PIER, encoding="utf-8")
    with (
        medium(tmp_path / "shelf" / "Disc") as disc,
        Shelf(tmp_path / "shelf", open_at=opened, clock=lambda: now[0]) as shelf,
    ):
        with opened(disc.folder) as made:
            made.add(tmp_path / "pier.txt")
        assert not shelf.is_read_only("Disc")
        disc.seal()
        assert shelf.is_read_only("Disc")
        library = shelf.open("Disc")
        choice = Choice(shelf, lambda: "Disc")
        assert offered(choice) == ([("make", ""), ("copy", "Disc")], [])
        assert LibrarySource(choice.library, read_only=choice.is_read_only, choice=choice).may == "make"
        with pytest.raises(LibraryError, match=r"cannot be written \(Read-only file system\)"):
            shelf.rename("Disc", "Other")
        assert shelf.copy("Disc", "Mine") == "Mine"
        assert not shelf.is_read_only("Mine")
        assert contents(shelf.open("Mine")) == contents(library)
        now[0] += UNUSED_S + 1
        shelf.open("Mine")
        with pytest.raises(LibraryError, match="has been closed"):
            len(library)
