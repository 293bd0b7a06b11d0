"""A library's disagreements without a question: what is one, what is none, and what is remembered."""

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embed import BundledEmbedder
from qa import Library
from qa.cli import main
from qa.export.survey_report import render, write_report
from qa.survey.cache import FILE, SurveyCache
from qa.survey.pairing import Card, pairs
from qa.survey.survey import Judge, Survey

DISAGREE = (
    ("number", "The hospital in Aarup has 420 beds.", "The Aarup hospital has 310 beds, its director said."),
    ("number", "The flood in Kandor killed 23 people, police said.", "In Kandor, at least 40 people were killed by the flood."),
    ("number", "Fenwick will cut 1,200 jobs in Europe.", "Fenwick will cut more than 2,000 jobs in Europe, unions said."),
    ("date", "Minister Hale resigned on 1 June 2026.", "Minister Hale resigned on 4 June 2026."),
    ("date", "The museum of Tarn opened on 2 May 2026.", "The museum of Tarn opened in March 2026."),
    ("certainty", "Nordbank is merging with Aria.", "Nordbank has denied that it is merging with Aria."),
    ("polarity", "The port of Velmouth has closed its fish market.", "The port of Velmouth has not closed its fish market."),
    ("name", "Ana Keller won the mayoral election in Sarland.", "Tomas Berg won the mayoral election in Sarland."),
)  # fmt: skip

AGREE = (
    # another entity
    ("Tesla delivered 410,000 cars.", "Ford delivered 512,000 cars."),
    ("In Turkey the quake killed 71 people.", "In Syria the quake killed 90 people."),
    ("Samsung employs 70,000 workers in Busan.", "Samsung Biologics employs 4,000 workers in Busan."),
    # another time
    ("Delcor earned $2.1 billion in the first quarter.", "Delcor earned $2.6 billion in the second quarter."),
    ("Brightwell had 310 shops in 2019.", "Brightwell had 450 shops in 2024."),
    # rounding, comparators, units
    ("Krone runs 1,140 shops.", "Krone runs about 1,100 shops."),
    ("The Meridian data center has 5 GW.", "The Meridian data center has 5,000 MW."),
    ("The takeover of Lumen closed in June 2026.", "The takeover of Lumen closed on 12 June 2026."),
    # a part, a change, a subset
    ("The Dune school has 240 children.", "The Dune school has 60 children from abroad."),
    ("Unemployment in Ostland stands at 6.1 percent.", "Youth unemployment in Ostland stands at 14 percent."),
    ("Inflation in Ruthland rose to 3.2 percent.", "Inflation in Ruthland rose by 0.4 percent."),
    ("Quilford imports 40,000 tonnes of rice.", "Quilford exports 90,000 tonnes of rice."),
    # a plan, then the deed; nobody named; a question
    ("Maya Chen plans to leave the Orion team.", "Maya Chen has left the Orion team."),
    ("The committee approved 12 projects.", "The committee approved 15 projects."),
    ("Has Corvo Air ordered 40 jets?", "Corvo Air has ordered 60 jets."),
    # of whom, only the article can tell; of another decade; of another measure
    ("In the country, 130,000 people speak Sorbian.", "In the country, 15,000 people speak Sorbian."),
    ("During the 1990's boom Ostrava Steel added 900 jobs.", "In the slump of 2008 Ostrava Steel added 100 jobs."),
    ("The Vantaa line carries 9,000 passengers.", "The Vantaa line carries an average of 400 passengers."),
    # what may happen more than once
    ("Hale met Orsini on 3 July 2026.", "Hale met Orsini on 5 July 2026."),
)  # fmt: skip


def record(text: str, publisher: str = "Gazette", published: str | None = "2026-07-03", **more: str) -> dict:
    return {"text": text, "publisher": publisher, **({"published": published} if published else {}), **more}


@pytest.fixture(scope="module")
def embedder() -> BundledEmbedder:
    return BundledEmbedder()


def build(folder: Path, embedder: BundledEmbedder, *records: dict) -> Library:
    library = Library.open(folder / "library", embedder=embedder)
    files = [folder / f"{number:03d}.json" for number in range(len(records))]
    for file, one in zip(files, records, strict=True):
        file.write_text(json.dumps(one), encoding="utf-8")
    assert {outcome.status for outcome in library.add(*files)} == {"added"}
    return library


def add(library: Library, folder: Path, name: str, one: dict) -> str:
    file = folder / f"{name}.json"
    file.write_text(json.dumps(one), encoding="utf-8")
    (outcome,) = library.add(file)
    assert outcome.status == "added", outcome
    return str(outcome.article_id)


def told(found: Survey) -> set[tuple[str, frozenset[str]]]:
    return {(c.kind, frozenset(s.sentence for s in c.statements)) for c in found.conflicts}


def test_each_kind_of_disagreement_is_found_and_nothing_else(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    ones = " ".join(one for _, one, _ in DISAGREE)
    others = " ".join(other for *_, other in DISAGREE)
    with build(tmp_path, embedder, record(ones), record(others, "Courier")) as library:
        found = library.conflicts()
        assert told(found) == {(kind, frozenset({one, other})) for kind, one, other in DISAGREE}
        assert found.check.status == "checked"
        assert found.check.pairs >= len(DISAGREE)
        for conflict in found.conflicts:
            assert 0 < conflict.score <= 1
            assert len(conflict.by_side()) == 2
            for statement in conflict.statements:
                text = library.article(statement.article_id).text
                assert statement.quote == text[statement.start : statement.end]
        assert found.conflicts == tuple(sorted(found.conflicts, key=lambda one: -one.score))


def test_what_only_looks_like_a_disagreement_is_left_alone(tmp_path: Path, embedder: BundledEmbedder) -> None:
    ones, others = (" ".join(pair[side] for pair in AGREE) for side in (0, 1))
    first, second = record(ones, published="2026-07-01"), record(others, "Courier")
    with build(tmp_path, embedder, first, second) as library:
        found = library.conflicts()
        assert told(found) == set()
        assert found.check.pairs > 0


def test_what_only_its_own_article_could_name_is_left_alone(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    county = "According to the U.S. Census Bureau, the county has an area of {} square miles, of which {} are land."
    texts = [county.format("2,373", "912"), county.format("1,082", "1,081")]
    library = build(tmp_path, embedder, *(record(one, published=None) for one in texts))
    assert told(library.conflicts()) == set()


def test_copies_make_one_conflict_with_more_statements(tmp_path: Path, embedder: BundledEmbedder) -> None:
    wire = "The flood in Kandor killed 23 people, police said."
    records = [record(f"{wire} Paper {n} has it from an agency.", f"Paper {n}") for n in range(3)]
    other = record("In Kandor, at least 40 people were killed by the flood.", "Courier", "2026-07-05")
    with build(tmp_path, embedder, *records, other) as library:
        (conflict,) = library.conflicts().conflicts
    assert [len(side) for side in conflict.by_side()] == [3, 1]
    assert conflict.explanation == "23 people against at least 40 people"
    assert conflict.possible_update


def test_two_wordings_of_one_value_are_one_side(tmp_path: Path, embedder: BundledEmbedder) -> None:
    texts = (
        "The hospital in Aarup has 420 beds.",
        "The Aarup hospital has about 420 beds.",
        "The hospital in Aarup has 310 beds.",
    )
    with build(tmp_path, embedder, *(record(text, text[:9]) for text in texts)) as library:
        (conflict,) = library.conflicts().conflicts
    assert sorted(len(side) for side in conflict.by_side()) == [1, 2]


def test_one_article_is_not_held_against_itself(tmp_path: Path, embedder: BundledEmbedder) -> None:
    both = "The hospital in Aarup has 420 beds. The hospital in Aarup has 310 beds, others say."
    with build(tmp_path, embedder, record(both), record("The mill in Aarup is old.")) as library:
        assert library.conflicts().conflicts == ()


@pytest.mark.parametrize(("published", "found"), [("2026-05", True), ("2023-05-01", False), (None, True)])
def test_figures_of_articles_more_than_a_year_apart_are_not_held_against_each_other(
    tmp_path: Path, embedder: BundledEmbedder, published: str | None, found: bool
) -> None:
    one = record("The hospital in Aarup has 420 beds.")
    other = record("The hospital in Aarup has 310 beds.", "Courier", published)
    with build(tmp_path, embedder, one, other) as library:
        assert bool(library.conflicts().conflicts) == found


def test_filters_limit_which_articles_are_compared(tmp_path: Path, embedder: BundledEmbedder) -> None:
    one = record("The hospital in Aarup has 420 beds.", "Gazette", "2026-05-01")
    other = record("The hospital in Aarup has 310 beds.", "Courier", "2026-07-03")
    with build(tmp_path, embedder, one, other) as library:
        assert len(library.conflicts(since="2026-05").conflicts) == 1
        assert library.conflicts(since="2026-06").check.status == "not_checked"
        assert library.conflicts(publishers=["Gazette"]).articles == 1
        again = library.conflicts()
        assert (len(again.conflicts), again.read) == (1, 0)


def test_a_survey_that_was_stopped_goes_on_where_it_was(tmp_path: Path, embedder: BundledEmbedder) -> None:
    records = [record(one, f"Paper {n}") for n, (_, one, other) in enumerate(DISAGREE)]
    records += [record(other, f"Sheet {n}") for n, (_, one, other) in enumerate(DISAGREE)]

    def stop(done: int, total: int | None, label: str) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with build(tmp_path, embedder, *records) as library:
        with pytest.raises(KeyboardInterrupt):
            library.conflicts(progress=stop)
        found = library.conflicts()
        assert found.read == len(records) - 5
        assert len(found.conflicts) == len(DISAGREE)
        again = library.conflicts()
        assert (again.read, again.compared) == (0, 0)
        assert again.disagreements == found.disagreements
        (library.path / FILE).unlink()
        assert library.conflicts().disagreements == found.disagreements


def test_a_kill_loses_at_most_the_batch_that_was_under_way(tmp_path: Path, embedder: BundledEmbedder) -> None:
    lines = [json.dumps(record(f"Velmouth counts {n} boats in harbour {n}.")) for n in range(3, 63)]
    (tmp_path / "many.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(tmp_path / "many.jsonl")
        program = textwrap.dedent("""
            import os, sys
            from qa import Library
            def die(done, total, label):
                if done == 55:
                    os._exit(9)
            Library.open(sys.argv[1]).conflicts(progress=die)
        """)
        killed = subprocess.run([sys.executable, "-c", program, str(library.path)], check=False)
        assert killed.returncode == 9
        assert library.conflicts().read == 10


def test_after_one_article_is_added_or_removed_only_that_is_new(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    records = [record(one, "Paper") for _, one, _ in DISAGREE]
    with build(tmp_path, embedder, *records) as library:
        before = library.conflicts()
        assert (before.read, before.conflicts) == (len(DISAGREE), ())
        own = add(library, tmp_path, "new", record(DISAGREE[0][2], "Courier"))
        after = library.conflicts()
        assert after.read == 1
        assert after.compared == after.check.pairs - before.check.pairs > 0
        assert [conflict.kind for conflict in after.conflicts] == ["number"]
        library.remove(own)
        gone = library.conflicts()
        assert (gone.conflicts, gone.read, gone.compared) == ((), 0, 0)


def test_the_order_of_adding_does_not_matter(tmp_path: Path, embedder: BundledEmbedder) -> None:
    records = [record(text, text[:20]) for _, *pair in DISAGREE[:4] for text in pair]
    surveys = []
    for name, several in (("a", records), ("b", records[::-1])):
        (tmp_path / name).mkdir()
        with Library.open(tmp_path / name / "library", embedder=embedder) as library:
            for at, one in enumerate(several):
                add(library, tmp_path / name, str(at if name == "a" else len(records) - 1 - at), one)
                if at == 3:
                    library.conflicts()
            surveys.append(told(library.conflicts()))
    assert surveys[0] == surveys[1]
    assert len(surveys[0]) == 4


def test_a_word_that_is_written_small_somewhere_is_no_name(tmp_path: Path, embedder: BundledEmbedder) -> None:
    one, other = "Cargo traffic reached 40 trains.", "Cargo traffic reached 90 trains."
    with build(tmp_path, embedder, record(one), record(other, "Courier")) as library:
        assert len(library.conflicts().conflicts) == 1
        add(library, tmp_path, "small", record("The cargo of the ship in Tarn was lost.", "Sheet"))
        assert library.conflicts().conflicts == ()


@pytest.mark.parametrize("damage", ["garbage", "a directory", "rows", "another version", "an older shape"])
def test_a_broken_memory_is_made_anew_and_never_trusted(
    tmp_path: Path, embedder: BundledEmbedder, damage: str
) -> None:
    import sqlite3

    one, other = DISAGREE[0][1:]
    with build(tmp_path, embedder, record(one), record(other, "Courier")) as library:
        right = library.conflicts()
        file = library.path / FILE
        if damage in ("garbage", "a directory"):
            file.unlink()
            if damage == "garbage":
                file.write_bytes(b"no database " * 900)
            else:
                file.mkdir()
        else:
            with sqlite3.connect(file) as database:
                for statement in {
                    "rows": ("UPDATE pair SET differ = 0", "UPDATE article SET read = '{}'"),
                    "another version": ("UPDATE version SET version = 'x'", "UPDATE pair SET differ = 0"),
                    "an older shape": ("DROP TABLE pair", "CREATE TABLE pair (x)"),
                }[damage]:
                    database.execute(statement)
            database.close()
        found = library.conflicts()
        assert found.disagreements == right.disagreements
        assert found.read == 2
        again = library.conflicts()
        assert (again.read, again.compared) == ((2, 1) if damage == "a directory" else (0, 0))


def test_a_library_that_cannot_be_written_beside_is_surveyed_all_the_same(tmp_path: Path) -> None:
    cache = SurveyCache(tmp_path / "nowhere")
    cache.keep_differ([(1, 2, True)])
    assert cache.differ(1, 2) is True
    cache.close()
    assert not (tmp_path / "nowhere").exists()


def test_a_judge_is_a_further_gate_and_is_asked_once(tmp_path: Path, embedder: BundledEmbedder) -> None:
    asked: list[tuple[str, str]] = []

    def doubts_beds(several: Sequence[tuple[str, str]]) -> list[float]:
        asked.extend(several)
        return [0.1 if "beds" in premise else 0.9 for premise, _ in several]

    judge = Judge("doubts beds", doubts_beds)
    ones, others = (" ".join(row[side] for row in DISAGREE[:2]) for side in (1, 2))
    with build(tmp_path, embedder, record(ones), record(others, "Courier")) as library:
        (conflict,) = library.conflicts(judge=judge).conflicts
        assert "beds" not in conflict.explanation
        assert len(asked) == 4
        assert {(b, a) for a, b in asked} == set(asked)
        assert len(library.conflicts(judge=judge).conflicts) == 1
        assert len(asked) == 4
        assert len(library.conflicts().conflicts) == 2


CARDS = st.lists(
    st.builds(
        Card,
        st.lists(st.sampled_from("ABC"), min_size=1, max_size=2, unique=True).map(tuple),
        st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6, unique=True).map(tuple),
    ),
    max_size=14,
)


@given(CARDS)
def test_pairing_proposes_just_what_comparing_all_with_all_would(cards: list[Card]) -> None:
    slow = [
        (at, other)
        for at, other in combinations(range(len(cards)), 2)
        if set(cards[at].names) & set(cards[other].names)
        and len(set(cards[at].keys) & set(cards[other].keys))
        >= 0.6 * max(len(cards[at].keys), len(cards[other].keys))
    ]
    proposed = pairs(cards, least_shared=0.6)
    assert (proposed.found, proposed.left_out) == (slow, 0)


def test_very_many_facts_alike_are_paired_with_their_neighbours_and_the_rest_is_counted() -> None:
    cards = [Card(("oslo",), ("rain",))] * 1_000
    proposed = pairs(cards, least_shared=0.6)
    assert len(proposed.found) + proposed.left_out == 1_000 * 999 // 2
    assert len(proposed.found) < 1_000 * 33


def test_everything_from_an_article_is_escaped_in_the_report(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    one = record(
        "The hospital in Aarup has 420 beds <b>& more</b>.", f'"{evil}', title=f"{evil}{{{{ 7 * 7 }}}}"
    )
    other = record("The hospital in Aarup has 310 beds.", "Courier", url="javascript:alert(3)", title="'\"")
    with build(tmp_path, embedder, one, other) as library:
        found = library.conflicts()
    page = render(found)
    assert len(found.conflicts) == 1
    assert "&lt;script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert "&lt;/b&gt;" in re.sub(r"</?mark>", "", page)
    for tag in ("<script", "<img", "<b>", 'href="javascript'):
        assert tag not in page.lower()


def test_the_report_shows_the_matrix_and_both_sides_with_what_differs_marked(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    one, other = "The hospital in Aarup has 420 beds.", "The hospital in Aarup has 310 beds."
    with build(tmp_path, embedder, record(one), record(other, "Courier")) as library:
        file = write_report(tmp_path / "report", library.conflicts())
    page = file.read_text(encoding="utf-8")
    assert "The hospital in Aarup has <mark>420</mark> beds." in page
    assert "The hospital in Aarup has <mark>310</mark> beds." in page
    assert page.count('<rect class="heat"') == 2
    assert "Courier and Gazette: 1 disagreement" in page
    assert '<svg role="img" aria-labelledby="matrix-title matrix-text"' in page
    assert not re.search(r"<link|@import|url\(|src=", page)
    assert len(page) < 12_000
    assert "possibly an update" not in page  # both are of one day


def test_the_report_marks_a_later_value_as_a_possible_update(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    one, other = "The hospital in Aarup has 420 beds.", "The hospital in Aarup has 310 beds."
    articles = record(one), record(other, "Courier", "2026-07-09")
    with build(tmp_path, embedder, *articles) as library:
        assert "possibly an update" in render(library.conflicts())


def test_a_report_without_disagreements_says_so(tmp_path: Path, embedder: BundledEmbedder) -> None:
    with build(tmp_path, embedder, record("The mill in Aarup is old.")) as library:
        page = render(library.conflicts())
    assert "No disagreement was found." in page
    assert "Nothing was compared, because fewer than two articles" in page


def test_the_command_prints_both_quotes_with_publisher_date_and_place(
    tmp_path: Path, embedder: BundledEmbedder, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = DISAGREE[0][1:]
    build(tmp_path, embedder, record(one), record(other, "Courier", "2026-07-09")).close()
    library = ["--library", str(tmp_path / "library")]
    assert main(["conflicts", *library]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "number: 420 beds against 310 beds (possibly an update" in printed
    assert f"“{one}” — 000.json · Gazette · 2026-07-03 · characters 0-{len(one)} against" in printed
    assert f"“{other}” — 001.json · Courier · 2026-07-09 · characters 0-{len(other)}" in printed

    assert main(["conflicts", *library, "--json", "--report", str(tmp_path / "out")]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["conflicts"][0]["values"] == ["420 beds", "310 beds"]
    assert value["conflicts"][0]["sides"] == [0, 1]
    assert value["conflict_check"]["status"] == "checked"
    assert Path(value["report"]).read_text(encoding="utf-8").startswith("<!doctype html>")

    assert main(["conflicts", *library, "--since", "2026-07-05"]) == 0
    assert "not checked, because fewer than two articles" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--library", "nowhere"], "no library at"),
        (["--since", "yesterday"], "since = 'yesterday' is not a date"),
        (["--report", os.devnull], "the report cannot be written"),
    ],
)
def test_what_cannot_be_done_exits_with_2_and_says_why(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["conflicts", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert complaint in captured.err
