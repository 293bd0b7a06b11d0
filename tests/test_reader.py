from pathlib import Path

import pytest

from index.library import Library
from index.records import Hit
from qa.ask import ask
from qa.reader import SentenceReader, candidates

HARBOUR = (
    "The harbour of Lindby was dredged in 1998. It now takes ships of 12 metres draught. "
    "Ferries to Norvik leave twice a day because the road over the pass is closed in winter. "
    "The harbour master is Ada Holm."
)
MARKET = "Fish prices rose at the market of Lindby. Nobody knows why."


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "harbour.txt").write_text(HARBOUR, encoding="utf-8")
    (folder / "market.txt").write_text(MARKET, encoding="utf-8")
    library = Library.open(tmp_path_factory.mktemp("library"))
    library.add(folder)
    return library


def _best(library: Library, question: str) -> str:
    reading = SentenceReader(library.embedder).read(question, library.search(question))[0]
    return reading.hit.article.text[reading.start : reading.end]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When was the harbour dredged?", "The harbour of Lindby was dredged in 1998."),
        ("Who is the harbour master?", "The harbour master is Ada Holm."),
        (
            "Why do ferries leave for Norvik twice a day?",
            "Ferries to Norvik leave twice a day because the road over the pass is closed in winter.",
        ),
        ("What happened to fish prices?", "Fish prices rose at the market of Lindby."),
    ],
)
def test_the_sentence_that_answers_is_read_whole(library: Library, question: str, sentence: str) -> None:
    assert _best(library, question) == sentence


def test_a_question_far_from_the_articles_scores_lower_than_one_that_they_answer(library: Library) -> None:
    reader = SentenceReader(library.embedder)

    def best(question: str) -> float:
        return reader.read(question, library.search(question))[0].score

    assert best("Which orchestra plays in Lisbon tonight?") < 0.1 < 0.5 < best("Who is the harbour master?")


def test_readings_come_best_first_and_do_not_depend_on_the_order_of_hits(library: Library) -> None:
    question = "When was the harbour dredged?"
    hits = library.search(question)
    reader = SentenceReader(library.embedder)
    forward, backward = reader.read(question, hits), reader.read(question, hits[::-1])
    assert [reading.score for reading in forward] == sorted(
        (reading.score for reading in forward), reverse=True
    )
    assert [(one.start, one.hit.article.id) for one in forward] == [
        (one.start, one.hit.article.id) for one in backward
    ]


def test_a_sentence_in_two_overlapping_chunks_is_one_candidate(library: Library) -> None:
    hits: list[Hit] = library.search("harbour")
    assert len(candidates([*hits, *hits])) == len(candidates(hits)) == 6


def test_no_hits_give_no_readings(library: Library) -> None:
    assert SentenceReader(library.embedder).read("Who?", []) == []


def test_a_bold_sentence_is_read_as_plain_and_placed_as_published(tmp_path: Path) -> None:
    bold = "𝗧𝗵𝗲 𝗯𝗿𝗶𝗱𝗴𝗲 𝗮𝘁 𝗧𝗼𝗿𝘃𝗶𝗸 𝗰𝗼𝘀𝘁 𝟰𝟬 𝗺𝗶𝗹𝗹𝗶𝗼𝗻 𝗰𝗿𝗼𝘄𝗻𝘀."
    (tmp_path / "bridge.txt").write_text(f"{bold} It opened in May.", encoding="utf-8")
    with Library.open(tmp_path / "library") as library:
        library.add(tmp_path / "bridge.txt")
        assert _best(library, "How much did the bridge at Torvik cost?") == bold


def test_the_only_sentence_of_a_library_can_answer(tmp_path: Path) -> None:
    (tmp_path / "wire.txt").write_text("Northwind's order backlog is 40 million crowns.", encoding="utf-8")
    with Library.open(tmp_path / "library") as library:
        library.add(tmp_path / "wire.txt")
        assert ask("How large is Northwind's order backlog?", library=library).status == "answered"
