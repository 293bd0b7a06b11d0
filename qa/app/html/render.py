"""Text, quotes and sources as HTML. What an article, a question or an error holds passes `escape`."""

import html
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote as percent_encoded
from urllib.parse import urlencode

from index.records import Article, Span
from index.text.sentences import split
from qa.app.html import words
from qa.export.text import article_beside, source_of
from qa.records import Citation, Passage

PREVIEW_CHARS = 280  # of the sentence on either side of a quote's

Articles = Mapping[str, Article]

_BLANK = re.compile(r"\n\s*\n")  # between paragraphs


def escape(text: str) -> str:
    """Text for an element or a quoted attribute: no markup, and no NUL, which HTML cannot hold."""
    return html.escape(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), quote=True)


def isolate(text: str) -> str:
    """Text whose own writing direction, overrides included, ends where it ends."""
    return f"<bdi>{escape(text)}</bdi>"


def mark_span(text: str, start: int, end: int, mark_id: str = "") -> str:
    """`text` with its characters `start` to `end` marked; without a mark when they lie outside."""
    if not 0 <= start < end <= len(text):
        return isolate(text)
    name = f' id="{escape(mark_id)}" tabindex="-1"' if mark_id else ""
    whole = ' class="all"' if end - start == len(text) else ""
    mark = f"<mark{name}{whole}>{escape(text[start:end])}</mark>"
    return f"<bdi>{escape(text[:start])}{mark}{escape(text[end:])}</bdi>"


def mark_each(text: str, spans: Sequence[Span]) -> str:
    """`text` with each of `spans` marked; they are in order and do not overlap."""
    parts, done = [], 0
    for span in spans:
        parts += [escape(text[done : span.start]), f"<mark>{escape(text[span.start : span.end])}</mark>"]
        done = span.end
    return f"<bdi>{''.join(parts)}{escape(text[done:])}</bdi>"


def article_link(article_id: str, start: int, end: int) -> str:
    """The address, relative to the page, of an article opened at a quote. Escaped for an attribute."""
    return escape(f"article/{percent_encoded(article_id, safe='')}?start={start}&end={end}#quote")


def pair_link(one: Citation, other: Citation) -> str:
    """The address of two articles side by side, each opened at its quote. Escaped for an attribute."""
    beside = urlencode({"beside": other.article_id, "from": other.start, "to": other.end})
    place = percent_encoded(one.article_id, safe="")
    return escape(f"article/{place}?start={one.start}&end={one.end}&{beside}#quote")


def outside_link(uri: str) -> str:
    """A link to where the article was published; nothing for any other scheme than http and https."""
    if not uri.lower().startswith(("http://", "https://")):
        return ""
    return f'<a href="{escape(uri)}" target="_blank" rel="noopener noreferrer">As published</a>'


def sentence(citation: Citation) -> str:
    """The quote marked in its whole sentence."""
    offset = citation.sentence_start
    if citation.sentence_start <= citation.start < citation.end <= citation.sentence_end:
        return mark_span(citation.sentence, citation.start - offset, citation.end - offset)
    return mark_span(citation.quote, 0, len(citation.quote))


def byline(name: str, facts: str) -> str:
    """Who says it, and what is known of them."""
    known = f' <span class="when">{escape(facts)}</span>' if facts else ""
    return f'<span class="who">{isolate(name)}</span>{known}'


def source(citation: Citation, articles: Articles, *, dated: bool = True, short: bool = False) -> str:
    """Who says it, where wanted when, and a link to the article at the quote; `short` as `words.speaker`.

    With the quote's sentence and those around it as data, which `sources.js` shows at the link.
    """
    article = articles.get(citation.article_id)
    name = words.speaker(citation) if short else words.shortened(source_of(citation))
    link = article_link(citation.article_id, citation.start, citation.end)
    who = byline(name, words.source_facts(citation) if dated else "")
    return f'<a class="source" data-article href="{link}"{_preview(citation, article)}>{who}</a>'


def according_to(citation: Citation) -> str:
    """From which outlet or document the article has it; nothing for its own."""
    name = citation.according_to
    return f'<p class="legs">According to {isolate(name)}</p>' if name else ""


def also_in(copies: Sequence[Citation], articles: Articles) -> str:
    """Which near-copies hold it too, each a link to its own words."""
    if not copies:
        return ""
    links = ", ".join(source(one, articles, dated=False) for one in copies)
    return f'<p class="legs">Also in {words.count(len(copies), "near-copy", "near-copies")}: {links}</p>'


def title_beside(citation: Citation, articles: Articles) -> str:
    """The headline, where the source is not known by it."""
    beside = article_beside(articles.get(citation.article_id) or citation)
    return f' <span class="title">{isolate(words.shortened(beside, 90))}</span>' if beside else ""


def _preview(citation: Citation, article: Article | None) -> str:
    """The data of a preview; none of an article that is no longer there."""
    if article is None:
        return ""
    before, after = neighbours(article.text, citation.sentence_start, citation.sentence_end)
    told = {"before": before, "sentence": citation.sentence, "after": after}
    return "".join(f' data-{key}="{escape(text)}"' for key, text in told.items())


def neighbours(text: str, start: int, end: int, most: int = PREVIEW_CHARS) -> tuple[str, str]:
    """The sentences before `start` and after `end`, white space as one space, at most `most` characters each.

    "…" marks where one was cut, between words; "" where there is none.
    """
    before, after = text[max(0, start - 2 * most) : start], text[end : end + 2 * most]
    left, right = _sentences(before), _sentences(after)
    last, first = left[-1] if left else "", right[0] if right else ""
    # What is alone there may go on beyond the stretch that was looked at.
    if len(last) > most or (len(left) == 1 and start > 2 * most):
        last = "… " + last[-most:].partition(" ")[2]
    if len(first) > most or (len(right) == 1 and end + 2 * most < len(text)):
        first = first[:most].rpartition(" ")[0] + " …"
    return last, first


def _sentences(text: str) -> list[str]:
    flat = [" ".join(block.split()) for block in _BLANK.split(text)]
    return [block[start:end] for block in flat for start, end in split(block)]


def passage(found: Passage, articles: Articles) -> str:
    """One retrieved passage with its source."""
    article = articles.get(found.article_id)
    name = source_of(article) if article is not None else found.article_id
    who = byline(name, words.source_facts(article) if article is not None else "no longer in the library")
    link = article_link(found.article_id, found.start, found.end)
    return (
        f'<li><p>{who}</p><blockquote class="context">{isolate(found.text)}</blockquote>'
        f'<p class="more"><a data-article href="{link}">Open the whole article</a></p></li>'
    )


def fold(kind: str, summary: str, items: Sequence[str]) -> str:
    """A list that opens on demand; nothing without items."""
    if not items:
        return ""
    listed = f"<ol>{''.join(items)}</ol>"
    return f'<details class="{kind}"><summary>{escape(summary)}</summary>{listed}</details>'


def keep_button(name: str, *, kept: bool = False) -> str:
    """What keeps a part of a page in the notebook, by the part's name in the page; none without a name.

    `notebook.js` acts on it, and shows it only where something may be kept; `kept` is whether it is already.
    """
    held = " data-kept" if kept else ""
    return (
        f'<button type="button" class="keep" data-keep="{escape(name)}"{held}>Keep in notebook</button>'
        if name
        else ""
    )
