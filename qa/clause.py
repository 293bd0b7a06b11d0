"""An earlier question with its answer as a clause that other words can open: "Who won?" and "When?".

With the answer "Norwind" they are "When did Norwind win?". Questions are told apart by their first words and
the auxiliary alone; what does not fit a pattern is no clause, and the caller keeps the question whole.
"""

import re
from dataclasses import dataclass

from qa.mentions import names
from qa.terms import FUNCTION_WORDS
from qa.verb_forms import PLAIN, PLAIN_OF_PAST, PLAIN_OF_THIRD

AUXILIARY = (
    r"(?:is|are|was|were|has|have|had|do|does|did|will|would|can|could|should|shall|may|might|must|isn't|aren't|"
    r"wasn't|weren't|hasn't|haven't|doesn't|don't|didn't|won't)"
)
# An answer of more words is a statement, not what stands in a clause for who or what.
_MOST_WORDS = 7

# Two questions in one, a name added in brackets, what nothing can be put into.
_NONE = re.compile(r"[:(]|\belse\b|\bhappen", re.IGNORECASE)
_YES_NO = re.compile(rf"^{AUXILIARY}\b", re.IGNORECASE)
_ADJUNCT = re.compile(
    r"(?:when|where|why|how|since when|until when|how (?:long|often|soon|far)|"
    r"(?:for|in|on|at|from|by|over|with|to|under|since|until|of) (?:how|what|which|whom|whose)\b.*"
    r"|(?:what|which) (?:year|month|day|date|time))",
    re.IGNORECASE,
)
_HELPED = re.compile(
    rf"(?P<opener>(?:\w+ )?(?:who|whom|what|which|whose|when|where|why|how)\b(?:(?! {AUXILIARY}\b)[^?:])*) "
    rf"(?P<auxiliary>{AUXILIARY}) (?P<rest>[^?:]+)",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"(?P<opener>who|what|(?:which|how many|how much)(?= \w))(?P<rest> [^?:]+)", re.IGNORECASE
)
_NOUN = re.compile(r"(?:what|which|how many|how much) (?P<noun>.+)", re.IGNORECASE)
_BEING = frozenset("is are was were isn't aren't wasn't weren't".split())
_DOING = frozenset("do does did doesn't don't didn't".split())
_SUBJECT = re.compile(r"(?:the|an?|its|their|his|her|this|that|these|those|they|he|she|it|you|we)\b", re.I)
_ONGOING = re.compile(r"\b\w{2,}(?:ing|ed)\b")
# What stands behind the object: it goes in before this.
_BEHIND = re.compile(
    r" (?:to|in|on|at|for|from|with|by|over|until|since|after|before|during|above|per|last|next|today)\b",
    re.I,
)
_FINITE = re.compile(r"\b(?:is|are|was|were|has|had|will|would|said|says|did|does|who|which|that)\b", re.I)
_SURE_PAST = re.compile(r"[a-z]{3,}ed")


@dataclass(frozen=True, slots=True)
class Clause:
    """`auxiliary` and `body` in the order of a question; `statement` the same told, "" where it is not known.

    `subject` is the answer where that is whom the clause is about, else "".
    """

    auxiliary: str
    body: str
    statement: str = ""
    subject: str = ""

    def opened_by(self, words: str) -> str:
        """The clause asked with these words in front."""
        return f"{words} {self.auxiliary} {self.body}"


def clause_of(question: str, answer: str = "") -> Clause | None:
    """`question` as a clause, with `answer` in the place that it asks for; None where rules cannot tell."""
    question = question.rstrip("? ")
    if _NONE.search(question):
        return None
    if _YES_NO.match(question):
        auxiliary, _, rest = question.partition(" ")
        return Clause(auxiliary.lower(), rest) if rest else None
    helped = _HELPED.fullmatch(question)
    if helped:
        return _of_helped(helped["opener"], helped["auxiliary"].lower(), helped["rest"], short(answer))
    plain = _PLAIN.fullmatch(question)
    return _of_plain(plain["opener"].lower(), plain["rest"].split(), answer) if plain else None


def short(answer: str) -> str:
    """`answer` as it stands inside a question, where it is little more than a name, an amount, a thing."""
    bare = answer.strip().strip('.,;:"“”')
    words = bare.split()
    if not 0 < len(words) <= _MOST_WORDS or re.search(r"[\n:;?!(]", bare) or _FINITE.search(bare):
        return ""
    if any(word in PLAIN_OF_PAST and word not in PLAIN for word in words):
        return ""
    return inside(bare)


def inside(text: str) -> str:
    """`text` without the capital that only opens it."""
    first, _, rest = text.partition(" ")
    opens = first.lower() in FUNCTION_WORDS and first[1:].islower() and not rest[:1].isupper()
    return text[0].lower() + text[1:] if opens else text


def _of_helped(opener: str, auxiliary: str, rest: str, answer: str) -> Clause | None:
    opener = opener.lower()
    if _ADJUNCT.fullmatch(opener):
        return Clause(auxiliary, rest)
    named = names(rest)
    begins_with_name = bool(named) and named[0].start == 0
    inverted = auxiliary in _DOING or begins_with_name or bool(_SUBJECT.match(rest))
    if auxiliary in _BEING and opener == "who" and not begins_with_name:
        inverted = bool(_SUBJECT.match(rest) and re.search(r"ing\b", rest))
    noun = _NOUN.fullmatch(opener)
    if not inverted:
        subject = _subject(opener, noun["noun"] if noun else "", answer)
        if not subject:
            return None
        return Clause(auxiliary, f"{subject} {rest}", f"{subject} {auxiliary} {rest}", subject)
    if opener.startswith("how ") and not opener.startswith(("how many", "how much")):
        noun, answer = None, answer if auxiliary in _BEING else ""
    thing = answer or (noun["noun"] if noun and "how much" not in opener else "")
    if not thing and auxiliary in _BEING and not _ONGOING.search(rest):
        return None
    behind = None if auxiliary in _BEING else _BEHIND.search(rest)
    place = behind.start() if behind else len(rest)
    return Clause(auxiliary, f"{rest[:place]} {thing}{rest[place:]}" if thing else rest)


def _of_plain(opener: str, words: list[str], answer: str) -> Clause | None:
    """Of "Who won …", "Which banks closed …": a finite verb follows what is asked for."""
    first = 0 if opener in ("who", "what") else 1
    at = _verb_at(words, first)
    if at is None:
        return None
    noun, verb, rest = words[:at] if first else [], words[at], words[at + 1 :]
    subject = _subject(opener, " ".join(noun), short(answer) or _leading(answer, verb))
    if not subject:
        return None
    adverbs = [] if first else words[:at]
    told = " ".join([subject, *adverbs, verb, *rest])
    base, does = PLAIN_OF_PAST.get(verb), PLAIN_OF_THIRD.get(verb)
    if base is None and does is None:
        return Clause("was it that", told, told, subject)
    several = " and " in subject or (bool(noun) and subject.endswith("s"))
    auxiliary = "did" if base else "do" if several else "does"
    return Clause(auxiliary, " ".join([subject, *adverbs, base or does or "", *rest]), told, subject)


def _verb_at(words: list[str], first: int) -> int | None:
    """Where the finite verb is, from `first` on; only adverbs may come before it where nothing is named."""
    for at, word in enumerate(words[first : first + 4], first):
        if word in PLAIN_OF_PAST or word in PLAIN_OF_THIRD or _SURE_PAST.fullmatch(word):
            return at
        if first == 0 and not word.endswith("ly") and word not in ("also", "first", "last"):
            return None
    return None


def _subject(opener: str, noun: str, answer: str) -> str:
    """Who or what the clause is about: the answer, for amounts and where there is none the noun asked for."""
    if opener.startswith("how "):
        return noun
    if answer and names(" " + answer):
        return answer
    return f"the {noun}" if noun else answer if opener == "what" else ""


def _leading(answer: str, verb: str) -> str:
    """The name that an answer opens with, where the verb of the question follows it."""
    found = names(" " + answer)
    begins = bool(found) and found[0].start == 1
    return found[0].text if begins and answer[found[0].end - 1 :].startswith(f" {verb} ") else ""
