"""Metadata in one normal form; dates only where they can be read in one way."""

import pytest

from index.sources.metadata import Metadata, iso_date, normalise_metadata, one_line


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026", "2026"),
        ("2026-07", "2026-07"),
        ("2026-07-03", "2026-07-03"),
        ("2026-07-03 16:37", "2026-07-03"),
        ("2026-07-03T23:59:00-11:00", "2026-07-03"),
        ("2026-07-03T16:37:00.123Z", "2026-07-03"),
        ("20260703", "2026-07-03"),
        ("2026/7/3", "2026-07-03"),
        ("2026. 7. 3.", "2026-07-03"),
        ("2026년 7월 3일", "2026-07-03"),
        ("2026年7月", "2026-07"),
        ("July 3, 2026", "2026-07-03"),
        ("Friday, July 3rd, 2026 at 4:37 pm", "2026-07-03"),
        ("3 July 2026", "2026-07-03"),
        ("Jul. 3, 2026", "2026-07-03"),
        ("July 2026", "2026-07"),
        ("Fri, 03 Jul 2026 16:37:00 +0900", "2026-07-03"),
        ("25/12/2026", "2026-12-25"),
        ("12/25/2026", "2026-12-25"),
        ("07/07/2026", "2026-07-07"),
    ],
)
def test_a_date_is_kept_as_exact_as_stated(written: str, expected: str) -> None:
    assert iso_date(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "03/07/2026",
        "2026-13-01",
        "2026-02-30",
        "last Friday",
        "Spring 2026",
        "1751500000",
        "3 July",
        "",
        "2026-07-03 or so",
    ],
)
def test_a_date_that_is_ambiguous_impossible_or_vague_is_none(written: str) -> None:
    assert iso_date(written) is None


def test_values_become_one_line_each() -> None:
    assert one_line("  Acme\r\n wins\u0000 ") == "Acme wins"
    assert one_line(["Ann Lee", {"name": "Bo Ray"}, None]) == "Ann Lee, Bo Ray"
    assert one_line({"id": "x", "name": "The Herald"}) == "The Herald"
    assert one_line(2026) == "2026"
    assert one_line(True) is None
    assert one_line("half \ud800 a character") == "half a character"


def test_an_address_that_is_not_whole_is_no_url() -> None:
    assert normalise_metadata({"url": "/news/1"}).url is None
    assert normalise_metadata({"url": "javascript:alert(1)"}).url is None
    assert normalise_metadata({"url": "https://example.org/news/1"}).url == "https://example.org/news/1"


def test_what_is_stated_first_wins_and_gaps_are_filled() -> None:
    beside, inside = Metadata(title="A", published="2026"), Metadata(title="B", author="C")
    assert beside.fill_from(inside) == Metadata(title="A", author="C", published="2026")
