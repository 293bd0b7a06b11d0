"""Promise 1 at its hardest: a text whose cleaned view differs from it in every line."""

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from index.library import Library
from index.text.clean import normalise
from qa.app.html.render import sentence
from qa.app.html.turn import turn
from qa.ask import ask
from qa.export.answer import answer_text
from qa.export.markdown import line
from qa.export.text import printable
from qa.records import Answer

# Bold letters, a soft hyphen, two blanks, a ligature, markdown.
MILL = "𝗧𝗵𝗲  mill in Aarup, an of\u00adﬁcial  said, **employs 120 people**  in all. It was built in 1912."
COPY = "The union  counts **350 people**  whom the mill in Aarup employs in all, an of\u00adﬁcial said."
QUESTION = "How many people does the mill in Aarup employ?"


@pytest.fixture
def answered(tmp_path: Path) -> tuple[Answer, dict[str, str]]:
    for name, text in (("mill", MILL), ("union", COPY)):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    with Library.open(tmp_path / "library") as library:
        library.add(tmp_path / "mill.txt", tmp_path / "union.txt")
        return ask(QUESTION, library=library), {one.id: one.text for one in library.articles()}


def test_the_articles_of_this_test_are_not_what_their_view_is(
    answered: tuple[Answer, dict[str, str]],
) -> None:
    assert all(normalise(text) != text for text in answered[1].values())
    assert answered[0].status == "answered"


def test_every_text_of_an_answer_stands_in_an_article(answered: tuple[Answer, dict[str, str]]) -> None:
    answer, texts = answered
    shown = [*answer.citations, *(one for position in answer.positions for one in position.citations)]
    for citation in shown:
        text = texts[citation.article_id]
        assert citation.quote == text[citation.start : citation.end]
        assert citation.sentence == text[citation.sentence_start : citation.sentence_end]
    for passage in answer.passages:
        assert passage.text == texts[passage.article_id][passage.start : passage.end]
    # The texts that carry no offsets of their own are those of a citation, to the character.
    assert answer.text == answer.citations[0].quote
    for position in answer.positions:
        assert position.text == position.citations[0].quote


def test_the_terminal_shows_the_words_as_published(answered: tuple[Answer, dict[str, str]]) -> None:
    answer, _ = answered
    printed = " ".join(answer_text(answer).split())
    # Line ends and blanks are the terminal's own; marks without a width, which belong to the words, are kept.
    assert "\u00ad" in answer.citations[0].sentence
    expected = " ".join(answer.citations[0].sentence.split())
    assert expected in printed


def test_the_page_shows_the_sentence_as_published(answered: tuple[Answer, dict[str, str]]) -> None:
    answer, texts = answered
    for citation in answer.citations:
        shown = html.unescape(re.sub("<[^>]+>", "", sentence(citation)))
        assert shown == texts[citation.article_id][citation.sentence_start : citation.sentence_end]
        assert shown in html.unescape(re.sub("<[^>]+>", "", turn(answer, {}, 1)))


@pytest.mark.parametrize("plain", [printable, line], ids=["terminal", "Markdown"])
def test_what_has_no_width_is_kept_or_shown_and_never_left_out(plain: Callable[[str], str]) -> None:
    kept = "\u200c \u200d \u00ad \u200e \u200f \u061c \u2060"
    assert plain(f"a{kept}b") == f"a{kept}b"
    for turning in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
        shown = plain(f"a{turning}b").replace("\\\\", "\\")  # as Markdown shows it
        assert shown == f"a\\u{ord(turning):04x}b"
