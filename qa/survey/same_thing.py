"""Whether two facts are of one thing at one time: what must hold before their values are compared."""

import re
from collections.abc import Iterable

from qa.language.claims import DEMONYMS, Claim, Name, names_match
from qa.language.dates import agree
from qa.language.relation import key, weight
from qa.survey.facts import Fact

_MOST_EXTRA = 2
PREPOSITION = re.compile(
    r"\b(?:of|for|in|among|from|with|without|during|at|by|on|per|within|under|over|outside|inside|to|since|"
    r"between|excluding|including|after|before|as)(?: (?:the|an?|its|their|his|her|all|other|some|any))*"
    r"(?: [\w'-]+)? $",
    re.I,
)
# A word that only one side has, and that tells what kind of figure it is.
MEASURES = frozenset(
    key(word)
    for word in """average averaged averaging median mean peak record cumulative combined monthly annual
    annually yearly daily weekly quarterly hourly net gross per estimated former original""".split()
)
# What happens to one thing once, so that two dates of it cannot both be right.
ONCE = frozenset(
    key(word)
    for word in """open opens opened close closed found founded born die died resign resigned retire launch
    launched complete completed sign signed build built finish finished release released begin began start
    started end ended adopt adopted approve approved establish established inaugurate inaugurated demolish
    demolished collapse collapsed erupt erupted sink sank arrest arrested convict convicted sentence sentenced
    bury buried marry married merge merged buy bought vote join joined leave left arrive arrived discover
    discovered invent invented erect erected assassinate elect elected appoint appointed""".split()
)
# Of whom this is, only the article can tell: "the country", "it".
_THINGS = (
    "country|nation|state|city|town|village|region|province|district|county|island|company|firm|group|bank|"
    "university|school|college|club|team|party|church|film|movie|album|song|band|book|game|series|show|season|"
    "war|battle|election|event|period|time|year|month|latter|former|same|other|two|three"
)
_ELSEWHERE = re.compile(
    r"^(?:it|its|he|his|she|her|they|their|this|these|that|those|there|here)\b|"
    rf"\b(?:the|this|that) (?:{_THINGS})\b(?! (?:of|said|says|told|reported|reports|announced|added)\b)",
    re.I,
)
_YEAR = re.compile(r"(?<![\d,.])(1[0-9]{3}|20[0-9]{2})(?=\D|$)")
_NEXT_WORD = re.compile(r"[ -]+([\w'-]+)")


def unclear(one: Fact, other: Fact) -> bool:
    """Whether the sentences leave open whom they are of, or are of different years."""
    if any(_ELSEWHERE.search(fact.claim.text) for fact in (one, other)):
        return True
    return unlike_years(one, other)


def unlike_years(one: Fact, other: Fact) -> bool:
    """Whether both sentences hold years, and not the same, though their clauses are not both dated."""
    years = [set(_YEAR.findall(fact.claim.text)) for fact in (one, other)]
    dated = bool(one.dates) and bool(other.dates)
    return not dated and all(years) and not years[0] & years[1]


def may_be_of_one_time(one: Fact, other: Fact) -> bool:
    """Whether the dates beside two values are not of different times; those not known must read the same."""
    mine, theirs = one.dates, other.dates
    vague = {day.text.lower() for day in mine if not day.resolved}
    if vague != {day.text.lower() for day in theirs if not day.resolved}:
        return False
    return one.tense == other.tense or not (one.tense and other.tense) or not (one.dates or other.dates)


def times_agree(one: Fact, other: Fact) -> bool:
    mine = [day for day in one.dates if day.resolved]
    theirs = [day for day in other.dates if day.resolved]
    return not mine or not theirs or any(agree(a, b) for a in mine for b in theirs)


def same_names(one: Fact, other: Fact) -> bool:
    """Whether each clause names only what the other sentence names, and both sentences are of one."""
    mine, theirs = one.said, other.said
    return (
        all(met(name, theirs) for name in one.names)
        and all(met(name, mine) for name in other.names)
        and met(mine[0], theirs)
        and met(theirs[0], mine)
        and any(met(name, other.names) for name in one.names)
    )


def met(name: Name, names: tuple[Name, ...]) -> bool:
    """Whether the very name is there, or its initials: "Samsung" is not "Samsung Biologics"."""
    return name in names


def narrowed(one: Fact, other: Fact) -> bool:
    """Whether a word that only `one` has limits what is spoken of: "youth unemployment", "in rural areas"."""
    extra = one.keys - other.keys
    if len(extra) > _MOST_EXTRA:
        return True
    text = one.claim.text
    heads = other.keys | {quantity.noun for quantity in one.claim.quantities if quantity.noun}
    for word in one.claim.words:
        if word.key not in extra:
            continue
        if (
            word.key in MEASURES
            or word.key[0].isdigit()
            or PREPOSITION.search(text[max(0, word.start - 40) : word.start])
        ):
            return True
        rest = re.match(r"[\w'-]+", text[word.start :])
        after = _NEXT_WORD.match(text, word.start + (rest.end() if rest else 0))
        if after and key(after[1]) in heads:
            return True
    return False


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


def alike(one: Fact, other: Fact) -> bool:
    """Whether both sentences are of one subject: no name, contrast or lack of shared words speaks against."""
    first, second = one.claim, other.claim
    mine, theirs = _all_names(first, second), _all_names(second, first)
    names = tuple(name for name in one.names if name in other.names)
    if any(
        names and several and not any(_named_alike(name, names) for name in several)
        for several in (mine, theirs)
    ):
        return False  # of others than the clauses name
    if _other_entity(first, second, mine, theirs) or contrast(first, second):
        return False
    name_keys = _name_keys(mine, theirs, names)
    keys, met_keys = (claim.keys - name_keys - _value_keys(claim) for claim in (first, second))
    shared = keys & met_keys
    least = min(_weigh(keys), _weigh(met_keys))
    overlap = _weigh(shared) / least if least else 0.0
    if overlap >= 0.7 and _weigh(shared) >= 2:
        return True
    if not names and bool(mine) != bool(theirs) and overlap < 0.6:
        return False
    relation = (one.keys & other.keys) - name_keys
    if _weigh(relation) and _weigh(relation & shared) < 0.34 * _weigh(relation):
        return False
    return _weigh(shared) + bool(mine and theirs) >= 2 or overlap >= 0.3


def _all_names(claim: Claim, other: Claim) -> tuple[Name, ...]:
    """The claim's names, its opening word too unless it is used as a common word in the other."""
    opening = claim.opening
    if not opening or opening in other.lower:
        return claim.names
    return (frozenset({opening}), *claim.names)


def _other_entity(one: Claim, other: Claim, mine: tuple[Name, ...], theirs: tuple[Name, ...]) -> bool:
    """Whether each claim, its sources apart, has a name that the other lacks: "in Turkey", "in Syria"."""
    only_mine = [n for n in mine if not _named_alike(n, theirs) and not _named_alike(n, one.source_names)]
    only_theirs = [n for n in theirs if not _named_alike(n, mine) and not _named_alike(n, other.source_names)]
    return bool(only_mine and only_theirs)


def _named_alike(name: Name, names: Iterable[Name]) -> bool:
    return any(names_match(name, other) for other in names)


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
    return frozenset(key(word) for several in names for name in several for word in name)
