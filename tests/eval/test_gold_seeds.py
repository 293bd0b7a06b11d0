"""The gold questions over the example articles: verbatim, whole, and as many of each kind as promised."""

import json
from collections import Counter
from itertools import combinations
from typing import Any, get_args

import pytest

from eval.gold.questions import read_gold
from index.sources.sidecar import read_sidecar
from qa.records import ConflictKind
from tests.paths import ROOT

GOLD = ROOT / "eval" / "gold" / "seeds.jsonl"
ARTICLES = {file.name: file.read_text(encoding="utf-8") for file in (ROOT / "seeds").glob("*.txt")}
ROWS: list[dict[str, Any]] = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
COUNTS = {
    "factoid": 41,
    "why_how": 19,
    "yes_no": 16,
    "list": 13,
    "follow_up": 14,
    "disagreement": 22,
    "unanswerable": 45,
}
BULLETS = "·•▲-"
ENDS = (".", "?", "!", '."', '?"', '!"')


def is_whole(quote: str, text: str) -> bool:
    """Whether `quote` somewhere in `text` starts where a sentence may and ends where one may."""
    start = text.find(quote)
    while start >= 0:
        before = text[text.rfind("\n", 0, start) + 1 : start]
        opens = not before.strip() or (
            before[-1].isspace() and (before.rstrip().endswith(ENDS) or before.strip() in BULLETS)
        )
        after = text[start + len(quote) :]
        if opens and (not after or after[0] == "\n" or (after[0].isspace() and quote.endswith(ENDS))):
            return True
        start = text.find(quote, start + 1)
    return False


def statements(row: dict[str, Any]) -> list[dict[str, str]]:
    """The evidence, and the statements of all sides of all conflicts."""
    sides = [side for conflict in row["conflicts"] for side in conflict["sides"]]
    return [*row["evidence"], *(statement for side in sides for statement in side)]


def test_a_fragment_is_told_from_a_whole_sentence() -> None:
    text = "· It is so. The U.S. said so.\nA heading\n"

    assert is_whole("It is so.", text)
    assert is_whole("The U.S. said so.", text)
    assert is_whole("A heading", text)
    assert not is_whole("is so.", text)
    assert not is_whole("The U.S. said", text)
    assert not is_whole("A head", text)
    assert not is_whole("It is not so.", text)


def test_the_evaluation_reads_every_question() -> None:
    assert [question.id for question in read_gold(GOLD)] == [row["id"] for row in ROWS]


def test_ids_and_questions_are_unique() -> None:
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    asked = [(row["question"].lower(), json.dumps(row["history"])) for row in ROWS]
    assert len(set(asked)) == len(ROWS)


def test_there_are_as_many_of_each_kind_as_the_description_says() -> None:
    assert Counter(row["kind"] for row in ROWS) == COUNTS
    assert len(ROWS) >= 100
    assert COUNTS["unanswerable"] >= len(ROWS) / 4
    described = (GOLD.parent / "README.md").read_text(encoding="utf-8")
    for kind, count in COUNTS.items():
        assert f"| `{kind}` | {count} |" in described
    assert f"| all | {len(ROWS)} | {sum(bool(row['conflicts']) for row in ROWS)} with conflicts" in described


def test_every_article_answers_something() -> None:
    assert {one["article"] for row in ROWS for one in row["evidence"]} == set(ARTICLES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_quotes_are_whole_sentences_of_the_article_named(row: dict[str, Any]) -> None:
    for statement in statements(row):
        assert is_whole(statement["quote"], ARTICLES[statement["article"]]), statement
    places = [(one["article"], one["quote"]) for one in row["evidence"]]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_each_answer_is_verbatim_in_its_evidence_and_each_piece_of_evidence_answers(
    row: dict[str, Any],
) -> None:
    quotes = [one["quote"] for one in row["evidence"]]

    assert bool(row["answers"]) == bool(quotes) == (row["kind"] != "unanswerable")
    for answer in row["answers"]:
        assert any(answer in quote for quote in quotes), answer
    for quote in quotes:
        assert any(answer in quote for answer in row["answers"]), quote
    for turn in row["history"]:
        assert any(turn["answer"] in text for text in ARTICLES.values()), turn


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_each_conflict_has_sides_from_different_articles_that_share_no_statement(row: dict[str, Any]) -> None:
    if row["kind"] == "disagreement":
        assert row["conflicts"]
    if row["kind"] == "follow_up":
        assert row["history"]
    for conflict in row["conflicts"]:
        assert conflict["kind"] in get_args(ConflictKind)
        sides = [{(one["article"], one["quote"]) for one in side} for side in conflict["sides"]]
        assert all(sides)
        assert all(not left & right for left, right in combinations(sides, 2))
        assert any(a[0] != b[0] for left, right in combinations(sides, 2) for a in left for b in right), (
            "two sides must come from different articles"
        )


def test_the_sidecar_states_only_what_stands_in_the_articles() -> None:
    sidecar = read_sidecar(ROOT / "seeds", max_bytes=1_000_000)

    assert set(sidecar.entries) == set(ARTICLES)
    for name, stated in sidecar.entries.items():
        values = (stated.title, stated.publisher, stated.author, stated.published, stated.url)
        assert all(value in ARTICLES[name] for value in values if value is not None), name
    assert sidecar.about("000_df6b974ab5d556b8.txt").published == "2026-07-03"
    assert sidecar.about("002_9cc78ad025867a45.txt").publisher is None
