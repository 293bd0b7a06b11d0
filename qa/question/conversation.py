"""What a follow-up takes from the talk before it: words that are chosen, never a sentence that is rewritten.

The reader's network says of each word of the earlier turn whether the question needs it (Voskarides et al.
2020, QuReTeC). A question that needs none stands alone and stays as it is. The words are searched for
together with the question, and shown, so that each can be taken away; the reader hears the earlier turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from qa.language.terms import FUNCTION_WORDS, stem, terms
from qa.records import Answer, Turn

# A question with a word that is needed so surely is a follow-up; then each word from the second on counts.
# Source: held-out stories, 114 follow-ups and 1,031 questions after others that stand alone: 77 in 100 of the
# first are seen as such, 90 of the others left alone; of the words needed 72 in 100 are found.
SURELY_NEEDED = 0.15
LEAST_NEEDED = 0.1

# A turn's answer may be a long sentence; so many of its characters are looked through.
_ANSWER_CHARACTERS = 400
_QUESTION_CHARACTERS = 4_000  # twice what may be asked: programs send any history


class Chooser(Protocol):
    """Says which words of a talk a follow-up needs."""

    def needed(self, question: str, talk: Sequence[str]) -> list[tuple[str, float]]:
        """The words of the talk, oldest first, each with the probability that the question needs it."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is understood: `about` are words of the talk; `talk` is what the reader hears."""

    question: str
    about: tuple[str, ...] = ()
    talk: str = ""

    @property
    def searched(self) -> str:
        """What is searched for."""
        return " ".join([self.question, *self.about])

    @property
    def standalone(self) -> str:
        """The question with the words that it needs, for people to read and for the next follow-up."""
        return f"{self.question} ({', '.join(self.about)})" if self.about else self.question


def understand(
    question: str,
    history: Sequence[Turn | Answer],
    chooser: Chooser | None,
    about: Sequence[str] | None = None,
) -> Understood:
    """`question` with the words that it needs of the last turn.

    With `about` these are given, none of them chosen; then the reader hears them alone. Without a `chooser`,
    as with a reader of the user's own, the whole earlier question is heard.
    """
    if about is not None:
        return Understood(question, tuple(about), ", ".join(about))
    if not history:
        return Understood(question)
    turn = turn_of(history[-1])
    talk = (turn.question[:_QUESTION_CHARACTERS], turn.answer[:_ANSWER_CHARACTERS])
    if chooser is None:
        words = [word for word in talk[0].rstrip("?").split() if terms(word)]
        chosen = _unsaid(words, question) if len(terms(question)) < 2 else ()
    else:
        needed = chooser.needed(question, talk)
        chosen = _unsaid([word for word, likely in needed if likely >= SURELY_NEEDED], question)
        if chosen:
            chosen = _unsaid([word for word, likely in needed if likely >= LEAST_NEEDED], question)
    return Understood(question, chosen, " ".join(talk).strip() if chosen else "")


def turn_of(earlier: Turn | Answer) -> Turn:
    """What a follow-up has to know of an earlier answer."""
    if isinstance(earlier, Turn):
        return earlier
    return Turn(earlier.standalone_question, earlier.text, earlier.citations)


def _unsaid(words: Sequence[str], question: str) -> tuple[str, ...]:
    """The words that say something, each once, without those that the question holds."""
    held = set(terms(f"- {question}"))
    found: dict[str, str] = {}
    for word in words:
        key = stem(word)
        if key not in held and word.lower() not in FUNCTION_WORDS:
            found.setdefault(key, word)
    return tuple(found.values())
