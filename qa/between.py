"""What stands between the words that a statement shares with a yes/no question: a denial, a plan."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from qa.asked_values import without_values
from qa.claims import Claim
from qa.overlay import COMPANY_WORDS, Laid
from qa.proposition import AUXILIARIES, AUXILIARY, BEING, NEGATIVE, Proposition

_LINKS = re.compile(r"\b(?:by|to|from|against|before|after|without|than|over|under|until|into)\b", re.I)
_BEING = re.compile(rf"\b(?:{BEING})\b", re.I)
_AHEAD = re.compile(r"\b(?:will|shall|going to)\b", re.I)
_MODAL = re.compile(r"\b(?:can|could|may|might|would|should)\b", re.I)
_PAST = re.compile(
    r"(?:ed|made|sold|bought|won|lost|held|built|took|paid|left|met|grew|fell|rose|began|gave|went|wrote)$",
    re.I,
)
_ADVERB = (
    r"(?!(?:nearly|partly|partially|barely|hardly|scarcely|allegedly|supposedly|only|falsely|"
    r"wrongly|initially|originally|formerly|previously|narrowly)\b)"
    r"(?:\w+ly|also|now|already|still|since|just|then|again|today|both)"
)
# "no" of the verb right after: plainly; because someone denies it; or because it has ended.
_NOT = (
    r"(?P<plain>not yet|not|never|yet to|fail(?:ed|s) to|refuse[sd] to|declined to|stopped short of|"
    r"decided not to|decided against)|"
    r"(?P<denied>den(?:ied|ies)(?: (?:the )?(?:reports?|claims?|allegations?|accusations?|suggestions?|"
    r"rumou?rs?))?(?: that| of)?(?: (?:it|they|he|she))?)|"
    r"(?P<excluded>rule[sd] out|no plans? (?:to|for)|no intention (?:to|of)|not (?:planning|intending) to)|"
    r"(?P<ended>no longer)"
)
_PLANNED = r"(?P<planned>(?:set|due|scheduled|expected|slated|on track|planning|plans?|intends?) to)"
_DESCRIBED = (
    r"(?:an?|the|its|his|her|their|having) (?:(?!(?:former|alleged|fake|failed|would-be|potential|possible|"
    r"so-called|proposed|planned|not|no|of|to|in|by|that)\b)[\w'-]+ ){0,4}"
)
_SAYS = (
    r"(?:has |have |had )?(?:said|says|announced|announces|confirmed|confirms|reported|reports|stated)"
    r" (?:that )?(?:it|they|he|she)"
)
# All that may stand between the subject and its verb.
_GAP = re.compile(
    rf"^(?: (?:{'|'.join(COMPANY_WORDS)})\b\.?)? ?(?:,[^,;]{{1,70}},|\([^()]{{1,70}}\))? ?"
    rf"(?:{_SAYS} )?(?:(?:which|who|that) )?"
    rf"(?:(?:{AUXILIARIES}|{_ADVERB}) )*(?:(?:{_NOT}) (?:yet |ever |actually )?)?"
    rf"(?:(?:{AUXILIARIES}|having) )*(?:{_PLANNED} )?(?:(?:be|have|been) )*(?:{_DESCRIBED})?$",
    re.I,
)
# "X (born 1985)", "X, founded in 1901, ", "X, a bank, ": what is said of X without a verb.
_APPOSED = re.compile(rf"^(?:,| \() ?(?:{_DESCRIBED})?$", re.I)
# Between two words of one name: nothing, a further name, a quotation mark.
_MIDDLE_NAME = re.compile(r'^ (?:"? ?[A-Z][\w.]* ?"? )?$|^ ?" ?$')
_BREAKS = re.compile(
    r"\b(?:not|never|but|except|instead|rather|unless|if|nor|neither|without|fail\w*|den(?:ied|ies|y)|refus\w+|"
    r"almost|nearly|while|whereas|although|who|which|that)\b|[;:?]",
    re.I,
)
_NO_OBJECT = re.compile(r"^ no (?:\w+ )?$", re.I)


@dataclass(frozen=True, slots=True)
class Said:
    """What the words between make of the question's: `answer`; `planned` where they say that it is a plan.

    `words` are those that tell the tense and the voice.
    """

    answer: Literal["yes", "no", "denied"]
    words: str = ""
    planned: bool = False


def read_between(asked: Proposition, claim: Claim, laid: Laid) -> Said | None:
    """What the words between the question's words make of them all; None where it cannot be told."""
    found: list[Said] = []
    here, there = without_values(claim), without_values(asked.claim)
    for (asked_one, one), (asked_other, other) in pairwise(laid.met):
        between = here[one.end : other.start].replace("won't", "will not")
        between = re.sub(r"n't\b|(?<=can)not\b", " not", between)
        wanted = there[asked_one.end : asked_other.start]
        between, wanted = re.sub(r" {2,}", " ", between), re.sub(r" {2,}", " ", wanted)
        place = asked.tokens.index(asked_other)
        if place > asked.verb:
            said = _after_verb(between, wanted)
        elif one.text.endswith("'s") != asked_one.text.endswith("'s"):
            return None
        else:
            said = _up_to_verb(asked, between, wanted, at_verb=place == asked.verb)
        if said is None:
            return None
        found.append(said)
    against = [said.answer for said in found if said.answer != "yes"]
    words = "".join(said.words for said in found)
    excluded = against == ["denied"] and asked.auxiliary == "will"
    if len(against) > 1 or not _tense_fits(asked, words, laid, excluded=excluded):
        return None
    return Said(against[0] if against else "yes", words, any(said.planned for said in found))


def _up_to_verb(asked: Proposition, between: str, wanted: str, *, at_verb: bool) -> Said | None:
    """What stands before a word of the subject or the verb; `wanted` stands there in the question."""
    if not at_verb and _MIDDLE_NAME.match(between):
        return Said("yes")
    if between == wanted and not NEGATIVE.search(between):
        return Said("yes")
    if at_verb and _APPOSED.match(between):
        return Said("yes", " is " if asked.auxiliary in ("is", "are") else " was ")
    shared = "" if AUXILIARY.search(wanted) or NEGATIVE.search(wanted) else wanted.lstrip()
    gap = _GAP.match(between.removesuffix(shared))  # "is in talks" to "Is X in talks?"
    if gap is None or (gap["ended"] and asked.auxiliary in ("did", "was", "were", "had")):
        return None
    if gap["excluded"] and asked.auxiliary != "will":
        return None  # who rules it out for later may have done it before
    answer: Literal["yes", "no", "denied"] = "no" if gap["plain"] or gap["ended"] else "yes"
    if gap["denied"] or gap["excluded"]:
        answer = "denied"
    planned = gap["planned"] is not None
    return Said(answer, " will " if planned else between, planned)


def _after_verb(between: str, wanted: str) -> Said | None:
    """What stands between two words of the predicate: the same prepositions as in the question, or "no"."""
    if _NO_OBJECT.match(between):
        return Said("no")
    same = set(_LINKS.findall(wanted.lower())) == set(_LINKS.findall(between.lower()))
    return Said("yes") if same and len(between) <= 60 and not _BREAKS.search(between) else None


def _tense_fits(asked: Proposition, before_verb: str, laid: Laid, *, excluded: bool) -> bool:
    """Whether the statement's verb is of the time, the mood and the voice that the question asks of."""
    auxiliary, verb = asked.auxiliary, asked.tokens[asked.verb]
    met = next((theirs.text for own, theirs in laid.met if own is verb), "")
    if (auxiliary == "will") != bool(_AHEAD.search(before_verb)) and not excluded:
        return False
    modals = {modal.lower() for modal in _MODAL.findall(before_verb)}
    if modals != ({auxiliary} if _MODAL.fullmatch(auxiliary) else set()):
        return False
    if auxiliary in ("is", "are", "does", "do"):
        past = re.search(r"\b(?:was|were|had|did)\b", before_verb) or (
            not AUXILIARY.search(before_verb) and _PAST.search(met)
        )
        if past:
            return False
    inner = asked.claim.text[asked.tokens[0].end : verb.start]
    being = _BEING.fullmatch(auxiliary) or _BEING.search(inner)
    here, ongoing = _BEING.search(before_verb), met.endswith("ing")
    if being:
        return bool(here) and verb.text.endswith("ing") == ongoing
    return not here or ongoing
