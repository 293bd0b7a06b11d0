"""Two names for one role: what is a disagreement, what only looks like one."""

import pytest

from qa.conflict import find_conflicts
from qa.records import Citation, Conflict


def cite(sentence: str, span: str, article: str) -> Citation:
    """A citation of `span` in a sentence that opens its article."""
    start = sentence.index(span)
    return Citation(
        article_id=article,
        title=None,
        publisher=None,
        published="2026-07-03",
        uri=f"{article}.txt",
        start=start,
        end=start + len(span),
        quote=span,
        sentence=sentence,
        sentence_start=0,
        sentence_end=len(sentence),
        score=0.9,
    )


def conflicts(question: str, one: tuple[str, str], other: tuple[str, str]) -> tuple[Conflict, ...]:
    return find_conflicts(question, [cite(*one, "a"), cite(*other, "b")], {})[0]


DISAGREE = [
    ("Who makes the Rhea's battery?", ("Voltan makes the battery of the Rhea.", "Voltan"), ("The battery of the Rhea is made by Aurum Cells.", "Aurum Cells")),
    ("Who won the Harbour Cup?", ("Linden Rovers won the Harbour Cup on Sunday.", "Linden Rovers"), ("The Harbour Cup was won by Port Athletic.", "Port Athletic")),
    ("Who is the new chief executive of Orvane?", ("Orvane named Mara Lind as its new chief executive.", "Mara Lind"), ("Orvane's new chief executive is Tom Beck.", "Tom Beck")),
    ("Which architect designed the Tarn Museum?", ("The Tarn Museum was designed by Ida Moll.", "Ida Moll"), ("Jon Sund designed the Tarn Museum, the city said.", "Jon Sund")),
    # whose somebody is stands in the span, or beside it
    ("Who drafted the harbour bill?", ("The harbour bill was drafted by Ida Moll of the Civic League.", "Ida Moll"), ("The harbour bill was drafted by Jon Sund, a member of the Civic League.", "Jon Sund")),
    ("What is the driver of the night train called?", ("The driver of the night train, Ida Moll, was not hurt.", "Ida Moll"), ("Jon Sund, the driver of the night train, was not hurt.", "Jon Sund")),
]  # fmt: skip

AGREE = [
    # one bearer, named shorter or longer
    ("Who won the Harbour Cup?", ("Linden Rovers won the Harbour Cup.", "Linden Rovers"), ("Rovers won the Harbour Cup.", "Rovers")),
    # what several can do
    ("Which company invested in Orvane?", ("Nordbank invested in Orvane.", "Nordbank"), ("Castle Capital invested in Orvane.", "Castle Capital")),
    ("Who criticised the bill?", ("Ida Moll criticised the harbour bill.", "Ida Moll"), ("Jon Sund criticised the harbour bill.", "Jon Sund")),
    # one of several, or both in one statement
    ("Who designed the Tarn Museum?", ("Ida Moll and others designed the Tarn Museum.", "Ida Moll"), ("Jon Sund designed the Tarn Museum.", "Jon Sund")),
    ("Who designed the Tarn Museum?", ("Ida Moll designed the Tarn Museum with Jon Sund.", "Ida Moll"), ("Jon Sund designed the Tarn Museum.", "Jon Sund")),
    ("Which towns did the storm hit?", ("The storm hit Elsted.", "Elsted"), ("The storm hit Farrow.", "Farrow")),
    # another thing, another time, no assertion
    ("Who makes the battery?", ("Voltan makes the battery of the Rhea.", "Voltan"), ("Aurum Cells makes the battery of the Atlas.", "Aurum Cells")),
    ("Who won the Harbour Cup?", ("Linden Rovers won the Harbour Cup in 2024.", "Linden Rovers"), ("Port Athletic won the Harbour Cup in 2025.", "Port Athletic")),
    ("Who is the chief executive of Orvane?", ("Mara Lind is the chief executive of Orvane.", "Mara Lind"), ("Tom Beck may become chief executive of Orvane.", "Tom Beck")),
    ("Who is the chief executive of Orvane?", ("Mara Lind is the chief executive of Orvane.", "Mara Lind"), ("Tom Beck is not the chief executive of Orvane.", "Tom Beck")),
    # the span is no name
    ("Who won the Harbour Cup?", ("Linden Rovers won the Harbour Cup.", "Linden Rovers"), ("The favourites won the Harbour Cup.", "The favourites")),
]  # fmt: skip


def test_a_name_set_beside_the_role_is_one_and_a_name_of_a_list_is_one_of_several() -> None:
    asked = "Who chairs Kelun Mill?"
    one = ("Kelun Mill's chair, Ida Holt, said so.", "Ida Holt")
    (found,) = conflicts(
        asked, one, ("The chairman of Kelun Mill, Per Strand, could not be reached.", "Per Strand")
    )
    assert found.explanation == "Ida Holt against Per Strand"
    assert (
        conflicts(asked, one, ("The chairs of Kelun Mill, Per Strand, and Eva Lind met.", "Per Strand")) == ()
    )


@pytest.mark.parametrize(("question", "one", "other"), DISAGREE)
def test_two_names_for_one_role_disagree(question: str, one: tuple[str, str], other: tuple[str, str]) -> None:
    (found,) = conflicts(question, one, other)
    assert (found.kind, found.explanation) == ("name", f"{one[1]} against {other[1]}")
    assert [statement.quote for statement in found.statements] == [one[1], other[1]]
    assert found.sides == (0, 1)


@pytest.mark.parametrize(("question", "one", "other"), AGREE)
def test_names_that_can_both_hold_are_left_alone(
    question: str, one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert conflicts(question, one, other) == ()


def test_all_who_name_the_same_stand_on_one_side() -> None:
    statements = [
        cite("Linden Rovers won the Harbour Cup on Sunday.", "Linden Rovers", "a"),
        cite("The Harbour Cup was won by Port Athletic.", "Port Athletic", "b"),
        cite("The Rovers won the Harbour Cup.", "Rovers", "c"),
    ]
    (found,), _ = find_conflicts("Who won the Harbour Cup?", statements, {})
    assert [statement.article_id for statement in found.statements] == ["a", "c", "b"]
    assert found.sides == (0, 0, 1)
