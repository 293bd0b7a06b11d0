"""`articles.toml`: what a person states about the files beside it; it wins over what the files state.

A table for each file: `["report.txt"]` with any of title, publisher, author, published, updated, url.
"""

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from reprlib import repr as short

from index.errors import SourceRefused
from index.sources.metadata import Metadata, iso_date, normalise_metadata, one_line, web_address

SIDECAR = "articles.toml"
_KEYS = tuple(entry.name for entry in fields(Metadata))
# Enough for 50,000 files. The TOML parser's time is quadratic in the parts of a key, all in one line.
_MOST_BYTES, _LINE_CHARS = 5_000_000, 5_000


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What is stated about each file, by file name in NFC (file systems differ in how they write "é")."""

    entries: Mapping[str, Metadata] = field(default_factory=dict)

    def about(self, name: str) -> Metadata:
        """What is stated about the file `name`; nothing where it is not listed."""
        return self.entries.get(unicodedata.normalize("NFC", name), Metadata())


def read_sidecar(folder: Path, *, max_bytes: int) -> Sidecar:
    """The sidecar of `folder`; empty where there is none. Raises SourceRefused for one that is wrong."""
    file = folder / SIDECAR
    most = min(max_bytes, _MOST_BYTES)
    try:
        # A pipe would be waited for without end.
        if file.exists() and not file.is_file():
            raise SourceRefused(
                "is not a regular file: its metadata was not used; copy what it holds into one"
            )
        with file.open("rb") as stream:
            data = stream.read(most + 1)
    except (FileNotFoundError, NotADirectoryError):
        return Sidecar()
    except OSError as error:
        raise SourceRefused(f"cannot be read ({error.strerror}): its metadata was not used") from error
    if len(data) > most:
        raise SourceRefused(f"is larger than {most:,} bytes: its metadata was not used")
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        for number, line in enumerate(text.split("\n"), start=1):
            if len(line) > _LINE_CHARS:
                raise SourceRefused(
                    f"line {number} has {len(line):,} characters, more than {_LINE_CHARS:,}: its metadata "
                    "was not used; shorten the line"
                )
        tables = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise SourceRefused(f"invalid UTF-8 at byte {error.start}: save it as UTF-8") from error
    except (ValueError, RecursionError) as error:  # also int's, for thousands of digits
        raise SourceRefused(f"is not valid TOML: {error}; its metadata was not used") from error
    return Sidecar(
        {unicodedata.normalize("NFC", name): _entry(name, table, text) for name, table in tables.items()}
    )


def _entry(name: str, table: object, text: str) -> Metadata:
    if not isinstance(table, dict):
        raise SourceRefused(
            f'line {_line(text, name)}: "{name}" stands outside a table; write ["file name"] above '
            "it, with the quotes"
        )
    for key, value in table.items():
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise SourceRefused(
                f'line {_line(text, key)}: unknown key "{key}" for "{name}"; known are '
                f"{', '.join(_KEYS)}{meant}"
            )
        _check(key, value, _line(text, key))
    return normalise_metadata(table)


def _check(key: str, value: object, line: int) -> None:
    stated = one_line(value)
    if stated is None:
        raise SourceRefused(f"line {line}: {key} is {short(value)}; write text in quotes, or leave it out")
    if key in ("published", "updated") and iso_date(stated) is None:
        raise SourceRefused(f'line {line}: {key} is "{stated}"; write 2026, 2026-07 or 2026-07-03')
    if key == "url" and web_address(stated) is None:
        raise SourceRefused(f'line {line}: url is "{stated}"; write a whole address, with https://')


def _line(text: str, key: str) -> int:
    """The line on which `key` first stands as a key; 1 when it is written in some other way."""
    match = re.search(rf"""^[ \t]*\[?["']?{re.escape(key)}["']?(?=[ \t]*[\].=])""", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else 1
