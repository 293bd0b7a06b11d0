"""An answer becomes HTML: what is shown, in which words, and that nothing in it is ever markup."""

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from index.records import Article, Excerpt, Listed, Listing, Section, Span, State
from qa.app.html import articles as shelf_html
from qa.app.html import conflicts, render, suggestions, words
from qa.app.html import reader as reading
from qa.app.html import turn as turns
from qa.app.html.document import script, style
from qa.app.pages import frame as page
from qa.app.shelf.catalogue import entry, sum_up
from qa.conflicts.tally import tally_of
from qa.export.answer import answer_text
from qa.records import (
    Answer,
    Citation,
    Conflict,
    ConflictCheck,
    Coverage,
    Overview,
    Passage,
    Position,
    Timings,
)
from qa.records import Section as OverviewSection
from qa.suggestions.offer import Offer

MORNING = Article(
    id="a1",
    uri="https://morning.example/ferry",
    text="The ferry came in late. It carried 40 people, the captain said. Nobody was hurt.",
    title="Ferry arrives late",
    publisher="Morning Post",
    published="2026-07-03",
)
EVENING = Article(id="b2", uri="evening.txt", text="Police said: it carried 45 people. The pier was full.")
ARTICLES = {article.id: article for article in (MORNING, EVENING)}

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</bdi></mark></article><h1>gone</h1>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "${alert(1)} {{constructor}} {{{value}}} `${1}`",
    "\u202eright to left\u2066 unclosed",
    "NUL \0 and & ampersand &lt;b&gt;",
)


class Outline(HTMLParser):
    """The tags, attributes and text of a piece of HTML; fails on tags that do not nest."""

    VOID = frozenset(("meta", "link", "br", "img", "input"))

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attributes]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


def cite(article: Article, quote: str, sentence: str) -> Citation:
    start, first = article.text.index(quote), article.text.index(sentence)
    return Citation(
        article_id=article.id, title=article.title, publisher=article.publisher, published=article.published,
        uri=article.uri, start=start, end=start + len(quote), quote=quote,
        sentence=sentence, sentence_start=first, sentence_end=first + len(sentence), score=0.9,
    )  # fmt: skip


FORTY = cite(MORNING, "40 people", "It carried 40 people, the captain said.")
FORTY_FIVE = cite(EVENING, "45 people", "Police said: it carried 45 people.")

ANSWER = Answer(
    question="How many people did the ferry carry?",
    standalone_question="How many people did the ferry carry?",
    status="answered",
    text="40 people",
    confidence=0.87,
    citations=(FORTY,),
    positions=(Position("40 people", (FORTY,), 1), Position("45 people", (FORTY_FIVE,), 1)),
    conflicts=(
        Conflict("number", "40 people against 45 people", (FORTY, FORTY_FIVE), 0.91, possible_update=True),
    ),
    conflict_check=ConflictCheck("checked", statements=2, sources=2, pairs=1),
    passages=(
        Passage("b2", 0, 34, EVENING.text[:34], 1, 0.5),
        Passage("a1", 0, 23, MORNING.text[:23], 2, 0.4),
    ),
    scope=Coverage(articles=298, articles_read=2, passages_read=1),
)

UNANSWERED = replace(
    ANSWER,
    status="unanswered",
    text="",
    confidence=0.01,
    citations=(),
    positions=(),
    conflicts=(),
    conflict_check=ConflictCheck("not_checked", reason="there is no answer to compare"),
)
HURT = cite(MORNING, "Nobody was hurt.", "Nobody was hurt.")
FULL = cite(EVENING, "The pier was full.", "The pier was full.")
CLOSEST = replace(UNANSWERED, status="closest", confidence=0.34, closest=(FULL, HURT))


ALSO_FORTY = replace(FORTY, article_id="c3")
SAME = replace(
    ANSWER, positions=(Position("40 people", (FORTY, ALSO_FORTY), 2),), conflicts=(),
    conflict_check=ConflictCheck("checked", statements=2, sources=2, pairs=1),
)  # fmt: skip
BESIDE = replace(ANSWER, conflicts=())
ALONE = replace(SAME, positions=ANSWER.positions[:1])


def panel(answer: Answer) -> str:
    """What is said of comparing."""
    return conflicts.conflict_panel(answer, tally_of(answer), ARTICLES, "turn-1")


def test_the_quote_is_marked_in_its_whole_sentence():
    shown = turns.turn(ALONE, ARTICLES, 1)
    assert '<blockquote class="said"><bdi>It carried <mark>40 people</mark>, the captain said.</bdi>' in shown


def test_a_quote_that_is_the_whole_sentence_is_marked_as_such():
    assert render.mark_span("All of it.", 0, 10) == '<bdi><mark class="all">All of it.</mark></bdi>'


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 2), (0, 99)])
def test_a_span_outside_the_text_marks_nothing(start, end):
    assert render.mark_span("A few words", start, end) == "<bdi>A few words</bdi>"


def test_an_answer_of_several_sentences_is_shown_whole_though_no_citation_equals_it():
    text = "The ferry came in late. It carried 40 people, the captain said."
    shown = turns.turn(replace(ALONE, text=text), ARTICLES, 1)
    assert f'<mark class="all">{text}</mark>' in shown


def test_who_says_so_stands_under_the_answer_with_the_date_in_words():
    shown = Outline(turns.turn(ALONE, ARTICLES, 1)).words
    assert "Morning Post 3 July 2026 Ferry arrives late" in shown
    assert "Read: 1 passage from 2 of 298 articles. No answer found in 1 of these articles." in shown


def test_per_cents_and_times_stand_in_a_fold_and_nowhere_else():
    timed = replace(ANSWER, timings_ms=Timings(1, 20, 300, 90, 411))
    for answer, told in (
        (timed, "Likely the right quote (87%). This says nothing about whether the quote is true."),
        (
            replace(CLOSEST, timings_ms=timed.timings_ms),
            "The first is as likely as not the right quote (34%).",
        ),
    ):
        shown = turns.turn(answer, ARTICLES, 1)
        before, fold = shown.split('<details class="sureness">')
        assert told in fold
        assert "0.41 s: searching 20 ms, reading 300 ms, comparing 90 ms." in fold
        outside = re.sub("<details.*?</details>", "", before)
        assert not re.search(r"\d ?%| ms\b", Outline(re.sub("</?(?:div|article)[^>]*>", "", outside)).words)


def test_what_a_source_does_not_state_is_said_not_guessed():
    shown = Outline(render.source(FORTY_FIVE, ARTICLES)).words
    assert shown == "evening no publisher, undated"


def test_all_who_take_one_side_of_a_conflict_stand_together():
    also = replace(FORTY, article_id="c", start=0, end=len(FORTY.quote))
    conflict = Conflict("number", "40 against 45", (FORTY, also, FORTY_FIVE), 0.9, sides=(0, 0, 1))
    shown = conflicts.conflict_card(conflict, ARTICLES)
    first, second = shown.split('<ul class="sides">')[1].split("</li>")[:2]
    assert (first.count("<blockquote>"), second.count("<blockquote>")) == (2, 1)


def test_only_where_all_that_is_shown_is_one_position_it_is_said_that_none_of_it_differs():
    shown = Outline(panel(SAME)).words
    assert shown == (
        "Compared 1 pair of statements from 2 sources; none of those shown differ. "
        "Only what these articles say was compared; what they leave out was not."
    )
    for answer in (SAME, BESIDE, ANSWER):
        said = "none of those shown differ" in answer_text(answer)
        assert said is (answer == SAME)
        assert ("none of those shown differ" in turns.turn(answer, ARTICLES, 1)) is said


@pytest.mark.parametrize(("topic", "about"), [("", ""), ("<b>ferries</b>", " about <b>ferries</b>")])
def test_where_nothing_of_a_topic_is_disputed_it_is_not_said_of_all_that_was_compared(topic, about):
    told = Overview("disagreements", (OverviewSection(topic, ()),))
    answer = replace(SAME, status="overview", text="", citations=(), positions=(), overview=told)
    said = f"Compared 1 pair of statements from 2 sources; none{about} judged to contradict each other"
    shown = turns.turn(answer, ARTICLES, 1)
    assert said in Outline(shown).words
    assert "<b>" not in shown
    assert f"\n{said}." in answer_text(answer)
    assert turns.announcement(answer) == f"{said}."


@pytest.mark.parametrize(
    ("tier", "told"), [("disagree", "disagree"), ("may_disagree", "may disagree"), (None, "")]
)
def test_a_suggested_question_says_how_surely_its_answer_shows_a_disagreement(tier, told):
    offered = suggestions.starters([Offer("How many?", tier)])
    assert re.findall('class="disputed">([^<]*)', offered) == ([f"the articles {told}"] if told else [])
    assert Offer("How many?", tier).disputed is bool(told)


def test_what_was_compared_and_is_not_quoted_and_what_was_not_compared_are_said():
    check = ConflictCheck("checked", 5, 4, 6, reason="6 of 10 pairs were compared")
    told = "1 of these sources is not quoted. Only 6 of 10 pairs were compared."
    three = replace(SAME.positions[0], citations=(FORTY, ALSO_FORTY, replace(FORTY, article_id="d4")))
    for answer in (SAME, BESIDE):
        positions = (three,) if answer == SAME else (three, ANSWER.positions[1])
        left = replace(answer, positions=positions, conflict_check=check)
        where = (answer_text(left), turns.copy_text(left), panel(left))
        assert [told in one for one in where] == [answer == SAME] * 3
        assert all("Only 6 of 10 pairs were compared." in one for one in where)


@pytest.mark.parametrize("answer", [SAME, BESIDE])
def test_where_no_conflict_is_shown_nothing_reassures(answer):
    told = panel(answer)
    shown = " ".join((told, answer_text(answer), turns.announcement(answer), turns.copy_text(answer)))
    assert not re.search(r"no (other )?(conflict|disagreement)|none found|agree|✓|✔", shown, re.IGNORECASE)
    assert re.search('class="conflicts compared"', told)


def test_conflicts_of_both_tiers_are_counted_apart():
    for tiers, told in (
        (("disagree",), "1 disagreement"),
        (("disagree", "disagree", "may_disagree"), "2 disagreements and 1 possible one"),
        (("may_disagree", "disagree", "may_disagree"), "1 disagreement and 2 possible ones"),
        (("may_disagree", "may_disagree"), "2 possible disagreements"),
        ((), ""),
    ):
        assert words.in_tiers(tiers) == told


def test_what_was_ruled_no_conflict_is_counted_beside_what_was_found_and_where_nothing_else_was():
    check = ConflictCheck("checked", statements=3, sources=3, pairs=3, ruled_out=1)
    for conflict_list in (ANSWER.conflicts, ()):
        answer = replace(ANSWER, conflicts=conflict_list, conflict_check=check)
        assert "1 ruled no conflict is left out." in panel(answer)
        assert turns.announcement(answer).endswith("1 ruled no conflict is left out.")
    only = replace(answer, positions=ANSWER.positions[:1])
    shown = panel(only)
    assert "Compared 3 pairs of statements from 3 sources." in shown
    assert "2 of these sources are not quoted. 1 ruled no conflict is left out." in shown


def test_nothing_compared_is_never_shown_as_agreement():
    check = ConflictCheck("checked", statements=1, sources=1, pairs=0)
    calm = replace(ANSWER, positions=ANSWER.positions[:1], conflicts=(), conflict_check=check)
    shown = Outline(panel(calm)).words
    assert shown == "Compared 0 pairs of statements from 1 source: there was nothing to compare. "


def test_not_checked_says_why_loudly_beside_an_answer_and_quietly_beside_none():
    shown = panel(UNANSWERED)
    assert 'class="conflicts unchecked quiet"' in shown
    assert Outline(shown).words == "Not checked for conflicts There is no answer to compare."
    unchecked = replace(ANSWER, conflicts=(), conflict_check=UNANSWERED.conflict_check)
    assert 'class="conflicts unchecked"' in panel(unchecked)


@pytest.mark.parametrize("answer", [ANSWER, UNANSWERED, CLOSEST, replace(ANSWER, conflicts=())])
def test_every_turn_carries_exactly_one_conflict_panel(answer):
    assert turns.turn(answer, ARTICLES, 1).count('<section class="conflicts') == 1


def test_where_nothing_was_found_it_is_said_in_what_and_the_passages_are_folded():
    shown = turns.turn(UNANSWERED, ARTICLES, 1)
    assert '<p class="said">I found nothing in the 1 passage read of 298 articles.</p>' in shown
    before, folded = shown.split('<details class="passages">')
    assert EVENING.text[:34] in folded
    assert "45 people" not in before
    assert "right quote" not in shown
    assert "The articles do not answer" not in shown


def test_where_nothing_could_be_read_it_is_said():
    shown = turns.turn(replace(UNANSWERED, passages=(), scope=Coverage()), {}, 1)
    assert "I found nothing: there was no article to read." in shown
    assert "<details" not in shown


def test_the_closest_statements_stand_as_marked_quotes_each_with_its_source_and_place():
    shown = turns.turn(CLOSEST, ARTICLES, 1)
    assert '<h3 class="said">Closest statements, not sure</h3>' in shown
    first, second = shown.split('<ol class="near">')[1].split("</ol>")[0].split("</li>")[:2]
    assert '<blockquote><bdi><mark class="all">The pier was full.</mark></bdi></blockquote>' in first
    assert f'data-article href="article/b2?start={FULL.start}&amp;end={FULL.end}#quote"' in first
    assert Outline(f"{second}</li>").words == "Nobody was hurt.Morning Post 3 July 2026 Ferry arrives late"
    assert "Read: 1 passage from 2 of 298 articles." in shown
    assert "Who says what" not in shown
    assert "Copy with citation" not in shown


def test_many_closest_statements_open_on_demand():
    many = tuple(replace(FULL, article_id=f"b{n}") for n in range(6))
    shown = turns.closest_statements(replace(CLOSEST, closest=many), {})
    assert shown.index("article/b2?") < shown.index("<summary>3 further statements</summary>")
    assert shown.index("</summary>") < shown.index("article/b3?")


def test_only_passages_that_were_read_are_called_read():
    shown = turns.turn(ANSWER, ARTICLES, 1)
    assert "<summary>1 passage read</summary>" in shown
    assert "Read: 1 passage from 2 of 298 articles." in shown
    both = replace(ANSWER, scope=Coverage(2, 2, 2))
    assert "<summary>2 passages read</summary>" in turns.turn(both, ARTICLES, 1)
    assert "Read: 2 passages from 2 articles." in turns.turn(both, ARTICLES, 1)


def crosses(shown: str) -> list[tuple[str, list[str] | None]]:
    """The labels of the buttons that ask again in other words, and the words that each leaves."""
    found = re.findall(r'data-about="([^"]*)"(?: aria-label="([^"]*)")?[^>]*>([^<]*)', shown)
    return [(html.unescape(label or text), json.loads(html.unescape(left))) for left, label, text in found]


def test_the_words_that_a_follow_up_takes_stand_as_chips_with_a_cross_each():
    follow_up = replace(ANSWER, about=("Aurora", "storm"))
    shown = turns.turn(follow_up, ARTICLES, 2)
    assert crosses(shown) == [("Ask without “Aurora”", ["storm"]), ("Ask without “storm”", ["Aurora"])]
    assert 'data-again="2"' in shown
    assert "<bdi>Aurora</bdi>" in shown
    assert "about:" not in turns.turn(ANSWER, ARTICLES, 2)


def test_the_last_cross_leaves_the_question_standing_alone_and_there_is_a_way_back():
    shown = turns.turn(replace(ANSWER, about=("storm",)), ARTICLES, 2, about=("storm",))
    assert crosses(shown) == [("Ask on its own, without “storm”", []), ("Use all the words again", None)]
    alone = turns.turn(ANSWER, ARTICLES, 2, about=())
    assert "Asked on its own." in alone
    assert crosses(alone) == [("Ask as part of the conversation", None)]


def test_the_command_line_prints_the_closest_statements_with_their_places():
    printed = answer_text(CLOSEST)
    assert printed.startswith(
        "Closest statements, not sure:\n\n  “The pier was full.”\n  — evening · "
        f"characters {FULL.start}-{FULL.end}\n\n  “Nobody was hurt.”\n  — Ferry arrives late · Morning Post"
    )
    assert printed.endswith("Conflicts: not checked, because there is no answer to compare.")


def test_the_command_line_says_where_it_found_nothing_and_prints_no_passage():
    printed = answer_text(UNANSWERED)
    assert printed.startswith("I found nothing in the 1 passage read of 298 articles.\n\nConflicts: ")
    assert "45 people" not in printed


def test_the_command_line_says_what_a_follow_up_is_about():
    printed = answer_text(replace(ANSWER, about=("Aurora", "sto\x1brm")))
    assert printed.startswith(
        "About: Aurora, sto rm\n\nPerhaps an update: 40 people (1), 45 people (1):\n\n1. 40 people"
    )


def test_the_command_line_says_nothing_of_yes_or_no_to_another_question():
    assert answer_text(ALONE).startswith(
        "One source answers:\n\n40 people (characters 35-44)\n  “It carried 40 people"
    )
    assert "Says" not in answer_text(ANSWER).split("Conflicts: ")[0]


AROUND = "The pier was built.\nIt is long. The ferry came.\n\nIt was late. Nobody was hurt."


@pytest.mark.parametrize(
    ("sentence", "before", "after"),
    [("The ferry came.", "It is long.", "It was late."), ("The pier was built.", "", "It is long."),
     ("Nobody was hurt.", "It was late.", ""), ("It was late.", "The ferry came.", "Nobody was hurt.")],
)  # fmt: skip
def test_a_preview_holds_the_sentence_before_and_the_one_after(sentence, before, after):
    start = AROUND.index(sentence)
    assert render.neighbours(AROUND, start, start + len(sentence)) == (before, after)


def test_a_preview_is_bounded_and_cut_between_words():
    text = "word " * 400 + "QUOTE" + " more" * 400
    before, after = render.neighbours(text, 2000, 2005, 20)
    assert (before, after) == ("… word word word word", "more more more more …")
    assert render.neighbours("x" * 5000, 2000, 2005) != ("", "")
    assert max(map(len, render.neighbours("x" * 5000, 2000, 2005))) <= render.PREVIEW_CHARS + 2


def test_each_source_carries_its_sentence_in_context_as_data():
    shown = turns.turn(ANSWER, ARTICLES, 1)
    assert (
        'data-before="The ferry came in late." data-sentence="It carried 40 people, the captain said." '
        'data-after="Nobody was hurt."'
    ) in shown
    assert "data-sentence" not in turns.turn(ANSWER, {}, 1)  # of an article that is gone


def test_a_removed_article_leaves_its_quote_readable():
    shown = Outline(turns.turn(ANSWER, {}, 1)).words
    assert "It carried 40 people, the captain said." in shown
    assert "evening no publisher" in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_wherever_it_stands(text):
    article = Article(id=text, uri=text, text=text, title=text, publisher=text, author=text, published=text)
    other = replace(article, id=text + "2")
    citation = cite(article, text, text)
    against = replace(citation, article_id=other.id)
    conflict = Conflict("name", f"“{text}” against “{text}”", (citation, against), 0.5, sides=(0, 1))
    answer = Answer(
        text, text + "?", "answered", text, 0.5, (citation,), (Position(text, (citation,), 1), Position(text, (), 1)),
        (Conflict("name", text, (citation, citation), 0.5),), ConflictCheck("checked", 2, 2, 1),
        (Passage(text, 0, len(text), text, 1, 0.5), Passage(text + "2", 0, 1, text[:1], 2, 0.5)),
        scope=Coverage(2, 2, 2),
    )  # fmt: skip
    harmless = replace(answer, conflicts=(), conflict_check=ConflictCheck("not_checked", reason=text))
    outside = replace(answer, status="unanswered")
    near = replace(answer, status="closest", closest=(citation, against))
    follow_up = replace(answer, about=(text, text), question="And now?", conflicts=(conflict,))
    update = replace(answer, conflicts=(replace(conflict, possible_update=True),))
    for shown in (
        *(
            turns.turn(one, {text: article, other.id: other}, 1, about=one.about or None)
            for one in (answer, harmless, outside, near, follow_up, update)
        ),
        turns.waiting_turn(text, 1),
        turns.failed_turn(text, text, 1),
        turns.conversation([], status=text, notice=text),
        page.masthead(sum_up([entry(article)]), name=text),
        reading.article_page(article, Span(0, len(text))).replace(style(), ""),
        reading.pair_page((article, Span(0, 1)), (article, Span(0, 1)))
        .replace(style(), "")
        .replace(reading.SCROLL_BOTH, "")
        .replace("<script></script>", ""),
    ):
        outline = Outline(shown)
        assert not {"script", "img"} & set(outline.tags)
        assert not [name for name, _ in outline.attributes if name.startswith("on")]
        assert not [
            value for name, value in outline.attributes if name == "href" and "javascript:" in value[:12]
        ]
        assert text.replace("\0", "\ufffd") in outline.words


def test_every_text_of_an_article_is_isolated_in_its_direction():
    shown = turns.turn(replace(ALONE, text="\u202e40"), ARTICLES, 1)
    assert re.search("<bdi>[^<]*<mark[^>]*>\u202e40</mark></bdi>", shown)


@pytest.mark.parametrize(
    ("uri", "linked"),
    [("https://a.example/x?a=1&b=2", True), ("HTTP://a.example", True), ("javascript:alert(1)", False),
     ("data:text/html,x", False), ("file:///etc/passwd", False), ("notes.txt", False)],
)  # fmt: skip
def test_only_web_addresses_become_links(uri, linked):
    shown = render.outside_link(uri)
    assert ('rel="noopener noreferrer"' in shown) is linked
    assert bool(shown) is linked


@pytest.mark.parametrize(
    ("published", "said"),
    [("2026-07-03", "3 July 2026"), ("2026-07", "July 2026"), ("2026", "2026"), (None, "undated"),
     ("2026-07-03T16:37", "3 July 2026"), ("2026-13", "2026-13"), ("last week", "last week")],
)  # fmt: skip
def test_dates_are_in_words_as_exact_as_stated(published, said):
    assert words.date(published) == said


@pytest.mark.parametrize(
    ("probability", "said"),
    [(0.999, "Very likely the right quote (99%)"), (0.895, "Very likely the right quote (90%)"),
     (0.894, "Likely the right quote (89%)"), (0.5, "As likely as not the right quote (50%)"),
     (0.3, "Unlikely the right quote (30%)"), (0.001, "Unlikely the right quote (1%)"),
     (1.0, "Very likely the right quote (100%)")],
)  # fmt: skip
def test_confidence_is_in_words_and_never_rounded_to_certainty(probability, said):
    assert words.confidence(probability) == said


@pytest.mark.parametrize(
    ("names", "said"),
    [((), ""), (("A",), "A"), (("A", "A"), "A"), (("A", "B"), "A and B"), (("A", "B", "C"), "A, B and C"),
     (tuple("ABCDEFGH"), "A, B, C, D, E, F and 2 more")],
)  # fmt: skip
def test_names_are_listed_once_each_and_not_without_end(names, said):
    assert words.join_names(names) == said


def test_the_library_line_names_publishers_and_dates():
    shown = Outline(page.library(sum_up([entry(MORNING), entry(EVENING)]))).words
    assert shown.startswith("2 articles")
    assert "Morning Post; 1 without a stated publisher; 3 July 2026." in shown
    assert "Ferry arrives late Morning Post, 3 July 2026" in shown


def test_an_empty_library_says_how_to_fill_it():
    assert "whosays add" in page.library(sum_up([]))


def test_an_article_page_marks_the_quote_by_its_characters():
    shown = reading.article_page(MORNING, Span(FORTY.start, FORTY.end))
    assert '<mark id="quote" tabindex="-1">40 people</mark>' in shown
    assert Outline(shown.replace(style(), "")).words.endswith(MORNING.text)


def test_two_articles_side_by_side_are_each_marked_by_their_own_characters():
    at = ((MORNING, Span(FORTY.start, FORTY.end)), (EVENING, Span(FORTY_FIVE.start, FORTY_FIVE.end)))
    shown = reading.pair_page(*at)
    assert '<mark id="quote" tabindex="-1">40 people</mark>' in shown
    assert '<mark id="quote-beside" tabindex="-1">45 people</mark>' in shown


@pytest.mark.parametrize(
    ("start", "end"), [("", ""), ("5", ""), ("-1", "4"), ("4", "1"), ("1" * 12, "2"), ("²", "3")]
)
def test_an_address_that_names_no_span_opens_the_article_unmarked(start, end):
    assert reading.span(start, end) == Span(0, 0)


def test_a_screen_reader_is_told_how_sources_stand_or_the_answer_and_who_says_it():
    sure = replace(ANSWER, conflicts=(replace(ANSWER.conflicts[0], possible_update=False),))
    assert turns.announcement(sure) == "They disagree: 40 people (1), 45 people (1)."
    assert turns.announcement(BESIDE) == (
        "They say something else: 40 people (1), 45 people (1). Compared 1 pair of statements from 2 sources."
    )
    denied = replace(
        ALONE, positions=(replace(ANSWER.positions[0], polarity="no"),), about=("ferry", "storm")
    )
    assert turns.announcement(denied).startswith(
        "About ferry and storm. Says no: 40 people Said by Morning Post."
    )
    assert turns.announcement(UNANSWERED) == "I found nothing in the 1 passage read of 298 articles."
    assert turns.announcement(CLOSEST) == (
        "Closest statements, not sure: The pier was full. From evening and Morning Post."
    )


def test_no_style_or_script_of_ours_names_another_place():
    assert not re.findall(r"https?:|//[a-z]|@import|url\(", style())
    assert not re.findall(r"https?:|import\(", script())


def test_the_head_of_a_large_library_is_a_line_with_a_link_to_the_list():
    many = [
        replace(entry(one), id=f"{number}", publisher=f"The {'very ' * 20}long Post {number}")
        for number, one in enumerate([MORNING] * 5000)
    ]
    shown = page.masthead(sum_up(many), "articles")
    assert '<span class="count">5,000 articles</span>' in shown
    assert 'href="articles">See all articles</a>' in shown
    assert "and 4,994 more" in shown
    assert len(shown) < 1700
    assert "See all" not in page.masthead(sum_up(many))
    few = page.masthead(sum_up(many[:12]), "articles")
    assert few.count("data-article") == 12


def test_the_head_of_an_empty_library_says_where_articles_are_added():
    assert '<a href="articles">Add some</a>' in page.masthead(sum_up([]), "articles")
    assert "whosays add" in page.masthead(sum_up([]))


def test_a_row_tells_in_how_many_disagreements_it_is_and_where_the_sought_words_stand():
    text = "A <b>ferry</b> came in. " * 20
    excerpt = Excerpt(8, "<b>ferry</b> came", (Span(11, 16),))
    rows = tuple(
        Listed(
            f"a{n}",
            "x.txt",
            f"Title {n}",
            "Post",
            None,
            "2026-07-03",
            len(text),
            text,
            excerpt=excerpt if n else None,
        )
        for n in range(2)
    )
    sections = (Section("2026-07", 0, 31, True), Section(None, 1, 1, False))
    found = Listing(State(1, 60, 60), 60, rows, sections)
    tiers = {"a0": ("disagree", "may_disagree", "disagree")}
    shown = shelf_html.listing(found, 50, filtered=True, changeable=False, disputed=tiers, group="month")
    assert shown.count("in 2 disagreements and 1 possible one<") == 1
    assert all(part in shown for part in ("July 2026", "31 articles, continued", "Undated"))
    assert "… <bdi>&lt;b&gt;<mark>ferry</mark>&lt;/b&gt; came</bdi> …" in shown
    assert 'href="article/a1?start=11&amp;end=16#quote"' in shown
    assert "<b>ferry" not in shown
