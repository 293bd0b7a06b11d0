"""Any extractive question-answering model that transformers loads, as a span model; it needs torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError
from index.models import Between, go_on, identity
from qa.reader.spans import Window

# As such readers are trained and measured. Source: transformers' examples, question-answering/run_qa.py.
_WINDOW_TOKENS = 384
_QUESTION_TOKENS = 64
# Neighbouring windows share twice as many tokens as an answer may have.
_STRIDE = 64


class TransformersSpanModel:
    """A model with a head for question answering, by hub id or folder, in float32 on the CPU.

    Each window runs by itself, so that it comes out the same, bit for bit, whatever stands beside it.
    """

    def __init__(self, name_or_folder: str) -> None:
        """Raises ModelError when transformers is not installed, or the model cannot be loaded or used."""
        self._tokenizer, self._model = _load(name_or_folder)
        self._name = identity(name_or_folder)
        self._null_ids = [
            token
            for token in (self._tokenizer.cls_token_id, self._tokenizer.bos_token_id)
            if token is not None
        ]
        self._window_tokens = _window_tokens(self._tokenizer, self._model)
        # A model with a short window gives half of it to the question.
        free = self._window_tokens - self._tokenizer.num_special_tokens_to_add(pair=True)
        self._question_tokens = min(_QUESTION_TOKENS, free // 2)
        self._stride = min(_STRIDE, (free - self._question_tokens) // 2)
        # A tokenizer holds the settings of the call under way and takes one at a time.
        self._tokenizing = Lock()
        self.windows("Who?", ["Nobody."])  # a model that wants more than text is refused here, not later

    @property
    def name(self) -> str:
        """A folder's name with the SHA-256 of its files, or a hub id with its commit."""
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
        """As `SpanModel` says. Of talk and question the first 64 tokens count, of titles none.

        A model that was trained without unanswerable questions has its say on `none` all the same.
        """
        del titles
        read: list[list[Window]] = [[] for _ in passages]
        for row in self._rows(f"{talk} {question}".strip(), passages):
            read[row.passage].append(self._window(row, passages[row.passage]))
            between()
        return read

    def _rows(self, question: str, passages: Sequence[str]) -> list["_Row"]:
        if not passages:
            return []
        with self._tokenizing:
            encoded = self._tokenizer(
                [self._cut(question)] * len(passages),
                list(passages),
                truncation="only_second",
                max_length=self._window_tokens,
                stride=self._stride,
                return_overflowing_tokens=True,
            )
        inputs = [name for name in self._tokenizer.model_input_names if name in encoded]
        return [
            _Row(passage, {name: encoded[name][index] for name in inputs}, encoding)
            for index, (passage, encoding) in enumerate(
                zip(encoded["overflow_to_sample_mapping"], encoded.encodings, strict=True)
            )
        ]

    def _cut(self, question: str) -> str:
        """The question's first tokens, as text. A cut word may take other tokens, so all are recounted."""
        while True:
            encoded = self._tokenizer(
                [question],
                add_special_tokens=False,
                truncation=True,
                max_length=self._question_tokens,
                return_overflowing_tokens=True,
            )
            if len(encoded.encodings) == 1:
                return question
            _, end = encoded.encodings[0].offsets[-1]
            question = question[: min(end, len(question) - 1)]

    def _window(self, row: "_Row", passage: str) -> Window:
        start, end = self._logits(row)
        null = self._null(row)
        offsets = np.array([_trim(passage, *span) for span in row.encoding.offsets], dtype=np.int64)
        of_passage = np.array([part == 1 for part in row.encoding.sequence_ids])
        # A token of blanks alone would make an empty quote.
        kept = of_passage & (offsets[:, 0] < offsets[:, 1])
        return Window(
            offsets=offsets[kept], start=start[kept], end=end[kept], none=float(start[null] + end[null])
        )

    def _logits(self, row: "_Row") -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        import torch

        try:
            with torch.inference_mode():
                output = self._model(**{name: torch.tensor([ids]) for name, ids in row.inputs.items()})
        except (IndexError, RuntimeError, TypeError, ValueError) as error:  # as torch lets them through
            raise ModelError(
                f"The reader {self._name} cannot read text ({_reason(error)}). Its model and its tokenizer "
                "may not belong together, or it reads more than text: name another or use the bundled reader."
            ) from error
        return output.start_logits[0].numpy(), output.end_logits[0].numpy()

    def _null(self, row: "_Row") -> int:
        """The token that stands for no answer. Source: run_qa.py, as above: CLS, else BOS, else the first."""
        tokens = zip(row.inputs["input_ids"], row.encoding.sequence_ids, strict=True)
        special = [token if part is None else None for token, part in tokens]
        return next((special.index(token) for token in self._null_ids if token in special), 0)


@dataclass(frozen=True, slots=True)
class _Row:
    """One window's input: `passage` is the rank of the passage that it is of."""

    passage: int
    inputs: dict[str, list[int]]
    encoding: Any


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the blanks about them: many tokenizers count the one before a word to the word's token."""
    held = text[start:end]
    start += len(held) - len(held.lstrip())
    return start, start + len(held.strip())


def _window_tokens(tokenizer: Any, model: Any) -> int:
    """The longest input, special tokens included, that both the model and its tokenizer state."""
    limit = min(_WINDOW_TOKENS, tokenizer.model_max_length)
    positions = getattr(model.config, "max_position_embeddings", None) or 0
    if positions > 0:  # XLNet says -1
        # RoBERTa and its kin count positions from behind that of padding.
        unused = [
            module.padding_idx + 1
            for name, module in model.named_modules()
            if name.endswith("position_embeddings") and getattr(module, "padding_idx", None) is not None
        ]
        limit = min(limit, positions - max(unused, default=0))
    return int(limit)


def _load(name_or_folder: str) -> tuple[Any, Any]:
    """Tokenizer and model. No code of a hub model is run."""
    try:
        import torch  # 6 s and 450 MB, with transformers
        from safetensors import SafetensorError
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer
    except ImportError as error:
        raise ModelError(
            f"The reader {name_or_folder} needs transformers and torch, which are not installed: "
            "pip install sentence-transformers brings both, or use the bundled reader."
        ) from error
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(name_or_folder, trust_remote_code=False)
        loaded: Any = AutoModelForQuestionAnswering.from_pretrained(
            name_or_folder, dtype=torch.float32, trust_remote_code=False, output_loading_info=True
        )
    except (
        OSError,
        ValueError,
        RuntimeError,
        KeyError,
        TypeError,
        ImportError,
        SafetensorError,
    ) as error:  # as the library lets them through
        raise ModelError(
            f"The reader {name_or_folder} cannot be loaded ({_reason(error)}). Check the name; a folder must "
            "hold a transformers model for extractive question answering, and a hub model needs the network "
            "the first time. The bundled reader needs neither."
        ) from error
    model, found = loaded
    _check(name_or_folder, tokenizer, found["missing_keys"])
    return tokenizer, model.eval()


def _check(name: str, tokenizer: Any, missing: set[str]) -> None:
    """Raises ModelError for what transformers takes, with at most a warning, and what then cannot read."""
    if missing:  # it fills them with random numbers
        raise ModelError(
            f"The reader {name} has no weights for {', '.join(sorted(missing)[:3])}: it was not trained to "
            "find answers. Name an extractive question-answering model, such as one trained on SQuAD 2.0."
        )
    if not tokenizer.is_fast:
        raise ModelError(
            f"The tokenizer of the reader {name} does not say which characters a token stands for: "
            "name a model that has a fast tokenizer (a file tokenizer.json), or use the bundled reader."
        )
    if len(tokenizer) <= len(set(tokenizer.all_special_ids)):  # it makes up an empty one for missing files
        raise ModelError(
            f"The reader {name} has no tokenizer: save its tokenizer.json beside its weights or name another."
        )


def _reason(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
