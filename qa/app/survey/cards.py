"""The disagreements of a library as HTML: how many, which are wanted, and each one as beside an answer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from qa.app.html import conflicts, words
from qa.app.html.render import Articles, escape, isolate
from qa.app.survey.charts import filter_change, heading
from qa.app.survey.filters import DisagreementEntry, Entries, Rulings, Wanted
from qa.conflicts.rulings import Reason, Ruling, Verdict
from qa.export.text import limits, no_disagreement_text
from qa.records import Conflict
from qa.survey.survey import Survey

SHOWN = 10  # disagreements a page; on a phone each fills two thirds of the screen

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
RULED = {"open": "Not ruled yet", "ruled": "Ruled"}


def summary(found: Survey) -> str:
    """How many there are and what was compared; or, in neutral words, that nothing was found or compared."""
    check = found.check
    if check.status == "not_checked":
        title, note = "Not checked for disagreements", words.sentence(check.reason)
        return _state("unchecked", title, note)
    if not found.disagreements:
        title, left = no_disagreement_text(check)
        note = (
            "Each statement was compared with those nearest in meaning in other articles; what the articles "
            f"leave out was not compared. Asking a question of your own compares more. {left}"
        )
        return _state("compared", title, note.rstrip())
    articles = words.count(found.articles, "article")
    kinds = Counter(one.kind for one in found.disagreements).most_common()
    told = words.sentence(", ".join(f"{words.KINDS[kind].lower()}: {count:,}" for kind, count in kinds))
    note = f"{told} {words.comparison_summary(check)} {limits(check)}"
    title = f"{words.in_tiers(one.tier for one in found.disagreements)} in {articles}"
    return _state(f"found {conflicts.shape(found.disagreements[0].conflict)}", title, note.rstrip())


def topics(entries: Entries, wanted: Wanted, rulings: Rulings) -> str:
    """The names most often in the disagreements, each a choice of topic; nothing without any."""
    items = []
    for name, many in entries.names(wanted, rulings):
        pressed = wanted.topic == name
        change = filter_change({"topic": "" if pressed else name})
        items.append(
            f'<li><button type="button" {change} data-at="topic {escape(name)}" '
            f'aria-pressed="{str(pressed).lower()}">{isolate(name)} <span class="soft">{many:,}</span>'
            "</button></li>"
        )
    if not items:
        return ""
    label = '<span id="topics-title" class="soft">Named most often</span>'
    return f'<div class="topics">{label}<ul aria-labelledby="topics-title">{"".join(items)}</ul></div>'


def active_filters(entries: Entries, wanted: Wanted, rulings: Rulings) -> str:
    """Which filters are set, each with a cross, and a way to clear all; and how many are ruled on."""
    chips = [_chip(name, label) for name, label in filter_labels(wanted).items()]
    none = filter_change(dict.fromkeys(wanted.active(), ""))
    clear = f'<button type="button" class="plain" {none} data-at="clear">Clear all filters</button>'
    shown = f'<div class="chips"><ul aria-label="Filters">{"".join(chips)}</ul>{clear}</div>'
    return f"{shown if chips else ''}{_ruling_counts(entries, wanted, rulings)}"


def filter_labels(wanted: Wanted) -> dict[str, str]:
    """Each filter that is set, in words."""
    labels = {
        "topic": f"“{wanted.topic}”",
        "kind": next((label for kind, label in words.KINDS.items() if kind == wanted.kind), wanted.kind),
        "source": words.shortened(wanted.source),
        "against": f"against {words.shortened(wanted.against)}",
        "since": f"from {_date(wanted.since)}",
        "until": f"until {_date(wanted.until)}",
        "ruled": RULED.get(wanted.ruled, ""),
    }
    return {name: labels[name] for name in wanted.active()}


def listing(
    shown: Sequence[DisagreementEntry],
    wanted: Wanted,
    entries: Entries,
    rulings: Rulings,
    articles: Articles,
    *,
    first: int,
    of: int,
    read_only: bool,
) -> str:
    """One page of disagreements; `first` is the number of the first one of `of`. Nothing where all is empty.

    `articles` holds those that are quoted first, for their names and what stands around a quote.
    """
    every = len(entries.all)
    if not every:
        return ""
    if not of:
        none = f"None of {words.count(every, 'disagreement')} fits all filters"
        ways = _ways_out(entries, wanted, rulings)
        return f'<div class="list" data-first="0"><h2 tabindex="-1">{none}</h2>{ways}</div>'
    last = first + len(shown) - 1
    title = f"{of:,} of {every:,} disagreements" if of < every else words.count(of, "disagreement")
    place = f": {first:,} to {last:,}" if of > len(shown) else ""
    cards = "".join(
        card(one, rulings.get(one.key), number, articles, read_only=read_only)
        for number, one in enumerate(shown, first)
    )
    return (
        f'<div class="list" data-first="{first}"><h2 tabindex="-1">{escape(title + place)}</h2>'
        f'<ol class="cards" start="{first}">{cards}</ol></div>'
    )


def card(
    one: DisagreementEntry, ruling: Ruling | None, number: int, articles: Articles, *, read_only: bool
) -> str:
    """As beside an answer, and what was ruled on it."""
    found, conflict = one.disagreement, apply_ruling(one.disagreement.conflict, ruling)
    over = ("", "")  # the heading tells the values, the quotes have them marked
    ruled = f'<span class="badge ruled">{VERDICTS[ruling.verdict]}</span>' if ruling else ""
    state = f" {conflicts.shape(conflict)}"
    state += f" ruled {ruling.verdict.replace(' ', '-')}" if ruling else ""
    rulers = _ruling_note(ruling) if read_only else _ruling_buttons(conflict, ruling)
    return (
        f'<li class="card{state}" data-pair="{one.key}" aria-labelledby="pair-{one.key}">'
        f'<p class="badges"><span class="number">{number:,}</span>{conflicts.badges(conflict)}{ruled}</p>'
        f'<h3 class="explanation" id="pair-{one.key}">{isolate(heading(found))}</h3>'
        f'<p class="sure">{escape(conflicts.sureness(conflict))}</p>'
        f"{conflicts.sides_beside(conflict, articles, over)}{rulers}</li>"
    )


def apply_ruling(conflict: Conflict, ruling: Ruling | None) -> Conflict:
    """As the last ruling on it tells it: an update, or none."""
    return conflict if ruling is None else replace(conflict, possible_update=ruling.verdict == "update")


def _chip(name: str, label: str) -> str:
    said = escape(f"Remove the filter {label}")
    return (
        f'<li class="chip">{isolate(label)}<button type="button" {filter_change({name: ""})} '
        f'data-at="chip {name}" aria-label="{said}" title="{said}"></button></li>'
    )


def _ruling_counts(entries: Entries, wanted: Wanted, rulings: Rulings) -> str:
    """How many are ruled, how, and a way to hide or show them; "" where none is."""
    if not rulings:
        return ""
    counts = Counter(ruling.verdict for ruling in rulings.values())
    parts = ", ".join(
        f"{counts[verdict]:,} {label[:1].lower()}{label[1:]}"
        for verdict, label in VERDICTS.items()
        if counts[verdict]
    )
    hide = wanted.ruled != "open"
    change = filter_change({"ruled": "open" if hide else ""})
    button = (
        f'<button type="button" class="plain" {change} data-at="ruled">'
        f"{'Hide' if hide else 'Show'} what is ruled</button>"
    )
    of = len(entries.all)
    return f'<p class="rulings soft">Ruled: {len(rulings):,} of {of:,} ({escape(parts)}). {button}</p>'


def _ways_out(entries: Entries, wanted: Wanted, rulings: Rulings) -> str:
    """What is found where one filter is taken away; its button does what the cross of that filter does."""
    ways = [
        (name, label, len(entries.select(wanted.without(name), rulings)))
        for name, label in filter_labels(wanted).items()
    ]
    items = "".join(
        f'<li><button type="button" class="plain" data-way="{name}">Without '
        f"{isolate(label)}</button>: {many:,}</li>"
        for name, label, many in ways
        if many
    )
    if not items:
        return "<p>Remove a filter above, or clear all. Asking a question of your own may find more.</p>"
    return f'<p>Remove one filter:</p><ul class="ways">{items}</ul>'


def _ruling_buttons(conflict: Conflict, ruling: Ruling | None) -> str:
    verdict = ruling.verdict if ruling else None
    buttons = "".join(
        f'<button type="button" data-verdict="{name}" aria-pressed="{str(name == verdict).lower()}">'
        f"{label}</button>"
        for name, label in VERDICTS.items()
    )
    why = _reason_menu(ruling) if ruling and verdict == "no conflict" else ""
    undo = '<button type="button" class="plain" data-verdict="withdrawn">Undo</button>' if ruling else ""
    label = escape(f"Your ruling: {conflict.explanation}")
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


def _date(date: str) -> str:
    return words.date(date) if date else ""


def _state(name: str, title: str, note: str) -> str:
    return (
        f'<section class="conflicts {name}" aria-labelledby="survey-state"><h2 id="survey-state">'
        f'<span class="sign" aria-hidden="true"></span>{escape(title)}</h2>'
        f'<p class="note">{escape(note)}</p></section>'
    )
