"""Whose a session is: its name means another one for each visitor, so that nobody works in another's place.

Gradio's page makes up the name of its session, and Gradio gives what that holds to whoever says the name.
Here the name is joined with who says it before Gradio hears it. What somebody else calls by the same name is
a session of their own, without anything in it; nothing has to be remembered, and nobody can take a name
first.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from re import Pattern
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.app.access.gate import address_of, route_of, user_of
from qa.app.access.open_routes import API

COOKIE = "whosays-visit"
SESSION_CHARS = 64  # Gradio's page makes up eleven, its client for Python thirty-six
LONG = f"The name of a session has at most {SESSION_CHARS} characters."
NOT_YOURS = "Nothing of yours is known by this name."
CANCEL_BYTES = 10_000
# Each that is given has a name of its own: of two that a browser gets at once none takes the other's place.
_NAME = re.compile(rf"{COOKIE}(-[a-z0-9]{{8}})?")
_KNOWN = re.compile(r"[A-Za-z0-9_-]{16,64}")
_YEAR_S = 365 * 24 * 3600
_KEY = secrets.token_bytes(32)
# Where such a name stands: in what is asked with the address, and in the address itself.
_ASKED = {
    f"{API}/queue/data": "session_hash",
    f"{API}/upload": "upload_id",
    f"{API}/upload/": "upload_id",
    f"{API}/upload_progress": "upload_id",
}
_HEARTBEAT: Pattern[str] = compile_path(f"{API}/heartbeat/{{session_hash}}")[0]
_RESULT: Pattern[str] = compile_path(f"{API}/call/{{api_name}}/{{event_id}}")[0]
_CANCEL = f"{API}/cancel"


class OwnName(str):
    """A session's name as Gradio hears it, already joined with whose it is."""

    __slots__ = ()


def own_name(scope: Scope, name: str) -> OwnName:
    """What the session that the sender of a request calls `name` is called on the server."""
    said = f"{visitor_of(scope)}\0{name}".encode(errors="surrogatepass")
    return OwnName(hmac.digest(_KEY, said, "sha256").hex())


def visitor_of(scope: Scope) -> str:
    """Who sent a request: the name signed in with; else the browser, by its cookie; else the address."""
    if user := user_of(scope):
        return f"user {user}"
    for _, visit in _visits(scope):
        return f"visit {hashlib.sha256(visit.encode()).hexdigest()}"
    return f"address {address_of(scope)}"


class OwnEvents:
    """Whose the events are that programs fetch by number; used on the event loop."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}

    def note(self, event: str, scope: Scope, is_known: Callable[[str], bool]) -> None:
        """`event` is of who sent the request; those that are not known to Gradio any more are forgotten."""
        if len(self._owners) > 1_000:
            self._owners = {one: owner for one, owner in self._owners.items() if is_known(one)}
        self._owners[event] = visitor_of(scope)

    def is_foreign(self, event: str, scope: Scope) -> bool:
        """Whether it is somebody else's."""
        return self._owners.get(event, visitor_of(scope)) != visitor_of(scope)


class OwnSessions:
    """ASGI middleware that joins each session's name with who says it, and gives each browser its cookie."""

    def __init__(self, app: ASGIApp, *, events: OwnEvents) -> None:
        self.app = app
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its session named as the server does; or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        route, query = route_of(scope), scope.get("query_string", b"")
        asked = _ASKED.get(route)
        heartbeat, result = _HEARTBEAT.match(route), _RESULT.match(route)
        refusal = None
        if asked:
            names = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
            refusal = _refusal(value for name, value in names if name == asked)
            given = [(name, own_name(scope, value) if name == asked else value) for name, value in names]
            scope = {**scope, "query_string": urlencode(given).encode()}
        elif heartbeat:
            name = heartbeat["session_hash"]
            refusal = _refusal([name])
            path = scope["path"].removesuffix(name) + own_name(scope, name)
            scope = {**scope, "path": path, "raw_path": path.encode(errors="surrogatepass")}
        elif result and scope["method"] == "GET" and self._events.is_foreign(result["event_id"], scope):
            refusal = PlainTextResponse(NOT_YOURS, 404)
        elif route == _CANCEL and scope["method"] == "POST":
            await self._cancel(scope, receive, send)
            return
        await (refusal or self.app)(scope, receive, _with_cookie(scope, send))

    async def _cancel(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what cancels an event of the sender's own."""
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")[: CANCEL_BYTES + 1 - len(body)]
            more = message.get("more_body", False)
        try:
            given = json.loads(body) if len(body) <= CANCEL_BYTES else None
        except (ValueError, RecursionError):
            given = None
        name = given.get("session_hash") if isinstance(given, dict) else None
        if not isinstance(given, dict) or not isinstance(name, str):
            await PlainTextResponse("Say which event of which session.", 422)(scope, receive, send)
        elif len(name) > SESSION_CHARS:
            await PlainTextResponse(LONG, 400)(scope, receive, send)
        elif self._events.is_foreign(str(given.get("event_id")), scope):
            await PlainTextResponse(NOT_YOURS, 404)(scope, receive, send)
        else:
            sent = json.dumps({**given, "session_hash": own_name(scope, name)}).encode()
            headers = MutableHeaders(scope=scope)
            headers["content-length"] = str(len(sent))
            await self.app(scope, _body(sent, receive), send)


def _refusal(names: Iterable[str]) -> PlainTextResponse | None:
    return PlainTextResponse(LONG, 400) if any(len(one) > SESSION_CHARS for one in names) else None


def _body(sent: bytes, receive: Receive) -> Receive:
    """Hears `sent`, then what else comes."""
    left = [sent]

    async def receive_sent() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return receive_sent


def _visits(scope: Scope) -> list[tuple[str, str]]:
    """The names and values of the browser's cookies: the one that counts first, for it was given first.

    Source: RFC 6265, section 5.4: those that were created earlier are sent before the others.
    """
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(Headers(scope=scope).get("cookie", ""))
    except CookieError:
        return []
    return [
        (name, one.value)
        for name, one in cookies.items()
        if _NAME.fullmatch(name) and _KNOWN.fullmatch(one.value)
    ]


def _with_cookie(scope: Scope, send: Send) -> Send:
    """Sends along with a page what the browser is known by, to be kept for a year from then on.

    Two pages that a new browser asks for at once are given two; the second is forgotten with the next page.
    """

    async def send_known(message: Message) -> None:
        if message["type"] == "http.response.start" and scope["method"] == "GET":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith("text/html"):
                new = (f"{COOKIE}-{secrets.token_hex(4)}", secrets.token_urlsafe(24))
                (name, visit), *others = _visits(scope) or [new]
                headers.append("set-cookie", f"{name}={visit}; Path=/; Max-Age={_YEAR_S}")
                for other, _ in others:
                    headers.append("set-cookie", f"{other}=; Path=/; Max-Age=0")
        await send(message)

    return send_known
