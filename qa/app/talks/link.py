"""The link that holds a question with all that it means: library, scope, and words of its talk."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from index.errors import QuestionError
from index.scope import EVERYTHING, Scope

# A link is a line that people send each other; more cannot be typed or chosen on the page either.
MOST_NAMED = 200
NAME_CHARS = 300
LINK_CHARS = 60_000
MOST_WORDS, WORD_CHARS = 40, 100


@dataclass(frozen=True, slots=True)
class Link:
    """A question as an address holds it: `library` is "" where none is named, `about` None for a whole one.

    `about` are the words that a follow-up took from its talk: with them it means the same without the talk.
    """

    question: str
    library: str = ""
    scope: Scope = EVERYTHING
    about: tuple[str, ...] | None = None


def link_query(link: Link) -> str:
    """The part of the address after the question mark."""
    scope = link.scope
    pairs = [
        ("ask", link.question),
        *([("library", link.library)] if link.library else []),
        *(("publisher", one) for one in scope.publishers),
        *([("since", scope.since)] if scope.since else []),
        *([("until", scope.until)] if scope.until else []),
        *(("article", one) for one in scope.articles),
        *(("about", one) for one in link.about or ()),
    ]
    return urlencode(pairs)


def read_link(query: str) -> Link | None:
    """The link that an address holds, with or without its question mark; None where it asks nothing.

    Raises QuestionError for one that is too long or names too much.
    """
    if len(query) > LINK_CHARS:
        raise QuestionError(f"this link is longer than {LINK_CHARS:,} characters: ask the question itself")
    try:
        held = parse_qs(query.removeprefix("?"), errors="replace", max_num_fields=2 * MOST_NAMED)
    except ValueError as error:
        raise QuestionError(
            f"this link names more than {2 * MOST_NAMED} things: ask the question itself"
        ) from error
    question = held.get("ask", [""])[0].strip()
    if not question:
        return None
    scope = Scope(
        publishers=_names(held.get("publisher", ())),
        since=_first(held.get("since", ())),
        until=_first(held.get("until", ())),
        articles=_names(held.get("article", ())),
    )
    words = [one for one in held.get("about", ())[:MOST_WORDS] if 0 < len(one) <= WORD_CHARS]
    library = held.get("library", [""])[0][:NAME_CHARS]
    return Link(question, library, scope, tuple(words) if words else None)


def _names(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one[:NAME_CHARS] for one in given[:MOST_NAMED]))


def _first(given: Sequence[str]) -> str | None:
    return given[0][:20] if given else None
