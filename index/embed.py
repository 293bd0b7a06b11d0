"""Embedders: the bundled one, and any model that sentence-transformers can load."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import ModelError, describe_error
from index.models import WEIGHTS, Model, Tokenizer, identity, read_manifest
from index.records import Embedder, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED = "bundled"

_MODEL = "all-MiniLM-L6-v2.int8.onnx"
_TOKENIZER = "tokenizer.json"
_DIMENSION = 384
_SLAB = 1024  # texts tokenised at a time: bounds the memory that encodings take, 20 MB for passages


def open_embedder(name: str | None = None) -> Embedder:
    """The embedder called `name`: "bundled" (also None and ""), a hub id, or a model's folder.

    Raises ModelError when it cannot be loaded.
    """
    if not name or name == BUNDLED:
        return BundledEmbedder()
    return SentenceTransformerEmbedder(name)


class BundledEmbedder:
    """all-MiniLM-L6-v2 in int8: 384 dimensions, no torch. A text's vector does not depend on its neighbours.

    Source: sentence-transformers/all-MiniLM-L6-v2; weights/MODEL_CARD.md says how it was converted.
    """

    def __init__(self, folder: Path = WEIGHTS, *, threads: int | None = None) -> None:
        """Raises ModelError when a file is missing or damaged. `threads`: texts embedded at once."""
        self._model = Model(_MODEL, folder, threads=threads)
        self._tokenizer = Tokenizer(_TOKENIZER, folder)
        files = read_manifest(folder)
        self._name = f"all-MiniLM-L6-v2.int8:{files[_MODEL].sha256[:12]}:{files[_TOKENIZER].sha256[:12]}"

    @property
    def name(self) -> str:
        """Names the model, and the SHA-256 of its weights and of its tokenizer."""
        return self._name

    @property
    def window_tokens(self) -> int:
        """256, the published model's own limit, special tokens included."""
        return 256

    def embed(self, texts: Sequence[str], *, query: bool = False) -> Vectors:  # noqa: ARG002
        """Unit vectors of shape (len(texts), 384); questions and passages are embedded alike."""
        vectors = np.empty((len(texts), _DIMENSION), dtype=np.float32)
        for start in range(0, len(texts), _SLAB):
            rows = self._tokenizer.encode(texts[start : start + _SLAB], max_tokens=self.window_tokens)
            for index, (vector,) in enumerate(self._model.run(rows), start):
                vectors[index] = vector
        return vectors

    def vocabulary(self) -> Mapping[str, int]:
        """The 30,522 word pieces."""
        return self._tokenizer.vocabulary()


class SentenceTransformerEmbedder:
    """A model that sentence-transformers loads, by hub id or folder; it needs torch."""

    def __init__(self, name_or_folder: str) -> None:
        """Raises ModelError when sentence-transformers is not installed or cannot load the model."""
        self._model = _load(name_or_folder)
        self._name = identity(name_or_folder)

    @property
    def name(self) -> str:
        """A folder's name with the SHA-256 of its files, or a hub id with its commit."""
        return self._name

    @property
    def window_tokens(self) -> int:
        """The model's own limit, or 512 where it states none."""
        return self._model.max_seq_length or 512

    def embed(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """Unit vectors of shape (len(texts), dimension); the model's prompts, where it has any, are used."""
        if not texts:
            return np.empty((0, self._model.get_embedding_dimension() or 0), dtype=np.float32)
        encode = self._model.encode_query if query else self._model.encode_document
        vectors = encode(
            list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def vocabulary(self) -> Mapping[str, int]:
        """Token to id, as the model's tokenizer writes tokens. Raises ModelError where it has no list."""
        tokenizer: Any = self._model.tokenizer
        if not hasattr(tokenizer, "get_vocab"):
            raise ModelError(
                f"The model {self._name} has no list of tokens to count with: name another tokenizer for "
                "counting, such as cl100k_base, or another embedder."
            )
        vocabulary: dict[str, int] = tokenizer.get_vocab()
        return vocabulary


def _load(name_or_folder: str) -> "SentenceTransformer":
    try:
        from sentence_transformers import SentenceTransformer  # 6 s and 450 MB
    except ImportError as error:
        raise ModelError(
            f"The embedder {name_or_folder} needs sentence-transformers, which is not installed: "
            "pip install sentence-transformers, or use the bundled embedder."
        ) from error
    try:
        return SentenceTransformer(name_or_folder)
    except (
        OSError,
        ValueError,
        RuntimeError,
        KeyError,
        ImportError,
    ) as error:  # as the library lets them through
        raise ModelError(
            f"The embedder {name_or_folder} cannot be loaded ({describe_error(error)}). Check the name; a"
            " folder must hold a sentence-transformers model, and a hub model needs the network the first"
            " time. The bundled embedder needs neither."
        ) from error
