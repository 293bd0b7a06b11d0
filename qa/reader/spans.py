"""The seam to span models, and the best stretch that their scores give inside a part of a passage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.models import Between, go_on

# In word pieces. Source: 99 in 100 answers of the sets that the bundled reader is trained on are shorter.
MAX_ANSWER_TOKENS = 30


@dataclass(frozen=True, slots=True)
class Window:
    """What a span model says of one stretch of a passage, read together with the question.

    `offsets`, of shape (tokens, 2), are the characters of the passage that each token stands for; `start` and
    `end`, of shape (tokens,), the logits that the answer begins and ends there; `none` the sum of both logits
    for no answer. `sentence`, of shape (tokens,), averages over a sentence to the log-odds that it answers;
    None where the model has no such output.
    """

    offsets: NDArray[np.int64]
    start: NDArray[np.float32]
    end: NDArray[np.float32]
    none: float
    sentence: NDArray[np.float32] | None = None


class SpanModel(Protocol):
    """Says where in a passage a question is answered."""

    @property
    def name(self) -> str:
        """Changes whenever the logits would."""

    def windows(
        self,
        question: str,
        passages: Sequence[str],
        titles: Sequence[str] = (),
        talk: str = "",
        *,
        between: Between = go_on,
    ) -> list[list[Window]]:
        """For each passage, in order, its windows from left to right; a long one takes several.

        `titles` say of each passage who tells it under which headline; `talk` is what was said before a
        follow-up. Neighbouring windows overlap. What comes back for a passage does not depend on the others.
        `between` is called after each window; what it raises ends the work.
        """


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters `start` up to `end` of a passage; `margin` is its logits' sum over that of no answer."""

    start: int
    end: int
    margin: float


# A further stretch belongs to an enumeration when its margin is so near the best: a tenth as likely, e^-2.3.
_NEAR = 2.3


def best_stretch(window: Window, low: int, high: int) -> Stretch | None:
    """The best stretch of whole tokens between the characters `low` and `high`; None where no token is.

    It runs forward and has at most `MAX_ANSWER_TOKENS`; ties go to the first and shortest.
    """
    inside = np.flatnonzero((window.offsets[:, 0] >= low) & (window.offsets[:, 1] <= high))
    if not inside.size:
        return None
    first, count = int(inside[0]), len(inside)
    start, end = window.start[first : first + count], window.end[first : first + count]
    ranks = np.arange(count)
    length = ranks[None, :] - ranks[:, None]
    sums = np.where((length >= 0) & (length < MAX_ANSWER_TOKENS), start[:, None] + end[None, :], -np.inf)
    one, other = divmod(int(sums.argmax()), count)
    return Stretch(
        int(window.offsets[first + one, 0]),
        int(window.offsets[first + other, 1]),
        float(sums[one, other]) - window.none,
    )


def enclosing_stretch(window: Window, low: int, high: int) -> Stretch | None:
    """The stretch from the first to the last of those that answer, for a question that asks for several.

    The others lie beside the best one, nearly as likely, and likelier than no answer; its margin is returned.
    """
    best = best_stretch(window, low, high)
    if best is None:
        return None
    start, end = best.start, best.end
    sides = [(low, best.start), (best.end, high)]
    while sides:
        left, right = sides.pop()
        other = best_stretch(window, left, right)
        if other is not None and other.margin >= max(0.0, best.margin - _NEAR):
            start, end = min(start, other.start), max(end, other.end)
            sides += [(left, other.start), (other.end, right)]
    return Stretch(start, end, best.margin)


def sentence_logit(windows: Sequence[Window], low: int, high: int) -> float | None:
    """The log-odds that the sentence between the characters `low` and `high` answers.

    Of several windows the one that holds most of it counts; None where none has such an output.
    """
    best: float | None = None
    most = 0
    for window in windows:
        if window.sentence is None:
            continue
        inside = (window.offsets[:, 0] >= low) & (window.offsets[:, 1] <= high)
        count = int(inside.sum())
        if count > most:
            most, best = count, float(window.sentence[inside].mean())
    return best
