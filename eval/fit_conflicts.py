"""Fits how surely two statements that differ are a conflict, on the open half of the news set.

    python -m eval.fit_conflicts

takes the labelled pairs, each statement read by itself, and the questions, asked of all the articles; in
both the pairs that the rules find to differ are weighed. A logistic regression of "this is a conflict" is
fitted on all, once with what the entailment model says and once without, and judged by leaving out a fifth of
the questions at a time.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.data import GoldQuestion, read_gold
from eval.judge import Judge
from eval.metrics import average_precision, expected_calibration_error
from eval.pairs import cite_pairs
from eval.sets import NAMED
from index.library import Library
from index.records import Embedder
from qa.answer import statements_of, whole, within
from qa.ask import build_embedder, build_entailment, build_reader
from qa.asked import read_question
from qa.conflict import compare_all
from qa.records import Citation, ConflictKind, Entailment, Reader
from qa.rules import Pair
from qa.settings import Settings
from qa.verdicts import Verdicts
from qa.weighing import FEATURES, JUDGED, Weighing

KINDS: tuple[ConflictKind, ...] = ("number", "date", "name", "polarity", "certainty")
FOLDS = 5

# How much a weight is held towards 0: the set is small.
_C = 1.0

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weighed:
    """Two statements that the rules find to differ, what they are weighed by, and whether they conflict."""

    id: str
    kind: ConflictKind
    features: Mapping[str, float]
    right: bool

    def row(self, names: Sequence[str]) -> list[float]:
        """The features named, then one for each kind."""
        return [
            *(self.features.get(name, 0.0) for name in names),
            *(float(self.kind == one) for one in KINDS),
        ]


def of_pairs(folder: Path, reader: Reader, entailment: Entailment | None) -> Iterable[Weighed]:
    """The labelled pairs that the rules find to differ."""
    cited, texts = cite_pairs(folder, reader)
    for pair, both in cited:
        for found, features in _differing(pair.question, both, texts, entailment):
            yield Weighed(pair.id, found.kind, features, pair.kind is not None)


def of_questions(
    folder: Path, reader: Reader, embedder: Embedder, entailment: Entailment | None
) -> Iterable[Weighed]:
    """The pairs that differ among what answers each question over all the articles."""
    settings = Settings()
    with tempfile.TemporaryDirectory() as place, Library.open(Path(place), embedder=embedder) as library:
        library.add(*sorted(folder.glob("*.txt")))
        judge = Judge(library.articles())
        for question in read_gold(folder / "questions.jsonl"):
            assert isinstance(question, GoldQuestion)
            gold = judge.locate(question)
            hits = library.search(question.question, k=settings.passages)
            readings = reader.read(question.question, within(hits, settings.read_tokens))
            statements = statements_of(whole(question.question, readings), settings)
            texts = {hit.article.id: hit.article.text for hit in hits}
            for found, features in _differing(question.question, statements, texts, entailment):
                one, other = found.one.citations[0], found.other.citations[0]
                yield Weighed(question.id, found.kind, features, judge.disputed(gold, one, other))


def _differing(
    question: str, statements: Sequence[Citation], texts: Mapping[str, str], entailment: Entailment | None
) -> Iterable[tuple[Pair, dict[str, float]]]:
    verdicts = Verdicts(question, entailment)
    verdicts.read(statements)
    compared = compare_all(question, statements, texts, verdicts=verdicts, max_pairs=Settings().max_pairs)
    rows = Weighing(read_question(question), compared.statements, entailment).features(compared.found)
    return zip(compared.found, rows, strict=True)


def fit(found: Sequence[Weighed], names: Sequence[str]) -> dict[str, float]:
    """The weight of each feature and of each kind."""
    from sklearn.linear_model import LogisticRegression  # comes with sentence-transformers

    rows = np.array([one.row(names) for one in found])
    right = np.array([one.right for one in found])
    model = LogisticRegression(C=_C, fit_intercept=False, max_iter=5_000).fit(rows, right)
    return dict(zip([*names, *KINDS], (round(float(weight), 3) for weight in model.coef_[0]), strict=True))


def held_out_scores(found: Sequence[Weighed], names: Sequence[str]) -> list[float]:
    """The probability of each, by weights fitted without its question."""
    scores = []
    folds = [random.Random(one.id).randrange(FOLDS) for one in found]  # noqa: S311 - no secret
    weights = {
        fold: fit([one for one, at in zip(found, folds, strict=True) if at != fold], names)
        for fold in sorted(set(folds))
    }
    for one, fold in zip(found, folds, strict=True):
        total = sum(
            weights[fold][name] * value for name, value in zip([*names, *KINDS], one.row(names), strict=True)
        )
        scores.append(float(1 / (1 + np.exp(-total))))
    return scores


def report(found: Sequence[Weighed], scores: Sequence[float]) -> dict[str, object]:
    """How well the scores tell conflicts apart, and what each threshold costs."""
    right = [one.right for one in found]
    return {
        "pairs": len(found),
        "conflicts": sum(right),
        "average_precision": average_precision(scores, right, gold=sum(right)),
        "calibration_error": expected_calibration_error(scores, right),
        "thresholds": {
            f"{threshold:.2f}": _at(threshold, scores, right) for threshold in np.arange(0.2, 0.85, 0.05)
        },
    }


def _at(threshold: float, scores: Sequence[float], right: Sequence[bool]) -> dict[str, float]:
    shown = [good for score, good in zip(scores, right, strict=True) if score >= threshold]
    return {
        "shown": len(shown),
        "precision": round(sum(shown) / len(shown), 3) if shown else 0.0,
        "recall": round(sum(shown) / max(1, sum(right)), 3),
    }


def main() -> None:
    """Prints weights and reports as one JSON object."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.parse_args()
    settings = Settings()
    embedder = build_embedder(settings.embedder)
    reader = build_reader(embedder, settings.reader)
    entailment = build_entailment(settings.entailment)
    folder = NAMED["pairs"].file.parent
    printed: dict[str, object] = {}
    for name, model, names in (("rules", None, FEATURES), ("model", entailment, (*FEATURES, *JUDGED))):
        if name == "model" and model is None:
            continue
        found = [
            *of_pairs(folder, reader, model),
            *of_questions(folder, reader, embedder, model),
        ]
        printed[name] = {"weights": fit(found, names), **report(found, held_out_scores(found, names))}
    print(json.dumps(printed, indent=1))


if __name__ == "__main__":
    main()
