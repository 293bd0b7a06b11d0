"""Pairs as news tells them: who said it, surnames."""

import random
import re

import pytest

from eval.training.pairs.attributed import attribute, retold, with_surname
from eval.training.pairs.pair import CONTRADICTION, Pair

SENTENCE = "The company will not sell its mill."


def test_a_sentence_is_told_with_who_said_it_and_keeps_its_words():
    told = {attribute(SENTENCE, random.Random(seed)) for seed in range(200)}
    assert len(told) > 50
    for one in told:
        assert re.search(r"the company will not sell its mill", one, re.IGNORECASE)
        assert re.search(r"\b(?:said|told reporters|according to|confirmed)\b", one, re.IGNORECASE)
        assert one[0].isupper()
        assert one.endswith(".")
    assert any(one.endswith("day.") for one in told)


@pytest.mark.parametrize(
    "sentence",
    ["Will it be sold?", 'He said "no" to it.', "It rained. Nobody came.", "no full stop"],
)
def test_what_is_no_single_plain_sentence_is_left(sentence: str):
    assert {attribute(sentence, random.Random(seed)) for seed in range(20)} == {sentence}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("In 2020 Anna Kellan won the cup.", "In 2020 Kellan won the cup."),
        ("New York won the cup.", "New York won the cup."),
        ("Martin Luther King spoke.", "Martin Luther King spoke."),
        ("Anna won the cup.", "Anna won the cup."),
    ],
)
def test_a_surname_stands_for_a_name_of_two_words(sentence: str, expected: str):
    assert with_surname(sentence) == expected


def test_the_label_and_the_source_of_a_pair_stay():
    pair = Pair(SENTENCE, "The company will sell its mill.", CONTRADICTION, "denied")
    told = {retold(pair, random.Random(seed), made=True) for seed in range(60)}
    assert {(one.label, one.source, one.hypothesis) for one in told} == {
        (CONTRADICTION, "denied", pair.hypothesis)
    }
    assert pair in told
    assert len(told) > 10
