"""The forms that edit articles and merge publishers, as HTML; `articles.js` shows them in a dialog."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from index.edits import as_stated
from index.records import EDITABLE, Article
from index.sources.opening import Suggestion
from qa.app.html import words
from qa.app.html.render import escape, isolate

LABELS: dict[str, str] = {
    "title": "Title",
    "publisher": "Publisher",
    "author": "Author",
    "published": "Published",
    "updated": "Updated",
}
DATES = ("published", "updated")
MANY = tuple(name for name in EDITABLE if name != "title")  # what several articles may share
_DATE_HINT = "2026, 2026-07 or 2026-07-03"
_FILTER_FROM = 12  # publishers, for a box to find some of them
_READINGS_SHOWN = 20  # articles


def asks(**what: Any) -> str:
    """The attribute of a button that opens a form: what it sends to the server."""
    return f'data-asks="{escape(json.dumps(what))}"'


def article_form(article: Article, suggestions: Sequence[Suggestion]) -> str:
    """All that may be set of one article; below each field what the article states, or may state."""
    stated = as_stated(article)
    edited = {name for name, _ in article.edited}
    fields = "".join(
        _field(
            name,
            getattr(article, name) or "",
            _stated(name, getattr(stated, name)) if name in edited else "",
            _chips(name, [one for one in suggestions if one.field == name]),
        )
        for name in EDITABLE
    )
    return _form(
        "Edit what is known of this article",
        f'<p class="name">{isolate(article.name)}</p>{fields}',
        {"do": "save", "article": article.id},
        "Save",
    )


def found_form(number: int) -> str:
    """What several articles share; only what is filled in changes."""
    lead = f"<p>What you fill in is set for all {number:,} articles found; the rest stays as it is.</p>"
    fields = "".join(_field(name, "") for name in MANY)
    return _form(f"Edit all {number:,} found", lead + fields, {"do": "save found"}, "Continue")


def suggested_form(readings: Sequence[tuple[str, Mapping[str, str]]]) -> str:
    """What the texts of articles suggest, by the article's name: all of it is set at once, or nothing."""
    lines = "".join(
        f"<li>{isolate(words.shortened(name))}: "
        f'<span class="facts">{", ".join(_suggested(*one) for one in values.items())}</span></li>'
        for name, values in readings[:_READINGS_SHOWN]
    )
    rest = len(readings) - _READINGS_SHOWN
    more = f"<li>and {words.count(rest, 'further article')}</li>" if rest > 0 else ""
    lead = (
        f"<p>The first and last lines of {words.count(len(readings), 'text')} suggest what is not known yet. "
        "It is likely, not sure. Each value can be changed or taken back afterwards.</p>"
    )
    return _form(
        "Fill in what the texts suggest",
        f'{lead}<ul class="suggested">{lines}{more}</ul>',
        {"do": "save suggested"},
        f"Fill in {words.count(len(readings), 'article')}",
    )


def _suggested(name: str, value: str) -> str:
    written = isolate(_written(name, value))
    return f"{'by ' if name == 'author' else 'updated ' if name == 'updated' else ''}{written}"


def merge_form(publishers: Sequence[tuple[str, int]]) -> str:
    """Names to choose from, each with the number of its articles, and the name that all are to have."""
    names = "".join(
        f'<li><label><input type="checkbox" name="names" value="{escape(name)}" data-count="{count}">'
        f'<span>{isolate(name)} <span class="facts">{words.count(count, "article")}</span></span>'
        "</label></li>"
        for name, count in publishers
    )
    find = (
        '<label class="find">Find a name<input type="search" data-find autocomplete="off"></label>'
        if len(publishers) >= _FILTER_FROM
        else ""
    )
    body = (
        "<p>Choose the names that mean one publisher. Articles that are added later get its name as well.</p>"
        f'<fieldset><legend>Names</legend>{find}<ul class="names">{names}</ul></fieldset>'
        f"{_field('into', '', label='The name that all get')}"
    )
    return _form("Merge publishers", body, {"do": "save merge"}, "Merge")


def sure(number: int, values: Mapping[str, str | None]) -> str:
    """Asks back before several articles are changed; `values` as they will stand."""
    told = "".join(
        f"<li>{LABELS[name]}: {isolate(_written(name, value))}</li>" for name, value in values.items()
    )
    return (
        f'<section class="asked-back" data-number="{number}" aria-labelledby="sure-title">'
        f'<h2 id="sure-title">Change {words.count(number, "article")}?</h2><ul>{told}</ul>'
        '<p class="choices"><button type="button" data-back>Back</button>'
        f'<button type="submit" class="main">Change {words.count(number, "article")}</button></p></section>'
    )


def refusal(messages: Mapping[str, str]) -> str:
    """What is wrong with what was typed, by field; "" for what is wrong with no single one."""
    lines = "".join(
        f'<p class="failure" role="alert" data-field="{escape(name)}">{isolate(words.sentence(message))}</p>'
        for name, message in messages.items()
    )
    return f'<div class="refusal">{lines}</div>'


def done() -> str:
    """That the dialog may close."""
    return "<p></p>"


def _form(title: str, body: str, sends: Mapping[str, str], label: str) -> str:
    return (
        f'<form data-sends="{escape(json.dumps(sends))}" aria-labelledby="edit-title" novalidate>'
        f'<h2 id="edit-title">{escape(title)}</h2>{body}<div class="told"></div>'
        '<p class="choices"><button type="button" data-cancel>Cancel</button>'
        f'<button type="submit" class="main">{label}</button></p></form>'
    )


def _field(name: str, value: str, *below: str, label: str = "") -> str:
    hint = f' placeholder="{_DATE_HINT}"' if name in DATES else ""
    return (
        f'<div class="field" data-field="{name}"><label for="field-{name}">{label or LABELS[name]}</label>'
        f'<input id="field-{name}" name="{name}" value="{escape(value)}" autocomplete="off"{hint}>'
        f"{''.join(below)}</div>"
    )


def _stated(name: str, value: str | None) -> str:
    """What the article states where a person has set something else, and the way back to it."""
    label = LABELS[name].lower()
    told = f"The article states: {isolate(_written(name, value))}" if value else "The article states none."
    back = "Use that" if value else "Leave it empty"
    return (
        f'<p class="stated">{told} <button type="button" data-fill="{name}" '
        f'data-value="{escape(value or "")}" '
        f'aria-label="{back}: what the article states as {label}">{back}</button></p>'
    )


def _chips(name: str, suggestions: Iterable[Suggestion]) -> str:
    """Values to choose with one click, those of one line together; a doubtful day has a chip a reading."""
    lines: dict[str, list[str]] = {}
    for one in suggestions:
        lines.setdefault(one.line, []).append(one.value)
    parts = "".join(
        f"<p>{''.join(_chip(name, value) for value in values)}{_line(line, values)}</p>"
        for line, values in lines.items()
    )
    label = f"Read from the text, {LABELS[name].lower()}"
    return f'<div class="readings" role="group" aria-label="{label}">{parts}</div>' if parts else ""


def _chip(name: str, value: str) -> str:
    return (
        f'<button type="button" class="chip" data-fill="{name}" data-value="{escape(value)}">'
        f"{isolate(_written(name, value))}</button>"
    )


def _line(line: str, values: Sequence[str]) -> str:
    """Where the values stand."""
    told = f"from “{isolate(words.shortened(line, 90))}”" if line and line not in values else "in the text"
    return f'<span class="facts">{told}</span>'


def _written(name: str, value: str | None) -> str:
    return words.date(value) if name in DATES and value else value or ""
