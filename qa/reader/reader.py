"""The reader: where the retrieved passages answer, in which words, and how probably.

A span model reads each passage together with the question and with who tells it. Each sentence is scored as a
whole; its best span, for a question for several things the stretch that names them all, gives the words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.records import Hit
from qa.question.conversation import Understood
from qa.question.kinds import Kind
from qa.reader.boundaries import extend
from qa.reader.candidates import CandidateSentence, candidates, headline
from qa.reader.spans import SpanModel, Stretch, Window, best_stretch, enclosing_stretch, sentence_logit
from qa.records import OnStage, Reading, ignore_stage
from qa.weights.fitted import load_fitted

# Features of a sentence: its logit, its best span's margin, the passage's cosine, and the constant.
FEATURES = 4

# Beyond it a logit says no more.
_LIMIT = 12.0

# What a passage that answers is like its question, where no retriever measured it.
_USUAL_COSINE = 0.6


@dataclass(frozen=True, slots=True)
class FoundSentence:
    """A sentence, its best span in characters of its view, and the features that it is scored by."""

    candidate: CandidateSentence
    stretch: Stretch
    features: NDArray[np.float64]


class Reader(Protocol):
    """Finds where passages answer a question."""

    def read(self, asked: Understood, hits: Sequence[Hit]) -> list[Reading]:
        """Candidate answers over all hits, best first; ties by article id and offset. Empty for no hits."""


class SpanReader:
    """Reads with any span model. The weights of each kind are the bundled one's unless others are given.

    `on_stage` is told "reading" after each window that was read; what it raises ends the reading.
    """

    def __init__(
        self,
        model: SpanModel,
        *,
        weights: Mapping[Kind, Sequence[float]] | None = None,
        on_stage: OnStage = ignore_stage,
    ) -> None:
        self._model = model
        self._between = partial(on_stage, "reading")
        given = load_fitted().reader if weights is None else weights
        self._weights = {kind: np.asarray(values, dtype=np.float64) for kind, values in given.items()}

    def read(self, asked: Understood, hits: Sequence[Hit]) -> list[Reading]:
        """The best span of every sentence with its probability, best first; ties by article id and offset."""
        found = self.find(asked, hits)
        if not found:
            return []
        features = np.stack([one.features for one in found])
        scores = 1.0 / (1.0 + np.exp(-(features @ self._weights[asked.kind])))
        readings = [_to_reading(one, float(score)) for one, score in zip(found, scores, strict=True)]
        return sorted(readings, key=lambda one: (-one.score, one.hit.article.id, one.start))

    def find(self, asked: Understood, hits: Sequence[Hit]) -> list[FoundSentence]:
        """What `read` scores, in the order of the hits; for the fit of the weights."""
        choose = enclosing_stretch if asked.kind == "list" else best_stretch
        passages = _passages(hits)
        texts, places = _texts(passages)
        articles = [one[0].hit.article for one in passages]
        titles = [headline(one.publisher, one.title) for one in articles]
        found: list[FoundSentence] = []
        read = self._model.windows(asked.question, texts, titles, asked.talk, between=self._between)
        for sentences, starts, windows in zip(passages, places, read, strict=True):
            for sentence, start in zip(sentences, starts, strict=True):
                if sentence.heading:
                    continue
                end = start + len(sentence.view.text)
                best = _best(choose, windows, start, end)
                if best is not None:
                    features = _features(sentence.hit, best, sentence_logit(windows, start, end))
                    found.append(FoundSentence(sentence, best, features))
        return found


def _passages(hits: Sequence[Hit]) -> list[list[CandidateSentence]]:
    """The sentences of each hit, those of neighbouring hits as one passage: together they explain each other.

    Neighbours share sentences; each is taken once. The order is that of the articles' ids and texts.
    """
    found: list[list[CandidateSentence]] = []
    before: Hit | None = None
    for hit in sorted(hits, key=lambda hit: (hit.article.id, hit.chunk.ordinal)):
        sentences = candidates(hit)
        neighbours = (
            before is not None
            and before.article.id == hit.article.id
            and hit.chunk.ordinal <= before.chunk.ordinal + 1
        )
        if neighbours and found:
            known = {sentence.span for sentence in found[-1]}
            found[-1] += [sentence for sentence in sentences if sentence.span not in known]
        elif sentences:
            found.append(sentences)
        before = hit
    return found


def _texts(passages: Sequence[Sequence[CandidateSentence]]) -> tuple[list[str], list[list[int]]]:
    """The cleaned sentences of each passage in one text, and where each begins in it."""
    texts, places = [], []
    for sentences in passages:
        starts, length = [], 0
        for sentence in sentences:
            starts.append(length)
            length += len(sentence.view.text) + 1
        texts.append(" ".join(sentence.view.text for sentence in sentences))
        places.append(starts)
    return texts, places


def _best(
    choose: Callable[[Window, int, int], Stretch | None], windows: Sequence[Window], low: int, high: int
) -> Stretch | None:
    """The best span inside a sentence over all windows, its places relative to the sentence."""
    best: Stretch | None = None
    for window in windows:
        stretch = choose(window, low, high)
        if stretch is not None and (best is None or stretch.margin > best.margin):
            best = Stretch(stretch.start - low, stretch.end - low, stretch.margin)
    return best


def _features(hit: Hit, stretch: Stretch, sentence: float | None) -> NDArray[np.float64]:
    """The features of one sentence; a model without a logit for sentences has half the span's margin."""
    logit = stretch.margin / 2 if sentence is None else sentence
    cosine = _USUAL_COSINE if hit.cosine is None else hit.cosine
    return np.array([np.clip(logit, -_LIMIT, _LIMIT), np.clip(stretch.margin, -_LIMIT, _LIMIT), cosine, 1.0])


def _to_reading(found: FoundSentence, score: float) -> Reading:
    sentence = found.candidate.span
    start, end = extend(found.candidate.view.text, found.stretch.start, found.stretch.end)
    place = found.candidate.original(start, end)
    return Reading(found.candidate.hit, place.start, place.end, sentence.start, sentence.end, score)
