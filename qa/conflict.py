"""Do two statements that answer the same question disagree, how, and how surely.

Typed rules for numbers, dates and certainty. Every pair passes the same gates first: one subject, one
relation, no contrasting qualifier, and the value must be the one that the question asks for. A false
alarm costs more trust than a miss, so whatever cannot be decided is no conflict.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from qa import answering as ask
from qa.asked import Asked, read_question
from qa.certainty import Certainty, clash, verb_phrase
from qa.claims import Claim, clause_certainty, read_claim
from qa.dates import Period
from qa.dates import agree as dates_agree
from qa.quantities import Quantity, comparable, same_value
from qa.quantities import agree as quantities_agree
from qa.records import Citation, Conflict, ConflictCheck, ConflictKind
from qa.subject import Common, asserts, common, concerns, narrowed, times_differ

# How much a kind of rule is to be trusted before anything is known of the pair. Source: own choice, to be
# replaced by a calibration on labelled pairs.
_PRIOR: dict[ConflictKind, float] = {"number": 0.9, "date": 0.85, "certainty": 0.7}


@dataclass(frozen=True, slots=True)
class Statement:
    """A citation with what it asserts."""

    citation: Citation
    claim: Claim


@dataclass(frozen=True, slots=True)
class _Side:
    """One value with the statements that give it; `value` decides what counts as the same."""

    value: Quantity | Period | Certainty
    words: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    kind: ConflictKind
    one: _Side
    other: _Side
    score: float


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
    found = [pair for one, other in chosen if (pair := _compare(asked, one, other)) is not None]
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


def _compare(asked: Asked, one: Statement, other: Statement) -> _Pair | None:
    """The disagreement of two statements, None where there is none or it cannot be told."""
    if one.claim.text == other.claim.text:
        return None
    shared = common(asked, one.claim, other.claim)
    if shared is None:
        return None
    return (
        _numbers(asked, one, other, shared)
        or _dates(asked, one, other, shared)
        or _certainties(asked, one, other, shared)
    )


def _numbers(asked: Asked, one: Statement, other: Statement, shared: Common) -> _Pair | None:
    if not (asked.kind == "number" or (asked.kind == "open" and shared.nearly_all)):
        return None
    if not shared.same_subject or one.claim.negated != other.claim.negated:
        return None
    mine, theirs = ask.quantities(asked, one.claim), ask.quantities(asked, other.claim)
    shown = [(mine[name], theirs[name]) for name in mine if name in theirs]
    for first, second in [pair for pair in shown if comparable(*pair)]:
        places = one.claim, first.start, other.claim, second.start
        agreeing = quantities_agree(first, second) or _meets(first, other.claim) or _meets(second, one.claim)
        if agreeing or times_differ(*places, shared) or not shared.holds_at(*places):
            return None
        if narrowed(asked, *places) or _other_act(asked, (one, first), (other, second)):
            return None
        sides = _side(first, first.text, one), _side(second, second.text, other)
        return _Pair("number", *sides, _score("number", shared, one, other))
    return None


def _other_act(asked: Asked, one: tuple[Statement, Quantity], other: tuple[Statement, Quantity]) -> bool:
    """Whether one number is of the act asked about and one of another: "received", "needed" so many votes."""
    verbs = [ask.governor(statement.claim, quantity) for statement, quantity in (one, other)]
    return all(verbs) and verbs[0] != verbs[1] and sum(verb in asked.keys for verb in verbs) == 1


def _dates(asked: Asked, one: Statement, other: Statement, shared: Common) -> _Pair | None:
    if not (asked.kind == "date" or (asked.kind == "open" and shared.nearly_all)):
        return None
    mine, theirs = (
        ask.date(asked, statement.claim, statement.citation.published) for statement in (one, other)
    )
    if mine is None or theirs is None or not shared.same_subject or one.claim.negated != other.claim.negated:
        return None
    if _meets(mine, other.claim) or _meets(theirs, one.claim):
        return None
    if not shared.holds_at(one.claim, mine.start, other.claim, theirs.start):
        return None
    sides = _side(mine, mine.text, one), _side(theirs, theirs.text, other)
    return _Pair("date", *sides, _score("date", shared, one, other))


def _meets(value: Quantity | Period, claim: Claim) -> bool:
    """Whether the claim gives any value that agrees: then the other one may be of something else.

    "More than 10 trillion won", of another thing, says nothing about 70 trillion: hence the factor of two.
    """
    if isinstance(value, Period):
        return any(dates_agree(value, day) for day in claim.dates if day.resolved)
    return any(
        quantities_agree(value, met) and 0.5 <= abs(value.value) / max(abs(met.value), 1e-12) <= 2
        for met in claim.quantities
        if comparable(value, met)
    )


def _certainties(asked: Asked, one: Statement, other: Statement, shared: Common) -> _Pair | None:
    if not (asked.verb or (asked.kind in ("certainty", "open") and shared.nearly_all)):
        return None
    mine, theirs = _certainty(asked, one.claim), _certainty(asked, other.claim)
    if not clash(mine.value, theirs.value):
        return None
    first = min(mine, theirs, key=lambda read: _RANKED.index(read.value.level))
    sure, hedged = (one, other) if first is mine else (other, one)
    open_, closed = (theirs, mine) if sure is one else (mine, theirs)
    if not shared.same_subject and open_.value.level not in ("unconfirmed", "denied"):
        return None
    if not (asserts(asked, sure.claim, closed.clause) and concerns(asked, hedged.claim, open_.clause)):
        return None
    sides = _side(mine.value, mine.words, one), _side(theirs.value, theirs.words, other)
    return _Pair("certainty", *sides, _score("certainty", shared, one, other))


# The levels that assert, then those that do not; the earlier of two clashing ones is the assertion.
_RANKED = ("fact", "future", "planned", "considered", "unconfirmed", "denied", "none")


@dataclass(frozen=True, slots=True)
class _Asserted:
    """How surely the clause that answers is asserted, and in which words."""

    value: Certainty
    words: str
    clause: int


def _certainty(asked: Asked, claim: Claim) -> _Asserted:
    clause = ask.clause(asked, claim)
    certainty = clause_certainty(claim, clause, asked=asked.cues)
    text = claim.clauses[clause].text
    shortened = text if len(text) <= 70 else f"{text[:69].rsplit(' ', 1)[0]} …"
    return _Asserted(certainty, f"“{certainty.cue or verb_phrase(text) or shortened}”", clause)


def _side(value: Quantity | Period | Certainty, words: str, statement: Statement) -> _Side:
    return _Side(value, words, (statement.citation,))


def _score(kind: ConflictKind, shared: Common, one: Statement, other: Statement) -> float:
    """The rule's trust × how much the statements share × how surely both answer, each factor in 0.5..1.

    Source: own choice until it is calibrated on labelled pairs.
    """
    answers = math.sqrt(max(one.citation.score, 0.0) * max(other.citation.score, 0.0))
    return round(_PRIOR[kind] * (0.5 + 0.5 * shared.overlap) * (0.5 + 0.5 * min(answers, 1.0)), 4)


def _merge(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Pairs with the same two values as one, each side with all its statements."""
    merged: list[_Pair] = []
    for pair in pairs:
        for index, kept in enumerate(merged):
            joined = _join(kept, pair)
            if joined is not None:
                merged[index] = joined
                break
        else:
            merged.append(pair)
    return merged


def _join(kept: _Pair, pair: _Pair) -> _Pair | None:
    if kept.kind != pair.kind:
        return None
    for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
        if _same(kept.one, one) and _same(kept.other, other):
            score = max(kept.score, pair.score)
            return _Pair(kept.kind, _with(kept.one, one), _with(kept.other, other), score)
    return None


def _with(side: _Side, other: _Side) -> _Side:
    return _Side(side.value, side.words, tuple(dict.fromkeys((*side.citations, *other.citations))))


def _same(one: _Side, other: _Side) -> bool:
    """Whether two sides hold one value; for certainty, one level and a statement in common or one cue."""
    if isinstance(one.value, Quantity) and isinstance(other.value, Quantity):
        return same_value(one.value, other.value)
    if isinstance(one.value, Period) and isinstance(other.value, Period):
        return (one.value.first, one.value.last) == (other.value.first, other.value.last)
    if isinstance(one.value, Certainty) and isinstance(other.value, Certainty):
        return one.value.level == other.value.level
    return False


def _conflict(pair: _Pair) -> Conflict:
    """The side of the likeliest answer first."""
    one, other = sorted((pair.one, pair.other), key=lambda side: _place(side.citations[0]))
    return Conflict(
        kind=pair.kind,
        explanation=f"{one.words} against {other.words}",
        statements=(*sorted(one.citations, key=_place), *sorted(other.citations, key=_place)),
        score=pair.score,
        possible_update=_later(one, other) or _later(other, one),
    )


def _later(one: _Side, other: _Side) -> bool:
    """Whether every dated statement of `one` was published after every one of `other`."""
    dates = [
        [citation.published for citation in side.citations if citation.published] for side in (one, other)
    ]
    if not dates[0] or not dates[1]:
        return False
    precision = min(len(date) for side in dates for date in side)
    return min(date[:precision] for date in dates[0]) > max(date[:precision] for date in dates[1])
