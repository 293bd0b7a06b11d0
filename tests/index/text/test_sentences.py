"""Sentence spans: where they start and end, and what they never cross."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.bench.splitters import boundaries, read_gold, score
from index.text.clean import clean
from index.text.sentences import sentences, split


def found(text: str) -> list[str]:
    view = clean(text)
    return [view.text[sentence.start : sentence.end] for sentence in sentences(view)]


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text)]


def test_the_splitter_is_right_on_nearly_all_hard_sentences() -> None:
    gold = read_gold()
    result, errors = score(split, gold)
    assert sum(map(len, gold)) >= 200
    assert (result.wrong, result.missed) == (1, 4), errors


def test_a_wrong_and_a_missed_boundary_are_both_counted() -> None:
    result, errors = score(lambda _: [(0, 3), (3, 13)], [["Dr. A.", "It is."]])
    assert (result.right, result.wrong, result.missed) == (0, 1, 1)
    assert errors == ["Dr.¦ A.‖ It is."]
    assert boundaries([(0, 4), (4, 8)], "a b. c d") == {4}


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Lee of St. Louis met Mr. Kim at 9 a.m. Tuesday.",
        "The U.S. outlet reported on July 2 (local time) that Inc. is short for incorporated.",
        "He spoke to the U.S. IT news outlet, and later to the U.N. WFP team.",
        "About 3.5 percent of US$25 bn. in all went to fab No. 5, e.g. for tools.",
        "Few expected Yahoo! to last, vs. www.google.com or J. R. R. Tolkien.",
        "Meta plans a system,A new generation comes every six months.",
        "Lt. Col. Smith saw fig. 3 of approx. 12 pages.",
    ],
)
def test_a_point_inside_a_sentence_does_not_end_it(text: str) -> None:
    assert pieces(text) == [text]


def test_a_sentence_ends_after_its_closing_quote_or_bracket() -> None:
    text = 'She called it "a turning point." (Others did not.) "Why?" Nobody knew.'
    assert pieces(text) == ['She called it "a turning point."', "(Others did not.)", '"Why?"', "Nobody knew."]


def test_a_sentence_may_end_in_an_abbreviation() -> None:
    assert pieces("It left the U.S. The plant closed at 5 p.m. On Friday it reopened.") == [
        "It left the U.S.",
        "The plant closed at 5 p.m.",
        "On Friday it reopened.",
    ]


def test_no_sentence_crosses_a_heading_an_item_or_a_paragraph() -> None:
    text = "What follows\n- the first, i.e. no. 1\n- the second\nThen it goes on. And on.\n\nNew paragraph"
    assert found(text) == [
        "What follows",
        "the first, i.e. no. 1",
        "the second",
        "Then it goes on.",
        "And on.",
        "New paragraph",
    ]


def test_a_numbered_item_keeps_its_number_in_its_sentence() -> None:
    assert found("1. Samsung won.\n2. TSMC lost. It was close.") == [
        "1. Samsung won.",
        "2. TSMC lost.",
        "It was close.",
    ]


@pytest.mark.parametrize("unit", ["!", "?!", ".)", "x.", '."', "...", "A.", "a.b?", "好", "!)'"])
def test_a_word_of_thousands_of_marks_stays_whole_and_the_sentences_around_it_too(unit: str) -> None:
    word = unit * 2_000
    assert pieces(f"He left. It sank {word} there. All saw it.") in (
        ["He left.", f"It sank {word} there.", "All saw it."],
        ["He left.", f"It sank {word}", "there.", "All saw it."],
    )
    assert pieces(f"{word}. All saw {word}. It left.") == [f"{word}.", f"All saw {word}.", "It left."]


def test_page_furniture_holds_no_sentence() -> None:
    assert found("Chips are scarce.\nShare\n(Photo: AP, Yonhap News)\nPrices rose.") == [
        "Chips are scarce.",
        "Prices rose.",
    ]


def test_a_sentence_runs_over_the_ends_of_wrapped_lines() -> None:
    text = "The order for the third generation of the chip went to Samsung, which\nmakes it at 2nm. Nobody else bid."
    assert found(text) == [text[:86].rstrip(), "Nobody else bid."]


def test_every_sentence_of_the_view_has_its_place_in_the_original() -> None:
    text = "𝗧𝗛𝗘 𝗪𝗔𝗥\n“It is **early**,” she said. Then\u00a0she left."
    view = clean(text)
    spans = [view.original(sentence.start, sentence.end) for sentence in sentences(view)]
    assert [text[span.start : span.end] for span in spans] == [
        "𝗧𝗛𝗘 𝗪𝗔𝗥",
        "“It is **early**,” she said.",
        "Then\u00a0she left.",
    ]


@given(st.text(alphabet="aA1 .!?\"'()\n-•", max_size=60))
def test_sentences_are_trimmed_in_order_and_cover_their_blocks(text: str) -> None:
    view = clean(text)
    at = {number: block.start for number, block in enumerate(view.blocks) if block.kind != "furniture"}
    for sentence in sentences(view):
        piece = view.text[sentence.start : sentence.end]
        assert piece
        assert piece == piece.strip()
        assert sentence.start >= at[sentence.block]
        assert not view.text[at[sentence.block] : sentence.start].strip()
        at[sentence.block] = sentence.end
    assert all(not view.text[end : view.blocks[number].end].strip() for number, end in at.items())
