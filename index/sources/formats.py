"""One parser for each format: bytes in, documents and refusals out."""

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from index.errors import SourceRefused
from index.sources.decode import decode
from index.sources.docx import read_docx
from index.sources.eml import read_eml
from index.sources.headline import find_byline, headline, plain_line
from index.sources.html import read_page
from index.sources.metadata import Document, Metadata
from index.sources.opening import read_front_matter, split_front_matter
from index.sources.pdf import read_pdf
from index.sources.record_files import Record, csv_records, json_records, jsonl_records

MAX_BYTES = 20_000_000
_FENCE = re.compile(r" {0,3}(```|~~~)")
_HEADING = re.compile(r" {0,3}#[ \t]++(?=.)")


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
    values, body = split_front_matter(text)
    stated = read_front_matter(values)
    stated = stated.fill_from(Metadata(title=_first_heading(body) or headline(body)))
    return [
        Document(body, stated.fill_from(find_byline([line for line in body.split("\n") if line.strip()])))
    ]


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


_WHOLE: Mapping[str, Callable[[bytes, int], Document]] = {
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".eml": read_eml,
}
_TEXT: Mapping[str, Callable[[str], list[Record]]] = {
    ".txt": _plain,
    ".md": _markdown,
    ".markdown": _markdown,
    ".json": json_records,
    ".jsonl": jsonl_records,
    ".csv": csv_records,
}
EXTENSIONS = (".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".docx", ".json", ".jsonl", ".csv", ".eml")
