"""Broken files: originals of each format that is read, and mutants of them, the same from a seed."""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cache
from typing import TypeVar

import docx
import numpy as np
from fpdf import FPDF

from eval.bench.sizes import STORIES
from eval.stories import Account, read_stories

Draw = np.random.Generator
Value = TypeVar("Value")
Mutator = Callable[[bytes, Draw], bytes]

KINDS = (".txt", ".md", ".html", ".pdf", ".docx", ".json", ".jsonl", ".csv", ".eml")
_LONG = 1_000_000  # bytes of a line
_DEEP = 100_000  # levels
_NOT_PACKED = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError,
)  # fmt: skip
_BOMB = 300_000_000  # bytes that a packed file unpacks to
_THEN = datetime(2026, 7, 3, tzinfo=UTC)
_ZIPPED = (2026, 7, 3, 0, 0, 0)


@cache
def originals(kind: str) -> tuple[bytes, ...]:
    """Valid files of three accounts of a story each, short enough that thousands are read in minutes."""
    stories = read_stories(STORIES)
    return tuple(_MAKERS[kind](stories[number].accounts[:3]) for number in (0, 7, 19))


def mutant(kind: str, draw: Draw) -> bytes:
    """One original, changed in one to three ways."""
    data = _choose(originals(kind), draw)
    # Those of the kind more often, and most where any other change leaves no archive.
    ways = (*_ANY, *_OF_KIND.get(kind, ()) * (6 if kind == ".docx" else 2))
    for _ in range(draw.integers(1, 4)):
        data = _choose(ways, draw)(data, draw)
    return data


def _choose(among: Sequence[Value], draw: Draw) -> Value:
    return among[int(draw.integers(len(among)))]


# Originals


def _plain(accounts: Sequence[Account]) -> bytes:
    return "\n\n".join(f"{one.title}\n\n{one.text}" for one in accounts).encode()


def _markdown(accounts: Sequence[Account]) -> bytes:
    first, *others = accounts
    head = f"---\ntitle: {json.dumps(first.title)}\npublisher: {first.publisher}\ntags: [a, b]\n---\n"
    body = "\n\n".join(f"## {one.title}\n\n- {one.text}\n\n> {one.publisher}" for one in others)
    return f"{head}# {first.title}\n\n{first.text}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n{body}\n".encode()


def _page(accounts: Sequence[Account]) -> bytes:
    first = accounts[0]
    stated = {"@type": "NewsArticle", "headline": first.title, "datePublished": "2026-07-03"}
    body = "".join(f"<h2>{one.title}</h2><p>{one.text}</p><ul><li>{one.publisher}</ul>" for one in accounts)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{first.title}</title>'
        f'<script type="application/ld+json">{json.dumps(stated)}</script></head><body><nav>Home</nav>'
        f"<article>{body}<table><tr><td>1</td></tr></table></article><footer>Share</footer></body></html>"
    ).encode()


def _pdf(accounts: Sequence[Account]) -> bytes:
    made = FPDF()
    made.set_creation_date(_THEN)
    made.set_font("Helvetica", size=11)
    for one in accounts:
        made.add_page()
        made.multi_cell(0, 6, f"{one.title}\n{one.text}".encode("latin-1", "replace").decode("latin-1"))
    return bytes(made.output())


def _word(accounts: Sequence[Account]) -> bytes:
    made = docx.Document()
    made.core_properties.title = accounts[0].title
    for one in accounts:
        made.add_heading(one.title, 1)
        made.add_paragraph(one.text)
    made.add_table(2, 2).cell(0, 0).text = "orders"
    stream = io.BytesIO()
    made.save(stream)
    return zip_parts(unzip(stream.getvalue()))


def _rows(accounts: Sequence[Account]) -> list[dict[str, str | None]]:
    return [{"title": one.title, "publisher": one.publisher, "text": one.text} for one in accounts]


def _csv(accounts: Sequence[Account]) -> bytes:
    rows = (
        ",".join('"' + (value or "").replace('"', '""') + '"' for value in one.values())
        for one in _rows(accounts)
    )
    return "\n".join(["title,publisher,text", *rows]).encode()


def _mail(accounts: Sequence[Account]) -> bytes:
    message = EmailMessage()
    message["Subject"] = accounts[0].title
    message["From"] = "Ann Lee <ann@mail.example>"
    message["Date"] = "Fri, 03 Jul 2026 16:37:00 +0900"
    message.set_content("\n\n".join(one.text for one in accounts))
    message.add_alternative(_page(accounts).decode(), subtype="html")
    return message.as_bytes()


_MAKERS: Mapping[str, Callable[[Sequence[Account]], bytes]] = {
    ".txt": _plain,
    ".md": _markdown,
    ".html": _page,
    ".pdf": _pdf,
    ".docx": _word,
    ".json": lambda accounts: json.dumps(_rows(accounts), indent=1).encode(),
    ".jsonl": lambda accounts: "\n".join(map(json.dumps, _rows(accounts))).encode(),
    ".csv": _csv,
    ".eml": _mail,
}


# Of any file


def _stretch(data: bytes, draw: Draw, most: int = 400) -> tuple[int, int]:
    start = int(draw.integers(len(data) + 1))
    return start, min(len(data), start + int(draw.integers(1, most)))


def _flip(data: bytes, draw: Draw) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.integers(1, 20) if data else 0):
        changed[int(draw.integers(len(changed)))] ^= 1 << int(draw.integers(8))
    return bytes(changed)


def _cut(data: bytes, draw: Draw) -> bytes:
    return data[: int(draw.integers(len(data) + 1))]


def _drop(data: bytes, draw: Draw) -> bytes:
    start, end = _stretch(data, draw)
    return data[:start] + data[end:]


def _repeat(data: bytes, draw: Draw) -> bytes:
    start, end = _stretch(data, draw)
    return data[:end] + data[start:end] * int(draw.integers(1, 300)) + data[end:]


def _noise(data: bytes, draw: Draw) -> bytes:
    at = int(draw.integers(len(data) + 1))
    return data[:at] + draw.bytes(int(draw.integers(1, 60))) + data[at:]


def _put(data: bytes, draw: Draw) -> bytes:
    """What readers are known to stumble over, somewhere or many times."""
    at = int(draw.integers(len(data) + 1))
    return data[:at] + _choose(ODD, draw) * int(draw.choice((1, 1, 3, 2_000))) + data[at:]


ODD = (
    b"\0", b"\x1b[2J\x1b]0;owned\x07", b"\r", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80", "\u202e\u2066".encode(), "\u0301".encode(), "\u2028".encode(),
    "\U000e0041".encode(), b"\\ud800", b"&#xd800;", b"&#0;", b"&amp;", b"<", b">", b'"', b"'", b"\\",
    b"{", b"[", b"(", b"|", b"#", b"> ", b"- ", b"```\n", b"---\n", b"1e999", b"-0", b"NaN", b"9" * 400,
    b"2026-99-99", b"0x", b"%00", b"<!--", b"<![CDATA[", b"<script>", b"\n\n",
)  # fmt: skip
_CODES = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "shift_jis", "koi8-r", "utf-7")


def _splice(data: bytes, draw: Draw) -> bytes:
    """The rest of a file of some format, so that most are of another than their name says."""
    other = _choose(originals(_choose(KINDS, draw)), draw)
    return data[: int(draw.integers(len(data) + 1))] + other[int(draw.integers(len(other))) :]


def _recode(data: bytes, draw: Draw) -> bytes:
    """Another encoding, of all of the text or from some place on."""
    text = data.decode("utf-8", "replace")
    at = int(draw.integers(len(text) + 1)) if draw.integers(2) else 0
    name = _choose(_CODES, draw)
    return text[:at].encode() + text[at:].encode(name, "replace")


def _long_line(data: bytes, _: Draw) -> bytes:
    line = data.replace(b"\n", b" ") or b"x"
    return (line * (_LONG // len(line) + 1))[:_LONG]


_ANY: tuple[Mutator, ...] = (
    _flip,
    _flip,
    _cut,
    _drop,
    _repeat,
    _noise,
    _put,
    _put,
    _splice,
    _recode,
    _long_line,
)


# Of one kind


def _deep(opening: bytes, closing: bytes = b"") -> Mutator:
    def nest(data: bytes, draw: Draw) -> bytes:
        levels = int(draw.choice((20, 1_000, _DEEP)))
        at = int(draw.integers(len(data) + 1))
        return data[:at] + opening * levels + data[at:] + closing * int(draw.choice((0, levels)))

    return nest


def unzip(data: bytes) -> dict[str, bytes]:
    """The parts of an office file by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def zip_parts(parts: Mapping[str, bytes]) -> bytes:
    """The same bytes of the same parts, whenever."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, part in parts.items():
            packed.writestr(zipfile.ZipInfo(name, _ZIPPED), part, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def inside_part(change: Mutator) -> Mutator:
    """A change of one part of an office file, packed again as if it had always been so."""

    def inside(data: bytes, draw: Draw) -> bytes:
        try:
            parts = unzip(data)
        except _NOT_PACKED:
            return change(data, draw)  # an earlier change left no archive
        names = sorted(parts)
        name = _choose(["word/document.xml", *names], draw)
        return zip_parts({**parts, name: change(parts.get(name, b""), draw)})

    return inside


def _entities(data: bytes, _: Draw) -> bytes:
    """A billion laughs."""
    levels = "".join(f'<!ENTITY x{one} "{f"&x{one - 1};" * 10}">' for one in range(1, 10))
    return f'<!DOCTYPE a [<!ENTITY x0 "ha">{levels}]>'.encode() + data.replace(b"</", b"&x9;</", 1)


def _bomb(_data: bytes, _: Draw) -> bytes:
    return b" " * _BOMB


_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def inside_stream(change: Mutator) -> Mutator:
    """A change of what one stream of a PDF unpacks to."""

    def inside(data: bytes, draw: Draw) -> bytes:
        streams = list(_STREAM.finditer(data))
        if not streams:
            return change(data, draw)
        found = _choose(streams, draw)
        try:
            unpacked = zlib.decompress(found[1])
        except zlib.error:
            return change(data, draw)
        packed = zlib.compress(change(unpacked, draw))
        return data[: found.start(1)] + packed + data[found.end(1) :]

    return inside


_OF_KIND: Mapping[str, tuple[Mutator, ...]] = {
    ".md": (_deep(b"> "), _deep(b"  - ", b"\n"), _deep(b"[", b"](x)"), _deep(b"# ")),
    ".html": (
        _deep(b"<div>", b"</div>"),
        _deep(b"<ul><li>"),
        _deep(b"<b>x</b>"),
        _deep(b"<table><tr><td>"),
        _entities,
    ),
    ".pdf": tuple(map(inside_stream, (_flip, _put, _repeat, _drop, _deep(b"q "), _deep(b"[", b"]"), _bomb))),
    ".docx": tuple(
        map(inside_part, (_flip, _put, _drop, _cut, _entities, _deep(b"<w:p>", b"</w:p>"), _bomb))
    ),
    ".json": (_deep(b"[", b"]"), _deep(b'{"a":', b"}"), _deep(b'[{"text": "x"},')),
    ".jsonl": (_deep(b"[", b"]"), _deep(b"{}\n"), _deep(b'{"text":')),
    ".csv": (_deep(b","), _deep(b'"'), _deep(b"\n"), _deep(b'a,"b\n')),
    ".eml": (_deep(b"\n "), _deep(b"\n--x"), _deep(b"=?utf-8?q?"), _deep(b",")),
}
