"""The notebook in a real browser: kept from a real answer, annotated, arranged, taken home; and who may do so."""

import io
import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import mammoth
import pytest
from playwright.sync_api import expect

from qa import Library
from qa.app.access.users import add_user
from tests.screens import on_every_screen
from tests.served import SMALL, served, shelve
from tests.waits import until

QUESTION = "How many people did the ferry Aurora carry?"
NOTE = "The captain counted at boarding.\nAsk <b>the harbour</b> & the police."


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    return shelve(tmp_path_factory.mktemp("shelved"))


@pytest.fixture(scope="module")
def at(library, tmp_path_factory):
    with served(library=library, log=tmp_path_factory.mktemp("served") / "log", **SMALL) as address:
        yield address


@pytest.fixture
def emptied(library):
    """The notebook as it is at first."""
    (library / "notebook.jsonl").unlink(missing_ok=True)
    return library


def ask(page, question: str = QUESTION):
    page.get_by_role("textbox", name="Your question").fill(question)
    page.keyboard.press("Enter")
    page.locator(".turn:not([aria-busy]) .answer").last.wait_for()


def open_menu(page):
    page.get_by_role("group", name="This question").get_by_role("button", name="Keep in notebook").click()
    menu = page.get_by_role("dialog", name="Keep in notebook")
    expect(menu).to_be_visible()
    return menu


def kinds(page) -> list[str]:
    return [one.split(",")[0] for one in page.locator(".clipping .facts").all_inner_texts()]


def keep_three(page):
    """The answer, the disagreement and a quote, each by its way."""
    ask(page)
    menu = open_menu(page)
    menu.get_by_role("button", name="The whole answer").click()
    expect(menu.get_by_role("button", name="The whole answer")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    card = page.locator(".turn .dispute").first
    card.locator("summary").first.click()
    card.get_by_role("button", name="Keep in notebook").click()
    expect(card.get_by_role("button", name="Kept in notebook")).to_have_attribute("aria-pressed", "true")
    page.locator(".turn a.source").first.click()
    page.locator("dialog.reader").get_by_role("button", name="Keep this quote").click()
    expect(page.locator("dialog.reader").get_by_role("button", name="Kept in notebook")).to_be_visible()


def open_notebook(page, at: str):
    page.goto(f"{at}notebook")
    page.get_by_role("heading", name="Notebook", exact=True).wait_for()


def test_what_is_kept_of_an_answer_is_annotated_arranged_and_taken_home(at, emptied, visitor):
    page = visitor(at)
    keep_three(page)
    open_notebook(page, at)
    expect(page.locator(".clipping")).to_have_count(3)
    assert kinds(page) == ["Answer", "Disagreement", "Quote"]

    second = page.locator(".clipping").nth(1)
    second.get_by_role("button", name="Add a note").click()
    page.keyboard.insert_text(NOTE)
    page.get_by_role("button", name="Save").click()
    expect(second.locator(".own")).to_have_text(NOTE)
    expect(second.get_by_role("button", name="Edit note")).to_be_focused()
    assert page.locator(".beside b").count() == 0

    page.locator("header").get_by_role("button", name="Write a note").click()
    page.keyboard.type("Lead")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".clipping").nth(3)).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".clipping").nth(2)).to_be_focused()
    page.get_by_role("button", name="Move down").first.click()
    expect(page.locator(".clipping").nth(1).get_by_role("button", name="Move down")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Moved down: now 2 of 4 clippings.")).to_have_count(1)

    page.reload()
    expect(page.locator(".clipping")).to_have_count(4)
    assert kinds(page) == ["Disagreement", "Answer", "Note", "Quote"]
    expect(page.locator(".clipping").first.locator(".own")).to_have_text(NOTE)
    read_back(page, emptied)


def read_back(page, library: Path) -> None:
    """Each file by its name, and what it says held against the articles."""
    files = {}
    for label, ending in (("Word", "docx"), ("Markdown", "md"), ("JSON", "json")):
        with page.expect_download() as saved:
            page.get_by_role("link", name=label).click()
        name = saved.value.suggested_filename
        assert re.fullmatch(rf"whosays-notebook-library-\d{{4}}-\d\d-\d\d\.{ending}", name)
        files[ending] = Path(saved.value.path()).read_bytes()
    word = mammoth.extract_raw_text(io.BytesIO(files["docx"])).value
    told = json.loads(files["json"])
    quotes = [
        said
        for clipping in told["clippings"]
        for held in (clipping["statements"], *(one["statements"] for one in clipping["conflicts"]))
        for said in held
    ]
    assert {one["quote"] for one in quotes} == {"40 people", "45 people"}
    with Library.open(library) as opened:
        for one in quotes:
            text = opened.article(one["article_id"]).text
            assert text[one["start"] : one["end"]] == one["quote"]
            assert one["sentence"] in word
            assert one["sentence"] in files["md"].decode()
    assert "Ask <b>the harbour</b> & the police." in word
    assert "They may disagree, different numbers" in word
    assert [one["kind"] for one in told["clippings"]] == ["disagreement", "answer", "note", "quote"]


def test_what_is_removed_comes_back_where_it_stood(at, emptied, visitor):
    page = visitor(at)
    keep_three(page)
    open_notebook(page, at)
    page.locator(".clipping").nth(1).get_by_role("button", name="Remove").click()
    expect(page.locator(".clipping")).to_have_count(2)
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".clipping")).to_have_count(3)
    assert kinds(page) == ["Answer", "Disagreement", "Quote"]
    page.locator(".clipping").nth(0).get_by_role("button", name="Remove").click()
    expect(undo).to_be_visible()
    page.reload()
    expect(page.locator(".clipping")).to_have_count(2)
    expect(undo).to_have_count(0)


def test_the_menu_takes_out_again_what_it_kept(at, emptied, visitor):
    page = visitor(at)
    ask(page)
    menu = open_menu(page)
    quotes = menu.get_by_role("button", name="The ferry Aurora carried 40 people")
    quotes.click()
    expect(quotes).to_have_attribute("aria-pressed", "true")
    expect(quotes).to_be_focused()
    expect(menu.get_by_text("Kept in the notebook.")).to_be_visible()
    page.reload()
    quotes = open_menu(page).get_by_role("button", name="The ferry Aurora carried 40 people")
    expect(quotes).to_have_attribute("aria-pressed", "true")
    quotes.click()
    expect(quotes).to_have_attribute("aria-pressed", "false")
    open_notebook(page, at)
    expect(page.get_by_text("Nothing is kept yet.")).to_be_visible()


def test_a_note_that_is_being_written_outlives_what_happens_beside_it(at, emptied, visitor):
    page = visitor(at)
    keep_three(page)
    open_notebook(page, at)
    first = page.locator(".clipping").first
    first.get_by_role("button", name="Add a note").click()
    page.keyboard.type("half a tho")
    page.locator(".clipping").nth(2).get_by_role("button", name="Move up").click()
    expect(page.get_by_role("status").filter(has_text="now 2 of 3")).to_have_count(1)
    box = page.get_by_role("textbox", name="Add a note")
    expect(box).to_have_value("half a tho")
    box.press("Escape")
    expect(box).to_have_count(0)
    expect(first.get_by_role("button", name="Add a note")).to_be_focused()


def test_the_cursor_stays_where_one_types_when_all_is_drawn_anew(at, emptied, visitor):
    page = visitor(at)
    keep_three(page)
    open_notebook(page, at)
    sent = []

    def hold(route):
        if sent:
            route.continue_()
        sent.append(route)

    page.route("**/run/predict*", hold)
    page.locator(".clipping").nth(2).get_by_role("button", name="Move up").click()
    until(lambda: sent, page)
    page.locator(".clipping").first.get_by_role("button", name="Add a note").click()
    page.keyboard.type("half thought")
    for _ in "thought":
        page.keyboard.press("ArrowLeft")
    sent[0].continue_()
    expect(page.get_by_role("status").filter(has_text="now 2 of 3")).to_have_count(1)
    box = page.get_by_role("textbox", name="Add a note")
    expect(box).to_be_focused()
    page.keyboard.type("a ")
    expect(box).to_have_value("half a thought")


def test_two_visitors_arrange_one_notebook(at, emptied, visitor):
    one = visitor(at)
    keep_three(one)
    open_notebook(one, at)
    other = visitor(f"{at}notebook")
    expect(other.locator(".clipping")).to_have_count(3)
    one.locator(".clipping").nth(1).get_by_role("button", name="Remove").click()
    expect(one.locator(".clipping")).to_have_count(2)
    other.locator(".clipping").nth(1).get_by_role("button", name="Add a note").click()
    other.keyboard.type("too late")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("alert")).to_contain_text("somebody removed it")
    expect(other.locator(".clipping")).to_have_count(2)


def test_an_article_that_is_gone_is_told_beside_its_words(tmp_path, visitor):
    library = shelve(tmp_path)
    with served(library=library, log=tmp_path / "log", **SMALL) as at:
        page = visitor(at)
        keep_three(page)
        with Library.open(library) as opened:
            opened.remove(next(one.id for one in opened.articles() if one.publisher == "Morning Post"))
        open_notebook(page, at)
        lost = page.locator(".clipping").nth(1).locator(".lost")
        expect(lost).to_contain_text("The ferry Aurora carried 40 people, the captain said.")
        expect(lost).to_contain_text("its article is no longer in the library")
        assert lost.locator("a").count() == 0
        assert on_every_screen(page) == {}


def test_the_notebook_and_the_menu_are_accessible_on_every_screen(at, emptied, visitor):
    page = visitor(at)
    keep_three(page)
    page.keyboard.press("Escape")
    open_menu(page)
    assert on_every_screen(page) == {}
    open_notebook(page, at)
    page.locator(".clipping").first.get_by_role("button", name="Add a note").click()
    page.keyboard.type("x")
    page.get_by_role("button", name="Save").click()
    page.locator(".clipping").nth(1).get_by_role("button", name="Add a note").click()
    assert on_every_screen(page) == {}
    page.get_by_role("button", name="Cancel").click()
    for _ in range(3):
        left = page.locator(".clipping").count()
        page.locator(".clipping").first.get_by_role("button", name="Remove").click()
        expect(page.locator(".clipping")).to_have_count(left - 1)
    page.reload()
    expect(page.get_by_text("Nothing is kept yet.")).to_be_visible()
    assert on_every_screen(page) == {}


def test_a_library_that_is_read_only_shows_its_notebook_and_takes_nothing(
    library, emptied, tmp_path, visitor
):
    with Library.open(library) as opened:
        opened.notebook.add_note("Kept before")
    with served("--read-only", library=library, log=tmp_path / "log", **SMALL) as at:
        page = visitor(at)
        ask(page)
        expect(page.get_by_role("button", name="Copy with citation")).to_be_visible()
        expect(page.get_by_role("button", name="Keep in notebook")).to_have_count(0)
        open_notebook(page, at)
        expect(page.locator(".clipping .own")).to_have_text("Kept before")
        expect(page.get_by_text("its notebook can be read and taken home, not changed")).to_be_visible()
        assert page.locator("#notebook-list button:not([data-do=print])").count() == 0
        # As a program would: the event itself refuses.
        sent = """(detail) => {
          const list = document.querySelector("#notebook-list");
          const button = document.createElement("button");
          button.dataset.do = "remove";
          list.querySelector("li.clipping").append(button);
          button.click();
        }"""
        page.evaluate(sent)
        expect(page.get_by_role("alert")).to_contain_text("This notebook is read-only")
        with page.expect_download() as saved:
            page.get_by_role("link", name="Markdown").click()
        assert "Kept before" in Path(saved.value.path()).read_text()
    with Library.open(library) as opened:
        assert [one.note for one in opened.notebook.clippings()] == ["Kept before"]


def test_who_signs_in_is_named_and_a_stranger_gets_nothing(library, emptied, tmp_path, visitor):
    add_user(tmp_path / "users", "ida", "a long enough secret")
    with served("--auth-file", str(tmp_path / "users"), library=library, log=tmp_path / "log", **SMALL) as at:
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{at}notebook/export/md")
        page = visitor(f"{at}notebook")
        page.get_by_label("Name").fill("ida")
        page.get_by_label("Password").fill("a long enough secret")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Write a note").click()
        page.keyboard.type("Mine")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".clipping .facts")).to_contain_text("by ida")
        expect(page.get_by_text("All who can open this library read and change")).to_be_visible()


def test_an_export_in_an_unknown_format_is_not_found(at):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{at}notebook/export/exe")
