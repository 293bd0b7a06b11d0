"""What is remembered of each article's outline beside the library, so that few are read after a change.

It is derived, and none of it is shown. What is stale, damaged or cannot be written is not used.
"""

import hashlib
import sqlite3
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from pathlib import Path

import numpy as np

from index.library import Library
from index.records import Article, Listed
from index.scope import Scope
from qa.events.outlines import Outline, day_as_stated, outline_articles, outline_these

FILE = "events.sqlite"

_BATCH = 200  # articles read at once
_FORMER = "DROP TABLE IF EXISTS outline"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS outlines (
    id TEXT PRIMARY KEY, stamp TEXT NOT NULL, crc INTEGER NOT NULL, words BLOB NOT NULL,
    vectors BLOB NOT NULL, sequences BLOB NOT NULL)
"""
_READ = "SELECT crc, words, vectors, sequences FROM outlines WHERE id = ? AND stamp = ?"


def recall_outlines(library: Library, version: str) -> list[Outline]:
    """The outlines of all articles, by id; read is what is not remembered, or of another version."""
    listed = sorted(library.listing(most=sys.maxsize).articles, key=lambda one: one.id)
    memory = _Memory(library.path, f"{library.embedder.name} {version}")
    found: list[Outline] = []
    try:
        for start in range(0, len(listed), _BATCH):
            found += _recall(library, memory, listed[start : start + _BATCH])
        memory.forget_others(listed)
    finally:
        memory.close()
    return _of_one_width(found) or list(outline_articles(library))


def recall_these(library: Library, version: str, articles: Sequence[Article]) -> list[Outline]:
    """The outlines of some articles, in their order; what is not remembered is made from what is given."""
    memory = _Memory(library.path, f"{library.embedder.name} {version}")
    try:
        known = {one.id: memory.read(one) for one in articles}
        missing = [one for one in articles if known[one.id] is None]
        fresh = outline_these(library, missing)
        memory.keep(list(zip(missing, fresh, strict=True)))
    finally:
        memory.close()
    known |= {one.article_id: one for one in fresh}
    found = [one for one in known.values() if one is not None]
    return _of_one_width(found) or outline_these(library, articles)


def _of_one_width(found: Sequence[Outline]) -> list[Outline] | None:
    """An article without passages has zeros, as many as others' vectors; None where what else differs."""
    widths = {one.vectors.shape[1] for one in found if one.vectors.any()}
    if len(widths) > 1:
        return None
    width = max(widths, default=1)
    none = np.zeros((1, width), np.float32)
    return [one if one.vectors.shape[1] == width else replace(one, vectors=none) for one in found]


def _recall(library: Library, memory: "_Memory", batch: Sequence[Listed]) -> Iterator[Outline]:
    known = {one.id: memory.read(one) for one in batch}
    missing = tuple(own for own, outline in known.items() if outline is None)
    fresh = outline_these(library, library.articles(scope=Scope(articles=missing))) if missing else []
    read = {one.article_id: one for one in fresh}
    memory.keep([(one, read[one.id]) for one in batch if one.id in read])
    for own, outline in known.items():
        if (held := outline or read.get(own)) is not None:
            yield held


class _Memory:
    """A table of outlines; every method is safe whatever the file holds."""

    def __init__(self, folder: Path, version: str) -> None:
        self._version = version
        for place in (folder / FILE, folder / FILE, ":memory:"):
            try:
                self._db = sqlite3.connect(place, timeout=2)
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._db.execute(_FORMER)
                self._db.execute(_SCHEMA)
                self._db.execute(_READ, ("", "")).fetchone()
            except sqlite3.OperationalError:  # it cannot be written, or is of another shape
                continue
            except sqlite3.DatabaseError:
                with suppress(OSError):
                    (folder / FILE).unlink()
            else:
                return
        raise AssertionError("a database in memory always opens")

    def _stamp(self, one: Listed | Article) -> str:
        return hashlib.sha256(f"{self._version}\0{one.title}".encode("utf-8", "replace")).hexdigest()[:24]

    def read(self, one: Listed | Article) -> Outline | None:
        """The outline of an article whose text is what it was: its id is made from it."""
        try:
            row = self._db.execute(_READ, (one.id, self._stamp(one))).fetchone()
        except sqlite3.Error:
            return None
        if row is None or [*map(type, row)] != [int, bytes, bytes, bytes] or row[0] != _crc(*row[1:]):
            return None
        try:
            names, words, passages = row[1].decode("utf-8", "surrogatepass").split("\n\n")
            vectors = np.frombuffer(row[2], np.float32).reshape(int(passages), -1)
            sequences = np.frombuffer(row[3], np.uint32)
        except ValueError:
            return None
        day = day_as_stated(one.published)
        return Outline(one.id, one.name, one.published, day, _split(names), _split(words), vectors, sequences)

    def keep(self, several: Sequence[tuple[Listed | Article, Outline]]) -> None:
        """They outlive a kill."""
        rows = []
        for article, one in several:
            told = ("\n".join(one.names), "\n".join(one.words), str(len(one.vectors)))
            words = "\n\n".join(told).encode("utf-8", "surrogatepass")
            blobs = words, one.vectors.astype(np.float32).tobytes(), one.sequences.tobytes()
            rows.append((article.id, self._stamp(article), _crc(*blobs), *blobs))
        with suppress(sqlite3.Error):
            self._db.executemany("INSERT OR REPLACE INTO outlines VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._db.commit()

    def forget_others(self, listed: Sequence[Listed]) -> None:
        """Drops the articles that no longer stand in the library."""
        with suppress(sqlite3.Error):
            known = {own for (own,) in self._db.execute("SELECT id FROM outlines")}
            gone = sorted(known - {one.id for one in listed})
            self._db.executemany("DELETE FROM outlines WHERE id = ?", [(own,) for own in gone])
            self._db.commit()

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._db.close()


def _split(words: str) -> tuple[str, ...]:
    return tuple(map(sys.intern, words.split("\n"))) if words else ()


def _crc(*blobs: bytes) -> int:
    return reduce(lambda crc, blob: zlib.crc32(blob, crc), blobs, 0)
