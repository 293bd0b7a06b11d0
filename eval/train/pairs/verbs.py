"""The forms of common English verbs, and the main verb of a sentence where rules find it surely."""

import re
from dataclasses import dataclass
from itertools import pairwise

_IRREGULAR = """
win/won/won lose/lost/lost build/built/built write/wrote/written make/made/made take/took/taken
give/gave/given become/became/become begin/began/begun lead/led/led leave/left/left hold/held/held
sell/sold/sold buy/bought/bought send/sent/sent spend/spent/spent meet/met/met find/found/found
grow/grew/grown bring/brought/brought fight/fought/fought teach/taught/taught see/saw/seen sing/sang/sung
choose/chose/chosen break/broke/broken drive/drove/driven pay/paid/paid keep/kept/kept
overthrow/overthrew/overthrown tell/told/told lend/lent/lent steal/stole/stolen throw/threw/thrown
wear/wore/worn
""".split()
_REGULAR = """
abandon abolish accept achieve acquire adopt announce appoint approve assassinate attack attend award ban
cause claim close collect complete compose conquer control convert cover create cross declare defeat defend
deliver describe design destroy develop direct discover divide earn elect employ enter establish expand
explore feature fill finish form found gain govern help host identify improve include increase influence
inherit introduce invade invent issue join kill land launch marry merge move negotiate obtain occupy offer
open operate oppose order organise organize own paint perform plant play possess present produce promote
propose protect provide publish purchase raise ratify reach receive record reduce refuse reject release
remove rename replace represent resign restore return rule score serve settle share show sign start stop
study succeed support survive train transfer unite use visit
""".split()


@dataclass(frozen=True, slots=True)
class Verb:
    """Forms of one verb."""

    base: str
    past: str
    participle: str

    @property
    def gerund(self) -> str:
        """As in "is building"."""
        if self.base.endswith("e") and not self.base.endswith(("ee", "oe", "ye")):
            return self.base[:-1] + "ing"
        doubled = _DOUBLED.search(self.base) and self.past.endswith(self.base[-1] + "ed")
        doubled = doubled or self.base in ("win", "begin")
        return self.base + (self.base[-1] if doubled else "") + "ing"


_DOUBLED = re.compile(r"[aeiou][bdglmnprt]$")
_DOUBLING = frozenset(("ban", "stop", "plan", "transfer"))


def _regular(base: str) -> Verb:
    if base.endswith("e"):
        past = base + "d"
    elif base.endswith("y") and base[-2] not in "aeiou":
        past = base[:-1] + "ied"
    else:
        past = base + (base[-1] if base in _DOUBLING else "") + "ed"
    return Verb(base, past, past)


_VERBS = [*(Verb(*one.split("/")) for one in _IRREGULAR), *map(_regular, _REGULAR)]
BY_PAST = {one.past: one for one in _VERBS}
_PARTICIPLES = frozenset(one.participle for one in _VERBS) | frozenset(
    "been born known seen done set put cut held gone come run driven hit".split()
)

_BE = frozenset("is are was were".split())
_HAVE = frozenset("has have had".split())

# With these a sentence does not say that its main verb holds, or holds of all, or they hold what does not.
_UNSURE = re.compile(
    r"\b(?:not|never|no|none|nor|neither|without|cannot|if|unless|whether|may|might|could|would|should|can|must"
    r"|some|many|most|several|few|often|sometimes|usually|generally|typically|rarely|hardly|perhaps|probably"
    r"|possibly|likely|reportedly|allegedly|apparently|said|says|claimed|claims|believed|thought|suggested"
    r"|reported|expected|planned|proposed|supposed|rumou?red|considered|considering|only)\b|n['’]t\b",
    re.IGNORECASE,
)
_SUBORDINATE = re.compile(
    r"\b(?:that|who|whom|whose|which|what|when|while|where|although|though|because|since|as|after|before|until"
    r"|to|how|why|once|being|having)\b|[,;:()\"“”—–]",
    re.IGNORECASE,
)
_LEADING = re.compile(r"(?:In|On|At|During|By|From) [^,;:()]{2,40}, ")
_OBJECT = re.compile(r"(?:the|a|an|his|her|its|their|this|these|several|two|three|\d)\b|[A-Z]")
_TOKEN = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?|[,;:()\"“”—–]|\d[\d,.]*")


def is_participle(word: str) -> bool:
    """Whether the word may be one."""
    return word in _PARTICIPLES or (word.endswith("ed") and len(word) > 4)


@dataclass(frozen=True, slots=True)
class Main:
    """A main verb: its characters in the sentence and the word after it.

    `kind`: "be", "have" and "will" are auxiliaries, of which "be" may be the verb itself; "past" is a verb of
    our list in the past tense, with an object after it.
    """

    start: int
    end: int
    word: str
    kind: str
    after: str


def sure(sentence: str) -> bool:
    """Whether the sentence says what it says of all that it names, and without doubt."""
    return sentence.endswith(".") and not _UNSURE.search(sentence)


def main_verb(sentence: str) -> Main | None:
    """The first finite verb, where what stands before it is a plain subject and the sentence is sure."""
    if not sure(sentence):
        return None
    leading = _LEADING.match(sentence)
    tokens = list(_TOKEN.finditer(sentence, leading.end() if leading else 0))[:16]
    if not tokens or _SUBORDINATE.fullmatch(tokens[0][0]):
        return None
    for token, following in pairwise(tokens[1:]):
        word = token[0]
        if word in _BE or word in _HAVE or word == "will" or word in BY_PAST:
            return _main(sentence, token, following[0])
        if _SUBORDINATE.fullmatch(word) or (word.endswith(("ed", "ing")) and word.islower()):
            return None
    return None


def _main(sentence: str, token: re.Match[str], after: str) -> Main | None:
    word = token[0]
    if word in _HAVE and not is_participle(after):
        return None
    if word in BY_PAST and not _OBJECT.match(sentence, token.end() + 1):
        return None
    kind = "be" if word in _BE else "have" if word in _HAVE else "will" if word == "will" else "past"
    return Main(token.start(), token.end(), word, kind, after)
