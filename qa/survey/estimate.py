"""How long a survey will take, told before it begins: a few articles read and compared as a trial."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.records import Article, Embedder
from qa.comparison.model import Comparison, ModelStatement
from qa.conflicts.engine import dispute
from qa.survey.statements import plainly, read_sheet

TRIED = 16  # articles
_COMPARED = 32  # pairs
# Source: the development stories in one library, 968 statements; 1.7 with half of them.
_PAIRS_A_STATEMENT = 1.6


@dataclass(frozen=True, slots=True)
class Estimate:
    """`articles` that no survey has read yet, and about how many seconds they take on this machine."""

    articles: int
    seconds: float


def estimate(
    sample: Sequence[Article], unread: int, *, embedder: Embedder, comparison: Comparison
) -> Estimate:
    """For `unread` articles like those of the sample; the trial itself takes a second or two."""
    if not sample or not unread:
        return Estimate(unread, 0.0)
    dispute([(ModelStatement("The mill is shut."),) * 2], [1.0], comparison)  # what comes first takes longer
    embedder.embed(["The mill is shut."])
    began = time.perf_counter()
    sheets = [read_sheet(article) for article in sample]
    told = [
        ModelStatement(plainly(quote), published=one.article.published)
        for one in sheets
        for quote in one.quotes
    ]
    embedder.embed([one.sentence for one in told])
    single = time.perf_counter() - began
    pairs = list(pairwise(told))[:_COMPARED]
    began = time.perf_counter()
    dispute(pairs, [1.0] * len(pairs), comparison)
    a_pair = (time.perf_counter() - began) / max(1, len(pairs))
    return Estimate(unread, unread / len(sample) * (single + len(told) * _PAIRS_A_STATEMENT * a_pair))
