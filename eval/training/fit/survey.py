"""Fits the score of the survey's disagreements and shows what each threshold costs, on held-out stories.

The statements of each held-out story of the training part, as a library of its own, are matched as the survey
does, and of each pair the features of `qa.conflicts.engine.dispute_evidence` are taken; a logistic regression
says how probably the pair is labelled as a conflict or an update. Each half, by story, is judged with weights
fitted on the other. What no question is about has no label, so that the precision is a lower bound.
"""

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from eval.stories import Story
from eval.stories.run import open_shelf
from eval.stories.scoring import holds
from eval.stories.survey import disputes_of
from eval.training.fit.comparison import LOWER, UPPER, threshold_for
from qa.ask import build_comparison
from qa.comparison.evidence import probability
from qa.conflicts.engine import dispute_evidence, hesitates
from qa.settings import Settings
from qa.survey.cache import SurveyCache
from qa.survey.candidates import candidates
from qa.survey.near_copies import NearCopies
from qa.survey.statements import Sheets
from qa.survey.survey import statement
from qa.survey.vectors import StatementVectors
from qa.weights.fitted import load_fitted

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


def gather(stories: Sequence[Story], *, judged: bool = True) -> tuple[list[Pair], int]:
    """Every pair of statements that the survey compares, and how many disputes are labelled.

    With `judged` those alone that the judge is asked of, with what it says.
    """
    found: list[Pair] = []
    labelled = 0
    comparison = build_comparison(Settings(judge="bundled" if judged else "small"))
    assert comparison is not None
    for story in stories:
        disputes = list(disputes_of(story))
        labelled += len(disputes)
        half = random.Random(f"half {story.id}").random() < 0.5  # noqa: S311 - no secret
        with open_shelf([story], Settings()) as shelf, tempfile.TemporaryDirectory() as folder:
            cache = SurveyCache(Path(folder))
            sheets = Sheets.read(shelf.library.articles(), cache)
            vectors = StatementVectors.read(sheets, cache, shelf.library.embedder)
            pairs = candidates(sheets, NearCopies(sheets), vectors)
            cache.close()
            told = {digest: statement(sheets, digest) for pair in pairs for digest in pair}
            said = [(told[one], told[other]) for one, other in pairs]
            small = comparison.relations("", said)
            rows = [
                dispute_evidence(each, cosine) for each, cosine in zip(small, pairs.values(), strict=True)
            ]
            same = [each.same >= each.conflict + each.update for each in small]
            asked = [
                place
                for place, row in enumerate(rows)
                if not same[place] and hesitates(probability(load_fitted().dispute, row))
            ]
            rulings = (
                dict(zip(asked, comparison.judge.relations("", [said[at] for at in asked]), strict=True))
                if comparison.judge is not None
                else {}
            )
            for place, ((one, other), cosine) in enumerate(pairs.items()):
                ruling = rulings.get(place)
                if judged and ruling is None:
                    continue
                rather = same[place] if ruling is None else ruling.same >= ruling.conflict + ruling.update
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
                found.append(Pair(dispute_evidence(small[place], cosine, ruling), shown, half, rather))
    return found, labelled


def fit(pairs: Sequence[Pair]) -> Rows:
    """Weights of the features, the last the constant's."""
    rows = np.array([one.features[:-1] for one in pairs])
    model = LogisticRegression(max_iter=5_000).fit(rows, [bool(one.disputes) for one in pairs])
    return np.append(model.coef_[0], model.intercept_)


@dataclass(frozen=True, slots=True)
class FittedSurvey:
    """Weights and thresholds as they are written, and what each threshold costs."""

    numbers: dict[str, list[float]]
    thresholds: dict[str, float]
    report: dict[str, Any]


def fit_survey(stories: Sequence[Story], *, judged: bool) -> FittedSurvey:
    """The score of a survey, with the judge or without."""
    before = "judged_" if judged else ""
    pairs, labelled = gather(stories, judged=judged)
    scores = np.zeros(len(pairs))  # as the product shows them: those that rather say the same stay at 0
    for half in (True, False):
        mine = [place for place, one in enumerate(pairs) if one.fitted is half]
        weights = fit([one for one in pairs if one.fitted is not half])
        rows = np.array([pairs[place].features for place in mine])
        scores[mine] = np.where([pairs[at].same for at in mine], 0.0, 1 / (1 + np.exp(-rows @ weights)))
    truly = np.array([bool(one.disputes) for one in pairs], dtype=bool)
    thresholds = {
        f"{before}survey_upper": threshold_for(scores, truly, UPPER),
        f"{before}survey_lower": threshold_for(scores, truly, LOWER),
    }
    told = {
        "pairs": len(pairs),
        "labelled": labelled,
        "compared": len({dispute for one in pairs for dispute in one.disputes}),
        "chosen": thresholds,
        "thresholds": report(pairs, scores, labelled),
    }
    numbers = {f"{before}dispute": [round(float(one), 4) for one in fit(pairs)]}
    return FittedSurvey(numbers, thresholds, told)


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
