"""`ask` and `conflicts`: what the articles answer, and what they disagree on."""

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Any, get_args

from qa.ask import ask, build_comparison, open_library
from qa.commands.command import (
    add_command,
    add_scope_flags,
    scope_of,
    settings_of,
    show,
    show_progress,
    tell_left_out,
)
from qa.export.answer import answer_text
from qa.export.survey_report import check_report, write_report
from qa.export.text import estimate_text, survey_text, timeline_text
from qa.records import Answer, SourceOrder

_ESTIMATED_FROM = 1_000  # articles: fewer are compared within a minute


def define_ask(commands: Any) -> None:
    """`ask QUESTION`."""
    command = add_command(
        commands, "ask", "answer a question from the articles, with sources and conflicts", _ask
    )
    command.add_argument("question", help="in your own words")
    command.add_argument(
        "--after",
        action="append",
        default=[],
        metavar="QUESTION",
        help="an earlier question of the conversation; may be repeated",
    )
    command.add_argument(
        "--order",
        choices=get_args(SourceOrder),
        default="best",
        help="the order of the sources: the surest first, or by date (default: %(default)s)",
    )
    command.add_argument(
        "--timeline", action="store_true", help="also print what was said when, oldest first"
    )
    add_scope_flags(command)


def define_conflicts(commands: Any) -> None:
    """`conflicts`."""
    command = add_command(
        commands, "conflicts", "list what the articles disagree on, without a question", _conflicts
    )
    command.add_argument(
        "--of",
        action="append",
        default=[],
        metavar="ID",
        help="only what this article disagrees on with others, in seconds; may be repeated",
    )
    command.add_argument(
        "--ask",
        action="store_true",
        help="also ask a question about each statement: finds more, in a second or more for each",
    )
    command.add_argument("--report", type=Path, metavar="DIR", help="write a report page into this folder")
    add_scope_flags(command)


def _ask(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    with show_progress() as progress, open_library(settings.library, settings, progress=progress) as library:
        answers: list[Answer] = []  # a follow-up may be about what the question before was answered with
        for question in (*arguments.after, arguments.question):
            answer = ask(
                question,
                library=library,
                history=answers,
                scope=scope_of(arguments),
                order=arguments.order,
                settings=settings,
            )
            answers.append(answer)
    text = [answer_text(answer), *(["", timeline_text(answer.timeline)] if arguments.timeline else [])]
    show(arguments, answer.to_dict(), lambda: "\n".join(text))
    told = answer.citations or answer.conflict_check.status == "checked"
    return 0 if answer.status == "answered" or (answer.status == "overview" and told) else 1


def _conflicts(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if arguments.report:
        check_report(arguments.report)
    with (
        show_progress(unit="") as progress,
        open_library(settings.library, settings, progress=progress) as library,
    ):
        comparison = build_comparison(settings)
        if len(library) > _ESTIMATED_FROM and not arguments.of:
            ahead = library.conflicts_estimate(scope=scope_of(arguments), comparison=comparison)
            sys.stderr.write(estimate_text(ahead))
        found = library.conflicts(
            of=arguments.of,
            scope=scope_of(arguments),
            comparison=comparison,
            progress=progress,
            ask=partial(ask, settings=settings) if arguments.ask else None,
        )
        undated = library.count_undated(scope=scope_of(arguments))
    tell_left_out(undated)
    page = write_report(arguments.report, found) if arguments.report else None
    result = found.to_dict() | ({"report": str(page)} if page else {})
    text = [survey_text(found), *([f"report  {page}"] if page else [])]
    show(arguments, result, lambda: "\n".join(text))
    return 0
