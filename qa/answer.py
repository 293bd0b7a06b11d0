"""From a question to an `Answer`: retrieve, read, take positions, look for conflicts, cite."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from index.errors import QuestionError, WhosaysError
from index.library import Library
from index.records import Article, Hit
from qa.conflict import find_conflicts
from qa.conversation import standalone
from qa.kinds import kind_of
from qa.positions import group
from qa.progress import OnStage, unwatched
from qa.records import (
    Answer,
    Citation,
    Conflict,
    ConflictCheck,
    Entailment,
    Passage,
    Position,
    Reader,
    Reading,
    Timings,
    Turn,
)
from qa.settings import Settings
from qa.verdicts import Verdicts

MAX_QUESTION_CHARACTERS = 2_000

# Below it a sentence has nothing to do with the question.
MIN_STATEMENT_SCORE = 0.02


def answer_question(
    question: str,
    *,
    library: Library,
    reader: Reader,
    settings: Settings,
    entailment: Entailment | None = None,
    history: Sequence[Turn] = (),
    publishers: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    on_stage: OnStage = unwatched,
) -> Answer:
    """What the library's articles say to `question`, who says it, and who disagrees.

    Without `entailment` yes/no questions and conflicts are judged by rule alone. `publishers`, `since` and
    `until` narrow the articles as in `Library.search`. `on_stage` is told each stage as it begins, and may
    end the work. Raises QuestionError for a blank question or one longer than 2,000 characters.
    """
    question = _checked(question)
    clock = _Clock()
    on_stage("searching")
    asked = standalone(question, history)
    clock.lap("standalone")
    hits = library.search(asked, k=settings.passages, publishers=publishers, since=since, until=until)
    clock.lap("retrieve")
    on_stage("reading")
    readings = whole(asked, reader.read(asked, within(hits, settings.read_tokens)))
    clock.lap("read")
    on_stage("comparing")
    statements = statements_of(readings, settings)
    answering = [statement for statement in statements if statement.score >= settings.min_confidence]
    positions: tuple[Position, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    if not hits:
        check = ConflictCheck("not_checked", reason="no article is in scope")
    elif not answering:
        check = ConflictCheck(
            "not_checked", reason="the articles do not answer, so there is nothing to compare"
        )
    else:
        texts = {hit.article.id: hit.article.text for hit in hits}
        verdicts = Verdicts(asked, entailment)
        verdicts.read(statements)
        on_stage("comparing")
        positions = _by_support(group(asked, _best_of_each(answering), texts, verdicts))
        on_stage("comparing")
        found, check = find_conflicts(
            asked,
            statements,
            texts,
            verdicts=verdicts,
            entailment=entailment,
            max_pairs=settings.max_pairs,
        )
        # What two sources dispute beside the question is no conflict with the answer.
        conflicts = tuple(
            conflict for conflict in found if not set(answering).isdisjoint(conflict.statements)
        )
    clock.lap("conflict")
    cited = positions[0].citations if positions else ()
    return Answer(
        question=question,
        standalone_question=asked,
        status="answered" if cited else "unanswered",
        text=cited[0].quote if cited else "",
        confidence=cited[0].score if cited else readings[0].score if readings else 0.0,
        citations=cited,
        positions=positions,
        conflicts=conflicts,
        conflict_check=check,
        passages=tuple(_passage(hit) for hit in hits),
        timings_ms=clock.timings(),
    )


def _checked(question: str) -> str:
    question = question.strip()
    if not question:
        raise QuestionError(
            "the question is empty; ask something, for example: How large is the order backlog?"
        )
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise QuestionError("the question holds bytes that are no UTF-8 text; type it again")
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise QuestionError(
            f"the question has {len(question):,} characters; {MAX_QUESTION_CHARACTERS:,} are the most. "
            "Ask one thing at a time"
        )
    return question


def within(hits: Sequence[Hit], tokens: int) -> list[Hit]:
    """The first hits that hold at most so many tokens together, and the first in any case."""
    totals = accumulate(hit.chunk.tokens for hit in hits)
    return [hit for hit, total in zip(hits, totals, strict=True) if total <= tokens or hit is hits[0]]


def whole(question: str, readings: Sequence[Reading]) -> list[Reading]:
    """The readings; to a question that few words cannot answer (why, how, yes or no) whole sentences."""
    if kind_of(question) in ("span", "list"):
        return list(readings)
    return [replace(one, start=one.sentence_start, end=one.sentence_end) for one in readings]


def statements_of(readings: Sequence[Reading], settings: Settings) -> list[Citation]:
    """The best few readings of each article, best first, as citations.

    Those far below the threshold of an answer are kept: a statement that contradicts the answer is often
    worded further from the question. The conflict rules have gates of their own.
    """
    kept: list[Citation] = []
    per_article: dict[str, int] = {}
    for reading in readings:
        article = reading.hit.article
        count = per_article.get(article.id, 0)
        if count < settings.statements_per_article and reading.score >= MIN_STATEMENT_SCORE:
            per_article[article.id] = count + 1
            kept.append(cite(article, reading))
    return kept


def _best_of_each(answering: Sequence[Citation]) -> list[Citation]:
    """The best statement of each article: what its position is taken from."""
    best: dict[str, Citation] = {}
    for statement in answering:
        best.setdefault(statement.article_id, statement)
    return list(best.values())


def cite(article: Article, reading: Reading) -> Citation:
    """The reading as a citation, its words cut from the article's own text.

    Raises WhosaysError when the reader's offsets are not a stretch inside a sentence inside the text: a
    quote is shown verbatim or not at all.
    """
    if not (
        0
        <= reading.sentence_start
        <= reading.start
        < reading.end
        <= reading.sentence_end
        <= len(article.text)
    ):
        raise WhosaysError(
            f"the reader answered with characters {reading.start} to {reading.end} of article {article.id}, "
            f"in the sentence {reading.sentence_start} to {reading.sentence_end}, which is no stretch of "
            f"its {len(article.text)} characters; use another reader or report this one"
        )
    return Citation(
        article_id=article.id,
        title=article.title,
        publisher=article.publisher,
        published=article.published,
        uri=article.uri,
        start=reading.start,
        end=reading.end,
        quote=article.text[reading.start : reading.end],
        sentence=article.text[reading.sentence_start : reading.sentence_end],
        sentence_start=reading.sentence_start,
        sentence_end=reading.sentence_end,
        score=reading.score,
    )


def _by_support(positions: Sequence[Position]) -> tuple[Position, ...]:
    """The position that is likeliest right first, when each independent source is a witness of its own.

    Two sources of which each is right with a probability of 0.6 outweigh one of 0.8: 1 - 0.4 * 0.4 = 0.84.
    """

    def support(position: Position) -> float:
        scores = sorted((one.score for one in position.citations), reverse=True)
        return 1 - math.prod(1 - score for score in scores[: position.independent_sources])

    return tuple(sorted(positions, key=lambda position: -round(support(position), 9)))


def _passage(hit: Hit) -> Passage:
    chunk = hit.chunk
    text = hit.article.text[chunk.start : chunk.end]
    return Passage(hit.article.id, chunk.start, chunk.end, text, hit.rank, hit.score)


class _Clock:
    """Milliseconds between laps."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._timings = Timings()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._timings = replace(self._timings, **{stage: round((now - self._last) * 1000, 2)})
        self._last = now

    def timings(self) -> Timings:
        return replace(self._timings, total=round((time.perf_counter() - self._start) * 1000, 2))
