"""Where a library in Milvus stands: `milvus://host:port/name`, or a path that ends in `.db`."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from index.errors import LibraryError
from index.local.schema import FILE

TOKEN_VARIABLE = "WHOSAYS_MILVUS_TOKEN"  # noqa: S105  # the name of a variable, no secret
_PORT = 19530  # Source: Milvus' own default
# One slash and backslashes too: what became of the address if it once was a Path, on any system.
_SERVER = re.compile(r"(milvus(?:\+https)?):[\\/]{1,2}([^\\/]*)[\\/]?(.*)", re.IGNORECASE)
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:@\s]+)(?::(\d{1,5}))?", re.IGNORECASE)
# Source: Milvus, "Create Collection": a name has letters, digits and underscores, and begins with no digit.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,200}")


@dataclass(frozen=True, slots=True)
class Address:
    """`uri` is the server's, "" for a Milvus Lite file, whose path is then `folder`.

    `folder` holds what is kept beside the library: people's rulings, and what a survey remembers. `prefix`
    begins the names of its collections. `text` is how it is told to people; equal for equal libraries.
    """

    text: str
    uri: str
    prefix: str
    folder: Path

    @property
    def token(self) -> str:
        """What a server may ask for, from the environment."""
        return os.environ.get(TOKEN_VARIABLE, "") if self.uri else ""


def milvus_address(path: str | Path) -> Address | None:
    """The address of a library in Milvus; None where `path` names a folder of another kind.

    Raises LibraryError for an address that names no server or no library.
    """
    server = _SERVER.fullmatch(str(path).strip())
    if server:
        return _on_server(*server.groups())
    file = Path(path).expanduser().absolute()
    if file.suffix.casefold() != ".db" or (file / FILE).is_file():
        return None
    return Address(str(file), "", "whosays", file)


def _on_server(scheme: str, host: str, name: str) -> Address:
    said = f"{scheme}://{host}/{name}"
    if "@" in host:
        raise LibraryError(
            f"An address with a password is seen by others: set {TOKEN_VARIABLE}=user:password instead"
        )
    found = _HOST.fullmatch(host)
    if not found or not _NAME.fullmatch(name):
        raise LibraryError(
            f"{said} is no address of a library: write milvus://host:{_PORT}/name, the name in letters,"
            " digits and underscores"
        )
    where = f"{found[1].casefold()}:{found[2] or _PORT}"
    secure = scheme.casefold() == "milvus+https"
    kept = platformdirs.user_data_path("whosays") / "milvus" / re.sub(r"[^a-z0-9.]+", "-", where) / name
    return Address(
        f"{scheme.casefold()}://{where}/{name}", f"http{'s' if secure else ''}://{where}", name, kept
    )
