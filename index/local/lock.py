"""One writer at a time: a lock on a library's folder that names its holder, and that dies with it."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import LibraryError, LibraryInUse


class WriterLock:
    """The operating system holds the lock, so that a killed process holds none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "writer.lock"
        # Not in the lock file itself, which other processes truncate when they try to take the lock.
        self._note = folder / "writer.json"

    @contextmanager
    def hold(self, command: str, *, wait_s: float = 0.0) -> Iterator[None]:
        """Hold the lock for the block; LibraryInUse, with the holder, when it is not free within `wait_s`."""
        lock = FileLock(self._path)  # a new one each time: one object may be taken twice by one thread
        try:
            lock.acquire(timeout=wait_s, poll_interval=0.02)
        except Timeout:
            raise LibraryInUse(
                f"The library {self._folder} is in use by {self._holder()}; wait until it is done, or stop it"
            ) from None
        except OSError as error:
            raise LibraryError(
                f"The library {self._folder} cannot be written ({error.strerror}): allow writing, or copy it"
            ) from error
        try:
            self._write_note(command)
            yield
        finally:
            lock.release()

    def _write_note(self, command: str) -> None:
        note = {"pid": os.getpid(), "host": socket.gethostname(), "command": command}
        try:
            self._note.write_text(json.dumps(note), encoding="utf-8")
        except OSError as error:
            raise LibraryError(
                f"The library {self._folder} cannot be written ({error.strerror}): free space on the disk"
            ) from error

    def _holder(self) -> str:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            where = "" if note["host"] == socket.gethostname() else f" on {note['host']}"
            return f"process {note['pid']}{where} ({note['command']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"
