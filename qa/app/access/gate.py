"""The gate of an app for those who sign in: a stranger is shown the page to sign in on, and nothing else.

Gradio keeps the tokens of those who signed in and guards its own addresses; all others are guarded here.
"""

import ipaddress
import secrets
from base64 import b64decode
from collections.abc import Sequence
from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.app.access.signin import SignIn, TooManyTries
from qa.app.access.signin_page import signin_page

LOGIN = ("/login", "/login/")
LOGIN_BYTES = 10_000
# What browsers and Gradio's own start ask for without a token.
OPEN = frozenset(
    """/theme.css /favicon.ico /manifest.json /robots.txt /gradio_api/theme.css /gradio_api/startup-events
    /gradio_api/app_id""".split()
)
OPEN_FOLDERS = ("/static/", "/assets/")

_address: ContextVar[str] = ContextVar("address", default="")


# Where the name of who signed in stands in a request that passed the gate.
_USER = "whosays.user"


def user_of(scope: Scope) -> str:
    """The name of who sent the request; "" where nobody has to sign in."""
    return str(scope.get(_USER, ""))


def route_of(scope: Scope) -> str:
    """The path within the app, as Starlette finds it: without the root path, if a proxy has left that on."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    inside = bool(root) and (path == root or path.startswith(root + "/"))
    return (path[len(root) :] if inside else path) or "/"


class SignedIn:
    """ASGI middleware that lets through who signed in on the page, or sends name and password (Basic).

    The app that it stands before must be Gradio's, which keeps the tokens of those who signed in, and whose
    `auth` is `check`.
    """

    def __init__(self, app: ASGIApp, *, sign_in: SignIn, pages: Sequence[str]) -> None:
        self.app = app
        self._sign_in = sign_in
        self._pages = {"/"} | {f"/{page}" for page in pages} | {f"/{page}/" for page in pages}
        self._tokens: dict[str, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with the page to sign in on, or refuse."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        _address.set(address_of(scope))
        try:
            passes = self._is_open(scope)
            if not passes:
                scope[_USER] = await self._user(scope)
                passes = bool(scope[_USER])
        except TooManyTries as error:
            refusal = PlainTextResponse(str(error), 429, {"Retry-After": str(error.wait_s)})
            await refusal(scope, receive, send)
            return
        route = route_of(scope)
        if passes:
            await self.app(scope, receive, send)
        elif route in LOGIN:
            await PlainTextResponse("This is too long for a name and a password.", 413)(scope, receive, send)
        elif route in self._pages and scope.get("method") in ("GET", "HEAD"):
            await HTMLResponse(signin_page(route), headers={"Cache-Control": "no-store"})(
                scope, receive, send
            )
        else:
            text = "Sign in first: open the app's first page, or send a name and a password."
            await PlainTextResponse(text, 401)(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        route = route_of(scope)
        if route in LOGIN:
            size = Headers(scope=scope).get("content-length", "" if scope.get("method") == "POST" else "0")
            return size.isdecimal() and int(size) <= LOGIN_BYTES
        return route in OPEN or route.startswith(OPEN_FOLDERS)

    async def _user(self, scope: Scope) -> str:
        """Who signed in with the request's cookie, or sends name and password; "" for a stranger."""
        headers, gradio = Headers(scope=scope), scope["app"]
        cookies: SimpleCookie = SimpleCookie()
        try:
            cookies.load(headers.get("cookie", ""))
        except CookieError:
            return ""
        for name in (f"access-token-{gradio.cookie_id}", f"access-token-unsecure-{gradio.cookie_id}"):
            if name in cookies and cookies[name].value in gradio.tokens:
                return str(gradio.tokens[cookies[name].value])
        user = await self._basic(headers)
        if not user:
            return ""
        # Gradio's own addresses ask for the cookie once more.
        token = self._tokens.setdefault(user, secrets.token_urlsafe(16))
        gradio.tokens[token] = user
        changed = MutableHeaders(scope=scope)
        own = f"access-token-unsecure-{gradio.cookie_id}={token}"
        changed["cookie"] = "; ".join(one for one in (headers.get("cookie", ""), own) if one)
        return user

    async def _basic(self, headers: Headers) -> str:
        """The name that is sent with the right password, or ""."""
        scheme, _, code = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return ""
        try:
            name, _, password = b64decode(code, validate=True).decode().partition(":")
        except ValueError:
            return ""
        return name if name and await self._sign_in.check(name, password, _address.get()) else ""


class Check:
    """What Gradio asks about a name and a password that were sent to /login."""

    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in

    async def allows(self, name: str, password: str) -> bool:
        """Whether they fit together; the answer 429 where nobody is heard for a while."""
        try:
            return await self._sign_in.check(name, password, _address.get())
        except TooManyTries as error:
            raise HTTPException(429, str(error), {"Retry-After": str(error.wait_s)}) from error


def address_of(scope: Scope) -> str:
    """Where a request comes from; of IPv6 the network, for one household has very many addresses of it."""
    host = str((scope.get("client") or ("",))[0])
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)
