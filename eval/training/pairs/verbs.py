"""The main verb of a sentence where rules find it surely, and its other forms."""

import re
from dataclasses import dataclass
from itertools import pairwise

from qa.language.verbs import FORMS, is_participle


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
        regular = self.past.endswith("ed")
        doubled = self.past == f"{self.base}{self.base[-1]}ed" if regular else _DOUBLED.search(self.base)
        return self.base + (self.base[-1] if doubled else "") + "ing"


_DOUBLED = re.compile(r"[^aeiou][aeiou][bdgmnpt]$")  # of irregular verbs: "begin", "run"; not "lead"
# Others open a clause as often as they are its main verb: "a man named Berg was freed".
_SURE = frozenset(
    """
abandon abolish accept achieve acquire adopt announce appoint approve assassinate attack attend award ban
become begin break bring build buy cause choose claim close collect complete compose conquer control
convert cover create cross declare defeat defend deliver describe design destroy develop direct discover
divide drive earn elect employ enter establish expand explore feature fight fill find finish form found
gain give govern grow help hold host identify improve include increase influence inherit introduce invade
invent issue join keep kill land launch lead leave lend lose make marry meet merge move negotiate obtain
occupy offer open operate oppose order organise organize overthrow own paint pay perform plant play
possess present produce promote propose protect provide publish purchase raise ratify reach receive
record reduce refuse reject release remove rename replace represent resign restore return rule score see
sell send serve settle share show sign sing spend start steal stop study succeed support survive take
teach tell throw train transfer unite use visit wear win write
""".split()
)
BY_PAST = {past: Verb(base, past, participle) for base, past, participle in reversed(FORMS) if base in _SURE}
"""By the past tense, the verbs that are sought."""

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
