"""Pairs with other names and figures: the same in both texts, in the same order of size, and nothing else changed."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.training.pairs.pair import ENTAILMENT, Pair
from eval.training.pairs.renamed import Names, other_figures, rename_pair

TEXTS = [
    f"in {place} the {team} won, and {team} left {place}."
    for place, team in (
        ("Turku", "Rovers"),
        ("Aarup", "Harriers"),
        ("Belmore", "Lynxes"),
        ("Corvia", "Swifts"),
    )
]


def _figures(text: str) -> list[float]:
    return [float(one.replace(",", "")) for one in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def test_a_name_in_both_texts_becomes_one_other_name_in_both():
    pair = Pair("On Friday the Rovers left Turku in the rain.", "Rovers were in Turku.", ENTAILMENT, "x")
    made = {rename_pair(pair, Names(TEXTS), random.Random(seed)) for seed in range(60)}
    assert len(made) > 8
    for one in made:
        found = re.fullmatch(r"On Friday the (\w+) left (\w+) in the rain\.", one.premise)
        assert one.hypothesis == f"{found[1]} were in {found[2]}."
        assert (one.label, one.source) == (ENTAILMENT, "x")


def test_a_name_that_another_word_is_formed_of_stays():
    pair = Pair("Turkuans like Turku.", "They like Turku.", ENTAILMENT, "x")
    assert {rename_pair(pair, Names(TEXTS), random.Random(seed)) for seed in range(30)} == {pair}


def test_a_word_that_is_mostly_written_small_is_no_name():
    texts = [*TEXTS, *["the swifts flew"] * 3]
    assert Names(texts).find_shared("Swifts of Turku.", "Turku has Swifts.") == ["Turku"]


@given(st.lists(st.integers(11, 99_999), min_size=1, max_size=5), st.integers(0, 10_000))
def test_the_order_of_the_figures_stays(values: list[int], seed: int):
    texts = " and ".join(f"{value:,}" for value in values), f"more than {values[0]:,}"
    made = other_figures(texts, random.Random(seed))
    before = [f"{value:,}" for value in values]
    after = [_figures(made.get(one, one))[0] for one in before]
    for one, other in zip(values, after, strict=True):
        for second, its in zip(values, after, strict=True):
            assert (one < second) == (other < its)


def test_figures_change_in_most_draws():
    texts = "It sold 512 of 640 seats.", "It sold more than 500 seats."
    made = [other_figures(texts, random.Random(seed)) for seed in range(40)]
    assert sum(bool(one) for one in made) > 30
    assert len({one["512"] for one in made if one}) > 20


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (("It cost $1.2 million.", "It cost $1,200,000."), ("1.2", "1,200,000")),
        (("They met on 12 March.", "They met on March 12."), ("12",)),
        (("It won 3-2.", "It won 3–2."), ("3", "2")),
        (("It has 4 wheels.", "It has 4 wheels."), ("4",)),
    ],
)
def test_what_would_come_apart_stays(texts: tuple[str, str], kept: tuple[str, ...]):
    for seed in range(40):
        made = other_figures(texts, random.Random(seed))
        assert all(made.get(one, one) == one for one in kept)


def test_a_share_stays_below_a_hundred_percent():
    for seed in range(60):
        made = other_figures(("Some 85 % of 33 voted.", "More than 80 % voted."), random.Random(seed))
        assert float(made.get("85", "85")) <= 100


def test_years_move_together():
    made = other_figures(("Built in 1987, rebuilt in March 1999.", "Older than 1999."), random.Random(4))
    assert int(made["1999"]) - int(made["1987"]) == 12
    assert made["1999"] != "1999"
