"""Which other outlet or filing a sentence names as its source, and that nothing else is taken for one."""

import pytest

from eval.bench.attribution import FILES, measure
from qa.language.attribution import attributed_to, attribution_in, is_document


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("The plant will close, The Information reported on Tuesday, citing two people.", "The Information"),
        ("According to Reuters, the two sides agreed on Saturday.", "Reuters"),
        ("Two former employees told Bloomberg that the line stands still.", "Bloomberg"),
        ("In an interview with the Calder Gazette, the mayor called it a mistake.", "Calder Gazette"),
        ("The newspaper Les Échos writes that 400 people work there.", "Les Échos"),
        ("The loan was never repaid, according to documents seen by the Valley Post.", "Valley Post"),
        ("A Reuters investigation found that the valves had never been tested.", "Reuters"),
        ("The house was sold in May, according to a court filing.", "a court filing"),
    ],
)
def test_an_outlet_or_a_document_is_told_in_the_words_of_the_article(sentence: str, source: str) -> None:
    found = attribution_in(sentence)
    assert found == source
    assert found in sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "The minister told parliament that the road would be widened.",
        "According to Maria Weber, who chairs the works council, 200 jobs are at risk.",
        "Norwind reported sales of 4 billion crowns.",
        "The company denied a Reuters report that it had lost the order.",
        "She declined to speak to Reuters.",
        "A British newspaper said so, and so did local radio.",
        "According to unconfirmed reports, the bridge is closed.",
        "The European Space Agency says that the risk is small.",
        "The plant employs 300 people.",
    ],
)
def test_persons_firms_authorities_and_denials_are_no_source(sentence: str) -> None:
    assert attribution_in(sentence) is None


def test_the_articles_own_publisher_is_not_another_outlet() -> None:
    sentence = "Three people told the Sentinel that talks go on."
    assert attribution_in(sentence, "Manila Business Sentinel") is None
    assert attribution_in(sentence, "Valley Post") == "Sentinel"
    assert attribution_in("A guard told ANA that he had heard of it.", "Agram News Agency") is None


def test_the_newspaper_that_adds_something_is_that_of_the_sentence_before() -> None:
    text = "The plant will close, the daily Les Échos reported. The newspaper added that 40 people would go."
    start = text.index("The newspaper")
    assert attributed_to(text, start, len(text)) == "Les Échos"
    alone = "It was a warm day. The newspaper added that 40 people would go."
    assert attributed_to(alone, alone.index("The newspaper"), len(alone)) is None


def test_a_document_is_known_from_an_outlet() -> None:
    assert is_document("a court filing")
    assert not is_document("ABN radio")
    assert not is_document("The Information")


@pytest.mark.parametrize("part", FILES)
def test_what_is_found_in_labelled_sentences_is_right(part: str) -> None:
    found = measure(part)
    assert found["precision"] >= 0.95
    assert found["recall"] >= 0.85
