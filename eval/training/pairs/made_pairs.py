"""Pairs made by rule from the sentences and questions of the public question sets."""

import random
import re
from collections.abc import Sequence

from eval.training.data.examples import Example
from eval.training.pairs.declarative import declarative, kind_of
from eval.training.pairs.pair import CONTRADICTION, ENTAILMENT, Pair
from eval.training.pairs.sentence_pairs import KINDS, RATES, Found, Told
from index.text.sentences import split

# How often a pair is made of a question, on the scale of RATES.
_ANSWER_RATE = 4.0

# Contexts of which no pairs are made: they judged the trainings that the bundled model came of.
_HELD_OUT_SHARE = 0.05
_TRIES = 60

_NOTE = re.compile(r"\[(?:\d+|[a-z]|note \d+|citation needed|update)\](?::\s?\d+)?|\u200b")


class MadePairs:
    """Makes pairs of `examples`: of the contexts' sentences, and of their questions with the answers."""

    def __init__(self, examples: Sequence[Example]) -> None:
        asked: dict[str, list[Example]] = {}
        for one in examples:
            asked.setdefault(one.context, []).append(one)
        self._asked = {context: about for context, about in asked.items() if not _is_held_out(context)}
        self._contexts = [*self._asked]
        self._sentences: dict[str, list[str]] = {}
        self._others: dict[str, list[str]] = {}
        for about in self._asked.values():
            for one in about:
                if one.answerable and len(one.answer) < 40 and (kind := kind_of(one.answer)):
                    first = one.question.lower().split(" ", 1)[0]
                    self._others.setdefault(f"{first} {kind}", []).append(one.answer)

    def draw(self, count: int, draw: random.Random) -> list[Pair]:
        """About `count` pairs."""
        made: list[Pair] = []
        rates = {"answer": _ANSWER_RATE, **RATES}
        kinds, weights = [*rates], [*rates.values()]
        while self._contexts and len(made) < count:
            kind = draw.choices(kinds, weights)[0]
            for _ in range(min(_TRIES, 4 * len(self._contexts))):
                context = draw.choice(self._contexts)
                if kind == "answer":
                    found = self._state_answer(draw.choice(self._asked[context]), draw)
                else:
                    told = self._draw_sentence(context, draw)
                    found = KINDS[kind](told, draw) if told else []
                if found:
                    made += [Pair(premise, other, label, kind) for premise, other, label in found]
                    break
            else:
                count -= 1  # not every context lends itself to a kind that is rare
        return made

    def _draw_sentence(self, context: str, draw: random.Random) -> Told | None:
        sentences = self._of(context)
        if not sentences:
            return None
        place = draw.randrange(len(sentences))
        return Told(sentences[place], tuple(sentences[:place] + sentences[place + 1 :]))

    def _of(self, context: str) -> list[str]:
        """The context's plain sentences."""
        if context not in self._sentences:
            text = re.sub(r"\s+", " ", _NOTE.sub("", context))
            self._sentences[context] = [
                text[start:end] for start, end in split(text) if _is_plain(text[start:end])
            ]
        return self._sentences[context]

    def _state_answer(self, example: Example, draw: random.Random) -> Found:
        """A question with its answer as a statement that its sentence entails, and with another one."""
        if not example.answerable:
            return []
        statement = declarative(example.question, example.answer)
        if statement is None:
            return []
        answer = _NOTE.sub("", example.answer).strip()
        told = [one for one in self._of(example.context) if answer in one]
        if len(told) != 1 or not _shares_words(statement.frame, told[0]):
            return []
        right = (told[0], statement.of(answer), ENTAILMENT)
        others = [
            one
            for one in self._near(example, statement.kind, draw)
            if one.lower() not in told[0].lower() and one.lower() not in " ".join(example.answers).lower()
        ]
        if not others or draw.random() < 0.4:
            return [right]
        wrong = (told[0], statement.of(draw.choice(others)), CONTRADICTION)
        return [right, wrong] if draw.random() < 0.7 else [wrong]

    def _near(self, example: Example, kind: str, draw: random.Random) -> list[str]:
        """Answers of the same kind: to other questions of the context, else to any that begins the same."""
        first = example.question.lower().split(" ", 1)[0]
        near = [one.answer for one in self._asked[example.context] if one.question != example.question]
        alike = sorted({one for one in near if kind_of(one) == kind and len(one) < 40})
        if alike and kind != "name":
            return alike
        others = self._others.get(f"{first} {kind}", [])
        return draw.sample(others, min(3, len(others)))


def _is_held_out(context: str) -> bool:
    return random.Random(context).random() < _HELD_OUT_SHARE  # noqa: S311 - no secret


def _is_plain(sentence: str) -> bool:
    words = len(sentence.split())
    return (
        6 <= words <= 38
        and len(sentence) <= 230  # two of them fit a row
        and sentence[0].isupper()
        and sentence.endswith(".")
        and sentence.count('"') % 2 == 0
        and sentence.count("(") == sentence.count(")")
        and ":" not in sentence
    )


_COMMON = frozenset("what which where when does have that this with from were their been into".split())


def _shares_words(frame: str, sentence: str) -> bool:
    """Whether most words of the statement stand in the sentence; the others are paraphrase."""
    words = {one for one in re.findall(r"\w{4,}", frame.lower()) if one not in _COMMON}
    told = sentence.lower()
    return bool(words) and sum(one[:5] in told for one in words) >= 0.6 * len(words)
