"""Questions to go on with, in a real browser over real libraries: under an answer, under a refusal, and at first."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from qa.cli import main
from tests.screens import on_every_screen
from tests.served import FERRY, MILL, POLICE, served

pytestmark = pytest.mark.browser

EVIL = "The miller of Aarup has sold <img src=x onerror=alert(1)> to the harbour."
HARBOUR = "The harbour of Aarup was closed on Monday by the storm. The council has not approved a new pier."
ARTICLES = {"ferry": FERRY, "police": POLICE, "mill": f"{MILL} {EVIL}", "harbour": HARBOUR}
QUESTION = "When was the harbour of Aarup closed?"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("suggestions")
    for name, text in ARTICLES.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    added = [str(folder / f"{name}.txt") for name in ARTICLES]
    assert main(["add", *added, "--library", str(folder / "of")]) == 0
    with served(library=Path(folder / "of"), log=folder / "log") as at:
        yield at


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("bundled")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_DATA_HOME", str(folder))
        with served(log=folder / "log") as at:
            yield at


def _ask(page: Any, question: str) -> Any:
    box = page.get_by_label("Your question")
    box.fill(question)
    box.press("Enter")
    return _turn(page, question)


def _turn(page: Any, question: str) -> Any:
    heading = page.get_by_role("heading", name=question, exact=True)
    turn = page.locator(".turn:not([aria-busy])", has=heading)
    turn.wait_for()
    return turn


def _offered(turn: Any) -> Any:
    buttons = turn.get_by_role("group", name="Ask next").get_by_role("button")
    buttons.first.wait_for()
    return buttons


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_a_click_on_a_question_under_an_answer_is_answered_in_the_talk(
    visitor: Callable[..., Any], address: str, width: int, scheme: str
) -> None:
    page = visitor(address, width=width, scheme=scheme)
    turn = _ask(page, QUESTION)
    buttons = _offered(turn)
    assert 1 <= buttons.count() <= 3
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    further, side = (turn.locator(one).bounding_box() for one in (".further", ".side"))
    beside = further["x"] + further["width"] <= side["x"]
    assert beside is (width >= 1200)  # the sources, else below them
    assert beside or further["y"] >= side["y"] + side["height"]
    assert page.locator(".turn img").count() == 0
    question = buttons.first.locator("bdi").inner_text()
    buttons.first.click()
    answered = _turn(page, question)
    answered.locator(".answer .said").first.wait_for()
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.get_by_role("heading", name=question, exact=True)).to_be_focused()  # where one goes on
    _offered(answered)
    expect(turn.locator(".further")).to_have_count(0)  # only under the newest


def test_what_is_offered_is_as_it_was_after_the_page_is_opened_again(
    visitor: Callable[..., Any], address: str
) -> None:
    page = visitor(address)
    before = _offered(_ask(page, QUESTION)).all_inner_texts()
    page.get_by_role("button", name="Conversations (1)").first.wait_for()  # the browser has kept it
    page.reload()
    expect(_offered(_turn(page, QUESTION))).to_have_text(before)


def test_a_question_to_go_on_with_is_asked_by_the_keyboard_alone(
    visitor: Callable[..., Any], address: str
) -> None:
    page = visitor(address)
    buttons = _offered(_ask(page, QUESTION))
    question = buttons.first.locator("bdi").inner_text()
    buttons.first.focus()
    page.keyboard.press("Enter")
    _turn(page, question)


def test_a_refusal_is_no_dead_end(visitor: Callable[..., Any], address: str) -> None:
    page = visitor(address)
    turn = _ask(page, "What is the capital of Peru?")
    group = turn.get_by_role("group", name="The articles do answer")
    group.wait_for()
    question = group.locator("bdi").first.inner_text()
    group.get_by_role("button").first.click()
    _turn(page, question).locator(".answer").wait_for()


def test_a_part_that_does_not_answer_leads_to_the_whole_library(
    visitor: Callable[..., Any], address: str
) -> None:
    page = visitor(address)
    page.locator(".scope-button").click()
    page.locator("#scope-articles").get_by_role("checkbox", name="mill").first.check()
    expect(page.locator(".scope-button")).to_contain_text("1 of 4 articles")
    turn = _ask(page, QUESTION)
    whole = turn.get_by_role("button", name="Ask all articles of the library")
    whole.click()
    page.locator(".turn .answer .said", has_text="Monday").wait_for()
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".scope-button")).to_contain_text("all 4 articles")


def test_a_library_of_ones_own_begins_with_questions_that_it_answers(
    visitor: Callable[..., Any], address: str
) -> None:
    page = visitor(address)
    page.get_by_text("Your articles answer these.").wait_for()
    starters = page.locator("#starters button")
    assert 1 <= starters.count() <= 5
    assert page.locator("#starters img").count() == 0
    question = starters.first.locator("bdi").inner_text()
    starters.first.click()
    _turn(page, question).locator(".answer:not(.none)").wait_for()
    expect(page.locator("#starters")).not_to_be_visible()
    page.get_by_role("button", name="Start over").click()
    starters.first.wait_for()


def test_the_example_articles_keep_their_own_questions(visitor: Callable[..., Any], bundled: str) -> None:
    page = visitor(bundled)
    page.locator("#examples button").first.wait_for()
    turn = _ask(page, "Will ASICs replace GPUs?")
    _offered(turn)
    page.get_by_role("button", name="Start over").click()
    page.locator("#examples .try").wait_for()
    expect(page.locator("#starters button")).to_have_count(0)


def test_what_a_follow_up_takes_from_the_talk_is_taken_away_by_a_cross(
    visitor: Callable[..., Any], address: str
) -> None:
    page = visitor(address)
    _ask(page, "How many people does the mill in Aarup employ?")
    turn = _ask(page, "And when was it built?")
    chips = turn.locator(".about .chip")
    chips.first.wait_for()
    words = chips.all_inner_texts()
    chips.first.get_by_role("button").click()
    expect(page.locator("#turn-2 .about .chip")).to_have_text(words[1:])


def test_questions_to_go_on_with_and_the_choice_of_articles_are_accessible(
    visitor: Callable[..., Any], address: str
) -> None:
    page = visitor(address)
    page.locator("#starters button").first.wait_for()
    assert on_every_screen(page) == {}
    _offered(_ask(page, QUESTION))
    assert on_every_screen(page) == {}
    page.locator(".scope-button").click()
    page.get_by_role("textbox", name="From").wait_for()
    assert on_every_screen(page) == {}


def test_the_first_screen_with_the_place_for_articles_is_accessible(
    visitor: Callable[..., Any], bundled: str
) -> None:
    page = visitor(bundled)
    page.get_by_text("These are examples.").wait_for()
    assert on_every_screen(page) == {}
