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
from time import monotonic

import anyio
import anyio.to_thread
from gradio import route_utils
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import SettingsError
from qa.app.access.gate import address_of, route_of, user_of
from qa.app.access.shares import Shares
from qa.app.access.uploads import WaitingFiles
from qa.export.bounded_json import JsonCount, TooMuch, WholeCharacters

_MB = 1_000_000
UPLOAD = ("/gradio_api/upload", "/gradio_api/upload/")
# Of all but uploads. The largest that a page sends is a conversation brought back from a file.
BODY_BYTES = 32 * _MB
# Of all that was sent and not yet read, by everybody; and what of the disk is left to others.
UPLOADS_BYTES, UPLOADED_FILES, FREE_BYTES = 2_000 * _MB, 5_000, 500 * _MB
# Of all other bodies at once: so many addresses may each hold twice the largest.
ADDRESSES_HELD = 2
BODY_S = 300.0  # from its first byte to its last
FIELD_BYTES, FIELDS_BYTES = 100_000, 1_000_000  # of one, and of all in an upload
# An upload that was broken off has grown no more for so long.
LEFT_S = 600
_LOOK_BYTES = 8 * _MB
_LET_GO_BYTES = 64 * _MB
_CLOSE = {"Connection": "close"}
# Where the bytes of a request's body stand in it.
_BYTES = "whosays.bytes"
NO_ROOM = "The server has no room for these files right now: send fewer, or try again in a few minutes."
YOUR_SHARE = (
    "As many of your files wait as may: add them to a library first. Those that nobody adds are deleted "
    "within two hours."
)
TOO_LONG = "This is longer than the {:g} MB that may be sent at once."
TOO_MUCH = "This is more than may be sent at once, which is {:g} MB of JSON, neither deep nor of many values"
BUSY = "The server is reading as much as it can hold, from here or from everywhere: try again in a minute."


class BoundedBodies:
    """ASGI middleware that refuses a body beyond its limit: unused where its length is told, else there.

    Of all bodies but uploads so much is held at once, for one address and for all together, until they are
    answered; and what they hold is counted as JSON, which they are, before it is read.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        uploads: str | Path | None,
        body_bytes: int = BODY_BYTES,
        uploads_bytes: int = UPLOADS_BYTES,
        files: int = UPLOADED_FILES,
        free_bytes: int = FREE_BYTES,
        body_s: float = BODY_S,
    ) -> None:
        """`uploads`: the folder into which Gradio puts them, and nobody else; None where none are taken."""
        self.app = app
        self._uploads = Path(uploads) if uploads else None
        self._body_bytes, self._uploads_bytes = body_bytes, uploads_bytes
        self._files, self._free_bytes = files, free_bytes
        self._body_s = body_s
        self._waiting = WaitingFiles(files=files, total_bytes=uploads_bytes)
        self._held = Shares(ADDRESSES_HELD * 2 * body_bytes, 2 * body_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
        elif self._uploads and route_of(scope) in UPLOAD:
            await self._pass_upload(scope, receive, send, self._uploads)
        else:
            await self._pass_body(scope, receive, send)

    async def _pass_upload(self, scope: Scope, receive: Receive, send: Send, folder: Path) -> None:
        """Pass it on while there is room, asked now and then, for others send as well."""
        room = partial(anyio.to_thread.run_sync, self._room, folder)
        refusal, own = PlainTextResponse(NO_ROOM, 507, _CLOSE), PlainTextResponse(YOUR_SHARE, 507, _CLOSE)
        who, files, size, looked = user_of(scope) or address_of(scope), 0, 0, 0
        most, answer = await room(), bytearray()

        async def check(part: bytes, taken: int) -> PlainTextResponse | None:
            nonlocal looked, files, size
            announced, more = self._waiting.come(who, part)
            files, size = files + announced, size + more
            if not self._waiting.fits(who):
                return own
            if taken - looked > _LOOK_BYTES:
                looked = taken
                return refusal if taken > most or await room() <= 0 else None
            return refusal if taken > most else None

        async def send_heard(message: Message) -> None:
            answer.extend(message.get("body", b""))
            await send(message)

        if most <= 0 or _told_bytes(scope) > most or not self._waiting.fits(who):
            await _let_go(receive)
            await (own if most > 0 and not self._waiting.fits(who) else refusal)(scope, receive, send)
            return
        try:
            await self._pass_checked(scope, receive, send_heard, check)
        finally:
            self._waiting.end(who, files, size, bytes(answer))

    async def _pass_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on while it is within what one body, one address and all together may hold."""
        who, held, count = user_of(scope) or address_of(scope), 0, JsonCount()
        too_long = PlainTextResponse(TOO_LONG.format(self._body_bytes / _MB), 413, _CLOSE)

        async def check(part: bytes, taken: int) -> PlainTextResponse | None:
            nonlocal held
            if taken > self._body_bytes:
                return too_long
            try:
                count.add(part)
            except TooMuch as error:
                return self._too_much(error)
            if not self._held.take(who, len(part)):
                return PlainTextResponse(BUSY, 503, {**_CLOSE, "Retry-After": "60"})
            held += len(part)
            scope[_BYTES] = taken
            return None

        try:
            if _told_bytes(scope) > self._body_bytes:
                await _let_go(receive)
                await too_long(scope, receive, send)
            else:
                in_time = _in_time(receive, self._body_s)
                await self._pass_checked(scope, in_time, send, check, WholeCharacters().add)
        finally:
            self._held.give_back(who, held)

    async def _pass_checked(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        check: Callable[[bytes, int], Awaitable[PlainTextResponse | None]],
        change: Callable[..., bytes] | None = None,
    ) -> None:
        """Pass it on until `check`, of each part and of the bytes so far, gives a refusal.

        Each part goes on as `change` makes it.
        """
        taken, refusal, answering, ended = 0, None, False, False

        async def receive_checked() -> Message:
            nonlocal taken, refusal, ended
            message = await receive()
            ended = not message.get("more_body", False)
            if refusal is None and (part := message.get("body", b"")):
                taken += len(part)
                refusal = await check(part, taken)
            if refusal is None and change is not None and message["type"] == "http.request":
                try:
                    part = change(message.get("body", b""), last=not message.get("more_body", False))
                    message = {**message, "body": part}
                except TooMuch as error:
                    refusal = self._too_much(error)
            return {"type": "http.disconnect"} if refusal is not None else message

        async def send_unless_refused(message: Message) -> None:
            nonlocal answering
            if answering or refusal is None:
                answering = True
                await send(message)

        try:
            await self.app(scope, receive_checked, send_unless_refused)
        except ClientDisconnect:  # as whoever reads the body is told here that there is no more of it
            if refusal is None:
                raise
        if refusal is not None and not answering:
            if not ended:  # else nothing more would come, and the refusal never went out
                await _let_go(receive)
            await refusal(scope, receive, send)

    def _too_much(self, error: TooMuch) -> PlainTextResponse:
        return PlainTextResponse(f"{TOO_MUCH.format(self._body_bytes / _MB)}: {error}.", 413, _CLOSE)

    def _room(self, folder: Path) -> int:
        """Bytes that may still come: none with too many files, or a disk that is nearly full."""
        held, files, now = 0, 0, time.time()
        self._waiting.forget_read()
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


def bytes_of(scope: Scope) -> int:
    """How much of the request's body has come; 0 of an upload."""
    return int(scope.get(_BYTES, 0))


def _told_bytes(scope: Scope) -> int:
    """The length that the request says it has; 0 where it says none."""
    told = Headers(scope=scope).get("content-length", "")
    return int(told) if told.isdecimal() else 0


def _in_time(receive: Receive, seconds: float) -> Receive:
    """Hears of a body until `seconds` have passed, and then that whoever sent it has gone."""
    ends, ended = monotonic() + seconds, False

    async def receive_in_time() -> Message:
        nonlocal ended
        if ended:
            return await receive()
        with anyio.move_on_after(max(0.0, ends - monotonic())):
            message = await receive()
            ended = not message.get("more_body", False)
            return message
        return {"type": "http.disconnect"}

    return receive_in_time


async def _let_go(receive: Receive) -> None:
    """Read on for a while and keep nothing: who is hung up on while sending never sees why."""
    taken, message = 0, await receive()
    while message.get("more_body") and taken < _LET_GO_BYTES:
        taken += len(message.get("body", b""))
        message = await receive()


def bound_fields() -> None:
    """Hold the fields of an upload that are no files to `FIELD_BYTES` each, to `FIELDS_BYTES` together.

    Gradio keeps them in memory.
    """
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
        if part.file is None:
            self.whosays_fields = getattr(self, "whosays_fields", 0) + end - start  # type: ignore[attr-defined]
            if self.whosays_fields > FIELDS_BYTES:  # type: ignore[attr-defined]
                raise MultiPartException(
                    f"The fields that are no files have more than {FIELDS_BYTES:,} bytes."
                )
        given(self, data, start, end)

    on_part_data.bounded = True  # type: ignore[attr-defined]
    parser.on_part_data = on_part_data  # type: ignore[method-assign]
