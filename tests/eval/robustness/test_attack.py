"""A few seconds of the attack: what is promised holds, a hole would be told, and SECURITY.md names each case."""

import re
from random import Random

import pytest

from eval.robustness.attack import Report, app, attack, main
from eval.robustness.attack_cases import CASES, PROMISES, Case, paths_out
from eval.robustness.attack_target import Reply
from tests.paths import ROOT


@pytest.fixture(scope="module")
def target():
    with app() as own:
        yield own


def test_each_case_holds(target):
    report = attack(target, seconds=1, seed=7)
    assert report.broken == {}
    assert set(report.tries) == {one.name for one in CASES}


def test_rounds_go_on_until_the_time_is_over_and_what_breaks_is_told(target):
    sent = []  # a second each

    def unless_here(at, chance):
        sent.append(at.send("/config").status)
        return [] if sent[-1] == 403 else ["the page of another site got it"]

    hole = Case("hole", "site", unless_here)
    report = attack(target, seconds=3, cases=[hole], clock=lambda: len(sent))
    assert report.tries["hole"] == 3
    assert len(report.broken["hole"]) == 3


def test_a_file_of_the_machine_is_told_from_a_page_whose_style_names_the_root():
    class Giving:
        def __init__(self, body):
            self.body = body

        def send(self, path):
            return Reply(404, {}, self.body, 0.1)

    assert paths_out(Giving(b":root:has(#side) { color: red }"), Random(1)) == []
    assert paths_out(Giving(b"root:x:0:0:root:/root:/bin/sh\n"), Random(1)) == [
        "a file of the machine was given"
    ]


def test_what_broke_stands_beside_its_promise():
    report = Report()
    report.note("foreign_names", [])
    report.note("foreign_names", ["Host evil.example gave 200"])
    promise, line, *_ = report.lines()
    assert promise == PROMISES["site"]
    assert "2 tries" in line
    assert line.endswith("BROKEN 1 times, first: Host evil.example gave 200")


def test_where_nothing_answers_the_attack_fails(capsys):
    assert main(["--address", "http://127.0.0.1:1/", "--seconds", "0"]) == 1
    assert "the app did not answer" in capsys.readouterr().out


def test_security_names_each_case_and_no_other():
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`attack: ([a-z_, ]+)`", page)
    assert {one.strip() for group in named for one in group.split(",")} == {one.name for one in CASES}
    assert {one.promise for one in CASES} == set(PROMISES)
