"""A question and its answer as one statement, where a simple rule makes it."""

import re
from dataclasses import dataclass

from eval.training.data.unanswerable import names_in
from eval.training.pairs.verbs import BY_PAST
from qa.language.verbs import is_participle

_WHO = re.compile(
    r"(?:who|which (?P<kind>[a-z ]{3,30}?)|what (?P<kind2>[a-z]{3,20})) (?P<rest>[a-z]+ .+)", re.I
)
_IS_THE = re.compile(r"(?:what|who) (?P<be>is|was|are|were) (?P<rest>the .+)", re.I)
_PASSIVE = re.compile(
    r"(?:when|where|(?:in|on) (?:what|which) (?P<unit>year|month|day|date|city|country|state|town|village)"
    r"|what (?P<unit2>year)) (?P<be>was|were) (?P<rest>(?:[A-Z]|the ).+)"
)
_BY = re.compile(r"who (?P<be>was|were) (?P<subject>(?:the )?[\w'’. -]{2,60}?) (?P<verb>[a-z]+) by", re.I)
_HOW_MANY = re.compile(
    r"how many (?P<noun>[a-z][a-z -]{2,40}?) (?P<do>does|do|did) (?P<subject>.{2,50}?) "
    r"(?P<verb>have|own|win|build|employ|contain)(?P<rest>(?: .+)?)",
    re.I,
)
_HOW_MANY_WERE = re.compile(
    r"how many (?P<rest>[a-z][a-z -]{2,40}? (?:was|were|are|live|lived|died|attended) ?.*)", re.I
)
_TIME = re.compile(
    r"(?:(?P<on>\d{1,2} [A-Z][a-z]+ \d{4}|[A-Z][a-z]+ \d{1,2}, \d{4})|(?P<in>(?:[A-Z][a-z]+ )?\d{4}s?))"
)
_FIGURE = re.compile(r"[\d,.]*\d(?: (?:thousand|million|billion))?")
_PLACES = frozenset(("city", "country", "state", "town", "village"))
_VERBS = frozenset(("is", "was", "are", "were", "has", "had", "can", "will"))


@dataclass(frozen=True, slots=True)
class StatementFrame:
    """What was asked with a place for the answer, "{}"; `kind` says what stands there."""

    frame: str
    kind: str

    def of(self, answer: str) -> str:
        """The statement with `answer` in its place."""
        answer = answer.rstrip(".,;: ")
        text = self.frame.replace("{}", _place(answer) if self.kind == "time" else answer)
        return text[0].upper() + text[1:]


def kind_of(answer: str) -> str | None:
    """ "time", "figure", "name" or "words": what may stand in for the answer must be alike."""
    answer = answer.rstrip(".,;: ")
    if _TIME.fullmatch(answer):
        return "time"
    if _FIGURE.fullmatch(answer):
        return "figure"
    names = names_in(" " + answer)
    if names and len(names[0][0]) >= len(answer) - 4 and not re.search(r"\d", answer):
        return "name"
    return "words" if len(answer.split()) <= 6 else None


def declarative(question: str, answer: str) -> StatementFrame | None:
    """The statement that the question asks to complete; None where no rule surely makes it."""
    asked = re.sub(r"\s+", " ", question).strip().rstrip("? ").strip()
    kind = kind_of(answer)
    if kind is None or len(answer.split()) > 8 or "," in asked or '"' in asked:
        return None
    for rule in (_is_the, _by, _passive, _subject, _how_many):
        frame = rule(asked, kind)
        if frame:
            return StatementFrame(re.sub(r"\s+", " ", frame) + ".", kind)
    return None


def _subject(asked: str, kind: str) -> str | None:
    """ "Who won the cup" asks who "{} won the cup"."""
    match = _WHO.fullmatch(asked)
    if not match or kind != "name":
        return None
    first, *others = match["rest"].split()
    known = first in _VERBS or first in BY_PAST
    if not known or not others or (first in _VERBS and match["kind"] is None and match["kind2"] is None):
        return None
    if first in ("did", "do", "does") or re.match(r"(?:did|do|does|you|we|they|he|she|it)\b", others[0]):
        return None
    # "Which band was he in": the subject follows the verb.
    if first in _VERBS and not (is_participle(others[0]) or others[0] in ("the", "a", "an")):
        return None
    if first in _VERBS and others[0] in ("the", "a", "an"):
        return None
    return "{} " + match["rest"]


def _is_the(asked: str, kind: str) -> str | None:
    """ "What is the capital of X" is completed by "The capital of X is {}"."""
    match = _IS_THE.fullmatch(asked)
    if not match or kind == "time":
        return None
    rest = match["rest"]
    plain = not re.search(
        r"\b(?:that|who|which|when|where|if|for|called|named|to|is|was|are|were|did|does)\b", rest
    )
    return f"{rest} {match['be']} {{}}" if plain and kind in ("name", "figure") and " of " in rest else None


def _by(asked: str, kind: str) -> str | None:
    match = _BY.fullmatch(asked)
    if not match or kind != "name" or not is_participle(match["verb"]):
        return None
    return f"{match['subject']} {match['be']} {match['verb']} by {{}}"


def _passive(asked: str, kind: str) -> str | None:
    """ "When was X founded" is completed by "X was founded in {}"."""
    match = _PASSIVE.fullmatch(asked[0].lower() + asked[1:])
    if not match or kind not in ("time", "name"):
        return None
    place = asked.lower().startswith("where") or (match["unit"] or "") in _PLACES
    words = match["rest"].split()
    verb = next((at for at, word in enumerate(words) if at and word.islower() and is_participle(word)), None)
    if verb is None or place != (kind == "name") or len(words) - verb > 6:
        return None
    words.insert(verb, match["be"])
    return " ".join([*words, "in {}" if place else "{}"])


def _how_many(asked: str, kind: str) -> str | None:
    if kind != "figure":
        return None
    if match := _HOW_MANY_WERE.fullmatch(asked):
        return f"{{}} {match['rest']}"
    match = _HOW_MANY.fullmatch(asked)
    if not match:
        return None
    verb = match["verb"]
    if match["do"] == "does":
        verb = {"have": "has"}.get(verb, verb + "s")
    if match["do"] == "did":
        verb = {"have": "had", "win": "won", "build": "built"}.get(verb, verb + "ed")
    return f"{match['subject']} {verb} {{}} {match['noun']}{match['rest']}"


def _place(time: str) -> str:
    return f"on {time}" if (match := _TIME.fullmatch(time)) and match["on"] else f"in {time}"
