"""Many at once: programs wait in a line that has an end, and a survey that ten ask for is computed once."""

import asyncio
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from index.embed import BundledEmbedder
from qa.app.serve.endpoints import MOST_CALLS, Refused, at_most
from qa.app.serve.queue_limit import FULL
from qa.app.survey.session import Desk
from qa.comparison.model import ModelStatement, StanceShares
from tests.qa.survey.test_survey import DISAGREE, Strict, build, record
from tests.served import SMALL, served, shelve
from tests.waits import LONGEST_S, until


def test_who_comes_while_too_many_calls_wait_is_told_and_the_others_are_answered():
    go = threading.Event()

    def work():
        go.wait(LONGEST_S)
        return {"answered": True}

    async def many():
        run = at_most(1)
        calls = [asyncio.create_task(run(work)) for _ in range(MOST_CALLS + 1)]
        while len(asyncio.all_tasks()) < MOST_CALLS + 2:
            await asyncio.sleep(0)
        await asyncio.sleep(0.1)  # all have come: one is worked on, the others wait
        with pytest.raises(Refused, match="200 calls are already waiting for an answer: try again"):
            await run(work)
        go.set()
        return await asyncio.gather(*calls)

    assert asyncio.run(many()) == [{"answered": True}] * (MOST_CALLS + 1)


@pytest.fixture(scope="module")
def embedder() -> BundledEmbedder:
    return BundledEmbedder()


def articles() -> list[dict]:
    return [
        record(" ".join(row[side] for row in DISAGREE), publisher)
        for side, publisher in ((1, "Gazette"), (2, "Courier"))
    ]


class Held(Strict):
    """Judges nothing before it may."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def stances(self, question: str, statements: Sequence[ModelStatement]) -> list[StanceShares]:
        assert self.go.wait(LONGEST_S)
        return super().stances(question, statements)


@pytest.mark.parametrize("way", ["page", "program"])
def test_ten_who_ask_for_a_survey_at_once_have_it_computed_once(
    tmp_path: Path, embedder: BundledEmbedder, way: str
) -> None:
    alone, together = Strict(), Held()
    for name in ("alone", "together"):
        (tmp_path / name).mkdir()
    with build(tmp_path / "alone", embedder, *articles()) as library:
        expected = library.conflicts(comparison=alone, rulings=False).disagreements
    with build(tmp_path / "together", embedder, *articles()) as library:
        if way == "page":
            desk = Desk(lambda: library, together, read_only=True)
            with ThreadPoolExecutor(10) as pool:
                begun = list(pool.map(lambda _: desk.compare(), range(10)))
            assert begun.count(True) == 1
            together.go.set()
            until(lambda: not desk.job.state.running)
            found = [desk.disagreements()]
        else:
            surveying = at_most(1)
            together.go.set()

            async def ten() -> list[dict]:
                survey = lambda: {  # noqa: E731
                    "found": library.conflicts(comparison=together, rulings=False).disagreements
                }
                return await asyncio.gather(*(surveying(survey) for _ in range(10)))

            found = [one["found"] for one in asyncio.run(ten())]
    assert [len(one) for one in found] == [len(expected)] * len(found)
    assert len(expected) > 0
    assert together.asked == alone.asked > 0


def posted(address: str, path: str, body: object) -> dict:
    sent = Request(address + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(sent, timeout=LONGEST_S) as answer:
        return json.load(answer)


def status_of(address: str, path: str, body: object) -> tuple[int, dict]:
    try:
        return 200, posted(address, path, body)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_who_sends_questions_without_end_is_told_and_the_pages_go_on(tmp_path: Path) -> None:
    question = "How many people did the ferry Aurora carry?"
    # Hundreds of questions wait: the small models answer them in a third of the time.
    with served(library=shelve(tmp_path), log=tmp_path / "log", **SMALL) as address:

        def send(number: int) -> tuple[int, dict]:
            """A question of its own: one that was asked before is answered from memory, as fast as it is sent."""
            return status_of(address, "gradio_api/call/ask", {"data": [f"{question} {number}", *[None] * 6]})

        told: list[tuple[int, dict]] = []
        with ThreadPoolExecutor(10) as pool:  # one after the other, most would be answered meanwhile
            while len(told) < 2_000 and all(status == 200 for status, _ in told):
                told += pool.map(send, range(len(told), len(told) + 50))
        taken = [one for status, one in told if status == 200]
        assert {(status, one["detail"]) for status, one in told if status != 200} == {(503, FULL)}
        assert len(taken) > 200
        with urlopen(address + "config", timeout=LONGEST_S) as page:
            config = json.load(page)
        boxes = [one["id"] for one in config["components"] if one["props"].get("label") == "Your question"]
        sending = next(one for one in config["dependencies"] if one["inputs"][:1] == boxes)
        asked = [question, *[None] * (len(sending["inputs"]) - 1)]
        joined = {"data": asked, "fn_index": sending["id"], "session_hash": "a page", "trigger_id": boxes[0]}
        posted(address, "gradio_api/queue/join", joined)
        shown = ""
        with urlopen(address + "gradio_api/queue/data?session_hash=a+page", timeout=LONGEST_S) as stream:
            while "process_completed" not in shown and (line := stream.readline()):
                shown += line.decode()
        assert "45 people" in shown
        # One of those that waited beside the page; the last of hundreds would take a minute.
        with urlopen(f"{address}gradio_api/call/ask/{taken[20]['event_id']}", timeout=LONGEST_S) as stream:
            assert "event: complete" in stream.read().decode()
