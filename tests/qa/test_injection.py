"""Script in every field that a stranger can fill, looked at on every page in a real browser: it stays text."""

import http.client
import json
import re
from urllib.parse import quote

import pytest

from qa.cli import main
from tests.served import served
from tests.waits import LONGEST_S

pytestmark = pytest.mark.browser

# One of each way in: elements, attributes, closing what is open, addresses, and the templates of Gradio and of others.
WAYS = (
    "<img src=x onerror=window.hit=1>",
    "<script>window.hit=1</script>",
    '" autofocus onfocus="window.hit=1" x="',
    "' onmouseover='window.hit=1' x='",
    "</textarea></style></title></script><svg onload=window.hit=1>",
    "<a href=javascript:window.hit=1>link</a>",
    "[link](javascript:window.hit=1)",
    "${window.hit=1}",
    "{{constructor.constructor('window.hit=1')()}}",
    "--><iframe srcdoc='<script>parent.hit=1</script>'>",
)
ALL = " ".join(WAYS)
QUESTION = "How many people did the ferry Aurora carry?"
# The fields that tell an article apart from others; the longest text of each way in.
ARTICLES = (
    {
        "text": f"The ferry Aurora came in late on Friday. The ferry Aurora carried 40 people, said {WAYS[0]}. {ALL} was full. The mill in Aarup employs 120 people.",
        "title": f"Ferry {ALL}",
        "publisher": f"Post {WAYS[0]}{WAYS[2]}",
        "published": "2026-07-03",
        "url": "https://post.example/?a=" + quote(WAYS[0]) + '"onclick="window.hit=1',
    },
    {
        "text": f"Police said on Friday: the ferry Aurora carried 45 people. {ALL} was full too. The mill in Aarup employs 95 people.",
        "title": f"Police {WAYS[1]}",
        "publisher": f"News {WAYS[4]}",
        "published": "2026-07-04",
        "url": "javascript:window.hit=1",
    },
)
# What a browser would have made of it, had it not been escaped.
MADE = """() => [...document.querySelectorAll(
  "[onerror], [onload], [onfocus], [onmouseover], [onclick], [autofocus][x], img[src='x'], iframe, a[href^='javascript:' i]"
)].map((one) => one.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    articles = folder / "articles"
    articles.mkdir()
    for number, one in enumerate(ARTICLES):
        (articles / f"<img src=x onerror=window.hit={number}>.json").write_text(json.dumps(one))
    library = folder / "<img src=x onerror=window.hit=1>"
    assert main(["add", str(articles), "--library", str(library)]) == 0
    with served(library=library, log=folder / "log") as at:
        yield at


def harmless(page, *shown: str) -> None:
    """Nothing of it ran or became an element; and `shown`, so that there was something to run."""
    for box in page.locator("input:visible, textarea:visible, a:visible").all()[:12]:
        box.focus()
        box.hover(force=True)
    text = page.locator("body").inner_text()
    for one in shown:
        assert " ".join(one.split()) in " ".join(text.split()), one
    assert page.evaluate(MADE) == []
    assert page.evaluate("window.hit") is None


def test_an_answer_its_conflict_its_sources_and_both_articles(visitor, address):
    page = visitor(address)
    box = page.get_by_role("textbox", name="Your question")
    for number, question in enumerate((f"{QUESTION} {ALL}", QUESTION), 1):
        box.fill(question)
        box.press("Enter")
        page.locator(f"#turn-{number}:not([aria-busy])").wait_for()
    for details in page.locator(".turn details > summary").all():
        details.click()
    turn = page.locator("#turn-2")
    assert turn.locator("details.dispute").count() == 1
    harmless(page, WAYS[0], WAYS[1], WAYS[7], WAYS[8])
    turn.get_by_role("link", name="Compare in both articles").first.click()
    page.locator("dialog[open] #quote").first.wait_for()
    harmless(page, WAYS[4], WAYS[9])
    page.keyboard.press("Escape")
    links = page.locator("a[href^='https:']").all()
    assert all("onclick" not in one.evaluate("one => one.getAttributeNames().join()") for one in links)


def test_the_list_of_conversations_and_a_link_that_asks(visitor, address):
    page = visitor(f"{address}?ask={quote(QUESTION + ' ' + ALL)}&library={quote(ALL)}")
    page.get_by_text("This link asks the library “").first.wait_for()
    harmless(page, f"This link asks the library “{WAYS[0]}")
    page = visitor(f"{address}?ask={quote(QUESTION + ' ' + ALL)}")
    page.locator("#turn-1:not([aria-busy])").wait_for()
    page.locator("button.conversations").first.click()
    dialog = page.get_by_role("dialog", name="Conversations")
    dialog.locator("li").first.wait_for()
    dialog.get_by_role("button", name=re.compile("^Rename")).first.click()
    name = dialog.get_by_role("textbox", name="New name")
    name.fill(WAYS[0])
    name.press("Enter")
    dialog.locator("li .name", has_text=WAYS[0]).wait_for()
    page.reload()
    page.locator("#turn-1:not([aria-busy])").wait_for()
    page.locator("button.conversations").first.click()
    dialog.locator("li").first.wait_for()
    harmless(page, WAYS[0])


def test_articles_what_was_added_and_refused_and_the_question_before_removal(visitor, address):
    page = visitor(address + "articles")
    page.locator(".found li").nth(1).wait_for()
    names = ["<img src=x onerror=window.hit=1>.txt", "' onmouseover='window.hit=1' x='.exe"]
    files = [
        {"name": name, "mimeType": "text/plain", "buffer": f"A note on {ALL}. It is short.".encode()}
        for name in names
    ]
    page.get_by_role("button", name="Add articles").click()
    page.locator("#drop input[type=file]").set_input_files(files)
    page.locator("#added .results:has(> p:not(.busy)) li").nth(1).wait_for()
    harmless(page, names[1])
    page.get_by_text("Why was it not added?").click()
    harmless(page, names[1])
    page.get_by_label("Or the addresses of web pages").fill(f"https://{WAYS[0]}/")
    page.keyboard.press("Enter")
    page.locator("#added .results:has(> p:not(.busy)) li").filter(has_text="https://").first.wait_for()
    harmless(page)
    page.get_by_label("Search titles and texts").fill("Police")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="1 article", exact=True).wait_for()
    harmless(page, f"Police {WAYS[1]}")
    page.locator(".found li").get_by_role("link").first.click()
    page.get_by_role("dialog", name="Article").wait_for()
    harmless(page, WAYS[9])
    page.keyboard.press("Escape")
    page.locator(".found li").get_by_role("button", name=re.compile("^Remove")).first.click()
    page.get_by_role("dialog", name="Remove this article?").wait_for()
    harmless(page, f"Police {WAYS[1]}")


def test_disagreements_and_the_evaluation(visitor, address):
    page = visitor(address + "disagreements")
    page.locator("#survey-list .card").first.wait_for()
    harmless(page, f"Post {WAYS[0]}")
    page.get_by_label("Search the disagreements").fill(f"nowhere {ALL}")
    page.keyboard.press("Enter")
    page.locator("#survey-list", has_text="fits all filters").wait_for()
    harmless(page)
    page = visitor(address + "evaluation")
    page.get_by_role("heading").first.wait_for()
    harmless(page)


@pytest.mark.parametrize(
    "path", ["article/", "", "nowhere/", "gradio_api/file=", "gradio_api/call/", "config/"]
)
def test_an_address_is_never_given_back_as_markup(address, path):
    for way in (WAYS[0], WAYS[2]):
        connection = http.client.HTTPConnection(
            address.removeprefix("http://").rstrip("/"), timeout=LONGEST_S
        )
        try:
            connection.request(
                "GET", f"/{path}{quote(way)}?start={quote(way)}&__theme={quote(way)}&x={quote(way)}"
            )
            answer = connection.getresponse()
            body = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        assert way not in body or "html" not in answer.headers.get("Content-Type", "")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_foul_record_kept_in_the_browser_shows_nothing_but_text(visitor, address):
    """Whoever may write into the browser's store is inside already; a record from elsewhere is still only read."""
    page = visitor(address)
    page.get_by_role("textbox", name="Your question").wait_for()
    page.evaluate(
        "way => { for (const key of Object.keys(localStorage)) localStorage.setItem(key, way); }", WAYS[0]
    )
    page.reload()
    page.get_by_role("textbox", name="Your question").wait_for()
    harmless(page)
