"""The statements of passages, as the survey reads them: without headlines, page furniture and tags."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import combining, normalize

import numpy as np
from numpy.typing import NDArray

from index.records import Article, Hit
from qa.language.terms import terms
from qa.records import Citation
from qa.survey.statements import Sheet, cite_statement, plainly, read_sheet


@dataclass(frozen=True, slots=True)
class CitedStatement:
    """A statement with its place, and in plain letters."""

    citation: Citation
    text: str


def statements_in(hits: Sequence[Hit]) -> list[CitedStatement]:
    """Those that begin in one of the passages, in the passages' order; each wording once."""
    return statements_within([(hit.article, hit.chunk.start, hit.chunk.end) for hit in hits])


def statements_within(stretches: Iterable[tuple[Article, int, int]]) -> list[CitedStatement]:
    """Those that begin in one of the stretches, from an offset to another one; as `statements_in`."""
    found: list[CitedStatement] = []
    known: set[int] = set()
    for article, start, end in stretches:
        sheet = _sheet(article)
        for line, quote in zip(sheet.lines, sheet.quotes, strict=True):
            if start <= line.span.start < end and line.digest not in known:
                known.add(line.digest)
                found.append(CitedStatement(cite_statement(sheet.article, line.span, quote), plainly(quote)))
    return found


# Overviews come back to the same articles, and cleaning one takes longer than all arithmetic.
@lru_cache(maxsize=256)
def _sheet(article: Article) -> Sheet:
    return read_sheet(article)


def measure_topic_shares(topic: str, texts: Iterable[str]) -> NDArray[np.float32]:
    """Of each text the share, 0 to 1, that it holds of a topic's content words; rarer ones weigh more.

    Accents do not count: "jalapeno" is typed for "Jalapeño".
    """
    wanted = list(terms(_fold(topic)))
    held = np.array([[word in said for word in wanted] for said in map(terms, map(_fold, texts))], np.float32)
    if not held.size:
        return np.zeros(len(held), np.float32)
    rarity = np.log((len(held) + 1) / (held.sum(0) + 0.5)).astype(np.float32)
    return np.asarray(held @ rarity / rarity.sum(), np.float32)


def _fold(text: str) -> str:
    return "".join(one for one in normalize("NFKD", text) if not combining(one))
