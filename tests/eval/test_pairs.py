"""Labelled pairs, from their folder to figures, rows and report; a sealed set's texts are shown nowhere."""

import argparse
import json
import tomllib

import pytest

from eval import command
from eval.errors import GoldError
from eval.gold import sets
from eval.gold.questions import Evidence
from eval.metrics import average_precision, precision_recall_curve, wilson
from eval.pairs.judging import JudgedPair, LabelledPair, Shelf, judge_pairs, read_articles, read_pairs
from eval.pairs.metrics import summarise_pairs
from eval.report.table import text
from qa.ask import build_reader
from qa.settings import Settings
from tests.paths import ROOT
from tests.qa.conflicts.test_engine import Judge

READER = build_reader(Settings().reader)

EARLY = """Northwind's backlog
Northwind's order backlog has reached 10 trillion won. Lumen goes to Orbital: both have signed the purchase. Trento is <b>calm</b>.
"""
LATE = """Northwind and Orbital
Northwind's order backlog stands at 12 trillion won, the company said. Orbital is considering a bid to buy Lumen, \
according to two people. Orbital has denied that it has agreed to buy Lumen.
"""
BACKLOG, BUYS, CALM = (
    "Northwind's order backlog has reached 10 trillion won.",
    "Lumen goes to Orbital: both have signed the purchase.",
    "Trento is <b>calm</b>.",
)
LARGER, CONSIDERS, DENIES = (
    "Northwind's order backlog stands at 12 trillion won, the company said.",
    "Orbital is considering a bid to buy Lumen, according to two people.",
    "Orbital has denied that it has agreed to buy Lumen.",
)


def row(number, one, other, *, question="How large is Northwind's order backlog?", kind=None, **more):
    (one_file, one_quote), (other_file, other_quote) = one, other
    return {
        "id": number,
        "question": question,
        "kind": kind,
        "trap": None,
        "one": {"article": one_file, "quote": one_quote},
        "other": {"article": other_file, "quote": other_quote},
        **more,
    }


BUY = "Has Orbital agreed to buy Lumen?"
ROWS = [
    row("p1", ("early.txt", BACKLOG), ("late.txt", LARGER), kind="number", update=True),
    row("p2", ("late.txt", CONSIDERS), ("early.txt", BUYS), question=BUY, kind="certainty"),
    row("p3", ("early.txt", BACKLOG), ("late.txt", CONSIDERS), trap="unrelated"),
    # Labelled wrongly on purpose: what goes wrong must be shown.
    row("p4", ("early.txt", CALM), ("late.txt", LARGER), question="Is Trento calm?", kind="polarity"),
    row("p5", ("late.txt", CONSIDERS), ("late.txt", DENIES), question=BUY, kind="certainty"),
]
QUESTIONS = [
    {
        "id": "q1",
        "kind": "disagreement",
        "question": "How large is Northwind's order backlog?",
        "answers": ["10 trillion won", "12 trillion won"],
        "evidence": [
            {"article": "early.txt", "quote": BACKLOG},
            {"article": "late.txt", "quote": LARGER},
        ],
        "conflicts": [
            {
                "kind": "number",
                "sides": [
                    [{"article": "early.txt", "quote": BACKLOG}],
                    [{"article": "late.txt", "quote": LARGER}],
                ],
            }
        ],
    },
    {"id": "q2", "kind": "unanswerable", "question": "Who painted the ceiling of the opera?", "answers": []},
]


def write(path, rows):
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    (place / "early.txt").write_text(EARLY, encoding="utf-8")
    (place / "late.txt").write_text(LATE, encoding="utf-8")
    dates = '["early.txt"]\npublished = "2026-07-01"\n["late.txt"]\npublished = "2026-07-03"\n'
    (place / "articles.toml").write_text(dates, encoding="utf-8")
    write(place / "pairs.jsonl", ROWS)
    write(place / "questions.jsonl", QUESTIONS)
    return place


def run(*arguments):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([str(argument) for argument in arguments]))


def judged(number, kind, found, score=0.0, *, trap=None, update=False, marked=False):
    one, other = Evidence("a.txt", "A."), Evidence("b.txt", "B.")
    pair = LabelledPair(str(number), "What?", kind, trap, one, other, update)
    return JudgedPair(pair, found, score, "", possible_update=marked, checked=True)


def test_each_pair_is_compared_as_the_statements_of_an_answer_are(folder):
    related = {frozenset((BACKLOG, LARGER)): "update", frozenset((CONSIDERS, BUYS)): "conflict"}
    judge = Judge(
        lambda one, other: related.get(frozenset((one, other)), "both"),
        lambda sentence: {BUYS: "yes", CONSIDERS: "open", DENIES: "no"}.get(sentence, "other"),
    )
    found = {one.pair.id: one for one in judge_pairs(folder, READER, comparison=judge)}
    assert list(found) == ["p1", "p2", "p3", "p4", "p5"]
    assert (found["p1"].found, found["p1"].possible_update, found["p1"].right) == ("number", True, True)
    assert set(found["p1"].explanation.split(" against ")) == {"“10 trillion won”", "“12 trillion won”"}
    assert (found["p2"].found, found["p2"].right) == ("certainty", True)
    assert 0 < found["p1"].score < 1
    assert (found["p3"].found, found["p3"].right, found["p3"].checked) == (None, True, True)
    assert (found["p4"].found, found["p4"].right) == (None, False)
    assert [one.pair.within for one in found.values()] == [False, False, False, False, True]


def test_a_quote_is_cited_in_its_sentence_with_its_articles_date(folder):
    shelf = Shelf(read_articles(folder))
    part = shelf.cite(Evidence("early.txt", "10 trillion won"))
    assert (part.quote, part.sentence, part.published) == ("10 trillion won", BACKLOG, "2026-07-01")
    assert EARLY[part.sentence_start : part.sentence_end] == BACKLOG
    across = shelf.cite(Evidence("early.txt", f"{BACKLOG} {BUYS}"))
    assert across.sentence == across.quote == f"{BACKLOG} {BUYS}"


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (
            {"one": {"article": "early.txt", "quote": "Not there."}},
            'pair p1, "one": its quote is not in early',
        ),
        ({"other": {"article": "lost.txt", "quote": LARGER}}, '"other": there is no article lost.txt'),
        ({"other": {"article": "late.txt"}}, 'line 1, "other": "quote" takes a text'),
        ({"other": {"article": "early.txt", "quote": "10 trillion won"}}, "both quotes are of one sentence"),
        ({"kind": "colour"}, "unknown kind 'colour'; known are number, date, name, polarity, certainty"),
        ({"kind": None, "update": False, "trap": "haste"}, "unknown trap 'haste'"),
        ({"kind": None}, 'neither a "kind" nor a "trap"'),
        ({"kind": None, "trap": "update"}, '"update" marks a conflict'),
        ({"sort": "number"}, 'unknown key "sort"'),
        ({"id": "p2"}, "line 2: the id 'p2' stands there twice"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place_and_without_its_words(folder, wrong, complaint):
    write(folder / "pairs.jsonl", [{**ROWS[0], **wrong}, *ROWS[1:]])
    with pytest.raises(GoldError) as caught:
        judge_pairs(folder, READER)
    assert complaint in str(caught.value)
    assert "trillion" not in str(caught.value)
    assert "Not there" not in str(caught.value)


def test_a_row_without_a_kind_and_a_broken_or_empty_file_are_refused(folder):
    file = folder / "pairs.jsonl"
    write(file, [{key: value for key, value in ROWS[0].items() if key != "kind"}])
    with pytest.raises(GoldError, match='"kind" is missing; write null'):
        read_pairs(file)
    file.write_text('{"id": ', encoding="utf-8")
    with pytest.raises(GoldError, match="line 1: broken JSON"):
        read_pairs(file)
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(GoldError, match="holds no pair"):
        read_pairs(file)
    file.write_bytes(b'{"id": "\xff"}')
    with pytest.raises(GoldError, match=r"is not UTF-8 \(byte 8\)"):
        read_pairs(file)
    file.unlink()
    with pytest.raises(GoldError, match="there are no pairs at"):
        read_pairs(file)


def test_the_metrics_count_a_conflict_of_another_kind_as_found_and_as_of_the_wrong_kind():
    metrics = summarise_pairs(
        [
            judged(1, "number", "number", 0.9, update=True, marked=True),
            judged(2, "date", "number", 0.7),
            judged(3, "date", None),
            judged(4, "name", None),
            judged(5, None, "number", 0.8, trap="rounding"),
            judged(6, None, None, trap="rounding"),
            judged(7, None, None, trap="update"),
        ]
    )
    assert (metrics["pairs"], metrics["pair_conflicts"], metrics["pair_others"]) == (7, 4, 3)
    assert metrics["pair_precision"] == pytest.approx(2 / 3)
    assert metrics["pair_recall"] == 0.5
    assert metrics["pair_f1"] == pytest.approx(4 / 7)
    assert metrics["pair_kind_accuracy"] == 0.5
    assert metrics["pair_false_alarm_rate"] == pytest.approx(1 / 3)
    assert metrics["average_precision"] == pytest.approx(0.25 * 1 + 0.25 * 2 / 3)
    # Bins of 0.9, 0.8 and 0.7: a conflict, none, a conflict.
    assert metrics["score_calibration_error"] == pytest.approx((0.1 + 0.8 + 0.3) / 3)
    assert metrics["updates_marked"] == 1.0
    assert (metrics["within_article_conflicts"], metrics["within_article_recall"]) == (0, None)
    number, date = metrics["conflict_kinds"]["number"], metrics["conflict_kinds"]["date"]
    assert (number["labelled"], number["found"], number["right"]) == (1, 3, 1)
    assert (number["precision"], number["recall"]) == (pytest.approx(1 / 3), 1.0)
    assert (date["precision"], date["recall"], date["found_as_any"]) == (None, 0.0, 0.5)
    assert list(metrics["conflict_kinds"]) == ["number", "date", "name"]
    assert {trap: one["pair_false_alarm_rate"] for trap, one in metrics["traps"].items()} == {
        "rounding": 0.5,
        "update": 0.0,
    }


def test_wilson_gives_the_published_interval():
    # Source: 8 of 10 and 0 of 10 as in Newcombe 1998 and in any table of the score interval.
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert wilson(0, 0) is None


def test_the_precision_recall_curve_takes_equal_scores_at_once_and_ends_at_what_was_found():
    scores, positive = [0.9, 0.8, 0.8, 0.6], [True, False, True, True]
    points = precision_recall_curve(scores, positive, gold=6)
    assert [(one.score, one.precision, one.recall) for one in points] == [
        (0.9, 1.0, pytest.approx(1 / 6)),
        (0.8, pytest.approx(2 / 3), pytest.approx(2 / 6)),
        (0.6, 0.75, pytest.approx(3 / 6)),
    ]
    assert average_precision(scores, positive, gold=6) == pytest.approx((1 + 2 / 3 + 0.75) / 6)
    assert average_precision([], [], gold=2) == 0.0
    assert average_precision([0.5], [False], gold=0) is None


def test_a_folder_of_pairs_gives_json_rows_and_a_report_with_the_wrong_ones_side_by_side(
    folder, tmp_path, capsys
):
    out = tmp_path / "report"
    assert run(folder, "--json", "--report", out) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["pairs"], found["pair_precision"]) == (5, 1.0)
    assert found["run"]["command"] == "whosays eval small --json --report report"
    assert found["precision_recall_curve"]
    rows = [json.loads(line) for line in (out / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [one["id"] for one in rows] == ["p1", "p2", "p3", "p4", "p5"]
    assert rows[0]["one"] == {"article": "early.txt", "quote": BACKLOG}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Trento is &lt;b&gt;calm&lt;/b&gt;." in page
    assert "<b>calm" not in page
    assert "12 trillion won, the company said" in page
    assert "By kind of conflict" in page
    assert "False alarms by trap" in page
    assert "Precision and recall as the threshold falls" in page


def test_the_table_shows_pairs_by_kind_and_by_trap_with_intervals():
    shown = text(
        summarise_pairs([judged(1, "number", "number", 0.9), judged(2, None, None, trap="rounding")])
    )
    assert "Labelled pairs\n" in shown
    assert "20.7–100.0 %" in shown
    assert "Recall, by kind of conflict" in shown
    assert "False alarms, by trap" in shown


def test_options_that_pairs_have_no_use_for_are_refused(folder):
    with pytest.raises(GoldError, match="small holds pairs; leave out --retrieval, --open and --limit"):
        run(folder, "--limit", "2")
    with pytest.raises(GoldError, match="small brings its own articles; leave out --library"):
        run(folder, "--library", folder)


@pytest.mark.parametrize("kind", ["pairs", "questions"])
def test_nothing_written_of_a_sealed_set_holds_its_texts(folder, tmp_path, capsys, monkeypatch, kind):
    source = sets.GoldSource(
        "sealed", "Sealed", folder / f"{kind}.jsonl", folder, pairs=kind == "pairs", sealed=True
    )
    monkeypatch.setitem(sets.NAMED, "sealed", source)
    out = tmp_path / "report"
    assert run("sealed", "--json", "--report", out) == 0
    written = [*capsys.readouterr(), *(file.read_text(encoding="utf-8") for file in out.iterdir())]
    assert len(written) == 4
    for shown in written:
        assert not [word for word in ("orthwind", "rbital", "rento", "trillion", "opera") if word in shown]
    found = json.loads(written[0])
    if kind == "pairs":
        assert "p4" in (out / "report.html").read_text(encoding="utf-8")
        assert found["pairs"] == 5
    else:
        assert (found["questions"], found["recall@5"]) == (2, 1.0)
        assert found["misquotes"] == 0


def test_a_complaint_about_a_sealed_question_tells_its_place_alone(folder, tmp_path, monkeypatch):
    wrong = {**QUESTIONS[0], "evidence": [{"article": "early.txt", "quote": "The secret is 7."}]}
    write(folder / "questions.jsonl", [wrong])
    source = sets.GoldSource("sealed", "Sealed", folder / "questions.jsonl", folder, sealed=True)
    monkeypatch.setitem(sets.NAMED, "sealed", source)
    with pytest.raises(GoldError) as caught:
        run("sealed", "--out", tmp_path / "rows.jsonl")
    assert str(caught.value).startswith("question q1: ")
    assert "secret" not in str(caught.value)


def test_the_bundled_names_are_known_and_only_held_out_halves_are_sealed():
    pairs = {"pairs", "pairs-held-out", "minimal-pairs"}
    assert set(sets.NAMED) == {"seeds", "news", "news-held-out", *pairs}
    assert {name for name, one in sets.NAMED.items() if one.sealed} == {"news-held-out", "pairs-held-out"}
    assert {name for name, one in sets.NAMED.items() if one.pairs} == pairs
    assert sets.NAMED["seeds"].file.is_file()


def test_every_gold_file_is_packaged_with_the_folder_that_it_lies_in():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    gold = ROOT / "eval" / "gold"
    patterns = project["tool"]["setuptools"]["package-data"]["eval.gold"]
    packaged = {file for pattern in patterns for file in gold.glob(pattern) if file.is_file()}
    files = {file for file in gold.rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    assert files == packaged
    assert "news/*/*" in patterns
