"""The side and the head of each page in a real browser: libraries, conversations, adding, and the way back.

Served is `whosays chat` itself, over the libraries of a home of its own.
"""

import json
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from qa.app.shelf.libraries import BUNDLED
from qa.cli import main
from tests.screens import on_every_screen
from tests.served import FERRY, MILL, POLICE, SMALL, served

pytestmark = pytest.mark.browser

PORT = "The port"
QUESTION = "How many people did the ferry Aurora carry?"


def make_home(folder):
    """A home with one library of three articles."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HOME" if sys.platform == "darwin" else "XDG_DATA_HOME", str(folder))
        from qa.app.shelf.libraries import default_root

        source = folder / "source"
        source.mkdir()
        for name, publisher, text in (
            ("Ferry", "Morning Post", FERRY), ("Police", "Evening News", POLICE), ("Mill", "Evening News", MILL),
        ):  # fmt: skip
            told = {"title": name, "publisher": publisher, "published": "2026-07-03", "text": text}
            (source / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")
        assert main(["add", str(source), "--library", str(default_root() / PORT)]) == 0


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    make_home(folder)
    return folder


@pytest.fixture(scope="module")
def address(home):
    variable = "HOME" if sys.platform == "darwin" else "XDG_DATA_HOME"
    with served(log=home / "log", **SMALL, **{variable: str(home)}) as at:
        yield at


@pytest.fixture
def visit(visitor, address):
    """Opens a page with its libraries drawn; `library` is chosen first."""

    def opened(path="", *, library="", **screen):
        page = visitor(address + path, **screen)
        libraries_of(page).first.wait_for(state="attached")
        if library:
            page.evaluate("name => window.whosays.library(name)", library)
            page.locator(".masthead .name", has_text=library).wait_for()
            libraries_of(page).first.wait_for(state="attached")
        return page

    return opened


def libraries_of(page):
    return page.locator("#libraries .open")


def change(page, name, does):
    """Choose what to do with a library in its menu."""
    row = page.locator("#libraries li", has=page.get_by_role("button", name=name, exact=True))
    row.locator("summary").click()
    row.get_by_role("button", name=does, exact=True).click()
    return page.get_by_role("dialog")


def test_the_head_is_one_line_with_the_library_on_every_page(visit):
    for path in ("", "articles", "disagreements"):
        for width in (1280, 360):
            page = visit(path, library=PORT, width=width)
            head = page.locator(".masthead")
            assert head.bounding_box()["height"] < 70
            expect(head.locator(".name")).to_have_text(PORT)
            expect(head.locator(".count")).to_have_text("3 articles")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.close()


def test_the_side_closes_and_stays_closed_on_the_next_page(visit, address):
    page = visit()
    toggle = page.get_by_role("button", name="Menu")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    before = page.locator("#composer").bounding_box()["x"]
    toggle.click()
    expect(page.locator("#side")).to_be_hidden()
    expect(toggle).to_have_attribute("aria-expanded", "false")
    assert page.locator("#composer").bounding_box()["x"] < before
    page.goto(address + "articles")
    page.locator(".found").wait_for()
    expect(page.locator("#side")).to_be_hidden()
    toggle.click()
    expect(page.get_by_role("link", name="Ask", exact=True)).to_be_visible()


def go_back(page):
    """A step back from what was opened, which is a step of the history a moment after it is shown."""
    page.wait_for_function("history.state?.whosaysLayers")
    page.go_back()


def test_on_a_phone_the_side_is_a_drawer_which_a_step_back_closes(visit):
    page = visit(width=390, height=800)
    at, toggle, side = page.url, page.get_by_role("button", name="Menu"), page.locator("#side")
    expect(side).to_be_hidden()
    toggle.click()
    expect(page.get_by_role("link", name="Articles", exact=True)).to_be_visible()
    expect(side.get_by_role("button", name="Close")).to_be_focused()
    go_back(page)
    expect(side).to_be_hidden()
    expect(toggle).to_be_focused()
    assert page.url == at
    for leave in (
        lambda: page.keyboard.press("Escape"),
        lambda: page.mouse.click(380, 400),
        lambda: side.get_by_role("button", name="Close").click(),
    ):
        toggle.click()
        expect(side).to_be_visible()
        leave()
        expect(side).to_be_hidden()
    page.wait_for_function("!history.state?.whosaysLayers")  # what was closed leaves no step behind


def test_a_library_is_made_renamed_copied_removed_and_put_back(visit):
    page = visit()
    names = libraries_of(page)
    page.get_by_role("button", name="New library").click()
    dialog = page.get_by_role("dialog", name="A new library")
    dialog.get_by_label("Name").fill("../up")
    page.keyboard.press("Enter")
    page.get_by_role("alert").filter(has_text="A library cannot be called “../up”").wait_for()
    page.get_by_role("button", name="New library").click()
    dialog.get_by_label("Name").fill("Quay")
    page.keyboard.press("Enter")
    page.locator(".masthead .name", has_text="Quay").wait_for()  # it is open now
    page.get_by_text("Add the articles that you want to ask.").wait_for()
    expect(names).to_have_text([BUNDLED, "Quay", PORT])

    change(page, "Quay", "Rename").get_by_label("Name").fill(PORT.upper())
    page.keyboard.press("Enter")
    page.get_by_role("alert").filter(has_text=f"There is a library {PORT.upper()} already").wait_for()
    change(page, "Quay", "Rename").get_by_label("Name").fill("<b>Pier</b>")
    page.keyboard.press("Enter")
    page.get_by_role("alert").filter(has_text="letters, digits, spaces").wait_for()
    change(page, "Quay", "Rename").get_by_label("Name").fill("Pier")
    page.keyboard.press("Enter")
    page.locator(".masthead .name", has_text="Pier").wait_for()
    expect(names).to_have_text([BUNDLED, "Pier", PORT])

    copying = change(page, PORT, "Copy")
    expect(copying.get_by_label("Name")).to_have_value(f"{PORT} 2")
    page.keyboard.press("Enter")
    page.get_by_text(f"Copied to {PORT} 2.").wait_for()
    names.get_by_text(f"{PORT} 2").click()
    expect(page.locator(".masthead .count")).to_have_text("3 articles")

    removing = change(page, "Pier", "Remove")
    expect(removing.get_by_role("button", name="Cancel")).to_be_focused()
    removing.get_by_role("button", name="Cancel").click()
    change(page, "Pier", "Remove").get_by_role("button", name="Remove").click()
    page.get_by_text("Pier was removed. For a day it can be put back.").wait_for()
    expect(names).to_have_text([BUNDLED, PORT, f"{PORT} 2"])
    page.locator("#libraries").get_by_text("Removed", exact=True).click()
    page.locator("#libraries .gone").get_by_role("button", name="Put back").click()
    page.get_by_text("Pier is back.").wait_for()
    for name in ("Pier", f"{PORT} 2"):
        change(page, name, "Remove").get_by_role("button", name="Remove").click()
        page.locator("#libraries .open", has_text=name).wait_for(state="detached")
    page.locator(".masthead .name", has_text=BUNDLED).wait_for()  # the one that was shown is gone
    expect(
        page.locator("#libraries li").filter(has_text=BUNDLED).get_by_text("Remove", exact=True)
    ).to_have_count(0)


def test_a_conversation_goes_on_in_a_library_that_was_renamed(visit):
    page = visit(library=PORT)
    box = page.get_by_role("textbox", name="Your question")
    box.fill(QUESTION)
    box.press("Enter")
    page.locator(".turn:not([aria-busy])").wait_for()
    expect(page.locator("#side .recent button")).to_have_text([QUESTION])
    for before, after in ((PORT, "Seaport"), ("Seaport", PORT)):
        change(page, before, "Rename").get_by_label("Name").fill(after)
        page.keyboard.press("Enter")
        page.locator(".masthead .name", has_text=after).wait_for()
        page.locator(".turn:not([aria-busy])").wait_for()
        expect(page.locator(".turn h2")).to_have_text([QUESTION])
    page.goto(page.url + "articles")
    page.locator("#side .recent button").click()  # from any page
    page.locator(".turn:not([aria-busy])").wait_for()
    page.get_by_role("button", name="New conversation").click()
    page.locator(".turn").wait_for(state="detached")
    expect(page.locator("#side .recent button")).to_have_text([QUESTION])


def test_articles_are_added_from_every_page(visit, address):
    page = visit(library=PORT)
    expect(page.locator("#drop")).to_be_hidden()  # who has articles begins with the question
    add = page.get_by_role("link", name="Add articles")
    add.click()
    expect(page.locator("#drop button").first).to_be_focused()
    expect(add).to_have_attribute("aria-expanded", "true")
    go_back(page)
    expect(page.locator("#drop")).to_be_hidden()
    expect(add).to_be_focused()
    add.press("Enter")
    expect(page.locator("#drop")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#drop")).to_be_hidden()
    page.wait_for_function("!history.state?.whosaysLayers")  # closing goes back by itself
    page.goto(address + "disagreements")
    page.get_by_role("link", name="Add articles").click()
    page.wait_for_url(address + "articles**")
    expect(page.locator("#drop button").first).to_be_focused()


def test_a_step_back_closes_the_article_and_the_dialog_before_it_leaves_the_page(visit, address):
    page = visit("articles", library=PORT)
    page.goto(address)
    page.get_by_role("link", name="Articles", exact=True).click()
    page.locator(".found a[data-article]").first.click()
    reader = page.get_by_role("dialog", name="Article")
    reader.wait_for()
    go_back(page)
    reader.wait_for(state="hidden")
    assert page.url == address + "articles"
    page.get_by_role("button", name="Remove Ferry").click()
    page.get_by_role("dialog", name="Remove this article?").wait_for()
    go_back(page)
    page.get_by_role("dialog").wait_for(state="hidden")
    expect(page.locator(".found li")).to_have_count(3)  # that was no yes
    page.get_by_role("button", name="Conversations").click()
    page.get_by_role("dialog", name="Conversations").get_by_role("button", name="Close").click()
    page.wait_for_function("!history.state?.whosaysLayers")
    page.go_back()
    page.wait_for_url(address)


def test_what_was_removed_is_put_back_from_the_list_or_at_once(visit):
    page = visit("articles", library=PORT)
    rows = page.locator(".found li")
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Remove Ferry").click()
    page.get_by_role("button", name="Remove it").click()
    page.get_by_text("Removed: Ferry").wait_for()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Put back: Ferry").wait_for()
    expect(rows).to_have_count(3)

    page.get_by_label("Search titles").fill("Aurora")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Remove all 2 found").click()
    asked = page.get_by_role("dialog", name="Remove all 2 articles found?")
    asked.get_by_role("button", name="Keep them").click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Remove all 2 found").click()
    asked.get_by_role("button", name="Remove them").click()
    page.get_by_text("Removed: 2 articles").wait_for()
    page.reload()
    page.get_by_text("Removed (2)").click()
    removed = page.locator("#removed-articles")
    expect(removed.locator("li")).to_have_count(2)
    assert on_every_screen(page) == {}
    removed.get_by_role("button", name="Put back Police").click()
    page.get_by_text("Put back: Police").wait_for()
    page.get_by_text("Removed (1)").click()
    removed.get_by_role("button", name="Put back Ferry").click()
    expect(rows).to_have_count(3)
    expect(removed.locator("details")).to_have_count(0)


def test_what_is_ticked_is_asked(visit):
    page = visit(library=PORT)
    line = page.locator(".scope-button")
    line.click()
    publishers, articles = page.locator("#scope-publishers"), page.locator("#scope-articles")
    expect(publishers.get_by_role("checkbox")).to_have_count(2)
    expect(articles.get_by_role("checkbox")).to_have_count(3)
    articles.get_by_role("checkbox", name="Ferry").check()
    expect(line).to_have_text("Asked of 1 of 3 articles: Ferry")
    publishers.get_by_role("checkbox", name="Evening News (2)").check()
    expect(line).to_have_text("Asked of 2 of 3 articles: Evening News")  # Ferry is none of theirs
    expect(articles.get_by_role("checkbox")).to_have_count(2)
    page.get_by_label("Find a publisher or an article").fill("mill")
    expect(articles.get_by_role("checkbox")).to_have_count(1)
    articles.get_by_role("checkbox", name="Mill").press("Space")
    expect(line).to_have_text("Asked of 1 of 3 articles: Evening News; Mill")
    page.get_by_role("button", name="Ask the whole library").click()
    expect(line).to_have_text("Asked of all 3 articles")
    expect(page.locator("#scope-ticks input:checked")).to_have_count(0)


def test_a_day_is_picked_in_the_browser_s_calendar_or_typed(visit):
    page = visit(library=PORT)
    line = page.locator(".scope-button")
    line.click()
    page.get_by_role("button", name="Choose a day: From").wait_for()
    # The calendar is the browser's own: what it does on a choice is done here.
    page.locator("#scope-since input[type=date]").evaluate(
        "(one) => { one.value = '2026-07-04'; one.dispatchEvent(new Event('change')); }"
    )
    expect(page.get_by_role("textbox", name="From")).to_have_value("2026-07-04")
    expect(line).to_have_text("Asked of 0 of 3 articles: from 4 July 2026")
    page.get_by_role("textbox", name="From").fill("2026-07")
    page.keyboard.press("Tab")
    expect(line).to_have_text("Asked of 3 of 3 articles: from July 2026")


# Of each thing that takes the focus: whether its ring stands in full within what cuts it off.
CUT = """() => {
  const cut = [];
  document.activeElement.blur();
  for (const one of document.querySelectorAll("#side :is(a, button, summary), .masthead :is(a, button, summary)")) {
    if (!one.checkVisibility()) continue;
    one.focus({ focusVisible: true });
    const style = getComputedStyle(one);
    const reach = parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
    if (style.outlineStyle === "none") cut.push(`no ring: ${one.outerHTML.slice(0, 80)}`);
    const box = one.getBoundingClientRect();
    for (let over = one.parentElement; over && over !== document.body; over = over.parentElement) {
      if (getComputedStyle(over).overflowX === "visible" && getComputedStyle(over).overflowY === "visible") continue;
      const edge = over.getBoundingClientRect();
      if (box.left - reach < edge.left - 0.5 || box.right + reach > edge.right + 0.5) cut.push(one.outerHTML.slice(0, 80));
      break;
    }
  }
  return cut;
}"""


def test_the_side_and_the_head_are_accessible_and_their_focus_rings_whole(visit):
    page = visit(library=PORT)
    assert page.evaluate(CUT) == []
    page.locator("#libraries li").nth(1).locator("summary").click()
    page.locator(".masthead summary").click()
    assert on_every_screen(page) == {}
    page.set_viewport_size({"width": 360, "height": 760})
    page.reload()
    page.get_by_role("button", name="Menu").click()
    page.locator("#libraries .open").first.wait_for()
    assert page.evaluate(CUT) == []
    page.locator(".scope-button").evaluate("one => one.click()")
    assert on_every_screen(page) == {}


def test_the_keyboard_alone_chooses_and_renames_a_library(visit):
    page = visit()

    def tab_to(wanted):
        for _ in range(60):
            if wanted.evaluate("one => one === document.activeElement"):
                return
            page.keyboard.press("Tab")
        pytest.fail(f"the Tab key does not lead to {wanted}")

    page.evaluate("document.activeElement.blur()")
    tab_to(libraries_of(page).filter(has_text=PORT))
    page.keyboard.press("Enter")
    page.locator(".masthead .name", has_text=PORT).wait_for()
    libraries_of(page).nth(1).wait_for()
    page.evaluate("document.activeElement.blur()")
    menu = page.locator("#libraries li").filter(has_text=PORT)
    tab_to(menu.locator("summary"))
    page.keyboard.press("Enter")
    tab_to(menu.get_by_role("button", name="Rename"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    expect(libraries_of(page)).to_have_text([BUNDLED, PORT])


def test_two_visitors_have_a_library_and_conversations_each(visit):
    one, other = visit(library=PORT), visit()
    expect(one.locator(".masthead .name")).to_have_text(PORT)
    expect(other.locator(".masthead .name")).to_have_text(BUNDLED)
    box = one.get_by_role("textbox", name="Your question")
    box.fill(QUESTION)
    box.press("Enter")
    expect(one.locator("#side .recent button")).to_have_text([QUESTION])
    other.reload()
    other.get_by_role("button", name="Conversations", exact=True).wait_for()
    expect(other.locator("#side .recent button")).to_have_count(0)


def test_who_may_only_read_sees_nothing_that_changes(visitor, home):
    variable = "HOME" if sys.platform == "darwin" else "XDG_DATA_HOME"
    with served(
        "--read-only", library=Path(home) / "whosays" / "libraries" / PORT, log=home / "reading", **SMALL,
        **{variable: str(home)},
    ) as at:  # fmt: skip
        for path in ("", "articles"):
            page = visitor(at + path)
            page.locator(".masthead .name", has_text=PORT).wait_for()
            page.get_by_role("link", name="Ask", exact=True).wait_for()
            for name in ("New library", "Rename", "Copy", "Put back", "Undo"):
                expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
            expect(page.get_by_role("link", name="Add articles")).to_have_count(0)
            expect(page.get_by_text("Remove all")).to_have_count(0)
            page.close()
