"""Statements that differ in a name alone: read from files, and put to the model without a question."""

import random
from pathlib import Path

import pytest

from eval.errors import GoldError
from eval.training.judgements.judgement import RELATION
from eval.training.judgements.rivals import Rivals, main, read_parts, read_rivals, rival_judgements
from qa.comparison.model import KINDS, RELATIONS
from tests.tiny import write_rivals

WON = "one: The race was won by [Rossi | Bianchi], the judges say."
RAN = "many: [Rossi | Bianchi] ran the race."


def test_a_line_is_two_statements_and_whether_only_one_can_be_true(tmp_path: Path) -> None:
    file = tmp_path / "one.txt"
    file.write_text(f"{WON}\n\n{RAN}\n", encoding="utf-8")
    assert read_rivals(file) == [
        Rivals(
            ("The race was won by Rossi, the judges say.", "The race was won by Bianchi, the judges say."),
            conflict=True,
        ),
        Rivals(("Rossi ran the race.", "Bianchi ran the race."), conflict=False),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("some: [Rossi | Bianchi] won.", "write one: or many:"),
        ("one: Rossi won.", "write one: or many:"),
        ("one: [Rossi] won.", "write one: or many:"),
        ("one: [Rossi | Bianchi] beat [Verdi | Neri].", "write one: or many:"),
        ("one: [Rossi | Rossi ] won.", "the same"),
    ],
)
def test_what_is_no_such_line_is_named_with_its_place(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "one.txt"
    file.write_text(f"{WON}\n{line}\n", encoding="utf-8")
    with pytest.raises(GoldError, match=rf"line 2.*{said}"):
        read_rivals(file)


def test_what_only_one_can_be_conflicts_by_its_name_on_one_day(tmp_path: Path) -> None:
    file = tmp_path / "one.txt"
    file.write_text(f"{WON}\n{RAN}", encoding="utf-8")
    made = [one for seed in range(60) for one in rival_judgements(read_rivals(file), random.Random(seed))]
    assert {one.task for one in made} == {RELATION}
    gaps: dict[str, set[str]] = {"won": set(), "ran": set()}
    orders = set()
    for one in made:
        gap, _, first = one.first.rpartition(" | ")
        won = "won" in first
        gaps["won" if won else "ran"].add(gap)
        orders.add("Rossi" in first)
        assert {name for name in ("Rossi", "Bianchi") if name in first + one.second} == {"Rossi", "Bianchi"}
        assert RELATIONS[one.label] == ("conflict" if won else "both")
        assert one.kind == (KINDS.index("name") if won else -1)
    assert gaps["won"] == {"", "same day"}
    assert gaps["ran"] > gaps["won"]
    assert orders == {True, False}


def test_some_are_held_out_and_no_folder_holds_none(tmp_path: Path) -> None:
    trained, held_out = read_parts(write_rivals(tmp_path, 5, 2))
    assert (len(trained), len(held_out)) == (10, 4)
    assert not {one.statements for one in trained} & {one.statements for one in held_out}
    assert read_parts(None) == ([], [])


def test_the_command_counts_them(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    file = tmp_path / "one.txt"
    file.write_text(f"{WON}\n{RAN}\n{RAN}", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["rivals", str(file)])
    main()
    assert capsys.readouterr().out == "3 lines: 1 one, 2 many\n"
