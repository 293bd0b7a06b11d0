"""Contrast sets: what a file must hold, and what its sets teach."""

import random
from pathlib import Path

import pytest

from eval.errors import GoldError
from eval.training.judgements.contrast import (
    contrast_judgements,
    contrast_questions,
    read_all,
    read_contrast,
    read_parts,
)
from eval.training.judgements.judgement import ANSWER, RELATION, STANCE
from qa.comparison.model import KINDS, RELATIONS, STANCES, ModelStatement
from tests.tiny import write_contrast

TEXT = """? How many people did the quake in Kandor kill?
= The quake in Kandor killed 23 people, police said.
same: Twenty-three died when the earth shook in Kandor.
conflict number: At least 40 people lost their lives in the Kandor quake.
beside: In Kandor the quake injured 40 people.

? Has Ruben signed for Lyon?
yes: He put his name to it on Friday.
no: Ruben has turned Lyon down.
open: Lyon would not say.
open: His agent is still talking to them.
other: Lyon has signed his brother.
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_file_is_read_as_sets_of_a_question_and_what_is_said(file: Path) -> None:
    first, second = read_contrast(file)
    assert first.base is not None
    assert first.base.sentence == "The quake in Kandor killed 23 people, police said."
    assert [(one.label, one.kind) for one in first.said] == [
        ("same", ""),
        ("conflict", "number"),
        ("beside", ""),
    ]
    assert (second.base, len(second.said)) == (None, 5)
    assert read_all([file.parent, file]) == [first, second, first, second]


def test_the_sets_to_train_on_and_those_that_choose_are_all_of_them_apart_by_question(tmp_path: Path) -> None:
    write_contrast(tmp_path, 3, 2)
    trained, held_out = read_parts(tmp_path)
    assert (len(trained), len(held_out)) == (6, 4)
    assert {one.question for one in trained}.isdisjoint(one.question for one in held_out)
    assert sorted(map(repr, [*trained, *held_out])) == sorted(map(repr, read_all([tmp_path])))
    assert read_parts(None) == ([], [])


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ("? Who?\n= Ada did.\nsame Ada did.\nbeside: No.", "line 3: no label"),
        ("? Who?\n= Ada did.\nconflict colour: Bo did.\nbeside: No.", "line 3: no label"),
        ("? Who?\nsame: Ada did.\nbeside: Bo did not.", "neither"),
        ("? Did she?\n= Ada did.\nyes: Ada did.\nno: She did not.", "neither"),
        ("? Did she?\nyes: Ada did.", "too small"),
        ("? Who?\n= {Ada | 5 May} Ada did.\nsame: Ada did.\nbeside: No.", "line 2: the day is written"),
        ("? Who?\n= {Ada Ada did.\nsame: Ada did.\nbeside: No.", "line 2: where it stands"),
        ("? Who?\n= [Ada] did [it].\nsame: Ada did.\nbeside: No.", "line 2: one .mark"),
        ("? Who?\n= Adana, [Ada] did.\nsame: Ada did.\nbeside: No.", "line 2: mark more words"),
        ("? Who?\n= Ada did.\nsame: Ada did.\nupdate name: {| 2026-05-03} Bo did.", "without its day"),
    ],
)
def test_what_is_no_set_is_named_with_its_line(tmp_path: Path, broken: str, complaint: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(GoldError, match=complaint):
        read_contrast(path)


def test_a_set_teaches_what_answers_and_how_each_statement_stands_to_its_base(file: Path) -> None:
    made = contrast_judgements(read_contrast(file)[:1], random.Random(1))
    answers = {one.first: one.answers for one in made if one.task == ANSWER}
    assert len(answers) == 4
    assert {text for text, known in answers.items() if not known} == {
        "In Kandor the quake injured 40 people."
    }
    relations = {
        RELATIONS[one.label]: (one.first, one.second, one.kind) for one in made if one.task == RELATION
    }
    assert set(relations) == {"same", "conflict", "both"}
    assert relations["conflict"][2] == KINDS.index("number")


def test_where_a_statement_stands_and_what_of_it_answers_may_be_said(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(
        """? How many people did the quake in Kandor kill?
= {Rescuers at work | 2026-03-04} The quake killed [23] people.
update number: {| 2026-03-06 | They found more. } The toll is [31] now.
elsewhere: {Tervo counts its dead} It killed 40 people.
""",
        encoding="utf-8",
    )
    (one,) = read_contrast(path)
    assert one.base == ModelStatement(
        "The quake killed 23 people.", "23", "", "Rescuers at work", "2026-03-04"
    )
    update, elsewhere = (said.statement for said in one.said)
    assert update == ModelStatement("The toll is 31 now.", "31", "They found more.", "", "2026-03-06")
    assert (elsewhere.sentence, elsewhere.title) == ("It killed 40 people.", "Tervo counts its dead")
    made = contrast_judgements([one], random.Random(1))
    answers = {made_one.first: made_one.answers for made_one in made if made_one.task == ANSWER}
    assert answers["Tervo counts its dead | It killed 40 people."] == 0
    assert answers["They found more. | The toll is 31 now."] == 1
    relations = [made_one for made_one in made if made_one.task == RELATION]
    assert [RELATIONS[made_one.label] for made_one in relations] == ["update"]
    assert "2 days" in relations[0].first


def test_statements_that_are_related_to_the_base_are_related_to_each_other(file: Path) -> None:
    made = contrast_judgements(read_contrast(file)[:1], random.Random(1))
    found = {
        (frozenset(part for text in (one.first, one.second) for part in text.split(" | ")), one.label)
        for one in made
        if one.task == RELATION
    }
    same, conflict, beside = (said.statement.sentence for said in read_contrast(file)[0].said)
    for pair, label in (
        ((same, conflict), "conflict"),
        ((same, beside), "both"),
        ((conflict, beside), "both"),
    ):
        assert any(parts >= {*pair} and place == RELATIONS.index(label) for parts, place in found)


def test_opposed_stances_conflict_and_what_does_not_answer_conflicts_with_nothing(file: Path) -> None:
    yes_no = read_contrast(file)[1:]
    made = [one for seed in range(6) for one in contrast_judgements(yes_no, random.Random(seed))]
    stances = {(one.first, STANCES[one.label], one.answers) for one in made if one.task == STANCE}
    assert ("Ruben has turned Lyon down.", "no", 1) in stances
    assert ("Lyon has signed his brother.", "other", 0) in stances
    said = {one.statement.sentence: one.label for one in yes_no[0].said}
    for one in made:
        if one.task != RELATION:
            continue
        labels = {
            said[part] for text in (one.first, one.second) for part in text.split(" | ") if part in said
        }
        if "other" in labels:
            assert RELATIONS[one.label] == "both"
        elif labels == {"yes", "no"}:
            assert (RELATIONS[one.label], one.kind) == ("conflict", KINDS.index("polarity"))
        elif "open" in labels:
            assert labels != {"open"}  # two that are unsure are no example of anything
            assert (RELATIONS[one.label], one.kind) == ("conflict", KINDS.index("certainty"))
    asked = {"Ruben signed" in one.second for one in made if one.task == RELATION}
    assert asked == {True, False}


MARKED = """? How many people did the quake in Kandor kill?
= {Kandor: rescuers at work | 2026-03-04 | The quake came at night.} It killed [23] people, police said.
same: [Twenty-three] died when the earth shook in Kandor.
beside: In Kandor the quake injured 40 people.
elsewhere: {Tervo counts its dead | | The quake came at night.} It killed 40 people.

? Has Ruben signed for Lyon?
yes: He put his name to it on Friday.
no: Ruben has turned Lyon down.
open: Lyon would not say.
other: Lyon has signed his brother.
"""


def test_a_set_is_read_in_passages_some_of_which_hold_two_statements(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(MARKED, encoding="utf-8")
    sets = read_all([tmp_path])
    seen_beside = set()
    for seed in range(20):
        number, yes_no = contrast_questions(sets, random.Random(seed))
        assert (number.kind, yes_no.kind) == ("span", "yesno")
        answers = {one.text[one.start : one.end] for one in number.passages if one.answers}
        assert answers == {"23", "Twenty-three"}
        assert sum(one.answers for one in yes_no.passages) == 3
        for one in yes_no.passages:
            if one.answers:
                assert one.text[one.start : one.end] in one.sentences
        (elsewhere,) = [one for one in number.passages if one.title == "Tervo counts its dead"]
        assert elsewhere.sentences == ("The quake came at night.", "It killed 40 people.")
        assert not elsewhere.answers
        holding = [
            one for one in number.passages if "In Kandor the quake injured 40 people." in one.sentences
        ]
        assert len(holding) == 1
        seen_beside.add(holding[0].answers)
    assert seen_beside == {True, False}
