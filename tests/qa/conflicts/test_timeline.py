"""What was said when, and what a later report may have overtaken."""

from dataclasses import replace

from qa.conflicts.timeline import timeline_of
from qa.export.text import timeline_text
from qa.records import Answer, Citation, Conflict, ConflictCheck, Position, Timeline


def said(article: str, day: str | None, quote: str = "200 people", updated: str | None = None) -> Citation:
    sentence = f"The mill employs {quote}."
    place = (17, 17 + len(quote), quote, sentence, 0, len(sentence))
    return Citation(article, None, article.title(), day, f"{article}.txt", *place, 0.9, updated=updated)


MAY = said("may", "2026-05-03")
JULY = said("july", "2026-07-03", "250 people")
AUGUST = said("august", "2026-08-01", "260 people")
NEVER = said("never", None, "210 people")


def update(older: Citation, newer: Citation, *, possible: bool = True) -> Conflict:
    return Conflict("number", "", (older, newer), 0.9, possible, (0, 1))


def told(*positions: tuple[Citation, ...], conflicts: tuple[Conflict, ...] = ()) -> Answer:
    return Answer(
        "How many?", "How many?", "answered", positions[0][0].quote, 0.9, positions[0],
        tuple(Position(one[0].quote, one, len(one)) for one in positions), conflicts, ConflictCheck("checked"), (),
    )  # fmt: skip


def marks(answer: Answer) -> dict[str, str]:
    return {one.citation.article_id: one.mark for one in timeline_of(answer).entries}


def test_each_dated_statement_stands_once_in_order_of_time_and_the_others_are_counted() -> None:
    answer = told((AUGUST,), (MAY,), (NEVER,), (JULY,), conflicts=(update(MAY, AUGUST, possible=False),))
    found = timeline_of(answer)
    assert [one.day for one in found.entries] == ["2026-05-03", "2026-07-03", "2026-08-01"]
    assert found.undated == 1
    assert marks(answer) == {"may": "", "july": "", "august": ""}


def test_the_older_of_an_update_is_superseded_and_the_newest_is_the_latest() -> None:
    chain = told((MAY,), (JULY,), (AUGUST,), conflicts=(update(MAY, JULY), update(AUGUST, JULY)))
    assert marks(chain) == {"may": "superseded", "july": "superseded", "august": "latest"}
    fan = told((MAY,), (JULY,), (AUGUST,), conflicts=(update(MAY, JULY), update(MAY, AUGUST)))
    assert marks(fan) == {"may": "superseded", "july": "", "august": "latest"}


def test_nothing_is_superseded_that_another_source_still_says() -> None:
    again = said("again", "2026-08-01")
    assert set(marks(told((MAY, again), (JULY,), conflicts=(update(MAY, JULY),))).values()) == {""}
    early = said("early", "2026-05-04")
    assert marks(told((MAY, early), (JULY,), conflicts=(update(MAY, JULY),)))["may"] == "superseded"


def test_a_day_within_the_others_month_is_not_later() -> None:
    some_day = replace(MAY, published="2026-07")
    assert set(marks(told((some_day,), (JULY,), conflicts=(update(some_day, JULY),))).values()) == {""}


def test_what_was_updated_counts_from_its_update() -> None:
    revised = replace(MAY, updated="2026-07-20")
    answer = told((revised,), (JULY,), conflicts=(update(revised, JULY),))
    assert marks(answer) == {"july": "superseded", "may": "latest"}


def test_a_timeline_is_made_of_what_is_quoted_never_of_an_earlier_timeline() -> None:
    answer = told((MAY,), (JULY,))
    assert timeline_of(replace(answer, timeline=timeline_of(told((AUGUST,))))) == timeline_of(answer)
    assert timeline_of(replace(answer, citations=(), positions=())) == Timeline()


def test_as_text_it_says_who_said_what_when_and_how_many_have_no_date() -> None:
    answer = told((MAY,), (NEVER,), (JULY,), conflicts=(update(MAY, JULY),))
    assert timeline_text(timeline_of(answer)).splitlines() == [
        "In order of time:",
        "",
        "  2026-05-03  May: “The mill employs 200 people.”  (perhaps superseded)",
        "  2026-07-03  July: “The mill employs 250 people.”  (latest)",
        "  1 statement without a date is left out.",
    ]
    assert timeline_text(Timeline((), 2)) == "In order of time: nothing that is quoted states a date."
