"""A question of a few words asked with what the earlier one holds: "Why?", "How many?", "Who said so?"."""

import re
from collections.abc import Sequence

from qa.clause import AUXILIARY, Clause, clause_of, inside, short
from qa.mentions import Asked, names
from qa.terms import FUNCTION_WORDS, terms

_AND = r"(?:(?:and|but|or|so|ok|okay),?[ ])?"
_LED_UP = re.compile(r"^(?:And|But|Or|So|Ok|Okay|OK),? (?P<first>[a-z])")
_ADJUNCT = re.compile(rf"^(?:when|where|why|how) (?={AUXILIARY}\b)", re.IGNORECASE)
_PLACE = r"(?:in|on|at|from|of|near|among|for|to) "
_NO_VERB = rf"(?!{AUXILIARY}\b)[\w'’-]+"
# Question words without a verb.
_BARE = re.compile(
    rf"""^{_AND}(?P<words>(?:(?:since|until|from|by|as\ of|starting|beginning)\s+when
    |(?:why|when|where)(?:\s+exactly)?
    |how(?:\s+so|\s+come|\s+exactly)?|how\s+(?:long|often|soon|fast)|(?:by\s+|for\s+)?how\s+(?:much|many|long)
    |(?:to|by|from|with|for|against)\s+whom|according\ to\ whom
    |(?:from|in|on|at|over|for|by|to|with|under|during|through|until|since|of|against)\s+
    (?:what|which|whose|how\ many|how\ much)\s+{_NO_VERB}(?:\s+{_NO_VERB}){{0,2}}
    |(?:what|which)\s+(?:year|month|day|date|time|country|city|state|reason|purpose)))$""",
    re.IGNORECASE | re.VERBOSE,
)
_ELSE = re.compile(rf"^{_AND}(?P<head>(?P<word>who|what|where|when|how|why) else)$", re.IGNORECASE)
_WHAT_FOR = re.compile(rf"^{_AND}(?P<what>what) (?P<preposition>for|with)$", re.IGNORECASE)
_HOW_MANY_THERE = re.compile(rf"^{_AND}(?P<many>how (?:many|much)) (?P<there>{_PLACE}.+)$", re.IGNORECASE)
_OF_THESE = re.compile(r"^of (?:them|these|those|that|this|it)\b", re.IGNORECASE)
_MANY = re.compile(r"^(?P<many>how (?:many|much))\b", re.IGNORECASE)
# "How many does it expect to sell?", "How many abstained?": of what was counted before.
_MANY_OF_WHAT = re.compile(
    rf"^(?P<many>{_AND}how many)(?= (?:{AUXILIARY}|[a-z]+ed)\b)(?! (?:will|would|can) [a-z]+s\b)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    rf"^(?P<asks>how many|which) (?P<noun>(?:(?!{AUXILIARY}\b|of\b|more\b|other\b)[a-z-]+ ){{0,2}}?"
    r"(?:[a-z]{2,}[^\Ws]s|people|men|women|children))\b(?P<rest>.*)",
    re.IGNORECASE,
)
_OF_THEM = re.compile(
    r"^(?P<of>(?:and )?(?:how many|which|who|what share|most|any)(?: one)? of) them\b", re.I
)
_SAID_SO = re.compile(
    rf"^{_AND}(?P<who>who (?:said|says|reported|reports|claimed|claims|confirmed|confirms))"
    r"(?: so| that| this| it)?$",
    re.IGNORECASE,
)
# An answer of so many words says something; one of more says several things.
_STATEMENT_WORDS = range(4, 31)
# With fewer content words of the question in it, a statement does not say of whom it is.
_SHARED_WORDS = 2
# "Did France?" leaves out what was done.
WHO_DID = re.compile(rf"^(?i:{AUXILIARY}) (?:the )?[A-Z][\w.&-]*(?: [A-Z][\w.&-]*)*$")


def of_fragment(question: str, earlier: str, answer: str = "") -> str | None:
    """A question without a verb of its own, opened with the earlier one's clause; None for another question.

    What the earlier one asked for stands in the clause by its short `answer`: "Who won?" and "When?" are
    "When did Norwind win?". Where rules can make no clause of it, both are kept.
    """
    question = question.rstrip("?").rstrip()
    other = _ELSE.match(question)
    if other and re.match(rf"{other['word']}\b(?! else\b)", earlier, re.IGNORECASE):
        return other["head"] + earlier[len(other["word"]) :]
    there = _HOW_MANY_THERE.match(question)
    if there and not _OF_THESE.match(there["there"]) and _MANY.match(earlier):
        return f"{earlier.rstrip('? ')} {there['there']}?"
    if _LED_UP.match(question):
        question = _LED_UP.sub(lambda led: led["first"].upper(), question, count=1)
    what = _WHAT_FOR.match(question)
    bare = _BARE.match(question)
    if not (what or bare):
        return None
    clause = clause_of(earlier, answer)
    if what:
        return f"{clause.opened_by(what['what'])} {what['preposition']}?" if clause else None
    return _opened(bare["words"], clause, earlier) if bare else None


def _opened(words: str, clause: Clause | None, earlier: str) -> str:
    whose = re.match(r"of (?:what|which) ", words, re.IGNORECASE)
    if whose and clause and clause.subject:
        return f"{words} is {clause.subject}?"
    if _ADJUNCT.match(earlier):
        return _ADJUNCT.sub(lambda _: words + " ", earlier, count=1)
    amount = re.search(r"\bhow (?:much|many)$", words, re.IGNORECASE)
    if clause is None or (amount and clause.auxiliary == "was it that"):
        return together(words, earlier)
    return f"{clause.opened_by(words)}?"


def who_said(question: str, earlier: str, answer: str) -> str | None:
    """ "Who said so?" with what was said; None for another question, or where that is not known."""
    asks = _SAID_SO.match(question.rstrip("? "))
    if asks is None:
        return None
    clause = clause_of(earlier, answer)
    told = clause.statement if clause else ""
    bare = " ".join(answer.split()).strip(' ."“”')
    about = ""
    explains = re.match(r"(?:why|how)\b(?! (?:many|much|long|old|large|big)\b)", earlier, re.IGNORECASE)
    if not told and (explains or not short(answer)) and len(bare.split()) in _STATEMENT_WORDS:
        told = inside(bare)
        if len(terms(told).keys() & terms(earlier).keys()) < _SHARED_WORDS:
            named = [one.text for one in names(earlier) if one.text not in told]
            about = f" ({', '.join(named)})" if named else ""
    return f"{asks['who']} that {told}{about}?" if told else None


def of_them(question: str, earlier: str) -> str | None:
    """ "How many of them …" with what they are, and what was asked of them in brackets."""
    of, many = _OF_THEM.match(question), _COUNTED.match(earlier)
    if of is None or many is None:
        return None
    rest = many["rest"].strip("? ").split()
    while rest and rest[0].lower() in FUNCTION_WORDS:
        rest = rest[1:]
    context = f" ({' '.join(rest)})" if rest else ""
    return f"{of['of']} the {many['noun']}{question[of.end() :].rstrip('? ')}{context}?"


def counted(question: str, talk: Sequence[Asked]) -> str:
    """With what was counted before, where "how many" has nothing to count: "How many abstained?"."""
    bare = _MANY_OF_WHAT.match(question)
    many = next((found for asked in reversed(talk) if (found := _COUNTED.match(asked.understood))), None)
    if bare is None or many is None or many["asks"].lower() == "which":
        return question
    return f"{bare['many']} {many['noun']}{question[bare.end() :]}"


def together(question: str, earlier: str) -> str:
    """Both, the follow-up first: "Why: Who won the order?"."""
    return f"{question.rstrip('?').rstrip()}: {earlier}"
