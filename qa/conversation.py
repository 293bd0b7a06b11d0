"""A follow-up made standalone: what it leaves out is taken from the conversation, by rule.

"What about X?" asks the earlier question of X. Words without a verb ("And when?") open its clause, with its
answer in it. A pronoun stands for whom or what was last spoken of. Where rules cannot make one question of
both, or it points back ("to that"), they are asked together; one that names nobody gets the name the talk is
about. A question that stands alone is left as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from qa.clause import AUXILIARY
from qa.ellipsis import WHO_DID, counted, of_fragment, of_them, together, who_said
from qa.mentions import DESCRIPTION, Asked, described, focus, meant_by, names, speaks_of
from qa.noun_phrases import definite
from qa.parallel import ask_of
from qa.records import Turn
from qa.terms import FUNCTION_WORDS

# Earlier turns looked at: a name that nobody has said for so long is not meant.
REACH = 20

_WHAT_ABOUT = re.compile(
    r"^(?:and|but|or|so|ok|okay)?,?\s*(?:what|how)\s+about\s+(?P<rest>.+?)\??$", re.IGNORECASE
)
_AND = re.compile(r"^(?:and|but|or)\s+(?P<rest>(?!also\b|then\b|so\b).+?)\??$", re.IGNORECASE)
_AND_THERE = re.compile(
    rf"^(?:and|but|or)\s+(?P<rest>(?:in|on|at|for|of|to|from|with|by|during|among|over|under|since|until|after|before)"
    rf"\s+(?!that\b|this\b|what\b|which\b|whom\b|how\b)(?!{AUXILIARY}\b)[^\s?,]+(?:\s(?!{AUXILIARY}\b)[^\s?,]+)*)\??$",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:it|they|he|she|him|them|its|their|his|her)\b(?![’'](?:ll|d|ve))", re.IGNORECASE)
_POSSESSIVES = frozenset({"its", "their", "his"})
# "it" that stands for nothing: "Is it true that …", "How long did it take", "Is it raining?".
_EMPTY_IT = re.compile(
    r"""\bit\s+(?:is\s+|was\s+|be\s+)?(?:true|likely|possible|known|clear|legal|safe|necessary|normal|common)\s+
    (?:that|to|for|if|whether|why|how|when)\b
    |\b(?:how\s+long|what)\s+(?:did|does|will|would|has|had)\s+it\s+(?:take|taken|mean)\s+(?:\w+\s+){0,3}(?:to|when|if)\b
    |\bit\s+(?:rain|snow)
    |\bdoes\s+it\s+say\s+(?:why|what|how|when|who|where|if|whether|anything)\b""",
    re.IGNORECASE | re.VERBOSE,
)
# "her" before a noun is a possessive; before these it is whom.
_NO_NOUN = re.compile(
    r"^\W*(?:$|(?:to|in|on|at|for|from|with|by|after|before|when|if|as|and|or|because|about|during|since|who|that|"
    r"the|a|an|into|over|out|up|so|down|of)\b)",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"""\b(?:to|of|about|for|on|with|from|after|before|behind|by|in|at|than|during|since|until)\s+
    (?:that|this|those|these)\b(?!\s+(?:year|month|week|quarter|summer|winter|spring|autumn|season|morning|evening)\b)
    |\b(?:is|was|are|were|did|does|do|has|have|will|would|could|can|think)\s+(?:that|this|those|these)\b
    (?!\s+(?:year|month|week|quarter|summer|winter|spring|autumn|season|morning|evening)\b)
    |\b(?:that|this|these|those|(?<!\bis[ ])(?<!\bare[ ])(?<!\bwas[ ])(?<!\bwere[ ])there|then)\W*$
    |\b(?:instead|in[ ]return|the[ ](?:same|latter|former|first|second|third|other|others)\W*$
    |the[ ](?:deal|business|project|order|plan|decision|case|agreement|offer|contract)\b)
    |\b(?:which|what|another|any|that|this|the(?:[ ]\w+)?)[ ]ones?\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ENDS_POINTING = re.compile(r"\b(?:that|this|these|those|there|then|the same)\W*$", re.IGNORECASE)
_DEFINITE = re.compile(
    r"\b(?:the|this|that|these|those)\s+(?!most\b|best\b|world\b|first\b)[a-z]|\b(?:else|other|others|another|more|also|too|any|next|then)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\w$€£%][\w.,$€£%'’-]*[\w%]|\w", re.UNICODE)
_TOKEN = re.compile(r"[\w$€£%]+|[^\w\s]", re.UNICODE)
# What this module itself has added a name to: it stands alone.
_NAMED_AFTER = re.compile(r"\S \((?P<name>[^()]+)\)\?$")

# Words that carry no topic: a question of these alone cannot stand alone.
_FUNCTION = FUNCTION_WORDS | frozenset(
    """many long often far old big large high mean say said happen happened period amount number size date
    time kind reason company others something anything someone anyone""".split()
)


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question for someone who has not heard the talk. `added`: runs of its words not asked, in order."""

    question: str
    added: tuple[str, ...] = ()

    @property
    def pieces(self) -> tuple[tuple[str, bool], ...]:
        """The question cut up, each piece with whether it was added; joined they are the question."""
        found, position = [], 0
        for one in self.added:
            start = self.question.index(one, position)
            found += [(self.question[position:start], False), (one, True)]
            position = start + len(one)
        return tuple(piece for piece in (*found, (self.question[position:], False)) if piece[0])


def standalone(question: str, history: Sequence[Turn]) -> str:
    """`question` as someone would ask it who had not heard `history`; unchanged where it stands alone.

    What is added comes verbatim from earlier questions and answers. Two follow-ups in a row work because
    the earlier question is itself made standalone first.
    """
    return _read(question, history)[1]


def complete(question: str, history: Sequence[Turn]) -> Standalone:
    """As `standalone`, and which words were added, so that a page can mark them."""
    asked, made = _read(question, history)
    return Standalone(made, _added(asked, made))


def _read(question: str, history: Sequence[Turn]) -> tuple[str, str]:
    """The question in single spaces, and made standalone."""
    question = " ".join(question.split())
    talk: list[Asked] = []
    for turn in history[-REACH:]:
        asked = " ".join(turn.question.split())
        understood, meant = _complete(asked, talk)
        talk.append(Asked(asked, understood, turn.answer, meant))
    return question, _complete(question, talk)[0]


def _complete(question: str, talk: Sequence[Asked]) -> tuple[str, str]:
    """The question made standalone, and what its pronoun stood for, or ""."""
    if not talk or _is_complete(question, talk):
        return question, ""
    earlier, answer = _core(talk[-1].understood), talk[-1].answer
    whole = who_said(question, earlier, answer) or of_fragment(question, earlier, answer)
    whole = whole or of_them(question, earlier)
    if whole:
        return whole, ""
    question = counted(question, talk)
    pronoun = _pronoun(question)
    if _asks_of_another(question) or not pronoun:
        return _without_pronoun(question, talk, earlier), ""
    among = (
        re.search(r"\b(?:of|among|between) $", question[: pronoun.start()]) and pronoun[0].lower() == "them"
    )
    meant = None if among else meant_by(pronoun[0], talk, then=question[pronoun.end() :])
    if meant is None and pronoun[0].lower() in ("it", "its") and focus(talk) is None:
        things = definite(earlier)
        meant = things[0] if len(things) == 1 else None
    if meant is None:
        return together(question, earlier), ""
    return _replace(question, pronoun, meant), re.sub(r"['’]s .*", "", meant)


def _asks_of_another(question: str) -> re.Match[str] | None:
    """ "What about X?" or a short "And X?"."""
    about = _WHAT_ABOUT.match(question)
    return (
        about
        or _AND_THERE.match(question)
        or (_AND.match(question) if len(_topic_words(question)) <= 2 else None)
    )


def _without_pronoun(question: str, talk: Sequence[Asked], earlier: str) -> str:
    about = _asks_of_another(question)
    if about:
        return ask_of(talk, earlier, about["rest"]) or together(about["rest"], earlier)
    if names(question):
        left_out = WHO_DID.match(question.rstrip("? ")) and len(names(question)) == 1
        return together(question, earlier) if left_out or _ENDS_POINTING.search(question) else question
    whom = _described(question, talk)
    if whom:
        return whom
    named = speaks_of(question, talk)
    if _POINTS_BACK.search(question) or (not named and len(_topic_words(question)) == 0):
        return together(question, earlier)
    return question if named else _about(question, talk)


def _described(question: str, talk: Sequence[Asked]) -> str | None:
    """With the name beside "the company", or in its place where the name says so itself: "Brent Bank"."""
    description = DESCRIPTION.search(question)
    meant = described(description, talk) if description else None
    if description is None or meant is None:
        return None
    says_so = re.search(rf"\b{description[0].split()[-1]}\b", meant, re.IGNORECASE)
    start = description.start() if says_so else description.end()
    return f"{question[:start]}{'' if says_so else ' '}{meant}{question[description.end() :]}"


def _about(question: str, talk: Sequence[Asked]) -> str:
    """The question with the name of what the talk is about, where it seems to continue it."""
    subject = focus(talk) or ", ".join(_unnamed(question, talk))
    if subject and (_DEFINITE.search(question) or len(_topic_words(question)) <= 3):
        return f"{question.rstrip('?').rstrip()} ({subject})?"
    return question


def _unnamed(question: str, talk: Sequence[Asked]) -> list[str]:
    """What the last question speaks of, where nobody has named anything, and this one does not hold."""
    found = definite(talk[-1].understood)
    held = question.lower().split()
    return [] if any(one.split()[-1] in held for one in found) else found[:2]


def _pronoun(question: str) -> re.Match[str] | None:
    """The first pronoun that stands for something outside the question."""
    inside = [one for one in names(question) if one.start > 0]
    for match in _PRONOUN.finditer(question):
        word = match[0].lower()
        if word == "it" and _EMPTY_IT.search(question):
            continue
        # "Did Meta say its orders …" holds its own; "What did Meta say about it?" does not.
        before = any(one.end <= match.start() for one in inside)
        if before and not re.match(r"\W*$", question[match.end() :]):
            continue
        return match
    return None


def _replace(question: str, pronoun: re.Match[str], name: str) -> str:
    word, rest = pronoun[0].lower(), question[pronoun.end() :]
    if (word in _POSSESSIVES or (word == "her" and not _NO_NOUN.match(rest))) and not rest.startswith("'"):
        name += "'" if name.endswith("s") and word == "their" else "'s"
    return question[: pronoun.start()] + name + rest


def _is_complete(question: str, talk: Sequence[Asked]) -> bool:
    """Whether it was made standalone before: the page keeps a talk's questions as they were understood."""
    named = _NAMED_AFTER.search(question)
    return any(
        question.endswith(f": {_core(asked.understood)}")
        or (named is not None and named["name"] in asked.understood)
        for asked in talk
    )


def _core(earlier: str) -> str:
    """The earlier question without what elliptic ones have put in front; of the rest two at most."""
    parts = earlier.split(": ")
    while len(parts) > 1 and not names(parts[0]):
        parts = parts[1:]
    return ": ".join(parts[:2])


def _topic_words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word.lower() not in _FUNCTION]


def _added(question: str, made: str) -> tuple[str, ...]:
    """The runs of words of `made` that `question` does not hold, as they stand in `made`."""
    if made == question:
        return ()
    tokens = list(_TOKEN.finditer(made))
    matcher = SequenceMatcher(
        None,
        [one.casefold() for one in _TOKEN.findall(question)],
        [one[0].casefold() for one in tokens],
        False,
    )
    runs = [(start, end) for tag, _, _, start, end in matcher.get_opcodes() if tag in ("insert", "replace")]
    added = (made[tokens[start].start() : tokens[end - 1].end()].lstrip(": ") for start, end in runs)
    return tuple(one for one in added if any(char.isalnum() for char in one))
