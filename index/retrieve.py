"""Dense and lexical scores fused into one ranking, and the hits of that."""

from collections.abc import Callable, Mapping, Sequence

from index.errors import LibraryError
from index.records import Article, Candidate, Chunk, Hit

# Source: python -m eval.bench.fusion over the paragraphs of squad11-heldout.
DENSE_WEIGHT = 0.5


def weighted_scores(
    candidates: Sequence[Candidate], *, dense_weight: float = DENSE_WEIGHT
) -> list[tuple[Candidate, float]]:
    """`dense_weight` times the cosine plus the rest times BM25, each as a share of the best candidate's.

    Scores are at most 1, best first, ties by chunk id. LibraryError for a weight outside 0..1.
    Source: Bruch, Gai and Ingber 2023, convex combination with theoretical minima: 0 for both here, since an
    unrelated passage has a cosine near 0, and BM25 has none below.
    """
    if not 0 <= dense_weight <= 1:
        raise LibraryError(f"dense_weight is a share from 0 to 1, not {dense_weight}")
    nearest = max((candidate.cosine for candidate in candidates), default=0.0)
    heaviest = max((candidate.bm25 or 0.0 for candidate in candidates), default=0.0)

    def score(candidate: Candidate) -> float:
        dense = candidate.cosine / nearest if nearest > 0 else 0.0
        lexical = (candidate.bm25 or 0.0) / heaviest if heaviest > 0 else 0.0
        return dense_weight * dense + (1 - dense_weight) * lexical

    return rank_by(candidates, score)


def by_either_leg(candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    """By the better of two places, that by cosine and that by BM25: what is first in either comes first.

    For statements of lists in the same words, which a rare name alone tells apart. Scores are at most 1.
    """
    best: dict[str, int] = {}
    for ranked in (
        rank_by(candidates, lambda one: one.cosine),
        rank_by(candidates, lambda one: one.bm25 or 0.0),
    ):
        for place, (candidate, _) in enumerate(ranked):
            best[candidate.chunk_id] = min(place, best.get(candidate.chunk_id, place))
    return rank_by(candidates, lambda one: 1 / (1 + best[one.chunk_id]))


def rank_by(
    candidates: Sequence[Candidate], score: Callable[[Candidate], float]
) -> list[tuple[Candidate, float]]:
    """Each candidate with its score, best first, ties by chunk id."""
    # Rounded, so that two sums that are equal on paper tie.
    scored = [(candidate, round(score(candidate), 9)) for candidate in candidates]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].chunk_id))


def rank_hits(
    passages: Mapping[str, tuple[Article, Chunk]], best: Sequence[tuple[Candidate, float]]
) -> tuple[Hit, ...]:
    """Hits of the candidates, which come best first with their scores; `passages` are by chunk id."""
    return tuple(
        Hit(*passages[one.chunk_id], rank, score, one.cosine, one.bm25)
        for rank, (one, score) in enumerate(best, start=1)
    )


def sample_hits(passages: Mapping[str, tuple[Article, Chunk]]) -> tuple[Hit, ...]:
    """Hits of passages that nothing was searched for in, by chunk id, with scores of 0."""
    return tuple(
        Hit(*passages[name], rank, 0.0, None, None) for rank, name in enumerate(sorted(passages), start=1)
    )
