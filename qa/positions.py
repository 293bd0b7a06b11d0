"""Who says what: equal answers to a question grouped, and near-copies of an article counted once."""

import re
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

from index.clean import normalise
from qa import answering as ask
from qa.asked import Asked, read_question
from qa.claims import Claim, clause_certainty
from qa.conflict import read_statements
from qa.dates import agree
from qa.quantities import same_value
from qa.records import Citation, Position
from qa.rules import Statement
from qa.subject import common

# Two articles are one source when this share of the shorter one's five-word sequences stands in the other.
# Source: containment of word shingles after Broder (1997); the threshold is our own choice.
NEAR_COPY = 0.5
_SHINGLE_WORDS = 5
_MAX_CHARACTERS = 100_000


def group(question: str, statements: Sequence[Citation], texts: Mapping[str, str]) -> tuple[Position, ...]:
    """Positions, that of the likeliest answer first; each article speaks once in a position.

    `texts` maps article id to article text. The order of `statements` does not matter.
    """
    asked = read_question(question)
    groups: list[list[Statement]] = []
    for statement in read_statements(statements):
        for members in groups:
            if _same_answer(asked, members[0], statement):
                members.append(statement)
                break
        else:
            groups.append([statement])
    return tuple(_position(members, texts) for members in groups)


def independent(article_ids: Sequence[str], texts: Mapping[str, str]) -> int:
    """How many sources the articles are when near-copies (reposts, agency copy) count as one."""
    if len(article_ids) < 2:
        return len(article_ids)
    shingles = [_shingles(texts.get(article_id, "")) for article_id in article_ids]
    kept: list[frozenset[int]] = []
    parents = list(range(len(shingles)))

    def root(index: int) -> int:
        while parents[index] != index:
            index = parents[index]
        return index

    for index, mine in enumerate(shingles):
        for earlier, theirs in enumerate(kept):
            least = min(len(mine), len(theirs))
            if least and len(mine & theirs) >= NEAR_COPY * least:
                parents[root(index)] = root(earlier)
        kept.append(mine)
    return len({root(index) for index in range(len(shingles))})


@lru_cache(maxsize=64)
def _shingles(text: str) -> frozenset[int]:
    """Hashes of all five-word sequences of the first 100,000 characters."""
    words = re.findall(r"\w+", normalise(text[:_MAX_CHARACTERS]).lower())
    size = min(_SHINGLE_WORDS, len(words))
    return frozenset(
        zlib.crc32(" ".join(words[start : start + size]).encode())
        for start in range(len(words) - size + 1)
        if size
    )


def _position(members: Sequence[Statement], texts: Mapping[str, str]) -> Position:
    citations: dict[str, Citation] = {}
    for statement in members:
        citations.setdefault(statement.citation.article_id, statement.citation)
    return Position(
        text=members[0].citation.quote,
        citations=tuple(citations.values()),
        independent_sources=independent(list(citations), texts),
    )


def _same_answer(asked: Asked, one: Statement, other: Statement) -> bool:
    """Whether two statements give one answer: the same words, number, date or certainty of one thing."""
    if _plain(one.citation.quote) == _plain(other.citation.quote):
        return True
    mine, theirs = one.claim, other.claim
    if _alike(mine, theirs) and _plain_values(mine, theirs) and _level(asked, mine) == _level(asked, theirs):
        return True
    shared = common(asked, mine, theirs)
    if shared is None or not shared.same_subject or mine.negated != theirs.negated:
        return False
    if asked.kind == "number":
        first, second = ask.quantities(asked, mine), ask.quantities(asked, theirs)
        return any(same_value(first[name], second[name]) for name in first if name in second)
    if asked.kind == "date":
        day, other_day = ask.date(asked, mine), ask.date(asked, theirs)
        return bool(day and other_day and agree(day, other_day) and max(day.days, other_day.days) <= 366)
    return (
        shared.overlap >= 0.6 and _level(asked, mine) == _level(asked, theirs) and _plain_values(mine, theirs)
    )


def _level(asked: Asked, claim: Claim) -> str:
    return clause_certainty(claim, ask.clause(asked, claim), asked=asked.cues).level


def _alike(one: Claim, other: Claim) -> bool:
    """Whether the sentences are nearly the same: four fifths of all content words."""
    union = one.keys | other.keys
    return bool(union) and len(one.keys & other.keys) >= 0.8 * len(union) and one.negated == other.negated


def _plain_values(one: Claim, other: Claim) -> bool:
    """Whether every quantity of the one with fewer has an equal in the other, and likewise the dates."""
    few, many = sorted((one, other), key=lambda claim: len(claim.quantities))
    if not all(any(same_value(value, met) for met in many.quantities) for value in few.quantities):
        return False
    few, many = sorted((one, other), key=lambda claim: len(claim.dates))
    return all(any(agree(day, met) for met in many.dates) for day in few.dates if day.resolved)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", normalise(text).lower()))
