"""Who says what, as HTML: each position with all who take it, when they said so, and who is silent.

To a yes/no question the positions stand under what they say to it: yes, no, or neither for sure.
"""

from collections.abc import Sequence

from qa.app import render, words
from qa.app.catalogue import Entry
from qa.app.render import Articles, escape, isolated
from qa.app.words import Stance
from qa.plain import stance
from qa.records import Answer, Citation, Position
from qa.verdict import HEDGES

SHOWN = 3  # positions beside each other; the others open on demand
SHOWN_OF_STANCE = 2
SILENT_SHOWN = 8
DATED_SHOWN = 12
VALUE_CHARS = 120
# What stands above the statements of one stance, and what that means for the question.
HEADINGS: dict[Stance, tuple[str, str]] = {
    "yes": ("Says yes", ""),
    "no": ("Says no", ""),
    "open": ("Leaves it open", "Does not decide it."),
    "unclear": ("Not clearly yes or no", "Counted as neither: read the words."),
}


def stated(position: Position) -> str:
    """What a position says to a yes/no question, where there is a word for it."""
    told = stance(position)
    return f'<p class="stance {words.stance_of(position)}">{escape(told)}</p>' if told else ""


def told(position: Position) -> str:
    """What a position says: its value, then the sentence that it stands in, where that holds more."""
    first = next((one for one in position.citations if one.quote == position.text), None)
    whole = first is None or first.quote == first.sentence
    kind = "sentence" if whole else "value"
    value = f'<p class="{kind}">{isolated(position.text)}</p>'
    return value if whole or first is None else f"{value}<blockquote>{render.sentence(first)}</blockquote>"


def column(position: Position, articles: Articles, *, own: bool) -> str:
    """One position on a question for anything else than yes or no; `own` is the answer's."""
    label = f'<p class="label">{"The answer" if own else "Also said"}</p>'
    sources = f'<p class="legs">{escape(words.sources(position))}</p>' if position.citations else ""
    who = render.chips(position.citations, articles, "Said by")
    kind = ' class="own"' if own else ""
    return f"<li{kind}>{label}{told(position)}{sources}{who}</li>"


def positions(answer: Answer, articles: Articles) -> str:
    """All positions, the answer's own first; nothing when it is the only one."""
    own = words.own_position(answer)
    others = [position for position in answer.positions if position is not own]
    if own is None or not others:
        return ""
    return beside(own, others, articles) if own.polarity is None else stances(own, others, articles)


def stances(own: Position, others: Sequence[Position], articles: Articles) -> str:
    """The positions on a yes/no question by what they say to it; that nobody says yes, or no, is said too."""
    held: dict[Stance, list[str]] = {each: [] for each in HEADINGS}
    for position in (own, *others):
        held[words.stance_of(position) or "unclear"].append(
            statement(position, articles, own=position is own)
        )
    rows = "".join(_row(each, held[each]) for each in HEADINGS if held[each] or each in ("yes", "no"))
    return f'<ul class="stances">{rows}</ul>'


def statement(position: Position, articles: Articles, *, own: bool) -> str:
    """One position under its stance, with how surely it says so where that is less than a fact."""
    label = '<p class="label">The answer</p>' if own else ""
    hedged = position.certainty in HEDGES and words.stance_of(position) != "unclear"
    hedge = f'<p class="hedge">{escape(position.certainty)}</p>' if hedged else ""
    legs = f'<p class="legs">{escape(words.sources(position))}</p>' if len(position.citations) > 1 else ""
    who = render.chips(position.citations, articles, "Said by")
    return f"<li>{label}{told(position)}{hedge}{legs}{who}</li>"


def _row(each: Stance, statements: Sequence[str]) -> str:
    title, note = HEADINGS[each]
    shown, rest = statements[:SHOWN_OF_STANCE], statements[SHOWN_OF_STANCE:]
    body = f'<ul class="statements">{"".join(shown)}</ul>' if shown else '<p class="nobody">None found.</p>'
    if rest:
        summary = escape(words.count(len(rest), "other statement"))
        body += (
            f'<details class="others"><summary>{summary}</summary>'
            f'<ul class="statements">{"".join(rest)}</ul></details>'
        )
    meaning = f'<p class="meaning">{escape(note)}</p>' if note else ""
    return f'<li class="{each}"><div><h4>{escape(title)}</h4>{meaning}</div><div>{body}</div></li>'


def beside(own: Position, others: Sequence[Position], articles: Articles) -> str:
    """The positions beside each other, the first few at once."""
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
