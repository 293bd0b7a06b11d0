"""The bundled entailment model: pairs of statements through ONNX Runtime."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.models import WEIGHTS as SHARED
from index.models import Model, Tokenizer, read_manifest
from qa.reader.span_model import WEIGHTS
from qa.records import Probabilities

_MODEL = "entailment.int8.onnx"
_TOKENIZER = "tokenizer.json"  # the embedder's: the models have one vocabulary

# As trained: source `eval/train/entailment.py`.
_PAIR_TOKENS = 128

# The logits are divided by it before they become probabilities, which are too sure as they were trained.
# Source: the least log loss on 1,200 held-out pairs of SNLI and its counterfactual revision, of 1 to 2.6.
TEMPERATURE = 1.4


class BundledEntailment:
    """all-MiniLM-L6-v2 trained on pairs of statements, int8, no torch. Source: weights/ENTAILMENT_CARD.md."""

    def __init__(
        self, folder: Path = WEIGHTS, *, threads: int | None = None, temperature: float = TEMPERATURE
    ) -> None:
        """Raises ModelError when a file is missing or damaged. `threads`: pairs judged at once."""
        self._model = Model(_MODEL, folder, threads=threads)
        self._tokenizer = Tokenizer(_TOKENIZER, SHARED)
        self._temperature = temperature
        self._name = f"entailment.int8:{read_manifest(folder)[_MODEL].sha256[:12]}"

    @property
    def name(self) -> str:
        """Names the model and the SHA-256 of its weights."""
        return self._name

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Probabilities]:
        """As `qa.records.Entailment` says. Of a pair 128 word pieces count; the longer text is cut."""
        rows = self._tokenizer.encode(list(pairs), max_tokens=_PAIR_TOKENS, cut="longest_first")
        judged: list[Probabilities] = []
        for (logits,) in self._model.run(rows):
            scaled = logits.astype(np.float64) / self._temperature
            likely = np.exp(scaled - scaled.max())
            judged.append(Probabilities(*(likely / likely.sum()).tolist()))
        return judged
