"""Fits the reader's weights and shows what each threshold costs, on questions that it was not trained on.

    python -m eval.fit_reader DATA [--questions 800]

reads `squad11-heldout`, `unansq` and the statements of `vitaminc-dev` and `feversym-dev` in DATA's folders
`qa` and `nli`. Questions are asked in several ways: of a library of the held-out paragraphs about their
topic, a third of them with every passage that mentions the answer taken away; of their own paragraph, as they
are and altered so that it no longer answers; and, where people wrote them to look answerable, of the
paragraph that they were written for. Yes/no questions are made from claims, and asked of a library of the
statements that bear on them.

Half of the material, by article, fits the weights: a logistic regression of "this sentence answers" on the
features, then its scale and constant on the first reading of each question, so that the score of an answer is
the probability that it is right. The other half judges them.
"""

import argparse
import gzip
import json
import random
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.cases import is_hit
from eval.data import AnswerSpan, Question, read_gold, sample
from eval.metrics import auroc, expected_calibration_error
from eval.paragraphs import all_paragraphs
from eval.train.asking import as_question
from eval.train.examples import Example, read_held_out, read_sources
from eval.train.unanswerable import alter, learn_opposites
from index.chunk import TokenCounter, chunk
from index.embed import open_embedder
from index.library import Library
from index.records import Article, Embedder, Hit
from qa.kinds import Kind, kind_of
from qa.reader import Found, SpanReader
from qa.span_model import BundledSpanModel

PASSAGES = 12

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the features of each sentence read, (n, features), and which of them answer, (n,).

    `fitted` says on which half it is; `way` how it was asked.
    """

    way: str
    kind: Kind
    features: Rows
    right: NDArray[np.bool_]
    answerable: bool
    fitted: bool


def ask_library(
    questions: Sequence[Question], limit: int, reader: SpanReader, embedder: Embedder
) -> Iterable[Asked]:
    """Each question asked of the paragraphs about its topic; every third without those that answer.

    A user's library is about few topics too: there the retriever brings many passages that are near.
    """
    asked = sample(questions, limit)
    with all_paragraphs(questions, embedder) as paragraphs:
        for number, question in enumerate(asked):
            hits = paragraphs.library.search(question.question, k=PASSAGES + 4)
            taken_away = number % 3 == 2
            if taken_away:
                hits = [hit for hit in hits if not _mentions(hit, question)]
            own = "" if taken_away else paragraphs.ids[question.context]
            yield _asked("removed" if taken_away else "library", question, hits[:PASSAGES], own, reader)


def ask_own(
    questions: Iterable[Question], way: str, reader: SpanReader, embedder: Embedder
) -> Iterable[Asked]:
    """Each question asked of the paragraph that it comes with, as `whosays eval` does."""
    count = TokenCounter(embedder.vocabulary())
    for question in questions:
        article = Article("own", "", question.context)
        chunks = chunk(article, count=count, chunk_tokens=200, overlap_sentences=1)
        hits = [Hit(article, one, rank, 1.0, None, None) for rank, one in enumerate(chunks, 1)]
        yield _asked(way, question, hits, "own", reader)


def ask_claims(
    pairs: Sequence[tuple[str, str, str]], reader: SpanReader, embedder: Embedder
) -> Iterable[Asked]:
    """Claims as yes/no questions, asked of all statements; a statement that decides one is right."""
    deciding: dict[str, set[str]] = {}
    for statement, claim, label in pairs:
        question = as_question(claim)
        if question is not None:
            deciding.setdefault(question, set())
            if label != "neutral":
                deciding[question].add(statement)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "statements.jsonl"
        statements = sorted({statement for statement, *_ in pairs})
        file.write_text("".join(json.dumps({"text": text}) + "\n" for text in statements), encoding="utf-8")
        with Library.open(Path(folder) / "library", embedder=embedder) as library:
            library.add(file)
            for number, (question, right) in enumerate(sorted(deciding.items())):
                hits = library.search(question, k=PASSAGES + 4)
                if number % 3 == 2:
                    hits = [hit for hit in hits if hit.article.text not in right]
                found = reader.find(question, hits[:PASSAGES], "yes_no")
                marks = np.array([one.candidate.hit.article.text in right for one in found])
                if found:
                    features = np.stack([one.features for one in found])
                    way = "claims" if marks.any() else "claims, removed"
                    yield Asked(way, "yes_no", features, marks, bool(marks.any()), _is_fitted(question))


def _asked(way: str, question: Question, hits: Sequence[Hit], own: str, reader: SpanReader) -> Asked:
    kind = kind_of(question.question)
    found = reader.find(question.question, hits, kind)
    features = np.stack([one.features for one in found]) if found else np.zeros((0, 0))
    right = np.array([_answers(one, question, own, kind) for one in found], dtype=bool)
    fitted = _is_fitted(question.title or question.context)
    return Asked(way, kind, features, right, bool(question.answers) and way != "removed", fitted)


def _is_fitted(group: str) -> bool:
    return random.Random(group).random() < 0.5  # noqa: S311 - no secret


def _mentions(hit: Hit, question: Question) -> bool:
    text = hit.article.text.lower()
    return hit.article.text == question.context or any(answer.lower() in text for answer in question.texts)


def _answers(one: Found, question: Question, own: str, kind: Kind) -> bool:
    """Whether the span is right; for a question that a sentence answers, whether the sentence holds it."""
    candidate = one.candidate
    if candidate.hit.article.id != own:
        return False
    place = candidate.span
    if kind == "span":
        place = candidate.original(one.stretch.start, one.stretch.end)
        near = is_hit(candidate.hit.article.text[place.start : place.end], question.texts)
    else:
        near = True
    return near and any(
        min(answer.start + len(answer.text), place.end) > max(answer.start, place.start)
        for answer in question.answers
    )


def fit(asked: Sequence[Asked]) -> Rows:
    """Weights, the constant last: of the order first, then of the first reading's probability."""
    from sklearn.linear_model import LogisticRegression  # comes with sentence-transformers

    features = np.concatenate([one.features for one in asked])
    right = np.concatenate([one.right for one in asked])
    used = features.std(axis=0) > 0
    used[-1] = True
    order = LogisticRegression(C=10.0, fit_intercept=False, max_iter=5_000).fit(features[:, used], right)
    weights = np.zeros(features.shape[1])
    weights[used] = order.coef_[0]
    firsts = [int(np.argmax(one.features @ weights)) for one in asked]
    scores = np.array([one.features[first] @ weights for one, first in zip(asked, firsts, strict=True)])
    outcomes = np.array([one.right[first] for one, first in zip(asked, firsts, strict=True)])
    scale = LogisticRegression(C=1e4).fit(scores[:, None], outcomes)
    weights *= scale.coef_[0, 0]
    weights[-1] += scale.intercept_[0]
    return weights


@dataclass(frozen=True, slots=True)
class First:
    """A question's first reading: its probability, whether it is right, and whether any could be."""

    way: str
    probability: float
    right: bool
    answerable: bool


def first_readings(asked: Sequence[Asked], weights: Rows) -> list[First]:
    """One for each question, in order."""
    firsts = []
    for one in asked:
        scores = one.features @ weights
        place = int(np.argmax(scores))
        probability = float(1 / (1 + np.exp(-scores[place])))
        firsts.append(First(one.way, probability, bool(one.right[place]), one.answerable))
    return firsts


def report(firsts: Sequence[First]) -> dict[str, object]:
    """Share of right first readings, AUROC of abstention, calibration, and the errors of each threshold."""
    probability = np.array([one.probability for one in firsts])
    right = np.array([one.right for one in firsts], dtype=bool)
    answerable = np.array([one.answerable for one in firsts], dtype=bool)
    separation = auroc(list(probability), list(answerable))
    return {
        "questions": len(firsts),
        "answerable": int(answerable.sum()),
        "right_first": _share(right[answerable]),
        "auroc": _rounded(separation),
        "calibration_error": _rounded(expected_calibration_error(list(probability), list(right))),
        "best_threshold": _best_threshold(probability, answerable),
        "thresholds": {
            f"{threshold:.2f}": {
                "answered_though_unanswerable": _share(probability[~answerable] >= threshold),
                "refused_though_answerable": _share(probability[answerable] < threshold),
                "right_of_answered": _share(right[probability >= threshold]),
            }
            for threshold in np.arange(0.1, 0.75, 0.05)
        },
    }


def _best_threshold(probability: Rows, answerable: NDArray[np.bool_]) -> float | None:
    """The one with the least sum of the two shares of errors."""
    if answerable.all() or not answerable.any():
        return None
    thresholds = np.arange(0.05, 0.9, 0.01)
    errors = [
        (probability[~answerable] >= one).mean() + (probability[answerable] < one).mean()
        for one in thresholds
    ]
    return round(float(thresholds[int(np.argmin(errors))]), 2)


def _share(of: NDArray[np.bool_]) -> float | None:
    return round(float(of.mean()), 3) if of.size else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def gather(folder: Path, questions: int, reader: SpanReader, embedder: Embedder) -> list[Asked]:
    """All that is asked, in every way."""
    held_out = [
        one for one in read_gold(folder / "qa" / "squad11-heldout.jsonl.gz") if isinstance(one, Question)
    ]
    human = [
        Question(
            str(number),
            "",
            one.context,
            one.question,
            tuple(AnswerSpan(one.answer, one.start) for _ in range(one.answerable)),
        )
        for number, one in enumerate(read_held_out(folder / "qa"))
    ]
    pairs = [
        (record["premise"], record["hypothesis"], record["label"])
        for name in ("vitaminc-dev", "feversym-dev")
        for record in _lines(folder / "nli" / f"{name}.jsonl.gz")
    ]
    own = sample(held_out, questions // 2)
    topics = [
        [one for one in held_out if one.title == title] for title in sorted({one.title for one in held_out})
    ]
    made = [
        *(one for topic in topics for one in ask_library(topic, questions // len(topics), reader, embedder)),
        *ask_own(own, "own", reader, embedder),
        *ask_own(_altered(own, folder / "qa"), "altered", reader, embedder),
        *ask_own(human, "human", reader, embedder),
        *ask_claims(pairs, reader, embedder),
    ]
    return [one for one in made if len(one.features)]


def _altered(questions: Sequence[Question], folder: Path) -> Iterable[Question]:
    """The questions changed in one thing, so that their paragraphs do not answer them."""
    opposites = learn_opposites(read_sources(folder)["unansq"])
    draw = random.Random(1)  # noqa: S311 - no secret
    for question in questions:
        answer = question.answers[0]
        end = answer.start + len(answer.text)
        example = Example(question.question, question.context, answer.start, end, question.title, "held out")
        changed = alter(example, opposites, draw)
        if changed is not None:
            yield replace(question, question=changed.question, answers=())


def _lines(file: Path) -> Iterable[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def main() -> None:
    """Prints weights and reports as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=800)
    arguments = parser.parse_args()
    embedder = open_embedder(None)
    reader = SpanReader(BundledSpanModel(), embedder)
    asked = gather(arguments.data, arguments.questions, reader, embedder)
    kinds: dict[str, Callable[[Asked], bool]] = {
        "span_weights": lambda one: one.kind in ("span", "list"),
        "statement_weights": lambda one: one.kind in ("explanation", "yes_no"),
    }
    found: dict[str, object] = {}
    judged: list[First] = []
    for name, belongs in kinds.items():
        mine = [one for one in asked if belongs(one)]
        weights = fit([one for one in mine if one.fitted])
        firsts = first_readings([one for one in mine if not one.fitted], weights)
        judged += firsts
        found[name] = [round(float(weight), 3) for weight in weights]
        found[f"{name}, judged"] = report(firsts)
    found["judged"] = report(judged)
    for way in sorted({one.way for one in judged}):
        found[f"judged, {way}"] = report([one for one in judged if one.way == way])
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
