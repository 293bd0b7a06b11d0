"""Overviews in a real browser: central sentences that open their articles, two columns, and the way to all conflicts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from qa.cli import main
from tests.served import MILL, served

pytestmark = pytest.mark.browser

EVIL = "The mill in Aarup is said to be <img src=x onerror=alert(1)> haunted by a miller."
ARTICLES = {
    "one": "The hospital in Aarup has 420 beds.",
    "other": "The hospital in Aarup has 310 beds.",
    "mill": f"{MILL} {EVIL}",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("overview")
    for name, text in ARTICLES.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    assert (
        main(["add", *(str(folder / f"{name}.txt") for name in ARTICLES), "--library", str(folder / "of")])
        == 0
    )
    with served(library=Path(folder / "of"), log=folder / "log") as at:
        yield at


def _asked(visitor: Callable[..., Any], address: str, question: str, **screen: Any) -> Any:
    page = visitor(address, **screen)
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")
    page.locator(".turn .answer").wait_for()
    return page


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_an_overview_quotes_and_its_source_opens_the_article(
    visitor: Callable[..., Any], address: str, width: int, scheme: str
) -> None:
    page = _asked(visitor, address, "What is this about?", width=width, scheme=scheme)
    quotes = page.locator(".overview .near blockquote").all_inner_texts()
    beds = [one for one in quotes if one in (ARTICLES["one"], ARTICLES["other"])]
    assert len(beds) == 1  # one idea, once
    assert page.locator(".overview img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    link = page.locator(".overview .near .source").first
    assert "start=" in (link.get_attribute("href") or "")


def test_what_is_compared_stands_side_by_side(visitor: Callable[..., Any], address: str) -> None:
    page = _asked(visitor, address, "Compare the hospital and the mill")
    hospital, mill = page.locator(".overview .part").all()
    assert hospital.get_by_role("heading").inner_text() == "hospital"
    assert "120 people" in mill.inner_text()
    left, right = hospital.bounding_box(), mill.bounding_box()
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]


def test_what_is_disputed_leads_to_all_disagreements(visitor: Callable[..., Any], address: str) -> None:
    page = _asked(visitor, address, "What do the articles disagree about?")
    card = page.locator(".conflicts .card").first
    card.locator("summary").first.click()
    assert "420 beds" in card.inner_text()
    page.locator(".overview").get_by_role("link", name="Disagreements").click()
    page.wait_for_url("**/disagreements**")
    page.locator("#survey-status").wait_for(state="attached")
