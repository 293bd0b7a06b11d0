"""The report: one page that needs nothing else, with the run's figures, and nothing of a gold set alive in it."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from eval.cases import Case, QuestionStages, by_kind, question_funnel, summarise
from eval.errors import GoldError
from eval.provenance import Machine, Run
from eval.report.report import render, write_report
from eval.report.table import sections, text

HOSTILE = "<script>alert('$1$')</script>"
RUN = Run(
    "whosays eval gold.jsonl --report out",
    "abc",
    Machine("a CPU", 2, "Linux 6", "3.11"),
    "2026-07-01",
    "0.1.0",
    {"m.onnx": "5a5a"},
)


def case(number, *, right=True, answered=True, golds=("80 metres",), kind="number", **changes):
    fields = {
        "id": f"q{number}",
        "kind": kind,
        "question": f"Question {number}?",
        "golds": golds,
        "text": "80 metres" if answered else "",
        "answered": answered,
        "confidence": 0.1 * number,
        "answer_hit": right,
        "right": right,
        "milliseconds": 10.0 * number,
    }
    return Case(**{**fields, **changes})


CASES = [
    case(1),
    case(2, right=False, text="85 <b>metres</b> & more"),
    case(3, right=False, kind=HOSTILE, question=f"How high{HOSTILE}?", golds=(f"80{HOSTILE}",), text=HOSTILE),
    case(4, golds=(), answered=False, kind="unanswerable"),
    case(5, right=False, golds=(), kind="unanswerable"),
    case(6, right=False, answered=False),
]


def metrics_of(cases):
    return {**summarise(cases), "recall@5": 0.75, "misquotes": 0, "kinds": by_kind(cases)}


@pytest.fixture(scope="module")
def page():
    return render(title=f"gold{HOSTILE}", metrics=metrics_of(CASES), cases=CASES, run=RUN)


class Reader(HTMLParser):
    """Collects elements, attributes and text, as a browser would see them."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.texts = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.texts.append(data.strip())


def test_the_page_shows_the_figures_the_run_and_the_failing_questions(page):
    texts = Reader(page).texts
    for label, value in [
        ("right, or rightly refused", "33.3 %"),
        ("evidence in passages 1 to 5", "75.0 %"),
        ("median", "35.0 ms"),
    ]:
        assert texts[texts.index(label) + 1] == value
    assert "What went wrong: 4 of 6 questions" in texts
    assert "85 <b>metres</b> & more" in texts
    assert {"refused", "the articles do not answer", "m.onnx", "5a5a"} <= set(texts)
    assert "whosays eval gold.jsonl --report out" in texts
    assert "Question 2?" in texts
    assert "Question 1?" not in texts


def test_hostile_text_is_shown_and_never_runs(page):
    reader = Reader(page)
    assert "script" not in reader.tags
    assert "b" not in reader.tags
    assert f"How high{HOSTILE}?" in reader.texts
    assert f"gold{HOSTILE}" in reader.texts
    assert any(
        HOSTILE in shown for shown in reader.texts if shown.endswith("(1)")
    )  # the bar's label, in the SVG


def test_five_pictures_stand_inside_the_page_and_nothing_is_fetched(page):
    reader = Reader(page)
    assert reader.tags.count("svg") == 5
    assert not {"img", "link", "iframe", "script", "object"} & set(reader.tags)
    for tag, name, value in reader.attributes:
        if name in ("src", "href", "xlink:href"):
            assert value.startswith("#"), (tag, name, value)
    assert not re.search(r"url\((?!#)|@import", page)
    assert "prefers-color-scheme: dark" in page
    assert "currentColor" in page


def test_the_same_run_makes_the_same_page(page):
    assert render(title=f"gold{HOSTILE}", metrics=metrics_of(CASES), cases=CASES, run=RUN) == page


def test_what_the_stages_hold_is_told_and_drawn_where_a_run_knows_it():
    held = QuestionStages(read=True, proposed=True, first=True, shown=False)
    cases = [case(1, stages=held), case(2, stages=replace(held, first=False)), case(3)]
    metrics = metrics_of(cases) | question_funnel(cases)
    reader = Reader(render(title="gold", metrics=metrics, cases=cases, run=RUN))
    assert reader.texts[reader.texts.index("the likeliest of all") + 1] == "50.0 % (9.5–90.5 %, of 2)"
    assert "What each stage of an answer still holds" in reader.texts
    assert "questions that have an answer" in reader.texts
    assert "Funnel: sources that answer" not in reader.texts
    assert "What each stage" not in render(title="gold", metrics=metrics_of(cases), cases=cases, run=RUN)


def test_pictures_without_anything_to_show_are_left_out():
    cases = [case(1, right=False, answered=False)]
    captions = Reader(render(title="gold", metrics=summarise(cases), cases=cases, run=RUN)).texts
    assert "Time per question" in captions
    assert "Abstention as the threshold falls" not in captions
    assert "Calibration of the answers shown" not in captions
    nothing_wrong = [case(1)]
    assert "Every question went right." in render(
        title="g", metrics=summarise(nothing_wrong), cases=nothing_wrong, run=RUN
    )


def test_only_the_first_failures_of_many_are_shown():
    cases = [case(number % 10, right=False, id=f"q{number}") for number in range(250)]
    texts = Reader(render(title="gold", metrics=summarise(cases), cases=cases, run=RUN)).texts
    assert "What went wrong: 250 of 250 questions" in texts
    assert "The first 200 are shown; the rows of the run hold all." in texts
    assert "q199" in texts
    assert "q200" not in texts


def test_a_report_is_written_into_a_new_folder(tmp_path):
    file = write_report(tmp_path / "a" / "b", title="gold", metrics=summarise(CASES), cases=CASES, run=RUN)
    assert file == tmp_path / "a" / "b" / "report.html"
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_folder_that_cannot_be_written_is_named_with_the_remedy(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(GoldError, match=r"cannot be written to .*name another folder with --report"):
        write_report(tmp_path / "file", title="gold", metrics=summarise(CASES), cases=CASES, run=RUN)


def test_the_table_leaves_out_what_a_set_does_not_allow():
    answerable_only = summarise([case(1), case(2, right=False)])
    labels = [label for section in sections(answerable_only) for label, _ in section.figures]
    assert "F1" in labels
    assert "AUROC of confidence" not in labels
    assert "unanswerable: refused" not in labels


def test_the_table_shows_the_legs_of_retrieval_and_the_kinds():
    metrics = {"bm25": {"recall@1": 0.5, "mrr": 0.6}, "open": {"f1": 12.34}, "kinds": by_kind(CASES[:2])}
    lines = text(metrics).splitlines()
    assert [line.split() for line in lines] == [
        ["Retrieval:", "BM25"],
        ["evidence", "in", "passage", "1", "50.0", "%"],
        ["mean", "reciprocal", "rank", "0.600"],
        [],
        ["Open:", "retrieve,", "then", "read:", "answers"],
        ["F1", "12.3", "%"],
        [],
        ["Right,", "by", "kind", "of", "question"],
        ["number", "50.0", "%", "of", "2"],
    ]
