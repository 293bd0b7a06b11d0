"""What the articles say in all, of each event or of a topic: a few of their own, most central sentences.

The work does not grow with the library. Of everything: 2,000 passages, spread evenly, of whose vectors, which
the library holds, the most central are chosen; only their articles are read, and only their sentences
embedded. Of an event the same, of its articles alone. Of a topic: the passages that a search finds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from index.library import Library
from index.records import Hit, Vectors
from index.scope import EVERYTHING, Scope
from qa.events.library import Events
from qa.overview.central import equal_shares, most_central
from qa.overview.statements import CitedStatement, measure_topic_shares, statements_in
from qa.question.conversation import Understood
from qa.records import Citation, Section

MOST = 10
_SAMPLED = 2_000  # passages whose vectors stand for everything
_READ = 24  # passages whose sentences are read
_EVENTS = 5  # events that are told of apart
_OF_AN_EVENT = 3  # sentences

# A statement is near a topic where its cosine to it and the share that it, or its headline, holds of the
# topic's words, each 0 to 1, come to so much. Source: the names of 10 held-out stories asked of a library of
# their articles, and those of 24 others: 8 and 1 find anything, and 100 in 100 statements near the 10
# are of the right story; from 0.6 on 7 and 0.
NEAR = 0.5


@dataclass(frozen=True, slots=True)
class FoundSection:
    """A section, and the passages that it was chosen from."""

    section: Section
    hits: tuple[Hit, ...]


def of_events(library: Library, events: Events) -> list[FoundSection]:
    """What the articles say of each of the largest events, under its name; then, of the others, what all say.

    Nothing unless several articles tell of each of two events.
    """
    shared = [one for one in events if len(one.article_ids) > 1][:_EVENTS]
    if len(shared) < 2:
        return []
    found = []
    for event in shared:
        told = of_everything(library, Scope(articles=event.article_ids[:_SAMPLED]), most=_OF_AN_EVENT)
        found.append(replace(told, section=replace(told.section, heading=event.name)))
    if len(shared) < len(events):
        shown = {one for part in found for one in part.section.citations}
        rest = of_everything(library)
        left = [one for one in rest.section.citations if not _is_among(one, shown)]
        if left:
            found.append(replace(rest, section=Section("", tuple(left))))
    return found


def _is_among(citation: Citation, shown: Iterable[Citation]) -> bool:
    place = citation.article_id, citation.start
    return any((one.article_id, one.start) == place for one in shown)


def of_everything(library: Library, scope: Scope = EVERYTHING, *, most: int = MOST) -> FoundSection:
    """What all articles in scope say, each article with the same weight; no citations where there is none."""
    sampled, vectors = library.sample(_SAMPLED, scope=scope)
    if not sampled:
        return FoundSection(Section("", ()), ())
    articles = [hit.article.id for hit in sampled]
    weights = equal_shares(articles)
    chosen = most_central(vectors, vectors, weights, articles, _READ, a_group=_a_source(articles, _READ))
    hits = [replace(sampled[place], rank=rank) for rank, place in enumerate(chosen, start=1)]
    told = statements_in(hits)
    stated = library.embedder.embed([one.text for one in told])
    central = most_central(
        stated, vectors, weights, _sources(told), most, a_group=_a_source(_sources(told), most)
    )
    stand_for = weights @ vectors
    return FoundSection(Section("", _in_time(told, central, stated @ stand_for)), tuple(hits))


def of_topic(
    library: Library, asked: Understood, topic: str, scope: Scope = EVERYTHING, *, most: int = MOST
) -> FoundSection:
    """What the articles in scope say of the topic; no citations where nothing is near to it.

    Beside a topic that the question itself names, what it takes from the talk is searched for too.
    """
    text = " ".join([topic, *(asked.about if asked.request.topics else ())])
    wanted = asked.embed(topic, library.embedder)
    vector = wanted if text == topic else asked.embed(text, library.embedder)
    hits = library.search(text, k=_READ, vector=vector, scope=scope)
    told = statements_in(hits)
    if not told:
        return FoundSection(Section(topic, ()), tuple(hits))
    stated = library.embedder.embed([one.text for one in told])
    cosines = np.clip(stated @ wanted, 0.0, 1.0)
    near = (
        cosines + measure_topic_shares(topic, [f"{one.citation.title or ''}\n{one.text}" for one in told])
        >= NEAR
    )
    told = [one for one, kept in zip(told, near, strict=True) if kept]
    stated, cosines = stated[near], cosines[near]
    if not told:
        return FoundSection(Section(topic, ()), tuple(hits))
    sources = _sources(told)
    weights = equal_shares(sources) * cosines
    central = most_central(stated, stated, weights, sources, most, a_group=_a_source(sources, most))
    return FoundSection(Section(topic, _in_time(told, central, cosines)), tuple(hits))


def _sources(told: Sequence[CitedStatement]) -> list[str]:
    return [one.citation.article_id for one in told]


def _a_source(sources: Sequence[str], most: int) -> int:
    """How many of one source are chosen: as many as each can have, and one more."""
    return ceil(most / max(1, len(set(sources)))) + 1


def _in_time(told: Sequence[CitedStatement], chosen: Sequence[int], scores: Vectors) -> tuple[Citation, ...]:
    """Those with a date first, oldest first; the others in the order of what they add."""
    cited = [
        replace(told[place].citation, score=round(float(np.clip(scores[place], 0.0, 1.0)), 4))
        for place in chosen
    ]
    dated = sorted(
        (one for one in cited if one.published),
        key=lambda one: (one.published or "", one.article_id, one.start),
    )
    return (*dated, *(one for one in cited if not one.published))
