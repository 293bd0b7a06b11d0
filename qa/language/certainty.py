"""How surely a clause asserts what it says: done, reported, planned, considered, unconfirmed, denied.

The cue that decides is kept as the clause words it ("is considering"), for the explanation. A cue that the
question itself asks about is no hedge: to "Is X in talks with Y?" the words "is in talks" assert.

Source: own rules; the ladder follows the levels of certainty of FactBank (Saurí and Pustejovsky 2009),
with "planned" and "considered" held apart.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from typing import Literal

Level = Literal["fact", "future", "planned", "considered", "unconfirmed", "denied", "none"]


@dataclass(frozen=True, slots=True)
class Certainty:
    """`level` of one clause; `reported` when it is told on others' word; `cue` as the clause words it.

    `negated`: the clause denies its own verb ("has not signed"), which is no question of certainty.
    `level` is "none" where nothing is asserted: a question, a refusal to comment.
    """

    level: Level
    cue: str
    reported: bool = False
    negated: bool = False


_ADVERB = r"(?:(?:also|still|now|currently|already|reportedly|actively|seriously|\w+ly) )*"
_BE = r"(?:(?:is|are|was|were|be|been|being|has been|have been|had been|remains?) )?"
_TALK = (
    r"(?:in|under|holding|held|began|begun|opened|started) (?:(?:early|preliminary|advanced|exploratory) )?"
    r"(?:talks|discussions?|negotiations?)|negotiat(?:ing|ed)|discussing|in contact|contact(?:ed|ing)|"
    r"approached|talking (?:to|with)|spoken (?:to|with)"
)
_THINK = (
    r"evaluating|considering|exploring|weighing|mulling|contemplating|studying|eyeing|assessing|reviewing|"
    r"looking (?:into|at)|thinking (?:about|of)|"
    r"in (?:the )?(?:early|planning|preliminary)[\w ]{0,20}(?:stages?|phases?)|"
    r"at an early stage|early-stage|preliminary|exploratory|evaluat(?:es|ed)|considers?|considered|explores?|"
    r"early (?:evaluation|exploration|planning)"
)
_PLAN = (
    r"plans?(?: to| for)|planned|planning|preparing to|intends?(?: to)?|intending to|aims?(?: to)?|aiming to|"
    r"hopes? to|hoping to|seeks? to|seeking to|expected(?: to)?|expects? to|scheduled(?: to| for)?|set to|"
    r"due to|proposes?|proposed|proposing|targets|targeting|slated|poised to|on track to|vows? to|"
    r"pledge[sd]? to|wants? to"
)
_MAYBE = (
    r"(?:could|may|might|would) \w+|potentially(?: \w+)?|possibly(?: \w+)?|perhaps|likely(?: to "
    r"\w+)?|probably|"
    r"speculat\w+|rumou?r\w*|suggest\w*|appears? to \w+|seems? to \w+|believe[sd]?|is said to \w+"
)
_UNCONFIRMED = (
    r"(?:(?:is|are|was|were|has|have|had)? ?(?:not|never|n't)(?: yet)?(?: been)?(?: \w+ly)? (?:a )?"
    r"(?:confirmed|verified|finali[sz]ed|substantiated|certain|clear|well supported|supported|proven|known|"
    r"decided|determined|established|settled)|un(?:known|decided|settled)|"
    r"(?:is|are|was|were|remains?)? ?un(?:confirmed|verified|substantiated|proven|clear|certain)|"
    r"no (?:official )?confirmation|no (?:agreement|deal|contract|decision|order) has (?:yet )?been \w+|"
    r"cannot (?:yet )?be (?:\w+ )?(?:confirmed|verified|written|equated)|"
    r"yet to (?:be )?(?:confirm|verif|finali[sz])\w*|remains? to be seen|without confirmation)"
)
_DENIED = (
    r"(?:den(?:y|ies|ied|ying)|refut\w+|debunk\w+|dismiss(?:ed|es)|rule[sd] out|"
    r"reject(?:ed|s) (?:the )?(?:claims?|reports?|suggestions?|rumou?rs?|allegations?)|"
    r"(?:is|are|was|were) (?:false|untrue|not true|baseless|unfounded)|no truth|no plans?)"
)
_NO_COMMENT = (
    r"(?:declin|refus)\w+ to (?:comment|say|confirm)|did not (?:immediately )?(?:respond|reply)|no comment"
)
# In this order: the first that a clause holds decides. The second field names the kind of cue.
_RULES: tuple[tuple[Level, str, re.Pattern[str]], ...] = (
    ("none", "", re.compile(rf"\b(?:{_NO_COMMENT})\b|\?\W*$", re.I)),
    ("denied", "deny", re.compile(rf"\b{_DENIED}\b", re.I)),
    ("unconfirmed", "confirm", re.compile(rf"\b{_UNCONFIRMED}", re.I)),
    ("considered", "talk", re.compile(rf"\b{_BE}{_ADVERB}(?:{_TALK})\b", re.I)),
    ("considered", "think", re.compile(rf"\b{_BE}{_ADVERB}(?:{_THINK})\b", re.I)),
    ("planned", "plan", re.compile(rf"\b{_BE}{_ADVERB}(?:{_PLAN})\b", re.I)),
    ("considered", "maybe", re.compile(rf"(?<!\w)(?:{_MAYBE})\b", re.I)),
    ("none", "", re.compile(r"\b(?:if|whether|unless|potential|possible|opportunit\w+)\b", re.I)),
    ("future", "will", re.compile(r"\b(?:will|shall|(?:is|are) going to)(?: \w+)?\b", re.I)),
)


_REPORTED = re.compile(
    r"\breportedly\b|\baccording to\b|\b(?:the |were |are )reports?\b|\breports? (?:that|say|said)\b|"
    r"\breported(?: that| on|\W*$)|\bsources?\b[\w ]{0,15}(?:said|say|indicate|told)|\bciting\b|"
    r"\ballegedly\b|"
    r"\bis said to\b|\bclaims? that\b",
    re.I,
)
_MODAL_BEFORE = re.compile(r"\b(?:could|may|might|would|possibly|potentially|if|whether)(?: \w+)?\W*$", re.I)
_NEGATION = re.compile(r"\b(?:not|never|no longer|neither|nor|none|no)\b|n't\b", re.I)
_VERB = re.compile(
    rf"\b(?P<aux>has been|have been|is|are|was|were|has|have|had|does|did) {_ADVERB}"
    r"(?P<verb>[a-z]+(?:ing|ed|en|n|t|e|un))\b"
)


def read_certainty(clause: str, sentence: str, *, asked: Set[str] = frozenset()) -> Certainty:
    """The certainty of one clause of a normalised sentence; `asked` comes from `asked_about`."""
    reported = _REPORTED.search(sentence) is not None
    for level, kind, pattern in _RULES:
        match = pattern.search(clause)
        if match is None:
            continue
        if kind not in asked:
            return Certainty(level, _tidy(match[0]), reported)
        if not _MODAL_BEFORE.search(clause[: match.start()]):
            return Certainty("fact", _tidy(match[0]), reported, _NEGATION.search(clause) is not None)
    if sentence.rstrip().endswith("?"):
        return Certainty("none", "", reported)
    return Certainty("fact", "", reported, _NEGATION.search(clause) is not None)


def clash(one: Certainty, other: Certainty) -> bool:
    """Whether one asserts what the other leaves open, plans only, or denies."""
    low, high = sorted((one, other), key=lambda certainty: _RANK[certainty.level])
    if "none" in (one.level, other.level) or one.negated or other.negated:
        return False
    if low.level == "fact":
        return high.level in ("planned", "considered", "unconfirmed", "denied")
    if low.level == "future":
        return high.level in ("considered", "unconfirmed", "denied")
    return low.level == "planned" and high.level == "denied"


_RANK = {"fact": 0, "future": 1, "planned": 2, "considered": 3, "unconfirmed": 4, "denied": 5, "none": 6}


def verb_phrase(clause: str) -> str:
    """The words that assert: "is using" of "Anthropic is also using…"; "" where no auxiliary shows them."""
    match = _VERB.search(clause)
    return f"{match['aux']} {match['verb']}" if match else ""


def _tidy(cue: str) -> str:
    """The cue without adverbs that say nothing of certainty: "is also evaluating" is "is evaluating"."""
    return re.sub(r"\b(?:also|still|now|currently|already|actively|seriously) ", "", cue.strip())
