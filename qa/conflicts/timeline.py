"""The statements of an answer in order of time, and which of them later ones may have overtaken.

That a plant employed 200 people in May and employs 250 in July is no dispute. Which conflicts may be such
updates the engine decides; here only days are compared.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.scope import days
from qa.conflicts.groups import group_linked
from qa.records import Answer, Citation, SourceOrder, Timeline, TimelineEntry, TimeMark

Place = tuple[str, int, int]
"""A sentence in its article: two quotes of one sentence are one statement."""


def timeline_of(answer: Answer) -> Timeline:
    """What the answer quotes, oldest first, each statement once; on one day by their places.

    Of two statements that may be an update the older is "superseded", unless one in the same position is as
    late as the newer: then its source still says so. Of all that are updates of each other the last not
    superseded is "latest"; several are where these are of one day.
    """
    told: dict[Place, Citation] = {}
    for citation in replace(answer, timeline=Timeline()).quotes():
        told.setdefault(place_of(citation), citation)
    dated = sorted((one for one in told.values() if days(day_of(one))), key=_when)
    marks = _mark(answer)
    entries = tuple(TimelineEntry(day_of(one) or "", one, marks.get(place_of(one), "")) for one in dated)
    return Timeline(entries, len(told) - len(entries))


def in_order(answer: Answer, order: SourceOrder) -> Answer:
    """The answer with its sources in order of time, those of each position and the positions by their first.

    What states no date comes last, in the order that it had. The answer stays the same position, in the words
    of its first source then.
    """
    if order == "best":
        return answer

    def sort(citations: Sequence[Citation]) -> tuple[Citation, ...]:
        dated = sorted((one for one in citations if days(day_of(one))), key=_day, reverse=order == "newest")
        return (*dated, *(one for one in citations if not days(day_of(one))))

    positions = [replace(one, citations=sort(one.citations)) for one in answer.positions]
    firsts = sort([one.citations[0] for one in positions])
    positions.sort(key=lambda one: firsts.index(one.citations[0]))
    cited, overview = sort(answer.citations), answer.overview
    if overview is not None:
        sections = tuple(replace(one, citations=sort(one.citations)) for one in overview.sections)
        overview = replace(overview, sections=sections)
        cited = tuple(one for section in sections for one in section.citations)
    answered = answer.status == "answered"
    return replace(
        answer,
        text=cited[0].quote if answered else answer.text,
        confidence=cited[0].score if answered else answer.confidence,
        citations=cited,
        positions=tuple(replace(one, text=one.citations[0].quote) for one in positions),
        closest=sort(answer.closest),
        overview=overview,
        order=order,
    )


def _day(citation: Citation) -> tuple[str, str]:
    return days(day_of(citation)) or ("", "")


def place_of(citation: Citation) -> Place:
    return citation.article_id, citation.sentence_start, citation.sentence_end


def day_of(citation: Citation) -> str | None:
    """When the article last stood by what it says: updated, else published."""
    return citation.updated or citation.published


def _when(citation: Citation) -> tuple[tuple[str, str], Place]:
    return _day(citation), place_of(citation)


def _is_before(one: Citation, other: Citation) -> bool:
    """Whether `one` is surely older: July is not before 3 July."""
    mine, theirs = days(day_of(one)), days(day_of(other))
    return mine is not None and theirs is not None and mine[1] < theirs[0]


def _mark(answer: Answer) -> dict[Place, TimeMark]:
    agreeing = {
        place_of(one): position.citations for position in answer.positions for one in position.citations
    }
    pairs = [
        (older, newer)
        for older, newer in _updates(answer)
        if all(_is_before(one, newer) for one in (older, *agreeing.get(place_of(older), ())))
    ]
    superseded = {place_of(older) for older, _ in pairs}
    newer_ones = {place_of(newer): newer for _, newer in pairs if place_of(newer) not in superseded}
    links = [(place_of(older), place_of(newer)) for older, newer in pairs]
    marks: dict[Place, TimeMark] = dict.fromkeys(superseded, "superseded")
    for group in group_linked((place for link in links for place in link), links):
        last = [newer_ones[place] for place in group if place in newer_ones]
        marks.update(
            (place_of(one), "latest") for one in last if not any(_is_before(one, other) for other in last)
        )
    return marks


def _updates(answer: Answer) -> Iterator[tuple[Citation, Citation]]:
    """The older and the newer of each two statements that may be an update."""
    for conflict in answer.conflicts:
        if conflict.possible_update and len(sides := conflict.by_side()) == 2:
            for one in sides[0]:
                for other in sides[1]:
                    if _is_before(one, other):
                        yield one, other
                    elif _is_before(other, one):
                        yield other, one
