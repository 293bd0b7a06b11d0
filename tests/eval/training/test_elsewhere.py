"""Statements told of another thing: another name in one of two, and nothing else changed."""

import random

import pytest

from eval.training.judgements.elsewhere import Elsewhere
from eval.training.judgements.judgement import ANSWER, RELATION, Judgement
from qa.comparison.model import KINDS, RELATIONS

# Each name stands twice inside a sentence, so that it is known as one.
PLACES = ("Aarup", "Tervo", "Belmore", "Corvia")
TEXTS = [f"In {place} it rained, and all of {place} was wet." for place in PLACES]
CONFLICT, UPDATE, BOTH, SAME = (RELATIONS.index(one) for one in ("conflict", "update", "both", "same"))
BEDS = "The hospital in Aarup has 420 beds."


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere(TEXTS)


def _made(elsewhere: Elsewhere, judgements: list[Judgement], sentences: list[str]) -> list[Judgement]:
    return [one for seed in range(60) for one in elsewhere.make(judgements, sentences, random.Random(seed))]


@pytest.mark.parametrize("label", [CONFLICT, UPDATE])
def test_a_conflict_is_none_once_one_of_the_two_is_told_of_another_thing(elsewhere: Elsewhere, label: int):
    other = "same day | Beds in Aarup: 310, the director counts."
    found = _made(elsewhere, [Judgement(other, BEDS, RELATION, label, 0)], [])
    assert 10 < len(found) < 50
    for one in found:
        assert (one.second, one.label, one.kind, one.task) == (BEDS, BOTH, -1, RELATION)
        before, after = other.split("Aarup")
        assert one.first.startswith(before)
        assert one.first.endswith(after)
        assert "Aarup" not in one.first
    names = {one.first.removeprefix("same day | Beds in ").partition(":")[0] for one in found}
    assert names & set(PLACES)
    assert any(len(name) == len("Aarup") and name not in PLACES for name in names)  # letters exchanged


@pytest.mark.parametrize(
    "one",
    [
        Judgement("Aarup has 310 beds.", BEDS, RELATION, SAME),
        Judgement("Aarup has 310 beds.", BEDS, RELATION, BOTH),
        Judgement("Aarup has 310 beds.", BEDS, ANSWER, -1),
        Judgement("The town has 310 beds.", BEDS, RELATION, CONFLICT),  # no name in both
        Judgement("There are 310 beds, said Aarup.", BEDS, RELATION, CONFLICT),  # whoever says so
    ],
)
def test_of_other_pairs_nothing_is_made(elsewhere: Elsewhere, one: Judgement):
    assert not _made(elsewhere, [one], [])


def test_a_copy_conflicts_by_its_figure_or_its_negation_and_not_where_it_tells_of_another_thing(
    elsewhere: Elsewhere,
):
    told = "In Aarup the hospital has 420 beds."
    found = _made(elsewhere, [], [told])
    seen = set()
    for one in found:
        first = one.first.rpartition(" | ")[2]
        both = (first, one.second)
        other = any("Aarup" not in text for text in both)
        figure = any("420" not in text for text in both)
        negated = any(" not " in text or " never " in text for text in both)
        seen.add((other, figure, negated))
        if other:
            assert (one.label, one.kind) == (BOTH, -1)
        elif figure or negated:
            assert (one.label, one.kind) == (CONFLICT, KINDS.index("number" if figure else "polarity"))
        else:
            assert (one.label, one.kind) == (SAME, -1)
            assert first != one.second
    assert {(False, True, False), (True, True, False), (False, False, True), (False, False, False)} <= seen


def test_what_a_copy_tells_once_more_is_in_another_form_alone(elsewhere: Elsewhere):
    told = "On 3 May Aarup was given 4,200 beds, 12 per cent of all."
    again = [
        text for one in _made(elsewhere, [], [told]) if one.label == SAME for text in (one.first, one.second)
    ]
    assert any("May 3" in one for one in again)
    assert any("4200 beds" in one for one in again)
    assert any("12%" in one for one in again)
    assert any("about " in one for one in again)
    assert any(" already " in one or " now " in one for one in again)


def test_a_copy_that_conflicts_is_of_the_same_day_or_of_none_said(elsewhere: Elsewhere):
    """What is told on a later day may be a newer state."""
    found = _made(
        elsewhere, [], ["In Aarup the hospital has 420 beds.", "On 3 May it is said of Aarup that it rains."]
    )
    gaps = {
        label: {one.first.rpartition(" | ")[0] for one in found if one.label == label}
        for label in (CONFLICT, SAME)
    }
    assert gaps[CONFLICT] == {"", "same day"}
    assert "1 year later" in gaps[SAME]


def test_the_same_draw_makes_the_same(elsewhere: Elsewhere):
    assert _made(elsewhere, [], [BEDS]) == _made(elsewhere, [], [BEDS])
