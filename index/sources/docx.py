"""The text of a Word document (.docx): paragraphs, headings, lists and table rows, each on its own line."""

import io
import re
import zipfile
import zlib
from html.parser import HTMLParser
from xml.etree import ElementTree
from xml.parsers.expat import ExpatError

from index.errors import SourceRefused, describe_error
from index.sources.headline import headline
from index.sources.metadata import Document, Metadata, clean_author, clean_title, one_line

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
# How pictures, sounds and embedded files begin, and no XML does.
_NOT_XML = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"\1\0\0\0", b"\xd7\xcd\xc6\x9a",
    b"RIFF", b"PK\3\4", b"%PDF", b"ID3", b"\0\1\0\0", _OLE,
)  # fmt: skip
_CORE = "docProps/core.xml"
_DC = "{http://purl.org/dc/elements/1.1/}"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

# What mammoth, zipfile and minidom let through when a part is missing or malformed: found by damaging files.
_MALFORMED = (
    zipfile.BadZipFile,
    zlib.error,
    ExpatError,
    ElementTree.ParseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
    EOFError,
    OSError,
    RuntimeError,
)


def read_docx(data: bytes, max_bytes: int) -> Document:
    """The text; title and author from the document's properties, a missing title from the first heading.

    Without one, a first line that is a headline is the title.

    Raises SourceRefused for an encrypted or damaged document, and one that unpacks to more than `max_bytes`
    of XML (a zip bomb: the text of a real one is a fraction of it).
    """
    if data.startswith(_OLE):
        raise SourceRefused(
            "is encrypted, or an old .doc under a new name: save it as .docx without a password"
        )
    try:
        _check_parts(data, max_bytes)
        return _read(data)
    except _MALFORMED as error:
        raise SourceRefused(
            f"is not a readable Word document ({describe_error(error)}): open it and save it anew"
        ) from error


def _check_parts(data: bytes, max_bytes: int) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [part for part in archive.infolist() if not _is_picture(archive, part)]
        # zipfile reads no more of a part than its stated size, so that the sum cannot lie.
        size = sum(part.file_size for part in parts)
        if size > max_bytes:
            raise SourceRefused(
                f"unpacks to {size:,} bytes of XML, more than the limit of {max_bytes:,}: raise max_bytes "
                "(setting max_file_mb) if it is trusted"
            )
        for part in parts:
            # No Word document has a DTD; one that does may hold entities that grow without bound. It may
            # stand behind a comment of any length. Without its NULs UTF-16 reads as ASCII.
            if b"<!DOCTYPE" in archive.read(part).replace(b"\0", b""):
                raise SourceRefused(f"declares a DTD in {part.filename}, as no Word document does: not read")


def _is_picture(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part cannot be XML, by how it begins: the text may be in a part of any name."""
    with archive.open(part) as stream:
        return stream.read(8).startswith(_NOT_XML)


def _read(data: bytes) -> Document:
    import mammoth  # type: ignore[import-untyped]  # slow

    drop_images = mammoth.images.img_element(lambda image: {})  # noqa: ARG005  # mammoth's signature
    html = mammoth.convert_to_html(io.BytesIO(data), convert_image=drop_images).value
    layout = _Layout()
    layout.feed(html)
    layout.close()
    text = layout.text()
    if not text:
        raise SourceRefused("holds no text: if its pages are pictures, run OCR over them first")
    properties = _properties(data)
    return Document(text, properties.fill_from(Metadata(title=one_line(layout.heading) or headline(text))))


def _properties(data: bytes) -> Metadata:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if _CORE not in archive.namelist():
            return Metadata()
        # The parts were checked: no DTD, hence no entities; a limited size.
        root = ElementTree.fromstring(archive.read(_CORE))  # noqa: S314
    return Metadata(
        title=clean_title(root.findtext(f"{_DC}title")), author=clean_author(root.findtext(f"{_DC}creator"))
    )


class _Layout(HTMLParser):
    """Turns the plain HTML that mammoth writes into lines of text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.heading: str | None = None
        self._pieces: list[str] = []
        self._heading_from: int | None = None
        self._cells = 0
        self._in_cell = 0
        self._list_depth = 0
        self._skip = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href") or ""
        if tag == "a" and href.startswith(("#footnote-ref", "#endnote-ref")):
            self._skip = True  # the arrow back from a note to its place
        elif tag == "br":
            self._pieces.append("\n")
        elif tag in ("ul", "ol"):
            self._pieces.append("\n")
            self._list_depth += 1
        elif tag == "li":
            self._pieces.append("\n" + "  " * (self._list_depth - 1) + "- ")
        elif tag == "tr":
            self._cells = 0
        elif tag in ("td", "th"):
            self._pieces.append("\t" if self._cells else "")
            self._cells += 1
            self._in_cell += 1
        elif tag in _HEADINGS and self.heading is None:
            self._heading_from = len(self._pieces)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._skip = False
        elif tag in ("td", "th"):
            self._in_cell -= 1
        elif tag in ("p", *_HEADINGS):
            self._pieces.append(" " if self._in_cell else "\n" if self._list_depth else "\n\n")
        elif tag in ("tr", "table"):
            self._pieces.append("\n")
        elif tag in ("ul", "ol"):
            self._list_depth -= 1
            self._pieces.append("" if self._list_depth else "\n\n")
        if tag in _HEADINGS and self._heading_from is not None:
            self.heading = "".join(self._pieces[self._heading_from :])
            self._heading_from = None

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self._pieces.append(data)

    def text(self) -> str:
        """The lines, with at most one blank line between two, and none at the ends."""
        lines = re.sub(r"(?<![ \t])[ \t]+\n", "\n", "".join(self._pieces).replace(" \t", "\t"))
        return re.sub(r"\n{3,}", "\n\n", lines).strip("\n ")
