"""Fits how probably a sentence answers, as all models see it, and from where on one is shown.

The held-out stories are asked as `ask()` does, each of a library of its own and, a part of them, of one of
all. What each model says of a sentence are the features; a logistic regression for each kind of question says
how probably it answers. Each half, by story, is judged with weights fitted on the other; what is written is
fitted on both.
"""

import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.stories import Story, StoryQuestion
from eval.stories.run import Shelf, open_shelf
from eval.stories.scoring import Source, holds
from eval.training.fit.reader import Asked, fit, report, right_by_group, understand_questions
from qa.comparison.evidence import probability
from qa.comparison.judgement import stand_of
from qa.comparison.reranking import in_order
from qa.question.kinds import Kind
from qa.records import Citation
from qa.retrieval import find_passages
from qa.settings import Settings
from qa.stages import Examined, Models, read_hits
from qa.weights.fitted import load_fitted

Rows = NDArray[np.float64]

# Kinds of questions that share weights: few questions ask for lists.
SHARED: Sequence[tuple[Kind, ...]] = (("span", "list"), ("explanation",), ("yes_no",))

# A first sentence that is wrong costs so much of what a right one gains; a further source that is wrong as
# much as a right one gains. Own choice: beside its source and its sentence a wrong answer is soon seen to be
# one.
_WRONG_FIRST, _WRONG_SOURCE = 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """A question, what was found, and which account each article is; `half` says on which half it is."""

    story: Story
    question: StoryQuestion
    examined: Examined
    sources: Mapping[str, Source]
    half: bool

    @property
    def kind(self) -> Kind:
        """Of the question as it was understood."""
        return self.examined.understood.kind

    def answers(self, citation: Citation) -> bool:
        """Whether the sentence holds any of its article's answer, or gives it in another place."""
        source = self.sources[citation.article_id]
        gold = self.question.answers.get(source.key) if source.story == self.story.id else None
        if gold is None:
            return False
        inside = gold.start < citation.sentence_end and gold.start + len(gold.text) > citation.sentence_start
        return inside or holds(citation, gold.text)

    def key(self, citation: Citation) -> str | None:
        """The account's letter; None of another story."""
        source = self.sources[citation.article_id]
        return source.key if source.story == self.story.id else None


def gather(
    stories: Sequence[Story],
    models: Models,
    settings: Settings,
    *,
    together: float = 0.3,
    watch: Callable[[Sequence[Story]], Iterable[Story]] = iter,
) -> list[Row]:
    """All questions of each story's own library, and a share of them of one library of all."""
    rows: list[Row] = []
    for story in watch(stories):
        with open_shelf([story], settings) as shelf:
            rows += ask_all(story, shelf, models, settings)
    drawn = [one for one in stories if random.Random(f"together {one.id}").random() < together]  # noqa: S311
    if drawn:
        with open_shelf(stories, settings) as shelf:
            for story in drawn:
                rows += ask_all(story, shelf, models, settings)
    return rows


def ask_all(story: Story, shelf: Shelf, models: Models, settings: Settings) -> Iterator[Row]:
    """The questions of one story; a follow-up hears the question before it with one of its answers."""
    half = random.Random(f"half {story.id}").random() < 0.5  # noqa: S311 - no secret
    for question, asked in understand_questions(story):
        hits = find_passages(shelf.library, asked.searched, k=settings.passages)
        examined = read_hits(asked, hits, models, settings)
        if examined.found:
            yield Row(story, question, examined, shelf.sources, half)


def take_best(row: Row) -> Asked:
    """The question with the features of each article's likeliest sentence."""
    best: dict[str, int] = {}
    for place, one in enumerate(row.examined.found):
        best.setdefault(one.citation.article_id, place)
    found = [row.examined.found[place] for place in best.values()]
    features = np.array([one.features for one in found])
    right = np.array([row.answers(one.citation) for one in found])
    return Asked(row.kind, row.question.group, features, right, bool(row.question.answers), row.half)


def every_sentence(row: Row) -> Asked:
    """The question with the features of all sentences that were judged."""
    found = row.examined.found
    features = np.array([one.features for one in found])
    right = np.array([row.answers(one.citation) for one in found])
    return Asked(row.kind, row.question.group, features, right, bool(row.question.answers), row.half)


def fit_kinds(rows: Sequence[Row]) -> dict[Kind, Rows]:
    """The weights for each kind of question."""
    asked = [every_sentence(one) for one in rows]
    weights: dict[Kind, Rows] = {}
    for kinds in SHARED:
        mine = [one for one in asked if one.kind in kinds]
        weights |= dict.fromkeys(kinds, fit(mine))
    return weights


def rescore(row: Row, weights: Mapping[Kind, Rows]) -> Row:
    """The same with scores by these weights, best first."""
    found = [
        replace(
            one, citation=replace(one.citation, score=probability(weights[row.kind].tolist(), one.features))
        )
        for one in row.examined.found
    ]
    return replace(row, examined=replace(row.examined, found=tuple(sorted(found, key=in_order))))


def fit_stand(rows: Sequence[Row]) -> list[float]:
    """How much the judge's look and the small model's count for a verdict: by likelihood of the labels.

    As they are where no verdict is labelled.
    """
    told = [
        (one.looks, gold.verdict)
        for row in rows
        for one in bests(row)
        if one.looks is not None
        and row.answers(one.citation)
        and (key := row.key(one.citation)) is not None
        and (gold := row.question.answers.get(key)) is not None
        and gold.verdict is not None
    ]
    if not told:
        return list(load_fitted().stand)

    def likelihood(weights: tuple[float, float]) -> float:
        total = 0.0
        for (judge, small), verdict in told:
            stand = stand_of(judge, small, weights)
            total += math.log(getattr(stand, verdict) / (stand.yes + stand.no + stand.open))
        return total

    grid = [round(0.1 * step, 1) for step in range(16)]
    pairs = [(one, other) for one in grid for other in grid if one + other]
    best = max(pairs, key=likelihood)
    return list(best)


def with_stands(row: Row, weights: Sequence[float]) -> Row:
    """The same with verdicts by these weights."""
    found = [
        one if one.looks is None else replace(one, stance=stand_of(*one.looks, weights))
        for one in row.examined.found
    ]
    return replace(row, examined=replace(row.examined, found=tuple(found)))


def cross_fit(rows: Sequence[Row]) -> list[Row]:
    """Each row scored with weights that its half was not fitted on."""
    by_half = {half: fit_kinds([one for one in rows if one.half is not half]) for half in (True, False)}
    return [rescore(one, by_half[one.half]) for one in rows]


def choose_thresholds(rows: Sequence[Row]) -> dict[str, float]:
    """From where on a question is answered, and a further source quoted: what gains most."""
    grid = np.arange(0.05, 0.8, 0.01)
    firsts = [
        (one.examined.found[0].citation.score, one.answers(one.examined.found[0].citation)) for one in rows
    ]
    answered = max(grid, key=lambda at: (_gain(firsts, at, _WRONG_FIRST), -at))
    further = [
        (one.citation.score, row.answers(one.citation))
        for row in rows
        if row.examined.found[0].citation.score >= answered
        for one in bests(row)[1:]
    ]
    source = max(grid[grid >= answered], key=lambda at: (_gain(further, at, _WRONG_SOURCE), -at))
    return {"answered": round(float(answered), 2), "source": round(float(source), 2)}


def bests(row: Row) -> list[Any]:
    """Each article's likeliest sentence, best first."""
    known: dict[str, Any] = {}
    for one in row.examined.found:
        known.setdefault(one.citation.article_id, one)
    return list(known.values())


def _gain(scored: Sequence[tuple[float, bool]], at: float, wrong: float) -> float:
    return sum(1.0 if right else -wrong for score, right in scored if score >= at)


def report_of(rows: Sequence[Row]) -> dict[str, Any]:
    """What `eval.training.fit.reader.report` says of the articles' best sentences, scored as they stand."""
    asked = [take_best(one) for one in rows]
    scored = [
        replace(each, features=np.array([[_logit(one.citation.score)] for one in bests(row)]))
        for row, each in zip(rows, asked, strict=True)
    ]
    alone = {kind: np.array([1.0]) for kinds in SHARED for kind in kinds}
    return report(scored, alone) | right_by_group(scored, alone)


def _logit(score: float) -> float:
    score = min(max(score, 1e-6), 1 - 1e-6)
    return float(np.log(score / (1 - score)))
