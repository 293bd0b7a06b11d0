"""`list`: the articles of a library, or what was refused."""

import argparse
import sys
from dataclasses import asdict
from typing import Any

from index.readings import MOST_READ
from qa.ask import open_library
from qa.commands.command import (
    add_command,
    add_scope_flags,
    brief,
    lacks,
    read_number,
    scope_of,
    settings_of,
    show,
    show_progress,
    tell_left_out,
)
from qa.export.text import listing_text, refusals_text
from qa.settings import Settings


def define(commands: Any) -> None:
    """The command."""
    command = add_command(commands, "list", "list the articles of a library, the newest first", _list)
    add_scope_flags(command)
    command.add_argument(
        "--search", default="", metavar="WORDS", help="only articles that contain all of these words"
    )
    command.add_argument("--first", type=read_number, default=0, metavar="N", help="leave out the first N")
    command.add_argument("--most", type=read_number, default=sys.maxsize, metavar="N", help="list N at most")
    command.add_argument(
        "--missing",
        action="store_true",
        help="those first of which the publisher, the date or the title is not known",
    )
    command.add_argument(
        "--refused", action="store_true", help="instead what was not added lately, why and when"
    )


def _list(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if arguments.refused:
        return _list_refused(arguments, settings)
    with show_progress() as progress, open_library(settings.library, settings, progress=progress) as library:
        found = library.listing(
            sought=arguments.search,
            scope=scope_of(arguments),
            first=arguments.first,
            most=arguments.most,
            order="missing" if arguments.missing else "date",
        )
        undated = library.count_undated(sought=arguments.search, scope=scope_of(arguments))
        lacking = [one.id for one in found.articles if lacks(one)] if arguments.missing else []
        suggested = library.suggest(lacking[:MOST_READ])
    tell_left_out(undated)
    show(
        arguments,
        [
            brief(one) | ({"suggested": list(map(asdict, suggested.get(one.id, ())))} if lacking else {})
            for one in found.articles
        ],
        lambda: listing_text(found, arguments.first, suggested),
    )
    return 0


def _list_refused(arguments: argparse.Namespace, settings: Settings) -> int:
    with open_library(settings.library, settings) as library:
        found = library.refusals()[arguments.first : arguments.first + arguments.most]
    show(arguments, [asdict(one) for one in found], lambda: refusals_text(found))
    return 0
