import shutil
from pathlib import Path

import pytest

from index.embed import BundledEmbedder
from index.errors import LibraryError
from index.library import Library
from qa.ask import ask

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


def test_chunks_beyond_what_the_embedder_reads_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"chunk_tokens is 249, and the embedder .* reads 248 tokens"):
        Library.open(tmp_path / "library", embedder=BundledEmbedder(), chunk_tokens=249)
