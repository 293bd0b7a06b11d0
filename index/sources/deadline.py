"""An end to a whole exchange with a server, whatever the server does.

A time-out counts from byte to byte: a server that sends one every few seconds, in the head of its answer or
in a compressed body that unpacks to nothing, is never too late. So the connections themselves are shut.
"""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from index.errors import SourceRefused

_CONNECTS = "connection.connect_tcp.started"
_CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class Deadline:
    """Shuts all connections made within it once `seconds` have passed, and lets none be made after that.

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
