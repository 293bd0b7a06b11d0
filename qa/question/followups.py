"""What is asked of an answer itself, or of the library as it grows, and is no question to the articles.

"Are you sure?", "who said that?", "and the others?": a multinomial logistic regression over the features of
`qa.question.requests`, and over runs of two and three words as such things are worded. `python -m
eval.training.fit.followups` fits it, and tells what it gets wrong. Precision comes first: where it is not
sure, the words are a question.

Source: by a fit on the other half of 529 wordings of ours and of 24,918 stories' questions, 75 in 100
wordings are seen (sure 67, source 65, why 80, others 73, since 80, about 81, news 86, least 87), and 96 in
100 of those told are of that sort. 25 of the stories' questions are lost, and 44 more are asked all the
same; of 2,026 sealed ones 1 and 10, of 457 gold ones 1 and none.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from index.records import Embedder, Vectors
from qa.question.requests import WEIGHTS, Rows, Weights, features, read_weights, topics_of

# sure     "Are you sure?": how sure the answer is, who else says so, who differs
# source   "Who said that?": who is quoted, and whom that source names
# why      "Why?": a reason, in what the answer was told of
# others   "And the others?": what the other sources say
# since    "Since when?": from when on, in what the answer was told of
# about    "What about Meta?": the question before, of another matter
# news     "What is new since Monday?": of articles published since
# least    "Who says least?": how much each source says
FollowUp = Literal["question", "sure", "source", "why", "others", "since", "about", "news", "least"]
FOLLOW_UPS: tuple[FollowUp, ...] = get_args(FollowUp)
OPENING: frozenset[FollowUp] = frozenset(("news", "least"))
"""Those that need no answer before them."""
ASKED_ANYWAY: frozenset[FollowUp] = frozenset(("why", "since", "about"))
"""Those that go to the articles as questions all the same, so that none is lost where they are mistaken."""
_LIKELIER = 0.5

FILE = "followups.npz"

_WORD = re.compile(r"\w+(?:['’.&-]\w+)*")
OPENS, ENDS = "^", "$"


class FollowUps:
    """Tells what sort of follow-up the words are; the same words always the same."""

    def __init__(self, embedder: Embedder, weights: Weights) -> None:
        """`embedder` is the one that the weights were fitted with, the bundled one."""
        self.embedder = embedder
        self._weights = weights

    def recognise(self, text: str, vector: Vectors, *, in_talk: bool) -> FollowUp:
        """The sort; `vector` is that of the text. `in_talk`: something was asked before."""
        own = self._weights
        (sort,) = tell_follow_ups(
            follow_up_shares([text], vector[np.newaxis], own), own.least_in_talk if in_talk else own.least
        )
        return sort if in_talk or sort in OPENING else "question"

    def topic_in(self, text: str) -> str:
        """The topic that the words of a follow-up name; "" for none."""
        return "".join(topics_of(text, self._weights))


def load_follow_ups(embedder: Embedder, folder: Path = WEIGHTS) -> FollowUps:
    """The fitted model. Raises ModelError where its file is missing or damaged."""
    return FollowUps(embedder, read_weights(folder / FILE))


def tell_follow_ups(shares: Rows, least: float) -> list[FollowUp]:
    """The likeliest sort of each row, where it is no question as surely as `least`, or likelier than not."""
    best = [FOLLOW_UPS[1 + int(at)] for at in np.argmax(shares[:, 1:], axis=1)]
    return [
        sort if 1.0 - share >= (_LIKELIER if sort in ASKED_ANYWAY else least) else "question"
        for sort, share in zip(best, shares[:, 0], strict=True)
    ]


def follow_up_shares(texts: Sequence[str], vectors: Vectors, weights: Weights) -> Rows:
    """How probably each text is of each sort, (texts, sorts); `vectors` are those of the texts."""
    logits = follow_up_features(texts, vectors, weights.wording) @ weights.weights + weights.bias
    raised = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(raised / raised.sum(1, keepdims=True), np.float64)


def follow_up_features(texts: Sequence[str], vectors: Vectors, wording: Sequence[str]) -> Rows:
    """One row a text: that of a request, and which runs of words stand in it; runs are those with a blank."""
    stems = [one for one in wording if " " not in one]
    runs = {one: place for place, one in enumerate(one for one in wording if " " in one)}
    held = np.zeros((len(texts), len(runs)))
    for row, text in enumerate(texts):
        for run in runs_in(text):
            if run in runs:
                held[row, runs[run]] = 1
    return np.hstack([features(texts, vectors, stems), held])


def runs_in(text: str) -> Iterator[str]:
    """Each two and three words beside each other, with a mark where the text opens and where it ends."""
    words = [OPENS, *(match[0].lower().replace("’", "'") for match in _WORD.finditer(text)), ENDS]
    for length in (2, 3):
        yield from (" ".join(words[at : at + length]) for at in range(len(words) - length + 1))
