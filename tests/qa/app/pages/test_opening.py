"""A question that is asked before the page has heard what it opens with is answered, and its answer stays."""

import pytest

from tests.served import SMALL, served, shelve
from tests.waits import until

QUESTION = "How many people did the ferry Aurora carry?"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("opening")
    with served(library=shelve(folder), log=folder / "log", **SMALL) as at:
        yield at


@pytest.fixture
def opening(visitor, address):
    """A page that has not heard yet what it opens with, and the way to let it hear."""
    page = visitor(address)
    held = []

    def hold(route):
        if "record" in (route.request.post_data or ""):
            held.append((route, route.fetch()))  # what stands before the question is asked
        else:
            route.continue_()

    page.route("**/run/predict", hold)
    page.reload()
    until(lambda: held, page)
    route, response = held[0]
    return page, lambda: route.fulfill(response=response)


def send_by_key(page):
    page.keyboard.press("Enter")


def send_by_button(page):
    page.get_by_role("button", name="Ask", exact=True).click()


@pytest.mark.parametrize("send", [send_by_key, send_by_button])
def test_a_question_asked_before_the_page_has_opened_is_answered_once(opening, send):
    page, let_open = opening
    page.get_by_role("textbox", name="Your question").fill(QUESTION)
    send(page)
    send(page)
    page.wait_for_timeout(5000)  # long enough for an answer
    let_open()
    answer = page.locator(".turn:not([aria-busy]) .answer")
    answer.wait_for()
    page.wait_for_timeout(1000)
    assert answer.count() == 1
    assert page.locator(".turn").count() == 1


def test_where_the_opening_never_comes_a_question_is_answered_all_the_same(opening):
    page, _ = opening
    page.get_by_role("textbox", name="Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator(".turn:not([aria-busy]) .answer").wait_for()
