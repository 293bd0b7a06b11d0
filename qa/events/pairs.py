"""Whether two articles tell of one event: by meaning, by rare names and words, by their days.

What is near depends on what else there is: two articles on chips are near each other in a library of all
sorts, and strangers in one of chips alone. So the articles that are held against each other are one
`Company`: rare is what few of them have, and near what is nearer than strangers come.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain, combinations
from math import log1p, sqrt
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from qa.events.outlines import Outline
from qa.weights.fitted import load_fitted

Weights = Sequence[float] | NDArray[np.float64]
Pairs = NDArray[np.int64]
"""Places of articles in a company, two in a row, the smaller first: (pairs, 2)."""

FEATURES = ("nearest", "names", "words", "days", "dated", "strange_nearest", "strange_words", "length")
"""What the judgement weighs, the constant apart."""

# Every two of so few articles are looked at; of more, each and so many of the nearest by meaning, and so many
# that share its rarest names and words. Source: of the labelled pairs in one library of 226 held-out stories,
# as many as `python -m eval.stories.events` says are among those looked at.
_FEW = 40
_NEAREST = 24
_SHARING = 12
# A name or word that no more articles have is looked up. Source: own choice.
_RARE = 12
_EXACT = 50_000  # articles; beyond, the nearest are sought in the nearest cells alone
_PROBED = 16

# A word weighs as if so many more articles lacked it: in a library of one story nothing would be rare.
# Source: own choice; 20 and 100 make no difference on held-out stories.
_BACKGROUND = 50
# Strangers of an article are those from the first of these ranks to the second, by what is measured; where
# there are none that come so near, they are this far.  Source: own choice.
_STRANGERS = slice(8, 24)
_FAR_COSINE = 0.25
_FAR_WORDS = 0.03


class Company:
    """Articles that are held against each other. Places are those in `outlines`.

    `looked_at` are the pairs that may tell of one event. `weights`, by default those that were fitted, are
    those of the features, the constant last.
    """

    def __init__(self, outlines: Sequence[Outline], weights: Weights | None = None) -> None:
        self.outlines = tuple(outlines)
        self._weights = np.array(load_fitted().event if weights is None else weights)
        self._means = np.array([one.mean for one in self.outlines], np.float32)
        self._names = _Weighed([one.names for one in self.outlines])
        self._words = _Weighed([one.words for one in self.outlines])
        self.looked_at = self._find_candidates()
        self._measured: dict[tuple[int, int], tuple[float, float]] = {}
        self._strange = self._measure_strangers()

    def __len__(self) -> int:
        return len(self.outlines)

    def judge(self, pairs: Pairs) -> NDArray[np.float64]:
        """The log-odds that the two tell of one event, (pairs,)."""
        found: NDArray[np.float64] = self.features(pairs) @ self._weights[:-1] + self._weights[-1]
        return found

    def features(self, pairs: Pairs) -> NDArray[np.float64]:
        """As named in `FEATURES`, (pairs, features)."""
        return np.array([self._row(one, other) for one, other in pairs.tolist()]).reshape(-1, len(FEATURES))

    def _row(self, one: int, other: int) -> tuple[float, ...]:
        mine, theirs = self.outlines[one], self.outlines[other]
        nearest, words = self._measure(one, other)
        dated = mine.day is not None and theirs.day is not None
        days = log1p(abs((mine.day - theirs.day).days)) if mine.day and theirs.day else 0.0
        strange = self._strange[one] + self._strange[other]
        return (
            nearest,
            self._names.cosine(one, other),
            words,
            days,
            float(dated),
            float(strange[0]),
            float(strange[1]),
            log1p(min(len(mine.words), len(theirs.words))),
        )

    def _measure(self, one: int, other: int) -> tuple[float, float]:
        """The cosine of the two nearest passages, and that of their words."""
        known = self._measured.get((one, other))
        if known is None:
            near = float((self.outlines[one].vectors @ self.outlines[other].vectors.T).max())
            known = self._measured[one, other] = near, self._words.cosine(one, other)
        return known

    def _find_candidates(self) -> Pairs:
        many = len(self)
        if many <= _FEW:
            found = set(combinations(range(many), 2))
        else:
            _, near = _index(self._means).search(self._means, min(many, _NEAREST + 1))
            near_pairs = ((place, other) for place, others in enumerate(near.tolist()) for other in others)
            sharing = chain(self._names.find_sharing(), self._words.find_sharing())
            found = {
                (min(pair), max(pair))
                for pair in chain(near_pairs, sharing)
                if pair[0] != pair[1] and min(pair) >= 0
            }
        return np.array(sorted(found), np.int64).reshape(-1, 2)

    def _measure_strangers(self) -> NDArray[np.float64]:
        """How near those come to each article that tell of something else: by passages, by words."""
        beside: dict[int, list[tuple[float, float]]] = defaultdict(list)
        for one, other in self.looked_at.tolist():
            for place in (one, other):
                beside[place].append(self._measure(one, other))
        most = _STRANGERS.stop - _STRANGERS.start
        far = np.array([_FAR_COSINE, _FAR_WORDS])
        found = np.tile(far, (len(self), 1))
        for place, near in beside.items():
            ranked = -np.sort(-np.array(near), axis=0)[_STRANGERS]
            found[place] += (np.maximum(ranked, far) - far).sum(0) / most
        return found


class _Weighed:
    """Sets of words, in which a word weighs the more the fewer sets have it (inverse document frequency)."""

    def __init__(self, sets: Sequence[Sequence[str]]) -> None:
        held = Counter(chain.from_iterable(sets))
        numbers = {word: number for number, word in enumerate(sorted(held))}
        self._sets = [np.array([numbers[word] for word in words], np.int64) for words in sets]
        self._held = np.array([held[word] for word in numbers])
        self._weights = np.log((len(sets) + _BACKGROUND) / self._held) if numbers else np.zeros(0)
        self._squares = self._weights**2
        self._lengths = [sqrt(self._squares[words].sum()) for words in self._sets]

    def cosine(self, one: int, other: int) -> float:
        """Of two sets, 0..1."""
        lengths = self._lengths[one] * self._lengths[other]
        if not lengths:
            return 0.0
        both = np.intersect1d(self._sets[one], self._sets[other], assume_unique=True)
        return float(self._squares[both].sum()) / lengths

    def find_sharing(self) -> list[tuple[int, int]]:
        """Each set with those that share most of the weight of its rare words."""
        having: dict[int, list[int]] = defaultdict(list)
        for place, words in enumerate(self._sets):
            for word in words[self._held[words] <= _RARE].tolist():
                having[word].append(place)
        found = []
        for place, words in enumerate(self._sets):
            shared: dict[int, float] = defaultdict(float)
            for word in words[self._held[words] <= _RARE].tolist():
                for other in having[word]:
                    shared[other] += self._weights[word]
            shared.pop(place, None)
            best = sorted(shared, key=lambda other: (-shared[other], other))[:_SHARING]
            found += [(place, other) for other in best]
        return found


def _index(means: NDArray[np.float32]) -> Any:
    """Exact up to `_EXACT` articles; beyond, in cells."""
    dimension = means.shape[1]
    if len(means) <= _EXACT:
        index: Any = faiss.IndexFlatIP(dimension)
    else:
        cells = int(4 * len(means) ** 0.5)
        index = faiss.index_factory(dimension, f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT)
        # An evenly spaced, deterministic sample.
        index.train(means[np.linspace(0, len(means) - 1, min(40 * cells, len(means))).astype(np.int64)])
        index.nprobe = _PROBED
    index.add(means)
    return index
