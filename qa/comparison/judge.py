"""The judge: a model of base size that reads an article's excerpt with the question, and pairs of statements.

It decides what the small models propose: whether and where an article answers, what the article holds, and
whether two sources can both be right.
"""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from tokenizers import Encoding

from index.models import REMEMBERED_BYTES, Model, Tokenizer, read_manifest
from index.models import WEIGHTS as SHARED
from qa.comparison.excerpt import EXCERPT_TOKENS, QUESTION_TOKENS, Excerpt
from qa.comparison.model import (
    JUDGE_RELATIONS,
    PAIR_TOKENS,
    BundledComparison,
    Logits,
    ModelStatement,
    ReadExcerpt,
    RelationShares,
    StanceShares,
    bundled_comparison,
    judge_relation_texts,
    shares_of,
    statement_key,
)
from qa.reader.span_model import WEIGHTS
from qa.reader.spans import Window

WORDS_FILE = "judge-words.int8.onnx"
JUDGE_FILE = "judge.int8.onnx"
_TOKENIZER = "tokenizer.json"

# Of the graph's outputs, in their order.
_STANCE, _RELATION, _KIND, _ANSWERS, _SENTENCE, _SPAN = range(6)


class BundledJudge:
    """all-mpnet-base-v2 trained on stories of several sources, int8. Source: weights/JUDGE_CARD.md."""

    def __init__(self, folder: Path = WEIGHTS, *, threads: int | None = None) -> None:
        """Raises ModelError when a file is missing or damaged. `threads`: rows judged at once."""
        self._model = Model(
            JUDGE_FILE, folder, threads=threads, words=WORDS_FILE, remembered_bytes=REMEMBERED_BYTES
        )
        self._tokenizer = Tokenizer(_TOKENIZER, SHARED)
        manifest = read_manifest(folder)
        self._name = f"judge.int8:{manifest[JUDGE_FILE].sha256[:12]}"

    @property
    def name(self) -> str:
        """Names the model and the SHA-256 of its weights."""
        return self._name

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """As `Judge` says, at most those of an excerpt."""
        return [len(one) - 2 for one in self._tokenizer.encode(list(texts), max_tokens=EXCERPT_TOKENS)]

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[ReadExcerpt]:
        """As `Judge` says. Of a question the first 48 word pieces count."""
        (asked,) = self._tokenizer.encode([question], max_tokens=QUESTION_TOKENS)
        if len(asked) == QUESTION_TOKENS:
            question = question[: asked.offsets[-2][1]]
        texts = [one.text() for one in excerpts]
        rows = self._tokenizer.encode(
            [(text, question) for text, _ in texts], max_tokens=EXCERPT_TOKENS, cut="only_first"
        )
        outputs = self._model.run(rows)
        return [
            _read(one, places, row, output)
            for one, (_, places), row, output in zip(excerpts, texts, rows, outputs, strict=True)
        ]

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        """As `Judge` says; one order is judged, that of the statements' texts."""
        ordered = [
            (one, other) if statement_key(one) <= statement_key(other) else (other, one)
            for one, other in pairs
        ]
        rows = self._tokenizer.encode(
            [judge_relation_texts(question, *pair) for pair in ordered],
            max_tokens=PAIR_TOKENS,
            cut="longest_first",
        )
        judged: list[RelationShares] = []
        for outputs in self._model.run(rows):
            told = dict(zip(JUDGE_RELATIONS, shares_of(outputs[_RELATION]), strict=True))
            judged.append(RelationShares(**told, kinds=tuple(shares_of(outputs[_KIND]))))
        return judged


def _read(
    excerpt: Excerpt, places: Sequence[tuple[int, int]], row: Encoding, outputs: tuple[Logits, ...]
) -> ReadExcerpt:
    second_at = row.type_ids.index(1)
    offsets = np.array(row.offsets[:second_at], dtype=np.int64)
    span, sentence = outputs[_SPAN], outputs[_SENTENCE][:, 0]
    logits: list[float | None] = []
    moved = np.full(offsets.shape, -1, dtype=np.int64)
    length = 0
    for (first, last), text in zip(places, excerpt.sentences, strict=True):
        inside = (offsets[:, 0] >= first) & (offsets[:, 1] <= last) & (offsets[:, 1] > offsets[:, 0])
        logits.append(float(sentence[:second_at][inside].mean()) if inside.any() else None)
        moved[inside] = offsets[inside] - first + length
        length += len(text) + 1
    told = moved[:, 0] >= 0
    window = Window(
        offsets=moved[told],
        start=span[:second_at, 0][told],
        end=span[:second_at, 1][told],
        none=float(span[0, 0] + span[0, 1]),
    )
    yes, no, undecided, other = shares_of(outputs[_STANCE])
    answers = 1 / (1 + math.exp(-float(outputs[_ANSWERS][0])))
    return ReadExcerpt(StanceShares(yes, no, undecided, other, answers), tuple(logits), window)


@cache
def judged_comparison() -> BundledComparison:
    """The bundled comparison model with the judge that decides, built once per process."""
    return bundled_comparison().with_judge(BundledJudge())
