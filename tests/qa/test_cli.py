import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from qa.cli import main
from qa.commands.chat import EXAMPLES
from qa.export.text import CLOSEST
from qa.records import Answer

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

    code = main(["ask", "How many people does the mill in Aarup employ?", *library])
    answer = _json(capsys)
    assert code == (0 if answer["status"] == "answered" else 1)
    assert set(answer) == {one.name for one in fields(Answer)}
    assert answer["scope"] == {
        "articles": 2, "articles_read": 2, "passages_read": 2, "library_articles": 2,
        "publishers": [], "since": None, "until": None, "article_ids": [], "undated": 0,
    }  # fmt: skip
    first = (answer["citations"] or answer["closest"])[0]
    assert first["sentence"] == "The mill in Aarup employs 120 people."

    mill = first["article_id"]
    assert main(["remove", mill, *library]) == 0
    assert [article["id"] for article in _json(capsys)] == [mill]
    assert main(["list", *library]) == 0
    assert [article["id"] for article in _json(capsys)] == [
        article["id"] for article in listed if article["id"] != mill
    ]


def test_list_searches_and_shows_a_part_with_what_to_type_for_the_next(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = ["--library", str(tmp_path / "library")]
    for number in range(3):
        (folder / f"weather-{number}.txt").write_text(f"It rained in Aarup on {number + 1} May.")
    main(["add", str(folder), *library])
    capsys.readouterr()
    main(["list", *library])
    every = capsys.readouterr().out.splitlines()
    assert len(every) == 5
    main(["list", "--most", "2", *library])
    assert capsys.readouterr().out.splitlines() == [*every[:2], "1 to 2 of 5 articles; go on with --first 2"]
    main(["list", "--first", "4", "--most", "2", *library])
    assert capsys.readouterr().out.splitlines() == [every[4], "5 to 5 of 5 articles"]
    main(["list", "--search", "raining", *library])
    assert len(capsys.readouterr().out.splitlines()) == 3
    main(["list", "--search", "snow", *library])
    assert capsys.readouterr().out == "no articles\n"
    with pytest.raises(SystemExit):
        main(["list", "--most", "-1", *library])
    assert "-1 is not a number of articles: give 0 or more" in capsys.readouterr().err


def test_a_refused_input_is_reported_with_its_reason_and_the_rest_goes_on(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "empty.txt").write_bytes(b"")
    assert main(["add", str(folder), "--library", str(tmp_path / "library")]) == 1
    printed = capsys.readouterr().out
    assert "2 added, 0 unchanged, 1 refused" in printed
    assert "empty.txt: " in printed


def test_what_is_not_known_of_new_articles_is_counted_with_the_way_to_fill_it_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = ["--library", str(tmp_path / "library")]
    known = {"title": "Mill", "publisher": "Post", "published": "2026-07-03", "text": MILL}
    (tmp_path / "known.json").write_text(json.dumps(known), encoding="utf-8")
    (tmp_path / "bare.txt").write_text(STRIKE, encoding="utf-8")
    assert main(["add", str(tmp_path / "known.json"), *library]) == 0
    assert "not known" not in capsys.readouterr().out
    assert main(["add", str(tmp_path / "known.json"), str(tmp_path / "bare.txt"), *library]) == 0
    *_, counts, told = capsys.readouterr().out.splitlines()
    assert counts == "1 added, 1 unchanged, 0 refused"
    assert told.startswith("of 1 of these the title, the publisher or the date is not known")
    assert "`whosays set --suggested`" in told
    assert main(["add", str(tmp_path / "bare.txt"), *library, "--json"]) == 0
    assert _json(capsys)["lacking"] == 0  # nothing was added


def _first_lines(status: str, printed: str) -> bool:
    """Whether what is printed is that of the status."""
    return {
        "answered": "Confidence: " in printed,
        "closest": printed.startswith(f"{CLOSEST}:"),
        "unanswered": printed.startswith("I found nothing in the "),
    }[status]


@pytest.mark.parametrize(
    "question",
    [
        "How large is Samsung's foundry order backlog expected to be?",
        "Who won the chess game in Oslo in 1911?",
    ],
)
def test_what_is_printed_and_the_exit_code_are_those_of_the_status(
    question: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["ask", question])
    printed = capsys.readouterr().out
    assert main(["ask", question, "--json"]) == code
    answer = _json(capsys)
    assert code == (0 if answer["status"] == "answered" else 1)
    assert _first_lines(answer["status"], printed)
    quoted = " ".join(printed.split())
    for one in (*answer["citations"][:1], *answer["closest"]):
        assert " ".join(one["sentence"].split()) in quoted
        assert f"characters {one['sentence_start']}-{one['sentence_end']}" in quoted
    scope = answer["scope"]
    assert scope["articles"] == 5
    assert 0 < scope["passages_read"] <= len(answer["passages"])
    if answer["status"] != "unanswered":
        assert f"Read: {scope['passages_read']} passages from " in printed
    assert re.search(r"\n(Conflicts: |They say something else: |Compared \d)", printed)
    long = [one["text"] for one in answer["passages"] if len(one["text"]) > 400]
    assert long
    assert not any(" ".join(text.split()) in quoted for text in long)


def test_what_is_not_answered_exits_with_1_and_the_closest_statements_or_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("The buoy was painted on Monday. It is white and red now.")
    library = ["--library", str(tmp_path / "library")]
    main(["add", str(note), *library])
    capsys.readouterr()
    assert main(["ask", "Which parties form the government of Peru?", *library]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith((f"{CLOSEST}:\n\n  “", "I found nothing in the 1 passage read of 1 article."))
    assert "Conflicts: not checked, because " in printed


def test_a_follow_up_says_which_words_of_the_conversation_it_is_about(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["ask", "And where does he work now?", "--after", "Who is Clive Chan?"]
    code = main([*asked, "--json"])
    answer = _json(capsys)
    assert main(asked) == code
    printed = capsys.readouterr().out
    about = ", ".join(answer["about"])
    assert printed.startswith(f"About: {about}\n\n") is bool(about)
    assert answer["standalone_question"] == (
        f"{answer['question']} ({about})" if about else answer["question"]
    )


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
    program = "import sys; from qa.cli import main; sys.exit(main(['list']))"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_at_its_end_the_program_does_not_look_through_all_that_it_made() -> None:
    program = (
        "import atexit, gc, sys; atexit.register(lambda: print(len(gc.get_objects()), gc.get_freeze_count()));"
        "from qa.cli import run; sys.exit(run())"
    )
    done = subprocess.run([sys.executable, "-c", program, "list"], capture_output=True, text=True, check=True)
    left, put_by = map(int, done.stdout.splitlines()[-1].split())
    assert left < put_by / 100


@pytest.mark.parametrize("question", EXAMPLES)
def test_each_example_is_answered(question: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["ask", question, "--json"])
    assert _json(capsys)["status"] == "answered"


def test_control_characters_of_an_article_do_not_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    article = tmp_path / "evil.txt"
    article.write_text("The dam \x1b[2J\x1b]0;owned\x07 holds 40 million tonnes of water.", encoding="utf-8")
    library = ["--library", str(tmp_path / "library")]
    main(["add", str(article), *library])
    main(["ask", "How much water does the dam hold?", *library])
    printed = capsys.readouterr().out
    assert "40 million tonnes" in printed  # as the answer, or as the closest statement
    assert "\x1b" not in printed


def test_what_was_removed_is_listed_and_put_back(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "library"
    assert main(["add", str(folder), "--library", str(library)]) == 0
    capsys.readouterr()
    assert main(["list", "--library", str(library), "--json"]) == 0
    ids = [one["id"] for one in json.loads(capsys.readouterr().out)]
    assert main(["remove", *ids[:2], "nowhere", "--library", str(library)]) == 2  # all or none
    assert main(["restore", "--library", str(library)]) == 0
    assert "nothing was removed within a day" in capsys.readouterr().out
    assert main(["remove", *ids[:2], "--library", str(library)]) == 0
    assert capsys.readouterr().out.count("removed  ") == 2
    assert main(["restore", "--library", str(library), "--json"]) == 0
    assert {one["id"] for one in json.loads(capsys.readouterr().out)} == set(ids[:2])
    assert main(["restore", *ids[:2], "--library", str(library)]) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["restored", one] for one in ids[:2]
    ]
    assert main(["restore", ids[0], "--library", str(library)]) == 2
    assert "within a day" in capsys.readouterr().err
