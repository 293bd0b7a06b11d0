"""The one file of fitted numbers: whole or refused, fitted with the models that are shipped, and what they mean."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from index.errors import ModelError
from qa.comparison.model import RelationShares
from qa.comparison.reranking import evidence
from qa.conflicts.differences import UNKNOWN
from qa.conflicts.engine import dispute_evidence, evidence_of, survey_thresholds, thresholds
from qa.question.kinds import Kind
from qa.reader.reader import FEATURES
from qa.weights.fitted import FILE, Fitted, load_fitted, read_fitted, shipped_models, stale

TOLD = RelationShares(0.2, 0.2, 0.2, 0.2, (0.2,) * 5, 0.2)

# Features of each regression, the constant among them.
LENGTHS = {
    "reader": FEATURES,
    "reranking": len(evidence(0.5, 0.5)),
    "judgement": 5,  # the reader, the judge's sentence and excerpt, the small model, the constant
    "conflict": len(evidence_of(TOLD, UNKNOWN, (None, None), (0.5, 0.5))),
    "judged_conflict": len(evidence_of(TOLD, UNKNOWN, (None, None), (0.5, 0.5), TOLD)),
}


def told() -> dict[str, Any]:
    """What the shipped file holds, to be spoilt."""
    value: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return value


def write(folder: Path, value: object) -> Path:
    file = folder / "fitted.json"
    file.write_text(json.dumps(value), encoding="utf-8")
    return file


def test_the_shipped_numbers_were_fitted_with_the_shipped_models() -> None:
    assert stale(load_fitted()) == ()


def test_numbers_of_another_model_and_of_one_that_is_gone_are_stale(tmp_path: Path) -> None:
    now = shipped_models()
    assert {"judge.int8.onnx", "judge-words.int8.onnx", "reader.int8.onnx", "comparison.int8.onnx"} < {*now}
    same = read_fitted(write(tmp_path, told() | {"models": now}))
    assert stale(same) == ()
    other = now | {"judge.int8.onnx": "0" * 64, "gone.onnx": "1" * 64}
    del other["reader.int8.onnx"]
    found = stale(read_fitted(write(tmp_path, told() | {"models": other})))
    assert found == ("gone.onnx", "judge.int8.onnx", "reader.int8.onnx")


@pytest.mark.parametrize("name", LENGTHS)
def test_each_regression_has_a_weight_for_each_of_its_features(name: str) -> None:
    kinds = ("yes_no", "other") if name.endswith("conflict") else get_args(Kind)
    weights = getattr(load_fitted(), name)
    assert {*weights} == {*kinds}
    assert {len(one) for one in weights.values()} == {LENGTHS[name]}


def test_a_verdict_is_made_of_two_looks() -> None:
    assert len(load_fitted().stand) == 2
    assert min(load_fitted().stand) >= 0 < max(load_fitted().stand)


def test_the_regressions_of_a_survey_have_a_weight_for_each_feature() -> None:
    assert len(load_fitted().dispute) == len(dispute_evidence(TOLD, 0.5))
    assert len(load_fitted().judged_dispute) == len(dispute_evidence(TOLD, 0.5, TOLD))


@pytest.mark.parametrize("judged", [False, True])
def test_the_tiers_are_in_order_and_a_verdict_is_likelier_than_not(judged: bool) -> None:
    at, survey = thresholds(judged=judged), survey_thresholds(judged=judged)
    assert 0 < at.lower <= at.upper <= 1
    assert 0 < survey.lower <= survey.upper <= 1
    assert at.verdict >= 0.4
    assert survey.verdict == 1  # it gives none
    before = "judged_" if judged else ""
    closest, answered, source = (
        load_fitted().thresholds[f"{before}{name}"] for name in ("closest", "answered", "source")
    )
    assert closest < answered <= source


@pytest.mark.parametrize("name", ["models", "judgement", "judged_conflict", "judged_dispute", "thresholds"])
def test_a_missing_key_is_refused_with_what_to_do(tmp_path: Path, name: str) -> None:
    spoilt = told()
    del spoilt[name]
    with pytest.raises(ModelError, match=f"'{name}'.*restore the file with git"):
        read_fitted(write(tmp_path, spoilt))


@pytest.mark.parametrize(
    ("name", "key"), [("reader", "span"), ("conflict", "other"), ("thresholds", "judged_survey_lower")]
)
def test_a_missing_number_is_refused_when_the_file_is_read_not_when_it_is_needed(
    tmp_path: Path, name: str, key: str
) -> None:
    spoilt = told()
    del spoilt[name][key]
    with pytest.raises(ModelError, match=f"'{key}'"):
        read_fitted(write(tmp_path, spoilt))


@pytest.mark.parametrize("content", ["", "{broken", "[]", "7", '{"models": []}'])
def test_what_holds_no_numbers_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "fitted.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"the fitted numbers in .* cannot be read"):
        read_fitted(file)
    with pytest.raises(ModelError, match="cannot be read"):
        read_fitted(tmp_path / "gone.json")


def test_what_was_read_once_is_not_read_again() -> None:
    assert isinstance(load_fitted(), Fitted)
    assert load_fitted() is load_fitted()
