"""The pages for people: each link leads somewhere, what they name exists, and README stays short."""

import argparse
import contextlib
import io
import os
import re
import shlex
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from qa.cli import make_parser
from tests.paths import ROOT

MOST_LINES = 150  # of README
# What .gitignore keeps out of the repository, at its root.
_NOT_OURS = {"build", "checkpoints", "data", "dist", "runs"}
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_MODULE = re.compile(r"(?:index|qa|eval|tests)(?:\.\w+)+")
_FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)+\.(?:css|html|js|json|jsonl|md|npz|py|toml|txt|yaml|yml)")


def _pages() -> Iterator[Path]:
    for folder, inner, files in os.walk(ROOT):
        hidden = {one for one in inner if one.startswith(".") and one != ".github"}
        inner[:] = sorted(set(inner) - hidden - (_NOT_OURS if Path(folder) == ROOT else set()))
        yield from (Path(folder) / name for name in files if name.endswith(".md"))


PAGES = sorted(_pages())
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@cache
def _tokens(page: Path) -> tuple[Token, ...]:
    """The page's tokens, and those within its lines."""
    found = []
    for token in _MARKDOWN.parse(page.read_text(encoding="utf-8")):
        found += [token, *(token.children or ())]
    return tuple(found)


@cache
def _headings(page: Path) -> frozenset[str]:
    """What GitHub makes of the page's headings, for links."""
    tokens = _MARKDOWN.parse(page.read_text(encoding="utf-8"))
    names: list[str] = []
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            text = "".join(one.content for one in inline.children or ())
            name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            times = names.count(name)
            names.append(f"{name}-{times}" if times else name)
    return frozenset(names)


def _dead_links(page: Path) -> list[str]:
    """The page's links to a file or a heading that is not there."""
    dead = []
    for token in _tokens(page):
        link = str(token.attrGet("href") or token.attrGet("src") or "")
        if not link or re.match(r"[a-z]+:", link):
            continue
        path, _, fragment = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        inside = target.suffix == ".md" and target.is_file()
        if not target.exists() or (fragment and not (inside and fragment in _headings(target))):
            dead.append(link)
    return dead


def _snippets(page: Path) -> Iterator[str]:
    for token in _tokens(page):
        if token.type == "code_inline":
            yield token.content


def _blocks(page: Path) -> Iterator[str]:
    """The commands of the page's blocks, continued lines joined."""
    for token in _tokens(page):
        if token.type == "fence" and token.info in ("sh", "console"):
            lines = token.content.replace("\\\n", " ").splitlines()
            if token.info == "console":
                lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
            yield from filter(None, map(str.strip, lines))


@cache
def _commands() -> dict[str, argparse.ArgumentParser]:
    (commands,) = (
        action.choices
        for action in make_parser([])._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return dict(commands)


def _wrong(command: str, *, whole: bool) -> str:
    """What is wrong with a command, "" for nothing; `whole`: it is given with all that it needs."""
    words = shlex.split(command, comments=True)
    while words and re.fullmatch(r"\w+=\S*", words[0]):
        words.pop(0)
    program, *rest = words or [""]
    match Path(program).name, rest:
        case "whosays", [str(name), *_] if whole:
            complaint = io.StringIO()
            with contextlib.redirect_stdout(complaint), contextlib.redirect_stderr(complaint):
                try:
                    make_parser([name]).parse_args(rest)
                except SystemExit as end:
                    return complaint.getvalue() if end.code else ""
        case "whosays", [str(name), *flags] if not name.startswith("-"):
            if name not in _commands():
                return f"no command {name}"
            known = _commands()[name]._option_string_actions
            return " ".join(flag for flag in flags if flag.startswith("--") and flag not in known)
        case (("python" | "python3"), ["-m", str(module), *flags]) if _MODULE.fullmatch(module):
            source = _runnable(module)
            if source is None:
                return f"no module {module} to run"
            text = source.read_text(encoding="utf-8")
            return " ".join(flag for flag in flags if flag.startswith("--") and f'"{flag}"' not in text)
        case "make", [*targets]:
            known = (ROOT / "Makefile").read_text(encoding="utf-8")
            wanted = [one for one in targets if "=" not in one]
            return " ".join(one for one in wanted if not re.search(rf"^{one}:", known, re.MULTILINE))
    return ""


def _runnable(module: str) -> Path | None:
    place = ROOT.joinpath(*module.split("."))
    if (place / "__main__.py").is_file():
        return place / "__main__.py"
    file = place.with_suffix(".py")
    return file if file.is_file() and '__name__ == "__main__"' in file.read_text(encoding="utf-8") else None


def _is_named_rightly(name: str) -> bool:
    """Whether `eval.gold.questions.sample` is a module, or a name in the text of one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:length])
        file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            return length >= len(parts) - 2 and all(re.search(rf"\b{one}\b", text) for one in parts[length:])
    return False


def _is_there(name: str, page: Path) -> bool:
    """Whether the file stands in the repository, as named from the page's folder, its own, or the root."""
    return any((folder / name).is_file() for folder in (page.parent, ROOT))


@each_page
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    assert _dead_links(page) == []


@each_page
def test_every_command_is_one_that_can_be_given(page: Path) -> None:
    wrong = {command: _wrong(command, whole=True) for command in _blocks(page)}
    wrong |= {
        command: _wrong(command, whole=False) for command in _snippets(page) if command.count("'") % 2 == 0
    }
    assert {command: why for command, why in wrong.items() if why} == {}


@each_page
def test_every_module_and_file_that_is_named_is_there(page: Path) -> None:
    named = set(_snippets(page))
    assert [one for one in named if _MODULE.fullmatch(one) and not _is_named_rightly(one)] == []
    assert [one for one in named if _FILE.fullmatch(one) and not _is_there(one, page)] == []


def test_readme_is_no_longer_than_a_newcomer_reads() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_readmes_figures_are_those_of_the_page_that_makes_them() -> None:
    def cells(page: Path) -> list[str]:
        text = (
            page.read_text(encoding="utf-8")
            .partition("| what | figure | command |\n")[2]
            .partition("\n\n")[0]
        )
        return [line.split(" | ")[1] for line in text.splitlines()[1:]]

    shown = cells(ROOT / "README.md")
    assert len(shown) >= 6
    assert set(shown) <= set(cells(ROOT / "eval" / "README.md"))


def test_the_pages_of_the_rooms_are_among_them() -> None:
    names = {str(page.relative_to(ROOT)) for page in PAGES}
    rooms = {f"{room}/README.md" for room in ("index", "qa", "eval", "tests")}
    assert names >= {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"} | rooms


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "other.md").write_text("# Use `it` now\n\n## Twice\n\n## Twice\n", encoding="utf-8")
    good = (
        "[a](other.md) [b](other.md#use-it-now) [c](other.md#twice-1) [d](#here) [e](https://example.org/x)"
    )
    page.write_text(f"# Here\n\n{good} [f](none.md) [g](other.md#gone) ![h](no.png)\n", encoding="utf-8")
    assert _dead_links(page) == ["none.md", "other.md#gone", "no.png"]


@pytest.mark.parametrize(
    "command",
    [
        "whosays answer 'Who won?'",
        "whosays ask --library DIR",
        "whosays ask 'Who won?' --after",
        "python -m eval.nothing",
        "python -m eval.metrics",
        "python -m eval.training.fit --nothing 3",
        "make nothing",
    ],
)
def test_a_command_that_is_none_is_found(command: str) -> None:
    assert _wrong(command, whole=True)


def test_a_module_or_a_file_that_is_gone_is_found() -> None:
    assert _is_named_rightly("qa.ask")
    assert _is_named_rightly("qa.ask.ask")
    assert not _is_named_rightly("qa.asked")
    assert not _is_named_rightly("qa.ask.answer_nothing")
    assert _is_there("conflicts/engine.py", ROOT / "qa" / "README.md")
    assert not _is_there("conflicts/engines.py", ROOT / "qa" / "README.md")
