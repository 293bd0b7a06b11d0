"""The cleaned view: what it reads, what it leaves out, and the way back to the text as published."""

import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.boilerplate import PATTERNS, is_furniture
from index.text.clean import View, clean, normalise
from tests.paths import SEEDS

# Each way of rewriting a character, without the signs that read as digits, which have tests of their own.
LETTERS = "aZ9 .,\n𝗧𝟗Ａ１’“”\u00a0\u3000‑\u2028é한ー漢字हि"
INVISIBLE = "\u200b\u200d\ufeff\u202e\ufe0f"
MARKS = "\u0301\u0316\u0327\u3099\uff9e\u1161\u11a8\u093c"
EXPANDING = "ﬁﷺ㎏Ⅳ…ĳ\u1112ﾊ"
PLAIN = {"’": "'", "“": '"', "”": '"', "‐": "-", "\u2028": "\n"}

texts = st.text(alphabet=LETTERS + INVISIBLE + MARKS + EXPANDING, max_size=25)


def slow_view(text: str) -> str:
    """The same rewriting on the whole text at once, without a map."""
    visible = "".join(char for char in text if char not in INVISIBLE)
    plain = "".join(PLAIN.get(char, char) for char in visible)
    return "".join(PLAIN.get(char, char) for char in unicodedata.normalize("NFKC", plain))


def kinds(text: str) -> list[tuple[str, str]]:
    view = clean(text)
    return [(block.kind, view.text[block.start : block.end]) for block in view.blocks]


def published(text: str, piece: str) -> str:
    """The stretch of the original behind `piece` of the view."""
    view = clean(text)
    start = view.text.index(piece)
    span = view.original(start, start + len(piece))
    return text[span.start : span.end]


@given(texts)
def test_the_view_equals_the_slow_reference(text: str) -> None:
    assert clean(text).text == slow_view(text)


@given(texts, st.data())
def test_the_original_of_any_stretch_reads_as_that_stretch(text: str, data: st.DataObject) -> None:
    view = clean(text)
    start = data.draw(st.integers(0, len(view.text)))
    end = data.draw(st.integers(start, len(view.text)))
    span = view.original(start, end)
    assert 0 <= span.start <= span.end <= len(text)
    assert view.text[start:end] in clean(text[span.start : span.end]).text


@given(st.text(alphabet=LETTERS + INVISIBLE + MARKS + EXPANDING + "½²①⁻㎡\xad\r*_#", max_size=25))
def test_the_map_never_runs_backwards(text: str) -> None:
    view = clean(text)
    spans = [view.original(i, i + 1) for i in range(len(view.text))]
    assert all(a.start <= b.start and a.end <= b.end for a, b in pairwise(spans))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_every_pair_that_unicode_composes_is_composed() -> None:
    for code in range(0x80, sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            pair = chr(int(parts[0], 16)) + chr(int(parts[1], 16))
            form = unicodedata.normalize("NFKC", f"x{pair}x")
            if " " not in form:
                assert clean(f"x{pair}x").text == form


def test_bold_letters_read_plainly_and_are_quoted_as_published() -> None:
    assert clean("🔥𝗧𝗛𝗘 𝗔𝗜 𝗪𝗔𝗥🔥").text == "🔥THE AI WAR🔥"
    assert published("🔥𝗧𝗛𝗘 𝗔𝗜 𝗪𝗔𝗥🔥", "AI WAR") == "𝗔𝗜 𝗪𝗔𝗥"


def test_the_original_is_the_smallest_stretch() -> None:
    text = "a\u200b ﬁne \u200b**bold**\u200b move"
    assert published(text, "fine") == "ﬁne"
    assert published(text, "f") == "ﬁ"
    assert published(text, "bold") == "bold"
    assert published(text, "a") == "a"
    assert published(text, "bold move") == "bold**\u200b move"


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("soft\u00adware", "software"),
        ("proces\u00ad\r\n  sors", "processors"),
        ("a\u00a0b\u2009c\td", "a b c d"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("‘a’ “b” self‑developed", "'a' \"b\" self-developed"),
        ("ﷺ", "صلى الله عليه وسلم"),
        ("\u1112\u1161\u11ab", "한"),
        ("Trainium™ and Claude®", "Trainium and Claude"),
        ("−5 ℃", "-5 °C"),
        ("a\x00b\ud800c", "ab\ufffdc"),
        ("naı\u0308ve ¨", "naı\u0308ve ¨"),
        ("", ""),
    ],
)
def test_odd_characters_read_plainly(text: str, view: str) -> None:
    assert clean(text).text == view


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("10² dies", "10² dies"),
        ("10⁻³ A", "10⁻³ A"),
        ("5 m² of CO₂", "5 m2 of CO2"),
        ("log₁₀5", "log10 5"),
        ("5½ years", "5 1/2 years"),
        ("½ a year", "1/2 a year"),
        ("in 2026①", "in 2026 1"),
        ("①2", "1 2"),
        ("25º", "25º"),
        ("20㎡5", "20m2 5"),
        ("１２³", "12³"),
    ],
)
def test_a_sign_never_becomes_a_digit_of_the_number_beside_it(text: str, view: str) -> None:
    assert clean(text).text == view


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("the **2nm process** and", "the 2nm process and"),
        ("(**2nm**)", "(2nm)"),
        ("***very*** bold", "very bold"),
        ("a __bold phrase__ here", "a bold phrase here"),
        ("## Results\nGood.", "Results\nGood."),
    ],
)
def test_markdown_marks_are_left_out(text: str, view: str) -> None:
    assert clean(text).text == view


@pytest.mark.parametrize(
    "text",
    [
        "2**3**4",
        "2 ** 3 ** 4",
        "x**2** + y**2**",
        "f(**kwargs) and g(**kwargs)",
        "__init__ and __call__",
        "__FILE__, __LINE__",
        "#AnthropicTapsSamsung",
        "C# is older",
        "5 * 3 ** 2",
        "**not closed",
        "a_b__c_d",
    ],
)
def test_what_only_looks_like_markdown_stays(text: str) -> None:
    assert clean(text).text == text


def test_a_stretch_outside_the_view_is_an_error() -> None:
    with pytest.raises(ValueError, match="no characters 0 to 9 in a view of 3"):
        clean("abc").original(0, 9)


def test_an_empty_stretch_has_a_place() -> None:
    view = clean("\u200babc\u200b")
    assert (view.original(0, 0).start, view.original(3, 3).start) == (1, 4)
    assert clean("").original(0, 0).start == 0


def test_a_short_piece_is_cleaned_onto_one_line() -> None:
    assert normalise(" “Is 𝟮𝗻𝗺\nready”  for **mass production**? ") == '"Is 2nm ready" for mass production?'
    assert normalise("# of chips?") == "# of chips?"


def test_long_runs_of_marks_and_one_huge_line_are_cleaned() -> None:
    hostile = "a" + "\u0301\u0316" * 20_000 + "**x " * 20_000 + "\u00ad " * 20_000 + "__a b" * 20_000
    view = clean(hostile)
    assert view.text.endswith("__a b")
    assert view.original(0, len(view.text)).end == len(hostile)


def test_the_blocks_of_the_bundled_articles() -> None:
    views = {path.name[:3]: clean(path.read_text(encoding="utf-8")) for path in sorted(SEEDS.glob("*.txt"))}
    headings = {name: _texts(view, "heading") for name, view in views.items()}
    assert headings["000"][1:] == ["2026-07-03 16:37"]
    assert "Samsung receives 10 trillion won OEM orders from Meta" in headings["001"]
    assert headings["002"] == ["▲ Anthropic"]
    assert headings["003"][1].startswith("🔥THE AI WAR IS NO LONGER")
    assert "MY PERSPECTIVE" in headings["003"]
    assert headings["003"][2].startswith("ANTHROPIC ENTERS THE AI CHIP RACE")
    assert headings["004"][0].endswith("Samsung's foundry story?")
    assert headings["004"][1] == "TL;DR"
    assert [len(_texts(view, "item")) for view in views.values()] == [0, 0, 0, 0, 3]
    assert [len(_texts(view, "furniture")) for view in views.values()] == [2, 0, 3, 13, 16]


def _texts(view: View, kind: str) -> list[str]:
    return [view.text[block.start : block.end] for block in view.blocks if block.kind == kind]


@pytest.mark.parametrize(
    "line",
    [
        "Reward", "• Share", "Comment", "Comments (12)", "3 comments", "Add a comment", "No comments", "Pinned",
        "Favorite", "post-image", "View Original", "※", "* * *", "(Photo: AP, Yonhap News)", "Photo by Jane Doe",
        "@Gate_Square", "Facebook Twitter LinkedIn", "Share | Tweet | Email", "Share on Facebook",
        "Telegram Chat Group: https://t.me/BlockBeats_App", "https://t.me/theblockbeats",
        "Welcome to join the official BlockBeats community:", "Click to learn about job openings at BlockBeats",
        "Copying, redistribution, and unauthorized use in AI training are strictly prohibited.",
        "Unauthorized reproduction of this article is strictly prohibited.", "© 2026 Yonhap News Agency",
        "Copyright © Reuters. All rights reserved.", "Disclaimer: the views are the author's.",
        "This article is for informational purposes only and is no advice.",
        "We use cookies to improve your experience on this site.", "Accept all cookies",
        "Subscribe to our daily newsletter", "Get the day's news in your inbox.", "Enter your email",
        "Email: news@example.com", "Page 3 of 12", "Advertisement",
    ],
)  # fmt: skip
def test_page_furniture_is_told(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    [
        "Share prices rose.", "Comment: the deal is dead", "The reward was $5 million.", "Reward and risk",
        "Pinned to the wall was a wafer.", "Facebook", "Meta Google Amazon", "2026-07-03 16:37", "50", "TL;DR",
        "Photo: the plant in Taylor, Texas, will make chips from 2027.", "Photography by phone is growing fast.",
        "Copyright disputes over AI training grew in 2025.", "Copying the masks is prohibited by U.S. law.",
        "This article is compiled from interviews with ten engineers.",
        "This page may contain errors, the regulator wrote.", "We use cookies to track users, the lawyer said.",
        "Click to pay is the bank's newest service.", "Join the official talks, Seoul told Tokyo.",
        "Source: Reuters", "By Jane Doe", "Subscribers rose to 5 million.", "X rose 3 percent.", "@ 5 dollars a share",
        "Working group report: https://example.org/report.pdf", "#AnthropicTapsSamsungForAIchips",
    ],
)  # fmt: skip
def test_prose_that_merely_holds_such_a_word_is_no_furniture(line: str) -> None:
    assert not is_furniture(line)


def test_every_pattern_of_furniture_says_why() -> None:
    assert all(reason for _, reason in PATTERNS)


def test_page_furniture_leaves_the_text_but_not_the_offsets() -> None:
    text = "Chips are scarce this year.\nShare\nYields are low at both firms."
    view = clean(text)
    assert [block.kind for block in view.blocks] == ["paragraph", "furniture", "paragraph"]
    assert view.text == text


WRAPPED = """\
CHAPTER I

It was the year in which chips were dearer than gold, and the foundries
of the peninsula worked by night as by day. Nobody who lived there could
sleep; the towers hummed, and the lorries came and went with masks and
wafers until the sun stood over the sea.

The engineers, of whom nine thousand were at the time in the pay of
Samsung, said little. They had been told to say little."""


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    found = kinds(WRAPPED)
    assert [kind for kind, _ in found] == ["heading", "paragraph", "paragraph"]
    assert found[1][1].startswith("It was the year")
    assert found[1][1].endswith("over the sea.")
    assert found[2][1].endswith("say little.")


def test_wrapped_items_and_disclaimers_hold_together() -> None:
    text = (
        "- the first item goes on for so long that it\n  runs over the line's end\n- the second\n"
        "This page may contain third-party content, which is provided for\ninformation purposes only."
    )
    assert [kind for kind, _ in kinds(text)] == ["item", "item", "furniture"]


def test_one_paragraph_a_line_stays_so() -> None:
    lines = [
        "Samsung won the order from Meta, people in the industry said on Friday.",
        "TSMC had made the first two generations of the same chip in Taiwan.",
        "Intel, which also makes chips for others, declined to say if it had bid.",
        "Anthropic is looking at the same process, but has not decided yet.",
        "Shares of all four companies rose in Seoul, Taipei and New York.",
    ]
    assert kinds("\n".join(lines)) == [("paragraph", line) for line in lines]


def test_a_list_of_short_lines_is_not_joined() -> None:
    assert [text for _, text in kinds("apples\npears\nplums\ncherries")] == [
        "apples",
        "pears",
        "plums",
        "cherries",
    ]


def test_headings_items_and_numbers_are_told() -> None:
    text = (
        "A title, is it?\n## Part one.\nThe yield was low.\n• first\n* second\n1. third\n"
        "Next steps\nA source said:\nIt goes on."
    )
    assert kinds(text) == [
        ("heading", "A title, is it?"),
        ("heading", "Part one."),
        ("paragraph", "The yield was low."),
        ("item", "first"),
        ("item", "second"),
        ("item", "1. third"),
        ("heading", "Next steps"),
        ("heading", "A source said:"),
        ("paragraph", "It goes on."),
    ]


@given(st.text(alphabet="ab. \n-•1#*:Share", max_size=60))
def test_blocks_are_trimmed_ordered_and_hold_all_but_bullets(text: str) -> None:
    view = clean(text)
    at = 0
    for block in view.blocks:
        assert at <= block.start < block.end
        piece = view.text[block.start : block.end]
        assert piece == piece.strip()
        assert not view.text[at : block.start].strip("•*- \n")
        at = block.end
    assert not view.text[at:].strip()
