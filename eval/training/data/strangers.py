"""Sentences of other stories that sound like an answer to a question and are none."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.training.data.questions import account_passage
from qa.comparison.model import ModelStatement

# Vectors of unit length, of shape (texts, width).
Embed = Callable[[Sequence[str]], NDArray[np.float32]]

# One of so many sentences, the nearest to the question, is taken: not always the same one.
_NEAREST = 12
_LEAST_CHARACTERS = 25


class Strangers:
    """The sentences of all stories, and of each question those of other stories that are nearest to it.

    What retrieval brings from another matter looks so: the words fit, and it is told of something else.
    """

    def __init__(self, stories: Sequence[Mapping[str, Any]], embed: Embed) -> None:
        self._statements: list[ModelStatement] = []
        story_of: list[int] = []
        for number, story in enumerate(stories):
            for account in story["accounts"]:
                made = statements_of(account)
                self._statements += made
                story_of += [number] * len(made)
        vectors = embed([one.sentence for one in self._statements])
        owners = np.array(story_of)
        self._near: dict[str, list[int]] = {}
        for number, story in enumerate(stories):
            asked = [question["standalone"] for question in story["questions"]]
            likeness = embed(asked) @ vectors.T
            likeness[:, owners == number] = -1.0
            most = min(_NEAREST, likeness.shape[1])
            nearest = np.argpartition(-likeness, most - 1, axis=1)[:, :most]
            for place, text in enumerate(asked):
                outside = [int(one) for one in np.sort(nearest[place]) if owners[one] != number]
                self._near[text] = outside

    def statements(self) -> list[ModelStatement]:
        """All of them, in the order of their stories."""
        return list(self._statements)

    def draw(self, asked: str, draw: random.Random) -> ModelStatement | None:
        """One of the nearest to the whole question `asked`; None where there is no other story."""
        near = self._near.get(asked)
        return self._statements[draw.choice(near)] if near else None


def statements_of(account: Mapping[str, Any]) -> list[ModelStatement]:
    """Each sentence of the account that may be taken for a statement."""
    passage = account_passage(account, None)
    befores = ["", *passage.sentences]
    return [
        ModelStatement(sentence, sentence, before, passage.title, account["published"])
        for before, sentence in zip(befores, passage.sentences, strict=False)
        if len(sentence) > _LEAST_CHARACTERS
    ]
