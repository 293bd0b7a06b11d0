"""The rule for names: two sources name different ones for what only one can be."""

import re
from dataclasses import dataclass, replace

from index.clean import normalise
from qa.answering import clause_at
from qa.asked import Asked
from qa.claims import Claim, Name, clause_certainty, names_match, read_names
from qa.kinds import kind_of
from qa.relation import content_words, key
from qa.rules import Pair, Side, Statement, pair_score
from qa.subject import Common, common, times_differ

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
    r"as well as|alongside|both|others?|another|also|co-?\w+|either|or|like|especially|jointly|partly|"
    r"part of|half|each)\b",
    re.I,
)
_NAMED = re.compile(r"(?:[Tt]he )?[A-Z][\w&.'-]*(?: (?:of |de |van |von |bin |al-)?[A-Z][\w&.'-]*){0,5}")
_JOINED = re.compile(r"^\W{0,2} ?(?:and|&) (?:the )?[A-Z]|^, [A-Z][\w ]{1,30},? and [A-Z]")
_JOINED_BEFORE = re.compile(r"[A-Z][\w.'-]*,? (?:and|&) (?:the )?$|[A-Z][\w.'-]*, $")

# So many characters on either side of a name may hold such words.
_NEAR = 40

# Statements that share less than this of their other words may be of two things.
_LEAST_SHARED = 0.34


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
    mine, theirs = _answer(one), _answer(other)
    if mine is None or theirs is None or not _apart(one.claim, mine, other.claim, theirs):
        return None
    bare, other_bare = _without(one.claim, mine), _without(other.claim, theirs)
    shared = common(asked, bare, other_bare)
    if shared is None or not _of_one_act(shared) or one.claim.negated != other.claim.negated:
        return None
    if times_differ(bare, mine.start, other_bare, theirs.start, shared):
        return None
    if not all(_told(asked, *side) for side in ((one.claim, mine), (other.claim, theirs))):
        return None
    sides = Side(mine.name, mine.text, (one.citation,)), Side(theirs.name, theirs.text, (other.citation,))
    return Pair("name", *sides, pair_score("name", shared, one, other))


def _asks_for_one(asked: Asked) -> bool:
    """Whether the question wants one name, for an act or a role that is one's alone."""
    if asked.kind != "open" or kind_of(asked.text) != "span" or not _ASKS_FOR_ONE.search(asked.text):
        return False
    return not frozenset(content_words(asked.text)) & _SHARED_ACTS


def _answer(statement: Statement) -> _Named | None:
    """The name that the citation's span is; None for a whole sentence, or a span that is no single name."""
    citation, claim = statement.citation, statement.claim
    text = " ".join(normalise(citation.quote).split()).strip(" .,;:'\"")
    if citation.quote == citation.sentence or not _NAMED.fullmatch(text):
        return None
    names = read_names(f"by {text}")  # so that no word opens a sentence
    start = claim.text.find(text)
    if len(names) != 1 or start < 0:
        return None
    return _Named(names[0], text, start, start + len(text))


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
    return bool(_ONE_OF_SEVERAL.search(near) or _JOINED.match(after) or _JOINED_BEFORE.search(before))


def _without(claim: Claim, named: _Named) -> Claim:
    """The claim without the answer: what is left must be about one thing in both."""
    names = tuple(name for name in claim.names if not names_match(name, named.name))
    words = tuple(word for word in claim.words if not named.start <= word.start < named.end)
    opening = "" if claim.opening in named.name else claim.opening
    return replace(claim, names=names, words=words, opening=opening)


def _of_one_act(shared: Common) -> bool:
    """Whether both statements are of one subject and hold what the question asks about, beside its names."""
    return (
        shared.same_subject
        and bool(shared.relation)
        and (shared.nearly_all or shared.overlap >= _LEAST_SHARED)
    )


def _told(asked: Asked, claim: Claim, named: _Named) -> bool:
    """Whether the clause with the name is a plain assertion."""
    certainty = clause_certainty(claim, clause_at(claim, named.start), asked=asked.cues)
    return certainty.level in ("fact", "future")
