"""Questions in a statement's own words, and what the statement says once a word of it has changed."""

import random
from typing import Any

import pytest

from eval.training.judgements.judgement import RELATION, STANCE, Judgement
from eval.training.judgements.literal import Literal, claim_of, shorten
from qa.comparison.model import KINDS, RELATIONS, STANCES, ModelStatement

TOLD = "The council of Arden has approved the bridge, the mayor said."
QUESTION = "Has the council of Arden approved the bridge?"
# Each name stands twice inside a sentence, so that it is known as one.
PLACES = ("Arden", "Tervo", "Belmore", "Corvia")
TEXTS = [
    TOLD,
    *(f"In {place} it rained, and all of {place} was wet; the carts stood still." for place in PLACES),
]
SEEDS = range(60)


@pytest.fixture
def literal() -> Literal:
    return Literal(TEXTS)


def made(literal: Literal) -> list[Judgement]:
    return [one for seed in SEEDS for one in literal.judgements([ModelStatement(TOLD)], random.Random(seed))]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        (TOLD, QUESTION),
        (
            "Ann Keller won the mayoral election in Sarland.",
            "Did Ann Keller win the mayoral election in Sarland?",
        ),
        ("The port was closed on Monday because of the storm.", "Was the port closed on Monday?"),
    ],
)
def test_the_first_clause_of_a_plain_statement_is_asked_for(sentence: str, question: str) -> None:
    found = claim_of(ModelStatement(sentence))
    assert found is not None
    assert found.question == question


@pytest.mark.parametrize(
    "sentence",
    [
        "It has approved the bridge at Arden.",  # what "it" is the question would not tell
        "The council has not approved the bridge at Arden.",
        "The council may have approved the bridge at Arden.",
        "But the council has approved the bridge.",
        "No council has approved the bridge.",
        "Rain fell on Arden.",
    ],
)
def test_of_what_is_no_plain_claim_nothing_is_asked(sentence: str) -> None:
    assert claim_of(ModelStatement(sentence)) is None


@pytest.mark.parametrize(
    ("clause", "short"),
    [
        ("Ann Keller has retired from tennis.", "Ann Keller has retired."),
        ("The port was closed on Monday.", "The port was closed."),
        ("Ann Keller met the minister in the old town of Sarland.", "Ann Keller met the minister."),
        ("The port was closed.", None),
        ("The plant in Arden was closed.", None),  # what is left is no clause
        ("The port was closed for all but ferries.", None),
        ("Two of the ports were almost closed by night.", None),
        ("The port is in Arden.", None),
    ],
)
def test_a_clause_is_told_without_the_phrase_at_its_end_where_it_is_still_true(
    clause: str, short: str | None
) -> None:
    assert shorten(clause) == short


def test_a_question_may_ask_for_less_than_is_told(literal: Literal) -> None:
    told = ModelStatement("The port was closed on Monday.")
    found = [one for seed in SEEDS for one in literal.judgements([told], random.Random(seed))]
    asked: dict[str, set[str]] = {}
    for one in found:
        if one.task == STANCE:
            asked.setdefault(STANCES[one.label], set()).add(one.second.lower().rstrip("?"))
    both = {"was the port closed", "was the port closed on monday"}
    assert asked == {"yes": both, "no": both, "open": both}
    denied = {
        one.second.lower().rstrip("?") for one in found if " not closed" in one.first and one.task == STANCE
    }
    assert denied == {"was the port closed on monday"}  # it may have been on Tuesday


def test_whole_it_says_yes_denied_no_in_doubt_neither_and_of_another_name_nothing(literal: Literal) -> None:
    stances = [one for one in made(literal) if one.task == STANCE]
    seen = set()
    for one in stances:
        label = STANCES[one.label]
        seen.add(label)
        assert "arden" in (one.first + one.second).lower()
        assert one.answers == (label != "other")
        if label == "yes":
            assert "approved the bridge" in one.first
            assert one.second.lower().rstrip("?") == QUESTION.lower().rstrip("?")
        if label == "other":
            names = [text for text in (one.first, one.second) if "arden" not in text.lower()]
            assert len(names) == 1  # one of the two is told of another place
    assert seen == set(STANCES)
    said = {
        STANCES[one.label]: " / ".join(each.first for each in stances if each.label == one.label)
        for one in stances
    }
    for label, words in (
        ("yes", ("It is true that", "no longer in doubt", "are accurate", "have been confirmed by")),
        ("no", ("It is not true that", "are false", "are wrong", "denied that", "rejected reports")),
        (
            "open",
            ("not supported", "could not be verified", "not known whether", "would not say", "no source"),
        ),
    ):
        assert all(one in said[label] for one in words)
        assert not any(one in text for other, text in said.items() if other != label for one in words)


def test_how_a_question_is_typed_tells_nothing_of_its_answer(literal: Literal) -> None:
    """Small letters, now and then, also where another name leaves it without one."""
    others = {
        one.second.islower() for one in made(literal) if STANCES[one.label] == "other" and one.task == STANCE
    }
    assert others == {True, False}


def test_pairs_of_what_became_of_it_relate_as_their_change_says(literal: Literal) -> None:
    relations = [one for one in made(literal) if one.task == RELATION]
    kinds = {(RELATIONS[one.label], one.kind) for one in relations}
    assert kinds == {
        ("same", -1),
        ("conflict", KINDS.index("polarity")),
        ("conflict", KINDS.index("certainty")),
    }
    for one in relations:
        both = [text.split(" | ")[-1] for text in (one.first, one.second)]
        assert all("Arden" in text for text in both)
        assert both[0] != both[1] or RELATIONS[one.label] == "same"
    asked = [one for one in relations if "?" in one.second or "has the council" in one.second]
    assert 0 < len(asked) < len(relations)


def test_a_question_is_read_where_its_statement_stands_and_in_vain_under_another_name(
    literal: Literal,
) -> None:
    accounts: list[dict[str, Any]] = [
        {"key": key, "publisher": "Post", "title": "", "published": None, "text": text}
        for key, text in (("A", f"Rain fell on Arden. {TOLD}"), ("B", "Snow fell in Tervo all day long."))
    ]
    stories = [{"id": str(at), "accounts": [one]} for at, one in enumerate(accounts)]
    found = [one for seed in SEEDS for one in literal.questions(stories, random.Random(seed))]
    assert {one.kind for one in found} == {"yesno"}
    answered = [one for one in found if any(told.answers for told in one.passages)]
    for one in answered:
        (told,) = [passage for passage in one.passages if passage.answers]
        assert told.text[told.start : told.end] == TOLD
        assert one.text.lower().rstrip("?") == QUESTION.lower().rstrip("?")
    vain = [one for one in found if one not in answered]
    assert 0 < len(vain) < len(answered)
    assert all("arden" not in one.text.lower() for one in vain)
    assert {len(told.sentences) for one in found for told in one.passages if TOLD in told.text} == {1, 2}
