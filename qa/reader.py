"""The span reader: where the retrieved passages answer, in which words, and how probably.

A span model reads each passage together with the question. For every sentence its best span is taken, for a
question for several things the stretch that names them all; what the model says of it, how well the passage
was retrieved and what the sentence shares with the question make one probability.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.records import Embedder, Hit
from qa.evidence import Candidate, candidates, likeness, weigh
from qa.extent import extend
from qa.kinds import Kind, kind_of
from qa.records import Reading
from qa.spans import SpanModel, Stretch, Window, best_stretch, enclosing_stretch

# One weight each for the span model's margin, the fields of `Evidence`, the sentence's likeness to the
# question and the constant: logistic regressions. The order of readings rests on all; the score, which is the
# probability that the first reading answers, not on the words that are shared with the question. They order
# well (right first 79.0 % with them, 77.6 % without), but tell answers from the rest on SQuAD only, and
# mislead where people ask in words of their own and what does not answer repeats theirs (AUROC on the open
# half of the news set 0.59 with them, 0.70 without). The passage's rank, the model's logit that there is an
# answer, negation and the kind of thing asked for made no difference.
# Source: `python -m eval.fit_reader DATA --questions 800`, on questions that the model was not trained on.
ORDER: Mapping[Kind, Sequence[float]] = {
    "span": (0.287, 0.238, 0.048, 1.905, 0.561, 2.27, -5.117),
    "list": (0.272, 0.112, -0.741, 2.535, -1.482, 2.945, -3.306),
    "explanation": (0.267, -0.326, 1.087, 1.5, 0.356, 4.488, -5.916),
    "yes_no": (0.144, 1.806, 1.193, 3.343, -0.573, 0.647, -4.733),
}
WEIGHTS: Mapping[Kind, Sequence[float]] = {
    "span": (0.236, 0.725, 0.0, 0.0, 0.941, 2.231, -3.674),
    "list": (0.216, 1.191, 0.0, 0.0, -0.439, 2.5, -2.105),
    "explanation": (0.223, -0.224, 0.0, 0.0, 0.894, 4.093, -3.587),
    "yes_no": (0.123, 1.415, 0.0, 0.0, 0.937, 1.678, -2.23),
}
FEATURES = len(WEIGHTS["span"])

# Beyond it a margin says no more.
_MARGIN_LIMIT = 12.0

# Of the sentences read so many, the likeliest, are embedded: about 15 ms on two cores.
_EMBEDDED = 16


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence, its best span in characters of its view, and the features that it is scored by."""

    candidate: Candidate
    stretch: Stretch
    features: NDArray[np.float64]


class SpanReader:
    """Reads with any span model. The weights of each kind are the bundled one's unless others are given."""

    def __init__(
        self,
        model: SpanModel,
        embedder: Embedder,
        *,
        order: Mapping[Kind, Sequence[float]] = ORDER,
        weights: Mapping[Kind, Sequence[float]] = WEIGHTS,
    ) -> None:
        self._model = model
        self._embedder = embedder
        self._order, self._weights = (
            {kind: np.asarray(values, dtype=np.float64) for kind, values in one.items()}
            for one in (order, weights)
        )

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """The best span of every sentence with its probability, best first; ties by article id and offset."""
        kind = kind_of(question)
        found = self.find(question, hits, kind)
        if not found:
            return []
        features = np.stack([one.features for one in found])
        scores = 1.0 / (1.0 + np.exp(-(features @ self._weights[kind])))
        ranked = features @ self._order[kind]
        readings = [_reading(one, float(score)) for one, score in zip(found, scores, strict=True)]
        ordered = sorted(
            zip(ranked, readings, strict=True),
            key=lambda pair: (-pair[0], pair[1].hit.article.id, pair[1].start),
        )
        return [reading for _, reading in ordered]

    def find(self, question: str, hits: Sequence[Hit], kind: Kind) -> list[Found]:
        """What `read` scores, in the order of the hits; for the fit of the weights."""
        choose = enclosing_stretch if kind == "list" else best_stretch
        passages = _passages(hits)
        texts, places = _texts(passages)
        stretches: list[tuple[Candidate, Stretch]] = []
        for sentences, starts, windows in zip(
            passages, places, self._model.windows(question, texts), strict=True
        ):
            for sentence, start in zip(sentences, starts, strict=True):
                best = _best(choose, windows, start, start + len(sentence.view.text))
                if best is not None:
                    stretches.append((sentence, best))
        features = _features(question, stretches)
        self._add_likeness(question, stretches, features, self._order[kind])
        return [
            Found(sentence, stretch, row)
            for (sentence, stretch), row in zip(stretches, features, strict=True)
        ]

    def _add_likeness(
        self,
        question: str,
        stretches: Sequence[tuple[Candidate, Stretch]],
        features: NDArray[np.float64],
        weights: NDArray[np.float64],
    ) -> None:
        """Sets the last feature but one, for the sentences that are likeliest without it."""
        order = np.argsort(-(features @ weights), kind="stable")[:_EMBEDDED]
        values = likeness(question, [stretches[place][0] for place in order], self._embedder)
        features[order, -2] = values


def _passages(hits: Sequence[Hit]) -> list[list[Candidate]]:
    """The sentences of each hit, those of neighbouring hits as one passage: together they explain each other.

    Neighbours share sentences; each is taken once. The order is that of the articles' ids and texts.
    """
    found: list[list[Candidate]] = []
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


def _texts(passages: Sequence[Sequence[Candidate]]) -> tuple[list[str], list[list[int]]]:
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


def _features(question: str, stretches: Sequence[tuple[Candidate, Stretch]]) -> NDArray[np.float64]:
    """One row of features a sentence, its likeness still 0."""
    rows = np.zeros((len(stretches), FEATURES))
    evidence = weigh(question, [sentence for sentence, _ in stretches])
    for row, (_, stretch), one in zip(rows, stretches, evidence, strict=True):
        row[0] = np.clip(stretch.margin, -_MARGIN_LIMIT, _MARGIN_LIMIT)
        row[1:-2] = one.vector()
        row[-1] = 1.0
    return rows


def _reading(found: Found, score: float) -> Reading:
    sentence = found.candidate.span
    start, end = extend(found.candidate.view.text, found.stretch.start, found.stretch.end)
    place = found.candidate.original(start, end)
    return Reading(found.candidate.hit, place.start, place.end, sentence.start, sentence.end, score)
