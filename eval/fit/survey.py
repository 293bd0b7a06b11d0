"""Fits the score of the survey's disagreements and shows what each threshold costs, on held-out stories.

    python -m eval.fit.survey [STORIES] [--limit N] [--all]

matches the statements of each held-out story of the training part, as a library of its own, as the survey
does, and takes of each pair the features of `qa.conflicts.engine.dispute_evidence`; a logistic regression
says how probably the pair is labelled as a conflict or an update. Each half, by story, is judged with weights
fitted on the other; the weights shown are fitted on both. `--all` judges all stories with the weights as they
stand. What no question is about has no label, so that the precision is a lower bound.
"""

import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from eval.fit.held_out import chosen
from eval.stories import Story
from eval.stories.run import open_shelf
from eval.stories.scoring import holds
from eval.stories.survey import disputes_of
from qa.comparison.model import bundled_comparison
from qa.conflicts.engine import DISPUTE_WEIGHTS, dispute_evidence
from qa.settings import Settings
from qa.survey.cache import SurveyCache
from qa.survey.candidates import candidates
from qa.survey.near_copies import NearCopies
from qa.survey.statements import Sheets
from qa.survey.survey import statement

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """The features of two statements, and which labelled disputes of their story they show, by number.

    `fitted` says on which half it is; `same`: that they rather say the same.
    """

    features: tuple[float, ...]
    disputes: frozenset[tuple[str, int]]
    fitted: bool
    same: bool


def gather(stories: Sequence[Story]) -> tuple[list[Pair], int]:
    """Every pair of statements that the survey compares, and how many disputes are labelled."""
    found: list[Pair] = []
    labelled = 0
    for story in stories:
        disputes = list(disputes_of(story))
        labelled += len(disputes)
        fitted = random.Random(f"half {story.id}").random() < 0.5  # noqa: S311 - no secret
        with open_shelf([story], Settings()) as shelf, tempfile.TemporaryDirectory() as folder:
            cache = SurveyCache(Path(folder))
            sheets = Sheets.read(shelf.library.articles(), cache)
            pairs = candidates(sheets, NearCopies(sheets), cache, shelf.library.embedder)
            told = {digest: statement(sheets, digest) for pair in pairs for digest in pair}
            relations = bundled_comparison().relations("", [(told[one], told[other]) for one, other in pairs])
            for ((one, other), cosine), relation in zip(pairs.items(), relations, strict=True):
                shown = frozenset(
                    (story.id, number)
                    for number, dispute in enumerate(disputes)
                    for mine in sheets.cite(one)
                    for theirs in sheets.cite(other)
                    for first, second in ((mine, theirs), (theirs, mine))
                    if shelf.sources[first.article_id] == dispute.said[0][0]
                    and shelf.sources[second.article_id] == dispute.said[1][0]
                    and holds(first, dispute.said[0][1])
                    and holds(second, dispute.said[1][1])
                )
                same = relation.same >= relation.conflict + relation.update
                found.append(Pair(dispute_evidence(relation, cosine), shown, fitted, same))
            cache.close()
    return found, labelled


def fit(pairs: Sequence[Pair]) -> Rows:
    """Weights of the features, the last the constant's."""
    rows = np.array([one.features[:-1] for one in pairs])
    model = LogisticRegression(max_iter=5_000).fit(rows, [bool(one.disputes) for one in pairs])
    return np.append(model.coef_[0], model.intercept_)


def report(pairs: Sequence[Pair], scores: Rows, labelled: int) -> list[dict[str, Any]]:
    """For each threshold the pairs shown, the share of them that is labelled, and of the labelled found."""
    rows = []
    for least in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        shown = [one for one, score in zip(pairs, scores, strict=True) if score >= least]
        right = sum(bool(one.disputes) for one in shown)
        found = len({dispute for one in shown for dispute in one.disputes})
        rows.append(
            {
                "least": least,
                "shown": len(shown),
                "precision": round(right / max(1, len(shown)), 3),
                "recall": round(found / max(1, labelled), 3),
            }
        )
    return rows


def main() -> None:
    """Prints weights and reports as one JSON object."""
    asked_for = chosen(__doc__)
    pairs, labelled = gather(asked_for.stories)
    weights = np.array(DISPUTE_WEIGHTS) if asked_for.every else fit(pairs)
    scores = np.zeros(len(pairs))  # as the product shows them: those that rather say the same stay at 0
    for half in (True, False):
        judged = [place for place, one in enumerate(pairs) if one.fitted is half]
        used = weights if asked_for.every else fit([one for one in pairs if one.fitted is not half])
        rows = np.array([pairs[place].features for place in judged])
        scores[judged] = np.where([pairs[at].same for at in judged], 0.0, 1 / (1 + np.exp(-rows @ used)))
    reachable = len({dispute for one in pairs for dispute in one.disputes})
    found = {
        "weights": [round(float(one), 3) for one in weights],
        "pairs": len(pairs),
        "labelled": labelled,
        "compared": reachable,
        "thresholds": report(pairs, scores, labelled),
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
