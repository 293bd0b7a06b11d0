"""`ask()` and what it is made of, called from several threads at once, as the app does."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from index.library import Library
from index.models import forget_rows
from qa.ask import ask
from qa.language.terms import stem
from qa.records import Answer, Timings


@pytest.fixture
def _hurried() -> Iterator[None]:
    """Threads take turns after every few bytecodes, so that what can go wrong does."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_hurried")
def test_stems_do_not_depend_on_what_other_threads_stem() -> None:
    words = [f"{root}{ending}" for root in "organ nation relat communic industri develop consider evaluat"
             .split() for ending in "ing ed es ations ational izer ely fulness".split()]  # fmt: skip
    alone = [stem.__wrapped__(word) for word in words]
    stem.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda shift: [stem.__wrapped__(word) for word in words[shift:]], [0] * 40))
    assert all(stems == alone for stems in together)


def test_questions_asked_at_once_are_answered_as_one_by_one(seeds_library: Library) -> None:
    questions = [
        "Is Anthropic using Samsung's 2nm process for its chips?",
        "How large is Samsung's foundry order backlog?",
        "When will OpenAI deploy the Jalapeño chip?",
        "Why do AI companies design their own chips?",
    ]

    def answer(question: str) -> Answer:
        return replace(ask(question, library=seeds_library), timings_ms=Timings())

    expected = [answer(question) for question in questions]
    stem.cache_clear()
    forget_rows()  # or nothing would be left to do at once
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(answer, questions * 2)) == expected * 2
