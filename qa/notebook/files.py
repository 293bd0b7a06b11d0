"""The files that a notebook becomes: Word, Markdown, JSON, each by a name that says what it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from index.errors import LibraryError
from qa.export.file_names import file_name
from qa.notebook.document import NotebookDocument, to_json, to_markdown
from qa.notebook.word import MEDIA_TYPE, to_word


@dataclass(frozen=True, slots=True)
class FileFormat:
    """What people call it, what browsers call it, and how it is written."""

    label: str
    media_type: str
    write: Callable[[NotebookDocument], bytes]


FORMATS: dict[str, FileFormat] = {
    "docx": FileFormat("Word", MEDIA_TYPE, to_word),
    "md": FileFormat(
        "Markdown", "text/markdown; charset=utf-8", lambda of: to_markdown(of).encode("utf-8", "replace")
    ),
    # A half of a character, which has no UTF-8, as JSON escapes it.
    "json": FileFormat(
        "JSON", "application/json", lambda of: to_json(of).encode("utf-8", "backslashreplace")
    ),
}


def name_of(of: NotebookDocument, ending: str) -> str:
    """What the file is called: "whosays-notebook-my-articles-2026-11-26.docx"."""
    return file_name("notebook", of.library, ending, datetime.fromisoformat(of.exported).astimezone().date())


def write_file(of: NotebookDocument, target: Path, ending: str = "") -> Path:
    """Write the notebook to `target`, a new file, or a folder in which it gets a name of its own.

    The file's own ending decides the format where no other is given; in a folder it is Markdown. LibraryError
    where the format is not known, where there is such a file already, and where it cannot be written.
    """
    into = target.is_dir()
    ending = ending or ("md" if into else target.suffix.removeprefix(".").lower())
    if ending not in FORMATS:
        known = ", ".join(f".{one}" for one in FORMATS)
        raise LibraryError(f"{target} says no format: name a file that ends in one of {known}")
    path = target / name_of(of, ending) if into else target
    try:
        with path.open("xb") as file:
            file.write(FORMATS[ending].write(of))
    except FileExistsError as error:
        raise LibraryError(f"{path} is there already, perhaps with changes of yours: name another") from error
    except OSError as error:
        raise LibraryError(f"{path} cannot be written ({error.strerror}): name another place") from error
    return path
