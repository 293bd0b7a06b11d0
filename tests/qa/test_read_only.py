"""A library that lies where nobody may write: asked, listed, compared, copied and looked at, and left as it is."""

import json
import shutil

import pytest

from index.errors import LibraryError, LibraryReadOnly
from index.scope import Scope
from qa.ask import ask, open_library
from qa.cli import main
from qa.settings import Settings
from tests.read_only import medium
from tests.screens import on_every_screen
from tests.served import SMALL, served, shelve

QUESTION = "How many people did the ferry Aurora carry?"
SETTINGS = Settings(judge="small")


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    with medium(tmp_path_factory.mktemp("read-only") / "disk") as mounted:
        yield mounted


@pytest.fixture(scope="module")
def written(disk):
    """What was read of the library while it could be written; then it is sealed."""
    folder = shelve(disk.folder)
    shutil.copytree(folder, disk.folder / "half known")
    with open_library(folder, SETTINGS) as library:
        answer = ask(QUESTION, library=library, settings=SETTINGS)
        told = answer.to_dict(), library.conflicts().to_dict(), library.events(), library.listing()
    for one in ("conflicts.sqlite", "events.json"):
        (folder / one).unlink()
    with open_library(disk.folder / "half known", SETTINGS) as library:
        (ferry,) = (one.id for one in library.articles(publishers=("Morning Post",)))
        library.conflicts(scope=Scope(articles=(ferry,)))
    disk.seal()
    yield told
    disk.unseal()


@pytest.fixture
def library(disk, written):
    with open_library(disk.folder / "library", SETTINGS) as opened:
        yield opened


def untimed(answer):
    return {name: value for name, value in answer.items() if name != "timings_ms"}


def test_answers_lists_surveys_and_events_are_those_of_a_library_that_can_be_written(library, written):
    answer, survey, events, listing = written
    assert library.is_read_only
    told = ask(QUESTION, library=library, settings=SETTINGS).to_dict()
    assert untimed(told) == untimed(answer)
    assert told["conflicts"] != []
    assert library.conflicts().to_dict() == survey
    assert library.listing() == listing
    assert library.events() == events
    assert library.events() is library.events()  # found once, though nothing can be kept of it


def test_what_was_kept_of_a_survey_is_used_where_nothing_can_be_added_to_it(disk, written):
    with open_library(disk.folder / "half known", SETTINGS) as library:
        assert library.conflicts_estimate().articles == 2
        assert library.conflicts().to_dict() == written[1]


def test_each_change_is_refused_and_says_what_to_do(library, tmp_path):
    (tmp_path / "more.txt").write_text("The ferry was painted.")
    (own,) = (one.id for one in library.articles(publishers=("Evening News",)))
    for change in (
        lambda: library.add(tmp_path / "more.txt"),
        lambda: library.remove(own),
        lambda: library.restore([own]),
        lambda: library.edit([own], {"title": "Other"}),
        lambda: library.merge_publishers(["Evening News"], "Morning Post"),
    ):
        with pytest.raises(LibraryReadOnly, match=r"Allow writing; or copy it with `whosays backup COPY"):
            change()
    with pytest.raises(LibraryError, match=r"cannot be written .*: allow writing"):
        library.notebook.add_note("A note.")


def test_the_command_line_asks_checks_and_copies_it_and_says_once_that_it_is_read_only(
    disk, written, tmp_path, capsys, caplog, monkeypatch
):
    monkeypatch.setenv("WHOSAYS_JUDGE", "small")
    at = ["--library", str(disk.folder / "library"), "--json"]
    assert main(["ask", QUESTION, *at]) == 0
    assert untimed(json.loads(capsys.readouterr().out)) == untimed(written[0])
    assert [line for line in caplog.messages if "is read-only" in line] == [
        f"The library {disk.folder / 'library'} is read-only: it can be asked, and nothing can be changed or kept"
        " there"
    ]
    assert main(["check", *at]) == 0
    assert main(["backup", str(tmp_path / "copy"), *at]) == 0
    capsys.readouterr()
    assert main(["add", str(disk.folder / "articles"), *at]) == 2
    assert "copy it with `whosays backup COPY --library" in capsys.readouterr().err
    assert main(["repair", *at]) == 2
    assert "repair the copy" in capsys.readouterr().err
    assert main(["add", str(disk.folder / "articles"), "--library", str(tmp_path / "copy")]) == 0


@pytest.fixture(scope="module")
def address(disk, written, tmp_path_factory):
    with served(
        library=disk.folder / "library", log=tmp_path_factory.mktemp("served") / "log", **SMALL
    ) as at:
        yield at


@pytest.mark.browser
def test_the_app_asks_it_offers_no_change_and_says_why(address, visitor):
    page = visitor(f"{address}?ask={QUESTION.replace(' ', '+')}")
    page.locator(".turn:not([aria-busy]) .conflicts").wait_for()
    assert page.locator(".masthead .sealed").inner_text() == "read-only"
    assert page.locator(".add-articles:visible, .turn [data-keep]:visible").count() == 0
    page.locator("details.library summary").click()
    page.get_by_text("This library lies where nothing can be written.").wait_for()
    assert on_every_screen(page) == {}
    page.goto(f"{address}articles")
    page.get_by_text("3 articles. This library is read-only.").wait_for()
    assert page.get_by_role("button", name="Remove").count() == 0
    page.goto(f"{address}disagreements")
    page.get_by_role("button", name="Compare", exact=False).first.click()
    page.locator(".card").first.wait_for()
    assert page.get_by_role("button", name="No conflict").count() == 0
