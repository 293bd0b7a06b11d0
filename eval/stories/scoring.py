"""Which account an article is, and whether a sentence of it gives the account's answer.

Words are compared as runs of a-z and 0-9, so that hyphens, quotation marks and capitals make no difference.
"""

import re
from collections import Counter
from dataclasses import dataclass

from qa.records import Citation

# A sentence with a higher F1 against a gold answer says the same, though it holds no such run of words.
SENTENCE_F1 = 0.7
# A sentence that is part of a gold answer is no chance find from so many words on.
_LONG_ANSWER = 5

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """An account by its story's id and its letter there."""

    story: str
    key: str

    def within(self, story: str) -> str:
        """The letter in its own story, elsewhere with the story's id."""
        return self.key if self.story == story else f"{self.story}/{self.key}"


def holds(citation: Citation, gold: str) -> bool:
    """Whether the citation's whole sentence `gives` the gold answer."""
    return gives(citation.sentence or citation.quote, gold)


def gives(sentence: str, gold: str) -> bool:
    """Whether a sentence gives the gold answer: holds it, is part of it, or is close."""
    said, wanted = _words(sentence), _words(gold)
    told, asked = f" {' '.join(said)} ", f" {' '.join(wanted)} "
    part = len(wanted) >= _LONG_ANSWER and told in asked
    return asked in told or part or _overlap(said, wanted) > SENTENCE_F1


def word_f1(text: str, gold: str) -> float:
    """Words shared with the gold answer, 0..1."""
    return _overlap(_words(text), _words(gold))


def _overlap(one: list[str], other: list[str]) -> float:
    shared = (Counter(one) & Counter(other)).total()
    return 2 * shared / (len(one) + len(other)) if shared else 0.0


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
