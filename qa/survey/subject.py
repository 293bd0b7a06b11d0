"""Whether two statements speak of one thing: the gates that every pair passes before values are compared."""

from collections.abc import Iterable
from dataclasses import dataclass

from qa.language.claims import DEMONYMS, Claim, Name, names_match
from qa.language.relation import key as word_key
from qa.language.relation import weight
from qa.survey.asked import Asked


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


def _value_keys(claim: Claim) -> frozenset[str]:
    """Words that are part of a quantity or a date: they make no relation."""
    spans = [(value.start, value.end) for value in claim.quantities if not value.modifier]
    spans += [(period.start, period.end) for period in claim.dates]
    return frozenset(word.key for word in claim.words if any(low <= word.start < high for low, high in spans))


def _weigh(keys: Iterable[str]) -> float:
    return sum(weight(key) for key in keys)


def _name_keys(*names: Iterable[Name]) -> frozenset[str]:
    return frozenset(word_key(word) for several in names for name in several for word in name)
