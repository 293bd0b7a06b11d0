"""Who could reach the app where it is to listen, and whether that is safe; said before anything is loaded."""

import ipaddress
import socket
from collections.abc import Iterable
from importlib.util import find_spec

from index.errors import SettingsError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens on `host`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_reach(
    *, host: str, signing_in: bool, anyone: bool = False, root_path: str = "", mcp: bool = False
) -> None:
    """Raises SettingsError where others reach `host` and nobody has to sign in, unless `anyone` may come.

    Also where this machine has no such address, for a root path that is none, and for `mcp` without its
    package.
    """
    if not is_loopback(host) and not signing_in and not anyone:
        raise SettingsError(
            f"Other machines can reach {host or 'every address of this one'}, without signing in: name a "
            "file of users with --auth-file, or let anyone in with --no-auth"
        )
    _check_address(host)
    if root_path and not root_path.startswith(("/", "http://", "https://")):
        raise SettingsError(
            f"The root path {root_path!r} is not a path: begin it with a slash, such as /whosays, or give a "
            "whole address, such as https://example.org/whosays"
        )
    if mcp and find_spec("mcp") is None:
        raise SettingsError("--mcp needs the package mcp, which is not installed: pip install 'whosays[mcp]'")


def read_proxies(named: Iterable[str]) -> tuple[Network, ...]:
    """The networks that are named, an address being one of its own. SettingsError for what is neither."""
    found = []
    for one in named:
        try:
            found.append(ipaddress.ip_network(one.strip(), strict=False))
        except ValueError as error:
            raise SettingsError(
                f"The proxy {one!r} is no address: give one such as 127.0.0.1, or a network: 10.0.0.0/8"
            ) from error
    return tuple(found)


def _check_address(host: str) -> None:
    """Raises SettingsError unless this machine can listen on `host`; Gradio would try a hundred ports."""
    name = host.strip("[]")
    try:
        found = socket.getaddrinfo(name or None, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.bind(address)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(
            f"{host!r} is no address of this machine ({why}): listen on 127.0.0.1, on 0.0.0.0 for "
            "other machines too, or on one that this machine has"
        ) from error
