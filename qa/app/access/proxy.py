"""Where a request comes from when a proxy passes it on: told by a proxy that was named, and by nobody else.

Shares, waits and who a visitor without a cookie is go by the address. Whoever could choose theirs would have
as many as they like.
"""

import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.app.access.exposure import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_TELLING = (b"x-forwarded-", b"x-real-ip")


class Forwarded:
    """ASGI middleware that believes a named proxy from where a request comes, and how.

    Of all others what they say of it is taken out of the request, so that nothing behind can believe them.
    """

    def __init__(self, app: ASGIApp, *, proxies: Sequence[Network]) -> None:
        self.app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] in ("http", "websocket"):
            scope = self._told(scope) if self._is_proxy(_sender(scope)) else _untold(scope)
        await self.app(scope, receive, send)

    def _told(self, scope: Scope) -> Scope:
        """With the last address listed that is no proxy: what stands before it anybody may have written."""
        headers = Headers(scope=scope)
        given = ",".join(headers.getlist("x-forwarded-for")).split(",")
        for one in reversed([one.strip() for one in given if one.strip()]):
            address = _address(one)
            if address is None:
                break
            scope = {**scope, "client": (str(address), 0)}
            if not self._is_proxy(address):
                break
        scheme = headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
        return {**scope, "scheme": scheme} if scheme in ("http", "https") else scope

    def _is_proxy(self, address: Address | None) -> bool:
        return address is not None and any(
            address.version == one.version and address in one for one in self._proxies
        )


def _untold(scope: Scope) -> Scope:
    return {
        **scope,
        "headers": [
            (name, value)
            for name, value in scope["headers"]
            if name.lower() != b"forwarded" and not name.lower().startswith(_TELLING)
        ],
    }


def _sender(scope: Scope) -> Address | None:
    return _address(str((scope.get("client") or ("",))[0]))


def _address(text: str) -> Address | None:
    """An address as proxies write it, some with a port behind; IPv4 written as IPv6 is IPv4."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
