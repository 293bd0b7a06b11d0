"""README and the page of `qa` say what the commands print; that page names every command, flag and setting."""

import argparse
import ast
import re
import shlex
from dataclasses import fields

import pytest

from qa.cli import main, make_parser
from qa.settings import Settings
from tests.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "qa" / "README.md").read_text(encoding="utf-8")
_TRANSCRIPT = re.compile(r"```console\n\$ whosays ([^\n]+)\n(.*?)```", re.DOTALL)
TRANSCRIPTS = _TRANSCRIPT.findall(README) + _TRANSCRIPT.findall(REFERENCE)


@pytest.mark.parametrize(("command", "printed"), TRANSCRIPTS, ids=[command for command, _ in TRANSCRIPTS])
def test_a_transcript_is_what_the_command_prints(
    command: str, printed: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    main(shlex.split(command))
    assert _without_shares(capsys.readouterr().out) == _without_shares(printed)


def _without_shares(text: str) -> str:
    """The text without its percentages: processors differ in the last digits of a confidence."""
    return re.sub(r"\d+%", "N%", text.strip())


def test_readme_shows_a_citation_and_a_conflict() -> None:
    (shown,) = _TRANSCRIPT.findall(README)
    assert "· characters " in shown[1]
    assert re.search(r"Conflicts: [1-9], in ", shown[1])


def test_the_reference_shows_what_is_printed_where_nothing_answers_surely() -> None:
    (shown,) = _TRANSCRIPT.findall(REFERENCE)
    assert shown[1].startswith("Closest statements, not sure:")


def test_readme_leads_to_the_reference() -> None:
    assert "](qa/README.md)" in README


def _commands() -> dict[str, argparse.ArgumentParser]:
    (commands,) = (
        action.choices
        for action in make_parser([])._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return dict(commands)


@pytest.mark.parametrize(("name", "command"), _commands().items(), ids=list(_commands()))
def test_every_command_is_named_with_its_flags(name: str, command: argparse.ArgumentParser) -> None:
    assert f"whosays {name}" in REFERENCE
    # What measures has a page of its own.
    page = (ROOT / "eval" / "README.md").read_text(encoding="utf-8") if name == "eval" else REFERENCE
    flags = {flag for action in command._actions for flag in action.option_strings} - {"-h", "--help"}
    assert {flag for flag in flags if not re.search(rf"{flag}\b(?!-)", page)} == set()


def test_every_setting_is_named_with_its_default() -> None:
    for field in fields(Settings):
        default = f'"{field.default}"' if isinstance(field.default, str) else str(field.default)
        assert f"| `{field.name}` | `{default}` |" in REFERENCE


def test_every_endpoint_is_listed_with_its_arguments() -> None:
    source = (ROOT / "qa" / "app" / "serve" / "endpoints.py").read_text(encoding="utf-8")
    registered = set(re.findall(r"_register\((\w+)[,)]", source))
    taken = {
        one.name: [argument.arg for argument in one.args.args]
        for one in ast.walk(ast.parse(source))
        if isinstance(one, ast.AsyncFunctionDef) and one.name in registered
    }
    assert len(taken) >= 5
    for name, arguments in taken.items():
        (row,) = re.findall(rf"^\| `/{name}` \| (.*?) \|", REFERENCE, re.MULTILINE)
        assert re.findall(r"`(\w+)`", row) == arguments
