"""Which of many sentences say most of what all say: chosen one by one, each for what it adds.

A set of sentences is worth how near everything is to the nearest of them (facility location: Lin and Bilmes
2011, "A class of submodular functions for document summarization"). Greedy choice is within 1 - 1/e of the
best set (Nemhauser et al. 1978), and says one idea once, since a second sentence for it adds little.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.records import Vectors

# Two sentences from this cosine on are one idea, short ones that differ in a figure alone among them: that
# sources disagree is not an overview's to say. Source: own choice.
SAME = 0.85


def most_central(
    candidates: Vectors,
    everything: Vectors,
    weights: NDArray[np.float32],
    groups: Sequence[str],
    most: int,
    *,
    a_group: int,
) -> list[int]:
    """At most `most` places in `candidates`, (many, dimension), in the order of what each adds.

    `everything`, (all, dimension), is what they are to stand for, each row by its share in `weights`, (all,).
    Of each of the `groups`, one name a candidate, at most `a_group` are chosen. Ties go to the first.
    """
    near = np.clip(candidates @ everything.T, 0.0, 1.0)
    alike = candidates @ candidates.T
    covered = np.zeros(len(everything), np.float32)
    free = np.ones(len(candidates), np.bool_)
    taken: Counter[str] = Counter()
    chosen: list[int] = []
    while len(chosen) < most and free.any():
        gains = np.maximum(near - covered, 0.0) @ weights
        # Rounded, so that equal sentences tie whatever the order of the sums.
        best = int(np.argmax(np.where(free, np.round(gains, 6), -1.0)))
        chosen.append(best)
        covered = np.maximum(covered, near[best])
        free &= alike[best] < SAME
        free[best] = False
        taken[groups[best]] += 1
        if taken[groups[best]] == a_group:
            free &= np.array([group != groups[best] for group in groups])
    return chosen


def equal_shares(groups: Sequence[str]) -> NDArray[np.float32]:
    """A weight for each row, so that each group weighs the same, whatever the number of its rows."""
    held = Counter(groups)
    return np.array([1.0 / held[group] / len(held) for group in groups], np.float32)
