"""A yes/no question read as the statement that it asks about: its words, and where its predicate begins."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from qa.asked_values import without_values
from qa.certainty import asked_about
from qa.claims import Claim, read_claim
from qa.kinds import bare, kind_of
from qa.relation import WORD, key, pieces
from qa.terms import FUNCTION_WORDS

# Parts of patterns: forms of "be", and all auxiliaries.
BEING = r"is|are|was|were|been|being|be"
AUXILIARIES = rf"{BEING}|has|have|had|does|do|did|will|shall|would|can|could|may|might|should|going to"
AUXILIARY = re.compile(rf"\b(?:{AUXILIARIES})\b", re.I)
NEGATIVE = re.compile(r"\b(?:never|no longer|not|no|without|fail(?:s|ed)? to)\b|n't\b", re.I)

_SMALL = FUNCTION_WORDS - {"own", "name", "called"}  # here they may be the verb that is asked about
_NEGATIVE_WORDS = frozenset({"never", "longer", "failed", "fails", "fail"})
_IS_IT_TRUE = re.compile(
    r"^(?:(?:is|was) it (?:really |actually )?(?:true|correct|the case) that|whether) ", re.I
)
_TAG = re.compile(r",? (?:right|correct|yes|no|\w+n't (?:it|they|he|she|we))(?=\W*$)", re.I)
_FRONTED = re.compile(
    r"^(?P<auxiliary>is|are|was|were|has|have|had|does|do|did|will|would|can|could|should|may|might)"
    r"(?:n't)? ",
    re.I,
)
_INNER_NOT = re.compile(r"^((?:\S+ ){1,3})not ")  # "Has X not signed?" asks the same as "Has X signed?"


@dataclass(frozen=True, slots=True)
class Token:
    """A content word; `keys` are those of the word and, where it is hyphened, of its halves."""

    key: str
    keys: frozenset[str]
    text: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        """Whether it is written like a name."""
        return self.text[0].isupper()


@dataclass(frozen=True, slots=True)
class Proposition:
    """What a yes/no question asks about, as the statement `claim`; `tokens[verb]` begins its predicate.

    `tokens` are two or more. `auxiliary` opens the question or stands in it; `denies` where what is asked
    about is itself negative ("Is it true that X has not …"); `cues` as in `qa/certainty.py`.
    """

    claim: Claim
    tokens: tuple[Token, ...]
    verb: int
    auxiliary: str
    denies: bool
    cues: frozenset[str]

    @property
    def surname(self) -> bool:
        """Whether the subject is of two names or more, of which a statement may leave out the first."""
        one, other = self.tokens[:2]
        between = self.claim.text[one.end : other.start]
        return self.verb > 1 and one.capital and other.capital and between == " "


@lru_cache(maxsize=256)
def read_proposition(question: str) -> Proposition | None:
    """What `question` asks about; None where it is not a yes/no question, or of fewer than two words."""
    if kind_of(question) != "yes_no":
        return None
    text = _TAG.sub("", bare(question)).rstrip(" ?!.")
    plain = _IS_IT_TRUE.sub("", text)
    fronted = _FRONTED.match(plain) if plain == text else None
    if fronted:
        plain = _INNER_NOT.sub(r"\1", plain[fronted.end() :])
    claim = read_claim(plain, published=None)  # "last week" is the asker's, and unknown
    denies = NEGATIVE.search(claim.text) is not None
    found = tuple(
        token
        for token in tokens(without_values(claim))
        if not (denies and token.text.lower() in _NEGATIVE_WORDS)
    )
    if len(found) < 2:
        return None
    inner = AUXILIARY.search(claim.text)
    auxiliary = fronted["auxiliary"] if fronted else inner[0] if inner else ""
    verb = _verb_at(claim.text, found, fronted=fronted is not None)
    return Proposition(claim, found, verb, auxiliary.lower(), denies, asked_about(question))


def tokens(text: str) -> tuple[Token, ...]:
    """The content words of `text` in their order."""
    found: list[Token] = []
    for match in WORD.finditer(text):
        word = match[0].lower()
        if word not in _SMALL and not word.endswith("n't"):
            keys = [key(piece) for piece in pieces(match[0])]
            found.append(Token(keys[0], frozenset(keys), match[0], match.start(), match.end()))
    return tuple(found)


def _verb_at(text: str, found: Sequence[Token], *, fronted: bool) -> int:
    """Where the predicate begins, or a little after it: all up to there is held to the stricter rules."""
    last = len(found) - 1
    between = ["", *(text[one.end : other.start] for one, other in pairwise(found))]
    at = 1
    while at < last and (
        _one_name(found[at - 1], found[at], between[at])
        or found[at - 1].text.endswith("'s")
        or re.fullmatch(r" (?:of|and|between)(?: the| an?)? ", between[at])
    ):
        at += 1
    if fronted and found[0].capital:
        return at
    return next((place for place in range(at, last) if between[place + 1] != " "), last)


def _one_name(one: Token, other: Token, between: str) -> bool:
    """Whether two words look like one name: "Maria Lopez", "House of the Dragon"."""
    small = re.fullmatch(r"\.? (?:(?:of|on|in|for|and)(?: the| an?)? )?", between)
    return one.capital and other.capital and small is not None
