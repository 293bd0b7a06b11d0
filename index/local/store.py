"""`LocalStore`: a library in a folder, whose derived indexes propose and whose database disposes.

Three files hold one library: the database, which is the truth, tantivy's folder, and, when large, FAISS's
file. A search pins one generation of the database. The indexes need only propose every chunk that stands
in it: what they propose beyond is not found there, and scores come from the database. So
- a change commits tantivy's additions, then the database, then tantivy's removals; wherever a kill falls,
  tantivy holds all that stands in the database, and perhaps more, which the next process in takes away;
- a reader never waits for a writer: it checks that what tantivy shows covers the generation that it pinned.
"""

import logging
import shutil
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from index.aside import put_back
from index.errors import LibraryError, LibraryInUse
from index.local import aside_rows, dense
from index.local.database import Counters, Database, ReadAhead, Row, indexed_text
from index.local.history import Covered, Mark, covered, went_through
from index.local.lexical import LexicalIndex, Stamp, Statistics, View, WordString, bm25, check_files, words
from index.local.listing import list_articles, sought_terms
from index.local.lock import WriterLock
from index.local.outline import Lines, Owners
from index.local.read_only import LinkedWords, hold_against_file, is_read_only, read_only_error
from index.local.rows.earlier import begin
from index.local.rows.manifest import write_manifest
from index.local.schema import (
    FILE,
    connect,
    damage_error,
    identify_folder,
    translate_errors,
    upgrade,
)
from index.local.writing import Writing
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
    Vectors,
)
from index.retrieve import rank_hits, sample_hits
from index.scope import EVERYTHING, Scope

_log = logging.getLogger(__name__)
_REMEMBERED = 20_000  # chunks whose words stay in memory once they were scored, 1.5 kB each
_AHEAD_FROM = 50_000  # chunks: smaller libraries stay in the system's memory
_PATIENCE_S = 5.0
_NOT_ITS_OWN = "The dense index of %s does not match it: it is made again"
_LISTED = """CREATE TEMP VIEW listed AS SELECT key, id, uri, title, publisher, author, published,
    publisher_folded, first_day, last_day, updated, edited, characters, opening, unpack_text(text) AS text
    FROM article"""
_WRITER_WAIT_S = 1.0  # a reader that mends holds the lock for less, in all but huge libraries


class LocalStore:
    """The `Store` seam on SQLite, tantivy and FAISS; threads may share one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        folder, read_only = database.folder, is_read_only(database.folder / FILE)
        self.info = StoreInfo(str(folder), folder, database.manifest(), read_only)
        self._links = LinkedWords(folder) if read_only else None
        self._lock = WriterLock(self.info.folder)
        self._id = self.info.manifest["library"]
        self._guard = threading.RLock()
        self._file = identify_folder(self.info.folder)
        self._view: View | None = None
        self._dense: dense.DenseIndex | None = None
        self._allowed: dict[Scope, tuple[int, NDArray[np.int64]]] = {}
        self._sound: frozenset[str] = frozenset()  # files of the word index that were looked at
        self._words: dict[int, WordString] = {}  # by key, which is never another chunk's
        self._lines: tuple[State | None, Lines | None] = (None, None)
        self._seen: tuple[int, str] | None = None  # the state that the rest is remembered of
        self._owners = Owners()
        self._ahead = ReadAhead(self.info.folder)
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="whosays-words")

    @classmethod
    def open(cls, folder: Path, *, create: bool, manifest: Mapping[str, str]) -> Self:
        """The library in `folder`, made with `manifest` where there is none and `create` says so."""
        store = cls(Database.open(folder, create=create, manifest={**manifest, "library": uuid.uuid4().hex}))
        if store.info.read_only:
            _log.warning(
                "The library %s is read-only: it can be asked, and nothing can be changed or kept there",
                folder,
            )
        return store

    def _check_file(self) -> None:
        """Our connection keeps what was moved away; the indexes are those of what stands there now."""
        if identify_folder(self.info.folder) != self._file:
            raise _replaced_error(self.info.folder)

    def make_indexes(self) -> None:
        """Both as the database wants them by now; what fits it stays as it is."""
        self._check_writable()
        with self._lock.hold("whosays, making indexes"), _writing_connection(self.info.folder) as database:
            self._mend(database).end_writing()
            self._save_dense(database)

    def _check_writable(self) -> None:
        if self.info.read_only:
            raise read_only_error(self.info.folder)

    def close(self) -> None:
        """Let go of files; closing twice is no error."""
        with self._guard:
            self._database.close()
            self._aside.shutdown()
            self._ahead.close()
            self._view = self._dense = None
            if self._links is not None:
                self._links.close()

    def articles(self, within: Scope) -> Iterator[Article]:
        """Articles by id, as they stand when the first is asked for."""
        return self._database.articles(within)

    def removed(self) -> tuple[Removed, ...]:
        """The articles that are kept aside and can be put back, those removed last first, then by id."""
        with self._guard, translate_errors(self.info.folder), self._database.snapshot():
            return aside_rows.list_removed(self._database.connection)

    def search(self, query: SearchQuery | None, *, k: int, within: Scope) -> Passages:
        """The best `k` chunks for a query, best first; without one `k` evenly over the articles, by id."""
        if query is None:
            return self._sample(k, within)
        (found,) = self.search_each([query], k=k, within=within)
        return found

    def search_each(self, queries: Sequence[SearchQuery], *, k: int, within: Scope) -> Sequence[Passages]:
        """As `index.records.Store` says: what several queries find is read once."""
        if not queries:
            return []
        depth = max(4 * k, *(query.depth for query in queries))
        with self._guard, self._pin() as now:
            if not now.chunks:
                return [Passages((), np.zeros((0, len(one.vector)), np.float32)) for one in queries]
            proposed, rows = self._candidates(queries, depth, within, now)
            ranked = [query.fuse(candidates)[:k] for query, candidates in zip(queries, proposed, strict=True)]
            passages = self._database.passages([rows[one.chunk_id].key for best in ranked for one, _ in best])
        every = (rank_hits(passages, best) for best in ranked)
        return [
            Passages(hits, np.array([rows[hit.chunk.id].vector for hit in hits], np.float32))
            for hits in every
        ]

    def _sample(self, most: int, within: Scope) -> Passages:
        with self._guard, self._database.snapshot():
            keys = self._database.spread(within, most)
            vectors = {row.chunk_id: row.vector for row in self._database.rows(keys)}
            passages = self._database.passages(keys)
        hits = sample_hits(passages)
        return Passages(hits, np.array([vectors[hit.chunk.id] for hit in hits], np.float32))

    def list(self, query: ListQuery) -> Listing:
        """Articles without their texts, all of one generation; over a connection of its own."""
        if query == ListQuery():
            with self._guard, self._database.snapshot() as now:
                state = _state(now)
            return Listing(state, state.articles)
        held, owners = self._find_holding(sought_terms(query.sought))
        with translate_errors(self.info.folder):
            connection = connect(self.info.folder)
            try:
                with hold_against_file(connection, self.info.folder):
                    begin(connection)
                    connection.execute(_LISTED)
                    state = _state(Database(self.info.folder, connection).counters())
                    lines = self._lines_of(connection, state) if query.sought.strip() else None
                    known = owners if owners.state == (state.generation, state.token) else None
                    return list_articles(connection, query, state, held, lines, known)
            finally:
                connection.close()

    def _lines_of(self, connection: sqlite3.Connection, state: State) -> Lines:
        """Made once for each state that is searched."""
        of, lines = self._lines
        if lines is None or of is None or (of.generation, of.token) != (state.generation, state.token):
            lines = Lines(connection)
            self._lines = state, lines
        return lines

    def _find_holding(self, terms: Sequence[str]) -> tuple[Mapping[str, Set[int]], Owners]:
        """For each indexed word the keys of all chunks whose text, or whose article's title, holds it.

        Keys of chunks that were just removed may be among them; the owners know these no more.
        """
        if not terms:
            return {}, self._owners
        with self._guard, self._pin(dense=False) as now:
            self._owners = self._owners.catch_up(self._database, now)
            if not now.chunks:
                return {term: frozenset() for term in terms}, self._owners
            assert self._view is not None
            return {term: frozenset(self._view.find_holding(term)) for term in terms}, self._owners

    def _candidates(
        self, queries: Sequence[SearchQuery], depth: int, within: Scope, now: Counters
    ) -> tuple[Sequence[Sequence[Candidate]], Mapping[str, Row]]:
        """What either leg proposes to each, scored exactly in both, by key; and all rows by chunk id."""
        assert self._view is not None
        allowed = self._keys(within, now)
        asked = [sorted(set(words(query.question))) for query in queries]
        # One waits for the disk while the other computes.
        sharing = self._aside.submit(_sharing, self._view, asked, depth, allowed)
        near = self._nearest(np.stack([query.vector for query in queries]), depth, allowed)
        shared = sharing.result()
        proposed = [sorted({*own, *found}) for own, (found, _) in zip(near, shared, strict=True)]
        keys = sorted({key for one in proposed for key in one})
        if now.chunks > _AHEAD_FROM:
            self._ahead.begin(keys)
        rows = {row.key: row for row in self._database.rows(keys, self._words)}
        held = {key: self._words_of(row) for key, row in rows.items()}
        statistics = Statistics(now.chunks, max(1, now.terms) / now.chunks)
        every = []
        for query, of, own, (_, holding) in zip(queries, asked, proposed, shared, strict=True):
            stand = [rows[key] for key in own if key in rows]
            scores = bm25(of, [held[row.key] for row in stand], holding, statistics)
            wide = query.vector.astype(np.float64)
            cosines = (np.array([row.vector for row in stand]) * wide).sum(axis=1).tolist() if stand else []
            every.append(
                [
                    # Rounded, so that equal texts tie wherever their rows stand.
                    Candidate(row.chunk_id, round(cosine, 6), round(score, 6) or None)
                    for row, cosine, score in zip(stand, cosines, scores, strict=True)
                ]
            )
        return every, {row.chunk_id: row for row in rows.values()}

    def _nearest(
        self, queries: Vectors, depth: int, allowed: NDArray[np.int64] | None
    ) -> Sequence[Sequence[int]]:
        """The `depth` chunks nearest to each query."""
        assert self._dense is not None
        if not self._dense.coarse:
            return self._dense.candidates(queries, depth, allowed)
        # Of the ten nearest of a million passages 98 in 100 are among 100 proposed, 99 among 200.
        proposed = self._dense.candidates(queries, 2 * depth, allowed)
        wanted = sorted({key for one in proposed for key in one})
        self._ahead.begin(wanted)
        keys, vectors = self._database.vectors(wanted)
        nearest = []
        for query, own in zip(queries, proposed, strict=True):
            at = np.flatnonzero(np.isin(keys, own))
            best = at[np.argsort(-(vectors[at] @ query), kind="stable")[:depth]]
            nearest.append([int(key) for key in keys[best]])
        return nearest

    def _words_of(self, row: Row) -> WordString:
        known = self._words.get(row.key)
        if known is None:
            if len(self._words) >= _REMEMBERED:
                del self._words[next(iter(self._words))]  # the one that came first
            known = self._words[row.key] = WordString(row.indexed)
        return known

    def _keys(self, within: Scope, now: Counters) -> NDArray[np.int64] | None:
        """The chunks that count, None for all; the last few filters are remembered."""
        if within == EVERYTHING:
            return None
        generation, keys = self._allowed.get(within, (-1, np.zeros(0, np.int64)))
        if generation != now.generation:
            if within.articles:
                keys = self._database.keys(within)
            else:
                self._owners = self._owners.catch_up(self._database, now)
                keys = self._owners.passages_of(self._database.article_keys(within))
            if len(self._allowed) >= 8:
                self._allowed.clear()
            self._allowed[within] = (now.generation, keys)
        return keys

    @contextmanager
    def _pin(self, *, dense: bool = True) -> Iterator[Counters]:
        """One generation of the database for the block, with both indexes covering it, or the lexical one."""
        self._check_file()
        tried, mended, until = False, 0, time.monotonic() + _PATIENCE_S
        while True:
            with self._database.snapshot() as now:
                self._forget_other(now)
                cover = self._cover(now)
                if cover == "exact" or (cover == "more" and tried):
                    if dense:
                        self._catch_up_dense(now)
                    yield now
                    return
            if mended == 3:
                raise LibraryError(
                    f"The word index of {self.info.folder} does not come right: delete its folder lexical"
                )
            tried = True
            try:
                with self._hold_words():
                    self._mend(self._database).end_writing()
                mended += 1
            except LibraryInUse:
                # A writer is at work, and mends first: what lacks words now will have them soon.
                if cover == "less" and time.monotonic() > until:
                    raise
                time.sleep(0.02 if cover == "less" else 0.0)

    def _forget_other(self, now: Counters) -> None:
        """What is remembered of a state that the library never went through: a copy was put in its place."""
        seen, self._seen = self._seen, (now.generation, now.token)
        if seen is not None and not went_through(self._database, now, *seen):
            if self._database.manifest()["library"] != self._id:
                raise _replaced_error(self.info.folder)
            self._view, self._dense = None, None
            self._allowed.clear()
            self._words.clear()

    def _hold_words(self) -> AbstractContextManager[None]:
        """What nobody else mends meanwhile: the library's word index, or one's own."""
        if self._links is not None:
            return nullcontext()
        return self._lock.hold("whosays, mending the word index")

    def _words_folder(self) -> Path:
        return self.info.folder / "lexical" if self._links is None else self._links.folder()

    def _cover(self, now: Counters) -> Literal["exact", "more", "less"]:
        """How what tantivy shows compares with the database; looks again only when it did not fit before."""
        if not now.chunks:
            return "exact"
        if self._view is None or _fit(self._view.stamp, self._id, now, self._database) != "exact":
            try:
                self._view = self._lexical().view()
            except LibraryError:
                self._view = None
                return "less"
        cover = _fit(self._view.stamp, self._id, now, self._database)
        return "less" if cover == "exact" and self._view.chunks != now.chunks else cover

    def _lexical(self) -> LexicalIndex:
        """The word index, after a look at those of its files that were not looked at before."""
        folder = self._words_folder()
        self._sound = check_files(folder, self._sound)
        return LexicalIndex(folder)

    def _mend(self, database: Database) -> LexicalIndex:
        """Make tantivy hold exactly what the database does; for the holder of the lock."""
        folder = self._words_folder()
        with database.snapshot() as now:
            try:
                index = self._lexical()
                self._fill(index, database, now)
            except LibraryError as error:
                _log.warning(
                    "The word index of %s is made again: %s", self.info.folder, error.__cause__ or error
                )
                shutil.rmtree(folder, ignore_errors=True)
                index = LexicalIndex(folder)
                self._fill(index, database, now)
        return index

    def _fill(self, index: LexicalIndex, database: Database, now: Counters) -> None:
        view = index.view()
        stamp = view.stamp
        if _fit(stamp, self._id, now, database) == "exact" or (not stamp.library and not now.last_key):
            if view.chunks != now.chunks:
                raise LibraryError(f"It holds {view.chunks:,} passages, and the library {now.chunks:,}")
            return  # the same, or both new
        try:
            own = covered(stamp, self._id, database, now)
            if own is None:
                if now.chunks and stamp.library:
                    _log.warning(
                        "The word index of %s is not that of its articles: it is made again", self.info.folder
                    )
                own = Covered(now.generation, 0)
                index.delete_after(-1)
            index.delete_after(min(own.last_key, now.last_key))
            for key, text in database.texts_after(own.last_key):
                index.add(key, text)
            index.delete(database.removed_after(own.generation))
            index.commit(_stamp(self._id, now))
        except LibraryError:
            index.end_writing()
            raise

    def _catch_up_dense(self, now: Counters) -> None:
        if not now.chunks or (self._dense is not None and self._dense.generation == now.generation):
            return
        stamp = self._read_saved(self._database, now)
        index = self._dense
        if index is not None and stamp and stamp.kind != index.kind:
            index = None
        self._dense = _catch_up(self._database, index, stamp, now, dense.kind_for(now.chunks))

    @contextmanager
    def change(self, command: str) -> Iterator["LocalChange"]:
        """One change, made when the block ends, undone when it raises. LibraryInUse while another goes on."""
        self._check_file()
        self._check_writable()
        with (
            self._lock.hold(command, wait_s=_WRITER_WAIT_S),
            _writing_connection(self.info.folder) as database,
        ):
            lexical = self._mend(database)
            try:
                with _transaction(database) as writing:
                    yield LocalChange(writing, lexical)
                    before, after = writing.before, writing.finish()
                    if after.last_key > before.last_key:
                        mark = Mark(self._id, before.token, after.token, before.last_key)
                        lexical.commit(Stamp(str(mark), before.generation, after.last_key))
                if writing.removed:
                    with _log_failure():
                        lexical.delete(writing.removed)
                        lexical.commit(_stamp(self._id, after))
            finally:
                lexical.end_writing()
            with _log_failure():
                self._save_dense(database)

    def _read_saved(self, database: Database, now: Counters) -> dense.Saved | None:
        """The stamp of FAISS's file; None where there is none, or not one of this library's states."""
        stamp = dense.read_saved(self.info.folder, self._id)
        if stamp is None or went_through(database, now, stamp.generation, stamp.token):
            return stamp
        _log.warning(_NOT_ITS_OWN, self.info.folder)
        return None

    def _save_dense(self, database: Database) -> None:
        """Write FAISS's file again when the change calls for it; for the holder of the lock."""
        with database.snapshot() as now:
            stamp = self._read_saved(database, now)
            removed = len(database.removed_after(stamp.generation)) if stamp else 0
            if not dense.is_due(now, stamp, removed):
                return
            kind = dense.kind_for(now.chunks, stamp.kind if stamp else "flat")
            usable = stamp if stamp and stamp.kind == kind else None
            index = _catch_up(database, None, usable, now, kind)
            if index.has_outgrown(now.chunks):
                index = dense.DenseIndex.build(database, now, kind, index.dimension)
            index.save(self.info.folder, self._id)
        if database.manifest().get("dense") != kind:
            write_manifest(database.connection, dense=kind)


class LocalChange:
    """The `Change` seam: rows in the database and, beside them, words in tantivy."""

    def __init__(self, writing: Writing, lexical: LexicalIndex) -> None:
        self._writing = writing
        self._lexical = lexical
        self.put = writing.put
        self.article_at = writing.article_at
        self.places = writing.places
        self.clear = writing.clear
        self.set_aside = writing.set_aside

    def put_back(self, article_id: str) -> None:
        """As `Change.put_back`."""
        put_back(self._writing.take_aside(article_id), self)

    def edit(self, article_id: str, values: Mapping[str, str | None]) -> None:
        """Set fields of an article; a title is among its indexed words, so that its chunks are put anew."""
        before = self._writing.title(article_id)
        self._writing.edit(article_id, values)
        if self._writing.title(article_id) != before:
            chunks, vectors = self._writing.take_chunks(article_id)
            self.add_chunks(chunks, vectors)

    def add_chunks(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """The chunks of articles put before, with one vector of length 1 each."""
        if len(vectors):
            self._writing.check_dimension(vectors)
        for chunk, vector in zip(chunks, vectors, strict=True):
            text = indexed_text(self._writing.title(chunk.article_id), chunk.text)
            self._lexical.add(self._writing.add_chunk(chunk, vector, terms=len(words(text))), text)


def _sharing(
    view: View, asked: Sequence[Sequence[str]], depth: int, allowed: NDArray[np.int64] | None
) -> list[tuple[Sequence[int], Sequence[int]]]:
    """For the words of each query keys of the `depth` best chunks that share them, and how many hold each."""
    only = None if allowed is None else allowed.tolist()
    return [
        (view.candidates(words, depth, only), [view.count_holding(word) for word in words])
        if words
        else ((), ())
        for words in asked
    ]


def _state(now: Counters) -> State:
    return State(now.generation, now.articles, now.chunks, now.token)


def _stamp(library: str, now: Counters) -> Stamp:
    """That of a word index which holds all that stands in `now`, and nothing else."""
    return Stamp(str(Mark(library, now.token)), now.generation, now.last_key)


def _replaced_error(folder: Path) -> LibraryError:
    return LibraryError(f"The library {folder} was moved or replaced since it was opened: open it again")


def _fit(stamp: Stamp, library: str, now: Counters, database: Database) -> Literal["exact", "more", "less"]:
    own = covered(stamp, library, database, now)
    if own is None or own.last_key < now.last_key:
        return "less"
    if stamp.last_key > now.last_key or database.removed_after(own.generation):
        return "more"
    return "exact"


def _catch_up(
    database: Database,
    index: dense.DenseIndex | None,
    stamp: dense.Saved | None,
    now: Counters,
    kind: dense.Kind,
) -> dense.DenseIndex:
    """`index`, or the saved one, brought to `now`; built from the database where neither can be."""
    if index is None and stamp:
        index = dense.load(database.folder, stamp)
    if index is not None and index.catch_up(database, now):
        return index
    if index is not None:
        _log.warning(_NOT_ITS_OWN, database.folder)
    made = dense.DenseIndex.build(database, now, kind, int(database.manifest()["dimension"]))
    if len(made) != now.chunks:
        raise damage_error(database.folder, f"{len(made):,} vectors stand there instead of {now.chunks:,}")
    return made


@contextmanager
def _writing_connection(folder: Path) -> Iterator[Database]:
    """Of the newest version; other threads go on reading over the store's own."""
    with translate_errors(folder):
        connection = connect(folder)
        try:
            upgrade(connection)
            yield Database(folder, connection)
            # What is done then stands in one file, so that a kill or a copy later finds no log to be lost.
            connection.execute("PRAGMA busy_timeout = 0")  # nobody waits for it, readers least of all
            with suppress(sqlite3.Error):  # on a full disk: the change stands in the log
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()


@contextmanager
def _transaction(database: Database) -> Iterator[Writing]:
    """Committed when the block ends and something changed, undone when it raises."""
    database.connection.execute("BEGIN IMMEDIATE")
    try:
        writing = Writing(database.folder, database.connection, database.counters())
        yield writing
        database.connection.execute("COMMIT" if writing.changed else "ROLLBACK")
    finally:
        if database.connection.in_transaction:
            database.connection.execute("ROLLBACK")


@contextmanager
def _log_failure() -> Iterator[None]:
    """What fails here is made good when the library is next opened: the change itself stands."""
    try:
        yield
    except LibraryError as error:
        _log.warning("The change is made, but an index was left behind: %s", error)
