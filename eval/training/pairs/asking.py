"""A claim as the yes/no question that asks about it."""

import re

from eval.training.pairs.verbs import BY_PAST
from qa.language.verbs import is_participle

_AUXILIARIES = frozenset("is are was were has have had will can could would did does".split())
_HAVE = {"has": "Does", "have": "Do", "had": "Did"}
# Before these forms a verb of the past is a participle: "the sold tickets", "a man named".
_NO_SUBJECT = frozenset("the a an of by and was were".split())
_LOWERED = frozenset(
    """the a an there it its his her their he she they we you in this that these those some all many most
    several no every each someone people""".split()
)
# A verb is sought among so many words.
_MOST_WORDS = 8


def as_question(claim: str) -> str | None:
    """ "The bridge was closed." as "Was the bridge closed?", "Ann won." as "Did Ann win?"; else None."""
    words = claim.rstrip(" .!").split()
    if len(words) < 3 or claim.rstrip().endswith("?"):
        return None
    place = next((at for at, word in enumerate(words[:_MOST_WORDS]) if at and _opens(word)), None)
    if place is None:
        return None
    subject, verb, rest = words[:place], words[place], words[place + 1 :]
    if verb in BY_PAST:
        if subject[-1].lower() in _NO_SUBJECT:
            return None
        verb, rest = "Did", [BY_PAST[verb].base, *rest]
    elif verb in _HAVE and rest and not is_participle(rest[0]):
        verb, rest = _HAVE[verb], ["have", *rest]
    if not rest or re.search(r"[,;:]", " ".join(subject)):
        return None
    if subject[0].lower() in _LOWERED:
        subject = [subject[0].lower(), *subject[1:]]
    return " ".join([verb.capitalize(), *subject, *rest]) + "?"


def _opens(word: str) -> bool:
    return word in _AUXILIARIES or word in BY_PAST
