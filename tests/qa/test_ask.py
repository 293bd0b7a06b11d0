import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

import qa.library
from index.embed import BundledEmbedder
from index.errors import LibraryError
from index.library import Library
from index.records import Vectors
from qa.answer import answer_question
from qa.ask import ask, build_models
from qa.question.conversation import understand
from qa.question.requests import load_requests
from qa.settings import Settings

MILL = "The mill in Aarup employs 120 people."
DAIRY = "The dairy in Aarup employs 45 people."


def _library(place: Path, text: str) -> Path:
    article = place.parent / "article.txt"
    article.write_text(text, encoding="utf-8")
    with Library.open(place) as library:
        library.add(article)
    return place


def test_a_folder_named_from_another_place_is_another_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (("a", MILL), ("b", DAIRY)):
        (tmp_path / name).mkdir()
        _library(tmp_path / name / "library", text)
    said = []
    for name in ("a", "b"):
        monkeypatch.chdir(tmp_path / name)
        said.append(ask("How many people are employed in Aarup?", library="library").passages[0].text)
    assert said == [MILL, DAIRY]


def test_a_library_made_anew_in_the_same_place_is_read_anew(tmp_path: Path) -> None:
    question = "How many people are employed in Aarup?"
    place = _library(tmp_path / "library", MILL)
    assert ask(question, library=place).passages[0].text == MILL
    shutil.move(place, tmp_path / "old")
    _library(place, DAIRY)
    assert ask(question, library=place).passages[0].text == DAIRY


class CountingEmbedder:
    """The bundled embedder, or one of another name with the same vectors; `texts` are all that it was given."""

    def __init__(self, name: str = "") -> None:
        self._own = BundledEmbedder()
        self.name = name or self._own.name
        self.window_tokens = self._own.window_tokens
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        self.texts += texts
        return self._own.embed(texts, query=query)

    def vocabulary(self) -> Mapping[str, int]:
        return self._own.vocabulary()


@pytest.fixture(params=["", "another"])
def counted(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Library, CountingEmbedder]]:
    embedder = CountingEmbedder(request.param)
    (tmp_path / "mill.txt").write_text(MILL, encoding="utf-8")
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(tmp_path / "mill.txt")
        embedder.texts.clear()
        yield library, embedder


QUESTION = "How many people are employed in Aarup?"


def test_retrieval_takes_the_vector_by_which_the_question_was_told_from_other_requests(
    counted: tuple[Library, CountingEmbedder],
) -> None:
    library, embedder = counted
    assert ask(QUESTION, library=library).status == "answered"
    # The bundled embedder, which tells requests apart, has made it; another one makes its own.
    assert embedder.texts == ([QUESTION] if embedder.name == "another" else [])


def test_of_one_question_one_text_is_embedded_and_of_a_follow_up_also_what_is_searched(
    tmp_path: Path,
) -> None:
    embedder = CountingEmbedder()
    requests = load_requests(embedder)
    settings = Settings(judge="small")
    models = build_models(settings)
    (tmp_path / "mill.txt").write_text(MILL, encoding="utf-8")
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(tmp_path / "mill.txt")
        for about, texts in ((None, [QUESTION]), (["mill"], [QUESTION, f"{QUESTION} mill"])):
            embedder.texts.clear()
            asked = understand(QUESTION, about=about, requests=requests)
            answer_question(asked, library=library, models=models, settings=settings)
            assert embedder.texts == texts


def test_a_topic_is_embedded_once(counted: tuple[Library, CountingEmbedder], tmp_path: Path) -> None:
    library, embedder = counted
    with qa.library.Library.open(library.path, embedder=embedder) as own:
        answer = ask("tell me about the mill", library=own)
    assert answer.overview is not None
    topic = answer.overview.sections[0].heading
    assert embedder.texts.count(topic) == 1


def test_the_time_that_understanding_takes_is_part_of_the_whole(
    counted: tuple[Library, CountingEmbedder],
) -> None:
    took = ask(QUESTION, library=counted[0]).timings_ms
    assert 0 < took.standalone < took.total
    parts = took.standalone + took.retrieve + took.read + took.conflict
    assert took.total >= parts - 0.1


def test_chunks_beyond_what_the_embedder_reads_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"chunk_tokens is 249, and the embedder .* reads 248 tokens"):
        Library.open(tmp_path / "library", embedder=BundledEmbedder(), chunk_tokens=249)
