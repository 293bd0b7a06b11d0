"""Sentences denied, put in doubt, or shortened to what still follows."""

import random
import re

from eval.training.data.unanswerable import put
from eval.training.pairs.verbs import BY_PAST, Main, main_verb, sure
from qa.language.verbs import is_participle

_SMALL = re.compile(
    r"(?:The|A|An|It|He|She|They|We|This|That|These|Those|His|Her|Its|Their|There|In|On|At|By|From|During|After"
    r"|Since|Both|All|Each|Two|Three|Four|Five|According|As|When|While|For|With|Although|Among|Following|Until"
    r"|Under|One|Another|Other|Today|Currently|However|Because|Through|Throughout|Within|To|Also|Our|My)\b"
)


def small(sentence: str) -> str:
    """As it stands within another: a small letter first, unless that is a name's, and no full stop."""
    bare = sentence.rstrip().removesuffix(".")
    return bare[0].lower() + bare[1:] if _SMALL.match(bare) else bare


def capital(sentence: str) -> str:
    """With a large first letter."""
    return sentence[0].upper() + sentence[1:]


def deny(sentence: str, draw: random.Random) -> str | None:
    """The sentence with its main verb denied."""
    verb = main_verb(sentence)
    if verb is None:
        return None
    if verb.kind == "past":
        one = BY_PAST[verb.word]
        ways = tuple(way.format(base=one.base, participle=one.participle, past=one.past) for way in _DID_NOT)
        return put(sentence, (verb.start, verb.end), draw.choice(ways))
    if verb.kind == "will":
        return put(sentence, (verb.start, verb.end), draw.choice(_WILL_NOT))
    words = [f"{verb.word} not", f"{verb.word} not", f"{verb.word}n't"]
    if is_participle(verb.after):
        words.append(f"{verb.word} never")
        if verb.word in ("was", "is"):
            words += ["has not been", "has never been", "is yet to be"]
    if verb.word in ("is", "are"):
        words.append(f"{verb.word} no longer")
    return put(sentence, (verb.start, verb.end), draw.choice(words))


# Ways to deny what was done, and what will be.
_DID_NOT = (
    "did not {base}",
    "did not {base}",
    "did not {base}",
    "didn't {base}",
    "never {past}",
    "has not {participle}",
    "refused to {base}",
    "decided not to {base}",
    "failed to {base}",
    "has yet to {base}",
)
_WILL_NOT = ("will not", "will not", "will never", "won't", "does not plan to", "no longer plans to")


# Beside each other stand ways to say the same; {} is the sentence without its full stop.
_WRAPPED = (
    (
        "It has not been confirmed that {}.",
        "There is no confirmation that {}.",
        "{}, but this has not been confirmed.",
    ),
    ("It is unclear whether {}.", "It is not clear whether {}.", "It is not known whether {}."),
    ("There are rumours that {}.", "It is rumoured that {}.", "{}, according to rumours."),
    ("Unconfirmed reports say that {}.", "According to unconfirmed reports, {}."),
    ("Critics doubt that {}.", "Critics have questioned whether {}."),
    ("It was denied that {}.", "Reports that {} have been denied."),
    ("It is being considered whether {}.",),
)
_LINKED = re.compile(
    r"(?:However|Also|Moreover|Furthermore|Additionally|But|And|Thus|Therefore|So|Then|For)\b"
)
_MAY = ("may", "might", "could")


def doubt(sentence: str, draw: random.Random) -> tuple[str, str] | None:
    """The sentence put in doubt, and the same doubt in other words or the same ones."""
    verb = main_verb(sentence)
    if verb is not None and draw.random() < 0.7:
        ways = draw.choice(_ways(verb))
        return _both(draw, [put(sentence, (verb.start, verb.end), words) for words in ways])
    if not sure(sentence) or len(sentence) > 200 or _LINKED.match(sentence):
        return None
    inner = small(sentence)
    made = [way.format(inner if way.index("{") else capital(inner)) for way in draw.choice(_WRAPPED)]
    return _both(draw, [capital(one) for one in made])


def _both(draw: random.Random, made: list[str]) -> tuple[str, str]:
    return draw.choice(made), draw.choice(made)


def plan(sentence: str, draw: random.Random) -> str | None:
    """The sentence as a plan: what is done as what is being considered, what was done as what was planned."""
    verb = main_verb(sentence)
    if verb is None:
        return None
    ways: tuple[str, ...] = ()
    if verb.kind == "be" and verb.after.endswith("ing") and verb.after not in ("being", "going"):
        ways = tuple(f"{verb.word} {one}" for one in _CONSIDERED)
    elif verb.kind == "be" and is_participle(verb.after) and verb.after not in _NEVER_PLANNED:
        ways = (f"{verb.word} planned to be", f"{verb.word} expected to be", f"{verb.word} proposed to be")
        ways = (*ways, "will be", "was to be" if verb.word in ("is", "was") else "were to be")
    elif verb.kind == "past":
        one = BY_PAST[verb.word]
        ways = tuple(way.format(base=one.base, gerund=one.gerund) for way in _INTENDED)
    elif verb.kind == "will":
        ways = ("may", "might", "could", "would like to")
    return put(sentence, (verb.start, verb.end), draw.choice(ways)) if ways else None


_CONSIDERED = (
    "considering",
    "thinking about",
    "discussing",
    "in talks about",
    "evaluating the option of",
    "preparing for",
)
_INTENDED = (
    "planned to {base}",
    "considered {gerund}",
    "wanted to {base}",
    "tried to {base}",
    "hoped to {base}",
    "agreed to {base}",
    "was asked to {base}",
    "had plans to {base}",
    "discussed {gerund}",
)
_NEVER_PLANNED = frozenset("born known named called considered been related based".split())


def _ways(verb: Main) -> list[list[str]]:
    """Words for the verb that put it in doubt; those in one list say the same."""
    adverbs = [f"{verb.word} {one}" for one in ("reportedly", "allegedly")]
    if verb.kind == "past":
        one = BY_PAST[verb.word]
        said = [f"{how} {verb.word}" for how in ("reportedly", "allegedly")]
        return [[f"{may} have {one.participle}" for may in ("may", "might")], said]
    if verb.kind == "have":
        return [[f"{may} have" for may in ("may", "might")], adverbs]
    if verb.kind == "will":
        return [list(_MAY)]
    if verb.word in ("was", "were"):
        return [[f"{may} have been" for may in _MAY], adverbs]
    return [[f"{may} be" for may in _MAY], adverbs, [f"{verb.word} said to be", f"{verb.word} reportedly"]]


# What can be left out of a sentence, and what is left of it still follows.
_WITHIN = r"(?= (?:is|was|are|were|has|had|have|will|[a-z]+ed)\b)"
_TO_END = r"[^;:()]{5,160}(?=\.$)"
_LEFT_OUT = (
    re.compile(r" \([^()]{2,80}\)"),
    re.compile(r", (?:which|who|whose|where) [^,;:()]{5,120}," + _WITHIN),
    re.compile(r", (?:which|whose|where|who) " + _TO_END),
    re.compile(r",? (?:although|though|while|whereas|because|since) [^;:()]{8,160}(?=\.$)"),
    re.compile(r", (?:including|making|leading|resulting|becoming|causing|such as) " + _TO_END),
    re.compile(r"[,;] (?:but|however) [^;:()]{10,160}(?=\.$)"),
    re.compile(r"; [^;()]{10,200}(?=\.$)"),
    re.compile(r" (?:in|on) (?:\d{1,2} )?(?:[A-Z][a-z]+ )?(?:1[0-9]\d\d|20[0-2]\d)(?=[.]$| by | with | at )"),
    re.compile(r",? according to [^,;:()]{3,60}(?=\.$)"),
)
_STARTS = r"(?=(?:the|a|an|it|he|she|they|this|these|his|her|its|their)\b|[A-Z])"
_OPENING = re.compile(
    r"^(?:However|Moreover|Furthermore|Additionally|Also|Meanwhile|Nevertheless|Therefore|Thus|Finally), "
    + _STARTS
)
# Without it a sentence about one event still holds; a general one need not.
_SETTING = re.compile(
    r"^(?:In|On|At|During|After|Before|Since|By|Following|Throughout) [^,;:()]{2,70}, " + _STARTS
)
_LIST = re.compile(r"(?:\S+ ){0,3}\S+,")
_EVENT = re.compile(r"\b(?:was|were|had|became|began|won|led|\w{3,}ed)\b")
# In their scope, what is left of a sentence may say more than the whole.
_SCOPE = re.compile(
    r"\b(?:not|never|no|none|nor|neither|without|cannot|few|only|first|last|most|least|all|every|each|any|if"
    r"|unless|would|than|rarely|hardly|\w+est|same|more|less|fewer|both|between|either|or)\b|n['’]t\b",
    re.IGNORECASE,
)


def shorten(sentence: str, draw: random.Random) -> str | None:
    """The sentence without a part; what is left follows from it."""
    if _SCOPE.search(sentence) or sentence.count('"') or "“" in sentence:
        return None
    found = [match for pattern in _LEFT_OUT if (match := pattern.search(sentence))]
    opening = _OPENING.match(sentence)
    if opening is None and (opening := _SETTING.match(sentence)):
        listed = _LIST.match(sentence, opening.end())
        opening = opening if _EVENT.search(sentence, opening.end()) and not listed else None
    if opening:
        found.append(opening)
    if not found:
        return None
    chosen = draw.choice(found)
    left = capital(put(sentence, chosen.span(), "").strip())
    enough = 25 <= len(left) <= len(sentence) - 6 and left.count("(") == left.count(")")
    return left if enough and re.search(r"[a-z]\.$|\d\.$|\)\.$|[A-Z]\.$", left) else None


_OPPOSITES = """
increased/decreased increase/decrease rose/fell won/lost accepted/rejected approved/rejected
largest/smallest highest/lowest longest/shortest oldest/youngest northern/southern eastern/western
northwest/southeast northeast/southwest before/after above/below supported/opposed higher/lower
larger/smaller longer/shorter older/younger faster/slower stronger/weaker joined/left gained/lost
legal/illegal begins/ends male/female victory/defeat majority/minority public/private maximum/minimum
earlier/later upper/lower successful/unsuccessful
""".split()
_OPPOSITE = {one: other for pair in _OPPOSITES for one, other in (pair.split("/"), pair.split("/")[::-1])}


def opposite(sentence: str, draw: random.Random) -> str | None:
    """The sentence with one word exchanged for its opposite."""
    if not sure(sentence):
        return None
    words = list(re.finditer(r"[a-z]+", sentence))
    held = {one[0] for one in words}
    found = [one for one in words if one[0] in _OPPOSITE and _OPPOSITE[one[0]] not in held]
    if not found:
        return None
    chosen = draw.choice(found)
    return put(sentence, chosen.span(), _OPPOSITE[chosen[0]])
