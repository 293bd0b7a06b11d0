"""Questions answered in processes of their own: the same answers, and what becomes of those that end."""

import os
import re
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.connection import Connection

import pytest
from playwright.sync_api import expect

from index.errors import LibraryError, QuestionError
from qa.app.serve.workers import Workers
from qa.ask import ask, open_library
from qa.records import Timings
from qa.settings import Settings
from tests.served import SMALL, served, shelve
from tests.waits import LONGEST_S

QUESTION = "How many people did the ferry Aurora carry?"
SETTINGS = Settings(judge="small")
ENDED = r"another has taken its place\. Ask again"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    with open_library(shelve(tmp_path_factory.mktemp("shelved")), SETTINGS) as opened:
        yield opened


@pytest.fixture(scope="module")
def workers():
    with Workers(2, SETTINGS) as started:
        yield started


def timeless(answer):
    return replace(answer, timings_ms=Timings())


def test_an_answer_is_that_of_the_app_itself_and_its_stages_and_first_answer_are_told(workers, library):
    here, there = [], []
    own = ask(QUESTION, library=library, settings=SETTINGS, on_stage=here.append, on_first=here.append)
    answer = workers.ask(QUESTION, (), library=library, on_stage=there.append, on_first=there.append)
    assert len(answer.conflicts) == 1
    assert timeless(answer) == timeless(own)
    told = [[one if isinstance(one, str) else timeless(one) for one in each] for each in (here, there)]
    assert told[0] == told[1]
    assert any(not isinstance(one, str) for one in there)
    again = workers.ask("Who said so?", (answer,), library=library)
    assert timeless(again) == timeless(
        ask("Who said so?", library=library, history=(own,), settings=SETTINGS)
    )


def test_as_many_questions_as_there_are_workers_are_answered_at_once(workers, library):
    both = threading.Barrier(2, timeout=60)  # passed only where each has begun before the other ends
    met = []

    def meet(stage):
        if stage == "reading" and threading.get_ident() not in met:
            met.append(threading.get_ident())
            both.wait()

    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(workers.ask, QUESTION, (), library=library, on_stage=meet) for _ in range(2)]
        answers = [one.result(timeout=120) for one in asked]
    assert timeless(answers[0]) == timeless(answers[1])
    assert len(met) == 2


def test_what_a_listener_raises_ends_the_work_and_the_worker_goes_on(workers, library):
    class LeftError(Exception):
        pass

    def leave(told):
        raise LeftError

    for _ in range(3):
        with pytest.raises(LeftError):
            workers.ask(QUESTION, (), library=library, on_stage=leave)
        with pytest.raises(LeftError):
            workers.ask(QUESTION, (), library=library, on_first=leave)
        assert workers.ask(QUESTION, (), library=library).status == "answered"


def test_what_cannot_be_asked_is_refused_in_the_same_words(workers, library):
    before = workers.processes()
    with pytest.raises(QuestionError, match="the question is empty; ask something"):
        workers.ask("  ", (), library=library)
    assert workers.ask(QUESTION, (), library=library).status == "answered"
    assert workers.processes() == before


def test_what_is_added_to_the_library_is_found(workers, library, tmp_path):
    question = "How many people does the windmill in Birk employ?"
    assert "9" not in [workers.ask(question, (), library=library).text for _ in range(2)]
    added = tmp_path / "windmill.txt"
    added.write_text("The windmill in Birk employs 9 people. It was built in 1901.", encoding="utf-8")
    library.add(added)
    assert [workers.ask(question, (), library=library).text for _ in range(2)] == ["9"] * 2


def test_one_that_ends_is_told_and_another_takes_its_place(library, capfd):
    with Workers(1, SETTINGS) as alone:
        (worker,), said = alone._all, threading.Event()
        say = worker._say
        worker._say = lambda what: (say(what), said.set())
        os.kill(worker.process_id, signal.SIGSTOP)  # it answers nothing
        with ThreadPoolExecutor(1) as asking:
            asked = asking.submit(alone.ask, QUESTION, (), library=library)
            assert said.wait(LONGEST_S)
            os.kill(alone.processes()[0], signal.SIGKILL)
            with pytest.raises(LibraryError, match=ENDED):
                asked.result()
        assert alone.ask(QUESTION, (), library=library).status == "answered"
        with pytest.raises(LibraryError, match=ENDED):
            alone.ask(QUESTION, (), library=library, wrong=1)
        assert "unexpected keyword argument 'wrong'" in capfd.readouterr().err
        assert alone.ask(QUESTION, (), library=library).status == "answered"
        (own,) = alone.processes()
    with pytest.raises(ProcessLookupError):
        os.kill(own, 0)


def test_one_that_was_killed_with_nothing_to_do_is_replaced_before_the_next_question(library):
    with Workers(1, SETTINGS) as alone:
        assert alone.ask(QUESTION, (), library=library).status == "answered"
        before = alone.processes()
        os.kill(before[0], signal.SIGKILL)
        alone._all[0]._process.join()
        assert alone.ask(QUESTION, (), library=library).status == "answered"
        assert alone.processes() != before


def test_of_an_answer_that_could_not_be_heard_to_its_end_the_next_to_ask_hears_nothing(library, monkeypatch):
    with Workers(1, SETTINGS) as alone:
        before = alone.processes()
        hear = Connection.recv

        def fail(line):
            hear(line)
            raise MemoryError

        with monkeypatch.context() as patch:
            patch.setattr(Connection, "recv", fail)
            with pytest.raises(MemoryError):
                alone.ask(QUESTION, (), library=library)
        assert alone.processes() != before
        other = alone.ask("When was the mill in Aarup built?", (), library=library)
        assert other.text == "1912"


def test_the_app_answers_with_workers_and_ends_with_them(visitor, tmp_path):
    with served("--workers", "2", library=shelve(tmp_path), log=tmp_path / "log", **SMALL) as at:
        page = visitor(at)
        page.get_by_role("textbox", name="Your question").fill(QUESTION)
        page.keyboard.press("Enter")
        expect(page.locator(".turn:not([aria-busy]) .answer")).to_be_visible()
        expect(page.locator(".turn")).to_contain_text("45 people")
    assert not re.search("Traceback|Error", (tmp_path / "log").read_text())
