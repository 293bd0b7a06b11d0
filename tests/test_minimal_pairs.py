"""Short statements that differ in what decides: the bundled models against floors, a model may replace a rule.

The floors lie a little below what was measured last; `whosays eval minimal-pairs` shows the pairs.
"""

import json
from collections import Counter

import pytest

from eval.pairs import judge_pairs
from eval.sets import NAMED
from qa.ask import build_comparison, build_reader
from qa.comparison.model import BundledComparison, Statement
from qa.conflicts.engine import polarity_of
from qa.settings import Settings

FOLDER = NAMED["minimal-pairs"].file.parent

LEAST_PRECISION, LEAST_RECALL = 0.5, 0.8
LEAST_VERDICTS_RIGHT, LEAST_VERDICTS_SHOWN = 0.7, 0.55


def test_most_conflicts_of_minimal_pairs_are_found_and_most_that_are_found_are_some() -> None:
    settings = Settings()
    judged = judge_pairs(
        FOLDER, build_reader(settings.reader), comparison=build_comparison(settings.entailment)
    )
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
    shares = [model.stances(row["question"], [Statement(row["sentence"])])[0] for row in rows]
    return [(row["stance"], polarity_of(one)) for row, one in zip(rows, shares, strict=True)]


def test_a_verdict_on_a_short_statement_is_shown_often_and_mostly_right(
    stances: list[tuple[str, str | None]],
) -> None:
    deciding = [shown for label, shown in stances if label != "other"]
    right = [label == shown for label, shown in stances if shown is not None]
    assert len(stances) == 65
    assert sum(right) / len(right) >= LEAST_VERDICTS_RIGHT
    assert sum(shown is not None for shown in deciding) / len(deciding) >= LEAST_VERDICTS_SHOWN
