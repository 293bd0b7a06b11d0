"""What an article is called, in the app, on the command line and in exports alike; and its publisher."""

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import SplitResult, urlsplit

# So much of a text is enough for its name.
OPENING_CHARS = 400
NAME_CHARS = 56
_QUOTED_CHARS = 44
# "news.example.co.uk": the name stands before what it is registered under.
_DOMAIN = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.)*?(?P<name>[a-z0-9-]{2,})\.(?:(?:co|com|org|net|ac|gov)\.)?[a-z]{2,4}/?"
)


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
    return PurePosixPath(split_address(uri).path).name or uri or "an article without a name"


def shortened(text: str, most: int = NAME_CHARS) -> str:
    """At most `most` characters of whole words, and "…" when there were more."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def source_name(publisher: str | None, uri: str) -> str:
    """Who speaks: the publisher; without one the site's name, or the file's without its extension.

    Never empty.
    """
    if publisher:
        return publisher
    address = split_address(uri)
    if address.scheme in ("http", "https") and address.hostname:
        return address.hostname.removeprefix("www.")
    return PurePosixPath(address.path).stem or uri or "a source without a name"


def split_address(address: str) -> SplitResult:
    """As `urlsplit`; what it cannot read, as it stands in files and headers of strangers, is a path."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", address, "", "")


def fold_publisher(name: str | None) -> str | None:
    """What publishers are compared by, None for no name: spellings of one name are equal.

    Case, spaces, punctuation and a leading "The" do not count, and a domain is the name in it:
    "reuters.com" is Reuters, "www.bbc.co.uk" the BBC. Names that differ in more are merged by people.
    """
    if not name or not name.strip():
        return None
    folded = unicodedata.normalize("NFKC", name).strip().casefold()
    domain = _DOMAIN.fullmatch(folded)
    if domain:
        return domain["name"].replace("-", "")
    return "".join(filter(str.isalnum, folded.removeprefix("the "))) or folded
