"""What Gradio's page is drawn with, kept as it is sent: compressed once, and sent once to each browser.

Of itself Gradio reads each of some sixty files anew for every page, compresses it, and says nothing of how
long a browser may keep it. Their names hold a mark of their content: what bears such a name never changes.
"""

import asyncio
import re
from collections import OrderedDict
from dataclasses import dataclass

from gradio.brotli_middleware import BrotliMiddleware
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.app.access.gate import route_of

KEPT_BYTES = 24_000_000  # all of one page are 1 MB, all of Gradio's 8
FOR_EVER = "public, max-age=31536000, immutable"
_MARKED = re.compile(r"/assets/[^/]+-[\w-]{8,9}\.\w+")
_ENCODINGS = ("br", "gzip")
# What asks for a part, or whether something has changed. A part of what is compressed is no part of the file:
# a browser that was broken off would put both together.
_CONDITIONS = {
    b"range",
    b"if-range",
    b"if-match",
    b"if-none-match",
    b"if-modified-since",
    b"if-unmodified-since",
}
_CHANGES = (
    # How Gradio's sign of loading counts time: in each frame, for good where the sign has gone before it
    # hears of the end, as on each opened page. It shows tenths of a second.
    (
        b"performance.now()",
        re.compile(rb"\w+\(\(\)=>\{(\w+\(\w+,\(performance\.now\(\)-\w+\(\w+\)\)/1e3\),\w+&&\w+\(\))\}\)"),
        rb"setTimeout(()=>{\1},100)",
    ),
    # That it hangs up as it is asked whether it may be left, also where its reader then stays, or something
    # is on its way for the moments that it still stands. Of a page that is left the browser hangs up.
    (
        b"beforeunload",
        re.compile(rb"window\.addEventListener\(`beforeunload`,\(\)=>\{\w+\(\w+\)\.close\(\)\}\)"),
        b"0",
    ),
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was answered, heard to its end; `body` is of one piece."""

    start: Message
    body: bytes


class Mended:
    """ASGI middleware that gives Gradio's files as they are, but for two places.

    They count time ten times a second, and leave it to the browser to hang up. Source: measured, a page that
    nobody touches takes 9 % of a core of a browser without a GPU, and 1 % so. An answer on its way was lost
    where its reader was asked whether to leave, and stayed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the whole of a file."""
        start, body = await _hear(self.app, scope, receive)
        headers = MutableHeaders(raw=start["headers"])
        if start["status"] == 200 and headers.get("content-length") != str(len(body)):
            start, body = {**start, "status": 503}, b""  # cut off: nothing to keep
        for mark, found, instead in _CHANGES:
            if mark in body:  # seldom, and sooner seen
                body = found.sub(instead, body)
        headers["content-length"] = str(len(body))
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": body})


class KeptAssets:
    """ASGI middleware that answers for files whose names tell their content, once each was sent.

    To stand before Gradio's routes and behind all that guards them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        # As Gradio's own, which leaves what is compressed as it is.
        self._packing = BrotliMiddleware(Mended(app))
        self._kept: OrderedDict[tuple[str, str], _Answer] = OrderedDict()
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what is kept; else keep what is answered."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        route = route_of(scope) if scope["type"] == "http" and scope["method"] == "GET" else ""
        if not _MARKED.fullmatch(route):
            await self.app(scope, receive, send)
            return
        scope = {**scope, "headers": [one for one in scope["headers"] if one[0] not in _CONDITIONS]}
        accepted = headers.get("accept-encoding", "")
        name = route, next((one for one in _ENCODINGS if one in accepted), "")
        answer = self._kept.get(name)
        if answer is None:
            answer = await self._ask(scope)
            if answer.start["status"] == 200:
                self._keep(name, answer)
        else:
            self._kept.move_to_end(name)
        # A copy: what stands before adds headers of its own.
        await send({**answer.start, "headers": list(answer.start["headers"])})
        await send({"type": "http.response.body", "body": answer.body})

    async def _ask(self, scope: Scope) -> _Answer:
        start, body = await _hear(self._packing, scope, _staying())
        headers = MutableHeaders(raw=start["headers"])
        headers["content-length"] = str(len(body))
        if start["status"] == 200:
            headers["cache-control"] = FOR_EVER
            headers["accept-ranges"] = "none"
            # They are of the file: what is sent is none of it, or it in one of three encodings.
            for mark in ("etag", "last-modified"):
                del headers[mark]
            headers.add_vary_header("Accept-Encoding")
        return _Answer({**start, "headers": headers.raw}, body)

    def _keep(self, name: tuple[str, str], answer: _Answer) -> None:
        """In place of those that were not asked for the longest."""
        if name not in self._kept:  # two may ask for it at once
            self._kept[name] = answer
            self._size += len(answer.body)
        while self._size > KEPT_BYTES:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.body)


def _staying() -> Receive:
    """Of one who stays to the end: all others get what the first was answered, who may leave early."""
    told = False

    async def receive() -> Message:
        nonlocal told
        if told:  # nothing more comes; the answer ends this wait
            await asyncio.Event().wait()
        told = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


async def _hear(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """What `app` answers: how it begins, and the whole of its body."""
    heard: list[Message] = []

    async def hear(message: Message) -> None:
        heard.append(message)

    await app(scope, receive, hear)
    return heard[0], b"".join(one.get("body", b"") for one in heard[1:])
