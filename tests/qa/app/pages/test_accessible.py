"""Every page checked by axe-core, in light and dark, narrow and wide, without a network; and by keyboard alone.

Run as a script, this file is the server: with a folder for a library, gold sets and the figures of runs.
"""

import json
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from eval.robustness.small_library import WordHashEmbedder
from qa.library import Library
from tests.eval.report.test_eval_page import sets
from tests.qa.app.pages.test_app_browser import (
    ARTICLES,
    BOTH_TIERS,
    EXAMPLES,
    FOLLOW_UP,
    NOWHERE,
    SEVERAL,
    staged,
)
from tests.qa.app.survey.test_disagreements_page import FLOOD, MUSEUM
from tests.screens import on_every_screen
from tests.served import free_port, started

pytestmark = pytest.mark.browser

NAME, PASSWORD = "ida", "a long secret"


def opened(folder: Path) -> Library:
    return Library.open(folder, embedder=WordHashEmbedder(), chunk_tokens=60, overlap_sentences=0)


def serve(folder: Path) -> None:
    """Serve all pages to those who sign in, until killed."""
    from eval.report.page import evaluation_page
    from qa.app.access.signin import SignIn
    from qa.app.access.users import Hashed
    from qa.app.pages.articles import articles_page
    from qa.app.pages.intake import LibrarySource
    from qa.app.serve.host import launch, wait
    from qa.app.serve.server import build
    from qa.app.survey.page import disagreements_page
    from qa.settings import Settings

    library = opened(folder / "library")
    pages = [
        articles_page(LibrarySource(lambda: library)),
        disagreements_page(lambda: library),
        evaluation_page(Settings(), sources=sets(folder / "gold"), folder=folder / "runs"),
    ]
    articles = lambda: [*ARTICLES, *library.articles()]  # noqa: E731
    ask = lambda question, history, **more: staged(question, history, about=more["about"])  # noqa: E731
    blocks = build(ask, articles=articles, examples=EXAMPLES, pages=pages)
    cheap = Hashed(16, 8, 1, b"salt", bytes(32))
    sign_in = SignIn({NAME: Hashed(16, 8, 1, b"salt", cheap.digest_of(PASSWORD))})
    address = launch(blocks, articles=articles, pages=pages, sign_in=sign_in, port=free_port())
    sys.stdout.write(address + "\n")
    sys.stdout.flush()
    wait(blocks)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("accessible")
    texts = {"Post": f"{FLOOD[0]} {MUSEUM[0]}", "Herald": f"{FLOOD[1]} {MUSEUM[1]}", "": "The pier is open."}
    for number, (publisher, text) in enumerate(texts.items()):
        record = (
            {"text": text, "publisher": publisher, "published": "2026-07-03"} if publisher else {"text": text}
        )
        (folder / f"paper{number}.json").write_text(json.dumps(record), encoding="utf-8")
    with opened(folder / "library") as made:
        made.add(*sorted(folder.glob("*.json")))
    dead = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    with started(__file__, str(folder), log=folder / "log", **dead) as at:
        yield at


@pytest.fixture
def visit(visitor, address):
    """Opens a page as one who has signed in."""

    def opened(path: str):
        page = visitor(address + path)
        sign_in(page)
        return page

    return opened


def sign_in(page) -> None:
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    drawer = page.get_by_role("navigation", name="Pages", include_hidden=True)  # hidden on a phone
    drawer.wait_for(state="attached")


def test_signing_in(visitor, address):
    page = visitor(address)
    assert on_every_screen(page) == {}
    page.get_by_label("Password").fill("x")
    assert page.get_by_label("Name").evaluate("one => one.matches(':invalid')")
    sign_in(page)
    page.get_by_role("textbox", name="Your question").wait_for()


def test_ask_before_and_after_an_answer_with_a_conflict(visit):
    page = visit("")
    page.get_by_role("button", name=EXAMPLES[0]).wait_for()
    assert on_every_screen(page) == {}
    page.get_by_role("textbox", name="Your question").fill(EXAMPLES[0])
    page.keyboard.press("Enter")
    page.locator(".turn:not([aria-busy]) .dispute").wait_for()
    for details in page.locator(".turn details > summary").all():
        details.click()
    assert on_every_screen(page) == {}


@pytest.mark.parametrize("question", [EXAMPLES[2], NOWHERE, FOLLOW_UP, BOTH_TIERS, SEVERAL, EXAMPLES[1]])
def test_the_closest_statements_nothing_found_a_follow_up_and_how_sources_stand_to_each_other(
    visit, question
):
    page = visit("")
    for number, asked in enumerate((EXAMPLES[0], question), 1):
        page.get_by_role("textbox", name="Your question").fill(asked)
        page.keyboard.press("Enter")
        page.locator(f"#turn-{number}:not([aria-busy])").wait_for()
    for details in page.locator(".turn details > summary").all():
        details.click()
    assert on_every_screen(page) == {}


def test_articles_with_an_article_open_with_results_and_before_a_removal(visit):
    page = visit("articles")
    page.locator(".found li").nth(2).wait_for()
    assert on_every_screen(page) == {}
    chosen = [
        {
            "name": "new.txt",
            "mimeType": "text/plain",
            "buffer": b"The lighthouse was painted. It is white now.",
        },
        {"name": "setup.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"},
    ]
    page.get_by_role("button", name="Add articles").click()
    page.locator("#drop input[type=file]").set_input_files(chosen)
    page.locator("#added .results:has(> p:not(.busy)) li").last.wait_for()
    assert on_every_screen(page) == {}
    page.get_by_label("Search titles").fill("nothing fits this")
    page.get_by_text("No article fits.").wait_for()
    assert on_every_screen(page) == {}
    page.get_by_label("Search titles").fill("")
    page.locator(".found li").nth(2).wait_for()
    page.locator(".found a[data-article]").first.click()
    page.get_by_role("dialog", name="Article").wait_for()
    assert on_every_screen(page) == {}
    page.keyboard.press("Escape")
    page.locator("button[data-remove]").first.click()
    page.get_by_role("button", name="Keep it").wait_for()
    assert on_every_screen(page) == {}


def test_articles_on_pages_of_their_own(visit, address):
    page = visit("articles")
    page.locator(".found li").nth(1).wait_for()
    first, second = (one.get_attribute("href") for one in page.locator(".found a[data-article]").all()[:2])
    page.goto(f"{address}{first}?start=0&end=9#quote")
    page.get_by_role("heading", level=1).wait_for()
    assert on_every_screen(page) == {}
    page.goto(f"{address}{first}?beside={second.rpartition('/')[2]}")
    page.get_by_role("region").nth(1).wait_for()
    assert on_every_screen(page) == {}


def test_disagreements_with_one_ruled_on(visit):
    page = visit("disagreements")
    page.locator("#survey-list .card").nth(1).wait_for()
    page.get_by_role("button", name="Not a conflict").first.click()
    page.get_by_label("Why it is not a conflict").wait_for()
    assert on_every_screen(page) == {}
    page.set_viewport_size({"width": 1280, "height": 900})  # where the charts stand open
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").wait_for(state="detached")
    page.locator(".timeline button").first.click()
    page.locator(".chips .chip").first.wait_for()
    page.get_by_role("button", name="Filter (2)").click()
    page.get_by_label("From", exact=True).wait_for()
    assert on_every_screen(page) == {}
    page.get_by_label("Search the disagreements").fill("nothing is about this")
    page.get_by_text("fits all filters").wait_for()
    assert on_every_screen(page) == {}


def test_evaluation_before_and_after_a_run(visit):
    page = visit("evaluation")
    page.get_by_text("It has not been run here yet.").wait_for()
    assert on_every_screen(page) == {}
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("heading", name="What went wrong: 1 of 2 questions").wait_for()
    assert on_every_screen(page) == {}


def tab_to(page, wanted) -> None:
    """Press the Tab key until `wanted` has the focus."""
    for _ in range(100):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the Tab key does not lead to {wanted}")


def test_the_keyboard_alone_adds_finds_opens_and_removes_articles(visit):
    page = visit("articles")
    # Playwright asks the browser for this event without waiting: asked for only below, it can come too late.
    page.on("filechooser", lambda _: None)
    page.locator(".found li").nth(2).wait_for()
    tab_to(page, page.get_by_role("button", name="Add articles"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#drop button").first)
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    note = {"name": "buoy.txt", "mimeType": "text/plain", "buffer": b"The buoy was moved. It is red."}
    chooser.value.set_files([note])
    page.locator("#added li", has_text="buoy.txt").and_(page.locator("li:has(.added)")).wait_for()
    tab_to(page, page.get_by_label("Or the addresses of web pages"))
    page.keyboard.type("http://127.0.0.1/")
    page.keyboard.press("Enter")
    page.locator("#added li", has_text="not an address on the public internet").wait_for()

    tab_to(page, page.get_by_label("Search titles"))
    page.keyboard.type("buoy")
    page.get_by_role("heading", name="1 article", exact=True).wait_for()
    link = page.locator(".found a[data-article]")
    tab_to(page, link)
    page.keyboard.press("Enter")
    page.locator("dialog[open] .text", has_text="It is red.").wait_for()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Remove "))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("No article fits.").wait_for()

    tab_to(page, page.get_by_label("Search titles"))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    page.locator(".found li").nth(2).wait_for()
    tab_to(page, page.get_by_role("button", name="Filter"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("combobox", name="Publisher"))
    page.get_by_role("option", name="Herald (1)").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="1 article", exact=True).wait_for()


def test_the_keyboard_alone_narrows_opens_and_rules_on_disagreements(visit):
    page = visit("disagreements")
    cards = page.locator("#survey-list .card")
    cards.nth(1).wait_for()
    tab_to(page, page.get_by_role("button", name="Filter"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("combobox", name="Kind"))
    page.get_by_role("option", name="Different dates").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(cards).to_have_count(1)
    tab_to(page, page.locator(".matrix button").first)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "document.querySelector('#survey-filters input[aria-label=Source]').value !== 'Any source'"
    )
    page.wait_for_function("document.activeElement.matches('.matrix [aria-pressed=true]')")
    tab_to(page, page.locator('.chips [data-at="chip kind"]'))
    page.keyboard.press("Space")
    page.locator('.chips [data-at="chip kind"]').wait_for(state="detached")
    tab_to(page, page.get_by_label("Search the disagreements"))
    page.keyboard.type("museum")
    expect(cards).to_have_count(1)
    tab_to(page, page.locator(".timeline button").first)
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.matches('.timeline [aria-pressed=true]')")

    link = cards.first.get_by_role("link").first
    tab_to(page, link)
    page.keyboard.press("Enter")
    page.locator("dialog[open] #quote").wait_for()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    tab_to(page, cards.first.get_by_role("button", name="An update"))
    page.keyboard.press("Space")
    cards.first.locator("button[aria-pressed=true]", has_text="An update").wait_for()
    page.wait_for_function("document.activeElement.innerText === 'An update'")
    page.keyboard.press("Space")
    cards.first.locator("button[data-verdict=update][aria-pressed=false]").wait_for()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
