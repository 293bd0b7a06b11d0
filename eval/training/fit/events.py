"""Fits that two articles tell of one event, on whether accounts are of one story, in libraries of all sizes.

Of a library of three stories nearly every pair is looked at, and few names are common; of one of all stories
only what is near. The weights are fitted on two thirds of the stories of the training part, drawn
into libraries of many sizes, with each third article without its date; the thresholds on a third of the
stories that they were not fitted on. No model learnt from these stories what is weighed here.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from eval.stories import Story
from eval.stories.events import ToldArticle, group_figures, outline_stories
from qa.events.groups import group
from qa.events.pairs import Company

# Stories in a library, and how many libraries of that size are drawn; a size beyond what there is takes all.
_FITTED = ((3, 150), (12, 40), (50, 10), (300, 4), (5_000, 1))
_CHOSEN = ((1, 60), (3, 60), (12, 20), (50, 4), (5_000, 1))
_UNDATED = 1 / 3
# So few pairs of one story may surely tell of two events. Source: own choice.
_LOST = 0.04


@dataclass(frozen=True, slots=True)
class FittedEvents:
    """Weights and thresholds as they are written, and what came of them by size of library."""

    weights: list[float]
    thresholds: dict[str, float]
    report: dict[str, Any]


def fit_events(stories: Sequence[Story]) -> FittedEvents:
    """From the stories of the training part."""
    articles = outline_stories(stories)
    weights = _fit_weights([one for one in articles if not _chooses(one.story)])
    held_out = [one for one in articles if _chooses(one.story)]
    drawn = {
        size: [_Judged.of(one, weights) for one in _draw(held_out, size, many)] for size, many in _CHOSEN
    }
    least = _choose_least(drawn)
    apart = _choose_apart(drawn, least)
    return FittedEvents(
        [round(float(one), 4) for one in weights],
        {"event": _probability(least), "stranger_event": _probability(apart)},
        {str(size): _report(several, least) for size, several in drawn.items()},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """A library of stories, and the story of each of its articles."""

    stories: tuple[str, ...]
    company: Company

    @classmethod
    def of(cls, articles: Sequence[ToldArticle], weights: NDArray[np.float64]) -> "_Judged":
        company = Company([one.outline for one in articles], weights)
        return cls(tuple(one.story for one in articles), company)


def _chooses(story: str) -> bool:
    """Whether thresholds are chosen on the story."""
    return random.Random(f"event of {story}").random() < 1 / 3  # noqa: S311 - no secret


def _fit_weights(articles: Sequence[ToldArticle]) -> NDArray[np.float64]:
    """Each size of library counts the same, whatever the number of its pairs."""
    rows, same, counts = [], [], []
    chance = random.Random("events")  # noqa: S311 - no secret
    for size, many in _FITTED:
        pairs = 0
        for drawn in _draw(articles, size, many):
            outlines = [
                replace(one.outline, day=None) if chance.random() < _UNDATED else one.outline for one in drawn
            ]
            company = Company(outlines)
            rows.append(company.features(company.looked_at))
            same.append(_same([one.story for one in drawn], company))
            pairs += len(company.looked_at)
        counts += [pairs] * pairs
    features, weighed = np.concatenate(rows), len(counts) / np.array(counts)
    middle, spread = features.mean(0), features.std(0)
    model = LogisticRegression(max_iter=10_000, C=1e4)
    model.fit((features - middle) / spread, np.concatenate(same), sample_weight=weighed)
    weights = model.coef_[0] / spread
    return np.append(weights, model.intercept_ - weights @ middle)


def _draw(articles: Sequence[ToldArticle], size: int, many: int) -> Iterator[list[ToldArticle]]:
    """Libraries of so many stories, always the same."""
    by_story: dict[str, list[ToldArticle]] = defaultdict(list)
    for one in articles:
        by_story[one.story].append(one)
    chance = random.Random(f"events {size}")  # noqa: S311 - no secret
    for _ in range(many):
        drawn = chance.sample(sorted(by_story), min(size, len(by_story)))
        yield [one for story in sorted(drawn) for one in by_story[story]]


def _same(stories: Sequence[str], company: Company) -> NDArray[np.bool_]:
    return np.array([stories[one] == stories[other] for one, other in company.looked_at.tolist()], np.bool_)


def _choose_least(drawn: dict[int, list[_Judged]]) -> float:
    """The log-odds from which on groups are joined: what is best on average over the sizes."""

    def f1(least: float) -> float:
        return float(np.mean([_report(several, least)["f1"] for several in drawn.values()]))

    tried: list[float] = np.arange(-3.0, 0.25, 0.25).tolist()
    return max(tried, key=lambda least: (round(f1(least), 4), least))


def _choose_apart(drawn: dict[int, list[_Judged]], least: float) -> float:
    """The highest log-odds below which few pairs of one story are taken for two events, over the sizes."""

    def lost(apart: float) -> float:
        return float(np.mean([_lost(several, least, apart) for several in drawn.values()]))

    tried: list[float] = np.arange(least, -8.0, -0.25).tolist()
    return next((apart for apart in tried if lost(apart) <= _LOST), tried[-1])


def _lost(several: Sequence[_Judged], least: float, apart: float) -> float:
    """The share of the pairs of one story in groups that are surely apart."""
    lost = labelled = 0
    for one in several:
        groups = group(one.company, least, apart)
        number_of = {place: number for number, each in enumerate(groups) for place in each.places}
        for mine, theirs in combinations(range(len(one.stories)), 2):
            if one.stories[mine] == one.stories[theirs]:
                labelled += 1
                together = number_of[mine] == number_of[theirs]
                lost += not together and number_of[theirs] not in groups[number_of[mine]].near
    return lost / max(1, labelled)


def _report(several: Sequence[_Judged], least: float) -> dict[str, float]:
    counted = Counter[str]()
    for one in several:
        groups = [each.places for each in group(one.company, least)]
        counted.update(group_figures(one.stories, groups).counts)
    precision = counted["right"] / max(1, counted["grouped"])
    recall = counted["right"] / max(1, counted["labelled"])
    f1 = 2 * precision * recall / (precision + recall) if counted["right"] else 0.0
    return {"precision": round(precision, 3), "recall": round(recall, 3), "f1": round(f1, 3)}


def _probability(log_odds: float) -> float:
    return round(1 / (1 + exp(-log_odds)), 4)
