"""What was not added, kept beside the library: bounded, in order, and never in the way of adding."""

import json
from datetime import UTC, datetime

from index.records import Outcome
from index.refusals import FILE, MOST, Refusal, keep_refusals, read_refusals
from qa.cli import main


def refused(name: str, reason: str = "is empty") -> Outcome:
    return Outcome(name, "refused", reason)


def test_refusals_alone_are_kept_the_newest_first(tmp_path):
    at = datetime(2026, 7, 3, 14, 5, tzinfo=UTC)
    keep_refusals(tmp_path, [refused("a.txt"), Outcome("b.txt", "unchanged", "")], now=at)
    keep_refusals(tmp_path, [refused("c.txt", "is a riddle")], now=at)
    when = "2026-07-03T14:05:00+00:00"
    assert read_refusals(tmp_path) == (
        Refusal("c.txt", "is a riddle", when), Refusal("a.txt", "is empty", when)
    )  # fmt: skip


def test_they_are_bounded_in_number_and_length(tmp_path):
    keep_refusals(tmp_path, [refused("x" * 9_999, "y" * 9_999)])
    (long,) = read_refusals(tmp_path)
    assert (len(long.source), len(long.reason)) == (300, 500)
    keep_refusals(tmp_path, [refused(f"{n}.txt") for n in range(MOST + 5)])
    found = read_refusals(tmp_path)
    assert len(found) == MOST
    assert found[0].source == f"{MOST + 4}.txt"


def test_lines_that_are_none_are_passed_over_and_a_folder_that_cannot_be_written_is_no_failure(tmp_path):
    keep_refusals(tmp_path, [refused("a.txt")])
    with (tmp_path / FILE).open("a", encoding="utf-8") as file:
        file.write('{"source": 1\nnothing\n[]\n')
    assert [one.source for one in read_refusals(tmp_path)] == ["a.txt"]
    (tmp_path / "file").write_text("no folder")
    keep_refusals(tmp_path / "file", [refused("a.txt")])
    assert read_refusals(tmp_path / "file") == ()


def test_the_command_line_tells_what_it_did_not_add(tmp_path, capsys):
    (tmp_path / "setup.exe").write_bytes(b"MZ")
    (tmp_path / "a.txt").write_text("")
    library = str(tmp_path / "library")
    assert main(["add", str(tmp_path / "setup.exe"), str(tmp_path / "a.txt"), "--library", library]) == 1
    capsys.readouterr()
    assert main(["list", "--refused", "--library", library, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["source"].rpartition("/")[2] for one in told] == ["a.txt", "setup.exe"]
    assert "is empty" in told[0]["reason"]
    assert main(["list", "--refused", "--library", library, "--most", "1"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "a.txt" in line
