"""From a request for an overview, a topic, what is disputed, or a comparison, to an `Answer`."""

from index.scope import EVERYTHING, Scope
from qa.answer import Clock, coverage_of, passage_of, told_events
from qa.comparison.model import Comparison
from qa.events.library import Events, known_events
from qa.library import Library
from qa.overview.disputes import disputes
from qa.overview.sections import MOST, FoundSection, of_events, of_everything, of_topic
from qa.question.conversation import Understood
from qa.records import Answer, Conflict, ConflictCheck, OnStage, Overview, Section, Timings, ignore_stage

_NOT_COMPARED = "an overview quotes what the articles say; ask what they disagree about to have that compared"

# In so few articles events are found on the spot; in more only where that was done before. Source: 1.5 ms an
# article on one core.
_FOUND_UNASKED = 300


def answer_overview(
    asked: Understood,
    *,
    library: Library,
    comparison: Comparison | None = None,
    rulings: bool = True,
    scope: Scope = EVERYTHING,
    on_stage: OnStage = ignore_stage,
    before: Timings = Timings(),  # noqa: B008 - it is frozen
) -> Answer:
    """What the articles say of all, or of the request's topics; "unanswered" where nothing is near to these.

    Words of the talk narrow what is asked for, and stand in for a topic that is not named. `scope` and
    `before` are as in `qa.answer.answer_question`. Raises what it does.
    """
    request = asked.request
    assert request.sort != "question"
    clock = Clock(before)
    # What is told of everything else is told, in a talk, of what the talk is about.
    topics = request.topics or (" ".join(asked.about),)
    on_stage("reading")
    conflicts: tuple[Conflict, ...] = ()
    events = Events()
    check = ConflictCheck("not_checked", reason=_NOT_COMPARED)
    if request.sort == "disagreements":
        found = [FoundSection(Section(topics[0], ()), ())]
        clock.lap("read")
        on_stage("comparing")
        conflicts, check = disputes(library, topics[0], scope, comparison=comparison, rulings=rulings)
        clock.lap("conflict")
    else:
        most = MOST if len(topics) == 1 else MOST // 2
        events = _find_events(library) if topics == ("",) and scope == EVERYTHING else Events()
        found = of_events(library, events) or [
            of_topic(library, asked, topic, scope, most=most) if topic else of_everything(library, scope)
            for topic in topics
        ]
        clock.lap("read")
    citations = tuple(one for part in found for one in part.section.citations)
    hits = list({hit.chunk.id: hit for part in found for hit in part.hits}.values())
    told = citations or request.sort == "disagreements"
    return Answer(
        question=asked.question,
        standalone_question=asked.standalone,
        status="overview" if told else "unanswered",
        text="",
        confidence=0.0,
        citations=citations,
        positions=(),
        conflicts=conflicts,
        conflict_check=check
        if told
        else ConflictCheck("not_checked", reason="no statement is near the topic"),
        passages=tuple(map(passage_of, hits)),
        timings_ms=clock.timings(),
        scope=coverage_of(library, scope, hits),
        about=asked.about,
        overview=Overview(request.sort, tuple(part.section for part in found)) if told else None,
        events=told_events(events, [one.article_id for one in citations]),
    )


def _find_events(library: Library) -> Events:
    """The library's events; none where finding them would take long."""
    if len(library) <= _FOUND_UNASKED:
        return library.events()
    return known_events(library) or Events()
