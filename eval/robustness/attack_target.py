"""The app that is attacked: requests as a browser would never send them, and what came back."""

import http.client
import json
import socket
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

FERRY = "The ferry Aurora came in late on Friday. The ferry Aurora carried 40 people, the captain said."
QUESTION = "How many people did the ferry Aurora carry?"
WAIT_S, MOST_BYTES = 60.0, 1_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, and in which time."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """The body, whatever bytes it has."""
        return self.body.decode("utf-8", "replace")

    @property
    def refusal(self) -> str | None:
        """Why Gradio says that a call failed; None where it does not say."""
        try:
            told = json.loads(self.body)
        except ValueError:
            return None
        return told.get("error") if isinstance(told, dict) and isinstance(told.get("error"), str) else None


@dataclass
class Target:
    """An app by its address; of one that was started here also the process and its log."""

    address: str
    process: int | None = None
    log: Path | None = None
    sent: int = field(default=0, init=False)

    def send(self, path: str, method: str = "GET", body: bytes | Any = None, **headers: str) -> Reply:
        """One request; a `body` that is no bytes goes as JSON. Names of headers have _ for -."""
        at, begun = urlsplit(self.address), monotonic()
        self.sent += 1
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=WAIT_S)
        try:
            connection.request(method, at.path.rstrip("/") + path, body, given)
            answer = connection.getresponse()
            try:
                content = answer.read(MOST_BYTES)
            except (
                http.client.IncompleteRead
            ) as error:  # Gradio breaks off a stream of a session that is none
                content = error.partial
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, named, content, monotonic() - begun)
        except http.client.HTTPException as error:
            raise ConnectionError(f"{type(error).__name__} at {path[:60]}") from error
        finally:
            connection.close()

    def send_raw(self, request: bytes) -> bytes:
        """The first bytes that answer whatever is sent."""
        at = urlsplit(self.address)
        with socket.create_connection((at.hostname or "", at.port or 80), timeout=10) as wire:
            wire.sendall(request)
            wire.shutdown(socket.SHUT_WR)
            return wire.recv(10_000)

    def hang_up(self, path: str) -> None:
        """Ask for it, and be gone before it has come."""
        at = urlsplit(self.address)
        request = f"GET {at.path.rstrip('/')}{path} HTTP/1.1\r\nHost: {at.netloc}\r\n\r\n"
        with socket.create_connection((at.hostname or "", at.port or 80), timeout=10) as wire:
            wire.sendall(request.encode())

    def call(self, name: str, data: list[Any], **more: Any) -> Reply:
        """A named endpoint, called directly."""
        return self.send(f"/gradio_api/run/{name}", "POST", {"data": data, **more})

    @cached_property
    def endpoints(self) -> dict[str, int]:
        """The named endpoints with the number of their arguments."""
        told = json.loads(self.send("/gradio_api/info").body)["named_endpoints"]
        return {name.lstrip("/"): len(one["parameters"]) for name, one in told.items()}

    @cached_property
    def articles(self) -> list[str]:
        """The ids of some articles."""
        reply = self.call("articles", [None, None, None, "", 50, 0])
        return [one["id"] for one in json.loads(reply.body)["data"][0]["articles"]]

    def tells_its_place(self, reply: Reply) -> bool:
        """Whether a refusal names the folder of an app that was started here."""
        return self.log is not None and str(self.log.parent) in (reply.refusal or "")

    def memory_mb(self) -> int | None:
        """What the process holds now, where the system says it."""
        try:
            status = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
        except OSError:
            return None
        (line,) = (one for one in status.splitlines() if one.startswith("VmRSS"))
        return int(line.split()[1]) // 1_000
