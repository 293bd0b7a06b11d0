"""The files below a path, in order; what is no file is refused, so are links out of it, and a circle ends."""

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.records import Outcome

LEADS_OUT = (
    "is a link out of the folder that is added: not followed; add what it leads to, or follow such links "
    "(--follow-links)"
)
_REASON_CHARS = 600
# Control characters, ends of lines and paragraphs, halves of characters.
_PRINTABLE = {"Cc": " ", "Zl": " ", "Zp": " ", "Cs": "\ufffd"}


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to visit; `above` are the identities of the folders that lead to it, to notice a circle."""

    path: Path
    above: tuple[tuple[int, int], ...] = ()


def files(path: Path, *, follow_links: bool = False) -> Iterator[Path | Outcome]:
    """The files at and below `path`, sidecars among them, and a refusal for each entry that is none.

    Links that lead out of `path` are refused unless `follow_links`: whoever may put one into a folder would
    have files read that are not theirs.
    """
    try:
        if not path.is_dir():
            # A path that is not there is refused where it is opened, with the system's own words.
            yield path
            return
    except OSError as error:
        yield refuse(show_path(path), explain_unreadable(error))
        return
    root = path.resolve()
    waiting = [_Folder(path)]
    while waiting:
        folder = waiting.pop()
        try:
            status = folder.path.stat()
            identity = status.st_dev, status.st_ino
            if identity in folder.above:
                yield refuse(
                    show_path(folder.path), "is a link back to a folder that it lies in: not followed"
                )
                continue
            with os.scandir(folder.path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield refuse(show_path(folder.path), explain_unreadable(error))
            continue
        below: list[_Folder] = []
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if not follow_links and leads_out(Path(entry.path), root):
                yield refuse(show_path(folder.path / entry.name), LEADS_OUT)
            elif _is_folder(entry):
                below.append(_Folder(folder.path / entry.name, (*folder.above, identity)))
            else:
                yield folder.path / entry.name
        waiting.extend(reversed(below))


def leads_out(path: Path, root: Path) -> bool:
    """Whether `path` is a link to something outside of `root`, which is no link."""
    return path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(root)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # links in a circle: refused when it is opened
        return False


def explain_unreadable(error: OSError, *, broken_link: bool = False) -> str:
    if isinstance(error, FileNotFoundError):
        return "is a link to nothing: mend or remove it" if broken_link else "does not exist: check the path"
    if isinstance(error, PermissionError):
        return "may not be read by you: change its permissions (chmod +r)"
    return f"cannot be read ({error.strerror}): check the path and the disk"


def show_path(path: Path) -> str:
    """The path as valid Unicode: bytes of a name that are not UTF-8 become escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace") if os.name == "posix" else str(path)


def refuse(source: str, reason: str) -> Outcome:
    """The reason in one line that can be printed and encoded: it may quote what a file holds."""
    line = "".join(_PRINTABLE.get(unicodedata.category(one), one) for one in reason)
    if len(line) > _REASON_CHARS:
        half = _REASON_CHARS // 2  # the advice stands at its end
        line = f"{line[:half]} … {line[-half:]}"
    return Outcome(source=source, status="refused", reason=line)
