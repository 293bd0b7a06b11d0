"""Whether two statements speak of one thing: the gates that every pair passes before values are compared."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from qa.answering import clause_at
from qa.asked import Asked
from qa.claims import DEMONYMS, Claim, Name, names_match, read_names
from qa.dates import Period, agree, comparable
from qa.relation import key as word_key
from qa.relation import weight


@dataclass(frozen=True, slots=True)
class Common:
    """What two statements share. `overlap` is the weighted share of the shorter one's content words, 0..1.

    `nearly_all`: the statements differ in little but the value, so that they may be compared though the
    question does not ask for it. `same_subject`: each one's first name occurs in the other.
    `only_names`: the question holds nothing but names and what it measures ("How tall is …").
    """

    overlap: float
    nearly_all: bool
    same_subject: bool
    relation: frozenset[str]
    names: frozenset[str]
    only_names: bool

    def holds_at(self, one: Claim, start: int, other: Claim, other_start: int) -> bool:
        """Whether the question's relation stands near the value in both: its clause or the next to it."""
        if not self.relation:
            return self.nearly_all or (self.only_names and self.overlap >= 0.6)
        near = _near(one, start) & _near(other, other_start) & self.relation
        return bool(near) or self.nearly_all


# Words that tell two statements apart when each holds another of a group; "/" joins the forms of one.
_CONTRASTS = (
    *("men women boys girls children adults teenagers pensioners", "gross net operating pretax"),
    *("domestic foreign/overseas/international global/worldwide", "urban rural", "male female"),
    *("northern southern eastern western", "north south east west", "upper lower", "home away"),
    "first second third fourth fifth sixth seventh eighth ninth tenth",
    "confirmed suspected probable",
    "killed/dead/died injured/wounded/hurt missing arrested displaced evacuated",
    "revenue/revenues profit/profits loss/losses cost/costs",
    "daily weekly monthly annual/yearly/annually quarterly",
    "minimum/lowest maximum/highest average/mean median",
    "open/opens/opened/opening close/closes/closed/closing",
    "imports/imported exports/exported",
    "buy/bought sell/sold",
    "begin/begins/began/start/starts/started end/ends/ended/finish/finished",
    "morning afternoon evening night",
    "singles doubles",
    "this last next",
    "vaccinated unvaccinated",
    "votes seats",
    " ".join(sorted(DEMONYMS)),
)
_FORMS = tuple({form: word for word in group.split() for form in word.split("/")} for group in _CONTRASTS)


def common(asked: Asked, one: Claim, other: Claim) -> Common | None:
    """What the statements share; None where they speak of different things, or too little can be told."""
    mine, theirs = _names(one, other, asked), _names(other, one, asked)
    if _about_other(asked, mine) or _about_other(asked, theirs) or _other_entity(one, other, mine, theirs):
        return None
    if contrast(one, other):
        return None
    name_keys = _name_keys(mine, theirs, asked.names)
    first, second = one.keys - name_keys - _value_keys(one), other.keys - name_keys - _value_keys(other)
    shared = first & second
    least = min(_weigh(first), _weigh(second))
    overlap = _weigh(shared) / least if least else 0.0
    relation = asked.keys - name_keys
    names = frozenset(word for name in mine if any(names_match(name, met) for met in theirs) for word in name)
    nearly_all = overlap >= 0.7 and _weigh(shared) >= 2
    if not nearly_all and _too_little(asked, shared, name_keys, overlap, named=(bool(mine), bool(theirs))):
        return None
    return Common(
        overlap=overlap,
        nearly_all=nearly_all,
        same_subject=_same_subject(mine, theirs),
        relation=relation & shared,
        names=names,
        only_names=not relation and bool(asked.names) and bool(asked.dimensions),
    )


def _too_little(
    asked: Asked,
    shared: frozenset[str],
    name_keys: frozenset[str],
    overlap: float,
    *,
    named: tuple[bool, bool],
) -> bool:
    """Whether two statements share too little, with each other and with the question, to be of one thing."""
    if not asked.names and named[0] != named[1] and overlap < 0.6:
        return True
    relation = asked.keys - name_keys
    wanted = relation & shared
    if asked.kind in ("date", "number") and asked.verb and asked.verb not in name_keys | wanted:
        return True  # a tunnel is approved on one day and opened on another
    if _weigh(relation) and _weigh(wanted) < 0.34 * _weigh(relation):
        return True
    return _weigh(shared) + all(named) < 2 and overlap < 0.3


def _names(claim: Claim, other: Claim, asked: Asked) -> tuple[Name, ...]:
    """The claim's names, its opening word too unless it is used as a common word somewhere."""
    opening = claim.opening
    if not opening or opening in other.lower or opening in asked.text.split():
        return claim.names
    return (frozenset({opening}), *claim.names)


def _about_other(asked: Asked, names: Iterable[Name]) -> bool:
    """Whether the question names someone and the claim names only others."""
    names = tuple(names)
    return bool(
        asked.names and names and not any(names_match(name, met) for name in asked.names for met in names)
    )


def _other_entity(one: Claim, other: Claim, mine: tuple[Name, ...], theirs: tuple[Name, ...]) -> bool:
    """Whether each claim, its sources apart, has a name that the other lacks: "in Turkey", "in Syria"."""
    only_mine = [n for n in mine if not _met(n, theirs) and not _met(n, one.source_names)]
    only_theirs = [n for n in theirs if not _met(n, mine) and not _met(n, other.source_names)]
    return bool(only_mine and only_theirs)


def _met(name: Name, names: Iterable[Name]) -> bool:
    return any(names_match(name, other) for other in names)


def _same_subject(mine: tuple[Name, ...], theirs: tuple[Name, ...]) -> bool:
    return not mine or not theirs or (_met(mine[0], theirs) and _met(theirs[0], mine))


def contrast(one: Claim, other: Claim) -> bool:
    """Whether each claim holds another word of a group that tells things apart: "men", "women"."""
    for forms in _FORMS:
        mine = {forms[word] for word in one.spoken & forms.keys()}
        theirs = {forms[word] for word in other.spoken & forms.keys()}
        if mine and theirs and not mine & theirs:
            return True
    return False


def times_differ(one: Claim, start: int, other: Claim, other_start: int, shared: Common) -> bool:
    """Whether the values at `start` and `other_start` are of different times.

    When only one statement gives a time, the rest must be much alike for the values to be held against
    each other.
    """
    mine, theirs = _times(one, start), _times(other, other_start)
    if not mine or not theirs:
        return bool(mine or theirs) and shared.overlap < 0.5
    return not any(
        agree(first, second) if comparable(first, second) else first.text.lower() == second.text.lower()
        for first in mine
        for second in theirs
    )


def narrowed(asked: Asked, one: Claim, start: int, other: Claim, other_start: int) -> bool:
    """Whether just one value is of a place or holder that nothing else names: "3,000 staff in Germany"."""
    places = _places(asked, one, start), _places(asked, other, other_start)
    known = (places[0] and places[1]) or not (places[0] or places[1])
    extra = [
        name for name in (*places[0], *places[1]) if not (_met(name, one.names) and _met(name, other.names))
    ]
    return not known and bool(extra)


def _places(asked: Asked, claim: Claim, start: int) -> list[Name]:
    clause = claim.clauses[clause_at(claim, start)]
    found = [read_names("x " + match["name"]) for match in _PLACE.finditer(clause.text)]
    return [name for names in found for name in names if not _met(name, asked.names)]


_PLACE = re.compile(r"\b(?:in|at|across|throughout|for) (?P<name>(?:the )?[A-Z][\w'-]*(?: [A-Z][\w'-]*)*)")


def _times(claim: Claim, offset: int) -> list[Period]:
    """The dates of the clause at `offset`, and those that stand alone between commas ("In May, …")."""
    home = clause_at(claim, offset)
    found: list[Period] = []
    for day in claim.dates:
        place = clause_at(claim, day.start)
        alone = len(claim.clauses[place].text) - len(day.text) < 12
        if not day.reported and (place == home or alone):
            found.append(day)
    return found


def _value_keys(claim: Claim) -> frozenset[str]:
    """Words that are part of a quantity or a date: they make no relation."""
    spans = [(value.start, value.end) for value in claim.quantities if not value.modifier]
    spans += [(period.start, period.end) for period in claim.dates]
    return frozenset(word.key for word in claim.words if any(low <= word.start < high for low, high in spans))


def _near(claim: Claim, offset: int) -> frozenset[str]:
    home = clause_at(claim, offset)
    return frozenset(word.key for word in claim.words if abs(word.clause - home) <= 1)


def _weigh(keys: Iterable[str]) -> float:
    return sum(weight(key) for key in keys)


def asserts(asked: Asked, claim: Claim, clause: int) -> bool:
    """Whether the clause answers the question by itself: its verb, all its names, most of its words."""
    here = _held(claim, clause)
    if (asked.verb and asked.verb not in here) or _of_theirs(asked, claim):
        return False
    if not all(_met(name, _all_names(claim)) for name in asked.names):
        return False
    wanted = asked.keys - _name_keys(asked.names, claim.names)
    return _weigh(wanted & here) >= (0.5 if asked.verb else 1.0) * _weigh(wanted)


def concerns(asked: Asked, claim: Claim, clause: int) -> bool:
    """Whether a hedge in the clause is one of what the question asks about."""
    here = _held(claim, clause)
    if _governs_other(asked, claim, clause) or _of_theirs(asked, claim):
        return False
    if asked.names and not any(_met(name, _all_names(claim)) for name in asked.names):
        return False
    if asked.verb in here:
        return True
    wanted = asked.keys - _name_keys(asked.names, claim.names)
    named = all(_met(name, _all_names(claim)) for name in asked.names)
    return named and not asked.cues & _ACTS and _weigh(wanted & here) >= 0.34 * _weigh(wanted) > 0


# Cues that are acts of their own: to "Has X contacted Y?" a plan of X is neither yes nor no.
_ACTS = frozenset({"talk", "think"})


def _of_theirs(asked: Asked, claim: Claim) -> bool:
    """Whether the claim is of what belongs to whom the question asks about: "Chen's coach may retire".

    What the question names itself is no such thing: "Samsung's foundry orders" to a question about orders.
    """
    if not asked.names or "'s" in asked.text:
        return False
    for match in _OWNED.finditer(claim.text):
        if match["owner"].lower() in asked.names[0]:
            return not {word_key(word) for word in match["what"].split()} & asked.keys
    return False


_OWNED = re.compile(
    r"(?P<owner>[A-Z][\w-]*)'s (?P<what>[a-z][\w-]*(?: (?!is\b|are\b|was\b|were\b|has\b|have\b|may\b|"
    r"could\b|will\b)"
    r"[a-z][\w-]*){0,4})"
)
_GOVERNED = re.compile(
    r"\b(?:expect|plan|intend|aim|hope|seek|want|schedul|propos|set|due)\w* to (?P<verb>\w+)", re.I
)
_OF_MEASURE = frozenset(word_key(word) for word in "be have approach exceed reach total".split())


def _governs_other(asked: Asked, claim: Claim, clause: int) -> bool:
    """Whether what is planned is another act than the one asked about: "expects to receive the jets"."""
    match = _GOVERNED.search(claim.clauses[clause].text)
    return match is not None and word_key(match["verb"]) not in asked.keys | _OF_MEASURE


def _held(claim: Claim, clause: int) -> frozenset[str]:
    return frozenset(word.key for word in claim.words if word.clause == clause)


def names_all(asked: Asked, claim: Claim, clause: int) -> bool:
    """Whether the clause itself holds a word of each name that the question gives."""
    here = _held(claim, clause)
    return all(here & _name_keys([name]) for name in asked.names)


def _all_names(claim: Claim) -> tuple[Name, ...]:
    return (frozenset({claim.opening}), *claim.names) if claim.opening else claim.names


def _name_keys(*names: Iterable[Name]) -> frozenset[str]:
    return frozenset(word_key(word) for several in names for name in several for word in name)
