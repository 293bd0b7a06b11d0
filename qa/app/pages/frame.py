"""What stands around the conversation: the head of the page with its library, style and script."""

from importlib import resources
from urllib.parse import quote as percent_encoded

from qa.app.html import words
from qa.app.html.render import escape, isolated
from qa.app.serve.catalogue import Entry, Summary

TAGLINE = "Ask your articles. See who says what, and who disagrees."
FINE_PRINT = "Every answer is a quote from the articles. Nothing is written by a model."
LISTED = 12  # articles by name; of more there is a list of their own
PUBLISHERS = 6
PUBLISHER_CHARS = 32


def style() -> str:
    """All stylesheets, the common one first, then those of single pages by name."""
    return _joined(".css", first="style.css")


def script() -> str:
    """All scripts, the common one first: articles open beside the page, the newest turn comes into view."""
    return _joined(".js", first="page.js")


def _joined(ending: str, first: str) -> str:
    folder = resources.files("qa.app.html")
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(ending))
    names.sort(key=lambda name: name != first)
    return "\n".join(folder.joinpath(name).read_text("utf-8") for name in names)


def head() -> str:
    """What the page's head gets: style and script in the page itself, so that nothing else is fetched."""
    return f"<style>{style()}</style><script>{script()}</script>"


def line(article: Entry) -> str:
    """One article of the library."""
    link = escape(f"article/{percent_encoded(article.id, safe='')}")
    publisher = isolated(article.publisher) if article.publisher else "publisher not stated"
    return (
        f'<li><a data-article href="{link}">{isolated(article.headline)}</a> '
        f'<span class="when">{publisher}, {escape(words.date(article.published))}</span></li>'
    )


def library(known: Summary, listed_at: str = "") -> str:
    """One line on what can be asked; of a few articles it opens into their list.

    `listed_at` is the path of a page that lists all of them, where there is one.
    """
    if not known.total:
        add = f'<a href="{escape(listed_at)}">Add some</a>' if listed_at else "Add some with “whosays add”"
        return f'<p class="library">There are no articles in this library yet. {add}.</p>'
    named = words.listed(known.publishers, PUBLISHERS, PUBLISHER_CHARS)
    who = [named] if named else []
    if known.unnamed:
        who.append(f"{known.unnamed:,} without a stated publisher" if named else "no publisher stated")
    when = words.date(known.first) if known.first else "undated"
    if known.first != known.last:
        when = f"{words.date(known.first)} to {words.date(known.last)}"
    summary = f"<b>{words.count(known.total, 'article')}</b>: {isolated('; '.join(who))}; {escape(when)}"
    if known.total > LISTED:
        link = f' <a href="{escape(listed_at)}">See all articles</a>' if listed_at else ""
        return f'<p class="library">{summary}.{link}</p>'
    entries = "".join(map(line, known.entries))
    return f'<details class="library"><summary>{summary}</summary><ul>{entries}</ul></details>'


def masthead(known: Summary, listed_at: str = "") -> str:
    """The name, what it does, and the library; as `library`. Never longer than a screen."""
    tagline = f'<p class="tagline">{TAGLINE}</p>'
    return f'<header class="masthead"><h1>Whosays</h1>{tagline}{library(known, listed_at)}</header>'


def document(title: str, main: str, *, script: str = "") -> str:
    """A page of its own, in the app's style; `script` runs once all of it stands."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style()}</style></head>"
        f'<body class="alone">{main}{f"<script>{script}</script>" if script else ""}</body></html>'
    )
