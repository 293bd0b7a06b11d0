"""What a survey remembers beside the library: each article as read, and which facts were held against which.

All of it is derived, and none of it is shown: quotes and conflicts are made anew from the articles. What is
stale, damaged or cannot be written is not used; the survey then takes longer, and says the same.
"""

import hashlib
import json
import re
import sqlite3
import zlib
from collections.abc import Iterable
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from typing import Any

FILE = "conflicts.sqlite"
# What the reading and the comparing of facts depend on: a change in any of them starts anew.
_SOURCES = ("qa/language/*.py", "qa/survey/*.py", "index/clean.py", "index/layout.py", "index/sentences.py")
# The file is whole: another process has it, or the disk allows no more.
_CANNOT_WRITE = re.compile("locked|readonly|unable to open|disk I/O|full")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS version (version TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS article (
    id TEXT PRIMARY KEY, stamp TEXT NOT NULL, crc INTEGER NOT NULL, read TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pair (
    one INTEGER NOT NULL, other INTEGER NOT NULL, differ INTEGER NOT NULL, crc INTEGER NOT NULL,
    PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS story (
    one INTEGER NOT NULL, other INTEGER NOT NULL, pairs INTEGER NOT NULL, found TEXT NOT NULL,
    crc INTEGER NOT NULL, PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS judged (
    judge TEXT NOT NULL, one INTEGER NOT NULL, other INTEGER NOT NULL, probability REAL NOT NULL,
    crc INTEGER NOT NULL, PRIMARY KEY (judge, one, other)) WITHOUT ROWID;
"""


class SurveyCache:
    """A table of articles and a table of pairs of digests; every method is safe whatever the file holds."""

    def __init__(self, folder: Path) -> None:
        """Opens the file in `folder`, anew where it is broken, in memory where it cannot be written."""
        path = folder / FILE
        for place in (path, path, None):
            try:
                self._db = _opened(place)
            except (sqlite3.Error, OSError) as error:
                if not _CANNOT_WRITE.search(str(error)):
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

    def article(self, article_id: str, stamp: str) -> Any:
        """What was kept of an article with that stamp, None for nothing."""
        row = self._row("SELECT crc, read FROM article WHERE id = ? AND stamp = ?", article_id, stamp)
        if row is None or row[0] != _crc(article_id, stamp, row[1]):
            return None
        try:
            return json.loads(row[1])
        except (ValueError, TypeError):
            return None

    def keep_article(self, article_id: str, stamp: str, read: Any) -> None:
        """`read` is anything that JSON can write."""
        text = json.dumps(read, ensure_ascii=False, separators=(",", ":"))
        row = article_id, stamp, _crc(article_id, stamp, text), text
        self._write("INSERT OR REPLACE INTO article VALUES (?, ?, ?, ?)", [row])

    def differ(self, one: int, other: int) -> bool | None:
        """Whether two facts were found to differ; None where they were not compared."""
        row = self._row("SELECT differ, crc FROM pair WHERE one = ? AND other = ?", one, other)
        if row is None or row[1] != _crc(one, other, row[0]):
            return None
        return bool(row[0])

    def keep_differ(self, rows: Iterable[tuple[int, int, bool]]) -> None:
        """Both digests, and whether the facts differ."""
        kept = [(one, other, int(differ), _crc(one, other, int(differ))) for one, other, differ in rows]
        self._write("INSERT OR REPLACE INTO pair VALUES (?, ?, ?, ?)", kept)

    def story(self, one: int, other: int) -> tuple[int, list[list[int]]] | None:
        """How many statements of two articles were compared, and which differ; None for not yet."""
        row = self._row("SELECT pairs, found, crc FROM story WHERE one = ? AND other = ?", one, other)
        if row is None or row[2] != _crc(one, other, row[0], row[1]):
            return None
        try:
            return int(row[0]), [[int(place) for place in pair] for pair in json.loads(row[1])]
        except (ValueError, TypeError):
            return None

    def keep_story(self, one: int, other: int, pairs: int, found: list[list[int]]) -> None:
        """As `story` gives it."""
        text = json.dumps(found)
        row = one, other, pairs, text, _crc(one, other, pairs, text)
        self._write("INSERT OR REPLACE INTO story VALUES (?, ?, ?, ?, ?)", [row])

    def probability(self, judge: str, one: int, other: int) -> float | None:
        """What the judge of that name said of two facts, None where it was not asked."""
        row = self._row(
            "SELECT probability, crc FROM judged WHERE judge = ? AND one = ? AND other = ?", judge, one, other
        )
        if row is None or row[1] != _crc(judge, one, other, float(row[0])):
            return None
        return float(row[0])

    def keep_probability(self, judge: str, rows: Iterable[tuple[int, int, float]]) -> None:
        """Both digests, and what the judge said."""
        kept = [(judge, one, other, said, _crc(judge, one, other, said)) for one, other, said in rows]
        self._write("INSERT OR REPLACE INTO judged VALUES (?, ?, ?, ?, ?)", kept)

    def forget_articles(self, but: Iterable[str]) -> None:
        """Drops the articles that no longer stand in the library."""
        row = self._row("SELECT json_group_array(id) FROM article")
        gone = set(json.loads(row[0])) - set(but) if row else set()
        self._write("DELETE FROM article WHERE id = ?", [(one,) for one in sorted(gone)])

    def _row(self, statement: str, *values: object) -> Any:
        try:
            return self._db.execute(statement, values).fetchone()
        except sqlite3.Error:
            return None

    def _write(self, statement: str, rows: list[Any]) -> None:
        with suppress(sqlite3.Error):
            self._db.executemany(statement, rows)


def stamp_of(text: str, published: str | None) -> str:
    """What an article's reading depends on."""
    return hashlib.sha256(f"{published}\0{text}".encode("utf-8", "replace")).hexdigest()[:24]


@cache
def version() -> str:
    """Changes with the code that reads and compares."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for file in sorted(file for pattern in _SOURCES for file in root.glob(pattern)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _opened(path: Path | None) -> sqlite3.Connection:
    connection = sqlite3.connect(path or ":memory:", timeout=2, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(_SCHEMA)
        with closing(connection.execute("SELECT version FROM version")) as rows:
            known = [row[0] for row in rows]
        if known != [version()]:
            for table in ("version", "article", "pair", "story", "judged"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  # constants
            connection.execute("INSERT INTO version VALUES (?)", (version(),))
            connection.commit()
        connection.execute("SELECT id, stamp, crc, read FROM article LIMIT 1").fetchone()
        connection.execute("SELECT one, other, differ, crc FROM pair LIMIT 1").fetchone()
        connection.execute("SELECT one, other, pairs, found, crc FROM story LIMIT 1").fetchone()
        connection.execute("SELECT judge, one, other, probability, crc FROM judged LIMIT 1").fetchone()
        if path and connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("damaged")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _crc(*values: object) -> int:
    return zlib.crc32(repr(values).encode("utf-8", "replace"))
