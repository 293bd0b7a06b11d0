import json
import subprocess
import sys
from pathlib import Path

import pytest

from qa.cli import EXAMPLES, main

MILL = "The mill in Aarup employs 120 people. It was built in 1912."
STRIKE = "Workers at the Aarup mill went on strike on Monday."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "mill.txt").write_text(MILL, encoding="utf-8")
    (articles / "strike.txt").write_text(STRIKE, encoding="utf-8")
    return articles


def _json(capsys: pytest.CaptureFixture[str]) -> object:
    return json.loads(capsys.readouterr().out)


def test_add_list_ask_remove_on_a_library_of_ones_own(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = ["--library", str(tmp_path / "library"), "--json"]
    assert main(["add", str(folder), *library]) == 0
    added = _json(capsys)
    assert (added["added"], added["unchanged"], added["refused"]) == (2, 0, 0)
    assert main(["add", str(folder), *library]) == 0
    assert _json(capsys)["unchanged"] == 2

    assert main(["list", *library]) == 0
    listed = _json(capsys)
    assert {article["characters"] for article in listed} == {len(MILL), len(STRIKE)}

    assert main(["ask", "How many people does the mill in Aarup employ?", *library]) == 0
    answer = _json(capsys)
    assert answer["text"] == "120"
    assert answer["citations"][0]["sentence"] == "The mill in Aarup employs 120 people."

    mill = answer["citations"][0]["article_id"]
    assert main(["remove", mill, *library]) == 0
    assert [article["id"] for article in _json(capsys)] == [mill]
    assert main(["list", *library]) == 0
    assert [article["id"] for article in _json(capsys)] == [
        article["id"] for article in listed if article["id"] != mill
    ]


def test_a_refused_input_is_reported_with_its_reason_and_the_rest_goes_on(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "empty.txt").write_bytes(b"")
    assert main(["add", str(folder), "--library", str(tmp_path / "library")]) == 1
    printed = capsys.readouterr().out
    assert "2 added, 0 unchanged, 1 refused" in printed
    assert "empty.txt: " in printed


def test_an_answer_prints_its_quote_its_place_and_what_was_compared(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["ask", "How large is Samsung's foundry order backlog expected to be?"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "expected to approach 50 trillion" in printed
    assert "characters " in printed
    assert "Conflicts: " in printed


def test_what_the_sources_do_not_answer_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "Who is the chief executive of Samsung Electronics?"]) == 1
    assert "The articles do not answer this." in capsys.readouterr().out


def test_a_follow_up_shows_how_it_was_understood(capsys: pytest.CaptureFixture[str]) -> None:
    main(["ask", "Where did he work before?", "--after", "Who is Clive Chan?"])
    assert "Understood as: Where did Clive Chan work before?" in capsys.readouterr().out


def test_a_follow_up_may_be_about_the_answer_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("Norwind won the order for the harbour crane. Norwind won the order in May 2025.")
    library = str(tmp_path / "library")
    main(["add", str(note), "--library", library])
    main(["ask", "And when?", "--after", "Who won the order?", "--library", library])
    assert "Understood as: When did Norwind win the order?" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["add", "x.txt"], "name the library's folder: --library DIR"),
        (["remove", "0000", "--library", "nowhere"], "nowhere"),
        (["ask", "Who?", "--library", "nowhere"], "nowhere"),
        (["ask", " "], "the question is empty"),
        (["list", "--settings", "none.toml"], "none.toml does not exist"),
    ],
)
def test_unusable_input_exits_with_2_and_one_line_that_says_what_to_do(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("whosays: ")
    assert complaint in captured.err
    assert captured.err.count("\n") == 1


def test_remove_takes_all_or_none(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = ["--library", str(tmp_path / "library"), "--json"]
    main(["add", str(folder), *library])
    known = _json(capsys)["outcomes"][0]["article_id"]
    assert main(["remove", known, "0000", *library]) == 2
    assert "No article 0000" in capsys.readouterr().err
    main(["list", *library])
    assert len(_json(capsys)) == 2


@pytest.mark.parametrize("port", ["0", "-1", "65536", "x", "9" * 30])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["chat", "--port", port])
    assert "65535" in capsys.readouterr().err or port == "-1"


def test_a_reader_that_stops_reading_is_no_error() -> None:
    program = "import sys; from qa.cli import EXAMPLES, main; sys.exit(main(['list']))"
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr as stderr:
        assert stderr.read() == ""
    assert process.wait() == 141


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_examples_are_answered_and_the_first_three_disputed(
    number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", EXAMPLES[number], "--json"]) == 0
    assert bool(_json(capsys)["conflicts"]) == (number < 3)


def test_control_characters_of_an_article_do_not_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    article = tmp_path / "evil.txt"
    article.write_text("The dam \x1b[2J\x1b]0;owned\x07 holds 40 million tonnes of water.", encoding="utf-8")
    library = ["--library", str(tmp_path / "library")]
    main(["add", str(article), *library])
    main(["ask", "How much water does the dam hold?", *library])
    printed = capsys.readouterr().out
    assert "40 million tonnes" in printed
    assert "\x1b" not in printed
