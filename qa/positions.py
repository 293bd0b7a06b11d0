"""Who says what: equal answers to a question grouped, and near-copies of an article counted once."""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from index.clean import normalise
from qa import answering as ask
from qa.asked import Asked, read_question
from qa.claims import Claim, clause_certainty, names_match, read_names
from qa.conflict import read_statements
from qa.dates import agree
from qa.kinds import kind_of
from qa.quantities import read_quantities, same_value
from qa.records import Citation, Position
from qa.rules import Statement
from qa.subject import common
from qa.verdict import Verdict
from qa.verdicts import Verdicts

# Two articles are one source when this share of the shorter one's five-word sequences stands in the other.
# Source: containment of word shingles after Broder (1997); the threshold is our own choice.
NEAR_COPY = 0.5
_SHINGLE_WORDS = 5
_NAME = re.compile(r"(?:[Tt]he )?[A-Z][\w&.'-]*(?: [A-Z][\w&.'-]*){0,4}")
_MAX_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class _Member:
    """A statement and what it says to a yes/no question; `verdict` is None for other questions."""

    statement: Statement
    verdict: Verdict | None


def group(
    question: str,
    statements: Sequence[Citation],
    texts: Mapping[str, str],
    verdicts: Verdicts | None = None,
) -> tuple[Position, ...]:
    """Positions, that of the likeliest answer first; each article speaks once in a position.

    One that says yes and one that says no to a yes/no question never share a position.
    `texts` maps article id to article text; `verdicts` are those by rule unless given. The order of
    `statements` does not matter.
    """
    asked = read_question(question)
    groups: list[list[_Member]] = []
    for member in _members(question, read_statements(statements), verdicts or Verdicts(question)):
        for members in groups:
            if _same_answer(asked, members[0].statement, member.statement) and not _opposed(members, member):
                members.append(member)
                break
        else:
            groups.append([member])
    return tuple(_position(asked, members, texts) for members in groups)


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


def _members(question: str, statements: Sequence[Statement], verdicts: Verdicts) -> list[_Member]:
    if kind_of(question) != "yes_no":
        return [_Member(statement, None) for statement in statements]
    return [_Member(statement, verdicts.of(statement.citation)) for statement in statements]


def _opposed(members: Sequence[_Member], member: _Member) -> bool:
    """Whether `member` says yes where one of `members` says no, or the reverse."""
    told = {one.verdict.polarity for one in (*members, member) if one.verdict}
    return {"yes", "no"} <= told


def _position(asked: Asked, members: Sequence[_Member], texts: Mapping[str, str]) -> Position:
    first = members[0].statement
    citations: dict[str, Citation] = {}
    for member in members:
        citation = member.statement.citation
        citations.setdefault(citation.article_id, citation)
    position = Position(
        text=first.citation.quote,
        citations=tuple(citations.values()),
        independent_sources=independent(list(citations), texts),
    )
    verdicts = [member.verdict for member in members if member.verdict]
    if not verdicts:
        return position
    # Those that speak say the same, or they would not share the position.
    told = next((one for one in verdicts if one.polarity != "open"), None)
    if told is None:
        return replace(position, polarity="open", certainty=_level(asked, first.claim))
    return replace(position, polarity=told.polarity, certainty=told.certainty)


def _same_answer(asked: Asked, one: Statement, other: Statement) -> bool:
    """Whether two statements give one answer: the same words, number, date or certainty of one thing."""
    if _plain(one.citation.quote) == _plain(other.citation.quote) or _same_span(one.citation, other.citation):
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


def _same_span(one: Citation, other: Citation) -> bool:
    """Whether two spans that answer one question are one amount, or one name, in other words.

    Whole sentences are compared as claims: two of them may hold one amount and say different things of it.
    """
    if one.quote == one.sentence or other.quote == other.sentence:
        return False
    mine, theirs = normalise(one.quote), normalise(other.quote)
    first, second = read_quantities(mine), read_quantities(theirs)
    if first or second:
        return len(first) == len(second) == 1 and same_value(first[0], second[0])
    if not (_NAME.fullmatch(mine) and _NAME.fullmatch(theirs)):
        return False
    names, others = read_names(f"by {mine}"), read_names(f"by {theirs}")  # no word opens a sentence
    return len(names) == len(others) == 1 and names_match(names[0], others[0])


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
