"""What the app knows of a library: a line on each article, and one whole article at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

from index.errors import ArticleNotFound
from index.library import Library
from index.records import Article, Listed
from qa.export.text import article_beside, source_of

LIBRARIES_KEPT = 20  # whose summaries are held in memory
FEW = 1_000  # articles that are listed whole to sum them up; of more only what the library knows of them all

ListArticles = Callable[[], Sequence[Article]]


@dataclass(frozen=True, slots=True)
class Entry:
    """An article without its text: who speaks, and when.

    `headline` is the title, or what the article is known by without one; "" where `name` says it.
    """

    id: str
    name: str
    headline: str
    publisher: str | None
    published: str | None


@dataclass(frozen=True, slots=True)
class Summary:
    """The articles in scope in short: `publishers`, each once, the ones to be named first; dates as stated.

    `unnamed` counts those without a publisher. `entries` are all of a few articles, else none.
    """

    total: int
    publishers: tuple[str, ...] = ()
    unnamed: int = 0
    first: str | None = None
    last: str | None = None
    entries: tuple[Entry, ...] = ()


class Catalogue(Protocol):
    """The articles in scope, read no further than a page needs."""

    def summary(self) -> Summary:
        """All of them as of now, those published last first."""

    def article(self, article_id: str) -> Article:
        """One article; ArticleNotFound when it is not there."""


def entry(article: Article | Listed) -> Entry:
    """What the catalogue holds of an article, given whole or as its library lists it."""
    return Entry(
        article.id, source_of(article), article_beside(article), article.publisher, article.published
    )


def sum_up(entries: Sequence[Entry]) -> Summary:
    """Of these, in their order."""
    dates = sorted(one.published for one in entries if one.published)
    return Summary(
        total=len(entries),
        publishers=tuple(dict.fromkeys(one.publisher for one in entries if one.publisher)),
        unnamed=sum(not one.publisher for one in entries),
        first=dates[0] if dates else None,
        last=dates[-1] if dates else None,
        entries=tuple(entries) if len(entries) <= FEW else (),
    )


class Given:
    """Articles that a function gives whole: a few, held in memory."""

    def __init__(self, articles: ListArticles) -> None:
        self._articles = articles

    def summary(self) -> Summary:
        """As `Catalogue.summary`."""
        return sum_up([entry(article) for article in self._articles()])

    def article(self, article_id: str) -> Article:
        """As `Catalogue.article`."""
        for article in self._articles():
            if article.id == article_id:
                return article
        raise ArticleNotFound(f"No article {article_id} is among those given")


class Shelved:
    """The articles of the library that `library` gives at each call, each visitor's own; newest first."""

    def __init__(self, library: Callable[[], Library]) -> None:
        self._library = library
        self._reading = Lock()
        self._known: dict[Path, tuple[str, Summary]] = {}

    def summary(self) -> Summary:
        """As `Catalogue.summary`; made once for each state of the library.

        The publishers of many articles are told by how many each has.
        """
        library = self._library()
        with self._reading:
            # Another library may have been made in the same folder.
            now = library.token
            then, known = self._known.pop(library.path, ("", Summary(0)))
            if then != now:
                many = len(library) > FEW
                known = (
                    _of_many(library)
                    if many
                    else sum_up([entry(article) for article in library.listing(most=FEW).articles])
                )
            self._known[library.path] = (now, known)  # last, as the one read last
            while len(self._known) > LIBRARIES_KEPT:
                del self._known[next(iter(self._known))]
            return known

    def article(self, article_id: str) -> Article:
        """As `Catalogue.article`."""
        return self._library().article(article_id)


def _of_many(library: Library) -> Summary:
    names = library.publishers()
    by_number = sorted(names, key=lambda one: -one[1])  # ties by name, as they come
    first, last = library.period()
    total = len(library)
    unnamed = total - sum(number for _, number in names)
    return Summary(total, tuple(name for name, _ in by_number), unnamed, first, last)


def catalogue(articles: Catalogue | ListArticles) -> Catalogue:
    """A catalogue as it is; a function that gives articles, as one."""
    return Given(articles) if callable(articles) else articles
