"""Looking after a library: what is damaged is told and made anew, copies stand, older versions are read."""

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager

import pytest

from eval.robustness.small_library import WordHashEmbedder, contents, open_library, write_articles
from index.care.backup import backup
from index.care.check import check
from index.care.repair import repair
from index.errors import LibraryError
from index.library import Library
from index.local.schema import FILE, SCHEMA_VERSION
from index.records import Outcome
from index.refusals import keep_refusals, read_refusals
from qa.cli import main
from tests.older import as_version, change_text

WORD = "backlog"
NO_VECTOR = "UPDATE chunk SET vector = zeroblob(length(vector))"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A library of twelve articles, for copying."""
    work = tmp_path_factory.mktemp("made")
    write_articles(work / "articles", version=0)
    with open_library(work / "library") as library:
        library.add(work / "articles")
    return work / "library"


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "library")


@contextmanager
def rows_of(folder):
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as connection:
        yield connection


def held(folder):
    with open_library(folder) as library:
        return contents(library)


def change_a_letter(folder, number):
    """In the text of one article, past SQLite: as a disk may."""
    with rows_of(folder) as rows:
        ((key, name),) = rows.execute("SELECT key, uri FROM article ORDER BY key LIMIT 1 OFFSET ?", (number,))
    change_text(folder, "article", key, lambda text: text.replace(WORD, "backlug"))
    return name


def test_a_changed_letter_is_told_before_it_is_quoted(folder):
    name = change_a_letter(folder, 4)
    with open_library(folder) as library, pytest.raises(LibraryError, match=r"damaged.*whosays repair"):
        list(library.articles())
    (finding,) = check(folder).findings
    assert finding.means == "lost"
    assert name in finding.says


def test_a_repair_keeps_all_but_the_changed_article_and_names_it(folder, made):
    name = change_a_letter(folder, 4)
    done = repair(folder, embedder=WordHashEmbedder())
    assert len(done.lost) == 1
    assert name in done.lost[0]
    assert check(folder).sound
    assert done.kept.exists()
    with open_library(folder) as library:
        assert len(library) == 11
        library.add(name)
    assert held(folder)[0] == held(made)[0]


def test_damaged_passages_and_vectors_are_made_again_from_the_text(folder, made):
    with rows_of(folder) as rows:
        rows.execute(f"{NO_VECTOR} WHERE key = 7")
        rows.execute("DELETE FROM chunk WHERE key = 60")
    change_text(folder, "chunk", 30, str.upper)
    assert {finding.means for finding in check(folder).findings} == {"derived"}
    done = repair(folder, embedder=WordHashEmbedder())
    assert (done.renewed, done.lost) == (3, ())
    assert held(folder) == held(made)


def test_a_repair_with_another_embedder_is_refused_and_changes_nothing(folder):
    with rows_of(folder) as rows:
        rows.execute(f"{NO_VECTOR} WHERE key = 7")
    other = WordHashEmbedder()
    other.name = "another"
    with pytest.raises(LibraryError, match="built with the embedder word-hash-64 and cannot be mended"):
        repair(folder, embedder=other)
    assert not check(folder).sound


def test_without_its_manifest_a_library_is_mended_with_the_embedder_that_gives_its_vectors(folder, made):
    with rows_of(folder) as rows:
        rows.execute("UPDATE manifest SET value = 'word-hash-65' WHERE name = 'embedder'")
    with pytest.raises(LibraryError, match="damaged: what it was built with"):
        open_library(folder)

    class Other(WordHashEmbedder):
        def embed(self, texts, *, query=False):
            return super().embed(texts, query=query)[:, ::-1].copy()

    with pytest.raises(LibraryError, match="no longer says which embedder"):
        repair(folder, embedder=Other())
    assert repair(folder, embedder=WordHashEmbedder()).lost == ()
    assert held(folder) == held(made)


def test_a_backup_made_while_somebody_writes_holds_whole_changes(folder, made, tmp_path):
    write_articles(tmp_path / "more", version=1)
    before = held(made)
    with open_library(folder) as library:
        writer = threading.Thread(target=library.add, args=(tmp_path / "more",))
        writer.start()
        copies = [backup(folder, tmp_path / f"backup-{number}") for number in range(4)]
        writer.join()
        after = contents(library)
    assert all(copy.found.sound for copy in copies)
    assert {held(copy.folder) for copy in copies} <= {before, after}
    assert held(backup(folder, tmp_path / "last").folder) == after


@pytest.mark.parametrize("name", ["rulings", "notebook", "publishers", "refusals"])
def test_a_backup_holds_what_people_did_up_to_the_last_whole_line(folder, tmp_path, name):
    (folder / f"{name}.jsonl").write_bytes(b'{"one": 1}\n{"two"')
    backup(folder, tmp_path / "backup")
    assert (tmp_path / "backup" / f"{name}.jsonl").read_bytes() == b'{"one": 1}\n'


def test_why_files_were_not_added_is_known_in_the_backup_too(folder, tmp_path):
    keep_refusals(folder, [Outcome("setup.exe", "refused", "is a program")])
    backup(folder, tmp_path / "backup")
    restored = read_refusals(tmp_path / "backup")
    assert [(one.source, one.reason) for one in restored] == [("setup.exe", "is a program")]


def test_a_backup_goes_nowhere_where_something_stands(folder, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    with pytest.raises(LibraryError, match=r"is not empty, it holds letter\.txt: name a new folder"):
        backup(folder, tmp_path / "full")
    with pytest.raises(LibraryError, match="lies in the library itself"):
        backup(folder, folder / "inside")
    assert not (folder / "inside").exists()


def version(folder):
    with rows_of(folder) as rows:
        return rows.execute("PRAGMA user_version").fetchone()[0]


def test_a_library_of_the_first_version_is_read_as_it_is_and_upgraded_by_a_change(folder, made, tmp_path):
    as_version(folder, 1)
    assert held(folder) == held(made)
    assert version(folder) == 1
    assert check(folder).sound
    write_articles(tmp_path / "more", version=1)
    with open_library(folder) as reader:
        before = contents(reader)
        with open_library(folder) as library:
            library.add(tmp_path / "more")
            assert contents(library) == contents(reader) != before
    assert version(folder) == SCHEMA_VERSION
    found = check(folder)
    assert found.sound
    assert found.unsummed == 12
    with rows_of(folder) as rows:  # what was added since is under checksums
        rows.execute(f"{NO_VECTOR} WHERE key = (SELECT max(key) FROM chunk)")
    assert not check(folder).sound


def test_a_library_moved_or_replaced_while_it_is_open_says_so(folder, made, tmp_path):
    with open_library(folder) as library:
        folder.rename(tmp_path / "moved")
        with pytest.raises(LibraryError, match="moved or replaced since it was opened"):
            library.search(WORD)
        shutil.copytree(made, folder)
        with pytest.raises(LibraryError, match="moved or replaced since it was opened"):
            library.add(made)
    assert held(tmp_path / "moved") == held(folder) == held(made)


def test_a_library_copied_while_it_is_open_is_a_library(folder, made, tmp_path):
    with open_library(folder) as library:
        library.search(WORD)
        shutil.copytree(folder, tmp_path / "copy")
        assert held(tmp_path / "copy") == contents(library) == held(made)


def test_check_and_repair_do_not_make_a_library_where_there_is_none(tmp_path):
    for look in (check, repair):
        with pytest.raises(LibraryError, match="There is no library at"):
            look(tmp_path / "none")
        with pytest.raises(LibraryError, match="kept by Milvus"):
            look(tmp_path / "library.db")
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_checks_repairs_and_copies(tmp_path, capsys):
    (tmp_path / "mill.txt").write_text("The mill in Aarup employs 120 people. It was built in 1912.")
    (tmp_path / "strike.txt").write_text("Workers at the Aarup mill went on strike on Monday.")
    library = ["--library", str(tmp_path / "library")]
    assert main(["add", str(tmp_path / "mill.txt"), str(tmp_path / "strike.txt"), *library]) == 0
    (tmp_path / "library" / "rulings.jsonl").write_text("no ruling\n")
    (tmp_path / "library" / "notebook.jsonl").write_text(
        '{"do": "keep", "clipping": {}}\n{"do": "move"}\n{"do\n'
    )
    (tmp_path / "library" / "refusals.jsonl").write_text('{"source": 1}\n')
    assert main(["check", *library]) == 0
    told = capsys.readouterr().out
    assert "2 articles: everything is as it was written" in told
    assert "1 line of rulings.jsonl cannot be read: rule again where one is gone" in told
    assert "2 lines of notebook.jsonl cannot be read: keep again what is missing" in told
    assert "1 line of refusals.jsonl cannot be read: add again what you miss" in told
    assert main(["check", *library, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [told[f"{name}_passed_over"] for name in ("rulings", "notebook", "refusals")] == [1, 2, 1]
    assert main(["backup", str(tmp_path / "copy"), *library]) == 0
    for key in (1, 2):
        change_text(tmp_path / "library", "article", key, lambda text: text.replace("120", "210"))
    capsys.readouterr()
    assert main(["check", *library, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["sound"] is False
    assert main(["ask", "How many people does the mill employ?", *library]) != 0
    assert "whosays repair --library" in capsys.readouterr().err
    assert main(["repair", *library]) == 1
    told = capsys.readouterr().out
    assert "mill.txt" in told
    assert "strike.txt" not in told
    assert main(["check", *library]) == 0
    with Library.open(tmp_path / "copy", create=False) as copy:
        assert len(copy) == 2


FILLING = """
import resource, sys
from index.care.backup import backup
from index.errors import LibraryError

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    backup(sys.argv[1], sys.argv[2])
except LibraryError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no file's size")
def test_where_there_is_no_room_for_a_backup_the_backup_is_named_and_not_the_library(folder, tmp_path):
    target, size = tmp_path / "backup", (folder / "library.sqlite").stat().st_size
    ran = subprocess.run(
        [sys.executable, "-c", FILLING, str(folder), str(target), str(size // 2)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert ran.stdout.startswith(f"The backup {target} cannot be written (")
    assert "free space, or name another" in ran.stdout
    assert not list(target.glob("library*"))
