"""From where the app may be called, and for what; and what each response carries for a browser's safety."""

import ipaddress
import socket
from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.names import split_address
from qa.app.access.bodies import BoundedBodies
from qa.app.access.direct_calls import DirectCalls
from qa.app.access.exposure import Network, is_loopback
from qa.app.access.gate import SignedIn, route_of
from qa.app.access.open_routes import API, OnlyOpen, open_ways
from qa.app.access.own_sessions import OwnEvents, OwnSessions
from qa.app.access.proxy import Forwarded
from qa.app.access.signin import SignIn

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

# What a link does, and so what no link of another site may do.
LEAVING = ("/logout", "/logout/")


def middleware(
    host: str,
    *,
    root: str = "",
    sign_in: SignIn | None = None,
    pages: Sequence[str] = (),
    uploads: str | None = None,
    own_routes: Sequence[BaseRoute] = (),
    events: OwnEvents | None = None,
    proxies: Sequence[Network] = (),
    mcp: bool = False,
) -> list[Middleware]:
    """For an app bound to `host` and known to browsers at `root`; the outermost first.

    `root` is a path or a whole address. With `sign_in`, only those who signed in pass, to all but `pages`,
    which show the form. `uploads` is the folder for files; without it none is taken. Beside what the app
    needs of Gradio only `own_routes` are there, and the tools of `mcp`. `events` know whose each event is. Of
    `proxies` it is believed from where a request comes.
    """
    ways = open_ways(
        pages=pages, own=own_routes, signing_in=sign_in is not None, uploads=uploads is not None, tools=mcp
    )
    gate = [Middleware(SignedIn, sign_in=sign_in, pages=pages)] if sign_in else []
    return [
        Middleware(Forwarded, proxies=proxies),
        Middleware(GuardHeaders),
        Middleware(OwnAddress, host=host, root=root, any_name=sign_in is not None),
        Middleware(OwnCookies, root=root),
        Middleware(OnlyOpen, ways=ways),
        *gate,
        Middleware(BoundedBodies, uploads=uploads),
        Middleware(OwnSessions, events=events or OwnEvents()),
        Middleware(DirectCalls),
    ]


class GuardHeaders:
    """ASGI middleware that adds `HEADERS` to each response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and the response back, with the headers added."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, send_guarded)


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
        elif self._is_foreign(scope, headers, host):
            text = (
                "A page of another site sent this. Behind a proxy, give the app's address with --root-path."
            )
            await PlainTextResponse(text, 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_ours(self, name: str) -> bool:
        return self._any_name or name in self._names or (self._any_number and _is_number(name))

    def _is_foreign(self, scope: Scope, headers: Headers, host: str) -> bool:
        origin = headers.get("origin")
        if origin is not None:
            forwarded = headers.get("x-forwarded-host", "").partition(",")[0].strip().lower()
            return split_address(origin.lower()).netloc not in {host, forwarded, self._root} - {""}
        site, mode = headers.get("sec-fetch-site", "none"), headers.get("sec-fetch-mode", "navigate")
        route, into = route_of(scope), headers.get("sec-fetch-dest", "document")
        if route in LEAVING and "sec-fetch-site" not in headers and headers.get("referer"):
            return split_address(headers["referer"].lower()).netloc not in {host, self._root} - {""}
        # A link leads to a page, in a window of its own: neither into a frame nor to what programs call.
        follows = mode == "navigate" and into == "document" and not route.startswith((*LEAVING, f"{API}/"))
        return site not in ("none", "same-origin") and not follows


class OwnCookies:
    """ASGI middleware that keeps the server's cookies from scripts, from other sites and from plain HTTP.

    Gradio sets the token of who signed in twice, and one of them for use within other sites' frames, which
    there are none of here.
    """

    def __init__(self, app: ASGIApp, *, root: str) -> None:
        self.app = app
        self._https = root.lower().startswith("https:")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and the response back, with its cookies made safe."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        secure = self._https or _uses_tls(scope)

        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, _secure(value, secure) if name.lower() == b"set-cookie" else value)
                    for name, value in message.get("headers", ())
                ]
            await send(message)

        await self.app(scope, receive, send_safe)


def _uses_tls(scope: Scope) -> bool:
    """Whether the browser sent it over TLS: the server's word, a proxy's, or the browser's in the origin."""
    headers = Headers(scope=scope)
    told = headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return "https" in (scope.get("scheme"), told, headers.get("origin", "").partition(":")[0].lower())


def _secure(line: bytes, secure: bool) -> bytes:
    """A Set-Cookie header's value, with HttpOnly and SameSite=Lax, and Secure if `secure` or it had that."""
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(line.decode("latin-1"))
    except CookieError:
        return line
    for one in cookies.values():
        one["httponly"], one["samesite"] = True, "Lax"
        one["secure"] = secure or bool(one["secure"])
    return cookies.output(header="", sep=";").strip().encode("latin-1") if cookies else line


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
