"""Articles listed by event: what tells the same stands together, on whatever page."""

import pytest

from index.errors import LibraryError
from qa.app.shelf import by_event
from qa.app.shelf.by_event import list_by_event
from qa.ask import build_embedder
from qa.library import Library

FERRY = (
    "The ferry Alma ran aground off Tidewater on Tuesday evening. Captain Renn said that fog hid the buoys.",
    "Fog led the ferry Alma onto a sandbank off Tidewater, Captain Renn said. All on board came ashore.",
    "An inquiry into the grounding of the ferry Alma has begun. Captain Renn had blamed fog off Tidewater.",
)
BREWERY = (
    "The Harrow brewery in Quillon has been sold to a group from Utrecht. All jobs stay, the owners said.",
    "Workers at the Harrow brewery in Quillon want guarantees from the buyer in Utrecht for their jobs.",
)
ALONE = "Wolves live in the hills above Marram again, the forest office said. Cameras filmed five of them."


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("articles")
    for number, text in enumerate((*FERRY, *BREWERY, ALONE)):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    with Library.open(folder / "library", embedder=build_embedder("bundled")) as opened:
        opened.add(folder)
        yield opened


def test_events_of_several_articles_come_before_those_of_one(library):
    found = list_by_event(library, first=0, most=50)
    assert [(one.first, one.total, one.value is None) for one in found.sections][-1] == (5, 1, True)
    texts = [library.article(one.id).text for one in found.articles]
    groups = (
        [set(texts[:3]), set(texts[3:5])]
        if found.sections[0].total == 3
        else [set(texts[2:5]), set(texts[:2])]
    )
    assert groups == [set(FERRY), set(BREWERY)]
    names = {library.article(one.id).name for one in found.articles}
    assert {one.value for one in found.sections[:-1]} <= names


def test_pages_of_the_list_hold_each_article_once_and_say_what_is_continued(library):
    whole = [one.id for one in list_by_event(library, first=0, most=50).articles]
    pages = [list_by_event(library, first=first, most=2) for first in range(0, 6, 2)]
    assert [one.id for page in pages for one in page.articles] == whole
    assert any(page.sections[0].continued for page in pages[1:])
    assert {page.total for page in pages} == {6}


def test_what_is_found_is_grouped_and_no_more(library):
    found = list_by_event(library, first=0, most=50, sought="brewery")
    assert found.total == 2
    assert [one.total for one in found.sections] == [2]


def test_too_many_articles_are_refused_with_what_to_do(library, monkeypatch):
    monkeypatch.setattr(by_event, "MOST_GROUPED", 3)
    with pytest.raises(LibraryError, match="6 articles are found, and 3 are the most"):
        list_by_event(library, first=0, most=50)
