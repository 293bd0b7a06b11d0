"""Files of records, one article each: JSON (an object or a list of them), JSON Lines, CSV with a header."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from index.errors import SourceRefused
from index.sources.metadata import Document, normalise_metadata

if TYPE_CHECKING:
    from _csv import Reader

# The names under which a field is looked for, in any case; the first that holds something counts.
_NAMES = {
    "text": ("text", "content", "body"),
    "title": ("title",),
    "publisher": ("publisher", "source", "site"),
    "author": ("author", "byline"),
    "published": ("published", "date", "published_at"),
    "url": ("url", "link"),
    "updated": ("updated", "modified", "updated_at"),
}
_KEY_CHARS = 40  # of a key that is told in a reason
_NEEDED = "text, content or body"

Record = Document | SourceRefused


def json_records(text: str) -> list[Record]:
    """The article or articles of a JSON file. Raises SourceRefused when it is no JSON, or empty."""
    parsed = _parse(text)
    if isinstance(parsed, Mapping):
        parsed = [parsed]
    if not isinstance(parsed, list) or not parsed:
        raise SourceRefused(f'holds no records; write an object or a list of objects with "{_NEEDED}"')
    return [_record(value) for value in parsed]


def jsonl_records(text: str) -> list[Record]:
    """One article a line; blank lines are skipped, a broken line is a refusal in its place."""
    return [_json_line(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]


def csv_records(text: str) -> list[Record]:
    """One article a row. Raises SourceRefused when the header names no text column.

    The separator is the one of comma, semicolon and tab that makes a header out of the first line. At a
    broken quote reading stops: where the next row begins is not certain any more.
    """
    # The limit of the csv module (131,072 characters a field) is a process-wide setting; only ever raise it.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    header, rows = _header(text)
    records: list[Record] = []
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > len(header):
                records.append(
                    SourceRefused(
                        f"line {rows.line_num}: {len(row)} cells under {len(header)} headings; put quotes "
                        "round a cell that holds the separator"
                    )
                )
                continue
            records.append(_record(dict(zip(header, row, strict=False))))
    except csv.Error as error:
        records.append(
            SourceRefused(
                f"line {rows.line_num}: {error}; the rows from here on were not read: mend the quotes there"
            )
        )
    return records


def _header(text: str) -> tuple[list[str], "Reader"]:
    known = {name for names in _NAMES.values() for name in names}
    best: tuple[int, list[str], Reader] | None = None
    for separator in ",;\t":
        rows = csv.reader(
            io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
        )
        try:
            header = [cell.strip().casefold() for cell in next(filter(any, rows), [])]
        except csv.Error:
            continue
        score = len(known.intersection(header))
        if any(name in header for name in _NAMES["text"]) and (best is None or score > best[0]):
            best = score, header, rows
    if best is None:
        first = text.lstrip("\n").partition("\n")[0][:120]
        raise SourceRefused(f'no column {_NEEDED} in the first line "{first}"; name the columns there')
    return best[1], best[2]


def _parse(text: str, line: int = 1) -> object:
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        place = f"line {line + error.lineno - 1}, column {error.colno}"
        raise SourceRefused(f"is not valid JSON at {place}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        flaw = (
            "brackets nested too deeply"
            if isinstance(error, RecursionError)
            else "a number of thousands of digits"
        )
        raise SourceRefused(f"is JSON with {flaw}, at or after line {line}: simplify it") from error


def _json_line(number: int, line: str) -> Record:
    try:
        record = _record(_parse(line, number))
    except SourceRefused as refusal:
        return refusal
    return SourceRefused(f"line {number}: {record}") if isinstance(record, SourceRefused) else record


def _record(value: object) -> Record:
    if not isinstance(value, Mapping):
        return SourceRefused(f'is {type(value).__name__} where an object with "{_NEEDED}" is needed')
    keys = {str(key).strip().casefold(): entry for key, entry in value.items()}
    found = {name: _first(keys, aliases) for name, aliases in _NAMES.items()}
    text = found.pop("text")
    if not isinstance(text, str):
        return SourceRefused(
            f"has no text; known keys for it are {_NEEDED}, here are {_list_keys(value.keys())}"
        )
    return Document(text, normalise_metadata(found))


def _first(keys: Mapping[str, object], aliases: Iterable[str]) -> object:
    return next((keys[alias] for alias in aliases if keys.get(alias) not in (None, "", [], {})), None)


def _list_keys(keys: Iterable[object]) -> str:
    names = [name if len(name) <= _KEY_CHARS else f"{name[:_KEY_CHARS]}…" for name in map(str, keys)]
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "") or "none"
