"""Libraries that were removed from the shelf: kept in a folder beside them for a day, then gone.

Each is moved there whole, under the second in which it was removed and its name. A folder is moved in one
step, so that a kill leaves it in one place or the other.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from index.aside import GRACE_S
from index.errors import LibraryError
from index.local.schema import FILE

FOLDER = ".removed"  # no library is called so: no name begins with a full stop


class RemovedLibraries:
    """Those of the shelf at `root`; for the holder of its guard."""

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER

    def put_away(self, folder: Path, *, at: float | None = None) -> None:
        """Move the library in `folder` here, as of now, or `at` another second."""
        removed = int(time.time() if at is None else at)
        self._folder.mkdir(exist_ok=True)
        while (target := self._folder / f"{removed} {folder.name}").exists():
            removed += 1  # two of one name in one second
        folder.rename(target)

    def take_back(self, name: str, folder: Path) -> None:
        """Move the one of this name that was removed last to `folder`; LibraryError where there is none."""
        found = next((kept for _, own, kept in self._kept() if own == name), None)
        if found is None:
            raise LibraryError(f"The library {name} was removed more than a day ago: it is gone")
        found.rename(folder)

    def names(self) -> tuple[str, ...]:
        """Of those that can be taken back, the last removed first, each once."""
        return tuple(dict.fromkeys(name for _, name, _ in self._kept()))

    def forget_old(self) -> None:
        """Delete what was removed more than a day ago; what cannot be deleted waits for the next time."""
        fresh = {kept for _, _, kept in self._kept()}
        with suppress(FileNotFoundError):
            for one in list(self._folder.iterdir()):
                if one not in fresh and not one.is_symlink():
                    shutil.rmtree(one, ignore_errors=True)

    def _kept(self) -> Iterator[tuple[int, str, Path]]:
        """When, the name, and the folder of each that was removed less than a day ago, the newest first."""
        found = []
        with suppress(FileNotFoundError):
            for one in self._folder.iterdir():
                when, _, name = one.name.partition(" ")
                if when.isdecimal() and (one / FILE).is_file() and not one.is_symlink():
                    found.append((int(when), name, one))
        oldest = time.time() - GRACE_S
        return (one for one in sorted(found, reverse=True) if one[0] >= oldest)
