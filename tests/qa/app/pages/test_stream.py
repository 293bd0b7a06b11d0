"""A question that is sent just as the stream of earlier results ends is answered all the same."""

import pytest

from tests.served import SMALL, served, shelve
from tests.waits import until

QUESTION = "How many people did the ferry Aurora carry?"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stream")
    with served(library=shelve(folder), log=folder / "log", **SMALL) as at:
        yield at


def test_a_question_sent_while_the_stream_is_closing_is_answered(visitor, address):
    """The server has ended the stream of what a new page asks for, and the page hears of that after its question."""
    page = visitor(address)
    held = []

    def hold(route):
        if len(held) == 2:
            route.continue_()
        else:
            held.append((route, route.fetch()))  # whole: it comes back once the server has ended it

    def release(number):
        until(lambda: len(held) >= number, page)
        route, response = held[number - 1]
        return lambda: route.fulfill(response=response)

    page.route("**/queue/data?*", hold)
    page.reload()
    release(1)()
    end = release(2)  # after what is told in it the page asks for nothing more by itself
    page.get_by_role("textbox", name="Your question").fill(QUESTION)
    with page.expect_response("**/queue/join*"):
        page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    with page.expect_request(lambda one: "/queue/" in one.url) as following:
        end()
    # At once, and not once something else happens to be asked for.
    assert "/queue/data" in following.value.url
    page.locator(".turn:not([aria-busy]) .answer").last.wait_for()
