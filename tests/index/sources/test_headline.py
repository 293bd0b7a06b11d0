"""The headline of a text that states none apart from itself, and a Markdown byline."""

from pathlib import Path

import pytest

from index.sources.formats import parse
from index.sources.headline import headline, read_byline
from index.sources.metadata import Metadata, clean_author, clean_title
from tests.paths import SEEDS

BODY = "The ferry Aurora came in late on Friday, with 40 people on board, its captain told the port office."


@pytest.mark.parametrize(
    "text",
    [
        f"Ferry comes in late\n\n{BODY}",
        f"Ferry comes in late\n{BODY}\n{BODY}",
        f"  Ferry comes in late \n3 July 2026\nBy Ann Lee\n\n{BODY}",
        f"3 July 2026\nFerry comes in late\n\n{BODY}",
        f"Sign up for our newsletter\n\nFerry comes in late\n\n{BODY}",
        f"**Ferry comes in late**\n\n1. {BODY}",
        f"\ufeff\n\nFerry comes in late\n\n{BODY}",
    ],
)
def test_a_first_line_of_its_own_above_a_paragraph_is_the_headline(text: str) -> None:
    assert headline(text) == "Ferry comes in late"


def test_a_question_may_be_a_headline_and_its_letters_stay_as_published() -> None:
    assert headline(f"Who carried “Aurora”’s 40 people?\n\n{BODY}") == "Who carried “Aurora”’s 40 people?"


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        f"{BODY}\n\n{BODY}",
        "The ferry came in late on Friday, its\ncaptain told the port office, with 40\npeople on board.\n"
        * 4,
        f"▲ Aurora\n{BODY}",
        f"(Photo: Harbour News)\n{BODY}",
        f"#ferry #aurora\n\n{BODY}",
        f"Dear friends of the port:\n\n{BODY}",
        f"By Ann Lee, Morning Post\n\n{BODY}",
        f"HOST: Captain, were you late?\nCAPTAIN: {BODY}",
        "Bread\nMilk and eggs\nTwo fish\nFour lemons",
        "A line alone",
        "",
    ],
)
def test_what_is_not_a_line_above_a_paragraph_is_none(text: str) -> None:
    assert headline(text) is None


def test_of_the_example_articles_those_that_open_with_a_headline_have_one() -> None:
    found = {path.name[:3]: headline(path.read_text("utf-8")) for path in Path(SEEDS).glob("*.txt")}
    assert {name for name, one in found.items() if one} == {"000", "004"}
    assert found["000"] == "Samsung's 2nm Foundry Targets AI Chip Orders from Meta and Anthropic"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("*By Ann Lee, Morning Post, 3 July 2026*", Metadata(None, "Morning Post", "Ann Lee", "2026-07-03")),
        ("By **Ann Lee** | The Morning Post | July 3, 2026", Metadata(None, "The Morning Post", "Ann Lee", "2026-07-03")),
        ("_by Ann Lee and Bo van Ray - 2026-07-03_", Metadata(author="Ann Lee and Bo van Ray", published="2026-07-03")),
        ("Written by Ann Lee", Metadata(author="Ann Lee")),
        ("By Ann Lee, London", Metadata(author="Ann Lee")),
        ("By Ann Lee, staff writer, 3 July 2026", Metadata(author="Ann Lee", published="2026-07-03")),
        ("By noon the ferry had come", Metadata()),
        ("By Friday Evening the ferry had come in, with all on board.", Metadata()),
        ("Ann Lee, Morning Post, 3 July 2026", Metadata()),
    ],
)  # fmt: skip
def test_a_byline_states_who_where_and_when_it_was_written(line: str, expected: Metadata) -> None:
    assert read_byline(line) == expected


def test_front_matter_wins_over_a_byline_and_a_byline_over_nothing() -> None:
    head = "---\nauthor: Bo Ray\n---\n"
    text = f"# Late\n\n*By Ann Lee, Morning Post, 3 July 2026*\n\n{BODY}\n"
    (plain,), (headed,) = (parse(".md", one.encode(), max_bytes=10_000) for one in (text, head + text))
    assert plain.stated == Metadata("Late", "Morning Post", "Ann Lee", "2026-07-03")
    assert headed.stated == Metadata("Late", "Morning Post", "Bo Ray", "2026-07-03")
    assert plain.text == text


@pytest.mark.parametrize(
    "title",
    ["Microsoft Word - Notes", "untitled", "Document1", "report_final.docx", "PowerPoint Presentation"],
)
def test_what_programs_write_is_no_title(title: str) -> None:
    assert clean_title(title) is None


@pytest.mark.parametrize("author", ["python-docx", "anonymous", "Admin", "Microsoft Office User"])
def test_what_programs_write_is_no_author(author: str) -> None:
    assert clean_author(author) is None


def test_titles_and_authors_that_only_look_alike_stay() -> None:
    assert clean_title("Documents show what the port knew") == "Documents show what the port knew"
    assert clean_title("Why readme.txt matters") == "Why readme.txt matters"
    assert clean_author("Ann Admin") == "Ann Admin"
