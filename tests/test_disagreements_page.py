"""The disagreements page: what it shows of a survey, and the page in a real browser over a small library.

Run as a script, this file is the server: with the folder of a library.
"""

import json
import re
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from index.errors import LibraryError
from qa.app.html import disagreements
from qa.app.html.disagreements import Wanted
from qa.app.pages.disagreements import disagreements_page
from qa.app.pages.survey_session import Desk
from qa.app.serve.background import Job
from qa.conflicts.rulings import Rulings, Standing, rule
from qa.library import Library
from qa.records import Citation, ConflictCheck
from qa.survey.survey import Account, Disagreement, Survey
from tests.served import ROOT, started, stay

HOSTILE = (
    "<script>window.hacked = 1</script> <img src=x onerror='window.hacked = 1'> ${window.hacked = 1} \" '"
)
TOWNS = (
    "Aarup Belmora Corvin Dunholm Estrava Fallow Grenholt Hestra Ivarsund Jolster Kelmar Lundby Morvik Nesby "
    "Orrskog Pellam Quellin Rastrup Sarnholt Tolvik Ursund"
).split()
FLOOD = (
    "The flood in Kandor killed 23 people, police said.",
    "The flood in Kandor killed 40 people, doctors said.",
)
MUSEUM = "The museum of Tarn opened on 2 May 2026.", "The museum of Tarn opened in March 2026."


def cite(publisher: str, quote: str, published: str = "2026-07-03") -> Citation:
    size = len(quote)
    return Citation(publisher[:4], None, publisher, published, "a.txt", 0, size, quote, quote, 0, size, 1.0)


def disagreement(one: str = "Post", other: str = "Herald", kind: str = "number") -> Disagreement:
    first, second = cite(one, "It has 40 beds."), cite(other, "It has 45 beds.")
    return Disagreement(kind, Account("40 beds", (first,)), Account("45 beds", (second,)), 0.9, False)


def surveyed(*found: Disagreement, check: ConflictCheck | None = None) -> Survey:
    return Survey(found, check or ConflictCheck("checked", 12, 3, 30), 3, 3, 30)


def card(of: Disagreement, *rulings, read_only: bool = False) -> str:
    standing = Standing(rulings)
    return disagreements.listing([of], standing, first=1, of=1, every=1, read_only=read_only)


def test_no_disagreement_and_nothing_compared_are_said_as_plainly_as_what_was_found():
    assert "No disagreement found in 30 pairs of statements from 3 sources" in disagreements.summary(
        surveyed()
    )
    unchecked = surveyed(check=ConflictCheck("not_checked", reason="fewer than two articles state anything"))
    assert "Not checked for disagreements" in disagreements.summary(unchecked)
    assert "Fewer than two articles state anything." in disagreements.summary(unchecked)
    found = disagreements.summary(surveyed(disagreement()))
    assert "1 disagreement in 3 articles" in found
    assert "Compared: 12 statements from 3 sources, in 30 pairs." in found


def test_both_quotes_are_marked_where_they_say_what_the_other_does_not():
    assert re.findall("<mark>(.*?)</mark>", card(disagreement())) == ["40 beds", "45 beds"]


def test_the_filters_let_through_what_is_between_the_sources_named():
    one = disagreement("Post", "Herald")
    assert Wanted().holds(one, None)
    assert Wanted(source="Herald").holds(one, None)
    assert Wanted(source="Herald", against="Post").holds(one, None)
    assert not Wanted(source="Herald", against="Herald").holds(one, None)
    assert not Wanted(source="Courier").holds(one, None)
    assert not Wanted(kind="date").holds(one, None)
    assert Wanted(ruled="open").holds(one, None)
    assert not Wanted(ruled="ruled").holds(one, None)


def test_read_only_shows_rulings_and_offers_none():
    one = disagreement()
    ruled = rule(one.conflict, "no conflict", question="?", reason="subset")
    assert card(one, ruled).count("<button") == 3
    shown = card(one, ruled, read_only=True)
    assert "Not a conflict" in shown
    assert "one is a part of the other" in shown
    assert "<button" not in shown
    assert "<select" not in shown


def test_read_only_listens_to_no_ruling():
    program = (
        "from qa.app.serve.server import build\n"
        "from qa.app.pages.disagreements import disagreements_page\n"
        "for read_only in (False, True):\n"
        "    page = disagreements_page(lambda: None, read_only=read_only)\n"
        "    blocks = build(lambda question, history: None, articles=list, examples=(), pages=[page])\n"
        "    print(sum(getattr(one.fn, '__name__', '') == '_ruled' for one in blocks.fns.values()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.split() == ["1", "0"]


def test_hostile_names_and_values_appear_literally():
    one = disagreement(HOSTILE, "Herald")
    shown = disagreements.matrix([one]) + card(one)
    assert "<script" not in shown
    assert "<img" not in shown
    assert "&lt;script&gt;" in shown


def test_one_comparison_runs_at_a_time_can_be_stopped_and_keeps_what_was_known():
    job: Job[int] = Job()
    began, go = threading.Event(), threading.Event()

    def work(progress) -> int:
        began.set()
        go.wait(10)
        progress(1, 2, "comparing")
        return 5

    assert job.start(lambda progress: 3)
    ended(job)
    assert job.start(work)
    assert began.wait(10)
    assert not job.start(lambda progress: 4)
    job.stop()
    go.set()
    ended(job)
    assert (job.state.result, job.state.stopped, job.state.problem) == (3, True, "")


def test_what_ends_a_comparison_is_told():
    job: Job[int] = Job()

    def work(progress) -> int:
        raise LibraryError("the disk is full: free space")

    job.start(work)
    ended(job)
    assert job.state.problem == "the disk is full: free space"


def ended(job: Job[int]) -> None:
    while job.state.running:
        threading.Event().wait(0.01)


def test_a_ruling_on_what_is_not_in_the_list_is_refused(tmp_path):
    with Library.open(tmp_path / "library") as library:
        desk = Desk(lambda: library, None, read_only=False)
        assert "no longer in the list" in desk.rule("0" * 16, "conflict", "")
        assert Rulings(library.path).all() == ()


# In a browser


def serve(folder: Path) -> None:
    """Serve until killed."""
    from qa.app.serve.server import build

    library = Library.open(folder)
    pages = [disagreements_page(lambda: library)]
    articles = lambda: list(library.articles())  # noqa: E731
    blocks = build(lambda question, history: None, articles=articles, examples=(), pages=pages)
    stay(blocks, articles=articles, pages=pages)


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """Two papers that disagree 23 times, and a third that takes part in one of these."""
    folder = tmp_path_factory.mktemp("disagreements")
    post = [f"The hospital in {town} has {100 + 10 * n} beds." for n, town in enumerate(TOWNS)]
    herald = [
        f"The {town} hospital has {505 + 10 * n} beds, its director said." for n, town in enumerate(TOWNS)
    ]
    texts = {
        "Post": [*post, FLOOD[0], MUSEUM[0]],
        "Herald": [*herald, MUSEUM[1]],
        f"Courier {HOSTILE}": [FLOOD[1]],
    }
    files = []
    for number, (publisher, sentences) in enumerate(texts.items()):
        files.append(folder / f"paper{number}.json")
        record = {"text": " ".join(sentences), "publisher": publisher, "published": "2026-07-03"}
        files[-1].write_text(json.dumps(record), encoding="utf-8")
    with Library.open(folder / "library") as made:
        assert {outcome.status for outcome in made.add(*files)} == {"added"}
    return folder / "library"


@pytest.fixture(scope="module")
def address(library, tmp_path_factory):
    with started(__file__, str(library), log=tmp_path_factory.mktemp("log") / "log") as at:
        yield at


@pytest.fixture
def visit(visitor, address):
    """Opens the page and waits for its list."""

    def opened(**screen):
        page = visitor(f"{address}disagreements", **screen)
        page.locator("#survey-list .card").first.wait_for()
        return page

    return opened


def heading(page, text: str):
    page.locator("#survey-list").get_by_role("heading", name=text, level=2, exact=True).wait_for()


def choose(page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


@pytest.mark.browser
def test_the_library_is_compared_unasked_and_each_quote_opens_its_article(visit):
    page = visit()
    assert page.get_by_role("heading", name="23 disagreements in 3 articles").is_visible()
    assert page.locator("#survey-list .card").count() == 20
    card = page.locator("#survey-list .card").first
    link = card.get_by_role("link").first
    quote = card.locator("blockquote").first.inner_text()
    link.click()
    mark = page.locator("dialog[open] #quote")
    mark.wait_for()
    assert mark.inner_text() == quote
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Next").click()
    heading(page, "21 to 23 of 23")
    assert page.evaluate("document.activeElement.innerText") == "21 to 23 of 23"
    assert page.locator("#survey-list .card").count() == 3
    assert page.evaluate("window.hacked") is None


@pytest.mark.browser
def test_filters_by_kind_and_by_source_choose_what_is_listed(visit):
    page = visit()
    choose(page, "Kind", "Different dates")
    heading(page, "1 disagreement (23 without the filters)")
    assert sorted(page.locator("#survey-list blockquote").all_inner_texts()) == sorted(MUSEUM)
    choose(page, "Kind", "All kinds")
    page.locator(".matrix").get_by_role("button", name=re.compile("^Courier.* 1 disagreement")).first.click()
    page.locator("#survey-list blockquote", has_text=FLOOD[0]).first.wait_for()  # the heading stays the same
    heading(page, "1 disagreement (23 without the filters)")
    assert sorted(page.locator("#survey-list blockquote").all_inner_texts()) == sorted(FLOOD)


@pytest.mark.browser
def test_a_ruling_by_keyboard_is_kept_can_be_changed_and_is_downloaded(visit, address, library):
    page = visit()
    card = page.locator("#survey-list .card").nth(1)
    card.get_by_role("button", name="Real conflict").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    chosen = card.locator("button[aria-pressed=true]")
    chosen.wait_for()
    page.wait_for_function("document.activeElement.innerText === 'Not a conflict'")
    assert page.locator("#survey-status").inner_text() == "Ruled: Not a conflict."
    card.get_by_label("Why it is not a conflict").select_option("other_time")
    page.wait_for_function("document.activeElement.value === 'other_time'")

    page = visit()
    card = page.locator("#survey-list .card").nth(1)
    assert card.locator("button[aria-pressed=true]").inner_text() == "Not a conflict"
    assert card.get_by_label("Why it is not a conflict").input_value() == "other_time"
    row = json.loads(urllib.request.urlopen(f"{address}disagreements/rulings.jsonl").read())
    assert (row["kind"], row["trap"]) == (None, "other_time")
    assert row["one"]["quote"] == card.locator("blockquote").first.inner_text()
    choose(page, "Rulings", "Not ruled yet")
    heading(page, "1 to 20 of 22 (23 without the filters)")
    choose(page, "Rulings", "Ruled")
    heading(page, "1 disagreement (23 without the filters)")
    page.get_by_role("button", name="An update").click()
    page.locator("button[data-verdict=update][aria-pressed=true]").click()
    page.locator("button[data-verdict=update][aria-pressed=false]").wait_for()
    assert [one.verdict for one in Rulings(library).all()][-2:] == ["update", "withdrawn"]
    assert urllib.request.urlopen(f"{address}disagreements/rulings.jsonl").read() == b""


@pytest.mark.browser
def test_nothing_runs_off_a_narrow_page(visit):
    page = visit(width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
