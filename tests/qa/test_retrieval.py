"""Which passages are read: what copies repeat leaves room for what says something else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.scope import Scope
from qa import Library, ask
from qa.retrieval import find_passages
from qa.settings import Settings

AGENCY = (
    "The roof of the market hall in Orvik gave way on Friday evening. Repairs will cost 40 million crowns, the "
    "council said. The hall had closed an hour before, and all stalls were empty."
)
BY_ITSELF = (
    "Engineers write in their report that it will cost 65 million crowns to put a new roof on the hall. They had "
    "warned of rust in its beams two years ago."
)
OTHERS = (
    "Farmers of the valley sold cheese in Orvik as early as 1911. A fire had ended the fair on the hill.",
    "Stallholders of Orvik now sell from tents on the quay. Many of them want rent back.",
    "Orvik's council meets on the first Monday of the month. Its meetings are open to all.",
)
QUESTION = "What will repairs of the market hall in Orvik cost?"


@pytest.fixture
def library(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Library]:
    told = [f"{AGENCY}\n\nThe Orvik {n} Gazette prints {n}00 copies." for n in range(2, 22)]
    with Library.open(tmp_path / "library") as opened:
        for n, text in enumerate((*told, getattr(request, "param", BY_ITSELF), *OTHERS)):
            file = tmp_path / f"{n}.json"
            file.write_text(json.dumps({"text": text, "publisher": f"Paper {n}"}), encoding="utf-8")
            opened.add(file)
        yield opened


def test_past_more_copies_than_are_read_another_account_is_found(library: Library) -> None:
    best = library.search(QUESTION, k=12)
    assert all(hit.chunk.text.startswith("The roof") for hit in best)
    found = find_passages(library, QUESTION, k=12)
    texts = [hit.chunk.text for hit in found]
    assert [text.startswith("The roof") for text in texts] == [True] + [False] * 4 + [True] * 11
    assert BY_ITSELF in texts
    assert [hit.rank for hit in found] == list(range(1, len(found) + 1))
    assert {hit.chunk.id for hit in best} <= {hit.chunk.id for hit in found}


def test_where_nothing_repeats_what_is_found_is_what_a_search_finds(library: Library) -> None:
    sought = "Where do stallholders sell now?"
    some = Scope(articles=tuple(one.id for one in library.articles() if not one.text.startswith("The roof")))
    assert find_passages(library, sought, k=3, scope=some) == library.search(sought, k=3, scope=some)


def test_an_answer_shows_who_says_otherwise_beside_twenty_copies(library: Library) -> None:
    answer = ask(QUESTION, library=library, settings=Settings())
    told = [one.text for one in answer.positions]
    assert sorted(told) == ["40 million crowns", "65 million crowns"]
    assert len(answer.positions[told.index("40 million crowns")].citations) == 12
    assert "65 million crowns" in answer.conflicts[0].explanation


@pytest.mark.parametrize(
    "library",
    [
        "The market hall of Orvik lost its roof on Friday. Its repairs will cost 65 million crowns, engineers "
        "write in their report. They had warned of rust in its beams two years ago."
    ],
    indirect=True,
)
def test_what_one_of_twenty_copies_disagrees_on_is_what_all_show(library: Library) -> None:
    every = [one.conflict.explanation for one in library.conflicts().disagreements]
    assert every
    copies = [one.id for one in library.articles() if one.text.startswith("The roof")]
    for copy in copies[:3]:
        alone = library.conflicts(of=[copy]).disagreements
        assert [one.conflict.explanation for one in alone] == every
