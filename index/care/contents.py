"""What stands in a library's database, row by row, whether or not all of it can be read."""

import os
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from index.errors import LibraryError
from index.local.database import CHUNK, Counters, article_of, chunk_of
from index.local.read_only import connect_to_read, hold_against_file, is_read_only
from index.local.rows import checksums
from index.local.rows.earlier import begin
from index.local.rows.manifest import read_manifest
from index.local.rows.packing import unpack_text, unpack_vectors
from index.local.schema import FILE, check_owner, has_aside, has_checksums
from index.names import OPENING_CHARS, fold_publisher
from index.records import Article, Chunk, Vectors
from index.scope import days
from index.sources.load import article_id
from index.text.chunk import chunk

_LARGEST_GAP = 1 << 32  # bytes: what zeros fill up at most, where the header itself is damaged
_KEYS_END = 1 << 40
_PATIENCE_S = 5.0
_HOLE = 50_000  # tries: more keys in a row than half of these are given up, with all after them
_ARTICLE = "id, uri, text, title, publisher, author, published, updated, edited"
_LISTED = "publisher_folded, first_day, last_day, characters, opening FROM article"


@dataclass(frozen=True, slots=True)
class Stored:
    """An article that is as it was written, with its places and origins, sorted.

    `chunks` and `vectors`, (chunks, dimension), are None where one of them is not as it was written: `flaw`
    says which. `listed` tells whether what lists are made of fits the article.
    """

    article: Article
    places: tuple[tuple[str, str], ...]
    chunks: tuple[Chunk, ...] | None
    vectors: Vectors | None
    summed: bool
    listed: bool
    flaw: str


@dataclass(frozen=True, slots=True)
class Lost:
    """An article that is gone or not as it was written; `name` is where it was added from, else its id.

    Those of which nothing tells the name are one, of several `articles`.
    """

    article_id: str
    name: str
    flaw: str
    articles: int = 1


class Contents:
    """Reads inside one snapshot; rows that SQLite cannot read count as gone."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._summed = has_checksums(connection)
        self.unreadable = ""  # what SQLite said of the first row that it could not read
        self._places: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for place, origin, article in self._both_ways("SELECT place, origin, article_id FROM place", "place"):
            self._places[article].append((place, origin))
        self._chunks: dict[int, list[int]] = defaultdict(list)
        for key, article in self._by_key("SELECT key, article FROM chunk NOT INDEXED"):
            self._chunks[article].append(key)

    def counters(self) -> Counters | None:
        """As the database states them; None where that cannot be read."""
        try:
            return Counters.read(self._db)
        except sqlite3.DatabaseError as error:
            self._note(error)
            return None

    def manifest(self) -> tuple[Mapping[str, str], bool]:
        """What the library was built with, and whether that is as it was written."""
        try:
            manifest, sound = read_manifest(self._db)
        except sqlite3.DatabaseError as error:
            self._note(error)
            return dict(self._both_ways("SELECT name, value FROM manifest", "name")), False
        return manifest, "library" in manifest and (sound or not self._summed)

    def articles(self, *, closely: bool = False) -> Iterator[Stored | Lost]:
        """Every article that stands there, then those of which only places or passages are left.

        `closely` looks whether passages reach to the end of their text, which takes as long as cutting it:
        that no row is missing at the end nothing else tells of a single article.
        """
        known: set[str] = set()
        left = dict(self._chunks)
        select = f"SELECT key, crc, {_ARTICLE}, {_LISTED} NOT INDEXED"  # constants
        for key, crc, *row in self._by_key(select):
            own = left.pop(key, [])
            article = _article(row[:9])
            if article is None or not self._is_sound(key, crc, article):
                name = article.id if article else str(row[0])
                known.add(name)
                yield Lost(name, self._name(name, article), "its text or what is stated of it has changed")
                continue
            known.add(article.id)
            one = self._read_stored(
                article, key, own, summed=crc is not None, listed=_is_listed(article, row[9:])
            )
            if closely and one.chunks and one.chunks[-1].end != _end(article):
                one = replace(one, chunks=None, vectors=None, flaw="passages at its end are gone")
            yield one
        gone = sorted(set(self._places) - known)
        for name in gone:
            yield Lost(name, self._name(name, None), "its text is gone")
        if (nameless := len(left) - len(gone)) > 0:
            yield Lost("", f"{nameless:,} articles", "only passages of them are left", nameless)

    def aside(self) -> Iterator[tuple[Any, ...]]:
        """The rows of articles that were removed and are kept, as far as they can be read."""
        if has_aside(self._db):
            yield from self._both_ways("SELECT * FROM aside", "id")

    def _read_stored(
        self, article: Article, key: int, chunk_keys: Sequence[int], *, summed: bool, listed: bool
    ) -> Stored:
        places = tuple(sorted(self._places.get(article.id, [(article.uri, article.uri)])))
        listed = listed and article.id in self._places
        try:
            chunks, vectors = self._passages(article, key, chunk_keys)
        except (sqlite3.DatabaseError, ValueError, TypeError) as error:
            return Stored(article, places, None, None, summed, listed, str(error))
        return Stored(article, places, chunks, vectors, summed, listed, "")

    def _passages(
        self, article: Article, article_key: int, keys: Sequence[int]
    ) -> tuple[tuple[Chunk, ...], Vectors]:
        """ValueError where one is not as it was written, or none is left."""
        chunks: dict[int, Chunk] = {}
        vectors: dict[int, bytes] = {}
        for key in keys:
            *values, vector_crc, data = self._row(key)
            row, crc, now = chunk_of(values)
            if crc not in (None, now):
                raise ValueError(f"passage {key} has changed")
            vector_now = checksums.of_vector(key, data)
            if vector_now == checksums.NO_ROW or vector_crc not in (None, vector_now):
                raise ValueError(f"the vector of passage {key} has changed")
            one = row.chunk
            chunks[one.ordinal], vectors[one.ordinal] = one, data
            stated = (row.article, row.article_id, row.title)
            if stated != (article_key, article.id, article.title or ""):
                raise ValueError(f"passage {key} is another article's")
        if not keys or sorted(chunks) != list(range(len(keys))):
            raise ValueError("passages of it are gone")
        if any(not 0 <= one.start < one.end <= len(article.text) for one in chunks.values()):
            raise ValueError("passages of it lie outside its text")
        stacked = unpack_vectors([vectors[at] for at in sorted(vectors)])
        if stacked.ndim != 2 or not np.allclose(np.linalg.norm(stacked, axis=1), 1, atol=1e-3):
            raise ValueError("vectors of it are not of length 1")
        return tuple(chunks[at] for at in sorted(chunks)), stacked

    def _row(self, key: int) -> Any:
        row = self._db.execute(
            f"SELECT {CHUNK}, c.vector_crc, c.vector FROM chunk c WHERE c.key = ?",  # noqa: S608  # a constant
            (key,),
        ).fetchone()
        if row is None:
            raise ValueError(f"passage {key} is not whole")
        return row

    def _is_sound(self, key: int, crc: int | None, article: Article) -> bool:
        summed = checksums.of_article(key, article)
        if crc is not None or summed == checksums.NO_ROW:
            return crc == summed
        # Of earlier versions: the id is made from the content, and the address if the source states one.
        stated = (article.text, article.title, article.publisher, article.author, article.published)
        return article.id in (article_id(*stated), article_id(*stated, article.uri))

    def _name(self, own: str, article: Article | None) -> str:
        places = sorted(place for place, _ in self._places.get(own, []))
        return places[0] if places else article.uri if article else own

    def _by_key(self, select: str) -> Iterator[tuple[Any, ...]]:
        """Rows by key, their first column; around what cannot be read the keys are halved."""
        ranges = [(0, _KEYS_END)]
        failed = 0
        while ranges and failed < _HOLE:
            first, last = ranges.pop()
            at = first
            try:
                for row in self._db.execute(
                    f"{select} WHERE key BETWEEN ? AND ? ORDER BY key",
                    (first, last),
                ):
                    if at <= row[0] <= last:  # a damaged page may give others, and the same ones again
                        yield row
                        at, failed = row[0] + 1, 0
            except sqlite3.DatabaseError as error:
                self._note(error)
                failed += 1
                middle = (at + last) // 2
                if at < last:
                    ranges += [(middle + 1, last), (at, middle)]

    def _both_ways(self, select: str, column: str) -> Iterator[tuple[Any, ...]]:
        """Rows from the first on, and where one cannot be read from the last back."""
        seen = set()
        for order in ("", " DESC"):
            try:
                for row in self._db.execute(f"{select} ORDER BY {column}{order}"):
                    if row[0] not in seen:
                        seen.add(row[0])
                        yield row
            except sqlite3.DatabaseError as error:
                self._note(error)
            else:
                return

    def _note(self, error: Exception) -> None:
        self.unreadable = self.unreadable or str(error)


@contextmanager
def open_as_it_is(folder: Path) -> Iterator[sqlite3.Connection]:
    """The database in `folder` for reading, text that is no UTF-8 included; nothing is changed.

    SQLite opens no file that was cut off, so that one is read from a copy which zeros fill up. Raises
    LibraryError where the file is not a library's, or so damaged that nothing of it can be read.
    """
    file = folder / FILE
    cut_off = file.stat().st_size < _read_size(file)
    place: AbstractContextManager[str | Path] = nullcontext(folder)
    if cut_off:
        beside = folder.parent if os.access(folder.parent, os.W_OK | os.X_OK) else None
        place = TemporaryDirectory(dir=beside, prefix=f".{folder.name}-")
    with place as name:
        if cut_off:
            _fill_up(folder, Path(name))
        with closing(_open_file(Path(name) / FILE)) as connection, hold_against_file(connection, folder):
            connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
            try:
                check_owner(connection, folder)
                connection.execute("SELECT count(*) FROM article WHERE key < 0").fetchone()
                begin(connection)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
                    raise  # locked, or not to be opened: nothing is known of its rows
                raise LibraryError(
                    f"Nothing of {folder / FILE} can be read ({error}): restore it from a backup, or add the"
                    " articles to a new library"
                ) from error
            yield connection


def _open_file(file: Path) -> sqlite3.Connection:
    if is_read_only(file):
        return connect_to_read(file, timeout_s=_PATIENCE_S)
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=_PATIENCE_S
    )


def _read_size(file: Path) -> int:
    """Bytes. Source: SQLite, "Database File Format": the page's size, and the number of pages."""
    with file.open("rb") as stream:
        header = stream.read(100)
    if len(header) < 100:
        return 0
    page, pages = int.from_bytes(header[16:18]), int.from_bytes(header[28:32])
    return min((1 << 16 if page == 1 else page) * pages, _LARGEST_GAP + file.stat().st_size)


def _fill_up(folder: Path, into: Path) -> None:
    for part in ("", "-wal"):
        if (folder / f"{FILE}{part}").exists():
            shutil.copy(folder / f"{FILE}{part}", into / f"{FILE}{part}")
    with (into / FILE).open("r+b") as file:
        file.truncate(_read_size(folder / FILE))  # sparse, where the disk can


def _article(row: Sequence[Any]) -> Article | None:
    """None for what cannot be an article's row."""
    try:
        for value in (*row[:2], unpack_text(row[2]), *(one for one in row[3:] if one is not None)):
            value.encode()
    except (AttributeError, ValueError):
        return None
    return article_of(row)


def _end(article: Article) -> int | None:
    """Where its last passage must end, however large passages are."""
    cut = chunk(article, count=lambda _: 1)
    return cut[-1].end if cut else None


def _is_listed(article: Article, row: Sequence[Any]) -> bool:
    first_day, last_day = days(article.published) or (None, None)
    made = [fold_publisher(article.publisher), first_day, last_day]
    return list(row) == [*made, len(article.text), article.text[:OPENING_CHARS]]
