"""Disagreements at a glance, as HTML: which source is against which, and when the statements were published.

Each figure is a button that narrows the list to what it counts; pressed once more, it widens it again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.scope import days
from qa.app.html import words
from qa.app.html.render import escape, isolate
from qa.app.survey.filters import Entries, PointEntry, Rulings, Wanted
from qa.export.survey_report import matrix_of

SOURCES_DRAWN = 12  # rows and columns of the matrix, those with the most disagreements
PERIODS_DRAWN = 15  # rows of the timeline
TOLD = 2  # disagreements named in a row of it
_DAY, _MONTH, _YEAR = 10, 7, 4  # characters of an ISO date


def filter_change(changes: Mapping[str, str]) -> str:
    """The attribute of a button that changes these filters."""
    return f'data-want="{escape(json.dumps(dict(changes), ensure_ascii=False))}"'


def heading(one: PointEntry) -> str:
    """The values, where that is what is opposed, else what the point is called. Plain text, not escaped."""
    values = [position.value for position in one.point.positions]
    return " against ".join(values) if all(values) and len(values) < 4 else f"“{one.point.heading}”"


def matrix(entries: Entries, wanted: Wanted, rulings: Rulings) -> str:
    """Source by source, as a table, of what is wanted whatever the sources; nothing without any."""
    whoever = wanted.without("source", "against")
    found = entries.count(whoever, rulings)
    if not found:
        return ""
    drawn = matrix_of((entries.opposed(one, whoever, rulings) for one in found), SOURCES_DRAWN)
    width = len(drawn.names)
    chosen = {wanted.source, wanted.against} if wanted.source and wanted.against else set()
    heads = "".join(
        f'<th scope="col" title="{escape(name)}"><span>{isolate(short)}</span></th>'
        for name, short in drawn.names
    )
    rows = []
    for row, (name, short) in enumerate(drawn.names):
        cells = []
        for column, cell in enumerate(drawn.cells[row * width : (row + 1) * width]):
            if not cell.count:
                cells.append("<td></td>")
                continue
            # The lower half mirrors the upper one: reachable once by keyboard is enough.
            skipped = ' tabindex="-1"' if column < row else ""
            other = drawn.names[column][0]
            pressed = chosen == {name, other}
            change = filter_change(dict.fromkeys(("source", "against"), "")) if pressed else filter_change(
                {"source": name, "against": other}
            )  # fmt: skip
            strong = cell.strength > 0.6
            # Nothing between: on half a tint neither dark nor light figures can be read.
            heat = 80 + 50 * (cell.strength - 0.6) if strong else 60 * cell.strength
            cells.append(
                f'<td><button type="button" class="heat{" strong" * strong}" style="--heat: {heat:.0f}%" '
                f'{change} data-at="matrix {row} {column}" aria-pressed="{str(pressed).lower()}" '
                f'title="{escape(cell.words)}" aria-label="{escape(cell.words)}"{skipped}>'
                f"{cell.count:,}</button></td>"
            )
        rows.append(f'<tr><th scope="row" title="{escape(name)}">{isolate(short)}</th>{"".join(cells)}</tr>')
    rest = f" {drawn.left_out:,} more, with fewer disagreements, are not drawn." if drawn.left_out else ""
    table = (
        '<div class="wide scrolls" tabindex="0" role="group" aria-label="The table, which scrolls">'
        '<table class="matrix" aria-labelledby="matrix-title"><thead><tr><td></td>'
        f"{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        '<p class="cue soft" hidden>More sources to the right: scroll the table.</p>'
        f'<p class="soft">{escape(drawn.summary)}{rest} Choose a figure to see its disagreements.</p>'
    )
    return _fold("matrix", "Source by source", table)


def timeline(entries: Entries, wanted: Wanted, rulings: Rulings) -> str:
    """The times at which statements were published, of what is wanted whatever the time; the newest last.

    By day where these are few, else by month or year. A disagreement stands at each time at which one of its
    statements was published.
    """
    whenever = wanted.without("since", "until")
    found = entries.count(whenever, rulings)
    dated = [one for one in found if one.published]
    if not dated:
        return ""
    periods, earlier = periods_of(dated)
    at = {period: entries.count(replace(whenever, since=period, until=period), rulings) for period in periods}
    most = max(map(len, at.values()))
    rows = "".join(_row(period, at[period], most, wanted) for period in periods)
    undated = len(found) - len(dated)
    notes = [
        f"{words.count(undated, 'disagreement')} without a dated statement." if undated else "",
        f"{words.count(earlier, 'earlier time')} not drawn." if earlier else "",
        "Choose a time to see the disagreements with a statement published then.",
    ]
    body = (
        f'<ol class="timeline" aria-labelledby="timeline-title">{rows}</ol>'
        f'<p class="soft">{escape(" ".join(note for note in notes if note))}</p>'
    )
    return _fold("timeline", "Over time", body)


def periods_of(dated: Sequence[PointEntry]) -> tuple[list[str], int]:
    """ISO days, months or years, as fine as few enough of them are drawn; and how many older are left out."""
    found: list[str] = []
    for precision in (_DAY, _MONTH, _YEAR):
        found = sorted({date[:precision] for one in dated for date in one.published})
        if len(found) <= PERIODS_DRAWN:
            return found, 0
    return found[-PERIODS_DRAWN:], len(found) - PERIODS_DRAWN


def _row(period: str, found: Sequence[PointEntry], most: int, wanted: Wanted) -> str:
    pressed = bool(wanted.since) and _ends(wanted) == days(period)
    change = filter_change(dict.fromkeys(("since", "until"), "" if pressed else period))
    told = [isolate(words.shortened(heading(one), 60)) for one in found[:TOLD]]
    rest = [f"{len(found) - TOLD:,} more"] if len(found) > TOLD else []
    when = words.date(period)
    return (
        f'<li><button type="button" {change} data-at="timeline {escape(period)}" '
        f'aria-pressed="{str(pressed).lower()}"><span class="time">'
        f'<time datetime="{escape(period)}">{escape(when)}</time></span>'
        f'<span class="much" style="--share: {len(found) / most:.3f}">{len(found):,}'
        f'<span class="spoken"> {"disagreement" if len(found) == 1 else "disagreements"}:</span></span> '
        f'<span class="told">{"; ".join([*told, *rest])}</span></button></li>'
    )


def _ends(wanted: Wanted) -> tuple[str, str]:
    """The first and the last day that is wanted."""
    whole = wanted.with_whole_days()
    return whole.since, whole.until


def _fold(name: str, title: str, body: str) -> str:
    """A part that can be folded; `page.py` has it open where there is room beside the list."""
    return (
        f'<details class="chart" data-fold="{name}"><summary><h2 id="{name}-title">{title}</h2></summary>'
        f"{body}</details>"
    )
