"""A file, a folder or a web address becomes articles; what cannot is refused, and the rest goes on."""

import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.errors import SourceRefused
from index.records import Article, Outcome
from index.sources.addresses import PUBLIC
from index.sources.fetch import fetch, origin_of
from index.sources.formats import EXTENSIONS, MAX_BYTES, Parser, parse
from index.sources.metadata import Metadata
from index.sources.opening import read_opening
from index.sources.record_files import Record
from index.sources.sidecar import SIDECAR, Sidecar, read_sidecar
from index.sources.walk import explain_unreadable, files, leads_out, refuse, show_path


@dataclass(frozen=True, slots=True)
class Loaded:
    """One article as it stands in its source.

    `origin`: the absolute path of the file, or the web address; all places of one origin are replaced
    together when it is loaded again. `place`: the origin, and "#<n>" for record n of a file with several.
    """

    place: str
    origin: str
    article: Article


def load(
    source: str | Path,
    *,
    max_bytes: int = MAX_BYTES,
    public_only: bool = False,
    follow_links: bool = False,
    parser: Parser = parse,
) -> Iterator[Loaded | Outcome]:
    """The articles of a file, a folder or an http(s) address, one file at a time.

    A folder is read with its subfolders, in the order of names, each folder's files before its subfolders;
    hidden ones (".git") and `articles.toml` itself are passed over. Every other file ends in at least one
    Loaded, or one Outcome with the status "refused". In `Article.text` line breaks are "\\n", whatever the
    source has, and a byte order mark is gone; else it is the text as published. An input of more than
    `max_bytes` bytes is refused. With `public_only` an address is fetched only where it, and all that it
    redirects to, is on the public internet. Links in a folder that lead out of it are refused
    unless `follow_links`. `parser` makes articles of bytes. Raises SourceRefused
    at once for `max_bytes` below 1.
    """
    if max_bytes < 1:
        raise SourceRefused(f"max_bytes is {max_bytes}: choose a limit of at least 1 byte")
    scheme = _scheme(source)
    if scheme in ("http", "https"):
        return _load_url(str(source).strip(), max_bytes, parser, public_only=public_only)
    if scheme:
        reason = f"{scheme}:// is not read; give an http or https address, or the path of a file or folder"
        return iter([refuse(str(source), reason)])
    return _load_path(source, max_bytes, parser, follow_links=follow_links)


def origins(source: str | Path, *, follow_links: bool = False) -> Iterator[str]:
    """The files (or the one address) that `load` will take up, in its order, without reading them."""
    if _scheme(source):
        yield origin_of(str(source))
        return
    path = _absolute(source)
    if isinstance(path, Path):
        found = files(path, follow_links=follow_links)
        yield from (str(file) for file in found if isinstance(file, Path) and file.name != SIDECAR)


def article_id(  # noqa: PLR0917  # in the order of Article's fields
    text: str,
    title: str | None = None,
    publisher: str | None = None,
    author: str | None = None,
    published: str | None = None,
    url: str | None = None,
) -> str:
    """16 hex digits of the SHA-256 of the content: the same article has the same id wherever it lies.

    `url` is the address that the article states, None where it states none.
    """
    # JSON keeps the fields apart, and None from "".
    content = json.dumps([text, title, publisher, author, published, url], ensure_ascii=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _scheme(source: str | Path) -> str | None:
    match = re.match(r"\s*([A-Za-z][A-Za-z0-9+.-]+)://", source) if isinstance(source, str) else None
    return match[1].lower() if match else None


def _absolute(source: str | Path) -> Path | Outcome:
    written = str(source)
    if not written.strip():
        return refuse(written, "an empty name: give the path of a file or folder, or an http(s) address")
    if "\0" in written:
        return refuse(written, "holds a NUL character: check the path")
    return Path(os.path.abspath(source))  # noqa: PTH100  # Path.absolute keeps "..", resolve follows links


def _load_path(
    source: str | Path, max_bytes: int, parser: Parser, *, follow_links: bool
) -> Iterator[Loaded | Outcome]:
    path = _absolute(source)
    if isinstance(path, Outcome):
        yield path
        return
    sidecar, folder, found = Sidecar(), None, False
    for file in files(path, follow_links=follow_links):
        if isinstance(file, Outcome):
            found = True
            yield file
            continue
        if file.parent != folder:
            folder = file.parent
            foreign = not follow_links and path != file and leads_out(folder / SIDECAR, path.resolve())
            sidecar, refusals = (
                (Sidecar(), [])  # refused with the folder's other entries
                if foreign
                else _sidecar(folder, check_names=path != file, max_bytes=max_bytes)
            )
            yield from refusals
            found = found or bool(refusals)
        if file.name != SIDECAR or file == path:
            found = True
            yield from _load_file(file, sidecar, max_bytes, parser)
    if not found:
        yield refuse(show_path(path), f"holds no files to read; supported are {_list_formats()}")


def _sidecar(folder: Path, *, check_names: bool, max_bytes: int) -> tuple[Sidecar, list[Outcome]]:
    """What is stated about the files of `folder`; refusals for a wrong sidecar and for names of no file."""
    place = show_path(folder / SIDECAR)
    try:
        sidecar = read_sidecar(folder, max_bytes=max_bytes)
    except SourceRefused as refusal:
        return Sidecar(), [refuse(place, str(refusal))]
    if not check_names or not sidecar.entries:
        return sidecar, []
    try:
        there = {unicodedata.normalize("NFC", path.name) for path in folder.iterdir()}
    except OSError as error:
        return sidecar, [refuse(show_path(folder), explain_unreadable(error))]
    reason = "names no file in this folder: correct the name or remove the entry"
    return sidecar, [refuse(place, f'"{name}" {reason}') for name in sidecar.entries if name not in there]


def _load_file(file: Path, sidecar: Sidecar, max_bytes: int, parser: Parser) -> Iterator[Loaded | Outcome]:
    origin = show_path(file)
    try:
        if origin != str(file):
            raise SourceRefused("its name is not valid UTF-8: rename it and add it again")
        size = _size(file)  # first: a wrong path is told as such, whatever its extension
        extension = file.suffix.lower()
        if extension not in EXTENSIONS:
            raise SourceRefused(_explain_unsupported(file))
        records = parser(extension, _read(file, size, max_bytes), max_bytes=max_bytes)
    except SourceRefused as refusal:
        yield refuse(origin, str(refusal))
        return
    beside = sidecar.about(file.name)
    yield from _articles(records, extension, origin, file.as_posix(), beside, file_name=file.name)


def _load_url(url: str, max_bytes: int, parser: Parser, *, public_only: bool) -> Iterator[Loaded | Outcome]:
    origin = origin_of(url)
    try:
        fetched = fetch(origin, max_bytes=max_bytes, guard=PUBLIC if public_only else None)
        records = parser(
            fetched.extension,
            fetched.data,
            max_bytes=max_bytes,
            declared=fetched.charset,
            address=fetched.address,
        )
    except SourceRefused as refusal:
        yield refuse(origin, str(refusal))
        return
    yield from _articles(records, fetched.extension, origin, fetched.address, Metadata())


def _articles(
    records: Sequence[Record],
    extension: str,
    origin: str,
    address: str,
    beside: Metadata,
    *,
    file_name: str | None = None,
) -> Iterator[Loaded | Outcome]:
    """`address` is the uri of an article that states none; `beside` is what the sidecar states."""
    if not records:
        yield refuse(origin, "holds no records: there is nothing to add")
    several = len(records) > 1
    for number, record in enumerate(records, start=1):
        place = f"{origin}#{number}" if several else origin
        flaw = str(record) if isinstance(record, SourceRefused) else _flaw(record.text)
        if flaw or isinstance(record, SourceRefused):
            yield refuse(place, f"record {number}: {flaw}" if several else flaw)
            continue
        text = record.text.replace("\r\n", "\n").replace("\r", "\n")
        read = read_opening(text, file_name=None if several else file_name).stated
        # A plain text's title is its headline, unless a person states one.
        headed = extension == ".txt" and not beside.title
        yield Loaded(
            place, origin, _article(text, beside.fill_from(record.stated), read, address, headed=headed)
        )


def _article(text: str, stated: Metadata, read: Metadata, address: str, *, headed: bool) -> Article:
    """`read` is what the text's own lines state: it fills what is not stated apart from them.

    It stays out of the id, so that an article keeps its id when lines come to be read better. With `headed`
    the stated title is but the headline that was found, which goes into the id; the one read may be better.
    """
    own = (stated.title, stated.publisher, stated.author, stated.published, stated.url)
    known = replace(stated, title=None) if headed and read.title else stated
    known = known.fill_from(read)
    return Article(
        id=article_id(text, *own),
        uri=stated.url or address,
        text=text,
        title=known.title,
        publisher=known.publisher,
        author=known.author,
        published=known.published,
        updated=known.updated,
    )


def _flaw(text: str) -> str:
    """Why a text cannot be an article; "" if it can."""
    if not text.strip():
        return "is empty: there is nothing to add"
    if "\0" in text:
        return (
            f"holds a NUL character (character {text.index(chr(0))}), so it is binary: save its text as UTF-8"
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"holds half a character (character {error.start}, a lone surrogate): save it as UTF-8 anew"
    return ""


def _size(file: Path) -> int:
    try:
        status = file.stat()
    except OSError as error:
        raise SourceRefused(explain_unreadable(error, broken_link=file.is_symlink())) from error
    # A pipe or a device would block, or never end.
    if not stat.S_ISREG(status.st_mode):
        raise SourceRefused("is not a regular file: copy what it holds into one")
    return status.st_size


def _read(file: Path, size: int, max_bytes: int) -> bytes:
    if size <= max_bytes:
        try:
            with file.open("rb") as stream:
                data = stream.read(max_bytes + 1)
        except OSError as error:
            raise SourceRefused(explain_unreadable(error)) from error
        if len(data) <= max_bytes:
            return data
        size = len(data)  # it has grown in the meantime
    raise SourceRefused(
        f"has {size:,} bytes, more than the limit of {max_bytes:,}: raise max_bytes (setting "
        "max_file_mb), or split it"
    )


def _explain_unsupported(file: Path) -> str:
    if file.name == SIDECAR:
        return "states metadata, it is no article: add the folder, or the files that it names"
    kind = f'the extension "{file.suffix}" is not' if file.suffix else "a file without an extension is not"
    return f"{kind} supported; supported are {_list_formats()}"


def _list_formats() -> str:
    return " ".join(EXTENSIONS)
