""" "What about Meta?": the question before, with its topic replaced by another one."""

import re
from collections.abc import Sequence

import numpy as np

from index.records import Embedder
from qa.language.clauses import PREPOSITIONS
from qa.language.names import names_in
from qa.language.phrases import LEADS, noun_phrases


def replace_topic(question: str, topic: str, embedder: Embedder) -> str | None:
    """The question of `topic` in place of what is likest to it there; None where nothing can be replaced.

    A name takes the place of a name, where the question holds one.
    """
    stretches = list(noun_phrases(question))
    if topic[:1].isupper() and any(one.isupper() for one in topic):
        names = names_in(f"- {question}")
        named = [(start, end) for start, end in stretches if any(one in question[start:end] for one in names)]
        stretches = named or stretches
    if not stretches:
        return None
    wanted, *known = embedder.embed([topic, *(question[start:end] for start, end in stretches)])
    start, end = stretches[int(np.argmax(np.round([float(one @ wanted) for one in known], 6)))]
    begins = topic.lower().startswith(tuple(f"{one} " for one in (*LEADS, *PREPOSITIONS)))
    before = question[:start]
    if begins:  # "the second plant" brings its own article
        before = re.sub(rf"\b(?:{'|'.join(sorted(LEADS))})\s+$", "", before, flags=re.IGNORECASE)
    said = question[start:end]
    owner = re.search(r"['’]s?$", said)
    return f"{before}{topic}{owner[0] if owner else ''}{question[end:]}"


def replace_word(words: Sequence[str], topic: str, embedder: Embedder) -> tuple[str, ...]:
    """The words that a follow-up took of the talk, with the topic in place of what is likest to it."""
    wanted, *known = embedder.embed([topic, *words])
    at = int(np.argmax(np.round([float(one @ wanted) for one in known], 6)))
    return (*words[:at], topic, *words[at + 1 :])
