"""The articles of a library and what became of added files, as HTML."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from index.records import Listed, Listing, Outcome, Section, Span
from index.refusals import Refusal
from qa.app.html import words
from qa.app.html.article_form import LABELS, asks
from qa.app.html.render import article_link, escape, isolate, mark_each, outside_link
from qa.export.text import left_out_text
from qa.records import ConflictTier

SHOWN = 50  # articles a page
_REASONS_SHOWN = 5  # of the records of one file

_STATES = {"added": "Added", "unchanged": "Unchanged", "refused": "Refused", "waiting": "Waiting"}
_REFUSED_SHOWN = 50  # of those of the past
_EMPTY = "There are no articles in this library yet."


@dataclass(frozen=True, slots=True)
class Result:
    """A file or address by its name, and what became of its records; nothing yet while it waits."""

    name: str
    outcomes: tuple[Outcome, ...] = ()

    @property
    def state(self) -> str:
        """That of most weight among its records: what was added counts before what was refused."""
        found = {outcome.status for outcome in self.outcomes}
        return next((state for state in ("added", "refused", "unchanged") if state in found), "waiting")


def head(articles: int, *, read_only: bool) -> str:
    """The name of the page, and how many articles there are."""
    count = words.count(articles, "article") if articles else "No articles yet"
    note = ". This library is read-only" if read_only else ""
    return f'<header><h1>Articles</h1><p class="lead">{count}{note}.</p></header>'


def intake_lead(may: str, number: int) -> str:
    """What stands above the place where articles are dropped; `may` as `Source.may` tells, of `number`."""
    if may == "make":
        said = "These are examples. <b>Add articles of your own</b>: they go into a new library of your own."
    elif may == "add" and not number:
        said = "<b>Add the articles that you want to ask.</b> Drop files below, or name a web page."
    else:
        return ""
    return f'<p class="intake">{said}</p>'


def size_warning(file_mb: int) -> str:
    """Where the page's script says which files exceed `file_mb`; it is empty until then."""
    return f'<div class="failure" role="alert" data-limit-mb="{file_mb}" hidden></div>'


def listing(
    found: Listing,
    first: int,
    *,
    filtered: bool,
    changeable: bool,
    disputed: Mapping[str, Sequence[ConflictTier]] = MappingProxyType({}),
    group: str = "",
    undated: int = 0,
    mark: str = "",
) -> str:
    """One page of the list; `first` is the number of its first article, from 0.

    `disputed`: by id, the tiers of the disagreements that an article is in. `group`: what the sections of
    `found` are. `undated` articles are left out by dates that are asked for. `mark` comes back with the wish
    to remove all that are found.
    """
    if not found.total:
        why = "No article fits. Try fewer words, any publisher or all dates."
        why += f" {left_out_text(undated).capitalize()}." if undated else ""
        empty = why if filtered else _EMPTY + (" Add some above." if changeable else "")
        return f'<section class="found" data-first="0"><p class="empty" tabindex="-1">{empty}</p></section>'
    last = first + len(found.articles)
    where = f"{first + 1:,} to {last:,} of " if len(found.articles) < found.total else ""
    count = ", ".join(filter(None, [words.count(found.total, "article"), left_out_text(undated)]))
    alone = found.state.articles < 2
    rows = [
        _row(article, disputed.get(article.id, ()), alone=alone, changeable=changeable)
        for article in found.articles
    ]
    ends = [*(section.first for section in found.sections), len(rows)][1:]
    parts = [
        f"{_heading(section, group)}<ul>{''.join(rows[section.first : end])}</ul>"
        for section, end in zip(found.sections, ends, strict=True)
    ]
    body = "".join(parts if parts else ["<ul>", *rows, "</ul>"])
    return (
        f'<section class="found" data-first="{first}" aria-labelledby="found-title">'
        f'<div class="top"><h2 id="found-title" tabindex="-1">{where}{count}</h2>'
        f"{_ways(found, mark) if changeable else ''}</div>{body}</section>"
    )


def _ways(found: Listing, mark: str) -> str:
    """What can be done with more than one article; what is missing may be read from their texts."""
    if found.total < 2:
        return ""
    lacking = any(not (one.title and one.publisher and one.published) for one in found.articles)
    read = f'<button type="button" {asks(do="suggested")}>Fill in from the texts</button>' if lacking else ""
    return (
        f'<p class="ways">{read}'
        f'<button type="button" {asks(do="edit found")}>Edit all {found.total:,} found</button>'
        f'<button type="button" {asks(do="merge")}>Merge publishers</button>'
        f'<button type="button" data-remove-found="{found.total}" data-found="{escape(mark)}">'
        f"Remove all {found.total:,} found</button>"
        "</p>"
    )


def _heading(section: Section, group: str) -> str:
    """ "Reuters · 120 articles, continued"."""
    if group == "month":
        name = words.date(section.value)
    else:
        none = "events that one article tells of" if group == "event" else "no publisher"
        name = words.shortened(section.value) if section.value else none
    count = words.count(section.total, "article") + (", continued" if section.continued else "")
    return f'<h3>{isolate(name[:1].upper() + name[1:])} <span class="facts">{escape(count)}</span></h3>'


def _row(article: Listed, disputes: Sequence[ConflictTier], *, alone: bool, changeable: bool) -> str:
    name = article.name
    change = (
        f'<p class="change"><button type="button" {asks(do="edit", article=article.id)} '
        f'aria-label="{escape(f"Edit {name}")}">Edit</button>'
        f'<button type="button" data-remove="{escape(article.id)}" data-name="{escape(name)}" '
        f'aria-label="{escape(f"Remove {name}")}">Remove</button></p>'
        if changeable
        else ""
    )
    link = f'<a data-article href="article/{escape(article.id)}">{isolate(name)}</a>'
    outside = outside_link(article.uri)
    told = "" if alone else _disputed(article, disputes)
    line = " · ".join(filter(None, [*_facts(article), told, outside]))
    return f'<li><div>{link}<p class="facts">{line}</p>{_excerpt(article)}</div>{change}</li>'


def _disputed(article: Listed, disputes: Sequence[ConflictTier]) -> str:
    """Where what it disagrees on stands, or is found."""
    link = f'href="disagreements?article={escape(article.id)}"'
    if disputes:
        return f'<a class="disputed" {link}>in {words.in_tiers(disputes)}</a>'
    return f'<a {link} aria-label="{escape(f"What disagrees with {article.name}")}">What disagrees?</a>'


def _facts(article: Listed) -> list[str]:
    """What is known of it, what is missing, and what people have set."""
    missing = '<span class="missing">no {}</span>'.format
    facts = [] if article.title else [missing("title")]
    facts.append(isolate(article.publisher) if article.publisher else missing("publisher"))
    facts += [f"by {isolate(article.author)}"] if article.author else []
    facts.append(escape(words.date(article.published)) if article.published else missing("date"))
    facts += [f"updated {escape(words.date(article.updated))}"] if article.updated else []
    facts.append(words.count(article.characters, "character"))
    edited = ", ".join(LABELS[field].lower() for field, _ in article.edited)
    return [*facts, *([f"set by hand: {edited}"] if edited else [])]


def _excerpt(article: Listed) -> str:
    """Where the text holds what was sought, with a link to that place in the article."""
    found = article.excerpt
    if found is None:
        return ""
    marks = [Span(mark.start - found.start, mark.end - found.start) for mark in found.marks]
    before = "… " if found.start else ""
    after = " …" if found.start + len(found.text) < article.characters else ""
    link = article_link(article.id, found.marks[0].start, found.marks[0].end)
    text = f"{before}{mark_each(found.text, marks)}{after}"
    return f'<p class="excerpt"><a data-article href="{link}">{text}</a></p>'


def results(found: Sequence[Result], now: str = "") -> str:
    """What became of each file, in their order; `now` says what is being done."""
    items = "".join(map(_result, found))
    busy = ' class="busy"' if now else ""
    status = isolate(now) if now else escape(_summary(found))
    listed = f'<ul aria-label="Files and pages added">{items}</ul>' if items else ""
    return f'<div class="results"><p role="status"{busy}>{status}</p>{listed}</div>'


def _summary(found: Sequence[Result]) -> str:
    counts = Counter(outcome.status for one in found for outcome in one.outcomes)
    parts = [
        f"{counts[state]:,} {state}" for state in ("added", "unchanged", "refused") if counts[state]
    ]  # fmt: skip
    return f"{', '.join(parts).capitalize()}." if parts else ""


def _result(one: Result) -> str:
    badge = f'<span class="state {one.state}">{_STATES[one.state]}</span>'
    name = f'<span class="name">{isolate(one.name)}</span>'
    if len(one.outcomes) == 1:
        (outcome,) = one.outcomes
        own = escape(outcome.article_id) if outcome.article_id else ""
        open_it = (
            f' <a data-article href="article/{own}">Open</a> <a href="disagreements?article={own}">'
            "What disagrees?</a>"
            if own
            else ""
        )
        said = f"<p>{isolate(words.sentence(outcome.reason))}</p>" if outcome.reason else ""
        return f"<li>{badge} {name}{open_it}{said}</li>"
    if not one.outcomes:
        return f"<li>{badge} {name}</li>"
    reasons = [outcome.reason for outcome in one.outcomes if outcome.status == "refused"]
    more = len(reasons) - _REASONS_SHOWN
    said = "".join(f"<p>{isolate(words.sentence(reason))}</p>" for reason in reasons[:_REASONS_SHOWN])
    rest = f"<p>And {more:,} more.</p>" if more > 0 else ""
    return f"<li>{badge} {name}<p>{escape(_summary([one]))}</p>{said}{rest}</li>"


def refused(found: Sequence[Refusal]) -> str:
    """What was not added lately, the newest first, each with its reason and time; nothing without any."""
    if not found:
        return ""
    items = "".join(
        f'<li><span class="name">{isolate(one.source)}</span> <time datetime="{escape(one.refused)}">'
        f"{escape(_moment(one.refused))}</time><p>{isolate(words.sentence(one.reason))}</p></li>"
        for one in found[:_REFUSED_SHOWN]
    )
    more = len(found) - _REFUSED_SHOWN
    rest = f"<p>And {more:,} older ones: “whosays list --refused” tells them.</p>" if more > 0 else ""
    return (
        f'<details class="refusals"><summary>Why was it not added? {words.count(len(found), "refusal")}'
        f'</summary><ul tabindex="0" aria-label="What was not added">{items}</ul>{rest}</details>'
    )


def _moment(at: str) -> str:
    """ "3 July 2026, 14:05 UTC"."""
    time = at[11:16]
    return f"{words.date(at)}, {time} UTC" if len(time) == 5 else words.date(at)


def notice(message: str) -> str:
    """What was done."""
    return f'<div class="results"><p role="status">{isolate(message)}</p></div>'


def failure(message: str) -> str:
    """What went wrong and what to do about it, said aloud by screen readers."""
    return f'<p class="failure" role="alert">{isolate(words.sentence(message))}</p>'
