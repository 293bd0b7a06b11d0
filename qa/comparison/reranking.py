"""The likeliest sentences judged once more, each alone with the question.

The reader sees a sentence among its neighbours, and scores it against all else that it read. The comparison
model sees it with its headline and the sentence before it, and says whether it answers: what sounds like an
answer and is told of another matter, it tells apart better. The score of a sentence comes from both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qa.comparison.evidence import before_of, log_odds, probability, to_model_statement
from qa.comparison.model import Comparison, StanceShares
from qa.question.conversation import Understood
from qa.question.kinds import Kind
from qa.records import Citation, Reading
from qa.weights.fitted import load_fitted

# So many sentences are judged once more, so many of an article, none that the reader gives less.
MAX_SENTENCES = 16
MAX_OF_ARTICLE = 2
_LEAST_SCORE = 0.01


@dataclass(frozen=True, slots=True)
class ScoredCitation:
    """A citation, and what its sentence says to a yes/no question; None for questions of another kind.

    `features` are what its score was made of, `looks` what the stance was: the judge's and the small model's.
    """

    citation: Citation
    stance: StanceShares | None = None
    features: tuple[float, ...] = ()
    looks: tuple[StanceShares, StanceShares] | None = None


def rerank(
    asked: Understood, citations: Sequence[Citation], texts: Mapping[str, str], comparison: Comparison
) -> list[ScoredCitation]:
    """The citations scored anew, best first, with their stances; the question is heard as it stands alone.

    `texts` are those of the articles by id. Where the comparison model cannot say whether a sentence answers,
    the reader's score stands. Ties by article id and offset.
    """
    kind = asked.kind
    shares = comparison.stances(
        asked.standalone, [to_model_statement(one, before_of(one, texts)) for one in citations]
    )
    judged = [
        ScoredCitation(
            one if share.answers is None else replace(one, score=score_of(kind, one.score, share.answers)),
            share if kind == "yes_no" else None,
            evidence(one.score, 0.5 if share.answers is None else share.answers),
        )
        for one, share in zip(citations, shares, strict=True)
    ]
    return sorted(judged, key=in_order)


def in_order(judged: ScoredCitation) -> tuple[float, str, int]:
    """Best first; ties by article id and offset."""
    return -judged.citation.score, judged.citation.article_id, judged.citation.start


def likeliest(readings: Sequence[Reading]) -> list[Reading]:
    """The readings that are judged once more: each article's best sentences; the first in any case."""
    chosen: list[Reading] = []
    taken: dict[str, set[int]] = {}
    for reading in readings:
        places = taken.setdefault(reading.hit.article.id, set())
        likely = reading.score >= _LEAST_SCORE and len(places) < MAX_OF_ARTICLE
        if (likely or not chosen) and reading.sentence_start not in places:
            places.add(reading.sentence_start)
            chosen.append(reading)
        if len(chosen) == MAX_SENTENCES:
            break
    return chosen


def score_of(kind: Kind, reader: float, answers: float) -> float:
    """The probability that a sentence answers, from the reader's and the comparison model's."""
    return probability(load_fitted().reranking[kind], evidence(reader, answers))


def evidence(reader: float, answers: float) -> tuple[float, float, float]:
    """The features, in the order of the fitted weights."""
    return log_odds(reader), log_odds(answers), 1.0
