"""Short statements that differ in what decides: the bundled models against floors, a model may replace a rule.

The floors lie a little below what was measured last; `whosays eval minimal-pairs` shows the pairs.
"""

import json
import random
from collections import Counter

import pytest

from eval.gold.sets import NAMED, STORIES
from eval.pairs.judging import judge_pairs
from eval.stories import read_stories
from eval.training.judgements.literal import Literal, claim_of
from index.text.sentences import split
from qa.ask import build_comparison, build_reader
from qa.comparison.model import BundledComparison, ModelStatement
from qa.conflicts.engine import polarity_of, thresholds
from qa.settings import Settings

FOLDER = NAMED["minimal-pairs"].file.parent

LEAST_PRECISION, LEAST_RECALL = 0.5, 0.8
LEAST_LITERAL, MOST_OF_ANOTHER = 0.6, 0.1
LEAST_VERDICTS_RIGHT, LEAST_VERDICTS_SHOWN = 0.7, 0.55


def test_most_conflicts_of_minimal_pairs_are_found_and_most_that_are_found_are_some() -> None:
    settings = Settings()
    judged = judge_pairs(FOLDER, build_reader(settings.reader), comparison=build_comparison(settings))
    told = Counter((one.pair.kind is not None, one.found is not None) for one in judged)
    assert len(judged) == 189
    assert told[True, True] / (told[True, True] + told[False, True]) >= LEAST_PRECISION
    assert told[True, True] / (told[True, True] + told[True, False]) >= LEAST_RECALL


@pytest.fixture(scope="module")
def stances() -> list[tuple[str, str | None]]:
    """What each statement says to its question by its label, and the verdict that is shown."""
    lines = (FOLDER / "stances.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    model = BundledComparison()
    shares = [model.stances(row["question"], [ModelStatement(row["sentence"])])[0] for row in rows]
    at = thresholds(judged=False)
    return [(row["stance"], polarity_of(one, at)) for row, one in zip(rows, shares, strict=True)]


def test_a_verdict_on_a_short_statement_is_shown_often_and_mostly_right(
    stances: list[tuple[str, str | None]],
) -> None:
    deciding = [shown for label, shown in stances if label != "other"]
    right = [label == shown for label, shown in stances if shown is not None]
    assert len(stances) == 65
    assert sum(right) / len(right) >= LEAST_VERDICTS_RIGHT
    assert sum(shown is not None for shown in deciding) / len(deciding) >= LEAST_VERDICTS_SHOWN


def test_a_statement_answers_the_question_in_its_own_words_and_not_that_of_another_name() -> None:
    """Short clauses of sealed stories, with nothing before them: models learn the opposite from paraphrase alone."""
    stories = list(read_stories(STORIES["sealed"].file))[:60]
    accounts = [one for story in stories for one in story.accounts]
    told = [ModelStatement(one.text[at:end]) for one in accounts for at, end in split(one.text)]
    claims = [claim for one in told if (claim := claim_of(one)) is not None]
    literal = Literal(account.text for account in accounts)
    model = BundledComparison()
    draw = random.Random(1)
    yes = [model.stances(one.question, [ModelStatement(one.clause)])[0].yes >= 0.5 for one in claims]
    others = [(strange, one) for one in claims if (strange := literal.of_another(one, draw)) is not None]
    wrong = [model.stances(strange, [ModelStatement(one.clause)])[0].other < 0.5 for strange, one in others]
    assert len(claims) > 100
    assert len(others) > 30
    assert sum(yes) / len(yes) >= LEAST_LITERAL
    assert sum(wrong) / len(wrong) <= MOST_OF_ANOTHER
