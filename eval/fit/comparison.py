"""Fits the score of conflicts and shows what each threshold costs, on stories that no model was trained on.

    python -m eval.fit.comparison [STORIES] [--limit N] [--all]

asks the held-out stories of the training part as `ask()` does, each of a library of its own. Of each pair of
sources whose statements were compared the features of `qa.conflicts.engine.evidence_of` are taken; a logistic
regression says how probably the pair is labelled as a conflict or an update. The weights are fitted on all
pairs; each half of them, by story, is judged with weights fitted on the other, with the verdicts on yes/no
questions beside it. `--all` judges the stories whole with the weights as they stand.
"""

import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.fit.held_out import chosen
from eval.fit.reader import heard
from eval.fit.reranking import Models, answers
from eval.metrics import auroc, share
from eval.stories import Story, StoryQuestion
from eval.stories.records import DISPUTES
from eval.stories.run import Shelf, open_shelf
from qa.answer import MIN_SOURCE_SCORE, cite, statements_of, whole
from qa.comparison.model import BundledComparison, StanceShares
from qa.comparison.reranking import likeliest, rerank
from qa.conflicts.engine import CONFLICT_WEIGHTS, compare, evidence_of, may_conflict
from qa.reader.reader import SpanReader
from qa.reader.span_model import BundledSpanModel
from qa.records import Citation
from qa.settings import Settings

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Features of two sources' statements, and whether the two are labelled as a conflict or an update.

    Only where both sentences answer: two that do not are none, whatever their sources dispute. `yes_no`: as
    answers to such a question; `fitted` says on which half it is. `of` names the question and both sources;
    the surest pair of these alone is shown, and only where it `may` conflict.
    """

    features: tuple[float, ...]
    disputed: bool
    yes_no: bool
    fitted: bool
    of: tuple[str, frozenset[str]] = ("", frozenset())
    may: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure the surest verdict on a source's statement is, whether it is right, and the reader's score."""

    sure: float
    right: bool
    answers: bool
    score: float


@dataclass(frozen=True, slots=True)
class Gathered:
    """All compared pairs, all verdicts, and how many pairs are labelled as conflict or update."""

    pairs: list[Pair]
    verdicts: list[Verdict]
    labelled: dict[bool, int]


def gather(stories: Sequence[Story], models: Models) -> Gathered:
    """What comparing finds in each story's own library."""
    gathered = Gathered([], [], {True: 0, False: 0})
    for story in stories:
        with open_shelf([story], models.settings) as shelf:
            _ask_all(story, shelf, models, gathered)
    return gathered


def _ask_all(story: Story, shelf: Shelf, models: Models, gathered: Gathered) -> None:
    reader, comparison, settings = models.reader, models.comparison, models.settings
    fitted = random.Random(f"half {story.id}").random() < 0.5  # noqa: S311 - no secret
    for question, asked in heard(story):
        gathered.labelled[fitted] += sum(one.label in DISPUTES for one in question.relations)
        hits = shelf.library.search(asked.searched, k=settings.passages)
        texts = {hit.article.id: hit.article.text for hit in hits}
        readings = likeliest(whole(asked.question, reader.read(asked.question, hits, asked.talk)))
        cited = [cite(one.hit.article, one) for one in readings]
        found = statements_of(rerank(asked.standalone, cited, texts, comparison))
        if not found or found[0].citation.score < settings.min_confidence:
            continue
        statements, stances = [one.citation for one in found], [one.stance for one in found]
        least = max(settings.min_confidence, MIN_SOURCE_SCORE)
        compared, _ = compare(
            asked.standalone,
            statements,
            stances,
            comparison,
            least=least,
            max_pairs=settings.max_pairs,
        )
        keys = [shelf.sources[one.article_id].key for one in statements]
        labels = {one.pair: one for one in question.relations}
        for one in compared:
            both = frozenset((keys[one.one], keys[one.other]))
            told = labels.get(both)
            scores = statements[one.one].score, statements[one.other].score
            said = stances[one.one], stances[one.other]
            row = evidence_of(one.relation, one.difference, said, scores)
            right = all(answers(statements[at], question, story, shelf) for at in (one.one, one.other))
            disputed = right and told is not None and told.label in DISPUTES
            of = (f"{story.id} {question.question}", both)
            may = may_conflict(one, said)
            gathered.pairs.append(Pair(row, disputed, stances[0] is not None, fitted, of, may))
        firsts = {key: place for place, key in reversed(list(enumerate(keys)))}
        for key, place in sorted(firsts.items(), key=lambda one: one[1]):
            if place == 0 or statements[place].score >= least:
                gathered.verdicts.extend(_verdict(question, statements[place], key, stances[place]))


def _verdict(
    question: StoryQuestion, statement: Citation, key: str, stance: StanceShares | None
) -> Iterable[Verdict]:
    if stance is None or question.kind != "yesno":
        return
    shares = {"yes": stance.yes, "no": stance.no, "open": stance.open}
    best = max(shares, key=lambda name: shares[name])
    gold = question.answers.get(key)
    right = gold is not None and gold.verdict == best
    yield Verdict(shares[best], right, gold is not None, statement.score)


def fit(pairs: Sequence[Pair]) -> Rows:
    """The weights of the features, the constant last."""
    from sklearn.linear_model import LogisticRegression

    rows = np.array([one.features for one in pairs])
    wanted = np.array([one.disputed for one in pairs])
    fitted = LogisticRegression(C=1.0, max_iter=5_000).fit(rows[:, :-1], wanted)
    return np.append(fitted.coef_[0], fitted.intercept_[0])


def fit_kinds(pairs: Sequence[Pair]) -> dict[bool, Rows]:
    """The weights for yes/no questions and for others."""
    return {kind: fit([one for one in pairs if one.yes_no is kind]) for kind in (True, False)}


def report(
    pairs: Sequence[Pair], weights: Callable[[Pair], Mapping[bool, Rows]], labelled: int
) -> dict[str, Any]:
    """Precision and recall over all labelled pairs of sources at each threshold."""
    surest: dict[Any, tuple[float, bool]] = {}
    for one in pairs:
        score = float(np.dot(one.features, weights(one)[one.yes_no]))
        if one.may and (one.of not in surest or score > surest[one.of][0]):
            surest[one.of] = (score, one.disputed)
    likely = 1 / (1 + np.exp(-np.array([score for score, _ in surest.values()])))
    truly = np.array([disputed for _, disputed in surest.values()])
    return {
        "pairs": len(pairs),
        "labelled": labelled,
        "compared": int(truly.sum()),
        "auroc": round(auroc(likely.tolist(), truly.tolist()) or 0.0, 3),
        "thresholds": {
            f"{threshold:.2f}": {
                "shown": int((likely >= threshold).sum()),
                "precision": share(truly[likely >= threshold]),
                "recall": round(float((truly & (likely >= threshold)).sum() / max(1, labelled)), 3),
            }
            for threshold in np.arange(0.3, 0.95, 0.05)
        },
    }


def verdict_report(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Of the statements that are quoted, how many verdicts each threshold shows and how many are right."""
    sure = np.array([one.sure for one in verdicts])
    right = np.array([one.right for one in verdicts])
    return {
        f"{threshold:.2f}": {"shown": share(sure >= threshold), "right": share(right[sure >= threshold])}
        for threshold in np.arange(0.4, 0.95, 0.05)
    }


def main() -> None:
    """Prints weights and reports as one JSON object."""
    asked_for = chosen(__doc__)
    models = Models(SpanReader(BundledSpanModel()), BundledComparison(), Settings())
    gathered = gather(asked_for.stories, models)
    halves = (True, False)
    if asked_for.every:
        weights = {kind == "yes_no": np.array(values) for kind, values in CONFLICT_WEIGHTS.items()}
        by_half = dict.fromkeys(halves, weights)
    else:
        weights = fit_kinds(gathered.pairs)
        by_half = {
            half: fit_kinds([one for one in gathered.pairs if one.fitted is not half]) for half in halves
        }
    found = {
        "yes_no": [round(float(one), 3) for one in weights[True]],
        "other": [round(float(one), 3) for one in weights[False]],
        "conflicts": report(gathered.pairs, lambda one: by_half[one.fitted], sum(gathered.labelled.values())),
        "verdicts": verdict_report(
            [one for one in gathered.verdicts if one.score >= Settings().min_confidence]
        ),
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
