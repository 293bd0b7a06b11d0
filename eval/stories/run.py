"""Asking the questions of stories: of a library for each story, or of one library that holds them all."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.cases import Asker
from eval.errors import GoldError
from eval.stories.judgement import JudgedStoryQuestion, judge_story_question
from eval.stories.records import Story
from eval.stories.scoring import Source
from index.adding import Progress
from qa.ask import ask, build_embedder
from qa.library import Library
from qa.records import Turn
from qa.settings import Settings
from qa.stages import Examined

Watch = Callable[[Sequence[Story]], Iterable[Story]]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A library of stories' accounts, and which account each article is, by the article's id."""

    library: Library
    sources: Mapping[str, Source]


def run_stories(
    stories: Sequence[Story],
    settings: Settings,
    *,
    together: Sequence[Story] = (),
    watch: Watch = iter,
    progress: Progress | None = None,
) -> tuple[JudgedStoryQuestion, ...]:
    """Every question of `stories`, in order, asked of a library of its own story's accounts.

    With `together`, of one library of the accounts of all those stories. `watch` and `progress` show how far
    asking and indexing are. Raises GoldError where an account cannot be an article.
    """
    judged: list[JudgedStoryQuestion] = []
    if together:
        with open_shelf(together, settings, progress=progress) as shelf:
            answer = _asker(shelf, settings, stories[:1])
            for story in watch(stories):
                judged += ask_story(story, answer, shelf.sources)
        return tuple(judged)
    for story in watch(stories):
        with open_shelf([story], settings) as shelf:
            answer = _asker(shelf, settings, () if judged else [story])
            judged += ask_story(story, answer, shelf.sources)
    return tuple(judged)


def ask_story(story: Story, answer: Asker, sources: Mapping[str, Source]) -> Iterator[JudgedStoryQuestion]:
    """Each question judged, a follow-up asked with the question before it and its answer as history."""
    before: Turn | None = None
    for number, question in enumerate(story.questions):
        follows = question.follow and before is not None
        history = (before,) if question.follow and before is not None else ()
        asked = question.question if follows else question.standalone
        examined: list[Examined] = []
        started = time.perf_counter()
        found = answer(asked, history=history, on_examined=examined.append)
        milliseconds = 1000 * (time.perf_counter() - started)
        before = Turn(question.standalone, found.text)
        held = examined[-1] if examined else None
        yield judge_story_question(story, number, found, sources, examined=held, milliseconds=milliseconds)


@contextmanager
def open_shelf(
    stories: Sequence[Story], settings: Settings, *, progress: Progress | None = None
) -> Iterator[Shelf]:
    """A temporary library of the stories' accounts. Raises GoldError for one that cannot be an article."""
    accounts = [(Source(story.id, one.key), one) for story in stories for one in story.accounts]
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "articles.jsonl"
        records = (
            {"title": one.title, "publisher": one.publisher, "published": one.published, "text": one.text}
            for _, one in accounts
        )
        file.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
        with Library.open(
            Path(folder) / "library",
            embedder=build_embedder(settings.embedder),
            chunk_tokens=settings.chunk_tokens,
            overlap_sentences=settings.overlap_sentences,
        ) as library:
            outcomes = library.add(file, max_bytes=file.stat().st_size + 1, progress=progress)
            sources: dict[str, Source] = {}
            for (source, _), outcome in zip(accounts, outcomes, strict=True):
                place = f"story {source.story}, account {source.key}"
                if outcome.article_id is None:
                    raise GoldError(f"{place}: it cannot be an article, because it {outcome.reason}")
                if outcome.article_id in sources:
                    raise GoldError(f"{place}: another account is the same; take one of them out")
                sources[outcome.article_id] = source
            yield Shelf(library, sources)


def _asker(shelf: Shelf, settings: Settings, warm: Sequence[Story]) -> Asker:
    """`ask` over the shelf, first called once for `warm`: what is loaded on first use is not timed."""
    answer = partial(ask, library=shelf.library, settings=settings)
    for story in warm:
        answer(story.questions[0].standalone)
    return answer
