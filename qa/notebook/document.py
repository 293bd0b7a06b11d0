"""A notebook written down to be taken home: as Markdown, as JSON with every place and checksum, as text."""

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from unicodedata import category

from qa.conflicts.rulings import read_standing
from qa.export.conversation import QuotedArticle, missing_article, own_version, quoted_article
from qa.export.markdown import heading, line, paragraphs, quoted, source_line
from qa.export.text import article_beside, count, printable, source_of
from qa.notebook.checked import STATES, CheckedClipping, Checker
from qa.notebook.clippings import Clipping, date_now
from qa.notebook.outline import KINDS, ClippingBlock, KeptQuote, blocks, title
from qa.notebook.store import Notebook
from qa.records import Citation

FORMAT = "whosays notebook"
FORMAT_VERSION = 1
_TEXT_CHARS = 96


@dataclass(frozen=True, slots=True)
class NotebookDocument:
    """All clippings as they stand now, and the articles that they quote, by id.

    `library` is its name, "" where it has none; `exported` is UTC, ISO 8601.
    """

    clippings: tuple[CheckedClipping, ...]
    sources: tuple[QuotedArticle, ...]
    library: str
    exported: str
    version: str


def document(notebook: Notebook, *, library: str = "", at: datetime | None = None) -> NotebookDocument:
    """The notebook held against its library. Raises LibraryError where it cannot be read."""
    checker = Checker(notebook.find, read_standing(notebook.path.parent))
    checked = checker.check_all(notebook.clippings())
    articles = checker.articles()
    quotes: dict[str, Citation] = {}
    for one in (quote for clipping in checked for quote in clipping.clipping.quotes()):
        quotes.setdefault(one.article_id, one)
    sources = [
        quoted_article(articles[own]) if own in articles else missing_article(own, one)
        for own, one in sorted(quotes.items())
    ]
    return NotebookDocument(checked, tuple(sources), library, date_now(at), own_version())


def to_markdown(of: NotebookDocument) -> str:
    """For people, in Markdown without HTML; what comes from articles and visitors is escaped."""
    lines = [heading(1, _name(of)), "", f"{line(about(of))}", ""]
    for number, one in enumerate(of.clippings, 1):
        lines += [heading(2, f"{number}. {title(one)}"), "", f"*{line(facts(one.clipping))}*", ""]
        if one.clipping.note:
            lines += [*paragraphs(one.clipping.note), ""]
        for block in blocks(one):
            lines += _block_lines(block)
        if one.clipping.compared:
            lines += [line(one.clipping.compared), ""]
    if of.sources:
        lines += [heading(2, "Articles"), ""]
        lines += [source_line(one, one.sha256) for one in of.sources]
    return "\n".join(lines).rstrip() + "\n"


def to_json(of: NotebookDocument) -> str:
    """One JSON object. Each quote names its place in the article's text, and how it stands there now.

    `sources` hold the SHA-256 of each text in UTF-8, so that a reader can verify that they have the same:
    `text[start:end]` is the quote.
    """
    plain = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "library": of.library,
        "exported": of.exported,
        "version": of.version,
        "clippings": [_plain(one) for one in of.clippings],
        "sources": [asdict(one) for one in of.sources],
    }
    # Half a character, which JSON files can bring into an article, has no UTF-8: all is in ASCII then.
    halves = any(category(letter) == "Cs" for one in of.clippings for letter in _letters(one.clipping))
    return json.dumps(plain, ensure_ascii=halves, indent=2) + "\n"


def to_text(of: NotebookDocument) -> str:
    """For a terminal: each clipping with its id, its quotes and where they are from."""
    if not of.clippings:
        return "nothing is kept yet"
    lines: list[str] = []
    for number, one in enumerate(of.clippings, 1):
        lines += [*([""] if lines else []), f"{number}. {printable(title(one))}"]
        lines.append(f"   {printable(facts(one.clipping))} · {one.clipping.id}")
        lines += [f"   {told}" for told in _wrapped(one.clipping.note)]
        for block in blocks(one):
            above = ": ".join(part for part in (block.heading, block.told) if part)
            lines += [f"   {printable(above)}:"] if above else []
            for side, quotes in enumerate(block.sides):
                lines += ["   against"] if side else []
                lines += [f"   {told}" for quote in quotes for told in _quote_text(quote)]
    return "\n".join(lines)


def about(of: NotebookDocument) -> str:
    """How much it holds, of which library and of when, in a line."""
    of_library = f" of the library {of.library}" if of.library else ""
    many = count(len(of.clippings), "clipping")
    return f"{many}{of_library}, exported {of.exported}, Whosays {of.version}."


def facts(one: Clipping) -> str:
    """What it is, when it was kept and by whom, in a line."""
    by = f" by {one.by}" if one.by else ""
    return f"{KINDS[one.kind]}, {'written' if one.kind == 'note' else 'kept'} {one.kept[:10]}{by}"


def _name(of: NotebookDocument) -> str:
    return f"Notebook: {of.library}" if of.library else "Notebook"


def _block_lines(block: ClippingBlock) -> list[str]:
    told = f": {line(block.told)}" if block.told else ""
    lines = [f"**{line(block.heading)}**{told}", ""] if block.heading else []
    for number, side in enumerate(block.sides):
        lines += ["against", ""] if number else []
        for one in side:
            lines += quoted(one.citation, one.copies)
            lines += [f"({line(STATES[one.state])})", ""] if one.state != "stands" else []
    return lines


def _plain(one: CheckedClipping) -> dict[str, Any]:
    """A clipping as JSON, each of its quotes with its `state`."""
    plain = asdict(one.clipping)
    plain["verdicts"] = list(one.verdicts)

    def add_states(citations: Sequence[dict[str, Any]]) -> None:
        for said in citations:
            said["state"] = one.states[said["article_id"], said["start"], said["end"]]

    add_states(plain["statements"])
    for position in plain["others"]:
        add_states(position["citations"])
    for conflict in plain["conflicts"]:
        add_states(conflict["statements"])
    return plain


def _letters(clipping: Clipping) -> Iterator[str]:
    for one in clipping.quotes():
        yield from (one.sentence + (one.title or ""))


def _quote_text(one: KeptQuote) -> list[str]:
    said = one.citation
    parts = [article_beside(said), source_of(said), said.published, f"characters {said.start}-{said.end}"]
    lines = _wrapped(f"“{printable(said.sentence)}”", "  ")
    lines.append(f"  — {printable(' · '.join(part for part in parts if part))}")
    return lines + ([f"    {STATES[one.state]}"] if one.state != "stands" else [])


def _wrapped(text: str, indent: str = "") -> list[str]:
    return [
        told
        for part in text.splitlines()
        for told in textwrap.wrap(
            printable(part), _TEXT_CHARS, initial_indent=indent, subsequent_indent=indent
        )
    ]
