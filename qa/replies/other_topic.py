""" "What about Meta?": the question before, with its topic replaced by another one."""

import re
from collections.abc import Sequence

import numpy as np

from index.records import Embedder
from qa.language.clauses import PREPOSITIONS
from qa.language.names import names_in
from qa.language.phrases import LEADS, noun_phrases

# What a phrase wins for being one thing, or several, as the topic is. Source: own choice.
_SAME_NUMBER = 0.2


def replace_topic(question: str, topic: str, embedder: Embedder) -> str | None:
    """The question of `topic` in place of what is likest to it there; None where nothing can be replaced.

    A name takes the place of a name, where the question holds one.
    """
    stretches = list(noun_phrases(question))
    if topic[:1].isupper() and any(one.isupper() for one in topic):
        names = sorted(names_in(f"- {question}"), key=lambda one: (-len(one), one))
        found = [re.search(rf"(?<!\w){re.escape(one)}(?!\w)", question) for one in names]
        stretches = sorted(one.span() for one in found if one is not None) or stretches
    if not stretches:
        return None
    wanted, *known = embedder.embed([topic, *(question[start:end] for start, end in stretches)])
    likeness = [
        float(one @ wanted) + _SAME_NUMBER * (_is_plural(question[start:end]) == _is_plural(topic))
        for one, (start, end) in zip(known, stretches, strict=True)
    ]
    start, end = stretches[int(np.argmax(np.round(likeness, 6)))]
    if question[:start].lower().endswith(("many ", "much ")):  # "how many crew", not "how many the crew"
        topic = re.sub(rf"^(?:{'|'.join(sorted(LEADS))})\s+", "", topic, flags=re.IGNORECASE)
    begins = topic.lower().startswith(tuple(f"{one} " for one in (*LEADS, *PREPOSITIONS)))
    before = question[:start]
    if begins:  # "the second plant" brings its own article
        before = re.sub(rf"\b(?:{'|'.join(sorted(LEADS))})\s+$", "", before, flags=re.IGNORECASE)
    said = question[start:end]
    owner = re.search(r"['’]s?$", said)
    return f"{before}{topic}{owner[0] if owner else ''}{question[end:]}"


def _is_plural(phrase: str) -> bool:
    last = phrase.rsplit(maxsplit=1)[-1]
    return last.endswith("s") and not last.endswith(("ss", "'s", "’s")) and not last[:1].isupper()


def replace_word(words: Sequence[str], topic: str, embedder: Embedder) -> tuple[str, ...]:
    """The words that a follow-up took of the talk, with the topic in place of what is likest to it."""
    wanted, *known = embedder.embed([topic, *words])
    at = int(np.argmax(np.round([float(one @ wanted) for one in known], 6)))
    return (*words[:at], topic, *words[at + 1 :])
