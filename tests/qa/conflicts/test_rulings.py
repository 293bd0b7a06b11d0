"""What people ruled on conflicts: kept, changed, taken back, and handed on as gold data."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from eval.gold.questions import Evidence
from eval.pairs.judging import TRAPS, Shelf, read_articles, read_pairs
from index.errors import LibraryError
from qa import Library, ask
from qa.app.html.turn import copy_text, turn
from qa.app.survey.filters import Wanted, key_of
from qa.app.survey.session import Desk
from qa.cli import main
from qa.conflicts.rulings import FILE, Reason, Rulings, Standing, gold_lines, read_standing, rule
from qa.export.answer import answer_text
from qa.export.conversation import conversation, to_markdown
from qa.export.survey_report import render
from qa.export.text import count, survey_text
from qa.records import Answer, Citation, Conflict
from qa.settings import Settings
from tests.paths import ROOT
from tests.served import shelve
from tests.waits import until

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
    assert rulings.read_standing().of(conflict(LATER, EIGHTY)) == one
    assert (
        rulings.read_standing().of(conflict(EIGHTY, LATER, kind="date")) == one
    )  # the same words, told otherwise


def test_the_last_ruling_on_a_pair_counts_and_may_be_taken_back(tmp_path):
    of = conflict(EIGHTY, LATER)
    assert Rulings(tmp_path).read_standing().of(of) is None
    kept(tmp_path, of, "conflict")
    kept(tmp_path, of, "no conflict", reason="other_time")
    last = Rulings(tmp_path).read_standing().of(of)
    assert (last.verdict, last.reason) == ("no conflict", "other_time")
    kept(tmp_path, of, "withdrawn")
    assert Rulings(tmp_path).read_standing().of(of) is None
    assert Rulings(tmp_path).read_standing().gold() == []


def test_a_ruling_stands_when_a_copy_joins_a_side_later(tmp_path):
    kept(tmp_path, conflict(EIGHTY, LATER), "update")
    joined = conflict(EIGHTY, COPIED, LATER, sides=(0, 1, 1))
    assert Rulings(tmp_path).read_standing().of(joined).verdict == "update"
    kept(tmp_path, joined, "conflict")
    # What was ruled on both copies is the last word on the first pair too.
    gold = Rulings(tmp_path).read_standing().gold()
    assert [(row["one"]["article"], row["other"]["article"]) for row in gold] == [
        ("early.txt", "late.txt"),
        ("early.txt", "copy.txt"),
    ]
    assert all("update" not in row for row in gold)


def test_two_statements_of_one_side_are_no_ruled_pair(tmp_path):
    kept(tmp_path, conflict(EIGHTY, LATER, COPIED, sides=(0, 1, 1)), "conflict")
    assert Rulings(tmp_path).read_standing().of(conflict(LATER, COPIED)) is None


def test_a_line_that_was_cut_off_is_passed_over_and_the_next_one_is_whole(tmp_path):
    kept(tmp_path, conflict(EIGHTY, LATER), "conflict")
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes() + file.read_bytes()[:50])
    assert len(Rulings(tmp_path).all()) == 1
    kept(tmp_path, conflict(EIGHTY, COPIED), "update")
    assert [one.verdict for one in Rulings(tmp_path).all()] == ["conflict", "update"]


@pytest.mark.parametrize(
    "line",
    ["[]", "{}", "null", '{"statements": 3}', '{"verdict": "maybe"}', "\ud800".encode("utf-8", "surrogatepass"),
     "[" * 100_000, '{"statements": [{"article_id": "a", "article": "a", "start": 1e999}]}'],
)  # fmt: skip
def test_a_line_that_is_no_ruling_is_passed_over(tmp_path, line):
    (tmp_path / FILE).write_bytes((line if isinstance(line, bytes) else line.encode()) + b"\n")
    assert Rulings(tmp_path).all() == ()


def words(name: str, quote: str) -> Citation:
    """Words of the first article's first sentence, or of the only sentence about the dam, as answers cite them."""
    of = {"early": EIGHTY, "late": LATER, "copy": COPIED}[name]
    start = TEXTS[name].index(quote)
    return replace(of, start=start, end=start + len(quote), quote=quote)


def test_a_ruling_on_sentences_holds_for_words_in_them_and_the_other_way_round(tmp_path):
    quoted = conflict(words("late", "95 metres"), words("early", "80 metres"), kind="name")
    kept(tmp_path, conflict(EIGHTY, LATER), "no conflict")
    assert Rulings(tmp_path).read_standing().verdict(quoted) == "no conflict"
    kept(tmp_path, quoted, "update")
    # Other words of the same sentences: what was ruled on stands in the sentence that is quoted from.
    for shown in (conflict(EIGHTY, LATER), conflict(words("early", "The dam"), words("late", "ministry"))):
        assert Rulings(tmp_path).read_standing().verdict(shown) == "update"
    kept(tmp_path, conflict(EIGHTY, LATER), "withdrawn")
    assert Rulings(tmp_path).read_standing().verdict(quoted) is None
    assert Rulings(tmp_path).read_standing().between(*quoted.statements) is None


def test_a_ruling_does_not_reach_the_next_sentence_nor_another_article(tmp_path):
    standing = kept(tmp_path, conflict(EIGHTY, LATER), "no conflict").read_standing()
    old = cite("early", " It is old.")
    assert old.start == EIGHTY.end
    for one, other in ((old, LATER), (EIGHTY, COPIED), (LATER, LATER), (EIGHTY, EIGHTY)):
        assert standing.between(one, other) is None
    assert standing.between(LATER, EIGHTY) == "no conflict"


def test_two_statements_of_one_article_are_ruled_on_either_way_round():
    old = cite("early", "It is old.")
    standing = Standing([rule(conflict(EIGHTY, old), "no conflict", question=QUESTION)])
    assert standing.between(EIGHTY, old) == standing.between(old, EIGHTY) == "no conflict"
    assert standing.between(old, old) is None


def test_a_verdict_is_that_of_every_two_statements(tmp_path):
    both = conflict(EIGHTY, LATER, COPIED, sides=(0, 1, 1))
    kept(tmp_path, conflict(EIGHTY, LATER), "no conflict")
    assert Rulings(tmp_path).read_standing().verdict(both) is None
    kept(tmp_path, conflict(EIGHTY, COPIED), "update")
    assert Rulings(tmp_path).read_standing().verdict(both) is None
    kept(tmp_path, conflict(EIGHTY, COPIED), "no conflict")
    assert Rulings(tmp_path).read_standing().verdict(both) == "no conflict"


def test_of_two_rulings_on_overlapping_words_the_last_is_the_gold_label_of_both(tmp_path):
    kept(tmp_path, conflict(EIGHTY, LATER), "conflict")
    kept(tmp_path, conflict(words("early", "80 metres"), words("late", "95 metres")), "no conflict")
    gold = Rulings(tmp_path).read_standing().gold()
    assert [(row["one"]["quote"], row["kind"]) for row in gold] == [(EIGHTY.quote, None), ("80 metres", None)]


def test_two_processes_that_rule_at_once_lose_nothing(tmp_path):
    program = (
        "import sys; from pathlib import Path; from tests.qa.conflicts.test_rulings import *\n"
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
    (tmp_path / "pairs.jsonl").write_text(
        gold_lines(Rulings(tmp_path).read_standing().gold()), encoding="utf-8"
    )
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
    (row,) = Rulings(tmp_path).read_standing().gold()
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


# A library that is asked, surveyed and ruled on

FERRY = "How many people did the ferry Aurora carry?"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Three articles; two of them disagree on how many people a ferry carried."""
    with Library.open(shelve(tmp_path)) as opened:
        yield opened


def compared(library: Library) -> Desk:
    """What the page's visitors share, once the library is compared."""
    desk = Desk(lambda: library, "bundled", read_only=False)
    assert desk.compare()
    until(lambda: not desk.job.state.running)
    return desk


def asked(library: Library) -> tuple[tuple[bool, ...], int]:
    """Of each conflict beside the answer whether it may be an update; and how many are ruled out."""
    answer = ask(FERRY, library=library)
    assert answer.status == "answered"
    assert answer.conflict_check.status == "checked"
    assert answer.conflict_check.pairs
    return tuple(one.possible_update for one in answer.conflicts), answer.conflict_check.ruled_out


def test_a_ruling_made_on_the_page_holds_at_the_next_question(library):
    desk = compared(library)
    (found,) = desk.disagreements()
    assert asked(library) == ((False,), 0)
    for verdict, expected in (
        ("no conflict", ((), 1)),
        ("withdrawn", ((False,), 0)),
        ("update", ((True,), 0)),
        ("conflict", ((False,), 0)),
        ("no conflict", ((), 1)),
    ):
        desk.rule(key_of(found), verdict, "")
        assert asked(library) == expected
    # What everybody says stays as it was: only the conflict between them is left out.
    ruled, before = ask(FERRY, library=library), ask(FERRY, library=library, rulings=False)
    assert ruled.positions == before.positions
    assert (len(before.conflicts), before.conflict_check.ruled_out) == (1, 0)


def test_a_survey_leaves_out_what_is_ruled_none_and_the_page_lists_it_as_ruled(library):
    desk = compared(library)
    (found,) = desk.disagreements()
    desk.rule(key_of(found), "no conflict", "")
    told = library.conflicts()
    assert (told.conflicts, told.check.ruled_out) == ((), 1)
    for shown in (survey_text(told), render(told)):
        assert "; no others judged to contradict each other. 1 ruled no conflict is left out." in shown
    assert library.conflicts(rulings=False).disagreements == (found,)

    again = compared(library)
    assert again.disagreements() == (found,)
    assert "1 disagreement" in again.page(Wanted(ruled="ruled"), 1).listing
    assert "None of 1 disagreement fits all filters" in again.page(Wanted(ruled="open"), 1).listing
    again.rule(key_of(found), "update", "")
    assert [one.possible_update for one in library.conflicts().conflicts] == [True]


def test_every_surface_says_how_many_were_ruled_no_conflict(library, capsys):
    desk = compared(library)
    desk.rule(key_of(desk.disagreements()[0]), "no conflict", "")
    answer: Answer = ask(FERRY, library=library)
    said = "1 ruled no conflict is left out."
    articles = {one.id: one for one in library.articles()}
    exported = conversation([answer], articles.values(), Settings())
    shown = (answer_text(answer), turn(answer, articles, 1), copy_text(answer), to_markdown(exported))
    assert all(said in one for one in shown)
    stand = "They say something else"
    assert all(stand in one for one in shown)

    at = ["--library", str(library.path)]
    assert main(["ask", FERRY, *at]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{stand}: ")
    check = answer.conflict_check
    compared_pairs = f"Compared {count(check.pairs, 'pair')} of statements from {check.sources} sources."
    assert compared_pairs in printed
    assert printed.rstrip().endswith(said)
    assert main(["ask", FERRY, *at, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["conflict_check"]["ruled_out"] == 1
    assert main(["conflicts", *at, "--json"]) == 0
    survey = json.loads(capsys.readouterr().out)
    assert (survey["conflicts"], survey["conflict_check"]["ruled_out"]) == ([], 1)


def test_the_other_conflicts_of_the_same_statements_are_still_shown(tmp_path):
    beds = {"one": "The hospital in Aarup has 420 beds.", "two": "The Aarup hospital has 310 beds, its director said.",
            "three": "The hospital in Aarup has 205 beds, a nurse said."}  # fmt: skip
    for name, text in beds.items():
        (tmp_path / f"{name}.txt").write_text(f"{text} The weather at the coast was calm.", encoding="utf-8")
    with Library.open(tmp_path / "library") as library:
        library.add(*sorted(tmp_path.glob("*.txt")))
        question = "How many beds does the hospital in Aarup have?"
        first, *others = ask(question, library=library).conflicts
        assert len(others) == 2
        Rulings(library.path).add(rule(first, "no conflict", question=question))
        answer = ask(question, library=library)
        assert answer.conflicts == tuple(others)
        assert answer.conflict_check.ruled_out == 1
        assert "1 ruled no conflict is left out." in answer_text(answer)
        survey = library.conflicts()
        assert (len(survey.conflicts), survey.check.ruled_out) == (2, 1)


def test_rulings_that_cannot_be_read_leave_every_conflict_shown_and_are_logged(library, caplog):
    (library.path / FILE).mkdir()
    assert asked(library) == ((False,), 0)
    assert len(library.conflicts().conflicts) == 1
    assert "rulings.jsonl cannot be read" in caplog.text


def test_a_broken_line_takes_no_ruling_away(library):
    desk = compared(library)
    desk.rule(key_of(desk.disagreements()[0]), "no conflict", "")
    with (library.path / FILE).open("ab") as file:
        file.write(b'{"verdict": "withdrawn"\n\xff\xfe' + b"[" * 100_000 + b"\n")
    assert asked(library) == ((), 1)


def test_rulings_are_read_anew_only_when_there_are_more(tmp_path):
    kept(tmp_path, conflict(EIGHTY, LATER), "conflict")
    read = read_standing(tmp_path)
    assert read_standing(tmp_path) is read
    kept(tmp_path, conflict(EIGHTY, LATER), "update")
    assert read_standing(tmp_path).verdict(conflict(EIGHTY, LATER)) == "update"
