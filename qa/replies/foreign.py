"""A question in another language: the closest statements by meaning, names and numbers, never an answer.

The models read English. What the embedder finds all the same is shown as near, and no more.
"""

import numpy as np

from index.library import Library
from index.scope import Scope
from qa.answer import MAX_CLOSEST, Clock, coverage_of, events_among, passage_of, told_events
from qa.overview.sections import NEAR
from qa.overview.statements import measure_topic_shares, statements_in
from qa.records import Answer, Citation, ConflictCheck, Timings

_UNREAD = "the question is in another language, and articles are compared by what they answer in English"


def answer_foreign(
    question: str, language: str, *, library: Library, scope: Scope, passages: int, before: Timings
) -> Answer:
    """At most `MAX_CLOSEST` statements, one a source, the nearest first; "unanswered" where none is near.

    A statement is near by its cosine to the question and its share of the question's words.
    """
    clock = Clock(before)
    (wanted,) = library.embedder.embed([question], query=True)
    hits = library.search(question, k=passages, vector=wanted, scope=scope)
    clock.lap("retrieve")
    told = statements_in(hits)
    best: dict[str, Citation] = {}
    if told:
        cosines = np.clip(library.embedder.embed([one.text for one in told]) @ wanted, 0.0, 1.0)
        worth = np.round(cosines + measure_topic_shares(question, [one.text for one in told]), 6)
        for place in sorted(range(len(told)), key=lambda at: (-worth[at], at)):
            if worth[place] >= NEAR:
                best.setdefault(told[place].citation.article_id, told[place].citation)
    closest = tuple(best.values())[:MAX_CLOSEST]
    clock.lap("read")
    return Answer(
        question=question,
        standalone_question=question,
        status="closest" if closest else "unanswered",
        text="",
        confidence=0.0,
        citations=(),
        positions=(),
        conflicts=(),
        conflict_check=ConflictCheck("not_checked", reason=_UNREAD),
        passages=tuple(map(passage_of, hits)),
        timings_ms=clock.timings(),
        closest=closest,
        scope=coverage_of(library, scope, hits),
        events=told_events(events_among(library, hits), [one.article_id for one in closest]),
        taken_as="foreign",
        language=language,
    )
