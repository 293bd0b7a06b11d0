"""Which web addresses may be fetched for somebody else: public ones, reached where they were checked.

Whoever may name an address to a server could have it ask the machines around it, or itself. So each
address that a host's name stands for must be public, the connection goes to the very address that was
checked (a name may stand for another one a moment later: "DNS rebinding"), and every redirect is checked
anew. No proxy of the environment is used: a proxy looks names up by itself.

What is special is listed here: Python's `is_global` is that of the day when a Python was made, and 3.11.7
takes 192.0.0.192 for public, which is a cloud's own. Also those that the registries call reachable from
everywhere: they serve protocols, and nobody's article stands there.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import SourceRefused

if TYPE_CHECKING:
    import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Source: IANA, "IPv6 Global Unicast Address Assignments": all that has been given out.
_UNICAST = ipaddress.IPv6Network("2000::/3")
# Source: RFC 6052, 2.1: an IPv4 address in an IPv6 network, in the last 32 bits.
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_TRIED = 3  # addresses of one host, when the first does not answer

# Source: IANA, "IPv4 Special-Purpose Address Registry" and "IPv4 Multicast Address Space Registry", 2025.
_V4 = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15
    198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
"""
# Source: IANA, "IPv6 Special-Purpose Address Registry", 2025, and RFC 3879, 4291. Those that wrap an IPv4
# address (::ffff:0:0/96, 64:ff9b::/96, 2002::/16) are left out: the wrapped one is looked at.
_V6 = """
    ::/128 ::1/128 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001:db8::/32 2620:4f:8000::/48 3fff::/20
    5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8
"""
# Public by their numbers, and yet a cloud's own: Azure answers its machines there.
# Source: Microsoft, "What is IP address 168.63.129.16?".
_CLOUDS = "168.63.129.16/32"

SPECIAL_V4 = tuple(ipaddress.IPv4Network(one) for one in f"{_V4} {_CLOUDS}".split())
SPECIAL_V6 = tuple(ipaddress.IPv6Network(one) for one in _V6.split())


def is_special(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether `address` is one of these."""
    if isinstance(address, ipaddress.IPv4Address):
        return any(address in one for one in SPECIAL_V4)
    return any(address in one for one in SPECIAL_V6)


def is_public(address: Address) -> bool:
    """Whether `address` is one machine on the public internet; of a wrapped IPv4 address, whether that is."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if address in _TRANSLATED:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped:
            return is_public(wrapped)
        if address not in _UNICAST:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or is_special(address))


def resolve(host: str) -> Sequence[Address]:
    """All addresses that `host` stands for, the system's preferred one first. Raises OSError for none."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    # A scope ("%eth0") names a network of this machine's: such an address is link-local, hence not public.
    names = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
    return [ipaddress.ip_address(name) for name in names]


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be fetched. Others than the usual ports are closed: they serve machines, seldom articles."""

    permitted: Callable[[Address], bool] = is_public
    ports: tuple[int, ...] = (80, 443)
    resolve: Callable[[str], Sequence[Address]] = resolve

    def check(self, host: str, port: int | None) -> Sequence[Address]:
        """The addresses of `host`, once all of them are permitted.

        `port` is None for the scheme's own. Raises SourceRefused, and OSError where there is no such host.
        """
        if port is not None and port not in self.ports:
            allowed = " and ".join(map(str, self.ports))
            raise SourceRefused(
                f"leads to port {port} of {host}, and only ports {allowed} are fetched from here: save the "
                "page from your browser and add the file"
            )
        addresses = self.resolve(host)
        if not addresses or not all(map(self.permitted, addresses)):
            # Not which address it is: that would tell a stranger how the network inside is laid out.
            raise SourceRefused(
                f"leads to {host}, which is not an address on the public internet, and only such are fetched "
                "from here: save the page from your browser and add the file"
            )
        return addresses


PUBLIC = Guard()


def guard_transport(guard: Guard) -> "httpx.BaseTransport":
    """What a client sends each request over, redirects included: checked, then to a checked address."""
    import httpx  # slow

    class Guarded(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            host = request.url.raw_host.decode("ascii")
            if request.url.scheme not in ("http", "https") or not host:
                return super().handle_request(request)  # which says that it cannot
            try:
                addresses = guard.check(host, request.url.port)
            except OSError as error:
                raise httpx.ConnectError(str(error), request=request) from error
            *first, last = addresses[:_TRIED]
            for address in first:
                try:
                    return super().handle_request(_send_to(address, request))
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    continue
            return super().handle_request(_send_to(last, request))

    def _send_to(address: Address, request: httpx.Request) -> httpx.Request:
        # The header Host and the certificate's name stay those of the host.
        return httpx.Request(
            request.method,
            request.url.copy_with(host=str(address)),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
        )

    # Connections are told apart by address: one kept open could be used for another host of that address.
    return Guarded(limits=httpx.Limits(max_keepalive_connections=0))
