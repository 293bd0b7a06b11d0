"""The bundled span model: questions and passages through ONNX Runtime, in windows that overlap."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Encoding

from index.models import WEIGHTS as SHARED
from index.models import Model, Tokenizer, read_manifest
from qa.spans import Window

WEIGHTS = Path(__file__).resolve().parent / "weights"

_MODEL = "reader.int8.onnx"
_TOKENIZER = "tokenizer.json"  # the embedder's: the two models have one vocabulary

# As trained: source `eval/train/windows.py`.
_WINDOW_TOKENS = 256
_QUESTION_TOKENS = 48
# Neighbouring windows share twice as many tokens as an answer may have.
_STRIDE = 32


class BundledSpanModel:
    """all-MiniLM-L6-v2 trained to read, in int8, no torch. Source: weights/MODEL_CARD.md."""

    def __init__(self, folder: Path = WEIGHTS, *, threads: int | None = None) -> None:
        """Raises ModelError when a file is missing or damaged. `threads`: windows read at once."""
        self._model = Model(_MODEL, folder, threads=threads)
        self._tokenizer = Tokenizer(_TOKENIZER, SHARED)
        self._name = f"reader.int8:{read_manifest(folder)[_MODEL].sha256[:12]}"

    @property
    def name(self) -> str:
        """Names the model and the SHA-256 of its weights."""
        return self._name

    def windows(self, question: str, passages: Sequence[str]) -> list[list[Window]]:
        """As `qa.spans.SpanModel` says. Of a question the first 48 word pieces count."""
        question = self._cut(question)
        rows: list[Encoding] = []
        owners: list[int] = []
        encoded = self._tokenizer.encode(
            [(question, passage) for passage in passages],
            max_tokens=_WINDOW_TOKENS,
            cut="only_second",
            stride=_STRIDE,
        )
        for index, first in enumerate(encoded):
            for row in (first, *first.overflowing):
                rows.append(row)
                owners.append(index)
        read: list[list[Window]] = [[] for _ in passages]
        for index, row, (start, end, answerable) in zip(owners, rows, self._model.run(rows), strict=True):
            passage = np.array([part == 1 for part in row.sequence_ids])
            read[index].append(
                Window(
                    offsets=np.array(row.offsets, dtype=np.int64)[passage],
                    start=start[passage],
                    end=end[passage],
                    none=float(start[0] + end[0]),
                    answerable=float(answerable),
                )
            )
        return read

    def _cut(self, question: str) -> str:
        row = self._tokenizer.encode([question], max_tokens=_QUESTION_TOKENS + 2)[0]
        return question[: max((end for _, end in row.offsets), default=0)] if row.overflowing else question
