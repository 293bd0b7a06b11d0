"""An article to read, opened at a quote: alone, or two side by side."""

from index.records import Article, Span
from qa.app.html import words
from qa.app.html.document import document
from qa.app.html.render import escape, isolate, mark_span, outside_link
from qa.export.text import source_of

NOWHERE = Span(0, 0)
MOST_DIGITS = 11
# An address can name one place to scroll to; here there are two, each in a column of its own.
SCROLL_BOTH = (
    'document.querySelectorAll(".pair mark").forEach((mark) => mark.scrollIntoView({block: "center"}))'
)


def span(start: str, end: str) -> Span:
    """The characters that an address names; none where it names no span."""
    if not all(text.isdecimal() and len(text) <= MOST_DIGITS for text in (start, end)):
        return NOWHERE
    return Span(int(start), int(end)) if int(start) <= int(end) else NOWHERE


def article_page(article: Article, at: Span) -> str:
    """A whole article with the characters `at` marked; the mark's id is "quote"."""
    return document(
        f"{article.name} · Whosays", f'<main class="whole">{body(article, at, "quote", 1)}</main>'
    )


def pair_page(left: tuple[Article, Span], right: tuple[Article, Span]) -> str:
    """Two whole articles side by side, each with its characters marked, as "quote" and "quote-beside"."""
    columns = "".join(
        f'<section class="whole" tabindex="0" aria-label="{escape(article.name)}">'
        f"{body(article, at, mark, 2)}</section>"
        for (article, at), mark in ((left, "quote"), (right, "quote-beside"))
    )
    main = f'<main class="pair"><h1 class="spoken">Two articles side by side</h1>{columns}</main>'
    names = " and ".join(source_of(article) for article, _ in (left, right))
    return document(f"{names} · Whosays", main, script=SCROLL_BOTH)


def body(article: Article, at: Span, mark: str, level: int) -> str:
    """Headline, facts and text; the mark gets the id `mark`, the headline a heading of `level`."""
    stated = "" if article.publisher else "no publisher"
    facts = [source_of(article), stated, article.author or "", words.date(article.published)]
    about = ", ".join(isolate(fact) for fact in facts if fact)
    return (
        f"<header><h{level}>{isolate(article.name)}</h{level}>"
        f'<p class="about">{about} {outside_link(article.uri)}</p></header>'
        f'<div class="text">{mark_span(article.text, at.start, at.end, mark)}</div>'
    )


def missing_page() -> str:
    """What stands where no article does."""
    text = (
        "There is no such article in this library. It may have been removed, or replaced by a newer version."
    )
    return document(
        "No such article · Whosays", f'<main class="whole"><h1>No such article</h1><p>{text}</p></main>'
    )
