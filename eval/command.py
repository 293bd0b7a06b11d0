"""`whosays eval`: runs a gold set, prints a table or JSON, writes one row a question and, if asked, a report.

Plugged into the command line by an entry point, so that nothing in `qa` knows of it. What cannot be used
raises a WhosaysError, for which the command line exits with 2.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, get_args

from eval.cases import summarise
from eval.errors import GoldError
from eval.gold.questions import GoldQuestion, Question, read_gold, sample
from eval.gold.sets import GoldSource, StoryPart, gold_source
from eval.pairs.judging import judge_pairs
from eval.pairs.metrics import summarise_pairs
from eval.paragraphs import (
    all_paragraphs,
    leg_metrics,
    rank_legs,
    read_open,
    read_own,
    version_of,
)
from eval.provenance import models_of, this_run
from eval.report.report import write_report
from eval.report.table import text
from eval.run import Measured, evaluate, summarise_judgements, write_rows
from eval.stories import (
    read_stories,
    run_stories,
    summarise_stories,
    summarise_survey,
    survey_stories,
)
from index.library import Library
from index.text.chunk import TokenCounter, chunk
from qa.ask import ask, build_comparison, build_embedder, build_reader, open_library
from qa.library import open_bundled
from qa.settings import Settings, read_settings

HELP = "measure answers, sources, conflicts and abstention on a gold set"

_Item = TypeVar("_Item")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `whosays eval`."""
    parser.add_argument(
        "gold",
        metavar="GOLD",
        help="seeds (the bundled gold set); news or news-held-out (bundled news articles), pairs or "
        "pairs-held-out (labelled pairs of their statements), minimal-pairs (short statements that differ "
        "in what decides); stories (bundled, each told by several "
        "sources); a file: stories as FILE.txt, a gold set over a library, or "
        "questions with a paragraph each, as SQuAD 1.1 or 2.0 JSON or one a line, may be compressed with "
        "gzip; or a folder of articles with pairs.jsonl",
    )
    parser.add_argument(
        "--library", metavar="DIR", help="the library that GOLD is about (default: the bundled articles)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object to standard output")
    parser.add_argument(
        "--report", type=Path, metavar="DIR", help="write report.html and rows.jsonl into DIR"
    )
    parser.add_argument(
        "--retrieval",
        action="store_true",
        help="paragraphs: rank all of them for each question, by words, by meaning and by both",
    )
    parser.add_argument(
        "--open", action="store_true", help="paragraphs: retrieve from all of them, then read what was found"
    )
    parser.add_argument(
        "--part", choices=get_args(StoryPart), help="stories: this part of them (default: sealed)"
    )
    parser.add_argument(
        "--together", action="store_true", help="stories: one library of all, instead of one for each story"
    )
    parser.add_argument(
        "--survey",
        action="store_true",
        help="stories: what the survey of each story's articles finds, instead of asking",
    )
    parser.add_argument(
        "--ask", action="store_true", help="with --survey: a question is also asked about each statement"
    )
    parser.add_argument(
        "--limit", type=_positive, metavar="N", help="only N questions, or stories, always the same ones"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write one row a question (jsonl) there (default: in DIR of --report, else in the folder runs)",
    )
    parser.add_argument("--settings", type=Path, metavar="FILE", help="read this settings file")


def run(arguments: argparse.Namespace) -> int:
    """Measures, prints and writes; 0 when done. Raises WhosaysError for input that cannot be used."""
    settings = read_settings({"library": arguments.library}, file=arguments.settings)
    source = gold_source(arguments.gold, part=arguments.part)
    this = this_run(_command_line(arguments), models_of(settings))
    try:
        measured = _measure(source, arguments, settings)
    except GoldError as error:
        if source.pairs or not source.sealed:
            raise
        place = str(error).split(": ")[0]  # what follows may quote the set; complaints about pairs never do
        raise GoldError(f"{place}: this cannot be used, and what it says is not shown here") from None
    rows = _rows_file(arguments, source)
    write_rows(rows, measured.rows, this)
    written = [rows]
    if arguments.report:
        written.append(
            write_report(
                arguments.report,
                title=source.title,
                metrics=measured.metrics,
                cases=measured.cases,
                run=this,
                pairs=measured.pairs,
                sealed=source.sealed,
            )
        )
    if arguments.json:
        print(json.dumps({**measured.metrics, "run": this.to_dict()}, ensure_ascii=False, indent=2))
    else:
        print(text(measured.metrics))
    print(*(f"written: {one}" for one in written), sep="\n", file=sys.stderr)
    return 0


def _measure(source: GoldSource, arguments: argparse.Namespace, settings: Settings) -> Measured:
    """The run that fits the set. Raises GoldError for options that do not."""
    file = source.file
    if source.articles and arguments.library:
        raise GoldError(f"{source.name} brings its own articles; leave out --library")
    if source.stories:
        return _story_run(source, arguments, settings)
    if arguments.together or arguments.survey or arguments.ask:
        raise GoldError(f"{source.name} holds no stories; leave out --together, --survey and --ask")
    if source.pairs:
        if arguments.retrieval or arguments.open or arguments.limit:
            raise GoldError(f"{source.name} holds pairs; leave out --retrieval, --open and --limit")
        reader = build_reader(settings.reader)
        pairs = judge_pairs(file.parent, reader, comparison=build_comparison(settings))
        rows = [one.to_dict(texts=not source.sealed) for one in pairs]
        return Measured(summarise_pairs(pairs), rows, pairs=pairs)
    gold = read_gold(file)
    of_library = tuple(one for one in gold if isinstance(one, GoldQuestion))
    if of_library:
        if arguments.retrieval or arguments.open:
            raise GoldError(
                f"{file} is about a library; --retrieval and --open take questions with paragraphs"
            )
        return _library_run(sample(of_library, arguments.limit), source, settings)
    if arguments.library:
        raise GoldError(f"{file} brings its own paragraphs; leave out --library")
    of_paragraphs = tuple(one for one in gold if isinstance(one, Question))
    return _paragraph_run(of_paragraphs, arguments, settings)


def _library_run(questions: Sequence[GoldQuestion], source: GoldSource, settings: Settings) -> Measured:
    with _library(source, settings) as library:
        # What people ruled is no part of what is measured; the library may be one that is used.
        answer = partial(ask, library=library, rulings=False, settings=settings)
        # Loads what is loaded on first use, so that the first question is timed like the others.
        answer(questions[0].question, history=questions[0].history)
        judgements = evaluate(questions, answer, library.articles(), watch=_bar("asking"))
    return Measured(
        summarise_judgements(judgements),
        [_seal(one.to_dict()) if source.sealed else one.to_dict() for one in judgements],
        [one.case for one in judgements],
    )


def _story_run(source: GoldSource, arguments: argparse.Namespace, settings: Settings) -> Measured:
    if arguments.retrieval or arguments.open or arguments.library:
        raise GoldError(f"{source.name} holds stories; leave out --retrieval, --open and --library")
    if arguments.ask and not arguments.survey:
        raise GoldError("--ask goes with --survey; without it questions are asked anyway")
    stories = read_stories(source.file)
    if arguments.survey:
        surveyed = survey_stories(
            sample(stories, arguments.limit),
            settings,
            together=arguments.together,
            asking=arguments.ask,
            watch=_bar("comparing", "story"),
        )
        return Measured(
            summarise_survey(surveyed), [one.to_dict(texts=not source.sealed) for one in surveyed]
        )
    judged = run_stories(
        sample(stories, arguments.limit),
        settings,
        together=stories if arguments.together else (),
        watch=_bar("asking", "story"),
    )
    rows = [one.to_dict(texts=not source.sealed) for one in judged]
    return Measured(summarise_stories(judged), rows, [one.case for one in judged])


def _library(source: GoldSource, settings: Settings) -> Library:
    """The set's own articles, indexed once in the user's cache, or the library that the settings name."""
    if source.articles is None:
        return open_library(settings.library, settings)
    return open_bundled(
        build_embedder(settings.embedder),
        chunk_tokens=settings.chunk_tokens,
        overlap_sentences=settings.overlap_sentences,
        seeds=source.articles,
    )


def _seal(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row without the question's and the articles' texts."""
    return {key: value for key, value in row.items() if key not in ("question", "golds", "text")}


def _paragraph_run(
    questions: Sequence[Question], arguments: argparse.Namespace, settings: Settings
) -> Measured:
    """Reading; or retrieval, open reading, or both, over the paragraphs of the whole set."""
    asked = sample(questions, arguments.limit)
    version = version_of(questions)
    embedder = build_embedder(settings.embedder)
    reader = build_reader(settings.reader)
    if not (arguments.retrieval or arguments.open):
        cut = partial(
            chunk,
            count=TokenCounter(embedder.vocabulary()),
            chunk_tokens=settings.chunk_tokens,
            overlap_sentences=settings.overlap_sentences,
        )
        cases = read_own(
            asked, reader, cut, version=version, min_confidence=settings.min_confidence, watch=_bar("reading")
        )
        return Measured(summarise(cases, version=version), [one.to_dict() for one in cases], cases)
    metrics: dict[str, Any] = {"questions": len(asked)}
    rows: dict[str, dict[str, Any]] = {one.id: {"id": one.id, "question": one.question} for one in asked}
    cases = ()
    with all_paragraphs(
        questions,
        embedder,
        chunk_tokens=settings.chunk_tokens,
        overlap_sentences=settings.overlap_sentences,
    ) as paragraphs:
        metrics["paragraphs"] = len(paragraphs.ids)
        if arguments.retrieval:
            ranked = rank_legs(asked, paragraphs, watch=_bar("retrieving"))
            metrics |= leg_metrics(ranked)
            for one in ranked:
                rows[one.id] |= {"ranks": {"bm25": one.bm25, "dense": one.dense, "fused": one.fused}}
        if arguments.open:
            cases, metrics["open"] = read_open(
                asked,
                paragraphs,
                reader,
                passages=settings.passages,
                version=version,
                min_confidence=settings.min_confidence,
                watch=_bar("asking"),
            )
            for case in cases:
                rows[case.id] |= case.to_dict()
    return Measured(metrics, list(rows.values()), cases)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _bar(label: str, unit: str = "question") -> Callable[[Sequence[_Item]], Iterable[_Item]]:
    """A progress bar on standard error, where that is a terminal."""

    def watch(items: Sequence[_Item]) -> Iterable[_Item]:
        from tqdm import tqdm  # only long work needs it

        shown: Iterable[_Item] = tqdm(items, desc=label, unit=unit, file=sys.stderr, disable=None)
        return shown

    return watch


def _command_line(arguments: argparse.Namespace) -> str:
    """The command that repeats the run, its files without their folders."""
    parts = ["whosays", "eval", Path(arguments.gold).name]
    flags = ("json", "retrieval", "open", "together", "survey", "ask")
    parts += [f"--{flag}" for flag in flags if getattr(arguments, flag)]
    parts += [f"--part {arguments.part}"] if arguments.part else []
    parts += [f"--limit {arguments.limit}"] if arguments.limit else []
    named = {flag: getattr(arguments, flag) for flag in ("library", "report", "out", "settings")}
    return " ".join([*parts, *(f"--{flag} {Path(value).name}" for flag, value in named.items() if value)])


def _rows_file(arguments: argparse.Namespace, source: GoldSource) -> Path:
    if arguments.out:
        return Path(arguments.out)
    if arguments.report:
        return Path(arguments.report) / "rows.jsonl"
    return Path("runs") / f"{source.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}.jsonl"
