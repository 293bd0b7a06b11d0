"""A page that the user names, fetched: bytes, what they are, and where they finally came from."""

import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from index.errors import SourceRefused
from index.lengths import ADDRESS_CHARS
from index.sources.addresses import Guard, guard_transport

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 20.0  # without a byte
DEADLINE_S = 120.0  # in all
MAX_REDIRECTS = 5
_UNPACKED = 1 << 16  # bytes at a time
_GZIP = 16 + zlib.MAX_WBITS  # zlib's number for that format
# Events of httpcore's trace.
_CONNECTS = "connection.connect_tcp.started"
_CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")

_EXTENSIONS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/json": ".json",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "text/csv": ".csv",
    "message/rfc822": ".eml",
}
_ADVICE = {
    401: "it asks for a login: save the page from your browser and add the file",
    403: "it does not serve programs: save the page from your browser and add the file",
    404: "there is no such page: check the address",
    410: "the page was taken down: look for a copy elsewhere",
    429: "too many requests: wait a while and try again",
    451: "it is withheld for legal reasons: look for a copy elsewhere",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response: `extension` is its format, `charset` what the server states, `address` the last one."""

    data: bytes
    extension: str
    charset: str | None
    address: str


def fetch(
    url: str,
    *,
    max_bytes: int,
    timeout_s: float = TIMEOUT_S,
    deadline_s: float = DEADLINE_S,
    guard: Guard | None = None,
) -> Fetched:
    """What stands at `url`. Raises SourceRefused when it cannot be fetched, is too large, or no text.

    With `guard`, only what it permits is fetched, and only from there; without, whatever the user names.
    It ends `deadline_s` after it began at the latest, but for looking names up and waiting for connections.
    """
    import httpx  # slow

    if len(url) > ADDRESS_CHARS:
        raise SourceRefused(f"has {len(url):,} characters, and {ADDRESS_CHARS:,} are the most of an address")
    deadline = Deadline(deadline_s)
    try:
        with (
            deadline,
            httpx.Client(
                follow_redirects=True,
                max_redirects=MAX_REDIRECTS,
                timeout=timeout_s,
                transport=guard_transport(guard) if guard else None,
                headers={
                    "User-Agent": "Mozilla/5.0 (compatible; whosays)",
                    "Accept": "text/html, */*;q=0.5",
                    # Alone: what unpacks others gives all of a part at once, however large.
                    "Accept-Encoding": "gzip",
                },
            ) as client,
            client.stream("GET", url, extensions={"trace": deadline.trace}) as response,
        ):
            if response.is_error:
                raise SourceRefused(_status(response))
            extension = _extension(response)
            data = _body(response, max_bytes)
            deadline.check()  # one that was cut off may look complete
            address = str(response.url.copy_with(userinfo=b"", fragment=None))
            return Fetched(data, extension, response.charset_encoding, address)
    except SourceRefused:
        deadline.check()
        raise
    except httpx.TooManyRedirects as error:
        raise SourceRefused(f"redirects more than {MAX_REDIRECTS} times: open it in a browser") from error
    except httpx.UnsupportedProtocol as error:
        raise SourceRefused("leads to an address that is not http(s) with a host: not followed") from error
    except (httpx.InvalidURL, UnicodeError) as error:  # UnicodeError: a host name that IDNA forbids
        raise SourceRefused(f"is not a valid address ({error}): check how it is written") from error
    except httpx.HTTPError as error:
        deadline.check()
        if isinstance(error, httpx.TimeoutException):
            raise SourceRefused(f"did not answer within {timeout_s:g} s: try again later") from error
        if isinstance(error, httpx.ConnectError):
            reason = f"cannot be reached ({error}): check the address and the network"
            raise SourceRefused(reason) from error
        raise SourceRefused(f"could not be fetched ({type(error).__name__}: {error}): try again") from error


def origin_of(url: str) -> str:
    """`url` without its fragment: the same page whichever part of it is pointed at."""
    return url.strip().partition("#")[0]


def _status(response: "httpx.Response") -> str:
    code = response.status_code
    other = "the server is in trouble: try again later" if code >= 500 else "open it in a browser to see why"
    return f"answers {code} {response.reason_phrase}".rstrip() + f": {_ADVICE.get(code, other)}"


def _extension(response: "httpx.Response") -> str:
    stated = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if stated in _EXTENSIONS:
        return _EXTENSIONS[stated]
    if stated in ("", "application/octet-stream", "binary/octet-stream"):
        path = urlsplit(str(response.url)).path.lower()
        named = next((known for known in _EXTENSIONS.values() if path.endswith(known)), None)
        if named or not stated:
            return named or ".html"
    raise SourceRefused(
        f"is {stated}, which holds no article that can be read; readable are web pages, plain text, "
        "Markdown, PDF, .docx, JSON, CSV and mail"
    )


def _body(response: "httpx.Response", max_bytes: int) -> bytes:
    data = bytearray()
    for part in _unpack(response, max_bytes):
        data += part
        if len(data) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(data)


def _unpack(response: "httpx.Response", max_bytes: int) -> Iterator[bytes]:
    """The body of `response`, a little at a time: 64 kB that were packed may stand for gigabytes."""
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("gzip", "x-gzip", "identity", ""):
        raise SourceRefused(
            f'is sent packed as "{coding}" though it was not asked to be: save the page from your '
            "browser and add the file"
        )
    packed = response.iter_raw(_UNPACKED)
    if coding not in ("gzip", "x-gzip"):
        yield from packed
        return
    taken = 0
    member = zlib.decompressobj(_GZIP)
    for part in packed:
        taken += len(part)
        if taken > max_bytes:  # packed members of nothing, one after the other
            raise _too_large(max_bytes)
        rest = part
        while rest:
            if member.eof:
                member = zlib.decompressobj(_GZIP)
            try:
                yield member.decompress(rest, _UNPACKED)
            except zlib.error as error:
                raise SourceRefused(
                    f"is packed wrongly ({error}): save the page from your browser"
                ) from error
            rest = member.unused_data if member.eof else member.unconsumed_tail
    if taken and not member.eof:
        raise SourceRefused("ends in the middle of what it packs: try again")


def _too_large(max_bytes: int) -> SourceRefused:
    return SourceRefused(
        f"sends more than the limit of {max_bytes:,} bytes: raise max_bytes (setting max_file_mb) or "
        "save the part that you need"
    )


class Deadline:
    """Shuts all connections made within it once `seconds` have passed, and lets none be made after that.

    A time-out counts from byte to byte: a server that sends one every few seconds, in the head of its answer
    or in a compressed body that unpacks to nothing, is never too late. So the connections themselves are
    shut.

    `trace` is given to httpx as the request's extension of that name (source: httpcore, "Extensions").
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True
        self.passed = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._timer.join()

    def trace(self, event: str, about: dict[str, Any]) -> None:
        """Raises SourceRefused when a connection is to be made after the end."""
        if event == _CONNECTS:
            self.check()
        elif event in _CONNECTED:
            with self._lock:
                self._sockets.append(about["return_value"].get_extra_info("socket"))
                if self.passed:
                    _shut(self._sockets[-1])

    def check(self) -> None:
        """Raises SourceRefused after the end."""
        if self.passed:
            raise SourceRefused(f"was still sending after {self._seconds:g} s: try again later")

    def _shut(self) -> None:
        with self._lock:
            self.passed = True
            for one in self._sockets:
                _shut(one)


def _shut(one: socket.socket) -> None:
    # Not `close`: that leaves a reader in another thread waiting. Nor a TLS socket's own `shutdown`: that
    # would have the reader go on in the clear. OSError: closed already, or handed on to a TLS socket.
    with suppress(OSError):
        socket.socket.shutdown(one, socket.SHUT_RDWR)
