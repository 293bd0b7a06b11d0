"""One parser for each format: bytes in, documents and refusals out."""

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Protocol

from index.errors import SourceRefused
from index.sources.decode import decode
from index.sources.docx import read_docx
from index.sources.headline import find_byline, headline, plain_line
from index.sources.html import read_page
from index.sources.metadata import Document, Metadata, normalise_metadata
from index.sources.pdf import read_pdf
from index.sources.record_files import Record, csv_records, json_records, jsonl_records

MAX_BYTES = 20_000_000
_FENCE = re.compile(r" {0,3}(```|~~~)")
_HEADING = re.compile(r" {0,3}#[ \t]++(?=.)")
# The longest that people write has a few thousand; the TOML parser's time is quadratic in the parts of a key.
_FRONT_MATTER_CHARS = 20_000


class Parser(Protocol):
    """What makes articles of a file's bytes: `parse`, or that of `sandbox`, which is held to limits."""

    def __call__(
        self,
        extension: str,
        data: bytes,
        *,
        max_bytes: int,
        declared: str | None = None,
        address: str | None = None,
    ) -> list[Record]: ...


def parse(
    extension: str, data: bytes, *, max_bytes: int, declared: str | None = None, address: str | None = None
) -> list[Record]:
    """The articles in `data`, and a SourceRefused in the place of each record that is none.

    `extension` is one of EXTENSIONS; `declared` is a charset stated by a server; `address` is where a page
    was fetched from: its relative links start there. Raises SourceRefused for the input as a whole.
    """
    if extension in _WHOLE:
        return [_WHOLE[extension](data, max_bytes)]
    text = decode(data, declared=declared or _find_declared_in_page(extension, data))
    # In one place for all: also a field inside JSON or CSV may hold them.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise SourceRefused("is empty: there is nothing to add")
    if extension in (".html", ".htm"):
        return [read_page(text, address=address)]
    return _TEXT[extension](text)


def _find_declared_in_page(extension: str, data: bytes) -> str | None:
    # Source: HTML Living Standard, "prescan a byte stream": the first 1,024 bytes.
    if extension not in (".html", ".htm"):
        return None
    match = re.search(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w:.-]+)""", data[:1024], re.IGNORECASE)
    return match[1].decode("ascii") if match else None


def _plain(text: str) -> list[Record]:
    return [Document(text, Metadata(title=headline(text)))]


def _markdown(text: str) -> list[Record]:
    """The text without its front matter.

    The title is the front matter's, else the first `# heading`, else a first line that is a headline. What
    the front matter does not state, a byline near the top may.
    """
    values, body = _front_matter(text)
    keys = {key.casefold(): value for key, value in values.items()}
    for name, alias in (("published", "date"), ("publisher", "source"), ("url", "link")):
        keys[name] = keys.get(name) or keys.get(alias)
    stated = normalise_metadata(keys)
    stated = stated.fill_from(Metadata(title=_first_heading(body) or headline(body)))
    return [
        Document(body, stated.fill_from(find_byline([line for line in body.split("\n") if line.strip()])))
    ]


def _front_matter(text: str) -> tuple[Mapping[str, object], str]:
    """The values of a block between `---` or `+++` lines, and what follows; a mere rule is none."""
    match = re.match(r"(---|\+\+\+)[ \t]*\n(.*?\n)?\1[ \t]*(?:\n|\Z)", text, re.DOTALL)
    if not match or match.end() > _FRONT_MATTER_CHARS:
        return {}, text
    block = match[2] or ""
    if match[1] == "+++":
        try:
            return tomllib.loads(block), text[match.end() :]
        except (ValueError, RecursionError):  # also int's, for thousands of digits
            return {}, text
    values: dict[str, object] = {}
    key, items = "", list[str]()
    for line in block.splitlines():
        if pair := re.fullmatch(r"([\w-]+):(?:\s+(.*))?", line):
            key, items = pair[1], []
            values[key] = _yaml_value(pair[2] or "")
        elif key and (item := re.fullmatch(r"\s*-\s+(.*)", line)):
            items.append(str(_yaml_value(item[1])))
            values[key] = items
        elif line.strip() and not line.startswith((" ", "\t", "#")):
            return {}, text
    return (values, text[match.end() :]) if values else ({}, text)


def _yaml_value(written: str) -> object:
    """A plain or quoted scalar, or a list in brackets. Of a block scalar (`|`, `>`) nothing is kept."""
    written = written.strip()
    if quoted := re.fullmatch(r"""(["'])(.*)\1(?:\s+#.*)?""", written):
        return quoted[2].replace("''", "'") if quoted[1] == "'" else quoted[2].replace('\\"', '"')
    written = re.sub(r"(?:^|(?<!\s)\s+)#.*", "", written)
    if written.startswith("[") and written.endswith("]"):
        return [_yaml_value(part) for part in written[1:-1].split(",")]
    return "" if written[:1] in ("|", ">") or written in ("null", "~") else written


def _first_heading(body: str) -> str | None:
    fence = ""
    for line in body.split("\n"):
        if mark := _FENCE.match(line):
            fence = "" if mark[1] == fence else fence or mark[1]
        elif not fence and (mark := _HEADING.match(line)):
            return plain_line(_heading_text(line[mark.end() :]))
    return None


def _heading_text(line: str) -> str:
    """What follows a heading's mark, without its name ("{#top}") and without the marks that close it."""
    text = line.rstrip(" \t")
    named = text.find("{#", 1) if text.endswith("}") else -1
    text = (text if named < 0 else text[:named]).rstrip(" \t")
    opened = text.rstrip("#")
    return opened.rstrip(" \t") or text if opened.endswith((" ", "\t")) else text


_WHOLE: Mapping[str, Callable[[bytes, int], Document]] = {".pdf": read_pdf, ".docx": read_docx}
_TEXT: Mapping[str, Callable[[str], list[Record]]] = {
    ".txt": _plain,
    ".md": _markdown,
    ".markdown": _markdown,
    ".json": json_records,
    ".jsonl": jsonl_records,
    ".csv": csv_records,
}
EXTENSIONS = (".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".docx", ".json", ".jsonl", ".csv")
