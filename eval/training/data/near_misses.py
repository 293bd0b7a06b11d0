"""Contexts that lack the answer to a question: its own less a sentence, or one that is much like it."""

import random
from collections.abc import Sequence

import numpy as np

from eval.training.data.examples import Example, leave_unanswered


def without_answer(example: Example) -> Example | None:
    """The question with the context less the sentence that answers; None where too little is left."""
    context = example.context
    before = context[: example.start]
    starts = [before.rfind(mark) + len(mark) for mark in (". ", "\n") if mark in before]
    start = max(starts, default=0)
    ends = [place + 1 for mark in (". ", ".\n", "\n") if (place := context.find(mark, example.end)) >= 0]
    end = min(ends, default=len(context))
    rest = (context[:start].rstrip() + " " + context[end:].lstrip()).strip()
    if len(rest) < 150 or example.answer.lower() in rest.lower():
        return None
    return leave_unanswered(example, context=rest)


class NearMisses:
    """The most similar context, by words, that lacks the answer: what a retriever would bring as well."""

    def __init__(self, examples: Sequence[Example]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._contexts = sorted({example.context for example in examples})
        self._vectorizer = TfidfVectorizer(stop_words="english", sublinear_tf=True, dtype=np.float32)
        self._matrix = self._vectorizer.fit_transform(self._contexts)

    def find(self, examples: Sequence[Example], draw: random.Random) -> list[Example]:
        """Each example with one of the contexts nearest to its question, without the answer, where one is."""
        made: list[Example] = []
        for first in range(0, len(examples), 512):
            batch = examples[first : first + 512]
            scores = (self._vectorizer.transform([one.question for one in batch]) @ self._matrix.T).toarray()
            for example, row in zip(batch, scores, strict=True):
                nearest = [self._contexts[place] for place in row.argsort()[::-1][:8] if row[place] > 0.05]
                lacking = [
                    context
                    for context in nearest
                    if context != example.context and example.answer.lower() not in context.lower()
                ]
                if lacking:
                    made.append(leave_unanswered(example, context=draw.choice(lacking[:4])))
        return made
