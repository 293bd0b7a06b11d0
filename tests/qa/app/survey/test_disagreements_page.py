"""The disagreements page: what it shows of a survey, and the page in a real browser over a small library.

Run as a script, this file is the server: with the folder of a library.
"""

import html
import json
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from index.errors import LibraryError, QuestionError
from index.records import Article
from qa.app.html import words
from qa.app.shelf.background import Job
from qa.app.survey import cards, charts, point_card
from qa.app.survey.cards import SHOWN
from qa.app.survey.downloads import download_links
from qa.app.survey.filters import Entries, Wanted, from_query, to_query
from qa.app.survey.page import disagreements_page
from qa.app.survey.session import Compared, Desk
from qa.conflicts.rulings import Rulings, Standing, rule
from qa.export.survey_files import to_markdown
from qa.export.survey_report import render
from qa.export.text import TIERS
from qa.library import Library
from qa.records import AnswerEvent, Citation, ConflictCheck
from qa.survey.disagreement import Account, Disagreement
from qa.survey.survey import Survey
from tests.served import ROOT, started, stay
from tests.waits import LONGEST_S, until

HOSTILE = (
    "<script>window.hacked = 1</script> <img src=x onerror='window.hacked = 1'> ${window.hacked = 1} \" '"
)
TOWNS = (
    "Aarup Belmora Corvin Dunholm Estrava Fallow Grenholt Hestra Ivarsund Jolster Kelmar Lundby Morvik Nesby "
    "Orrskog Pellam Quellin Rastrup Sarnholt Tolvik Ursund"
).split()
FLOOD = (
    "The flood in Kandor killed 23 people, police said.",
    "The flood in Kandor killed 40 people, doctors said.",
)
MUSEUM = "The museum of Tarn opened on 2 May 2026.", "The museum of Tarn opened in March 2026."


def cite(
    publisher: str, quote: str, published: str | None = "2026-07-03", title: str | None = None
) -> Citation:
    size, name = len(quote), publisher or title or "a"
    uri = "a.txt" if publisher or not title else f"https://www.{title.split()[-1]}.example/1"
    return Citation(
        name[:4], title, publisher or None, published, uri, 0, size, quote, quote, 0, size, 1.0,
        title or "“It has …”",
    )  # fmt: skip


def against(
    one: Citation, other: Citation, kind: str = "number", values=("40 beds", "45 beds")
) -> Disagreement:
    return Disagreement(kind, Account(values[0], (one,)), Account(values[1], (other,)), 0.9, False)


def disagreement(one: str = "Post", other: str = "Herald", kind: str = "number") -> Disagreement:
    return against(cite(one, "It has 40 beds."), cite(other, "It has 45 beds."), kind)


def less_sure() -> Disagreement:
    """One that is about another thing."""
    doors = against(
        cite("Post", "Its 3 doors are red.", title="Doors"), cite("Courier", "Its 4 doors are red."),
        values=("3 doors", "4 doors"),
    )  # fmt: skip
    mine = replace(doors.one.citations[0], sentence_start=100, sentence_end=120)
    return replace(doors, one=replace(doors.one, citations=(mine,)), tier="may_disagree", score=0.5)


def surveyed(*found: Disagreement, check: ConflictCheck | None = None) -> Survey:
    return Survey(found, check or ConflictCheck("checked", 12, 3, 30), 3, 3, 30)


def card(of: Disagreement, *rulings, read_only: bool = False) -> str:
    entries = Entries([of])
    ruled = entries.rulings(Standing(rulings))
    return cards.listing(
        entries.points, Wanted(), entries, ruled, {}, first=1, of=1, read_only=read_only
    )  # fmt: skip


def summed(found: Survey) -> str:
    return cards.summary(found, Entries(found.disagreements, found.events, found.copies), Wanted(), {})


def kept(wanted: Wanted, *found: Disagreement, rulings=()) -> list[int]:
    """The places of those that the filters let through, each a point of its own."""
    entries = Entries(found)
    fitting = entries.select(wanted, entries.rulings(Standing(rulings)))
    return [entries.points.index(one) for one in fitting]


def test_no_disagreement_and_nothing_compared_are_said_as_plainly_as_what_was_found():
    none = summed(surveyed())
    assert "Compared 30 pairs of statements from 3 sources; none judged to contradict each other<" in none
    assert '<section class="conflicts compared"' in none
    ruled = summed(surveyed(check=ConflictCheck("checked", 12, 3, 30, ruled_out=1)))
    assert "; no others judged to contradict each other<" in ruled
    assert "1 ruled no conflict is left out." in ruled
    nothing = summed(surveyed(check=ConflictCheck("checked", 12, 3, 0)))
    assert "Compared 0 pairs of statements from 3 sources: there was nothing to compare<" in nothing
    unchecked = surveyed(check=ConflictCheck("not_checked", reason="fewer than two articles state anything"))
    assert "Not checked for disagreements" in summed(unchecked)
    assert "Fewer than two articles state anything." in summed(unchecked)
    found = summed(surveyed(disagreement()))
    assert "1 disagreement in 3 articles" in found
    assert "Compared: 12 statements from 3 sources, in 30 pairs." in found


def test_the_tiers_are_counted_above_and_told_on_each_card_in_words_and_outline():
    sure, less = disagreement(), less_sure()
    both = summed(surveyed(sure, less))
    assert "1 disagreement and 1 possible one in 3 articles" in both
    assert '<section class="conflicts found disagree"' in both
    alone = summed(surveyed(less))
    assert "1 possible disagreement in 3 articles" in alone
    assert '<section class="conflicts found may-disagree"' in alone
    for one, kind, said in ((sure, "disagree", "They disagree"), (less, "may-disagree", "They may disagree")):
        assert f'<li class="card point {kind}"' in card(one)
        assert f'<span class="badge tier {kind}">{said}</span>' in card(one)
    assert "About one in two such pairs disagree" in card(less)


def test_the_report_tells_the_tiers_and_says_neutrally_where_none_is_found():
    sure, less = disagreement(), less_sure()
    report = render(surveyed(sure, less))
    assert "They disagree: 1. They may disagree: 1." in report
    assert '<span class="tag disagree">They disagree</span>' in report
    assert '<span class="tag may-disagree">They may disagree</span>' in report
    none = render(surveyed())
    assert (
        "<p>Compared 30 pairs of statements from 3 sources; none judged to contradict each other. </p>"
        in none
    )
    assert "isagreement" not in re.sub("<style>.*</style>", "", none, flags=re.DOTALL)


def test_articles_are_listed_with_the_tiers_of_their_disagreements(tmp_path):
    less = less_sure()
    with Library.open(tmp_path / "library") as library:
        desk = Desk(lambda: library, None, read_only=False)
        desk.job.start(lambda progress: Compared(surveyed(), Entries([disagreement(), less]), ""))
        ended(desk.job)
        assert desk.tiers_by_article() == {
            "Post": ["disagree", "may_disagree"], "Hera": ["disagree"], "Cour": ["may_disagree"]
        }  # fmt: skip


def test_both_quotes_are_marked_where_they_say_what_the_other_does_not():
    assert re.findall("<mark>(.*?)</mark>", card(disagreement())) == ["40", "45"]


def test_a_card_opens_both_articles_and_says_how_sure_as_beside_an_answer():
    shown = card(disagreement())
    assert 'href="article/Post?start=0&amp;end=15&amp;beside=Hera&amp;from=0&amp;to=15#quote"' in shown
    assert "Compare in both articles" in shown
    assert "About four in five such pairs disagree" in shown
    assert "How sure: 90%" in shown
    assert re.findall('<p class="value"><b><bdi>(.*?)</bdi></b>', shown) == ["40 beds", "45 beds"]


BEDS = disagreement("Post", "Herald")
PIER = against(
    cite("Post", "The Kandor pier was closed.", "2026-05"), cite("Courier", "Kandor's pier is open.", None),
    "polarity", ("“The Kandor pier …”", "“Kandor's pier …”"),
)  # fmt: skip
OLD = against(
    cite("", "The mill in Kandor burnt down.", "2019", "On mills"), cite("", "It never burnt.", "2021-02-03", "No fire"),
    "polarity", ("“The mill …”", "“It never …”"),
)  # fmt: skip
THREE = BEDS, PIER, OLD


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        (Wanted(), [0, 1, 2]),
        (Wanted(source="Herald"), [0]),
        (Wanted(source="Herald", against="Post"), [0]),
        (Wanted(source="Herald", against="Herald"), []),
        (Wanted(source="Post", against="Courier"), [1]),
        (Wanted(against="Post"), [0, 1]),
        (Wanted(source="mills.example"), [2]),  # no publisher: by the site
        (Wanted(source="On mills"), []),  # and never by the title
        (Wanted(kind="polarity"), [1, 2]),
        (Wanted(kind="polarity", source="Post"), [1]),
        (Wanted(topic="bed"), [0]),
        (Wanted(topic="Kandor pier"), [1]),  # all words, wherever they stand
        (Wanted(topic="the kandor"), [1, 2]),
        (Wanted(topic="mill fire"), [2]),  # words of a title count
        (Wanted(topic="kand"), [1, 2]),  # a word that is still being typed
        (Wanted(topic="lighthouse"), []),
        (Wanted(since="2026-06"), [0]),
        (Wanted(until="2026-05-01"), [1, 2]),  # "2026-05" may be its first day
        (Wanted(since="2020", until="2021"), [2]),
        (Wanted(since="2026-05-30", until="2026-05-31", source="Post"), [1]),
        (Wanted(ruled="open"), [0, 1, 2]),
        (Wanted(ruled="ruled"), []),
    ],
)
def test_filters_let_through_what_fits_all_of_them(wanted, places):
    assert kept(wanted, *THREE) == places


def test_what_is_ruled_can_be_hidden_and_shown_alone_and_is_counted():
    ruling = rule(PIER.conflict, "no conflict", question="?")
    assert kept(Wanted(ruled="open"), *THREE, rulings=[ruling]) == [0, 2]
    assert kept(Wanted(ruled="ruled"), *THREE, rulings=[ruling]) == [1]
    entries = Entries(THREE)
    told = cards.active_filters(entries, Wanted(), entries.rulings(Standing([ruling])))
    assert "Ruled: 1 of 3 (1 not a conflict)." in told
    assert "Hide what is ruled" in told


def test_a_date_that_is_none_is_refused_with_how_to_write_one():
    with pytest.raises(QuestionError, match="“in July” is no date: write 2026, 2026-07 or 2026-07-03"):
        kept(Wanted(since="in July"), BEDS)


def test_a_link_holds_all_filters_and_leaves_out_what_it_cannot_mean():
    wanted = Wanted("chips & “fabs”", "number", "Post", HOSTILE[:30], "2026", "2026-07-03", "open")
    assert from_query("?" + to_query(wanted)) == wanted
    assert to_query(Wanted()) == ""
    assert to_query(Wanted(since="2026")) == "from=2026"
    assert from_query("kind=gossip&rulings=maybe&topic=a&topic=b&page=9") == Wanted(topic="a")
    assert from_query("&".join(f"a{n}=1" for n in range(100))) == Wanted()
    assert len(from_query("topic=" + "x" * 9_000).topic) == 300


@pytest.mark.parametrize(
    "told", [None, 3, "", "[]", "null", '"topic"', '{"topic": 3}', '{"page": "2"}', "[" * 9_999]
)
def test_a_button_that_tells_nonsense_changes_no_filter(told):
    assert Wanted("beds").with_changes(told) == Wanted("beds")


def test_each_filter_can_be_taken_away_and_where_nothing_fits_it_is_said_what_would():
    entries = Entries(THREE)
    wanted = Wanted(topic="beds", source="Courier")
    assert cards.active_filters(entries, wanted, {}).count('class="chip"') == 2
    assert "Clear all filters" in cards.active_filters(entries, wanted, {})
    none = cards.listing((), wanted, entries, {}, {}, first=1, of=0, read_only=False)
    assert "None of 3 disagreements fits all filters" in none
    plain = re.sub("<[^>]*>", "", none)
    assert "Without “beds”: 1" in plain
    assert "Without Courier: 1" in plain
    hopeless = Wanted(topic="lighthouse", source="Nobody")
    assert "clear all" in cards.listing((), hopeless, entries, {}, {}, first=1, of=0, read_only=False)
    assert cards.active_filters(entries, Wanted(), {}) == ""


def figures(chart: str) -> dict[str, int]:
    """What each button of a chart asks for, and the figure on it."""
    buttons = re.findall(r'<button[^>]*data-want="([^"]*)"[^>]*>(.*?)</button>', chart)
    figure = re.compile(r'(?:^|class="much"[^>]*>)(\d+)')
    return {html.unescape(want): int(figure.search(text)[1]) for want, text in buttons}


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(topic="kandor"), Wanted(source="Post", until="2026-06")])
def test_each_figure_of_matrix_and_timeline_is_what_choosing_it_shows(wanted):
    entries = Entries(THREE)
    for chart in (charts.matrix, charts.timeline):
        counted = figures(chart(entries, wanted, {}))
        assert counted
        for want, number in counted.items():
            assert len(entries.count(wanted.with_changes(want), {})) == number


def test_the_matrix_names_sources_by_publisher_or_site_and_never_by_title():
    drawn = charts.matrix(Entries(THREE), Wanted(), {})
    names = ("Post", "Herald", "Courier", "mills.example", "fire.example")
    assert tuple(name for name in names if f">{name}<" in drawn) == names
    assert "On mills" not in drawn


def test_a_file_is_a_source_by_its_name_and_its_folder_is_nobodys_business():
    told = [
        replace(
            cite("", f"It has {beds} beds.", title="Beds"), uri=f"/home/ida/secret/{name}", article_id=beds
        )
        for beds, name in (("40", "notes.txt"), ("45", "ward 7.pdf"))
    ]
    one = against(*told, values=("“It has 40 …”", "“It has 45 …”"))
    report = render(surveyed(one))
    shown = [charts.matrix(Entries([one]), Wanted(), {}), report, card(one)]
    assert "Beds · notes · 2026-07-03" in report
    assert all("notes" in part and "ward 7" in part for part in shown)
    assert not any("secret" in part or "notes.txt" in part for part in shown)


def test_the_timeline_goes_by_day_or_as_coarsely_as_a_few_rows_need_and_counts_what_has_no_date():
    undated = against(cite("Wire", "A.", None), cite("Gazette", "B.", None))
    shown = charts.timeline(Entries([*THREE, undated]), Wanted(), {})
    assert re.findall('<time datetime="([^"]*)">', shown) == ["2019", "2021-02-03", "2026-05", "2026-07-03"]
    assert "1 disagreement without a dated statement." in shown
    daily = [
        against(cite("P", "A.", f"2026-0{1 + n % 3}-{1 + n:02}"), cite("H", "B.", None)) for n in range(28)
    ]
    assert charts.periods_of(Entries(daily).points) == (["2026-01", "2026-02", "2026-03"], 0)
    yearly = [against(cite("P", "A.", f"{1990 + n}-05-03"), cite("H", "B.", None)) for n in range(20)]
    assert charts.periods_of(Entries(yearly).points) == ([str(year) for year in range(1995, 2010)], 5)
    assert charts.timeline(Entries([undated]), Wanted(), {}) == ""


def test_names_are_offered_as_topics_with_what_they_would_show():
    entries = Entries([PIER, OLD, BEDS])
    assert entries.topics(Wanted(), {}) == [("Kandor", 2)]
    assert entries.topics(Wanted(source="Courier"), {}) == []  # too few to choose from
    chosen = cards.topics(entries, Wanted(topic="Kandor"), {})
    assert 'aria-pressed="true"' in chosen


def test_one_publisher_on_both_sides_is_told_apart_by_dates_and_never_by_titles():
    def pairs(*dates: str | None, ids: tuple[str, str] = ("a", "b")) -> str:
        told = [
            replace(cite("Post", f"It is {said}.", date, title=f"{said} doors"), article_id=one)
            for said, date, one in zip(("open", "shut"), dates, ids, strict=True)
        ]
        third = replace(cite("Herald", "It is ajar."), article_id="c")
        values = ("“It is open.”", "“It is shut.”")
        found = [against(*told, "polarity", values), against(told[0], third, "polarity", values)]
        # One point: they share a statement. What is opposed is told pair by pair.
        entries = Entries([replace(one, kind="polarity") for one in found])
        return "".join(
            point_card._pair(each, None, read_only=True) for one in entries.points for each in one.entries
        )

    assert "Post (3 July 2026) against Post (undated)" in pairs("2026-07-03", None)
    assert "Two articles of Post" in pairs("2026-07-03", "2026-07-03")
    assert "Two places in one article of Post" in pairs(None, None, ids=("a", "a"))


FIRE = [
    replace(cite(who, f"The fire in Kandor killed {dead} people.", f"2026-07-0{day}"), article_id=who)
    for day, (who, dead) in enumerate((("Post", 7), ("Herald", 9), ("Courier", 11)), start=1)
]
DEAD = tuple(
    against(FIRE[one], FIRE[other], values=(f"{dead[one]} people", f"{dead[other]} people"))
    for dead in ((7, 9, 11),)
    for one, other in ((0, 1), (0, 2), (1, 2))
)


def test_a_point_is_one_card_with_a_row_a_position_and_a_place_to_rule_on_each_pair():
    entries = Entries(DEAD)
    shown = cards.listing(entries.points, Wanted(), entries, {}, {}, first=1, of=1, read_only=False)
    assert shown.count('<li class="card') == 1
    assert "“<bdi>The fire in Kandor killed … people.</bdi>”" in shown
    assert re.findall("<b><bdi>(.*?)</bdi></b>", shown) == ["7 people", "9 people", "11 people"]
    assert "two at a time (3 pairs)" in shown
    assert shown.count('data-verdict="conflict"') == 4  # on all, and on each pair


def test_a_ruling_on_one_pair_of_a_point_leaves_the_others_standing():
    entries = Entries(DEAD)
    (point,) = entries.points
    gone = rule(DEAD[0].conflict, "no conflict", question="?")
    rulings = entries.rulings(Standing([gone]))
    assert [one.disagreement for one in point.standing(rulings)] == [DEAD[1], DEAD[2]]
    assert entries.count(Wanted(), rulings) == (point,)
    shown = cards.listing(entries.points, Wanted(), entries, rulings, {}, first=1, of=1, read_only=False)
    assert "Ruled in part" in shown
    assert '<details class="pairs" open>' in shown
    drawn = charts.matrix(entries, Wanted(), rulings)
    assert "Herald and Post: 1" not in drawn
    assert "Courier and Post: 1 disagreement" in html.unescape(drawn)


def test_what_is_ruled_no_conflict_leaves_the_heading_and_the_matrix_and_stays_in_the_list():
    found = surveyed(*DEAD, PIER)
    entries = Entries(found.disagreements)
    ruled = [rule(one.conflict, "no conflict", question="?") for one in DEAD]
    rulings = entries.rulings(Standing(ruled))
    assert "1 disagreement in 3 articles" in cards.summary(found, entries, Wanted(), rulings)
    assert "2 disagreements in 3 articles" in cards.summary(found, entries, Wanted(), {})
    assert "1 of 2 in 3 articles" not in cards.summary(found, entries, Wanted(), rulings)
    assert "1 disagreement of 2 in 3" in cards.summary(found, entries, Wanted(topic="pier"), {})
    assert "Herald" not in charts.matrix(entries, Wanted(), rulings)
    assert "Herald" in charts.matrix(entries, Wanted(), {})
    listed = cards.listing(entries.points, Wanted(), entries, rulings, {}, first=1, of=2, read_only=False)
    assert "1 disagreement, 1 ruled none<" in listed
    assert listed.count('<li class="card') == 2


def test_points_stand_under_the_events_that_they_are_about():
    fire = AnswerEvent("The fire <in> Kandor", ("Post", "Herald", "Courier"))
    entries = Entries([*DEAD, OLD], [fire])
    shown = cards.listing(entries.points, Wanted(), entries, {}, {}, first=1, of=2, read_only=False)
    heads = re.findall('<h3 class="event"><bdi>(.*?)</bdi> <span class="soft">(.*?)</span></h3>', shown)
    assert heads == [("The fire &lt;in&gt; Kandor", "1 disagreement"), ("Of no one event", "1 disagreement")]


def test_near_copies_are_one_source_of_the_matrix_and_of_a_position():
    copy = replace(FIRE[0], publisher="Wire", article_id="Wire", published="2026-07-09")
    one = replace(DEAD[0], one=replace(DEAD[0].one, citations=(FIRE[0], copy)))
    entries = Entries([one], copies=(("Post", "Wire"),))
    (point,) = entries.points
    assert [position.independent_sources for position in point.point.positions] == [1, 1]
    drawn = charts.matrix(entries, Wanted(), {})
    assert "Wire" not in drawn
    assert "Herald and Post: 1 disagreement" in drawn
    shown = cards.listing(entries.points, Wanted(), entries, {}, {}, first=1, of=1, read_only=False)
    assert "Also in 1 near-copy: " in shown
    assert entries.select(Wanted(source="Wire"), {}) == (point,)


def test_files_of_one_name_in_two_folders_are_two_sources():
    told = [
        replace(
            cite("", f"It has {beds} beds.", title="Beds"), uri=f"/ida/{folder}/notes.txt", article_id=beds
        )
        for beds, folder in (("40", "may"), ("45", "june"))
    ]
    drawn = charts.matrix(Entries([against(*told)]), Wanted(), {})
    assert "june/notes and may/notes: 1 disagreement" in drawn
    assert "ida" not in drawn


def test_read_only_shows_rulings_and_offers_none():
    one = disagreement()
    ruled = rule(one.conflict, "no conflict", question="?", reason="subset")
    assert card(one, ruled).count("<button") == 5  # three verdicts, Undo, and Keep
    assert card(one).count("<button") == 4
    shown = card(one, ruled, read_only=True)
    assert "Not a conflict" in shown
    assert "one is a part of the other" in shown
    assert "<button" not in shown
    assert "<select" not in shown


def test_read_only_listens_to_no_ruling():
    program = (
        "from qa.app.serve.server import build\n"
        "from qa.app.survey.page import disagreements_page\n"
        "for read_only in (False, True):\n"
        "    page = disagreements_page(lambda: None, read_only=read_only)\n"
        "    blocks = build(lambda question, history: None, articles=list, examples=(), pages=[page])\n"
        "    print(sum(getattr(one.fn, '__name__', '') == '_rule' for one in blocks.fns.values()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.split() == ["1", "0"]


def test_hostile_names_and_values_appear_literally():
    one = disagreement(HOSTILE, "Herald")
    entries = Entries([one, one])
    wanted = Wanted(topic=HOSTILE, source=HOSTILE)
    shown = charts.matrix(entries, Wanted(), {}) + charts.timeline(entries, Wanted(), {}) + card(one)
    shown += cards.active_filters(entries, wanted, {}) + cards.topics(entries, Wanted(), {})
    shown += cards.listing((), wanted, entries, {}, {}, first=1, of=0, read_only=False)
    assert "<script" not in shown
    assert "<img" not in shown
    assert "&lt;script&gt;" in shown


def test_one_comparison_runs_at_a_time_can_be_stopped_and_keeps_what_was_known():
    job: Job[int] = Job()
    began, go = threading.Event(), threading.Event()

    def work(progress) -> int:
        began.set()
        go.wait(LONGEST_S)
        progress(1, 2, "comparing")
        return 5

    assert job.start(lambda progress: 3)
    ended(job)
    assert job.start(work)
    assert began.wait(LONGEST_S)
    assert not job.start(lambda progress: 4)
    job.stop()
    go.set()
    ended(job)
    assert (job.state.result, job.state.stopped, job.state.problem) == (3, True, "")


def test_what_ends_a_comparison_is_told():
    job: Job[int] = Job()

    def work(progress) -> int:
        raise LibraryError("the disk is full: free space")

    job.start(work)
    ended(job)
    assert job.state.problem == "the disk is full: free space"


def ended(job: Job[int]) -> None:
    until(lambda: not job.state.running)


def test_a_ruling_on_what_is_not_in_the_list_is_refused(tmp_path):
    with Library.open(tmp_path / "library") as library:
        desk = Desk(lambda: library, None, read_only=False)
        assert "no longer in the list" in desk.rule("0" * 16, "conflict", "")
        assert Rulings(library.path).all() == ()


def desk_over(library: Library, *found: Disagreement) -> Desk:
    """What was found, as after a comparison."""
    desk = Desk(lambda: library, None, read_only=False)
    desk.job.start(lambda progress: Compared(surveyed(*found), Entries(found), ""))
    ended(desk.job)
    return desk


def test_one_article_is_compared_alone_until_all_are_and_is_then_a_filter(library):
    with Library.open(library) as opened:
        ids = {one.publisher.split()[0]: one.id for one in opened.articles()}
        desk = Desk(lambda: opened, "bundled", read_only=True)
        alone = desk.job_of(ids["Courier"])
        assert desk.is_due(ids["Courier"])
        assert desk.compare(ids["Courier"])
        ended(alone)
        (one,) = desk.disagreements(ids["Courier"])
        assert ids["Courier"] in {said.article_id for said in one.conflict.statements}
        assert not desk.is_due(ids["Courier"])
        assert desk.disagreements() == ()
        (point,) = desk.entries(ids["Courier"]).points
        assert desk.find(point.key) == (point, desk.entries(ids["Courier"]))
        report, told = desk.report(Wanted(of=ids["Courier"]))
        assert (report.disagreements, told) == ((one,), "of one article")
        desk.compare()
        ended(desk.job)
        assert desk.job_of(ids["Courier"]) is desk.job
        assert desk.page(Wanted(of=ids["Courier"]), 1).listing.count('<li class="card') == 1
        assert len(desk.disagreements()) > SHOWN


def test_articles_that_are_compared_alone_take_turns_and_few_are_remembered(tmp_path):
    with Library.open(tmp_path / "library") as library:
        desk = Desk(lambda: library, None, read_only=True)
        first = desk.job_of("0")
        assert desk.compare("0")
        ended(first)
        assert "list shows the ids" in first.state.problem
        for number in range(1, 16):
            desk.job_of(str(number))
        assert desk.job_of("0") is first
        assert desk.job_of("16") is not desk.job_of("1")
        assert desk.job_of("0") is not first  # its place was taken


def test_a_report_to_take_along_is_narrowed_as_the_page_and_leaves_out_what_is_ruled_none(tmp_path):
    with Library.open(tmp_path / "library") as library:
        assert Desk(lambda: library, None, read_only=False).report(Wanted()) is None
        desk = desk_over(library, disagreement(), less_sure())
        whole, told = desk.report(Wanted())
        assert (len(whole.disagreements), told) == (2, "")
        narrowed, told = desk.report(Wanted(topic="doors", since="2026-07-01"))
        assert [one.one.value for one in narrowed.disagreements] == ["3 doors"]
        assert told == "“doors”, from 1 July 2026"
        assert "Only these: “doors”, from 1 July 2026." in to_markdown(narrowed, narrowed=told)
        assert "Only these: “doors”, from 1 July 2026." in render(narrowed, narrowed=told)
        none, told = desk.report(Wanted(topic="whales"))
        for shown in (to_markdown(none, narrowed=told), render(none, narrowed=told)):
            assert "No disagreement that was found is among these." in shown
            assert "none judged" not in shown  # some were
        desk.rule(desk.entries().all[0].key, "no conflict", "")
        left, _ = desk.report(Wanted())
        assert [one.one.value for one in left.disagreements] == ["3 doors"]
        assert left.check.ruled_out == 1
        with pytest.raises(QuestionError, match="is no date"):
            desk.report(Wanted(since="soon"))


def test_the_links_to_the_report_hold_the_filters_and_are_there_where_something_was_found():
    links = download_links("disagreements", "topic=a%22b&from=2026", found=True, narrowed=True)
    assert 'href="disagreements/report.md?topic=a%22b&amp;from=2026"' in links
    assert "Take along what is listed" in links
    none = download_links("disagreements", "", found=False, narrowed=False)
    assert "report." not in none
    assert "rulings.jsonl" in none


# In a browser


def serve(folder: Path) -> None:
    """Serve until killed."""
    from qa.app.serve.server import build

    library = Library.open(folder)
    pages = [disagreements_page(lambda: library)]
    articles = lambda: list(library.articles())  # noqa: E731
    blocks = build(lambda question, history: None, articles=articles, examples=(), pages=pages)
    stay(blocks, articles=articles, pages=pages)


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """Two papers that disagree more than twenty times, and a third that takes part in one of these."""
    folder = tmp_path_factory.mktemp("disagreements")
    post = [f"The hospital in {town} has {100 + 10 * n} beds." for n, town in enumerate(TOWNS)]
    herald = [
        f"The {town} hospital has {505 + 10 * n} beds, its director said." for n, town in enumerate(TOWNS)
    ]
    texts = {
        "Post": [*post, FLOOD[0], MUSEUM[0]],
        "Herald": [*herald, MUSEUM[1]],
        f"Courier {HOSTILE}": [FLOOD[1]],
    }
    files = []
    for number, (publisher, sentences) in enumerate(texts.items()):
        files.append(folder / f"paper{number}.json")
        record = {"text": " ".join(sentences), "publisher": publisher, "published": "2026-07-03"}
        files[-1].write_text(json.dumps(record), encoding="utf-8")
    with Library.open(folder / "library") as made:
        assert {outcome.status for outcome in made.add(*files)} == {"added"}
    return folder / "library"


@pytest.fixture(scope="module")
def tiers(library) -> list[str]:
    """Those of the points that the page has to show: three pages of them."""
    with Library.open(library) as opened:
        found = [one.tier for one in opened.conflicts().points]
    assert 2 * SHOWN < len(found) < 3 * SHOWN
    return found


@pytest.fixture(scope="module")
def many(tiers) -> int:
    """How many disagreements these are."""
    return len(tiers)


@pytest.fixture(scope="module")
def address(library, tmp_path_factory):
    with started(__file__, str(library), log=tmp_path_factory.mktemp("log") / "log") as at:
        yield at


@pytest.fixture
def visit(visitor, address):
    """Opens the page and waits for its list."""

    def opened(**screen):
        page = visitor(f"{address}disagreements", **screen)
        page.locator("#survey-list .card").first.wait_for()
        return page

    return opened


def heading(page, text: str) -> None:
    page.locator("#survey-list").get_by_role("heading", name=text, level=2, exact=True).wait_for()


def unfold(page) -> None:
    """The filters beside the search."""
    if not page.get_by_label("From", exact=True).is_visible():
        page.get_by_role("button", name=re.compile("^Filter")).click()
    page.get_by_label("From", exact=True).wait_for()


def choose(page, label: str, option: str) -> None:
    unfold(page)
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


@pytest.mark.browser
def test_the_library_is_compared_unasked_and_each_quote_opens_its_article(visit, many, tiers):
    page = visit()
    expect(page.get_by_role("heading", name=f"{words.in_tiers(tiers)} in 3 articles")).to_be_visible()
    expect(page.locator("#survey-list .card")).to_have_count(SHOWN)
    card = page.locator("#survey-list .card").first
    expect(card.locator(".tier")).to_have_text(TIERS[tiers[0]])
    link = card.get_by_role("link").first
    quote = card.locator("blockquote").first.inner_text()
    link.click()
    mark = page.locator("dialog[open] #quote")
    expect(mark).to_have_text(quote)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Next").click()
    heading(page, f"{many} disagreements: {SHOWN + 1} to {2 * SHOWN}")
    expect(page.locator("#survey-list h2")).to_be_focused()
    page.get_by_role("button", name="Next").click()
    heading(page, f"{many} disagreements: {2 * SHOWN + 1} to {many}")
    expect(page.locator("#survey-list .card")).to_have_count(many - 2 * SHOWN)
    assert page.evaluate("window.hacked") is None


@pytest.mark.browser
def test_a_link_to_one_article_shows_what_that_disagrees_on_and_leads_back_to_all(
    visitor, address, library, many
):
    with Library.open(library) as opened:
        own = next(one for one in opened.articles() if one.publisher.startswith("Courier"))
    page = visitor(f"{address}disagreements?article={own.id}")
    # Alone, or as a filter where a test before this one has compared all.
    expect(page.locator("#survey-list h2")).to_have_text(re.compile(rf"^1 (of {many} )?disagreements?$"))
    assert sorted(page.locator("#survey-list blockquote").all_inner_texts()) == sorted(FLOOD)
    expect(page.locator("#survey-head .lead")).to_contain_text(own.name)
    assert page.url.endswith(f"?article={own.id}")
    links = page.locator("#survey-download a[href*=report]")
    assert all(own.id in link.get_attribute("href") for link in links.all())
    page.get_by_role("link", name="All articles").click()
    heading(page, f"{many} disagreements: 1 to {SHOWN}")
    expect(page.locator("#survey-head .lead")).not_to_contain_text(own.name)
    other = visitor(f"{address}disagreements?article=nowhere")
    expect(other.locator("#survey-head .lead")).to_contain_text("not in the library")
    assert other.evaluate("window.hacked") is None


@pytest.mark.browser
def test_a_card_opens_both_articles_each_at_its_statement_with_only_the_words_that_differ_marked(visit):
    page = visit()
    card = page.locator("#survey-list .card", has_text="beds").first
    first, second = card.locator("blockquote").all_inner_texts()
    town = re.search("|".join(TOWNS), first)[0]
    assert card.locator("blockquote mark").first.inner_text() in first
    marked = card.locator("blockquote mark").all_inner_texts()
    assert [one for one in marked if town in one or "beds" in one] == []
    card.get_by_role("link", name="Compare in both articles").click()
    reader = page.get_by_role("dialog", name="Two articles")
    expect(reader.locator("#quote")).to_have_text(first)
    expect(reader.locator("#quote-beside")).to_have_text(second)


@pytest.mark.browser
def test_filters_by_kind_and_by_source_choose_what_is_listed(visit, many):
    page = visit()
    choose(page, "Kind", "Different dates")
    heading(page, f"1 of {many} disagreements")
    assert sorted(page.locator("#survey-list blockquote").all_inner_texts()) == sorted(MUSEUM)
    choose(page, "Kind", "All kinds")
    heading(page, f"{many} disagreements: 1 to {SHOWN}")
    cell = page.locator(".matrix").get_by_role("button", name=re.compile("^Courier.* 1 disagreement")).first
    cell.click()
    heading(page, f"1 of {many} disagreements")
    assert sorted(page.locator("#survey-list blockquote").all_inner_texts()) == sorted(FLOOD)
    page.wait_for_function("document.activeElement.matches('.matrix button[aria-pressed=true]')")
    page.keyboard.press("Enter")  # once more: all of them
    heading(page, f"{many} disagreements: 1 to {SHOWN}")


@pytest.mark.browser
def test_topic_and_dates_narrow_are_kept_in_the_link_and_cleared_with_one_click(
    visit, visitor, address, many
):
    page = visit()
    topic = page.get_by_label("Search the disagreements")
    topic.press_sequentially("kandor flood")
    heading(page, f"1 of {many} disagreements")
    page.wait_for_url("**/disagreements?topic=kandor+flood")
    unfold(page)
    expect(page.locator(".date-field .day-picker input[type=date]")).to_have_count(2)
    page.get_by_label("From", exact=True).fill("2027-01-01")
    heading(page, f"None of {many} disagreements fits all filters")
    expect(page.get_by_role("button", name="Filter (1)")).to_be_visible()
    page.wait_for_url("**/disagreements?topic=kandor+flood&from=2027-01-01")
    other = visitor(page.url.replace("2027-01-01", "2027"))
    heading(other, f"None of {many} disagreements fits all filters")
    expect(other.get_by_label("Search the disagreements")).to_have_value("kandor flood")
    other.get_by_role("button", name="Without from 1 January 2027").click()
    heading(other, f"1 of {many} disagreements")
    other.wait_for_url("**/disagreements?topic=kandor+flood")
    page.get_by_role("button", name="Clear all filters").click()
    heading(page, f"{many} disagreements: 1 to {SHOWN}")
    expect(topic).to_have_value("")
    expect(page.get_by_label("From", exact=True)).to_have_value("")
    page.wait_for_url("**/disagreements")


@pytest.mark.browser
def test_a_time_of_the_timeline_shows_what_was_published_then(visit, many):
    page = visit()
    page.locator(".timeline").get_by_role("button", name="3 July 2026").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/disagreements?from=2026-07-03&to=2026-07-03")
    page.wait_for_function("document.activeElement.matches('.timeline button[aria-pressed=true]')")
    unfold(page)
    expect(page.get_by_label("From", exact=True)).to_have_value("2026-07-03")
    page.locator(".chips").get_by_role("button", name="Remove the filter from 3 July 2026").click()
    page.wait_for_url("**/disagreements?to=2026-07-03")


@pytest.mark.browser
def test_a_ruling_by_keyboard_is_kept_can_be_changed_and_is_downloaded(visit, address, library, many):
    page = visit()
    card = page.locator("#survey-list .card").nth(1)
    card.get_by_role("button", name="Real conflict").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    chosen = card.locator("button[aria-pressed=true]")
    chosen.wait_for()
    page.wait_for_function("document.activeElement.innerText === 'Not a conflict'")
    expect(page.locator("#survey-status")).to_have_text("Ruled: Not a conflict.")
    expect(card.locator(".badge.ruled")).to_have_text("Not a conflict")
    why = card.get_by_label("Why it is not a conflict")
    with page.expect_response("**/run/predict**"):  # the server has kept it
        why.select_option("other_time")
    expect(why).to_have_value("other_time")
    expect(why).to_be_focused()

    page = visit()
    card = page.locator("#survey-list .card").nth(1)
    expect(card.locator("button[aria-pressed=true]")).to_have_text("Not a conflict")
    expect(card.get_by_label("Why it is not a conflict")).to_have_value("other_time")
    row = json.loads(urllib.request.urlopen(f"{address}disagreements/rulings.jsonl").read())
    assert (row["kind"], row["trap"]) == (None, "other_time")
    assert row["one"]["quote"] == card.locator("blockquote").first.inner_text()
    page.get_by_text(f"Ruled: 1 of {many} (1 not a conflict).").wait_for()
    page.get_by_role("button", name="Hide what is ruled").click()
    heading(page, f"{many - 1} disagreements: 1 to {SHOWN}")
    expect(page.locator("#survey-found h2")).to_contain_text("in 3 articles")
    choose(page, "Rulings", "Ruled")
    heading(page, f"1 of {many} disagreements")
    page.get_by_role("button", name="An update").click()
    page.locator("button[data-verdict=update][aria-pressed=true]").wait_for()
    page.get_by_text(f"Ruled: 1 of {many} (1 an update).").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.locator("button[data-verdict=update][aria-pressed=false]").wait_for()  # it stays in view
    assert [one.verdict for one in Rulings(library).all()][-2:] == ["update", "withdrawn"]
    assert urllib.request.urlopen(f"{address}disagreements/rulings.jsonl").read() == b""


@pytest.mark.browser
def test_a_reason_is_meant_for_the_card_on_which_its_choice_was_opened(visit, library):
    page = visit()
    card = page.locator("#survey-list .card").nth(2)
    quote = card.locator("blockquote").first.inner_text()
    card.get_by_role("button", name="Not a conflict").click()
    card.locator("button[aria-pressed=true]").wait_for()
    why = card.get_by_label("Why it is not a conflict")
    why.focus()
    why.dispatch_event("pointerdown")
    # As Gradio draws a list anew: the card that stands there becomes another one's.
    page.evaluate(
        """() => {
          const [one, other] = [3, 4].map((n) => document.querySelectorAll("#survey-list [data-pair]")[n - 1]);
          one.dataset.pair = other.dataset.pair;
        }"""
    )
    with page.expect_response("**/run/predict**"):
        why.select_option("other_time")
    ruling = Rulings(library).all()[-1]
    assert (ruling.statements[0].quote, ruling.reason) == (quote, "other_time")
    page.locator("#survey-list .card").nth(2).get_by_role("button", name="Not a conflict").click()
    page.locator("#survey-list .card").nth(2).locator("button[aria-pressed=true]").wait_for(state="detached")


@pytest.mark.browser
def test_a_point_is_kept_in_the_notebook_from_its_card_and_taken_out_again(visit, library):
    page = visit(width=390)
    card = page.locator("#survey-list .card").filter(has_text="Kandor killed 23 people")
    keep = card.get_by_role("button", name="Keep in notebook")
    keep.focus()
    page.keyboard.press("Enter")
    kept = card.get_by_role("button", name="Kept in notebook")
    expect(kept).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#kept-heard")).to_have_text("Kept in the notebook.")
    with Library.open(library) as opened:
        (clipping,) = opened.notebook.clippings()
        assert clipping.kind == "disagreement"
        assert clipping.question == "“The flood in Kandor killed … people, police said.”"
        assert {one.sentence for one in clipping.quotes()} == set(FLOOD)
    page = visit()
    kept = page.locator("#survey-list .card").filter(has_text="Kandor killed 23").locator("button.keep")
    expect(kept).to_have_text("Kept in notebook")  # on the next visit too
    kept.click()
    expect(kept).to_have_text("Keep in notebook")
    with Library.open(library) as opened:
        assert opened.notebook.clippings() == ()


@pytest.mark.browser
def test_the_report_is_taken_along_as_the_page_is_narrowed(visit, address):
    page = visit()
    page.get_by_label("Search the disagreements").fill("Kandor")
    heading_of = page.locator("#survey-list h2")
    expect(heading_of).to_contain_text("1 of ")
    for name, begins in (
        ("HTML", "<!doctype html>"),
        ("Markdown", "# Who disagrees"),
        ("CSV", "point,event"),
    ):
        with page.expect_download() as saved:
            page.get_by_role("link", name=name, exact=True).click()
        text = Path(saved.value.path()).read_text("utf-8")
        assert text.startswith(begins)
        assert "Kandor" in text
        assert "museum of Tarn" not in text
        ending = {"HTML": "html", "Markdown": "md", "CSV": "csv"}[name]
        assert re.fullmatch(
            rf"whosays-disagreements-library-[\d-]+\.{ending}", saved.value.suggested_filename
        )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}disagreements/report.exe")
    assert refused.value.code == 404
    refused.value.close()


@pytest.mark.parametrize("title", ["Harbour closed", None])
def test_the_article_that_is_asked_of_is_named_in_one_pair_of_quotation_marks(title):
    article = Article("a", "a.txt", "The harbour of Tervo is closed until Sunday.", title)
    told = re.sub(r"<[^>]+>", "", cards.of_article(article, "disagreements"))
    assert re.match(r"What “[^“”]+” states, ", told)


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 768, 1280, 1440])
def test_nothing_runs_off_the_page_and_its_length_is_bounded(visit, width):
    page = visit(width=width)
    charts = page.locator("details.chart")
    expect(charts).to_have_count(2)
    expect(page.locator("details.chart[open]")).to_have_count(2 if width >= 1200 else 0)
    for one in charts.all():
        if one.get_attribute("open") is None:
            one.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.scrollHeight") < 12_000


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
