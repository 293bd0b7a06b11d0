"""Fits the sentence reader's weights, and shows the errors of each threshold, on public question sets.

`python -m eval.fit_reader FOLDER` reads the paragraph question sets in FOLDER, as `eval.data` does. Each
question is asked of a library of all sampled paragraphs of its set; for a third of the questions the
passages that hold the answer are taken away, so that nothing retrieved answers. The weights are fitted on
`FIT_ON`; the threshold is chosen on `CHOOSE_ON`, which the fit never sees: the one of the least cost, where
answering the unanswerable costs twice as much as refusing the answerable.
"""

import argparse
import json
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.data import Question, read_gold, sample
from eval.metrics import auroc
from index.embed import open_embedder
from index.library import Library
from index.records import Embedder, Hit, Vectors
from qa.reader import Candidate, candidates, weigh

FIT_ON = (
    "squadshifts-new_wiki",
    "squad-train",
    "qed-dev",
    "squadshifts-reddit",
    "squadshifts-amazon_reviews",
)
CHOOSE_ON = "squad11-heldout"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with the evidence of each retrieved sentence, (n, 10), and which of them answer, (n,)."""

    evidence: NDArray[np.float64]
    right: NDArray[np.bool_]
    answerable: bool


class Remembering:
    """An embedder that embeds each passage sentence once: a set asks many questions of few paragraphs."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, Vectors] = {}
        self.name, self.window_tokens, self.vocabulary = (
            embedder.name,
            embedder.window_tokens,
            embedder.vocabulary,
        )

    def embed(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """As `Embedder.embed`."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if missing:
            self._vectors.update(zip(missing, self._embedder.embed(missing, query=query), strict=True))
        return np.stack([self._vectors[text] for text in texts])


def ask_all(questions: Sequence[Question], *, passages: int = 12) -> list[Asked]:
    """Each question asked of a library of all the questions' paragraphs."""
    embedder = Remembering(open_embedder(None))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "paragraphs.jsonl"
        paragraphs = sorted({question.context for question in questions})
        file.write_text("".join(json.dumps({"text": text}) + "\n" for text in paragraphs), encoding="utf-8")
        with Library.open(Path(folder) / "library", embedder=embedder) as library:
            library.add(file)
            asked = [
                _ask(question, library, embedder, passages=passages, number=number)
                for number, question in enumerate(questions)
            ]
    return [one for one in asked if one is not None]


def _ask(
    question: Question, library: Library, embedder: Embedder, *, passages: int, number: int
) -> Asked | None:
    hits = library.search(question.question, k=passages + 4)
    taken_away = number % 3 == 2 or not question.answers
    if taken_away:
        hits = [hit for hit in hits if not _mentions(hit, question)]
    found = candidates(hits[:passages])
    if not found:
        return None
    right = np.array([not taken_away and _answers(one, question) for one in found])
    evidence = np.array([item.vector() for item in weigh(question.question, found, embedder)])
    # A question whose paragraph was not retrieved is one that the passages do not answer.
    return Asked(evidence, right, bool(right.any()))


def _mentions(hit: Hit, question: Question) -> bool:
    text = hit.article.text.lower()
    return hit.article.text == question.context or any(answer.lower() in text for answer in question.texts)


def _answers(one: Candidate, question: Question) -> bool:
    if one.hit.article.text != question.context:
        return False
    return any(
        one.span.start <= answer.start and answer.start + len(answer.text) <= one.span.end + 1
        for answer in question.answers
    )


def report(asked: Sequence[Asked], weights: NDArray[np.float64]) -> dict[str, object]:
    """Share of right first sentences, AUROC of abstention, and the error rates and cost of each threshold."""
    best = []
    for one in asked:
        scores = one.evidence @ weights
        top = int(np.argmax(scores))
        best.append((1 / (1 + np.exp(-scores[top])), bool(one.right[top]), one.answerable))
    separation = auroc([one[0] for one in best], [one[2] for one in best])
    scores, right, answerable = (np.array(column) for column in zip(*best, strict=True))
    thresholds: dict[str, dict[str, float | None]] = {}
    for threshold in np.arange(0.05, 0.5, 0.025):
        answered = scores >= threshold
        wrong, refused = float(answered[~answerable].mean()), float((~answered[answerable]).mean())
        thresholds[f"{threshold:.3f}"] = {
            "cost": round(2 * wrong + refused, 3),
            "standard_error": round(
                math.sqrt(4 * _variance(wrong, ~answerable) + _variance(refused, answerable)), 3
            ),
            "answered_though_unanswerable": round(wrong, 3),
            "refused_though_answerable": round(refused, 3),
            "right_of_answered": round(float(right[answered].mean()), 3) if answered.any() else None,
        }
    return {
        "questions": len(asked),
        "right_first_sentence": round(float(right[answerable].mean()), 3),
        "auroc": None if separation is None else round(separation, 3),
        "thresholds": thresholds,
    }


def _variance(share: float, among: NDArray[np.bool_]) -> float:
    return share * (1 - share) / max(1, int(among.sum()))


def main() -> None:
    """Prints weights and reports as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=400, help="of each set")
    arguments = parser.parse_args()
    from sklearn.linear_model import LogisticRegression  # comes with sentence-transformers

    sets = {
        name: ask_all(sample(_load(arguments.folder, name), arguments.questions))
        for name in (*FIT_ON, CHOOSE_ON)
    }
    fitted_on = [one for name in FIT_ON for one in sets[name]]
    evidence = np.concatenate([one.evidence for one in fitted_on])
    right = np.concatenate([one.right for one in fitted_on])
    model = LogisticRegression(C=10.0, fit_intercept=False, max_iter=2_000).fit(evidence, right)
    weights = model.coef_[0]
    print(
        json.dumps(
            {
                "weights": [round(float(weight), 3) for weight in weights],
                **{name: report(asked, weights) for name, asked in sets.items()},
            },
            indent=1,
        )
    )


def _load(folder: Path, name: str) -> tuple[Question, ...]:
    questions = read_gold(folder / f"{name}.jsonl.gz")
    return tuple(question for question in questions if isinstance(question, Question))


if __name__ == "__main__":
    main()
