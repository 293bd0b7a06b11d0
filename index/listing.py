"""The articles of a library as a list: what is known of each, without reading their texts."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.database import conditions
from index.records import Filter
from index.schema import connect, translated

OPENING_CHARS = 400


@dataclass(frozen=True, slots=True)
class Listed:
    """An article as its library lists it; `opening` is the start of its text, `characters` counts it."""

    id: str
    uri: str
    title: str | None
    publisher: str | None
    author: str | None
    published: str | None
    characters: int
    opening: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, and how many articles the whole of it has."""

    total: int
    articles: tuple[Listed, ...]


def list_articles(folder: Path, within: Filter, sought: str, first: int, most: int) -> Listing:
    """Of the library in `folder`; see `Library.listing`. Newest first, undated last, then by title and id."""
    words = sought.casefold().split()
    where, values = conditions(within)
    if words:
        where += (
            " AND sought(a.title, a.publisher, a.author, a.uri,"
            f" CASE WHEN a.title IS NULL THEN substr(a.text, 1, {OPENING_CHARS}) END)"
        )

    def holds(*fields: str | None) -> bool:
        title, publisher, author, uri, opening = fields
        # Of an address only the last part: where a file lies is nobody else's business.
        known = (title, publisher, author, (uri or "").rpartition("/")[2], opening)
        line = " ".join(field for field in known if field).casefold()
        return all(word in line for word in words)

    with _reading(folder) as connection:
        connection.create_function("sought", 5, holds, deterministic=True)
        fitting = f"SELECT a.key FROM article a WHERE {where} ORDER BY {_ORDER}"  # noqa: S608
        # One pass for the number and the page: a search looks at every article.
        keys = [key for (key,) in connection.execute(fitting, values)]
        wanted = ",".join(map(str, keys[first : first + most]))
        rows = connection.execute(f"{_LISTED} WHERE a.key IN ({wanted}) ORDER BY {_ORDER}")
        return Listing(len(keys), tuple(Listed(*row) for row in rows))


def list_publishers(folder: Path) -> tuple[tuple[str, int], ...]:
    """Of the library in `folder`: every stated publisher, by name, with the number of its articles."""
    with _reading(folder) as connection:
        return tuple(
            connection.execute(
                "SELECT min(publisher), count(*) FROM article WHERE publisher_folded > ''"
                " GROUP BY publisher_folded ORDER BY publisher_folded"
            )
        )


_FIELDS = "a.id, a.uri, a.title, a.publisher, a.author, a.published, length(a.text)"
_LISTED = f"SELECT {_FIELDS}, substr(a.text, 1, {OPENING_CHARS}) FROM article a"  # noqa: S608
# An article's last day is NULL when it states no date, and NULL is the least.
_ORDER = "a.last_day DESC, a.title IS NULL, a.title COLLATE NOCASE, a.id"


@contextmanager
def _reading(folder: Path) -> Iterator[sqlite3.Connection]:
    """A connection of its own, on which all reads see one generation."""
    with translated(folder):
        connection = connect(folder)
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.close()
