"""Who says what, as HTML: one table, a row for each source with its own sentence, its stance and its date.

What disagrees is marked on the rows: with which, and in what; a mark opens the card of the conflict.
"""

from collections.abc import Sequence

from qa.app.html import render, words
from qa.app.html.conflicts import card_id, quote, shape
from qa.app.html.render import Articles, escape, isolate
from qa.app.html.sources import Dispute, SourceSentence, disputes, sources
from qa.app.html.timeline import mark_of
from qa.export.text import ALSO, STANCES, stance
from qa.records import Answer, ConflictTier, Position

SHOWN = 6  # rows at once; the others open on demand, but none that disagrees
SAME = "Says the same"
OWN = "The answer"

# Before the sources that a row stands against: by tier, and whether that may be an update.
_MARKS: dict[tuple[ConflictTier, bool], str] = {
    ("disagree", False): "Disagrees with",
    ("may_disagree", False): "May disagree with",
    ("disagree", True): "Differs, perhaps as an update, from",
    ("may_disagree", True): "May differ, perhaps as an update, from",
}


def stance_line(position: Position) -> str:
    """What a position says to a yes/no question, where that is sure."""
    told = stance(position)
    return f'<p class="stance {position.polarity}">{escape(told)}</p>' if told else ""


def who_says_what(answer: Answer, articles: Articles, name: str) -> str:
    """The table of all that is said to the question of the turn `name`; nothing where one source is all."""
    known = sources(answer)
    if len(known) < 2:
        return ""
    held = disputes(answer, known)
    calm = [one for one in known if one.number not in held]
    folded = calm[max(0, SHOWN - len(held)) :]
    shown = [one for one in known if one not in folded]
    verdicts = words.has_verdict(answer)
    told = {one.number: _stance(one, held.get(one.number, []), verdicts=verdicts) for one in known}

    def table(rows: Sequence[SourceSentence], label: str) -> str:
        body = "".join(
            row(
                one,
                held.get(one.number, []),
                articles,
                name,
                above=one.own and one.citation.quote == answer.text,
                age=mark_of(answer, one.citation),
                stance=told[one.number] if any(told.values()) else None,
            )
            for one in rows
        )
        return _table(body, label, stances=any(told.values()))

    more = ""
    if folded:
        summary = escape(words.count(len(folded), "further source"))
        rest = table(folded, "Further sources")
        more = f'<details class="others"><summary>{summary}</summary>{rest}</details>'
    lacking = words.missing_verdicts(answer)
    nobody = f'<p class="nobody">{escape(lacking)}</p>' if lacking else ""
    return (
        f'<section class="says" aria-labelledby="{name}-says {name}-question">'
        f'<h3 id="{name}-says">Who says what</h3>{table(shown, "Who says what")}{more}{nobody}</section>'
    )


def _table(body: str, label: str, *, stances: bool) -> str:
    # The roles keep it a table for screen readers where the style lays its rows out as blocks.
    heads = ["Source", "In its own words", *(["Stance"] if stances else []), "Published"]
    columns = "".join(f'<th role="columnheader" scope="col">{head}</th>' for head in heads)
    return (
        f'<table role="table" aria-label="{escape(label)}"><thead role="rowgroup">'
        f'<tr role="row">{columns}</tr></thead><tbody role="rowgroup">{body}</tbody></table>'
    )


def row(
    source: SourceSentence,
    held: Sequence[Dispute],
    articles: Articles,
    name: str,
    *,
    above: bool = False,
    age: str = "",
    stance: str | None = None,
) -> str:
    """One source; `held` are the conflicts that it takes part in.

    Sentence and title of one that stands `above`, as the answer, are not told again. `age` is what
    `qa.app.html.timeline.mark` makes. The `stance` is in a column of its own, None where no source has any.
    """
    kind = "own" if source.own else "disputed" if held else "calm"
    said = f'<p class="label">{OWN}</p>' if above else _own_words(source, held)
    link = render.source(source.citation, articles, dated=False)
    link += "" if above else render.title_beside(source.citation, articles)
    takes = f'<td role="cell" class="takes">{stance}</td>' if stance is not None else ""
    return (
        f'<tr role="row" class="{kind}" id="{source_id(name, source.number)}">'
        f'<th role="rowheader" scope="row">{number(source.number)}'
        f'<span class="named">{link}</span></th>'
        f'<td role="cell" class="words">{said}{render.according_to(source.citation)}'
        f"{render.also_in(source.copies, articles)}{_legs(source)}{marks(held, name)}</td>{takes}"
        f'<td role="cell" class="day">{escape(words.days(source.citation))}{age}</td></tr>'
    )


def source_id(name: str, number: int) -> str:
    """The name of a source's row in the page."""
    return f"{name}-source-{number}"


def number(of: int) -> str:
    """The number by which a source is named beside others."""
    return f'<span class="number">{of}</span>'


def marks(held: Sequence[Dispute], name: str) -> str:
    """With which sources a row disagrees, or may, and in what; each opens the card of the conflict."""
    lines = []
    for kind, label in _MARKS.items():
        some = [one for one in held if (one.conflict.tier, one.conflict.possible_update) == kind]
        if some:
            links = " ".join(_mark(one, name) for one in some)
            lines.append(f'<p class="marks {shape(some[0].conflict)}">{label} {links}</p>')
    return "".join(lines)


def _mark(one: Dispute, name: str) -> str:
    kind = words.KINDS[one.conflict.kind].lower()
    numbers = words.join_names(str(other.number) for other in one.against) or "itself"
    return (
        f'<a class="mark" data-opens href="#{card_id(name, one.number)}">'
        f'<span class="spoken">{"source " if one.against else ""}</span>{escape(numbers)}'
        f'<span class="kind">{escape(kind)}</span></a>'
    )


def _own_words(source: SourceSentence, held: Sequence[Dispute]) -> str:
    """The sentence with what is quoted of it marked; beside a conflict the words that differ."""
    whole = source.citation.quote == source.citation.sentence
    against = next((other.citation for one in held for other in one.against), None)
    if whole and against is not None:
        return f"<blockquote>{quote(source.citation, against)}</blockquote>"
    if len(source.spans) > 1:
        return f"<blockquote>{render.mark_each(source.citation.sentence, source.spans)}</blockquote>"
    return f"<blockquote>{render.sentence(source.citation)}</blockquote>"


def _legs(source: SourceSentence) -> str:
    """That some who say this only repeat others; of the answer's position `words.support` tells it."""
    position = source.position
    if position is None or source.same or position.independent_sources == len(position.citations):
        return ""
    first = position.citations[0] == source.citation
    return f'<p class="legs">{isolate(words.sources(position))}</p>' if first else ""


def _stance(source: SourceSentence, held: Sequence[Dispute], *, verdicts: bool) -> str:
    """What it says to a yes/no question that any has a sure verdict on; else how it stands to the answer.

    "" for the answer itself, and where a conflict with it tells that.
    """
    if source.polarity is not None:
        return f'<span class="stance {source.polarity}">{escape(STANCES[source.polarity])}</span>'
    if source.same or verdicts:
        return SAME if source.same and not source.own else ""
    against_it = any(other.same for one in held for other in one.against)
    return "" if source.position is None or against_it else ALSO
