"""The notebook as HTML: each clipping with the note beside it, what can be done with it, and the way home."""

from collections.abc import Mapping, Sequence

from index.records import Article
from qa.app.html import conflicts, render, words
from qa.app.html.render import Articles, escape, isolate
from qa.export.text import source_of
from qa.notebook.checked import STATES, CheckedClipping
from qa.notebook.clippings import NOTE_CHARS, Clipping
from qa.notebook.files import FORMATS
from qa.notebook.outline import KINDS, ClippingBlock, KeptQuote, blocks, title
from qa.records import Citation

SHOWN = 3  # quotes of a side, and of what others say; the rest opens on demand
EXAMPLES = (
    "These are the example articles: their notebook lasts until Whosays is updated. Take home what you need."
)
READ_ONLY = "This library is read-only: its notebook can be read and taken home, not changed."
SHARED = "All who can open this library read and change this notebook."


def notebook(
    arranged: Sequence[tuple[CheckedClipping, bool]],
    articles: Mapping[str, Article],
    *,
    library: str,
    export_path: str,
    read_only: bool = False,
    notes: Sequence[str] = (),
) -> str:
    """All of the page. `arranged` are the clippings in order, True for one that was just removed.

    `notes` are sentences on the notebook itself; `export_path` is where its files are.
    """
    standing = [one for one, removed in arranged if not removed]
    head = _head(len(standing), library, export_path, notes, read_only=read_only)
    if not arranged:
        return head + _blank(read_only=read_only)
    last = len(standing) - 1
    items, at = [], 0
    for one, removed in arranged:
        if removed:
            items.append(_removed(one))
        else:
            items.append(_item(one, articles, at, last, read_only=read_only))
            at += 1
    listed = f'<ol class="clippings" aria-label="Clippings">{"".join(items)}</ol>'
    return head + listed + _more(read_only=read_only)


def failure(message: str) -> str:
    """In place of the page, why it cannot be shown."""
    return f'<p class="failure" role="alert">{isolate(words.sentence(message))}</p>'


def status(said: str) -> str:
    """What a screen reader says."""
    return f'<p class="spoken" role="status" aria-live="polite">{escape(said)}</p>'


def refusal(said: str) -> str:
    """What could not be done, seen and read out."""
    return f'<p class="failure" role="alert">{isolate(words.sentence(said))}</p>'


def _head(number: int, library: str, export_path: str, notes: Sequence[str], *, read_only: bool) -> str:
    of = f" from {isolate(library)}" if library else ""
    lead = f"{words.count(number, 'clipping')}{of}." if number else f"What you keep{of}."
    told = "".join(f'<p class="soft">{escape(one)}</p>' for one in notes)
    add = "" if read_only else '<button type="button" class="write" data-do="write">Write a note</button>'
    home = _way_home(export_path) if number else ""
    row = f'<div class="row">{add}{home}</div>' if number else ""
    return (
        f'<header><h1>Notebook</h1><p class="lead">{lead}</p>{told}{row}</header><div class="writing"></div>'
    )


def _way_home(export_path: str) -> str:
    links = "".join(
        f'<li><a href="{escape(export_path)}/{ending}" download>{escape(one.label)}</a></li>'
        for ending, one in FORMATS.items()
    )
    return (
        '<div class="home"><span id="take-home">Take it home</span><ul aria-labelledby="take-home">'
        f'{links}<li><button type="button" class="plain" data-do="print">Print</button></li></ul></div>'
    )


def _blank(*, read_only: bool) -> str:
    if read_only:
        return '<section class="blank"><p class="big">Nothing is kept here.</p></section>'
    steps = (
        "<b>Ask</b> a question, and read the answer.",
        "Press <b>Keep in notebook</b> below it: the whole answer, one disagreement, or one quote.",
        "Here, put them in order and write beside them what you think.",
        "Take it home as <b>Word</b>, <b>Markdown</b> or <b>JSON</b>: every quote with its outlet, title, "
        "date, link and place.",
    )
    listed = "".join(f"<li>{one}</li>" for one in steps)
    return (
        '<section class="blank"><p class="big">Nothing is kept yet.</p>'
        f'<ol>{listed}</ol><p class="ways"><a class="go" href="./">Ask a question</a>'
        '<button type="button" class="write" data-do="write">Write a note</button></p></section>'
    )


def _more(*, read_only: bool) -> str:
    """The same button at the end, where a note would stand."""
    if read_only:
        return ""
    return '<p class="end"><button type="button" class="write" data-do="write">Write a note</button></p>'


def _item(one: CheckedClipping, articles: Articles, at: int, last: int, *, read_only: bool) -> str:
    clipping = one.clipping
    name = f"clipping-{escape(clipping.id)}"
    facts = _facts(clipping)
    tools = "" if read_only else _tools(at, last, title(one))
    note = _note(clipping, title(one), read_only=read_only)
    state = "" if one.worst == "stands" else " unchecked"
    if clipping.kind == "note":
        inner = f'<div class="top">{facts}{tools}</div><h2 class="spoken" id="{name}">Note</h2>{note}'
    else:
        told = clipping.question or KINDS[clipping.kind]
        body = "".join(_block(block, clipping, articles) for block in blocks(one))
        compared = f'<p class="soft">{escape(clipping.compared)}</p>' if clipping.compared else ""
        inner = (
            f'<div class="top">{facts}{tools}</div><div class="kept"><h2 id="{name}">{isolate(told)}</h2>'
            f"{body}{compared}</div>{note}"
        )
    return (
        f'<li class="clipping is-{clipping.kind}{state}" data-id="{escape(clipping.id)}" tabindex="-1" '
        f'aria-labelledby="{name}">{inner}</li>'
    )


def _facts(clipping: Clipping) -> str:
    by = f" by {isolate(clipping.by)}" if clipping.by else ""
    verb = "written" if clipping.kind == "note" else "kept"
    day = escape(words.date(clipping.kept[:10]))
    return f'<p class="facts"><b>{KINDS[clipping.kind]}</b>, {verb} {day}{by}</p>'


def _tools(at: int, last: int, name: str) -> str:
    ways = (("up", "↑", "Move up", at == 0), ("down", "↓", "Move down", at == last))
    moves = "".join(
        f'<button type="button" class="move" data-do="{way}" aria-disabled="{str(ended).lower()}" '
        f'aria-label="{label}" title="{label} (Alt and the arrow key)" '
        f'aria-keyshortcuts="Alt+Arrow{way.title()}">{sign}</button>'
        for way, sign, label, ended in ways
    )
    remove = '<button type="button" data-do="remove">Remove</button>'
    return f'<div class="tools" role="group" aria-label="{escape(f"Arrange: {name}")}">{moves}{remove}</div>'


def _note(clipping: Clipping, name: str, *, read_only: bool) -> str:
    """The note, and the way to write it; what is typed stands in a form of the page's script."""
    text = clipping.note
    told = f'<p class="own" dir="auto">{escape(text)}</p>' if text else ""
    if read_only:
        return f'<aside class="beside" aria-label="Note">{told}</aside>' if told else ""
    label = "Edit note" if text else "Add a note"
    said = escape(f"{label}: {name}")
    edit = (
        f'<button type="button" class="plain" data-do="edit" data-note="{escape(text)}" '
        f'data-most="{NOTE_CHARS}" aria-label="{said}">{label}</button>'
    )
    empty = "" if text else " empty"
    return f'<aside class="beside{empty}" aria-label="{escape(f"Note: {name}")}">{told}{edit}</aside>'


def _removed(one: CheckedClipping) -> str:
    own = escape(one.clipping.id)
    kind = KINDS[one.clipping.kind]
    name = one.clipping.note if one.clipping.kind == "note" else title(one)
    return (
        f'<li class="removed" data-id="{own}"><p>{kind} removed: {isolate(words.shortened(name))}</p>'
        '<button type="button" data-do="restore">Undo</button></li>'
    )


def _block(block: ClippingBlock, clipping: Clipping, articles: Articles) -> str:
    heading = f"<h3>{escape(block.heading)}</h3>" if block.heading else ""
    if block.tier is None:
        own = block.sides[0][0].citation in clipping.statements
        kind = "own-words" if own else "elsewhere"
        return f'<section class="{kind}">{heading}{_quotes(block.sides[0], None, articles)}</section>'
    told = f'<p class="told">{isolate(block.told)}</p>' if block.told else ""
    # Of a quote that was kept the other side alone: it stands above.
    firsts = [side[0].citation for side in block.sides]
    against = [*firsts[1:], firsts[0]] if len(firsts) > 1 else [clipping.statements[0]]
    sides = "".join(
        f"<li>{_quotes(side, other, articles)}</li>" for side, other in zip(block.sides, against, strict=True)
    )
    tier = (block.tier or "").replace("_", "-")
    return f'<section class="disputed {tier}">{heading}{told}<ul class="facing">{sides}</ul></section>'


def _quotes(quotes: Sequence[KeptQuote], against: Citation | None, articles: Articles) -> str:
    drawn = [_quote(one, against, articles) for one in quotes]
    rest = drawn[SHOWN:]
    summary = f"<summary>{escape(words.count(len(rest), 'more statement'))}</summary>"
    more = f"<details>{summary}{''.join(rest)}</details>" if rest else ""
    return "".join(drawn[:SHOWN]) + more


def _quote(one: KeptQuote, against: Citation | None, articles: Articles) -> str:
    said = one.citation
    if one.state != "stands":
        who = render.byline(words.shortened(source_of(said)), words.source_facts(said))
        return (
            f'<div class="quote lost"><blockquote>{render.sentence(said)}</blockquote>'
            f'<p class="from">{who}</p><p class="state">{escape(STATES[one.state])}</p></div>'
        )
    published = render.outside_link(said.uri)
    link = f' <span class="out">{published}</span>' if published else ""
    return (
        f'<div class="quote"><blockquote>{conflicts.quote(said, against)}</blockquote>'
        f'<p class="from">{render.source(said, articles)}{render.title_beside(said, articles)}{link}</p>'
        f"{render.according_to(said)}{render.also_in(one.copies, articles)}</div>"
    )
