"""A web page becomes its main text and what it states in meta tags, JSON-LD and marked-up elements.

trafilatura finds the main text. Publisher and date are read here, because it falls back on guesses: the host
name as the site's, a date out of the address, the running text or the footer.
"""

import json
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import urljoin

from index.errors import SourceRefused, describe_error
from index.sources.metadata import Document, Metadata, clean_author, iso_date, one_line, web_address

_TITLE = ("og:title", "citation_title", "dc.title", "dcterms.title", "twitter:title", "headline")
_PUBLISHER = ("og:site_name", "publisher", "dc.publisher", "dcterms.publisher", "citation_journal_title")
_AUTHOR = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author")
_PUBLISHED = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "citation_publication_date",
    "citation_date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.date",
    "dc.date",
    "parsely-pub-date",
    "sailthru.date",
    "publish-date",
    "publish_date",
    "pubdate",
    "date",
)
_UPDATED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified")
_ARTICLE_TYPES = ("article", "posting", "report")
_LINKED = ("headline", "author", "publisher", "datePublished", "dateModified")
# A <time> counts where its mark-up says that it is the publication's: others are events, updates, comments.
_PUBLISHED_TIMES = (
    "//time[@datetime][@pubdate or contains(@itemprop, 'datePublished')]",
    "//time[@datetime][contains(@class, 'published') or contains(@class, 'entry-date')]",
    "//article//header//time[@datetime]",
)

_INLINE = (
    "b",
    "strong",
    "i",
    "em",
    "u",
    "small",
    "big",
    "mark",
    "sup",
    "sub",
    "font",
    "span",
    "tt",
    "kbd",
    "img",
)
_MOST_INLINE = 2_000  # in one element; what people read has some hundred

# What lxml and trafilatura let through on mangled mark-up: found by damaging pages.
_MALFORMED = (AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def read_page(html: str, *, address: str | None = None) -> Document:
    """The main text of a page, and what it states. `address`: where it was fetched from.

    Raises SourceRefused when there is no main text.
    """
    import trafilatura  # slow
    from trafilatura.metadata import extract_author

    # Without a handler its remarks on discarded pages would go to the user's terminal.
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    if not re.search(r"<(html|body)\b", html, re.IGNORECASE):
        html = f"<html><body>{html}</body></html>"  # a bare fragment would not be taken for a page
    tree = trafilatura.load_html(html, len(html) * 4)
    if tree is None:
        raise SourceRefused("is not HTML: give the file the extension of what it is")
    try:
        stated = _read_metadata(tree, address)
        author = stated.author or clean_author(extract_author(tree))
        found: Any = trafilatura.bare_extraction(
            _with_few_inline(tree),
            include_comments=False,
            prune_xpath="//noscript",  # "Please enable JavaScript" is no article
        )
    except _MALFORMED as error:
        raise SourceRefused(
            f"is HTML too broken to read ({describe_error(error)}): save it anew from a browser"
        ) from error
    if found is None or not (found.text or "").strip():
        raise SourceRefused(
            "has no main text that could be told from menus and notices; if a browser shows some, save the "
            "page from there or copy its text into a .txt file"
        )
    return Document(found.text, replace(stated, author=author))


def _with_few_inline(tree: Any) -> Any:
    """A page with very many inline elements in one place as their words alone, any other page as it is.

    What trafilatura does with a paragraph takes time that grows with the square of the stretches of text in
    it: 60 s for 100,000.
    """
    from lxml import etree, html  # type: ignore[import-untyped]  # slow

    counts = Counter(one.getparent() for one in tree.iter(*_INLINE))
    crowded = [one for one, count in counts.items() if count > _MOST_INLINE and one is not None]
    if not crowded:
        return tree
    for one in crowded:
        etree.strip_tags(one, *_INLINE)
    return html.document_fromstring(html.tostring(tree, encoding="unicode"))  # stretches grow together


def _read_metadata(tree: Any, address: str | None) -> Metadata:
    meta = _meta(tree)
    linked = _linked_data(tree)
    times = (
        iso_date(one_line(time.get("datetime"))) for path in _PUBLISHED_TIMES for time in tree.xpath(path)
    )
    headings = tree.xpath("//h1")
    only_heading = headings[0].text_content() if len(headings) == 1 else None
    return Metadata(
        title=one_line(linked.get("headline"))
        or _first(meta, _TITLE)
        or one_line(only_heading)
        or one_line(tree.findtext(".//head/title")),
        publisher=one_line(linked.get("publisher")) or _first(meta, _PUBLISHER),
        author=clean_author(linked.get("author"))
        or clean_author(meta.get("citation_author"))
        or clean_author(_first(meta, _AUTHOR)),
        published=iso_date(one_line(linked.get("datePublished")))
        or next(filter(None, (iso_date(one_line(meta.get(name))) for name in _PUBLISHED)), None)
        or next(filter(None, times), None),
        url=_url(tree, meta, address),
        updated=iso_date(one_line(linked.get("dateModified")))
        or next(filter(None, (iso_date(one_line(meta.get(name))) for name in _UPDATED)), None),
    )


def _meta(tree: Any) -> Mapping[str, Sequence[str]]:
    """The contents of the page's meta tags by property, name or itemprop, in lower case."""
    found: dict[str, list[str]] = {}
    for element in tree.iterfind(".//meta[@content]"):
        for attribute in ("property", "name", "itemprop"):
            if name := element.get(attribute):
                found.setdefault(name.strip().lower(), []).append(element.get("content"))
    return found


def _first(meta: Mapping[str, Sequence[str]], names: Sequence[str]) -> str | None:
    """The first value that is a name, not an address ("https://www.facebook.com/…" as a publisher)."""
    values = (one_line(value) for name in names for value in meta.get(name, ()))
    return next((value for value in values if value and "://" not in value), None)


def _url(tree: Any, meta: Mapping[str, Sequence[str]], address: str | None) -> str | None:
    links = tree.xpath("//link[@rel='canonical']/@href")
    for stated in (*links, *meta.get("og:url", ())):
        try:
            whole = web_address(urljoin(address or "", stated.strip()))
        except ValueError:  # "http://[": brackets that hold no address
            continue
        if whole:
            return whole
    return None


def _linked_data(tree: Any) -> Mapping[str, object]:
    """The first article among the page's JSON-LD nodes, with references to other nodes filled in."""
    nodes = [
        node for script in tree.xpath("//script[@type='application/ld+json']") for node in _nodes(script)
    ]
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}

    def fill(value: object) -> object:
        if isinstance(value, list):
            return [fill(part) for part in value]
        if isinstance(value, Mapping):
            name = value.get("name") or by_id.get(value.get("@id"), {}).get("name")
            return unescape(name) if isinstance(name, str) else None
        return unescape(value) if isinstance(value, str) and "://" not in value else None

    for node in nodes:
        types = one_line(node.get("@type")) or ""
        if any(part.strip().lower().endswith(_ARTICLE_TYPES) for part in types.split(",")):
            return {key: fill(node.get(key)) for key in _LINKED}
    return {}


def _nodes(script: Any) -> Iterator[Mapping[str, Any]]:
    try:
        data = json.loads(script.text or "", strict=False)
    except (ValueError, RecursionError):
        return  # broken JSON-LD states nothing; the page itself is still good
    waiting = [data]  # the next one last
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += reversed(value)
        elif isinstance(value, dict):
            yield value
            waiting += [value.get("mainEntity"), value.get("@graph")]
