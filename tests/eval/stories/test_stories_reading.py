"""Story files: what they hold, every fault with its line, and the stories of the project."""

import json
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from eval.errors import GoldError
from eval.gold.sets import STORIES, gold_source
from eval.stories import check_stories, read_stories, story_files
from eval.stories.__main__ import main
from eval.training.data.questions import is_held_out
from eval.training.judgements import rivals
from eval.training.judgements.contrast import read_all
from tests.paths import ROOT

MILL = """\
# Comments stand outside of accounts.
=== mill-fire
--- A | Vale Wire | 2024-05-02 | Mill burns
Nine people were hurt. "Nine?" asked A: nobody.

# 2 of them are children.
--- B | The Courier | 2024-05-03 | After the fire
Eleven people were treated. The mill will not reopen.

? span How many were hurt?
A: Nine people
B: Eleven people
~ A B conflict number
?> yesno Will it reopen? => Will the mill reopen?
B: no: The mill will not reopen.
? none Who owns the mill?
"""


def write(folder: Path, text: str, name: str = "mill.txt") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def faults_of(file: Path) -> list[tuple[int, str]]:
    return [(fault.line, fault.problem) for fault in check_stories([file])[1]]


def test_a_file_gives_its_accounts_questions_answers_and_relations(tmp_path):
    (story,) = read_stories(write(tmp_path, MILL))
    assert (story.id, story.line) == ("mill-fire", 2)
    a, b = story.accounts
    assert (a.key, a.publisher, a.published, a.title) == ("A", "Vale Wire", "2024-05-02", "Mill burns")
    assert a.text == 'Nine people were hurt. "Nine?" asked A: nobody.\n\n# 2 of them are children.'
    hurt, reopen, owner = story.questions
    assert [(key, one.text, one.start, one.times) for key, one in hurt.answers.items()] == [
        ("A", "Nine people", 0, 1),
        ("B", "Eleven people", 0, 1),
    ]
    assert [(one.a, one.b, one.label, one.kind) for one in hurt.relations] == [
        ("A", "B", "conflict", "number")
    ]
    assert (reopen.question, reopen.standalone) == ("Will it reopen?", "Will the mill reopen?")
    assert (reopen.group, reopen.line) == ("yesno>", 14)
    assert (reopen.answers["B"].text, reopen.answers["B"].verdict) == ("The mill will not reopen.", "no")
    assert b.text[reopen.answers["B"].start :] == "The mill will not reopen."
    assert (owner.kind, owner.answers, owner.follow) == ("none", {}, False)


@pytest.mark.parametrize(
    ("was", "becomes", "line", "problem"),
    [
        ("A: Nine people\n", "A: nine people\n", 11, "not verbatim in A"),
        ("A: Nine people\n", "A: Nine people\nC: Nine people\n", 12, "the story has no account C"),
        ("A: Nine people\n", "A: Nine people\nA: Nine\n", 12, "A has answered already"),
        ("~ A B conflict number\n", "", 10, "no relation of A and B"),
        ("~ A B conflict number\n", "~ A B agree\n~ B A agree\n", 10, "2 relations of A and B"),
        ("~ A B conflict number\n", "~ A B conflict number\n~ A C agree\n", 14, "C, which does not answer"),
        ("conflict number", "conflict", 13, "conflict goes on with its kind: number, date, name"),
        ("conflict number", "conflict size", 13, "conflict goes on with its kind"),
        ("conflict number", "differs", 13, "a relation is ~ A B LABEL"),
        ("conflict number", "agree number", 13, "agree has no kind"),
        ("B: no: The mill", "B: The mill", 15, "begins with yes:, no: or open:"),
        ("B: no: The mill", "B: maybe: The mill", 15, "begins with yes:, no: or open:"),
        ("? none Who owns the mill?", "? span Who owns the mill?", 16, "no answer is given"),
        ("? none Who owns the mill?", "? who Who owns the mill?", 16, "unknown kind 'who'; known are span"),
        ("? none Who owns the mill?", "? none", 16, "a kind without a question"),
        ("Who owns the mill?", "Who owns the mill?\nA: Nine people", 17, "marked as none has no answers"),
        (" => Will the mill reopen?", "", 14, "a follow-up goes on with =>"),
        ("? span How", "?> span What? => How", 10, "a follow-up without a question before it"),
        ("~ A B conflict", "nonsense\n~ A B conflict", 13, "not understood"),
        ("=== mill-fire\n", "", 2, "an account before any story"),
        ("=== mill-fire\n", "? span Who?\n=== mill-fire\n", 2, "a question before any story"),
        (" | After the fire", "", 7, "an account begins with --- LETTER"),
        ("--- B |", "--- A |", 7, "has an account A already"),
        ("2024-05-03", "3 May", 7, "'3 May' is not a date"),
        ("--- B | The", "--- Bb | The", 7, "'Bb' is not a letter"),
        ("=== mill-fire", "=== empty\n=== mill-fire", 2, "a story has an id, accounts and questions"),
    ],
)
def test_each_fault_is_told_with_its_line(tmp_path, was, becomes, line, problem):
    assert was in MILL
    found = faults_of(write(tmp_path, MILL.replace(was, becomes, 1)))
    assert [told for number, told in found if number == line and problem in told], found


def test_a_set_is_read_again_only_when_one_of_its_files_has_changed(tmp_path):
    write(tmp_path, MILL, "a.txt")
    write(tmp_path, MILL.replace("mill-fire", "mill-fires"), "b.txt")
    first = read_stories(tmp_path)
    assert read_stories(tmp_path) is first
    write(tmp_path, MILL.replace("mill-fire", "mill-flood!"), "b.txt")
    assert [story.id for story in read_stories(tmp_path)] == ["mill-fire", "mill-flood!"]
    (tmp_path / "b.txt").unlink()
    assert [story.id for story in read_stories(tmp_path)] == ["mill-fire"]


def test_the_first_fault_of_a_set_is_an_error_that_counts_the_others(tmp_path):
    file = write(tmp_path, MILL.replace("A: Nine people", "A: nine").replace("B: Eleven", "B: eleven"))
    with pytest.raises(
        GoldError, match=r"mill.txt, line 11: not verbatim in A.*\('nine'\); 1 more faults stand there"
    ):
        read_stories(file)


def test_an_id_that_stands_in_two_files_is_a_fault_of_the_second(tmp_path):
    write(tmp_path, MILL, "a.txt")
    write(tmp_path, MILL, "b.txt")
    _, faults = check_stories(story_files(tmp_path))
    (fault,) = faults
    assert (fault.file.name, fault.line) == ("b.txt", 2)
    assert "a.txt, line 2 too" in fault.problem


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(GoldError, match=r"there are no stories at .*absent.txt"):
        read_stories(tmp_path / "absent.txt")
    with pytest.raises(GoldError, match="holds no story"):
        read_stories(write(tmp_path, "# nothing yet\n"))
    (tmp_path / "latin.txt").write_bytes("=== café".encode("latin-1"))
    with pytest.raises(GoldError, match="is not UTF-8"):
        read_stories(tmp_path / "latin.txt")


def test_the_checker_counts_and_writes_one_story_a_line(tmp_path, capsys):
    file, out = write(tmp_path, MILL), tmp_path / "out.jsonl"
    assert main([str(file), "--json", str(out)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "0 faults; 1 stories, 2 accounts, 23 words",
        "3 questions: none 1, span 1, yesno> 1",
        "1 relations: conflict number 1",
    ]
    (line,) = out.read_text(encoding="utf-8").splitlines()
    story = json.loads(line)
    assert story["questions"][0] == {
        "kind": "span",
        "question": "How many were hurt?",
        "standalone": "How many were hurt?",
        "follow": False,
        "answers": {
            "A": {"text": "Nine people", "start": 0, "verdict": None, "times": 1},
            "B": {"text": "Eleven people", "start": 0, "verdict": None, "times": 1},
        },
        "relations": [{"a": "A", "b": "B", "label": "conflict", "kind": "number"}],
        "line": 10,
    }


def test_the_checker_prints_every_fault_and_writes_nothing_then(tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    assert main([str(write(tmp_path, MILL.replace("~ A B", "~ A C"))), "--json", str(out)]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].endswith("mill.txt, line 10: no relation of A and B; give one")
    assert printed[1].endswith("mill.txt, line 13: a relation of C, which does not answer")
    assert printed[2].startswith("2 faults; ")
    assert not out.exists()
    assert main([str(tmp_path / "absent.txt")]) == 2


def test_the_stories_of_the_project_have_no_fault_and_each_its_own_id():
    _, faults = check_stories(file for one in STORIES.values() for file in story_files(one.file))
    assert [f"{fault.place}: {fault.problem}" for fault in faults] == []


def test_no_sealed_account_or_question_stands_among_those_that_are_read():
    """Told by id alone: nobody is to read the sealed part."""
    told: dict[str, Counter[str]] = {}
    for part, source in STORIES.items():
        stories, _ = check_stories(story_files(source.file))
        told[part] = Counter(account.text for story in stories for account in story.accounts)
    for part in ("train", "dev"):
        assert len(told["sealed"].keys() & told[part].keys()) == 0
    assert sum(number > 1 for number in (told["train"] + told["dev"] + told["sealed"]).values()) == 0


def test_the_stories_that_measure_are_packaged_and_none_that_train():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    setup = project["tool"]["setuptools"]
    assert "eval.stories" in setup["packages"]
    packaged = {
        file for one in setup["package-data"]["eval.stories"] for file in (ROOT / "eval/stories").glob(one)
    }
    assert packaged > {file for part in ("dev", "sealed") for file in story_files(STORIES[part].file)}
    for part in ("train", "contrast", "rivals"):
        trained = set((ROOT / "eval/stories" / part).glob("*.txt"))
        assert trained
        assert not trained & packaged


def test_a_part_that_is_not_here_is_told_to_come_with_a_checkout(tmp_path, monkeypatch):
    monkeypatch.setitem(STORIES, "train", replace(STORIES["train"], file=tmp_path / "none"))
    with pytest.raises(GoldError, match="comes with a checkout"):
        gold_source("stories", part="train")


def test_the_contrast_sets_can_be_read():
    sets = read_all([ROOT / "eval/stories/contrast"])
    assert len(sets) > 1_000
    assert 0.05 < sum(is_held_out(one.question) for one in sets) / len(sets) < 0.12


def test_the_rival_statements_can_be_read_and_neither_label_prevails():
    trained, held_out = rivals.read_parts(ROOT / "eval/stories/rivals")
    assert len(trained) + len(held_out) > 1_900
    assert 0.05 < len(held_out) / len(trained) < 0.12
    for part in (trained, held_out):
        assert 0.4 < sum(one.conflict for one in part) / len(part) < 0.6
    texts = [text for one in [*trained, *held_out] for text in one.statements]
    assert len(set(texts)) == len(texts)
