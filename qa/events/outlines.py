"""What is known of an article when it is held against others: day, names, words, passages' vectors."""

import datetime
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice

import numpy as np

from index.library import Library
from index.records import Article, Vectors
from index.scope import EVERYTHING, Scope
from index.text.clean import normalise
from qa.conflicts.copies import Sequences, sequences_of
from qa.language.dates import day_of
from qa.language.names import keep_names
from qa.language.terms import terms

# What an event is stands at the beginning of an article, and two long ones would take long to compare.
# Source: own choice.
_CHARACTERS = 20_000
_PASSAGES = 32

_BATCH = 200  # articles read at once
_WORD = re.compile(r"[^\W\d_][\w'’-]+")


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """An article in outline: `names` and `words` sorted, in small letters or stemmed.

    `vectors` are those of its first passages, (passages, dimension), each of length 1; one of zeros where it
    has none. `sequences` tell whose text it copies. `day` is None where no month is stated. `name` is what
    the article is called.
    """

    article_id: str
    name: str
    published: str | None
    day: datetime.date | None
    names: tuple[str, ...]
    words: tuple[str, ...]
    vectors: Vectors
    sequences: Sequences

    @property
    def mean(self) -> Vectors:
        """The mean of the passages' vectors, (dimension,), of length 1 unless it is zero."""
        total = self.vectors.sum(0)
        length = float(np.linalg.norm(total))
        return np.asarray(total / length if length else total, np.float32)


def outline(article: Article, vectors: Vectors) -> Outline:
    """The outline of an article whose passages have these vectors, (passages, dimension)."""
    names, words, sequences = _read(article.title or "", article.text[:_CHARACTERS])
    return Outline(
        article.id,
        article.name,
        article.published,
        day_as_stated(article.published),
        names,
        words,
        vectors[:_PASSAGES],
        sequences,
    )


def outline_articles(library: Library, *, scope: Scope = EVERYTHING) -> Iterator[Outline]:
    """The outlines of all articles in scope, by id, from the vectors that the library holds, in batches."""
    articles = library.articles(scope=scope)
    while batch := list(islice(articles, _BATCH)):
        yield from _outline_batch(library, batch)


def outline_these(library: Library, articles: Iterable[Article]) -> list[Outline]:
    """The outlines of articles of the library, in their order."""
    return list(_outline_batch(library, list(articles)))


def _outline_batch(library: Library, articles: Sequence[Article]) -> Iterator[Outline]:
    held = _vectors_of(library, [one.id for one in articles])
    none = np.zeros((1, next(iter(held.values())).shape[1] if held else 1), np.float32)
    for article in articles:
        yield outline(article, held.get(article.id, none))


def _vectors_of(library: Library, article_ids: Sequence[str]) -> Mapping[str, Vectors]:
    """Those of each article's passages, in reading order; an article without passages is not among them."""
    if not article_ids:
        return {}
    hits, vectors = library.sample(sys.maxsize, scope=Scope(articles=tuple(article_ids)))
    places = groupby(range(len(hits)), key=lambda at: hits[at].article.id)
    return {article_id: vectors[list(at)] for article_id, at in places}


def day_as_stated(published: str | None) -> datetime.date | None:
    """A year alone says too little of how far apart two articles are."""
    return day_of(published) if len(published or "") >= len("2026-07") else None


@lru_cache(maxsize=256)  # questions come back to the same articles
def _read(title: str, text: str) -> tuple[tuple[str, ...], tuple[str, ...], Sequences]:
    """The names, the words, and the sequences of the text alone: copies are headed as each paper likes."""
    names, words = _find_names(title, text), terms(f"{title}\n{text}")
    return tuple(sorted(map(sys.intern, names))), tuple(sorted(map(sys.intern, words))), sequences_of(text)


def _find_names(title: str, text: str) -> frozenset[str]:
    """Words with a capital that the text nowhere writes without one.

    Those of a headline count where it is not all in capitals, as headlines of some papers are.
    """
    within, above = _split(text), _split(title)
    small = {word for word in (*within, *above) if word[0].islower()}
    cased = any(word[0].islower() and len(word) > 3 for word in above)
    return keep_names([*within, *(above if cased else ())], small)


def _split(text: str) -> list[str]:
    return [word.removesuffix("'s").removesuffix("’s") for word in _WORD.findall(normalise(text))]
