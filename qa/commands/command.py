"""What every command shares: its flags, its settings and library, how it prints."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.adding import Progress
from index.errors import SettingsError
from index.records import EDITABLE, Article, Listed
from index.scope import Scope
from qa.export.text import left_out_text
from qa.language.terminal import harmless
from qa.settings import Settings, read_settings


def add_command(
    commands: Any, name: str, text: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    """A command with the flags that all have; `run` gives its exit code."""
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    command.add_argument(
        "--library",
        metavar="DIR",
        help="the library's folder, or milvus://host:port/name (default: the setting `library`)",
    )
    command.add_argument("--json", action="store_true", help="print one JSON value to standard output")
    command.add_argument("--settings", type=Path, metavar="FILE", help="read this settings file")
    command.set_defaults(run=run)
    return command


def add_scope_flags(command: argparse.ArgumentParser) -> None:
    """The flags that `scope_of` reads."""
    command.add_argument(
        "--publisher",
        action="append",
        default=[],
        metavar="NAME",
        help="only this publisher; may be repeated",
    )
    command.add_argument(
        "--since", metavar="DATE", help="only articles published on or after this date, for example 2026-07"
    )
    command.add_argument("--until", metavar="DATE", help="only articles published on or before this date")
    command.add_argument(
        "--article",
        action="append",
        default=[],
        metavar="ID",
        help="only this article, by its id as `whosays list` shows it; may be repeated",
    )


def read_number(typed: str) -> int:
    """A number of articles, for a flag."""
    if not typed.isdecimal() or len(typed) > 1_000:
        raise argparse.ArgumentTypeError(f"{typed} is not a number of articles: give 0 or more")
    return min(int(typed), sys.maxsize)


def scope_of(arguments: argparse.Namespace) -> Scope:
    """What the flags of `add_scope_flags` say."""
    return Scope(tuple(arguments.publisher), arguments.since, arguments.until, tuple(arguments.article))


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings, those of the flags before all others. Raises SettingsError for one that is wrong."""
    flags = {"library": arguments.library, "max_file_mb": getattr(arguments, "max_file_mb", None)}
    return read_settings(flags, file=arguments.settings)


def own_library(settings: Settings) -> str:
    """Where the user's own library is. Raises SettingsError where none is named."""
    if not settings.library:
        raise SettingsError(
            "name the library's folder: --library DIR (the bundled articles cannot be changed)"
        )
    return settings.library


def lacks(article: Listed) -> bool:
    """Whether its title, its publisher or its date is not known."""
    return not (article.title and article.publisher and article.published)


def brief(article: Article | Listed) -> dict[str, Any]:
    """An article without its text; `edited` maps each field that was set to what the source states."""
    characters = article.characters if isinstance(article, Listed) else len(article.text)
    fields = {name: getattr(article, name) for name in ("id", "uri", *EDITABLE)}
    return {**fields, "edited": dict(article.edited), "characters": characters}


def show(arguments: argparse.Namespace, value: Any, text: Callable[[], str]) -> None:
    """Print the text, or with `--json` the value."""
    plain = json.dumps(value, ensure_ascii=False, indent=2, default=str) if arguments.json else text()
    print(harmless(plain), flush=True)


def tell_left_out(undated: int) -> None:
    """On standard error, so that what is printed stays what was asked for."""
    if undated:
        sys.stderr.write(f"whosays: {harmless(left_out_text(undated))}\n")


@contextmanager
def show_progress(unit: str = "file") -> Iterator[Progress | None]:
    """A progress line on standard error while work is reported; nothing where it is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm  # only long work needs it

    bars: list[Any] = []

    def report(done: int, total: int | None, label: str) -> None:
        if not bars:
            bars.append(tqdm(total=total, unit=unit, file=sys.stderr, leave=False))
        bars[0].total = total
        bars[0].set_description_str(label[-40:], refresh=False)
        bars[0].update(done - bars[0].n)

    try:
        yield report
    finally:
        for bar in bars:
            bar.close()
