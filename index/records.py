"""The values that pass through the index: articles, spans, chunks, hits; the seams `Embedder` and `Store`.

All positions are half-open character offsets into `Article.text`, the text as loaded.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from index.names import article_name
from index.scope import EVERYTHING, Scope

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start` up to, not including, `end`."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span runs forward from 0, not from {self.start} to {self.end}")


EDITABLE = ("title", "publisher", "author", "published", "updated")
"""The fields of an article that a person may set."""


@dataclass(frozen=True, slots=True)
class Article:
    """A text with what its source states about it; what it does not state is None, never guessed.

    `id` is made from the content. `uri` is the address that the source states, else where it was
    loaded from. `published` and `updated` are ISO 8601 dates, as exact as stated: "2026", "2026-07",
    "2026-07-03". `edited` holds each of EDITABLE that a person has set, with what the source states there.
    """

    id: str
    uri: str
    text: str
    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: str | None = None
    updated: str | None = None
    edited: tuple[tuple[str, str | None], ...] = ()

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
    """How a library stands: `generation` grows by one with each change.

    `token` names the state where copies of the library may go different ways, and have equal generations.
    """

    generation: int
    articles: int
    chunks: int
    token: str = field(default="", compare=False)


Order = Literal["date", "title", "publisher", "added", "missing"]
Group = Literal["", "publisher", "month"]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which articles are listed, and what of them; as it stands, no more than how many there are.

    Every word of `sought` stands in an article's title, publisher, author or file name, or in its text, in
    any form there. A page is the articles `first` up to `first + most`. By "date" the newest come first, by
    "added" those added last; those without what orders them come last. By "missing" those come first of
    which the publisher, the date or the title is not known. With `group` the articles of a
    publisher, or of a month, stand together. `publishers` and `period` ask for these of all that fit.
    """

    within: Scope = EVERYTHING
    sought: str = ""
    first: int = 0
    most: int = 0
    order: Order = "date"
    group: Group = ""
    publishers: bool = False
    period: bool = False


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of an article's text, verbatim, from `start` on; `marks` are the words sought in it.

    Offsets are into the article's text.
    """

    start: int
    text: str
    marks: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """An `Article` as its library lists it; `opening` is the start of its text, `characters` counts it.

    `excerpt` shows where words that were sought stand in the text, if the rest does not show them all.
    """

    id: str
    uri: str
    title: str | None
    publisher: str | None
    author: str | None
    published: str | None
    characters: int
    opening: str
    updated: str | None = None
    edited: tuple[tuple[str, str | None], ...] = ()
    excerpt: Excerpt | None = None

    @property
    def name(self) -> str:
        """What it is called everywhere; see `article_name`."""
        return article_name(self.title, self.opening, self.uri)


@dataclass(frozen=True, slots=True)
class Removed:
    """An article that was removed and can be put back, without its text.

    `removed` is the second in which it was, since 1970; `step` is the same of those removed together.
    """

    id: str
    uri: str
    title: str | None
    publisher: str | None
    published: str | None
    opening: str
    removed: int
    step: int

    @property
    def name(self) -> str:
        """What it is called everywhere; see `article_name`."""
        return article_name(self.title, self.opening, self.uri)


@dataclass(frozen=True, slots=True)
class Section:
    """Listed articles of one publisher or month, `value`, None where they state none.

    `first` is the place of its first article on the page, `total` counts those on other pages as well;
    `continued` says that some stood on an earlier one.
    """

    value: str | None
    first: int
    total: int
    continued: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, how many articles the whole of it has, and the sections of a grouped one.

    `state` is that of the library when it was listed. Where they were asked for, `publishers` are all that
    are stated, by name, with the number of their articles, and `period` is the first and the last date that
    an article states, as it states it, None where none does.
    """

    state: State
    total: int
    articles: tuple[Listed, ...] = ()
    sections: tuple[Section, ...] = ()
    publishers: tuple[tuple[str, int], ...] = ()
    period: tuple[str | None, str | None] = (None, None)


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """What is fixed when a store is opened.

    `address` is what people call it by: its folder, or its address on a server. Files about the library are
    kept in `folder`. `manifest` says what it was built with. What is `read_only` lies where nobody
    may write.
    """

    address: str
    folder: Path
    manifest: Mapping[str, str]
    read_only: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SearchQuery:
    """A question, its vector of shape (dimension,), and what makes one ranking of the scores of both legs.

    Each leg proposes `depth` candidates, at least, and four times as many as are asked for.
    """

    question: str
    vector: Vectors
    fuse: Fuse
    depth: int = 100


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """Chunks that a store gives, and their vectors in the same order, (chunks, dimension)."""

    hits: tuple[Hit, ...]
    vectors: Vectors


class Change(Protocol):
    """What one change to a store is made of; all of it takes effect together, or none."""

    def put(self, article: Article, *, place: str, origin: str) -> bool:
        """Stand `article` at `place`, in place of what stood there; True when its chunks are wanted.

        What people set of an article is set of the next one at its place, unless that is one record of many.
        """

    def add_chunks(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """The chunks of articles put before, with one vector of length 1 each."""

    def edit(self, article_id: str, values: Mapping[str, str | None]) -> None:
        """Set fields of an article that stands here, as `index.edits.with_edits`; its id stays.

        ArticleNotFound where none has that id.
        """

    def article_at(self, place: str) -> str | None:
        """The id of the article at `place`."""

    def places(self, *, origin: str | None = None, article_id: str | None = None) -> tuple[str, ...]:
        """The places of an origin, or of an article, sorted."""

    def clear(self, place: str) -> None:
        """Nothing stands at `place` any more; an article goes with its last place."""

    def set_aside(self, article_id: str, *, at: int) -> None:
        """Take an article out from all its places, and keep it aside as removed in the second `at`.

        ArticleNotFound where none has that id.
        """

    def put_back(self, article_id: str) -> None:
        """Stand an article that an earlier change set aside where it stood, as `index.aside.put_back`.

        ArticleNotFound where none of that id is kept any more; LibraryError for one that a disk has changed.
        """


class Store(Protocol):
    """Articles, chunks and vectors, kept and searched; a change is seen wholly or not at all.

    All but `info` is as of now, changes by other processes included.
    """

    @property
    def info(self) -> StoreInfo:
        """What it is called, where it stands and what it was built with."""

    def change(self, command: str) -> AbstractContextManager[Change]:
        """One change, made when the block ends, undone when it raises. LibraryInUse while another goes on."""

    def search(self, query: SearchQuery | None, *, k: int, within: Scope) -> Passages:
        """The best `k` chunks for a query, best first, of the articles that count.

        Without a query `k` chunks evenly over these articles, by id, with scores of 0.
        """

    def search_each(self, queries: Sequence[SearchQuery], *, k: int, within: Scope) -> Sequence[Passages]:
        """What `search` gives for each of these queries, all of one generation; as deep as the deepest."""

    def list(self, query: ListQuery) -> Listing:
        """Articles without their texts, all of one generation. LibraryError for an order that is none."""

    def articles(self, within: Scope) -> Iterator[Article]:
        """Whole articles by id, as they stand when the first is asked for."""

    def removed(self) -> tuple[Removed, ...]:
        """The articles that are kept aside and can be put back, those removed last first, then by id."""

    def close(self) -> None:
        """Let go of files; closing twice is no error."""
