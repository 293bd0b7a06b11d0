"""`set` and `merge`: what is known of articles, corrected by hand."""

import argparse
import sys
from pathlib import Path
from typing import Any

from index.errors import SettingsError
from index.library import Library
from index.readings import MOST_READ
from index.records import EDITABLE
from qa.ask import open_library
from qa.commands.command import add_command, brief, lacks, own_library, settings_of, show
from qa.export.text import article_text


def define(commands: Any) -> None:
    command = add_command(
        commands, "set", "set the title, publisher, author or dates of articles, many at once too", _set
    )
    command.add_argument("article_id", nargs="*", help="as `whosays list` shows it")
    command.add_argument(
        "--folder", type=Path, metavar="PATH", help="all articles added from this folder or file"
    )
    command.add_argument("--search", metavar="WORDS", help="all articles that contain all of these words")
    for name in EDITABLE:
        kind = "DATE" if name in ("published", "updated") else "TEXT"
        command.add_argument(f"--{name}", metavar=kind, help=f'the {name} of all of them; "" for none')
    command.add_argument(
        "--as-stated",
        action="append",
        default=[],
        choices=EDITABLE,
        help="take back what was set of this; may be repeated",
    )

    command.add_argument(
        "--suggested",
        action="store_true",
        help="what the texts suggest where nothing is known, the likeliest of each",
    )

    command = add_command(commands, "merge", "say that several names of publishers are one publisher", _merge)
    command.add_argument("name", nargs="+", help="a name as `whosays list` shows it")
    command.add_argument("--into", required=True, metavar="NAME", help="the name that they are to have")


def _set(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    given = {name: getattr(arguments, name) for name in EDITABLE if getattr(arguments, name) is not None}
    values = given | dict.fromkeys(arguments.as_stated)
    with open_library(own_library(settings), settings) as library:
        ids = list(arguments.article_id)
        if arguments.suggested:
            return _accept(arguments, library, values)
        if arguments.search:
            ids += [one.id for one in library.listing(sought=arguments.search, most=sys.maxsize).articles]
        if arguments.folder is None:
            edited = library.edit(ids, values)
        elif ids:
            raise SettingsError("give --folder, or articles, not both: what is meant is one or the other")
        else:
            edited = library.edit_folder(arguments.folder, values)
    show(
        arguments,
        [brief(article) for article in edited],
        lambda: "\n".join(f"set      {article_text(article)}" for article in edited),
    )
    return 0


def _accept(arguments: argparse.Namespace, library: Library, values: dict[str, str | None]) -> int:
    """What the texts suggest, of the articles that are named or found, else of all that lack something."""
    if values or arguments.folder:
        raise SettingsError("--suggested sets what the texts suggest: give articles or --search beside it")
    for one in arguments.article_id:
        library.article(one)
    found = library.listing(sought=arguments.search or "", most=sys.maxsize, order="missing").articles
    named = set(arguments.article_id) or {one.id for one in found}
    lacking = [one.id for one in found if one.id in named and lacks(one)]
    steps = range(0, len(lacking), MOST_READ)
    edited = [one for at in steps for one in library.accept(lacking[at : at + MOST_READ])]
    show(
        arguments,
        [brief(article) for article in edited],
        lambda: "\n".join(f"set      {article_text(one)}" for one in edited) or "nothing is suggested",
    )
    return 0


def _merge(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    with open_library(own_library(settings), settings) as library:
        number = library.merge_publishers(arguments.name, arguments.into)
    show(
        arguments,
        {"articles": number, "publisher": arguments.into},
        lambda: f"{number:,} article{'s are' if number != 1 else ' is'} by {arguments.into} now",
    )
    return 0
