"""Copies of one report count as one article where articles are held against each other by event.

What is rare, and how near strangers come, is measured among the articles themselves. Where many papers print
one agency's report, they would be each other's strangers: nothing comes as near as they do, and whoever tells
of the event in other words would tell of another one.
"""

import datetime
from collections.abc import Iterator, Sequence
from itertools import chain

from qa.conflicts.copies import copies_by
from qa.events.groups import EventGroup, group
from qa.events.outlines import Outline
from qa.events.pairs import Company

# What comes out day after day in the same words, with other figures, tells of one event within these days at
# most. Source: own choice.
_TOGETHER = datetime.timedelta(days=7)


def group_articles(outlines: Sequence[Outline]) -> list[EventGroup]:
    """As `group` of a company of these articles, in which copies count once and follow the one they copy."""
    copies = gather_copies(outlines)
    company = Company([outlines[first] for first, *_ in copies])
    return [
        EventGroup(
            tuple(sorted(chain.from_iterable(copies[place] for place in one.places))),
            copies[one.central][0],
            one.near,
        )
        for one in group(company)
    ]


def gather_copies(outlines: Sequence[Outline]) -> list[tuple[int, ...]]:
    """All places, those of copies together; the first of each stands for them, the others come in order.

    It is dated if one of them is, and the longest of those.
    """
    held = {place: one.sequences for place, one in enumerate(outlines) if len(one.sequences)}
    copies = copies_by(held, mutual=True)
    copied = {*chain.from_iterable(copies)}
    together = [part for some in copies for part in _by_days(outlines, some)]
    together += [[place] for place in range(len(outlines)) if place not in copied]

    def rank(place: int) -> tuple[bool, int, int]:
        return outlines[place].day is None, -len(outlines[place].sequences), place

    first = [min(some, key=rank) for some in together]
    found = zip(first, together, strict=True)
    return sorted((one, *(place for place in some if place != one)) for one, some in found)


def _by_days(outlines: Sequence[Outline], places: Sequence[int]) -> Iterator[list[int]]:
    """The places, parted by day; those without one with the first."""
    begun: datetime.date | None = None
    part: list[int] = []
    for place in sorted(places, key=lambda one: (outlines[one].day or datetime.date.min, one)):
        day = outlines[place].day
        if day and begun and day - begun > _TOGETHER:
            yield part
            begun, part = day, []
        begun = begun or day
        part.append(place)
    yield part
