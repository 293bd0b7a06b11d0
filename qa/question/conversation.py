"""What is asked, understood once; a follow-up takes words of the talk before it, and is never rewritten.

The reader's network says of each word of the earlier turn whether the question needs it (Voskarides et al.
2020, QuReTeC). A question that needs none stands alone and stays as it is. The words are searched for
together with the question, and shown, so that each can be taken away; the reader hears the earlier turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from index.records import Embedder, Vectors
from qa.language.phrases import noun_phrases
from qa.language.terms import FUNCTION_WORDS, stem, terms
from qa.question.kinds import Kind, kind_of
from qa.question.requests import Request, Requests
from qa.records import Answer, Citation, Turn

# A question with a word that is needed so surely is a follow-up; then each word from the second on counts.
# Source: held-out stories, 114 follow-ups and 1,031 questions after others that stand alone: 77 in 100 of the
# first are seen as such, 90 of the others left alone; of the words needed 72 in 100 are found.
SURELY_NEEDED = 0.15
LEAST_NEEDED = 0.1

# A turn's answer may be a long sentence; so many of its characters are looked through.
_ANSWER_CHARACTERS = 400
_QUESTION_CHARACTERS = 4_000  # twice what may be asked: programs send any history
_MOST_ABOUT = 50


class Chooser(Protocol):
    """Says which words of a talk a follow-up needs."""

    def score_words(self, question: str, talk: Sequence[str]) -> list[tuple[str, float]]:
        """The words of the talk, oldest first, each with the probability that the question needs it."""


_QUESTION = Request("question")


@dataclass(frozen=True, slots=True, eq=False)
class QuestionVector:
    """A question as asked, embedded: shape (dimension,), by the embedder of that name."""

    embedder: str
    values: Vectors


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is understood: made once, and read by all that comes after.

    `question` is as its asker typed it. `about` are the words of the talk that it needs, and `talk` is what
    the reader hears of that; where they were chosen, `cited` is what the answer before was cited from.
    `request` says whether it is a question at all, or asks for an overview.
    """

    question: str
    about: tuple[str, ...] = ()
    talk: str = ""
    cited: tuple[Citation, ...] = ()
    request: Request = _QUESTION
    vector: QuestionVector | None = field(default=None, compare=False, repr=False)

    @property
    def kind(self) -> Kind:
        """What kind of answer is wanted: told from the question as asked, before words stand behind it."""
        return kind_of(self.question)

    @property
    def searched(self) -> str:
        """What is searched for."""
        return " ".join([self.question, *self.about])

    @property
    def standalone(self) -> str:
        """The question with the words that it needs, for people to read and for the next follow-up."""
        return f"{self.question} ({', '.join(self.about)})" if self.about else self.question

    def embed(self, text: str, embedder: Embedder) -> Vectors:
        """The vector of a text to search for, (dimension,); that of the question is not made again."""
        known = self.vector
        if known is not None and (known.embedder, self.question) == (embedder.name, text):
            return known.values
        values: Vectors = embedder.embed([text], query=True)[0]
        return values


def understand(
    question: str,
    history: Sequence[Turn | Answer] = (),
    chooser: Chooser | None = None,
    about: Sequence[str] | None = None,
    *,
    requests: Requests | None = None,
) -> Understood:
    """`question` with the words that it needs of the last turn, and what sort of request it is.

    With `about` these words are given, none of them chosen; then the reader hears them alone. Without a
    `chooser`, as with a reader of the user's own, the whole earlier question is heard. Without `requests`
    it is taken for a question.
    """
    taken = _take_words(question, history, chooser, about)
    if requests is None:
        return taken
    vector = requests.embed(question)
    request = requests.understand(question, vector, in_talk=bool(history))
    return replace(taken, request=request, vector=QuestionVector(requests.embedder.name, vector))


def _take_words(
    question: str,
    history: Sequence[Turn | Answer],
    chooser: Chooser | None,
    about: Sequence[str] | None,
) -> Understood:
    if about is not None:
        return Understood(question, tuple(about), ", ".join(about))
    if not history:
        return Understood(question)
    turn = turn_of(history[-1])
    talk = (turn.question[:_QUESTION_CHARACTERS], turn.answer[:_ANSWER_CHARACTERS])
    if chooser is None:
        words = [word for word in talk[0].rstrip("?").split() if terms(word)]
        chosen = _drop_said(words, question) if len(terms(question)) < 2 else ()
    else:
        needed = chooser.score_words(question, talk)
        chosen = _drop_said([word for word, likely in needed if likely >= SURELY_NEEDED], question)
        if chosen:
            chosen = _drop_said([word for word, likely in needed if likely >= LEAST_NEEDED], question)
    if not chosen:
        return Understood(question)
    phrases = _whole_phrases(chosen, talk, question)
    return Understood(question, phrases or chosen, " ".join(talk).strip(), turn.citations)


def _whole_phrases(words: Sequence[str], talk: Sequence[str], question: str) -> tuple[str, ...]:
    """The noun phrases of the talk that the words stand in, each once, without those that the question holds.

    A person reads them, and takes them away: "said" and "won" name nothing. What they say the reader hears.
    """
    wanted = {stem(word) for word in words}
    held = set(terms(f"- {question}"))
    found: list[tuple[str, set[str]]] = []
    for text in talk:
        for start, end in noun_phrases(text):
            phrase = text[start:end].removesuffix("'s").removesuffix("’s")
            stems = {stem(word) for word in phrase.split()}
            if stems & wanted and not stems <= held and not any(stems <= known for _, known in found):
                found = [*(one for one in found if not one[1] <= stems), (phrase, stems)]
    return tuple(phrase for phrase, _ in found)


def turn_of(earlier: Turn | Answer) -> Turn:
    """What a follow-up has to know of an earlier answer."""
    if isinstance(earlier, Turn):
        return earlier
    if earlier.further:  # the talk goes on from what came last
        return turn_of(earlier.further[-1])
    return Turn(earlier.standalone_question, earlier.text, earlier.citations, earlier.asked, earlier.about)


def shorten_turn(earlier: Turn | Answer) -> Turn | Answer:
    """A turn with no more than could have been asked and is looked through: programs send any history."""
    if isinstance(earlier, Answer):
        return earlier
    return replace(
        earlier,
        question=earlier.question[:_QUESTION_CHARACTERS],
        answer=earlier.answer[:_ANSWER_CHARACTERS],
        asked=earlier.asked[:_QUESTION_CHARACTERS],
        about=tuple(word[:_ANSWER_CHARACTERS] for word in earlier.about[:_MOST_ABOUT]),
    )


def _drop_said(words: Sequence[str], question: str) -> tuple[str, ...]:
    """The words that say something, each once, without those that the question holds."""
    held = set(terms(f"- {question}"))
    found: dict[str, str] = {}
    for word in words:
        key = stem(word)
        if key not in held and word.lower() not in FUNCTION_WORDS:
            found.setdefault(key, word)
    return tuple(found.values())
