"""What is known of the articles of a library in Milvus but their texts, in SQLite, in memory.

Milvus neither sorts nor groups, so a list needs all of it: about 1 KB an article. It is read when it is
first wanted, and after a change only what is new. Its tables are those that `index.local.listing` and
`index.local.places` ask.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable

from index.edits import dump_edited, load_edited
from index.milvus.rows import SLIM_KEYS, Collections, Commit, Row
from index.names import OPENING_CHARS, fold_publisher
from index.records import Article
from index.scope import days

_SCHEMA = """
CREATE TABLE article (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, uri TEXT NOT NULL, title TEXT, publisher TEXT,
    author TEXT, published TEXT, publisher_folded TEXT, first_day TEXT, last_day TEXT,
    characters INTEGER NOT NULL, opening TEXT NOT NULL, updated TEXT, edited TEXT);
CREATE TABLE place (
    place TEXT PRIMARY KEY, origin TEXT NOT NULL, article_id TEXT NOT NULL, key INTEGER NOT NULL);
CREATE INDEX place_origin ON place (origin);
CREATE INDEX place_article ON place (article_id);
CREATE INDEX place_key ON place (key);
CREATE TABLE chunk (key INTEGER PRIMARY KEY, article INTEGER NOT NULL, start INTEGER, end INTEGER);
CREATE VIEW listed AS SELECT *, whole_text(key) AS text FROM article;
"""


class Catalogue:
    """Of one generation; not for several threads at once."""

    def __init__(self, collections: Collections, text_of: Callable[[int], str]) -> None:
        """`text_of` gives the text of the article with that key."""
        self._collections = collections
        self._of = Commit(generation=-1)
        self.connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self.connection.create_function("whole_text", 1, text_of)
        self.connection.executescript(_SCHEMA)

    def refresh(self, now: Commit) -> None:
        """Bring it to `now`. Where that has passed meanwhile it may lack rows: look at the commit again."""
        if now.generation == self._of.generation:
            return
        if now.generation < self._of.generation:
            self._clear()  # restored from a copy
        if self._of.generation >= 0:
            self._drop_those_gone(now)
        new = f"generation > {self._of.generation} and {now.records_that_stand}"
        where = f'kind in ["article", "place"] and {new}'
        for page in self._collections.pages(
            "records", where, ["kind", "piece", "data"], after=self._of.last_row, last=now.last_row
        ):
            for row, data in zip(page, self._collections.whole(page), strict=True):
                if row["kind"] == "article":
                    self.add_article(int(row["key"]), json.loads(data))
                else:
                    self.add_place(int(row["key"]), json.loads(data))
        self._of = now

    def advance(self, now: Commit) -> None:
        """What was added and dropped here is what made `now`."""
        self._of = now

    def add_article(self, key: int, head: Row) -> None:
        """A row of what `head_of` gave."""
        first_day, last_day = days(head["published"]) or (None, None)
        fields = [head[name] for name in ("id", "uri", "title", "publisher", "author", "published")]
        self.connection.execute(
            "INSERT OR REPLACE INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key,
                *fields,
                fold_publisher(head["publisher"]),
                first_day,
                last_day,
                head["characters"],
                head["opening"],
                head.get("updated"),  # libraries of earlier versions have neither
                head.get("edited"),
            ),
        )

    def add_place(self, key: int, place: Row) -> None:
        """In place of what stood there."""
        self.connection.execute(
            "INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)",
            (place["place"], place["origin"], place["article"], key),
        )

    def set_chunks(self, rows: Iterable[Row]) -> None:
        """Those that a list looks at, and no others."""
        self.connection.execute("DELETE FROM chunk")
        self.connection.executemany(
            "INSERT OR IGNORE INTO chunk VALUES (?, ?, ?, ?)",
            ((row["key"], row["article"], row["start"], row["end"]) for row in rows),
        )

    def close(self) -> None:
        """Give the memory back."""
        self.connection.close()

    def _drop_those_gone(self, now: Commit) -> None:
        where = f'kind in ["article", "place"] and {now.records_that_stand}'
        pages = self._collections.pages("records", where, [], after=0, last=self._of.last_row, keys=SLIM_KEYS)
        standing = {int(row["key"]) for page in pages for row in page}
        for table in ("article", "place"):
            held = {key for (key,) in self.connection.execute(f"SELECT key FROM {table}")}  # noqa: S608
            self.connection.executemany(
                f"DELETE FROM {table} WHERE key = ?",  # noqa: S608  # a constant
                [(key,) for key in held - standing],
            )

    def _clear(self) -> None:
        for table in ("article", "place", "chunk"):
            self.connection.execute(f"DELETE FROM {table}")  # noqa: S608  # a constant
        self._of = Commit(generation=-1)


def article_of(head: Row, text: str) -> Article:
    """The article of what `head_of` gave and its text."""
    fields = ("id", "uri", "title", "publisher", "author", "published")
    stated = {name: head[name] for name in fields}
    edited = load_edited(head.get("edited"))
    return Article(**stated, text=text, updated=head.get("updated"), edited=edited)


def head_of(article: Article) -> Row:
    """What is kept of an article beside its text."""
    fields = ("id", "uri", "title", "publisher", "author", "published", "updated")
    stated = {name: getattr(article, name) for name in fields}
    return {
        **stated,
        "edited": dump_edited(article),
        "characters": len(article.text),
        "opening": article.text[:OPENING_CHARS],
    }
