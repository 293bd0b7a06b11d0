"""Several people at one app: each asks the library that they chose, and sees nothing of what others choose and ask."""

import base64
import http.client
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from qa.app.access.users import add_user
from qa.app.access.visitor import COOKIE
from qa.app.shelf.libraries import BUNDLED
from qa.cli import main
from tests.served import SMALL, served

PASSWORD = "a long secret"
QUESTION = "How many people did the ferry Aurora carry?"
# By library: one article each, which answers the question in its own way.
CARRIED = {"The north": "40 people", "Süd, neu": "45 people"}


@pytest.fixture(scope="module")
def flags(tmp_path_factory):
    """For an app over the libraries of a home of its own, for ida and ben."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HOME" if sys.platform == "darwin" else "XDG_DATA_HOME", str(folder))
        from qa.app.shelf.libraries import default_root

        for name, carried in CARRIED.items():
            article = folder / f"{carried}.json"
            text = f"The ferry Aurora came in late on Friday. It carried {carried}, the captain said."
            article.write_text(json.dumps({"text": text, "title": f"Ferry: {carried}"}), encoding="utf-8")
            assert main(["add", str(article), "--library", str(default_root() / name)]) == 0
        for name in ("ida", "ben"):
            add_user(folder / "users", name, PASSWORD)
        yield ("--auth-file", str(folder / "users"))


@pytest.fixture(scope="module")
def address(flags, tmp_path_factory):
    with served(*flags, log=tmp_path_factory.mktemp("log") / "log", **SMALL) as at:
        yield at


def call(address, path, *, user, library=None, data=None) -> tuple[int, str]:
    """What a program of `user` gets, whose cookie names `library`."""
    code = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {code}", "Content-Type": "application/json"}
    if library is not None:
        headers["Cookie"] = f"{COOKIE}={quote(library)}"
    connection = http.client.HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=120)
    try:
        body = None if data is None else json.dumps({"data": data})
        connection.request("GET" if data is None else "POST", f"/{path}", body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def answered(address, user, library, *, queued) -> str:
    """The sentence that is cited to the question, asked at once or through the queue."""
    asked = {"user": user, "library": library}
    data = [QUESTION, *[None] * 6]
    if not queued:
        return sentence(json.loads(call(address, "gradio_api/run/ask", data=data, **asked)[1])["data"][0])
    event = json.loads(call(address, "gradio_api/call/ask", data=data, **asked)[1])["event_id"]
    stream = call(address, f"gradio_api/call/ask/{event}", **asked)[1]
    return sentence(json.loads(stream.rpartition("event: complete\ndata: ")[2])[0])


def sentence(answer) -> str:
    """The first that it cites, for sure or not."""
    return (answer["citations"] or answer["closest"])[0]["sentence"]


def titles(address, user, library=None) -> list[str]:
    listed = call(
        address, "gradio_api/run/articles", user=user, library=library, data=[None, None, None, "", 500, 0]
    )
    return [one["title"] for one in json.loads(listed[1])["data"][0]["articles"]]


@pytest.mark.parametrize("queued", [True, False])
def test_those_who_ask_at_the_same_time_are_answered_from_their_own_libraries(address, queued):
    asking = [("ida", "The north"), ("ben", "Süd, neu")] * 4
    with ThreadPoolExecutor(len(asking)) as pool:
        told = list(pool.map(lambda one: answered(address, *one, queued=queued), asking))
    assert all(CARRIED[library] in one for one, (_, library) in zip(told, asking, strict=True))


def test_articles_are_listed_and_read_from_ones_own_library_only(address):
    assert titles(address, "ida", "The north") == ["Ferry: 40 people"]
    assert titles(address, "ben", "Süd, neu") == ["Ferry: 45 people"]
    listed = call(
        address, "gradio_api/run/articles", user="ida", library="The north", data=[None, None, None, "", 1, 0]
    )
    ((article,),) = [one["articles"] for one in json.loads(listed[1])["data"]]
    assert call(address, f"article/{article['id']}", user="ida", library="The north")[0] == 200
    assert call(address, f"article/{article['id']}", user="ben", library="Süd, neu")[0] == 404


@pytest.mark.parametrize("library", [None, "", "no such library", "../The north", "\0", "x" * 5000])
def test_who_names_no_library_that_there_is_asks_the_example_articles(address, library):
    assert len(titles(address, "ida", library)) == 5


@pytest.mark.browser
def test_a_choice_and_a_conversation_are_seen_by_nobody_else(address, chromium):
    def visitor(name):
        page = chromium.new_context().new_page()
        page.set_default_timeout(60_000)
        page.goto(address + "articles")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.locator("#libraries .open").first.wait_for()
        return page

    ida, ben = visitor("ida"), visitor("ben")
    ida.locator("#libraries").get_by_role("button", name="The north", exact=True).click()
    ida.locator(".masthead .name", has_text="The north").wait_for()
    ben.reload()
    ben.get_by_role("heading", name="5 articles", exact=True).wait_for()
    ben.locator(".masthead .name", has_text=BUNDLED).wait_for()

    for page in (ida, ben):
        page.get_by_role("link", name="Ask", exact=True).click()
        page.locator(".masthead .library").wait_for()
    box = ida.get_by_role("textbox", name="Your question")
    box.fill(QUESTION)
    box.press("Enter")
    answer = ida.get_by_role("region", name="Answer")
    answer.wait_for()
    assert "40 people" in answer.locator("blockquote").first.inner_text()
    ben.get_by_role("textbox", name="Your question").wait_for()
    ben.get_by_text("5 articles", exact=True).wait_for()
    assert "ferry" not in ben.locator("body").inner_text().casefold()
    assert ben.locator(".turn").count() == 0
    for page in (ida, ben):
        page.context.close()
