"""What the page opens with: the question of a link, the talk that was left, or nothing yet."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from index.errors import WhosaysError
from qa.app.html.render import escape
from qa.app.shelf.catalogue import Catalogue
from qa.app.talks.conversation import Talk
from qa.app.talks.link import read_link
from qa.app.talks.record import import_conversation, read, resume, write
from qa.app.talks.unsealed import is_doubted
from qa.export.bounded_json import read_json

BROUGHT = "Your conversation continues where the file ended"
UNSEALED = (
    "The file bears no seal of this Whosays, so anybody may have changed it: ask its questions again here."
)


@dataclass(frozen=True, slots=True)
class Opened:
    """`notice` is shown above the box, `typed` stands in it; both are "" where all is as one left it."""

    notice: str = ""
    typed: str = ""


def open_talk(
    talk: Talk, told: Any, library: str, articles: Catalogue, named: Callable[[str], str] = str
) -> Opened:
    """Begin the talk with what the browser told: a JSON object with the address's "query" and the "record".

    `library` is the name of the one that is asked; `named` tells what one of an earlier name is called now.
    The question of a link is left for `talk.linked`.
    """
    talk.library, talk.linked = library, None
    try:
        given = read_json(told) if isinstance(told, str) and told else {}
    except (ValueError, RecursionError):
        given = {}
    query, record = (given.get("query"), given.get("record")) if isinstance(given, dict) else ("", "")
    try:
        if isinstance(query, str) and (link := read_link(query)) is not None:
            if link.library and named(link.library) != library:
                return Opened(
                    f"This link asks the library “{link.library}”, which is not here. This is “{library}”. "
                    "The question is in the box.",
                    link.question,
                )
            talk.scope, talk.linked = link.scope, link
        elif isinstance(record, str) and record:
            left = read(record)
            if named(left.library) == library:  # else another was chosen since; the talk waits in the list
                resume(talk, left, articles)
    except WhosaysError as error:
        return Opened(str(error))
    return Opened()


def import_talk(talk: Talk, text: Any, articles: Catalogue) -> str:
    """Go on with an exported conversation; what is said of it. A file that is none leaves all as it was."""
    try:
        lost = import_conversation(talk, text if isinstance(text, str) else "", articles)
    except WhosaysError as error:
        return f"Nothing was imported. {error}"
    turns = len(talk.exchanges())
    sealed = not any(one.kept is not None and is_doubted(one.kept) for one in talk.exchanges())
    brought = f"{BROUGHT}." if sealed else f"{BROUGHT}. {UNSEALED}"
    if not lost:
        return brought
    return (
        f"{brought} {lost:,} of its {turns:,} answers quote{'s' if lost == 1 else ''} words that are not in "
        "this library. If you asked another library then, choose that one and import again."
    )


def library_signal(library: str) -> str:
    """For the page's script: the library that it asks."""
    return f'<div data-library="{escape(library)}"></div>'


def talk_signal(talk: Talk) -> str:
    """For the page's script: the talk as it is to be kept; empty where there is none any more."""
    return f'<div data-library="{escape(talk.library)}" data-talk="{escape(write(talk))}"></div>'
