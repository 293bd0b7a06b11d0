"""Which statements conflict: pairs chosen, compared by rule, those with the same two values made one."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from qa.asked import read_question
from qa.certainty import Certainty
from qa.claims import read_claim
from qa.dates import Period
from qa.quantities import Quantity, same_value
from qa.records import Citation, Conflict, ConflictCheck
from qa.rules import Pair, Side, Statement, compare


def find_conflicts(
    question: str,
    statements: Sequence[Citation],
    texts: Mapping[str, str],  # noqa: ARG001 - part of the seam: the learned part will read around a statement
    *,
    max_pairs: int = 200,
) -> tuple[tuple[Conflict, ...], ConflictCheck]:
    """Conflicts between statements of different articles, surest first, and what was compared.

    The order of `statements` does not matter. At most `max_pairs` pairs are compared, those of the likeliest
    answers; `ConflictCheck.reason` then says how many of how many.
    """
    read = read_statements(statements)
    sources = {statement.citation.article_id for statement in read}
    if len(sources) < 2:
        reason = "only one source answers" if sources else "no source answers"
        return (), ConflictCheck("not_checked", len(read), len(sources), 0, reason)
    pairs = _pairs(read)
    chosen = pairs[:max_pairs]
    if not chosen:
        reason = f"the limit of {max_pairs} pairs leaves nothing to compare"
        return (), ConflictCheck("not_checked", len(read), len(sources), 0, reason)
    asked = read_question(question)
    found = [pair for one, other in chosen if (pair := compare(asked, one, other)) is not None]
    reason = ""
    if len(chosen) < len(pairs):
        reason = f"{len(chosen)} of {len(pairs)} pairs were compared, those of the likeliest answers"
    conflicts = tuple(_conflict(pair) for pair in _merge(found))
    ordered = sorted(conflicts, key=lambda conflict: (-conflict.score, conflict.explanation))
    return tuple(ordered), ConflictCheck("checked", len(read), len(sources), len(chosen), reason)


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


def _pairs(statements: Sequence[Statement]) -> list[tuple[Statement, Statement]]:
    """All pairs between articles, the best ranked first."""
    ranked = [
        (first + second, first, statements[first], statements[second])
        for first, second in combinations(range(len(statements)), 2)
        if statements[first].citation.article_id != statements[second].citation.article_id
    ]
    return [(one, other) for *_, one, other in sorted(ranked, key=lambda pair: pair[:2])]


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
    return False


def _conflict(pair: Pair) -> Conflict:
    """The side of the likeliest answer first."""
    one, other = sorted((pair.one, pair.other), key=lambda side: _place(side.citations[0]))
    return Conflict(
        kind=pair.kind,
        explanation=f"{one.words} against {other.words}",
        statements=(*sorted(one.citations, key=_place), *sorted(other.citations, key=_place)),
        score=pair.score,
        possible_update=_later(one, other) or _later(other, one),
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
