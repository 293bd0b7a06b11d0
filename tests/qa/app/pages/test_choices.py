"""Of two acts in a row each counts, however slowly the first is answered."""

import re

import pytest
from playwright.sync_api import expect

from qa import Library
from tests.served import SMALL, served, shelve
from tests.waits import until

# Acts of which the second may be lost while the first is answered, for it would do the same: by what is pressed.
# "keeping" brings a conversation back from a file, which takes the place of what is there.
ONCE = {
    ("Save as Markdown", "click"), ("Save as JSON", "click"), ("stop", "click"), ("restart", "click"),
    ("keeping", "submit"), ("copy", "click"), ("compare", "click"), ("compare-stop", "click"),
    ("compare-closer", "click"),
    ("eval-stop", "click"), ("Previous", "click"), ("Next", "click"),
    # Addresses stay in their box.
    ("Or the addresses of web pages, one a line", "submit"), ("fetch", "click"),
}  # fmt: skip
# What the page does by itself, one after another.
OWN = {"load", "then", "success", "failure"}
EVENTS = """() => {
  const { components, dependencies } = window.gradio_config;
  const name = ({ props }) => props.elem_id || props.label || props.value;
  const names = new Map(components.map((one) => [one.id, name(one)]));
  return dependencies.flatMap((one) => one.targets.map(([id, event]) => [one.trigger_mode, names.get(id), event]));
}"""

QUESTION = "How many people did the ferry Aurora carry?"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return shelve(tmp_path_factory.mktemp("shelved"))


@pytest.fixture(scope="module")
def at(library, tmp_path_factory):
    with served(library=library, log=tmp_path_factory.mktemp("served") / "log", **SMALL) as address:
        yield address


# The page waits for a reply as long as it takes, where it would wait three seconds before it sends what comes next.
PATIENT = """() => {
  const given = setTimeout;
  window.setTimeout = (run, ms, ...more) => given(run, ms === 3000 ? 1e9 : ms, ...more);
}"""


def hold(page, words: str):
    """Hold back the reply to the first request that holds the words; gives what lets it go."""
    held = []

    def slowly(route):
        if not held and words in (route.request.post_data or ""):
            held.append(None)
            held.append((route, route.fetch()))
        else:
            route.continue_()

    def let_go():
        until(lambda: len(held) == 2, page)
        page.wait_for_timeout(500)  # what was done meanwhile is on its way, or waits
        route, response = held[1]
        route.fulfill(response=response)

    page.evaluate(PATIENT)
    page.route("**/run/predict", slowly)
    return let_go


def test_no_act_is_lost_that_would_do_another_thing(visitor, at):
    page, lost = visitor(at), set()
    for path in ("", "articles", "disagreements", "notebook", "evaluation"):
        page.goto(f"{at}{path}")
        page.wait_for_function("window.gradio_config")
        events = [(mode, (name, event)) for mode, name, event in page.evaluate(EVENTS) if event not in OWN]
        assert {mode for mode, _ in events} <= {"once", "multiple", "always_last"}
        lost |= {act for mode, act in events if mode == "once"}
    assert lost == ONCE


def notebook_of(library) -> list[str]:
    with Library.open(library) as opened:
        return [one.note or one.kind for one in opened.notebook.clippings()]


def test_a_publisher_chosen_while_another_is_sought_is_the_one_that_is_shown(visitor, at):
    page = visitor(f"{at}articles")
    page.get_by_role("button", name="Filter").click()

    def choose(name):
        page.get_by_role("combobox", name="Publisher").click()
        page.get_by_role("option", name=name).click()

    let_go = hold(page, '"Evening News"')
    choose("Evening News (1)")
    choose("Morning Post (1)")
    let_go()
    expect(page.get_by_role("link", name="Ferry", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Police", exact=True)).to_have_count(0)


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        (("Evening News (1)", "Morning Post (1)"), "Evening News, Morning Post"),
        (("Police · Evening News", "Ferry · Morning Post"), "Police; Ferry"),
    ],
    ids=["publishers", "articles"],
)
def test_what_is_ticked_while_another_tick_is_answered_is_asked(visitor, at, names, asked):
    page = visitor(at)
    page.locator(".scope-button").click()
    first, second = (page.get_by_role("checkbox", name=re.compile("^" + re.escape(one))) for one in names)
    let_go = hold(page, '"trigger_id"')
    first.check()
    second.check()
    let_go()
    expect(page.locator(".scope-button")).to_have_text(re.compile("Asked of 2 of 3 articles"))
    expect(first).to_be_checked()
    expect(second).to_be_checked()


def test_two_things_kept_in_a_row_are_both_kept(visitor, at, library):
    page = visitor(at)
    page.get_by_role("textbox", name="Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator(".turn:not([aria-busy]) .answer").last.wait_for()
    page.get_by_role("group", name="This question").get_by_role("button", name="Keep in notebook").click()
    offers = page.get_by_role("dialog", name="Keep in notebook").locator("button[data-item]")
    offers.nth(1).wait_for()
    let_go = hold(page, '"keep":true')
    offers.nth(0).click()
    offers.nth(1).click()
    let_go()
    for place in (0, 1):
        expect(offers.nth(place)).to_have_attribute("aria-pressed", "true")
    assert len(notebook_of(library)) == 2


def test_notes_moved_and_removed_in_a_row_are_all_moved_and_removed(visitor, at, library):
    (library / "notebook.jsonl").unlink(missing_ok=True)
    with Library.open(library) as opened:
        for note in ("one", "two", "three", "four"):
            opened.notebook.add_note(note)
    page = visitor(f"{at}notebook")
    first = page.locator("li.clipping").first
    first.wait_for()
    let_go = hold(page, '"do":"down"')
    first.focus()
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+ArrowDown")
    let_go()
    expect(page.locator("li.clipping").nth(2)).to_contain_text("one")
    page.unroute_all()
    let_go = hold(page, '"do":"remove"')
    for place in (0, 3):
        page.locator("li.clipping").nth(place).get_by_role("button", name=re.compile("^Remove")).click()
    let_go()
    expect(page.get_by_role("button", name=re.compile("^Undo|^Put back|^Restore"))).to_have_count(2)
    assert notebook_of(library) == ["three", "one"]


READING = "document.querySelector('#added .busy') && document.querySelector('#drop').inert"
# A file that is let go where nothing takes one: whether the browser would open it.
DROPPED = """(at) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["A ship came in."], "ship.txt"));
  const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
  return document.querySelector(at).dispatchEvent(event);
}"""


# Gives a file at the very moment at which the place takes files again.
GIVEN_AT_ONCE = """() => {
  const place = document.querySelector("#drop");
  const given = new DataTransfer();
  given.items.add(new File(["The pier was painted green. ".repeat(30)], "pier.txt", { type: "text/plain" }));
  let reads = false;
  new MutationObserver((_, watch) => {
    if (place.inert || !reads) return void (reads ||= place.inert);
    watch.disconnect();
    const input = place.querySelector("input[type=file]");
    input.files = given.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }).observe(place, { attributes: true, attributeFilter: ["inert"] });
}"""


def test_while_files_are_read_no_more_are_taken_and_none_opens_in_place_of_the_page(visitor, tmp_path):
    with served(library=shelve(tmp_path), log=tmp_path / "log", **SMALL) as own:
        page = visitor(f"{own}articles")
        page.get_by_role("button", name="Add articles").click()
        files = [
            {
                "name": f"ship {n}.txt",
                "mimeType": "text/plain",
                "buffer": f"Ship {n} came in. ".encode() * 300,
            }
            for n in range(8)
        ]
        place = page.locator("#drop input[type=file]")
        place.focus()
        place.set_input_files(files)
        page.wait_for_function(READING)
        assert page.evaluate(DROPPED, "#drop") is False
        expect(page.locator("#added")).to_contain_text("8 added.")
        page.wait_for_function("!document.querySelector('#drop').inert")
        assert page.evaluate(DROPPED, "body") is False
        place.set_input_files(files[:1])
        expect(page.locator("#added")).to_contain_text("1 unchanged.")


def test_a_file_given_as_soon_as_others_are_read_is_read(visitor, tmp_path):
    with served(library=shelve(tmp_path), log=tmp_path / "log", **SMALL) as own:
        page = visitor(f"{own}articles")
        page.get_by_role("button", name="Add articles").click()
        ship = {"name": "ship.txt", "mimeType": "text/plain", "buffer": b"A ship came in. " * 3000}
        page.locator("#drop").wait_for()
        page.evaluate(GIVEN_AT_ONCE)
        page.locator("#drop input[type=file]").set_input_files([ship])
        expect(page.locator("#added")).to_contain_text("Added pier.txt")
