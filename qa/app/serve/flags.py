"""The flags of `whosays chat`; light, so that every command can have them in its help."""

import argparse
from pathlib import Path

from qa.app.access.exposure import check_reach, read_proxies

MOST_WORKERS = 64


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Where the app listens, who may come, and what they may do."""
    command.add_argument(
        "--host",
        type=_host,
        default="127.0.0.1",
        metavar="HOST",
        help="the address to listen on (default: this machine only; 0.0.0.0: other machines too)",
    )
    command.add_argument(
        "--port", type=_port, metavar="PORT", help="1 to 65535; default: the first free one from 7860"
    )
    command.add_argument(
        "--auth-file", type=Path, metavar="FILE", help="let only the people named in this file sign in"
    )
    command.add_argument(
        "--add-user",
        metavar="NAME",
        help="add a name to the auth file, ask for its password, and exit",
    )
    command.add_argument("--no-auth", action="store_true", help="let in anyone who can reach the app")
    command.add_argument(
        "--root-path",
        default="",
        metavar="PATH",
        help="where a proxy serves the app: /whosays, or https://example.org/whosays",
    )
    command.add_argument(
        "--proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="believe this proxy, or this network of them, from where requests come; may be repeated",
    )
    command.add_argument(
        "--max-upload-mb",
        type=_megabytes,
        metavar="MB",
        help="refuse larger uploads (default: the setting max_file_mb)",
    )
    command.add_argument(
        "--read-only", action="store_true", help="let nobody add to the library or remove from it"
    )
    command.add_argument(
        "--workers",
        type=_workers,
        default=0,
        metavar="N",
        help="for a machine of many processors: answer so many questions at once, each in a process of "
        "its own, of some 600 MB (default: two at once, in one process)",
    )
    command.add_argument("--mcp", action="store_true", help="offer the app's endpoints as MCP tools")
    command.add_argument("--no-browser", action="store_true", help="do not open a browser")


def check(arguments: argparse.Namespace) -> None:
    """Raises SettingsError for what would be unsafe or cannot work, before anything slow is loaded."""
    read_proxies(arguments.proxy)
    check_reach(
        host=arguments.host,
        signing_in=arguments.auth_file is not None,
        anyone=arguments.no_auth,
        root_path=arguments.root_path,
        mcp=arguments.mcp,
    )


def _host(text: str) -> str:
    if not text.strip() or "/" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not a host; give one such as 127.0.0.1 or 0.0.0.0")
    return text.strip()


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() and len(text) < 6 else 0
    if not 1 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; choose one from 1 to 65535")
    return port


def _workers(text: str) -> int:
    number = int(text) if text.isdecimal() and len(text) < 4 else -1
    if not 0 <= number <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of workers; choose one from 0 to {MOST_WORKERS}"
        )
    return number


def _megabytes(text: str) -> int:
    number = int(text) if text.isdecimal() and len(text) < 6 else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of megabytes; choose one from 1 to 99999")
    return number
