"""The addresses that this app answers at: a short list of Gradio's, and those that are its own.

Gradio brings some ninety, and more with each version: among them one that runs ffmpeg on what a stranger
sends, one that writes a file for each call, one that fetches. Of these the app needs the few below. Every
other is not there, whatever comes with the next version: `tests/qa/app/serve/test_routes.py` holds the list
against Gradio's own and fails on what neither names.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from re import Pattern

from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.app.access.gate import route_of

API = "/gradio_api"
_READ, _SEND = ("GET",), ("POST",)

# The page itself and what it is drawn with.
_PAGE: Mapping[str, Sequence[str]] = {
    "/": ("GET", "HEAD"),
    "/assets/{path:path}": _READ,
    "/static/{path:path}": _READ,
    "/theme.css": _READ,
    f"{API}/theme.css": _READ,
    "/favicon.ico": _READ,
    "/manifest.json": _READ,
    "/robots.txt": _READ,
}
# What happens on the page: its events, their answers as they come, and a word that it is still open.
_EVENTS: Mapping[str, Sequence[str]] = {
    "/config": _READ,
    f"{API}/app_id": _READ,
    f"{API}/startup-events": _READ,
    f"{API}/queue/join": _SEND,
    f"{API}/queue/data": _READ,
    f"{API}/cancel": _SEND,
    f"{API}/reset": _SEND,
    f"{API}/heartbeat/{{session_hash}}": _READ,
}
# Programs, which find the named endpoints and call them.
_PROGRAMS: Mapping[str, Sequence[str]] = {
    f"{API}/info": _READ,
    f"{API}/run/{{api_name}}": _SEND,
    f"{API}/call/{{api_name}}": _SEND,
    f"{API}/call/{{api_name}}/{{event_id}}": _READ,
}
_SIGNING_IN: Mapping[str, Sequence[str]] = {"/login": _SEND, "/login/": _SEND, "/logout": _READ}
_UPLOADS: Mapping[str, Sequence[str]] = {f"{API}/upload": _SEND, f"{API}/upload_progress": _READ}
_TOOLS: Mapping[str, Sequence[str]] = {
    f"{API}/mcp": ("GET", "POST", "DELETE"),
    f"{API}/mcp/{{path:path}}": ("GET", "POST", "DELETE"),
}
MISSING = "This app does not do that."


@dataclass(frozen=True, slots=True)
class Way:
    """An address as routes are written, with the methods that it is open to."""

    path: str
    methods: tuple[str, ...]


def open_ways(
    *,
    pages: Iterable[str] = (),
    own: Iterable[BaseRoute] = (),
    signing_in: bool = False,
    uploads: bool = False,
    tools: bool = False,
) -> tuple[Way, ...]:
    """What of Gradio is open, `pages` of the app by their paths, and the app's `own` routes.

    Each only where it is needed: `signing_in`, `uploads` of files, and MCP's `tools`.
    """
    needed = {
        **_PAGE,
        **_EVENTS,
        **_PROGRAMS,
        **(_SIGNING_IN if signing_in else {}),
        **(_UPLOADS if uploads else {}),
        **(_TOOLS if tools else {}),
        **{f"/{page}{end}": _READ for page in pages if page for end in ("", "/")},
    }
    ways = [Way(path, tuple(methods)) for path, methods in needed.items()]
    ways += [Way(one.path, tuple(sorted(one.methods or ()))) for one in own if isinstance(one, Route)]
    return tuple(ways)


class OnlyOpen:
    """ASGI middleware for which nothing is there but the ways that are open."""

    def __init__(self, app: ASGIApp, *, ways: Sequence[Way]) -> None:
        self.app = app
        self._ways: list[tuple[Pattern[str], tuple[str, ...]]] = [
            (compile_path(one.path)[0], one.methods) for one in ways
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer that there is no such thing, or not in this way."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        path = route_of(scope)
        methods = {one for pattern, ways in self._ways if pattern.match(path) for one in ways}
        if scope["type"] == "http" and scope["method"] in methods:
            await self.app(scope, receive, send)
        elif not methods or scope["type"] != "http":
            await PlainTextResponse(MISSING, 404)(scope, receive, send)
        else:
            allowed = {"Allow": ", ".join(sorted(methods))}
            await PlainTextResponse("Method Not Allowed", 405, allowed)(scope, receive, send)
