"""The app in a real browser, on a real server in a process of its own, cut off from every other machine.

Run as a script, this file is that server: over articles and answers that bring out each state of the
page, or with the argument "bundled" over the bundled library and the real `ask`.
"""

import hashlib
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from threading import Event, Semaphore

import pytest
from playwright.sync_api import expect

from index.errors import QuestionError
from index.records import Article
from index.scope import EVERYTHING, Scope
from qa.commands.chat import EXAMPLES as BUNDLED_EXAMPLES
from qa.export.conversation import read_conversation
from qa.records import (
    STAGES,
    Answer,
    Citation,
    Conflict,
    ConflictCheck,
    Coverage,
    OnFirst,
    OnStage,
    Passage,
    Position,
    Timings,
    Turn,
    ignore_stage,
)
from tests.paths import SEEDS
from tests.served import ROOT, started, stay
from tests.waits import LONGEST_S, copied, until

pytestmark = pytest.mark.browser

HOSTILE = (
    "<script>window.hacked = 1</script> <img src=x onerror='window.hacked = 1'> ${window.hacked = 1} "
    "{{constructor}} {{#each this}} `${1}` </bdi></article> &amp; \u202e reversed \u202c javascript:alert(1)"
)
FERRY = "The ferry came in late. It carried 40 people, the captain said. Nobody was hurt."
ARTICLES = (
    Article(
        "a1", "https://morning.example/ferry", FERRY, "Ferry arrives late", "Morning Post", None, "2026-07-03"
    ),
    Article(
        "b2",
        "evening.txt",
        "A long way down.\n\n" * 200 + "Police said: it carried 45 people. The pier was full.",
    ),
    Article("c3", "javascript:alert(1)", f"{HOSTILE} The pier is closed.", HOSTILE, "<b>Bold</b> News"),
    Article(
        "d4",
        "https://harbour.example/",
        "A ferry with 50 people came late.",
        "Late",
        "Harbour",
        None,
        "2026-07-05",
    ),
)
SLOW = "How slow is the ferry?"
SLOW_S = 2
# One comes to its next stage when another visitor says so; one ends only when it is stopped, and tells others.
STEPWISE, GO_ON = "How far has the ferry come?", "Go on."
ENDLESS, ENDED = "Does the ferry ever arrive?", "Has it ended?"
HELD = "Is the ferry held?"  # likewise
TOLD = Semaphore(0)
OVER = Event()
NOWHERE = "What is the capital of Peru?"
# With a conflict of either tier, and with several positions and none.
BOTH_TIERS, SEVERAL = "How many came over?", "How many were on board?"
# Five sources of which each contradicts each other one, in long sentences.
FIVE = "How many does the museum expect?"
LONG = "{0} visitors are expected in the first year after the opening of the new wing, the director of {1} told the council on Monday evening, though others who were there remember it in another way."
FOLLOW_UP, TAKEN = "And now?", ("people", "ferry", "carry")
# A user's proxy knows nothing of loopback: the app must start and answer all the same.
DEAD_PROXY = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"), "http://127.0.0.1:9")
EXAMPLES = (
    "How many people did the ferry carry?",
    "Was anybody hurt?",
    "Who is the captain?",
    "What is the pier?",
)


def cite(article: Article, quote: str, sentence: str = "") -> Citation:
    start, first = article.text.index(quote), article.text.index(sentence or quote)
    return Citation(
        article.id, article.title, article.publisher, article.published, article.uri, start, start + len(quote),
        quote, sentence or quote, first, first + len(sentence or quote), 0.9,
    )  # fmt: skip


PASSAGES = tuple(Passage(one.id, 0, 16, one.text[:16], rank, 0.5) for rank, one in enumerate(ARTICLES, 1))


def answered(
    question: str,
    citation: Citation,
    check: ConflictCheck,
    *conflicts: Conflict,
    others: Sequence[Position] = (),
    about: Sequence[str] = (),
) -> Answer:
    understood = f"{question} ({', '.join(about)})" if about else question
    return Answer(
        question, understood, "answered", citation.quote, 0.87, (citation,),
        (Position(citation.quote, (citation,), 1), *others), conflicts, check, PASSAGES, Timings(1, 2, 3, 4, 10),
        scope=Coverage(298, 4, 4), about=tuple(about),
    )  # fmt: skip


def five_that_differ() -> Answer:
    told = [
        Article(f"m{n}", f"m{n}.txt", LONG.format(n * 1000, f"the {n}th museum"), f"Museum {n}", f"Paper {n}", None, f"2026-07-0{n}")
        for n in range(1, 6)
    ]  # fmt: skip
    cited = [cite(one, one.text) for one in told]
    found = [
        Conflict("number", "one against the other", pair, 0.9, False, (0, 1), tier)
        for pair, tier in zip(combinations(cited, 2), ["disagree", "may_disagree"] * 5, strict=True)
    ]
    others = [Position(one.quote, (one,), 1) for one in cited[1:]]
    return answered(FIVE, cited[0], ConflictCheck("checked", 5, 5, 10), *found, others=others)


def refused(question: str, *closest: Citation) -> Answer:
    check = ConflictCheck("not_checked", reason="nothing to compare")
    return Answer(
        question, question, "closest" if closest else "unanswered", "", 0.34 if closest else 0.01, (), (), (),
        check, PASSAGES, closest=closest, scope=Coverage(298, 4, 4),
    )  # fmt: skip


def staged(
    question: str,
    history: Sequence[Turn],
    *,
    about: Sequence[str] | None = None,
    on_stage: OnStage = ignore_stage,
    scope: Scope = EVERYTHING,
    on_first: OnFirst | None = None,
) -> Answer:
    """An answer that brings out the state that the question names."""
    first, second, third, fourth = ARTICLES
    if question == SLOW:
        time.sleep(SLOW_S)
    if question == STEPWISE:
        for stage in STAGES:
            on_stage(stage)
            TOLD.acquire(timeout=LONGEST_S)
    if question in {ENDLESS, HELD}:
        try:
            for _ in range(LONGEST_S * 10):
                on_stage("searching")
                time.sleep(0.1)
        finally:
            if question == ENDLESS:
                OVER.set()
    if question == GO_ON:
        TOLD.release()
    if question == ENDED:
        raise QuestionError(f"ended: {OVER.wait(LONGEST_S / 2)}")
    forty = cite(first, "40 people", "It carried 40 people, the captain said.")
    follows = bool(history) and "ferry" in history[-1].question and question == FOLLOW_UP
    taken = () if not follows else TAKEN if about is None else tuple(about)
    if "ferry" in question or "ferry" in taken:
        other = cite(second, "45 people", "Police said: it carried 45 people.")
        conflict = Conflict("number", "“40 people” against “45 people”", (forty, other), 0.9, sides=(0, 1))
        fifty = Position("50 people", (cite(fourth, "50 people", fourth.text),), 1)
        check = ConflictCheck("checked", 2, 2, 1)
        return answered(question, forty, check, conflict, others=[fifty], about=taken)
    if question in {BOTH_TIERS, SEVERAL}:
        others = (
            cite(second, "45 people", "Police said: it carried 45 people."),
            cite(fourth, "50 people", fourth.text),
        )
        positions = [Position(one.quote, (one,), 1) for one in others]
        found = [
            Conflict("number", f"“40 people” against “{one.quote}”", (forty, one), score, False, (0, 1), tier)
            for one, score, tier in zip(others, (0.9, 0.55), ("disagree", "may_disagree"), strict=True)
        ]
        check = ConflictCheck("checked", 3, 3, 3)
        return answered(question, forty, check, *(found if question == BOTH_TIERS else ()), others=positions)
    if question == FIVE:
        return five_that_differ()
    if "hurt" in question:
        check = ConflictCheck("checked", 3, 3, 3)
        return answered(question, cite(first, "Nobody was hurt."), check)
    if "pier" in question:
        hostile = cite(third, third.text)
        check = ConflictCheck("not_checked", reason=f"only one article answers {HOSTILE}")
        return answered(question, hostile, check)
    if "captain" in question:
        return refused(question, cite(fourth, fourth.text), cite(second, "The pier was full."))
    if question == NOWHERE or follows:
        return refused(question)
    if question == "break":
        raise RuntimeError("a secret of the inside")
    raise QuestionError(f"{question!r} is no question that can be asked; ask a whole one")


def serve(kind: str) -> None:
    """Serve until killed; each refused connection is a line on stderr."""

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event not in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
            return
        address = arguments[1] if event == "socket.connect" else arguments[0]
        host = address[0] if isinstance(address, tuple) else address
        if host not in ("127.0.0.1", "localhost", "::1", "", None):
            sys.stderr.write(f"outside: {event} {host!r}\n")
            raise PermissionError(f"{event} {host!r}")

    sys.addaudithook(refuse)
    from qa.app.serve.server import build

    articles, ask = (lambda: ARTICLES), staged
    if kind == "bundled":
        from qa.app.shelf.catalogue import Shelved
        from qa.ask import ask as real
        from qa.ask import open_library
        from qa.settings import Settings

        library = open_library("", Settings())
        articles = Shelved(lambda: library)
        ask = lambda question, history, **more: real(question, library=library, history=history, **more)  # noqa: E731
    import gradio as gr

    from qa.app.pages.site import Page

    pages = [Page("About", "about", lambda: gr.Markdown("What this is"))]
    blocks = build(ask, articles=articles, examples=EXAMPLES, pages=pages)
    stay(blocks, articles=articles, pages=pages)


def cut_off(kind: str, log: Path) -> Iterator[str]:
    """The address of a server that runs until the tests are done and never reached out."""
    with started(__file__, kind, log=log, **DEAD_PROXY) as address:
        yield address
    written = log.read_text()
    sys.stderr.write(written)  # shown beside a test that failed
    assert "outside:" not in written


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    yield from cut_off("staged", tmp_path_factory.mktemp("server") / "log")


@pytest.fixture(scope="module")
def bundled_address(tmp_path_factory):
    yield from cut_off("bundled", tmp_path_factory.mktemp("bundled") / "log")


@pytest.fixture
def visit(visitor, address):
    """Opens a page of the app, by itself the first."""

    def opened(path="", *, at=address, **screen):
        page = visitor(at + path, **screen)
        if not path:
            page.get_by_role("textbox", name="Your question").wait_for()
        return page

    return opened


def ask(visitor, question):
    box = visitor.get_by_role("textbox", name="Your question")
    turn = visitor.locator(
        ".turn:not([aria-busy])", has=visitor.get_by_role("heading", name=question, exact=True)
    )
    earlier = turn.count()  # of a question asked before, whose turn is no answer to this one
    box.fill(question)
    box.press("Enter")
    notice = visitor.locator(".notice")
    turn.nth(earlier).or_(notice).first.wait_for()
    assert notice.count() == 0, notice.inner_text()
    return turn.last


def test_the_first_page_says_what_this_is_and_what_can_be_asked(visit):
    page = visit()
    expect(page).to_have_title("Ask - Whosays")
    expect(page.get_by_role("button", name="Conversations")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_text("Whosays")
    expect(page.get_by_text("See who says what, and who disagrees.")).to_be_visible()
    page.get_by_text("4 articles").click()
    expect(page.get_by_role("link", name="Ferry arrives late")).to_be_visible()
    for example in EXAMPLES:
        expect(page.get_by_role("button", name=example)).to_be_visible()


def test_an_example_becomes_a_tally_and_a_row_for_each_position_with_its_source(visit):
    page = visit()
    page.get_by_role("button", name=EXAMPLES[0]).click()
    answer = page.get_by_role("region", name="Answer")
    answer.wait_for()
    tally = answer.get_by_role("heading", name="They disagree 40 people (1), 50 people (1), 45 people (1)")
    expect(tally).to_be_visible()
    expect(answer.locator(".words > blockquote").first).to_have_text(
        "It carried 40 people, the captain said."
    )
    expect(answer.locator(".words > blockquote mark")).to_have_text(["40 people", "50 people", "45 people"])
    expect(answer.locator(".held").first).to_have_text("1Morning Post 3 July 2026")
    expect(answer.locator(".said")).to_have_count(0)
    sources = page.get_by_role("region", name="Sources", exact=True).get_by_role("listitem")
    expect(sources.first).to_have_text("1Morning Post 3 July 2026 Ferry arrives late")


def test_a_mark_shows_both_quotes_and_opens_in_place_each_side_beside_the_other(visit):
    turn = ask(visit(), EXAMPLES[0])
    mark = turn.locator("tr", has_text="45 people").locator(".dispute")
    expect(turn.locator(".dispute")).to_have_count(1)
    assert mark.locator("summary").inner_text().split() == ["with", "source", "1", "“40", "people”"]
    assert not mark.locator("blockquote").first.is_visible()
    mark.locator("summary").click()
    expect(mark.locator(".sides mark")).to_have_text(["40 people", "45 people"])
    assert "Different numbers. About four in five such pairs disagree. How sure: 90%" in mark.inner_text()
    assert "no publisher, undated" in mark.inner_text()
    left, right = (side.bounding_box() for side in mark.locator(".sides > li").all())
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] < right["x"]


def test_the_tiers_of_conflicts_are_told_in_words_and_outline_and_not_by_colour_alone(visit):
    turn = ask(visit(), BOTH_TIERS)
    outline = "one => getComputedStyle(one).borderStyle"
    for quote, words, line in (
        ("45 people", "They disagree", "solid"),
        ("50 people", "They may disagree", "dashed"),
    ):
        marks = turn.locator("tr", has_text=quote).locator(".marks")
        assert marks.locator(".relation").inner_text() == words
        assert marks.locator(".relation").evaluate(outline) == line
        assert marks.locator(".dispute summary").evaluate(outline) == line
    turn = ask(turn.page, SEVERAL)
    assert turn.locator("td .relation").all_inner_texts() == ["Says something else"] * 2
    assert turn.locator("h3 .relation").inner_text() == "They say something else"


def plainly(panel) -> bool:
    """Whether what is said of comparing stands as plain as small print, with no sign."""
    style = "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).borderStyle]"
    return panel.evaluate(style) == ["rgba(0, 0, 0, 0)", "none"] and not panel.locator(".sign").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_where_no_conflict_is_shown_it_is_said_neutrally_what_was_compared(visit, scheme):
    page = visit()
    page.emulate_media(color_scheme=scheme)
    title = "Compared 3 pairs of statements from 3 sources."
    panel = ask(page, EXAMPLES[1]).get_by_role("region", name=title)
    assert panel.get_by_role("heading").inner_text() == title
    assert "2 of these sources are not quoted." in panel.inner_text()
    assert plainly(panel)
    turn = ask(page, SEVERAL)
    assert plainly(turn.get_by_role("region", name=title))
    assert "none of those shown differ" not in turn.inner_text()


def test_the_closest_statements_open_their_articles_at_the_quote(visit):
    page = visit()
    turn = ask(page, EXAMPLES[2])
    answer = turn.get_by_role("region", name="Answer")
    heading = answer.get_by_role("heading", name="Closest statements, not sure")
    assert heading.is_visible()
    assert answer.locator("mark").all_inner_texts() == [ARTICLES[3].text, "The pier was full."]
    assert answer.get_by_role("listitem").first.inner_text().endswith("Harbour 5 July 2026 Late")
    assert "%" not in turn.inner_text()
    assert turn.get_by_role("region", name="Not checked for conflicts").is_visible()
    assert not turn.get_by_text("The ferry came i", exact=True).is_visible()
    answer.get_by_role("link").nth(1).click()
    reader = page.get_by_role("dialog", name="Article")
    expect(reader.locator("#quote")).to_have_text("The pier was full.")
    expect(reader.locator("#quote")).to_be_in_viewport()


def test_where_nothing_is_found_the_passages_that_were_read_open_on_demand(visit):
    turn = ask(visit(), NOWHERE)
    assert turn.get_by_text("I found nothing in the 4 passages read of 298 articles.").is_visible()
    passage = turn.get_by_text("The ferry came i", exact=True)
    assert not passage.is_visible()
    turn.get_by_text("4 passages read", exact=True).click()
    expect(passage).to_be_visible()


def test_a_source_opens_its_article_scrolled_to_the_quote_and_gives_the_focus_back(visit):
    page = visit()
    row = ask(page, EXAMPLES[0]).locator("tr", has_text="45 people")
    link = row.get_by_role("link").first
    link.click()
    reader = page.get_by_role("dialog", name="Article")
    reader.wait_for()
    quote = reader.locator("#quote")
    expect(quote).to_have_text("45 people")
    expect(quote).to_be_in_viewport()
    expect(reader.locator(".text")).to_have_text(re.compile(r"^A long way down\."))
    page.keyboard.press("Escape")
    expect(reader).not_to_be_visible()
    expect(link).to_be_focused()


def test_an_article_has_an_address_of_its_own_that_opens_at_the_quote(visit):
    start = ARTICLES[1].text.index("45 people")
    page = visit(f"article/b2?start={start}&end={start + 9}#quote")
    expect(page.locator("#quote")).to_have_text("45 people")
    expect(page.locator("#quote")).to_be_in_viewport()


@pytest.mark.parametrize("width", [1200, 1440])
def test_a_wide_page_has_the_sources_beside_the_answer_and_opens_an_article_over_these_alone(visit, width):
    page = visit(width=width)
    turn = ask(page, EXAMPLES[0])
    answer, says = (turn.get_by_role("region", name=name, exact=True) for name in ("Answer 1", "Sources"))
    left, right = answer.bounding_box(), says.bounding_box()
    assert left["x"] + left["width"] < right["x"]
    says.get_by_role("link", name="Harbour").click()
    reader = page.get_by_role("dialog", name="Article")
    reader.wait_for()
    left = answer.bounding_box()  # the answer has made room
    assert reader.bounding_box()["x"] > left["x"] + left["width"]
    expect(reader.locator("#quote")).to_be_focused()
    # The page goes on: another source takes the place of the first.
    first = answer.get_by_role("link", name="Morning Post")
    first.click()
    expect(reader.locator("#quote")).to_have_text("40 people")
    modal = "document.querySelector('dialog[open]').matches(':modal')"
    page.set_viewport_size({"width": 1000, "height": 900})
    page.wait_for_function(modal)
    expect(reader.locator("#quote")).to_be_in_viewport()
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_function(f"!{modal}")
    page.keyboard.press("Escape")
    expect(reader).not_to_be_visible()
    expect(first).to_be_focused()


def test_an_article_beside_an_answer_makes_room_for_the_next_one(visit):
    page = visit(width=1280)
    ask(page, EXAMPLES[0]).locator("tr", has_text="50 people").get_by_role("link", name="Harbour").click()
    page.get_by_role("dialog", name="Article").wait_for()
    ask(page, EXAMPLES[1])
    expect(page.get_by_role("dialog", name="Article")).not_to_be_visible()


@pytest.mark.parametrize("width", [768, 1199])
def test_a_narrow_page_has_the_sources_below_the_answer_and_opens_an_article_before_it(visit, width):
    page = visit(width=width)
    turn = ask(page, EXAMPLES[0])
    answer, says = (
        turn.get_by_role("region", name=name, exact=True).bounding_box() for name in ("Answer 1", "Sources")
    )
    assert answer["y"] + answer["height"] < says["y"]
    turn.get_by_role("link", name="Harbour").first.click()
    assert page.get_by_role("dialog", name="Article").evaluate("one => one.matches(':modal')")


def test_a_source_shows_its_sentence_in_context_to_the_pointer_and_to_the_keyboard(visit):
    page = visit()
    turn = ask(page, EXAMPLES[0])
    tip = page.get_by_role("tooltip")
    link = turn.get_by_role("region", name="Answer").get_by_role("link", name="Morning Post")
    link.hover()
    expect(tip).to_have_text(FERRY)
    expect(tip.locator("b")).to_have_text("It carried 40 people, the captain said.")
    tip.hover()  # it stays for who goes over to it
    page.evaluate(
        "new Promise((later) => setTimeout(later, 400))"
    )  # the page's own clock would hide it by then
    expect(tip).to_be_visible()
    page.mouse.move(5, 5)
    expect(tip).not_to_be_visible()
    tab_to(page, turn.locator("tr", has_text="45 people").locator(".source").last)
    expect(tip).to_have_text("A long way down. Police said: it carried 45 people. The pier was full.")
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    assert page.evaluate("document.activeElement.getAttribute('aria-describedby')") == "preview"
    page.keyboard.press("Escape")
    expect(tip).not_to_be_visible()


def test_whoever_comes_types_at_once_and_the_examples_are_next(visit):
    page = visit()
    page.wait_for_function("document.activeElement.matches('#question textarea, #question input')")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=EXAMPLES[0])).to_be_focused()
    linked = visit("?ask=Was+anybody+hurt%3F")
    linked.get_by_role("region", name="Answer").wait_for()
    linked.wait_for_function("document.activeElement.matches('#question textarea, #question input')")


def test_figures_and_passages_open_on_demand(visit):
    turn = ask(visit(), EXAMPLES[0])
    assert "%" not in turn.inner_text()
    assert " ms" not in turn.inner_text()
    turn.get_by_text("How sure, and how long it took").click()
    expect(turn.get_by_text("Likely the right quote (87%).")).to_be_visible()
    expect(turn.get_by_text("0.01 s: searching 2 ms, reading 3 ms, comparing 4 ms.")).to_be_visible()
    turn.locator("tr", has_text="50 people").get_by_role("link", name="Harbour").click()
    reader = turn.page.get_by_role("dialog", name="Article")
    expect(reader.get_by_role("link", name="As published")).to_have_attribute("rel", "noopener noreferrer")


def test_a_follow_up_knows_the_conversation_and_shows_what_it_is_about(visit):
    page = visit()
    ask(page, EXAMPLES[0])
    turn = ask(page, FOLLOW_UP)
    words = turn.get_by_role("list", name="about: words taken from the conversation")
    expect(words.get_by_role("listitem")).to_have_text(list(TAKEN))
    expect(page.locator(".turn")).to_have_count(2)
    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(ask(page, FOLLOW_UP).locator(".failure")).to_be_visible()


def test_two_visitors_never_see_each_others_questions(visit):
    one, other = visit(), visit()
    ask(one, EXAMPLES[0])
    ask(other, EXAMPLES[1])
    expect(one.locator(".turn h2")).to_have_text([EXAMPLES[0]])
    expect(other.locator(".turn h2")).to_have_text([EXAMPLES[1]])
    expect(ask(other, FOLLOW_UP).locator(".failure")).to_be_visible()


def test_a_disagreement_opens_both_articles_at_their_characters_side_by_side(visit):
    page = visit()
    turn = ask(page, EXAMPLES[0])
    turn.locator(".dispute summary").click()
    turn.get_by_role("link", name="Compare in both articles").click()
    reader = page.get_by_role("dialog", name="Two articles")
    marks = reader.locator("mark")
    expect(marks).to_have_text(["40 people", "45 people"])
    for mark in marks.all():
        expect(mark).to_be_in_viewport()
    left, right = (mark.bounding_box() for mark in marks.all())
    assert left["x"] < 640 < right["x"]
    address = reader.get_by_role("link", name="Open on its own page").get_attribute("href")
    page.goto(address)
    expect(page.locator("#quote-beside")).to_have_text("45 people")
    expect(page.locator("#quote-beside")).to_be_in_viewport()


def test_each_position_has_a_row_with_its_words_its_sources_and_dates_and_what_it_disagrees_with(visit):
    says = ask(visit(), EXAMPLES[0]).get_by_role("table", name="Who says what")
    rows = [" ".join(row.split()) for row in says.get_by_role("row").all_inner_texts()[1:]]
    assert rows == [
        "It carried 40 people, the captain said. 1 Morning Post 3 July 2026",
        "A ferry with 50 people came late. Says something else 2 Harbour 5 July 2026",
        "Police said: it carried 45 people. They disagree with source 1 “40 people” 3 evening undated",
    ]


def test_each_cross_asks_again_in_place_with_the_words_that_are_left(visit):
    page = visit()
    ask(page, EXAMPLES[0])
    turn = ask(page, FOLLOW_UP)
    words = turn.get_by_role("list", name="about:").get_by_role("listitem")
    turn.get_by_role("button", name="Ask without “people”").click()
    expect(words).to_have_text(["ferry", "carry"])
    expect(turn.get_by_role("heading", name=FOLLOW_UP)).to_be_focused()
    expect(turn.locator("mark").first).to_have_text("40 people")

    cross = turn.get_by_role("button", name="Ask without “carry”")
    tab_to(page, cross)
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert min(cross.bounding_box()["width"], cross.bounding_box()["height"]) >= 24
    page.keyboard.press("Enter")
    turn.get_by_role("button", name="Ask on its own, without “ferry”").click()
    turn.get_by_text("Asked on its own.").wait_for()
    expect(turn.get_by_text("I found nothing in the 4 passages read")).to_be_visible()
    expect(page.locator(".turn h2")).to_have_text([EXAMPLES[0], FOLLOW_UP])
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("")

    turn.get_by_role("button", name="Ask as part of the conversation").click()
    expect(words).to_have_text(list(TAKEN))


def tab_to(page, wanted) -> None:
    """Press the Tab key until `wanted` has the focus."""
    for _ in range(30):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the Tab key does not lead to {wanted}")


def test_a_question_in_the_address_is_asked_and_its_link_can_be_copied(visit, address):
    page = visit("?ask=How+many+people+did+the+ferry+carry%3F")
    page.get_by_role("region", name="Answer").wait_for()
    link = copied(page, page.get_by_role("button", name="Copy link to this question"))
    assert link == f"{address}?ask=How+many+people+did+the+ferry+carry%3F"
    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page).to_have_url(address)


@pytest.mark.parametrize("asked", ["", "%20", "%3Cscript%3Ewindow.hacked%3D1%3C/script%3E"])
def test_an_address_with_no_question_or_a_hostile_one_runs_nothing(visit, asked):
    page = visit(f"?ask={asked}&theme=x&__x=1")
    page.get_by_role("textbox", name="Your question").wait_for()
    if "script" in asked:
        page.locator(".failure").wait_for()
    assert page.evaluate("window.hacked") is None
    expect(page.locator(".turn")).to_have_count(int("script" in asked))


def test_an_answer_is_copied_with_its_citation(visit):
    page = visit()
    assert copied(page, ask(page, EXAMPLES[0]).get_by_role("button", name="Copy with citation")) == (
        "“It carried 40 people, the captain said.”\n“Ferry arrives late”, Morning Post, 3 July 2026, "
        "https://morning.example/ferry, characters 24-63 (the answer 35-44)\n\n"
        "They disagree: 40 people (1), 50 people (1), 45 people (1)."
    )


def test_a_question_is_edited_where_it_stands(visit):
    page = visit()
    ask(page, EXAMPLES[0]).get_by_role("button", name="Edit").click()
    box = page.get_by_role("textbox", name="Edit the question")
    expect(box).to_have_value(EXAMPLES[0])
    expect(box).to_be_focused()
    box.press_sequentially(" Really?")
    box.press("Enter")
    expect(page.locator(".turn h2")).to_have_text([f"{EXAMPLES[0]} Really?"])


def test_a_conversation_is_saved_as_the_browsers_own_file_and_read_back(visit):
    page = visit()
    expect(page.get_by_role("button", name="Save as JSON")).not_to_be_visible()
    for question in EXAMPLES[:2]:
        ask(page, question)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as JSON").click()
    assert re.fullmatch(r"whosays-conversation-\d{4}-\d\d-\d\d\.json", saved.value.suggested_filename)
    read = read_conversation(Path(saved.value.path()).read_text("utf-8"))
    assert list(read.answers) == [staged(question, ()) for question in EXAMPLES[:2]]
    assert {one.sha256 for one in read.sources} >= {hashlib.sha256(FERRY.encode()).hexdigest()}
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as Markdown").click()
    text = Path(saved.value.path()).read_text("utf-8")
    assert EXAMPLES[0] in text
    assert "40 people" in text


SEEN_BUSY = """() => new MutationObserver(() => {
  window.seenBusy ||= document.querySelector("#turn-1")?.ariaBusy === "true";
}).observe(document.body, { childList: true, subtree: true, attributes: true })"""


def test_asking_again_answers_in_the_same_place(visit):
    page = visit()
    ask(page, SLOW)
    ask(page, EXAMPLES[1])
    page.evaluate(SEEN_BUSY)
    page.get_by_role("button", name="Ask again").first.click()
    page.wait_for_function("window.seenBusy")
    page.locator("#turn-1:not([aria-busy])").wait_for()
    expect(page.locator(".turn h2")).to_have_text([SLOW, EXAMPLES[1]])


def test_what_was_opened_stays_open_when_the_next_answer_comes(visit):
    page = visit()
    turn = ask(page, EXAMPLES[0])
    turn.get_by_text("4 passages read", exact=True).click()
    turn.locator(".dispute summary").click()
    ask(page, EXAMPLES[1])
    expect(page.locator("#turn-1 .passages blockquote").first).to_be_visible()
    expect(page.locator("#turn-1 .dispute blockquote").first).to_be_visible()


def test_a_question_can_be_stopped_and_the_next_one_asked(visit):
    page = visit()
    box = page.get_by_role("textbox", name="Your question")
    box.fill(ENDLESS)
    box.press("Enter")
    page.locator(".working [aria-current=step]", has_text="Searching").wait_for()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(box).to_have_value(ENDLESS)
    expect(page.get_by_role("button", name="Stop")).not_to_be_visible()
    expect(ask(page, EXAMPLES[0]).get_by_role("region", name="Answer")).to_be_visible()
    expect(ask(page, ENDED).locator(".failure")).to_have_text("Ended: True.")  # not in the page alone
    expect(page.locator(".turn h2")).to_have_text([EXAMPLES[0], ENDED])


def test_who_waits_sees_their_place_and_a_page_that_is_closed_gives_its_own_back(visit):
    held, gone, waits, last = (visit() for _ in range(4))
    for page, question in ((held, HELD), (gone, HELD), (waits, EXAMPLES[0]), (last, EXAMPLES[1])):
        box = page.get_by_role("textbox", name="Your question")
        box.fill(question)
        box.press("Enter")
        page.locator(".turn[aria-busy]").wait_for()
        if page is waits:
            page.locator(".queued", has_text="Many people are asking: yours is next.").wait_for()
    place = "Many people are asking: 1 question before yours."
    last.locator(".queued", has_text=place).wait_for()
    expect(last.locator("body > [role=status]").filter(has_text=place)).to_have_count(1)
    expect(held.locator(".queued:visible")).to_have_count(0)
    gone.close()
    for page in (waits, last):
        page.locator(".turn:not([aria-busy])").get_by_role("region", name="Answer").wait_for()
    held.get_by_role("button", name="Stop").click()
    held.locator(".turn").wait_for(state="detached")


def test_each_stage_is_marked_while_it_lasts_and_read_out(visit):
    page, other = visit(), visit()
    box = page.get_by_role("textbox", name="Your question")
    box.fill(STEPWISE)
    box.press("Enter")
    for stage in STAGES:
        now = page.locator(f"[data-stage={stage}][aria-current=step]")
        now.wait_for()
        expect(page.locator("[aria-current=step]")).to_have_count(1)
        page.locator("body > [role=status]", has_text=f"{stage}…").wait_for(state="attached")
        expect(page.locator(".working .done")).to_have_count(STAGES.index(stage))
        ask(other, GO_ON)
    page.locator(".turn:not([aria-busy])").wait_for()
    expect(page.locator("body > [role=status]:not([id])")).to_have_text("")


def test_only_our_own_way_between_the_pages_is_ever_drawn(visit):
    page = visit()
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div class=nav-holder>Home</div>')")
    expect(page.locator(".nav-holder:visible")).to_have_count(0)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="About").click()
    page.get_by_text("What this is").wait_for()


def test_an_empty_question_asks_for_one(visit):
    page = visit()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".notice")).to_have_text("Type a question first, or choose one of the examples.")
    expect(page.locator(".turn")).to_have_count(0)


def test_an_unusable_question_is_explained_and_stays_to_be_edited(visit):
    page = visit()
    turn = ask(page, "eh")
    assert turn.locator(".failure").inner_text() == "'eh' is no question that can be asked; ask a whole one."
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("eh")


def test_an_error_of_ours_is_admitted_without_showing_the_inside(visit):
    page = visit()
    box = page.get_by_role("textbox", name="Your question")
    box.fill("break")
    box.press("Enter")
    expect(page.locator(".notice")).to_contain_text("Something went wrong inside Whosays.")
    expect(page.locator(".turn")).to_have_count(0)
    assert "secret" not in page.content()


def test_hostile_text_appears_literally_and_runs_nothing(visit):
    page = visit()
    turn = ask(page, f"Is the pier {HOSTILE}?")
    assert turn.locator("blockquote.said").text_content() == ARTICLES[2].text
    assert turn.locator(".conflicts .note").text_content() == f"Only one article answers {HOSTILE}."
    assert turn.get_by_role("link", name="As published").count() == 0
    source = turn.get_by_role("link").first
    source.hover()
    page.get_by_role("tooltip").wait_for()
    assert ARTICLES[2].text.startswith(page.get_by_role("tooltip").text_content().strip())
    assert page.locator(".preview img, .preview script").count() == 0
    source.click()
    page.locator("dialog[open] #quote").wait_for()
    assert page.locator("dialog .text").text_content() == ARTICLES[2].text
    assert page.locator("dialog h1").text_content() == HOSTILE
    assert page.evaluate("window.hacked") is None
    assert page.locator("#conversation img, #conversation script, dialog img, dialog script").count() == 0


def test_a_question_is_answered_though_the_stream_of_its_events_ended_too_soon(visit):
    page = visit()
    streams, over = [], []
    page.on("request", lambda one: streams.append(one) if "/queue/data" in one.url else None)
    for end_of_one in ("requestfinished", "requestfailed"):
        page.on(end_of_one, lambda one: over.append(one) if "/queue/data" in one.url else None)
    page.reload()
    # Until what opening the page asks of the server is over; a stream of the page before may end meanwhile, too.
    until(lambda: streams and set(streams) <= set(over), page)
    ended = []

    def end(route):
        # As where the client takes the end of an earlier event's stream for that of this one.
        if ended:
            route.continue_()
        else:
            ended.append(route)
            route.fulfill(content_type="text/event-stream", body='data: {"msg": "close_stream"}\n\n')

    page.route("**/queue/data*", end)
    expect(ask(page, EXAMPLES[0]).locator(".answer")).to_have_count(1)
    assert len(ended) == 1


def test_the_keyboard_alone_asks_and_opens_an_article(visit):
    page = visit()
    focused = "document.activeElement.innerText || document.activeElement.ariaLabel || document.activeElement.tagName"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate(focused) == EXAMPLES[0]:
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.get_by_role("region", name="Answer").wait_for()
    places = []
    for _ in range(24):
        page.keyboard.press("Shift+Tab")
        places.append(page.evaluate(focused))
        if places[-1].startswith("Morning Post"):
            break
    assert places[-1].startswith("Morning Post"), places
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open] #quote")).to_be_focused()


def test_an_answer_is_announced_to_screen_readers(visit):
    page = visit()
    ask(page, EXAMPLES[0])
    status = page.locator("#conversation [role=status][aria-live=polite]")
    expect(status).to_have_text("They disagree: 40 people (1), 50 people (1), 45 people (1).")


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_runs_off_the_page(visit, width):
    page = visit(width=width, height=740)
    for question in (NOWHERE, BOTH_TIERS, SEVERAL, *EXAMPLES[1:], EXAMPLES[0], FOLLOW_UP):
        turn = ask(page, question)
        for summary in turn.locator("summary").all():
            summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="Compare in both articles").first.click()
    page.locator("dialog[open] .pair").wait_for()
    assert all(0 <= mark.bounding_box()["x"] < width for mark in page.locator("dialog mark").all())
    assert page.evaluate("document.querySelector('dialog').scrollWidth") <= width
    page.keyboard.press("Escape")
    box = page.get_by_role("textbox", name="Your question").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


CONTRASTS = """() => {
  const channels = (text) => {
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.fillStyle = text; context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const low = [];
  for (const element of document.querySelectorAll(".masthead *, .turns *, #composer *")) {
    const words = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("").trim();
    if (!words || !element.checkVisibility()) continue;
    let back = element;
    while (back && channels(getComputedStyle(back).backgroundColor)[3] === 0) back = back.parentElement;
    const pair = [light(channels(getComputedStyle(element).color)),
                  light(channels(getComputedStyle(back ?? document.body).backgroundColor))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) low.push(`${ratio.toFixed(2)} ${words}`);
  }
  return low;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_background(visit, scheme):
    page = visit(scheme=scheme)
    for question in (*EXAMPLES, FOLLOW_UP, NOWHERE, EXAMPLES[0], FOLLOW_UP, "eh"):
        for summary in ask(page, question).locator("summary").all():
            summary.click()
    page.get_by_text("4 articles").click()
    assert page.evaluate(CONTRASTS) == []


@pytest.mark.parametrize("examples", [True, False], ids=["examples", "none"])
def test_on_a_phone_no_button_covers_another(visit, examples):
    page = visit(width=390)
    ask(page, NOWHERE)
    if not examples:  # as in a library of one's own
        page.evaluate("document.querySelector('#examples').remove()")
    buttons = [page.locator(f"#composer #{name}").bounding_box() for name in ("send", "restart", "question")]
    for one, other in combinations(buttons, 2):
        apart = (
            one["x"] + one["width"] <= other["x"]
            or other["x"] + other["width"] <= one["x"]
            or one["y"] + one["height"] <= other["y"]
            or other["y"] + other["height"] <= one["y"]
        )
        assert apart, (one, other)


def test_every_response_forbids_the_browser_to_reach_elsewhere(address):
    for path in ("", "article/a1", "theme.css"):
        with urllib.request.urlopen(address + path, timeout=LONGEST_S) as response:
            assert "default-src 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("path", "host", "status"), [("", "evil.example", 400), ("article/none", "127.0.0.1", 404)]
)
def test_a_foreign_name_or_an_unknown_article_is_turned_away(address, path, host, status):
    request = urllib.request.Request(address + path, headers={"Host": host})
    with pytest.raises(urllib.error.HTTPError) as turned_away:
        urllib.request.urlopen(request, timeout=LONGEST_S)
    assert turned_away.value.code == status
    turned_away.value.close()


def run(code):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(command, env=environment, text=True, capture_output=True, check=True).stdout


def test_a_taken_port_is_named_with_what_to_do():
    code = """if True:
        import socket
        from index.errors import SettingsError
        from qa.app.serve.server import build
        from qa.app.serve.host import launch
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            try:
                launch(build(None, articles=list, examples=()), articles=list, port=taken.getsockname()[1])
            except SettingsError as error:
                print(error)
    """
    assert re.search(r"port \d+ is in use\. Name a free one with --port", run(code))


def test_gradio_is_imported_without_its_type_stubs():
    code = "import qa.app.serve.server, gradio.component_meta as meta; print(meta.create_or_modify_pyi.__module__)"
    assert run(code) == "qa.app.startup\n"


def test_the_bundled_articles_are_asked_in_the_browser(visit, bundled_address):
    page = visit(at=bundled_address, width=360, height=740)
    turn = ask(page, BUNDLED_EXAMPLES[0])
    # The page moves to the newest turn by itself.
    page.wait_for_function("document.querySelector('.turn').getBoundingClientRect().y < 5")
    first = turn.get_by_role("region", name="Answer").locator("blockquote").first
    told = " ".join(" ".join(path.read_text("utf-8").split()) for path in SEEDS.glob("*.txt"))
    assert " ".join(first.inner_text().split()) in told
    assert turn.locator(".conflicts").count() == 1
    assert "of 5 articles" in turn.inner_text() or "from 5 articles" in turn.inner_text()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)])
def test_whoever_asks_the_first_example_sees_a_disagreement_at_once(visit, width, height):
    page = visit(width=width, height=height)
    turn = ask(page, EXAMPLES[0])
    expect(turn.locator("h3.tally")).to_be_in_viewport()
    page.wait_for_function(
        "document.querySelector('h3.tally').getBoundingClientRect().bottom < "
        "document.querySelector('#composer').getBoundingClientRect().top"
    )
    against = turn.locator("tr", has_text="45 people")
    if width > 1000:
        expect(against).to_be_in_viewport()


def test_an_answer_of_five_sources_that_all_differ_is_no_longer_than_a_screen_and_a_third(visit):
    page = visit(width=1440)
    turn = ask(page, FIVE)
    expect(turn.locator("tr td.words")).to_have_count(5)
    expect(turn.locator(".dispute")).to_have_count(10)
    assert turn.bounding_box()["height"] <= 1200


if __name__ == "__main__":
    serve(sys.argv[1])
