"""`check`: whether a library in a folder is as it was written, and what of it is not."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.care.contents import Contents, Lost, open_as_it_is
from index.errors import LibraryError
from index.local import aside_rows, dense
from index.local.database import Counters, Database
from index.local.history import is_foreign, went_through
from index.local.lexical import LexicalIndex, Stamp, check_files
from index.local.read_only import LinkedWords
from index.local.schema import FILE, check_folder, translate_errors
from index.milvus import milvus_address

_TOLD = 5  # of what SQLite finds in its file


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written.

    `means` says what a repair makes of it: an article that is "lost" must be added again, what is "derived"
    is made again from the articles. `lost` is the number of articles that are.
    """

    means: Literal["lost", "derived"]
    says: str
    article_id: str | None = None
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, and what is not as it was written; `unsummed` articles have no checksum yet."""

    library: str
    articles: int
    unsummed: int
    findings: tuple[Finding, ...]
    whole: bool  # whether the database needs no mending

    @property
    def lost(self) -> int:
        """Articles that are gone, as far as can be told."""
        return sum(one.lost for one in self.findings)

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def check(path: str | Path) -> Checked:
    """Reads all of the library in a folder, and changes nothing. LibraryError where there is none to read."""
    folder = local_folder(path)
    check_folder(folder, create=False)
    stamps = _Stamps(folder)  # first: what is noted later may be of a later state than what is read here
    with translate_errors(folder), open_as_it_is(folder) as connection:
        findings, articles, unsummed = _rows(connection, closely=False)
        if findings:
            findings, articles, unsummed = _rows(connection, closely=True)
        foreign = [] if findings else list(stamps.foreign(Database(folder, connection)))
    derived = [*_words(folder), *_dense(folder), *foreign]
    return Checked(str(folder), articles, unsummed, (*findings, *derived), not findings)


class _Stamps:
    """What both indexes note of the state that they were made from; None where that cannot be read."""

    def __init__(self, folder: Path) -> None:
        self._dense = dense.read_stamp(folder)
        self._words: Stamp | None = None
        if (folder / "lexical").exists():
            # Opening the index where it stands would write there.
            with suppress(LibraryError), closing(LinkedWords(folder)) as links:
                self._words = LexicalIndex(links.folder()).view().stamp

    def foreign(self, database: Database) -> Iterator[Finding]:
        """Those of another library, or of a copy of this one that went another way."""
        now, library = database.counters(), database.manifest()["library"]
        if self._words and self._words.library and is_foreign(self._words, library, database, now):
            yield Finding("derived", "lexical: the word index is not that of these articles")
        saved = self._dense
        if saved and not (
            saved.library == library and went_through(database, now, saved.generation, saved.token)
        ):
            yield Finding("derived", f"{saved.file}: the dense index is not that of these articles")


def local_folder(path: str | Path) -> Path:
    """The folder of a library that is in one; LibraryError for those in Milvus."""
    address = milvus_address(path)
    if address is not None:
        raise LibraryError(
            f"{address.text} is kept by Milvus: check, repair and back it up with Milvus' own tools"
        )
    return Path(path).expanduser().absolute()


def _rows(connection: sqlite3.Connection, *, closely: bool) -> tuple[list[Finding], int, int]:
    """Findings, the number of articles that stand there as they were written, those of them unsummed."""
    contents = Contents(connection)
    stated = contents.counters()
    findings: list[Finding] = []
    articles = unsummed = chunks = 0
    for one in contents.articles(closely=closely):
        if isinstance(one, Lost):
            findings.append(Finding("lost", f"{one.name}: {one.flaw}", one.article_id or None, one.articles))
            continue
        articles += 1
        unsummed += not one.summed
        chunks += len(one.chunks or ())
        if one.flaw:
            says = f"{one.places[0][0]}: {one.flaw}; its passages can be made again"
            findings.append(Finding("derived", says, one.article.id))
        if not one.listed:
            says = f"{one.places[0][0]}: lists would place it wrongly"
            findings.append(Finding("derived", says, one.article.id))
    structure = _structure(connection, contents)
    if not contents.manifest()[1]:
        structure.append(Finding("derived", "what it was built with has changed"))
    findings += [
        Finding("lost", f"{own}: it was removed, and cannot be put back: what is kept of it has changed", own)
        for own, *rest in contents.aside()
        if aside_rows.read((own, *rest)) is None
    ]
    return [*structure, *findings, *_check_counters(stated, articles, chunks, findings)], articles, unsummed


def _check_counters(
    stated: Counters | None, articles: int, chunks: int, found: Sequence[Finding]
) -> Iterator[Finding]:
    """What the counters say beside what was found."""
    if stated is None:
        yield Finding("lost", "how many articles it held cannot be read: others may be missing")
    elif (nameless := stated.articles - articles - sum(one.lost for one in found)) > 0:
        yield Finding("lost", f"{nameless:,} articles of which no name is left", lost=nameless)
    elif not found and (stated.articles, stated.chunks) != (articles, chunks):
        yield Finding(
            "derived",
            f"it counts {stated.articles:,} articles and {stated.chunks:,} passages, and holds {articles:,}"
            f" and {chunks:,}",
        )


def _structure(connection: sqlite3.Connection, contents: Contents) -> list[Finding]:
    try:
        said = [line for (line,) in connection.execute(f"PRAGMA integrity_check({_TOLD})")]
    except sqlite3.DatabaseError as error:
        said = [str(error)]
    if said == ["ok"]:
        said = [contents.unreadable] if contents.unreadable else []
    return [Finding("derived", f"{FILE}: {line}") for line in said[:_TOLD]]


def _words(folder: Path) -> Iterator[Finding]:
    try:
        check_files(folder / "lexical")
    except LibraryError as error:
        yield Finding("derived", str(error))


def _dense(folder: Path) -> Iterator[Finding]:
    says = dense.flaw(folder)
    if says:
        yield Finding("derived", says)
