"""The shelf: named libraries, each a folder under one root; and the bundled one, which nobody changes."""

import itertools
import re
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Self

import platformdirs

from index.errors import LibraryError
from index.local.schema import FILE, identify_folder
from index.sources.load import Loaded
from qa.library import Library

BUNDLED = "Example articles"
NAME_CHARS = 60
# Source: Microsoft, "Naming Files, Paths, and Namespaces": no files there, whatever follows a full stop.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def default_root() -> Path:
    """Where the libraries of this user are kept."""
    return platformdirs.user_data_path("whosays") / "libraries"


class Shelf:
    """All libraries of a user, opened when first wanted and kept open until `close`. Threads may share it."""

    def __init__(
        self,
        root: Path,
        *,
        open_at: Callable[[Path], Library],
        open_bundled: Callable[[], Library] | None = None,
    ) -> None:
        """`open_at` opens the library in a folder, or makes one there; `open_bundled` the bundled one."""
        self.root = root
        self._open_at = open_at
        self._open_bundled = open_bundled
        self._guard = threading.Lock()
        self._opened: dict[str, tuple[int, Library]] = {}

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
        return name == BUNDLED

    def create(self, name: str) -> Library:
        """A new, empty library. Raises LibraryError for a name that is taken or cannot be a folder's."""
        name = check_name(name)
        with self._guard:
            taken = {one.casefold() for one in self.names()}
            folder = self.root / name
            if name.casefold() in taken or folder.exists():
                raise LibraryError(f"There is a library {name} already: open it, or choose another name")
            library = self._open_at(folder)
            self._opened[name] = (identify_folder(folder), library)
            return library

    def open(self, name: str) -> Library:
        """The library of this name. Raises LibraryError where there is none, or it cannot be opened."""
        with self._guard:
            if name not in self.names():
                raise LibraryError(
                    f"There is no library {name}: there are {', '.join(self.names()) or 'none yet'}"
                )
            folder = self.root / name
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
        self.fixed = fixed
        self._wanted = wanted

    @property
    def name(self) -> str:
        """That wanted, or the first of the shelf. Raises LibraryError where the shelf is empty."""
        names, wanted = self.shelf.names(), self._wanted()
        if not names:
            raise LibraryError("There is no library yet: create one by giving it a name")
        return wanted if wanted in names else names[0]

    def library(self) -> Library:
        """The one wanted, open."""
        return self.shelf.open(self.name)

    def is_read_only(self) -> bool:
        """Whether nothing may be added to it or removed from it."""
        return self.fixed or self.shelf.is_read_only(self.name)

    def create(self, name: str) -> str:
        """Make a library, and give its name as it is kept; it can be wanted from then on."""
        if self.fixed:
            raise LibraryError("The libraries here are read-only: none can be made")
        self.shelf.create(name)
        return check_name(name)

    def copy(self, name: str) -> str:
        """Make a library that holds the articles of the one wanted, and give its name as it is kept.

        Articles keep their ids, so what cites one stays true of its copy.
        """
        source = self.library()
        made = self.create(name)
        places = ((f"copied/{article.id}", article) for article in source.articles())
        self.shelf.open(made).add_loaded(Loaded(place, place, article) for place, article in places)
        return made

    def free_name(self, name: str) -> str:
        """`name`, or the first of "name 2", "name 3" … that no library has."""
        taken = {one.casefold() for one in self.shelf.names()}
        numbered = (f"{name} {number}" for number in itertools.count(2))
        return next(one for one in itertools.chain([name], numbered) if one.casefold() not in taken)


def check_name(name: str) -> str:
    """`name` as a folder may be called on every system. Raises LibraryError, saying what is wrong with it."""
    name = unicodedata.normalize("NFC", " ".join(name.split()))
    flaw = _flaw(name)
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
