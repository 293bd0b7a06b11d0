"""What a text's first and last lines state, what they may state, and that nothing else changes by it."""

from pathlib import Path

import pytest

from index.records import Article
from index.sources.load import Loaded, article_id, load
from index.sources.metadata import Metadata
from index.sources.opening import Suggestion, read_opening
from index.sources.opening.dates import day_of_file, find_days

BODY = (
    "The harbour office has closed the eastern basin to all ships above thirty metres, because a dredger found "
    "an anchor of unknown origin lying across the power cable.\n\nDivers are to lift it before the weekend. "
    "Until then the ferries to the islands will leave from the old quay, a quarter of an hour later than usual."
)
TITLE = "Anchor closes the eastern basin"


def stated(head: str, tail: str = "") -> Metadata:
    return read_opening(f"{head}\n\n{BODY}\n\n{tail}".strip()).stated


@pytest.mark.parametrize(
    ("head", "tail", "publisher", "published"),
    [
        (f"{TITLE}\n\nBy Harriet Moss, The Calder Gazette / 12 March 2026", "", "The Calder Gazette", "2026-03-12"),
        (f"{TITLE}\nPublisher: The Calder Gazette\nPublished: 2026-03-12", "", "The Calder Gazette", "2026-03-12"),
        (f"{TITLE}\nMarch 12, 2026", "Source: The Calder Gazette", "The Calder Gazette", "2026-03-12"),
        (f"{TITLE}\n12 March 2026", "© 2026 The Calder Gazette. All rights reserved.", "The Calder Gazette", "2026-03-12"),
        (f"Title: {TITLE}\nSource: Calder Gazette\nDate: Thursday, 12 March 2026", "", "Calder Gazette", "2026-03-12"),
        (f"{TITLE}\nPublié le 12 mars 2026 à 14h20", "", None, "2026-03-12"),
        (f"{TITLE}\nPublished: 12 March 2026 | Updated 14:20", "", None, "2026-03-12"),
        (TITLE, "", None, None),
    ],
)  # fmt: skip
def test_outlet_and_day_are_read_in_the_forms_that_are_in_use(
    head: str, tail: str, publisher: str | None, published: str | None
) -> None:
    found = stated(head, tail)
    assert (found.publisher, found.published) == (publisher, published)


def test_an_outlet_that_is_likely_but_not_sure_is_suggested_first() -> None:
    found = read_opening(f"Calder Gazette, 12 March 2026\n\n{TITLE}\n\n{BODY}")
    assert found.stated.published == "2026-03-12"
    assert (found.stated.publisher or found.suggested[0].value) == "Calder Gazette"


def test_a_byline_states_who_wrote_it() -> None:
    assert stated(f"{TITLE}\nBy Harriet Moss").author == "Harriet Moss"
    assert stated(f"{TITLE}\nBY HARRIET MOSS\nMarch 12, 2026").author == "Harriet Moss"
    assert stated(f"{TITLE}\n\nBy midnight the quay was empty.").author is None


def test_a_day_of_update_is_no_day_of_publication() -> None:
    found = stated(f"{TITLE}\nUpdated 3 Oct 2026")
    assert (found.published, found.updated) == (None, "2026-10-03")
    found = stated(f"{TITLE}\nPublished 1 October 2026\nLast updated: 3 October 2026")
    assert (found.published, found.updated) == ("2026-10-01", "2026-10-03")


def test_a_dateline_takes_its_year_from_elsewhere_or_states_no_day() -> None:
    line = "LISBON, Oct 3 (Norwind News Agency) - "
    assert read_opening(f"{TITLE}\n\n{line}{BODY}").stated.published is None
    dated = read_opening(f"{TITLE}\n\n{line}{BODY}\n\n© 2026 Norwind News Agency").stated
    assert (dated.publisher, dated.published) == ("Norwind News Agency", "2026-10-03")


def test_a_day_that_can_be_read_in_two_ways_is_suggested_with_its_line() -> None:
    found = read_opening(f"{TITLE}\nPublished: 03/04/2026\n\n{BODY}")
    assert found.stated.published is None
    assert [one for one in found.suggested if one.field == "published"] == [
        Suggestion("published", "2026-04-03", "Published: 03/04/2026"),
        Suggestion("published", "2026-03-04", "Published: 03/04/2026"),
    ]
    assert stated(f"{TITLE}\nPublished: 25/04/2026").published == "2026-04-25"


def test_days_of_the_story_credits_and_quotations_state_nothing() -> None:
    told = f"{TITLE}\n\nOn 12 March 2026 it was found.\n\n{BODY}\n\nPhoto: Harriet Moss\n\nThe hearing is on 2 May 2026."
    assert read_opening(told).stated == Metadata(title=TITLE)
    assert read_opening(f"{BODY}\n\n{BODY}").stated == Metadata()


def test_the_head_of_a_pasted_mail_is_read() -> None:
    head = (
        f"From: Harriet Moss <harriet@mail.example>\nDate: Thu, 12 Mar 2026 14:20:00 +0100\nSubject: {TITLE}"
    )
    found = read_opening(f"{head}\n\n{BODY}")
    assert (found.stated.title, found.stated.published) == (TITLE, "2026-03-12")
    # Who sends a mail need not have written what stands in it.
    assert (
        found.stated.author == "Harriet Moss"
        or Suggestion("author", "Harriet Moss", "From: Harriet Moss <harriet@mail.example>")
        in found.suggested
    )


def test_front_matter_is_read_in_a_plain_text_and_stays_in_it(tmp_path: Path) -> None:
    text = f"---\ntitle: {TITLE}\nsource: The Calder Gazette\ndate: 2026-03-12\nupdated: 2026-03-14\n---\n\n{BODY}\n"
    article = loaded(tmp_path / "a.txt", text)
    assert article.text == text
    assert (article.title, article.publisher) == (TITLE, "The Calder Gazette")
    assert (article.published, article.updated) == ("2026-03-12", "2026-03-14")


def loaded(file: Path, text: str | bytes) -> Article:
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    (found,) = load(file)
    assert isinstance(found, Loaded), found
    return found.article


def test_text_and_id_are_those_of_an_article_whose_lines_are_not_read(tmp_path: Path) -> None:
    text = f"{TITLE}\n\nBy Harriet Moss, The Calder Gazette / 12 March 2026\n\n{BODY}\n"
    article = loaded(tmp_path / "a.txt", text)
    assert (article.text, article.id) == (text, article_id(text, TITLE))
    assert (article.publisher, article.published) == ("The Calder Gazette", "2026-03-12")


def test_a_line_that_states_an_outlet_is_not_the_title(tmp_path: Path) -> None:
    text = f"Calder Gazette, 12 March 2026\n\n{TITLE}\n\n{BODY}\n"
    assert loaded(tmp_path / "a.txt", text).title == TITLE


def test_what_is_stated_beside_the_text_wins(tmp_path: Path) -> None:
    text = f"{TITLE}\n\nBy Harriet Moss, The Calder Gazette / 12 March 2026\n\n{BODY}\n"
    (tmp_path / "articles.toml").write_text('["a.txt"]\npublisher = "Isle Post"\n', encoding="utf-8")
    article = loaded(tmp_path / "a.txt", text)
    assert (article.publisher, article.author) == ("Isle Post", "Harriet Moss")
    assert article.id == article_id(text, TITLE, "Isle Post")


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2026-03-12_calder-gazette_harbour.txt", "2026-03-12"),
        ("20260312.txt", "2026-03-12"),
        ("gazette 2026.03.12 (2).txt", "2026-03-12"),
        ("gazette-120326.txt", None),
        ("2026-13-12.txt", None),
        ("2026-03-12 to 2026-03-14.txt", None),
        ("order-1202603129.txt", None),
    ],
)
def test_the_name_of_a_file_may_hold_a_day(name: str, day: str | None) -> None:
    assert day_of_file(name) == day


def test_a_day_in_the_files_name_counts_where_the_text_states_none(tmp_path: Path) -> None:
    assert loaded(tmp_path / "2026-03-12_gazette.txt", f"{TITLE}\n\n{BODY}").published == "2026-03-12"
    dated = f"{TITLE}\nPublished: 1 May 2026\n\n{BODY}"
    assert loaded(tmp_path / "2026-03-13_gazette.txt", dated).published == "2026-05-01"


@pytest.mark.parametrize(
    ("line", "readings"),
    [
        ("Thursday, March 12th, 2026 at 2:20 p.m. GMT", ("2026-03-12",)),
        ("12. März 2026, 14:20 Uhr", ("2026-03-12",)),
        ("12 de marzo de 2026", ("2026-03-12",)),
        ("2026년 3월 12일", ("2026-03-12",)),
        ("2026-03-12T14:20:00Z", ("2026-03-12",)),
        ("13/03/2026", ("2026-03-13",)),
        ("03/04/2026", ("2026-04-03", "2026-03-04")),
        ("March 2026", ("2026-03",)),
        ("3 October", ()),
    ],
)
def test_a_day_is_found_with_all_that_belongs_to_it(line: str, readings: tuple[str, ...]) -> None:
    (found,) = find_days(line)
    assert (found.start, found.end, found.readings) == (0, len(line), readings)


def test_a_saved_mail_is_an_article(tmp_path: Path) -> None:
    mail = (
        f"From: Harriet Moss <harriet@mail.example>\r\nTo: desk@mail.example\r\nSubject: {TITLE}\r\n"
        "Date: Thu, 12 Mar 2026 14:20:00 +0100\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"{BODY}\r\n"
    )
    article = loaded(tmp_path / "a.eml", mail)
    assert article.text.strip() == BODY
    assert (article.title, article.author, article.published) == (TITLE, "Harriet Moss", "2026-03-12")


@pytest.mark.parametrize(
    "date", [f"Thu, 12 Mar 2026 16:{'4' * 40}:00 +0100", "Thu, 12 Mar 99999999999 14:20:00"]
)
def test_a_mail_with_a_date_that_none_is_has_its_text_and_no_day(tmp_path: Path, date: str) -> None:
    mail = f"From: Harriet Moss <harriet@mail.example>\nSubject: {TITLE}\nDate: {date}\n\n{BODY}\n"
    article = loaded(tmp_path / "a.eml", mail)
    assert (article.text.strip(), article.title, article.published) == (BODY, TITLE, None)


NESTED = b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 3_000


@pytest.mark.parametrize("data", [b"no header at all", b"Subject: x\n\n", b"\n\n", NESTED])
def test_what_is_no_mail_or_holds_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(data)
    (found,) = load(file)
    assert not isinstance(found, Loaded)


def test_a_page_states_its_day_of_update(tmp_path: Path) -> None:
    meta = '<meta property="article:modified_time" content="2026-03-14T09:00:00Z">'
    page = (
        f"<html><head><title>{TITLE}</title>{meta}</head><body><article><p>{BODY}</p></article></body></html>"
    )
    assert loaded(tmp_path / "a.html", page).updated == "2026-03-14"


def test_only_the_ends_of_a_text_are_looked_at() -> None:
    head, tail = f"{TITLE}\nMarch 12, 2026", "© 2026 The Calder Gazette"
    long = f"{head}\n\n{BODY}\n\n" + "Source: Another Gazette, 1 May 2020\n" * 1_000 + f"\n{BODY}\n\n{tail}"
    assert read_opening(long).stated == stated(head, tail)
