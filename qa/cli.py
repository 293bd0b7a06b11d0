"""The command line: parse, one call, print.

Exit codes: 0 done (and answered); 1 only the closest statements or nothing found, or an input was refused;
2 unusable input, with the reason on standard error.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from getpass import getpass
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any, get_args

from index import refusals
from index.adding import Progress
from index.care.backup import backup
from index.care.check import check
from index.care.repair import repair
from index.errors import SettingsError, WhosaysError
from index.library import Library
from index.readings import MOST_READ
from index.records import EDITABLE, Article, Listed
from index.scope import Scope
from index.sources.sandbox import limits_of
from qa.app.access.users import add_user
from qa.app.serve import flags
from qa.app.startup import own_folder
from qa.ask import ask, build_embedder, build_survey_comparison, open_library
from qa.conflicts.rulings import Rulings
from qa.export.answer import answer_text
from qa.export.care import checked_text, removed_text, repaired_text
from qa.export.survey_report import check_report, write_report
from qa.export.text import (
    article_text,
    estimate_text,
    left_out_text,
    listing_text,
    outcome_text,
    refusals_text,
    survey_text,
    timeline_text,
)
from qa.language.terminal import harmless
from qa.notebook import store as notebook_store
from qa.notebook.document import document, to_json, to_text
from qa.notebook.files import FORMATS, write_file
from qa.records import Answer, SourceOrder
from qa.settings import Settings, read_settings

_ESTIMATED_FROM = 1_000  # articles: fewer are compared within a minute
_PATHS = ("source", "library", "target", "question")  # a question is checked where it is asked
# Questions that the bundled articles answer, the first three with a disagreement.
EXAMPLES = (
    "Is Anthropic in contact with Samsung about having chips made?",
    "Has the design of Anthropic's chip begun?",
    "Has Anthropic started work on its own chip?",
    "Will ASICs replace GPUs?",
    "Why does Anthropic want its own chips?",
)


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

    command = _command(
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
    _add_scope_flags(command)

    command = _command(commands, "add", "add files, folders or web pages to a library", _add)
    command.add_argument("source", nargs="+", help="a file, a folder, or an http(s) address")
    command.add_argument("--max-file-mb", type=int, metavar="MB", help="refuse larger inputs (default 20)")
    command.add_argument(
        "--follow-links", action="store_true", help="also links in a folder that lead out of it"
    )

    command = _command(commands, "remove", "remove articles from a library", _remove)
    command.add_argument("article_id", nargs="+", help="as `whosays list` shows it")

    command = _command(commands, "restore", "put back articles that were removed within a day", _restore)
    command.add_argument(
        "article_id", nargs="*", help="an id; without any, those that can be put back are listed"
    )

    command = _command(commands, "list", "list the articles of a library, the newest first", _list)
    _add_scope_flags(command)
    command.add_argument(
        "--search", default="", metavar="WORDS", help="only articles that contain all of these words"
    )
    command.add_argument("--first", type=_number, default=0, metavar="N", help="leave out the first N")
    command.add_argument("--most", type=_number, default=sys.maxsize, metavar="N", help="list N at most")

    command.add_argument(
        "--missing",
        action="store_true",
        help="those first of which the publisher, the date or the title is not known",
    )
    command.add_argument(
        "--refused", action="store_true", help="instead what was not added lately, why and when"
    )

    _add_editing(commands)
    command = _command(
        commands, "conflicts", "list what the articles disagree on, without a question", _conflicts
    )
    command.add_argument("--report", type=Path, metavar="DIR", help="write a report page into this folder")
    _add_scope_flags(command)

    _add_notebook(commands)
    command = _command(commands, "check", "check that a library is as it was written", _check)
    command = _command(commands, "repair", "rebuild what is damaged in a library", _repair)
    command = _command(commands, "backup", "copy a library, even while it is in use", _backup)
    command.add_argument("target", help="a new folder, which becomes a library itself")

    command = _command(commands, "chat", "open the web app on this machine", _chat)
    flags.add_arguments(command)

    # `eval` plugs itself in, so that nothing here depends on it; it is loaded only when it is wanted.
    for extra in sorted(entry_points(group="whosays.commands"), key=lambda point: point.name):
        if arguments and arguments[0] in commands.choices:
            continue
        module = extra.load()
        command = commands.add_parser(extra.name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def _command(
    commands: Any, name: str, text: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
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


def _add_editing(commands: Any) -> None:
    command = _command(
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

    command = _command(commands, "merge", "say that several names of publishers are one publisher", _merge)
    command.add_argument("name", nargs="+", help="a name as `whosays list` shows it")
    command.add_argument("--into", required=True, metavar="NAME", help="the name that they are to have")


def _add_notebook(commands: Any) -> None:
    command = _command(
        commands, "notebook", "list what is kept of a library, write a note, or take it home", _notebook
    )
    command.add_argument("--note", metavar="TEXT", help="write a note at its end")
    command.add_argument(
        "--export", type=Path, metavar="FILE", help="write it into a new file, or into this folder"
    )
    command.add_argument(
        "--format", choices=list(FORMATS), default="", help="of the file (default: what its name ends in)"
    )


def _add_scope_flags(command: argparse.ArgumentParser) -> None:
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


def _number(typed: str) -> int:
    if not typed.isdecimal() or len(typed) > 1_000:
        raise argparse.ArgumentTypeError(f"{typed} is not a number of articles: give 0 or more")
    return min(int(typed), sys.maxsize)


def _scope(arguments: argparse.Namespace) -> Scope:
    """What the flags of `_add_scope_flags` say."""
    return Scope(tuple(arguments.publisher), arguments.since, arguments.until, tuple(arguments.article))


def _ask(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    with _progress() as progress, open_library(settings.library, settings, progress=progress) as library:
        answers: list[Answer] = []  # a follow-up may be about what the question before was answered with
        for question in (*arguments.after, arguments.question):
            answer = ask(
                question,
                library=library,
                history=answers,
                scope=_scope(arguments),
                order=arguments.order,
                settings=settings,
            )
            answers.append(answer)
    text = [answer_text(answer), *(["", timeline_text(answer.timeline)] if arguments.timeline else [])]
    _show(arguments, answer.to_dict(), lambda: "\n".join(text))
    told = answer.citations or answer.conflict_check.status == "checked"
    return 0 if answer.status == "answered" or (answer.status == "overview" and told) else 1


def _add(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    most = settings.max_file_mb * 1_000_000
    with _progress() as progress, open_library(_own(settings), settings, create=True) as library:
        outcomes = library.add(
            *arguments.source,
            max_bytes=most,
            follow_links=arguments.follow_links,
            within=limits_of(most),
            progress=progress,
        )
    counts = {
        status: sum(outcome.status == status for outcome in outcomes)
        for status in ("added", "unchanged", "refused")
    }
    _show(
        arguments,
        {"outcomes": [asdict(outcome) for outcome in outcomes], **counts},
        lambda: "\n".join(
            [*map(outcome_text, outcomes), ", ".join(f"{count} {status}" for status, count in counts.items())]
        ),
    )
    return 1 if counts["refused"] else 0


def _remove(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    with open_library(_own(settings), settings) as library:
        removed = library.remove_all(arguments.article_id)
    _show(
        arguments,
        [_brief(article) for article in removed],
        lambda: "\n".join(f"removed  {article_text(article)}" for article in removed),
    )
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    with open_library(_own(settings), settings) as library:
        if not arguments.article_id:
            kept = library.removed()
            none = "nothing was removed within a day"
            _show(arguments, list(map(asdict, kept)), lambda: "\n".join(map(removed_text, kept)) or none)
            return 0
        restored = library.restore(arguments.article_id)
    _show(
        arguments,
        [_brief(article) for article in restored],
        lambda: "\n".join(f"restored {article_text(article)}" for article in restored),
    )
    return 0


def _list(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    if arguments.refused:
        return _list_refused(arguments, settings)
    with _progress() as progress, open_library(settings.library, settings, progress=progress) as library:
        found = library.listing(
            sought=arguments.search,
            scope=_scope(arguments),
            first=arguments.first,
            most=arguments.most,
            order="missing" if arguments.missing else "date",
        )
        undated = library.count_undated(sought=arguments.search, scope=_scope(arguments))
        lacking = [one.id for one in found.articles if _lacks(one)] if arguments.missing else []
        suggested = library.suggest(lacking[:MOST_READ])
    _tell_left_out(undated)
    _show(
        arguments,
        [
            _brief(one) | ({"suggested": list(map(asdict, suggested.get(one.id, ())))} if lacking else {})
            for one in found.articles
        ],
        lambda: listing_text(found, arguments.first, suggested),
    )
    return 0


def _list_refused(arguments: argparse.Namespace, settings: Settings) -> int:
    with open_library(settings.library, settings) as library:
        found = library.refusals()[arguments.first : arguments.first + arguments.most]
    _show(arguments, [asdict(one) for one in found], lambda: refusals_text(found))
    return 0


def _tell_left_out(undated: int) -> None:
    """On standard error, so that what is printed stays what was asked for."""
    if undated:
        sys.stderr.write(f"whosays: {harmless(left_out_text(undated))}\n")


def _set(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    given = {name: getattr(arguments, name) for name in EDITABLE if getattr(arguments, name) is not None}
    values = given | dict.fromkeys(arguments.as_stated)
    with open_library(_own(settings), settings) as library:
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
    _show(
        arguments,
        [_brief(article) for article in edited],
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
    lacking = [one.id for one in found if one.id in named and _lacks(one)]
    steps = range(0, len(lacking), MOST_READ)
    edited = [one for at in steps for one in library.accept(lacking[at : at + MOST_READ])]
    _show(
        arguments,
        [_brief(article) for article in edited],
        lambda: "\n".join(f"set      {article_text(one)}" for one in edited) or "nothing is suggested",
    )
    return 0


def _lacks(article: Listed) -> bool:
    return not (article.title and article.publisher and article.published)


def _merge(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    with open_library(_own(settings), settings) as library:
        number = library.merge_publishers(arguments.name, arguments.into)
    _show(
        arguments,
        {"articles": number, "publisher": arguments.into},
        lambda: f"{number:,} article{'s are' if number != 1 else ' is'} by {arguments.into} now",
    )
    return 0


def _conflicts(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    if arguments.report:
        check_report(arguments.report)
    with (
        _progress(unit="") as progress,
        open_library(settings.library, settings, progress=progress) as library,
    ):
        comparison = build_survey_comparison(settings)
        if len(library) > _ESTIMATED_FROM:
            ahead = library.conflicts_estimate(scope=_scope(arguments), comparison=comparison)
            print(estimate_text(ahead), end="", file=sys.stderr)
        found = library.conflicts(scope=_scope(arguments), comparison=comparison, progress=progress)
        undated = library.count_undated(scope=_scope(arguments))
    _tell_left_out(undated)
    page = write_report(arguments.report, found) if arguments.report else None
    result = found.to_dict() | ({"report": str(page)} if page else {})
    text = [survey_text(found), *([f"report  {page}"] if page else [])]
    _show(arguments, result, lambda: "\n".join(text))
    return 0


def _notebook(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    with open_library(settings.library, settings) as library:
        if arguments.note is not None:
            library.notebook.add_note(arguments.note)
        name = Path(settings.library).name if settings.library else ""
        kept = document(library.notebook, library=name)
    if arguments.export is None:
        _show(arguments, json.loads(to_json(kept)), lambda: to_text(kept))
        return 0
    file = write_file(kept, arguments.export, arguments.format)
    _show(arguments, {"file": str(file), "clippings": len(kept.clippings)}, lambda: f"notebook {file}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    found = check(_own(_settings(arguments)))
    passed_over = _count_passed_over(Path(found.library))
    lines = {f"{name}_passed_over": number for name, number in passed_over.items()}
    told = {**asdict(found), "sound": found.sound, **lines}
    _show(arguments, told, lambda: checked_text(found, passed_over))
    return 0 if found.sound else 1


def _count_passed_over(folder: Path) -> dict[str, int]:
    """The lines that cannot be read of each file that people's work is kept in beside a library."""
    return {
        "rulings": Rulings(folder).count_passed_over(),
        "notebook": notebook_store.count_passed_over(folder),
        "refusals": refusals.count_passed_over(folder),
    }


def _repair(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    with _progress(unit="article") as progress:
        done = repair(_own(settings), embedder=build_embedder(settings.embedder), progress=progress)
    _show(arguments, asdict(done), lambda: repaired_text(done))
    return 1 if done.lost else 0


def _backup(arguments: argparse.Namespace) -> int:
    made = backup(_own(_settings(arguments)), arguments.target)
    text = [f"backup   {made.folder}", checked_text(made.found)]
    _show(arguments, {**asdict(made), "sound": made.found.sound}, lambda: "\n".join(text))
    return 0 if made.found.sound else 1


def _chat(arguments: argparse.Namespace) -> int:
    if arguments.add_user:
        return _add_user(arguments)
    flags.check(arguments)
    settings = _settings(arguments)
    with own_folder():
        from qa.app.serve.command import chat  # gradio takes seconds to import, and only this needs it

        chat(
            arguments,
            settings,
            examples=EXAMPLES,
            progress=_progress(),
            show=lambda value, line: _show(arguments, value, lambda: line),
        )
    return 0


def _add_user(arguments: argparse.Namespace) -> int:
    if not arguments.auth_file:
        raise SettingsError("name the file to write the name into: --auth-file FILE --add-user NAME")
    asked = f"Password for {arguments.add_user}: "
    password = getpass(asked) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    add_user(arguments.auth_file, arguments.add_user, password)
    written = {"auth_file": str(arguments.auth_file), "name": arguments.add_user}
    _show(arguments, written, lambda: f"{arguments.add_user} may sign in: {arguments.auth_file}")
    return 0


def _settings(arguments: argparse.Namespace) -> Settings:
    flags = {"library": arguments.library, "max_file_mb": getattr(arguments, "max_file_mb", None)}
    return read_settings(flags, file=arguments.settings)


def _own(settings: Settings) -> str:
    if not settings.library:
        raise SettingsError(
            "name the library's folder: --library DIR (the bundled articles cannot be changed)"
        )
    return settings.library


def _brief(article: Article | Listed) -> dict[str, Any]:
    """An article without its text; `edited` maps each field that was set to what the source states."""
    characters = article.characters if isinstance(article, Listed) else len(article.text)
    fields = {name: getattr(article, name) for name in ("id", "uri", *EDITABLE)}
    return {**fields, "edited": dict(article.edited), "characters": characters}


def _show(arguments: argparse.Namespace, value: Any, text: Callable[[], str]) -> None:
    plain = json.dumps(value, ensure_ascii=False, indent=2, default=str) if arguments.json else text()
    print(harmless(plain), flush=True)


@contextmanager
def _progress(unit: str = "file") -> Iterator[Progress | None]:
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


if __name__ == "__main__":
    sys.exit(main())
