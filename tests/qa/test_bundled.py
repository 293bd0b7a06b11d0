import shutil
from pathlib import Path

import pytest

from index.embed import BundledEmbedder
from index.errors import LibraryError
from index.library import Library
from index.records import Embedder
from qa.library import SEEDS, open_bundled


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return BundledEmbedder()


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    shutil.copytree(SEEDS, tmp_path / "seeds")
    return tmp_path / "seeds"


def _open(seeds: Path, embedder: Embedder, *, chunk_tokens: int = 200) -> Library:
    return open_bundled(
        embedder,
        chunk_tokens=chunk_tokens,
        overlap_sentences=1,
        seeds=seeds,
        cache=seeds.parent / "cache",
    )


def test_it_is_built_once_and_opened_after_that(seeds: Path, embedder: Embedder) -> None:
    with _open(seeds, embedder) as first:
        assert len(first) == 5
        place, generation = first.path, first.generation
    with _open(seeds, embedder) as second:
        assert (second.path, second.generation) == (place, generation)


@pytest.mark.parametrize("change", ["article", "sidecar", "settings"])
def test_it_is_built_anew_when_what_it_is_made_of_changes(
    seeds: Path, embedder: Embedder, change: str
) -> None:
    with _open(seeds, embedder) as library:
        before = library.path
    if change == "article":
        article = next(seeds.glob("001*.txt"))
        article.write_text(article.read_text(encoding="utf-8") + "\nA last line was added.", encoding="utf-8")
    if change == "sidecar":
        sidecar = seeds / "articles.toml"
        sidecar.write_text(sidecar.read_text(encoding="utf-8") + "\n# seen again\n", encoding="utf-8")
    with _open(seeds, embedder, chunk_tokens=100 if change == "settings" else 200) as library:
        assert library.path != before
        assert len(library) == 5


def test_titles_publishers_and_dates_stand_as_the_sidecar_gives_them(seeds: Path, embedder: Embedder) -> None:
    with _open(seeds, embedder) as library:
        stated = {
            Path(article.uri).name[:3]: (article.publisher, article.published)
            for article in library.articles()
        }
    assert stated["000"] == ("en.Wedoany.com", "2026-07-03")
    assert stated["001"] == (None, None)


def test_where_no_articles_came_along_it_says_how_to_add_some(tmp_path: Path, embedder: Embedder) -> None:
    with pytest.raises(LibraryError, match=r"whosays add FOLDER --library DIR"):
        _open(tmp_path / "none", embedder)


def test_an_article_that_cannot_be_read_is_named(seeds: Path, embedder: Embedder) -> None:
    (seeds / "005_broken.txt").write_bytes(b"")
    with pytest.raises(LibraryError, match=r"005_broken\.txt was refused"):
        _open(seeds, embedder)
