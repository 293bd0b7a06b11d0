"""The notebook of a library: kept, arranged and annotated; by many at once; held against the articles."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from index.care.backup import backup
from index.errors import LibraryError
from qa.conflicts.rulings import Rulings, rule
from qa.library import Library
from qa.notebook import store
from qa.notebook.clippings import NOTE_CHARS, clip_quote
from qa.notebook.document import document
from qa.notebook.outline import blocks
from qa.notebook.store import Notebook, count_passed_over
from qa.records import Answer, Citation, Conflict, ConflictCheck, Position
from tests.paths import ROOT
from tests.shelf import EMBEDDER
from tests.waits import LONGEST_S

FERRY = "The ferry Aurora came in late. It carried 40 people, the captain said. The pier was full."
POLICE = "Police said: the ferry carried 45 people. Nobody was hurt."
QUESTION = "How many people were on the ferry?"


def cite(article, quote: str, sentence: str) -> Citation:
    start, first = article.text.index(quote), article.text.index(sentence)
    return Citation(
        article.id, article.title, article.publisher, article.published, article.uri, start, start + len(quote),
        quote, sentence, first, first + len(sentence), 0.9, article.name,
    )  # fmt: skip


@pytest.fixture
def library(tmp_path):
    for name, text, publisher in (("ferry", FERRY, "Morning Post"), ("police", POLICE, "Evening News")):
        stated = {"text": text, "title": name.title(), "publisher": publisher, "published": "2026-07-03"}
        (tmp_path / f"{name}.json").write_text(json.dumps(stated))
    with Library.open(tmp_path / "library", embedder=EMBEDDER, chunk_tokens=60) as opened:
        opened.add(tmp_path / "ferry.json", tmp_path / "police.json")
        yield opened


@pytest.fixture
def forty(library) -> Citation:
    article = next(one for one in library.articles() if one.title == "Ferry")
    return cite(article, "40 people", "It carried 40 people, the captain said.")


@pytest.fixture
def dispute(library, forty) -> Conflict:
    article = next(one for one in library.articles() if one.title == "Police")
    other = cite(article, "45 people", "Police said: the ferry carried 45 people.")
    return Conflict("number", "“40 people” against “45 people”", (forty, other), 0.9, sides=(0, 1))


@pytest.fixture
def answer(forty, dispute) -> Answer:
    other = dispute.statements[1]
    return Answer(
        QUESTION, QUESTION, "answered", "40 people", 0.9, (forty,),
        (Position("40 people", (forty,), 1), Position("45 people", (other,), 1)),
        (dispute,), ConflictCheck("checked", 2, 2, 1), (),
    )  # fmt: skip


def kept(notebook: Notebook) -> list[str]:
    """What stands in it, in order: notes by their words, all else by kind."""
    return [one.note if one.kind == "note" else one.kind for one in notebook.clippings()]


def test_a_quote_a_disagreement_and_an_answer_are_kept_with_all_that_contradicts_them(
    library, answer, forty, dispute
):
    notebook = library.notebook
    notebook.keep(clip_quote(forty, question=QUESTION, beside=answer.conflicts), by="ida")
    notebook.keep(dispute, question=QUESTION)
    notebook.keep(answer)
    quote, disagreement, whole = Notebook(library.path, library.article).clippings()
    assert (quote.kind, quote.question, quote.by, quote.statements) == ("quote", QUESTION, "ida", (forty,))
    assert quote.conflicts == (dispute,)
    assert (disagreement.statements, disagreement.conflicts) == ((), (dispute,))
    assert (whole.statements, whole.conflicts) == ((forty,), (dispute,))
    assert [one.text for one in whole.others] == ["45 people"]
    assert whole.compared == "Compared 1 pair of statements from 2 sources."


def test_the_same_thing_kept_twice_is_one_clipping_and_stays_where_it_is(library, answer, forty):
    notebook = library.notebook
    first = notebook.keep(answer)
    notebook.keep(forty)
    notebook.comment(first.id, "mine")
    assert notebook.keep(answer) == replace(first, note="mine")
    assert kept(notebook) == ["answer", "quote"]


def test_what_does_not_stand_in_the_library_is_not_kept(library, forty):
    invented = replace(forty, quote="99 people")
    with pytest.raises(LibraryError, match="no longer stand in the library"):
        library.notebook.keep(invented)
    with pytest.raises(LibraryError, match="no longer in the library"):
        library.notebook.keep(replace(forty, article_id="0123456789abcdef"))
    nothing = Answer("Why?", "Why?", "unanswered", "", 0, (), (), (), ConflictCheck("not_checked"), ())
    with pytest.raises(LibraryError, match="quotes nothing"):
        library.notebook.keep(nothing)
    assert library.notebook.clippings() == ()


def test_clippings_move_up_and_down_as_far_as_there_are_places(library):
    notebook = library.notebook
    for name in "abcd":
        notebook.add_note(name)
    a, b, _, d = (one.id for one in notebook.clippings())
    assert notebook.move(a, 1) == 1
    assert kept(notebook) == ["b", "a", "c", "d"]
    assert notebook.move(d, -2) == 1
    assert kept(notebook) == ["b", "d", "a", "c"]
    assert notebook.move(b, -1) == 0
    assert notebook.move(b, 99) == 3
    assert kept(notebook) == ["d", "a", "c", "b"]


def test_what_is_removed_comes_back_to_its_place(library):
    notebook = library.notebook
    for name in "abc":
        notebook.add_note(name)
    b = notebook.clippings()[1].id
    notebook.remove(b)
    assert kept(notebook) == ["a", "c"]
    with pytest.raises(LibraryError, match="no longer in the notebook"):
        notebook.comment(b, "x")
    notebook.move(notebook.clippings()[0].id, 1)
    assert kept(notebook) == ["c", "a"]
    notebook.restore(b)
    notebook.restore(b)
    assert sorted(kept(notebook)) == ["a", "b", "c"]
    with pytest.raises(LibraryError, match="too long ago"):
        notebook.restore("never")


def test_what_was_removed_and_is_kept_again_stands_at_the_end_without_its_old_note(library, answer, forty):
    notebook = library.notebook
    own = notebook.keep(answer).id
    notebook.comment(own, "old")
    notebook.keep(forty)
    notebook.remove(own)
    notebook.keep(answer)
    assert [(one.kind, one.note) for one in notebook.clippings()] == [("quote", ""), ("answer", "")]


def test_notes_are_plain_text_of_bounded_length(library):
    notebook = library.notebook
    note = notebook.add_note("  first\r\nsecond\x1b[31m \x00 \n")
    assert note.note == "first\nsecond[31m"
    with pytest.raises(LibraryError, match=r"has 4,001 characters, and 4,000 are the most"):
        notebook.comment(note.id, "x" * (NOTE_CHARS + 1))
    with pytest.raises(LibraryError, match="needs some words"):
        notebook.comment(note.id, " \n")
    with pytest.raises(LibraryError, match="needs some words"):
        notebook.add_note("\x00")
    assert kept(notebook) == ["first\nsecond[31m"]


def test_a_notebook_holds_so_many_clippings_and_no_more(library, monkeypatch):
    monkeypatch.setattr(store, "MOST_CLIPPINGS", 2)
    notebook = library.notebook
    first = notebook.add_note("a")
    notebook.add_note("b")
    with pytest.raises(LibraryError, match="holds 2 clippings, which is the most"):
        notebook.add_note("c")
    notebook.remove(first.id)
    notebook.add_note("c")
    with pytest.raises(LibraryError, match="which is the most"):
        notebook.restore(first.id)
    assert kept(notebook) == ["b", "c"]


WRITER = """
import sys
from pathlib import Path
from qa.notebook import store
from tests.waits import LONGEST_S
store.LONG_BYTES = 3_000
store.LOCK_WAIT_S = LONGEST_S  # the lock is not fair: one may wait until the other is done
notebook = store.Notebook(Path(sys.argv[1]), None)
for number in range(25):
    note = notebook.add_note("to be said")
    for more in range(9):
        notebook.comment(note.id, f"{sys.argv[2]} {number}" + " and more" * (8 - more))
"""


def test_two_who_write_at_once_lose_nothing_while_the_file_is_written_anew(library):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(library.path), name], env=environment)
        for name in ("ida", "bo")
    ]
    assert [one.wait(timeout=3 * LONGEST_S) for one in writers] == [0, 0]
    told = kept(library.notebook)
    assert sorted(told) == sorted(f"{name} {number}" for name in ("ida", "bo") for number in range(25))
    for name in ("ida", "bo"):
        assert [one for one in told if one.startswith(name)] == [f"{name} {number}" for number in range(25)]


def test_a_line_that_a_kill_cut_off_is_passed_over_and_damages_nothing_after_it(library):
    notebook = library.notebook
    notebook.add_note("a")
    with notebook.path.open("ab") as file:
        file.write(b'{"do": "keep", "clip')
    notebook.add_note("b")
    assert kept(notebook) == ["a", "b"]
    assert count_passed_over(notebook.path.parent) == 1
    with notebook.path.open("ab") as file:
        file.write(b'[1]\n{"do": "keep", "clipping": {"id": 3}}\n{"do": "move", "id": []}\n')
    assert kept(notebook) == ["a", "b"]
    assert count_passed_over(notebook.path.parent) == 3  # a step that moves nothing is one


def test_a_long_file_is_written_anew_with_what_stands_in_it(library, monkeypatch, answer):
    notebook = library.notebook
    whole = notebook.keep(answer)
    note = notebook.add_note("a")
    notebook.move(note.id, -1)
    for number in range(30):
        notebook.comment(whole.id, f"{number} " + "x" * 2_000)
    before, size = notebook.clippings(), notebook.path.stat().st_size
    monkeypatch.setattr(store, "LONG_BYTES", 10_000)
    notebook.comment(note.id, "b")
    assert notebook.path.stat().st_size < size / 2
    assert notebook.clippings() == (replace(before[0], note="b"), before[1])


def test_what_is_removed_from_the_library_or_says_something_else_is_told_and_not_altered(
    library, answer, forty, dispute, tmp_path
):
    notebook = library.notebook
    notebook.keep(answer)
    library.edit([forty.article_id], {"publisher": "The Morning Post"})
    (now,) = document(notebook).clippings
    assert now.worst == "stands"
    assert now.clipping.statements[0].publisher == "The Morning Post"
    library.remove(dispute.statements[1].article_id)
    (now,) = document(notebook).clippings
    assert (now.worst, now.state(forty), now.state(dispute.statements[1])) == ("gone", "stands", "gone")
    assert [one.quote for one in now.clipping.conflicts[0].statements] == ["40 people", "45 people"]

    def other(article_id: str):
        found = library.article(article_id)
        return replace(found, text=found.text.replace("40", "41"))

    (now,) = document(Notebook(library.path, other)).clippings
    assert now.state(forty) == "changed"
    assert now.clipping.statements[0].quote == "40 people"
    assert now.clipping.statements[0].publisher == "Morning Post"  # nothing of another text is told of it


def test_a_ruling_holds_in_the_notebook_too(library, dispute):
    library.notebook.keep(dispute)
    Rulings(library.path).add(rule(dispute, "no conflict", question=QUESTION))
    (now,) = document(library.notebook).clippings
    assert now.verdicts == ("no conflict",)
    assert [one.heading for one in blocks(now)] == ["They disagree, different numbers, ruled no conflict"]


def test_a_backup_holds_the_notebook(library, answer, tmp_path):
    library.notebook.keep(answer)
    copy = backup(library.path, tmp_path / "copy").folder
    with Library.open(copy, embedder=EMBEDDER, chunk_tokens=60) as opened:
        assert opened.notebook.clippings() == library.notebook.clippings()
        assert document(opened.notebook).clippings[0].worst == "stands"


def test_a_notebook_that_cannot_be_written_says_so(library):
    (Path(library.path) / "notebook.jsonl").mkdir()
    with pytest.raises(
        LibraryError, match=r"notebook\.jsonl cannot be read \(Is a directory\): allow reading"
    ):
        library.notebook.add_note("a")
