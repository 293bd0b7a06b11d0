"""A library that is quick to build and to compare, for what is done to it on purpose."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.library import Library
from index.records import Vectors

QUESTIONS = ("How large is the backlog of orders?", "Who makes the chips?", "What was confirmed on Monday?")
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=100_000)
def _number(word: str) -> int:
    """The dimension of a word."""
    return hashlib.sha256(word.encode()).digest()[0] % 64


class WordHashEmbedder:
    """Bags of words hashed into 64 dimensions: quick, deterministic, and near for texts that share words."""

    name = "word-hash-64"
    window_tokens = 256

    def embed(self, texts: Sequence[str], *, query: bool = False) -> Vectors:  # noqa: ARG002
        """As `index.records.Embedder` says."""
        vectors = np.full((len(texts), 64), 1e-3, np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for word in _WORD.findall(text.lower()):
                vector[_number(word)] += 1
        normed: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return normed

    def vocabulary(self) -> Mapping[str, int]:
        """Word pieces of one letter, in the manner of BERT."""
        letters = "abcdefghijklmnopqrstuvwxyz0123456789.,'-?!"
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{letter}" for letter in letters)]
        return {piece: number for number, piece in enumerate(pieces)}


def open_library(folder: Path) -> Library:
    """With the quick embedder and small chunks."""
    return Library.open(folder, embedder=WordHashEmbedder(), chunk_tokens=60)


def write_articles(folder: Path, *, version: int, count: int = 12) -> None:
    """`count` files; those of another version replace some, keep some and add some."""
    folder.mkdir(exist_ok=True)
    for number in range(count + 4 * version):
        told = version if number % 3 == 0 else 0
        text = " ".join(
            f"Report {number} of edition {told} says that plant {number * 7 + line} has a backlog of"
            f" {told * 100 + line} orders. It makes chips for customer {line % 5}."
            " This was confirmed on Monday."
            for line in range(8)
        )
        (folder / f"report-{number:03d}.txt").write_text(f"Report {number}\n\n{text}\n", encoding="utf-8")


def contents(library: Library) -> tuple[object, ...]:
    """All articles, and what the questions find with which scores: equal for equal libraries."""
    found = [
        (hit.chunk.id, hit.rank, hit.score, hit.cosine, hit.bm25)
        for question in QUESTIONS
        for hit in library.search(question, k=20)
    ]
    return tuple(library.articles()), tuple(found)
