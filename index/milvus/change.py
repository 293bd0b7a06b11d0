"""One change to a library in Milvus, which has no transactions: a row that says what counts makes it.

1. Its rows are written with the next generation, which nobody reads yet; then what it takes out, as a list.
2. One "commit" row with that generation makes all of it count, at once.
3. What it took out is deleted; until then whoever reads leaves out what the list names.
A change that stopped before 2 is undone by the next one, or at once where it can be; after 2 it is finished.
Of a writer whose lease ran out nobody knows whether it goes on: the next one first makes its generation void.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import get_args

import numpy as np

from index.aside import Aside, pack, put_back
from index.aside import head_of as aside_head
from index.edits import edits_of, with_edits
from index.errors import ArticleNotFound, LibraryError, LibraryInUse, dimension_error
from index.local.database import chunk_id, indexed_text
from index.local.lexical import words
from index.local.places import Places
from index.local.rows.packing import as_packed
from index.milvus.aside import BODY, HEAD, AsideRows
from index.milvus.catalogue import Catalogue, article_of, head_of
from index.milvus.rows import (
    VALUE_BYTES,
    Collections,
    Commit,
    Row,
    Which,
    key_list,
    key_lists,
    pieces,
    record,
)
from index.names import fold_publisher
from index.records import Article, Chunk, Span, Vectors
from index.scope import Scope

_WRITTEN_AT_ONCE = 4_000_000  # characters, about: bounds what a change holds in memory
_NEVER = 99_999_999
PASSAGE = ("key", "article", "article_id", "ordinal", "start", "end", "text", "tokens", "sentences", "dense")
"""What `chunk_of` needs of a row, its article's key and its vector."""
# More than one change ever writes, and few enough to be looked through.
OVERTAKEN_KEYS = 1 << 18
_VOID_KEYS = -(1 << 61)  # far from those of commits and of tickets
_NO_WORD = "u"  # no word in hexadecimal, and counted as none


class MilvusChange:
    """The `Change` seam, written as it goes. `keep` is called before each write and may stop the change."""

    def __init__(
        self, collections: Collections, catalogue: Catalogue, before: Commit, keep: Callable[[], None]
    ) -> None:
        self._collections = collections
        self._catalogue = catalogue
        self._db = catalogue.connection
        self._keep = keep
        self._before = before
        self._generation, skipped = _next_generation(before)
        # Whoever was overtaken may still write, with the numbers that came next.
        self._first_key = before.last_key + skipped * OVERTAKEN_KEYS
        self._last_key, self._last_row = self._first_key, before.last_row + skipped * OVERTAKEN_KEYS
        self._articles, self._chunks, self._terms = before.articles, before.chunks, before.terms
        self._places = Places(self._db)
        self.article_at = self._places.article_at
        self.places = self._places.places
        self._aside = AsideRows(collections, before)
        self._removed_places: list[int] = []
        self._replaced: list[int] = []  # keys of articles that stand under another key now
        self._waiting: list[Row] = []
        self._weight = 0
        self.changed = False

    @property
    def chunks_added(self) -> int:
        """How many."""
        return self._last_key - self._first_key

    def put(self, article: Article, *, place: str, origin: str) -> bool:
        """True when the article is new to the library, and so wants its chunks added."""
        before = self.article_at(place)
        if before == article.id:
            return False
        if before is not None:
            self._take_out(place, before)
            if place == origin:  # a record of several may be another one by now
                article = with_edits(article, edits_of(self._article(before)[1]))
        stood = {"place": place, "origin": origin, "article": article.id}
        self._catalogue.add_place(self._record("place", json.dumps(stood)), stood)
        self.changed = True
        if self._places.has_article(article.id):
            return False
        self._stand(article)
        self._articles += 1
        return True

    def edit(self, article_id: str, values: Mapping[str, str | None]) -> None:
        """As `Change.edit`: rows are never changed, so that all of the article's are written anew."""
        key, before = self._article(article_id)
        article = with_edits(before, values)
        if article == before:
            return
        rows = self._chunk_rows(key)
        self._db.execute("DELETE FROM article WHERE key = ?", (key,))
        self._replaced.append(key)
        self._chunks -= len(rows)
        self._terms -= sum(int(row["terms"]) for row in rows)
        self._stand(article)
        if rows:
            vectors = np.array([row["dense"] for row in rows], np.float32)
            self.add_chunks([chunk_of(row) for row in rows], vectors)
        self.changed = True

    def set_aside(self, article_id: str, *, at: int) -> None:
        """As `Change.set_aside`."""
        key, article = self._article(article_id)
        standing = "SELECT place, origin FROM place WHERE article_id = ? ORDER BY place"
        places = tuple(self._db.execute(standing, (article_id,)).fetchall())
        rows = self._chunk_rows(key)
        vectors = np.array([row["dense"] for row in rows], np.float32)
        aside = Aside(article, places, tuple(map(chunk_of, rows)), vectors)
        own = self._record(HEAD, json.dumps(aside_head(article, at, self._generation)))
        for number, piece in enumerate(pieces(pack(aside))):
            self._write(record(self._next_row(), BODY, self._generation, piece, owner=own, piece=number))
        for place, _ in places:
            self.clear(place)

    def put_back(self, article_id: str) -> None:
        """As `Change.put_back`."""
        key, aside = self._aside.take(article_id)
        self._removed_places.append(key)
        self.changed = True
        put_back(aside, self)

    def _chunk_rows(self, key: int) -> list[Row]:
        """Those of the article with that key, in their order."""
        if self._collections.dimension() is None:
            return []
        rows = self._collections.query("chunks", f"article == {key}", [*PASSAGE, "terms"])
        return sorted(rows, key=lambda row: int(row["ordinal"]))

    def _article(self, article_id: str) -> tuple[int, Article]:
        """With its key."""
        self._flush()  # it may have been put by this change
        found = self._db.execute("SELECT * FROM listed WHERE id = ?", (article_id,))
        columns = [name for name, *_ in found.description]
        row = found.fetchone()
        if row is None:
            raise ArticleNotFound(
                f"No article {article_id} stands in the library {self._collections.address.text}"
            )
        head = dict(zip(columns, row, strict=True))
        return int(head["key"]), article_of(head, head["text"])

    def _stand(self, article: Article) -> None:
        """Its rows, without chunks."""
        head = head_of(article)
        key = self._record("article", json.dumps(head))
        self._catalogue.add_article(key, head)
        for number, piece in enumerate(pieces(article.text)):
            self._write(record(self._next_row(), "text", self._generation, piece, owner=key, piece=number))

    def clear(self, place: str) -> None:
        """Nothing stands at `place` any more."""
        before = self.article_at(place)
        if before is not None:
            self._take_out(place, before)
            self._db.execute("DELETE FROM place WHERE place = ?", (place,))
            self.changed = True

    def add_chunks(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """The chunks of articles put before, with one vector of length 1 each."""
        if len(vectors):
            self._fit(vectors.shape[1])
        rounded = as_packed(vectors).tolist()
        rows = [self._chunk(chunk, vector) for chunk, vector in zip(chunks, rounded, strict=True)]
        self._flush()
        self._keep()
        self._collections.insert("chunks", rows)
        self._chunks += len(rows)
        self._terms += sum(int(row["terms"]) for row in rows)

    def finish(self) -> None:
        """Drop the articles that have no place left, and make the change count, if anything changed."""
        if not self.changed:
            return
        dropped = self._drop()
        self._removed_places += self._aside.take_past(self._places.has_article)
        removed = []
        for at in range(0, max(len(dropped), len(self._removed_places)), 2_000):
            listed = {"articles": dropped[at : at + 2_000], "places": self._removed_places[at : at + 2_000]}
            removed.append(record(self._next_row(), "removed", self._generation, json.dumps(listed)))
        self._flush()
        self._keep()
        self._collections.insert("state", removed)
        counters = {
            "last_key": self._last_key,
            "last_row": self._last_row,
            "articles": self._articles,
            "chunks": self._chunks,
            "terms": self._terms,
        }
        self._keep()
        self._collections.insert("state", [commit_row(self._generation, counters)])
        if self._generation in self._collections.commit().void:
            raise LibraryInUse(
                f"Another process took over writing to {self._collections.address.text}, because this one"
                " paused for long: the change is not made; make it again"
            )

    def _take_out(self, place: str, article_id: str) -> None:
        (key,) = self._db.execute("SELECT key FROM place WHERE place = ?", (place,)).fetchone()
        self._removed_places.append(int(key))
        self._places.note_loss(article_id)

    def _drop(self) -> list[int]:
        """Keys of the articles without a place."""
        self._flush()
        keys = []
        for article_id in self._places.homeless():
            (key,) = self._db.execute("SELECT key FROM article WHERE id = ?", (article_id,)).fetchone()
            self._db.execute("DELETE FROM article WHERE key = ?", (key,))
            keys.append(int(key))
        if self._collections.dimension() is not None:
            for some in key_lists(keys):
                rows = self._collections.query("chunks", f"article in {some}", ["terms"])
                self._chunks -= len(rows)
                self._terms -= sum(int(row["terms"]) for row in rows)
        self._articles -= len(keys)
        return [*keys, *self._replaced]

    def _fit(self, dimension: int) -> None:
        """The first vectors fix the dimension of the library; later ones must have it too."""
        made = self._collections.dimension()
        if made == dimension:
            return
        if made is None or not (self._before.last_key or self.chunks_added):
            self._keep()
            self._collections.make_chunks(dimension)
            return
        raise dimension_error(self._collections.address.text, made, dimension)

    def _chunk(self, chunk: Chunk, vector: Sequence[float]) -> Row:
        article, title, publisher, first_day, last_day = self._places.article_of(
            chunk, "key, title, publisher, first_day, last_day"
        )
        if len(chunk.text.encode()) > VALUE_BYTES:
            raise LibraryError(
                f"Chunk {chunk.id} is longer than the {VALUE_BYTES:,} bytes that Milvus holds in a value:"
                " make a library with fewer chunk_tokens"
            )
        indexed = words(indexed_text(title, chunk.text))
        self._last_key += 1
        return {
            "key": self._last_key,
            "generation": self._generation,
            "article": article,
            "article_id": chunk.article_id,
            "ordinal": chunk.ordinal,
            "start": chunk.start,
            "end": chunk.end,
            "tokens": chunk.tokens,
            "terms": len(indexed),
            "first_day": _day(first_day, _NEVER),
            "last_day": _day(last_day, 0),
            "publisher": _digest(fold_publisher(publisher)),
            "sentences": json.dumps([[span.start, span.end] for span in chunk.sentences]),
            "text": chunk.text,
            "words": word_line(indexed),
            "dense": list(vector),
        }

    def _record(self, kind: str, data: str) -> int:
        """The key of a new row with `data`, however long that is."""
        first, *rest = pieces(data)
        key = self._next_row()
        self._write(record(key, kind, self._generation, first, piece=len(rest)))
        for number, piece in enumerate(rest):
            self._write(record(self._next_row(), "more", self._generation, piece, owner=key, piece=number))
        return key

    def _next_row(self) -> int:
        self._last_row += 1
        return self._last_row

    def _write(self, row: Row) -> None:
        self._waiting.append(row)
        self._weight += 100 + len(row["data"])
        if self._weight >= _WRITTEN_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        waiting, self._waiting, self._weight = self._waiting, [], 0
        if waiting:
            self._keep()
            self._collections.insert("records", waiting)


def sweep(collections: Collections, keep: Callable[[], None]) -> Commit:
    """Undo what was not committed, and finish what was; for the one writer. The commit as it then stands.

    Each deletion, and `keep` before it, names what it may take and no more: one that comes late, of a writer
    that was overtaken, finds nothing of what others have written since.
    """
    now = collections.commit()

    def delete(which: Which, where: str) -> None:
        keep()
        collections.delete(which, where)

    undone = key_list((*now.void, _next_generation(now)[0]))
    for which in get_args(Which):
        delete(which, f"generation in {undone}")
    for keys in key_lists(now.removed_articles):
        delete("chunks", f"article in {keys}")
    for keys in key_lists((*now.removed_articles, *now.removed_places)):
        delete("records", f"owner in {keys}")
        delete("records", f"key in {keys}")
    if now.generation:
        # Last: what they name must be gone. The commit before it goes with them.
        past = f'kind == "commit" and generation < {now.generation}'
        delete("state", f'(kind == "removed" and generation <= {now.generation}) or ({past})')
    return collections.commit()


def overtake(collections: Collections) -> None:
    """What a writer whose lease ran out has written of a change, or writes when it wakes, never counts."""
    generation, _ = _next_generation(collections.commit())
    data = json.dumps({"generation": generation})
    collections.insert("state", [record(_VOID_KEYS - generation, "void", 0, data, owner=generation)])


def _next_generation(now: Commit) -> tuple[int, int]:
    """The first that no writer before could have written in, and how many are left out."""
    generation = now.generation + 1
    while generation in now.void:
        generation += 1
    return generation, generation - now.generation - 1


def chunk_of(row: Row) -> Chunk:
    """The chunk of a row with the fields of PASSAGE."""
    article, ordinal = str(row["article_id"]), int(row["ordinal"])
    spans = tuple(Span(first, last) for first, last in json.loads(row["sentences"]))
    start, end, tokens = int(row["start"]), int(row["end"]), int(row["tokens"])
    return Chunk(chunk_id(article, ordinal), article, ordinal, start, end, str(row["text"]), tokens, spans)


def commit_row(generation: int, counters: dict[str, int]) -> Row:
    """What makes a change count."""
    return record(-1 - generation, "commit", generation, json.dumps(counters))


def word_line(indexed: Sequence[str]) -> str:
    """Indexed words as Milvus is to find them, in order; so many as a value holds.

    What is not ASCII is written in hexadecimal: analysers differ in where such words end. Never empty, which
    BM25 may not take: without any the line holds a word that is none.
    """
    plain = [word if word.isascii() else f"u{word.encode().hex()}" for word in indexed]
    line = " ".join(plain) or _NO_WORD
    return line if len(line) <= VALUE_BYTES else line[:VALUE_BYTES].rpartition(" ")[0]


def filter_expression(within: Scope) -> str:
    """Which chunks count, beside those that stand at all; "" for all."""
    clauses = []
    if within.articles:
        clauses.append(f"article_id in {json.dumps(list(within.articles), ensure_ascii=False)}")
    if within.publishers:
        # Libraries of earlier versions hold names in small letters, not folded.
        names = [one for name in within.publishers for one in (fold_publisher(name), name.strip().casefold())]
        clauses.append(f"publisher in {json.dumps(sorted({_digest(name) for name in names}))}")
    since, until = within.bounds()
    if since:
        clauses.append(f"last_day >= {_day(since, 0)}")
    if until:
        clauses.append(f"first_day <= {_day(until, 0)}")
    return " and ".join(clauses)


def _digest(publisher: str | None) -> str:
    """A name of any length and any letters, as a filter can write it."""
    return hashlib.sha256(publisher.encode()).hexdigest()[:16] if publisher else ""


def _day(day: str | None, without: int) -> int:
    """A day as a number that compares."""
    return int(day.replace("-", "")) if day else without
