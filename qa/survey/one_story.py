"""Whether two facts of one story are of one thing: one subject, one time, and neither narrower."""

import re
from dataclasses import replace

from qa.language.claims import Claim, Name, names_match
from qa.language.relation import key
from qa.survey.same_thing import MEASURES, PREPOSITION, contrast, times_agree, unlike_years
from qa.survey.story_facts import StoryFact

# Words of one part, one kind or one moment of a thing: a figure of it is none of the whole.
_PARTIAL = re.compile(
    r"\b(?:including|excluding|without|except|only in|alone|each|per|another|"
    r"an? (?:further|second|third|smaller|larger|earlier|previous|similar)|"
    r"earlier|previous(?:ly)?|former(?:ly)?|last year|years? earlier|so far this|"
    r"of them|of those|among (?:them|those)|the (?:first|second|third) (?:phase|stage|part|half))\b",
    re.I,
)
_NEXT_WORD = re.compile(r"[\w'-]+[ -]+([\w'-]+)")


def worth_comparing(one: StoryFact, other: StoryFact) -> bool:
    """Whether the clauses share two words, or a word and a name or an amount."""
    shared = len(shared_words(one, other))
    if shared != 1:
        return shared > 1
    return bool(set(one.said) & set(other.said)) or bool(one.fact.quantities and other.fact.quantities)


# Acts that news tells by several words, for one of which each of the others may stand.
DEAL = frozenset(key(word) for word in "buy bid offer merger takeover".split())


def shared_words(one: StoryFact, other: StoryFact) -> frozenset[str]:
    """The content words of both clauses; words for one act, "buy" and "bid", count as one word."""
    shared = one.fact.keys & other.fact.keys
    deals = one.fact.keys & DEAL, other.fact.keys & DEAL
    return shared | deals[0] if all(deals) and not shared & DEAL else shared


def one_subject(one: StoryFact, other: StoryFact) -> bool:
    """Whether both clauses may be of one whom or what: neither names another, nor leaves it open."""
    if one.is_open or other.is_open:
        return False
    openings = {fact.claim.opening for fact in (one, other)}
    if "" not in openings and len(openings) > 1:
        return False  # "Tesla delivered ...", "Ford delivered ...": perhaps two names
    mine = [name for name in one.own if not _known(name, other)]
    theirs = [name for name in other.own if not _known(name, one)]
    if mine and theirs:
        return False
    if any(not _told_of(name, other) for name in mine) or any(not _told_of(name, one) for name in theirs):
        return False  # of somebody whom the other article does not know
    if one.own and other.own:
        return any(_known(name, other) for name in one.own)
    named, unnamed = (one, other) if one.own else (other, one)
    return all(
        _told_of(name, unnamed) and any(fact.scene.mainly(name) for fact in (one, other))
        for name in named.own
    )


def _known(name: Name, fact: StoryFact) -> bool:
    return any(name == met or ((name < met or met < name) and _alone(fact, name, met)) for met in fact.said)


def _alone(fact: StoryFact, name: Name, met: Name) -> bool:
    """Whether the article of `fact` calls the longer name by the shorter one too."""
    short = min(name, met, key=len)
    return short in fact.scene.known and names_match(name, met)


def _told_of(name: Name, fact: StoryFact) -> bool:
    return any(name <= met or met <= name for met in fact.scene.known)


# Of which country or town this is, only what stands before it can tell.
_ELSEWHERE = re.compile(
    r"\b(?:the|this|its|their) (?:country|nation|state|city|town|village|region|province|district|county|"
    r"island|population|economy|university|school|college|film|album|song|book|species|century|decade|period)\b",
    re.I,
)


def elsewhere(fact: StoryFact) -> bool:
    """Whether the clause names nobody, and is of a place or a thing that may be any: "the country"."""
    return not fact.own and _ELSEWHERE.search(fact.fact.text) is not None


def one_time(one: StoryFact, other: StoryFact) -> bool:
    """Whether nothing tells that the clauses are of two times; words like "last week" must be in both."""
    mine, theirs = one.fact, other.fact
    vague = [{day.text.lower() for day in fact.dates if not day.resolved} for fact in (mine, theirs)]
    return vague[0] == vague[1] and not unlike_years(mine, theirs) and times_agree(mine, theirs)


def narrows(one: StoryFact, other: StoryFact, *, value: bool = True) -> bool:
    """Whether `one` has words that limit what it is of, and that `other` lacks: "in rural areas", "alone".

    Not for a `value`, "in the town" and what the other article speaks of too do not count.
    """
    claim, part = one.claim, one.claim.clauses[one.fact.clause]
    partial = {match[0].lower() for match in _PARTIAL.finditer(part.text)}
    if partial - {match[0].lower() for match in _PARTIAL.finditer(other.claim.text)}:
        return True
    shared = one.fact.keys & other.claim.keys
    for word in claim.words:
        if word.key not in one.fact.keys - shared or not part.start <= word.start < part.end:
            continue
        if word.key in MEASURES or word.key[0].isdigit():
            return True
        common = one.scene.again(word.key) and other.scene.again(word.key)
        common |= _EVENT.match(claim.text, max(0, word.start - 4)) is not None
        if common or (not value and (word.key in HERE or word.key in other.scene.words)):
            continue
        if _aside(claim.text[: word.start], shared):
            return True
        after = _NEXT_WORD.match(claim.text, word.start)
        if (
            after
            and key(after[1]) in shared
            and not after[1].endswith("ed")
            and not _verb(claim.text, word.start)
        ):
            return True
    return False


# "In the crash" says no more than that it is of the story.
_EVENT = re.compile(
    r"(?:the|this) (?:crash|accident|disaster|attack|blast|explosion|fire|blaze|sinking|derailment|collision|"
    r"quake|earthquake|flood|flooding|storm|outbreak|epidemic|incident|shooting|collapse|landslide|strike|vote|"
    r"election)\b",
    re.I,
)
HERE = frozenset(key(word) for word in "town city village country area region site place".split())
_GAP = re.compile(r"([\w'-]+) $")


def _aside(before: str, shared: frozenset[str]) -> bool:
    """Whether what follows is where, of what or with whom; a word that both have may not stand between."""
    if not PREPOSITION.search(before[-40:]):
        return False
    gap = _GAP.search(before)
    return gap is None or key(gap[1]) not in shared


def _verb(text: str, start: int) -> bool:
    """Whether the word at `start` is no noun or adjective before another: "has signed contracts"."""
    before = re.findall(r"[\w'-]+", text[max(0, start - 20) : start])
    word = re.match(r"[\w'-]+", text[start:])
    return bool(before and before[-1].lower() in _AUXILIARIES) or bool(word and word[0].endswith("ed"))


_AUXILIARIES = frozenset("has have had is are was were be been will would to not".split())


def contrasted(one: StoryFact, other: StoryFact) -> bool:
    """Whether the clauses hold words that tell things apart: "men", "women"."""
    return contrast(_clause_alone(one), _clause_alone(other))


def _clause_alone(fact: StoryFact) -> Claim:
    """The claim as if it held no words but those of the clause."""
    spoken = frozenset(re.findall(r"[\w'-]+", fact.fact.text.lower()))
    return replace(fact.claim, spoken=spoken & fact.claim.spoken)
