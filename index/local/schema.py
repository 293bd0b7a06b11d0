"""The shape of a library's database, and what is checked before one is opened or made."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from index.errors import LibraryError, LibraryInUse
from index.local.read_only import connect_to_read, is_read_only
from index.local.rows.earlier import ARTICLE, CHUNK, move
from index.local.rows.manifest import write_manifest
from index.local.rows.packing import unpack_text
from index.names import fold_publisher

FILE = "library.sqlite"
REPAIR = "repair"  # the folder in a library's own in which it is made anew
SCHEMA_VERSION = 6
_PATIENCE_S = 10.0
_APPLICATION_ID = 0x57484F53  # "WHOS", which tells our files from other SQLite files
# What a creation that was killed may leave; anything else in a folder means that it is not ours.
_OWN_FILES = {FILE, f"{FILE}-wal", f"{FILE}-shm", f"{FILE}-journal", "writer.lock", "writer.json", "lexical"}
# Articles that were removed and can be put back, with all that stood of them; see `index.aside`.
_ASIDE = """CREATE TABLE aside (
    id TEXT PRIMARY KEY, removed INTEGER NOT NULL, head TEXT NOT NULL, data BLOB NOT NULL, crc INTEGER)"""
# Tokens of earlier states; see `index.local.history`.
_PAST = "CREATE TABLE past (generation INTEGER PRIMARY KEY, token TEXT NOT NULL)"
_SCHEMA = """
CREATE TABLE manifest (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL, last_key INTEGER NOT NULL,
    articles INTEGER NOT NULL, chunks INTEGER NOT NULL, terms INTEGER NOT NULL, crc INTEGER,
    token TEXT NOT NULL);
INSERT INTO state VALUES (1, 0, 0, 0, 0, 0, NULL, lower(hex(randomblob(16))));
CREATE TABLE place (
    place TEXT PRIMARY KEY, origin TEXT NOT NULL, article_id TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX place_origin ON place (origin);
CREATE INDEX place_article ON place (article_id);
CREATE TABLE removed (key INTEGER PRIMARY KEY, generation INTEGER NOT NULL);
CREATE INDEX removed_generation ON removed (generation);
"""
# What brings a library of a version to the next one, in place. A column that is added costs nothing however
# large the library: its rows have no checksum until they are written again.
_UPGRADES = {
    1: tuple(
        f"ALTER TABLE {table} ADD COLUMN crc INTEGER" for table in ("article", "chunk", "vector", "state")
    ),
    2: (
        *(f"ALTER TABLE article ADD COLUMN {column} TEXT" for column in ("updated", "edited")),
        "UPDATE article SET publisher_folded = fold_publisher(publisher) WHERE publisher IS NOT NULL",
    ),
    3: (_ASIDE,),
    5: (_PAST, "ALTER TABLE state ADD COLUMN token TEXT NOT NULL DEFAULT ''"),
}
_LAST_APART = 4  # the last version with a passage's vector in a table of its own
# What a list of articles shows, in its orders, without the texts between: of 260,000 articles the first page
# comes in 1 ms instead of 640. Made again, by these names, in libraries that have none yet.
_INDEXES = """
DROP INDEX IF EXISTS article_publisher;
DROP INDEX IF EXISTS article_day;
CREATE INDEX IF NOT EXISTS article_by_publisher ON article (
    publisher_folded, publisher, last_day, first_day);
CREATE INDEX IF NOT EXISTS article_by_day ON article (
    last_day DESC, title IS NULL, title COLLATE NOCASE, id, publisher, author, uri, published,
    publisher_folded, first_day);
CREATE INDEX IF NOT EXISTS article_by_title ON article (
    title IS NULL, title COLLATE NOCASE, substr(opening, 1, 60) COLLATE NOCASE, id);
"""


@contextmanager
def translate_errors(folder: Path) -> Iterator[None]:
    """SQLite's errors as LibraryError, each with what to do."""
    try:
        yield
    except sqlite3.Error as error:
        said = str(error)
        if "closed" in said:
            raise LibraryError(f"The library {folder} has been closed: open it again") from error
        if not (folder / FILE).exists():
            raise LibraryError(
                f"The library {folder} is no longer there: open it where it is now, or restore it from a copy"
            ) from error
        if "locked" in said:
            raise LibraryInUse(
                f"The library {folder} is in use by another process; wait or stop it"
            ) from error
        if "full" in said or "disk I/O" in said:
            raise LibraryError(
                f"The library {folder} could not be written: {said}; free space on the disk"
            ) from error
        if "readonly" in said or "unable to open" in said:
            raise LibraryError(
                f"The library {folder} cannot be written: {said}; allow writing, or copy it"
            ) from error
        raise damage_error(folder, said) from error


def damage_error(folder: Path, what: str) -> LibraryError:
    """The error of a library whose database is not as it was written."""
    return LibraryError(
        f"The library {folder} is damaged: {what}; restore it from a backup, or mend it with"
        f" `whosays repair --library {folder}`, which tells what is lost"
    )


def connect(folder: Path, *, create: bool = False) -> sqlite3.Connection:
    """A connection in which transactions begin and end only where we say so; to a read-only one, to read."""
    if is_read_only(folder / FILE):
        return _define(connect_to_read(folder / FILE, timeout_s=_PATIENCE_S))
    address = f"{(folder / FILE).absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    connection = sqlite3.connect(
        address, uri=True, isolation_level=None, check_same_thread=False, timeout=_PATIENCE_S
    )
    _define(connection)
    try:
        _use_log(connection)
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _define(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.create_function("fold_publisher", 1, fold_publisher, deterministic=True)
    connection.create_function("unpack_text", 1, unpack_text, deterministic=True)
    return connection


def _use_log(connection: sqlite3.Connection) -> None:
    """A new file is given its log by one connection alone; SQLite refuses the others at once."""
    until = monotonic() + _PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > until:
                raise
            sleep(0.02)
        else:
            return


def upgrade(connection: sqlite3.Connection) -> None:
    """What an earlier version did not make yet; for the holder of the lock, outside a transaction.

    Libraries of earlier versions are read as they are, and upgraded by the first change.
    """
    version = _version(connection)
    if version < SCHEMA_VERSION:
        connection.execute("BEGIN IMMEDIATE")
        try:
            for step in range(version, SCHEMA_VERSION):
                for statement in _UPGRADES.get(step, ()):
                    connection.execute(statement)
                if step == _LAST_APART:
                    move(connection)
                connection.execute(f"PRAGMA user_version = {step + 1}")
            write_manifest(connection)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    for statement in _INDEXES.split(";\n"):
        connection.execute(statement)


def has_checksums(connection: sqlite3.Connection) -> bool:
    """Whether the rows of this library may have checksums."""
    return _version(connection) >= 2


def has_aside(connection: sqlite3.Connection) -> bool:
    """Whether removed articles may be kept aside in this library."""
    return _version(connection) >= 4


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _owner(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA application_id").fetchone()[0])


def identify_folder(folder: Path) -> int:
    """What tells a library from another one made later in its place; 0 when it is gone."""
    for path in (folder / FILE, folder):
        with suppress(OSError):
            return path.stat().st_ino
    return 0


def check_folder(folder: Path, *, create: bool) -> None:
    """LibraryError unless `folder` holds a library, or may come to hold one; made when missing."""
    try:
        if folder.exists() and not folder.is_dir():
            raise LibraryError(f"{folder} is a file, and a library is a folder: name another path")
        if not (folder / FILE).exists():
            if (folder / REPAIR / FILE).exists():
                raise LibraryError(
                    f"A repair of {folder} was stopped: end it with `whosays repair --library {folder}`"
                )
            if not create:
                raise LibraryError(
                    f"There is no library at {folder}: add articles to make one, or check the path"
                )
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise LibraryError(
                    f"No library can be made in {folder}: it is read-only; allow writing, or name another"
                )
            foreign = sorted({entry.name for entry in folder.iterdir()} - _OWN_FILES)
            if foreign:
                raise LibraryError(
                    f"{folder} is not a library: it holds {foreign[0]} and no {FILE}; name an empty folder"
                )
    except OSError as error:
        raise LibraryError(
            f"The library {folder} cannot be made or read ({error.strerror}): allow it, or name another path"
        ) from error


def check_or_create(
    connection: sqlite3.Connection, folder: Path, manifest: Mapping[str, str], *, create: bool
) -> None:
    """LibraryError unless the database is a library's; made into one, with `manifest`, when it is new."""
    if create and _version(connection) == 0 and _owner(connection) == 0:
        connection.execute("BEGIN IMMEDIATE")  # two processes may be creating it
        if _version(connection) == 0:
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise LibraryError(f"{folder / FILE} is another program's file: name another folder")
            tables = (ARTICLE.format("article"), CHUNK.format("chunk"), _ASIDE, _PAST)
            for statement in (*_SCHEMA.split(";\n"), *tables, *_INDEXES.split(";\n")):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            write_manifest(connection, **manifest)
        connection.execute("COMMIT")
    else:
        check_owner(connection, folder)


def check_owner(connection: sqlite3.Connection, folder: Path) -> None:
    """LibraryError unless the database is a library's, of this version or an earlier one."""
    if _owner(connection) != _APPLICATION_ID:
        raise LibraryError(
            f"{folder} is not a library: {FILE} is another program's file; name another folder"
        )
    version = _version(connection)
    if version > SCHEMA_VERSION:
        raise LibraryError(
            f"The library {folder} was made by a newer Whosays (schema {version}; this one reads"
            f" {SCHEMA_VERSION}): update Whosays"
        )
