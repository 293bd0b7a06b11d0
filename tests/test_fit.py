"""The fits of scores: what they gather of stories, and what they say of it."""

from pathlib import Path

import numpy as np
import pytest

from eval import sets as eval_sets
from eval.fit import comparison as fit_comparison
from eval.fit import reader as fit_reader
from eval.fit import reranking as fit_reranking
from eval.fit.held_out import held_out_stories
from eval.stories import read_stories
from qa.comparison.model import BundledComparison
from qa.comparison.reranking import MAX_OF_ARTICLE, MAX_SENTENCES
from qa.comparison.reranking import WEIGHTS as RERANKED
from qa.reader.reader import FEATURES, WEIGHTS, SpanReader
from qa.reader.span_model import BundledSpanModel
from qa.settings import Settings

STORIES = """=== t-mill-fire
--- A | Valley Post | 2025-03-02 | Mill burns at Aarup
A fire destroyed the old paper mill in Aarup on Saturday night. Three firemen were hurt when a wall fell. The mayor, Ida Holm, said that a faulty cable had started it.
--- B | Coast Radio | 2025-03-03 | Five hurt in mill fire
The paper mill in Aarup is gone. Five firemen were hurt, two of them badly, and police believe that somebody lit the fire on purpose.
? span How many firemen were injured at the Aarup mill?
A: Three firemen
B: Five firemen
~ A B conflict number
? why What set the paper mill on fire?
A: a faulty cable had started it
B: somebody lit the fire on purpose
~ A B conflict name
? yesno Is the mill at Aarup gone?
A: yes: A fire destroyed the old paper mill in Aarup on Saturday night.
B: yes: The paper mill in Aarup is gone.
~ A B agree
?> span When? => When did the mill at Aarup burn?
A: Saturday night
? none Who owned the mill?
=== t-ferry-delay
--- A | Harbour Gazette | 2025-06-04 | Ferry late again
The ferry Alma reached Norvik two hours late on Tuesday because of fog. It carried 45 passengers.
? span How late was the Alma at Norvik?
A: two hours
? none Who is the captain of the Alma?
"""


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> tuple:
    file = tmp_path_factory.mktemp("stories") / "t.txt"
    file.write_text(STORIES, encoding="utf-8")
    return read_stories(file)


def test_the_fit_of_the_reader_gathers_each_question_of_its_story_and_of_all(stories: tuple) -> None:
    asked = fit_reader.gather(stories, SpanReader(BundledSpanModel()), Settings())
    assert len(asked) == 2 * sum(len(story.questions) for story in stories)
    assert [one.group for one in asked[:5]] == ["span", "why", "yesno", "span>", "none"]
    assert [one.answerable for one in asked[:5]] == [True, True, True, True, False]
    assert {one.features.shape[1] for one in asked} == {FEATURES}
    alone, together = asked[0], asked[len(asked) // 2]
    assert (len(alone.right), len(together.right)) == (2, 3)
    assert not asked[4].right.any()
    weights = {kind: np.array(values) for kind, values in WEIGHTS.items()}
    told = fit_reader.report(asked, weights)
    assert told["questions"] == len(asked)
    assert sum(row["questions"] for row in told["reliability"]) == len(asked)
    shares = [told["thresholds"][name]["refused"] for name in sorted(told["thresholds"])]
    assert shares == sorted(shares)


def test_a_fit_prefers_what_tells_answers_from_the_rest() -> None:
    rows = [
        fit_reader.Asked("span", "span", np.array([[4.0 + at % 3, 1.0, 0.5, 1.0], [-4.0, 1.0, 0.5, 1.0]]),
                         np.array([True, False]), answerable=True, fitted=True)
        for at in range(20)
    ]  # fmt: skip
    weights = fit_reader.fit(rows)
    assert weights[0] > 0.3
    assert weights[1] == weights[2] == 0.0  # they never differ
    told = fit_reader.report(rows, {"span": weights})
    assert (told["right_first"], told["sources_auroc"]) == (1.0, 1.0)


def test_the_fit_of_both_scores_gathers_the_sentences_that_are_judged_once_more(stories: tuple) -> None:
    models = fit_reranking.Models(SpanReader(BundledSpanModel()), BundledComparison(), Settings())
    gathered = fit_reranking.gather(stories, models)
    assert len(gathered) == 2 * sum(len(story.questions) for story in stories)
    for one in gathered:
        rows = len(one.articles)
        assert one.asked.features.shape == (rows, 3)
        assert one.asked.right.shape == (rows,)
        assert rows <= MAX_SENTENCES
        assert max(map(one.articles.count, one.articles)) <= MAX_OF_ARTICLE
    assert gathered[0].asked.right.any()
    assert not gathered[4].asked.right.any()
    weights = {kind: np.array(values) for kind, values in RERANKED.items()}
    best = [one.best_of_articles(weights) for one in gathered]
    assert [len(one.right) for one in best] == [len(set(one.articles)) for one in gathered]
    told = fit_reader.report(best, weights)
    assert told["questions"] == len(gathered)


def test_the_fit_of_conflicts_gathers_pairs_with_their_labels_and_verdicts(stories: tuple) -> None:
    settings = Settings(min_confidence=0.0)
    models = fit_comparison.Models(SpanReader(BundledSpanModel()), BundledComparison(), settings)
    gathered = fit_comparison.gather(stories, models)
    assert sum(gathered.labelled.values()) == 2
    assert all(len(pair.features) == 7 for pair in gathered.pairs)
    assert 0 < sum(pair.disputed for pair in gathered.pairs) <= 2
    assert {verdict.answers for verdict in gathered.verdicts} <= {True, False}
    weights = {kind: np.ones(7) for kind in (True, False)}
    told = fit_comparison.report(gathered.pairs, lambda one: weights, 2)
    assert told["pairs"] == len(gathered.pairs)
    recalls = [told["thresholds"][name]["recall"] for name in sorted(told["thresholds"])]
    assert recalls == sorted(recalls, reverse=True)
    shown = fit_comparison.verdict_report(gathered.verdicts)
    assert all(0 <= row["shown"] <= 1 for row in shown.values())


def test_held_out_stories_are_some_of_the_training_part() -> None:
    held_out = held_out_stories(None, None)
    every = held_out_stories(None, None, every=True)
    assert 0.04 < len(held_out) / len(every) < 0.13
    assert len(held_out_stories(None, 3)) == 3
    assert Path(eval_sets.STORIES["train"].file).is_dir()
