"""`ask()`, the public call; and the one place that builds models and library from settings."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from pathlib import Path
from threading import Lock

import index.library
from index.adding import Progress
from index.embed import open_embedder
from index.library import library_place
from index.local.schema import identify_folder
from index.records import Embedder
from index.scope import EVERYTHING, Scope
from qa.answer import check_question
from qa.comparison.cross_encoder import CrossEncoderComparison
from qa.comparison.judge import judged_comparison
from qa.comparison.model import Comparison, bundled_comparison
from qa.conflicts.timeline import in_order, timeline_of
from qa.library import Library, open_bundled
from qa.question.followups import FollowUps, load_follow_ups
from qa.question.languages import Languages, load_languages
from qa.question.marks import drop_stray_marks
from qa.question.order import read_order
from qa.question.requests import Requests, load_requests
from qa.reader.reader import Reader, SpanReader
from qa.reader.span_model import BundledSpanModel
from qa.reader.spans import SpanModel
from qa.reader.transformers_model import TransformersSpanModel
from qa.records import Answer, OnFirst, OnStage, SourceOrder, Turn, ignore_stage
from qa.replies.dispatch import Dispatch
from qa.settings import Settings, read_settings
from qa.stages import Examined, Models

BUSY = "the machine is busy"


def ask(
    question: str,
    *,
    library: index.library.Library | Path | str | None = None,
    history: Sequence[Turn | Answer] = (),
    about: Sequence[str] | None = None,
    scope: Scope = EVERYTHING,
    publishers: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    articles: Sequence[str] = (),
    rulings: bool = True,
    order: SourceOrder = "best",
    today: datetime.date | None = None,
    settings: Settings | None = None,
    busy: bool = False,
    on_stage: OnStage = ignore_stage,
    on_first: OnFirst | None = None,
    on_examined: Callable[[Examined], None] | None = None,
) -> Answer:
    """The articles' answer to `question`: verbatim, cited, with what conflicts with it.

    Asked for no single fact but for an overview, a topic ("HBM?"), what is disputed, or a comparison of two
    things, it gives the articles' most central sentences, or their conflicts, with the status "overview".
    After an answer it may be asked of that ("Are you sure?", "Who said that?", "And the others?"), and of
    another topic ("What about Meta?"). Two questions in one are two answers: the others are `further`.

    `library` is an open library, a library's folder, or an address in Milvus; None takes the one that the
    settings name, else the bundled articles. `history` holds the conversation so far, oldest first; which of
    its words a follow-up needs is chosen, or named by `about`. Only articles in `scope` are asked, which may
    be given by its parts: `publishers`, `since` and `until` (ISO 8601 dates), and `articles` (ids); what is
    left empty limits nothing. What people ruled on conflicts in this library holds, unless `rulings` is
    False. Sources stand in `order`: the surest first, or by date; a question that ends with "newest first" or
    "oldest first" says so itself. "Since Monday" is counted from `today`, else from the day it is. A
    named library and the models stay open for the next call. Where the machine is `busy`, the small model
    stands in for the judge, and the answer's check says so.
    `on_stage` is told "searching", "reading" and "comparing" as each begins, and again between their steps;
    what it raises ends the work. `on_first` is given the first answer, alone, before the other sources are
    compared with it, and one that is sure before all articles are read, too; its check says so.
    `on_examined` is given what each stage of the answer held, for who measures the stages. Raises
    QuestionError for an unusable question, LibraryError for an unusable library or a date that is none,
    ArticleNotFound for an article that is not in the library.
    """
    settings = settings or read_settings()
    if not isinstance(library, index.library.Library):
        library = _cached_library(str(library) if library else settings.library, settings)
    model = build_span_model(settings.reader)
    chooser = model if isinstance(model, BundledSpanModel) else None
    scope = scope.with_parts(publishers=publishers, since=since, until=until, articles=articles)
    small = replace(settings, judge="small")
    spared = busy and build_comparison(settings) is not build_comparison(small)
    settings = small if spared else settings
    typed = check_question(question)
    question, wanted = read_order(drop_stray_marks(typed))
    dispatch = Dispatch(
        library=library,
        settings=settings,
        scope=scope,
        rulings=rulings,
        today=today or datetime.date.today(),
        chooser=chooser,
        requests=build_requests(),
        follow_ups=build_follow_ups(),
        languages=build_languages(),
        models=partial(build_models, settings, on_stage),
        comparison=partial(build_comparison, settings),
        on_stage=on_stage,
        on_first=on_first,
        on_examined=on_examined,
    )
    answer = dispatch.answer(question, history, about)
    order = wanted if order == "best" else order
    return _finish(_tell_spared(answer) if spared else answer, typed, order)


def _tell_spared(answer: Answer) -> Answer:
    """The answer, whose check says that the judge was spared."""
    further = tuple(map(_tell_spared, answer.further))
    if answer.status == "overview":  # no judge is asked for one
        return replace(answer, further=further)
    check = answer.conflict_check
    if check.status == "not_checked":
        reason = f"{check.reason}, as the small model reads it"
    else:
        reason = f"{check.reason}, by the small model" if check.reason else "the small model compared them"
    return replace(answer, conflict_check=replace(check, reason=f"{reason}: {BUSY}"), further=further)


def _finish(answer: Answer, typed: str, order: SourceOrder) -> Answer:
    """The answer, and those that came with it, in order of time where that is wanted."""
    further = tuple(_finish(one, one.question, order) for one in answer.further)
    answer = in_order(answer, order)
    return replace(answer, question=typed, timeline=timeline_of(answer), further=further)


def build_models(settings: Settings, on_stage: OnStage = ignore_stage) -> Models:
    """What answers, as the settings name it; `on_stage` may stop the reader between two passages."""
    return Models(build_reader(settings.reader, on_stage), build_comparison(settings))


def open_library(
    path: Path | str, settings: Settings, *, create: bool = False, progress: Progress | None = None
) -> Library:
    """The library at `path`, a folder or an address in Milvus, or the bundled one for "".

    `create` makes a new one where none is.
    """
    embedder = build_embedder(settings.embedder)
    if not path:
        return open_bundled(
            embedder,
            chunk_tokens=settings.chunk_tokens,
            overlap_sentences=settings.overlap_sentences,
            progress=progress,
        )
    return Library.open(
        path,
        embedder=embedder,
        chunk_tokens=settings.chunk_tokens,
        overlap_sentences=settings.overlap_sentences,
        create=create,
    )


@lru_cache(maxsize=4)
def build_embedder(name: str) -> Embedder:
    """The embedder that the settings name, built once per process."""
    return open_embedder(name)


@cache
def build_follow_ups() -> FollowUps:
    """What tells what is asked of an earlier answer from a question, built once per process."""
    return load_follow_ups(build_embedder("bundled"))


@cache
def build_languages() -> Languages:
    """What tells the language of a question, built once per process."""
    return load_languages()


@cache
def build_requests() -> Requests:
    """What tells a request for an overview from a question, built once per process."""
    return load_requests(build_embedder("bundled"))


def build_reader(name: str, on_stage: OnStage = ignore_stage) -> Reader:
    """The reader that the settings name."""
    return SpanReader(build_span_model(name), on_stage=on_stage)


@lru_cache(maxsize=4)
def build_span_model(name: str) -> SpanModel:
    """The span model that the settings name, built once per process."""
    return BundledSpanModel() if name in ("", "bundled") else TransformersSpanModel(name)


def build_comparison(settings: Settings) -> Comparison | None:
    """What compares statements, in answers and surveys, built once per process; None for "off".

    The judge's numbers were fitted beside the bundled models, so that it goes with these alone.
    """
    name = settings.entailment
    if name == "off":
        return None
    if name not in ("", "bundled"):
        return _cross_encoder(name)
    small = settings.judge == "small" or settings.reader not in ("", "bundled")
    return bundled_comparison() if small else judged_comparison()


@lru_cache(maxsize=4)
def _cross_encoder(name: str) -> Comparison:
    return CrossEncoderComparison(name)


def _cached_library(path: Path | str, settings: Settings) -> Library:
    """The library in `path`, opened once, and again when another stands there by now."""
    place = library_place(path) if path else ""
    with _OPENING:
        for (known, of, made), library in list(_OPEN.items()):
            if (known, of) == (place, settings):
                if made == identify_folder(library.path):
                    return library
                _OPEN.pop((known, of, made)).close()
        library = open_library(place, settings)
        _OPEN[(place, settings, identify_folder(library.path))] = library
        return library


_OPENING = Lock()
_OPEN: dict[tuple[str, Settings, int], Library] = {}
