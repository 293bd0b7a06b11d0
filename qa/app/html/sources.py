"""The sources of an answer: each sentence that it quotes or compares once, numbered; and their list as HTML.

A row of the answer's table is one position with its sources; a disagreement stands on the later of its rows.
Sources of the list can be ticked: `sources.js` has the next question asked of these articles alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.app.html import render, words
from qa.app.html.render import Articles, escape
from qa.conflicts.independence import with_copies
from qa.conflicts.tally import Tally, sentence_of
from qa.export.tally import lead_of
from qa.export.text import article_beside, source_of
from qa.records import Answer, Citation, Conflict, Position

SHOWN = 8  # sources at once; the others open on demand
# Either the hint or the button is shown.
ONLY = (
    '<p class="only"><span>Tick sources to ask only these.</span>'
    '<button type="button" data-only hidden>Ask only these</button></p>'
)


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """One sentence of one article, by whose `number` it goes. `copies` are near-copies that say it too."""

    number: int
    citation: Citation
    copies: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Dispute:
    """A conflict by its number, told on a row: `own` are the row's on one side, `against` those on the other.

    Both are of one row where a position contradicts itself.
    """

    number: int
    conflict: Conflict
    own: tuple[SourceSentence, ...]
    against: tuple[SourceSentence, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A position, its sources, first whose words stand for it, and its conflicts with earlier rows."""

    stand: Position
    sources: tuple[SourceSentence, ...]
    disputes: tuple[Dispute, ...] = ()


def rows_of(answer: Answer, tally: Tally) -> tuple[Row, ...]:
    """A row for each position of the tally, in its order; the articles are numbered through, from 1."""
    rows: list[Row] = []
    numbers: dict[str, int] = {}
    for stand in tally.stands:
        lead = lead_of(stand)
        ordered = sorted(stand.citations, key=lambda one: one != lead) if answer.order == "best" else None
        found = with_copies(ordered or stand.citations, answer.copies)
        own = tuple(
            SourceSentence(numbers.setdefault(one.article_id, len(numbers) + 1), one, copies)
            for one, copies in found
        )
        rows.append(Row(stand, own))
    held = _disputes(tally, rows) if rows else {}
    return tuple(Row(row.stand, row.sources, tuple(held.get(at, ()))) for at, row in enumerate(rows))


def _disputes(tally: Tally, rows: Sequence[Row]) -> dict[int, list[Dispute]]:
    """The conflicts by the place of the row that they are told on."""
    row_of, source_of = {}, {}
    for at, row in enumerate(rows):
        for source in row.sources:
            for one in (source.citation, *source.copies):
                row_of[sentence_of(one)], source_of[sentence_of(one)] = at, source
    found: dict[int, list[Dispute]] = {}
    for number, conflict in enumerate(tally.conflicts, 1):
        told = conflict.by_side()
        last = max((row_of[sentence_of(one)], at) for at, side in enumerate(told) for one in side)
        sides = [tuple(dict.fromkeys(source_of[sentence_of(one)] for one in side)) for side in told]
        others = [one for at, side in enumerate(sides) if at != last[1] for one in side]
        against = tuple(sorted(others, key=lambda one: one.number))
        found.setdefault(last[0], []).append(Dispute(number, conflict, sides[last[1]], against))
    return found


def source_list(rows: Sequence[Row], articles: Articles, name: str) -> str:
    """All sources by their numbers, for the turn `name`; nothing where one is all."""
    known = list(
        {source.number: source for row in reversed(rows) for source in reversed(row.sources)}.values()
    )
    known.sort(key=lambda one: one.number)
    if len(known) < 2:
        return ""
    items = [_item(one, articles, name) for one in known]
    more = ""
    if len(items) > SHOWN:
        summary = escape(words.count(len(items) - SHOWN, "further source"))
        more = (
            f'<details class="others"><summary>{summary}</summary><ul>{"".join(items[SHOWN:])}</ul></details>'
        )
    return (
        f'<section class="sources" aria-labelledby="{name}-sources"><h3 id="{name}-sources">Sources</h3>'
        f"<ul>{''.join(items[:SHOWN])}</ul>{more}{ONLY}</section>"
    )


def _item(source: SourceSentence, articles: Articles, name: str) -> str:
    link = render.source(source.citation, articles)
    return (
        f'<li id="{name}-source-{source.number}">{_tick(source.citation, articles)}{number(source.number)}'
        f"<div>{link}{render.title_beside(source.citation, articles)}{legs(source, articles)}</div></li>"
    )


def _tick(citation: Citation, articles: Articles) -> str:
    """The box that chooses its article for the next question, named by outlet and headline."""
    beside = words.shortened(article_beside(articles.get(citation.article_id) or citation), 90)
    called = ": ".join(one for one in (words.shortened(source_of(citation)), beside) if one)
    return (
        f'<label class="pick"><input type="checkbox" data-pick="{escape(citation.article_id)}" '
        f'aria-label="{escape(f"Ask {called}")}"></label>'
    )


def legs(source: SourceSentence, articles: Articles) -> str:
    """Whom it has it from, and which near-copies hold it too."""
    return render.according_to(source.citation) + render.also_in(source.copies, articles)


def number(of: int) -> str:
    """The number by which a source is named beside others."""
    return f'<span class="number">{of}</span>'
