"""The timeline of an answer as HTML: what was said when and by whom, and what a later report may overtake."""

from qa.app.html import render, words
from qa.app.html.render import Articles, escape, isolate
from qa.conflicts.engine import shorten_quote
from qa.conflicts.timeline import place_of
from qa.export.text import MARKS, undated_sources
from qa.records import Answer, Citation, TimelineEntry, TimeMark


def timeline(answer: Answer, articles: Articles) -> str:
    """What was said when, on demand; nothing where all dates are the same."""
    entries = answer.timeline.entries
    if len({one.day for one in entries}) < 2:
        return ""
    items = "".join(_item(one, articles) for one in entries)
    rest = undated_sources(answer.timeline)
    note = f'<p class="note">{escape(rest)}</p>' if rest else ""
    many = escape(words.count(len(entries), "dated statement"))
    return (
        f'<details class="over-time"><summary>In order of time: {many}</summary>'
        f'<ol class="days">{items}</ol>{note}</details>'
    )


def _item(entry: TimelineEntry, articles: Articles) -> str:
    link = render.source(entry.citation, articles, dated=False)
    return (
        f'<li class="{entry.mark or "plain"}">{day(entry.day)}<div>{link}{mark(entry.mark)}'
        f'<p class="words">{isolate(shorten_quote(entry.citation.sentence))}</p></div></li>'
    )


def day(iso: str) -> str:
    """A date, as exact as it is stated, for people and for programs."""
    return f'<time datetime="{escape(iso)}">{escape(words.date(iso))}</time>'


def mark(of: TimeMark) -> str:
    """That a statement is the latest, or perhaps superseded; nothing for neither."""
    return f' <span class="age {of}">{MARKS[of].capitalize()}</span>' if of else ""


def mark_of(answer: Answer, citation: Citation) -> str:
    """As `mark`, of a statement of an answer."""
    place = place_of(citation)
    return next((mark(one.mark) for one in answer.timeline.entries if place_of(one.citation) == place), "")
