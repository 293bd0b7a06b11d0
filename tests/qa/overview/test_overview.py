"""Overviews: the articles' own sentences, one idea once, sources spread, in time order; and what is disputed."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from qa.ask import ask
from qa.cli import main
from qa.export.conversation import conversation, read_conversation, to_json, to_markdown
from qa.library import Library
from qa.overview.central import equal_shares, most_central
from qa.overview.disputes import COMPARED_UNASKED
from qa.records import Answer
from qa.settings import Settings
from tests.served import MILL

BEDS = "The hospital in Aarup has 420 beds."
REPORTS = {
    "2026-07-05": "The dam above Orvik burst on Saturday night. About 300 people left their homes. The bridge is closed.",
    "2026-07-03": "Heavy rain has filled the lake above Orvik. Engineers watch a crack in the dam. Schools stay open.",
    "": "The mayor of Orvik wants the dam rebuilt in concrete. It would cost 40 million crowns.",
    "2026-07-04": "A bakery in Lund won a prize for its rye bread. The baker uses a sourdough from 1921.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("overview")
    for number, (published, text) in enumerate(REPORTS.items()):
        stated = {"title": f"Report {number}", "text": text} | ({"published": published} if published else {})
        (folder / f"{number}.json").write_text(json.dumps(stated), encoding="utf-8")
    with Library.open(folder / "library") as opened:
        opened.add(folder)
        yield opened


def _verbatim(answer: Answer, library: Library) -> bool:
    texts = {article.id: article.text for article in library.articles()}
    return all(texts[one.article_id][one.start : one.end] == one.quote for one in answer.citations)


def test_an_overview_quotes_every_article_in_time_order_and_the_undated_last(library: Library) -> None:
    answer = ask("What is this about?", library=library)
    assert (answer.status, answer.text) == ("overview", "")
    assert answer.overview.sort == "overview"
    assert 4 <= len(answer.citations) <= 10
    assert len({one.article_id for one in answer.citations}) == len(REPORTS)
    dates = [one.published for one in answer.citations]
    dated = [one for one in dates if one]
    assert dates == [*sorted(dated), *[None] * (len(dates) - len(dated))]
    assert _verbatim(answer, library)
    assert answer.conflict_check.reason
    assert answer.scope.articles_read == len(REPORTS)


def test_a_topic_keeps_to_what_is_near_it(library: Library) -> None:
    answer = ask("What do the articles say about the dam?", library=library)
    assert answer.overview.sort == "topic"
    assert [one.heading for one in answer.overview.sections] == ["dam"]
    said = " ".join(one.quote for one in answer.citations)
    assert "burst" in said
    assert "sourdough" not in said
    assert _verbatim(answer, library)


def test_what_no_article_tells_of_has_no_overview(library: Library) -> None:
    answer = ask("tell me about the moon landing", library=library)
    assert (answer.status, answer.citations, answer.overview) == ("unanswered", (), None)


def test_a_comparison_has_a_section_for_each(library: Library) -> None:
    answer = ask("Compare the dam and the bakery", library=library)
    assert answer.overview.sort == "comparison"
    dam, bakery = answer.overview.sections
    assert (dam.heading, bakery.heading) == ("dam", "bakery")
    assert "dam" in dam.citations[0].quote.lower()
    assert {one.title for one in bakery.citations} == {"Report 3"}


def test_filters_narrow_an_overview(library: Library) -> None:
    answer = ask("Summarize the articles", library=library, since="2026-07-05")
    assert {one.published for one in answer.citations} == {"2026-07-05"}
    assert ask("Summarize the articles", library=library, since="2027").status == "unanswered"


def test_chosen_articles_narrow_each_kind_of_overview(library: Library) -> None:
    bakery = next(one.id for one in library.articles() if one.title == "Report 3")
    dam = next(one.id for one in library.articles() if one.title == "Report 0")
    for question in ("What is this about?", "What do the articles say about the bakery?"):
        answer = ask(question, library=library, articles=[bakery])
        assert {one.article_id for one in answer.citations} == {bakery}
        assert (answer.scope.articles, answer.scope.library_articles) == (1, len(REPORTS))
        assert answer.scope.article_ids == (bakery,)
    first, second = ask("Compare the dam and the bakery", library=library, articles=[dam]).overview.sections
    assert {one.article_id for one in first.citations} == {dam}
    assert second.citations == ()


def test_the_same_library_gives_the_same_overview(library: Library) -> None:
    first, second = (ask("summary please", library=library) for _ in range(2))
    assert first.overview == second.overview


def test_what_is_disputed_are_the_conflicts_narrowed_to_the_topic(tmp_path: Path) -> None:
    for name, text in (("one", BEDS), ("other", BEDS.replace("420", "310")), ("mill", MILL)):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    with Library.open(tmp_path / "library") as shelf:
        shelf.add(tmp_path)
        every = ask("What do they disagree about?", library=shelf)
        near = ask("What do the articles disagree about on the hospital?", library=shelf)
        far = ask("What do the articles disagree about on the moon landing?", library=shelf)
        assert every.conflicts == shelf.conflicts().conflicts
        alone = [one.id for one in shelf.articles() if "mill" in one.text]
        apart = ask("What do they disagree about?", library=shelf, articles=alone)
    assert every.status == near.status == far.status == "overview"
    assert {one.quote for one in every.conflicts[0].statements} == {
        one.quote for one in near.conflicts[0].statements
    }
    assert (far.conflicts, far.conflict_check.status) == ((), "checked")
    assert (apart.conflicts, apart.conflict_check.sources) == ((), 1)


def test_a_large_library_says_how_to_compare_it(tmp_path: Path) -> None:
    for number in range(COMPARED_UNASKED + 1):
        text = f"House number {number} in Mill Lane has {number + 2} windows."
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
    with Library.open(tmp_path / "library") as shelf:
        shelf.add(tmp_path)
        before = ask("What do they disagree about?", library=shelf)
        assert before.conflict_check.status == "not_checked"
        assert "run `whosays conflicts`" in before.conflict_check.reason
        few = [one.id for one in shelf.articles()][:2]
        apart = ask("What do they disagree about?", library=shelf, articles=few)
        assert apart.conflict_check.status == "checked"  # few are compared on the spot
        shelf.conflicts()
        assert ask("What do they disagree about?", library=shelf).conflict_check.status == "checked"


def test_an_overview_is_exported_and_read_back(library: Library) -> None:
    answer = ask("Compare the dam and the bakery", library=library)
    made = conversation([answer], library.articles(), Settings())
    assert read_conversation(to_json(made)).answers == (answer,)
    shown = to_markdown(made)
    assert "### dam" in shown
    assert "### bakery" in shown
    assert all(one.sentence.split()[-1] in shown for one in answer.citations)


def test_the_command_line_prints_an_overview(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "What is this about?", "--library", str(library.path)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "central sentences from the articles:" in printed
    assert "About 300 people left their homes" in printed or "The dam above Orvik burst" in printed


unit = some.lists(
    some.lists(some.integers(-3, 3), min_size=4, max_size=4).filter(any), min_size=1, max_size=8
)


@given(unit, some.integers(1, 5), some.integers(1, 3))
def test_each_choice_adds_most_as_a_slow_search_finds_it(
    rows: list[list[int]], most: int, a_group: int
) -> None:
    vectors = np.array(rows, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    groups = [str(number % 3) for number in range(len(rows))]
    weights = equal_shares(groups)
    chosen = most_central(vectors, vectors, weights, groups, most, a_group=a_group)
    assert len(set(chosen)) == len(chosen) <= most
    assert all([groups[one] for one in chosen].count(group) <= a_group for group in groups)

    def worth(places: list[int]) -> float:
        return sum(
            weight * max([0.0, *(float(vectors[one] @ row) for one in places)])
            for weight, row in zip(weights, vectors, strict=True)
        )

    best = max(worth([place]) for place in range(len(rows)))
    assert worth(chosen[:1]) == pytest.approx(best, abs=1e-5)


def test_one_idea_is_said_once() -> None:
    same = np.eye(3, dtype=np.float32)[[0, 0, 1]]
    assert most_central(same, same, equal_shares("abc"), "abc", 3, a_group=3) == [0, 2]


STORIES = {
    "Bridge at Aarup collapses": "The old bridge at Aarup fell into the river Tarn on Sunday night. Mayor Ida Holm said that two lorries went down with it.",
    "Two drivers missing in Aarup": "Divers search the Tarn for two lorry drivers after the Aarup bridge gave way. Mayor Holm has closed the road to Velmouth.",
    "Nordbank to buy Aria": "Nordbank will pay 4 billion euros for its rival Aria, chief executive Lena Brandt told shareholders.",
    "Aria's staff fear cuts": "Workers at Aria expect that Nordbank will close branches after the takeover. Lena Brandt promised nothing.",
}
BAKERY = "A bakery in Lund won a prize for its rye bread. The baker uses a sourdough from 1921."


@pytest.mark.parametrize("lone", [(), (BAKERY,)])
def test_an_overview_of_several_events_begins_with_them_and_names_them_verbatim(
    tmp_path: Path, lone: tuple[str, ...]
) -> None:
    for number, (title, text) in enumerate([*STORIES.items(), *(("Rye", one) for one in lone)]):
        (tmp_path / f"{number}.json").write_text(json.dumps({"title": title, "text": text}), encoding="utf-8")
    with Library.open(tmp_path / "library") as library:
        library.add(tmp_path)
        answer = ask("What is this about?", library=library)
        texts = {article.id: article.text for article in library.articles()}
    *events, rest = [*answer.overview.sections] if lone else [*answer.overview.sections, None]
    assert len(events) == 2
    assert {one.heading for one in events} < STORIES.keys()
    assert [{one.title for one in section.citations} <= STORIES.keys() for section in events] == [True, True]
    assert {one.name for one in answer.events} >= {one.heading for one in events}
    assert all(texts[one.article_id][one.start : one.end] == one.quote for one in answer.citations)
    assert len({(one.article_id, one.start) for one in answer.citations}) == len(answer.citations)
    if rest is not None:
        assert rest.heading == ""
        assert any(one.quote in BAKERY for one in rest.citations)
