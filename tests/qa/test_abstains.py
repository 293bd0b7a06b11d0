"""Promise 3 where the models are the real ones: the default threshold, and what is shown below it."""

import json

import pytest

from index.library import Library
from qa.app.html.turn import turn
from qa.ask import ask
from qa.export.answer import answer_text
from qa.settings import Settings
from tests.paths import ROOT

GOLD = [
    json.loads(line) for line in (ROOT / "eval/gold/seeds.jsonl").read_text(encoding="utf-8").splitlines()
]
ANSWERED = "How large is Samsung's foundry backlog?"


def test_below_the_threshold_every_surface_shows_the_closest_statements_as_published(
    seeds_library: Library,
) -> None:
    answer = ask(ANSWERED, library=seeds_library, settings=Settings(min_confidence=1.0))
    assert answer.status == "closest"
    printed, page = " ".join(answer_text(answer).split()), turn(answer, {}, 1)
    assert "not sure" in printed
    assert "not sure" in page
    for citation in answer.closest[:3]:
        assert " ".join(citation.quote.split())[:60] in printed
        assert f"{citation.start}-{citation.end}" in printed


@pytest.mark.parametrize("question", ["Which orchestra plays in Lisbon tonight?", "Who won the cup in 1998?"])
def test_what_the_articles_have_nothing_to_do_with_is_never_answered(
    seeds_library: Library, question: str
) -> None:
    answer = ask(question, library=seeds_library)
    assert answer.status != "answered"
    assert (answer.text, answer.citations, answer.positions) == ("", (), ())
