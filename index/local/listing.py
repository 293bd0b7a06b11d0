"""The articles of a library as a list: what is known of each, without reading their texts."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Literal

from index.errors import LibraryError
from index.local.database import conditions
from index.local.lexical import words
from index.names import article_name
from index.records import Span
from index.scope import Scope

Order = Literal["date", "title", "publisher", "added"]
Group = Literal["", "publisher", "month"]

_EXCERPT_BEFORE, _EXCERPT_CHARS = 60, 180


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of an article's text, verbatim, from `start` on; `marks` are the words sought in it.

    Offsets are into the article's text.
    """

    start: int
    text: str
    marks: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """An article as its library lists it; `opening` is the start of its text, `characters` counts it.

    `excerpt` shows where words that were sought stand in the text, if the rest does not show them all.
    """

    id: str
    uri: str
    title: str | None
    publisher: str | None
    author: str | None
    published: str | None
    characters: int
    opening: str
    excerpt: Excerpt | None = None

    @property
    def name(self) -> str:
        """What it is called everywhere; see `article_name`."""
        return article_name(self.title, self.opening, self.uri)


@dataclass(frozen=True, slots=True)
class Section:
    """Listed articles of one publisher or month, `value`, None where they state none.

    `first` is the place of its first article on the page, `total` counts those on other pages as well;
    `continued` says that some stood on an earlier one.
    """

    value: str | None
    first: int
    total: int
    continued: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, how many articles the whole of it has, and the sections of a grouped one."""

    total: int
    articles: tuple[Listed, ...]
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Sought:
    """A word as it was typed, in lower case, and the indexed words in it."""

    typed: str
    terms: tuple[str, ...]


def sought_words(typed: str) -> tuple[Sought, ...]:
    """The words that are looked for, in order."""
    return tuple(Sought(word, tuple(words(word))) for word in typed.casefold().split())


def list_articles(  # noqa: PLR0917  # in the order of Library.listing
    connection: sqlite3.Connection,
    within: Scope,
    sought: Sequence[Sought],
    held: Mapping[str, Set[int]],
    first: int,
    most: int,
    order: Order = "date",
    group: Group = "",
) -> Listing:
    """See `Library.listing`; `connection` and `held` as `Store.catalogue` gives them."""
    if order not in _ORDERS or group not in _GROUPS:
        raise LibraryError(
            f"articles are not listed by {order!r} in groups by {group!r}: order by {', '.join(_ORDERS)}, "
            f"group by {' or '.join(filter(None, _GROUPS))}"
        )
    where, values = conditions(within)
    if sought:
        where += " AND sought(a.key, a.title, a.publisher, a.author, a.uri)"
    value, in_groups = _GROUPS[group]
    texts = _articles_holding(connection, sought, held)

    def holds(key: int, *fields: str | None) -> bool:
        line = _line(*fields)
        return all(word.typed in line or key in text for word, text in zip(sought, texts, strict=True))

    connection.create_function("sought", 5, holds, deterministic=True)
    by = f"{in_groups}{_ORDERS[order]}"
    fitting = f"SELECT a.key, {value} FROM listed a WHERE {where} ORDER BY {by}"  # noqa: S608
    if sought or group:
        # One pass for the number and the page: a search looks at every article.
        found = list(connection.execute(fitting, values))
        total, page = len(found), [key for key, _ in found[first : first + most]]
    else:
        found = []
        ((total,),) = connection.execute(f"SELECT count(*) FROM listed a WHERE {where}", values)  # noqa: S608
        part = connection.execute(f"{fitting} LIMIT ? OFFSET ?", (*values, most, first))
        page = [key for key, _ in part]
    wanted = ",".join(map(str, page))
    rows = connection.execute(f"{_LISTED} WHERE a.key IN ({wanted}) ORDER BY {by}").fetchall()
    shown = _excerpts(connection, page, sought, held) if sought else {}
    # What stands in the line that is shown anyhow needs no excerpt.
    articles = tuple(
        replace(one, excerpt=shown.get(key))
        if any(word.typed not in _line(one.title, one.publisher, one.author, one.uri) for word in sought)
        else one
        for key, one in zip(page, (Listed(*row) for row in rows), strict=True)
    )
    return Listing(total, articles, _sections([of for _, of in found], first, most) if group else ())


def _line(title: str | None, publisher: str | None, author: str | None, uri: str | None) -> str:
    """What is searched as typed. Of an address only the last part: where a file lies is nobody's business."""
    known = (title, publisher, author, (uri or "").rpartition("/")[2])
    return " ".join(field for field in known if field).casefold()


def _articles_holding(
    connection: sqlite3.Connection, sought: Sequence[Sought], held: Mapping[str, Set[int]]
) -> list[Set[int]]:
    """For each word the keys of the articles that hold all its terms; none for a word without any."""
    statement = "SELECT DISTINCT article FROM chunk WHERE key IN (SELECT value FROM json_each(?))"
    by_term = {
        term: {key for (key,) in connection.execute(statement, (json.dumps(sorted(keys)),))}
        for term, keys in held.items()
    }
    return [
        set.intersection(*(by_term[term] for term in word.terms)) if word.terms else set() for word in sought
    ]


def _excerpts(
    connection: sqlite3.Connection,
    page: Sequence[int],
    sought: Sequence[Sought],
    held: Mapping[str, Set[int]],
) -> dict[int, Excerpt]:
    """Of each article of the page that holds a term in its text, a line of it around the first such word."""
    chunks = connection.execute(
        "SELECT c.article, c.key, c.start, c.end FROM json_each(?) j JOIN chunk c ON c.article = j.value"
        " ORDER BY c.key",
        (json.dumps(list(page)),),
    ).fetchall()
    best: dict[int, tuple[int, int, int]] = {}  # by article: how many terms, and from where to where
    for article, key, start, end in chunks:
        many = sum(key in keys for keys in held.values())
        if many > best.get(article, (0, 0, 0))[0]:
            best[article] = many, start, end
    found = {}
    for article, (_, start, end) in best.items():
        cut = "SELECT substr(text, ?, ?) FROM listed WHERE key = ?"
        (text,) = connection.execute(cut, (start + 1, end - start, article)).fetchone()
        excerpt = _excerpt(text, start, {term for word in sought for term in word.terms})
        if excerpt is not None:
            found[article] = excerpt
    return found


def _excerpt(text: str, offset: int, terms: Set[str]) -> Excerpt | None:
    """Whole words around the first of `text` that is one of `terms`, which may stand in the title alone."""
    tokens = [match.span() for match in re.finditer(r"\w+", text)]
    hits = [(start, end) for start, end in tokens if terms & set(words(text[start:end]))]
    if not hits:
        return None
    left = max(0, hits[0][0] - _EXCERPT_BEFORE)
    right = min(len(text), left + _EXCERPT_CHARS)
    left = next((start for start, _ in tokens if start >= left), left) if left else 0
    right = next((end for _, end in reversed(tokens) if end <= right), right) if right < len(text) else right
    marks = tuple(Span(offset + start, offset + end) for start, end in hits if left <= start and end <= right)
    return Excerpt(offset + left, text[left:right], marks)


def _sections(values: Sequence[str | None], first: int, most: int) -> tuple[Section, ...]:
    totals = Counter(_folded(one) for one in values)
    page = values[first : first + most]
    before = _folded(values[first - 1]) if first and page else object()
    found = []
    for at, value in enumerate(page):
        if at == 0 or _folded(value) != _folded(page[at - 1]):
            continued = at == 0 and before == _folded(value)
            found.append(Section(value, at, totals[_folded(value)], continued))
    return tuple(found)


def _folded(value: str | None) -> str | None:
    return value.strip().casefold() if value else None


def known_ids(connection: sqlite3.Connection, article_ids: Sequence[str]) -> frozenset[str]:
    """Those of `article_ids` that stand in the catalogue."""
    statement = "SELECT id FROM listed WHERE id IN (SELECT value FROM json_each(?))"
    return frozenset(one for (one,) in connection.execute(statement, (json.dumps(list(article_ids)),)))


def list_publishers(connection: sqlite3.Connection) -> tuple[tuple[str, int], ...]:
    """Every stated publisher, by name, with the number of its articles."""
    return tuple(
        connection.execute(
            "SELECT min(publisher), count(*) FROM listed WHERE publisher_folded > ''"
            " GROUP BY publisher_folded ORDER BY publisher_folded"
        )
    )


def list_period(connection: sqlite3.Connection) -> tuple[str | None, str | None]:
    """The first and the last stated date of all articles; None where none states one."""
    first, last = connection.execute("SELECT min(published), max(published) FROM listed").fetchone()
    return first, last


_LISTED = (
    "SELECT a.id, a.uri, a.title, a.publisher, a.author, a.published, a.characters, a.opening FROM listed a"
)
# An article's last day is NULL when it states no date, and NULL is the least.
_NEWEST = "a.last_day DESC, a.title IS NULL, a.title COLLATE NOCASE, a.id"
_NO_PUBLISHER = "nullif(a.publisher_folded, '') IS NULL, a.publisher_folded"
_ORDERS: Mapping[str, str] = {
    "date": _NEWEST,
    "title": "a.title IS NULL, a.title COLLATE NOCASE, substr(a.opening, 1, 60) COLLATE NOCASE, a.id",
    "publisher": f"{_NO_PUBLISHER}, {_NEWEST}",
    "added": "a.key DESC",
}
# By group: the value that an article is put under, and what orders the groups.
_GROUPS: Mapping[str, tuple[str, str]] = {
    "": ("NULL", ""),
    "publisher": ("nullif(trim(a.publisher), '')", f"{_NO_PUBLISHER}, "),
    "month": ("substr(a.published, 1, 7)", "a.published IS NULL, substr(a.published, 1, 7) DESC, "),
}
