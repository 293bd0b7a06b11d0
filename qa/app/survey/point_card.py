"""A point at issue as a card: what it is about, each position with its sources, and what people ruled."""

from collections.abc import Sequence

from qa.app.html import conflicts, words
from qa.app.html.render import (
    Articles,
    according_to,
    also_in,
    escape,
    isolate,
    keep_button,
    source,
    title_beside,
)
from qa.app.survey.filters import DisagreementEntry, PointEntry, Rulings, is_ruled_out
from qa.conflicts.independence import Copies, with_copies
from qa.conflicts.rulings import Reason, Ruling, Verdict
from qa.export.text import TIERS, source_of
from qa.records import Citation
from qa.survey.points import Point, PointPosition

STATEMENTS_SHOWN = 1  # of a position; the others open on demand

VERDICTS: dict[Verdict, str] = {
    "conflict": "Real conflict",
    "no conflict": "Not a conflict",
    "update": "An update",
}
REASONS: dict[Reason, str] = {
    "rounding": "The same number, rounded",
    "other_entity": "About different things",
    "other_time": "About different times",
    "subset": "One is a part of the other",
    "paraphrase": "The same in other words",
    "attribution": "What others say, not the article",
    "update": "It has changed, and the later one says so",
    "other_property": "About different properties",
    "agreement": "They agree",
    "unrelated": "They have nothing to do with each other",
}


def card(
    one: PointEntry,
    rulings: Rulings,
    number: int,
    articles: Articles,
    *,
    copies: Copies = (),
    read_only: bool = False,
    level: int = 3,
    kept: str = "",
    in_notebook: bool = False,
) -> str:
    """The point, its positions, and a place to rule: on all that is opposed, or on two statements.

    `articles` holds those that are quoted at once; `kept` is the key of the pair that was ruled on last,
    `in_notebook` whether the point is kept there.
    """
    point, held = one.point, _rulings_of(one.entries, rulings)
    common = held[0] if held and len({ruling and ruling.verdict for ruling in held}) == 1 else None
    state = f" ruled {common.verdict.replace(' ', '-')}" if common else ""
    shape = one.tier(rulings).replace("_", "-")
    note = _update_note(point, common)
    rulers = _rulers(one, held, common, read_only=read_only, kept=kept)
    return (
        f'<li class="card point {shape}{state}" data-pair="{one.key}" aria-labelledby="{one.key}">'
        f'<p class="badges"><span class="number">{number:,}</span>{_badges(one, rulings, held, common)}</p>'
        f'<h{level} class="explanation" id="{one.key}">“{isolate(point.heading)}”</h{level}>'
        f"{note}{_positions(one, rulings, articles, copies)}"
        f'<p class="sure">{escape(_sureness(one, rulings, common))}</p>{rulers}'
        f"{'' if read_only else keep_button(one.key, kept=in_notebook)}</li>"
    )


def shown_statements(point: Point) -> list[Citation]:
    """Those that a card shows at once, whose articles it needs."""
    return [one for position in point.positions for one in _ordered(position)[:STATEMENTS_SHOWN]]


def _rulings_of(entries: Sequence[DisagreementEntry], rulings: Rulings) -> list[Ruling | None]:
    """That of each of them; empty where nobody ruled on any."""
    found = [rulings.get(one.key) for one in entries]
    return found if any(found) else []


def _badges(one: PointEntry, rulings: Rulings, held: Sequence[Ruling | None], common: Ruling | None) -> str:
    tier = one.tier(rulings)
    update = one.point.possible_update if common is None else common.verdict == "update"
    told = [("tier " + tier.replace("_", "-"), TIERS[tier]), ("kind", words.KINDS[one.point.kind])]
    told += [("update", "Possibly an update")] if update else []
    if held:
        told.append(("ruled", VERDICTS[common.verdict] if common else "Ruled in part"))
    return "".join(f'<span class="badge {kind}">{escape(said)}</span>' for kind, said in told)


def _sureness(one: PointEntry, rulings: Rulings, common: Ruling | None) -> str:
    update = one.point.possible_update if common is None else common.verdict == "update"
    often = words.how_often(one.tier(rulings), update=update)
    return f"{often}. How sure: {words.percent(one.point.score)}."


def _update_note(point: Point, common: Ruling | None) -> str:
    """What an update is, where it may be one, or was ruled one."""
    if common.verdict != "update" if common else not point.possible_update:
        return ""
    names = {cited.article_id: source_of(cited) for cited in point.statements}
    return f'<p class="later">{isolate(words.update_note(point.disagreements[0].conflict, names))}</p>'


def _positions(one: PointEntry, rulings: Rulings, articles: Articles, copies: Copies) -> str:
    """A row for each position: its value and how many say so, its shortest statement, and the others."""
    rows = []
    for position in one.point.positions:
        opposing = [each for each in one.entries if _holds(each, position)]
        out = all(is_ruled_out(each, rulings) for each in opposing) and bool(opposing)
        rows.append(_position(position, _against(position, one.point), articles, copies, out=out))
    values = any(position.value for position in one.point.positions)
    return f'<ol class="positions{" valued" if values else ""}">{"".join(rows)}</ol>'


def _position(
    position: PointPosition, against: Citation | None, articles: Articles, copies: Copies, *, out: bool
) -> str:
    told = [
        _statement(one, against, articles, others) for one, others in with_copies(_ordered(position), copies)
    ]
    first, rest = told[:STATEMENTS_SHOWN], told[STATEMENTS_SHOWN:]
    summary = f"<summary>{escape(words.count(len(rest), 'more statement'))} of this</summary>"
    more = f'<details class="others">{summary}{"".join(rest)}</details>' if rest else ""
    many = words.count(position.independent_sources, "source")
    value = f"<b>{isolate(position.value)}</b> " if position.value else ""
    return (
        f'<li{" class=out" if out else ""}><p class="value">{value}<span class="soft">{many}</span></p>'
        f'<div class="told">{"".join(first)}{more}</div></li>'
    )


def _statement(
    one: Citation, against: Citation | None, articles: Articles, others: Sequence[Citation]
) -> str:
    """Its sentence with what makes the difference marked, who says it when, and who repeats it."""
    title = "" if one.publisher else title_beside(one, articles)
    return (
        f"<blockquote>{conflicts.quote(one, against)}</blockquote>{source(one, articles)}{title}"
        f"{according_to(one)}{also_in(others, articles)}"
    )


def _ordered(position: PointPosition) -> list[Citation]:
    """The shortest statement first, the others by date."""
    first = position.shortest
    return sorted(position.citations, key=lambda one: one != first)


def _against(position: PointPosition, point: Point) -> Citation | None:
    """The shortest statement of what opposes a position first, to mark what differs."""
    mine = {(one.article_id, one.sentence_start) for one in position.citations}
    for each in point.disagreements:
        for here, there in ((each.one, each.other), (each.other, each.one)):
            if any((one.article_id, one.sentence_start) in mine for one in here.citations):
                return min(there.citations, key=lambda one: len(one.sentence))
    return None


def _holds(entry: DisagreementEntry, position: PointPosition) -> bool:
    """Whether a disagreement opposes something to the position."""
    return not {*entry.disagreement.conflict.statements}.isdisjoint(position.citations)


def _rulers(
    one: PointEntry,
    held: Sequence[Ruling | None],
    common: Ruling | None,
    *,
    read_only: bool,
    kept: str,
) -> str:
    """On all that is opposed; where that is more than one pair of accounts, below it on each alone."""
    name = f"“{one.point.heading}”"
    whole = _ruling_note(common) if read_only else _ruling_buttons(name, common)
    if len(one.entries) == 1:
        return whole + _compare(one.entries[0])
    rulings = list(held) or [None] * len(one.entries)
    items = "".join(
        _pair(entry, ruling, read_only=read_only) for entry, ruling in zip(one.entries, rulings, strict=True)
    )
    chosen = any(kept == entry.key for entry in one.entries)
    unlike = bool(held) and common is None
    said = "Look at two at a time" if read_only else "Look at, or rule on, two at a time"
    return (
        f'{whole}<details class="pairs"{" open" if chosen or unlike else ""}>'
        f"<summary>{said} ({len(one.entries):,} pairs)</summary><ul>{items}</ul></details>"
    )


def _pair(one: DisagreementEntry, ruling: Ruling | None, *, read_only: bool) -> str:
    """Two accounts that are opposed, the way to both, and what was ruled on them."""
    conflict = one.disagreement.conflict
    against = (
        conflict.explanation
        if one.disagreement.one.amount and one.disagreement.other.amount
        else conflicts.opponents(conflict)
    )
    rulers = _ruling_note(ruling) if read_only else _ruling_buttons(against, ruling)
    return f'<li data-pair="{one.key}"><p class="against">{isolate(against)}</p>{_compare(one)}{rulers}</li>'


def _compare(one: DisagreementEntry) -> str:
    return conflicts.compare_link([side.citations for side in one.disagreement.accounts])


def _ruling_buttons(name: str, ruling: Ruling | None) -> str:
    verdict = ruling.verdict if ruling else None
    buttons = "".join(
        f'<button type="button" data-verdict="{each}" aria-pressed="{str(each == verdict).lower()}">'
        f"{label}</button>"
        for each, label in VERDICTS.items()
    )
    why = _reason_menu(ruling) if ruling and verdict == "no conflict" else ""
    undo = '<button type="button" class="plain" data-verdict="withdrawn">Undo</button>' if ruling else ""
    label = escape(f"Your ruling: {name}")
    date = _ruling_date(ruling)
    return f'<div class="ruling" role="group" aria-label="{label}">{buttons}{why}{date}{undo}</div>'


def _reason_menu(ruling: Ruling) -> str:
    chosen = ruling.reason or ""
    options = "".join(
        f'<option value="{name}"{" selected" if name == chosen else ""}>{escape(label)}</option>'
        for name, label in [("", "Why not?"), *REASONS.items()]
    )
    return f'<select data-reason aria-label="Why it is not a conflict">{options}</select>'


def _ruling_date(ruling: Ruling | None) -> str:
    return f'<span class="soft">ruled {escape(words.date(ruling.ruled))}</span>' if ruling else ""


def _ruling_note(ruling: Ruling | None) -> str:
    if ruling is None:
        return ""
    why = f": {REASONS[ruling.reason].lower()}" if ruling.reason else ""
    return f'<p class="ruling"><b>{VERDICTS[ruling.verdict]}</b>{escape(why)} {_ruling_date(ruling)}</p>'
