"""A connection to Milvus: a server's, or that of a Milvus Lite file, which this process serves to itself."""

import atexit
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import LibraryError, LibraryInUse
from index.milvus.address import TOKEN_VARIABLE, Address

_OLDEST = (2, 5)  # Source: Milvus' release notes: the first with full text search
_CONNECT_S = 10.0
_CLOSED = "has been closed: open it again"


class Connection:
    """A client, and what it needs to stay up. Threads may share one."""

    def __init__(self, client: Any, address: Address) -> None:
        self._client = client
        self._address = address
        self._closed = False
        self._guard = threading.Lock()

    @contextmanager
    def calls(self) -> Iterator[Any]:
        """The client, whose errors come as LibraryError with what to do."""
        if self._closed:
            raise LibraryError(f"The library {self._address.text} {_CLOSED}")
        with translate_errors(self._address):
            yield self._client

    def close(self) -> None:
        """Closing twice is no error."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
        self._client.close()
        if not self._address.uri:
            _let_go(self._address.folder)


def connect(address: Address) -> Connection:
    """Raises LibraryError where pymilvus is missing, no server answers, or it is too old."""
    try:
        from pymilvus import MilvusClient
    except ImportError as error:
        raise LibraryError(
            f"The library {address.text} needs pymilvus, which is not installed:"
            " pip install 'whosays[milvus]'"
        ) from error

    # It logs each error with its whole trace, and raises it as well: we tell it once.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
    if not address.uri:
        uri = f"http://127.0.0.1:{_serve(address.folder)}"
        try:
            with translate_errors(address):
                return Connection(MilvusClient(uri, timeout=_CONNECT_S, dedicated=True), address)
        except LibraryError:
            _let_go(address.folder)
            raise
    with translate_errors(address):
        client = MilvusClient(address.uri, token=address.token, timeout=_CONNECT_S, dedicated=True)
        version = str(client.get_server_version(timeout=_CONNECT_S))
    found = re.search(r"(\d+)\.(\d+)", version)
    if found and (int(found[1]), int(found[2])) < _OLDEST:
        client.close()
        oldest = ".".join(map(str, _OLDEST))
        raise LibraryError(
            f"The Milvus of {address.text} is version {version}, and full text search needs {oldest}:"
            " update it"
        )
    return Connection(client, address)


@contextmanager
def translate_errors(address: Address) -> Iterator[None]:
    """What Milvus and its transport raise, as LibraryError."""
    import grpc
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except (MilvusException, grpc.RpcError) as error:
        raise LibraryError(_explain(address, error)) from error


def _explain(address: Address, error: Exception) -> str:
    said = str(getattr(error, "message", "") or error)
    short = " ".join(said.split())[:300]
    lowered = said.casefold()
    if re.search(r"auth|permission|privilege|token", lowered):
        return f"Milvus does not let us into {address.text} ({short}): set {TOKEN_VARIABLE}=user:password"
    if re.search(r"unavailable|fail connecting|connect|deadline|timeout|timed out|retry", lowered):
        where = address.uri or address.text
        return f"Milvus at {where} does not answer ({short}): start it, or check the address and the network"
    if re.search(r"not exist|not found|not loaded", lowered):
        return f"The library {address.text} lacks a part ({short}): add its articles to a new one"
    if re.search(r"quota|disk|memory|no space|rate limit", lowered):
        return (
            f"Milvus could not write the library {address.text} ({short}): give it more room, and add again"
        )
    return f"The library {address.text} cannot be read or written ({short}): look into Milvus' log"


@dataclass(slots=True)
class _Served:
    """A Milvus Lite file that this process has open, and how many use it."""

    server: Any
    database: Any
    port: int
    users: int = 0


_SERVED: dict[Path, _Served] = {}
_SERVING = threading.Lock()


def _serve(file: Path) -> int:
    """The port on loopback at which the file is served, from now on if it was not."""
    try:
        from milvus_lite.adapter.grpc.server import start_server_in_thread
        from milvus_lite.exceptions import DataDirLockedError, MilvusLiteError
    except ImportError as error:
        raise LibraryError(
            f"The library {file} needs Milvus Lite, which is not installed: pip install 'whosays[milvus]'"
        ) from error
    with _SERVING:
        served = _SERVED.get(file)
        if served is None:
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                served = _Served(*start_server_in_thread(data_dir=str(file), host="127.0.0.1", port=0))
            except DataDirLockedError as error:
                raise LibraryInUse(
                    f"The library {file} is in use by another process, and Milvus Lite lets in one at a time:"
                    " end that one, or run a Milvus server"
                ) from error
            except (MilvusLiteError, OSError, ValueError) as error:
                raise LibraryError(
                    f"The library {file} cannot be opened ({error}): allow it, restore it from a copy, or"
                    " name another path"
                ) from error
            _SERVED[file] = served
        served.users += 1
        return served.port


def _let_go(file: Path) -> None:
    with _SERVING:
        served = _SERVED[file]
        served.users -= 1
        if served.users == 0:
            _stop(_SERVED.pop(file))


def _stop(served: _Served) -> None:
    served.server.stop(grace=1).wait()
    served.database.close()


@atexit.register
def _stop_all() -> None:
    """What was left open ends with the process."""
    with _SERVING:
        while _SERVED:
            _stop(_SERVED.popitem()[1])
