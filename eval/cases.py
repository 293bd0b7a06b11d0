"""One asked question and what became of it, whatever kind of set it is from; and the metrics of many."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from eval.metrics import (
    SquadVersion,
    abstention_errors,
    auroc,
    exact_match,
    expected_calibration_error,
    f1,
    mean,
    percentile,
    ratio,
    squad_scores,
    wilson,
)
from qa.records import Answer, Turn
from qa.stages import Examined

# "10 trillion won" and "12 trillion won" reach 0.67, with two more shared words 0.8: so numbers count too.
HIT_F1 = 0.8

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")


class Asker(Protocol):
    """Answers one question, given the conversation so far."""

    def __call__(
        self, question: str, *, history: Sequence[Turn], on_examined: Callable[[Examined], None]
    ) -> Answer:
        """The answer; `history` holds the earlier turns, oldest first; `on_examined` as in `ask`."""


@dataclass(frozen=True, slots=True)
class QuestionStages:
    """Which stages of an answer held what answers an answerable question.

    `read`: it lies in a passage that was read. `proposed`: a right sentence is among those that were judged;
    `first`: it is the likeliest of all. `shown`: the first citation is right.
    """

    read: bool
    proposed: bool
    first: bool
    shown: bool


QUESTION_STAGES = ("read", "proposed", "first", "shown")


@dataclass(frozen=True, slots=True)
class Case:
    """A question, its right answers (none: unanswerable) and the text shown ("" when it was refused).

    `confidence` is in 0..1, given also where the question was refused. `right` is as strict as the set
    allows: see where the case is made. `stages` is None where a set does not say what answers, or where.
    """

    id: str
    kind: str
    question: str
    golds: tuple[str, ...]
    text: str
    answered: bool
    confidence: float
    answer_hit: bool
    right: bool
    milliseconds: float
    stages: QuestionStages | None = None

    @property
    def answerable(self) -> bool:
        """Whether there is a right answer."""
        return bool(self.golds)

    def to_dict(self) -> dict[str, Any]:
        """All fields, and the scores of this one question, 0..1; the stages, where known, as "funnel"."""
        row = asdict(self)
        stages = row.pop("stages")
        return {
            **row,
            "answerable": self.answerable,
            "exact_match": exact_match(self.text, self.golds),
            "f1": f1(self.text, self.golds),
            **({"funnel": {"question": stages}} if stages else {}),
        }


def is_hit(text: str, golds: Sequence[str]) -> bool:
    """Whether `text` gives one of the right answers, perhaps in a sentence; for no gold, whether it is "".

    It does when it holds the words of a gold answer in a row (letter case, punctuation, typeface and the
    articles a, an, the aside), or has an F1 of at least 0.8 with it and the same numbers.
    """
    if not golds:
        return not text
    return any(_holds(words(text), words(gold)) or _is_near(text, gold) for gold in golds)


def words(text: str) -> list[str]:
    """Lower-case words and numbers as a reader sees them: "US$50bn, the 5GW" is us, 50, bn, 5, gw."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return [word for word in _WORD.findall(plain) if word not in ("a", "an", "the")]


def _holds(text: Sequence[str], gold: Sequence[str]) -> bool:
    size = len(gold)
    return bool(size) and any(text[at : at + size] == gold for at in range(len(text) - size + 1))


def _is_near(text: str, gold: str) -> bool:
    return f1(text, [gold]) >= HIT_F1 and _numbers(text) == _numbers(gold)


def _numbers(text: str) -> list[str]:
    return sorted(word for word in words(text) if word[0].isdigit())


def summarise(cases: Sequence[Case], *, version: SquadVersion = "2.0") -> dict[str, Any]:
    """Metrics of at least one case, by name; those that the set does not allow are None.

    Exact match, F1, their parts and `no_answer_accuracy` are on the scale of the SQuAD scripts, 0..100; all
    other shares are 0..1. `answer_hit` is over the answerable, `answer_accuracy` over all; calibration is
    over the answered: how often an answer shown with this confidence is right.
    """
    squad = squad_scores([case.text for case in cases], [case.golds for case in cases], version=version)
    answered = [case for case in cases if case.answered]
    milliseconds = [case.milliseconds for case in cases]
    return {
        "questions": len(cases),
        **asdict(squad),
        "answer_hit": mean([float(case.answer_hit) for case in cases if case.answerable]),
        "answer_accuracy": mean([float(case.right) for case in cases]),
        "auroc": auroc([case.confidence for case in cases], [case.answerable for case in cases]),
        **asdict(abstention_errors([case.answered for case in cases], [case.answerable for case in cases])),
        "calibration_error": expected_calibration_error(
            [case.confidence for case in answered], [case.right for case in answered]
        ),
        "answer_words": percentile([float(len(case.text.split())) for case in answered], 50),
        "ms_per_question": mean(milliseconds),
        **{f"ms_p{percent}": percentile(milliseconds, percent) for percent in (50, 95, 99)},
    }


def question_funnel(cases: Sequence[Case]) -> dict[str, Any]:
    """Of each stage the share of questions that it held, with its 95 % interval; of cases with `stages`."""
    known = [case.stages for case in cases if case.stages is not None]
    found: dict[str, Any] = {}
    for stage in QUESTION_STAGES:
        held = sum(getattr(one, stage) for one in known)
        name = f"funnel_question_{stage}"
        found |= {
            name: ratio(held, len(known)),
            f"{name}_of": len(known),
            f"{name}_interval": wilson(held, len(known)),
        }
    return found


def by_kind(cases: Sequence[Case]) -> dict[str, dict[str, Any]]:
    """For each kind of question, in order of its name: how many, and the shares right and answered."""
    kinds = {
        kind: [case for case in cases if case.kind == kind] for kind in sorted({case.kind for case in cases})
    }
    return {
        kind: {
            "questions": len(group),
            "answer_accuracy": mean([float(case.right) for case in group]),
            "answered": mean([float(case.answered) for case in group]),
        }
        for kind, group in kinds.items()
    }
