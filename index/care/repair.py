"""`repair`: a damaged library made anew from all that is still as it was written."""

import shutil
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

from index.adding import Progress
from index.care.check import Checked, check, local_folder
from index.care.contents import Contents, Stored, open_as_it_is
from index.embed import open_embedder
from index.errors import LibraryError, LibraryReadOnly
from index.local import aside_rows
from index.local.lock import WriterLock
from index.local.read_only import is_read_only
from index.local.schema import FILE, REPAIR, connect
from index.local.store import LocalStore
from index.records import Change, Chunk, Embedder
from index.text.chunk import TokenCounter, chunk

_AT_ONCE = 2_000  # articles in one change
_SAME = 0.99  # cosine of two vectors of one text by one embedder, whatever computed them
# What a library was built with where the database no longer says so: `index.library.Library.open`'s defaults.
_USUAL = {"chunk_tokens": "200", "overlap_sentences": "1"}


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was found and done: `renewed` articles were cut and embedded again, `lost` ones are gone.

    `kept` is the file that the damaged database was moved to, None where it needed no mending.
    """

    found: Checked
    renewed: int
    lost: tuple[str, ...]
    kept: Path | None


def repair(
    path: str | Path, *, embedder: Embedder | None = None, progress: Progress | None = None
) -> Repaired:
    """Makes anew whatever `check` finds; a damaged database is kept beside the new one.

    `embedder` is the one that the library was built with, by default the bundled one. A kill at any moment
    leaves the damaged library, or one whose repair the next call ends. LibraryError where nothing can be
    read, for another embedder, and while somebody writes.
    """
    folder = local_folder(path)
    if not folder.is_dir():
        raise LibraryError(f"There is no library at {folder}: check the path")
    if is_read_only(folder / FILE):
        raise LibraryReadOnly(
            f"The library {folder} is read-only: allow writing, or copy its folder to where you may write,"
            " and repair the copy"
        )
    with WriterLock(folder).hold("whosays repair", wait_s=1.0):
        if (folder / REPAIR / FILE).exists() and not (folder / FILE).exists():
            _take_over(folder)
        found = check(folder)
        renewed, kept = 0, None
        if not found.whole:
            renewed = _Anew(folder, embedder or open_embedder()).make(found.articles, progress)
            kept = _put_away(folder)
            _take_over(folder)
        elif not found.sound:
            _remove_derived(folder)
    with closing(LocalStore.open(folder, create=False, manifest={})) as store:
        store.make_indexes()
    return Repaired(found, renewed, tuple(one.says for one in found.findings if one.means == "lost"), kept)


class _Anew:
    """A library of all that can still be read, made in `REPAIR`."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._folder = folder
        self._embedder = embedder
        self._count = TokenCounter(embedder.vocabulary())
        self._renewed = 0

    def make(self, articles: int, progress: Progress | None) -> int:
        """The number of articles that were cut and embedded again."""
        shutil.rmtree(self._folder / REPAIR, ignore_errors=True)
        with open_as_it_is(self._folder) as connection:
            contents = Contents(connection)
            self._built_with = self._manifest(contents)
            whole = (one for one in contents.articles(closely=True) if isinstance(one, Stored))
            made = LocalStore.open(self._folder / REPAIR, create=True, manifest=self._built_with)
            with closing(made) as store:
                done = count()
                while batch := list(islice(whole, _AT_ONCE)):
                    with store.change("whosays repair") as change:
                        for one in batch:
                            if progress:
                                progress(next(done), articles, one.places[0][0])
                            self._put(one, change)
            self._keep_aside(contents)
        return self._renewed

    def _keep_aside(self, contents: Contents) -> None:
        """What was removed and can be put back, as far as it is as it was written."""
        with closing(connect(self._folder / REPAIR)) as made:
            for row in contents.aside():
                if aside_rows.read(row) is not None:
                    aside_rows.insert(made, row)

    def _put(self, one: Stored, change: Change) -> None:
        new = [change.put(one.article, place=place, origin=origin) for place, origin in one.places]
        if not any(new):
            return
        if one.chunks is not None and one.vectors is not None:
            change.add_chunks(one.chunks, one.vectors)
            return
        chunks = self._cut(one)
        change.add_chunks(chunks, self._embedder.embed([own.text for own in chunks]))
        self._renewed += 1

    def _cut(self, one: Stored) -> tuple[Chunk, ...]:
        return chunk(
            one.article,
            count=self._count,
            chunk_tokens=int(self._built_with["chunk_tokens"]),
            overlap_sentences=int(self._built_with["overlap_sentences"]),
        )

    def _manifest(self, contents: Contents) -> Mapping[str, str]:
        left, sound = contents.manifest()
        ours = self._embedder.name
        built_with = {
            name: left[name] if left.get(name, "").isdecimal() else usual for name, usual in _USUAL.items()
        }
        if sound and left["embedder"] != ours:
            raise LibraryError(
                f"The library {self._folder} was built with the embedder {left['embedder']} and cannot"
                f" be mended with {ours}: name the other in the setting `embedder`"
            )
        if not sound:
            self._check_embedder(contents)
        return {"embedder": ours, **built_with, "dense": "flat"}

    def _check_embedder(self, contents: Contents) -> None:
        """LibraryError unless it gives the vector that stands there for a passage."""
        for one in contents.articles():
            if isinstance(one, Stored) and one.chunks and one.vectors is not None:
                (vector,) = self._embedder.embed([one.chunks[0].text])
                stands = one.vectors[0]
                if vector.shape != stands.shape or float(vector @ stands) < _SAME:
                    raise LibraryError(
                        f"The library {self._folder} no longer says which embedder it was built with, and it"
                        f" was not {self._embedder.name}: name that one in the setting `embedder`"
                    )
                return


def _put_away(folder: Path) -> Path:
    """The damaged database, and what SQLite's log holds of it, under a name of its own."""
    names = (f"{FILE}.damaged{'' if number == 1 else f'-{number}'}" for number in count(1))
    kept = next(folder / name for name in names if not (folder / name).exists())
    for part in ("", "-wal"):  # without a database a repair is taken for one that ends here
        if (folder / f"{FILE}{part}").exists():
            (folder / f"{FILE}{part}").rename(kept.with_name(f"{kept.name}{part}"))
    return kept


def _take_over(folder: Path) -> None:
    """What was made in `REPAIR`, in place of what stood in the library."""
    for part in ("-shm", "-wal"):  # of the database that was put away
        (folder / f"{FILE}{part}").unlink(missing_ok=True)
    (folder / REPAIR / FILE).rename(folder / FILE)
    _remove_derived(folder)
    for made in _list_derived(folder / REPAIR):
        made.rename(folder / made.name)
    shutil.rmtree(folder / REPAIR, ignore_errors=True)


def _remove_derived(folder: Path) -> None:
    for made in _list_derived(folder):
        if made.is_dir():
            shutil.rmtree(made, ignore_errors=True)
        else:
            made.unlink(missing_ok=True)


def _list_derived(folder: Path) -> Iterable[Path]:
    """Both indexes; what a survey remembers looks after itself."""
    return [*folder.glob("lexical"), *folder.glob("dense*")]
