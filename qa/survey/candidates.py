"""Which statements of a library are held against each other: each and its nearest in other articles.

Near is what means the like, stands in articles that are about the like and shares its rare words: the cosine
of two sentences' embeddings, that of the means of their articles', and what both have of the weight of their
words. One search of vectors and a list of who has each rare word find them, without word lists or names of
stories, and the work grows with the statements, not with the square of the library.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from math import fsum, log
from typing import Any

import faiss
import numpy as np

from index.adding import Progress
from index.records import Article
from qa.language.dates import day_of
from qa.language.terms import terms
from qa.survey.near_copies import NearCopies, Pair
from qa.survey.statements import Sheets
from qa.survey.vectors import StatementVectors

# Each statement meets so many, of so many that are looked at. Source: in one library of 112 stories held out
# of training, 66 in 100 labelled disputes are among the pairs so proposed, before the limits below; without
# shared words 64, with the cosine of the sentences alone 58.
NEIGHBOURS = 6
LOOKED_AT = 32
# A word that no more statements have is looked up. Source: own choice. In a list of 3,333 things, as
# `eval.bench.survey` makes it, it finds all of the planted disputes; without it 91 in 100 are found.
RARE = 12
# Below it two sentences are of two things. Source: on the same stories, each a library of its own, it leaves
# out half of the pairs, and none of those that score 0.4 or more.
LEAST_COSINE = 0.25
# Below it two articles are of two matters, unless both sentences share a name.
LEAST_OF_ARTICLES = 0.5
# What is so much further than the nearest of a statement is of another thing. Source: the same: it leaves out
# a sixth of the rest, and none that score so; in lists nearly all of other things.
FURTHER = 0.2
# Statements published further apart are of two times. Source: own choice.
MOST_DAYS = 366

_EXACT = 50_000  # statements; beyond, the nearest are sought in the nearest cells alone
_PROBED = 16
_BLOCK = 1024  # statements whose neighbours are sought at once


AreApart = Callable[[str, str], bool]
"""Whether two articles, by their ids, surely tell of two events."""


def never_apart(_one: str, _other: str) -> bool:
    """Of articles of whose events nothing is known."""
    return False


def candidates(
    sheets: Sheets,
    copies: NearCopies,
    rows: StatementVectors,
    progress: Progress | None = None,
    *,
    are_apart: AreApart = never_apart,
) -> dict[Pair, float]:
    """The pairs with the cosine of their sentences, in order; `copies` and `rows` are those of the sheets."""
    digests = rows.digests
    if len(digests) < 2:
        return {}
    words = _Words([sheets.text(digest) for digest in digests])
    held = Counter(chain.from_iterable(map(sheets.names, digests)))
    rare = frozenset(name for name, many in held.items() if many <= RARE)
    index = _index(rows)
    found: dict[Pair, float] = {}
    most = max(len(sheet.lines) for sheet in sheets.sheets)
    for start in range(0, len(rows), _BLOCK):
        if progress:
            progress(start, len(rows), "matching statements")
        block = rows.of(np.arange(start, min(start + _BLOCK, len(rows))))
        _, near = index.search(block, min(len(rows), LOOKED_AT + most))
        for place, looked_at in enumerate(near.tolist(), start):
            others = np.array(sorted({*looked_at, *words.find_sharing(place)} - {place, -1}), np.int64)
            mine, theirs = block[place - start], rows.of(others)
            close = theirs @ mine + [words.measure_shared(place, other) for other in others.tolist()]
            met, least = 0, -np.inf
            for at in np.argsort(-close, kind="stable").tolist():
                if met == NEIGHBOURS or close[at] < least:
                    break
                other = int(others[at])
                pair = _pair(digests[place], digests[other])
                # A bulletin tells of several events: two sentences that name what few others do are of one.
                # Source: in 150 lists as `eval.bench.survey` makes them, it finds all that was planted;
                # by articles alone 16 in 100. On the stories of the dev part both show the same.
                told = sheets.names(pair[0]) & sheets.names(pair[1])
                apart = never_apart if told & rare else are_apart
                if not _may_meet(sheets, pair, apart) or copies.cannot_conflict(*pair):
                    continue
                cosine = float(mine[: rows.width] @ theirs[at, : rows.width])
                alike = float(mine[rows.width :] @ theirs[at, rows.width :]) >= LEAST_OF_ARTICLES
                if cosine >= LEAST_COSINE and (alike or told):
                    found[pair] = cosine
                    least = max(least, close[at] - FURTHER)
                    met += 1
    return dict(sorted(found.items()))


class _Words:
    """The stems of the content words of each text, rare ones weighing more (inverse document frequency)."""

    def __init__(self, texts: Sequence[str]) -> None:
        numbers: dict[str, int] = {}
        self._of = [
            array("I", sorted({numbers.setdefault(word, len(numbers)) for word in terms(text)}))
            for text in texts
        ]
        many = np.bincount(np.concatenate([np.array(held, np.int64) for held in self._of]))
        self._weights = [log(len(texts) / holding) for holding in many.tolist()]
        self._rare: dict[int, list[int]] = {
            word: [] for word, holding in enumerate(many.tolist()) if 1 < holding <= RARE
        }
        for place, held in enumerate(self._of):
            for word in held:
                if word in self._rare:
                    self._rare[word].append(place)
        # Exactly, for the order of a sum may differ.
        self._totals = [fsum(map(self._weights.__getitem__, held)) for held in self._of]
        self._last: tuple[int, frozenset[int]] = (-1, frozenset())

    def find_sharing(self, place: int) -> set[int]:
        """The places of the texts that have a rare word of the text at `place`."""
        return {other for word in self._of[place] for other in self._rare.get(word, ())}

    def measure_shared(self, place: int, other: int) -> float:
        """The weight of the words of both, of that of the words of either, in 0..1."""
        if self._last[0] != place:
            self._last = place, frozenset(self._of[place])
        mine = self._last[1]
        both = fsum(self._weights[word] for word in self._of[other] if word in mine)
        either = self._totals[place] + self._totals[other] - both
        return both / either if either else 0.0


def _pair(one: int, other: int) -> Pair:
    return min(one, other), max(one, other)


def _may_meet(sheets: Sheets, pair: Pair, are_apart: AreApart) -> bool:
    """Whether they stand in two articles that may tell of one event and were not published too far apart."""
    mine, theirs = ([sheets.sheets[at].article for at, _ in sheets.places[digest]] for digest in pair)
    return any(
        one.id != other.id and _are_near_in_time(one, other) and not are_apart(one.id, other.id)
        for one in mine
        for other in theirs
    )


def _are_near_in_time(one: Article, other: Article) -> bool:
    mine, theirs = day_of(one.published), day_of(other.published)
    return mine is None or theirs is None or abs((mine - theirs).days) <= MOST_DAYS


def _index(rows: StatementVectors) -> Any:
    """Exact up to `_EXACT` statements; beyond, a byte for a number, in cells."""
    dimension = 2 * rows.width
    if len(rows) <= _EXACT:
        index: Any = faiss.IndexFlatIP(dimension)
    else:
        cells = int(4 * len(rows) ** 0.5)
        index = faiss.index_factory(dimension, f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT)
        # An evenly spaced, deterministic sample.
        sample = np.linspace(0, len(rows) - 1, min(40 * cells, len(rows))).astype(np.int64)
        index.train(rows.of(sample))
        index.nprobe = _PROBED
    for start in range(0, len(rows), _EXACT):
        index.add(rows.of(np.arange(start, min(start + _EXACT, len(rows)))))
    return index
