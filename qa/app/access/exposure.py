"""Who could reach the app where it is to listen, and whether that is safe; said before anything is loaded."""

import ipaddress
from importlib.util import find_spec

from index.errors import SettingsError


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

    Also for a root path that is none, and for `mcp` without its package.
    """
    if not is_loopback(host) and not signing_in and not anyone:
        raise SettingsError(
            f"Other machines can reach {host or 'every address of this one'}, without signing in: name a "
            "file of users with --auth-file, or let anyone in with --no-auth"
        )
    if root_path and not root_path.startswith(("/", "http://", "https://")):
        raise SettingsError(
            f"The root path {root_path!r} is not a path: begin it with a slash, such as /whosays, or give a "
            "whole address, such as https://example.org/whosays"
        )
    if mcp and find_spec("mcp") is None:
        raise SettingsError("--mcp needs the package mcp, which is not installed: pip install 'whosays[mcp]'")
