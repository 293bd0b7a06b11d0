"""What an article is called, in the app, on the command line and in exports alike; and its publisher."""

from pathlib import PurePosixPath
from urllib.parse import urlsplit

# So much of a text is enough for its name.
OPENING_CHARS = 400
NAME_CHARS = 56
_QUOTED_CHARS = 44


def article_name(title: str | None, opening: str, uri: str) -> str:
    """The title; without one the first words of the text in quotation marks, never a file's name.

    `opening` is the start of the text, at least OPENING_CHARS of it. Only where it is not known, the last
    part of the address stands in. Never empty.
    """
    if title:
        return title
    words = " ".join(opening[:OPENING_CHARS].split())
    if words:
        return f"“{shortened(words, _QUOTED_CHARS)}”"
    return PurePosixPath(urlsplit(uri).path).name or uri or "an article without a name"


def shortened(text: str, most: int = NAME_CHARS) -> str:
    """At most `most` characters of whole words, and "…" when there were more."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def fold_publisher(name: str | None) -> str | None:
    """What publishers are compared by: whatever their case, and without space around them."""
    return name.strip().casefold() if name else None
