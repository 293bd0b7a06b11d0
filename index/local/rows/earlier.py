"""Libraries of earlier versions: read through views as if they were new, and moved into the newest tables.

Until version 4 an article's text stood in the middle of its row and in full, and a passage was two rows: its
text in `chunk` and its vector, 32 bits a number, in `vector`.
"""

import sqlite3
from collections.abc import Iterator
from typing import Any

from index.local.rows import checksums
from index.local.rows.packing import pack_text, pack_vector, unpack_vectors
from index.names import OPENING_CHARS

ARTICLE = """CREATE TABLE {} (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, uri TEXT NOT NULL, title TEXT, publisher TEXT,
    author TEXT, published TEXT, publisher_folded TEXT, first_day TEXT, last_day TEXT, updated TEXT,
    edited TEXT, crc INTEGER, characters INTEGER NOT NULL, opening TEXT NOT NULL, text BLOB NOT NULL)"""
# All that a search needs of a passage stands in one row: of a large library each row is one page of the disk.
CHUNK = """CREATE TABLE {} (
    key INTEGER PRIMARY KEY, article INTEGER NOT NULL, ordinal INTEGER NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, tokens INTEGER NOT NULL, terms INTEGER NOT NULL, article_id TEXT,
    titled INTEGER NOT NULL, crc INTEGER, vector_crc INTEGER, sentences BLOB NOT NULL, text BLOB NOT NULL,
    vector BLOB, UNIQUE (article, ordinal))"""
_MOVED = 5  # the first version with these tables
_COLUMNS = (
    "key, article, ordinal, start, end, tokens, terms, article_id, titled, crc, vector_crc, sentences, text,"
    " vector"
)


def begin(connection: sqlite3.Connection) -> None:
    """Begin to read one generation; tables of an earlier version read like those of the newest."""
    while True:
        connection.execute("BEGIN")
        old = _version(connection) < _MOVED
        seen = connection.execute("SELECT count(*) FROM temp.sqlite_master WHERE name = 'chunk'").fetchone()[
            0
        ]
        if old == bool(seen):
            return
        connection.execute("ROLLBACK")
        if old:
            view(connection)
        else:
            _forget_views(connection)


def view(connection: sqlite3.Connection) -> None:
    """Views in place of the tables of an earlier version, named as these."""
    version = _version(connection)
    edits = "a.updated, a.edited" if version >= 3 else "NULL AS updated, NULL AS edited"
    crc, own_crc, vector_crc = ("a.crc", "c.crc", "v.crc") if version >= 2 else ("NULL", "NULL", "NULL")
    connection.create_function("titled", 1, _titled, deterministic=True)
    connection.create_function("with_article", 3, _with_article, deterministic=True)
    connection.execute(
        "CREATE TEMP VIEW IF NOT EXISTS article AS SELECT a.key, a.id, a.uri, a.title, a.publisher, a.author,"  # noqa: S608
        f" a.published, a.publisher_folded, a.first_day, a.last_day, {edits}, {crc} AS crc,"
        f" length(a.text) AS characters, substr(a.text, 1, {OPENING_CHARS}) AS opening, a.text"
        " FROM main.article a"
    )
    connection.execute(
        "CREATE TEMP VIEW IF NOT EXISTS chunk AS SELECT c.key, c.article, c.ordinal, c.start, c.end,"  # noqa: S608
        " c.tokens, c.terms, a.id AS article_id, titled(a.title) AS titled,"
        f" with_article({own_crc}, a.id, a.title) AS crc, {vector_crc} AS vector_crc, c.sentences,"
        " CASE WHEN a.title > '' THEN a.title || char(10) || c.text ELSE c.text END AS text,"
        " v.data AS vector FROM main.chunk c LEFT JOIN main.vector v ON v.key = c.key"
        " LEFT JOIN main.article a ON a.key = c.article"
    )


def move(connection: sqlite3.Connection) -> None:
    """The rows into tables of the newest version, inside a transaction.

    What a disk has changed since it was written keeps a checksum that does not fit.
    """
    connection.create_function("pack_text", 1, _pack, deterministic=True)
    view(connection)
    connection.execute(ARTICLE.format("main.article_moved"))
    connection.execute(
        "INSERT INTO main.article_moved SELECT key, id, uri, title, publisher, author, published,"
        " publisher_folded, first_day, last_day, updated, edited, crc, characters, opening, pack_text(text)"
        " FROM temp.article ORDER BY key"
    )
    connection.execute(CHUNK.format("main.chunk_moved"))
    connection.executemany(
        f"INSERT INTO main.chunk_moved VALUES ({', '.join('?' * 14)})",  # noqa: S608
        _packed(connection.execute(f"SELECT {_COLUMNS} FROM temp.chunk ORDER BY key")),  # noqa: S608
    )
    _forget_views(connection)
    for table in ("vector", "chunk", "article"):
        connection.execute(f"DROP TABLE main.{table}")
    for table in ("chunk", "article"):
        connection.execute(f"ALTER TABLE {table}_moved RENAME TO {table}")


def _packed(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for *head, crc, vector_crc, sentences, text, vector in rows:
        key = head[0]
        if vector_crc in (None, checksums.of_vector(key, vector)) and vector:
            vector = pack_vector(unpack_vectors([vector])[0])  # noqa: PLW2901
            vector_crc = None if vector_crc is None else checksums.of_vector(key, vector)  # noqa: PLW2901
        yield *head, crc, vector_crc, sentences, _pack(text), vector


def _pack(text: Any) -> Any:
    return pack_text(text) if isinstance(text, str) else text


def _titled(title: str | None) -> int:
    return len(title or "")


def _with_article(crc: int | None, article_id: str, title: str | None) -> int | None:
    return None if crc is None else checksums.with_article(crc, article_id, title)


def _forget_views(connection: sqlite3.Connection) -> None:
    for name in ("chunk", "article"):
        connection.execute(f"DROP VIEW IF EXISTS temp.{name}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
