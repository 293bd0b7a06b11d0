"""What people ruled on conflicts: kept, changed, taken back, and handed on as gold data."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from eval.data import Evidence
from eval.pairs import TRAPS, Shelf, read_articles, read_pairs
from index.errors import LibraryError
from qa.conflicts.rulings import FILE, Reason, Rulings, gold_lines, rule
from qa.records import Citation, Conflict

ROOT = Path(__file__).resolve().parent.parent
TEXTS = {
    "early": "The dam on the Ilse is 80 metres high. It is old.",
    "late": "The Ilse dam is 95 metres high, the ministry said.",
    "copy": "A ministry note. The Ilse dam is 95 metres high, the ministry said.",
}
QUESTION = "How high is the dam on the Ilse?"
NOON = datetime(2026, 7, 3, 12, tzinfo=UTC)


def cite(name: str, quote: str, *, uri: str = "") -> Citation:
    start = TEXTS[name].index(quote)
    end = start + len(quote)
    return Citation(
        name, None, None, None, uri or f"/far/{name}.txt", start, end, quote, quote, start, end, 1.0
    )


EIGHTY = cite("early", "The dam on the Ilse is 80 metres high.")
LATER, COPIED = (
    cite(name, "The Ilse dam is 95 metres high, the ministry said.") for name in ("late", "copy")
)


def conflict(*statements: Citation, sides: tuple[int, ...] = (), kind: str = "number") -> Conflict:
    return Conflict(kind, "80 metres against 95 metres", statements, 0.9, False, sides)


def kept(folder: Path, of: Conflict, verdict: str, **more: str) -> Rulings:
    rulings = Rulings(folder)
    rulings.add(rule(of, verdict, question=QUESTION, now=NOON, **more))
    return rulings


def test_a_ruling_is_read_back_as_it_was_made(tmp_path):
    rulings = kept(tmp_path, conflict(EIGHTY, LATER), "conflict")
    (one,) = rulings.all()
    assert (one.verdict, one.kind, one.question, one.ruled) == (
        "conflict", "number", QUESTION, "2026-07-03T12:00:00+00:00",
    )  # fmt: skip
    assert [(said.article_id, said.article, said.quote, said.side) for said in one.statements] == [
        ("early", "early.txt", EIGHTY.quote, 0),
        ("late", "late.txt", LATER.quote, 1),
    ]
    assert rulings.standing().of(conflict(LATER, EIGHTY)) == one
    assert rulings.standing().of(conflict(EIGHTY, LATER, kind="date")) is None


def test_the_last_ruling_on_a_pair_counts_and_may_be_taken_back(tmp_path):
    of = conflict(EIGHTY, LATER)
    assert Rulings(tmp_path).standing().of(of) is None
    kept(tmp_path, of, "conflict")
    kept(tmp_path, of, "no conflict", reason="other_time")
    last = Rulings(tmp_path).standing().of(of)
    assert (last.verdict, last.reason) == ("no conflict", "other_time")
    kept(tmp_path, of, "withdrawn")
    assert Rulings(tmp_path).standing().of(of) is None
    assert Rulings(tmp_path).standing().gold() == []


def test_a_ruling_stands_when_a_copy_joins_a_side_later(tmp_path):
    kept(tmp_path, conflict(EIGHTY, LATER), "update")
    joined = conflict(EIGHTY, COPIED, LATER, sides=(0, 1, 1))
    assert Rulings(tmp_path).standing().of(joined).verdict == "update"
    kept(tmp_path, joined, "conflict")
    # What was ruled on both copies is the last word on the first pair too.
    gold = Rulings(tmp_path).standing().gold()
    assert [(row["one"]["article"], row["other"]["article"]) for row in gold] == [
        ("early.txt", "late.txt"),
        ("early.txt", "copy.txt"),
    ]
    assert all("update" not in row for row in gold)


def test_two_statements_of_one_side_are_no_ruled_pair(tmp_path):
    kept(tmp_path, conflict(EIGHTY, LATER, COPIED, sides=(0, 1, 1)), "conflict")
    assert Rulings(tmp_path).standing().of(conflict(LATER, COPIED)) is None


def test_a_line_that_was_cut_off_is_passed_over_and_the_next_one_is_whole(tmp_path):
    kept(tmp_path, conflict(EIGHTY, LATER), "conflict")
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes() + file.read_bytes()[:50])
    assert len(Rulings(tmp_path).all()) == 1
    kept(tmp_path, conflict(EIGHTY, COPIED), "update")
    assert [one.verdict for one in Rulings(tmp_path).all()] == ["conflict", "update"]


@pytest.mark.parametrize(
    "line", ["[]", "{}", "null", '{"statements": 3}', '{"verdict": "maybe"}', "\ud800".encode("utf-8", "surrogatepass")]
)  # fmt: skip
def test_a_line_that_is_no_ruling_is_passed_over(tmp_path, line):
    (tmp_path / FILE).write_bytes((line if isinstance(line, bytes) else line.encode()) + b"\n")
    assert Rulings(tmp_path).all() == ()


def test_two_processes_that_rule_at_once_lose_nothing(tmp_path):
    program = (
        "import sys; from pathlib import Path; from tests.test_rulings import *\n"
        "for n in range(20): kept(Path(sys.argv[1]), conflict(EIGHTY, LATER), 'update')"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, env=None) for _ in range(2)
    ]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    assert len(Rulings(tmp_path).all()) == 40


def test_rulings_are_gold_data_that_the_evaluation_reads(tmp_path):
    for name, text in TEXTS.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    kept(tmp_path, conflict(EIGHTY, LATER), "update")
    kept(tmp_path, conflict(EIGHTY, COPIED), "no conflict")
    kept(tmp_path, conflict(COPIED, LATER), "no conflict", reason="agreement")
    (tmp_path / "pairs.jsonl").write_text(gold_lines(Rulings(tmp_path).standing().gold()), encoding="utf-8")
    pairs = read_pairs(tmp_path / "pairs.jsonl")
    assert [(pair.kind, pair.trap, pair.update) for pair in pairs] == [
        ("number", None, True),
        (None, "unrelated", False),
        (None, "agreement", False),
    ]
    assert pairs[0].one == Evidence("early.txt", EIGHTY.quote)
    shelf = Shelf(read_articles(tmp_path))
    assert all(shelf.cite(side).quote == side.quote for pair in pairs for side in (pair.one, pair.other))


def test_two_articles_of_the_same_file_name_are_told_apart(tmp_path):
    other = cite("late", LATER.quote, uri="https://paper.example/news/early.html")
    kept(tmp_path, conflict(EIGHTY, other), "conflict")
    (row,) = Rulings(tmp_path).standing().gold()
    assert (row["one"]["article"], row["other"]["article"]) == ("early-early.txt", "early-late.txt")


def test_the_reasons_are_the_traps_of_the_gold_sets():
    assert get_args(Reason) == TRAPS


def test_a_reason_is_kept_only_where_there_is_no_conflict(tmp_path):
    kept(tmp_path, conflict(EIGHTY, LATER), "conflict", reason="rounding")
    assert json.loads((tmp_path / FILE).read_text(encoding="utf-8"))["reason"] is None


def test_what_cannot_be_written_or_read_says_so(tmp_path):
    (tmp_path / FILE).mkdir()
    with pytest.raises(LibraryError, match=r"rulings\.jsonl .*: allow writing"):
        kept(tmp_path, conflict(EIGHTY, LATER), "conflict")
    with pytest.raises(LibraryError, match="cannot be read"):
        Rulings(tmp_path).all()
