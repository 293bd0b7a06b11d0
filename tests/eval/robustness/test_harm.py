"""What a file or a folder may hold or be to harm its reader: it ends as an outcome, and the rest is read."""

import os

import pytest

from eval.robustness.mutants import originals, unzip, zip_parts
from eval.robustness.small_library import open_library
from index.errors import SourceRefused
from index.records import Outcome
from index.sources.formats import parse
from index.sources.load import Loaded, load
from index.sources.metadata import Document
from qa.export.text import outcome_text


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("key.json", b'{"\\ud800\\n\\u001b[2J": 1}'),
        ("key.jsonl", b'{"\\u2028\\udfff": 1}\n'),
        ("head.csv", b"\x1b[2J,\x07title\nIt rose."),
        ("long.json", b'{"' + b"k" * 100_000 + b'": 1}'),
    ],
    ids=["json", "jsonl", "csv", "long"],
)
def test_a_reason_that_quotes_a_file_is_one_short_line_that_can_be_printed(name, data, tmp_path):
    (tmp_path / name).write_bytes(data)
    (outcome,) = load(tmp_path / name)
    assert isinstance(outcome, Outcome)
    assert outcome.status == "refused"
    assert outcome.reason.isprintable()
    assert len(outcome.reason) < 700
    outcome_text(outcome).encode()


def test_a_number_of_thousands_of_digits_in_front_matter_leaves_the_text_as_it_is():
    text = f"+++\na = {'9' * 6_000}\n+++\nThe text."
    (document,) = parse(".md", text.encode(), max_bytes=100_000)
    assert isinstance(document, Document)
    assert document.text == text


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("a = " + "9" * 4_900, "is not valid TOML: Exceeds the limit"),
        ("a." * 500_000 + "a = 1", "line 1 has 1,000,005 characters, more than 5,000"),
        ("# of many files\n" * 320_000, "is larger than 5,000,000 bytes"),
        ('["a\\nb\\u001b.txt"]\ntitle = "A"', '"a b .txt" names no file in this folder'),
    ],
    ids=["digits", "dots", "size", "control characters"],
)
def test_a_sidecar_that_would_crash_or_stall_its_reader_is_refused_and_the_articles_go_on(
    written, reason, tmp_path
):
    (tmp_path / "note.txt").write_text("It rose on Monday.", encoding="utf-8")
    (tmp_path / "articles.toml").write_text(written, encoding="utf-8")
    refusal, article = load(tmp_path)
    assert isinstance(refusal, Outcome)
    assert isinstance(article, Loaded)
    assert refusal.reason.startswith(reason)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_word_document_with_a_dtd_is_refused_wherever_the_dtd_stands(encoding):
    parts = unzip(originals(".docx")[0])
    document = parts["word/document.xml"].decode().partition("?>")[2]
    dtd = f"<!--{'x' * 9_000}--><!DOCTYPE d [<!ENTITY e 'It rose.'>]>"
    parts["word/document.xml"] = (dtd + document).encode(encoding)
    with pytest.raises(SourceRefused, match=r"declares a DTD in word/document\.xml"):
        parse(".docx", zip_parts(parts), max_bytes=1_000_000)


def test_a_sidecar_that_is_a_pipe_is_refused_and_not_waited_for(tmp_path):
    (tmp_path / "note.txt").write_text("It rose on Monday.", encoding="utf-8")
    os.mkfifo(tmp_path / "articles.toml")
    refusal, article = load(tmp_path)
    assert isinstance(refusal, Outcome)
    assert refusal.reason.startswith("is not a regular file: its metadata was not used")
    assert isinstance(article, Loaded)


def test_a_device_behind_a_link_is_refused_and_not_read(tmp_path):
    (tmp_path / "endless.txt").symlink_to("/dev/zero")
    (unfollowed,) = load(tmp_path)
    assert isinstance(unfollowed, Outcome)
    assert "is a link out of the folder" in unfollowed.reason
    (outcome,) = load(tmp_path, follow_links=True)
    assert outcome == Outcome(
        str(tmp_path / "endless.txt"), "refused", "is not a regular file: copy what it holds into one"
    )


def test_files_that_vanish_or_grow_after_they_were_listed_are_refused_and_the_rest_goes_on(tmp_path):
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        (tmp_path / name).write_text(f"File {name} was read on Monday.", encoding="utf-8")
    found = load(tmp_path, max_bytes=100)
    assert isinstance(next(found), Loaded)
    (tmp_path / "b.txt").unlink()
    (tmp_path / "c.txt").write_text("longer " * 100, encoding="utf-8")
    gone, grown, last = found
    assert isinstance(gone, Outcome)
    assert gone.reason == "does not exist: check the path"
    assert isinstance(grown, Outcome)
    assert grown.reason.startswith("has 700 bytes, more than the limit of 100")
    assert isinstance(last, Loaded)


def test_names_with_control_characters_long_names_and_deep_folders_are_added_and_told_in_one_line(tmp_path):
    deep = tmp_path.joinpath(*["deeper"] * 200)
    deep.mkdir(parents=True)
    names = ["a\n\x1b[2Jb.txt", "\u202etxt.exe.txt", f"{'n' * 251}.txt"]
    for file in [*(tmp_path / name for name in names), deep / "last.txt"]:
        file.write_text(f"It is called {len(str(file))}, and {file.name[:3]!r}.", encoding="utf-8")
    with open_library(tmp_path / ".library") as library:
        outcomes = library.add(tmp_path)
    assert [outcome.status for outcome in outcomes] == ["added"] * 4
    for outcome in outcomes:
        assert not {"\n", "\x1b", "\u202e"} & set(outcome_text(outcome))
