"""`backup`: a copy of a library that stands for one moment, made while others read and write."""

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from index.care.check import Checked, check, local_folder
from index.errors import LibraryError
from index.local.schema import FILE, check_folder, check_owner, connect, translate_errors

# Files beside the database that grow line by line, or are put in place of an earlier one as a whole.
_LINES = ("rulings.jsonl", "publishers.jsonl", "notebook.jsonl", "refusals.jsonl")
_DRAFT = f"{FILE}.part"


@dataclass(frozen=True, slots=True)
class Backup:
    """Where the copy stands, and what `check` says of it."""

    folder: Path
    found: Checked


def backup(path: str | Path, target: str | Path) -> Backup:
    """Copies the library in the folder `path` into the new or empty folder `target`, as it is now.

    The copy is a library: it can be opened where it is. It holds articles, passages, vectors, people's
    rulings and their notebook, and what was refused; its indexes are made again when it is first asked.
    LibraryError where either folder is none, and when the disk is full.
    """
    folder, into = local_folder(path), Path(target).expanduser().absolute()
    check_folder(folder, create=False)
    _check_target(folder, into)
    draft = into / _DRAFT
    try:
        into.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with translate_errors(folder), closing(connect(folder)) as connection:
            check_owner(connection, folder)
            _copy(connection, draft, into)
        for name in _LINES:
            with suppress(FileNotFoundError):
                lines = (folder / name).read_bytes()
                (into / name).write_bytes(lines[: lines.rfind(b"\n") + 1])
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.rename(into / FILE)
    except OSError as error:
        raise LibraryError(
            f"The backup {into} cannot be written ({error.strerror}): free space, or name another"
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return Backup(into, check(into))


def _copy(connection: sqlite3.Connection, draft: Path, into: Path) -> None:
    """Of one snapshot; writers go on. What cannot be written is the copy, and not the library."""
    try:
        connection.execute("VACUUM INTO ?", (str(draft),))
    except sqlite3.OperationalError as error:
        said = str(error)
        if not any(one in said for one in ("full", "unable to open", "disk I/O")):
            raise
        raise LibraryError(
            f"The backup {into} cannot be written ({said}): free space, or name another"
        ) from error


def _check_target(folder: Path, into: Path) -> None:
    if into == folder or folder in into.parents:
        raise LibraryError(f"{into} lies in the library itself: name a folder elsewhere")
    try:
        held = sorted({one.name for one in into.iterdir()} - {_DRAFT}) if into.exists() else []
    except OSError as error:
        raise LibraryError(f"{into} cannot be read ({error.strerror}): name an empty folder") from error
    if held:
        raise LibraryError(f"{into} is not empty, it holds {held[0]}: name a new folder for the backup")
