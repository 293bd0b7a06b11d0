"""The disagreements of a library as HTML: how many, which are wanted, and a card for each point at issue."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from itertools import groupby

from index.records import Article
from qa.app.html import words
from qa.app.html.render import Articles, escape, isolate
from qa.app.survey.charts import filter_change
from qa.app.survey.filters import Entries, PointEntry, Rulings, Wanted
from qa.app.survey.point_card import VERDICTS, card
from qa.export.text import limits, no_disagreement_text
from qa.records import AnswerEvent
from qa.survey.survey import Survey

SHOWN = 10  # points a page; on a phone each fills two thirds of the screen

RULED = {"open": "Not ruled yet", "ruled": "Ruled"}


def summary(found: Survey, entries: Entries, wanted: Wanted, rulings: Rulings) -> str:
    """How many are in dispute, as filters and rulings leave them; or, in neutral words, that none is."""
    check = found.check
    if check.status == "not_checked":
        title, note = "Not checked for disagreements", words.sentence(check.reason)
        return _state("unchecked", title, note)
    if not entries.points:
        title, left = no_disagreement_text(check)
        note = (
            "Each statement was compared with those nearest in meaning in other articles; what the articles "
            f"leave out was not compared. Asking a question of your own compares more. {left}"
        )
        return _state("compared", title, note.rstrip())
    shown, every = entries.count(wanted, rulings), entries.count(Wanted(), rulings)
    articles = words.count(found.articles, "article")
    kinds = Counter(one.point.kind for one in shown).most_common()
    told = words.sentence(", ".join(f"{words.KINDS[kind].lower()}: {count:,}" for kind, count in kinds))
    tiers = words.in_tiers(one.tier(rulings) for one in shown)
    if not every:
        tiers = "No disagreement that nobody ruled out"
    elif len(shown) < len(every):
        tiers = f"{tiers or 'None'} of {len(every):,}"
    compared = f"{words.comparison_summary(check)} {limits(check)}".rstrip()
    shape = shown[0].tier(rulings).replace("_", "-") if shown else "may-disagree"
    return _state(f"found {shape}", f"{tiers} in {articles}", told if shown else "", compared)


def head(told: str = "") -> str:
    """The name of the page and, in HTML, what it tells of; "" for all articles."""
    lead = told or "Every statement of each article is compared with those of the others, without a question."
    return f'<header><h1>Who disagrees</h1><p class="lead">{lead}</p></header>'


def of_article(article: Article | None, path: str) -> str:
    """Of which article alone the page tells, with the way to all of them; None for one that is not there."""
    back = f'<a href="{path}">All articles</a>'
    if article is None:
        return f"This article is not in the library. {back}"
    link = f'<a data-article href="article/{escape(article.id)}">{isolate(article.name)}</a>'
    named = link if article.name.startswith("“") else f"“{link}”"  # by its opening words, which are quoted
    return f"What {named} states, compared with the nearest in other articles. {back}"


def topics(entries: Entries, wanted: Wanted, rulings: Rulings) -> str:
    """The names most often in the disagreements, each a choice of topic; nothing without any."""
    items = []
    for name, many in entries.topics(wanted, rulings):
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
    wanted = wanted.without("of")  # which article stands above all, with the way back
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
        "of": "of one article",
    }
    return {name: labels[name] for name in wanted.active()}


def listing(
    shown: Sequence[PointEntry],
    wanted: Wanted,
    entries: Entries,
    rulings: Rulings,
    articles: Articles,
    *,
    first: int,
    of: int,
    read_only: bool,
    kept: str = "",
    in_notebook: Container[str] = frozenset(),
) -> str:
    """One page of points, by event; `first` is the number of the first of `of`. Nothing where all is empty.

    `articles` holds those that are quoted first, for their names and what stands around a quote. `kept` is
    the key of what was ruled on last, `in_notebook` holds the keys of the points that are kept there.
    """
    every = len(entries.count(Wanted(), rulings))
    if not entries.points:
        return ""
    if not of:
        none = f"None of {words.count(len(entries.points), 'disagreement')} fits all filters"
        ways = _ways_out(entries, wanted, rulings)
        return f'<div class="list" data-first="0"><h2 tabindex="-1">{none}</h2>{ways}</div>'
    last = first + len(shown) - 1
    counted = len(entries.count(wanted, rulings))
    title = (
        f"{counted:,} of {every:,} disagreements" if counted < every else words.count(counted, "disagreement")
    )
    if wanted.ruled == "ruled":
        title = f"{counted:,} of {words.count(len(entries.points), 'disagreement')}"
    title += f", {of - counted:,} ruled none" if of > counted else ""
    place = f": {first:,} to {last:,}" if of > len(shown) else ""
    events = Counter(one.point.event for one in entries.count(wanted, rulings))
    apart = len({one.point.event for one in entries.points}) > 1
    parts = []
    number = first
    for event, group in groupby(shown, lambda one: one.point.event):
        some = list(group)
        body = "".join(
            card(one, rulings, at, articles, copies=entries.copies, read_only=read_only,
                 level=4 if apart else 3, kept=kept, in_notebook=one.key in in_notebook)
            for at, one in enumerate(some, number)
        )  # fmt: skip
        name = _event(event, events) if apart else ""
        parts.append(f'{name}<ol class="cards" start="{number}">{body}</ol>')
        number += len(some)
    return (
        f'<div class="list" data-first="{first}"><h2 tabindex="-1">{escape(title + place)}</h2>'
        f"{''.join(parts)}</div>"
    )


def _event(event: AnswerEvent | None, counted: Mapping[AnswerEvent | None, int]) -> str:
    """The heading over the points of an event: what the most central of its articles is called."""
    name = words.shortened(event.name, 90) if event else "Of no one event"
    many = words.count(counted[event], "disagreement")
    return f'<h3 class="event">{isolate(name)} <span class="soft">{many}</span></h3>'


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
    ruled = [one for one in entries.points if any(each.key in rulings for each in one.entries)]
    counts = Counter(verdict for one in ruled for verdict in _verdicts(one, rulings))
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
    of = len(entries.points)
    return f'<p class="rulings soft">Ruled: {len(ruled):,} of {of:,} ({escape(parts)}). {button}</p>'


def _verdicts(one: PointEntry, rulings: Rulings) -> list[str]:
    """What was ruled on a point, each verdict once."""
    return list(dict.fromkeys(rulings[each.key].verdict for each in one.entries if each.key in rulings))


def _ways_out(entries: Entries, wanted: Wanted, rulings: Rulings) -> str:
    """What is found where one filter is taken away; its button does what the cross of that filter does."""
    ways = [
        (name, label, len(entries.select(wanted.without(name), rulings)))
        for name, label in filter_labels(wanted.without("of")).items()
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


def _date(date: str) -> str:
    return words.date(date) if date else ""


def _state(name: str, title: str, note: str, compared: str = "") -> str:
    """What was found, in a sentence; how much was `compared` opens on demand."""
    said = f'<p class="note">{escape(note)}</p>' if note else ""
    more = f"<details><summary>What was compared</summary><p>{escape(compared)}</p></details>"
    return (
        f'<section class="conflicts {name}" aria-labelledby="survey-state"><h2 id="survey-state">'
        f'<span class="sign" aria-hidden="true"></span>{escape(title)}</h2>'
        f"{said}{more if compared else ''}</section>"
    )
