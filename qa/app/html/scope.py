"""Of which articles a question was asked, as HTML: the line above its answer, and what has changed since."""

from collections.abc import Sequence
from dataclasses import replace

from qa.app.html import words
from qa.app.html.render import isolate
from qa.export.text import narrowing_text, order_text
from qa.records import Answer, Coverage


def scope_text(coverage: Coverage, titles: Sequence[str] = ()) -> str:
    """ "Asked of 3 of 298 articles: Reuters; from July 2026"; "Asked of all 298 articles".

    `titles` are those of chosen articles. Plain text, not escaped.
    """
    dated = replace(
        coverage,
        since=words.date(coverage.since) if coverage.since else None,
        until=words.date(coverage.until) if coverage.until else None,
    )
    if coverage.narrowed:
        return f"Asked of {narrowing_text(dated, titles)}"
    articles = coverage.library_articles or coverage.articles
    if not articles:
        return "Asked of a library without articles"
    return f"Asked of {'all ' if articles > 1 else 'the '}{words.count(articles, 'article')}"


def scope_button(text: str) -> str:
    """What is asked just now, which opens the fields that change it; `scope.js` tells whether these are."""
    return (
        '<button type="button" class="scope-button" aria-expanded="false" aria-controls="scope-fields">'
        f"{isolate(text)}</button>"
    )


def scope_line(coverage: Coverage, titles: Sequence[str] = ()) -> str:
    """What stands above an answer; nothing where the whole library was asked."""
    return f'<p class="asked-of">{isolate(scope_text(coverage, titles))}</p>' if coverage.narrowed else ""


def order_line(answer: Answer) -> str:
    """That the sources stand by date, as the question asked; nothing where the surest come first."""
    told = order_text(answer)
    return f'<p class="asked-of">{isolate(told)}</p>' if told else ""


def note_line(note: str) -> str:
    """What has changed since the answer was given; nothing for nothing."""
    return f'<p class="failure">{isolate(note)}</p>' if note else ""
