"""`MilvusStore`: a library in Milvus, whose searches propose candidates that are scored as in a `LocalStore`.

A reader looks at the newest commit, and asks for what stands at it: rows of later generations, and rows that
it names as removed, are filtered out. Rows that were removed may be deleted while it reads, so it looks at
the commit again when it has read, and begins anew where that has changed.
"""

import json
import logging
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.errors import LibraryError, LibraryInUse, dimension_error
from index.local.database import chunk_id, conditions
from index.local.lexical import Statistics, bm25, words
from index.local.listing import list_articles, sought_terms
from index.local.lock import WriterLock
from index.milvus.address import Address
from index.milvus.aside import list_removed
from index.milvus.catalogue import Catalogue, article_of
from index.milvus.change import (
    PASSAGE,
    MilvusChange,
    chunk_of,
    commit_row,
    filter_expression,
    overtake,
    sweep,
    word_line,
)
from index.milvus.lease import LEASE_S, Clock, Lease
from index.milvus.rows import SLIM_KEYS, Collections, Commit, Row, key_lists, record
from index.records import (
    Article,
    Candidate,
    Chunk,
    Listing,
    ListQuery,
    Passages,
    Removed,
    SearchQuery,
    State,
    StoreInfo,
)
from index.retrieve import rank_hits, sample_hits
from index.scope import Scope

_log = logging.getLogger(__name__)
_SCHEMA_VERSION = 1
_SURPLUS = 4  # times that: what Milvus is asked for
_WRITER_WAIT_S = 1.0
_TRIES = 20
_TEXT_CHARS = 8_000_000  # of articles' texts read at once
_ARTICLES_AT_ONCE = 256
_SETTLED_CHUNKS = 100  # a change that adds so many writes a file's memory out
_WEIGHED = ("words", "terms")

_Read = TypeVar("_Read")


class MilvusStore:
    """The `Store` seam on Milvus; threads may share one."""

    def __init__(
        self,
        collections: Collections,
        manifest: Mapping[str, str],
        *,
        lease_s: float = LEASE_S,
        clock: Clock = time,
    ) -> None:
        """`lease_s`: how long a writer to a server may pause by `clock`; the same for all who write to it."""
        self._collections = collections
        self._lease_s, self._clock = lease_s, clock
        self.info = StoreInfo(collections.address.text, collections.address.folder, dict(manifest))
        self._guard = threading.RLock()
        self._read = Catalogue(collections, self._text)
        self._written: Catalogue | None = None  # of whoever writes, ahead of what readers see
        self._counts: tuple[int, dict[str, int]] = (-1, {})

    @classmethod
    def open(
        cls, address: Address, *, create: bool, manifest: Mapping[str, str], lease_s: float = LEASE_S
    ) -> Self:
        """The library at `address`, made with `manifest` where there is none and `create` says so."""
        _check_folder(address, create=create)
        collections = Collections.connect(address)
        try:
            found = collections.manifest()
            if found is None:
                if not create:
                    raise LibraryError(_explain_missing(address))
                found = make_library(collections, manifest)
            if int(found["schema"]) > _SCHEMA_VERSION:
                raise LibraryError(
                    f"The library {address.text} was made by a newer Whosays (schema {found['schema']}; this"
                    f" one reads {_SCHEMA_VERSION}): update Whosays"
                )
            collections.dimension()  # which also loads the chunks
        except LibraryError:
            collections.close()
            raise
        return cls(collections, found, lease_s=lease_s)

    def close(self) -> None:
        """Let go of the connection; closing twice is no error."""
        with self._guard:
            self._collections.close()
            self._read.close()
            if self._written is not None:
                self._written.close()
                self._written = None

    def search(self, query: SearchQuery | None, *, k: int, within: Scope) -> Passages:
        """The best `k` chunks for a query, best first; without one `k` evenly over the articles, by id."""
        within.bounds()
        if query is None:
            return self._at_one_commit(lambda now: self._sample(k, within, now))
        (found,) = self.search_each([query], k=k, within=within)
        return found

    def search_each(self, queries: Sequence[SearchQuery], *, k: int, within: Scope) -> Sequence[Passages]:
        """As `index.records.Store` says."""
        within.bounds()
        if k > self._collections.most_found:
            raise LibraryError(
                f"k = {k:,} passages: Milvus finds {self._collections.most_found:,} at most, ask for fewer"
            )
        deepest = max((query.depth for query in queries), default=0)
        return self._at_one_commit(
            lambda now: [self._search(query, k, max(deepest, 4 * k), within, now) for query in queries]
        )

    def _search(self, query: SearchQuery, k: int, depth: int, within: Scope, now: Commit) -> Passages:
        dimension = self._collections.dimension()
        if not now.chunks or dimension is None:
            return Passages((), np.zeros((0, len(query.vector)), np.float32))
        if dimension != len(query.vector):
            raise dimension_error(self.info.address, dimension, len(query.vector))
        candidates, rows = self._candidates(query, min(self._collections.most_found, depth), within, now)
        best = query.fuse(candidates)[:k]
        passages = self._passages([rows[candidate.chunk_id] for candidate, _ in best])
        hits = rank_hits(passages, best)
        return Passages(hits, np.array([rows[hit.chunk.id]["dense"] for hit in hits], np.float32))

    def _sample(self, most: int, within: Scope, now: Commit) -> Passages:
        rows = self._rows(self._spread(within, most, now))
        passages = self._passages(list(rows.values()))
        hits = sample_hits(passages)
        return Passages(hits, np.array([rows[hit.chunk.id]["dense"] for hit in hits], np.float32))

    def articles(self, within: Scope) -> Iterator[Article]:
        """Articles by id, as they stand when the first is asked for, without those that go meanwhile."""
        where, values = conditions(within)
        with self._guard:
            self._refresh()
            found = self._read.connection.execute(
                f"SELECT a.* FROM article a WHERE {where} ORDER BY a.id",  # noqa: S608
                values,
            )
            columns = [name for name, *_ in found.description]
            heads = {row[0]: dict(zip(columns, row, strict=True)) for row in found}
        for batch in _batches([(key, head["characters"]) for key, head in heads.items()]):
            texts = self._texts(batch)
            for key, characters in batch:
                if len(texts.get(key, "")) == characters:
                    yield article_of(heads[key], texts.get(key, ""))

    def list(self, query: ListQuery) -> Listing:
        """Articles without their texts, all of one generation: from what is known of them in memory."""
        if query == ListQuery():
            state = _state(self._collections.commit())
            return Listing(state, state.articles)
        terms = sought_terms(query.sought)

        def read(now: Commit) -> tuple[State, Mapping[str, Sequence[Row]]]:
            self._read.refresh(now)
            return _state(now), {term: self._find_holding(term, now) for term in terms if now.chunks}

        with self._guard:
            state, found = self._at_one_commit(read)
            self._read.set_chunks(row for rows in found.values() for row in rows)
            held = {term: frozenset(int(row["key"]) for row in found.get(term, ())) for term in terms}
            try:
                return list_articles(self._read.connection, query, state, held)
            except sqlite3.OperationalError as error:
                # What SQLite makes of any error of `_text`.
                raise LibraryError(
                    f"The library {self.info.address} could not be read for a list: see that Milvus runs, and"
                    " ask again"
                ) from error

    def removed(self) -> tuple[Removed, ...]:
        """The articles that are kept aside and can be put back, those removed last first, then by id."""
        return self._at_one_commit(lambda now: list_removed(self._collections, now))

    @contextmanager
    def change(self, command: str) -> Iterator[MilvusChange]:
        """One change, made when the block ends, undone when it raises. LibraryInUse while another goes on."""
        with self._writing(command) as keep:
            before = sweep(self._collections, keep)
            # One that a change left half-way is not used again.
            catalogue, self._written = self._written or Catalogue(self._collections, self._text), None
            catalogue.refresh(before)
            change = MilvusChange(self._collections, catalogue, before, keep)
            try:
                yield change
                change.finish()
                self._written = catalogue
            finally:
                if self._written is None:
                    catalogue.close()
                with _log_failure():
                    catalogue.advance(sweep(self._collections, keep))
            with _log_failure():
                if change.chunks_added >= _SETTLED_CHUNKS:
                    self._collections.settle()

    @contextmanager
    def _writing(self, command: str) -> Iterator[Callable[[], None]]:
        """As the one writer, for the block; what is given is called before each write, and may stop it."""
        if self._collections.is_lite:
            with WriterLock(self.info.folder).hold(command, wait_s=_WRITER_WAIT_S):
                yield _nothing
            return
        lease = Lease(self._collections, seconds=self._lease_s, clock=self._clock)
        with lease.hold(command, wait_s=_WRITER_WAIT_S, overtake=lambda: overtake(self._collections)):
            yield lease.keep

    def _at_one_commit(self, read: Callable[[Commit], _Read]) -> _Read:
        """What `read` gives at a commit that still stands when it is done."""
        for _ in range(_TRIES):
            now = self._collections.commit()
            try:
                found = read(now)
            except _Moved:
                continue
            if self._collections.commit().generation == now.generation:
                return found
        raise LibraryInUse(
            f"The library {self.info.address} changed {_TRIES} times while it was read: ask again when it is"
            " quiet"
        )

    def _refresh(self) -> None:
        self._at_one_commit(self._read.refresh)

    def _candidates(
        self, query: SearchQuery, depth: int, within: Scope, now: Commit
    ) -> tuple[Sequence[Candidate], Mapping[str, Row]]:
        """What either leg proposes, scored exactly in both, and their rows by chunk id.

        Milvus is asked for more than `depth`, and of what scores like the last one all are taken: which of
        equals it gives, and what it takes for the frequency of a word, depends on how rows came to it.
        """
        narrower = filter_expression(within)
        where = f"{now.chunks_that_stand} and {narrower}" if narrower else now.chunks_that_stand
        different = sorted(set(words(query.question)))
        asked = word_line(different).split() if different else []
        counts = self._word_counts(asked, now)
        statistics = Statistics(now.chunks, max(1, now.terms) / now.chunks)

        def weights(rows: Sequence[Row]) -> list[float]:
            texts = [str(row["words"]).split()[: int(row["terms"])] for row in rows]
            scores = bm25(asked, texts, [counts[word] for word in asked], statistics)
            return [round(score, 6) for score in scores]

        most = min(self._collections.most_found, _SURPLUS * depth)
        keys = _best(self._collections.nearest(query.vector.tolist(), where, most), depth)
        if asked:
            (hits,) = self._collections.find_holding([" ".join(asked)], where, most, _WEIGHED)
            scored = zip((int(hit["key"]) for hit in hits), weights(hits), strict=True)
            keys |= _best(list(scored), depth)
        rows = self._rows(sorted(keys), *_WEIGHED)
        wide = query.vector.astype(np.float64)
        cosines = [float(np.sum(np.asarray(row["dense"], np.float32) * wide)) for row in rows.values()]
        candidates = [
            # As LocalStore rounds: so that equal texts tie wherever their rows stand.
            Candidate(name, round(cosine, 6), score or None)
            for name, cosine, score in zip(rows, cosines, weights(list(rows.values())), strict=True)
        ]
        return candidates, rows

    def _rows(self, keys: Sequence[int], *more: str) -> dict[str, Row]:
        """Chunks of these keys, by chunk id. Raises _Moved where one of them is gone."""
        found = {}
        for listed in key_lists(keys):
            for row in self._collections.query("chunks", f"key in {listed}", [*PASSAGE, *more]):
                found[chunk_id(str(row["article_id"]), int(row["ordinal"]))] = row
        if len(found) != len(keys):
            raise _Moved
        return found

    def _word_counts(self, asked: Sequence[str], now: Commit) -> Mapping[str, int]:
        """How many chunks hold each word; remembered for a generation."""
        generation, counts = self._counts
        if generation != now.generation:
            counts = {}
            self._counts = (now.generation, counts)
        new = [word for word in asked if word not in counts]
        if new:
            found = self._collections.find_holding(new, now.chunks_that_stand, self._collections.most_found)
            for word, hits in zip(new, found, strict=True):
                # Counted by a filter where there are more than a search gives.
                full = len(hits) == self._collections.most_found
                counts[word] = self._collections.count(_match_filter(word, now)) if full else len(hits)
        return counts

    def _find_holding(self, term: str, now: Commit) -> Sequence[Row]:
        """The chunks that hold an indexed word."""
        word, fields = word_line([term]), ("article", "start", "end")
        (hits,) = self._collections.find_holding(
            [word], now.chunks_that_stand, self._collections.most_found, fields
        )
        if len(hits) < self._collections.most_found:
            return hits
        pages = self._collections.pages(
            "chunks", _match_filter(word, now), fields, after=0, last=now.last_key, keys=SLIM_KEYS
        )
        return [row for page in pages for row in page]

    def _spread(self, within: Scope, most: int, now: Commit) -> Sequence[int]:
        """At most `most` chunks of the articles that count, evenly over them, by article id and ordinal."""
        if not now.chunks or self._collections.dimension() is None:
            return []
        narrower = filter_expression(within)
        where = f"{now.chunks_that_stand} and {narrower}" if narrower else now.chunks_that_stand
        pages = self._collections.pages(
            "chunks", where, ["article_id", "ordinal"], after=0, last=now.last_key, keys=SLIM_KEYS
        )
        ordered = sorted(
            (str(row["article_id"]), int(row["ordinal"]), int(row["key"])) for page in pages for row in page
        )
        keys: NDArray[np.int64] = np.array([key for *_, key in ordered], np.int64)
        if len(keys) > most:
            keys = keys[np.linspace(0, len(keys) - 1, most).astype(int)]
        return [int(key) for key in keys]

    def _passages(self, rows: Sequence[Row]) -> dict[str, tuple[Article, Chunk]]:
        """Whole chunks with their articles, by chunk id; each article is read once."""
        articles = self._whole_articles(sorted({int(row["article"]) for row in rows}))
        passages = {}
        for row in rows:
            chunk = chunk_of(row)
            passages[chunk.id] = (articles[int(row["article"])], chunk)
        return passages

    def _whole_articles(self, keys: Sequence[int]) -> dict[int, Article]:
        """By key. Raises _Moved where one of them is gone."""
        heads = {}
        for listed in key_lists(keys):
            rows = self._collections.query("records", f"key in {listed}", ["key", "piece", "data"])
            for row, data in zip(rows, self._collections.whole(rows), strict=True):
                heads[int(row["key"])] = json.loads(data)
        if len(heads) != len(keys):
            raise _Moved
        texts: dict[int, str] = {}
        for batch in _batches([(key, heads[key]["characters"]) for key in keys]):
            texts |= self._texts(batch)
        if any(len(texts.get(key, "")) != heads[key]["characters"] for key in keys):
            raise _Moved
        return {key: article_of(head, texts.get(key, "")) for key, head in heads.items()}

    def _texts(self, articles: Sequence[tuple[int, int]]) -> dict[int, str]:
        """The texts of articles of these keys and numbers of characters, by key, as far as they stand."""
        found: dict[int, list[tuple[int, str]]] = {}
        most = max((characters for _, characters in articles), default=0)
        step = 128  # pieces: of one article that alone is more than may be read at once
        for listed in key_lists([key for key, _ in articles]):
            where = f'kind == "text" and owner in {listed}'
            for first in range(0, 4 * most // 60_000 + 1, step) if most > _TEXT_CHARS else (-1,):
                part = f" and piece >= {first} and piece < {first + step}" if first >= 0 else ""
                for row in self._collections.query("records", where + part, ["owner", "piece", "data"]):
                    found.setdefault(int(row["owner"]), []).append((int(row["piece"]), str(row["data"])))
        return {key: "".join(data for _, data in sorted(parts)) for key, parts in found.items()}

    def _text(self, key: int) -> str:
        return self._texts([(key, 0)]).get(key, "")


def _state(now: Commit) -> State:
    return State(now.generation, now.articles, now.chunks)


class _Moved(Exception):
    """What was being read is gone: another generation stands."""


def _best(scored: Sequence[tuple[int, float]], depth: int) -> set[int]:
    """Keys of the `depth` greatest scores, and of all that equal the least of them."""
    least = sorted((score for _, score in scored), reverse=True)[:depth][-1:]
    return {key for key, score in scored if score >= least[0]}


def _match_filter(word: str, now: Commit) -> str:
    return f"{now.chunks_that_stand} and text_match(words, '{word}')"


def _batches(articles: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Keys and numbers of characters, so many as are read at once; one at least."""
    batch: list[tuple[int, int]] = []
    for key, characters in articles:
        total = characters + sum(one for _, one in batch)
        if batch and (total > _TEXT_CHARS or len(batch) == _ARTICLES_AT_ONCE):
            yield batch
            batch = []
        batch.append((key, characters))
    if batch:
        yield batch


def _nothing() -> None:
    """What a lock that cannot run out needs before a write."""


def _explain_missing(address: Address) -> str:
    return f"There is no library at {address.text}: add articles to make one, or check the path"


def _check_folder(address: Address, *, create: bool) -> None:
    """LibraryError unless the file, or the folder beside a server's library, may be used; made if missing."""
    folder, of_file = address.folder, not address.uri
    try:
        if folder.exists() and not folder.is_dir():
            raise LibraryError(
                f"{folder} is a file, and Milvus Lite 3 keeps a folder of that name: name another path"
            )
        if of_file:
            if not folder.exists() and not create:
                raise LibraryError(_explain_missing(address))
            foreign = sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []
            if foreign and not (folder / "collections").is_dir():
                raise LibraryError(
                    f"{folder} is not a library: it holds {foreign[0]} and nothing of Milvus; name another"
                    " path"
                )
        else:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            f"The library {address.text} cannot be made or read ({error.strerror}: {folder}): allow it, or"
            " name another path"
        ) from error


def make_library(collections: Collections, manifest: Mapping[str, str]) -> dict[str, str]:
    """A new library's manifest, written last: without it there is none yet. Another may make it meanwhile."""
    collections.make_records()
    lock = WriterLock(collections.address.folder) if collections.is_lite else Lease(collections)
    with lock.hold("whosays, making the library", wait_s=_WRITER_WAIT_S):
        found = collections.manifest()
        if found is None:
            found = {**manifest, "library": uuid.uuid4().hex, "schema": str(_SCHEMA_VERSION)}
            counters = {"last_key": 0, "last_row": 0, "articles": 0, "chunks": 0, "terms": 0}
            collections.delete("state", 'kind != "writer"')  # of a making that was stopped
            collections.insert("state", [commit_row(0, counters)])
            collections.insert("state", [record(0, "manifest", 0, json.dumps(found))])
    return found


@contextmanager
def _log_failure() -> Iterator[None]:
    """What fails here is made good by the next change: this one stands, or is not read."""
    try:
        yield
    except LibraryError as error:
        _log.warning("Milvus is left with rows that count no more, which the next change deletes: %s", error)
