"""Which library a visitor has chosen: their browser keeps its name in a cookie, sent with each request.

Nothing of it stays on the server, so no visitor's choice is another's, and a restart forgets none.
"""

from contextvars import ContextVar
from typing import Any
from urllib.parse import unquote

from gradio.context import LocalContext
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "whosays-library"
# Before an event: the cookie is set first, so that the event's own request brings it along.
KEEP = f"""(name) => {{
  if (name) {{
    const path = location.pathname.replace(/[^/]*$/, "");
    const kept = `{COOKIE}=${{encodeURIComponent(name)}}`;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${{kept}}; path=${{path}}; max-age=31536000; samesite=lax${{secure}}`;
  }}
  return name;
}}"""

_NAME_CHARS = 200
_sent: ContextVar[str] = ContextVar("sent", default="")


def chosen_library() -> str:
    """The name that the visitor sent whose request is worked on; "" for none, and outside of requests."""
    event = LocalContext.request.get(None)
    # Of an event that waited its turn the queue knows whose it is; the context is that of the queue's start.
    return _sent.get() if event is None else _read_cookie(event.request)


class Visits:
    """ASGI middleware that lets `chosen_library` know whose request is worked on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] in ("http", "websocket"):
            _sent.set(_read_cookie(HTTPConnection(scope)))
        await self.app(scope, receive, send)


def _read_cookie(request: Any) -> str:
    """What the cookie holds, whatever a program may have put there; Gradio's tools may have no request."""
    return unquote(getattr(request, "cookies", {}).get(COOKIE, ""))[:_NAME_CHARS]
