"""What a search of a whole library's list asks of every article and passage, in memory: for one generation.

For a million passages 4 MB say which article each is cut from, and 25 MB hold what is searched as typed.
"""

import sqlite3
from collections.abc import Iterable, Set

import numpy as np
from numpy.typing import NDArray

from index.local.database import Counters, Database
from index.local.history import went_through


class Lines:
    """What of each article is searched as typed; see `line_of`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """The connection has `listed`, as `index.local.listing.list_articles` says."""
        rows = connection.execute("SELECT key, title, publisher, author, uri FROM listed").fetchall()
        lines = [line_of(*fields) for _, *fields in rows]
        self._keys = np.array([row[0] for row in rows], np.int64)
        self._starts = np.cumsum([0, *(len(one) + 1 for one in lines)])
        self._text = "\n".join(lines)

    def find(self, word: str) -> set[int]:
        """Keys of the articles whose line holds `word`, in lower case and without a blank."""
        found = []
        at = self._text.find(word)
        while at >= 0:
            found.append(at)
            at = self._text.find(word, at + 1)
        lines = np.unique(np.searchsorted(self._starts, found, side="right") - 1)
        return set(self._keys[lines].tolist())


def line_of(title: str | None, publisher: str | None, author: str | None, uri: str | None) -> str:
    """What is searched as typed. Of an address only the last part: where a file lies is nobody's business."""
    known = (title, publisher, author, (uri or "").rpartition("/")[2])
    return " ".join(field for field in known if field).casefold()


class Owners:
    """Which article each passage is cut from, of one generation."""

    def __init__(self, article_of: NDArray[np.int32] | None = None, now: Counters | None = None) -> None:
        self._article_of = np.zeros(1, np.int32) if article_of is None else article_of  # by key; 0 for none
        self.state = (now.generation, now.token) if now else (0, "")
        self._last_key = now.last_key if now else 0

    def catch_up(self, database: Database, now: Counters) -> "Owners":
        """Those of `now`, inside its snapshot."""
        if (now.generation, now.token) == self.state:
            return self
        generation, token = self.state
        if generation and not went_through(database, now, generation, token):  # restored from a copy
            return Owners().catch_up(database, now)
        article_of = np.zeros(now.last_key + 1, np.int32)
        article_of[: len(self._article_of)] = self._article_of
        if generation:
            article_of[database.removed_after(generation)] = 0
        keys, articles = database.owners_after(self._last_key)
        article_of[keys] = articles
        return Owners(article_of, now)

    def articles_of(self, keys: Iterable[int]) -> set[int]:
        """Keys of the articles that these passages are cut from; those of others may be among `keys`."""
        known = np.fromiter(keys, np.int64)
        found = np.unique(self._article_of[known[known < len(self._article_of)]])
        return set(found[found > 0].tolist())

    def passages_of(self, articles: Set[int]) -> NDArray[np.int64]:
        """Keys of the passages of these articles, ascending."""
        most = int(self._article_of.max(initial=0))
        wanted = np.zeros(most + 1, np.bool_)
        wanted[[one for one in articles if one <= most]] = True
        wanted[0] = False
        return np.flatnonzero(wanted[self._article_of])
