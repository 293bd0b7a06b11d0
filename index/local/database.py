"""The database of a library: SQLite holds the truth about articles, places, chunks and vectors.

`key` numbers chunks in the order in which they were added, and is never used for another chunk once its
change is made: derived indexes know chunks by it, and catch up by asking for greater ones. Removed
keys stay listed with the generation that removed them, 16 bytes each, for the same purpose.
"""

import json
import sqlite3
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from index.edits import load_edited
from index.errors import LibraryError
from index.local.read_only import SettledConnection, hold_against_file
from index.local.rows import checksums
from index.local.rows.earlier import begin
from index.local.rows.manifest import read_manifest
from index.local.rows.packing import PASSAGE_ROOM, unpack_text, unpack_vectors
from index.local.schema import (
    check_folder,
    check_or_create,
    connect,
    damage_error,
    has_checksums,
    translate_errors,
)
from index.names import fold_publisher
from index.records import Article, Chunk, Span, Vectors
from index.scope import Scope

_ARTICLE = (
    "a.key, a.crc, a.id, a.uri, a.text, a.title, a.publisher, a.author, a.published, a.updated, a.edited"
)
CHUNK = (
    "c.key, c.crc, c.article_id, c.titled, c.article, c.ordinal, c.start, c.end, c.tokens, c.terms,"
    " c.sentences, c.text"
)
_VECTOR = "c.key, c.vector_crc, c.vector"
_AT_ONCE = 6  # reads from the disk


@dataclass(frozen=True, slots=True)
class Counters:
    """One generation in numbers; `terms` is the number of indexed words over all chunks.

    `token` is as `index.local.history` says.
    """

    generation: int
    last_key: int
    articles: int
    chunks: int
    terms: int
    token: str = ""

    @classmethod
    def read(cls, connection: sqlite3.Connection) -> Self | None:
        """None unless they are as they were written."""
        row = connection.execute("SELECT * FROM state").fetchone()  # libraries of version 1 have no checksum
        if row is None:
            return None
        generation, last_key, articles, chunks, terms = numbers = row[1:6]
        crc = row[6] if len(row) > 6 else None
        token = row[7] if len(row) > 7 else ""
        summed = checksums.of_state(numbers, token)
        if summed == checksums.NO_ROW or crc not in (None, summed):
            return None
        return cls(generation, last_key, articles, chunks, terms, token)

    @property
    def crc(self) -> int:
        """The checksum of these numbers."""
        numbers = (self.generation, self.last_key, self.articles, self.chunks, self.terms)
        return checksums.of_state(numbers, self.token)


@dataclass(frozen=True, slots=True)
class Row:
    """A chunk as scoring needs it; `indexed` is as `indexed_text`, "" where it was not asked for."""

    key: int
    chunk_id: str
    indexed: str
    vector: Vectors


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk's row without its vector; `title` is that of its article, "" for none.

    `numbers` are its article's key, ordinal, start, end, tokens and words.
    """

    key: int
    article_id: str
    numbers: tuple[int, ...]
    sentences: bytes
    indexed: str
    title: str
    text: str

    @property
    def article(self) -> int:
        """The key of its article."""
        return self.numbers[0]

    @property
    def chunk(self) -> Chunk:
        """The value that was stored."""
        _, ordinal, start, end, tokens, _ = self.numbers
        ends = np.frombuffer(self.sentences, np.int32).reshape(-1, 2).tolist()
        spans = tuple(Span(first, last) for first, last in ends)
        own = chunk_id(self.article_id, ordinal)
        return Chunk(own, self.article_id, ordinal, start, end, self.text, tokens, spans)


class Database:
    """One connection for reading; see `index.local.writing` for changes."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self.connection = connection
        self._summed = has_checksums(connection)

    @classmethod
    def open(cls, folder: Path, *, create: bool, manifest: Mapping[str, str]) -> Self:
        """The library in `folder`; a new one, with `manifest`, where there is none and `create` says so."""
        check_folder(folder, create=create)
        with translate_errors(folder):
            connection = connect(folder, create=create)
            try:
                check_or_create(connection, folder, manifest, create=create)
            except (sqlite3.Error, LibraryError):
                connection.close()
                raise
        return cls(folder, connection)

    def close(self) -> None:
        """Release the files."""
        with translate_errors(self.folder):
            self.connection.close()

    @contextmanager
    def snapshot(self) -> Iterator[Counters]:
        """All reads in the block see one and the same generation."""
        with translate_errors(self.folder):
            self._follow()
            with hold_against_file(self.connection, self.folder):
                begin(self.connection)
                try:
                    yield self.counters()
                finally:
                    self.connection.execute("ROLLBACK")

    def _follow(self) -> None:
        """Open the file anew where it was taken not to change, and did."""
        if isinstance(self.connection, SettledConnection) and not self.connection.still_stands():
            changed, self.connection = self.connection, connect(self.folder)
            changed.close()

    def counters(self) -> Counters:
        """As of the snapshot, or of now outside one."""
        with translate_errors(self.folder):
            now = Counters.read(self.connection)
        if now is None:
            raise damage_error(self.folder, "its counters are not what was written")
        return now

    def manifest(self) -> dict[str, str]:
        """What the library was built with."""
        with translate_errors(self.folder):
            manifest, sound = read_manifest(self.connection)
        if not sound and (self._summed or "library" not in manifest):
            raise damage_error(self.folder, "what it was built with is not what was written")
        return manifest

    def rows(self, keys: Sequence[int], known: Container[int] = ()) -> list[Row]:
        """Those of `keys` that stand in the library, by key; of those `known` without their text."""
        found = self._chunks(f"{CHUNK}, c.vector_crc, c.vector", keys)
        vectors = self._stack([(row[0], *row[-2:]) for row in found])[1]
        rows = []
        for values, vector in zip(found, vectors, strict=True):
            key, _, article_id, _, _, ordinal, *_ = values
            indexed = "" if key in known else self._chunk_of(*values[:-2]).indexed
            rows.append(Row(key, chunk_id(article_id, ordinal), indexed, vector))
        return rows

    def vectors(self, keys: Sequence[int]) -> tuple[NDArray[np.int64], Vectors]:
        """Those of `keys` that stand in the library, ascending, and their vectors, (keys, dimension)."""
        return self._stack(self._chunks(_VECTOR, keys))

    def passages(self, keys: Sequence[int]) -> dict[str, tuple[Article, Chunk]]:
        """Whole chunks with their articles, by chunk id, in the order of keys; each article is read once."""
        articles: dict[int, Article] = {}
        passages = {}
        for values in self._chunks(CHUNK, keys):
            row = self._chunk_of(*values)
            if row.article not in articles:
                articles[row.article] = self._article_at(row.article)
            article = articles[row.article]
            if row.article_id != article.id:
                raise damage_error(self.folder, f"passage {row.key} is another article's")
            chunk = row.chunk
            passages[chunk.id] = (article, chunk)
        return passages

    def _chunks(self, columns: str, keys: Sequence[int]) -> list[tuple[Any, ...]]:
        """By key. Raises where one is missing that stands in the library."""
        found = self.connection.execute(
            f"SELECT {columns} FROM json_each(?) j CROSS JOIN chunk c ON c.key = j.value",  # noqa: S608  # constants
            (_json(sorted(set(keys))),),
        ).fetchall()
        self._check_complete(keys, [row[0] for row in found])
        return found

    def keys(self, within: Scope) -> NDArray[np.int64]:
        """The chunks of the articles that count, ascending."""
        where, values = conditions(within)
        found = self.connection.execute(
            f"SELECT c.key FROM article a JOIN chunk c ON c.article = a.key WHERE {where}",  # noqa: S608
            values,
        )
        return np.sort(np.fromiter((key for (key,) in found), np.int64))

    def article_keys(self, within: Scope) -> set[int]:
        """The articles that count."""
        where, values = conditions(within)
        found = self.connection.execute(f"SELECT a.key FROM article a WHERE {where}", values)  # noqa: S608
        return {key for (key,) in found}

    def owners_after(self, key: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Keys of the chunks added after `key`, in any order, and of the article of each."""
        # Of all the index of chunks by article tells, which is a hundredth of their rows.
        after = "WHERE key > ?" if key else "WHERE ? = 0"
        found = self.connection.execute(f"SELECT key, article FROM chunk {after}", (key,))  # noqa: S608
        pairs = np.fromiter((one for row in found for one in row), np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def spread(self, within: Scope, most: int) -> list[int]:
        """At most `most` chunks of the articles that count, evenly over them, by article id and ordinal."""
        where, values = conditions(within)
        found = self.connection.execute(
            "SELECT c.key FROM article a JOIN chunk c ON c.article = a.key"  # noqa: S608
            f" WHERE {where} ORDER BY a.id, c.ordinal",
            values,
        )
        keys = np.fromiter((key for (key,) in found), np.int64)
        if len(keys) > most:
            keys = keys[np.linspace(0, len(keys) - 1, most).astype(int)]
        return [int(key) for key in keys]

    def articles(self, within: Scope) -> Iterator[Article]:
        """By id, as they stand when the first is asked for: over a connection of its own."""
        within.bounds()
        with translate_errors(self.folder):
            connection = connect(self.folder)
            try:
                with hold_against_file(connection, self.folder):
                    begin(connection)
                    yield from Database(self.folder, connection).read_articles(within)
            finally:
                connection.close()

    def read_articles(self, within: Scope) -> Iterator[Article]:
        """By id, over this connection, what its transaction changed included."""
        where, values = conditions(within)
        for row in self.connection.execute(
            f"SELECT {_ARTICLE} FROM article a WHERE {where} ORDER BY a.id",  # noqa: S608
            values,
        ):
            yield self._article_of(*row)

    def texts_after(self, key: int) -> Iterator[tuple[int, str]]:
        """Key and indexed text of each chunk added after `key`."""
        for own, text in self.connection.execute(
            "SELECT c.key, c.text FROM chunk c WHERE c.key > ? ORDER BY c.key", (key,)
        ):
            yield own, self._unpack(own, text)

    def vectors_after(self, key: int, *, batch: int = 8192) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        """Keys of shape (n,) and vectors of shape (n, dimension) added after `key`, n at most `batch`."""
        cursor = self.connection.execute(
            f"SELECT {_VECTOR} FROM chunk c WHERE key > ? ORDER BY key",  # noqa: S608  # a constant
            (key,),
        )
        while rows := cursor.fetchmany(batch):
            yield self._stack(rows)

    def sample(self, size: int, seed: int) -> Vectors:
        """`size` vectors drawn without replacement, by key; the same for the same keys."""
        keys = np.sort(
            np.fromiter((key for (key,) in self.connection.execute("SELECT key FROM chunk")), np.int64)
        )
        drawn = np.random.default_rng(seed).choice(keys, min(size, len(keys)), replace=False)
        return self.vectors(drawn.tolist())[1]

    def removed_after(self, generation: int) -> list[int]:
        """Keys that stood in the library at `generation` or later and no longer do."""
        found = self.connection.execute(
            "SELECT key FROM removed WHERE generation > ? ORDER BY key", (generation,)
        )
        return [key for (key,) in found]

    def _check_complete(self, keys: Sequence[int], found: Sequence[int]) -> None:
        """Indexes propose what stands here, what was removed, and what a change that never ended added."""
        missing = sorted(set(keys).difference(found))
        if not missing:
            return
        removed = self.connection.execute(
            "SELECT key FROM removed WHERE key IN (SELECT value FROM json_each(?))", (_json(missing),)
        )
        lost = set(missing).difference(key for (key,) in removed)
        if lost and min(lost) <= self.counters().last_key:
            raise damage_error(self.folder, f"passage {min(lost)} is missing")

    def _check(self, row: str, written: int | None, now: int) -> None:
        if now == checksums.NO_ROW or (written is not None and written != now):
            raise damage_error(self.folder, f"{row} is not what was written")

    def _unpack(self, key: int, text: str | bytes) -> str:
        try:
            return unpack_text(text, PASSAGE_ROOM)
        except ValueError as error:
            raise damage_error(self.folder, f"passage {key} is not what was written") from error

    def _chunk_of(self, *values: Any) -> ChunkRow:
        try:
            row, crc, now = chunk_of(values)
        except (ValueError, TypeError) as error:
            raise damage_error(self.folder, f"passage {values[0]} is not what was written") from error
        self._check(f"passage {row.key}", crc, now)
        return row

    def _stack(self, rows: Sequence[tuple[Any, ...]]) -> tuple[NDArray[np.int64], Vectors]:
        for key, crc, data in rows:
            self._check(f"the vector of passage {key}", crc, checksums.of_vector(key, data))
        keys = np.array([key for key, *_ in rows], np.int64)
        try:
            return keys, unpack_vectors([data for *_, data in rows])
        except ValueError as error:
            raise damage_error(self.folder, "vectors of it are not of one dimension") from error

    def _article_of(self, key: int, crc: int | None, *row: Any) -> Article:
        article = article_of(row)
        if article is None:
            raise damage_error(self.folder, f"article {row[0]} is not what was written")
        self._check(f"article {article.id}", crc, checksums.of_article(key, article))
        return article

    def _article_at(self, key: int) -> Article:
        row = self.connection.execute(
            f"SELECT {_ARTICLE} FROM article a WHERE key = ?",  # noqa: S608  # a constant
            (key,),
        ).fetchone()
        if row is None:
            raise damage_error(self.folder, "the article of a passage is missing")
        return self._article_of(*row)


class ReadAhead:
    """Brings chunks' rows into the system's memory, several at once; what fails is told when they are read.

    Source: own measurement, 200 rows that only the disk has: 44 ms one after the other, 16 ms so. Nobody
    waits for all: what stands in memory already would cost twice, 8 of 57 ms among a million passages.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="whosays-ahead")
        self._connections: list[sqlite3.Connection] = []
        self._running: list[Future[None]] = []

    def begin(self, keys: Sequence[int]) -> None:
        """Returns at once: who reads the rows with these keys meanwhile waits for those that lag behind."""
        wait(self._running)
        with suppress(sqlite3.Error):
            while len(self._connections) < _AT_ONCE:
                self._connections.append(connect(self._folder))
            parts = [keys[at::_AT_ONCE] for at in range(_AT_ONCE)]
            self._running = list(map(self._pool.submit, repeat(_touch), self._connections, parts))

    def close(self) -> None:
        """Release the files."""
        self._pool.shutdown()
        while self._connections:
            self._connections.pop().close()


def _touch(connection: sqlite3.Connection, keys: Sequence[int]) -> None:
    # The sum is of values that stand beside the vector, so that each row's page is read.
    sums = "SELECT sum(c.vector_crc) FROM json_each(?) j CROSS JOIN chunk c ON c.key = j.value"
    connection.execute(sums, (_json(keys),)).fetchall()


def article_of(row: Sequence[Any]) -> Article | None:
    """The article of a row's columns, in the order of its fields; None for what cannot be one's.

    Its text is as `index.local.rows.packing` packs it.
    """
    try:
        own, uri, text, *fields, edited = row
        return replace(Article(own, uri, unpack_text(text), *fields), edited=load_edited(edited))
    except (TypeError, ValueError):
        return None


def chunk_of(values: Sequence[Any]) -> tuple[ChunkRow, int | None, int]:
    """The chunk of a row's columns, CHUNK, its checksum as written and as it is now.

    ValueError or TypeError for what cannot be a chunk's.
    """
    key, crc, article_id, titled, *numbers, sentences, text = values
    whole = unpack_text(text, PASSAGE_ROOM)
    title, text = whole[:titled], whole[titled + 1 :] if titled else whole
    now = checksums.of_chunk(key, numbers, sentences, text, article_id, title)
    if now == checksums.NO_ROW:
        raise ValueError("its values are of other types")
    return ChunkRow(key, article_id, tuple(numbers), sentences, whole, title, text), crc, now


def chunk_id(article_id: str, ordinal: int) -> str:
    """Ids that sort in reading order."""
    return f"{article_id}:{ordinal:06d}"


def indexed_text(title: str | None, text: str) -> str:
    """What the lexical index holds of a chunk: its text and its article's title."""
    return f"{title}\n{text}" if title else text


def _json(keys: Sequence[int]) -> str:
    return f"[{','.join(map(str, keys))}]"


def conditions(within: Scope) -> tuple[str, list[str]]:
    """An SQL condition on the article `a`, and its values."""
    clauses = ["1"]
    values: list[str] = []
    for column, wanted in (
        ("a.id", within.articles),
        ("a.publisher_folded", tuple(fold_publisher(name) or "" for name in within.publishers)),
    ):
        if wanted:  # one value however many there are: SQLite binds 32,766 at most
            clauses.append(f"{column} IN (SELECT value FROM json_each(?))")  # noqa: S608  # a constant
            values.append(json.dumps(wanted))
    since, until = within.bounds()
    for clause, day in (("a.last_day >= ?", since), ("a.first_day <= ?", until)):
        if day:
            clauses.append(clause)
            values.append(day)
    return " AND ".join(clauses), values
