"""What stands around each page: its head of one line with the library, and the fine print."""

from urllib.parse import quote as percent_encoded

from qa.app.html import words
from qa.app.html.document import TAGLINE
from qa.app.html.render import escape, isolate
from qa.app.shelf.catalogue import Entry, Summary

FINE_PRINT = "Every answer is a quote from the articles. Nothing is written by a model."
SEALED = (
    "This library lies where nothing can be written. It can be asked and compared; nothing is added, ruled or"
    " kept in its notebook, and what is compared is not remembered."
)
LISTED = 12  # articles by name; of more there is a list of their own
PUBLISHERS = 6
PUBLISHER_CHARS = 32
# `frame.js` opens and closes what stands at the side, and says which of it this is.
_SIDE = (
    '<button type="button" class="side-toggle" aria-controls="side" aria-expanded="false" '
    'aria-label="Menu"></button>'
)


def line(article: Entry) -> str:
    """One article of the library."""
    link = escape(f"article/{percent_encoded(article.id, safe='')}")
    by = f"{isolate(article.name)}, " if article.headline else ""
    return (
        f'<li><a data-article href="{link}">{isolate(article.headline or article.name)}</a> '
        f'<span class="when">{by}{escape(words.date(article.published))}</span></li>'
    )


def library(known: Summary, listed_at: str = "", name: str = "", *, sealed: bool = False) -> str:
    """What can be asked: the library's `name` and the number of its articles, which opens into their list.

    `listed_at` is the path of a page that lists all of them, where there is one. One that is `sealed` lies
    where nobody may write.
    """
    called = f'<b class="name">{isolate(name)}</b> ' if name else ""
    if not known.total:
        add = f'<a href="{escape(listed_at)}">Add some</a>' if listed_at else "Add some with “whosays add”"
        none = "There are no articles in this library yet."
        if sealed:
            return (
                f'<p class="library">{called}<span class="none">{none[:-5]}, and it is read-only.</span></p>'
            )
        return f'<p class="library">{called}<span class="none">{none} {add}.</span></p>'
    named = words.join_names(known.publishers, PUBLISHERS, PUBLISHER_CHARS)
    who = [named] if named else []
    if known.unnamed:
        who.append(f"{known.unnamed:,} without a stated publisher" if named else "no publisher stated")
    when = words.date(known.first) if known.first else "undated"
    if known.first != known.last:
        when = f"{words.date(known.first)} to {words.date(known.last)}"
    link = f' <a href="{escape(listed_at)}">See all articles</a>' if listed_at else ""
    few = known.total <= LISTED
    told = f"<p>{isolate('; '.join(who))}; {escape(when)}.{'' if few else link}</p>"
    entries = f"<ul>{''.join(map(line, known.entries))}</ul>" if few else ""
    count = f'<span class="count">{words.count(known.total, "article")}</span>'
    mark = '<span class="sealed">read-only</span>' if sealed else ""
    note = f"<p>{SEALED}</p>" if sealed else ""
    return (
        f'<details class="library"><summary>{called}{count}{mark}</summary>'
        f'<div class="known">{note}{told}{entries}</div></details>'
    )


def masthead(
    known: Summary,
    listed_at: str = "",
    *,
    name: str = "",
    first: bool = True,
    add_at: str = "",
    sealed: bool = False,
) -> str:
    """One line: what opens the side, the app's name, the library as `library`, and where articles are added.

    Of the `first` page the app's name is the heading, and what it does stands below. `add_at` is the address
    of the place where articles come in, "" where none may be added; `sealed` is as for `library`.
    """
    brand = "<h1>Whosays</h1>" if first else '<a class="brand" href="./">Whosays</a>'
    add = f'<a class="add-articles" href="{escape(add_at)}">Add articles</a>' if add_at else ""
    shown = library(known, listed_at, name, sealed=sealed)
    tagline = f'<p class="tagline">{TAGLINE}</p>' if first else ""
    return f'<header class="masthead">{_SIDE}{brand}{shown}{add}</header>{tagline}'


def opener(talks: int, turns: int, *, on_server: bool) -> str:
    """The button that opens the list of conversations, and the newest of them, as `history.js` draws them.

    Kept are at most so many `talks` with the newest `turns` of each; `on_server` tells where.
    """
    where = "server" if on_server else "browser"
    return (
        f'<section class="history-line" data-kept="{where}" data-most="{talks}" data-turns="{turns}">'
        '<p><button type="button" class="conversations">Conversations</button>'
        '<button type="button" class="fresh" aria-label="New conversation">New</button></p>'
        '<ul class="recent"></ul></section>'
    )
