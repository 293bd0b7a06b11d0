"""How long a survey will take, told before it begins: a few articles and those about them, as a trial."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from index.records import Article, Embedder
from qa.comparison.model import Comparison, ModelStatement
from qa.conflicts.engine import dispute
from qa.survey.cache import SurveyCache
from qa.survey.candidates import AreApart, candidates, never_apart
from qa.survey.near_copies import NearCopies, Pair
from qa.survey.statements import Sheets, read_sheet
from qa.survey.survey import statement
from qa.survey.vectors import StatementVectors

TRIED = 8  # articles
SOUGHT = 4  # statements of each, by which articles near it are sought
NEAR = 4  # passages for each of these
_COMPARED = 32  # pairs


@dataclass(frozen=True, slots=True)
class Estimate:
    """`articles` that no survey has read yet, and about how many seconds they take on this machine."""

    articles: int
    seconds: float


def estimate(
    sample: Sequence[Article],
    near: Sequence[Article],
    unread: int,
    of: int,
    *,
    embedder: Embedder,
    comparison: Comparison,
    are_apart: AreApart = never_apart,
) -> Estimate:
    """For `unread` articles, of so many in all, like the sample; `near` are those that tell the like of it.

    With whom its statements are compared shows among these, where it is known which of them `are_apart`. The
    trial takes a few seconds.
    """
    if not sample or not unread:
        return Estimate(unread, 0.0)
    dispute([(ModelStatement("The mill is shut."),) * 2], [1.0], comparison)  # what comes first takes longer
    embedder.embed(["The mill is shut."])
    every = list({one.id: one for one in (*sample, *near)}.values())
    began = time.perf_counter()
    cache = SurveyCache(None)
    sheets = Sheets.read(every, cache)
    vectors = StatementVectors.read(sheets, cache, embedder)
    pairs = candidates(sheets, NearCopies(sheets), vectors, are_apart=are_apart)
    cache.close()
    an_article = (time.perf_counter() - began) / len(every)
    own = {line.digest for one in sample for line in read_sheet(one).lines}
    of_sample = [pair for pair in pairs if own & {*pair}]
    began = time.perf_counter()
    tried = _spread(of_sample)
    told = [(statement(sheets, one), statement(sheets, other)) for one, other in tried]
    dispute(told, [pairs[pair] for pair in tried], comparison)
    a_pair = (time.perf_counter() - began) / max(1, len(tried))
    # Where all are unread each pair is met from both of its ends, and counts for half at either.
    ends = sum(digest in own for pair in of_sample for digest in pair)
    compared = ends / len(sample) * (1 - unread / (2 * of))
    return Estimate(unread, unread * (an_article + compared * a_pair))


def _spread(pairs: Sequence[Pair]) -> list[Pair]:
    """So many as are tried, evenly over all."""
    step = max(1, len(pairs) // _COMPARED)
    return list(pairs[::step][:_COMPARED])
