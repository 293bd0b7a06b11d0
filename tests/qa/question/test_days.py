"""From which day on something is asked."""

import datetime

import pytest

from qa.question.days import read_since

THURSDAY = datetime.date(2026, 11, 26)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("what is new since Monday?", "2026-11-23"),
        ("since thursday", "2026-11-19"),
        ("what's new in the last 7 days", "2026-11-19"),
        ("in the past two weeks", "2026-11-12"),
        ("new this week?", "2026-11-23"),
        ("since yesterday", "2026-11-25"),
        ("since last month", "2026-10-01"),
        ("since 3 March", "2026-03-03"),
        ("since 24 December", "2025-12-24"),
        ("since 2026-07-03", "2026-07-03"),
        ("since the weekend", "2026-11-21"),
    ],
)
def test_relative_days_are_counted_from_today(typed: str, day: str) -> None:
    found = read_since(typed, THURSDAY)
    assert found is not None
    assert found[0].isoformat() == day


def test_the_words_for_the_day_are_found_with_what_leads_up_to_them() -> None:
    found = read_since("what is new since Monday about HBM?", THURSDAY)
    assert found is not None
    start, end = found[1]
    assert "what is new since Monday about HBM?"[start:end] == "since Monday"


def test_a_question_without_a_day_has_none() -> None:
    assert read_since("what is new?", THURSDAY) is None
    assert read_since("since 31 February", THURSDAY) is None
