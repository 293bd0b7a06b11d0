"""The values that are read of a sentence: quantities and dates."""

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text.clean import normalise
from qa.language.dates import agree as same_time
from qa.language.dates import read_periods
from qa.language.quantities import agree, comparable, read_quantities

QUANTITIES = [
    ("backlog orders are expected to approach 50 trillion Korean won", [(50e12, "KRW")]),
    ("50 trillion won (approximately RMB 221.5 billion)", [(50e12, "KRW"), (221.5e9, "CNY")]),
    ("receives 10 trillion won OEM orders from Meta", [(10e12, "KRW")]),
    ("US$50 billion (approximately RMB 339 billion)", [(50e9, "USD"), (339e9, "CNY")]),
    ("committing over $100 billion to AWS technology", [(100e9, "USD")]),
    ("locking in up to 5GW of capacity", [(5e9, "power")]),
    ("a data center of 5 gigawatts (GW)", [(5e9, "power")]),
    ("used over 1 million Trainium2 chips", [(1e6, "count")]),
    ("from design to tape-out in about 9 months", [(9, "months")]),
    ("about half of this total investment", [(50, "percent")]),
    ("it employs 4,512 people", [(4512, "people")]),
    ("between 10 and 12 people were hurt", [(11, "people")]),
    ("5-7 people were hurt", [(6, "people")]),
    ("10 to 12 people were hurt", [(11, "people")]),
    ("unemployment fell to 3.2%", [(3.2, "percent")]),
    ("unemployment fell to 3.2 per cent", [(3.2, "percent")]),
    ("twenty-three people were killed", [(23, "people")]),
    ("a deal worth €1.2bn", [(1.2e9, "EUR")]),
    ("a deal worth £350m", [(350e6, "GBP")]),
    ("he weighs 82 kg", [(82, "mass")]),
    ("the quake measured 6.4 on the scale", [(6.4, "count")]),
    ("two and a half million doses", [(2.5e6, "count")]),
    ("half a million people", [(5e5, "people")]),
    ("a dozen soldiers", [(12, "count")]),
    ("one hundred and twenty workers", [(120, "count")]),
    ("it costs $1,299.99", [(1299.99, "USD")]),
    ("$80 per barrel", [(80, "USD")]),
    ("two thirds of the members", [(200 / 3, "percent")]),
    # no quantities: ordinals, names, years, times, addresses
    ("the third-generation chip", []),
    ("its Series H funding round", []),
    ("GPT-4 and Trainium2 were released", []),
    ("the 2024 elections", []),
    ("one of the best", []),
    ("version 1.2.3 of https://example.org/5", []),
]


@pytest.mark.parametrize(("text", "expected"), QUANTITIES)
def test_quantities_are_read_with_value_and_unit(text: str, expected: list[tuple[float, str]]) -> None:
    found = [(quantity.value, quantity.dimension) for quantity in read_quantities(text)]
    assert found == [(pytest.approx(value), dimension) for value, dimension in expected]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("more than 10 trillion won", 10e12, inf),
        ("potentially exceeding 10 trillion won", 10e12, inf),
        ("at least 10 people", 9.5, inf),
        ("less than 10 people", -inf, 10),
        ("up to 10 people", -inf, 10.5),
        ("no more than 10 people", -inf, 10.5),
        ("about 10 people", 9, 11),
        ("nearly 10 people", 9, 10.5),
        ("just over 10 people", 9.5, 11),
        ("10 people", 9.5, 10.5),
        ("4,500 people", 4450, 4550),
        ("1.2 million people", 1.15e6, 1.25e6),
        ("10 to 12 people", 9.5, 12.5),
    ],
)
def test_the_words_around_a_number_bound_it(text: str, low: float, high: float) -> None:
    (quantity,) = read_quantities(text)
    assert (quantity.low, quantity.high) == (pytest.approx(low), pytest.approx(high))


def test_the_phrase_of_a_quantity_is_kept_as_the_sentence_words_it() -> None:
    (quantity,) = read_quantities("worth more than 10 trillion won to Samsung")
    assert quantity.text == "more than 10 trillion won"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("about 4,500 people", "4,512 people", True),
        ("more than 10 trillion won", "12 trillion won", True),
        ("about 10 trillion won", "10.4 trillion won", True),
        ("10 trillion won", "12 trillion won", False),
        ("5 GW", "5,000 MW", True),
        ("two years", "24 months", True),
        ("less than 10 people", "12 people", False),
        ("3 percent", "3.4 percent", True),
        ("3.0 percent", "3.4 percent", False),
        ("23 people", "24 people", False),
    ],
)
def test_quantities_agree_when_one_amount_satisfies_both(one: str, other: str, expected: bool) -> None:
    (first,), (second,) = read_quantities(one), read_quantities(other)
    assert comparable(first, second)
    assert agree(first, second) is expected
    assert agree(second, first) is expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10 trillion won", "RMB 44.3 billion"),
        ("5 GW", "5 km"),
        ("20 pounds", "£20"),
        ("3 percent", "3 percentage points"),
    ],
)
def test_quantities_of_different_things_are_never_compared(one: str, other: str) -> None:
    (first,), (second,) = read_quantities(one), read_quantities(other)
    assert not comparable(first, second)


DATES = [
    ("on July 2 (local time)", "2026-07-02", "2026-07-02"),
    ("on 3 July", "2026-07-03", "2026-07-03"),
    ("on June 24, 2026", "2026-06-24", "2026-06-24"),
    ("in June", "2026-06-01", "2026-06-30"),
    ("in December", "2026-12-01", "2026-12-31"),
    ("in April of this year", "2026-04-01", "2026-04-30"),
    ("in June 2027", "2027-06-01", "2027-06-30"),
    ("in the fourth quarter of this year", "2026-10-01", "2026-12-31"),
    ("in Q1 2027", "2027-01-01", "2027-03-31"),
    ("in 2019", "2019-01-01", "2019-12-31"),
    ("by the end of 2026", "2026-09-01", "2026-12-31"),
    ("yesterday", "2026-07-02", "2026-07-02"),
]


@pytest.mark.parametrize(("text", "first", "last"), DATES)
def test_dates_are_resolved_to_the_days_they_cover(text: str, first: str, last: str) -> None:
    (period,) = read_periods(text, published="2026-07-03")
    assert (str(period.first), str(period.last)) == (first, last)


@pytest.mark.parametrize("text", ["yesterday", "next week", "on Tuesday", "in the fourth quarter"])
def test_a_relative_date_without_a_published_date_stays_open(text: str) -> None:
    (period,) = read_periods(text, published=None)
    assert not period.resolved


@pytest.mark.parametrize("text", ["it may be used", "2019 people", "31 people in 2,019 homes", "on 45 June"])
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert read_periods(text, published="2026-07-03") == ()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("in June 2026", "on 12 June 2026", True),
        ("in June 2026", "on 3 July 2026", False),
        ("by the end of 2026", "in November 2026", True),
        ("by the end of 2026", "in 2027", False),
        ("on July 3", "on 3 July 2031", True),
        ("on July 3", "on 4 July 2031", False),
        ("on February 29", "on 28 February 2031", True),
    ],
)
def test_dates_agree_when_one_day_satisfies_both(one: str, other: str, expected: bool) -> None:
    (first,), (second,) = read_periods(one, published=None), read_periods(other, published=None)
    assert same_time(first, second) is expected
    assert same_time(second, first) is expected


def test_bold_letters_are_read_like_plain_ones() -> None:
    (fancy,) = read_quantities(normalise("won 𝟭𝟬 trillion won\u200b of orders"))
    (plain,) = read_quantities("won 10 trillion won of orders")
    assert (fancy.text, fancy.value) == (plain.text, plain.value)


@given(st.text(max_size=300), st.one_of(st.none(), st.text(max_size=12), st.just("2026-07-03")))
@settings(max_examples=150, deadline=None)
def test_any_text_can_be_read(sentence: str, published: str | None) -> None:
    text = normalise(sentence)
    for quantity in read_quantities(text):
        assert quantity.low <= quantity.high
        assert 0 <= quantity.start < quantity.end <= len(text)
    for period in read_periods(text, published=published):
        assert period.text in text
