"""An answer to which sources speak, as HTML: the tally, and one table with a row for each position.

A row tells what is said in its shortest words, who says it and when. A disagreement is a mark on the later of
its two rows, with the other one's words on it, and opens in place.
"""

from collections.abc import Sequence

from qa.app.html import conflicts, render, words
from qa.app.html.render import Articles, escape, isolate, keep_button
from qa.app.html.sources import Dispute, Row, SourceSentence, legs, number
from qa.app.html.timeline import mark_of
from qa.conflicts.tally import Relation, Tally
from qa.export.tally import (
    RELATIONS,
    against_text,
    else_text,
    is_beside,
    tally_text,
    verdict_text,
)
from qa.records import Answer, Citation, ConflictKind

SHOWN = 6  # rows at once; the others open on demand, but none that disagrees


def headline(tally: Tally) -> str:
    """How the sources stand: the tier in words and with its sign, then who says what; "" of one source."""
    told = tally_text(tally)
    if not told:
        return ""
    tier = relation_label(tally.relation, RELATIONS[tally.relation]) if RELATIONS[tally.relation] else ""
    return f'<h3 class="tally">{tier}<span class="count">{isolate(told)}</span></h3>'


def relation_label(relation: Relation, told: str) -> str:
    """How statements stand to each other, in words, with a sign and an outline of its own for each tier."""
    return (
        f'<span class="relation {relation.replace("_", "-")}"><span class="sign" aria-hidden="true"></span>'
        f"{escape(told)}</span> "
    )


def position_table(answer: Answer, tally: Tally, rows: Sequence[Row], articles: Articles, name: str) -> str:
    """The rows of the turn `name`; many open on demand, but none that a conflict is told of."""
    told = [_row(answer, tally, row, articles, name) for row in rows]
    folded = [at for at, row in enumerate(rows) if at >= SHOWN and is_beside(row.stand, tally)]
    shown = _table([one for at, one in enumerate(told) if at not in folded], "Who says what")
    if not folded:
        return shown
    rest = _table([told[at] for at in folded], "Further statements")
    summary = escape(words.count(len(folded), "further statement"))
    return f'{shown}<details class="others"><summary>{summary}</summary>{rest}</details>'


def _table(rows: Sequence[str], label: str) -> str:
    # The roles keep it a table for screen readers where the style lays its rows out as blocks.
    heads = "".join(
        f'<th role="columnheader" scope="col">{one}</th>' for one in ("What is said", "Who says it, and when")
    )
    return (
        f'<table class="positions" role="table" aria-label="{escape(label)}"><thead role="rowgroup">'
        f'<tr role="row">{heads}</tr></thead><tbody role="rowgroup">{"".join(rows)}</tbody></table>'
    )


def _row(answer: Answer, tally: Tally, row: Row, articles: Articles, name: str) -> str:
    lead, *others = row.sources
    beside = is_beside(row.stand, tally) and row.stand.polarity is None
    tier = relation_label("else", else_text(row.stand)) if beside else ""
    held = "".join(
        f"<li>{number(one.number)}<span>{render.source(one.citation, articles, dated=False, short=True)} "
        f'<span class="day">{escape(words.date(one.citation.published))}'
        f"{mark_of(answer, one.citation)}</span></span></li>"
        for one in row.sources
    )
    return (
        f'<tr role="row"><td role="cell" class="words">{stand_line(row)}'
        f"{quoted(lead, _opponent(row))}{tier}{dispute_marks(row.disputes, articles, name)}"
        f"{own_words(row, others)}</td>"
        f'<td role="cell" class="held"><ul>{held}</ul>{leaning(row)}</td></tr>'
    )


def stand_line(row: Row) -> str:
    """What a row says to a yes/no question: a badge where its quote says so, else words that tell where."""
    stand, lead = row.stand, row.sources[0].citation
    if stand.polarity is None:
        return ""
    told = verdict_text(stand.polarity, elsewhere=lead.elsewhere, several=len(row.sources) > 1)
    badge = "verdict" if lead.elsewhere else f"stance {stand.polarity}"
    return f'<p class="{badge}">{escape(told)}</p>'


def quoted(source: SourceSentence, against: tuple[Citation, ConflictKind] | tuple[None] = (None,)) -> str:
    """The sentence, which opens its article; what is quoted is marked, or where it differs from another."""
    one = source.citation
    link = render.article_link(one.article_id, one.start, one.end)
    told = conflicts.quote(one, *against)
    return f'<blockquote><a class="quoted" data-article href="{link}">{told}</a></blockquote>'


def _opponent(row: Row) -> tuple[Citation, ConflictKind] | tuple[None]:
    """Whom a row's words are held against, and in what: the one position that they are told to contradict."""
    if len(row.disputes) != 1 or not row.disputes[0].against:
        return (None,)
    (one,) = row.disputes
    return one.against[0].citation, one.conflict.kind


def dispute_marks(disputes: Sequence[Dispute], articles: Articles, name: str) -> str:
    """A mark for each conflict of a row, under its tier; each opens both sides in place."""
    groups: dict[tuple[str, Relation], list[Dispute]] = {}
    for one in disputes:
        relation: Relation = "update" if one.conflict.possible_update else one.conflict.tier
        groups.setdefault((against_text(one.conflict), relation), []).append(one)
    return "".join(
        f'<div class="marks {relation.replace("_", "-")}">{relation_label(relation, told)}'
        f"{''.join(_mark(one, articles, name) for one in some)}</div>"
        for (told, relation), some in groups.items()
    )


def _mark(one: Dispute, articles: Articles, name: str) -> str:
    """Closed, whom it is against and in which words; opened, both sides."""
    numbers = "".join(number(other.number) for other in one.against)
    against = one.against[0].citation if one.against else one.own[0].citation
    held = conflicts.excerpt(against, one.own[0].citation, one.conflict.kind)
    with_whom = "with source " if len(one.against) == 1 else "with sources "
    return (
        f'<details class="dispute" id="{conflicts.card_id(name, one.number)}"><summary>'
        f'<span class="spoken">{with_whom if one.against else "with itself"}</span>{numbers}{held}</summary>'
        f"{conflicts.sides_beside(one.conflict, articles)}"
        f"{keep_button(conflicts.card_id(name, one.number))}</details>"
    )


def own_words(row: Row, others: Sequence[SourceSentence]) -> str:
    """The sentences of the other sources that hold a position, on demand."""
    if not others:
        return ""
    items = "".join(
        f"<li>{number(one.number)}<div>{_apart(row, one)}{quoted(one)}</div></li>" for one in others
    )
    summary = escape(words.count(len(others), "other source") + " in its own words")
    if len(others) > 1:
        summary = escape(words.count(len(others), "other source") + " in their own words")
    return f'<details class="own-words"><summary>{summary}</summary><ul>{items}</ul></details>'


def _apart(row: Row, one: SourceSentence) -> str:
    """That a source takes the position in other sentences than the one quoted."""
    if row.stand.polarity is None or not one.citation.elsewhere:
        return ""
    return f'<p class="verdict">{escape(verdict_text(row.stand.polarity, elsewhere=True))}</p>'


def leaning(row: Row) -> str:
    """That some who say this only repeat others."""
    stand = row.stand
    if not 0 < stand.independent_sources < len(stand.citations):
        return ""
    return f'<p class="legs">{isolate(words.sources(stand))}</p>'


def byline(answer: Answer, source: SourceSentence, articles: Articles, *, numbered: bool) -> str:
    """Who says it and when, its title, whom it has it from; its number where others have one."""
    one = source.citation
    count = number(source.number) if numbered else ""
    return (
        f'<p class="from">{count}{render.source(one, articles)}{mark_of(answer, one)}'
        f"{render.title_beside(one, articles)}</p>{legs(source, articles) if not numbered else ''}"
    )
