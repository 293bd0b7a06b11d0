"""Fits the reader's weights and shows what each threshold costs, on stories that it was not trained on.

The questions of the held-out stories are asked, each of a library of its own story and of one of all those
stories. Of every source the best sentence is taken: a logistic regression for each kind of question says how
probably it answers.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.metrics import auroc, expected_calibration_error, share
from eval.stories import Story, StoryQuestion
from eval.stories.run import Shelf, open_shelf
from eval.training.data.questions import needed_words
from qa.question.conversation import Understood
from qa.question.kinds import Kind
from qa.reader.reader import FoundSentence, SpanReader
from qa.retrieval import find_passages
from qa.settings import Settings

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the features of each source's best sentence, (sources, n), and which answer.

    `fitted` says on which half it is; `answerable` that any source answers.
    """

    kind: Kind
    group: str
    features: Rows
    right: NDArray[np.bool_]
    answerable: bool
    fitted: bool


def gather(stories: Sequence[Story], reader: SpanReader, settings: Settings) -> list[Asked]:
    """All questions, of each story's own library and of one library of all."""
    found: list[Asked] = []
    for story in stories:
        with open_shelf([story], settings) as shelf:
            found += ask_all(story, shelf, reader, settings)
    with open_shelf(stories, settings) as shelf:
        for story in stories:
            found += ask_all(story, shelf, reader, settings)
    return found


def ask_all(story: Story, shelf: Shelf, reader: SpanReader, settings: Settings) -> Iterable[Asked]:
    """The questions of one story."""
    fitted = random.Random(f"half {story.id}").random() < 0.5  # noqa: S311 - no secret
    for question, asked in understand_questions(story):
        hits = find_passages(shelf.library, asked.searched, k=settings.passages)
        features, right = _best_of_sources(reader.find(asked, hits), question, shelf, story)
        if len(right):
            yield Asked(asked.kind, question.group, features, right, bool(question.answers), fitted)


def understand_questions(story: Story) -> Iterable[tuple[StoryQuestion, Understood]]:
    """Each question as it is understood; a follow-up after the question before it with one of its answers.

    Which words it needs is known here, from the story's own rewording: the fits are of what comes after.
    """
    before: StoryQuestion | None = None
    for question in story.questions:
        asked = Understood(question.question)
        if question.follow and before is not None:
            answers = [before.answers[key].text for key in sorted(before.answers)][:1]
            words = needed_words(question.question, question.standalone)
            asked = Understood(question.question, tuple(words), " ".join([before.standalone, *answers]))
        yield question, asked
        before = question


def _best_of_sources(
    found: Sequence[FoundSentence], question: StoryQuestion, shelf: Shelf, story: Story
) -> tuple[Rows, NDArray[np.bool_]]:
    """The features of each article's likeliest sentence, and whether it holds the article's answer."""
    best: dict[str, FoundSentence] = {}
    for one in found:
        article = one.candidate.hit.article.id
        if article not in best or one.features[0] > best[article].features[0]:
            best[article] = one
    right = []
    for article, one in best.items():
        source = shelf.sources[article]
        gold = question.answers.get(source.key) if source.story == story.id else None
        place = one.candidate.span
        right.append(
            gold is not None and gold.start < place.end and gold.start + len(gold.text) > place.start
        )
    rows = [one.features for one in best.values()]
    return np.array(rows), np.array(right, dtype=bool)


def fit(asked: Sequence[Asked]) -> Rows:
    """The weights of the features, the constant last; what never differs gets none."""
    from sklearn.linear_model import LogisticRegression

    features = np.concatenate([one.features for one in asked])
    right = np.concatenate([one.right for one in asked])
    used = [at for at in range(features.shape[1] - 1) if features[:, at].std() > 0]
    fitted = LogisticRegression(C=1.0, max_iter=5_000).fit(features[:, used], right)
    weights = np.zeros(features.shape[1])
    weights[used], weights[-1] = fitted.coef_[0], fitted.intercept_[0]
    return weights


def report(asked: Sequence[Asked], weights: Mapping[Kind, Rows]) -> dict[str, Any]:
    """How sure the first readings are against how often they are right, and what each threshold costs."""
    scores = [1 / (1 + np.exp(-(one.features @ weights[one.kind]))) for one in asked]
    first = np.array([one.max() for one in scores])
    right = np.array([one.right[score.argmax()] for one, score in zip(asked, scores, strict=True)])
    answerable = np.array([one.answerable for one in asked])
    every = np.concatenate(scores)
    true = np.concatenate([one.right for one in asked])
    return {
        "questions": len(asked),
        "right_first": share(right[answerable]),
        "auroc": round(auroc(first.tolist(), answerable.tolist()) or 0.0, 3),
        "sources_auroc": round(auroc(every.tolist(), true.tolist()) or 0.0, 3),
        "calibration_error": round(expected_calibration_error(first.tolist(), right.tolist()) or 0.0, 3),
        "reliability": _reliability(first, right),
        "thresholds": {
            f"{threshold:.2f}": {
                "right": share((right & (first >= threshold))[answerable]),
                "refused": share(first[answerable] < threshold),
                "unanswerable_refused": share(first[~answerable] < threshold),
                "who_recall": share(every[true] >= threshold),
                "who_precision": share(true[every >= threshold]),
            }
            for threshold in np.arange(0.1, 0.75, 0.05)
        },
    }


def right_by_group(asked: Sequence[Asked], weights: Mapping[Kind, Rows]) -> dict[str, float | None]:
    """How often the first reading is right, by group of questions."""
    groups: dict[str, list[bool]] = {}
    for one in asked:
        groups.setdefault(one.group, []).append(bool(one.right[(one.features @ weights[one.kind]).argmax()]))
    return {f"{name}: right first": share(np.array(groups[name])) for name in sorted({*groups} - {"none"})}


def _reliability(scores: Rows, right: NDArray[np.bool_]) -> list[dict[str, float]]:
    table = []
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (scores >= low) & (scores < low + 0.1)
        if inside.any():
            table.append(
                {
                    "said": round(float(scores[inside].mean()), 3),
                    "right": round(float(right[inside].mean()), 3),
                    "questions": int(inside.sum()),
                }
            )
    return table
