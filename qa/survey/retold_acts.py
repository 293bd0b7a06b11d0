"""The rules for what was done, between facts of one story: denied, refused, only planned, not known."""

import re

from qa.language.certainty import Certainty, clash, read_certainty
from qa.language.claims import clause_certainty
from qa.language.quantities import agree as quantities_agree
from qa.language.relation import content_words, key, weight
from qa.survey.one_story import DEAL, HERE, narrows
from qa.survey.story_facts import StoryFact
from qa.survey.unasked import Found, in_full, quoted

# "Windows would also introduce": a tale told in the past, or what may well be; no plan.
_MODAL = re.compile(
    r"(?:would|could|may|might|potentially|possibly|perhaps|likely|probably|believed?|suggest)", re.I
)
_SETTLED = ("fact", "future")
_HEDGED = ("planned", "considered", "unconfirmed", "denied")
_NOT = re.compile(
    r"\b(?:has|have|had|is|are|was|were|does|do|did|will|would|can|could)(?:n't| not)(?: yet| been| be|"
    r" \w+ly| any longer)* (?P<verb>[a-z]+)",
    re.I,
)
_NO = re.compile(
    r"\bno (?:\w+ )?(?P<noun>[a-z]+) (?:was|were|is|are|has been|have been|had been|will be)(?: \w+ly)? "
    r"(?P<verb>[a-z]+)",
    re.I,
)
# What says the contrary of each other of one subject and one object.
_OPPOSED = tuple(
    (re.compile(rf"\b(?:{one})\b", re.I), re.compile(rf"\b(?:{other})\b", re.I))
    for one, other in (
        (
            "(?:has|have|had) agreed|agree[sd]?|accept(?:s|ed)?",
            "(?:has |have |had )?(?:refuse[sd]?|reject(?:s|ed)?)",
        ),
        (
            "back(?:s|ed)|support(?:s|ed)|endorse[sd]?|in favour of|in favor of",
            "oppose[sd]?|reject(?:s|ed)?|turn(?:s|ed) down|against",
        ),
        ("vote[sd]? for|voted in favou?r", "vote[sd]? against"),
        ("resign(?:s|ed)|quit|step(?:s|ped) down|stood down|left", "remains|stays|stayed|keeps"),
        (
            "reopen(?:s|ed)|is open|are open|working as normal|running as normal",
            "(?:is|are|has been|have been) (?:closed|shut)",
        ),
        ("convicted|found guilty", "acquitted|found not guilty|cleared"),
    )
)
_UNKNOWN = re.compile(
    r"\b(?:(?:has|have|is|are|was|were) not (?:yet )?(?:been )?"
    r"(?:established|identified|known|determined|clear)|"
    r"not yet (?:known|clear|established)|(?:is|are|remains?) (?:still )?(?:unknown|unclear|undetermined))\b",
    re.I,
)
_REACHED = re.compile(
    r"\b(?:has|have|had)(?: \w+ly| already| now)? "
    r"(?:reached|hit|passed|exceeded|topped|risen|grown|climbed|fallen)\b",
    re.I,
)


def compare_polarity(one: StoryFact, other: StoryFact) -> Found | None:
    """One denies the other's verb, or does the contrary to the same."""
    levels = {one.fact.certainty.level, other.fact.certainty.level}
    if not levels <= set(_SETTLED):
        return None
    words = in_full(one.fact), in_full(other.fact)
    if _denies(one, other) or _denies(other, one):
        return "polarity", words, (str(_denies(one, other)), str(_denies(other, one)))
    if one.fact.certainty.negated or other.fact.certainty.negated:
        return None
    for first, second in _OPPOSED:
        for mine, theirs in ((first, second), (second, first)):
            here, there = mine.search(one.fact.text), theirs.search(other.fact.text)
            either = theirs.search(one.fact.text) or mine.search(other.fact.text)
            if not here or not there or either or _UNKNOWN.search(one.claim.text + other.claim.text):
                continue
            apart = frozenset((*content_words(here[0]), *content_words(there[0])))
            if _to_the_same(one, other, apart):
                return (
                    "polarity",
                    (f"“{here[0]}”", f"“{there[0]}”"),
                    (str(mine is first), str(mine is second)),
                )
    return None


def _to_the_same(one: StoryFact, other: StoryFact, verbs: frozenset[str]) -> bool:
    """Whether the clauses, the verbs apart, are of one subject and object: most words are in both."""
    mine, theirs = one.fact.keys - verbs, other.fact.keys - verbs
    met = mine & theirs
    return len(met) + _named(one, other) >= 2 and len(met) >= 0.6 * min(len(mine), len(theirs)) and bool(met)


def _named(one: StoryFact, other: StoryFact) -> int:
    """How many names of either clause the other sentence has too."""
    return max(
        len([name for name in mine.own if name in theirs.said])
        for mine, theirs in ((one, other), (other, one))
    )


def _denies(no: StoryFact, yes: StoryFact) -> bool:
    """Whether `no` denies what `yes` says: its verb, of the same, with nothing more in the denial."""
    match = _NOT.search(no.fact.text) or _NO.search(no.fact.text)
    if match is None or not no.fact.certainty.negated or yes.fact.certainty.negated:
        return False
    verb = key(match["verb"])
    spoken = _words(yes)
    if verb not in spoken or ("noun" in match.re.groupindex and key(match["noun"]) not in spoken):
        return False
    rest = (no.fact.keys & spoken) - {verb}
    brief = len((no.fact.keys | yes.fact.keys) - rest - {verb}) <= 1  # the clauses say little else
    if not rest or (len(rest) + _named(no, yes) < 2 and not brief):
        return False
    if (
        len(no.fact.keys - spoken - {verb}) > 1
        or narrows(no, yes, value=False)
        or (no.fact.dates and not yes.fact.dates)
    ):
        return False
    told = no.fact.tense == "told" and yes.fact.tense != "told"  # "has not left" yet, "will leave"
    amounts = no.fact.quantities
    return not told and all(
        any(quantities_agree(mine, met) for met in yes.claim.quantities) for mine in amounts
    )


def compare_reached(one: StoryFact, other: StoryFact) -> Found | None:
    """One amount that one clause says is reached, and the other only expects."""
    if len(one.fact.keys & other.fact.keys) < 2:
        return None
    for done, open_ in ((one, other), (other, one)):
        perfect = _REACHED.search(done.fact.text)
        if not perfect or done.fact.certainty.level != "fact" or open_.fact.certainty.level != "planned":
            continue
        mine, theirs = done.fact.quantities, open_.fact.quantities
        if len(mine) != 1 or len(theirs) != 1 or mine[0].dimension != theirs[0].dimension:
            continue
        if quantities_agree(mine[0], theirs[0]) and not narrows(open_, done, value=False):
            words = [f"“{perfect[0]}”" if fact is done else quoted(fact.fact) for fact in (one, other)]
            levels = one.fact.certainty.level, other.fact.certainty.level
            return "certainty", (words[0], words[1]), levels
    return None


def compare_certainty(one: StoryFact, other: StoryFact) -> Found | None:
    """One asserts the very act that the other only plans, weighs, denies, or says is not known."""
    levels = one.fact.certainty.level, other.fact.certainty.level
    for sure, open_ in ((one, other), (other, one)):
        unknown = _UNKNOWN.search(open_.fact.text)
        told = _asserted(sure, open_, unknown is not None)
        if told is None or not (unknown or clash(told, open_.fact.certainty)):
            continue
        spoken = _words(sure)
        wanted = _wanted(open_, unknown)
        met = wanted & spoken | (DEAL & wanted if DEAL & wanted and DEAL & spoken else frozenset())
        named = _named(sure, open_)
        if unknown:
            close = len(met) >= 2 and wanted - met <= HERE
        else:
            act = _act(open_)
            who = named or (_first(one) in met and _first(one) == _first(other))
            close = (
                (not act or act in met)
                and bool(who)
                and len(met) >= len(wanted - met)
                and len(met) + named >= 3
            )
        nearly_all = len(met) >= 3 * len(wanted - met)
        if not close or (not nearly_all and narrows(sure, open_, value=False)):
            continue
        words = [
            f"“{told.cue}”"
            if fact is sure and told.cue
            else f"“{unknown[0]}”"
            if fact is open_ and unknown
            else quoted(fact.fact)
            for fact in (one, other)
        ]
        return (
            "certainty",
            (words[0], words[1]),
            (
                "unconfirmed" if unknown and open_ is one else levels[0],
                "unconfirmed" if unknown and open_ is other else levels[1],
            ),
        )
    return None


def _asserted(sure: StoryFact, open_: StoryFact, unknown: bool) -> Certainty | None:
    """How surely `sure` says what `open_` speaks of: where talks are doubted, talks are a fact."""
    hedged = open_.fact.certainty.level in _HEDGED and not _MODAL.match(open_.fact.certainty.cue)
    if not unknown and not hedged:
        return None
    if _UNKNOWN.search(sure.fact.text):
        return None
    asked = frozenset({"talk"}) if "talk" in open_.fact.keys else frozenset[str]()
    clause = clause_certainty(sure.claim, sure.fact.clause, asked=asked)
    plain = read_certainty(sure.fact.text, sure.claim.text, asked=asked)
    return plain if clause.level == "fact" == plain.level and not plain.negated else None


_CLAIMED = frozenset(
    key(word) for word in "claims reports rumours rumors suggestions speculation regarding".split()
)


def _wanted(open_: StoryFact, unknown: re.Match[str] | None) -> frozenset[str]:
    """What the clause leaves open: its words without those of the hedge or after a denial."""
    if unknown:
        return _words(open_) - frozenset(content_words(unknown[0]))
    text, cue = open_.fact.text, open_.fact.certainty.cue
    if open_.fact.certainty.level in ("unconfirmed", "denied") and text.find(cue) > len(text) // 3:
        return (
            frozenset(content_words(text[: text.find(cue)]))
            & open_.claim.keys - _named_keys(open_) - _CLAIMED
        )
    return (_words(open_) & open_.fact.keys) or open_.fact.keys


def _named_keys(fact: StoryFact) -> frozenset[str]:
    return frozenset(key(token) for name in fact.claim.names for token in name)


def _act(open_: StoryFact) -> str:
    """What is planned or weighed: "use" of "is evaluating the use of"; "" where the cue stands at the end."""
    cue = open_.fact.certainty.cue
    if open_.fact.certainty.level not in ("planned", "considered") or not cue:
        return ""
    last = cue.split()[-1]
    start = open_.fact.text.find(last)
    after = [word for word in content_words(open_.fact.text[start + len(last) :]) if weight(word) >= 1.0]
    return after[0] if start >= 0 and after else ""


def _words(fact: StoryFact) -> frozenset[str]:
    """The content words of the clause, also those that its keys leave out as a cue."""
    named = _named_keys(fact)
    here = frozenset(
        word.key for word in fact.claim.words if word.clause == fact.fact.clause and weight(word.key) >= 1.0
    )
    return here - named if len(here - named) > 1 else fact.fact.keys


def _first(fact: StoryFact) -> str:
    """The first content word of the clause: mostly its subject."""
    here = [word for word in fact.claim.words if word.clause == fact.fact.clause and weight(word.key) >= 1.0]
    return here[0].key if here else ""
