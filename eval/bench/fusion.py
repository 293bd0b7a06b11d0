"""Dense, lexical and fused retrieval over the paragraphs of a question set: which fusion, and how weighted.

    python -m eval.bench.fusion squad11-heldout.jsonl.gz

Every different paragraph is one passage; a question counts where its own paragraph is found.
"""

import argparse
import gzip
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from index.embed import open_embedder
from index.local.store import LocalStore
from index.records import Article, Candidate, Chunk, SearchQuery, Span
from index.retrieve import rank_by, weighted_scores
from index.scope import EVERYTHING

_BATCH = 256
_RANK_CONSTANT = 60  # Source: Cormack, Clarke and Büttcher 2009, section 2


def _read(path: Path) -> tuple[list[str], list[tuple[str, int]]]:
    """Different paragraphs, and each question with the number of its own."""
    numbers: dict[str, int] = {}
    questions = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            questions.append((row["question"], numbers.setdefault(row["context"], len(numbers))))
    return list(numbers), questions


def _candidates(
    folder: Path, paragraphs: Sequence[str], questions: Sequence[tuple[str, int]], embedder_name: str
) -> Iterator[tuple[list[Candidate], str]]:
    """For each question what either leg proposes, and the chunk that is right."""
    embedder = open_embedder(embedder_name)
    store = LocalStore.open(folder / "library", create=True, manifest={"embedder": embedder.name})
    with store.change("eval.bench.fusion") as change:
        for start in range(0, len(paragraphs), _BATCH):
            chunks = []
            for number, text in enumerate(paragraphs[start : start + _BATCH], start):
                own = f"{number:06d}"
                change.put(Article(own, own, text), place=own, origin=own)
                whole = Span(0, len(text))
                chunks.append(Chunk(f"{own}:000000", own, 0, 0, len(text), text, 0, (whole,)))
            change.add_chunks(chunks, embedder.embed([chunk.text for chunk in chunks]))
    kept: list[Candidate] = []

    def keep(candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
        kept[:] = candidates
        return []

    for question, number in questions:
        (vector,) = embedder.embed([question], query=True)
        store.search(SearchQuery(question, vector, keep), k=10, within=EVERYTHING)
        yield list(kept), f"{number:06d}:000000"
    store.close()


def reciprocal_ranks(candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
    """The sum of 1 / (60 + rank) over the two rankings.

    A chunk without a word of the question has no rank in the second. Best first, ties by chunk id.
    Source: Cormack, Clarke and Büttcher 2009.
    """
    scores = dict.fromkeys((candidate.chunk_id for candidate in candidates), 0.0)
    by_cosine = sorted(candidates, key=lambda candidate: (-candidate.cosine, candidate.chunk_id))
    by_bm25 = sorted(
        (candidate for candidate in candidates if candidate.bm25),
        key=lambda candidate: (-(candidate.bm25 or 0.0), candidate.chunk_id),
    )
    for ranking in (by_cosine, by_bm25):
        for rank, candidate in enumerate(ranking, start=1):
            scores[candidate.chunk_id] += 1 / (_RANK_CONSTANT + rank)
    return rank_by(candidates, lambda candidate: scores[candidate.chunk_id])


def _stretch_scores(candidates: Sequence[Candidate], dense_weight: float) -> list[tuple[Candidate, float]]:
    """Scores stretched from lowest to highest candidate, as is often done, in place of shares of the best."""
    low = min(candidate.cosine for candidate in candidates)
    moved = [Candidate(one.chunk_id, one.cosine - low, one.bm25) for one in candidates]
    return weighted_scores(moved, dense_weight=dense_weight)


def _report(
    name: str, rank: Callable[[Sequence[Candidate]], list[str]], asked: list[tuple[list[Candidate], str]]
) -> str:
    places = []
    for candidates, right in asked:
        ids = rank(candidates)
        places.append(ids.index(right) + 1 if right in ids else 0)
    recall = [sum(0 < place <= k for place in places) / len(places) for k in (1, 5, 10)]
    mrr = sum(1 / place for place in places if place) / len(places)
    return f"{name:<28}{recall[0]:>9.4f}{recall[1]:>9.4f}{recall[2]:>9.4f}{mrr:>9.4f}"


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", type=Path, help="a .jsonl.gz file of questions with their contexts")
    parser.add_argument("--embedder", default="bundled")
    arguments = parser.parse_args()
    paragraphs, questions = _read(arguments.questions)
    with tempfile.TemporaryDirectory() as folder:
        asked = list(_candidates(Path(folder), paragraphs, questions, arguments.embedder))
    print(f"{len(questions)} questions over {len(paragraphs)} paragraphs")
    print(f"{'':<28}{'recall@1':>9}{'@5':>9}{'@10':>9}{'MRR':>9}")

    def ids(ranked: list[tuple[Candidate, float]]) -> list[str]:
        return [candidate.chunk_id for candidate, _ in ranked]

    print(_report("dense", lambda found: ids(weighted_scores(found, dense_weight=1.0)), asked))
    print(_report("BM25", lambda found: ids(weighted_scores(found, dense_weight=0.0)), asked))
    print(_report("reciprocal ranks", lambda found: ids(reciprocal_ranks(found)), asked))
    for tenths in range(1, 10):
        weight = tenths / 10
        name = f"dense weight {weight:.1f}"
        print(_report(name, lambda found, w=weight: ids(weighted_scores(found, dense_weight=w)), asked))  # type: ignore[misc]
        print(_report(f"{name}, stretched", lambda found, w=weight: ids(_stretch_scores(found, w)), asked))  # type: ignore[misc]


if __name__ == "__main__":
    main()
