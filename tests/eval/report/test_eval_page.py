"""The evaluation page: runs kept and compared, what a sealed set may show, and the page in a real browser.

Run as a script, this file is the server: with a folder for gold sets and for the figures of runs.
"""

import json
import re
import sys
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect

from eval.errors import GoldError
from eval.gold.sets import GoldSource
from eval.provenance import this_run
from eval.report.history import History
from eval.report.measuring import measure
from eval.report.metric_help import MEANINGS, figures
from eval.report.page import Bench, evaluation_page
from eval.report.run_html import failures, figure_tables, pictures
from eval.report.table import LABELS
from qa.settings import Settings
from tests.served import started, stay
from tests.waits import LONGEST_S

DAM = "The dam on the Ilse is 80 metres high. It was finished in 1931."
MINISTRY = "The Ilse dam is 95 metres high, the ministry <said>."
GOLD = [
    {
        "id": "g1",
        "kind": "number",
        "question": "How high is the dam on the Ilse?",
        "answers": ["80 metres", "95 metres"],  # whichever of the two that disagree comes first
        "evidence": [
            {"article": "dam.txt", "quote": "The dam on the Ilse is 80 metres high."},
            {"article": "ministry.txt", "quote": MINISTRY},
        ],
    },
    {
        # Wrong on purpose: what goes wrong must be shown.
        "id": "g2",
        "kind": "number",
        "question": "When was the dam <finished>?",
        "answers": ["1937 <b>"],
        "evidence": [{"article": "dam.txt", "quote": "It was finished in 1931."}],
    },
]
PAIRS = [
    {
        "id": "p1",
        "question": "How high is the dam on the Ilse?",
        "kind": None,
        "trap": "other_time",
        "one": {"article": "dam.txt", "quote": "The dam on the Ilse is 80 metres high."},
        "other": {"article": "ministry.txt", "quote": MINISTRY},
    }
]
SECRETS = ("Ilse", "1937", "95 metres")


def _secrets_in(*texts: str) -> list[str]:
    """Those that stand in a text; digits of a longer number, such as a time, are none."""
    return [one for one in SECRETS for text in texts if re.search(rf"(?<![\d.]){one}(?!\d)", text)]


def sets(folder: Path) -> dict[str, GoldSource]:
    """Two questions, one pair, and the same as sealed sets, in `folder`."""
    folder.mkdir(exist_ok=True)
    (folder / "dam.txt").write_text(DAM, encoding="utf-8")
    (folder / "ministry.txt").write_text(MINISTRY, encoding="utf-8")
    for name, records in (("questions", GOLD), ("pairs", PAIRS)):
        lines = "".join(json.dumps(one) + "\n" for one in records)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    files = folder / "questions.jsonl", folder / "pairs.jsonl"
    made = [
        GoldSource("dams", "Questions on dams", files[0], folder),
        GoldSource("dam-pairs", "Pairs on dams", files[1], folder, pairs=True),
        GoldSource("sealed-dams", "Sealed questions", files[0], folder, sealed=True),
        GoldSource("sealed-pairs", "Sealed pairs", files[1], folder, pairs=True, sealed=True),
    ]
    return {one.name: one for one in made}


def silent(done: int, total: int | None, label: str) -> None:
    """Nobody watches."""


def test_questions_are_measured_with_progress_and_what_went_wrong_is_listed(tmp_path):
    told = []
    measured = measure(
        sets(tmp_path / "gold")["dams"],
        Settings(),
        lambda done, total, label: told.append((done, total, label)),
    )
    assert told[-2:] == [(0, 2, "questions asked"), (1, 2, "questions asked")]
    assert measured.metrics["questions"] == 2
    shown = failures(measured, sealed=False)
    assert "What went wrong: 1 of 2 questions" in shown
    assert "When was the dam &lt;finished&gt;?" in shown
    assert "1937 &lt;b&gt;" in shown
    assert "1931" in shown
    assert "<svg" in pictures(measured)


def test_pairs_are_measured_with_progress_and_both_statements_are_shown(tmp_path):
    told = []
    measured = measure(
        sets(tmp_path / "gold")["dam-pairs"], Settings(), lambda done, total, _: told.append((done, total))
    )
    assert told == [(0, 2), (1, 2)]
    assert measured.metrics["pairs"] == 1
    shown = failures(measured, sealed=False)
    assert "What went wrong: 1 of 1 pairs" in shown
    assert "the ministry &lt;said&gt;." in shown
    assert "no conflict (other time)" in shown


@pytest.mark.parametrize("name", ["sealed-dams", "sealed-pairs"])
def test_of_a_sealed_set_only_figures_are_shown_and_kept(tmp_path, name):
    measured = measure(sets(tmp_path / "gold")[name], Settings(), silent)
    kept = History(tmp_path / "runs").keep(name, measured.metrics, this_run("whosays eval", {}))
    (file,) = (tmp_path / "runs").iterdir()
    everything = [
        failures(measured, sealed=True), figure_tables(kept, None), pictures(measured), file.read_text("utf-8"),
    ]  # fmt: skip
    assert "What went wrong: 1 of" in everything[0]
    assert _secrets_in(*everything) == []


def test_a_sealed_set_that_cannot_be_used_is_not_quoted(tmp_path):
    source = sets(tmp_path / "gold")["sealed-dams"]
    source.file.write_text(json.dumps({**GOLD[0], "kind": 3, "answers": "Ilse"}), encoding="utf-8")
    with pytest.raises(GoldError, match="Sealed questions: it cannot be used") as caught:
        measure(source, Settings(), silent)
    assert "Ilse" not in str(caught.value)


def test_every_figure_of_the_table_for_questions_and_pairs_has_a_meaning():
    # Of the rankings of whole paragraph sets, which the page does not run, one has no line.
    assert {key for several in LABELS.values() for key, *_ in several} - set(MEANINGS) == {"recall@20"}


def test_figures_are_held_against_those_of_an_earlier_run():
    found = figures(
        {"questions": 2, "answer_accuracy": 0.75, "false_alarms": 0.1, "misquotes": 0, "mrr": None},
        {"questions": 4, "answer_accuracy": 0.5, "false_alarms": 0.05, "misquotes": 0, "mrr": 0.5},
    )
    told = {
        one.label: (one.value, one.earlier, one.difference, one.change)
        for all_ in found.values()
        for one in all_
    }
    assert told == {
        "questions": ("2", "4", "−2", ""),
        "right, or rightly refused": ("75.0 %", "50.0 %", "+25.0 %", "better"),
        "quotes that are not verbatim": ("0", "0", "=", ""),
        "agreed questions with a conflict shown": ("10.0 %", "5.0 %", "+5.0 %", "worse"),
    }


def test_runs_are_kept_by_set_and_listed_newest_first(tmp_path):
    history = History(tmp_path / "runs")
    assert history.runs("dams") == []
    first = history.keep("dams", {"f1": 50.0}, this_run("whosays eval", {}))
    second = history.keep("dams", {"f1": 60.0}, this_run("whosays eval", {}))
    history.keep("other", {"f1": 1.0}, this_run("whosays eval", {}))
    (tmp_path / "runs" / "broken.json").write_text('{"format": 1', encoding="utf-8")
    assert [one.id for one in history.runs("dams")] == [second.id, first.id]
    assert history.runs("dams")[0].metrics == {"f1": 60.0}


def test_one_evaluation_runs_at_a_time_and_a_second_click_says_so(tmp_path):
    bench = Bench(Settings(), sets(tmp_path / "gold"), History(tmp_path / "runs"))
    go = threading.Event()
    bench.job.start(lambda progress: go.wait(LONGEST_S), name="dams")
    assert bench.run("dam-pairs") == (
        "One evaluation runs at a time, and one does: Questions on dams. Wait until it is done, or stop it."
    )
    go.set()


# In a browser


def serve(folder: Path) -> None:
    """Serve until killed."""
    from qa.app.serve.server import build

    pages = [evaluation_page(Settings(), sources=sets(folder / "gold"), folder=folder / "runs")]
    blocks = build(lambda question, history: None, articles=list, examples=(), pages=pages)
    stay(blocks, articles=list, pages=pages)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluation")
    with started(__file__, str(folder), log=folder / "log") as at:
        yield at


@pytest.fixture
def page(visitor, address):
    page = visitor(f"{address}evaluation", width=360)
    page.get_by_role("heading", name="How good is it?", level=1).wait_for()
    return page


@pytest.mark.browser
def test_a_set_is_run_twice_and_compared_and_another_is_chosen(page):
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("heading", name="What went wrong: 1 of 2 questions").wait_for()
    expect(page.get_by_text("1937 <b>")).to_be_visible()
    expect(page.get_by_role("img", name="Time per question")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Difference")).to_have_count(0)
    page.get_by_role("button", name="Run again").click()
    page.get_by_role("columnheader", name="Difference").first.wait_for()
    row = page.get_by_role("row", name="right, or rightly refused")
    assert row.get_by_role("cell").all_inner_texts() == ["50.0 %", "50.0 %", "="]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.get_by_role("combobox", name="Gold set").click()
    page.get_by_role("option", name="Sealed questions", exact=True).click()
    page.get_by_text("It has not been run here yet.").wait_for()
    expect(page.locator("main").last).not_to_contain_text("1937")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("heading", name="What went wrong: 1 of 2 questions").wait_for()
    text = page.locator("body").inner_text()
    assert "so that it stays a fair test: only figures are shown" in text
    assert _secrets_in(text) == []


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
