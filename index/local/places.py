"""Which article stands where: what a change asks of the tables `place` and `article`, whichever store's."""

import sqlite3
from typing import Any

from index.errors import LibraryError
from index.local.database import chunk_id
from index.records import Chunk


class Places:
    """For one change. Its caller writes the rows, and notes here which articles lost a place."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._moved: set[str] = set()  # ids of articles that lost a place, perhaps their last

    def article_at(self, place: str) -> str | None:
        """As `Change.article_at`."""
        row = self._db.execute("SELECT article_id FROM place WHERE place = ?", (place,)).fetchone()
        return None if row is None else str(row[0])

    def places(self, *, origin: str | None = None, article_id: str | None = None) -> tuple[str, ...]:
        """As `Change.places`; every given condition holds."""
        conditions = {"origin = ?": origin, "article_id = ?": article_id}
        given = {clause: value for clause, value in conditions.items() if value is not None}
        where = " AND ".join(given) or "1"
        rows = self._db.execute(
            f"SELECT place FROM place WHERE {where} ORDER BY place",  # noqa: S608  # constants
            tuple(given.values()),
        )
        return tuple(place for (place,) in rows)

    def has_article(self, article_id: str) -> bool:
        """Whether it stands in the library, wherever."""
        row = self._db.execute("SELECT 1 FROM article WHERE id = ?", (article_id,)).fetchone()
        return row is not None

    def article_of(self, chunk: Chunk, columns: str) -> tuple[Any, ...]:
        """These columns of the article that the chunk is cut from; LibraryError unless it was put before."""
        row = self._db.execute(
            f"SELECT {columns} FROM article WHERE id = ?",  # noqa: S608  # constants
            (chunk.article_id,),
        ).fetchone()
        if row is None or chunk.id != chunk_id(chunk.article_id, chunk.ordinal):
            raise LibraryError(
                f"Chunk {chunk.id} belongs to no article of this library: put its article first"
            )
        return tuple(row)

    def note_loss(self, article_id: str) -> None:
        """The article stands no more where it stood."""
        self._moved.add(article_id)

    def homeless(self) -> list[str]:
        """Ids of the articles that lost their last place, sorted."""
        return [one for one in sorted(self._moved) if not self.places(article_id=one)]
