"""`chat`: the web app, and who may sign in to it."""

import argparse
import sys
from contextlib import nullcontext
from getpass import getpass
from typing import Any

from index.errors import SettingsError
from qa.app.access.users import add_user
from qa.app.serve import flags
from qa.app.startup import own_folder, without_mcp
from qa.commands.command import add_command, settings_of, show, show_progress

# Questions that the bundled articles answer, the first three with a disagreement.
EXAMPLES = (
    "Is Anthropic in contact with Samsung about having chips made?",
    "Has the design of Anthropic's chip begun?",
    "Has Anthropic started work on its own chip?",
    "Will ASICs replace GPUs?",
    "Why does Anthropic want its own chips?",
)


def define(commands: Any) -> None:
    """The command."""
    command = add_command(commands, "chat", "open the web app on this machine", _chat)
    flags.add_arguments(command)


def _chat(arguments: argparse.Namespace) -> int:
    if arguments.add_user:
        return _add_user(arguments)
    flags.check(arguments)
    settings = settings_of(arguments)
    with own_folder():
        with nullcontext() if arguments.mcp else without_mcp():
            from qa.app.serve.command import chat  # gradio takes seconds to import, and only this needs it

        chat(
            arguments,
            settings,
            examples=EXAMPLES,
            progress=show_progress(),
            show=lambda value, line: show(arguments, value, lambda: line),
        )
    return 0


def _add_user(arguments: argparse.Namespace) -> int:
    if not arguments.auth_file:
        raise SettingsError("name the file to write the name into: --auth-file FILE --add-user NAME")
    asked = f"Password for {arguments.add_user}: "
    password = getpass(asked) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    add_user(arguments.auth_file, arguments.add_user, password)
    written = {"auth_file": str(arguments.auth_file), "name": arguments.add_user}
    show(arguments, written, lambda: f"{arguments.add_user} may sign in: {arguments.auth_file}")
    return 0
