"""Which statements conflict: pairs chosen, compared by rule, those with the same two values made one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from index.clean import normalise
from qa.answered_values import compare_values, differ
from qa.asked import Asked, read_question
from qa.certainty import Certainty
from qa.certainty_conflict import compare_certainty
from qa.claims import Claim, Name, names_match, read_claim, read_names
from qa.dates import Period
from qa.name_conflict import compare_names
from qa.polarity_conflict import compare_polarity
from qa.quantities import Quantity, same_value
from qa.records import Citation, Conflict, ConflictCheck, Entailment
from qa.retelling import Retelling
from qa.rules import Pair, Side, Statement, compare
from qa.subject import common
from qa.verdicts import Verdicts
from qa.weighing import Weighing
from qa.whom import of_others

_CHANGED = re.compile(
    r"\b(?:rais\w+|revis\w+|updat\w+|lower(?:ed|s)|rose|risen|grew|fell|up|down|earlier|previous\w*|initial\w*|"
    r"original\w*|first|later|then|now|instead|correct\w*|former\w*|from \S+ to|compared|another|further|"
    r"additional|more|other)\b",
    re.I,
)
_RESTATED_OVERLAP = 0.6
_POINTS_BACK = re.compile(
    r"(?:it|its|he|his|she|her|they|their)\b|(?:the|this|that) (?:[a-z]+ )?(?:company|group|firm|carmaker|"
    r"bank|club|team|party|maker|chain|operator|agency|ministry|city|country|fund|airline|retailer|startup|start-up)\b",
    re.I,
)
# So many characters before a sentence are looked at for the one before it.
_BEFORE = 400


def find_conflicts(
    question: str,
    statements: Sequence[Citation],
    texts: Mapping[str, str],
    *,
    verdicts: Verdicts | None = None,
    entailment: Entailment | None = None,
    max_pairs: int = 200,
) -> tuple[tuple[Conflict, ...], ConflictCheck]:
    """Conflicts between statements, of different articles or of one, surest first, and what was compared.

    `verdicts` are those by rule unless given. The order of `statements` does not matter. At most `max_pairs`
    pairs are compared, those of the likeliest answers; `ConflictCheck.reason` then says how many of how many.
    """
    compared = compare_all(question, statements, texts, verdicts=verdicts, max_pairs=max_pairs)
    weighed = Weighing(read_question(question), compared.statements, entailment).weigh(compared.found)
    conflicts = tuple(_conflict(pair) for pair in _merge(weighed))
    ordered = tuple(sorted(conflicts, key=lambda conflict: (-conflict.score, conflict.explanation)))
    return ordered, compared.check if compared.check.status == "checked" or not ordered else compared.within()


@dataclass(frozen=True, slots=True)
class Compared:
    """The pairs that differ, before it is weighed how surely; and what was compared."""

    statements: tuple[Citation, ...]
    found: tuple[Pair, ...]
    pairs: int
    check: ConflictCheck

    def within(self) -> ConflictCheck:
        """The check where one article alone was compared with itself, and something was found."""
        sources = {one.article_id for one in self.statements}
        return ConflictCheck("checked", len(self.statements), len(sources), self.pairs)


def compare_all(
    question: str,
    statements: Sequence[Citation],
    texts: Mapping[str, str],
    *,
    verdicts: Verdicts | None = None,
    max_pairs: int = 200,
) -> Compared:
    """The pairs of statements that differ, as `find_conflicts` compares them."""
    read = read_statements(statements, texts)
    sources = {statement.citation.article_id for statement in read}
    asked = read_question(question)
    verdicts = verdicts or Verdicts(question)
    across, within = _pairs(read)
    chosen = [*across, *within][:max_pairs]
    retelling = Retelling(asked, texts)
    compared = ((_compare(asked, one, other, verdicts), one, other) for one, other in chosen)
    found = [
        pair
        for ruled, one, other in compared
        if (pair := _retold(asked, retelling, ruled, one, other)) is not None
    ]
    reason = ""
    if not chosen and (across or within):
        reason = f"the limit of {max_pairs} pairs leaves nothing to compare"
    elif len(sources) < 2:
        reason = "only one source answers" if sources else "no source answers"
    elif len(chosen) < len(across) + len(within):
        many = len(across) + len(within)
        reason = f"{len(chosen)} of {many} pairs were compared, those of the likeliest answers"
    checked = bool(chosen) and len(sources) > 1
    check = ConflictCheck(
        "checked" if checked else "not_checked",
        len(read),
        len(sources),
        len(chosen) if checked else 0,
        reason,
    )
    return Compared(tuple(one.citation for one in read), tuple(found), len(chosen), check)


def _compare(asked: Asked, one: Statement, other: Statement, verdicts: Verdicts) -> Pair | None:
    """By the first rule that speaks."""
    if one.citation.article_id == other.citation.article_id and not _restated(asked, one, other):
        return None
    if differ(asked, one, other):
        return compare_values(asked, one, other)
    return (
        compare(asked, one, other)
        or compare_names(asked, one, other)
        or compare_polarity(asked, one, other, verdicts)
        or compare_certainty(asked, one, other, verdicts)
    )


def _retold(
    asked: Asked, retelling: Retelling, ruled: Pair | None, one: Statement, other: Statement
) -> Pair | None:
    """What the rules for one question found; how far those for one story bear it out, or what they find."""
    apart = any(of_others(asked, statement.claim, statement.about) for statement in (one, other))
    if one.citation.article_id == other.citation.article_id or (asked.kind == "certainty" and apart):
        return ruled
    difference = retelling.difference(one.citation, other.citation)
    if difference is None:
        return ruled
    if ruled is not None:
        return replace(ruled, retold=difference.score) if ruled.kind == difference.kind else ruled
    told = zip(difference.values, difference.words, (one, other), strict=True)
    sides = [Side(value, words, (statement.citation,)) for value, words, statement in told]
    return Pair(difference.kind, sides[0], sides[1], retold=difference.score)


def _restated(asked: Asked, one: Statement, other: Statement) -> bool:
    """Whether two statements of one article say one thing twice, rather than go on from one to the other.

    An article tells of parts and wholes, of before and after: only where most words come again, and nothing
    speaks of a change, does it contradict itself.
    """
    if any(_CHANGED.search(statement.claim.text) for statement in (one, other)):
        return False
    shared = common(asked, one.claim, other.claim)
    return shared is not None and shared.same_subject and shared.overlap >= _RESTATED_OVERLAP


def read_statements(
    statements: Iterable[Citation], texts: Mapping[str, str] | None = None
) -> list[Statement]:
    """Each sentence once with its claim, best first, ties by place. `texts` tell what stands before it."""
    unique: dict[tuple[str, int, int], Citation] = {}
    for citation in sorted(statements, key=_place):
        unique.setdefault((citation.article_id, citation.sentence_start, citation.sentence_end), citation)
    read = []
    for citation in unique.values():
        claim = read_claim(citation.sentence, published=citation.published)
        read.append(Statement(citation, claim, _spoken_of(claim, citation, texts or {})))
    return read


def _spoken_of(claim: Claim, citation: Citation, texts: Mapping[str, str]) -> tuple[Name, ...]:
    """Whom the sentence is of where its own names do not tell.

    The names of the sentence before one that opens with a pronoun or "the company"; and an opening word that
    the article writes with a capital inside a sentence too.
    """
    text = texts.get(citation.article_id, "")
    if claim.opening and re.search(rf"[a-z,] {re.escape(claim.opening.capitalize())}\b", text):
        return (frozenset({claim.opening}),)
    if not _POINTS_BACK.match(claim.text):
        return ()
    before = text[: citation.sentence_start][-_BEFORE:]
    last = re.split(r"(?<=[.!?])\s+|\n", before.rstrip())[-1]
    return read_names(" ".join(normalise(last).split()))


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
