"""What is asked of the outlets themselves: two of them side by side, or how much each says.

The names of outlets are those of the library's articles, so that "Gate" is one only where it publishes.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from index.library import Library as ArticleLibrary
from index.names import fold_publisher, source_name
from index.records import Article
from index.scope import Scope
from qa.answer import Clock, coverage_of, events_among, passage_of, told_events
from qa.comparison.model import Comparison
from qa.library import Library
from qa.overview.disputes import disputes
from qa.overview.sections import MOST, NEAR, FoundSection, of_everything, of_topic
from qa.overview.statements import measure_topic_shares, statements_in, statements_within
from qa.question.conversation import Understood
from qa.records import Answer, Citation, Conflict, ConflictCheck, Overview, Section, Timings

COUNTED = 300  # articles whose statements are counted on the spot; beyond, the newest
_LISTED, _QUOTED = 12, 6  # outlets
_SEARCHED = 100  # passages near a topic
_NOT_COMPARED = (
    "the statements of each source were counted; ask what they disagree about to have them compared"
)


def outlets_named(text: str, library: ArticleLibrary) -> tuple[list[str], str]:
    """The library's outlets that the text names, in its order; and the text without their names."""
    found: list[tuple[int, str]] = []
    rest = text
    for name in sorted((one for one, _ in library.publishers()), key=lambda one: (-len(one), one)):
        pattern = re.compile(rf"(?<!\w){re.escape(name)}(?:['’]s)?(?!\w)", re.IGNORECASE)
        if (match := pattern.search(rest)) is not None:
            found.append((match.start(), name))
            rest = pattern.sub(lambda each: "\0" * len(each[0]), rest)
    return [name for _, name in sorted(found)], " ".join(rest.replace("\0", " ").split())


def compare_outlets(
    asked: Understood,
    names: Sequence[str],
    topic: str,
    *,
    library: Library,
    scope: Scope,
    comparison: Comparison | None,
    rulings: bool,
    before: Timings,
) -> Answer:
    """What each of the outlets says of the topic, side by side, and where two of them disagree.

    Without a topic they are asked of the events that all of them tell of, where there are such.
    """
    clock = Clock(before)
    within = replace(scope, articles=_shared_articles(names, library, scope)) if not topic else scope
    found = []
    for name in names:
        own = replace(within, publishers=(name,))
        told = (
            of_topic(library, asked, topic, own, most=MOST // 2)
            if topic
            else of_everything(library, own, most=MOST // 2)
        )
        heading = f"{name} on {topic}" if topic else name
        found.append(replace(told, section=replace(told.section, heading=heading)))
    clock.lap("read")
    both = replace(scope, publishers=tuple(names))
    conflicts, check = disputes(library, topic, both, comparison=comparison, rulings=rulings)
    clock.lap("conflict")
    folded = {fold_publisher(name) for name in names}
    conflicts = tuple(one for one in conflicts if _holds_two(one, folded))
    return _answer(asked, found, conflicts, check, library=library, scope=both, clock=clock)


def _holds_two(conflict: Conflict, folded: set[str | None]) -> bool:
    return len({fold_publisher(one.publisher) for one in conflict.statements} & folded) > 1


def _shared_articles(names: Sequence[str], library: Library, scope: Scope) -> tuple[str, ...]:
    """The articles on events that all of the outlets tell of; those in scope where there is none."""
    articles = list(library.articles(scope=replace(scope, publishers=tuple(names))))[:COUNTED]
    publisher = {one.id: fold_publisher(one.publisher) for one in articles}
    shared = []
    for event in library.events() if len(library) <= COUNTED else ():
        held = [one for one in event.article_ids if one in publisher]
        if len({publisher[one] for one in held}) == len({fold_publisher(name) for name in names}):
            shared += held
    return tuple(shared) or scope.articles


def count_statements(
    asked: Understood, topic: str, *, library: Library, scope: Scope, most_first: bool, before: Timings
) -> Answer:
    """How many statements each outlet has, of the topic where one is named; those that say least first."""
    clock = Clock(before)
    listed = library.listing(scope=scope, most=COUNTED).articles
    articles = [library.article(one.id) for one in listed]
    outlets: dict[str, list[Article]] = defaultdict(list)
    for one in articles:
        outlets[source_name(one.publisher, one.uri)].append(one)
    if topic:
        said = _near_topic(topic, library, replace(scope, articles=tuple(one.id for one in articles)))
    else:
        told = statements_within((one, 0, len(one.text)) for one in articles)
        said = [one.citation for one in told]
    by_article: dict[str, list[Citation]] = defaultdict(list)
    for citation in said:
        by_article[citation.article_id].append(citation)
    counted = {name: [said for one in held for said in by_article[one.id]] for name, held in outlets.items()}
    sign = -1 if most_first else 1
    order = sorted(outlets, key=lambda name: (sign * len(counted[name]), sign * len(outlets[name]), name))
    found = []
    for place, name in enumerate(order[:_LISTED]):
        heading = (
            f"{name}: {_many(len(counted[name]), 'statement')} in {_many(len(outlets[name]), 'article')}"
        )
        quoted: tuple[Citation, ...] = ()
        if place < _QUOTED and counted[name]:
            ids = tuple(one.id for one in outlets[name])
            central = of_everything(library, Scope(articles=ids), most=1).section.citations
            quoted = tuple(counted[name][:1]) if topic else central
        found.append(FoundSection(Section(heading + (f", on {topic}" if topic else ""), quoted), ()))
    clock.lap("read")
    check = ConflictCheck("not_checked", reason=_NOT_COMPARED)
    return _answer(asked, found, (), check, library=library, scope=scope, clock=clock)


def _near_topic(topic: str, library: Library, scope: Scope) -> list[Citation]:
    """The statements near the topic, by the measure of overviews; the nearest first."""
    if not scope.articles:
        return []
    told = statements_in(library.search(topic, k=_SEARCHED, scope=scope))
    if not told:
        return []
    (wanted,) = library.embedder.embed([topic], query=True)
    near = library.embedder.embed([one.text for one in told]) @ wanted
    shares = measure_topic_shares(topic, [f"{one.citation.title or ''}\n{one.text}" for one in told])
    ranked = [
        (round(float(cosine) + float(share), 6), place)
        for place, (cosine, share) in enumerate(zip(near, shares, strict=True))
    ]
    return [
        told[place].citation
        for worth, place in sorted(ranked, key=lambda one: (-one[0], one[1]))
        if worth >= NEAR
    ]


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _answer(
    asked: Understood,
    found: Sequence[FoundSection],
    conflicts: tuple[Conflict, ...],
    check: ConflictCheck,
    *,
    library: Library,
    scope: Scope,
    clock: Clock,
) -> Answer:
    citations = tuple(one for part in found for one in part.section.citations)
    hits = list({hit.chunk.id: hit for part in found for hit in part.hits}.values())
    return Answer(
        question=asked.question,
        standalone_question=asked.standalone,
        status="overview" if citations else "unanswered",
        text="",
        confidence=0.0,
        citations=citations,
        positions=(),
        conflicts=conflicts,
        conflict_check=check,
        passages=tuple(map(passage_of, hits)),
        timings_ms=clock.timings(),
        scope=coverage_of(library, scope, hits),
        about=asked.about,
        overview=Overview("outlets", tuple(part.section for part in found)) if citations else None,
        events=told_events(events_among(library, hits), [one.article_id for one in citations]),
        taken_as="outlets",
    )
