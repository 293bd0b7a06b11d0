"""What visitors give: held to limits, read in a process apart, added; and the shelf of their libraries."""

import json
import os
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from eval.robustness.small_library import WordHashEmbedder
from index.errors import LibraryError
from index.records import Outcome, Vectors
from index.sources.load import Loaded, load
from index.sources.sandbox import ChunkSettings, Sandbox, SandboxLimits
from index.text.chunk import TokenCounter, chunk
from qa.app.shelf.libraries import BUNDLED, Choice, Shelf
from qa.app.shelf.uploads import Allowed, Upload, add_address, add_as, add_file, objections
from qa.library import Library
from tests.waits import LONGEST_S

TEXT = "The ferry came in late. It carried 40 people."
ALLOWED = Allowed()


def opened(folder: Path) -> Library:
    return Library.open(folder, embedder=WordHashEmbedder(), chunk_tokens=60, overlap_sentences=0)


@pytest.fixture
def library(tmp_path):
    with opened(tmp_path / "library") as library:
        yield library


@pytest.fixture(params=["library", "library.db"], ids=["local", "milvus"])
def listed(request, tmp_path):
    """In either store: the ending says in which."""
    with opened(tmp_path / request.param) as library:
        yield library


def uploaded(folder: Path, name: str, data: bytes | str) -> Upload:
    """A file as the browser sends it: its content under a name that the server chose."""
    path = folder / f"received-{len(list(folder.iterdir()))}{Path(name).suffix}"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return Upload(name, path)


def told(outcomes: tuple[Outcome, ...]) -> list[tuple[str, str, str]]:
    return [(outcome.source, outcome.status, outcome.reason) for outcome in outcomes]


def read_apart(source: Path, limits: SandboxLimits) -> list[Loaded | Outcome]:
    with Sandbox(limits) as sandbox:
        return list(load(source, parser=sandbox.parse))


def test_what_a_process_apart_reads_and_cuts_is_what_is_read_and_cut_here(tmp_path):
    page = "<article><h1>News</h1><p>It was said on Monday that the ferry came in late.</p></article>"
    for name, text in (
        ("a.txt", "Škoda \u2028 won. \U0001f680 It rose."),
        ("b.html", f"<html><title>News</title>{page * 3}</html>"),
        ("c.jsonl", '{"text": "One ship.", "title": "One"}\nnothing\n{"text": "Two ships."}'),
        ("d.pdf", "%PDF-1.4 broken"),
        ("e.exe", "MZ"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    words = {"[UNK]": 0, "it": 1, "##s": 2}
    with Sandbox(SandboxLimits(), ChunkSettings(words, 8, 1)) as sandbox:
        found = list(load(tmp_path, parser=sandbox.parse))
        assert found == list(load(tmp_path))
        articles = [one.article for one in found if isinstance(one, Loaded)]
        assert len(articles) == 4
        for article in articles:
            cut = chunk(article, count=TokenCounter(words), chunk_tokens=8, overlap_sentences=1)
            assert sandbox.chunks(article) == cut


def test_a_reader_that_takes_too_long_too_much_memory_or_breaks_ends_as_a_refusal(tmp_path):
    source = tmp_path / "note.txt"
    source.write_text(TEXT, encoding="utf-8")
    (late,) = read_apart(source, SandboxLimits(seconds=0))
    assert late == Outcome(str(source), "refused", late.reason)
    assert late.reason.startswith("was still being read after 0 s: open it and save it anew")
    if sys.platform == "linux":
        source.write_text("word " * 4_000_000, encoding="utf-8")
        (large,) = read_apart(source, SandboxLimits(memory_mb=100))
        assert isinstance(large, Outcome)
        assert large.reason.startswith(
            ("needs more than 100 MB to be read", "broke the program that reads it")
        )


def test_a_process_that_broke_is_started_anew_and_the_next_file_is_read(tmp_path):
    source = tmp_path / "note.txt"
    source.write_text(TEXT, encoding="utf-8")
    with Sandbox(SandboxLimits()) as sandbox:
        expected = list(load(source))
        assert list(load(source, parser=sandbox.parse)) == expected
        first = sandbox._process
        assert list(load(source, parser=sandbox.parse)) == expected
        assert sandbox._process is first
        first.kill()
        assert list(load(source, parser=sandbox.parse)) == expected
        assert sandbox._process is not first


@pytest.mark.skipif(sys.platform != "linux", reason="only there memory is limited")
def test_a_file_beyond_the_limits_is_refused_with_the_reason_and_the_others_are_added(library, tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in (("a.txt", TEXT), ("b.txt", "Each ship sank. " * 1_200_000), ("c.txt", "It is calm.")):
        (folder / name).write_text(text, encoding="utf-8")
    found = told(library.add(folder, within=SandboxLimits(seconds=60, memory_mb=250)))
    assert [(Path(source).name, status) for source, status, _ in found] == [
        ("a.txt", "added"), ("b.txt", "refused"), ("c.txt", "added"),
    ]  # fmt: skip
    assert found[1][2].startswith(("needs more than 250 MB to be read", "broke the program that reads it"))
    assert {status for _, status, _ in told(library.add(folder, within=SandboxLimits(seconds=0)))} == {
        "refused"
    }
    assert len(library) == 2


class Halting(WordHashEmbedder):
    """Embeds nothing of a text that says "halt" until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()

    def embed(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        if any("halt" in text for text in texts):
            self.begun.set()
            assert self.let_go.wait(60)
        return super().embed(texts, query=query)


def test_a_file_that_takes_long_keeps_nobody_else_from_adding_or_removing(tmp_path):
    embedder = Halting()
    with (
        Library.open(tmp_path / "library", embedder=embedder, chunk_tokens=60) as library,
        ThreadPoolExecutor(2) as threads,
    ):
        slow = threads.submit(add_file, library, uploaded(tmp_path, "slow.txt", "All halt here."), ALLOWED)
        assert embedder.begun.wait(60)
        try:
            other = threads.submit(add_file, library, uploaded(tmp_path, "other.txt", TEXT), ALLOWED)
            (added,) = other.result(timeout=LONGEST_S)
            assert library.remove(added.article_id).text == TEXT
        finally:
            embedder.let_go.set()
        assert told(slow.result()) == [("slow.txt", "added", "")]
        assert [one.text for one in library.articles()] == ["All halt here."]


class Recording(WordHashEmbedder):
    """Remembers what it embeds."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        self.texts += texts
        return super().embed(texts, query=query)


def test_a_text_that_repeats_itself_is_embedded_once_and_found_at_each_place(tmp_path):
    embedder = Recording()
    with Library.open(
        tmp_path / "library", embedder=embedder, chunk_tokens=60, overlap_sentences=0
    ) as library:
        add_file(library, uploaded(tmp_path, "a.txt", "!? " * 3_000 + "The ferry sank."), ALLOWED)
        kept = len(library.sample(1_000)[0])
        assert kept > 50
        assert len(embedder.texts) == len(set(embedder.texts)) < 5
        assert library.search("ferry", k=1)[0].chunk.text.endswith("The ferry sank.")


def test_what_cannot_be_embedded_in_time_is_refused_and_says_so(library, tmp_path):
    allowed = replace(ALLOWED, embedding_seconds=0)
    ((name, status, reason),) = told(add_file(library, uploaded(tmp_path, "a.txt", TEXT), allowed))
    assert (name, status) == ("a.txt", "refused")
    assert reason == "was still being embedded after 0 s: split it, and add it in parts"


def test_a_reader_that_was_taken_over_cannot_touch_the_articles_of_other_places(library, tmp_path):
    kept = uploaded(tmp_path, "kept.txt", "It stays. It is old.")
    (before,) = library.add(kept.path)
    place = kept.path.as_posix()
    forged = replace(next(load(kept.path)).article, id="0" * 16, text="It is forged. It is new.")
    claims = [Loaded(place, place, forged), Outcome(f"{place}#7", "refused", "nothing")]
    received = ("/received/x.txt", "upload/0/x.txt", "x.txt")
    found = told(add_as(library, claims, *received, library.chunks, ALLOWED))
    assert found == [("x.txt", "added", ""), ("x.txt#7", "refused", "nothing")]
    assert {article.id for article in library.articles()} == {before.article_id, "0" * 16}


def test_each_file_ends_as_added_unchanged_or_refused_under_its_own_name(library, tmp_path):
    first = add_file(library, uploaded(tmp_path, "ferry.txt", TEXT), ALLOWED)
    assert told(first) == [("ferry.txt", "added", "")]
    assert library.article(first[0].article_id).uri == "ferry.txt"
    for name in ("ferry.txt", "copy.txt"):
        again = add_file(library, uploaded(tmp_path, name, TEXT), ALLOWED)
        assert told(again) == [(name, "unchanged", "it is in the library already")]
    (broken,) = add_file(library, uploaded(tmp_path, "broken.pdf", b"%PDF-1.7"), ALLOWED)
    assert (broken.source, broken.status) == ("broken.pdf", "refused")
    assert broken.reason.startswith("is not a readable PDF")


def test_another_text_under_the_same_name_replaces_nothing(library, tmp_path):
    add_file(library, uploaded(tmp_path, "note.txt", TEXT), ALLOWED)
    add_file(library, uploaded(tmp_path, "note.txt", "The ferry sank. Nobody was on it."), ALLOWED)
    assert len(library) == 2


def test_records_of_one_file_are_told_apart(library, tmp_path):
    data = '{"text": "One ship."}\n{"text": ""}\n{"text": "Two ships."}'
    found = told(add_file(library, uploaded(tmp_path, "ships.jsonl", data), ALLOWED))
    assert [(source, status) for source, status, _ in found] == [
        ("ships.jsonl#1", "added"), ("ships.jsonl#2", "refused"), ("ships.jsonl#3", "added"),
    ]  # fmt: skip


def test_limits_on_number_size_sum_and_kind_are_checked_before_anything_is_read(tmp_path):
    allowed = Allowed(files=4, file_mb=1, total_mb=2)
    names = ["a.txt", "b.exe", "c.txt", "d.txt", "e.txt", "f.txt", "g"]
    sizes = [900_000, 5, 1_100_000, 900_000, 5, 5, 5]
    uploads = [uploaded(tmp_path, name, b"x" * size) for name, size in zip(names, sizes, strict=True)]
    found = objections(uploads, allowed)
    assert found[0] == found[3] == ""
    assert found[1].startswith('the extension ".exe" is not supported; supported are .txt')
    assert found[2].startswith("has 1,100,000 bytes, more than the limit of 1 MB")
    assert found[4] == "is beyond the limit of 4 files at once: add it with the next"
    assert found[6].startswith("a file without an extension is not supported")
    many = objections([uploaded(tmp_path, "h.txt", b"x" * 900_000) for _ in range(3)], allowed)
    assert many == ["", "", "is beyond the limit of 2 MB at once: add it with the next"]
    gone = Upload("i.txt", tmp_path / "gone.txt")
    empty = uploaded(tmp_path, "j.txt", b"")
    assert [text.partition(":")[0] for text in objections([gone, empty], allowed)] == [
        "disappeared before it was read", "is empty",
    ]  # fmt: skip


def test_only_web_addresses_are_taken_never_paths_of_the_server(library, tmp_path):
    own = tmp_path / "own.txt"
    own.write_text("The server's own. Keep it so.", encoding="utf-8")
    for address in (str(own), own.as_uri(), "news.example/page", "", "https://", "https://a b", "~/own.txt"):
        ((_, status, reason),) = told(add_address(library, address, ALLOWED))
        assert (status, reason.partition(":")[0]) == ("refused", "is not a web address")
    ((source, _, reason),) = told(add_address(library, "http://localhost/page#part", ALLOWED))
    assert source == "http://localhost/page"
    assert "not an address on the public internet" in reason
    assert len(library) == 0


def test_a_library_that_another_process_writes_to_refuses_the_file_with_that_reason(library, tmp_path):
    with opened(library.path) as other, other._store.change("another"):
        ((_, status, reason),) = told(add_file(library, uploaded(tmp_path, "a.txt", TEXT), ALLOWED))
    assert status == "refused"
    assert "is in use by" in reason


def shelf(root: Path, *, bundled: bool = True) -> Shelf:
    return Shelf(
        root, open_at=opened, open_bundled=(lambda: opened(root.parent / "seeds")) if bundled else None
    )


def test_a_shelf_holds_the_bundled_library_and_the_user_s_own_and_keeps_them(tmp_path):
    with shelf(tmp_path / "shelf") as first:
        assert first.names() == (BUNDLED,)
        created = first.create("  The  port ")
        assert first.open("The port") is created
        created.add_loaded([])
        first.create("alpha")
        assert first.names() == (BUNDLED, "alpha", "The port")
        assert [first.is_read_only(name) for name in first.names()] == [True, False, False]
        assert first.open(BUNDLED) is first.open(BUNDLED)
    with shelf(tmp_path / "shelf", bundled=False) as second:
        assert second.names() == ("alpha", "The port")
        assert len(second.open("alpha")) == 0


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", "../up", "a/b", "a\\b", "/etc", ".hidden", "-rf", "a\0b", "a:b", "CON", "nul.txt",
     "x" * 61, "a.", "The Port", "example articles", "a\u202eb", "~"],
)  # fmt: skip
def test_a_name_that_is_taken_or_could_lead_elsewhere_makes_no_library(tmp_path, name):
    with shelf(tmp_path / "shelf") as own:
        own.create("The port")
        before = sorted(tmp_path.rglob("library.sqlite"))
        with pytest.raises(LibraryError, match=r"cannot be called|There is a library"):
            own.create(name)
        assert sorted(tmp_path.rglob("library.sqlite")) == before


def test_only_what_stands_on_the_shelf_can_be_opened(tmp_path):
    opened(tmp_path / "elsewhere").close()
    with shelf(tmp_path / "shelf") as own:
        own.create("mine")
        (tmp_path / "shelf" / "empty").mkdir()
        if os.name == "posix":
            (tmp_path / "shelf" / "link").symlink_to(tmp_path / "elsewhere")
        assert own.names() == (BUNDLED, "mine")
        for name in ("../elsewhere", str(tmp_path / "elsewhere"), "link", "empty", ""):
            with pytest.raises(LibraryError, match="There is no library"):
                own.open(name)


def test_a_library_made_anew_under_the_same_name_is_opened_anew(tmp_path):
    with shelf(tmp_path / "shelf") as own:
        earlier = own.create("mine")
        (tmp_path / "shelf" / "mine").rename(tmp_path / "moved")
        assert own.names() == (BUNDLED,)
        opened(tmp_path / "shelf" / "mine").close()
        assert own.open("mine") is not earlier


def test_each_visitor_asks_the_library_they_want_or_the_first_when_there_is_none_of_that_name(tmp_path):
    wanted = ""
    with shelf(tmp_path / "shelf") as own:
        choice = Choice(own, lambda: wanted)
        assert (choice.name, choice.is_read_only()) == (BUNDLED, True)
        assert choice.create("The  port") == "The port"
        assert choice.name == BUNDLED
        wanted = "The port"
        assert (choice.library(), choice.is_read_only()) == (own.open("The port"), False)
        wanted = "../up"
        assert choice.name == BUNDLED
        wanted = "The port"
        (tmp_path / "shelf" / "The port").rename(tmp_path / "moved")
        assert choice.name == BUNDLED
    with shelf(tmp_path / "none", bundled=False) as none, pytest.raises(LibraryError, match="no library yet"):
        Choice(none, lambda: "").library()


def test_a_copy_holds_the_same_articles_can_be_added_to_and_leaves_the_first_as_it_was(tmp_path):
    with shelf(tmp_path / "shelf") as own:
        choice = Choice(own, lambda: BUNDLED)
        examples = own.open(BUNDLED)
        path = tmp_path / "note.txt"
        path.write_text("The pier was full. Nobody left.", encoding="utf-8")
        examples.add(path)
        name = choice.copy(choice.free_name("Mine"))
        copy = own.open(name)
        assert [one.id for one in copy.articles()] == [one.id for one in examples.articles()]
        assert copy.search("pier")[0].chunk.text.startswith("The pier was full.")
        other = tmp_path / "other.txt"
        other.write_text("The mill is old.", encoding="utf-8")
        copy.add(other)
        assert (len(copy), len(examples)) == (len(examples) + 1, len(list(examples.articles())))
        assert not own.is_read_only(name)
        assert choice.free_name("Mine") == "Mine 2"
        assert choice.free_name("mine") == "mine 2"


def test_where_nothing_may_be_changed_a_library_can_be_wanted_and_none_made(tmp_path):
    with shelf(tmp_path / "shelf") as own:
        own.create("The port")
        choice = Choice(own, lambda: "The port", fixed=True)
        assert (choice.name, choice.is_read_only()) == ("The port", True)
        with pytest.raises(LibraryError, match="none can be made"):
            choice.create("alpha")
        assert own.names() == (BUNDLED, "The port")


def test_a_list_shows_a_page_of_articles_without_reading_all_of_them(listed, tmp_path):
    records = [
        {"text": "One.", "title": "Ärger in Köln", "publisher": "Morning Post", "published": "2026-07-03"},
        {
            "text": "Two.",
            "title": "B",
            "publisher": "morning post ",
            "author": "Ann Lee",
            "published": "2026",
        },
        {"text": "Three whole words. " * 100},
        {"text": "Four.", "title": "D"},
    ]
    path = tmp_path / "news.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    listed.add(path)

    def ids(**wanted) -> list[str]:
        return [(one.title or one.opening[:5]) for one in listed.listing(**wanted).articles]

    assert ids() == ["B", "Ärger in Köln", "D", "Three"]
    assert (listed.listing(first=1, most=2).total, ids(first=1, most=2)) == (4, ["Ärger in Köln", "D"])
    assert ids(sought="ÄRGER köln") == ["Ärger in Köln"]
    assert ids(sought="ann B") == ["B"]
    assert ids(sought="three words") == ["Three"]
    assert ids(sought="news.json") == ["B", "Ärger in Köln", "D", "Three"]
    assert ids(sought="' OR 1 --") == ids(sought="%") == []
    assert ids(publishers=["Morning Post"], since="2026-07", until="2026-07-01") == ["B"]
    assert listed.listing(sought="three").articles[0].characters == 1900
    assert [(name.strip().casefold(), number) for name, number in listed.publishers()] == [
        ("morning post", 2)
    ]
    assert all(isinstance(one, Loaded) for one in load(path))


NEWS = [
    {"text": "The ferries carried 40 people. All are well.", "title": "B", "publisher": "Post", "published": "2026-07-03"},
    {"text": "A ferry sank. Its crew swam.", "title": "a", "publisher": "post ", "published": "2026-07"},
    {"text": "Bread was baked. " * 40 + "The crew of the ferry ate it.", "title": "C", "publisher": "Oven", "published": "2025"},
    {"text": "Ferry tales are told. Nobody knows by whom.", "published": "2026-08-01"},
    {"text": "Nothing happened. It was calm.", "title": "Ferry", "publisher": "Calm"},
]  # fmt: skip


@pytest.fixture
def news(listed, tmp_path):
    path = tmp_path / "news.json"
    path.write_text(json.dumps(NEWS), encoding="utf-8")
    listed.add(path)
    return listed


def names(found):
    return [one.title or "untitled" for one in found.articles]


def test_words_are_found_in_titles_and_in_any_form_in_texts_which_then_show_where(news):
    assert set(names(news.listing(sought="ferry"))) == {"untitled", "B", "a", "C", "Ferry"}
    assert names(news.listing(sought="ferry crew")) == ["a", "C"]
    assert names(news.listing(sought="crew post")) == ["a"]  # one in the text, one the publisher
    assert news.listing(sought="ferry tractor").total == 0
    (found,) = news.listing(sought="baked crew").articles
    text = next(one.text for one in news.articles() if one.title == "C")
    excerpt = found.excerpt
    assert text[excerpt.start : excerpt.start + len(excerpt.text)] == excerpt.text
    assert len(excerpt.text) <= 180
    assert {text[mark.start : mark.end] for mark in excerpt.marks} <= {"baked", "crew"}
    assert excerpt.marks
    by_title = {one.title: one.excerpt for one in news.listing(sought="ferry").articles}
    assert by_title["Ferry"] is None  # the title shows it
    assert "ferries" in by_title["B"].text
