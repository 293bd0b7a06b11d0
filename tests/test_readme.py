"""README says what the commands print, and names every command and setting."""

import argparse
import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from qa.cli import main, make_parser
from qa.settings import Settings

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
TRANSCRIPTS = re.findall(r"```console\n\$ whosays ([^\n]+)\n(.*?)```", README, re.DOTALL)


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


def test_the_first_transcript_shows_a_citation_and_a_conflict() -> None:
    assert "· characters " in TRANSCRIPTS[0][1]
    assert re.search(r"Conflicts: [1-9], in ", TRANSCRIPTS[0][1])


def test_every_command_and_setting_is_named() -> None:
    parser = make_parser([])
    (commands,) = (
        action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    )
    for command in commands:
        assert f"whosays {command}" in README
    for field in fields(Settings):
        assert f"`{field.name}`" in README
