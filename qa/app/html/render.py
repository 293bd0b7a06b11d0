"""Text, quotes and sources as HTML. What an article, a question or an error holds passes `escape`."""

import html
from collections.abc import Mapping, Sequence
from urllib.parse import quote as percent_encoded
from urllib.parse import urlencode

from index.records import Article, Span
from qa.app.html import words
from qa.app.serve.catalogue import Entry
from qa.records import Citation, Passage

CONTEXT_CHARS = 600

Articles = Mapping[str, Article]


def escape(text: str) -> str:
    """Text for an element or a quoted attribute: no markup, and no NUL, which HTML cannot hold."""
    return html.escape(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), quote=True)


def isolated(text: str) -> str:
    """Text whose own writing direction, overrides included, ends where it ends."""
    return f"<bdi>{escape(text)}</bdi>"


def marked(text: str, start: int, end: int, mark_id: str = "") -> str:
    """`text` with its characters `start` to `end` marked; without a mark when they lie outside."""
    if not 0 <= start < end <= len(text):
        return isolated(text)
    name = f' id="{escape(mark_id)}" tabindex="-1"' if mark_id else ""
    whole = ' class="all"' if end - start == len(text) else ""
    mark = f"<mark{name}{whole}>{escape(text[start:end])}</mark>"
    return f"<bdi>{escape(text[:start])}{mark}{escape(text[end:])}</bdi>"


def marked_each(text: str, spans: Sequence[Span]) -> str:
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
        return marked(citation.sentence, citation.start - offset, citation.end - offset)
    return marked(citation.quote, 0, len(citation.quote))


def byline(name: str, facts: str) -> str:
    """Who says it, and what is known of them."""
    return f'<span class="who">{isolated(name)}</span> <span class="when">{escape(facts)}</span>'


def source(citation: Citation, articles: Articles) -> str:
    """Who says it and when, and a link to the article at the quote."""
    name = words.shortened(words.source_name(citation, articles.get(citation.article_id)))
    link = article_link(citation.article_id, citation.start, citation.end)
    who = byline(name, words.source_facts(citation))
    return f'<a class="source" data-article href="{link}">{who}</a>'


def entry_chip(entry: Entry) -> str:
    """An article that is named without a quote, and a link to it."""
    link = escape(f"article/{percent_encoded(entry.id, safe='')}")
    who = byline(words.shortened(entry.name), words.facts(entry.publisher, entry.published))
    return f'<a class="source" data-article href="{link}">{who}</a>'


def chips(citations: Sequence[Citation], articles: Articles, label: str) -> str:
    """One chip an article, in the order of the citations."""
    first = {citation.article_id: citation for citation in reversed(citations)}
    ordered = dict.fromkeys(citation.article_id for citation in citations)
    items = "".join(f"<li>{source(first[article_id], articles)}</li>" for article_id in ordered)
    return f'<ul class="chips" aria-label="{escape(label)}">{items}</ul>'


def context(article: Article, start: int, end: int, most: int = CONTEXT_CHARS) -> str:
    """Characters `start` to `end` marked amid up to `most` characters on each side, cut between words."""
    text = article.text
    left, right = max(0, start - most), min(len(text), end + most)
    if left > 0:
        left = next((at for at in range(left, start) if text[at - 1].isspace()), left)
    if right < len(text):
        right = next((at for at in range(right, end, -1) if text[at].isspace()), right)
    before = '<span class="cut">…</span> ' if left > 0 else ""
    after = ' <span class="cut">…</span>' if right < len(text) else ""
    shown = marked(text[left:right], start - left, end - left)
    return f'<blockquote class="context">{before}{shown}{after}</blockquote>'


def cited(citation: Citation, articles: Articles) -> str:
    """One source: its name, headline and author, the quote in context, and the ways to all of it."""
    article = articles.get(citation.article_id)
    headline, name = words.headline(citation, article), words.source_name(citation, article)
    facts = [isolated(headline)] if headline != name else []
    facts += [f"by {isolated(article.author)}"] if article is not None and article.author else []
    body = (
        context(article, citation.start, citation.end)
        if article is not None
        else f"<p>{sentence(citation)}</p>"
    )
    link = article_link(citation.article_id, citation.start, citation.end)
    more = f'<a data-article href="{link}">Open the whole article</a> {outside_link(citation.uri)}'
    about = f'<p class="about">{", ".join(facts)}</p>' if facts else ""
    who = byline(name, words.source_facts(citation))
    return f'<li><p>{who}</p>{about}{body}<p class="more">{more}</p></li>'


def passage(found: Passage, articles: Articles) -> str:
    """One retrieved passage with its source."""
    article = articles.get(found.article_id)
    name = words.source_name(article, article) if article is not None else found.article_id
    who = byline(name, words.source_facts(article) if article is not None else "no longer in the library")
    link = article_link(found.article_id, found.start, found.end)
    return (
        f'<li><p>{who}</p><blockquote class="context">{isolated(found.text)}</blockquote>'
        f'<p class="more"><a data-article href="{link}">Open the whole article</a></p></li>'
    )


def folded(kind: str, summary: str, items: Sequence[str]) -> str:
    """A list that opens on demand; nothing without items."""
    if not items:
        return ""
    listed = f'<ol class="sources">{"".join(items)}</ol>'
    return f'<details class="{kind}"><summary>{escape(summary)}</summary>{listed}</details>'
