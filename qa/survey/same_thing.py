"""Whether two facts are of one thing at one time: what must hold before their values are compared."""

import re

from qa.language.claims import Name
from qa.language.dates import agree
from qa.language.relation import key
from qa.survey.asked import Asked
from qa.survey.facts import Fact
from qa.survey.subject import common

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


def alike(one: Fact, other: Fact) -> bool:
    """Whether the rules for answers, asked for all that is shared, see one subject and no contrast."""
    names = tuple(name for name in one.names if name in other.names)
    asked = Asked(
        "", "open", one.keys & other.keys, names, frozenset(), "", frozenset(), "", stative=False, ahead=False
    )
    return common(asked, one.claim, other.claim) is not None
