"""The bundled reader's network: questions and passages through ONNX Runtime, in windows that overlap."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Encoding

from index.models import REMEMBERED_BYTES, Between, Model, Tokenizer, go_on, read_manifest
from index.models import WEIGHTS as SHARED
from qa.reader.spans import Window

WEIGHTS = Path(__file__).resolve().parents[1] / "weights"

_MODEL = "reader.int8.onnx"
_TOKENIZER = "tokenizer.json"  # the embedder's: the two models have one vocabulary

# As trained: source `eval/training/data/reading_rows.py`.
_WINDOW_TOKENS = 320
_QUESTION_TOKENS = 48
_TALK_TOKENS = 40
_TITLE_TOKENS = 24
_FOLLOW_UP_TOKENS = 256
# Neighbouring windows share twice as many tokens as an answer may have.
_STRIDE = 32

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


class BundledSpanModel:
    """all-MiniLM-L6-v2 trained to read, in int8, no torch. Source: weights/MODEL_CARD.md."""

    def __init__(self, folder: Path = WEIGHTS, *, threads: int | None = None) -> None:
        """Raises ModelError when a file is missing or damaged. `threads`: windows read at once."""
        self._model = Model(_MODEL, folder, threads=threads, remembered_bytes=REMEMBERED_BYTES)
        self._tokenizer = Tokenizer(_TOKENIZER, SHARED)
        self._name = f"reader.int8:{read_manifest(folder)[_MODEL].sha256[:12]}"

    @property
    def name(self) -> str:
        """Names the model and the SHA-256 of its weights."""
        return self._name

    def windows(
        self,
        question: str,
        passages: Sequence[str],
        titles: Sequence[str] = (),
        talk: str = "",
        *,
        between: Between = go_on,
    ) -> list[list[Window]]:
        """As `qa.reader.spans.SpanModel` says. Of a question the first 48 word pieces count."""
        asked = [self._cut(talk, _TALK_TOKENS), self._cut(question, _QUESTION_TOKENS)]
        rows: list[Encoding] = []
        owners: list[int] = []
        encoded = self._tokenizer.encode(
            [
                (" | ".join(part for part in (*asked, self._cut(title, _TITLE_TOKENS)) if part), passage)
                for title, passage in zip(titles or [""] * len(passages), passages, strict=True)
            ],
            max_tokens=_WINDOW_TOKENS,
            cut="only_second",
            stride=_STRIDE,
        )
        for index, first in enumerate(encoded):
            for row in (first, *first.overflowing):
                rows.append(row)
                owners.append(index)
        read: list[list[Window]] = [[] for _ in passages]
        for index, row, (start, end, sentence, _) in zip(
            owners, rows, self._model.run(rows, between), strict=True
        ):
            passage = np.array([part == 1 for part in row.sequence_ids])
            read[index].append(
                Window(
                    offsets=np.array(row.offsets, dtype=np.int64)[passage],
                    start=start[passage],
                    end=end[passage],
                    none=float(start[0] + end[0]),
                    sentence=sentence[passage],
                )
            )
        return read

    def score_words(self, question: str, talk: Sequence[str]) -> list[tuple[str, float]]:
        """The words of the talk, oldest first, each with the probability that the follow-up needs it."""
        text = " | ".join(one for one in talk if one)
        if not text:
            return []
        question = self._cut(question, _QUESTION_TOKENS)
        while True:  # the oldest of a long talk is cut
            row = self._tokenizer.encode([(question, text)], max_tokens=_FOLLOW_UP_TOKENS, cut="only_second")[
                0
            ]
            if not row.overflowing:
                break
            text = text[max(1, len(text) // 8) :].partition(" ")[2]
        ((_, _, _, needed),) = self._model.run([row])
        places = np.array(row.offsets, dtype=np.int64)
        told = np.array([part == 1 for part in row.sequence_ids])
        found: list[tuple[str, float]] = []
        for word in _WORD.finditer(text):
            inside = told & (places[:, 0] >= word.start()) & (places[:, 1] <= word.end())
            if inside.any():
                found.append((word[0], float(np.mean(1 / (1 + np.exp(-needed[inside]))))))
        return found

    def _cut(self, text: str, tokens: int) -> str:
        """The first so many word pieces of the text."""
        if not text:
            return ""
        row = self._tokenizer.encode([text], max_tokens=tokens + 2)[0]
        return text[: max((end for _, end in row.offsets), default=0)] if row.overflowing else text
