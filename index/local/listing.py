"""The articles of a library as a list, from SQLite: what is known of each, without reading their texts."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache

from index.edits import load_edited
from index.errors import LibraryError
from index.local.database import conditions
from index.local.lexical import words
from index.local.outline import Lines, Owners, line_of
from index.names import fold_publisher
from index.records import Excerpt, Listed, Listing, ListQuery, Section, Span, State
from index.scope import EVERYTHING

_EXCERPT_BEFORE, _EXCERPT_CHARS = 60, 180
_FEW = 2_000  # articles


@dataclass(frozen=True, slots=True)
class Sought:
    """A word as it was typed, in lower case, and the indexed words in it."""

    typed: str
    terms: tuple[str, ...]


def sought_terms(typed: str) -> list[str]:
    """The indexed words in what is looked for, sorted."""
    return sorted({term for word in _sought_words(typed) for term in word.terms})


def list_articles(  # noqa: PLR0917  # two that a store may know already
    connection: sqlite3.Connection,
    query: ListQuery,
    state: State,
    held: Mapping[str, Set[int]],
    lines: Lines | None = None,
    owners: Owners | None = None,
) -> Listing:
    """See `Store.list`; `held` gives for each of `sought_terms` the keys of the chunks with it.

    The connection has `listed`, with the columns of a library's table `article`, the number of `characters`,
    and the `opening` of the text; and `chunk`, with `article`, `start` and `end` of those keys at least.
    Keys of chunks that were just removed may be among them. `lines` and `owners` are of the same generation.
    """
    if query.order not in _ORDERS or query.group not in _GROUPS:
        raise LibraryError(
            f"articles are not listed by {query.order!r} in groups by {query.group!r}: order by"
            f" {', '.join(_ORDERS)}, group by {' or '.join(filter(None, _GROUPS))}"
        )
    sought = _sought_words(query.sought)
    where, values = conditions(query.within)
    if sought:
        texts = _find_articles(connection, sought, held, owners)
        lines = lines or Lines(connection)
        fit = set.intersection(
            *(lines.find(word.typed) | text for word, text in zip(sought, texts, strict=True))
        )
        # Few are looked up; for many the list is gone through in its order.
        few = len(fit) < _FEW
        where += " AND a.key IN (SELECT value FROM json_each(?))" if few else " AND fits(a.key, ?)"
        values = [*values, json.dumps(sorted(fit)) if few else ""]
        connection.create_function("fits", 2, lambda key, _: key in fit, deterministic=True)
    value, in_groups = _GROUPS[query.group]
    by = f"{in_groups}{_ORDERS[query.order]}"
    fitting = f"SELECT a.key, {value} FROM listed a WHERE {where} ORDER BY {by}"  # noqa: S608
    if sought or query.group:
        # One pass for the number and the page: a search looks at every article.
        found = list(connection.execute(fitting, values))
        total, page = len(found), [key for key, _ in found[query.first : query.first + query.most]]
    else:
        found = []
        total = state.articles
        if query.within != EVERYTHING:
            ((total,),) = connection.execute(f"SELECT count(*) FROM listed a WHERE {where}", values)  # noqa: S608
        part = connection.execute(f"{fitting} LIMIT ? OFFSET ?", (*values, query.most, query.first))
        page = [key for key, _ in part]
    rows = _read(connection, page)
    shown = _excerpts(connection, page, sought, held) if sought else {}
    # What stands in the line that is shown anyhow needs no excerpt.
    articles = tuple(
        replace(one, excerpt=shown.get(key))
        if any(word.typed not in line_of(one.title, one.publisher, one.author, one.uri) for word in sought)
        else one
        for key, one in zip(page, rows, strict=True)
    )
    return Listing(
        state,
        total,
        articles,
        _sections([of for _, of in found], query.first, query.most) if query.group else (),
        _publishers(connection, where, values) if query.publishers else (),
        _period(connection, where, values) if query.period else (None, None),
    )


def _read(connection: sqlite3.Connection, page: Sequence[int]) -> list[Listed]:
    """In the order of these keys, but read as they lie: of a long list most of the time is the disk's."""
    found: dict[int, Listed] = {}
    for row in connection.execute(_LISTED, (json.dumps(sorted(page)),)):
        key, of, uri, title, publisher, author, published, characters, opening, updated, edited = row
        found[key] = Listed(
            of, uri, title, publisher, author, published, characters, opening, updated, load_edited(edited)
        )
    return [found[key] for key in page]


def _sought_words(typed: str) -> tuple[Sought, ...]:
    """The words that are looked for, in order."""
    return tuple(Sought(word, tuple(words(word))) for word in typed.casefold().split())


def _find_articles(
    connection: sqlite3.Connection,
    sought: Sequence[Sought],
    held: Mapping[str, Set[int]],
    owners: Owners | None,
) -> list[set[int]]:
    """For each word the keys of the articles that hold all its terms; none for a word without any."""
    statement = "SELECT DISTINCT article FROM chunk WHERE key IN (SELECT value FROM json_each(?))"
    by_term = {
        term: owners.articles_of(keys)
        if owners
        else {key for (key,) in connection.execute(statement, (json.dumps(sorted(keys)),))}
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
    hits = [(start, end) for start, end in tokens if terms & _terms_of(text[start:end])]
    if not hits:
        return None
    left = max(0, hits[0][0] - _EXCERPT_BEFORE)
    right = min(len(text), left + _EXCERPT_CHARS)
    left = next((start for start, _ in tokens if start >= left), left) if left else 0
    right = next((end for _, end in reversed(tokens) if end <= right), right) if right < len(text) else right
    marks = tuple(Span(offset + start, offset + end) for start, end in hits if left <= start and end <= right)
    return Excerpt(offset + left, text[left:right], marks)


@lru_cache(maxsize=20_000)
def _terms_of(word: str) -> frozenset[str]:
    return frozenset(words(word))


def _sections(values: Sequence[str | None], first: int, most: int) -> tuple[Section, ...]:
    totals = Counter(fold_publisher(one) for one in values)
    page = values[first : first + most]
    before = fold_publisher(values[first - 1]) if first and page else object()
    found = []
    for at, value in enumerate(page):
        if at == 0 or fold_publisher(value) != fold_publisher(page[at - 1]):
            continued = at == 0 and before == fold_publisher(value)
            found.append(Section(value, at, totals[fold_publisher(value)], continued))
    return tuple(found)


def _publishers(
    connection: sqlite3.Connection, where: str, values: Sequence[str]
) -> tuple[tuple[str, int], ...]:
    """Under the spelling that most articles have."""
    spellings: dict[str, list[tuple[int, str]]] = {}
    for folded, name, number in connection.execute(
        "SELECT a.publisher_folded, a.publisher, count(*) FROM listed a"  # noqa: S608
        f" WHERE a.publisher_folded > '' AND {where} GROUP BY a.publisher_folded, a.publisher"
        " ORDER BY a.publisher_folded, a.publisher",
        values,
    ):
        spellings.setdefault(folded, []).append((number, name))
    return tuple(
        (max(found, key=lambda one: one[0])[1], sum(number for number, _ in found))
        for found in spellings.values()
    )


def _period(
    connection: sqlite3.Connection, where: str, values: Sequence[str]
) -> tuple[str | None, str | None]:
    ((first, last),) = connection.execute(
        f"SELECT min(a.published), max(a.published) FROM listed a WHERE {where}",  # noqa: S608
        values,
    )
    return first, last


_LISTED = (
    "SELECT a.key, a.id, a.uri, a.title, a.publisher, a.author, a.published, a.characters, a.opening,"
    " a.updated, a.edited FROM json_each(?) j CROSS JOIN listed a ON a.key = j.value"
)
# An article's last day is NULL when it states no date, and NULL is the least.
_NEWEST = "a.last_day DESC, a.title IS NULL, a.title COLLATE NOCASE, a.id"
_NO_PUBLISHER_KNOWN = "nullif(a.publisher_folded, '') IS NULL"
_NO_PUBLISHER = f"{_NO_PUBLISHER_KNOWN}, a.publisher_folded"
_ORDERS: Mapping[str, str] = {
    "date": _NEWEST,
    "title": "a.title IS NULL, a.title COLLATE NOCASE, substr(a.opening, 1, 60) COLLATE NOCASE, a.id",
    "publisher": f"{_NO_PUBLISHER}, {_NEWEST}",
    "added": "a.key DESC",
    # A truth is 1 in SQLite: those that lack most come first.
    "missing": f"({_NO_PUBLISHER_KNOWN}) + (a.published IS NULL) + (a.title IS NULL) DESC, {_NEWEST}",
}
# By group: the value that an article is put under, and what orders the groups.
_GROUPS: Mapping[str, tuple[str, str]] = {
    "": ("NULL", ""),
    "publisher": ("nullif(trim(a.publisher), '')", f"{_NO_PUBLISHER}, "),
    "month": ("substr(a.published, 1, 7)", "a.published IS NULL, substr(a.published, 1, 7) DESC, "),
}
