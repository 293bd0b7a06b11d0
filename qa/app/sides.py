"""Who says what, as HTML: each position with all who take it, when they said so, and who is silent."""

from collections.abc import Sequence

from qa.app import render, words
from qa.app.catalogue import Entry
from qa.app.render import Articles, escape, isolated
from qa.plain import stance
from qa.records import Answer, Citation, Position

SHOWN = 3  # positions beside each other; the others open on demand
SILENT_SHOWN = 8
DATED_SHOWN = 12
VALUE_CHARS = 120


def stated(position: Position) -> str:
    """What a position says to a yes/no question, where there is a word for it."""
    told = stance(position)
    return f'<p class="stance">{escape(told)}</p>' if told else ""


def told(position: Position) -> str:
    """What a position says: its value, then the sentence that it stands in, where that holds more."""
    first = next((one for one in position.citations if one.quote == position.text), None)
    whole = first is None or first.quote == first.sentence
    kind = "sentence" if whole else "value"
    value = f'<p class="{kind}">{isolated(position.text)}</p>'
    return value if whole or first is None else f"{value}<blockquote>{render.sentence(first)}</blockquote>"


def column(position: Position, articles: Articles, *, own: bool) -> str:
    """One position; `own` is the answer's."""
    label = f'<p class="label">{"The answer" if own else "Also said"}</p>'
    sources = f'<p class="legs">{escape(words.sources(position))}</p>' if position.citations else ""
    who = render.chips(position.citations, articles, "Said by")
    kind = ' class="own"' if own else ""
    return f"<li{kind}>{label}{stated(position)}{told(position)}{sources}{who}</li>"


def positions(answer: Answer, articles: Articles) -> str:
    """All positions beside each other, the answer's own first; nothing when it is the only one."""
    own = words.own_position(answer)
    others = [position for position in answer.positions if position is not own]
    if own is None or not others:
        return ""
    columns = [column(own, articles, own=True), *(column(one, articles, own=False) for one in others)]
    first, rest = columns[:SHOWN], columns[SHOWN:]
    count = words.count(len(rest), "other statement")
    folded = (
        f'<details class="others"><summary>{escape(count)}</summary><ul class="columns">{"".join(rest)}</ul>'
        "</details>"
        if rest
        else ""
    )
    return f'<ul class="columns">{"".join(first)}</ul>{folded}'


def timeline(answer: Answer, articles: Articles) -> str:
    """Who said what when, oldest first; nothing unless two positions were published on different dates."""
    dated: dict[tuple[str, int], list[Citation]] = {}
    for at, position in enumerate(answer.positions):
        for citation in position.citations:
            if citation.published:
                dated.setdefault((citation.published[:10], at), []).append(citation)
    days = {day for day, _ in dated}
    if len(days) < 2 or len({at for _, at in dated}) < 2:
        return ""
    items = "".join(
        f'<li><span class="day">{escape(words.date(day))}</span> '
        f'<span class="what">{isolated(words.shortened(answer.positions[at].text, VALUE_CHARS))} '
        f'<span class="by">{isolated(_names(dated[day, at], articles))}</span></span></li>'
        for day, at in sorted(dated)[:DATED_SHOWN]
    )
    rest = len(dated) - DATED_SHOWN
    more = f'<li class="rest">and {rest:,} more</li>' if rest > 0 else ""
    return f'<h4>By date of publication</h4><ol class="timeline">{items}{more}</ol>'


def _names(citations: Sequence[Citation], articles: Articles) -> str:
    return words.listed(
        words.shortened(words.source_name(one, articles.get(one.article_id))) for one in citations
    )


def silent(answer: Answer, listing: Sequence[Entry]) -> str:
    """The articles in scope in which nothing was found on the question; nothing when all say something."""
    heard = words.heard(answer)
    quiet = [entry for entry in listing if entry.id not in heard]
    if not quiet:
        return ""
    chips = "".join(f"<li>{render.entry_chip(entry)}</li>" for entry in quiet[:SILENT_SHOWN])
    rest = len(quiet) - SILENT_SHOWN
    more = f'<li class="rest">and {rest:,} more</li>' if rest > 0 else ""
    return (
        f'<div class="silent"><h4>Nothing found in</h4>'
        f'<ul class="chips" aria-label="Nothing found in">{chips}{more}</ul></div>'
    )


def who_says_what(answer: Answer, articles: Articles, listing: Sequence[Entry], name: str) -> str:
    """The section on all that is said to the question `name`; nothing when there is nothing to add."""
    body = positions(answer, articles) + timeline(answer, articles) + silent(answer, listing)
    if not body:
        return ""
    return (
        f'<section class="says" aria-labelledby="{name}-says {name}-question">'
        f'<h3 id="{name}-says">Who says what</h3>{body}</section>'
    )
