"""Which statements conflict: pairs chosen, compared by rule, those with the same two values made one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from qa.answered_values import compare_values, differ
from qa.asked import Asked, read_question
from qa.certainty import Certainty
from qa.claims import names_match, read_claim
from qa.dates import Period
from qa.name_conflict import compare_names
from qa.polarity_conflict import compare_polarity
from qa.quantities import Quantity, same_value
from qa.records import Citation, Conflict, ConflictCheck
from qa.rules import Pair, Side, Statement, compare
from qa.subject import common
from qa.verdicts import Verdicts

_CHANGED = re.compile(
    r"\b(?:rais\w+|revis\w+|updat\w+|lower(?:ed|s)|rose|risen|grew|fell|up|down|earlier|previous\w*|initial\w*|"
    r"original\w*|first|later|then|now|instead|correct\w*|former\w*|from \S+ to|compared|another|further|"
    r"additional|more|other)\b",
    re.I,
)
_RESTATED_OVERLAP = 0.6


def find_conflicts(
    question: str,
    statements: Sequence[Citation],
    texts: Mapping[str, str],  # noqa: ARG001 - part of the seam: the learned part will read around a statement
    *,
    verdicts: Verdicts | None = None,
    max_pairs: int = 200,
) -> tuple[tuple[Conflict, ...], ConflictCheck]:
    """Conflicts between statements, of different articles or of one, surest first, and what was compared.

    `verdicts` are those by rule unless given. The order of `statements` does not matter. At most `max_pairs`
    pairs are compared, those of the likeliest answers; `ConflictCheck.reason` then says how many of how many.
    """
    read = read_statements(statements)
    sources = {statement.citation.article_id for statement in read}
    asked = read_question(question)
    verdicts = verdicts or Verdicts(question)
    across, within = _pairs(read)
    chosen = [*across, *within][:max_pairs]
    found = [pair for one, other in chosen if (pair := _compare(asked, one, other, verdicts)) is not None]
    conflicts = tuple(_conflict(pair) for pair in _merge(found))
    ordered = tuple(sorted(conflicts, key=lambda conflict: (-conflict.score, conflict.explanation)))
    if len(sources) < 2 and not ordered:
        reason = "only one source answers" if sources else "no source answers"
        return (), ConflictCheck("not_checked", len(read), len(sources), 0, reason)
    if not chosen:
        reason = f"the limit of {max_pairs} pairs leaves nothing to compare"
        return (), ConflictCheck("not_checked", len(read), len(sources), 0, reason)
    reason = ""
    if len(chosen) < len(across) + len(within):
        many = len(across) + len(within)
        reason = f"{len(chosen)} of {many} pairs were compared, those of the likeliest answers"
    return ordered, ConflictCheck("checked", len(read), len(sources), len(chosen), reason)


def _compare(asked: Asked, one: Statement, other: Statement, verdicts: Verdicts) -> Pair | None:
    """By the first rule that speaks: values and certainty, then names, then yes against no."""
    if one.citation.article_id == other.citation.article_id and not _restated(asked, one, other):
        return None
    if differ(asked, one, other):
        return compare_values(asked, one, other)
    return (
        compare(asked, one, other)
        or compare_names(asked, one, other)
        or compare_polarity(asked, one, other, verdicts)
    )


def _restated(asked: Asked, one: Statement, other: Statement) -> bool:
    """Whether two statements of one article say one thing twice, rather than go on from one to the other.

    An article tells of parts and wholes, of before and after: only where most words come again, and nothing
    speaks of a change, does it contradict itself.
    """
    if any(_CHANGED.search(statement.claim.text) for statement in (one, other)):
        return False
    shared = common(asked, one.claim, other.claim)
    return shared is not None and shared.same_subject and shared.overlap >= _RESTATED_OVERLAP


def read_statements(statements: Iterable[Citation]) -> list[Statement]:
    """Each sentence once with its claim, best first, ties by place."""
    unique: dict[tuple[str, int, int], Citation] = {}
    for citation in sorted(statements, key=_place):
        unique.setdefault((citation.article_id, citation.sentence_start, citation.sentence_end), citation)
    return [
        Statement(citation, read_claim(citation.sentence, published=citation.published))
        for citation in unique.values()
    ]


def _place(citation: Citation) -> tuple[float, str, int, int, int, str]:
    return (
        -citation.score,
        citation.article_id,
        citation.sentence_start,
        citation.start,
        citation.end,
        citation.sentence,
    )


_Pairs = list[tuple[Statement, Statement]]


def _pairs(statements: Sequence[Statement]) -> tuple[_Pairs, _Pairs]:
    """All pairs between articles, and all within one; each the best ranked first."""
    across: _Pairs = []
    within: _Pairs = []
    places = sorted(combinations(range(len(statements)), 2), key=lambda pair: (sum(pair), pair[0]))
    for one, other in ((statements[first], statements[second]) for first, second in places):
        same = one.citation.article_id == other.citation.article_id
        (within if same else across).append((one, other))
    return across, within


def _merge(pairs: Sequence[Pair]) -> list[Pair]:
    """Pairs with the same two values as one, each side with all its statements."""
    merged: list[Pair] = []
    for pair in pairs:
        for index, kept in enumerate(merged):
            joined = _join(kept, pair)
            if joined is not None:
                merged[index] = joined
                break
        else:
            merged.append(pair)
    return merged


def _join(kept: Pair, pair: Pair) -> Pair | None:
    if kept.kind != pair.kind:
        return None
    for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
        if _same(kept.one, one) and _same(kept.other, other):
            score = max(kept.score, pair.score)
            return Pair(kept.kind, _with(kept.one, one), _with(kept.other, other), score)
    return None


def _with(side: Side, other: Side) -> Side:
    return Side(side.value, side.words, tuple(dict.fromkeys((*side.citations, *other.citations))))


def _same(one: Side, other: Side) -> bool:
    """Whether two sides hold one value; for certainty, one level and a statement in common or one cue."""
    if isinstance(one.value, Quantity) and isinstance(other.value, Quantity):
        return same_value(one.value, other.value)
    if isinstance(one.value, Period) and isinstance(other.value, Period):
        return (one.value.first, one.value.last) == (other.value.first, other.value.last)
    if isinstance(one.value, Certainty) and isinstance(other.value, Certainty):
        return one.value.level == other.value.level
    if isinstance(one.value, frozenset) and isinstance(other.value, frozenset):
        return names_match(one.value, other.value)
    return one.value == other.value


def _conflict(pair: Pair) -> Conflict:
    """The side of the likeliest answer first."""
    one, other = sorted((pair.one, pair.other), key=lambda side: _place(side.citations[0]))
    return Conflict(
        kind=pair.kind,
        explanation=f"{one.words} against {other.words}",
        statements=(*sorted(one.citations, key=_place), *sorted(other.citations, key=_place)),
        score=pair.score,
        possible_update=_later(one, other) or _later(other, one),
        sides=(0,) * len(one.citations) + (1,) * len(other.citations),
    )


def _later(one: Side, other: Side) -> bool:
    """Whether every dated statement of `one` was published after every one of `other`."""
    dates = [
        [citation.published for citation in side.citations if citation.published] for side in (one, other)
    ]
    if not dates[0] or not dates[1]:
        return False
    precision = min(len(date) for side in dates for date in side)
    return min(date[:precision] for date in dates[0]) > max(date[:precision] for date in dates[1])
