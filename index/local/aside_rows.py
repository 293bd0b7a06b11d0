"""The rows of articles that were removed, in a library's database; what they hold is `index.aside`'s."""

import json
import sqlite3
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from index.aside import GRACE_S, Aside, head_of, pack, removed_of, unpack
from index.errors import ArticleNotFound
from index.local.rows import checksums
from index.local.rows.packing import ARTICLE_ROOM, deflate, inflate
from index.local.schema import damage_error, has_aside
from index.records import Removed

_FAST = 1  # vectors hardly grow smaller, texts do


def write(connection: sqlite3.Connection, aside: Aside, *, removed: int, step: int) -> None:
    """In place of what was kept of the article before."""
    own, head = aside.article.id, json.dumps(head_of(aside.article, removed, step))
    data = deflate(pack(aside).encode(), zlib.MAX_WBITS, level=_FAST, room=ARTICLE_ROOM)
    insert(connection, (own, removed, head, data, checksums.of_aside(own, removed, head, data)))


def insert(connection: sqlite3.Connection, row: Sequence[Any]) -> None:
    """A row as `write` makes it."""
    connection.execute("INSERT OR REPLACE INTO aside VALUES (?, ?, ?, ?, ?)", tuple(row))


def take(connection: sqlite3.Connection, article_id: str, folder: Path) -> Aside:
    """What is kept of the article, which is kept no more.

    ArticleNotFound where nothing is, or for too long; LibraryError where it is not what was written.
    """
    row = connection.execute("SELECT * FROM aside WHERE id = ?", (article_id,)).fetchone()
    if row is None or row[1] <= time.time() - GRACE_S:
        raise ArticleNotFound(
            f"No article {article_id} was removed from the library {folder} within a day: `whosays restore`"
            " lists those that can be put back"
        )
    found = read(row)
    if found is None:
        raise damage_error(folder, f"the removed article {article_id} is not what was written")
    connection.execute("DELETE FROM aside WHERE id = ?", (article_id,))
    return found


def read(row: Sequence[Any]) -> Aside | None:
    """What a row holds; None where it is not as it was written."""
    own, removed, head, data, crc = row
    summed = checksums.of_aside(own, removed, head, data)
    if summed == checksums.NO_ROW or summed != crc:
        return None
    try:
        return unpack(inflate(data, zlib.MAX_WBITS, room=ARTICLE_ROOM).decode())
    except (ValueError, KeyError, TypeError, zlib.error):
        return None


def list_removed(connection: sqlite3.Connection) -> tuple[Removed, ...]:
    """As `Store.removed`."""
    if not has_aside(connection):
        return ()
    rows = connection.execute(
        "SELECT head FROM aside WHERE removed > ? ORDER BY removed DESC, id", (time.time() - GRACE_S,)
    )
    found = []
    for (head,) in rows:
        with suppress(ValueError, TypeError):  # what a disk has changed `whosays check` tells
            found.append(removed_of(json.loads(head)))
    return tuple(found)


def forget(connection: sqlite3.Connection, *, before: int) -> None:
    """Delete what was removed up to then, and what was added again meanwhile."""
    connection.execute("DELETE FROM aside WHERE removed <= ? OR id IN (SELECT id FROM article)", (before,))
