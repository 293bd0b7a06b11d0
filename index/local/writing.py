"""One change to a library's database: rows put and dropped inside one transaction."""

import sqlite3
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from index.aside import GRACE_S, Aside
from index.edits import dump_edited, edits_of, with_edits
from index.errors import ArticleNotFound, dimension_error
from index.local import aside_rows
from index.local.database import Counters, Database, indexed_text
from index.local.history import new_token, remember
from index.local.places import Places
from index.local.rows import checksums
from index.local.rows.manifest import read_manifest, write_manifest
from index.local.rows.packing import pack_text, pack_vector
from index.names import OPENING_CHARS, fold_publisher
from index.records import Article, Chunk, Vectors
from index.scope import Scope, days


class Writing:
    """Rows of the change in progress on `connection`, whose transaction the caller begins and ends.

    `before` is what the library in `folder` counts as it begins.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection, before: Counters) -> None:
        self._folder = folder
        self._db = connection
        self.before = self._now = before
        self.changed = False
        self._places = Places(connection)
        self.article_at = self._places.article_at
        self.places = self._places.places
        self.removed: list[int] = []

    def put(self, article: Article, *, place: str, origin: str) -> bool:
        """True when the article is new to the library, and so wants its chunks added."""
        before = self.article_at(place)
        if before == article.id:
            return False
        if before is not None:
            self._places.note_loss(before)
            if place == origin:  # a record of several may be another one by now
                article = with_edits(article, edits_of(self._article(before)))
        self._db.execute("INSERT OR REPLACE INTO place VALUES (?, ?, ?)", (place, origin, article.id))
        self.changed = True
        if self._places.has_article(article.id):
            return False
        (key,) = self._db.execute("SELECT coalesce(max(key), 0) + 1 FROM article").fetchone()
        self._write(key, article)
        self._count(articles=1)
        return True

    def edit(self, article_id: str, values: Mapping[str, str | None]) -> None:
        """As `Change.edit`, in the article's row alone."""
        before = self._article(article_id)
        article = with_edits(before, values)
        if article == before:
            return
        (key,) = self._db.execute("SELECT key FROM article WHERE id = ?", (article_id,)).fetchone()
        self._write(key, article)
        self.changed = True

    def take_chunks(self, article_id: str) -> tuple[list[Chunk], Vectors]:
        """The chunks of an article, by ordinal, with their vectors, (chunks, dimension); they are no more."""
        (article,) = self._db.execute("SELECT key FROM article WHERE id = ?", (article_id,)).fetchone()
        database = Database(self._folder, self._db)
        keys = [key for (key,) in self._db.execute("SELECT key FROM chunk WHERE article = ?", (article,))]
        _, vectors = database.vectors(keys)
        passages = database.passages(keys)  # by key, as the vectors
        self._drop_chunks(article)
        return [one for _, one in passages.values()], vectors

    def _article(self, article_id: str) -> Article:
        for article in Database(self._folder, self._db).read_articles(Scope(articles=(article_id,))):
            return article
        raise ArticleNotFound(f"No article {article_id} stands in the library {self._folder}")

    def _write(self, key: int, article: Article) -> None:
        first_day, last_day = days(article.published) or (None, None)
        row = {
            "key": key,
            "id": article.id,
            "uri": article.uri,
            "title": article.title,
            "publisher": article.publisher,
            "author": article.author,
            "published": article.published,
            "publisher_folded": fold_publisher(article.publisher),
            "first_day": first_day,
            "last_day": last_day,
            "updated": article.updated,
            "edited": dump_edited(article),
            "crc": checksums.of_article(key, article),
            "characters": len(article.text),
            "opening": article.text[:OPENING_CHARS],
            "text": pack_text(article.text),
        }
        self._db.execute(
            f"INSERT OR REPLACE INTO article ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608
            tuple(row.values()),
        )

    def add_chunk(self, chunk: Chunk, vector: Vectors, *, terms: int) -> int:
        """The key of the new row; `terms` is the number of its indexed words."""
        key = self._now.last_key + 1
        spans = np.array([(span.start, span.end) for span in chunk.sentences], np.int32)
        article, title = self._places.article_of(chunk, "key, title")
        numbers = (article, chunk.ordinal, chunk.start, chunk.end, chunk.tokens, terms)
        sentences, data = spans.tobytes(), pack_vector(vector.astype(np.float32))
        sums = (
            checksums.of_chunk(key, numbers, sentences, chunk.text, chunk.article_id, title),
            checksums.of_vector(key, data),
        )
        text = pack_text(indexed_text(title, chunk.text))
        self._db.execute(
            f"INSERT INTO chunk VALUES ({', '.join('?' * 14)})",  # noqa: S608
            (key, *numbers, chunk.article_id, len(title or ""), *sums, sentences, text, data),
        )
        self._count(last_key=1, chunks=1, terms=terms)
        return key

    def title(self, article_id: str) -> str | None:
        """The title of an article put before."""
        row = self._db.execute("SELECT title FROM article WHERE id = ?", (article_id,)).fetchone()
        return None if row is None or row[0] is None else str(row[0])

    def clear(self, place: str) -> None:
        """Nothing stands at `place` any more."""
        article_id = self.article_at(place)
        if article_id is not None:
            self._db.execute("DELETE FROM place WHERE place = ?", (place,))
            self._places.note_loss(article_id)
            self.changed = True

    def set_aside(self, article_id: str, *, at: int) -> None:
        """As `Change.set_aside`."""
        article = self._article(article_id)
        standing = "SELECT place, origin FROM place WHERE article_id = ? ORDER BY place"
        places = tuple(self._db.execute(standing, (article_id,)).fetchall())
        chunks, vectors = self.take_chunks(article_id)
        aside = Aside(article, places, tuple(chunks), vectors)
        aside_rows.write(self._db, aside, removed=at, step=self.before.generation + 1)
        for place, _ in places:
            self.clear(place)

    def take_aside(self, article_id: str) -> Aside:
        """What is kept of an article, which is kept no more. Raises as `Change.put_back`."""
        found = aside_rows.take(self._db, article_id, self._folder)
        self.changed = True
        return found

    def check_dimension(self, vectors: Vectors) -> None:
        """The first vectors fix the dimension of the library; later ones must have it too."""
        manifest, _ = read_manifest(self._db)
        dimension = manifest.get("dimension")
        if dimension is None:
            write_manifest(self._db, dimension=str(vectors.shape[1]))
        elif int(dimension) != vectors.shape[1]:
            raise dimension_error(str(self._folder), int(dimension), vectors.shape[1])

    def finish(self) -> Counters:
        """Drop the articles that have no place left, and count one generation if anything changed."""
        if not self.changed:
            return self.before
        for article_id in self._places.homeless():
            self._drop(article_id)
        aside_rows.forget(self._db, before=int(time.time()) - GRACE_S)
        remember(self._db, self.before)
        self._count(generation=1)
        now = self._now = replace(self._now, token=new_token())
        self._db.execute(
            "UPDATE state SET generation = ?, last_key = ?, articles = ?, chunks = ?, terms = ?, crc = ?,"
            " token = ?",
            (now.generation, now.last_key, now.articles, now.chunks, now.terms, now.crc, now.token),
        )
        return now

    def _drop(self, article_id: str) -> None:
        (article,) = self._db.execute("SELECT key FROM article WHERE id = ?", (article_id,)).fetchone()
        self._db.execute("DELETE FROM article WHERE key = ?", (article,))
        self._drop_chunks(article)
        self._count(articles=-1)

    def _drop_chunks(self, article: int) -> None:
        """Of the article with this key."""
        chunks = self._db.execute("SELECT key, terms FROM chunk WHERE article = ?", (article,)).fetchall()
        keys = [(key,) for key, _ in chunks]
        self._db.executemany("DELETE FROM chunk WHERE key = ?", keys)
        generation = self.before.generation + 1
        self._db.executemany("INSERT INTO removed VALUES (?, ?)", [(key, generation) for (key,) in keys])
        self.removed += [key for (key,) in keys]
        self._count(chunks=-len(chunks), terms=-sum(terms for _, terms in chunks))

    def _count(
        self, *, generation: int = 0, last_key: int = 0, articles: int = 0, chunks: int = 0, terms: int = 0
    ) -> None:
        now = self._now
        self._now = Counters(
            now.generation + generation,
            now.last_key + last_key,
            now.articles + articles,
            now.chunks + chunks,
            now.terms + terms,
            now.token,
        )
