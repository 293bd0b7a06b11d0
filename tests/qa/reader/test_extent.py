import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reader.boundaries import extend


@pytest.mark.parametrize(
    ("text", "span", "whole"),
    [
        ("The backlog is 50 trillion won.", "50 trillion", "50 trillion won"),
        ("It cost US$40 billion in all.", "40 billion", "US$40 billion"),
        ("Meta will be on fifth-generation chips.", "fifth", "fifth-generation"),
        ("Suppliers joined its Series H round.", "H", "Series H"),
        ("It starts by the end of 2026, they say.", "2026", "the end of 2026"),
        ("They met on 3 July 2026 in Oslo.", "July", "3 July 2026"),
        ("The mill employs 120 people.", "120", "120"),
        ("A share of 12 percent was sold.", "12", "12"),
        ("The harbour master is Ada Holm.", "Ada Holm", "Ada Holm"),
        ("He said that prices rose.", "prices rose", "prices rose"),
    ],
)
def test_nothing_that_belongs_together_is_cut(text, span, whole):
    start = text.index(span)
    first, last = extend(text, start, start + len(span))
    assert text[first:last] == whole


@given(st.text(alphabet="aB -$5.H", min_size=1, max_size=30), st.data())
def test_an_extended_span_holds_the_span_and_stays_in_the_text(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    first, last = extend(text, start, end)
    assert 0 <= first <= start < end <= last <= len(text)


def test_a_monstrous_sentence_is_left_as_it_is():
    text = "x" * 5_000
    assert extend(text, 10, 20) == (10, 20)
