"""Amounts and dates that answer one question: when two of them disagree, though few words are shared."""

import pytest

from qa.conflict import find_conflicts
from qa.records import Citation, Conflict


def cite(sentence: str, span: str, article: str, published: str = "2026-07-03") -> Citation:
    """A citation of `span` in a sentence that opens its article."""
    start = sentence.index(span)
    end = start + len(span)
    place = (article, None, None, published, f"{article}.txt", start, end, span)
    return Citation(*place, sentence, 0, len(sentence), 0.9)


def conflicts(question: str, one: tuple[str, str], other: tuple[str, str]) -> tuple[Conflict, ...]:
    return find_conflicts(question, [cite(*one, "a"), cite(*other, "b")], {})[0]


DISAGREE = [
    # few words in common, or none
    ("How many people watched the derby?", ("The crowd was put at 31,400.", "31,400"), ("Some 28,000 spectators saw the derby.", "28,000"), "number"),
    ("How tall is the Marl tower?", ("The tower, 84 metres tall, was finished in spring.", "84 metres"), ("At 96 metres the Marl tower is the tallest on the coast.", "96 metres"), "number"),
    ("How many salmon came past the dam?", ("About 4,500 salmon passed the dam this summer.", "4,500"), ("Only 2,900 salmon have come past it.", "2,900"), "number"),
    ("How many accounts were copied at Finlo?", ("The thieves copied data from 1.4 million accounts.", "1.4 million"), ("The theft at Finlo hit 2.2 million accounts.", "2.2 million"), "number"),
    ("How many members voted for the levy?", ("The council passed the levy with 33 votes in favour.", "33"), ("With 31 members for it, the levy was approved.", "31"), "number"),
    ("At what speed was the train going when it left the rails?", ("The train was going at 96 kilometres an hour.", "96 kilometres an hour"), ("It was going at 118 kilometres an hour.", "118 kilometres an hour"), "number"),
    ("When will the Oren bridge open again?", ("The bridge stays shut until the end of August.", "the end of August"), ("Cars may cross again from 9 August.", "9 August"), "date"),
    ("Since when were the intruders in the network?", ("They entered on 2 March.", "2 March"), ("The intruders had been in the network since 26 February.", "26 February"), "date"),
    ("Until when is fishing banned?", ("Fishing is banned until 2029.", "2029"), ("The ban ends in 2027.", "2027"), "date"),
    ("On what day is the concert?", ("The concert is on Saturday, 22 August.", "Saturday, 22 August"), ("Doors open at seven on 23 August.", "23 August"), "date"),
]  # fmt: skip

AGREE = [
    # one value, or one that the other gives as well
    ("How many fell ill?", ("Forty-seven people have fallen ill.", "Forty-seven"), ("The number of cases rose to 63 from 47.", "63")),
    ("How many fell ill?", ("Forty-seven people have fallen ill.", "Forty-seven"), ("The sick now number 47.", "47")),
    ("When was the dam blown up?", ("The dam was blown up last October.", "last October"), ("It was demolished in October 2025.", "October 2025")),
    ("When will the road open?", ("The road will open by the end of the year 2026.", "the end of the year 2026"), ("It opens in November 2026.", "November 2026")),
    # of another, named or said to be another
    ("How many jobs will the Orvane plant bring?", ("Orvane wants to build a plant with 2,400 jobs.", "2,400"), ("Kestrel plans a plant of its own with 1,900 jobs.", "1,900")),
    ("How many hotels does Orvane run?", ("Orvane runs 212 hotels.", "212"), ("Orvane has 38 hotels in Spain alone.", "38")),
    ("How many people saw the final?", ("41,206 people saw the final.", "41,206"), ("The semi-final drew 29,870 people.", "29,870")),
    ("How many died in the Gap?", ("Eleven people died in the Gap.", "Eleven"), ("Five of those killed came from Morley.", "Five")),
    # of another year
    ("How many salmon were counted?", ("Biologists counted 4,512 salmon.", "4,512"), ("In 2024 only 26 salmon were counted.", "26")),
    # other dimensions
    ("How fast was the train going?", ("It was going at 96 kilometres an hour.", "96 kilometres an hour"), ("The limit on the curve is 100.", "100")),
]  # fmt: skip


@pytest.mark.parametrize(("question", "one", "other", "kind"), DISAGREE)
def test_spans_that_answer_one_question_and_differ_are_a_disagreement(
    question: str, one: tuple[str, str], other: tuple[str, str], kind: str
) -> None:
    (found,) = conflicts(question, one, other)
    assert found.kind == kind
    assert [statement.quote for statement in found.statements] == [one[1], other[1]]


@pytest.mark.parametrize(("question", "one", "other"), AGREE)
def test_spans_that_can_both_hold_are_left_alone(
    question: str, one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert conflicts(question, one, other) == ()


def test_a_surer_answer_makes_a_surer_conflict() -> None:
    question, one, other, _ = DISAGREE[0]
    (found,) = conflicts(question, one, other)
    statements = [cite(*one, "a"), Citation(**{**_fields(cite(*other, "b")), "score": 0.97})]
    (surer,), _check = find_conflicts(question, statements, {})
    assert surer.score > found.score


def _fields(citation: Citation) -> dict[str, object]:
    return {name: getattr(citation, name) for name in citation.__slots__}
