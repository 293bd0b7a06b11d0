"""The articles of a library listed by the event that they tell of; stores know nothing of events."""

from dataclasses import replace
from typing import Any

from index.errors import LibraryError
from index.records import Listed, Listing, Section
from qa.events.library import Event, known_events
from qa.library import Library

MOST_GROUPED = 2_000  # articles that are found: all of them are arranged for one page
_FOUND_AT_ONCE = 5_000  # articles of a library whose events are found while people wait, some seconds


def list_by_event(library: Library, *, first: int, most: int, **found: Any) -> Listing:
    """A page of what `Library.listing` gives for `found`, by event: those of several articles, then the rest.

    Events and their articles come in the order in which the list has them. LibraryError where too many
    articles are found, and where the events of a large library are not known yet.
    """
    every = library.listing(most=MOST_GROUPED, **found)
    if every.total > MOST_GROUPED:
        raise LibraryError(
            f"{every.total:,} articles are found, and {MOST_GROUPED:,} are the most to be grouped by event:"
            " search for fewer"
        )
    if len(library) > _FOUND_AT_ONCE and known_events(library) is None:
        raise LibraryError(
            f"the events of {len(library):,} articles are not known yet: run `whosays conflicts` once, which"
            " finds them"
        )
    articles = {one.id: one for one in every.articles}
    told: list[tuple[Event | None, list[Listed]]] = []
    alone: list[Listed] = []
    for event, ids in library.events().arrange(list(articles)):
        if event is None or len(event.article_ids) == 1:
            alone += [articles[one] for one in ids]
        else:
            told.append((event, [articles[one] for one in ids]))
    if alone:
        told.append((None, alone))
    return _page(every, told, first, most)


def _page(every: Listing, told: list[tuple[Event | None, list[Listed]]], first: int, most: int) -> Listing:
    rows: list[Listed] = []
    sections: list[Section] = []
    at = 0
    for event, articles in told:
        shown = articles[max(0, first - at) : max(0, first + most - at)]
        if shown:
            name = None if event is None else event.name
            sections.append(Section(name, len(rows), len(articles), continued=at < first))
            rows += shown
        at += len(articles)
    return replace(every, articles=tuple(rows), sections=tuple(sections))
