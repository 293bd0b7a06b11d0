"""What a survey remembers beside the library: each article as read, and what was said of each two statements.

All of it is derived, and none of it is shown: quotes and conflicts are made anew from the articles. What is
stale, damaged or cannot be written is not used; the survey then takes longer, and says the same once it has
asked again what was asked.
"""

import hashlib
import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.conflicts.engine import PairJudgement
from qa.survey.judgements import Judgements, pack_judged

FILE = "conflicts.sqlite"
_OF_ARTICLES = ("article", "vectors")  # tables
# What reading, matching and judging depend on, the models apart: a change in any of them starts anew.
_SOURCES = (
    *("qa/survey/*.py", "qa/conflicts/copies.py", "qa/conflicts/engine.py", "qa/comparison/model.py"),
    *("qa/language/names.py", "index/text/clean.py", "index/text/layout.py", "index/text/sentences.py"),
)
# The file is whole: another process has it, or the disk allows no more.
_CANNOT_WRITE = re.compile("locked|readonly|unable to open|disk I/O|full")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS version (version TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS article (
    id TEXT PRIMARY KEY, stamp TEXT NOT NULL, crc INTEGER NOT NULL, read BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS vectors (
    id TEXT PRIMARY KEY, stamp TEXT NOT NULL, crc INTEGER NOT NULL, vectors BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS judged (
    model TEXT NOT NULL, pairs INTEGER NOT NULL, said BLOB NOT NULL, crc INTEGER NOT NULL);
"""


class SurveyCache:
    """Tables of articles and of judged pairs; every method is safe whatever the file holds."""

    def __init__(self, folder: Path | None, *, few: bool = False) -> None:
        """Opens the file in `folder`, anew where it is broken, in memory where it cannot be written.

        Without a folder nothing is kept. For `few` articles it is not read through beforehand, which takes
        a second for each gigabyte: what is broken is then found where it is read, and not used.
        """
        path = folder / FILE if folder else None
        for place in (path, path, None):
            try:
                self._db = _open(place, few=few)
            except (sqlite3.Error, OSError) as error:
                if folder and not _CANNOT_WRITE.search(str(error)):
                    for left in folder.glob(f"{FILE}*"):
                        with suppress(OSError):
                            left.unlink()
            else:
                return
        raise AssertionError("a database in memory always opens")

    def close(self) -> None:
        """Keep what was learned, and let go of the file."""
        self.commit()
        with suppress(sqlite3.Error):
            self._db.close()

    def commit(self) -> None:
        """What came before outlives a kill."""
        with suppress(sqlite3.Error):
            self._db.commit()

    def article(self, article_id: str, stamp: str) -> bytes | None:
        """What was kept of an article with that stamp, None for nothing."""
        return self._bytes("article", "read", article_id, stamp)

    def keep_article(self, article_id: str, stamp: str, read: bytes) -> None:
        """As `article` gives it."""
        self._keep_bytes("article", article_id, stamp, read)

    def vectors(self, article_id: str, stamp: str, many: int) -> NDArray[np.float16] | None:
        """The embeddings of an article's statements, (many, dimensions); None where they are not known."""
        kept = self._bytes("vectors", "vectors", article_id, stamp)
        held = np.frombuffer(kept if kept and len(kept) % 2 == 0 else b"", np.float16)
        return held.reshape(many, -1) if many and len(held) and not len(held) % many else None

    def keep_vectors(self, article_id: str, stamp: str, vectors: NDArray[np.float16]) -> None:
        """As `vectors` gives them."""
        self._keep_bytes("vectors", article_id, stamp, vectors.tobytes())

    def _bytes(self, table: str, column: str, article_id: str, stamp: str) -> bytes | None:
        row = self._row(f"SELECT crc, {column} FROM {table} WHERE id = ? AND stamp = ?", article_id, stamp)  # noqa: S608
        if row is None or not isinstance(row[1], bytes) or row[0] != zlib.crc32(row[1]):
            return None
        return row[1]

    def _keep_bytes(self, table: str, article_id: str, stamp: str, data: bytes) -> None:
        statement = f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?)"  # noqa: S608  # a constant
        self._write(statement, [(article_id, stamp, zlib.crc32(data), data)])

    def count_articles(self) -> int:
        """How many articles were read and embedded."""
        row = self._row("SELECT count(*) FROM article")
        return int(row[0]) if row else 0

    def judgements(self, model: str) -> Judgements:
        """All that the models of that name said."""
        rows = self._rows("SELECT said, crc FROM judged WHERE model = ? ORDER BY rowid", model)
        return Judgements.unpack(
            [said for said, crc in rows if isinstance(said, bytes) and crc == zlib.crc32(said)]
        )

    def keep_judged(self, model: str, judged: Mapping[tuple[int, int], PairJudgement]) -> None:
        """What they said, by both digests."""
        said = pack_judged(judged)
        self._write("INSERT INTO judged VALUES (?, ?, ?, ?)", [(model, len(judged), said, zlib.crc32(said))])

    def forget_articles(self, but: Iterable[str]) -> None:
        """Drops the articles that no longer stand in the library."""
        row = self._row("SELECT json_group_array(id) FROM article")
        gone = set(json.loads(row[0])) - set(but) if row else set()
        for table in _OF_ARTICLES:
            self._write(f"DELETE FROM {table} WHERE id = ?", [(one,) for one in sorted(gone)])  # noqa: S608

    def _row(self, statement: str, *values: object) -> Any:
        try:
            return self._db.execute(statement, values).fetchone()
        except sqlite3.Error:
            return None

    def _rows(self, statement: str, *values: object) -> list[Any]:
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.Error:
            return []

    def _write(self, statement: str, rows: list[Any]) -> None:
        with suppress(sqlite3.Error):
            self._db.executemany(statement, rows)


def stamp_of(title: str | None, published: str | None) -> str:
    """What an article's reading depends on beside its text."""
    return hashlib.sha256(f"{published}\0{title}".encode("utf-8", "replace")).hexdigest()[:24]


@cache
def version() -> str:
    """Changes with the code that reads and compares."""
    return digest_of_sources(_SOURCES)


def digest_of_sources(patterns: Iterable[str]) -> str:
    """Changes with the files of the packages that these patterns name."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for file in sorted(file for pattern in patterns for file in root.glob(pattern)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def version_of(*models: str) -> str:
    """Changes with that, and with the models of these names."""
    return hashlib.sha256("\0".join((version(), *models)).encode()).hexdigest()[:24]


def _open(path: Path | None, *, few: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path or ":memory:", timeout=2, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(_SCHEMA)
        with closing(connection.execute("SELECT version FROM version")) as rows:
            known = [row[0] for row in rows]
        if known != [version()]:
            for table in ("version", *_OF_ARTICLES, "judged"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  # constants
            connection.execute("INSERT INTO version VALUES (?)", (version(),))
            connection.commit()
        connection.execute("SELECT id, stamp, crc, read FROM article LIMIT 1").fetchone()
        connection.execute("SELECT id, stamp, crc, vectors FROM vectors LIMIT 1").fetchone()
        connection.execute("SELECT model, pairs, said, crc FROM judged LIMIT 1").fetchone()
        if path and not few and connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("damaged")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
