"""Disagreements as points at issue: what is about one thing, what is said to it, what it is called."""

import csv
import io
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest

from qa.conflicts.copies import copies_among, copies_by, copies_in, sequences_of
from qa.export.survey_files import COLUMNS, to_csv, to_markdown
from qa.export.text import survey_text
from qa.records import AnswerEvent, Citation, ConflictCheck
from qa.survey.disagreement import Account, Disagreement
from qa.survey.points import excerpt, points_of
from qa.survey.sources import SourceNames
from qa.survey.survey import Survey


def cite(who: str, sentence: str, at: int = 0, published: str | None = None, **other: Any) -> Citation:
    end = at + len(sentence)
    return Citation(
        who, None, who, published, "https://news.example/1", at, end, sentence, sentence, at, end, 1.0, **other
    )  # fmt: skip


def against(
    one: Citation, other: Citation, *values: str, score: float = 0.9, kind: Any = "number"
) -> Disagreement:
    told = values or (f"“{one.quote}”", f"“{other.quote}”")
    return Disagreement(kind, Account(told[0], (one,)), Account(told[1], (other,)), score, False)


POST = cite("Post", "The fire in Kandor killed 7 people.", published="2026-07-01")
HERALD = cite("Herald", "The fire in Kandor killed 9 people.", published="2026-07-02")
COURIER = cite("Courier", "Seven people died when Kandor burnt.", published="2026-07-03")
DEAD = against(POST, HERALD, "7 people", "9 people", score=0.9)
SEVEN = against(COURIER, HERALD, "Seven people", "9 people", score=0.8)


def test_disagreements_that_share_a_statement_are_one_point_with_its_values_as_positions():
    (point,) = points_of([DEAD, SEVEN])
    assert [(one.value, one.independent_sources) for one in point.positions] == [
        ("7 people", 2),
        ("9 people", 1),
    ]
    assert point.disagreements == (DEAD, SEVEN)
    assert point.score == 0.9


def test_two_values_of_one_statement_are_two_points():
    both = cite("Post", "The fire killed 7 people and cost 3 million crowns.")
    dead = against(both, cite("Herald", "The fire killed 9 people."), "7 people", "9 people")
    cost = against(
        both, cite("Courier", "The fire cost 5 million crowns."), "3 million crowns", "5 million crowns"
    )
    assert len(points_of([dead, cost])) == 2


def test_sentences_gather_around_the_surest_disagreement_and_amounts_join_any_number():
    """Where all write of Norwind, each sentence is about it: what only the next one shares is another point."""
    texts = ("sold", "kept", "lost", "never had", "bought")
    told = [cite(f"Paper {n}", f"Norwind {verb} the dam in Kandor.") for n, verb in enumerate(texts)]
    scores = (0.6, 0.9, 0.7, 0.8)
    chain = [
        against(one, other, score=score, kind="polarity")
        for one, other, score in zip(told, told[1:], scores, strict=False)
    ]
    points = points_of(sorted(chain, key=lambda one: -one.score))
    assert [[one.score for one in point.disagreements] for point in points] == [[0.9, 0.7, 0.6], [0.8]]
    dead = [
        cite(f"Wire {n}", f"The flood killed {many} people.") for n, many in enumerate((7, 9, 11, 13, 15))
    ]
    values = [one.quote.split()[3] + " people" for one in dead]
    deaths = [
        against(dead[n], dead[n + 1], values[n], values[n + 1], score=score) for n, score in enumerate(scores)
    ]
    (point,) = points_of(sorted(deaths, key=lambda one: -one.score))
    assert len(point.positions) == 5


@pytest.mark.parametrize("other", ["kind", "event", "statement"])
def test_what_is_of_another_kind_event_or_statement_is_a_point_of_its_own(other):
    if other == "kind":
        return_to = [DEAD, replace(SEVEN, kind="date")]
    elif other == "statement":
        return_to = [DEAD, against(COURIER, replace(HERALD, sentence_start=90), "Seven people", "9 people")]
    else:
        return_to = [DEAD, SEVEN]
    events = [AnswerEvent("One", ("Post",)), AnswerEvent("Two", ("Courier",))] if other == "event" else []
    assert len(points_of(return_to, events)) == 2


def test_opposed_statements_are_never_one_position_though_a_third_says_the_same_as_both():
    third = cite("Wire", "Some died.")
    loose = Disagreement(
        "number", Account("7 people", (POST, third)), Account("9 people", (HERALD,)), 0.9, False
    )
    turned = Disagreement("number", Account("7 people", (POST,)), Account("8 people", (third,)), 0.7, False)
    (point,) = points_of([loose, turned])
    assert [[one.article_id for one in each.citations] for each in point.positions] == [
        ["Post"], ["Herald"], ["Wire"]
    ]  # fmt: skip


def heading(one: str, other: str, *values: str, kind: Any = "number") -> str:
    (point,) = points_of([against(cite("Post", one), cite("Herald", other), *values, kind=kind)])
    return point.heading


def test_a_heading_is_a_statement_that_is_understood_alone_without_the_number_in_dispute():
    fire = "The fire in Kandor killed 7 people.", "The fire in Kandor killed 9 people."
    assert heading(*fire, "7 people", "9 people") == "The fire in Kandor killed … people."
    house = "A house of stone costs 410,000 pesos.", "To build a house now costs 455,000 pesos, she says."
    assert heading(*house, "410,000 pesos", "455,000 pesos") == "A house of stone costs … pesos."
    assert heading("In June the state signed for 60.", "It signed for 300.", "60", "300") == (
        "In June the state signed for …"
    )
    opened = "The bridge opened on 3 May.", "The bridge opened on 4 May."
    assert heading(*opened, "3 May", "4 May", kind="date") == "The bridge opened on …"
    assert (
        heading("Nobody was hurt.", "Two sailors drowned at the pier.", kind="polarity") == "Nobody was hurt."
    )
    valve = "It was replaced.", "The valve was never replaced at all, invoices show."
    assert heading(*valve, kind="polarity") == valve[1]  # what "it" is stands elsewhere


def test_a_long_heading_is_cut_where_it_pauses():
    long = (
        "The officer holds that the picture of a beach on the label says that the spirit comes from the island, "
        "whereas three quarters of it were distilled in another country."
    )
    told = heading(long, f"It is untrue that {long.lower()}", kind="polarity")
    assert told == f"{long.partition(', whereas')[0]} …"


def test_an_excerpt_holds_the_value_and_stands_in_the_sentence():
    sentence = " ".join(f"word{n}" for n in range(40)) + " 12 dead at last."
    told = excerpt(sentence, "12 dead")
    assert "12 dead" in told
    assert told.startswith("… ")
    assert told.removeprefix("… ").removesuffix(" …") in sentence


def test_near_copies_count_as_one_source_of_a_position():
    copy = replace(POST, article_id="Wire", publisher="Wire")
    one = replace(DEAD, one=Account("7 people", (POST, copy)))
    (point,) = points_of([one], copies=[("Post", "Wire")])
    assert [one.independent_sources for one in point.positions] == [1, 1]
    names = SourceNames(point.statements, [("Post", "Wire")])
    assert names.opposed(one) == {("Herald", "Post")}


def test_files_of_one_name_are_told_apart_by_the_folder_that_differs():
    def file(uri: str) -> Citation:
        return replace(POST, publisher=None, uri=uri, article_id=uri)

    told = [file("/a/2025/may/notes.txt"), file("/a/2026/may/notes.txt"), file("/a/2026/may/list.txt")]
    names = SourceNames(told)
    assert [names.name(one) for one in told] == ["2025/notes", "2026/notes", "list"]
    twins = [file("/a/notes.txt"), file("/a/notes.pdf")]
    assert [SourceNames(twins).name(one) for one in twins] == ["notes.txt", "notes.pdf"]


def test_copies_among_many_texts_are_those_that_each_two_would_show():
    base = " ".join(f"word{n * 7 % 311}x{n}" for n in range(200))
    texts = {f"a{n}": f"{base} tail {n}" for n in range(3)}
    texts |= {f"b{n}": " ".join(f"other{n}y{m}" for m in range(150)) for n in range(30)}
    texts["short"] = "A short note that says it all."
    texts["short too"] = "A short note that says it all, twice."
    found = copies_in(texts)
    assert found == copies_among(list(texts), texts)
    assert set(map(frozenset, found)) == {frozenset({"a0", "a1", "a2"}), frozenset({"short", "short too"})}


def test_a_sentence_that_stands_in_every_text_takes_memory_for_the_texts_and_not_for_their_pairs():
    def peak(many: int) -> int:
        held = {
            f"{n}": sequences_of(f"Buses ran and the schools stayed open. {n} came.") for n in range(many)
        }
        tracemalloc.start()
        try:
            assert list(map(len, copies_by(held))) == [many]
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(4_000) < 6 * peak(1_000)


def test_a_sentence_that_thousands_of_articles_hold_is_worked_on_once():
    many = tuple(cite(f"Paper {n}", "Nobody was hurt.") for n in range(4_000))
    against_it = [cite("Post", f"{n} sailors were hurt.", 100 * n) for n in range(40)]
    found = [Disagreement("polarity", Account("“Nobody”", many), Account("“hurt”", (one,)), 0.9, False)
             for one in against_it]  # fmt: skip
    (point,) = points_of(found, copies=[("Paper 1", "Paper 2")])
    counted = [(len(one.citations), one.independent_sources) for one in point.positions]
    assert counted[0] == (4_000, 3_999)
    assert sum(citations for citations, _ in counted[1:]) == 40


FOUND = Survey(
    (DEAD, SEVEN),
    ConflictCheck("checked", 3, 3, 2),
    3,
    3,
    2,
    events=(AnswerEvent("A *fire*", ("Post", "Herald")),),
)


def test_every_export_goes_by_points_and_the_old_fields_stay():
    told = FOUND.to_dict()
    assert [len(told[name]) for name in ("conflicts", "points")] == [2, 1]
    (point,) = told["points"]
    assert point["conflicts"] == [0, 1]
    assert point["event"] == "A *fire*"
    assert [one["value"] for one in point["positions"]] == ["7 people", "9 people"]
    assert told["conflicts"][0]["values"] == ["7 people", "9 people"]
    text = survey_text(FOUND)
    assert text.startswith("Conflicts: 1, in 2 pairs")
    assert "7 people, 2 sources:" in text
    marked = to_markdown(FOUND)
    assert "## A \\*fire\\*" in marked
    assert "- **7 people** (2 sources)" in marked
    rows = list(csv.DictReader(io.StringIO(to_csv(FOUND))))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["point"], row["position"], row["source"]) for row in rows] == [
        ("1", "1", "Post"), ("1", "1", "Courier"), ("1", "2", "Herald")
    ]  # fmt: skip


def test_a_quote_that_a_table_would_compute_is_text_there():
    sum_of = replace(POST, sentence="=1+1 people died, they said.")
    found = replace(FOUND, disagreements=(against(sum_of, HERALD, "7 people", "9 people"),))
    assert "'=1+1 people died, they said." in to_csv(found)
