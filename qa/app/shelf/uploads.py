"""Files and addresses that a visitor gives: held to limits, read in a process apart, then added."""

import hashlib
import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from index.adding import Cut
from index.errors import LibraryError
from index.library import Library
from index.records import Outcome
from index.refusals import keep_refusals
from index.sources.fetch import origin_of
from index.sources.formats import EXTENSIONS
from index.sources.load import Loaded, load
from index.sources.sandbox import Sandbox, SandboxLimits
from index.sources.walk import refuse

_MB = 1_000_000
# A file that takes as long as it may holds up one of these, not everyone. Each may take `Allowed.memory_mb`.
ADDS_AT_ONCE = 3
# One visitor's articles go in after the other's: a writer waits for another one second only.
_TURN = threading.Lock()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file: what its owner calls it, and where it was put here."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Allowed:
    """Of one go: the number of files, chosen alone or as a folder, or of addresses, and all megabytes; of one
    file: megabytes, seconds and memory.

    `seconds` are those of reading and cutting it; embedding, which takes ten times as long, has its own. With
    `public_only`, web addresses inside this machine and its networks are refused.
    """

    files: int = 50
    folder_files: int = 1_000
    addresses: int = 100
    file_mb: int = 20
    total_mb: int = 100
    seconds: int = 60
    embedding_seconds: int = 600
    memory_mb: int = 2_000
    public_only: bool = True


def objections(uploads: Sequence[Upload], allowed: Allowed, *, folder: bool = False) -> list[str]:
    """Why each file is refused unread; "" for one that may be read. Of a `folder` there may be more."""
    taken, found = 0, []
    most = allowed.folder_files if folder else allowed.files
    for number, upload in enumerate(uploads, start=1):
        objection = _objection(upload, allowed)
        size = 0 if objection else upload.path.stat().st_size
        if not objection and number > most:
            objection = f"is beyond the limit of {most:,} files at once: add it with the next"
        elif not objection and taken + size > allowed.total_mb * _MB:
            objection = f"is beyond the limit of {allowed.total_mb} MB at once: add it with the next"
        taken += 0 if objection else size
        found.append(objection)
    return found


def _objection(upload: Upload, allowed: Allowed) -> str:
    extension = PurePosixPath(upload.name).suffix.lower()
    if extension not in EXTENSIONS:
        kind = f'the extension "{extension}" is not' if extension else "a file without an extension is not"
        return f"{kind} supported; supported are {' '.join(EXTENSIONS)}"
    try:
        size = upload.path.stat().st_size
    except OSError:
        return "disappeared before it was read: choose it again"
    if size > allowed.file_mb * _MB:
        return f"has {size:,} bytes, more than the limit of {allowed.file_mb} MB: split it, or save its text"
    return "" if size else "is empty: there is nothing to add"


def add_file(library: Library, upload: Upload, allowed: Allowed) -> tuple[Outcome, ...]:
    """Read and add one file that nothing was said against; one outcome for each of its records.

    The same name with another text is another article: visitors share a library, and names of files.
    """
    try:
        digest = hashlib.sha256(upload.path.read_bytes()).hexdigest()[:12]
    except OSError:
        return _kept(library, (refuse(upload.name, "disappeared before it was read: choose it again"),))
    origin = f"upload/{digest}/{upload.name}"
    read = upload.path.as_posix()
    return _kept(library, _read_and_add(library, upload.path, read, origin, upload.name, allowed))


def refuse_unread(library: Library, name: str, objection: str) -> tuple[Outcome, ...]:
    """That a file is not even read, kept among the library's refusals."""
    return _kept(library, (refuse(name, objection),))


def addresses_in(text: str) -> list[str]:
    """The addresses that were typed or pasted, one a line, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def add_address(library: Library, address: str, allowed: Allowed) -> tuple[Outcome, ...]:
    """Fetch and add a web page; never a path, which would be one of the server's own files."""
    address = origin_of(address)
    if not re.match(r"https?://[^/?\s]", address, re.IGNORECASE) or re.search(r"\s", address):
        advice = "give one that begins with https://"
        return _kept(library, (refuse(address, f"is not a web address: {advice}"),))
    return _kept(library, _read_and_add(library, address, address, address, address, allowed))


def _kept(library: Library, outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """The outcomes, once the refusals among them can be looked up later."""
    keep_refusals(library.path, outcomes)
    return outcomes


def _read_and_add(  # noqa: PLR0917  # where it is read from, whose it is, what it is called
    library: Library, source: str | Path, read: str, origin: str, name: str, allowed: Allowed
) -> tuple[Outcome, ...]:
    with Sandbox(SandboxLimits(allowed.seconds, allowed.memory_mb), library.chunk_settings) as sandbox:
        most, public = allowed.file_mb * _MB, allowed.public_only
        found = load(source, max_bytes=most, public_only=public, parser=sandbox.parse)
        return add_as(library, found, read, origin, name, sandbox.chunks, allowed)


def add_as(  # noqa: PLR0917
    library: Library,
    found: Iterable[Loaded | Outcome],
    read: str,
    origin: str,
    name: str,
    cut: Cut,
    allowed: Allowed,
) -> tuple[Outcome, ...]:
    """What was read from `read` added as of `origin`; the outcomes speak of it as `name`.

    It is cut and embedded before it is its turn, so that others wait for no more than the writing.
    """
    try:
        moved = [_move(one, read, origin, name) for one in found]
        ready = library.prepare(moved, cut, seconds=allowed.embedding_seconds)
        with _TURN:
            outcomes = library.add_loaded(ready)
    except LibraryError as error:
        return (refuse(name, str(error)),)
    return tuple(
        # Not "the same article as" with a place, which may be a path of the server's.
        replace(one, source=name + one.source.removeprefix(origin), reason=_plain(one))
        for one in outcomes
    )


def _move(one: Loaded | Outcome, read: str, origin: str, name: str) -> Loaded | Outcome:
    """Whatever was said of places, what was read belongs to `origin` and to nothing else."""
    record = re.search(r"#\d+\Z", one.source if isinstance(one, Outcome) else one.place)
    place = origin + (record[0] if record else "")
    if isinstance(one, Outcome):
        return replace(one, source=place)
    article = one.article
    if article.uri == read and read != origin:
        article = replace(article, uri=name)
    return Loaded(place, origin, article)


def _plain(outcome: Outcome) -> str:
    return "it is in the library already" if outcome.status == "unchanged" else outcome.reason
