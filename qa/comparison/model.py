"""The comparison model: whether and what a statement answers, and whether two can both be right.

One encoder with four outputs. Both texts of a row are put together here, for the training too, so that the
model meets in use what it was trained on.
"""

import math
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from index.models import REMEMBERED_BYTES, Model, Tokenizer, read_manifest
from index.models import WEIGHTS as SHARED
from qa.comparison.excerpt import Excerpt
from qa.reader.span_model import WEIGHTS
from qa.reader.spans import Window
from qa.records import ConflictKind

Logits = NDArray[np.float32]
Stance = Literal["yes", "no", "open", "other"]
Relation = Literal["same", "both", "conflict", "update"]
JudgeRelation = Literal["same", "both", "conflict", "update", "beside"]

# "other": the statement does not answer. "both": both can be true. "beside": one of them, at least, does not
# answer what is asked; the small model calls these "both".
STANCES: tuple[Stance, ...] = ("yes", "no", "open", "other")
RELATIONS: tuple[Relation, ...] = ("same", "both", "conflict", "update")
JUDGE_RELATIONS: tuple[JudgeRelation, ...] = (*RELATIONS, "beside")
KINDS: tuple[ConflictKind, ...] = ("number", "date", "name", "polarity", "certainty")

PAIR_TOKENS = 192

_MODEL = "comparison.int8.onnx"
_TOKENIZER = "tokenizer.json"  # the embedder's: the models have one vocabulary

# In characters: what comes before a statement explains it and must not crowd it out.
_BEFORE = 160
_TITLE = 120
_SENTENCE = 420

# Without a question a pair is judged in the other order too where the first sees this much of a conflict or
# update. Source: of 3,283 pairs of statements in 60 held-out stories half need it, and none that a survey
# shows is lost, nor of those scored 0.1 less; from 0.3 on one is.
SECOND_ORDER_THRESHOLD = 0.1


@dataclass(frozen=True, slots=True)
class ModelStatement:
    """A sentence, what of it answers, the sentence before it, who tells it under which headline, and when.

    `published` is an ISO 8601 date of any precision; all but the sentence may be missing.
    """

    sentence: str
    quote: str = ""
    before: str = ""
    title: str = ""
    published: str | None = None


@dataclass(frozen=True, slots=True)
class StanceShares:
    """How likely a statement says each to a yes/no question; they sum to 1.

    `answers`: how likely it answers the question, of whatever kind; None where the model cannot tell.
    """

    yes: float
    no: float
    open: float
    other: float
    answers: float | None = None


@dataclass(frozen=True, slots=True)
class RelationShares:
    """How likely two statements are each to each other, and each of KINDS should they conflict.

    `beside`: that one of them, at least, does not answer; 0 of a model that calls it "both".
    """

    same: float
    both: float
    conflict: float
    update: float
    kinds: tuple[float, ...]
    beside: float = 0.0


@dataclass(frozen=True, slots=True)
class ReadExcerpt:
    """What the judge says of an excerpt.

    `stance`: what the article holds on a yes/no question, and whether it answers. `sentences`, one for each
    sentence, are the log-odds that it answers, None where a sentence was cut off. `window` gives the words,
    in characters of the sentences joined by one blank, as the reader's do.
    """

    stance: StanceShares
    sentences: tuple[float | None, ...]
    window: Window


class Judge(Protocol):
    """Decides on what the reader and the comparison model propose."""

    @property
    def name(self) -> str:
        """Changes whenever the shares would."""

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[ReadExcerpt]:
        """For each excerpt, in order; what comes back for one depends on no other."""

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        """For each pair, in order, the same whichever statement comes first; `question` may be ""."""

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """How many word pieces each text has."""


class Comparison(Protocol):
    """Judges statements against questions and against each other."""

    @property
    def name(self) -> str:
        """Changes whenever the shares would, the judge's included."""

    @property
    def judge(self) -> Judge | None:
        """A larger model that decides on what this one proposes; None where there is none."""

    def stances(self, question: str, statements: Sequence[ModelStatement]) -> list[StanceShares]:
        """For each statement, in order; what comes back for one depends on no other."""

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        """For each pair, in order, the same whichever statement comes first; `question` may be ""."""


def stance_texts(question: str, statement: ModelStatement) -> tuple[str, str]:
    """The two texts of a row that asks what the statement says to the question."""
    context = [_cut(statement.title, _TITLE), _tail(statement.before, _BEFORE)]
    return " | ".join([*(one for one in context if one), _cut(statement.sentence, _SENTENCE)]), question


def relation_texts(question: str, one: ModelStatement, other: ModelStatement) -> tuple[str, str]:
    """The two texts of a row that asks whether `other` can be right when `one` is."""
    first = [_gap(one.published, other.published), _cut(other.sentence, _SENTENCE)]
    second = [_cut(one.sentence, _SENTENCE)]
    if question:
        first.append(_quote(other))
        second = [question, _quote(one), *second]
    return " | ".join(part for part in first if part), " | ".join(part for part in second if part)


def judge_relation_texts(question: str, one: ModelStatement, other: ModelStatement) -> tuple[str, str]:
    """The same for the judge, which hears what comes before where no question says what both are about."""
    if question:
        return relation_texts(question, one, other)
    gap = _gap(one.published, other.published)
    first = [gap, _tail(other.before, _BEFORE), _cut(other.sentence, _SENTENCE)]
    second = [_tail(one.before, _BEFORE), _cut(one.sentence, _SENTENCE)]
    return " | ".join(part for part in first if part), " | ".join(part for part in second if part)


def _quote(statement: ModelStatement) -> str:
    """What answers, where it is not most of the sentence anyway."""
    short = len(statement.quote) < 0.7 * len(statement.sentence)
    return _cut(statement.quote, _BEFORE) if short else ""


def _gap(one: str | None, other: str | None) -> str:
    """How much later `other` was published, in words; "" where that is not known to the day."""
    try:
        days = (date.fromisoformat(other or "") - date.fromisoformat(one or "")).days
    except ValueError:
        return ""
    if not days:
        return "same day"
    size = abs(days)
    unit, count = ("day", size) if size < 45 else ("month", round(size / 30))
    if size >= 700:
        unit, count = "year", round(size / 365)
    return f"{count} {unit}{'s' if count > 1 else ''} {'later' if days > 0 else 'earlier'}"


def _cut(text: str, characters: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= characters else text[:characters].rsplit(" ", 1)[0]


def _tail(text: str, characters: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= characters else text[-characters:].split(" ", 1)[-1]


class BundledComparison:
    """all-MiniLM-L6-v2 trained on stories of several sources, int8. Source: weights/COMPARISON_CARD.md."""

    def __init__(
        self, folder: Path = WEIGHTS, *, threads: int | None = None, judge: Judge | None = None
    ) -> None:
        """Raises ModelError when a file is missing or damaged. `threads`: rows judged at once."""
        self._model = Model(_MODEL, folder, threads=threads, remembered_bytes=REMEMBERED_BYTES)
        self._tokenizer = Tokenizer(_TOKENIZER, SHARED)
        self._name = f"comparison.int8:{read_manifest(folder)[_MODEL].sha256[:12]}"
        self._judge = judge

    def with_judge(self, judge: Judge) -> "BundledComparison":
        """The same model, held in memory once, with a judge."""
        judged = copy(self)
        judged._judge = judge
        return judged

    @property
    def name(self) -> str:
        """Names the models and the SHA-256 of their weights."""
        return f"{self._name} {self._judge.name}" if self._judge else self._name

    @property
    def judge(self) -> Judge | None:
        """The judge that decides, if any."""
        return self._judge

    def stances(self, question: str, statements: Sequence[ModelStatement]) -> list[StanceShares]:
        """As `Comparison` says. Of a row 192 word pieces count; the longer text is cut."""
        outputs = self._run([stance_texts(question, one) for one in statements])
        told = [(shares_of(stance), float(answers[0])) for stance, _, _, answers in outputs]
        return [
            StanceShares(yes, no, undecided, other, 1 / (1 + math.exp(-answers)))
            for (yes, no, undecided, other), answers in told
        ]

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        """As `Comparison` says, of both orders' mean logits or of one: see `SECOND_ORDER_THRESHOLD`."""
        ordered = [
            (one, other) if statement_key(one) <= statement_key(other) else (other, one)
            for one, other in pairs
        ]
        told = self._run([relation_texts(question, *pair) for pair in ordered])
        again = [
            place
            for place, (_, relation, _, _) in enumerate(told)
            if question or _against(relation) >= SECOND_ORDER_THRESHOLD
        ]
        turned = self._run([relation_texts(question, *ordered[place][::-1]) for place in again])
        both = dict(zip(again, turned, strict=True))
        judged: list[RelationShares] = []
        for place, outputs in enumerate(told):
            ways = [outputs, both[place]] if place in both else [outputs]
            same, compatible, conflict, update = shares_of(np.mean([one[1] for one in ways], axis=0))
            likeliest = tuple(shares_of(np.mean([one[2] for one in ways], axis=0)))
            judged.append(RelationShares(same, compatible, conflict, update, likeliest))
        return judged

    def _run(self, rows: Sequence[tuple[str, str]]) -> list[tuple[Logits, ...]]:
        return self._model.run(
            self._tokenizer.encode(list(rows), max_tokens=PAIR_TOKENS, cut="longest_first")
        )


def statement_key(statement: ModelStatement) -> tuple[str, str]:
    """What orders two statements of a pair."""
    return statement.sentence, statement.published or ""


def _against(logits: Logits) -> float:
    return sum(shares_of(logits)[RELATIONS.index("conflict") :])


def shares_of(logits: Logits) -> list[float]:
    """The probabilities that logits stand for."""
    exact = logits.astype(np.float64)
    likely = np.exp(exact - exact.max())
    shares: list[float] = (likely / likely.sum()).tolist()
    return shares


@cache
def bundled_comparison() -> BundledComparison:
    """The bundled small model alone, built once per process."""
    return BundledComparison()
