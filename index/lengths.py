"""How long what a source states of an article may be: it stands beside quotes, is sought with passages.

A title of 400,000 characters over a text of as many takes 25 seconds to add, and slows all questions.
"""

from dataclasses import replace
from typing import Any

from index.names import shortened
from index.records import Article

VALUE_CHARS = 300  # of one value: it stands on one line wherever an article is named
ADDRESS_CHARS = 4_096  # as of a path. Source: Linux, PATH_MAX
_LINES = ("title", "publisher", "author")


def hold_to_lengths(article: Article, place: str) -> tuple[Article, str]:
    """The article with what is stated of it cut where it is too long, and a reason that says so; "" for none.

    An address cannot be cut: in its place stands the `place` that the article was loaded from.
    """
    changed: dict[str, Any] = {
        name: shortened(value, VALUE_CHARS - 1)
        for name in _LINES
        if (value := getattr(article, name)) and len(value) > VALUE_CHARS
    }
    said = [f"its {name} is cut to {VALUE_CHARS} characters" for name in changed]
    if len(article.uri) > ADDRESS_CHARS:
        changed["uri"] = place[:ADDRESS_CHARS]
        said.append(f"its address has more than {ADDRESS_CHARS:,} characters and is left out")
    return (replace(article, **changed), ", ".join(said)) if changed else (article, "")
