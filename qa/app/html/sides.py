"""Who says what, as HTML: each position with all who take it, when they said so, and who is silent.

To a yes/no question the positions stand under what they surely say to it, no other under a verdict.
"""

from collections.abc import Container, Sequence

from qa.app.html import render, words
from qa.app.html.render import Articles, escape, isolated
from qa.app.serve.catalogue import entry
from qa.export.text import STANCES, stance
from qa.records import Answer, Citation, Polarity, Position

SHOWN = 3  # positions beside each other; the others open on demand
SHOWN_OF_STANCE = 2
SILENT_SHOWN = 8
DATED_SHOWN = 12
VALUE_CHARS = 120
QUIET = "Read, no answer found"
# What stands above the statements of one verdict, and what that means for the question.
HEADINGS: dict[Polarity | None, tuple[str, str]] = {
    "yes": (STANCES["yes"], ""),
    "no": (STANCES["no"], ""),
    "open": (STANCES["open"], "Does not decide it."),
    None: ("No sure verdict", "Read the words."),
}


def stated(position: Position) -> str:
    """What a position says to a yes/no question, where that is sure."""
    told = stance(position)
    return f'<p class="stance {position.polarity}">{escape(told)}</p>' if told else ""


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
    return stances(own, others, articles) if words.has_verdict(answer) else beside(own, others, articles)


def stances(own: Position, others: Sequence[Position], articles: Articles) -> str:
    """The positions on a yes/no question by what they say to it; that nobody says yes, or no, is said too."""
    held: dict[Polarity | None, list[str]] = {each: [] for each in HEADINGS}
    for position in (own, *others):
        held[position.polarity].append(statement(position, articles, own=position is own))
    rows = "".join(_row(each, held[each]) for each in HEADINGS if held[each] or each in ("yes", "no"))
    return f'<ul class="stances">{rows}</ul>'


def statement(position: Position, articles: Articles, *, own: bool) -> str:
    """One position under its verdict."""
    label = '<p class="label">The answer</p>' if own else ""
    legs = f'<p class="legs">{escape(words.sources(position))}</p>' if len(position.citations) > 1 else ""
    who = render.chips(position.citations, articles, "Said by")
    return f"<li>{label}{told(position)}{legs}{who}</li>"


def _row(each: Polarity | None, statements: Sequence[str]) -> str:
    title, note = HEADINGS[each]
    shown, rest = statements[:SHOWN_OF_STANCE], statements[SHOWN_OF_STANCE:]
    body = (
        f'<ul class="statements">{"".join(shown)}</ul>' if shown else '<p class="nobody">None for sure.</p>'
    )
    if rest:
        summary = escape(words.count(len(rest), "other statement"))
        body += (
            f'<details class="others"><summary>{summary}</summary>'
            f'<ul class="statements">{"".join(rest)}</ul></details>'
        )
    meaning = f'<p class="meaning">{escape(note)}</p>' if note else ""
    return (
        f'<li class="{each or "unsure"}"><div><h4>{escape(title)}</h4>{meaning}</div><div>{body}</div></li>'
    )


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


def silent(answer: Answer, articles: Articles) -> str:
    """The articles of which passages were read and that give no answer; nothing when all give one.

    An article that was not read is never among them.
    """
    quiet = [entry(articles[one]) for one in _by_rank(answer, words.silent(answer)) if one in articles]
    if not quiet:
        return ""
    chips = "".join(f"<li>{render.entry_chip(one)}</li>" for one in quiet[:SILENT_SHOWN])
    rest = len(quiet) - SILENT_SHOWN
    more = f'<li class="rest">and {rest:,} more</li>' if rest > 0 else ""
    return (
        f'<div class="silent"><h4>{QUIET}</h4><ul class="chips" aria-label="{QUIET}">{chips}{more}</ul></div>'
    )


def _by_rank(answer: Answer, article_ids: Container[str]) -> list[str]:
    """The articles in the order in which their passages were found."""
    found = dict.fromkeys(passage.article_id for passage in answer.passages)
    return [article_id for article_id in found if article_id in article_ids]


def who_says_what(answer: Answer, articles: Articles, name: str) -> str:
    """The section on all that is said to the question `name`; nothing when there is nothing to add."""
    body = positions(answer, articles) + timeline(answer, articles) + silent(answer, articles)
    if not body:
        return ""
    return (
        f'<section class="says" aria-labelledby="{name}-says {name}-question">'
        f'<h3 id="{name}-says">Who says what</h3>{body}</section>'
    )
