"""Fits the score of conflicts, and from where on two sources may disagree, disagree, and verdicts are shown.

Of each pair of sources whose statements were compared, as `ask()` does on held-out stories, the features of
`qa.conflicts.engine.evidence_of` are taken; a logistic regression says how probably the two sources are
labelled as a conflict or an update for the question asked. Each half, by story, is judged with weights fitted
on the other.

A label belongs to two sources, and what is shown are two sentences. Where these are not the ones that the
label was written from, they show the dispute in part of the cases: such a pair counts as `ELSEWHERE`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.metrics import auroc, share
from eval.stories.records import DISPUTES
from eval.training.fit.answers import Row
from qa.conflicts.engine import measure_agreement
from qa.settings import Settings
from qa.stages import Models, compare_found

Rows = NDArray[np.float64]

# Begins the names of natural questions, whose silent sources may answer all the same.
NATURAL = "natural-"

# Read: of 22 pairs of sources rightly found, whose sentences are not the labelled ones, 13 show the dispute.
ELSEWHERE = 0.6

# What is promised of those that "disagree" and "may disagree"; and of the verdicts that are shown.
UPPER, LOWER, VERDICTS = 0.8, 0.5, 0.9


@dataclass(frozen=True, slots=True)
class Pair:
    """Features of two sources' statements, and whether the two are labelled as a conflict or an update.

    `told`: and both sentences are those that answer. `yes_no`: as answers to such a question; `fitted` says
    on which half it is. `of` names the question and both sources; the surest pair of these alone is shown,
    and only where it `may` conflict: not equal values, nor one verdict shown with both, which it is from the
    threshold `agreed` down.
    """

    features: tuple[float, ...]
    disputed: bool
    yes_no: bool
    fitted: bool
    of: tuple[str, frozenset[str]] = ("", frozenset())
    may: bool = True
    told: bool = True
    agreed: float = 0.0

    @property
    def worth(self) -> float:
        """How probably the two sentences show a dispute of their sources."""
        return 0.0 if not self.disputed else 1.0 if self.told else ELSEWHERE


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure the surest verdict on a source's statement is, whether it is right, and its score."""

    sure: float
    right: bool
    answers: bool
    score: float


@dataclass(frozen=True, slots=True)
class Gathered:
    """All compared pairs, all verdicts, and how many pairs are labelled as conflict or update."""

    pairs: list[Pair]
    verdicts: list[Verdict]
    labelled: int


def gather(rows: Sequence[Row], models: Models, settings: Settings) -> Gathered:
    """What comparing finds in what was found."""
    gathered = Gathered([], [], sum(one.label in DISPUTES for row in rows for one in row.question.relations))
    for row in rows:
        found = replace(row, examined=compare_found(row.examined, models, settings))
        _pairs_of(found, gathered.pairs)
        _verdicts_of(found, models, gathered.verdicts)
    return gathered


def _pairs_of(row: Row, pairs: list[Pair]) -> None:
    statements = [one.citation for one in row.examined.statements]
    stances = [one.stance for one in row.examined.statements]
    labels = {one.pair: one for one in row.question.relations}
    for one in row.examined.compared:
        keys = [row.key(statements[at]) or statements[at].article_id for at in (one.one, one.other)]
        told = labels.get(frozenset(keys))
        if told is None and row.story.id.startswith(NATURAL):
            continue  # nobody said that either does not answer
        disputed = told is not None and told.label in DISPUTES
        both = all(row.answers(statements[at]) for at in (one.one, one.other))
        of = (f"{row.story.id} {row.question.question} {len(row.sources)}", frozenset(keys))
        may = one.difference.verdict != "equal"
        alike = measure_agreement(stances[one.one], stances[one.other])
        pairs.append(Pair(one.features, disputed, stances[0] is not None, row.half, of, may, both, alike))


def _verdicts_of(row: Row, models: Models, verdicts: list[Verdict]) -> None:
    if row.question.kind != "yesno":
        return
    seen: set[str] = set()
    for place, one in enumerate(row.examined.statements):
        citation, stance = one.citation, one.stance
        quoted = place == 0 or citation.score >= models.threshold("source")
        if stance is None or citation.article_id in seen or not quoted:
            continue
        seen.add(citation.article_id)
        shares = {"yes": stance.yes, "no": stance.no, "open": stance.open}
        best = max(shares, key=lambda name: shares[name])
        key = row.key(citation)
        gold = row.question.answers.get(key) if key else None
        right = gold is not None and gold.verdict == best
        verdicts.append(Verdict(shares[best], right, gold is not None, citation.score))


def fit(pairs: Sequence[Pair]) -> Rows:
    """The weights of the features, the constant last."""
    from sklearn.linear_model import LogisticRegression

    rows = np.array([one.features for one in pairs])[:, :-1]
    worth = np.array([one.worth for one in pairs])
    # Each pair twice: as a dispute by its worth, as none by the rest.
    wanted = np.repeat([True, False], len(pairs))
    model = LogisticRegression(C=1.0, max_iter=5_000)
    fitted = model.fit(np.concatenate([rows, rows]), wanted, np.concatenate([worth, 1 - worth]))
    return np.append(fitted.coef_[0], fitted.intercept_[0])


def fit_kinds(pairs: Sequence[Pair]) -> dict[bool, Rows]:
    """The weights for yes/no questions and for others."""
    return {kind: fit([one for one in pairs if one.yes_no is kind]) for kind in (True, False)}


def scores_of(pairs: Sequence[Pair]) -> list[float]:
    """The score of each pair by weights that its half was not fitted on."""
    by_half = {half: fit_kinds([one for one in pairs if one.fitted is not half]) for half in (True, False)}
    rows = [float(np.dot(one.features, by_half[one.fitted][one.yes_no])) for one in pairs]
    return [float(1 / (1 + np.exp(-one))) for one in rows]


def select_shown(
    pairs: Sequence[Pair], scores: Sequence[float], verdict: float
) -> tuple[Rows, NDArray[np.bool_], Rows]:
    """Of each two sources the surest pair that may be shown: its score, whether they dispute, and its worth.

    `verdict` is the threshold from which on verdicts are shown.
    """
    surest: dict[Any, tuple[float, bool, float]] = {}
    for one, score in zip(pairs, scores, strict=True):
        if one.may and one.agreed < verdict and (one.of not in surest or score > surest[one.of][0]):
            surest[one.of] = (score, one.disputed, one.worth)
    score_of, disputed, worth = zip(*surest.values(), strict=True) if surest else ((), (), ())
    return np.array(score_of), np.array(disputed, dtype=bool), np.array(worth, dtype=float)


def threshold_for(scores: Rows, right: NDArray[Any], precision: float) -> float:
    """The lowest score from which on so many are right, each by how probably it is; above all where none."""
    order = np.argsort(-scores, kind="stable")
    held = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last_of_equals = np.diff(scores[order], append=-np.inf) < 0
    places = np.flatnonzero((held >= precision) & last_of_equals)
    # Rounded down, so that the pair that it was taken from is shown.
    return math.floor(round(scores[order[places[-1]]] * 1e4, 6)) / 1e4 if places.size else 0.99


def choose_thresholds(gathered: Gathered, scores: Sequence[float], least: float) -> dict[str, float]:
    """From where on pairs and verdicts are shown. `least`: what a statement that is quoted scores.

    Each tier keeps its promise alone: what "may disagree" is right so often without what "disagrees".
    """
    told = [one for one in gathered.verdicts if one.score >= least]
    sure = np.array([one.sure for one in told])
    right = np.array([one.right for one in told], dtype=bool)
    verdict = max(0.4, threshold_for(sure, right, VERDICTS))
    likely, _, worth = select_shown(gathered.pairs, scores, verdict)
    upper = threshold_for(likely, worth, UPPER)
    rest = likely < upper
    lower = min(upper, threshold_for(likely[rest], worth[rest], LOWER))
    return {"upper": upper, "lower": lower, "verdict": verdict}


def report(gathered: Gathered, scores: Sequence[float], chosen: Mapping[str, float]) -> dict[str, Any]:
    """Precision and recall over all labelled pairs of sources at each threshold, and of both tiers.

    Precision is of sources; `told`: how many of those shown quote the sentences that the label was written
    from. `chosen` are the thresholds.
    """
    likely, truly, worth = select_shown(gathered.pairs, scores, chosen["verdict"])

    def of(mine: NDArray[np.bool_]) -> dict[str, Any]:
        found = round(float((truly & mine).sum() / max(1, gathered.labelled)), 3)
        return {
            "shown": int(mine.sum()),
            "precision": share(truly[mine]),
            "recall": found,
            "told": share(worth[mine] == 1.0),
        }

    upper = likely >= chosen["upper"]
    return {
        "pairs": len(gathered.pairs),
        "labelled": gathered.labelled,
        "compared": int(truly.sum()),
        "auroc": round(auroc(likely.tolist(), truly.tolist()) or 0.0, 3),
        "disagree": of(upper),
        "may disagree": of(~upper & (likely >= chosen["lower"])),
        "thresholds": {f"{least:.2f}": of(likely >= least) for least in np.arange(0.1, 0.95, 0.05)},
    }


def verdict_report(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Of the statements that are quoted, how many verdicts each threshold shows and how many are right."""
    sure = np.array([one.sure for one in verdicts])
    right = np.array([one.right for one in verdicts])
    return {
        f"{threshold:.2f}": {"shown": share(sure >= threshold), "right": share(right[sure >= threshold])}
        for threshold in np.arange(0.4, 0.95, 0.05)
    }


def weights_of(pairs: Sequence[Pair]) -> Mapping[str, list[float]]:
    """What is written: fitted on all pairs."""
    return {
        "yes_no" if yes_no else "other": [round(float(one), 4) for one in weights]
        for yes_no, weights in fit_kinds(pairs).items()
    }
