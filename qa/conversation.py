"""A follow-up made standalone: what it leaves out is taken from the conversation, by rule.

"What about X?" asks the earlier question of X. A pronoun stands for whom or what was last spoken of. A
question too short to stand alone, or that points back ("to that"), is asked together with the earlier one.
"""

import re
from collections.abc import Sequence

from qa.records import Turn
from qa.terms import FUNCTION_WORDS

# Earlier turns looked at: a name that nobody has said for so long is not meant.
REACH = 5

_WHAT_ABOUT = re.compile(
    r"^(?:and|but|or|so|ok|okay)?,?\s*(?:what|how)\s+about\s+(?P<rest>.+?)\??$", re.IGNORECASE
)
_AND = re.compile(r"^(?:and|but)\s+(?P<rest>.+?)\??$", re.IGNORECASE)
_SUBJECT = re.compile(r"\b(?:it|they|he|she|him|them)\b", re.IGNORECASE)
_POSSESSIVE = re.compile(r"\b(?:its|their|his|her)\b", re.IGNORECASE)
_PERSONAL = frozenset({"he", "she", "him", "his", "her"})
_POINTS_BACK = re.compile(
    r"""\b(?:to|of|about|for|on|with|from|after|before|behind)\s+(?:that|this|those|these)\b
    |\b(?:that|this|these|those|there)\W*$
    |\b(?:one|ones|in[ ]return|instead|the[ ](?:deal|business|project|order|company))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PLURAL = frozenset({"they", "them", "their"})
_NAME = re.compile(
    r"\b(?:[A-Z][\w&.’'-]*[\w]|[A-Z]{1}\b)(?:\s+(?:of|the|and|de|van|von)\s+(?=[A-Z])|\s+(?=[A-Z]))?",
    re.UNICODE,
)
_WORD = re.compile(r"[\w$€£%][\w.,$€£%'’-]*[\w%]|\w", re.UNICODE)

# Words that carry no topic: a question of these alone cannot stand alone.
_FUNCTION = FUNCTION_WORDS | frozenset(
    """many long often far old big large high mean say said happen happened period amount number size date
    time kind reason company""".split()
)


def standalone(question: str, history: Sequence[Turn]) -> str:
    """`question` as someone would ask it who had not heard `history`; unchanged where it stands alone.

    What is added comes verbatim from earlier questions and answers. Two follow-ups in a row work because
    the earlier question is itself made standalone first.
    """
    question = " ".join(question.split())
    if not history:
        return question
    earlier = standalone(history[-1].question, history[:-1][-REACH:])
    about = _WHAT_ABOUT.match(question)
    if about is None and len(_topic_words(question)) <= 2:
        about = _AND.match(question)
    if about:
        return _ask_of(earlier, about["rest"])
    has_own_name = bool(_names(question))
    pronoun = _POSSESSIVE.search(question) or _SUBJECT.search(question)
    if pronoun and not has_own_name:
        word = pronoun[0].lower()
        meant = _spoken_of(earlier, history[-1].answer, personal=word in _PERSONAL, plural=word in _PLURAL)
        return _replace(question, pronoun, meant) if meant else _together(question, earlier)
    if _POINTS_BACK.search(question) or (not has_own_name and len(_topic_words(question)) <= 2):
        return _together(question, earlier)
    return question


def _ask_of(earlier: str, rest: str) -> str:
    """The earlier question with its subject exchanged for the name `rest`; without a name both together."""
    names = _names(earlier)
    if not (names and _names(rest)):
        return _together(rest, earlier)
    subject = re.compile(re.escape(names[0]) + r"(?P<possessive>['’]s?)?")
    return subject.sub(lambda match: rest + ("'s" if match["possessive"] else ""), earlier, count=1)


def _together(question: str, earlier: str) -> str:
    return f"{question.rstrip('?')}: {earlier}"


def _replace(question: str, pronoun: re.Match[str], name: str) -> str:
    if _POSSESSIVE.fullmatch(pronoun[0]):
        name += "'s"
    return question[: pronoun.start()] + name + question[pronoun.end() :]


def _spoken_of(question: str, answer: str, *, personal: bool, plural: bool) -> str | None:
    """What a pronoun most likely stands for: the question's first name, with what it is said to have.

    "He" and "she" stand for someone, whom an answer to "who" names. "It" does not stand for two names
    joined by "and".
    """
    asked = _names(question)
    if personal and question.lower().startswith("who"):
        people = [name for name in _names(answer) if " " in name and name not in asked]
        asked = people[:1] or asked
    names = [name for name in asked or _names(answer) if plural or " and " not in name]
    if not names:
        return None
    owned = re.search(rf"{re.escape(names[0])}['’]s(?: (?!was|is|has|been|called)[a-z-]+){{1,3}}", question)
    return owned[0] if owned and not personal else names[0]


def _names(text: str) -> list[str]:
    """Runs of capitalised words, without a capital that only opens the sentence as a question word."""
    found: list[str] = []
    position = 0
    for match in _NAME.finditer(text):
        word = match[0].strip()
        joined = found and match.start() == position and text[position - 1 : position].isspace()
        position = match.end()
        if word.lower() in _FUNCTION:
            continue
        if joined:
            found[-1] = f"{found[-1]} {word}"
        else:
            found.append(word)
    return [re.sub(r"['’]s$", "", name) for name in found]


def _topic_words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word.lower() not in _FUNCTION]
