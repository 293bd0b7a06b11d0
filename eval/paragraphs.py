"""Runs over questions with a paragraph each: reading it, finding it among all, and one after the other."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.cases import Case, is_hit, summarise
from eval.errors import GoldError
from eval.gold.questions import Question
from eval.metrics import SquadVersion, mrr, recall_at_k
from index.library import Library
from index.local.store import LocalStore
from index.records import Article, Candidate, Chunk, Embedder, Hit, SearchQuery
from index.retrieve import weighted_scores
from index.scope import EVERYTHING
from qa.question.conversation import Understood
from qa.reader.reader import Reader
from qa.records import Reading

RECALL_AT = (1, 5, 10, 20)

Watch = Callable[[Sequence[Question]], Iterable[Question]]


def version_of(questions: Sequence[Question]) -> SquadVersion:
    """2.0 when a question has no answer, else 1.1: then the best reading answers, however unsure."""
    return "1.1" if all(question.answers for question in questions) else "2.0"


def read_own(
    questions: Sequence[Question],
    reader: Reader,
    cut: Callable[[Article], Sequence[Chunk]],
    *,
    version: SquadVersion,
    min_confidence: float,
    watch: Watch = iter,
) -> tuple[Case, ...]:
    """Each question read in its own paragraph, whole; `cut` makes its chunks.

    Below `min_confidence` the answer is "", in `version` 2.0. A case is right when it is a hit, or is rightly
    refused.
    """
    threshold = min_confidence if version == "2.0" else 0.0
    cases = []
    for question in watch(questions):
        article = Article(hashlib.sha256(question.context.encode()).hexdigest()[:16], "", question.context)
        hits = [Hit(article, one, rank, 1.0, None, None) for rank, one in enumerate(cut(article), 1)]
        started = time.perf_counter()
        readings = reader.read(Understood(question.question), hits)
        cases.append(_case(question, readings, article.id, threshold, 1000 * (time.perf_counter() - started)))
    return tuple(cases)


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """A library of the questions' paragraphs, and the id of the article made from each text."""

    library: Library
    ids: Mapping[str, str]


@contextmanager
def all_paragraphs(
    questions: Sequence[Question],
    embedder: Embedder,
    *,
    chunk_tokens: int = 200,
    overlap_sentences: int = 1,
    progress: Callable[[int, int | None, str], None] | None = None,
) -> Iterator[Paragraphs]:
    """A temporary library of all distinct paragraphs, without their titles, which would give many away.

    Raises GoldError for a paragraph that cannot be an article.
    """
    texts = list(dict.fromkeys(question.context for question in questions))
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "paragraphs.jsonl"
        file.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        with Library.open(
            Path(folder) / "library",
            embedder=embedder,
            chunk_tokens=chunk_tokens,
            overlap_sentences=overlap_sentences,
        ) as library:
            outcomes = library.add(file, max_bytes=file.stat().st_size + 1, progress=progress)
            refused = [outcome.reason for outcome in outcomes if outcome.article_id is None]
            if refused or len(outcomes) != len(texts):
                raise GoldError(
                    f"{len(refused)} of {len(texts)} paragraphs cannot be articles, the first because it "
                    f"{refused[0] if refused else 'is missing'}; take them out of the set"
                )
            ids = {text: str(outcome.article_id) for text, outcome in zip(texts, outcomes, strict=True)}
            yield Paragraphs(library, ids)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A question's own paragraph's rank from 1 by each leg alone and fused; None when not in the first 20."""

    id: str
    question: str
    bm25: int | None
    dense: int | None
    fused: int | None


def rank_legs(
    questions: Sequence[Question], paragraphs: Paragraphs, *, watch: Watch = iter
) -> tuple[Ranked, ...]:
    """Where each answerable question's paragraph stands; a paragraph stands where its best chunk does.

    All three rank the same candidates, by exact scores: the first hundred of either leg.
    """
    found = []
    store = LocalStore.open(paragraphs.library.path, create=False, manifest={})
    try:
        for question in watch([one for one in questions if one.answers]):
            (vector,) = paragraphs.library.embedder.embed([question.question], query=True)
            legs = _Legs()
            store.search(SearchQuery(question.question, vector, legs), k=RECALL_AT[-1], within=EVERYTHING)
            own = paragraphs.ids[question.context]
            ranks = {leg: _rank(candidates, own) for leg, candidates in legs.ranked.items()}
            found.append(Ranked(question.id, question.question, **ranks))
    finally:
        store.close()
    return tuple(found)


def leg_metrics(found: Sequence[Ranked]) -> dict[str, dict[str, float | None]]:
    """Recall@1, 5, 10, 20 and MRR (within the first 20) of BM25 alone, dense alone, and both fused."""
    return {
        "bm25": _recalls([one.bm25 for one in found], RECALL_AT),
        "dense": _recalls([one.dense for one in found], RECALL_AT),
        "fused": _recalls([one.fused for one in found], RECALL_AT),
    }


class _Legs:
    """A way to fuse that also keeps how each leg by itself ranks the candidates."""

    def __init__(self) -> None:
        self.ranked: dict[str, list[Candidate]] = {"bm25": [], "dense": [], "fused": []}

    def __call__(self, candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
        fused = weighted_scores(candidates)
        with_words = [one for one in candidates if one.bm25 is not None]
        self.ranked = {
            "bm25": sorted(with_words, key=lambda one: (-(one.bm25 or 0.0), one.chunk_id)),
            "dense": sorted(candidates, key=lambda one: (-one.cosine, one.chunk_id)),
            "fused": [one for one, _ in fused],
        }
        return fused


def read_open(
    questions: Sequence[Question],
    paragraphs: Paragraphs,
    reader: Reader,
    *,
    passages: int,
    version: SquadVersion,
    min_confidence: float,
    watch: Watch = iter,
) -> tuple[tuple[Case, ...], dict[str, Any]]:
    """Each question asked of all paragraphs: `passages` are retrieved and read. The cases, and their metrics.

    A case is right when it is a hit in the question's own paragraph; recall is over answerable questions.
    """
    threshold = min_confidence if version == "2.0" else 0.0
    cases, ranks = [], []
    for question in watch(questions):
        own = paragraphs.ids[question.context]
        started = time.perf_counter()
        hits = paragraphs.library.search(question.question, k=passages)
        readings = reader.read(Understood(question.question), hits)
        cases.append(_case(question, readings, own, threshold, 1000 * (time.perf_counter() - started)))
        if question.answers:
            ranks.append(_first([hit.article.id for hit in hits], own))
    recalls = _recalls(ranks, [k for k in RECALL_AT if k <= passages])
    return tuple(cases), {**summarise(cases, version=version), **recalls}


def _case(
    question: Question, readings: Sequence[Reading], own: str, threshold: float, milliseconds: float
) -> Case:
    """The best reading, or "" below the threshold; right only in the question's own paragraph."""
    best = readings[0] if readings else None
    answered = best is not None and best.score >= threshold
    text = best.hit.article.text[best.start : best.end] if best is not None and answered else ""
    hit = is_hit(text, question.texts)
    in_own = best is None or best.hit.article.id == own
    return Case(
        id=question.id,
        kind="answerable" if question.answers else "unanswerable",
        question=question.question,
        golds=question.texts,
        text=text,
        answered=answered,
        confidence=best.score if best is not None else 0.0,
        answer_hit=hit,
        right=hit and (in_own or not question.answers),
        milliseconds=milliseconds,
    )


def _rank(candidates: Sequence[Candidate], article_id: str) -> int | None:
    return _first([one.chunk_id.rpartition(":")[0] for one in candidates], article_id)


def _first(article_ids: Sequence[str], wanted: str) -> int | None:
    """The rank from 1 of an article among the first 20 distinct ones."""
    distinct = list(dict.fromkeys(article_ids))[: RECALL_AT[-1]]
    return distinct.index(wanted) + 1 if wanted in distinct else None


def _recalls(ranks: Sequence[int | None], at: Iterable[int]) -> dict[str, float | None]:
    return {**{f"recall@{k}": recall_at_k(ranks, k) for k in at}, "mrr": mrr(ranks)}
