"""A file, a folder, a sidecar: each input ends as an article or as a refusal, and the rest goes on."""

import json
import os
import shutil
import socket
import subprocess
import sys
import unicodedata
from itertools import islice
from pathlib import Path, PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import SourceRefused
from index.records import Article, Outcome
from index.sources.load import Loaded, article_id, load, origins
from index.sources.sidecar import SIDECAR
from index.sources.walk import LEADS_OUT
from tests.paths import ROOT, SEEDS

ACME = "Acme has won an order worth 10 trillion won. Deliveries begin in June."


def articles(source: Path | str, **options: int) -> list[Article]:
    found = list(load(source, **options))
    assert all(isinstance(one, Loaded) for one in found), found
    return [one.article for one in found if isinstance(one, Loaded)]


def refusals(source: Path | str, **options: int) -> dict[str, str]:
    """Reason by the last part of the source."""
    found = [one for one in load(source, **options) if isinstance(one, Outcome)]
    assert all(one.status == "refused" and one.article_id is None for one in found)
    return {PurePath(one.source).name: one.reason for one in found}


def test_a_text_file_is_one_article_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "acme.txt"
    file.write_text(ACME, encoding="utf-8")
    assert list(load(file)) == [
        Loaded(
            place=str(file),
            origin=str(file),
            article=Article(id=article_id(ACME), uri=file.as_posix(), text=ACME),
        )
    ]


@given(text=st.text().filter(lambda text: text.strip() and "\0" not in text))
def test_any_utf8_text_is_loaded_exactly_with_its_newlines_normalised(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    text = text.removeprefix("\ufeff")
    if not text.strip() or text.startswith("\ufeff"):
        return
    file = tmp_path_factory.getbasetemp() / "any.txt"
    file.write_bytes(text.encode())
    assert [one.text for one in articles(file)] == [text.replace("\r\n", "\n").replace("\r", "\n")]


def test_a_byte_order_mark_and_carriage_returns_are_read_not_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfOne.\r\nTwo.\rThree.\n")
    assert articles(tmp_path)[0].text == "One.\nTwo.\nThree.\n"


def test_the_id_is_made_of_the_content_and_not_of_the_path(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(ACME, encoding="utf-8")
    first, second = articles(tmp_path)
    assert first.id == second.id == article_id(ACME)
    assert first.uri != second.uri
    assert len(first.id) == 16
    assert int(first.id, 16) > 0


def test_ids_differ_as_soon_as_one_field_does() -> None:
    ids = {
        article_id("a", "b"),
        article_id("a", None, "b"),
        article_id("ab", ""),
        article_id("ab"),
        article_id('a", "b'),
        article_id("a", "b", url="https://example.org"),
    }
    assert len(ids) == 6


def test_the_id_of_a_content_stays_the_same_for_good() -> None:
    assert article_id("Ünïcode 🔥", "T", "P", "A", "2026", "https://example.org/") == "69fde0979dab8ac3"


def test_each_flaw_gets_its_own_refusal_and_the_rest_goes_on(tmp_path: Path) -> None:
    for name, data in {
        "binary.txt": b"\x89PNG\0\0",
        "blank.txt": b" \n\t\r\n",
        "broken.json": b'{"text": "a",\n "title": }',
        "empty.txt": b"",
        "good.txt": ACME.encode(),
        "huge.txt": b"x" * 200,
        "invalid.txt": "Größe und Zeichen – überall".encode() + b"\xff\xfe",
        "marked.txt": b"\xef\xbb\xbf",
        "notes.xyz": b"Notes.",
        "README": b"hello",
    }.items():
        (tmp_path / name).write_bytes(data)
    found = list(load(tmp_path, max_bytes=150))
    assert [one.place for one in found if isinstance(one, Loaded)] == [str(tmp_path / "good.txt")]
    reasons = refusals(tmp_path, max_bytes=150)
    supported = ".txt .md .markdown .html .htm .pdf .docx .json .jsonl .csv .eml"
    assert reasons == {
        "README": f"a file without an extension is not supported; supported are {supported}",
        "binary.txt": "holds a NUL byte (byte 4), so it is binary, or UTF-16 without a byte order mark: "
        "save it as UTF-8 and add it again if it is text",
        "blank.txt": "is empty: there is nothing to add",
        "broken.json": "is not valid JSON at line 2, column 11: Expecting value",
        "empty.txt": "is empty: there is nothing to add",
        "huge.txt": "has 200 bytes, more than the limit of 150: raise max_bytes (setting max_file_mb), or split it",
        "invalid.txt": "invalid UTF-8 at byte 32 (0xff), and no other encoding is certain: save it as UTF-8 "
        "and add it again",
        "marked.txt": "is empty: there is nothing to add",
        "notes.xyz": f'the extension ".xyz" is not supported; supported are {supported}',
    }


def test_a_file_of_exactly_the_limit_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 150)
    assert len(articles(tmp_path, max_bytes=150)) == 1


def test_a_folder_is_read_in_order_without_hidden_files_and_without_the_sidecar(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/.hidden.txt", ".git/x.txt", "c/d/e.TXT", "a.txt"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"This is {name}.", encoding="utf-8")
    (tmp_path / "articles.toml").write_text('["b.txt"]\ntitle = "B"\n', encoding="utf-8")
    expected = [str(tmp_path / name) for name in ("a.txt", "b.txt", "a/z.txt", "c/d/e.TXT")]
    assert [one.place for one in load(tmp_path) if isinstance(one, Loaded)] == expected
    assert list(origins(tmp_path)) == expected


def test_a_folder_streams(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number:02}.txt").write_text(f"Article {number}.", encoding="utf-8")
    stream = load(tmp_path)
    assert len(list(islice(stream, 2))) == 2
    (tmp_path / "02.txt").write_text("Written after the first two were taken.", encoding="utf-8")
    third = next(stream)
    assert isinstance(third, Loaded)
    assert third.article.text == "Written after the first two were taken."


def test_a_hidden_file_that_is_named_itself_is_loaded(tmp_path: Path) -> None:
    (tmp_path / ".draft.txt").write_text(ACME, encoding="utf-8")
    assert articles(tmp_path / ".draft.txt")[0].text == ACME


def test_an_empty_folder_and_a_missing_path_are_refused(tmp_path: Path) -> None:
    assert "holds no files to read" in refusals(tmp_path)[tmp_path.name]
    assert refusals(tmp_path / "gone") == {"gone": "does not exist: check the path"}
    assert refusals(tmp_path / "gone.txt") == {"gone.txt": "does not exist: check the path"}
    (tmp_path / "a.txt").write_text(ACME, encoding="utf-8")
    assert list(refusals(tmp_path / "a.txt" / "b.txt")) == ["b.txt"]
    assert refusals("") == {"": "an empty name: give the path of a file or folder, or an http(s) address"}
    assert "NUL character" in refusals("a\0b.txt")["a\0b.txt"]
    assert "cannot be read" in next(iter(refusals("x" * 5000 + ".txt").values()))


def test_other_schemes_than_http_are_refused() -> None:
    assert "ftp:// is not read" in refusals("ftp://example.org/a.txt")["a.txt"]
    assert "file:// is not read" in refusals("file:///etc/a.txt")["a.txt"]


def test_links_in_a_circle_and_links_to_nothing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ACME, encoding="utf-8")
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "broken.txt").symlink_to(tmp_path / "gone.txt")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    (tmp_path / "good.txt").symlink_to(tmp_path / "a.txt")
    found = list(load(tmp_path))
    assert [Path(one.place).name for one in found if isinstance(one, Loaded)] == ["a.txt", "good.txt"]
    reasons = refusals(tmp_path)
    assert reasons["again"] == "is a link back to a folder that it lies in: not followed"
    assert reasons["broken.txt"] == "is a link to nothing: mend or remove it"
    assert "cannot be read (Too many levels of symbolic links)" in reasons["self.txt"]


def test_links_out_of_a_folder_are_followed_only_where_that_is_asked_for(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    (own / "below").mkdir(parents=True)
    other.mkdir()
    (other / "secret.txt").write_text(ACME, encoding="utf-8")
    (other / SIDECAR).write_text('["inside.txt"]\ntitle = "Secret"\n', encoding="utf-8")
    (own / "inside.txt").write_text(ACME.replace("Acme", "Emca"), encoding="utf-8")
    (own / "below" / "up.txt").symlink_to(own / "inside.txt")
    (own / "file.txt").symlink_to(other / "secret.txt")
    (own / "folder").symlink_to(other)
    (own / SIDECAR).symlink_to(other / SIDECAR)
    found = [one for one in load(own) if isinstance(one, Loaded)]
    assert [Path(one.place).name for one in found] == ["inside.txt", "up.txt"]
    assert found[0].article.title != "Secret"
    assert refusals(own) == dict.fromkeys([SIDECAR, "file.txt", "folder"], LEADS_OUT)
    assert [Path(one).name for one in origins(own)] == ["inside.txt", "up.txt"]
    followed = [one for one in load(own, follow_links=True) if isinstance(one, Loaded)]
    assert {Path(one.place).name for one in followed} == {"file.txt", "inside.txt", "up.txt", "secret.txt"}
    # What is named itself is meant, wherever it leads.
    (tmp_path / "named").symlink_to(own)
    assert [Path(one.place).name for one in load(tmp_path / "named") if isinstance(one, Loaded)] == [
        "inside.txt",
        "up.txt",
    ]


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert refusals(tmp_path) == {"pipe.txt": "is not a regular file: copy what it holds into one"}


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.txt")
        assert refusals(tmp_path) == {"s.txt": "is not a regular file: copy what it holds into one"}


def test_what_may_not_be_read_is_refused(tmp_path: Path) -> None:
    """In a process that may read no more than its owner, also where root runs the tests."""
    (tmp_path / "open.txt").write_text(ACME, encoding="utf-8")
    (tmp_path / "secret.txt").write_text(ACME, encoding="utf-8")
    (tmp_path / "secret.txt").chmod(0)
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked" / "inside.txt").write_text(ACME, encoding="utf-8")
    (tmp_path / "locked").chmod(0)
    script = "import json, sys; from tests.index.sources.test_load import refusals; print(json.dumps(refusals(sys.argv[1])))"
    limited = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    if limited and not shutil.which(limited[0]):
        pytest.skip("root may read everything, and there is no setpriv to hold it back")
    ran = subprocess.run(
        [*limited, sys.executable, "-c", script, str(tmp_path)],
        capture_output=True, text=True, check=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    (tmp_path / "locked").chmod(0o700)  # so that it can be deleted
    advice = "may not be read by you: change its permissions (chmod +r)"
    assert json.loads(ran.stdout) == {"secret.txt": advice, "locked": advice}


def test_a_name_that_is_not_utf8_is_refused_in_words_that_can_be_printed(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    try:
        (tmp_path / name).write_text(ACME, encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    assert refusals(tmp_path) == {"caf\\xe9.txt": "its name is not valid UTF-8: rename it and add it again"}


def test_a_limit_below_one_byte_is_an_error_of_the_caller() -> None:
    with pytest.raises(SourceRefused, match="max_bytes is 0: choose a limit of at least 1 byte"):
        load("a.txt", max_bytes=0)


def test_the_sidecar_beside_a_file_wins_over_what_the_file_states(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: Inside\nauthor: Ann\n---\nThe text.\n", encoding="utf-8")
    (tmp_path / "articles.toml").write_text(
        '["a.md"]\ntitle = "Beside"\npublisher = "The Herald"\npublished = 2026-07-03\n'
        'url = "https://example.org/a"\n',
        encoding="utf-8",
    )
    for source in (tmp_path, tmp_path / "a.md"):
        assert articles(source) == [
            Article(
                id=article_id(
                    "The text.\n", "Beside", "The Herald", "Ann", "2026-07-03", "https://example.org/a"
                ),
                uri="https://example.org/a",
                text="The text.\n",
                title="Beside",
                publisher="The Herald",
                author="Ann",
                published="2026-07-03",
            )
        ]


def test_a_sidecar_counts_for_its_own_folder_only(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for name in ("a.txt", "below/a.txt"):
        (tmp_path / name).write_text(ACME, encoding="utf-8")
    (tmp_path / "articles.toml").write_text('["a.txt"]\ntitle = "Above"\n', encoding="utf-8")
    assert [one.title for one in articles(tmp_path)] == ["Above", None]


def test_a_sidecar_finds_a_name_however_its_accents_are_written(tmp_path: Path) -> None:
    (tmp_path / unicodedata.normalize("NFD", "café.txt")).write_text(ACME, encoding="utf-8")
    (tmp_path / "articles.toml").write_text('["café.txt"]\ntitle = "T"\n', encoding="utf-8")
    assert articles(tmp_path)[0].title == "T"


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ('["a.txt"\ntitle = "A"', "is not valid TOML: .*line 1, column 9"),
        ('["a.txt"]\ntitel = "A"', 'line 2: unknown key "titel" for "a.txt"; .* did you mean title'),
        ('["a.txt"]\npublished = "03/07/2026"', 'line 2: published is "03/07/2026"; write 2026, 2026-07 or'),
        ('["a.txt"]\n\nurl = "example.org"', 'line 3: url is "example.org"; write a whole address'),
        ('["a.txt"]\ntitle = true', "line 2: title is True; write text in quotes"),
        ('title = "A"', 'line 1: "title" stands outside a table'),
    ],
)
def test_a_wrong_sidecar_is_refused_with_its_line_and_the_articles_go_on(
    tmp_path: Path, toml: str, reason: str
) -> None:
    (tmp_path / "a.txt").write_text(ACME, encoding="utf-8")
    (tmp_path / "articles.toml").write_text(toml, encoding="utf-8")
    refused, loaded = load(tmp_path)
    assert isinstance(refused, Outcome)
    assert isinstance(loaded, Loaded)
    assert refused.source == str(tmp_path / "articles.toml")
    with pytest.raises(SourceRefused, match=reason):
        raise SourceRefused(refused.reason)
    assert loaded.article.title is None


def test_a_sidecar_entry_for_no_file_is_refused_when_its_folder_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ACME, encoding="utf-8")
    toml = '["a.txt"]\ntitle = "A"\n["b.txt"]\ntitle = "B"\n'
    (tmp_path / "articles.toml").write_text(toml, encoding="utf-8")
    reason = '"b.txt" names no file in this folder: correct the name or remove the entry'
    assert refusals(tmp_path) == {"articles.toml": reason}
    assert [one.title for one in articles(tmp_path / "a.txt")] == ["A"]


def test_a_sidecar_named_as_a_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "articles.toml").write_text("", encoding="utf-8")
    assert "states metadata, it is no article" in refusals(tmp_path / "articles.toml")["articles.toml"]


def test_the_seeds_load_verbatim() -> None:
    seeds = SEEDS
    found = [one for one in load(seeds) if isinstance(one, Loaded) and one.place.endswith(".txt")]
    assert len(found) == 5
    for one in found:
        assert one.article.text == Path(one.place).read_text(encoding="utf-8")
