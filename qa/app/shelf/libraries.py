"""The shelf: named libraries, each a folder under one root; and the bundled one, which nobody changes."""

import itertools
import os
import re
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from time import monotonic
from typing import Self

import platformdirs

from index.care.backup import backup
from index.errors import LibraryError
from index.local.lock import WriterLock
from index.local.read_only import is_read_only
from index.local.schema import FILE, identify_folder
from qa.app.shelf.removed_libraries import RemovedLibraries
from qa.app.shelf.renamed_libraries import RenamedLibraries
from qa.library import Library

BUNDLED = "Example articles"
FIRST = "My articles"  # of a shelf without the bundled one
NAME_CHARS = 60
# What nobody has asked for so long holds memory and files for nothing; no question takes so long.
UNUSED_S = 30 * 60.0
# Source: Microsoft, "Naming Files, Paths, and Namespaces": no files there, whatever follows a full stop.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def default_root() -> Path:
    """Where the libraries of this user are kept."""
    return platformdirs.user_data_path("whosays") / "libraries"


class Shelf:
    """All libraries of a user, opened when wanted and closed when long unused. Threads may share it."""

    def __init__(
        self,
        root: Path,
        *,
        open_at: Callable[[Path], Library],
        open_bundled: Callable[[], Library] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`open_at` opens the library in a folder, or makes one there; `open_bundled` the bundled one.

        `clock` gives seconds that never go back.
        """
        self.root = root
        self._open_at = open_at
        self._open_bundled = open_bundled
        self._guard = threading.Lock()
        self._opened: dict[str, tuple[int, Library]] = {}
        self._clock, self._used = clock, dict[str, float]()
        self._renamed = RenamedLibraries(root)
        self._removed = RemovedLibraries(root)
        self.is_surveyed: Callable[[Path], bool] = lambda _: False
        """Whether the library in a folder is being compared: until that has ended it stays."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def names(self) -> tuple[str, ...]:
        """The bundled library first, then the user's by name, as they stand on the disk now."""
        own = sorted((name for name in self._folders()), key=str.casefold)
        return (*([BUNDLED] if self._open_bundled else []), *own)

    def is_read_only(self, name: str) -> bool:
        """Whether nothing may be added to or removed from the library of this name."""
        return name == BUNDLED or is_read_only(self.root / name / FILE)

    @property
    def is_sealed(self) -> bool:
        """Whether none can be made, renamed or removed: nothing can be written where they stand."""
        there = next(one for one in (self.root, *self.root.absolute().parents) if one.exists())
        return not os.access(there, os.W_OK | os.X_OK)

    def create(self, name: str) -> Library:
        """A new, empty library. Raises LibraryError for a name that is taken or cannot be a folder's."""
        with self._guard:
            folder = self._free_folder(name)
            library = self._open_at(folder)
            self._opened[folder.name] = (identify_folder(folder), library)
            self._used[folder.name] = self._clock()
            self._settle(folder.name)
            return library

    def copy(self, name: str, new: str) -> str:
        """A copy of the library `name` as it is now, rulings included; its name as it is kept.

        Articles keep their ids and places. Raises LibraryError as `create` does.
        """
        source = self.open(name)
        with self._guard:
            folder = self._free_folder(new)
            backup(source.path, folder)
            self._settle(folder.name)
            return folder.name

    def rename(self, name: str, new: str) -> str:
        """Call a library `new`, and give that name as it is kept; what knows the old one finds it still.

        Raises LibraryError for a name as `create` does, and while the library is written or surveyed.
        """
        with self._guard:
            folder = self._put_down(name, "renamed")
            kept = check_name(new)
            # Of the same letters in another size it is the same folder, on a disk that tells no sizes apart.
            target = self.root / kept if kept.casefold() == name.casefold() else self._free_folder(new)
            with _explain(name, "renamed"):
                folder.rename(target)
            self._settle(kept)
            self._renamed.note(name, kept)
            return kept

    def remove(self, name: str) -> None:
        """Take a library off the shelf; for a day `put_back` brings it back. Raises as `rename` does.

        And for the only one: a shelf that was opened never becomes empty.
        """
        with self._guard:
            if set(self.names()) == {name}:
                raise LibraryError("This is the only library here: create another before removing it")
            folder = self._put_down(name, "removed")
            with _explain(name, "removed"):
                self._removed.put_away(folder)
            self._removed.forget_old()

    def removed(self) -> tuple[str, ...]:
        """The names of the libraries that can be put back, those removed last first."""
        return self._removed.names()

    def put_back(self, name: str) -> None:
        """Put the library of this name that was removed last back on the shelf, as it was.

        Raises LibraryError where there is none any more, and where another one has that name by now.
        """
        with self._guard:
            self._removed.take_back(name, self._free_folder(name))
            self._settle(name)

    def current_name(self, name: str) -> str:
        """What the library is called now that was once called `name`; the same where nobody renamed it."""
        return name if name in self.names() else self._renamed.current(name)

    def _free_folder(self, name: str) -> Path:
        """Where a library of this name can be made. Raises LibraryError, saying what is wrong with it."""
        name = check_name(name)
        folder = self.root / name
        if name.casefold() in {one.casefold() for one in self.names()} or folder.exists():
            raise LibraryError(f"There is a library {name} already: open it, or choose another name")
        return folder

    def _settle(self, name: str) -> None:
        """A library of this name stands here now: no renamed one is meant by it any more."""
        self._renamed.forget(name)
        self._removed.forget_old()

    def _put_down(self, name: str, done: str) -> Path:
        """The folder of a library that nobody writes, and that is not open here any more.

        `done` says to what end. LibraryError while it is written or surveyed.
        """
        if name not in self.names():
            raise LibraryError(f"There is no library {name} any more")
        if name == BUNDLED:
            raise LibraryError(f"The library {name} cannot be {done}: it is the one of the examples")
        folder = self.root / name
        if self.is_surveyed(folder):
            raise LibraryError(
                f"The library {name} cannot be {done} while its articles are compared: wait until that has"
                " ended"
            )
        with WriterLock(folder).hold("whosays chat"):
            _, library = self._opened.pop(name, (0, None))
            if library is not None:
                library.close()
        return folder

    def open(self, name: str) -> Library:
        """The library of this name. Raises LibraryError where there is none, or it cannot be opened."""
        with self._guard:
            if name not in self.names():
                raise LibraryError(
                    f"There is no library {name}: there are {', '.join(self.names()) or 'none yet'}"
                )
            folder = self.root / name
            self._used[name] = self._clock()
            self._close_unused()
            made, library = self._opened.get(name, (0, None))
            if library is not None and (name == BUNDLED or made == identify_folder(folder)):
                return library
            if library is not None:  # another one stands there by now
                library.close()
            if name == BUNDLED and self._open_bundled:
                library = self._open_bundled()
            else:
                library = self._open_at(folder)
            self._opened[name] = (identify_folder(library.path), library)
            return library

    def _close_unused(self) -> None:
        """Close what has long not been asked for, unless it is written or surveyed."""
        before = self._clock() - UNUSED_S
        for name in [one for one in self._opened if one != BUNDLED and self._used.get(one, before) < before]:
            folder = self.root / name
            if self.is_surveyed(folder):
                continue
            library = self._opened[name][1]
            with suppress(LibraryError):  # in use: another time
                with nullcontext() if library.is_read_only else WriterLock(folder).hold("whosays chat"):
                    self._opened.pop(name)[1].close()
                del self._used[name]

    def close(self) -> None:
        """Let go of all; what is asked for later is opened anew."""
        with self._guard:
            for _, library in self._opened.values():
                library.close()
            self._opened.clear()

    def _folders(self) -> list[str]:
        try:
            found = [entry for entry in self.root.iterdir() if (entry / FILE).is_file()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise LibraryError(
                f"The libraries in {self.root} cannot be listed ({error.strerror}): allow reading"
            ) from error
        return [entry.name for entry in found if not entry.is_symlink() and _flaw(entry.name) == ""]


class Choice:
    """The library of a shelf that a visitor asks: for each one the library of the name that `wanted` gives.

    With `fixed` nothing may be changed: no library made, no article added or removed.
    """

    def __init__(self, shelf: Shelf, wanted: Callable[[], str], *, fixed: bool = False) -> None:
        self.shelf = shelf
        self._fixed = fixed
        self._wanted = wanted

    @property
    def fixed(self) -> bool:
        """Whether no library can be made, renamed or removed."""
        return self._fixed or self.shelf.is_sealed

    @property
    def name(self) -> str:
        """That wanted, or the first of the shelf. Raises LibraryError where the shelf is empty."""
        names = self.shelf.names()
        if not names:
            raise LibraryError("There is no library yet: create one by giving it a name")
        wanted = self.shelf.current_name(self._wanted())
        return wanted if wanted in names else names[0]

    def library(self) -> Library:
        """The one wanted, open."""
        return self.shelf.open(self.name)

    def is_read_only(self) -> bool:
        """Whether nothing may be added to it or removed from it."""
        return self._fixed or self.shelf.is_read_only(self.name)

    def create(self, name: str) -> str:
        """Make a library, and give its name as it is kept; it can be wanted from then on."""
        self._check_changes()
        self.shelf.create(name)
        return check_name(name)

    def copy(self, name: str, source: str = "") -> str:
        """Make a copy of the library `source`, else of the one wanted, and give its name as it is kept.

        Articles keep their ids, so what cites one stays true of its copy.
        """
        self._check_changes()
        return self.shelf.copy(source or self.name, name)

    def rename(self, name: str, new: str) -> str:
        """As `Shelf.rename`."""
        self._check_changes()
        return self.shelf.rename(name, new)

    def remove(self, name: str) -> None:
        """As `Shelf.remove`."""
        self._check_changes()
        self.shelf.remove(name)

    def put_back(self, name: str) -> None:
        """As `Shelf.put_back`."""
        self._check_changes()
        self.shelf.put_back(name)

    def _check_changes(self) -> None:
        if self.fixed:
            raise LibraryError("The libraries here are read-only: none can be made or changed")

    def free_name(self, name: str) -> str:
        """`name`, or the first of "name 2", "name 3" … that no library has."""
        taken = {one.casefold() for one in self.shelf.names()}
        numbered = (f"{name} {number}" for number in itertools.count(2))
        return next(one for one in itertools.chain([name], numbered) if one.casefold() not in taken)


@contextmanager
def _explain(name: str, done: str) -> Iterator[None]:
    """A folder that cannot be moved, as LibraryError."""
    try:
        yield
    except OSError as error:
        raise LibraryError(
            f"The library {name} cannot be {done} ({error.strerror}): close what has its files open"
        ) from error


def check_name(name: str) -> str:
    """`name` as a folder may be called on every system. Raises LibraryError, saying what is wrong with it."""
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    flaw = _flaw(name)
    if not flaw and name.casefold().endswith(".db"):
        flaw = "a name that ends in .db is one of a library in Milvus Lite"
    if flaw:
        raise LibraryError(f"A library cannot be called “{name[:NAME_CHARS]}”: {flaw}")
    return name


def _flaw(name: str) -> str:
    if not name:
        return "give it a name"
    if len(name) > NAME_CHARS:
        return f"at most {NAME_CHARS} characters"
    if not all(one.isalnum() or unicodedata.combining(one) or one in " -_.,()" for one in name):
        return "letters, digits, spaces and - _ . , ( ) only"
    if name[0] in " .-" or name[-1] in " .":
        return "begin with a letter or digit, and end without a full stop"
    if _DEVICES.fullmatch(name) or name.casefold() == BUNDLED.casefold():
        return "that name is taken by the system" if _DEVICES.fullmatch(name) else "that name is taken"
    return ""
