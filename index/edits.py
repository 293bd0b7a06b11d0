"""What people set of an article, told from what its source states; the text is never among it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from index.errors import LibraryError
from index.lengths import VALUE_CHARS
from index.records import EDITABLE, Article
from index.sources.metadata import iso_date, one_line

DATES = ("published", "updated")


def check_edits(values: Mapping[str, str | None]) -> dict[str, str | None]:
    """The values as they are kept: on one line, dates as ISO 8601. "" says that there is none.

    None takes a person's word back. LibraryError for an unknown field, a day that cannot be read in exactly
    one way, and a value that is too long.
    """
    checked = {}
    for name, value in values.items():
        if name not in EDITABLE:
            raise LibraryError(f"{name} cannot be set: an article has {', '.join(EDITABLE)}")
        checked[name] = None if value is None else _check(name, value)
    return checked


def _check(name: str, value: str) -> str:
    written = one_line(value) or ""
    if len(written) > VALUE_CHARS:
        raise LibraryError(
            f"{name} has {len(written):,} characters, and {VALUE_CHARS} are the most: shorten it"
        )
    if name not in DATES or not written:
        return written
    date = iso_date(written)
    if date is None:
        raise LibraryError(f'{name} = "{written[:40]}" is not a sure date: write 2026, 2026-07 or 2026-07-03')
    return date


def with_edits(article: Article, values: Mapping[str, str | None]) -> Article:
    """The article with these values, of `check_edits`, set beside those that were set before."""
    kept: dict[str, str | None] = {**edits_of(article), **values}
    stated = as_stated(article)
    edits = {name: kept[name] for name in EDITABLE if kept.get(name) is not None}
    held: dict[str, Any] = {name: value or None for name, value in edits.items()}
    return replace(stated, edited=tuple((name, getattr(stated, name)) for name in edits), **held)


def edits_of(article: Article) -> dict[str, str]:
    """What people set of it, "" where they said that there is none."""
    return {name: getattr(article, name) or "" for name, _ in article.edited}


def as_stated(article: Article) -> Article:
    """The article as its source states it."""
    stated: dict[str, Any] = dict(article.edited)
    return replace(article, edited=(), **stated)


def dump_edited(article: Article) -> str | None:
    """`Article.edited` as a store keeps it; None where nothing was set."""
    return json.dumps(dict(article.edited)) if article.edited else None


def load_edited(kept: str | None) -> tuple[tuple[str, str | None], ...]:
    """What `dump_edited` gave. ValueError for anything else."""
    if kept is None:
        return ()
    held = json.loads(kept)
    if not isinstance(held, dict) or not all(
        name in EDITABLE and isinstance(value, str | None) for name, value in held.items()
    ):
        raise ValueError("is not what was set of an article")
    return tuple(held.items())
