"""`Scope`, the value: what it takes, what it keeps, and the days that it covers."""

import pytest

from index.errors import LibraryError
from index.scope import EVERYTHING, Scope


def test_what_is_left_empty_limits_nothing():
    assert Scope((), "", "", ()) == EVERYTHING
    assert EVERYTHING.bounds() == (None, None)


def test_an_article_named_twice_is_kept_once_and_the_order_stays():
    scope = Scope(publishers=("B", "A"), articles=("b", "a", "b"))
    assert (scope.publishers, scope.articles) == (("B", "A"), ("b", "a"))


@pytest.mark.parametrize("part", ["publishers", "articles"])
def test_one_text_where_several_names_are_due_is_refused(part):
    with pytest.raises(LibraryError, match=rf"{part} = 'Post' is one text: give a list, such as \['Post'\]"):
        EVERYTHING.with_parts(**{part: "Post"})


@pytest.mark.parametrize(
    ("since", "until", "bounds"),
    [
        ("2026", None, ("2026-01-01", None)),
        (None, "2026-06", (None, "2026-06-31")),
        (" 2026-07-03 ", "2026-07-03", ("2026-07-03", "2026-07-03")),
    ],
)
def test_bounds_are_the_first_and_the_last_day_that_the_dates_cover(since, until, bounds):
    assert Scope(since=since, until=until).bounds() == bounds


def test_what_is_no_date_is_said_when_its_days_are_wanted_and_kept_as_typed_until_then():
    scope = Scope(until="2026-13")
    assert scope.until == "2026-13"
    with pytest.raises(LibraryError, match="until = '2026-13' is not a date: write 2026, 2026-07 or 2026-07"):
        scope.bounds()


def test_parts_that_are_given_take_the_place_of_the_scopes_own():
    scope = Scope(("Post",), since="2026", articles=("a",))
    changed = scope.with_parts(publishers=["News", "AP"], since="", until="2027", articles=())
    assert changed == Scope(("News", "AP"), "2026", "2027", ("a",))
    assert {changed: 1}[Scope(("News", "AP"), "2026", "2027", ("a",))] == 1  # what a store remembers it by
    assert scope == Scope(("Post",), since="2026", articles=("a",))
