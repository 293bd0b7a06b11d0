"""Who may call, from where and for what; and what every response carries, so that a browser loads no more.

Gradio guards its own addresses; ours and those of MCP it does not, so that all are guarded here once more.
"""

import ipaddress
import secrets
import socket
from base64 import b64decode
from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.app.reach import is_loopback
from qa.app.signin import SignIn

LOOPBACK = ("127.0.0.1", "localhost", "::1")

# Gradio's page holds inline scripts and styles. 'unsafe-eval' cannot go: Gradio 6.31 makes a function of each
# HTML part's template, and of the script that says what a click on it does, by `Function(...)`.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

# What Gradio offers and this app does not: fetching any address for a visitor, a stranger's Space included.
CLOSED = ("/gradio_api/file=http:", "/gradio_api/file=https:", "/gradio_api/proxy=", "/gradio_api/vibe-")
UPLOADING = ("/gradio_api/upload",)
# What the page to sign in on is made of; the pages themselves show it to those who have not.
OPEN = frozenset(
    """/ /login /login/ /theme.css /favicon.ico /manifest.json /robots.txt /gradio_api/theme.css
    /gradio_api/startup-events /gradio_api/app_id""".split()
)
OPEN_FOLDERS = ("/static/", "/assets/", "/svelte/")


def middleware(
    host: str,
    *,
    root: str = "",
    sign_in: SignIn | None = None,
    pages: Sequence[str] = (),
    uploads: bool = True,
) -> list[Middleware]:
    """For an app bound to `host` and known to browsers at `root`; the outermost first.

    `root` is a path or a whole address. With `sign_in`, only those who signed in pass, to all but `pages`,
    which show the form. Without `uploads` no file is taken.
    """
    closed = CLOSED if uploads else (*CLOSED, *UPLOADING)
    gate = [Middleware(SignedIn, sign_in=sign_in, pages=pages)] if sign_in else []
    return [
        Middleware(GuardHeaders),
        Middleware(OwnAddress, host=host, root=root, any_name=sign_in is not None),
        Middleware(WithoutClosed, closed=closed),
        *gate,
    ]


def route_of(scope: Scope) -> str:
    """The path within the app, as Starlette finds it: without the root path, if a proxy has left that on."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    inside = bool(root) and (path == root or path.startswith(root + "/"))
    return (path[len(root) :] if inside else path) or "/"


class GuardHeaders:
    """ASGI middleware that adds `HEADERS` to each response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and the response back, with the headers added."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, guarded)


class OwnAddress:
    """ASGI middleware that refuses a page of another site: by the name it calls us, and by where it stands.

    A name that is not ours is DNS rebinding: a stranger's name that leads to this machine. Where people sign
    in, `any_name` will do, for a cookie holds for the name it was given under. A request from a page of
    another site is refused wherever it does more than follow a link, whatever Gradio's own rule for origins.
    """

    def __init__(self, app: ASGIApp, *, host: str, root: str, any_name: bool) -> None:
        self.app = app
        self._any_name = any_name
        self._root = urlsplit(root).netloc.lower()
        self._any_number = not is_loopback(host)
        self._names = {*LOOPBACK, host.strip("[]").lower(), _name(self._root)}
        if self._any_number:
            own = socket.gethostname().lower()
            self._names |= {own, f"{own.partition('.')[0]}.local"}
        self._names.discard("")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if not self._is_ours(_name(host)):
            text = "This name is not known here. Use the address that whosays chat printed, or --root-path."
            await PlainTextResponse(text, 400)(scope, receive, send)
        elif self._is_foreign(headers, host):
            text = "A page of another site sent this. Behind a proxy, give its whole address to --root-path."
            await PlainTextResponse(text, 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_ours(self, name: str) -> bool:
        return self._any_name or name in self._names or (self._any_number and _is_number(name))

    def _is_foreign(self, headers: Headers, host: str) -> bool:
        origin = headers.get("origin")
        if origin is not None:
            forwarded = headers.get("x-forwarded-host", "").partition(",")[0].strip().lower()
            return urlsplit(origin.lower()).netloc not in {host, forwarded, self._root} - {""}
        site, mode = headers.get("sec-fetch-site", "none"), headers.get("sec-fetch-mode", "navigate")
        return site not in ("none", "same-origin") and mode != "navigate"


class WithoutClosed:
    """ASGI middleware for which addresses that begin with one of `closed` are not there."""

    def __init__(self, app: ASGIApp, *, closed: Sequence[str]) -> None:
        self.app = app
        self._closed = tuple(closed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer that there is no such thing."""
        if scope["type"] == "http" and route_of(scope).startswith(self._closed):
            await PlainTextResponse("This app does not do that.", 404)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class SignedIn:
    """ASGI middleware that lets through who signed in on Gradio's page, or sends name and password (Basic).

    The app that it stands before must be Gradio's, which keeps the tokens of those who signed in.
    """

    def __init__(self, app: ASGIApp, *, sign_in: SignIn, pages: Sequence[str]) -> None:
        self.app = app
        self._sign_in = sign_in
        self._open = OPEN | {f"/{page}" for page in pages} | {f"/{page}/" for page in pages}
        self._tokens: dict[str, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        if scope["type"] not in ("http", "websocket") or self._is_open(scope) or await self._knows(scope):
            await self.app(scope, receive, send)
        else:
            text = "Sign in first: open the app's first page, or send name and password."
            await PlainTextResponse(text, 401)(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        route = route_of(scope)
        return route in self._open or route.startswith(OPEN_FOLDERS)

    async def _knows(self, scope: Scope) -> bool:
        headers, gradio = Headers(scope=scope), scope["app"]
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(headers.get("cookie", ""))
        except CookieError:
            return False
        for name in (f"access-token-{gradio.cookie_id}", f"access-token-unsecure-{gradio.cookie_id}"):
            if name in cookies and cookies[name].value in gradio.tokens:
                return True
        user = await self._basic(headers)
        if not user:
            return False
        # Gradio's own addresses ask for the cookie once more.
        token = self._tokens.setdefault(user, secrets.token_urlsafe(16))
        gradio.tokens[token] = user
        changed = MutableHeaders(scope=scope)
        changed["cookie"] = f"access-token-unsecure-{gradio.cookie_id}={token}"
        return True

    async def _basic(self, headers: Headers) -> str:
        """The name that is sent with the right password, or ""."""
        scheme, _, code = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return ""
        try:
            name, _, password = b64decode(code, validate=True).decode().partition(":")
        except ValueError:
            return ""
        return name if name and await self._sign_in.check(name, password) else ""


def _name(host: str) -> str:
    """A Host header, or the network part of an address, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
