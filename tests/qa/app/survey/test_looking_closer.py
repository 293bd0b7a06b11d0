"""Looking closer: the page asks a question about each statement, and shows what that found.

Run as a script, this file is the server: with the folder of a library.
"""

import json
import re
import sys
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect

from qa.app.survey.page import _Filling, disagreements_page
from qa.app.survey.session import Desk
from qa.ask import ask as ask_library
from qa.ask import build_comparison
from qa.library import Library
from qa.settings import Settings
from tests.served import started, stay
from tests.waits import until

# What the small model sees as a disagreement beside a question alone.

UNSEEN = "Nobody in Orvik has seen the minister since June."
SEEN = "The minister spoke in the town hall of Orvik in August."
SMALL = Settings(judge="small")


@pytest.fixture
def orvik(tmp_path) -> Path:
    texts = {
        "Post": f"{UNSEEN} The weather was mild for the season.",
        "Herald": f"The market opened at nine. {SEEN}",
    }
    for publisher, text in texts.items():
        record = {"text": text, "publisher": publisher, "published": "2026-07-03"}
        (tmp_path / f"{publisher}.json").write_text(json.dumps(record))
    with Library.open(tmp_path / "library") as made:
        made.add(tmp_path)
    return tmp_path / "library"


def serve(folder: Path) -> None:
    """Serve until killed, with questions asked of the small model."""
    from qa.app.serve.server import build

    library = Library.open(folder)
    closer = partial(ask_library, settings=SMALL)
    pages = [disagreements_page(lambda: library, comparison=build_comparison(SMALL), ask=closer)]
    articles = lambda: list(library.articles())  # noqa: E731
    blocks = build(lambda question, history: None, articles=articles, examples=(), pages=pages)
    stay(blocks, articles=articles, pages=pages)


@pytest.mark.browser
def test_looking_closer_asks_about_each_statement_and_shows_what_that_found(visitor, orvik, tmp_path):
    with started(__file__, str(orvik), log=tmp_path / "log") as address:
        page = visitor(f"{address}disagreements")
        page.get_by_role("heading", name=re.compile("^Compared 1 pair")).wait_for()
        expect(page.locator("#survey-progress")).to_contain_text(
            "Look closer also asks a question about each of 4 statements"
        )
        page.get_by_role("button", name="Look closer").click()
        page.locator("#survey-list .card").wait_for()
        assert sorted(page.locator("#survey-list blockquote").all_inner_texts()) == [UNSEEN, SEEN]
        expect(page.get_by_role("button", name="Look closer")).to_have_count(0)
        expect(page.locator("#survey-progress")).to_have_text(
            "A question was asked about each of 4 statements."
        )


def test_who_stops_looking_closer_is_told_what_was_found_so_far(orvik):
    with Library.open(orvik) as library:
        asked = []

        def ask_and_stop(question, **options):
            asked.append(question)
            desk.job.stop()
            return ask_library(question, settings=SMALL, **options)

        desk = Desk(lambda: library, build_comparison(SMALL), read_only=False, ask=ask_and_stop)
        desk.compare(asking=True)
        ended(desk.job)
        state = desk.job.state
        assert (state.stopped, state.problem, len(asked)) == (False, "", 1)
        assert (state.result.survey.asked, state.result.survey.unasked) == (1, 3)


def ended(job) -> None:
    until(lambda: not job.state.running)


def test_nobody_who_may_only_read_is_offered_to_look_closer(orvik):
    with Library.open(orvik) as library:
        desk = Desk(lambda: library, build_comparison(SMALL), read_only=True)
        desk.compare()
        ended(desk.job)
        shown = _Filling(desk)
        assert desk.job.state.result.survey.unasked == 4
        assert not shown._can_look_closer(desk.job.state)
        assert shown._what_next(desk.job.state, "") == ""


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
