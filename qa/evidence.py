"""What speaks for a sentence as the answer, beside the span model: retrieval, shared words, likeness."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from index.clean import View, clean, normalise
from index.records import Embedder, Hit, Span
from qa.terms import terms

# What a passage that answers is like its question, where no retriever measured it.
# Source: mean over the held-out questions that `eval.fit_reader` fits on.
USUAL_LIKENESS = 0.6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit: its place in the article, and its cleaned view with the way back."""

    hit: Hit
    span: Span
    view: View

    def original(self, start: int, end: int) -> Span:
        """Where characters `start` up to `end` of the view stand in the article."""
        place = self.view.original(start, end)
        return Span(self.span.start + place.start, self.span.start + place.end)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a sentence; each 0..1 or a little below."""

    passage_likeness: float  # cosine of question and passage, as retrieved
    words: float  # weighted share of the question's content words that the sentence holds
    around: float  # the same of the passage
    named: float  # share of the question's names and numbers that the passage holds; 1 where it has none

    def vector(self) -> tuple[float, ...]:
        """The fields in order."""
        return self.passage_likeness, self.words, self.around, self.named


def candidates(hit: Hit) -> list[Candidate]:
    """The sentences of the hit that hold any word, in order."""
    found = []
    for span in hit.chunk.sentences:
        view = _view(hit.article.text[span.start : span.end])
        if view.text.strip():
            found.append(Candidate(hit, span, view))
    return found


_held = lru_cache(maxsize=1024)(terms)

# Questions come back to the same passages: cleaning twelve takes 15 ms, which is a tenth of an answer's time.
_view = lru_cache(maxsize=4096)(clean)


def weigh(question: str, found: Sequence[Candidate]) -> list[Evidence]:
    """The evidence for each candidate, in order."""
    asked = terms(normalise(question))
    named = {term: weight for term, weight in asked.items() if weight > 1}
    return [
        Evidence(
            passage_likeness=USUAL_LIKENESS if one.hit.cosine is None else one.hit.cosine,
            words=_share(asked, terms(one.view.text)),
            around=_share(asked, _held(one.hit.chunk.text)),
            named=_share(named, _held(one.hit.chunk.text)) if named else 1.0,
        )
        for one in found
    ]


def likeness(question: str, found: Sequence[Candidate], embedder: Embedder) -> list[float]:
    """The cosine of the question and each candidate."""
    if not found:
        return []
    asked = embedder.embed([normalise(question)], query=True)[0]
    vectors = embedder.embed([" ".join(one.view.text.split()) for one in found])
    return [float(one) for one in np.asarray(vectors @ asked)]


def _share(asked: dict[str, float], held: dict[str, float]) -> float:
    total = sum(asked.values())
    return sum(weight for term, weight in asked.items() if term in held) / total if total else 0.0
