"""`Library`: articles added, removed and searched; what joins loading, chunking, embedding and the store."""

import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

import numpy as np

from index.adding import EMBEDDED_AT_ONCE, Adding, Cut, Item, Prepared, Progress, with_ends
from index.edits import check_edits
from index.embed import open_embedder
from index.errors import ArticleNotFound, LibraryError, QuestionError, SourceRefused
from index.local.store import LocalStore
from index.milvus import MilvusStore, milvus_address
from index.publishers import MergedNames, check_merger, merge_names
from index.readings import MOST_READ, likeliest, suggest
from index.records import (
    EDITABLE,
    Article,
    Chunk,
    Embedder,
    Fuse,
    Group,
    Hit,
    Listing,
    ListQuery,
    Order,
    Outcome,
    Removed,
    SearchQuery,
    Store,
    Vectors,
)
from index.refusals import Refusal, keep_refusals, read_refusals
from index.retrieve import weighted_scores
from index.scope import EVERYTHING, Scope, ScopeParts
from index.sources.formats import MAX_BYTES
from index.sources.load import Loaded, load, origins
from index.sources.opening import Suggestion
from index.sources.sandbox import ChunkSettings, Sandbox, SandboxLimits
from index.sources.walk import refuse
from index.text.chunk import TokenCounter, chunk

# Special tokens, and what the counter may be short by: at most 0.6 % on 856 paragraphs (`index.text.tokens`).
WINDOW_MARGIN = 8
# Queries of many, which a store holds the candidates of at the same time.
_SEARCHED_AT_ONCE = 32


class Library:
    """A folder of articles, open until `close`. Threads may share one, other processes may open it."""

    def __init__(
        self, store: Store, embedder: Embedder, *, chunk_tokens: int, overlap_sentences: int
    ) -> None:
        """For `open`, and for stores made elsewhere."""
        self._store = store
        self.embedder = embedder
        self._chunk_tokens = chunk_tokens
        self._overlap_sentences = overlap_sentences
        self._count: TokenCounter | None = None

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        embedder: Embedder | None = None,
        chunk_tokens: int = 200,
        overlap_sentences: int = 1,
        create: bool = True,
    ) -> Self:
        """The library in the folder `path`, made when there is none and `create` says so.

        Or one in Milvus: `milvus://host:port/name`, or a path that ends in `.db` for Milvus Lite.
        Without `embedder`, the bundled one. Raises LibraryError where `path` cannot be a library, where it
        was made by a newer Whosays, or built with another embedder, and for chunks beyond its window.
        """
        embedder = embedder or open_embedder()
        room = embedder.window_tokens - WINDOW_MARGIN
        if chunk_tokens > room:
            raise LibraryError(
                f"chunk_tokens is {chunk_tokens}, and the embedder {embedder.name} reads {room} tokens of a "
                f"chunk; what is beyond would not be found: set chunk_tokens to {room} or less"
            )
        manifest = {
            "embedder": embedder.name,
            "chunk_tokens": str(chunk_tokens),
            "overlap_sentences": str(overlap_sentences),
        }
        store = _open_store(path, create=create, manifest=manifest)
        built_with = store.info.manifest["embedder"]
        if built_with != embedder.name:
            store.close()
            raise LibraryError(
                f"The library {store.info.address} was built with the embedder {built_with} and cannot be"
                f" searched with {embedder.name}: open it with {built_with}, or add its articles to a new"
                " library"
            )
        return cls(store, embedder, chunk_tokens=chunk_tokens, overlap_sentences=overlap_sentences)

    @property
    def path(self) -> Path:
        """The folder; of a library on a server one of this machine, for files about it."""
        return self._store.info.folder

    @property
    def address(self) -> str:
        """What it can be opened by again."""
        return self._store.info.address

    @property
    def is_read_only(self) -> bool:
        """Whether it lies where nobody may write: it can be read, and nothing is changed or kept of it."""
        return self._store.info.read_only

    @property
    def generation(self) -> int:
        """Grows by one with each change, by whichever process."""
        return self._store.list(ListQuery()).state.generation

    @property
    def token(self) -> str:
        """Names the state it is in: of this library, and not of a copy that went another way."""
        state = self._store.list(ListQuery()).state
        return f"{self._store.info.manifest['library']} {state.generation} {state.token}"

    def __len__(self) -> int:
        """The number of articles."""
        return self._store.list(ListQuery()).state.articles

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of files; closing twice is no error."""
        self._store.close()

    def add(
        self,
        *sources: str | Path,
        max_bytes: int = MAX_BYTES,
        public_only: bool = False,
        follow_links: bool = False,
        within: SandboxLimits | None = None,
        progress: Progress | None = None,
    ) -> tuple[Outcome, ...]:
        """Add files, folders and addresses; one outcome for each file or record, in order.

        A kill at any moment leaves the library as it was before the call or after it; beyond 10,000 passages
        the call takes effect in steps of whole files, and when it was stopped the same call goes on. A
        changed file replaces its earlier text; a file that is refused now keeps it. With `public_only`,
        addresses of this machine and of private networks are refused; without `follow_links`, links in a
        folder that lead out of it. With `within`, files are read and
        articles cut in a process of its own within these limits, and one that goes beyond is refused. Raises
        LibraryInUse while another process writes.
        """
        counted = (origins(source, follow_links=follow_links) for source in sources) if progress else None
        total = sum(1 for each in counted for _ in each) if counted else None
        if within is None:
            found = (
                load(source, max_bytes=max_bytes, public_only=public_only, follow_links=follow_links)
                for source in sources
            )
            return self._keep_refused(self._add(found, progress, total, self.chunks))
        with Sandbox(within, self.chunk_settings) as sandbox:
            found = (
                load(
                    source,
                    max_bytes=max_bytes,
                    public_only=public_only,
                    follow_links=follow_links,
                    parser=sandbox.parse,
                )
                for source in sources
            )
            return self._keep_refused(self._add(found, progress, total, sandbox.chunks))

    def prepare(self, loaded: Sequence[Loaded | Outcome], cut: Cut, *, seconds: float) -> list[Item]:
        """Each for `add_loaded`, which then has little left to do while others wait to write.

        An article that stands here already stays as it is; one that `cut` refuses, and one whose turn to be
        embedded comes after `seconds`, ends as refused.
        """
        known = self._known_ids([one.article.id for one in loaded if isinstance(one, Loaded)])
        pieces = [_cut_where_new(one, cut, known) for one in loaded]
        vectors = self._embed_within([chunk.text for _, chunks in pieces for chunk in chunks], seconds)
        ready: list[Item] = []
        end = 0
        for one, chunks in pieces:
            start, end = end, end + len(chunks)
            if isinstance(one, Outcome) or not chunks:
                ready.append(one)
            elif end > len(vectors):
                reason = f"was still being embedded after {seconds:g} s: split it, and add it in parts"
                ready.append(refuse(one.place, reason))
            else:
                ready.append(Prepared(one, chunks, vectors[start:end]))
        return ready

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Of passages, (texts, dimension); each text is embedded once, however often it repeats itself."""
        distinct = {text: at for at, text in enumerate(dict.fromkeys(texts))}
        found = self.embedder.embed(list(distinct))
        return found if len(distinct) == len(texts) else found[[distinct[text] for text in texts]]

    def _embed_within(self, texts: Sequence[str], seconds: float) -> Vectors:
        """The vectors of the first texts, as many as there is time for."""
        end = time.monotonic() + seconds
        found: list[Vectors] = []
        for start in range(0, len(texts), EMBEDDED_AT_ONCE):
            if time.monotonic() >= end:
                break
            found.append(self.vectors(texts[start : start + EMBEDDED_AT_ONCE]))
        return np.concatenate(found) if found else np.empty((0, 0), np.float32)

    def add_loaded(self, loaded: Iterable[Item]) -> tuple[Outcome, ...]:
        """Add what `load` gave for one source, or `prepare` for each of its articles; otherwise as `add`."""
        return self._add([loaded], None, None, self.chunks)

    def refusals(self) -> tuple[Refusal, ...]:
        """What was not added lately, why and when, the newest first."""
        return read_refusals(self.path)

    def _keep_refused(self, outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
        keep_refusals(self.path, outcomes)
        return outcomes

    def _add(
        self,
        sources: Iterable[Iterable[Item]],
        progress: Progress | None,
        total: int | None,
        cut: Cut,
    ) -> tuple[Outcome, ...]:
        self._check_settings()
        adding = Adding(self.vectors, MergedNames(self.path), cut, progress, total)
        items = with_ends(sources)
        while not adding.ended:
            with self._store.change(_command()) as change:
                adding.step(change, items)
        return tuple(adding.outcomes)

    def remove(self, article_id: str) -> Article:
        """Take an article out, from all its places; ArticleNotFound when it is not there.

        For a day `restore` puts it back; after that the next change deletes it.
        """
        (article,) = self.remove_all((article_id,))
        return article

    def remove_all(self, article_ids: Sequence[str]) -> tuple[Article, ...]:
        """As `remove`, in one step: all are taken out, or none; as they stood, in the order of the ids."""
        ids = tuple(dict.fromkeys(article_ids))
        if not ids:
            return ()
        self._known(Scope(articles=ids))
        stood = {one.id: one for one in self._store.articles(Scope(articles=ids))}
        now = int(time.time())
        with self._store.change(_command()) as change:
            for one in ids:
                change.set_aside(one, at=now)
        return tuple(stood[one] for one in ids)

    def removed(self) -> tuple[Removed, ...]:
        """The articles that can be put back, those removed last first; `step` is that of a removal."""
        return self._store.removed()

    def restore(self, article_ids: Sequence[str]) -> tuple[Article, ...]:
        """Put back articles that were removed within a day, all or none: they stand as before.

        Ids, places and what people set are what they were, and the same questions find the same passages.
        Where another text stands at a place by now, that one stays, and the article has a place of its own.
        ArticleNotFound for what is not kept, LibraryError for what a disk has changed.
        """
        ids = tuple(dict.fromkeys(article_ids))
        if not ids:
            return ()
        with self._store.change(_command()) as change:
            for one in ids:
                change.put_back(one)
        stands = {one.id: one for one in self._store.articles(Scope(articles=ids))}
        return tuple(stands[one] for one in ids)

    def edit(self, article_ids: Sequence[str], values: Mapping[str, str | None]) -> tuple[Article, ...]:
        """Set what is known of articles: any of EDITABLE by name; gives them as they then stand.

        "" says that there is none, None takes back what was set, so that what the source states counts
        again. Ids and texts stay; what was set stays when the file is added again, changed or not. All
        articles or none are edited. LibraryError for a value that cannot be, ArticleNotFound for an id that
        is not there.
        """
        checked = _check_some(values)
        ids = tuple(dict.fromkeys(article_ids))
        if not ids:
            raise LibraryError("nothing is set: name an article; `whosays list` shows the ids")
        self._known(Scope(articles=ids))
        with self._store.change(_command()) as change:
            for one in ids:
                change.edit(one, checked)
        edited = {one.id: one for one in self._store.articles(Scope(articles=ids))}
        return tuple(edited[one] for one in ids)

    def edit_folder(self, folder: str | Path, values: Mapping[str, str | None]) -> tuple[Article, ...]:
        """As `edit`, of all articles that were added from a folder, those below it included, or from a file.

        LibraryError where there are none.
        """
        beneath = os.path.abspath(folder)  # noqa: PTH100  # as `load` writes origins
        checked = _check_some(values)
        with self._store.change(_command()) as change:
            places = [one for one in change.places() if _stands_in(one, beneath)]
            ids = tuple(dict.fromkeys(found for one in places if (found := change.article_at(one))))
            if not ids:
                raise LibraryError(
                    f"No article of {self.address} was added from {beneath}: `whosays list` shows where"
                    " each stands"
                )
            for one in ids:
                change.edit(one, checked)
        return tuple(self._store.articles(Scope(articles=ids)))

    def suggest(self, article_ids: Sequence[str]) -> dict[str, tuple[Suggestion, ...]]:
        """By id what the texts of articles suggest where nothing is known; see `index.readings.suggest`.

        ArticleNotFound for an id that is not there.
        """
        scope = self._known(Scope(articles=tuple(article_ids)))
        found = islice(self._store.articles(scope), MOST_READ) if scope.articles else ()
        return suggest(list(found), dict(self.publishers()))

    def accept(self, article_ids: Sequence[str]) -> tuple[Article, ...]:
        """Set what is suggested for articles, of each field the likeliest; those that this changed.

        A day that can be read in two ways is left to people. All are set, or none.
        """
        likely = {one: likeliest(found) for one, found in self.suggest(article_ids).items()}
        values = {one: check_edits(found) for one, found in likely.items() if found}
        if not values:
            return ()
        with self._store.change(_command()) as change:
            for one, found in values.items():
                change.edit(one, found)
        return tuple(self._store.articles(Scope(articles=tuple(values))))

    def merge_publishers(self, names: Sequence[str], into: str) -> int:
        """Say that `names` are one publisher, `into`; the number of articles that this renames.

        It holds for articles that are added later as well. LibraryError where no article has such a name.
        """
        check_merger(names, into)
        ids = tuple(one.id for one in self._store.articles(Scope(tuple(names))))
        if not ids:
            raise LibraryError(
                f"No article of {self.address} is by {' or '.join(names) or 'nobody'}: `whosays list` shows"
                " the publishers"
            )
        self.edit(ids, {"publisher": into})
        merge_names(self.path, names, into)
        return len(ids)

    def search(
        self,
        query: str,
        *,
        k: int = 12,
        vector: Vectors | None = None,
        fuse: Fuse = weighted_scores,
        scope: Scope = EVERYTHING,
        **parts: Unpack[ScopeParts],
    ) -> list[Hit]:
        """The `k` best chunks, best first, fewer only where fewer stand in the articles that count.

        Which these are `scope` says, or its parts by name: `publishers`, `since`, `until`, `articles`.
        `vector`, (dimension,), is the query's where the library's embedder has made it already; `fuse` makes
        one ranking of what both legs find. Raises
        QuestionError for a blank query, LibraryError for a `k` below 1 or a date that is none,
        ArticleNotFound for an id that is not there.
        """
        if not query.strip():
            raise QuestionError("The question is empty: ask something")
        if k < 1:
            raise LibraryError(f"k = {k} passages cannot be found: ask for 1 or more")
        within = self._known(scope.with_parts(**parts))
        if vector is None:
            (vector,) = self.embedder.embed([query], query=True)
        asked = SearchQuery(query, vector, fuse)
        return list(self._store.search(asked, k=k, within=within).hits)

    def search_each(
        self,
        queries: Sequence[str],
        *,
        k: int = 12,
        fuse: Fuse = weighted_scores,
        depth: int = 100,
        scope: Scope = EVERYTHING,
        **parts: Unpack[ScopeParts],
    ) -> list[list[Hit]]:
        """What `search` finds for each of many queries, in a fraction of the time.

        `depth` is how many candidates each leg proposes, at least; `fuse` needs fewer the more it goes by
        the first of each. Raises what `search` raises.
        """
        if not all(query.strip() for query in queries):
            raise QuestionError("One of the questions is empty: ask something")
        if k < 1:
            raise LibraryError(f"k = {k} passages cannot be found: ask for 1 or more")
        within = self._known(scope.with_parts(**parts))
        found: list[list[Hit]] = []
        for first in range(0, len(queries), _SEARCHED_AT_ONCE):
            some = queries[first : first + _SEARCHED_AT_ONCE]
            vectors = self.embedder.embed(some, query=True)
            asked = [SearchQuery(one, vector, fuse, depth) for one, vector in zip(some, vectors, strict=True)]
            found += [list(one.hits) for one in self._store.search_each(asked, k=k, within=within)]
        return found

    def sample(
        self, most: int, *, scope: Scope = EVERYTHING, **parts: Unpack[ScopeParts]
    ) -> tuple[list[Hit], Vectors]:
        """At most `most` chunks, evenly over the articles, by id; and their vectors, (chunks, dimension).

        The scope is as for `search`. The scores of the hits are 0: nothing was searched for.
        """
        within = self._known(scope.with_parts(**parts))
        sampled = self._store.search(None, k=most, within=within)
        return list(sampled.hits), sampled.vectors

    def articles(self, *, scope: Scope = EVERYTHING, **parts: Unpack[ScopeParts]) -> Iterator[Article]:
        """By id, as they stand when the first is asked for; the scope is as for `search`."""
        return self._store.articles(self._known(scope.with_parts(**parts)))

    def listing(
        self,
        *,
        sought: str = "",
        scope: Scope = EVERYTHING,
        first: int = 0,
        most: int = 50,
        order: Order = "date",
        group: Group = "",
        **parts: Unpack[ScopeParts],
    ) -> Listing:
        """Articles `first` up to `first + most` without their texts, and how many there are.

        Every word of `sought` stands in the title, publisher, author or file name of an article, or in its
        text, as the word index knows words: any form of them there. The scope is as for `search`. By
        "date" the newest come first, by "added" those added last; those without what orders them come last.
        By "missing" those come first of which the publisher, the date or the title is not known.
        With `group` the articles of a publisher, or of a month, stand together, each group in that order.
        """
        within = self._known(scope.with_parts(**parts))
        sought = sought.encode(errors="replace").decode()  # of half a character nothing can be found
        return self._store.list(ListQuery(within, sought, first, most, order, group))

    def count_undated(self, *, sought: str = "", scope: Scope = EVERYTHING) -> int:
        """How many articles the dates of a scope leave out because they state none; 0 without dates."""
        if not (scope.since or scope.until):
            return 0
        every, dated = (
            self.listing(sought=sought, scope=replace(scope, since=since, until=until), most=1).total
            for since, until in ((None, None), ("0001", "9999"))
        )
        return every - dated

    def publishers(self) -> tuple[tuple[str, int], ...]:
        """Every stated publisher, by name, with the number of its articles."""
        return self._store.list(ListQuery(publishers=True)).publishers

    def period(self) -> tuple[str | None, str | None]:
        """The first and the last date that an article states, as it states it; None where none does."""
        return self._store.list(ListQuery(period=True)).period

    def article(self, article_id: str) -> Article:
        """The article with this id; ArticleNotFound when it is not there."""
        for article in self._store.articles(Scope(articles=(article_id,))):
            return article
        raise ArticleNotFound(
            f"No article {article_id} stands in the library {self.address}: list shows the ids"
        )

    @property
    def chunk_settings(self) -> ChunkSettings:
        """How articles are cut here, for another process."""
        return ChunkSettings(self.embedder.vocabulary(), self._chunk_tokens, self._overlap_sentences)

    def chunks(self, article: Article) -> tuple[Chunk, ...]:
        """An article cut as this library cuts."""
        if self._count is None:
            self._count = TokenCounter(self.embedder.vocabulary())
        return chunk(
            article,
            count=self._count,
            chunk_tokens=self._chunk_tokens,
            overlap_sentences=self._overlap_sentences,
        )

    def _known(self, scope: Scope) -> Scope:
        """The scope, once its dates are dates and its articles stand here."""
        scope.bounds()  # what is no date is said here, also of a library without articles
        ids = scope.articles
        if ids and self._store.list(ListQuery(Scope(articles=ids))).total < len(ids):
            unknown = sorted(set(ids) - self._known_ids(ids))
            if unknown:
                more = f" (nor {len(unknown) - 1:,} others of those named)" if unknown[1:] else ""
                raise ArticleNotFound(
                    f"No article {unknown[0]} stands in the library {self.address}{more}: list shows the ids"
                )
        return scope

    def _known_ids(self, article_ids: Sequence[str]) -> frozenset[str]:
        """Those of `article_ids` that stand here."""
        if not article_ids:
            return frozenset()
        only = Scope(articles=tuple(article_ids))
        return frozenset(one.id for one in self._store.list(ListQuery(only, most=len(article_ids))).articles)

    def _check_settings(self) -> None:
        for name, asked in (
            ("chunk_tokens", self._chunk_tokens),
            ("overlap_sentences", self._overlap_sentences),
        ):
            built_with = self._store.info.manifest[name]
            if built_with != str(asked):
                raise LibraryError(
                    f"The library {self.address} was built with {name} = {built_with}, not with {asked}:"
                    f" set {name} to {built_with}, or add all articles to a new library"
                )


def _check_some(values: Mapping[str, str | None]) -> dict[str, str | None]:
    """As `check_edits`; LibraryError where there are none."""
    checked = check_edits(values)
    if not checked:
        raise LibraryError(f"nothing is set: give a value for any of {', '.join(EDITABLE)}")
    return checked


def _stands_in(place: str, beneath: str) -> bool:
    """Whether a place is a file, a record of it, or lies in the folder."""
    return place == beneath or place.startswith((beneath.rstrip(os.sep) + os.sep, f"{beneath}#"))


def library_place(path: str | Path) -> str:
    """The same for all ways to write where one library stands."""
    address = milvus_address(path)
    return address.text if address else str(Path(path).expanduser().absolute())


def _open_store(path: str | Path, *, create: bool, manifest: Mapping[str, str]) -> Store:
    address = milvus_address(path)
    if address is not None:
        return MilvusStore.open(address, create=create, manifest=manifest)
    folder = Path(path).expanduser().absolute()
    return LocalStore.open(folder, create=create, manifest={**manifest, "dense": "flat"})


def _cut_where_new(
    one: Loaded | Outcome, cut: Cut, known: Set[str]
) -> tuple[Loaded | Outcome, tuple[Chunk, ...]]:
    """With its chunks; without any where the article is known, or refused, perhaps by `cut`."""
    if isinstance(one, Outcome) or one.article.id in known:
        return one, ()
    try:
        return one, cut(one.article)
    except SourceRefused as refusal:
        return refuse(one.place, str(refusal)), ()


def _command() -> str:
    """What another process is told that we are doing: the command's name and its verb."""
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]]) if sys.argv and sys.argv[0] else "python"
