"""Which articles tell of one event: two alone, a whole library, and what is remembered of it."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.embed import BundledEmbedder
from index.records import Article, Vectors
from qa import Library
from qa.conflicts.copies import sequences_of
from qa.events import outlines as outlines_module
from qa.events.groups import group
from qa.events.library import FILE, Events, events_among, events_of, find_events, known_events
from qa.events.memory import FILE as OUTLINES
from qa.events.outlines import Outline, outline, outline_articles, outline_these
from qa.events.pairs import FEATURES, Company
from qa.events.repeats import gather_copies
from qa.weights.fitted import load_fitted

BRIDGE = (
    ("2026-03-02", "Bridge at Aarup collapses", "The old bridge at Aarup fell into the river Tarn on Sunday night. Mayor Ida Holm said that two lorries went down with it."),
    ("2026-03-03", "Two drivers missing in Aarup", "Divers search the Tarn for two lorry drivers after the Aarup bridge gave way. Mayor Holm has closed the road to Velmouth."),
    ("2026-03-09", "Why did the Aarup bridge fall?", "Engineers had warned the town of Aarup about its bridge over the Tarn for years, Ida Holm admitted."),
)  # fmt: skip
MERGER = (
    ("2026-03-02", "Nordbank to buy Aria", "Nordbank will pay 4 billion euros for its rival Aria, chief executive Lena Brandt told shareholders."),
    ("2026-03-04", "Aria's staff fear cuts", "Workers at Aria expect that Nordbank will close branches after the takeover. Lena Brandt promised nothing."),
)  # fmt: skip
VACCINE = (
    (None, "Vaccine trial halted", "The trial of the malaria vaccine of Pellworth Labs was halted after a child in Kandor fell ill, the health ministry said."),
    (None, "Pellworth defends vaccine", "Pellworth Labs says that its malaria vaccine did not cause the illness of the child in Kandor."),
)  # fmt: skip
ALL = (*BRIDGE, *MERGER, *VACCINE)


@pytest.fixture(scope="module")
def embedder() -> BundledEmbedder:
    return BundledEmbedder()


def build(folder: Path, embedder: BundledEmbedder, told: Sequence[tuple[str | None, str, str]]) -> Library:
    library = Library.open(folder / "library", embedder=embedder)
    for number, (published, title, text) in enumerate(told):
        record = {"title": title, "text": text, **({"published": published} if published else {})}
        file = folder / f"{number:03d}.json"
        file.write_text(json.dumps(record), encoding="utf-8")
        library.add(file)
    return library


@pytest.fixture
def library(tmp_path: Path, embedder: BundledEmbedder) -> Iterator[Library]:
    with build(tmp_path, embedder, ALL) as built:
        yield built


def titles(library: Library, events: Events) -> set[frozenset[str]]:
    return {frozenset(str(library.article(one).title) for one in event.article_ids) for event in events}


def expected(*stories: Sequence[tuple[str | None, str, str]]) -> set[frozenset[str]]:
    return {frozenset(title for _, title, _ in story) for story in stories}


def test_the_articles_of_three_stories_are_three_events(library: Library) -> None:
    assert titles(library, library.events()) == expected(BRIDGE, MERGER, VACCINE)


def test_an_event_is_named_by_a_title_and_dated_by_its_articles(library: Library) -> None:
    first, *_ = events = events_of(library)
    assert first.name in {title for _, title, _ in BRIDGE}
    assert (first.first, first.last) == ("2026-03-02", "2026-03-09")
    assert [library.article(one).published for one in first.article_ids] == [day for day, _, _ in BRIDGE]
    assert {(one.first, one.last) for one in events if "accine" in one.name} == {(None, None)}


def test_a_lone_article_has_an_event_of_its_own(tmp_path: Path, embedder: BundledEmbedder) -> None:
    with build(tmp_path, embedder, (*BRIDGE, MERGER[0])) as library:
        events = library.events()
        (lone,) = (one.id for one in library.articles() if one.title == MERGER[0][1])
        event = events.of(lone)
        assert event is not None
        assert event.article_ids == (lone,)
        assert len(events) == 2
        assert events.of("no such article") is None


def test_a_library_without_articles_has_no_events(tmp_path: Path, embedder: BundledEmbedder) -> None:
    with Library.open(tmp_path / "empty", embedder=embedder) as library:
        assert library.events() == Events()


def test_dates_far_apart_speak_against_one_event_and_unknown_ones_do_not(library: Library) -> None:
    outlines = list(outline_articles(library))
    places = [place for place, one in enumerate(outlines) if one.published and "ridge" in one.name][:2]
    pair = np.array([places])

    def judge(*days: object) -> float:
        changed = list(outlines)
        for place, day in zip(places, days, strict=True):
            changed[place] = replace(outlines[place], day=day)
        return float(Company(changed).judge(pair)[0])

    near = outlines[places[0]].day
    assert near is not None
    far = near.replace(year=near.year + 9)
    assert judge(near, far) < judge(near, None) < judge(near, near)
    assert judge(near, None) == judge(None, None)


def test_a_year_alone_is_no_day() -> None:
    article = Article("a", "", "The bridge fell.", published="2026")
    assert outline(article, np.eye(1, 4, dtype=np.float32)).day is None


def made(number: int, vector: Sequence[float], words: Sequence[str]) -> Outline:
    """An article with one passage."""
    unit = np.array([vector], np.float32)
    unit /= np.linalg.norm(unit)
    name = f"{number:03d}"
    told = tuple(sorted(words))
    return Outline(name, name, None, None, told, told, unit, sequences_of(""))


def test_a_chain_of_neighbours_joins_no_strangers() -> None:
    """Each shares most with the next; the first and the last share nothing."""
    turn = np.linspace(0, 6, 30)
    chain = [
        made(at, [np.cos(angle), np.sin(angle), 0.2], [f"word{at + step}" for step in range(6)])
        for at, angle in enumerate(turn)
    ]
    company = Company(chain)
    steps = company.judge(np.array([(at, at + 1) for at in range(29)]))
    assert steps.min() > 2, "neighbours alone are taken for one event"
    groups = [one.places for one in group(company)]
    assert max(map(len, groups)) < 15
    assert not any({0, 29} <= {*places} for places in groups)


def test_the_same_articles_give_the_same_events_in_whatever_order_they_came(
    tmp_path: Path, embedder: BundledEmbedder, library: Library
) -> None:
    (tmp_path / "other").mkdir()
    with build(tmp_path / "other", embedder, ALL[::-1]) as other:
        assert other.events() == library.events()
    outlines = list(outline_articles(library))
    assert find_events(outlines) == find_events(outlines)


def test_twins_are_one_event_named_by_the_first_of_them() -> None:
    twins = [made(number, [1, 0, 0], [f"w{word}" for word in range(30)]) for number in range(4)]
    (event,) = find_events(twins)
    assert event.name == "000"
    assert event.article_ids == ("000", "001", "002", "003")


AGENCY = (
    "The lighthouse at Skelby lost its lamp in the storm on Friday night. Keepers had left the tower at "
    "dusk, the harbour office said. Fishing boats were led in by flares, and none was lost. The lamp, made in "
    "1911, lay in pieces on the rocks below. A new one will be sought before the autumn."
)
OTHERWISE = (
    "Two boats did not come home to Skelby after the storm put out its light, say the wives of their crews. "
    "They ask why the keepers were sent away from the tower early on Friday, against the rules."
)


def printed(many: int, day: str = "2026-05-02") -> list[tuple[str, str, str]]:
    """The agency's report as many papers print it, each with a line of its own."""
    return [
        (day, f"Storm breaks lamp {number}", f"{AGENCY} Readers in ward {number} may write to desk {number}.")
        for number in range(many)
    ]


@pytest.mark.parametrize("many", [2, 14, 50])
def test_copies_of_a_report_do_not_part_it_from_who_tells_it_otherwise(
    tmp_path: Path, embedder: BundledEmbedder, many: int
) -> None:
    told = [*MERGER, *VACCINE, *printed(many), ("2026-05-03", "Where are the boats?", OTHERWISE)]
    with build(tmp_path, embedder, told) as library:
        first, *others = library.events()
        assert len(first.article_ids) == many + 1
        assert titles(library, Events(tuple(others))) == expected(MERGER, VACCINE)


def test_a_digest_of_reports_joins_none_of_them(tmp_path: Path, embedder: BundledEmbedder) -> None:
    digest = ("2026-03-03", "The week", "\n\n".join(story[0][2] for story in (BRIDGE, MERGER, VACCINE)))
    with build(tmp_path, embedder, (*ALL, digest)) as library:
        assert all(len(copies) == 1 for copies in gather_copies(list(outline_articles(library))))


def test_the_same_words_in_another_month_are_another_report(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    told = [*printed(3), *printed(3, "2026-05-09"), *printed(2, "2026-09-01")]
    undated = [(None, title, f"{text} None has a date.") for _, title, text in printed(1)]
    with build(tmp_path, embedder, [*told, *undated]) as library:
        outlines = list(outline_articles(library))
        found = gather_copies(outlines)
    days = [sorted(str(outlines[place].published) for place in copies) for copies in found]
    assert sorted(days) == [["2026-05-02"] * 3 + ["2026-05-09"] * 3 + ["None"], ["2026-09-01"] * 2]
    assert all(outlines[first].day for first, *_ in found)


def test_what_surely_tells_of_another_event_is_apart(library: Library) -> None:
    events = library.events()
    ids = {str(one.title): one.id for one in library.articles()}
    assert events.are_apart(ids["Nordbank to buy Aria"], ids["Vaccine trial halted"])
    assert not events.are_apart(ids["Nordbank to buy Aria"], ids["Aria's staff fear cuts"])
    assert not events.are_apart(ids["Nordbank to buy Aria"], "no such article")


def test_a_page_of_articles_is_arranged_by_event(library: Library) -> None:
    ids = {str(one.title): one.id for one in library.articles()}
    bridge, merger, later = (
        ids[one]
        for one in ("Bridge at Aarup collapses", "Nordbank to buy Aria", "Why did the Aarup bridge fall?")
    )
    arranged = library.events().arrange([bridge, merger, later, "gone"])
    assert [articles for _, articles in arranged] == [[bridge, later], [merger], ["gone"]]
    assert arranged[-1][0] is None


def test_events_are_remembered_until_the_library_changes(library: Library, tmp_path: Path) -> None:
    assert known_events(library) is None
    found = library.events()
    assert known_events(library) == found
    library.remove(found.events[0].article_ids[0])
    assert known_events(library) is None
    assert len(library.events().events[0].article_ids) == 2


@pytest.mark.parametrize("spoil", ["", "{", "[]", "null", '{"stamp": 1}', "other name", "other list"])
def test_a_damaged_memory_is_made_anew(library: Library, spoil: str) -> None:
    found = library.events()
    file = library.path / FILE
    head, kept = file.read_text(encoding="utf-8").split("\n")
    if spoil == "other name":
        spoil = f"{head}\n{kept.replace('Aarup', 'Tervo', 1)}"
    elif spoil == "other list":
        spoil = f"{head}\n{json.dumps(json.loads(kept) | {'near': []})}"
    file.write_text(spoil, encoding="utf-8")
    assert known_events(library) is None
    assert library.events() == found
    assert known_events(library) == found


def test_a_folder_that_cannot_be_written_costs_only_time(library: Library) -> None:
    (library.path / FILE).mkdir()
    assert len(library.events()) == 3
    assert known_events(library) == library.events()  # as long as this process goes on


def test_after_a_change_only_what_is_new_is_read(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.events()
    read: list[str] = []
    outline_of = outlines_module.outline

    def note(article: Article, vectors: Vectors) -> Outline:
        read.append(str(article.title))
        return outline_of(article, vectors)

    monkeypatch.setattr(outlines_module, "outline", note)
    gone, changed = (one for one in library.articles() if one.title in {BRIDGE[0][1], MERGER[0][1]})
    library.remove(gone.id)
    library.edit([changed.id], {"title": "Another title"})
    assert library.events() == find_events(list(outline_articles(library)))
    assert read[0] == "Another title"
    assert len(read) == 1 + len(library)  # that alone, and all of them to compare


def test_of_some_articles_what_was_read_before_is_not_read_again(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_known = library.events()
    assert events_among(library, library.articles()) == all_known
    gone, *some = library.articles()
    library.remove(gone.id)
    (library.path / OUTLINES).unlink()
    alone = find_events(outline_these(library, sorted(some, key=lambda one: one.id)))
    assert events_among(library, some) == alone
    monkeypatch.setattr(outlines_module, "outline", None)  # nothing can be read from here on
    assert events_among(library, some) == alone


@pytest.mark.parametrize(
    "spoil", ["garbage", "a directory", "another shape", "rows", "other words", "other sequences"]
)
def test_damaged_outlines_are_read_anew(library: Library, spoil: str) -> None:
    found = library.events()
    file = library.path / OUTLINES
    if spoil == "garbage":
        file.write_bytes(b"no database " * 900)
    elif spoil == "a directory":
        file.unlink()
        file.mkdir()
    else:
        with sqlite3.connect(file) as database:
            database.execute(
                {
                    "another shape": "ALTER TABLE outlines RENAME COLUMN words TO other",
                    "rows": "UPDATE outlines SET vectors = 'x', crc = 1",
                    "other words": "UPDATE outlines SET words = (SELECT max(words) FROM outlines)",
                    "other sequences": "UPDATE outlines SET sequences = x'00000000'",
                }[spoil]
            )
        database.close()
    (library.path / FILE).unlink()
    assert library.events() == found


def test_articles_of_a_library_are_outlined_in_the_order_they_are_given(library: Library) -> None:
    articles = list(library.articles())[::-1]
    assert [one.article_id for one in outline_these(library, articles)] == [one.id for one in articles]
    assert outline_these(library, []) == []


def test_the_fitted_weights_are_as_many_as_the_features() -> None:
    fitted = load_fitted()
    assert len(fitted.event) == len(FEATURES) + 1
    assert 0 < fitted.thresholds["stranger_event"] < fitted.thresholds["event"] < 1
