"""`check`, `repair` and `backup`: a library stays whole."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index import refusals
from index.care.backup import backup
from index.care.check import check
from index.care.repair import repair
from qa.ask import build_embedder
from qa.commands.command import add_command, own_library, settings_of, show, show_progress
from qa.conflicts.rulings import Rulings
from qa.export.care import checked_text, repaired_text
from qa.notebook import store as notebook_store


def define(commands: Any) -> None:
    """The three commands."""
    add_command(commands, "check", "check that a library is as it was written", _check)
    add_command(commands, "repair", "rebuild what is damaged in a library", _repair)
    command = add_command(commands, "backup", "copy a library, even while it is in use", _backup)
    command.add_argument("target", help="a new folder, which becomes a library itself")


def _check(arguments: argparse.Namespace) -> int:
    found = check(own_library(settings_of(arguments)))
    passed_over = _count_passed_over(Path(found.library))
    lines = {f"{name}_passed_over": number for name, number in passed_over.items()}
    told = {**asdict(found), "sound": found.sound, **lines}
    show(arguments, told, lambda: checked_text(found, passed_over))
    return 0 if found.sound else 1


def _count_passed_over(folder: Path) -> dict[str, int]:
    """The lines that cannot be read of each file that people's work is kept in beside a library."""
    return {
        "rulings": Rulings(folder).count_passed_over(),
        "notebook": notebook_store.count_passed_over(folder),
        "refusals": refusals.count_passed_over(folder),
    }


def _repair(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    with show_progress(unit="article") as progress:
        done = repair(own_library(settings), embedder=build_embedder(settings.embedder), progress=progress)
    show(arguments, asdict(done), lambda: repaired_text(done))
    return 1 if done.lost else 0


def _backup(arguments: argparse.Namespace) -> int:
    made = backup(own_library(settings_of(arguments)), arguments.target)
    text = [f"backup   {made.folder}", checked_text(made.found)]
    show(arguments, {**asdict(made), "sound": made.found.sound}, lambda: "\n".join(text))
    return 0 if made.found.sound else 1
