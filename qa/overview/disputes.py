"""What the articles disagree on, narrowed to a topic: the survey's conflicts, where it is quick enough."""

import numpy as np

from index.records import Embedder
from index.scope import Scope
from qa.answer import coverage_of
from qa.comparison.model import Comparison
from qa.library import Library
from qa.overview.sections import NEAR
from qa.overview.statements import measure_topic_shares
from qa.records import Conflict, ConflictCheck
from qa.survey.cache import SurveyCache
from qa.survey.statements import plainly
from qa.survey.survey import Survey

# So many articles are compared on the spot; more only where that was done before. Source: 0.1 s a short
# article, 2 s a long one.
COMPARED_UNASKED = 30
_PAIRS_UNASKED = 500


class _TooMuch(Exception):
    """More pairs wait to be judged than a question may take."""


def disputes(
    library: Library, topic: str, scope: Scope, *, comparison: Comparison | None, rulings: bool
) -> tuple[tuple[Conflict, ...], ConflictCheck]:
    """The conflicts in scope, surest first, of which a statement is near the topic; all for "".

    Not checked, with how to do it, where the library is large and was not compared since it changed.
    """
    found = _survey(library, scope, comparison, rulings=rulings)
    if found is None:
        reason = (
            f"the library's {len(library):,} articles were not all compared with each other yet; run "
            "`whosays conflicts`, or open the page Disagreements of the app"
        )
        return (), ConflictCheck("not_checked", reason=reason)
    conflicts = found.conflicts
    return tuple(_near(topic, conflicts, library.embedder)) if topic else conflicts, found.check


def _survey(library: Library, scope: Scope, comparison: Comparison | None, *, rulings: bool) -> Survey | None:
    few = coverage_of(library, scope, ()).articles <= COMPARED_UNASKED
    if not few:
        cache = SurveyCache(library.path, few=True)
        known = cache.count_articles()
        cache.close()
        if known < len(library):
            return None
    try:
        return library.conflicts(
            scope=scope, comparison=comparison, rulings=rulings, progress=None if few else _unless_much
        )
    except _TooMuch:
        return None


def _unless_much(_: int, total: int | None, stage: str) -> None:
    if stage == "comparing" and (total or 0) > _PAIRS_UNASKED:
        raise _TooMuch


def _near(topic: str, conflicts: tuple[Conflict, ...], embedder: Embedder) -> list[Conflict]:
    """Those of which a statement, with its headline, is near the topic."""
    sides = [(place, one) for place, conflict in enumerate(conflicts) for one in conflict.statements]
    if not sides:
        return []
    texts = [plainly(one.sentence) for _, one in sides]
    (wanted,) = embedder.embed([topic], query=True)
    held = measure_topic_shares(
        topic, [f"{one.title or ''}\n{text}" for (_, one), text in zip(sides, texts, strict=True)]
    )
    nearness = np.clip(embedder.embed(texts) @ wanted, 0.0, 1.0) + held
    near = {place for (place, _), share in zip(sides, nearness, strict=True) if share >= NEAR}
    return [conflict for place, conflict in enumerate(conflicts) if place in near]
