"""A library in a folder that nobody may write, or on read-only media, read without a file beside it.

SQLite wants two files beside a database that may be written meanwhile, and tantivy a lock in its folder.
Where neither can be made, the database is read as a file that does not change, and the word index through
links in a folder of one's own. Somebody else may write the library all the same; so what was read is held
against the file, which tells whether it changed.
"""

import json
import os
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.errors import LibraryError, LibraryInUse, LibraryReadOnly
from index.local.lexical import files_of


def is_read_only(file: Path) -> bool:
    """Whether the database `file`, which stands there, may be read here and not written, nor its folder."""
    return file.exists() and not (os.access(file.parent, os.W_OK | os.X_OK) and os.access(file, os.W_OK))


def read_only_error(folder: Path) -> LibraryReadOnly:
    """The error of a change to such a library."""
    return LibraryReadOnly(
        f"The library {folder} is read-only: its folder cannot be written here. Allow writing; or copy it"
        f" with `whosays backup COPY --library {folder}`, and change the copy"
    )


class SettledConnection(sqlite3.Connection):
    """To a database that is taken not to change: nobody is kept from changing it."""

    stood: tuple[object, ...] = ()
    file = Path()

    def still_stands(self) -> bool:
        """Whether the file is what it was when it was opened."""
        return _look_at(self.file) == self.stood


def connect_to_read(file: Path, *, timeout_s: float) -> sqlite3.Connection:
    """A connection that changes nothing, to a database in write-ahead mode in a folder that is read-only.

    Beside a log that somebody keeps there it follows their changes. LibraryError where what a log holds
    cannot be read.
    """
    address = f"{file.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(
        address, uri=True, isolation_level=None, check_same_thread=False, timeout=timeout_s
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if not any(said in str(error) for said in ("unable to open", "readonly")):
            return connection  # what is wrong with it is told by who reads it
    else:
        return connection
    connection.close()
    stood = _look_at(file)
    if _has_log(file):
        raise LibraryError(
            f"The library {file.parent} is read-only, and its last changes stand in {file.name}-wal alone,"
            " which cannot be read so: copy the whole folder to where you may write, and open that"
        )
    settled = sqlite3.connect(
        f"{address}&immutable=1",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        factory=SettledConnection,
    )
    settled.file, settled.stood = file, stood
    return settled


@contextmanager
def hold_against_file(connection: sqlite3.Connection, folder: Path) -> Iterator[None]:
    """What is read in the block is of one state; LibraryInUse where the file changed meanwhile."""
    if not isinstance(connection, SettledConnection):
        yield
        return
    try:
        yield
    except (LibraryError, sqlite3.Error) as error:
        if connection.still_stands():
            raise
        raise _changed_error(folder) from error
    if not connection.still_stands():
        raise _changed_error(folder)


def _changed_error(folder: Path) -> LibraryInUse:
    return LibraryInUse(f"The library {folder} was changed by somebody else while it was read: ask again")


def _look_at(file: Path) -> tuple[object, ...]:
    """What differs once somebody has written the database."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, _has_log(file)


def _has_log(file: Path) -> bool:
    try:
        return file.with_name(f"{file.name}-wal").stat().st_size > 0
    except OSError:
        return False


class LinkedWords:
    """The word index of a library in a folder of one's own: by links to its files, which stay where they are.

    What the index lacks can be added here, and is gone with the folder, at `close` or with the process.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is the library's. LibraryError where there is no place for temporary files."""
        self._source = folder / "lexical"
        try:
            self._own = Path(tempfile.mkdtemp(prefix="whosays-words-"))
        except OSError as error:
            raise LibraryError(
                f"There is no folder for temporary files ({error}), and the library {folder} is read-only:"
                " name one that you may write to with TMPDIR"
            ) from error
        self.close = weakref.finalize(self, shutil.rmtree, self._own, ignore_errors=True)
        self._commit: bytes | None = None
        self._number = 0

    def folder(self) -> Path:
        """Where the index is to be opened now: a new place once the library's has another state."""
        commit = self._read_commit()
        if self._commit is None or commit != self._commit:
            self._number += 1
            self._link(self._place, commit)
            self._commit = commit
        return self._place

    @property
    def _place(self) -> Path:
        return self._own / str(self._number)

    def _read_commit(self) -> bytes:
        try:
            return (self._source / "meta.json").read_bytes()
        except OSError:
            return b""

    def _link(self, place: Path, commit: bytes) -> None:
        """tantivy's account of its files is copied, so that it names none that are not linked."""
        try:
            place.mkdir()
            if not commit:
                return
            (place / "meta.json").write_bytes(commit)
            with suppress(ValueError):  # a damaged account: the index is made again
                for name in files_of(json.loads(commit)):
                    _link_or_copy(self._source / name, place / name)
        except OSError as error:
            raise LibraryError(
                f"{place} cannot be written ({error.strerror}): free space for temporary files, or name"
                " another folder for them with TMPDIR"
            ) from error


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source)
    except (OSError, NotImplementedError):  # on Windows only for whoever may make links
        with suppress(FileNotFoundError):  # merged into another meanwhile
            shutil.copyfile(source, target)
