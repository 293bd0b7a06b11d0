"""What sort of request the user's words are: a question, or one for an overview, a topic, what is disputed.

A multinomial logistic regression decides, over the embedder's vector, which words of grammar and of asking
stand where, and a few counts. `python -m eval.training.fit.requests` fits it, and tells what it gets wrong:
with 1,285 requests of our own, and with the stories' questions, each told by a fit on other themes and
other stories. Precision comes first: a question that is lost to an overview is worse than an overview
refused.

Source: of 18,097 stories' questions that open a conversation 36 are taken for another request (0.2 %), of
2,026 sealed ones 2, of 457 gold ones 1. Of our own requests are seen as such: for an overview 153 of 187 (20
more as a topic), for a topic 448 of 523, for what is disputed 146 of 167, comparisons 88 of 99; of 309
questions that look like requests 280. In a conversation 133, 345, 128, 82 and 306. Of the topics' words 97 in
100 are found, and 91 in 100 of those found are right; 96 of the 99 comparisons have two sides, each its own.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError
from index.records import Embedder, Vectors
from qa.language.terms import FUNCTION_WORDS, stem

# overview       "What is this about?", "summary please"
# topic          "HBM?", "what do the articles say about HBM"
# disagreements  "What do they disagree about?", "conflicting reports on HBM supply"
# comparison     "Compare Samsung and TSMC"
Sort = Literal["question", "overview", "topic", "disagreements", "comparison"]
SORTS: tuple[Sort, ...] = get_args(Sort)

FILE = "requests.npz"
WEIGHTS = Path(__file__).resolve().parents[1] / "weights"

_TOKEN = re.compile(r"\w+(?:['’.&-]\w+)*")
_GRAMMAR = {word: place for place, word in enumerate(sorted(FUNCTION_WORDS))}
# Beside unit vectors the counts, of which few are not 0, would else drown the meaning. Source: of 1, 2, 3, 4.
_VECTOR_SCALE = 2.0

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Request:
    """The sort, and its topics: none for everything, two for a comparison, else one."""

    sort: Sort
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """What is learnt. `weights` has shape (features, sorts), `bias` (sorts,), in the order of `SORTS`.

    `wording` are the stems in which people ask, `inside` and `between` the log-odds of words to stand in a
    topic, and between two that are compared. From `least` on what is no question is taken for none, in a
    conversation from `least_in_talk` on.
    """

    wording: tuple[str, ...]
    weights: Rows
    bias: Rows
    inside: Mapping[str, float]
    between: Mapping[str, float]
    least: float
    least_in_talk: float


class Requests:
    """Tells what is wanted; the same words always the same."""

    def __init__(self, embedder: Embedder, weights: Weights) -> None:
        """`embedder` is the one that the weights were fitted with, the bundled one."""
        self.embedder = embedder
        self._weights = weights

    def embed(self, text: str) -> Vectors:
        """The vector of a text, (dimension,), for `understand`."""
        vector: Vectors = self.embedder.embed([text], query=True)[0]
        return vector

    def understand(self, text: str, vector: Vectors, *, in_talk: bool = False) -> Request:
        """The request in `text`, whose vector is `vector`.

        `in_talk`: something was asked before, so that it may be a follow-up.
        """
        own = self._weights
        (shares,) = shares_of([text], vector[np.newaxis], own)
        if 1.0 - shares[0] < (own.least_in_talk if in_talk else own.least):
            return Request("question")
        sort = SORTS[1 + int(np.argmax(shares[1:]))]
        return _with_topics(sort, text, own)

    def topics_in(self, text: str) -> str:
        """The words of the text that name a topic, whatever is asked of it; "" for none."""
        return "".join(topics_of(text, self._weights))


def load_requests(embedder: Embedder, folder: Path = WEIGHTS) -> Requests:
    """The fitted model. Raises ModelError where its file is missing or damaged."""
    return Requests(embedder, read_weights(folder / FILE))


def read_weights(path: Path) -> Weights:
    """The weights in `path`, as `write_weights` wrote them."""
    with read_arrays(path, "tells questions from other requests") as held:
        return Weights(
            tuple(held["wording"].tolist()),
            held["weights"].astype(np.float64),
            held["bias"].astype(np.float64),
            dict(zip(held["inside_words"].tolist(), held["inside"].tolist(), strict=True)),
            dict(zip(held["between_words"].tolist(), held["between"].tolist(), strict=True)),
            *held["least"].tolist(),
        )


@contextmanager
def read_arrays(path: Path, purpose: str) -> Iterator[Mapping[str, Any]]:
    """The arrays of a file, by name. ModelError where it is missing, damaged or lacks what is read of it."""
    try:
        with np.load(io.BytesIO(path.read_bytes())) as held:
            yield held
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"The file {path}, which {purpose}, is missing or damaged ({error}): "
            "reinstall Whosays, or in a checkout restore the file with git."
        ) from error


def write_weights(path: Path, weights: Weights) -> None:
    """For `read_weights`: 32-bit numbers, and words as they are."""
    np.savez_compressed(
        path,
        wording=np.array(weights.wording),
        weights=weights.weights.astype(np.float32),
        bias=weights.bias.astype(np.float32),
        inside_words=np.array(list(weights.inside)),
        inside=np.array(list(weights.inside.values()), np.float32),
        between_words=np.array(list(weights.between)),
        between=np.array(list(weights.between.values()), np.float32),
        least=np.array([weights.least, weights.least_in_talk]),
    )


def shares_of(texts: Sequence[str], vectors: Vectors, weights: Weights) -> Rows:
    """How probably each text is of each sort, (texts, sorts); `vectors` are those of the texts."""
    logits = features(texts, vectors, weights.wording) @ weights.weights + weights.bias
    raised = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(raised / raised.sum(1, keepdims=True), np.float64)


def features(texts: Sequence[str], vectors: Vectors, wording: Sequence[str]) -> Rows:
    """One row a text: its vector, its words of grammar, its words of asking, and counts."""
    known = {word: place for place, word in enumerate(wording)}
    told = np.array([_counts(text, known) for text in texts]).reshape(len(texts), -1)
    return np.hstack([vectors.astype(np.float64) * _VECTOR_SCALE, told])


def _counts(text: str, known: Mapping[str, int]) -> Rows:
    words = [match[0].lower() for match in _TOKEN.finditer(text)]
    stems = [stem(word) for word in words]
    grammar, first = np.zeros(len(_GRAMMAR)), np.zeros(len(_GRAMMAR))
    asking, opens, ends = np.zeros(len(known)), np.zeros(len(known)), np.zeros(len(known))
    for word in words:
        if word in _GRAMMAR:
            grammar[_GRAMMAR[word]] = 1
    for word in stems:
        if word in known:
            asking[known[word]] = 1
    if words and words[0] in _GRAMMAR:
        first[_GRAMMAR[words[0]]] = 1
    if stems and stems[0] in known:
        opens[known[stems[0]]] = 1
    if stems and stems[-1] in known:
        ends[known[stems[-1]]] = 1
    others = sum(word not in known for word in stems)
    many = max(1, len(words))
    counted = [
        min(len(words), 15) / 5,
        *(len(words) == number for number in (1, 2, 3, 4)),
        len(words) >= 8,
        text.rstrip().endswith("?"),
        sum(word in _GRAMMAR for word in words) / many,
        any(character.isdigit() for character in text),
        others / many,
        min(others, 6) / 3,
        others == 0,
        bool(stems) and stems[0] not in known,
    ]
    return np.concatenate([grammar, first, asking, opens, ends, np.array(counted, np.float64)])


def _with_topics(sort: Sort, text: str, weights: Weights) -> Request:
    """The request with the words that name its topics; a topic without any is everything."""
    if sort == "overview":
        return Request(sort)
    topics = topics_of(text, weights, apart=sort == "comparison")
    if sort == "topic" and not topics:
        return Request("overview")
    return Request("topic" if sort == "comparison" and len(topics) < 2 and topics else sort, topics)


def topics_of(text: str, weights: Weights, *, apart: bool = False) -> tuple[str, ...]:
    """The words of the topic, without those that ask for it; `apart`: of the two that are compared."""
    found = list(_TOKEN.finditer(text))
    named = [place for place, match in enumerate(found) if _is_topic(match[0], weights)]
    if not named:
        return ()
    if not apart:
        return (_cut_topic(text, found, named),)
    cut, best = 0, -np.inf
    for at, (left, right) in enumerate(pairwise(named), 1):
        gap = (weights.between.get(found[place][0].lower(), 0.0) for place in range(left + 1, right))
        odds = max(gap, default=-np.inf)
        if odds > best:
            cut, best = at, odds
    parts = (named[:cut], named[cut:]) if cut else (named,)
    return tuple(_cut_topic(text, found, part) for part in parts)


def _is_topic(word: str, weights: Weights) -> bool:
    """Whether the word is of a topic: neither grammar nor, as it was learnt, of asking."""
    plain = word.lower()
    return plain not in _GRAMMAR and weights.inside.get(stem(plain), 1.0) > 0


def _cut_topic(text: str, found: Sequence[re.Match[str]], named: Sequence[int]) -> str:
    """The stretch from the first word to the last; without what asks, where such stands between."""
    inner = range(named[0], named[-1] + 1)
    asks = [place for place in inner if place not in named and found[place][0].lower() not in _GRAMMAR]
    if asks:
        return " ".join(found[place][0] for place in named)
    return text[found[named[0]].start() : found[named[-1]].end()]
