"""What stands around the conversation: the head of the page with its library, and the fine print."""

from urllib.parse import quote as percent_encoded

from qa.app.html import words
from qa.app.html.document import TAGLINE
from qa.app.html.render import escape, isolate
from qa.app.shelf.catalogue import Entry, Summary

FINE_PRINT = "Every answer is a quote from the articles. Nothing is written by a model."
LISTED = 12  # articles by name; of more there is a list of their own
PUBLISHERS = 6
PUBLISHER_CHARS = 32


def line(article: Entry) -> str:
    """One article of the library."""
    link = escape(f"article/{percent_encoded(article.id, safe='')}")
    by = f"{isolate(article.name)}, " if article.headline else ""
    return (
        f'<li><a data-article href="{link}">{isolate(article.headline or article.name)}</a> '
        f'<span class="when">{by}{escape(words.date(article.published))}</span></li>'
    )


def library(known: Summary, listed_at: str = "") -> str:
    """One line on what can be asked; of a few articles it opens into their list.

    `listed_at` is the path of a page that lists all of them, where there is one.
    """
    if not known.total:
        add = f'<a href="{escape(listed_at)}">Add some</a>' if listed_at else "Add some with “whosays add”"
        return f'<p class="library">There are no articles in this library yet. {add}.</p>'
    named = words.join_names(known.publishers, PUBLISHERS, PUBLISHER_CHARS)
    who = [named] if named else []
    if known.unnamed:
        who.append(f"{known.unnamed:,} without a stated publisher" if named else "no publisher stated")
    when = words.date(known.first) if known.first else "undated"
    if known.first != known.last:
        when = f"{words.date(known.first)} to {words.date(known.last)}"
    summary = f"<b>{words.count(known.total, 'article')}</b>: {isolate('; '.join(who))}; {escape(when)}"
    if known.total > LISTED:
        link = f' <a href="{escape(listed_at)}">See all articles</a>' if listed_at else ""
        return f'<p class="library">{summary}.{link}</p>'
    entries = "".join(map(line, known.entries))
    return f'<details class="library"><summary>{summary}</summary><ul>{entries}</ul></details>'


def masthead(known: Summary, listed_at: str = "") -> str:
    """The name, what it does, and the library; as `library`. Never longer than a screen."""
    tagline = f'<p class="tagline">{TAGLINE}</p>'
    return f'<header class="masthead"><h1>Whosays</h1>{tagline}{library(known, listed_at)}</header>'


def opener(talks: int, turns: int, *, on_server: bool) -> str:
    """The button that opens the list of conversations, which `history.js` draws from what is kept.

    Kept are at most so many `talks` with the newest `turns` of each; `on_server` tells where.
    """
    where = "server" if on_server else "browser"
    return (
        f'<p class="history-line" data-kept="{where}" data-most="{talks}" data-turns="{turns}">'
        '<button type="button" class="conversations">Conversations</button></p>'
    )
