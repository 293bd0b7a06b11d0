"""What the app knows of a library: a line on each article, and one whole article at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

from index.errors import ArticleNotFound
from index.library import Library
from index.listing import Listed
from index.records import Article

LIBRARIES_KEPT = 20  # whose listings are held in memory

ListArticles = Callable[[], Sequence[Article]]


@dataclass(frozen=True, slots=True)
class Entry:
    """An article without its text. `headline` is the title, or what the article is known by without one."""

    id: str
    headline: str
    publisher: str | None
    published: str | None

    @property
    def name(self) -> str:
        """Who speaks: the publisher, else the headline."""
        return self.publisher or self.headline


class Catalogue(Protocol):
    """The articles in scope, read no further than a page needs."""

    def listing(self) -> Sequence[Entry]:
        """All articles as of now, always in the same order."""

    def article(self, article_id: str) -> Article:
        """One article; ArticleNotFound when it is not there."""


def entry(article: Article) -> Entry:
    """What the listing holds of an article."""
    return Entry(article.id, article.name, article.publisher, article.published)


def listed(article: Listed) -> Entry:
    """The same of an article as its library lists it."""
    return Entry(article.id, article.name, article.publisher, article.published)


class Given:
    """Articles that a function gives whole: a few, held in memory."""

    def __init__(self, articles: ListArticles) -> None:
        self._articles = articles

    def listing(self) -> Sequence[Entry]:
        """As `Catalogue.listing`."""
        return [entry(article) for article in self._articles()]

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
        self._known: dict[Path, tuple[int, Sequence[Entry]]] = {}

    def listing(self) -> Sequence[Entry]:
        """As `Catalogue.listing`; read once for each generation of the library."""
        library = self._library()
        with self._reading:
            now = library.generation
            generation, known = self._known.pop(library.path, (None, ()))
            if generation != now:
                found = library.listing(most=max(1, len(library)))
                known = [listed(article) for article in found.articles]
            self._known[library.path] = (now, known)  # last, as the one read last
            while len(self._known) > LIBRARIES_KEPT:
                del self._known[next(iter(self._known))]
            return known

    def article(self, article_id: str) -> Article:
        """As `Catalogue.article`."""
        return self._library().article(article_id)


def catalogue(articles: Catalogue | ListArticles) -> Catalogue:
    """A catalogue as it is; a function that gives articles, as one."""
    return Given(articles) if callable(articles) else articles
