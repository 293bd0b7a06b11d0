"""On how many legs a position stands: who only repeats another counts with it.

Two articles are one source where they are near-copies, and where both take what they say from the same
outlet, or one from the other. "The report" that each of two cites may be another: documents join nothing.
"""

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.text.clean import normalise
from qa.conflicts.groups import group_linked
from qa.language.attribution import is_document
from qa.records import Citation, Position

Copies = Sequence[Sequence[str]]
"""Groups of article ids, each of near-copies."""


@dataclass(frozen=True, slots=True)
class SharedOutlet:
    """An outlet that several sources of a position go back to: `citing` name it, `sources` counts it too."""

    name: str
    citing: int
    sources: int


def weigh(position: Position, copies: Copies) -> Position:
    """The position with the number of its independent sources."""
    articles = dict.fromkeys(one.article_id for one in position.citations)
    links = [
        pair
        for group in (*copies, *(group for _, group in _by_outlet(position)))
        for pair in pairwise(one for one in group if one in articles)
    ]
    return replace(position, independent_sources=len(group_linked(articles, links)))


def shared_outlets(position: Position) -> tuple[SharedOutlet, ...]:
    """The outlets to which more than one source of the position goes back, in the order of its citations."""
    return tuple(
        SharedOutlet(name, sum(_leans(one, name) for one in position.citations), len(articles))
        for name, articles in _by_outlet(position)
        if len(articles) > 1
    )


def with_copies(citations: Sequence[Citation], copies: Copies) -> list[tuple[Citation, tuple[Citation, ...]]]:
    """The citations, each with those that repeat its sentence word for word in near-copies of its article.

    A copy in which one word of it is another stands for itself: no difference is hidden.
    """
    group_of = {article: at for at, group in enumerate(copies) for article in group}
    found: dict[Hashable, list[Citation]] = {}
    for place, one in enumerate(citations):
        group = group_of.get(one.article_id)
        key: Hashable = place if group is None else (group, _words(one.sentence))
        if any(known.article_id == one.article_id for known in found.get(key, ())):
            key = place  # twice quoted by one article
        found.setdefault(key, []).append(one)
    return [(first, tuple(others)) for first, *others in found.values()]


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", normalise(text).casefold()))


def _by_outlet(position: Position) -> Iterator[tuple[str, list[str]]]:
    """Each outlet that is cited, as first named, with the articles that cite it or are its own."""
    told = [one.according_to for one in reversed(position.citations) if one.according_to]
    cited = {_key(one): one for one in told if not is_document(one)}
    for name in reversed(cited.values()):
        articles = [
            one.article_id
            for one in position.citations
            if _leans(one, name) or _key(one.publisher) == _key(name)
        ]
        yield name, list(dict.fromkeys(articles))


def _leans(citation: Citation, name: str) -> bool:
    return citation.according_to is not None and _key(citation.according_to) == _key(name)


def _key(name: str | None) -> str:
    return " ".join((name or "").casefold().split()).removeprefix("the ")
