"""The disagreements of a library as HTML: who disagrees with whom, and each one with both its sides."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.records import Span
from qa.app.html import words
from qa.app.html.differences import differing
from qa.app.html.render import article_link, byline, escape, isolated
from qa.conflicts.rulings import Reason, Ruling, Standing, Verdict
from qa.export.survey_report import matrix_of, source_of
from qa.records import Citation, ConflictCheck
from qa.survey.survey import Account, Disagreement, Survey

SHOWN = 20
STATEMENTS_SHOWN = 3  # on a side; copies of one report may be very many

VERDICTS: dict[Verdict, str] = {
    "conflict": "Real conflict",
    "no conflict": "Not a conflict",
    "update": "An update",
}
REASONS: dict[Reason, str] = {
    "rounding": "The same number, rounded",
    "other_entity": "Of different things",
    "other_time": "Of different times",
    "subset": "One is a part of the other",
    "paraphrase": "The same in other words",
    "attribution": "What others say, not the article",
    "update": "It has changed, and the later one says so",
    "other_property": "Of different properties",
    "agreement": "They agree",
    "unrelated": "They have nothing to do with each other",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which to show; "" lets all through. `ruled` is "open" or "ruled"."""

    kind: str = ""
    source: str = ""
    against: str = ""
    ruled: str = ""

    def holds(self, one: Disagreement, ruling: Ruling | None) -> bool:
        """Whether it is one of them."""
        if self.kind and one.kind != self.kind:
            return False
        if self.ruled and (self.ruled == "ruled") != (ruling is not None):
            return False
        mine, theirs = (_sources(side) for side in (one.one, one.other))
        if self.source and self.against:
            return _between(self.source, self.against, mine, theirs)
        return not (self.source or self.against) or bool({self.source, self.against} & (mine | theirs))


def key_of(one: Disagreement) -> str:
    """What the page calls a disagreement: of its kind and its first statements, so the same next time."""
    places = [(side.citations[0].article_id, side.citations[0].start) for side in (one.one, one.other)]
    return hashlib.sha256(repr((one.kind, one.one.value, one.other.value, places)).encode()).hexdigest()[:16]


def question_of(one: Disagreement) -> str:
    """The question that a ruling on it answers: nobody asked one, so both values make it."""
    return f"Which is right: {one.one.value} or {one.other.value}?"


def source_counts(found: Iterable[Disagreement]) -> list[tuple[str, int]]:
    """Each source and how many disagreements it takes part in, most first."""
    counts = Counter(name for one in found for name in _sources(one.one) | _sources(one.other))
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def summary(found: Survey) -> str:
    """How many there are and what was compared: found, none found and not checked, equally visible."""
    check = found.check
    if check.status == "not_checked":
        title, note = "Not checked for disagreements", words.sentence(check.reason)
        return _state("unchecked", title, note)
    if not found.disagreements:
        title = words.none_found(check).replace("conflict", "disagreement")
        note = (
            "Numbers, dates, names, denials and certainty were compared where two articles speak of "
            "the same thing; what they leave out was not. A question of your own compares more: ask it."
        )
        return _state("none", title, f"{note}{_limit(check)}")
    many, articles = len(found.disagreements), words.count(found.articles, "article")
    kinds = Counter(one.kind for one in found.disagreements).most_common()
    told = words.sentence(", ".join(f"{words.KINDS[kind].lower()}: {count:,}" for kind, count in kinds))
    note = f"{told} {words.compared(check)}{_limit(check)}"
    return _state("found", f"{words.count(many, 'disagreement')} in {articles}", note)


def matrix(found: Sequence[Disagreement]) -> str:
    """Source by source, as a table whose figures choose what the list shows; nothing without any."""
    if not found:
        return ""
    drawn = matrix_of(found)
    width = len(drawn.names)
    heads = "".join(
        f'<th scope="col" title="{escape(name)}"><span>{isolated(short)}</span></th>'
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
            strong = cell.strength > 0.6
            # Nothing between: on half a tint neither dark nor light figures can be read.
            heat = 80 + 50 * (cell.strength - 0.6) if strong else 60 * cell.strength
            cells.append(
                f'<td><button type="button" class="heat{" strong" * strong}" style="--heat: {heat:.0f}%" '
                f'data-source="{escape(name)}" data-against="{escape(other)}" title="{escape(cell.words)}" '
                f'aria-label="{escape(cell.words)}: show them"{skipped}>{cell.count:,}</button></td>'
            )
        rows.append(f'<tr><th scope="row" title="{escape(name)}">{isolated(short)}</th>{"".join(cells)}</tr>')
    rest = f" {drawn.left_out} more, with fewer disagreements, are not drawn." if drawn.left_out else ""
    return (
        '<h2 id="matrix-title">Source by source</h2>'
        '<div class="wide" tabindex="0" role="group" aria-label="The table, which scrolls">'
        '<table class="matrix" aria-labelledby="matrix-title"><thead><tr><td></td>'
        f"{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        f'<p class="soft">{escape(drawn.summary)}{rest} Choose a figure to see those.</p>'
    )


def listing(
    shown: Sequence[Disagreement], standing: Standing, *, first: int, of: int, every: int, read_only: bool
) -> str:
    """One page of disagreements; `first` is the number of the first one of `of`, out of `every` in all."""
    if not every:
        return ""
    if not of:
        text = "No disagreement is of this kind and between these sources. Choose others."
        return f'<div class="list" data-first="0"><h2 tabindex="-1">None to show</h2><p>{text}</p></div>'
    last = first + len(shown) - 1
    title = f"{first:,} to {last:,} of {of:,}" if of > len(shown) else words.count(of, "disagreement")
    rest = f" ({every:,} without the filters)" if of < every else ""
    cards = "".join(
        card(one, standing.of(one.conflict), number, read_only=read_only)
        for number, one in enumerate(shown, first)
    )
    return (
        f'<div class="list" data-first="{first}"><h2 tabindex="-1">{escape(title + rest)}</h2>'
        f'<ol class="cards" start="{first}">{cards}</ol></div>'
    )


def card(one: Disagreement, ruling: Ruling | None, number: int, *, read_only: bool) -> str:
    """Kind, both values, each side's quotes with the words that differ marked, and what was ruled."""
    update = '<span class="badge update">Possibly an update</span>' if one.possible_update else ""
    badges = f'<span class="badge">{escape(words.KINDS[one.kind])}</span>{update}'
    sure = f'<span class="sure">{escape(words.percent(one.score))} sure</span>'
    sides = _side(one.one, one.other) + _side(one.other, one.one)
    key = key_of(one)
    told = _ruled(ruling) if read_only else _ruling_buttons(one, ruling)
    return (
        f'<li class="card" data-pair="{key}" aria-labelledby="pair-{key}">'
        f'<p class="badges"><span class="number">{number:,}</span>{badges}{sure}</p>'
        f'<h3 class="explanation" id="pair-{key}">{isolated(one.conflict.explanation)}</h3>'
        f'<ul class="sides">{sides}</ul>{told}</li>'
    )


def marked_words(text: str, spans: Sequence[Span]) -> str:
    """`text` with several stretches marked; underlined as a whole where there are none."""
    if not spans:
        return f'<bdi><mark class="all">{escape(text)}</mark></bdi>'
    parts, at = [], 0
    for span in spans:
        parts += [escape(text[at : span.start]), f"<mark>{escape(text[span.start : span.end])}</mark>"]
        at = span.end
    return f"<bdi>{''.join(parts)}{escape(text[at:])}</bdi>"


def _side(account: Account, against: Account) -> str:
    other = against.citations[0].sentence
    items = [_statement(one, account.value, other) for one in account.citations]
    rest = items[STATEMENTS_SHOWN:]
    more = f"<details><summary>{len(rest):,} more say so</summary>{''.join(rest)}</details>" if rest else ""
    return f'<li><p class="value">{isolated(account.value)}</p>{"".join(items[:STATEMENTS_SHOWN])}{more}</li>'


def _statement(one: Citation, value: str, other: str) -> str:
    who = byline(words.shortened(source_of(one)), words.source_facts(one))
    link = article_link(one.article_id, one.start, one.end)
    quote = marked_words(one.quote, _telling(one.quote, value, other))
    return f'<a class="source" data-article href="{link}">{who}</a><blockquote>{quote}</blockquote>'


def _telling(quote: str, value: str, other: str) -> tuple[Span, ...]:
    """What the disagreement is about: the value where it stands in the quote, else the words that differ."""
    at = quote.find(value) if value else -1
    return (Span(at, at + len(value)),) if at >= 0 else differing(quote, other)


def _ruling_buttons(one: Disagreement, ruling: Ruling | None) -> str:
    verdict = ruling.verdict if ruling else None
    buttons = "".join(
        f'<button type="button" data-verdict="{name}" aria-pressed="{str(name == verdict).lower()}">'
        f"{label}</button>"
        for name, label in VERDICTS.items()
    )
    why = _why(ruling) if ruling and verdict == "no conflict" else ""
    label = escape(f"Your ruling: {one.conflict.explanation}")
    return f'<div class="ruling" role="group" aria-label="{label}">{buttons}{why}{_when(ruling)}</div>'


def _why(ruling: Ruling) -> str:
    chosen = ruling.reason or ""
    options = "".join(
        f'<option value="{name}"{" selected" if name == chosen else ""}>{escape(label)}</option>'
        for name, label in [("", "Why not?"), *REASONS.items()]
    )
    return f'<select data-reason aria-label="Why it is not a conflict">{options}</select>'


def _when(ruling: Ruling | None) -> str:
    return f'<span class="soft">ruled {escape(words.date(ruling.ruled))}</span>' if ruling else ""


def _ruled(ruling: Ruling | None) -> str:
    if ruling is None:
        return ""
    why = f": {REASONS[ruling.reason].lower()}" if ruling.reason else ""
    return f'<p class="ruling"><b>{VERDICTS[ruling.verdict]}</b>{escape(why)} {_when(ruling)}</p>'


def _state(name: str, title: str, note: str) -> str:
    return (
        f'<section class="conflicts {name}" aria-labelledby="survey-state"><h2 id="survey-state">'
        f'<span class="sign" aria-hidden="true"></span>{escape(title)}</h2>'
        f'<p class="note">{escape(note)}</p></section>'
    )


def _limit(check: ConflictCheck) -> str:
    return f" Only {check.reason}." if check.reason else ""


def _sources(account: Account) -> set[str]:
    return {source_of(one) for one in account.citations}


def _between(one: str, other: str, mine: set[str], theirs: set[str]) -> bool:
    return (one in mine and other in theirs) or (other in mine and one in theirs)
