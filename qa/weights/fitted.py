"""Every number that was fitted, read from the one file that `python -m eval.training.fit` writes.

None is copied by hand; the thresholds `closest` and `stranger`, and their `judged_` twins, are chosen. The
file names the SHA-256 of the models that its numbers belong to; `stale` tells where these have changed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, get_args

from index.errors import ModelError
from index.models import WEIGHTS as SHARED
from index.models import read_manifest
from qa.question.kinds import Kind

FILE = Path(__file__).resolve().with_name("fitted.json")

Weights = tuple[float, ...]

_FROM = "answered source stranger closest verdict lower upper survey_lower survey_upper".split()
_KEYS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("reader", "reranking", "judgement"), get_args(Kind)),
    **dict.fromkeys(("conflict", "judged_conflict"), ("yes_no", "other")),
    "thresholds": [
        *(f"{before}{name}" for before in ("", "judged_") for name in _FROM),
        *("event", "stranger_event"),
    ],
}


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights of logistic regressions, the constant last, and thresholds of the probabilities they give.

    `reader`, `reranking` and `judgement`, by kind of question: that a sentence answers, as the reader alone,
    with the comparison model, and with the judge sees it. `conflict`, of yes/no questions ("yes_no") and
    others ("other"): that two sources both answer and cannot both be right; `judged_conflict` with the judge.
    `stand`: how much the judge's look at an article and the small model's at its sentence count for a
    verdict. `dispute` and `judged_dispute`: that two statements cannot both be right, where nothing is asked.
    `event`: that two articles tell of one event.

    From `answered` on a question is answered, from `source` on a further source is quoted, from `stranger` on
    one whose article surely tells of another event than the first, from `closest` on a sentence is near. From
    `verdict` on a verdict is shown, from `upper` on two "disagree", from `lower` on they "may disagree"; in
    a survey from `survey_upper` and `survey_lower`. The names with `judged_` hold where the judge is asked.
    From `event` on two groups of articles tell of one event, below `stranger_event` they surely tell of two.
    """

    models: Mapping[str, str]
    reader: Mapping[Kind, Weights]
    reranking: Mapping[Kind, Weights]
    judgement: Mapping[Kind, Weights]
    stand: Weights
    conflict: Mapping[str, Weights]
    judged_conflict: Mapping[str, Weights]
    dispute: Weights
    judged_dispute: Weights
    event: Weights
    thresholds: Mapping[str, float]


def read_fitted(file: Path = FILE) -> Fitted:
    """The numbers in the file. Raises ModelError for one that is missing or not whole."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        numbers = {one.name: _frozen(told[one.name]) for one in fields(Fitted)}
        for name, keys in _KEYS.items():
            numbers[name] |= {key: numbers[name][key] for key in keys}
        return Fitted(**numbers)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"the fitted numbers in {file} cannot be read ({error}): restore the file with git, or make it: "
            "python -m eval.training.fit"
        ) from error


def stale(fitted: Fitted) -> tuple[str, ...]:
    """The models that are others than those the numbers were fitted with."""
    now = shipped_models()
    return tuple(sorted(name for name in {*now, *fitted.models} if now.get(name) != fitted.models.get(name)))


def shipped_models() -> dict[str, str]:
    """The SHA-256 of each bundled model, by its file's name."""
    return {
        name: one.sha256
        for folder in (SHARED, FILE.parent)
        for name, one in read_manifest(folder).items()
        if name.endswith(".onnx")
    }


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _frozen(inner) for key, inner in value.items()}
    return tuple(value) if isinstance(value, list) else value


@cache
def load_fitted() -> Fitted:
    """The shipped numbers, read once."""
    return read_fitted()
