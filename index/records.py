"""The values that pass through the index: articles, spans, chunks, hits; the seams `Embedder` and `Store`.

All positions are half-open character offsets into `Article.text`, the text as loaded.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from index.names import article_name
from index.scope import Scope

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start` up to, not including, `end`."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span runs forward from 0, not from {self.start} to {self.end}")


@dataclass(frozen=True, slots=True)
class Article:
    """A text with what its source states about it; what it does not state is None, never guessed.

    `id` is made from the content. `uri` is the address that the source states, else where it was
    loaded from. `published` is an ISO 8601 date, as exact as stated: "2026", "2026-07", "2026-07-03".
    """

    id: str
    uri: str
    text: str
    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: str | None = None

    @property
    def name(self) -> str:
        """What it is called everywhere; see `article_name`."""
        return article_name(self.title, self.text, self.uri)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole neighbouring sentences of one article: what is embedded, indexed and retrieved.

    `id` is "<article id>:<ordinal, six digits>", so that ids sort in reading order. `text` is the cleaned
    view of the sentences; `start` and `end` are those of the first and last sentence. `tokens` counts `text`.
    """

    id: str
    article_id: str
    ordinal: int
    start: int
    end: int
    text: str
    tokens: int
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved chunk with its article. `rank` counts from 1; `score` is the fused one, higher is better.

    `cosine` and `bm25` are the scores of the two legs, None where a leg did not return the chunk.
    """

    article: Article
    chunk: Chunk
    rank: int
    score: float
    cosine: float | None
    bm25: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one input: a file, a record in a file, a page. `reason` is "" when plainly added."""

    source: str
    status: Literal["added", "unchanged", "refused"]
    reason: str = ""
    article_id: str | None = None


class Embedder(Protocol):
    """Texts in, unit vectors out."""

    @property
    def name(self) -> str:
        """Changes whenever the vectors would: stored in a library and compared when it is opened."""

    @property
    def window_tokens(self) -> int:
        """How many tokens of a text the model reads, special tokens included."""

    def embed(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """Vectors of shape (len(texts), dimension), float32, each of length 1, in the order of `texts`."""

    def vocabulary(self) -> Mapping[str, int]:
        """Token to id, as the model's tokenizer holds them; what the token counter is built from."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that the dense or the lexical leg proposed, with its exact score in both.

    `cosine` is in -1..1; `bm25` is above 0, and None when the chunk holds no word of the question.
    """

    chunk_id: str
    cosine: float
    bm25: float | None


Fuse = Callable[[Sequence[Candidate]], list[tuple[Candidate, float]]]
"""Candidates in any order in; the same with one score each, best first, out."""


@dataclass(frozen=True, slots=True)
class State:
    """How a library stands: `generation` grows by one with each change."""

    generation: int
    articles: int
    chunks: int


class Change(Protocol):
    """What one change to a store is made of; all of it takes effect together, or none."""

    def put(self, article: Article, *, place: str, origin: str) -> bool:
        """Stand `article` at `place`, in place of what stood there; True when its chunks are wanted."""

    def add_chunks(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """The chunks of articles put before, with one vector of length 1 each."""

    def article_at(self, place: str) -> str | None:
        """The id of the article at `place`."""

    def places(self, *, origin: str | None = None, article_id: str | None = None) -> tuple[str, ...]:
        """The places of an origin, or of an article, sorted."""

    def clear(self, place: str) -> None:
        """Nothing stands at `place` any more; an article goes with its last place."""


class Store(Protocol):
    """Articles, chunks and vectors, kept and searched; a change is seen wholly or not at all."""

    @property
    def address(self) -> str:
        """What people call it by: its folder, or its address on a server."""

    @property
    def folder(self) -> Path:
        """Where files about the library are kept beside it."""

    @property
    def manifest(self) -> Mapping[str, str]:
        """What it was built with."""

    @property
    def state(self) -> State:
        """As of now, changes by other processes included."""

    def change(self, command: str) -> AbstractContextManager[Change]:
        """One change, made when the block ends, undone when it raises. LibraryInUse while another goes on."""

    def search(self, question: str, vector: Vectors, *, k: int, fuse: Fuse, within: Scope) -> list[Hit]:
        """The best `k` chunks for a question and its vector of shape (dimension,), best first."""

    def articles(self, within: Scope) -> Iterator[Article]:
        """Articles by id, as they stand when the first is asked for."""

    def sample(self, within: Scope, most: int) -> tuple[list[Hit], Vectors]:
        """At most `most` chunks, evenly over the articles that count; their vectors, (chunks, dimension)."""

    def catalogue(
        self, terms: Sequence[str] = ()
    ) -> AbstractContextManager[tuple[sqlite3.Connection, Mapping[str, Set[int]]]]:
        """What lists are made from, of one generation; and for each indexed word the keys of chunks with it.

        The connection has `listed`, with the columns of a library's table `article`, the number of
        `characters`, and the `opening` of the text; and `chunk`, with `article`, `start` and `end` of those
        keys at least. Keys of chunks that were just removed may be among them.
        """

    def close(self) -> None:
        """Let go of files; closing twice is no error."""
