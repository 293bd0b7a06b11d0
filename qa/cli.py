"""The command line: parse, one call, print.

Exit codes: 0 done (and answered); 1 only the closest statements or nothing found, or an input was refused;
2 unusable input, with the reason on standard error.
"""

import argparse
import atexit
import gc
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points, version
from pathlib import Path

from index.errors import SettingsError, WhosaysError
from qa.commands import adding, asking, care, chat, editing, listing, notebook
from qa.language.terminal import harmless

_PATHS = ("source", "library", "target", "question")  # a question is checked where it is asked


def run() -> int:
    """The program, in a process that ends with it; returns the exit code.

    At its end Python looks through all that was made for what holds itself. Source: measured, without that a
    process ends 0.6 s sooner where Gradio was imported, and 0.1 s elsewhere.
    """
    atexit.register(gc.freeze)
    return main()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if sys.stderr is None:  # closed: there is nobody to tell
        sys.stderr = io.StringIO()
    if sys.stdout is None:
        return _refuse("standard output is closed, and nothing can be printed: open it, or send it to a file")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what cannot show a letter shows its number
    try:
        parsed = make_parser(arguments).parse_args(arguments)
        _check_texts(parsed)
        code = int(parsed.run(parsed))
        sys.stdout.flush()
    except WhosaysError as error:
        return _refuse(str(error))
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        _end_output()
        return 141
    except OSError as error:  # of the machine: a full disk, a folder that is gone
        _end_output()
        return _refuse(_explain(error))
    except KeyboardInterrupt:
        sys.stderr.write("whosays: stopped; a change that was under way is either whole or not made\n")
        return 130
    return code


def _check_texts(parsed: argparse.Namespace) -> None:
    """Raises SettingsError for bytes that are no text; a file or folder may be called by any."""
    for name, value in vars(parsed).items():
        texts = value if isinstance(value, list) else [value]
        for one in texts if name not in _PATHS else ():
            if isinstance(one, str) and not one.isascii() and one != one.encode(errors="replace").decode():
                raise SettingsError(f"{name} holds bytes that are no UTF-8 text ({one!r}): type it again")


def _refuse(why: str) -> int:
    try:
        sys.stderr.write(f"whosays: {harmless(why)}\n")
        sys.stderr.flush()
    except OSError:  # not even this can be written
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    return 2


def _end_output() -> None:
    """Let Python write nothing more to where nothing can be written: at exit it would try once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _explain(error: OSError) -> str:
    """What the machine says, and what to do."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return "the folder that you are in is no longer there: change to another one"
    where = f"{error.filename}: " if error.filename is not None else ""
    return f"{where}{error.strerror or error}: free space, or allow it, and try again"


def make_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of all commands; those that plug themselves in only where `arguments` may want them."""
    parser = argparse.ArgumentParser(
        prog="whosays", description="Ask your articles. See who says what, and who disagrees."
    )
    parser.add_argument("--version", action="version", version=f"whosays {version('whosays')}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    # As help lists them.
    asking.define_ask(commands)
    adding.define(commands)
    listing.define(commands)
    editing.define(commands)
    asking.define_conflicts(commands)
    notebook.define(commands)
    care.define(commands)
    chat.define(commands)

    # `eval` plugs itself in, so that nothing here depends on it; it is loaded only when it is wanted.
    for extra in sorted(entry_points(group="whosays.commands"), key=lambda point: point.name):
        if arguments and arguments[0] in commands.choices:
            continue
        module = extra.load()
        command = commands.add_parser(extra.name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


if __name__ == "__main__":
    sys.exit(run())
