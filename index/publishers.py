"""Names of publishers that people said are one: a file beside the library that only grows, line by line."""

import json
from collections.abc import Iterable
from pathlib import Path

from index.edits import check_edits
from index.errors import LibraryError
from index.names import fold_publisher

FILE = "publishers.jsonl"


def check_merger(names: Iterable[str], into: str) -> tuple[list[str], str]:
    """The names to change, and their new one. LibraryError where one is none, or all are the same."""
    (target,) = check_edits({"publisher": into}).values()
    merged = [name for name in names if fold_publisher(name) != fold_publisher(target)]
    if not target or not merged or not all(map(fold_publisher, merged)):
        raise LibraryError("name the publishers that are one, and the name that they are to have")
    return merged, target


def merge_names(folder: Path, names: Iterable[str], into: str) -> None:
    """Note that articles of `names` are those of `into`, also ones that are added later.

    LibraryError as `check_merger`, and where the file cannot be written.
    """
    merged, target = check_merger(names, into)
    lines = "".join(json.dumps({"name": one, "is": target}, ensure_ascii=False) + "\n" for one in merged)
    try:
        with (folder / FILE).open("ab") as file:
            file.write(lines.encode())
    except OSError as error:
        raise LibraryError(
            f"{folder / FILE} cannot be written ({error.strerror}): allow it, or free space"
        ) from error


class MergedNames:
    """What people merged, as it stood when this was made."""

    def __init__(self, folder: Path) -> None:
        self._into: dict[str, str] = {}
        for name, target in _read(folder / FILE):
            folded = fold_publisher(name) or ""
            # Of two names each of which was merged into the other, the later word counts.
            self._into.pop(fold_publisher(target) or "", None)
            self._into[folded] = target

    def name_of(self, publisher: str | None) -> str | None:
        """The name that a publisher has after all mergers; None where nobody merged it."""
        found, seen = None, {""}
        folded = fold_publisher(publisher) or ""
        while folded not in seen and folded in self._into:
            seen.add(folded)
            found = self._into[folded]
            folded = fold_publisher(found) or ""
        return found


def _read(file: Path) -> list[tuple[str, str]]:
    """A line that is none, as one that was cut off, is passed over."""
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LibraryError(f"{file} cannot be read ({error.strerror}): allow it") from error
    found = []
    for line in lines:
        try:
            held = json.loads(line)
            name, target = held["name"], held["is"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if isinstance(name, str) and isinstance(target, str):
            found.append((name, target))
    return found
