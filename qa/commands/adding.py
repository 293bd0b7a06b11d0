"""`add`, `remove` and `restore`: which articles a library holds."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from index.library import Library
from index.records import Outcome
from index.scope import EVERYTHING, Scope
from index.sources.sandbox import limits_of
from qa.ask import open_library
from qa.commands.command import add_command, brief, lacks, own_library, settings_of, show, show_progress
from qa.export.care import removed_text
from qa.export.text import article_text, lacking_text, outcome_text

_NAMED = 1_000  # articles that a list is asked for by their ids


def define(commands: Any) -> None:
    """The three commands."""
    command = add_command(commands, "add", "add files, folders or web pages to a library", _add)
    command.add_argument("source", nargs="+", help="a file, a folder, or an http(s) address")
    command.add_argument("--max-file-mb", type=int, metavar="MB", help="refuse larger inputs (default 20)")
    command.add_argument(
        "--follow-links", action="store_true", help="also links in a folder that lead out of it"
    )

    command = add_command(commands, "remove", "remove articles from a library", _remove)
    command.add_argument("article_id", nargs="+", help="as `whosays list` shows it")

    command = add_command(commands, "restore", "put back articles that were removed within a day", _restore)
    command.add_argument(
        "article_id", nargs="*", help="an id; without any, those that can be put back are listed"
    )


def _add(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    most = settings.max_file_mb * 1_000_000
    with show_progress() as progress, open_library(own_library(settings), settings, create=True) as library:
        outcomes = library.add(
            *arguments.source,
            max_bytes=most,
            follow_links=arguments.follow_links,
            within=limits_of(most),
            progress=progress,
        )
        lacking = _count_lacking(library, outcomes)
    counts = {
        status: sum(outcome.status == status for outcome in outcomes)
        for status in ("added", "unchanged", "refused")
    }
    show(
        arguments,
        {"outcomes": [asdict(outcome) for outcome in outcomes], **counts, "lacking": lacking},
        lambda: "\n".join(
            [
                *map(outcome_text, outcomes),
                ", ".join(f"{count} {status}" for status, count in counts.items()),
                *([lacking_text(lacking)] if lacking else []),
            ]
        ),
    )
    return 1 if counts["refused"] else 0


def _count_lacking(library: Library, outcomes: Sequence[Outcome]) -> int:
    """Of the articles that were added, those of which the title, the publisher or the date is not known."""
    added = {one.article_id for one in outcomes if one.status == "added" and one.article_id}
    if not added:
        return 0
    # Of many the whole list is read: a store need not be asked for thousands by their ids.
    scope = Scope(articles=tuple(sorted(added))) if len(added) <= _NAMED else EVERYTHING
    found = library.listing(scope=scope, most=sys.maxsize).articles
    return sum(one.id in added and lacks(one) for one in found)


def _remove(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    with open_library(own_library(settings), settings) as library:
        removed = library.remove_all(arguments.article_id)
    show(
        arguments,
        [brief(article) for article in removed],
        lambda: "\n".join(f"removed  {article_text(article)}" for article in removed),
    )
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    with open_library(own_library(settings), settings) as library:
        if not arguments.article_id:
            kept = library.removed()
            none = "nothing was removed within a day"
            show(arguments, list(map(asdict, kept)), lambda: "\n".join(map(removed_text, kept)) or none)
            return 0
        restored = library.restore(arguments.article_id)
    show(
        arguments,
        [brief(article) for article in restored],
        lambda: "\n".join(f"restored {article_text(article)}" for article in restored),
    )
    return 0
