"""A page that the user names, fetched: bytes, what they are, and where they finally came from."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index.addresses import Guard, guarded
from index.errors import SourceRefused

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 20.0  # without a byte
DEADLINE_S = 120.0  # in all
MAX_REDIRECTS = 5

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


def fetch(url: str, *, max_bytes: int, timeout_s: float = TIMEOUT_S, guard: Guard | None = None) -> Fetched:
    """What stands at `url`. Raises SourceRefused when it cannot be fetched, is too large, or no text.

    With `guard`, only what it permits is fetched, and only from there; without, whatever the user names.
    """
    import httpx  # slow

    try:
        with (
            httpx.Client(
                follow_redirects=True,
                max_redirects=MAX_REDIRECTS,
                timeout=timeout_s,
                transport=guarded(guard) if guard else None,
                headers={"User-Agent": "Mozilla/5.0 (compatible; whosays)", "Accept": "text/html, */*;q=0.5"},
            ) as client,
            client.stream("GET", url) as response,
        ):
            if response.is_error:
                raise SourceRefused(_status(response))
            extension = _extension(response)
            data = _body(response, max_bytes)
            address = str(response.url.copy_with(userinfo=b"", fragment=None))
            return Fetched(data, extension, response.charset_encoding, address)
    except httpx.TooManyRedirects as error:
        raise SourceRefused(f"redirects more than {MAX_REDIRECTS} times: open it in a browser") from error
    except httpx.TimeoutException as error:
        raise SourceRefused(f"did not answer within {timeout_s:g} s: try again later") from error
    except httpx.UnsupportedProtocol as error:
        raise SourceRefused("leads to an address that is not http(s) with a host: not followed") from error
    except httpx.ConnectError as error:
        raise SourceRefused(f"cannot be reached ({error}): check the address and the network") from error
    except (httpx.InvalidURL, UnicodeError) as error:  # UnicodeError: a host name that IDNA forbids
        raise SourceRefused(f"is not a valid address ({error}): check how it is written") from error
    except httpx.HTTPError as error:
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
        "Markdown, PDF, .docx, JSON and CSV"
    )


def _body(response: "httpx.Response", max_bytes: int) -> bytes:
    end = time.monotonic() + DEADLINE_S
    data = bytearray()
    for part in response.iter_bytes():
        data += part
        if len(data) > max_bytes:
            raise SourceRefused(
                f"sends more than the limit of {max_bytes:,} bytes: raise max_bytes (setting max_file_mb) or "
                "save the part that you need"
            )
        if time.monotonic() > end:
            raise SourceRefused(f"was still sending after {DEADLINE_S:g} s: try again later")
    return bytes(data)
