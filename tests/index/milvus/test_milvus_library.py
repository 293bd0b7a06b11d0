"""A library in Milvus on the command line and in `ask`: the same words as from a folder."""

import json

import pytest

from index.errors import LibraryError
from qa.ask import _OPEN, ask
from qa.cli import main
from qa.conflicts.rulings import FILE as RULINGS
from qa.survey.cache import FILE as SURVEYS

ACCOUNTS = [
    {"text": "The ferry Aurora carried 45 people when it sank on Monday.", "publisher": "Harbour Post"},
    {"text": "The ferry Aurora carried 61 people when it sank on Monday.", "publisher": "Evening News"},
    {"text": "Bread is baked in the morning. The baker sells it at noon.", "published": "2026-07"},
]
QUESTION = "How many people did the ferry Aurora carry?"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "news.json"
    path.write_text(json.dumps(ACCOUNTS), encoding="utf-8")
    return path


def told(capsys, *command):
    code = main([*command, "--json"])
    return code, json.loads(capsys.readouterr().out)


def without_times(value):
    return {name: part for name, part in value.items() if name != "timings_ms"}


def test_every_command_takes_a_library_in_milvus_and_says_what_it_says_of_a_folder(tmp_path, file, capsys):
    said = []
    for library in (str(tmp_path / "folder"), str(tmp_path / "milvus.db")):
        named = ("--library", library)
        code, added = told(capsys, "add", str(file), *named)
        assert (code, added["added"]) == (0, 3)
        answers = [
            told(capsys, "ask", QUESTION, *named, *more) for more in ((), ("--publisher", "evening news"))
        ]
        listed = told(capsys, "list", *named, "--since", "2026-07")
        disputed = told(capsys, "conflicts", *named)
        removed = told(capsys, "remove", listed[1][0]["id"], *named)
        left = told(capsys, "list", *named)
        said.append((
            [(code, without_times(answer)) for code, answer in answers],
            listed,
            {name: part for name, part in disputed[1].items() if "seconds" not in name},
            removed,
            left,
        ))  # fmt: skip
    assert said[0] == said[1]
    assert said[1][0][0][1]["status"] == "answered"
    assert len(said[1][4][1]) == 2
    assert (tmp_path / "milvus.db" / SURVEYS).is_file()  # what is kept beside a library lies in its folder


def test_a_library_in_milvus_stays_open_between_questions(tmp_path, file, capsys):
    place = tmp_path / "milvus.db"
    assert main(["add", str(file), "--library", str(place)]) == 0
    try:
        first = ask(QUESTION, library=place)
        (library,) = (one for (path, *_), one in _OPEN.items() if path == str(place))
        assert ask(QUESTION, library=str(place)).text == first.text
        assert [one for one in _OPEN.values() if one.address == str(place)] == [library]
        assert not (library.path / RULINGS).exists()
    finally:
        for key in [key for key in _OPEN if key[0] == str(place)]:
            _OPEN.pop(key).close()


def test_a_library_that_is_not_there_is_said_by_its_address(tmp_path, capsys):
    assert main(["ask", QUESTION, "--library", str(tmp_path / "none.db")]) == 2
    assert "There is no library at" in capsys.readouterr().err
    with pytest.raises(LibraryError, match=r"Milvus at http://127.0.0.1:1 does not answer .*start it"):
        ask(QUESTION, library="milvus://127.0.0.1:1/news")
