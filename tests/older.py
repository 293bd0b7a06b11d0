"""Libraries as earlier versions wrote them, and rows changed past SQLite, as a disk may change them."""

import json
import sqlite3
import zlib
from contextlib import closing
from dataclasses import asdict, astuple, replace

import numpy as np

from index.local.database import CHUNK, chunk_of
from index.local.dense import read_stamp
from index.local.lexical import LexicalIndex, Stamp
from index.local.rows.packing import pack_text, unpack_text, unpack_vectors
from index.local.schema import FILE

_OLD = """
CREATE TABLE old_article (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, uri TEXT NOT NULL, title TEXT, publisher TEXT,
    author TEXT, published TEXT, publisher_folded TEXT, first_day TEXT, last_day TEXT, text TEXT NOT NULL,
    crc INTEGER, updated TEXT, edited TEXT);
INSERT INTO old_article SELECT key, id, uri, title, publisher, author, published, publisher_folded, first_day,
    last_day, unpack_text(text), crc, updated, edited FROM article;
DROP TABLE article;
ALTER TABLE old_article RENAME TO article;
CREATE TABLE old_chunk (
    key INTEGER PRIMARY KEY, article INTEGER NOT NULL, ordinal INTEGER NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, tokens INTEGER NOT NULL, terms INTEGER NOT NULL, sentences BLOB NOT NULL,
    text TEXT NOT NULL, crc INTEGER, UNIQUE (article, ordinal));
CREATE TABLE vector (key INTEGER PRIMARY KEY, data BLOB NOT NULL, crc INTEGER);
"""


def as_version(folder, number):
    """The library in the folder, moved into the tables of version 1, 2, 3, 4 or 5."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as rows:
        _stamp_as_then(folder, rows)
        numbers = rows.execute("SELECT generation, last_key, articles, chunks, terms FROM state").fetchone()
        rows.execute("UPDATE state SET crc = ?", (zlib.crc32(" ".join(map(str, numbers)).encode()),))
        rows.execute("ALTER TABLE state DROP COLUMN token")
        rows.execute("DROP TABLE past")
        rows.execute(f"PRAGMA user_version = {number}")
        if number == 5:
            return
        rows.create_function("unpack_text", 1, unpack_text)
        found = rows.execute(f"SELECT {CHUNK}, c.vector FROM chunk c").fetchall()
        rows.executescript(_OLD)
        for *values, vector in found:
            row, *_ = chunk_of(values)
            key, text = row.key, row.chunk.text
            numbers, sentences = values[4:10], values[10]
            head = " ".join(map(str, (key, *numbers))).encode()
            crc = zlib.crc32(text.encode(), zlib.crc32(sentences, zlib.crc32(head)))
            rows.execute(
                f"INSERT INTO old_chunk VALUES ({', '.join('?' * 10)})",
                (key, *numbers, sentences, text, crc),
            )
            data = unpack_vectors([vector])[0].astype(np.float32).tobytes()
            rows.execute("INSERT INTO vector VALUES (?, ?, ?)", (key, data, zlib.crc32(data, key)))
        rows.execute("DROP TABLE chunk")
        rows.execute("ALTER TABLE old_chunk RENAME TO chunk")
        if number < 4:
            rows.execute("DROP TABLE aside")
        if number < 3:
            for column in ("updated", "edited"):
                rows.execute(f"ALTER TABLE article DROP COLUMN {column}")
        if number < 2:
            for table in ("article", "chunk", "vector", "state"):
                rows.execute(f"ALTER TABLE {table} DROP COLUMN crc")
            rows.execute("DELETE FROM manifest WHERE name = 'crc'")
        rows.execute(f"PRAGMA user_version = {number}")


def _stamp_as_then(folder, rows):
    """Without tokens, both indexes tell the generation alone."""
    ((library,),) = rows.execute("SELECT value FROM manifest WHERE name = 'library'")
    if (folder / "lexical").exists():
        index = LexicalIndex(folder / "lexical")
        stamp = index.view().stamp
        index.commit(Stamp(library, stamp.generation, stamp.last_key))
        index.end_writing()
    saved = folder / "dense.json"
    if saved.exists():
        stamp = replace(read_stamp(folder), token="")
        crc = zlib.crc32(repr(astuple(replace(stamp, crc32=0))[:-1]).encode())
        crc = zlib.crc32((folder / stamp.file).read_bytes(), crc)
        kept = {**asdict(stamp), "crc32": crc}
        del kept["token"]
        saved.write_text(json.dumps(kept))


def change_text(folder, table, key, change):
    """`change` makes another text of that of a row; its checksum stays."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as rows:
        ((text,),) = rows.execute(f"SELECT text FROM {table} WHERE key = ?", (key,))
        changed = change(unpack_text(text))
        packed = changed if isinstance(text, str) else pack_text(changed)
        rows.execute(f"UPDATE {table} SET text = ? WHERE key = ?", (packed, key))
