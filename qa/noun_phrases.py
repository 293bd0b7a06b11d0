"""What a question speaks of without a name: "the rent cap" of "When does the rent cap take effect?"."""

import re

from qa.verb_forms import PLAIN, PLAIN_OF_PAST

_THE = re.compile(r"\bthe (?!same\b|first\b|most\b|other\b|\w+est\b)(?=(?P<words>[a-z][a-z' -]*))")
_PREPOSITION = re.compile(r"\b(?:in|on|at|of|for|from|with|by|about|against|to|over|under) $", re.IGNORECASE)
_MOST_WORDS = 3
# No noun phrase goes on past these, and none goes on past a verb.
_ENDS = frozenset(
    """to in on at of for from with by over until since after before during about against into than and or
    that which who when is are was were has have had do does did will would can could should may might be been
    not last next this also now yet""".split()
)
_NO_NOUNS = frozenset("people company companies government percentage share number".split())


def definite(question: str) -> list[str]:
    """Each "the …" in small letters that surely ends where it is cut, in order.

    After a preposition nothing but another one ends it; elsewhere a verb may: "did the ferry sink".
    """
    found = []
    for match in _THE.finditer(question):
        words = match["words"].split()
        may_act = not _PREPOSITION.search(question[: match.start()])
        taken: list[str] = []
        for at, word in enumerate(words):
            last_verb = at + 1 == len(words) or not _is_verb(words[at + 1])
            if word in _ENDS or (taken and may_act and _is_verb(word) and last_verb):
                break
            taken.append(word)
        if taken and len(taken) <= _MOST_WORDS and taken[-1] not in _NO_NOUNS:
            found.append(" ".join(("the", *taken)))
    return list(dict.fromkeys(found))


def _is_verb(word: str) -> bool:
    return word in PLAIN or word in PLAIN_OF_PAST or word.endswith("ing")
