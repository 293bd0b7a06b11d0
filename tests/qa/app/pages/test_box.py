"""The box of the question: it is emptied of what is asked, and of nothing else."""

import pytest

from tests.served import SMALL, served, shelve
from tests.waits import until

QUESTION = "How many people did the ferry Aurora carry?"
NEXT = "Who said so?"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("box")
    with served(library=shelve(folder), log=folder / "log", **SMALL) as at:
        yield at


@pytest.fixture
def slow(visitor, address):
    """A page whose server takes its time to hear of a question, its box, and the way to let it hear."""
    page = visitor(address)
    page.locator("#keeping [data-library]").wait_for(state="attached")  # it has opened: nothing is held back
    held, heard = [], []
    page.route("**/queue/join*", lambda route: route.continue_() if heard else held.append(route))
    box = page.get_by_role("textbox", name="Your question")
    box.fill(QUESTION)

    def let_hear():
        until(lambda: held, page)
        heard.append(True)
        for route in held:
            route.continue_()

    return page, box, let_hear


def answered(page, count=1):
    page.locator(".turn:not([aria-busy]) .answer").nth(count - 1).wait_for()
    assert page.locator(".turn").count() == count


@pytest.mark.parametrize("by", ["key", "button"])
def test_what_is_typed_before_a_question_is_heard_stays(slow, by):
    page, box, let_hear = slow
    if by == "key":
        box.press("Enter")
    else:
        page.get_by_role("button", name="Ask", exact=True).click()
        box.focus()
        page.keyboard.press("End")
    page.keyboard.type(NEXT)
    assert box.input_value() == QUESTION + NEXT
    let_hear()
    page.locator(".turn").wait_for()
    page.wait_for_function("() => document.querySelector('#question textarea').value === 'Who said so?'")
    answered(page)
    assert box.input_value() == NEXT
    box.press("Enter")
    answered(page, 2)
    assert page.locator(".turn .question").last.inner_text() == NEXT
    assert box.input_value() == ""


def test_what_is_typed_in_the_place_of_a_question_stays(slow):
    page, box, let_hear = slow
    box.press("Enter")
    box.fill(NEXT)
    let_hear()
    answered(page)
    assert box.input_value() == NEXT


def test_a_question_that_never_comes_through_is_still_in_the_box(slow):
    page, box, _ = slow
    box.press("Enter")
    page.wait_for_timeout(500)
    assert box.input_value() == QUESTION
