"""Fits how reader and comparison model together say that a sentence answers, and what thresholds cost.

    python -m eval.fit.reranking [STORIES] [--limit N] [--all]

asks the held-out stories of the training part as `eval.fit.reader` does, each of a library of its own and of
one of all. Of the sentences that `qa.comparison.reranking` judges once more both log-odds are taken: a
logistic regression for each kind of question says how probably one answers; few questions ask for lists, so
these and those for a span are fitted together. One half, by story, fits, the other judges; `--all` judges
the stories whole, with the weights as they stand, and fits nothing.
"""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.fit.held_out import chosen
from eval.fit.reader import Asked, fit, heard, report, right_by_group
from eval.stories import Story, StoryQuestion
from eval.stories.run import Shelf, open_shelf
from qa.answer import cite, whole
from qa.comparison.evidence import before_of, told_of
from qa.comparison.model import BundledComparison, Comparison
from qa.comparison.reranking import WEIGHTS, evidence, likeliest
from qa.question.kinds import Kind, kind_of
from qa.reader.reader import SpanReader
from qa.reader.span_model import BundledSpanModel
from qa.records import Citation
from qa.settings import Settings

Rows = NDArray[np.float64]

# Kinds of questions that share weights.
_SHARED: Sequence[tuple[Kind, ...]] = (("span", "list"), ("explanation",), ("yes_no",))


@dataclass(frozen=True, slots=True)
class Reranked:
    """What was asked, with a row for each sentence judged once more, and the article of each."""

    asked: Asked
    articles: tuple[str, ...]

    def best_of_articles(self, weights: Mapping[Kind, Rows]) -> Asked:
        """With each article's likeliest sentence alone."""
        scores = self.asked.features @ weights[self.asked.kind]
        best: dict[str, int] = {}
        for place, article in enumerate(self.articles):
            if article not in best or scores[place] > scores[best[article]]:
                best[article] = place
        kept = list(best.values())
        one = self.asked
        return Asked(one.kind, one.group, one.features[kept], one.right[kept], one.answerable, one.fitted)


@dataclass(frozen=True, slots=True)
class Models:
    """What asks."""

    reader: SpanReader
    comparison: Comparison
    settings: Settings


def gather(stories: Sequence[Story], models: Models) -> list[Reranked]:
    """All questions, of each story's own library and of one library of all."""
    found: list[Reranked] = []
    for story in stories:
        with open_shelf([story], models.settings) as shelf:
            found += ask_all(story, shelf, models)
    with open_shelf(stories, models.settings) as shelf:
        for story in stories:
            found += ask_all(story, shelf, models)
    return found


def ask_all(story: Story, shelf: Shelf, models: Models) -> Iterable[Reranked]:
    """The questions of one story; a follow-up hears the question before it with one of its answers."""
    fitted = random.Random(f"half {story.id}").random() < 0.5  # noqa: S311 - no secret
    for question, asked in heard(story):
        hits = shelf.library.search(asked.searched, k=models.settings.passages)
        readings = likeliest(whole(asked.question, models.reader.read(asked.question, hits, asked.talk)))
        if not readings:
            continue
        cited = [cite(one.hit.article, one) for one in readings]
        texts = {hit.article.id: hit.article.text for hit in hits}
        told = [told_of(one, before_of(one, texts)) for one in cited]
        shares = models.comparison.stances(asked.standalone, told)
        rows = [evidence(one.score, share.answers or 0.5) for one, share in zip(cited, shares, strict=True)]
        right = np.array([answers(one, question, story, shelf) for one in cited])
        kind = kind_of(asked.standalone)
        made = Asked(kind, question.group, np.array(rows), right, bool(question.answers), fitted)
        yield Reranked(made, tuple(one.article_id for one in cited))


def answers(citation: Citation, question: StoryQuestion, story: Story, shelf: Shelf) -> bool:
    """Whether the sentence holds any of its article's answer."""
    source = shelf.sources[citation.article_id]
    gold = question.answers.get(source.key) if source.story == story.id else None
    return (
        gold is not None
        and gold.start < citation.sentence_end
        and gold.start + len(gold.text) > citation.sentence_start
    )


def main() -> None:
    """Prints weights and reports as one JSON object."""
    asked_for = chosen(__doc__)
    models = Models(SpanReader(BundledSpanModel()), BundledComparison(), Settings())
    gathered = gather(asked_for.stories, models)
    weights: dict[Kind, Rows] = {kind: np.array(values) for kind, values in WEIGHTS.items()}
    found: dict[str, Any] = {}
    if not asked_for.every:
        for kinds in _SHARED:
            shared = fit([one.asked for one in gathered if one.asked.kind in kinds and one.asked.fitted])
            for kind in kinds:
                weights[kind] = shared
                found[kind] = [round(float(one), 3) for one in shared]
    judged = [one for one in gathered if asked_for.every or not one.asked.fitted]
    best = [one.best_of_articles(weights) for one in judged]
    alone = {kind: np.array([1.0, 0.0, 0.0]) for kind in weights}
    found["reader alone"] = report([one.best_of_articles(alone) for one in judged], alone)
    found["judged"] = report(best, weights)
    found |= right_by_group(best, weights)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
