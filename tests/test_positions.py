"""Answers grouped into positions, and articles that copy each other counted once."""

import itertools

from qa.positions import group, independent
from qa.records import Citation

QUESTION = "How large is Northwind's order backlog?"


def cite(sentence: str, article: str, *, quote: str = "", score: float = 0.8) -> Citation:
    """A citation of a sentence that opens its article, with a quote in it."""
    quote = quote or sentence
    start = sentence.index(quote)
    return Citation(
        article,
        None,
        None,
        None,
        f"{article}.txt",
        start,
        start + len(quote),
        quote,
        sentence,
        0,
        len(sentence),
        score,
    )


def groups(question: str, *sentences: str) -> list[list[str]]:
    """The articles of each position, named by the order of their sentences: "0", "1", …"""
    statements = [cite(text, str(index), score=0.9 - index / 10) for index, text in enumerate(sentences)]
    return [[c.article_id for c in position.citations] for position in group(question, statements, {})]


def test_equal_amounts_in_other_words_and_units_are_one_position() -> None:
    assert groups(
        QUESTION,
        "Northwind's order backlog is 10 trillion won.",
        "Northwind has an order backlog of about 10.2 trillion won.",
        "Northwind's order backlog is 12 trillion won.",
    ) == [["0", "1"], ["2"]]


def test_a_day_and_its_month_are_one_position() -> None:
    assert groups(
        "When was Vela released?",
        "Vela was released on 24 June 2026.",
        "Vela was released in June 2026.",
        "Vela was released in May 2026.",
    ) == [["0", "1"], ["2"]]


def test_the_same_words_are_one_position_whatever_their_case_and_marks() -> None:
    first = cite("The chip is made by TSMC.", "a", quote="TSMC", score=0.9)
    second = cite("Everyone knows that **TSMC** makes it.", "b", quote="**TSMC**")
    third = cite("The chip is made by Samsung.", "c", quote="Samsung", score=0.7)
    positions = group("Who makes the chip?", [first, second, third], {})
    assert [position.text for position in positions] == ["TSMC", "Samsung"]


def test_statements_that_differ_in_certainty_are_two_positions() -> None:
    assert groups(
        "Is Orbital using the Vela process?",
        "Orbital is using the Vela process for its chips.",
        "Orbital is considering using the Vela process for its chips.",
        "Orbital is evaluating the use of the Vela process for its chips.",
    ) == [["0"], ["1", "2"]]


def test_the_text_of_a_position_is_the_quote_of_its_likeliest_answer() -> None:
    weak = cite("Northwind's order backlog is 10 trillion won.", "a", quote="10 trillion won", score=0.4)
    sure = cite("Northwind has an order backlog of 10.1 trillion won.", "b", quote="10.1 trillion won")
    (position,) = group(QUESTION, [weak, sure], {})
    assert position.text == "10.1 trillion won"
    assert position.citations == (sure, weak)


def test_an_article_speaks_once_in_a_position() -> None:
    first = cite("Northwind's order backlog is 10 trillion won.", "a", score=0.9)
    again = cite("The order backlog of Northwind is 10 trillion won.", "a")
    (position,) = group(QUESTION, [first, again], {})
    assert position.citations == (first,)


def test_near_copies_count_as_one_independent_source() -> None:
    story = " ".join(f"word{number} of the long story" for number in range(60))
    texts = {
        "agency": story,
        "paper": f"From our wires. {story} Read more on our site.",
        "other": " ".join(f"another{number} tale told here" for number in range(60)),
    }
    sentence = "Northwind's order backlog is 10 trillion won."
    (position,) = group(QUESTION, [cite(sentence, article) for article in texts], texts)
    assert len(position.citations) == 3
    assert position.independent_sources == 2


def test_a_copy_in_bold_letters_is_still_a_copy() -> None:
    plain = "The AI war is no longer only about models that are smarter"
    bold = "".join(chr(0x1D5D4 + ord(c) - 65) if c.isupper() else c for c in plain.upper())
    assert independent(["a", "b"], {"a": plain, "b": bold}) == 1


def test_articles_without_text_are_separate_sources() -> None:
    assert independent(["a", "b"], {}) == 2


def test_the_order_of_statements_changes_nothing() -> None:
    statements = [
        cite(f"Northwind's order backlog is {amount} trillion won.", article, score=score)
        for amount, article, score in ((10, "a", 0.9), (12, "b", 0.8), (10.1, "c", 0.7))
    ]
    expected = group(QUESTION, statements, {})
    assert [len(position.citations) for position in expected] == [2, 1]
    for order in itertools.permutations(statements):
        assert group(QUESTION, order, {}) == expected


SOLD = "Has Nokia sold its factory?"


def told(question: str, *sentences: str) -> list[tuple[str | None, str, int]]:
    """Polarity, certainty and number of articles of each position."""
    statements = [cite(text, str(index), score=0.9 - index / 10) for index, text in enumerate(sentences)]
    found = group(question, statements, {})
    return [(position.polarity, position.certainty, len(position.citations)) for position in found]


def test_a_position_says_what_its_statements_say_to_a_yes_no_question_and_how_surely() -> None:
    assert told(
        SOLD,
        "Nokia has sold its factory.",
        "Nokia denied it had sold its factory.",
        "Nokia plans to sell its factory.",
    ) == [("yes", "fact", 1), ("no", "denied", 1), ("open", "planned", 1)]
    assert told("Will Nokia sell its factory?", "Nokia plans to sell its factory.") == [("yes", "planned", 1)]


def test_a_position_says_what_those_of_its_statements_say_that_speak() -> None:
    unread = "Its factory in Oulu was sold by Nokia on Monday."
    clear = "On Monday Nokia sold its factory in Oulu."
    question = "Did Nokia sell its factory?"
    assert told(question, unread) == [("open", "fact", 1)]
    assert told(question, unread, clear) == [("yes", "fact", 2)]


def test_yes_and_no_in_the_same_quoted_words_are_two_positions() -> None:
    yes = cite("Nokia has sold its factory.", "a", quote="its factory", score=0.9)
    no = cite("Nokia has not sold its factory.", "b", quote="its factory")
    assert [position.polarity for position in group(SOLD, [yes, no], {})] == ["yes", "no"]


def test_an_open_statement_does_not_bring_yes_and_no_together() -> None:
    sentences = (
        "Nokia and its factory were discussed.",
        "Nokia has sold its factory.",
        "Nokia has not sold its factory.",
    )
    statements = [
        cite(text, str(index), quote="its factory", score=0.9 - index / 10)
        for index, text in enumerate(sentences)
    ]
    found = group(SOLD, statements, {})
    assert [(position.polarity, len(position.citations)) for position in found] == [("yes", 2), ("no", 1)]


def test_a_question_of_another_kind_has_no_polarity() -> None:
    assert told("When did Nokia sell its factory?", "Nokia sold its factory in May 2025.") == [(None, "", 1)]


def test_no_statements_make_no_positions() -> None:
    assert group(QUESTION, [], {}) == ()


def test_spans_that_are_one_amount_or_one_name_share_a_position() -> None:
    def positions(question: str, *cited: tuple[str, str]) -> list[list[str]]:
        statements = [
            cite(sentence, str(index), quote=quote, score=0.9 - index / 10)
            for index, (sentence, quote) in enumerate(cited)
        ]
        return [[c.article_id for c in position.citations] for position in group(question, statements, {})]

    assert positions(
        "What did the deal bring?",
        ("Sources put it at 50 trillion won.", "50 trillion won"),
        (
            "A rival paper wrote of approximately 50 trillion Korean won.",
            "approximately 50 trillion Korean won",
        ),
        ("The ministry counted 40 trillion won.", "40 trillion won"),
    ) == [["0", "1"], ["2"]]
    assert positions(
        "Who makes the chips?",
        ("They come from Samsung.", "Samsung"),
        ("Made in a plant of Samsung Electronics, they are small.", "Samsung Electronics"),
        ("It is TSMC that makes them.", "TSMC"),
    ) == [["0", "1"], ["2"]]
