"""`notebook`: what is kept of a library."""

import argparse
import json
from pathlib import Path
from typing import Any

from qa.ask import open_library
from qa.commands.command import add_command, settings_of, show
from qa.notebook.document import document, to_json, to_text
from qa.notebook.files import FORMATS, write_file


def define(commands: Any) -> None:
    command = add_command(
        commands, "notebook", "list what is kept of a library, write a note, or take it home", _notebook
    )
    command.add_argument("--note", metavar="TEXT", help="write a note at its end")
    command.add_argument(
        "--export", type=Path, metavar="FILE", help="write it into a new file, or into this folder"
    )
    command.add_argument(
        "--format", choices=list(FORMATS), default="", help="of the file (default: what its name ends in)"
    )


def _notebook(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    with open_library(settings.library, settings) as library:
        if arguments.note is not None:
            library.notebook.add_note(arguments.note)
        name = Path(settings.library).name if settings.library else ""
        kept = document(library.notebook, library=name)
    if arguments.export is None:
        show(arguments, json.loads(to_json(kept)), lambda: to_text(kept))
        return 0
    file = write_file(kept, arguments.export, arguments.format)
    show(arguments, {"file": str(file), "clippings": len(kept.clippings)}, lambda: f"notebook {file}")
    return 0
