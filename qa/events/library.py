"""The events of a whole library, and what is remembered of them beside it.

What is remembered is derived, and holds no word that does not stand in the articles. What is stale, damaged
or cannot be written is not used: the events are then found anew.
"""

import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from index.library import Library
from index.local.schema import identify_folder
from index.records import Article
from qa.events.groups import EventGroup
from qa.events.memory import recall_outlines, recall_these
from qa.events.outlines import Outline
from qa.events.repeats import group_articles
from qa.weights.fitted import FILE as FITTED

FILE = "events.json"

_HEAD_BYTES = 10_000  # of the first line of it: the stamp, and what the rest adds up to
# What the events depend on, the articles and the embedder apart.
_SOURCES = (
    "qa/events/*.py", "qa/conflicts/copies.py", "qa/language/names.py", "qa/language/terms.py",
    "index/text/clean.py",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """What one article or several tell of, named as the most central of them is.

    `id` is made from the articles' ids. `article_ids` come by date, those without one last. `first` and
    `last` are the dates between which they were published, as stated; None where none is dated.
    """

    id: str
    name: str
    article_ids: tuple[str, ...]
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Events:
    """The events of a library, those that most articles tell of first; each article tells of one.

    An article that nobody else tells the same as has an event of its own. `near` holds, by an event's id, the
    ids of those that may be the same event after all.
    """

    events: tuple[Event, ...] = ()
    near: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _of: Mapping[str, Event] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        of = {article_id: event for event in self.events for article_id in event.article_ids}
        object.__setattr__(self, "_of", of)

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def of(self, article_id: str) -> Event | None:
        """The event that an article tells of, perhaps alone; None for one that was not in the library."""
        return self._of.get(article_id)

    def are_apart(self, one: str, other: str) -> bool:
        """Whether two articles, by their ids, surely tell of two events."""
        mine, theirs = self._of.get(one), self._of.get(other)
        if mine is None or theirs is None or mine.id == theirs.id:
            return False
        return theirs.id not in self.near.get(mine.id, frozenset())

    def mark(self, article_id: str) -> str:
        """What `are_apart` depends on of an article: the same as long as it says the same of it."""
        event = self._of.get(article_id)
        return "" if event is None else " ".join((event.id, *sorted(self.near.get(event.id, ()))))

    def arrange(self, article_ids: Sequence[str]) -> list[tuple[Event | None, list[str]]]:
        """The articles by event, for a page: both in the order in which they come."""
        found: dict[str, tuple[Event | None, list[str]]] = {}
        for article_id in article_ids:
            event = self.of(article_id)
            found.setdefault(event.id if event else "", (event, []))[1].append(article_id)
        return list(found.values())


# Of the library that was read last of those that lie where nobody may write: its stamp, and what was found.
_UNWRITTEN: dict[Path, tuple[str, Events]] = {}


def events_of(library: Library) -> Events:
    """The events of all articles in the library: as remembered, or found anew where it has changed.

    Finding them reads every article once; what was read is remembered.
    """
    known = known_events(library)
    if known is not None:
        return known
    stamp = _stamp(library)
    found = find_events(recall_outlines(library, _version()))
    _keep(library.path, stamp, found)
    return found


def events_among(library: Library, articles: Iterable[Article]) -> Events:
    """The events of all articles where they are remembered, or else those that these articles alone show.

    Of these few are read: what was read of an article is remembered.
    """
    known = known_events(library)
    if known is not None:
        return known
    return find_events(recall_these(library, _version(), sorted(articles, key=lambda one: one.id)))


def known_events(library: Library) -> Events | None:
    """What is remembered of the library as it stands; None where nothing is."""
    stamp, held = _UNWRITTEN.get(library.path, ("", Events()))
    if stamp and stamp == _stamp(library):
        return held
    try:
        with (library.path / FILE).open("rb") as file:
            head = json.loads(file.readline(_HEAD_BYTES))
            if head["stamp"] != _stamp(library):
                return None  # before all of it is read, a kilobyte for each article
            kept = file.read()
        return _unpack(json.loads(kept)) if head["crc"] == zlib.crc32(kept) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def find_events(outlines: Sequence[Outline]) -> Events:
    """The events that articles tell of, held against each other alone; the outlines come by id."""
    if not outlines:
        return Events()
    groups = group_articles(outlines)
    made = [_event(one, outlines) for one in groups]
    near = {
        event.id: frozenset(made[number].id for number in one.near)
        for one, event in zip(groups, made, strict=True)
        if one.near
    }
    return Events(tuple(sorted(made, key=_rank)), near)


def _event(one: EventGroup, outlines: Sequence[Outline]) -> Event:
    told = sorted((outlines[place] for place in one.places), key=_by_date)
    dates = [each.published for each in told if each.published]
    ids = tuple(each.article_id for each in told)
    event_id = hashlib.sha256("\0".join(sorted(ids)).encode()).hexdigest()[:16]
    return Event(
        event_id, outlines[one.central].name, ids, min(dates, default=None), max(dates, default=None)
    )


def _by_date(one: Outline) -> tuple[str, str]:
    return one.published or "9999", one.article_id


def _rank(one: Event) -> tuple[int, str, str]:
    return -len(one.article_ids), one.first or "9999", one.id


def _unpack(kept: Mapping[str, Any]) -> Events:
    events = tuple(
        Event(one["id"], one["name"], tuple(one["article_ids"]), one["first"], one["last"])
        for one in kept["events"]
    )
    return Events(events, {one: frozenset(others) for one, others in kept["near"].items()})


def _keep(folder: Path, stamp: str, found: Events) -> None:
    """Written beside it and moved into its place, so that a kill leaves the old file or the new one."""
    events = [
        {
            "id": one.id,
            "name": one.name,
            "article_ids": list(one.article_ids),
            "first": one.first,
            "last": one.last,
        }
        for one in found.events
    ]
    near = {one: sorted(others) for one, others in sorted(found.near.items())}
    kept = json.dumps({"events": events, "near": near}).encode()
    head = json.dumps({"stamp": stamp, "crc": zlib.crc32(kept)}).encode()
    fresh = folder / f"{FILE}.{os.getpid()}"
    try:
        try:
            fresh.write_bytes(head + b"\n" + kept)
            fresh.replace(folder / FILE)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError:
        _UNWRITTEN.clear()
        _UNWRITTEN[folder] = stamp, found


def _stamp(library: Library) -> str:
    """Changes with the library, its embedder, and what finds events."""
    return f"{identify_folder(library.path)} {library.token} {library.embedder.name} {_version()}"


@cache
def _version() -> str:
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256(FITTED.read_bytes())
    for file in sorted(file for pattern in _SOURCES for file in root.glob(pattern)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
