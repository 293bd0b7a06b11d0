"""A library as its user meets it: files in, outcomes, passages, articles out."""

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from eval.robustness.small_library import WordHashEmbedder, contents, write_articles
from index.errors import ArticleNotFound, LibraryError, QuestionError
from index.library import Library
from index.scope import EVERYTHING, Scope
from tests.paths import ROOT

FOUNDRY = "Samsung makes the chips of Meta. The backlog of orders is 50 trillion won."
BREAD = "Bread is baked in the morning. The baker sells it at noon."


class CountingEmbedder(WordHashEmbedder):
    """Remembers how many texts it was given."""

    count = 0

    def embed(self, texts, *, query=False):
        self.count += len(texts)
        return super().embed(texts, query=query)


class OtherEmbedder(WordHashEmbedder):
    name = "another-model"


def open_library(folder, **options):
    return Library.open(folder, **{"embedder": WordHashEmbedder(), "chunk_tokens": 60, **options})


@pytest.fixture
def library(place):
    with open_library(place) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "articles"
    made.mkdir()
    (made / "foundry.txt").write_text(FOUNDRY)
    (made / "bread.txt").write_text(BREAD)
    return made


def statuses(outcomes):
    return [(Path(outcome.source).name, outcome.status, outcome.reason) for outcome in outcomes]


def texts(library):
    return sorted(article.text for article in library.articles())


def test_a_folder_becomes_articles_and_passages(library, folder):
    outcomes = library.add(folder)
    assert statuses(outcomes) == [("bread.txt", "added", ""), ("foundry.txt", "added", "")]
    assert texts(library) == sorted([FOUNDRY, BREAD])
    best = library.search("How large is the backlog of orders?")[0]
    assert best.article.text == FOUNDRY
    assert "50 trillion won" in best.chunk.text
    assert best.article.id == outcomes[1].article_id
    assert (len(library), library.generation) == (2, 1)


def test_the_same_file_again_is_unchanged_and_not_embedded(place, folder):
    embedder = CountingEmbedder()
    with open_library(place, embedder=embedder) as library:
        library.add(folder)
        before = embedder.count
        assert {outcome.status for outcome in library.add(folder, folder / "bread.txt")} == {"unchanged"}
        assert embedder.count == before > 0
        assert library.generation == 1


def test_a_changed_file_replaces_its_earlier_text(library, folder):
    library.add(folder)
    (folder / "bread.txt").write_text("Bread is baked at night.")
    assert statuses(library.add(folder))[0] == ("bread.txt", "added", "replaces the earlier text")
    assert texts(library) == sorted([FOUNDRY, "Bread is baked at night."])
    assert all("noon" not in hit.chunk.text for hit in library.search("When is bread baked?"))


def test_one_text_in_two_files_is_one_article_until_both_are_changed(library, folder):
    shutil.copy(folder / "bread.txt", folder / "copy.txt")
    outcomes = library.add(folder)
    assert outcomes[1].status == "unchanged"
    assert outcomes[1].reason.startswith("the same article as ")
    assert outcomes[1].reason.endswith("bread.txt")
    assert len(library) == 2
    (folder / "bread.txt").write_text("Bread is baked at night.")
    library.add(folder)
    assert len(library) == 3
    (folder / "copy.txt").write_text("Rolls are baked at night.")
    library.add(folder)
    assert BREAD not in texts(library)
    assert len(library) == 3


def test_records_that_a_file_no_longer_has_are_gone(library, tmp_path):
    file = tmp_path / "news.jsonl"
    records = [
        {"text": FOUNDRY, "title": "Foundry"},
        {"text": BREAD},
        {"text": "Rain is expected on Monday."},
    ]
    file.write_text("\n".join(map(json.dumps, records)))
    assert len(library.add(file)) == 3
    file.write_text("\n".join(map(json.dumps, records[1:])))
    library.add(file)
    assert texts(library) == sorted([BREAD, "Rain is expected on Monday."])


def test_a_file_that_is_refused_now_keeps_its_article_and_the_others_go_on(library, folder):
    library.add(folder)
    (folder / "bread.txt").write_bytes(b"")
    (folder / "new.txt").write_text("Rain is expected on Monday.")
    outcomes = library.add(folder)
    assert [(Path(one.source).name, one.status) for one in outcomes] == [
        ("bread.txt", "refused"),
        ("foundry.txt", "unchanged"),
        ("new.txt", "added"),
    ]
    assert outcomes[0].reason
    assert len(library) == 3


def test_a_removed_article_is_gone_from_all_its_places(library, folder):
    shutil.copy(folder / "bread.txt", folder / "copy.txt")
    added = library.add(folder)[0].article_id
    assert library.remove(added).text == BREAD
    assert texts(library) == [FOUNDRY]
    assert all(hit.article.text == FOUNDRY for hit in library.search("bread baked morning"))
    with pytest.raises(ArticleNotFound, match=added):
        library.article(added)


def test_an_article_removed_and_added_again_ranks_as_before(library, folder):
    library.add(folder)
    before = library.search("Who makes the bread?")
    library.remove(before[0].article.id)
    assert library.search("Who makes the bread?") != before
    library.add(folder)
    assert library.search("Who makes the bread?") == before


def test_removing_what_is_not_there_changes_nothing(library, folder):
    library.add(folder)
    with pytest.raises(ArticleNotFound, match="No article nonsense stands in the library"):
        library.remove("nonsense")
    assert (len(library), library.generation) == (2, 1)


def test_an_article_is_found_by_its_id(library, folder):
    wanted = library.add(folder)[0].article_id
    assert library.article(wanted).text == BREAD
    assert [article.id for article in library.articles()] == sorted(
        article.id for article in library.articles()
    )


def test_a_scope_narrows_whatever_reads_articles_whole_or_by_its_parts(library, tmp_path):
    file = tmp_path / "news.jsonl"
    records = [
        {"text": "Chips are made in Taylor.", "publisher": "Wedoany", "published": "2026-07-03"},
        {"text": "Chips are made in Tainan.", "publisher": "Gate News", "published": "2026-05"},
        {"text": "Chips are made of sand."},
    ]
    file.write_text("\n".join(map(json.dumps, records)))
    library.add(file)

    def texts(**narrowed):
        """By what reads: search, sample, the articles, their list."""
        listed = library.listing(**narrowed)
        assert listed.total == len(listed.articles)
        return (
            {hit.article.text for hit in library.search("Where are chips made?", **narrowed)},
            {hit.article.text for hit in library.sample(9, **narrowed)[0]},
            {article.text for article in library.articles(**narrowed)},
            {one.opening for one in listed.articles},
        )

    def found(**parts):
        (hits, *others) = texts(**parts)
        assert all(other == hits for other in (*others, *texts(scope=EVERYTHING.with_parts(**parts))))
        return sorted(text.split()[-1] for text in hits)

    assert found() == ["Tainan.", "Taylor.", "sand."]
    assert found(publishers=["WEDOANY"]) == ["Taylor."]
    assert found(since="2026-06") == ["Taylor."]
    assert found(until="2026-06") == ["Tainan."]
    assert found(publishers=["Gate News"], since="2026-06") == []
    assert found(publishers=["Gate News"], since="", until=None, articles=[]) == ["Tainan."]
    both = Scope(publishers=("Wedoany", "Gate News"))
    assert {hit.article.publisher for hit in library.search("chips", scope=both)} == {"Wedoany", "Gate News"}
    assert {one.text for one in library.articles(scope=both, until="2026-06")} == {
        "Chips are made in Tainan."
    }


def test_k_passages_are_found_where_there_are_so_many(library, tmp_path):
    for number in range(30):
        (tmp_path / f"{number}.txt").write_text(f"Plant {number} makes chips.")
    library.add(*(tmp_path / f"{number}.txt" for number in range(30)))
    assert len(library.search("chips", k=7)) == 7
    assert [hit.rank for hit in library.search("chips", k=100)] == list(range(1, 31))


def test_an_empty_library_answers_with_nothing(library):
    assert library.search("Who makes the chips?") == []
    assert list(library.articles()) == []
    assert (len(library), library.generation) == (0, 0)


def test_unusable_questions_are_said(library):
    with pytest.raises(QuestionError, match="The question is empty"):
        library.search("  \n")
    with pytest.raises(LibraryError, match="k = 0 passages cannot be found"):
        library.search("chips", k=0)
    with pytest.raises(LibraryError, match="since = 'soon' is not a date"):
        library.search("chips", since="soon")
    for read in (library.articles, library.listing, lambda **scope: library.sample(9, **scope)):
        with pytest.raises(LibraryError, match="until = 'soon' is not a date"):
            read(scope=Scope(until="soon"))
        with pytest.raises(LibraryError, match=r"publishers = 'Gate' is one text: give a list"):
            read(publishers="Gate")
        with pytest.raises(ArticleNotFound, match="No article nowhere stands in the library"):
            read(articles=["nowhere"])


def test_another_embedder_is_an_error_that_names_both(place, library):
    with pytest.raises(
        LibraryError, match=r"built with the embedder word-hash-64 .* with another-model: open it"
    ):
        open_library(place, embedder=OtherEmbedder())


def test_other_chunks_can_be_searched_beside_but_not_added(place, library, folder):
    library.add(folder)
    with open_library(place, chunk_tokens=100) as other:
        assert other.search("bread")
        with pytest.raises(
            LibraryError, match="was built with chunk_tokens = 60, not with 100: set chunk_tokens to 60"
        ):
            other.add(folder)


def test_a_library_that_is_not_there_is_not_made_unasked(tmp_path):
    with pytest.raises(LibraryError, match=r"There is no library at .*nowhere"):
        open_library(tmp_path / "nowhere", create=False)
    assert not (tmp_path / "nowhere").exists()


def test_progress_counts_the_files_and_ends_at_all_of_them(library, folder):
    seen = []
    library.add(folder, progress=lambda done, total, label: seen.append((done, total, Path(label).name)))
    assert seen[0] == (0, 2, "bread.txt")
    assert {total for _, total, _ in seen} == {2}
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)
    assert seen[-1][0] == 2


def test_a_full_disk_is_said_and_leaves_the_library_as_it_was(tmp_path, folder):
    # The system refuses to write beyond a limit: as on a full disk, but for this process alone.
    script = """
import resource, signal, sys
from tests.index.test_library import open_library
from index.errors import LibraryError
library = open_library(sys.argv[1])
library.add(sys.argv[2] + "/bread.txt")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, 120_000))
open(sys.argv[2] + "/large.txt", "w").write("Samsung makes the chips of Meta. " * 3000)
try:
    library.add(sys.argv[2])
except LibraryError as error:
    print(error)
"""
    root = ROOT
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "library", folder],
        capture_output=True,
        text=True,
        cwd=root,
        check=True,
    )
    assert "free space on the disk" in done.stdout
    with open_library(tmp_path / "library") as library:
        assert texts(library) == [BREAD]
        assert library.search("bread")[0].article.text == BREAD
        library.add(folder / "foundry.txt")
        assert len(library) == 2


def test_a_folder_that_cannot_be_written_is_said():
    with pytest.raises(LibraryError, match=r"/proc/whosays cannot be made or read .*name another path"):
        open_library("/proc/whosays")


def test_with_the_bundled_embedder_the_seeds_are_found_by_meaning(seeds_library):
    hits = seeds_library.search("How large is Samsung's foundry order backlog expected to be?", k=5)
    assert "50 trillion" in hits[0].chunk.text
    assert all(
        hit.article.text[span.start : span.end].strip() for hit in hits for span in hit.chunk.sentences
    )


def test_a_large_add_takes_effect_in_steps_of_whole_files_and_a_stopped_one_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("index.adding._STEP", 20)  # a file has about ten passages
    articles = tmp_path / "articles"
    write_articles(articles, version=0)
    (articles / "broken.json").write_text("{", encoding="utf-8")
    with open_library(tmp_path / "at-once") as library:
        library.add(*sorted(articles.iterdir()))
        at_once = contents(library)
        assert library.generation > 3

    def stop(done, total, name):
        if done == 8:
            raise KeyboardInterrupt

    with open_library(tmp_path / "stopped") as library:
        with pytest.raises(KeyboardInterrupt):
            library.add(articles, progress=stop)
        kept = {one.uri: one for one in library.articles()}
        whole = {one.uri: one for one in at_once[0]}
        assert 0 < len(kept) < 8
        assert kept.items() <= whole.items()
        for one in kept.values():
            passages, _ = library.sample(1000, articles=[one.id])
            assert len(passages) == len(library.chunks(one))
        outcomes = library.add(articles)
        assert sum(one.status == "unchanged" for one in outcomes) == len(kept)
        assert sum(one.status == "refused" for one in outcomes) == 1
        assert contents(library) == at_once


@pytest.mark.parametrize("order", ["date", "title", "publisher", "added"])
@pytest.mark.parametrize("group", ["", "publisher", "month"])
def test_the_pages_of_a_list_are_the_list_cut(library, tmp_path, order, group):
    records = [
        {"text": f"Plant {n} was shut.", "title": f"Plant {n % 4}", "publisher": f"Paper {n % 3}"}
        | ({"published": f"2026-0{1 + n % 5}-11"} if n % 6 else {})
        for n in range(17)
    ]
    (tmp_path / "all.json").write_text(json.dumps(records), encoding="utf-8")
    library.add(tmp_path / "all.json")
    whole = library.listing(order=order, group=group)
    pages = [library.listing(order=order, group=group, first=first, most=5) for first in (0, 5, 10, 15, 20)]
    assert [page.total for page in pages] == [whole.total] * 5 == [17] * 5
    assert [one for page in pages for one in page.articles] == list(whole.articles)


def test_the_next_change_gives_an_older_library_the_indexes_of_its_lists(tmp_path, folder):
    names = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql > '' ORDER BY name"
    with open_library(tmp_path / "older") as library:
        library.add(folder / "bread.txt")
        with sqlite3.connect(library.path / "library.sqlite") as database:
            made = database.execute(names).fetchall()
            for name in ("article_by_publisher", "article_by_day", "article_by_title"):
                database.execute(f"DROP INDEX {name}")
            database.execute("CREATE INDEX article_publisher ON article (publisher_folded)")
        assert library.listing().total == 1
        library.add(folder)
        with sqlite3.connect(library.path / "library.sqlite") as database:
            assert database.execute(names).fetchall() == made
