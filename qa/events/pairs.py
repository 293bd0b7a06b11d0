"""Whether two articles tell of one event: by meaning, by rare names and words, by their days.

What is near depends on what else there is: two articles on chips are near each other in a library of all
sorts, and strangers in one of chips alone. So the articles that are held against each other are one
`Company`: rare is what few of them have, and near what is nearer than strangers come.
"""

from collections.abc import Sequence
from itertools import chain, combinations
from math import sqrt
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

_UNDATED = -1
_AT_ONCE = 4_096  # pairs


class Company:
    """Articles that are held against each other. Places are those in `outlines`.

    `looked_at` are the pairs that may tell of one event. `weights`, by default those that were fitted, are
    those of the features, the constant last.
    """

    def __init__(self, outlines: Sequence[Outline], weights: Weights | None = None) -> None:
        self.outlines = tuple(outlines)
        self._weights = np.array(load_fitted().event if weights is None else weights)
        self._names = _Weighed([one.names for one in self.outlines])
        self._words = _Weighed([one.words for one in self.outlines])
        self._passages = np.array([len(one.vectors) for one in self.outlines], np.int64)
        self._first = np.array([one.vectors[0] for one in self.outlines], np.float32)
        self._days = np.array([one.day.toordinal() if one.day else _UNDATED for one in self.outlines])
        self.looked_at = self._find_candidates()
        self._measured = self._measure(self.looked_at)
        self._strange = self._measure_strangers()

    def __len__(self) -> int:
        return len(self.outlines)

    def judge(self, pairs: Pairs) -> NDArray[np.float64]:
        """The log-odds that the two tell of one event, (pairs,)."""
        found: NDArray[np.float64] = self.features(pairs) @ self._weights[:-1] + self._weights[-1]
        return found

    def features(self, pairs: Pairs) -> NDArray[np.float64]:
        """As named in `FEATURES`, (pairs, features)."""
        if not len(pairs):
            return np.empty((0, len(FEATURES)))
        ones, others = pairs[:, 0], pairs[:, 1]
        known = pairs is self.looked_at
        measured = self._measured if known else self._measure(pairs)
        mine, theirs = self._days[ones], self._days[others]
        dated = (mine != _UNDATED) & (theirs != _UNDATED)
        strange = self._strange[ones] + self._strange[others]
        shorter = np.minimum(self._words.sizes[ones], self._words.sizes[others])
        return np.column_stack(
            [
                measured[:, 0],
                self._names.cosines(pairs),
                measured[:, 1],
                np.where(dated, np.log1p(np.abs(mine - theirs)), 0.0),
                dated,
                strange,
                np.log1p(shorter),
            ]
        )

    def _measure(self, pairs: Pairs) -> NDArray[np.float64]:
        """The cosine of the two nearest passages, and that of their words, (pairs, 2)."""
        near = np.empty(len(pairs))
        alone = (self._passages[pairs] == 1).all(1)
        for some in np.split(np.flatnonzero(alone), range(_AT_ONCE, int(alone.sum()), _AT_ONCE)):
            mine, theirs = (self._first[pairs[some, side]] for side in range(2))
            near[some] = np.matmul(mine[:, None, :], theirs[:, :, None])[:, 0, 0]
        for at in np.flatnonzero(~alone).tolist():
            one, other = pairs[at].tolist()
            near[at] = (self.outlines[one].vectors @ self.outlines[other].vectors.T).max()
        return np.column_stack([near, self._words.cosines(pairs)])

    def _find_candidates(self) -> Pairs:
        many = len(self)
        if many <= _FEW:
            found = list(combinations(range(many), 2))
            return np.array(found, np.int64).reshape(-1, 2)
        means = np.array([one.mean for one in self.outlines], np.float32)
        _, near = _index(means).search(means, min(many, _NEAREST + 1))
        near_pairs = np.column_stack([np.repeat(np.arange(many), near.shape[1]), near.reshape(-1)])
        every = np.concatenate([near_pairs, self._names.find_sharing(), self._words.find_sharing()])
        every.sort(axis=1)
        every = every[(every[:, 0] != every[:, 1]) & (every[:, 0] >= 0)]
        keys = np.unique(every[:, 0] * many + every[:, 1])
        return np.column_stack(np.divmod(keys, many))

    def _measure_strangers(self) -> NDArray[np.float64]:
        """How near those come to each article that tell of something else: by passages, by words."""
        most = _STRANGERS.stop - _STRANGERS.start
        far = np.array([_FAR_COSINE, _FAR_WORDS])
        found = np.tile(far, (len(self), 1))
        places = self.looked_at.T.reshape(-1)
        for column in range(2):
            near = np.tile(self._measured[:, column], 2)
            order = np.lexsort((-near, places))
            own, near = places[order], near[order]
            ranks = _ranks(own)
            strange = (ranks >= _STRANGERS.start) & (ranks < _STRANGERS.stop)
            beyond = np.maximum(near[strange], far[column]) - far[column]
            found[:, column] += np.bincount(own[strange], beyond, minlength=len(self)) / most
        return found


class _Weighed:
    """Sets of words, in which a word weighs the more the fewer sets have it (inverse document frequency)."""

    def __init__(self, sets: Sequence[Sequence[str]]) -> None:
        numbers: dict[str, int] = {}
        self.sizes = np.array([len(words) for words in sets], np.int64)
        every = chain.from_iterable(sets)
        flat = np.fromiter((numbers.setdefault(word, len(numbers)) for word in every), np.int64)
        # In the order of the words, whatever came first.
        ranks = np.empty(len(numbers), np.int32)
        ranks[np.array([numbers[word] for word in sorted(numbers)], np.int64)] = np.arange(len(numbers))
        self._flat = ranks[flat]
        self._bounds = np.concatenate([[0], np.cumsum(self.sizes)])
        self._held = np.bincount(self._flat, minlength=len(numbers))
        self._weights = np.log((len(sets) + _BACKGROUND) / self._held) if numbers else np.zeros(0)
        self._squares = self._weights**2
        self._lengths = np.array([sqrt(self._squares[self._row(at)].sum()) for at in range(len(sets))])

    def _row(self, place: int) -> NDArray[np.int32]:
        return np.asarray(self._flat[self._bounds[place] : self._bounds[place + 1]], np.int32)

    def _keys(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each word of these sets a number that tells which of them it is of, and the word; in order."""
        sizes = self.sizes[places]
        entries = np.repeat(self._bounds[places] - _starts(sizes), sizes) + np.arange(int(sizes.sum()))
        rows = np.repeat(np.arange(len(places)), sizes)
        return np.asarray(rows * len(self._squares) + self._flat[entries], np.int64)

    def cosines(self, pairs: Pairs) -> NDArray[np.float64]:
        """Of two sets each, 0..1."""
        both = np.zeros(len(pairs))
        for start in range(0, len(pairs), _AT_ONCE):
            some = pairs[start : start + _AT_ONCE]
            keys = np.concatenate([self._keys(some[:, 0]), self._keys(some[:, 1])])
            keys.sort(kind="stable")  # two runs that are in order
            at, words = np.divmod(keys[:-1][keys[1:] == keys[:-1]], max(1, len(self._squares)))
            both[start : start + len(some)] = np.bincount(at, self._squares[words], minlength=len(some))
        lengths = self._lengths[pairs[:, 0]] * self._lengths[pairs[:, 1]]
        return np.asarray(np.divide(both, lengths, out=np.zeros(len(pairs)), where=lengths > 0))

    def find_sharing(self) -> Pairs:
        """Each set with those that share most of the weight of its rare words."""
        many = len(self.sizes)
        rare = (self._held > 1) & (self._held <= _RARE)
        entries = np.flatnonzero(rare[self._flat])
        owners = np.repeat(np.arange(many), self.sizes)[entries]
        order = np.argsort(self._flat[entries], kind="stable")
        words, owners = self._flat[entries][order], owners[order]
        keys, shared = [], []
        for held in range(2, _RARE + 1):
            alike = self._held[words] == held
            rows = owners[alike].reshape(-1, held)
            weights = self._weights[words[alike]].reshape(-1, held)[:, 0]
            one, other = np.nonzero(~np.eye(held, dtype=bool))
            keys.append((rows[:, one] * many + rows[:, other]).reshape(-1))
            shared.append(np.repeat(weights, len(one)))
        pairs, at = np.unique(np.concatenate(keys), return_inverse=True)
        # Rounded, for the order of a sum may differ.
        weights = np.bincount(at.reshape(-1), np.concatenate(shared)).round(9)
        found = np.column_stack(np.divmod(pairs, many))
        order = np.lexsort((found[:, 1], -weights, found[:, 0]))
        found = found[order]
        return found[_ranks(found[:, 0]) < _SHARING]


def _starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each begins of those of these lengths that stand one after the other."""
    return np.asarray(np.cumsum(lengths) - lengths, np.int64)


def _ranks(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of the same place stand before each; the same stand together."""
    if not len(places):
        return np.empty(0, np.int64)
    begin = np.append(True, places[1:] != places[:-1])
    return np.asarray(np.arange(len(places)) - np.flatnonzero(begin)[np.cumsum(begin) - 1], np.int64)


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
