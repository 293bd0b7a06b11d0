"""A gold set measured while somebody watches: progress is reported, and what reports it may end the run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from eval.errors import GoldError
from eval.gold.questions import GoldQuestion, read_gold
from eval.gold.sets import GoldSource
from eval.pairs.judging import judge_pairs, read_pairs
from eval.pairs.metrics import summarise_pairs
from eval.run import Measured, evaluate, summarise_judgements
from eval.stories import Story, read_stories, run_stories, summarise_stories
from index.adding import Progress
from index.records import Hit
from qa.ask import ask, build_comparison, build_embedder, build_reader, open_library
from qa.library import Library, open_bundled
from qa.question.conversation import Understood
from qa.reader.reader import Reader
from qa.records import Reading
from qa.settings import Settings

ASKED = "questions asked"  # what is counted while a set runs


def measure(source: GoldSource, settings: Settings, progress: Progress) -> Measured:
    """The metrics, rows and cases or pairs of a set of questions, of stories or of labelled pairs.

    A set without articles of its own is about the bundled ones. Raises GoldError for a set that cannot be
    used; of a sealed one nothing is repeated.
    """
    measured = _of_pairs if source.pairs else _of_stories if source.stories else _ask_questions
    try:
        return measured(source, settings, progress)
    except GoldError:
        if source.sealed and not source.pairs:  # complaints about pairs never quote them
            raise GoldError(f"{source.title}: it cannot be used; why is not shown here") from None
        raise


def _of_pairs(source: GoldSource, settings: Settings, progress: Progress) -> Measured:
    folder = source.articles or source.file.parent
    total = 2 * len(read_pairs(source.file))
    reader = build_reader(settings.reader)
    comparison = build_comparison(settings)
    pairs = judge_pairs(folder, _Counted(reader, progress, total), comparison=comparison, file=source.file)
    return Measured(
        summarise_pairs(pairs), [one.to_dict(texts=not source.sealed) for one in pairs], pairs=pairs
    )


def _of_stories(source: GoldSource, settings: Settings, progress: Progress) -> Measured:
    def watch(several: Sequence[Story]) -> Iterable[Story]:
        done, total = 0, sum(len(one.questions) for one in several)
        for one in several:
            progress(done, total, ASKED)
            yield one
            done += len(one.questions)

    judged = run_stories(read_stories(source.file), settings, watch=watch)
    return Measured(summarise_stories(judged), [], [one.case for one in judged])


def _ask_questions(source: GoldSource, settings: Settings, progress: Progress) -> Measured:
    questions = tuple(one for one in read_gold(source.file) if isinstance(one, GoldQuestion))
    if not questions:
        raise GoldError(f"{source.file} holds no question about a library; choose another set")

    def watch(several: Sequence[GoldQuestion]) -> Iterable[GoldQuestion]:
        for done, one in enumerate(several):
            progress(done, len(several), ASKED)
            yield one

    progress(0, None, "opening the articles")
    with _library(source, settings) as library:
        # What people ruled is no part of what is measured; the bundled library is one that is used.
        answer = partial(ask, library=library, rulings=False, settings=settings)
        # Loads what is loaded on first use, so that the first question is timed like the others.
        answer(questions[0].question, history=questions[0].history)
        judgements = evaluate(questions, answer, library.articles(), watch=watch)
    cases = [one.case for one in judgements]
    return Measured(summarise_judgements(judgements), [], cases)


def _library(source: GoldSource, settings: Settings) -> Library:
    if source.articles is None:
        return open_library("", replace(settings, library=""))
    return open_bundled(
        build_embedder(settings.embedder),
        chunk_tokens=settings.chunk_tokens,
        overlap_sentences=settings.overlap_sentences,
        seeds=source.articles,
    )


@dataclass(slots=True)
class _Counted:
    """A reader that tells how often it was asked: once for each statement of a pair."""

    reader: Reader
    progress: Progress
    total: int
    done: int = 0

    def read(self, asked: Understood, hits: Sequence[Hit]) -> list[Reading]:
        self.progress(self.done, self.total, "statements read")
        self.done = min(self.done + 1, self.total)
        return self.reader.read(asked, hits)
