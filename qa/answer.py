"""From a question to an `Answer`: retrieve, read, take positions, look for conflicts, cite."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from index.errors import ArticleNotFound, QuestionError
from index.library import Library
from index.records import Hit
from index.scope import EVERYTHING, Scope
from qa.conflicts.copies import copies_among, independent
from qa.conflicts.engine import conflicts_of, positions_of, thresholds
from qa.conflicts.independence import weigh
from qa.conflicts.rulings import Standing
from qa.events.library import Events, find_events
from qa.events.outlines import outline_these
from qa.question.conversation import Understood
from qa.records import (
    Answer,
    AnswerEvent,
    Citation,
    Conflict,
    ConflictCheck,
    Coverage,
    OnFirst,
    OnStage,
    Passage,
    Position,
    Timings,
    ignore_stage,
)
from qa.retrieval import find_passages
from qa.settings import Settings
from qa.stages import (
    Examined,
    Models,
    choose_statements,
    compare_chosen,
    get_source_threshold,
    read_hits,
    stay_in_event,
)

MAX_QUESTION_CHARACTERS = 2_000
MAX_CLOSEST = 6
READING = "other articles are still being read"
COMPARING = "the sources are still being compared"
# A first answer of the likeliest articles that scores so much is told while the others are read. Source: own
# measurement, 151 questions on the examples and 110 on the stories of `dev` in one library: of 230 that are
# answered 202 are told early, and in 197 the same words stand at the end; from 0.15 on 225 and 215.
SURE_FIRST = 0.3


def answer_question(
    asked: Understood,
    *,
    library: Library,
    models: Models,
    settings: Settings,
    standing: Standing | None = None,
    scope: Scope = EVERYTHING,
    on_stage: OnStage = ignore_stage,
    on_first: OnFirst | None = None,
    on_examined: Callable[[Examined], None] | None = None,
    before: Timings = Timings(),  # noqa: B008 - it is frozen
) -> Answer:
    """What the library's articles say to what is `asked`, who says it, and who disagrees.

    `standing` is what people ruled on conflicts: those ruled none are counted and left out. Only articles in
    `scope` are asked. `on_stage` is told of reading and comparing as they begin, and may end the work;
    `on_first` is given the first answer before others are compared with it, and one that is sure already
    before the judge has read all; `on_examined` is given what the stages held. `before` is what the question
    took until here. Raises what `Library.search` raises for a scope.
    """
    clock = Clock(before)
    vector = asked.embed(asked.searched, library.embedder)
    hits = find_passages(library, asked.searched, k=settings.passages, vector=vector, scope=scope)
    if asked.cited:
        hits = _add_cited(hits, asked.cited, library, scope)
    clock.lap("retrieve")
    events = events_among(library, hits)

    def choose(read: Examined) -> Examined:
        told = stay_in_event(replace(read, events=events), models.threshold("closest"))
        return choose_statements(told, models, settings)

    def tell_first(chosen: Examined, reason: str) -> None:
        if on_first is not None and chosen.statements:
            first = replace(chosen, check=ConflictCheck("not_checked", reason=reason))
            on_first(_assemble(first, library, models, settings, Standing(()), scope, clock.timings()))

    def look(read: Examined) -> None:
        if read.found[0].citation.score >= SURE_FIRST:
            tell_first(choose(read), READING)

    on_stage("reading")
    read = read_hits(asked, hits, models, settings, on_likeliest=look if on_first is not None else None)
    clock.lap("read")
    on_stage("comparing")
    examined = choose(read)
    if models.comparison is not None and _has_rivals(examined):
        tell_first(examined, COMPARING)
    examined = compare_chosen(examined, models, settings)
    on_stage("comparing")
    if on_examined is not None:
        on_examined(examined)
    answer = _assemble(examined, library, models, settings, standing or Standing(()), scope, clock.timings())
    clock.lap("conflict")
    return replace(answer, timings_ms=clock.timings())


def _has_rivals(examined: Examined) -> bool:
    """Whether several articles speak to it."""
    return len({one.citation.article_id for one in examined.statements}) > 1


def _assemble(  # noqa: PLR0917
    examined: Examined,
    library: Library,
    models: Models,
    settings: Settings,
    standing: Standing,
    scope: Scope,
    timings: Timings,
) -> Answer:
    """The answer that the stages give; of one whose sources are not compared yet, the first alone."""
    asked, hits, found = examined.understood, examined.hits, examined.found
    positions, conflicts, check = _conclude(examined, models, settings, standing)
    if check.reason in (READING, COMPARING):
        positions = positions[:1]
    cited = positions[0].citations if positions else ()
    closest = () if cited else _closest([one.citation for one in found], models.threshold("closest"))
    quoted = [one for position in positions for one in position.citations]
    quoted += [one for conflict in conflicts for one in conflict.statements]
    texts = {hit.article.id: hit.article.text for hit in hits}
    copies = copies_among([one.article_id for one in (*quoted, *closest)], texts)
    positions = tuple(weigh(one, copies) for one in positions)
    if check.sources:
        heard = list(dict.fromkeys(one.citation.article_id for one in examined.statements))
        check = replace(check, sources=independent(heard, texts))
    return Answer(
        question=asked.question,
        standalone_question=asked.standalone,
        status="answered" if cited else "closest" if closest else "unanswered",
        text=cited[0].quote if cited else "",
        confidence=cited[0].score if cited else found[0].citation.score if found else 0.0,
        citations=cited,
        positions=positions,
        conflicts=conflicts,
        conflict_check=check,
        passages=tuple(passage_of(hit) for hit in hits),
        timings_ms=timings,
        closest=closest,
        scope=coverage_of(library, scope, examined.read),
        about=asked.about,
        copies=copies,
        events=told_events(examined.events, [one.article_id for one in (*closest, *quoted)]),
    )


def events_among(library: Library, hits: Iterable[Hit]) -> Events:
    """The events that the articles of the hits tell of, held against each other alone."""
    articles = {hit.article.id: hit.article for hit in hits}
    return find_events(outline_these(library, [articles[one] for one in sorted(articles)]))


def told_events(events: Events, article_ids: Iterable[str]) -> tuple[AnswerEvent, ...]:
    """Those of the articles, in their order, each once."""
    told = dict.fromkeys(event for one in article_ids if (event := events.of(one)) is not None)
    return tuple(AnswerEvent(one.name, one.article_ids) for one in told)


def _conclude(
    examined: Examined, models: Models, settings: Settings, standing: Standing
) -> tuple[tuple[Position, ...], tuple[Conflict, ...], ConflictCheck]:
    """Positions of the statements that answer, and their conflicts with all that may answer, as ruled."""
    if not examined.statements:
        return (), (), examined.check
    at = thresholds(judged=models.judged)
    statements = [one.citation for one in examined.statements]
    stances = [one.stance if models.comparison else None for one in examined.statements]
    least = get_source_threshold(models, settings)
    answering = [place for place in _firsts(statements) if place == 0 or statements[place].score >= least]
    compared = examined.compared
    place_of = {place: number for number, place in enumerate(answering)}
    inside = [
        replace(one, one=place_of[one.one], other=place_of[one.other])
        for one in compared
        if one.one in place_of and one.other in place_of
    ]
    positions = positions_of(
        [statements[place] for place in answering], inside, [stances[place] for place in answering], at
    )
    # First, because of each two articles only the surest is shown: what is ruled none must not hide another.
    ruled_none = [
        one
        for one in compared
        if standing.between(statements[one.one], statements[one.other]) == "no conflict"
    ]
    standing_pairs = [one for one in compared if one not in ruled_none]
    conflicts = conflicts_of(statements, standing_pairs, stances, at, answering)
    ruled_out = len(conflicts_of(statements, ruled_none, stances, at, answering))
    check = replace(examined.check, ruled_out=ruled_out) if compared else examined.check
    return positions, tuple(map(standing.apply, conflicts)), check


def _firsts(statements: Sequence[Citation]) -> list[int]:
    """The places of each article's first statement."""
    known: dict[str, int] = {}
    for place, one in enumerate(statements):
        known.setdefault(one.article_id, place)
    return list(known.values())


def _closest(found: Sequence[Citation], least: float) -> tuple[Citation, ...]:
    """The best whole sentence of each source, best first."""
    best: dict[str, Citation] = {}
    for one in found:
        if one.score >= least:
            whole_sentence = replace(one, quote=one.sentence, start=one.sentence_start, end=one.sentence_end)
            best.setdefault(one.article_id, whole_sentence)
    return tuple(best.values())[:MAX_CLOSEST]


def _add_cited(hits: Sequence[Hit], cited: Sequence[Citation], library: Library, scope: Scope) -> list[Hit]:
    """The hits, and the passages that the answer before was cited from: "who said that?" asks of these.

    None of an article that the scope leaves out.
    """
    together = list(hits)
    known = {hit.chunk.id for hit in hits}
    for citation in cited[:2]:
        try:
            article = library.article(citation.article_id)
        except ArticleNotFound:  # removed since
            continue
        if scope != EVERYTHING and not _holds(library, scope, article.id):
            continue
        for chunk in library.chunks(article):
            holds = chunk.start <= citation.start < chunk.end
            if holds and chunk.id not in known:
                known.add(chunk.id)
                together.insert(0, Hit(article, chunk, 0, 0.0, None, None))
    return [replace(hit, rank=rank) for rank, hit in enumerate(together, 1)]


def _holds(library: Library, scope: Scope, article_id: str) -> bool:
    """Whether an article of the library is in scope."""
    if scope.articles and article_id not in scope.articles:
        return False
    return library.listing(scope=replace(scope, articles=(article_id,)), most=1).total == 1


def coverage_of(library: Library, scope: Scope, read: Sequence[Hit]) -> Coverage:
    """How many articles are in scope, what narrows them to these, and how much of them was read."""
    return Coverage(
        articles=len(library) if scope == EVERYTHING else library.listing(scope=scope, most=1).total,
        articles_read=len({hit.article.id for hit in read}),
        passages_read=len(read),
        library_articles=len(library),
        publishers=scope.publishers,
        since=scope.since,
        until=scope.until,
        article_ids=scope.articles,
        undated=library.count_undated(scope=scope),
    )


def check_question(question: str) -> str:
    """The question without blanks around it. Raises QuestionError for one that cannot be asked."""
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


def passage_of(hit: Hit) -> Passage:
    chunk = hit.chunk
    text = hit.article.text[chunk.start : chunk.end]
    return Passage(hit.article.id, chunk.start, chunk.end, text, hit.rank, hit.score)


class Clock:
    """Milliseconds between laps, beside those that came `before`."""

    def __init__(self, before: Timings = Timings()) -> None:  # noqa: B008 - it is frozen
        self._start = self._last = time.perf_counter()
        self._timings = before

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._timings = replace(self._timings, **{stage: round((now - self._last) * 1000, 2)})
        self._last = now

    def timings(self) -> Timings:
        total = self._timings.total + (time.perf_counter() - self._start) * 1000
        return replace(self._timings, total=round(total, 2))
