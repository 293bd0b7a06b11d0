"""Promise 6: equals are ordered by id, whatever order they came, were added or were hashed in."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.library import Library
from index.models import forget_rows
from index.records import Hit
from qa.ask import ask, build_span_model
from qa.question.conversation import Understood
from qa.reader.reader import FEATURES, SpanReader
from qa.records import Answer, Timings
from qa.weights.fitted import load_fitted

QUESTION = "How large is Northwind's order backlog?"
BESIDE = "The weather at the coast was calm. A school in the valley opened a new library."


class EqualReader(SpanReader):
    """The real reader, to which every sentence is as likely as every other."""

    def __init__(self) -> None:
        equal = np.zeros(FEATURES)
        super().__init__(build_span_model("bundled"), weights=dict.fromkeys(load_fitted().reader, equal))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, amount in enumerate((10, 30, 10, 30)):
        text = f"Northwind's order backlog is {amount} trillion won. {BESIDE}"
        # Four articles that score alike to the last bit: only their publisher, which no score sees, differs.
        (tmp_path / f"{number}.html").write_text(
            f"<html><head><meta property='og:site_name' content='Paper {number}'></head>"
            f"<body><article><p>{text}</p></article></body></html>",
            encoding="utf-8",
        )
    return tmp_path


def _answer(library: Library) -> Answer:
    forget_rows()
    return replace(ask(QUESTION, library=library), timings_ms=Timings())


def test_the_order_in_which_articles_were_added_changes_no_answer(folder: Path) -> None:
    files = sorted(folder.glob("*.html"))
    answers = []
    for number, order in enumerate((files, files[::-1], [files[2], files[0], files[3], files[1]])):
        with Library.open(folder / f"library{number}") as library:
            for file in order:
                assert [one.status for one in library.add(file)] == ["added"]
            answers.append(_answer(library))
            assert [one.id for one in library.articles()] == sorted(one.id for one in library.articles())
    assert answers[0].status == "answered"
    assert answers[0].conflicts
    assert answers[1] == answers[0]
    assert answers[2] == answers[0]


def test_readings_that_score_alike_come_by_article_and_offset(folder: Path) -> None:
    with Library.open(folder / "library") as library:
        library.add(*sorted(folder.glob("*.html")))
        hits: list[Hit] = library.search(QUESTION)
        reader = EqualReader()
        places = [
            [(one.hit.article.id, one.start) for one in reader.read(Understood(QUESTION), order)]
            for order in (hits, hits[::-1])
        ]
    assert len(places[0]) > 4
    assert places[0] == sorted(places[0])
    assert places[1] == places[0]
