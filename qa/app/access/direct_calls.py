"""What a program that calls an endpoint directly is told by the status: its own mistake is 400, ours 500.

Gradio answers both with 500. It gives the reason of a refusal only, and of what went wrong inside none.
"""

import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.app.access.gate import route_of
from qa.app.access.open_routes import API

REFUSED = 400
_CALLS = f"{API}/run/"


class DirectCalls:
    """ASGI middleware that tells a refusal from a failure."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back with the status that it should have."""
        called = scope["type"] == "http" and route_of(scope).startswith(_CALLS)
        await self.app(scope, receive, _Answer(send).pass_on if called else send)


class _Answer:
    """One answer on its way: of a failure's nothing is sent until all of it is there."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: list[Message] = []

    async def pass_on(self, message: Message) -> None:
        failed = message["type"] == "http.response.start" and message["status"] == 500
        if not (failed or self._held):
            await self._send(message)
            return
        self._held.append(message)
        if message["type"] == "http.response.start" or message.get("more_body", False):
            return
        start, *parts = self._held
        self._held = []
        body = b"".join(part.get("body", b"") for part in parts)
        await self._send({**start, "status": REFUSED} if _says_why(body) else start)
        for part in parts:
            await self._send(part)


def _says_why(body: bytes) -> bool:
    try:
        told = json.loads(body)
    except ValueError:
        return False
    return isinstance(told, dict) and isinstance(told.get("error"), str)
