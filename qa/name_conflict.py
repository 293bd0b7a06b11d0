"""The rule for names: two sources name different ones for what only one can be."""

import re
from dataclasses import dataclass, replace

from qa.answered_values import of_one_thing, span_in
from qa.answering import clause_at
from qa.asked import Asked
from qa.claims import Claim, Name, clause_certainty, names_match, read_names
from qa.kinds import kind_of
from qa.relation import key
from qa.rules import Pair, Side, Statement

_ASKS_FOR_ONE = re.compile(r"\b(?:who|whom|whose|which|what)\b", re.I)

# What several can do at once: two names for it are no disagreement.
_SHARED_ACTS = frozenset(
    key(word)
    for word in """invest partner use supply provide sell serve work support help compete rival visit attend
    sign join order back endorse oppose criticise criticize praise call say tell ask answer warn want
    plan expect consider discuss talk meet contact report announce confirm deny comment believe
    think claim argue respond react affect hit involve include participate play sponsor fund
    finance donate contribute study research benefit suffer depend offer adopt test evaluate
    explore negotiate follow know like live stay stand belong mention quote cite welcome condemn
    demand urge""".split()
)
# Words that make a name one of several.
_ONE_OF_SEVERAL = re.compile(
    r"\b(?:including|includes?|included|among|amongst|such as|one of|some of|along with|together with|"
    r"as well as|alongside|both|others?|another|also|co-\w+|either|or|like|especially|jointly|partly|"
    r"part of|half|each)\b",
    re.I,
)
_NAMED = re.compile(r"\b[A-Z][\w&.'-]*(?: (?:of |de |van |von |bin |al-)?[A-Z][\w&.'-]*){0,5}")
# A word of the question that is no noun after an article.
_ACT = re.compile(r"(?<!\bthe )(?<!\ba )(?<!\ban )(?<!\bits )(?<!\bof )\b(?P<word>[a-z][\w-]+)")
_IS_CALLED = re.compile(r"\bcalled\W*$")
_BELONGING = re.compile(r"\b(?:of|from|for|at|with)(?: the)? $")
_JOINED = re.compile(r"^\W{0,2} ?(?:and|&) (?:the )?[A-Z]|^, [A-Z][\w ]{1,30},? and [A-Z]")
_JOINED_BEFORE = re.compile(r"[A-Z][\w.'-]*,? (?:and|&) (?:the )?$|[A-Z][\w.'-]*, $")
# "The chairman of Aarup Mill, Jens Holt, could not be reached": between commas, and no list goes on.
_APPOSED = re.compile(r", (?!and\b|or\b)[a-z]")
_ROLE_BEFORE = re.compile(r"\b(?:of|at|for|'s) [^,]+, $|^[A-Z]?[a-z][^,]+, $")

# So many characters on either side of a name may hold such words.
_NEAR = 40


@dataclass(frozen=True, slots=True)
class _Named:
    """A name that answers, its words, and where it stands in the claim's text."""

    name: Name
    text: str
    start: int
    end: int


def compare_names(asked: Asked, one: Statement, other: Statement) -> Pair | None:
    """The disagreement of two statements whose spans are names, else None.

    The question must ask for one thing, by an act or a role that only one can have; each statement must name
    its own and not the other's, and say it as a fact.
    """
    if not _asks_for_one(asked):
        return None
    mine, theirs = _answer(asked, one), _answer(asked, other)
    if mine is None or theirs is None or not _apart(one.claim, mine, other.claim, theirs):
        return None
    if not all(_asserted(asked, *side) for side in ((one.claim, mine), (other.claim, theirs))):
        return None
    bare, other_bare = _without(one, mine), _without(other, theirs)
    if not of_one_thing(asked, (bare, mine), (other_bare, theirs)):
        return None
    sides = Side(mine.name, mine.text, (one.citation,)), Side(theirs.name, theirs.text, (other.citation,))
    return Pair("name", *sides)


def _asks_for_one(asked: Asked) -> bool:
    """Whether the question wants one name, for an act or a role that is one's alone."""
    if asked.kind != "open" or kind_of(asked.text) != "span" or not _ASKS_FOR_ONE.search(asked.text):
        return False
    text = _IS_CALLED.sub("", asked.text)
    return not any(key(match["word"]) in _SHARED_ACTS for match in _ACT.finditer(text))


def _answer(asked: Asked, statement: Statement) -> _Named | None:
    """The name in the citation's span; None for a whole sentence, or a span with no name or several.

    What the question names itself is no answer, and what a name is "of" tells only whose it is.
    """
    citation, claim = statement.citation, statement.claim
    place = span_in(citation, claim)
    if place is None:
        return None
    found: list[_Named] = []
    for match in _NAMED.finditer(claim.text, *place):
        names = read_names(f"by {match[0]}")  # so that no word opens a sentence
        belongs = _BELONGING.search(claim.text, place[0], match.start()) is not None
        if len(names) == 1 and not belongs and not any(names_match(names[0], name) for name in asked.names):
            found.append(_Named(names[0], match[0], match.start(), match.end()))
    return found[0] if len(found) == 1 else None


def _apart(one: Claim, mine: _Named, other: Claim, theirs: _Named) -> bool:
    """Whether the names are of two bearers, and neither claim knows of the other's or of further ones."""
    if names_match(mine.name, theirs.name) or _mentions(other, mine) or _mentions(one, theirs):
        return False
    return not (_one_of_several(one, mine) or _one_of_several(other, theirs))


def _mentions(claim: Claim, named: _Named) -> bool:
    opening = (frozenset({claim.opening}),) if claim.opening else ()
    return any(names_match(named.name, name) for name in (*claim.names, *opening)) or any(
        word in claim.spoken for word in named.name if not word.startswith("=") and len(word) > 2
    )


def _one_of_several(claim: Claim, named: _Named) -> bool:
    """Whether the claim may know of others beside the name."""
    before, after = claim.text[: named.start], claim.text[named.end :]
    near = f"{before[-_NEAR:]} {after[:_NEAR]}"
    if _ONE_OF_SEVERAL.search(near) or _JOINED.match(after):
        return True
    apposed = _APPOSED.match(after) and _ROLE_BEFORE.search(before)
    return not apposed and bool(_JOINED_BEFORE.search(before))


def _asserted(asked: Asked, claim: Claim, named: _Named) -> bool:
    certainty = clause_certainty(claim, clause_at(claim, named.start), asked=asked.cues)
    return certainty.level in ("fact", "future")


def _without(statement: Statement, named: _Named) -> Statement:
    """The statement without the answer: what is left must be about one thing in both."""
    claim = statement.claim
    names = tuple(
        rest
        for name in claim.names
        if not names_match(name, named.name) and (rest := _less(name, _plain(named.name)))
    )
    opening = "" if claim.opening in named.name else claim.opening
    return replace(statement, claim=replace(claim, names=names, opening=opening))


def _plain(name: Name) -> Name:
    """The name's words, without its initials."""
    return frozenset(word for word in name if not word.startswith("="))


def _less(name: Name, words: Name) -> Name:
    """What else a name tells that holds all of `words`: whose "Ilse Verhoeven of the Civic Alliance" is."""
    return _plain(name) - words if words <= name else name
