"""Fits the score of conflicts and shows what each threshold costs, on stories that no model was trained on.

    python -m eval.fit_comparison [STORIES] [--limit N] [--all]

asks the held-out stories of the training part as `ask()` does, each of a library of its own. Of each pair of
sources whose statements were compared the features of `qa.engine.evidence_of` are taken; a logistic
regression says how probably the pair is labelled as a conflict or an update. One half, by story, fits, the
other judges, with the verdicts on yes/no questions beside it. `--all` judges the stories whole with the
weights as they stand.
"""

import argparse
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.fit_reader import held_out_stories
from eval.metrics import auroc
from eval.stories import Story, StoryQuestion
from eval.stories.records import DISPUTES
from eval.stories.run import Shelf, open_shelf
from eval.train.questions import needed_words
from qa.answer import before_of, statements_of, whole
from qa.comparison import BundledComparison, Comparison
from qa.conversation import Understood
from qa.engine import CONFLICT_WEIGHTS, compare, evidence_of, stances_of
from qa.reader import SpanReader
from qa.records import Citation
from qa.settings import Settings
from qa.span_model import BundledSpanModel

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Features of two sources' statements, and whether the two are labelled as a conflict or an update.

    `yes_no`: as answers to such a question; `fitted` says on which half it is.
    """

    features: tuple[float, ...]
    disputed: bool
    yes_no: bool
    fitted: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure the surest verdict on a source's statement is, whether it is right, and the reader's score."""

    sure: float
    right: bool
    answers: bool
    score: float


@dataclass(frozen=True, slots=True)
class Models:
    """What asks: the reader, the comparison model and the settings."""

    reader: SpanReader
    comparison: Comparison
    settings: Settings


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
    before: StoryQuestion | None = None
    for question in story.questions:
        asked = Understood(question.question)
        if question.follow and before is not None:
            answers = [before.answers[key].text for key in sorted(before.answers)][:1]
            words = needed_words(question.question, question.standalone)
            asked = Understood(question.question, tuple(words), " ".join([before.standalone, *answers]))
        before = question
        gathered.labelled[fitted] += sum(one.label in DISPUTES for one in question.relations)
        hits = shelf.library.search(asked.searched, k=settings.passages)
        statements = statements_of(whole(asked.question, reader.read(asked.question, hits, asked.talk)))
        if not statements or statements[0].score < settings.min_confidence:
            continue
        texts = {hit.article.id: hit.article.text for hit in hits}
        befores = [before_of(one, texts) for one in statements]
        stances = stances_of(asked.standalone, statements, befores, comparison)
        compared, _ = compare(asked.standalone, statements, stances, comparison, max_pairs=settings.max_pairs)
        keys = [shelf.sources[one.article_id].key for one in statements]
        labels = {one.pair: one for one in question.relations}
        for one in compared:
            if statements[one.one].score < settings.min_confidence:
                continue
            told = labels.get(frozenset((keys[one.one], keys[one.other])))
            scores = statements[one.one].score, statements[one.other].score
            row = evidence_of(one.relation, one.difference, (stances[one.one], stances[one.other]), scores)
            disputed = told is not None and told.label in DISPUTES
            gathered.pairs.append(Pair(row, disputed, stances[0] is not None, fitted))
        gathered.verdicts.extend(_verdicts(question, statements, keys, stances))


def _verdicts(
    question: StoryQuestion, statements: Sequence[Citation], keys: Sequence[str], stances: Sequence[Any]
) -> Iterable[Verdict]:
    for statement, key, stance in zip(statements, keys, stances, strict=True):
        if stance is None or question.kind != "yesno":
            continue
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


def report(pairs: Sequence[Pair], weights: Mapping[bool, Rows], labelled: int) -> dict[str, Any]:
    """Precision and recall over all labelled pairs at each threshold."""
    scores = np.array([float(np.dot(one.features, weights[one.yes_no])) for one in pairs])
    likely = 1 / (1 + np.exp(-scores))
    truly = np.array([one.disputed for one in pairs])
    return {
        "pairs": len(pairs),
        "labelled": labelled,
        "compared": int(truly.sum()),
        "auroc": round(auroc(likely.tolist(), truly.tolist()) or 0.0, 3),
        "thresholds": {
            f"{threshold:.2f}": {
                "shown": int((likely >= threshold).sum()),
                "precision": _share(truly[likely >= threshold]),
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
        f"{threshold:.2f}": {"shown": _share(sure >= threshold), "right": _share(right[sure >= threshold])}
        for threshold in np.arange(0.4, 0.95, 0.05)
    }


def _share(of: NDArray[np.bool_]) -> float | None:
    return round(float(of.mean()), 3) if of.size else None


def main() -> None:
    """Prints weights and reports as one JSON object."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("stories", type=Path, nargs="?", help="file or folder; by default the training part")
    parser.add_argument("--limit", type=int, help="so many stories at most")
    parser.add_argument("--all", action="store_true", help="judge all these stories, fit nothing")
    arguments = parser.parse_args()
    stories = held_out_stories(arguments.stories, arguments.limit, every=arguments.all)
    gathered = gather(stories, Models(SpanReader(BundledSpanModel()), BundledComparison(), Settings()))
    if arguments.all:
        weights = {kind == "yes_no": np.array(values) for kind, values in CONFLICT_WEIGHTS.items()}
        judged, labelled = gathered.pairs, sum(gathered.labelled.values())
    else:
        fitted = [one for one in gathered.pairs if one.fitted]
        weights = {kind: fit([one for one in fitted if one.yes_no is kind]) for kind in (True, False)}
        judged, labelled = [one for one in gathered.pairs if not one.fitted], gathered.labelled[False]
    found = {
        "yes_no": [round(float(one), 3) for one in weights[True]],
        "other": [round(float(one), 3) for one in weights[False]],
        "conflicts": report(judged, weights, labelled),
        "verdicts": verdict_report(
            [one for one in gathered.verdicts if one.score >= Settings().min_confidence]
        ),
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
