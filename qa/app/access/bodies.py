"""How much a request may bring: a body no larger than any page needs, and files that there is room for.

Gradio holds a single file to its limit, and nothing else: the fields beside it, the JSON of other requests
and the number of files are as large as whoever sends them likes.
"""

import shutil
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import anyio.to_thread
from gradio import route_utils
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import SettingsError
from qa.app.access.gate import route_of

_MB = 1_000_000
UPLOAD = ("/gradio_api/upload", "/gradio_api/upload/")
# Of all but uploads. The largest that a page sends is a conversation brought back from a file.
BODY_BYTES = 32 * _MB
# Of all that was sent and not yet read, by everybody; and what of the disk is left to others.
UPLOADS_BYTES, UPLOADED_FILES, FREE_BYTES = 2_000 * _MB, 5_000, 500 * _MB
FIELD_BYTES = 100_000
# An upload that was broken off has grown no more for so long.
LEFT_S = 600
_LOOK_BYTES = 8 * _MB
_LET_GO_BYTES = 64 * _MB
_CLOSE = {"Connection": "close"}


class BoundedBodies:
    """ASGI middleware that refuses a body beyond its limit: unused where its length is told, else there."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        uploads: str | Path | None,
        body_bytes: int = BODY_BYTES,
        uploads_bytes: int = UPLOADS_BYTES,
        files: int = UPLOADED_FILES,
        free_bytes: int = FREE_BYTES,
    ) -> None:
        """`uploads`: the folder into which Gradio puts them, and nobody else; None where none are taken."""
        self.app = app
        self._uploads = Path(uploads) if uploads else None
        self._body_bytes, self._uploads_bytes = body_bytes, uploads_bytes
        self._files, self._free_bytes = files, free_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
        elif self._uploads and route_of(scope) in UPLOAD:
            room = partial(anyio.to_thread.run_sync, self._room, self._uploads)
            text = (
                "The server has no room for these files right now: send fewer, or try again in a few minutes."
            )
            await self._pass_within(scope, receive, send, room, PlainTextResponse(text, 507, _CLOSE))
        else:
            text = f"This is longer than the {self._body_bytes / _MB:g} MB that may be sent at once."
            await self._pass_within(scope, receive, send, None, PlainTextResponse(text, 413, _CLOSE))

    async def _pass_within(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        room: Callable[[], Awaitable[int]] | None,
        refusal: PlainTextResponse,
    ) -> None:
        """Pass the request on while it is within `room`, asked now and then, for others send as well."""
        most = await room() if room else self._body_bytes
        told = Headers(scope=scope).get("content-length", "")
        if most <= 0 or (told.isdecimal() and int(told) > most):
            await _let_go(receive)
            await refusal(scope, receive, send)
            return
        taken, looked, over, answering = 0, 0, False, False

        async def receive_counted() -> Message:
            nonlocal taken, looked, over
            message = await receive()
            taken += len(message.get("body", b""))
            if room and taken - looked > _LOOK_BYTES:
                looked, over = taken, over or await room() <= 0
            over = over or taken > most
            return {"type": "http.disconnect"} if over else message

        async def send_unless_over(message: Message) -> None:
            nonlocal answering
            if answering or not over:
                answering = True
                await send(message)

        try:
            await self.app(scope, receive_counted, send_unless_over)
        except ClientDisconnect:  # as whoever reads the body is told here that there is no more of it
            if not over:
                raise
        if over and not answering:
            await _let_go(receive)
            await refusal(scope, receive, send)

    def _room(self, folder: Path) -> int:
        """Bytes that may still come: none with too many files, or a disk that is nearly full."""
        held, files, now = 0, 0, time.time()
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.rglob("*"):
            with suppress(OSError):  # read and deleted meanwhile
                found = path.stat()
                if path.is_dir():
                    continue
                if path.parent == folder and now - found.st_mtime > LEFT_S:
                    path.unlink()
                    continue
                held, files = held + found.st_size, files + 1
            if files >= self._files:
                return 0
        return min(self._uploads_bytes - held, shutil.disk_usage(folder).free - self._free_bytes)


async def _let_go(receive: Receive) -> None:
    """Read on for a while and keep nothing: who is hung up on while sending never sees why."""
    taken, message = 0, await receive()
    while message.get("more_body") and taken < _LET_GO_BYTES:
        taken += len(message.get("body", b""))
        message = await receive()


def bound_fields() -> None:
    """Hold the fields of an upload that are no files, which Gradio keeps in memory, to `FIELD_BYTES` each."""
    parser = route_utils.GradioMultiPartParser
    given = getattr(parser, "on_part_data", None)
    if given is None:
        raise SettingsError(
            "This version of Gradio reads uploads in a way that Whosays does not know: install the version "
            "that constraints.txt names"
        )
    if getattr(given, "bounded", False):
        return

    def on_part_data(self: route_utils.GradioMultiPartParser, data: bytes, start: int, end: int) -> None:
        part = self._current_part
        if part.file is None and len(part.data) + end - start > FIELD_BYTES:
            raise MultiPartException(f"A field that is not a file has more than {FIELD_BYTES:,} bytes.")
        given(self, data, start, end)

    on_part_data.bounded = True  # type: ignore[attr-defined]
    parser.on_part_data = on_part_data  # type: ignore[method-assign]
