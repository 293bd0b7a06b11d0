"""Libraries in a folder and in Milvus Lite asked the same: `python -m eval.bench.milvus [--stories sealed]`.

Both hold the accounts of all those stories. Prints JSON: in what share of the questions both give the same
first answer (its status, words and place), the same whole answer, and the same passages with the same
scores; how long adding takes, and retrieval at the median. `--address` names a library on a server, which
has to be empty, instead of a Milvus Lite file.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.provenance import this_run
from eval.stories import Story, read_stories
from index.models import WEIGHTS, checksums
from index.records import Hit
from qa.ask import ask, open_library
from qa.library import Library
from qa.reader.span_model import WEIGHTS as READER_WEIGHTS
from qa.records import Answer
from qa.settings import Settings

STORIES = Path(__file__).resolve().parents[1] / "stories"


def compare(
    stories: Sequence[Story], folder: Path, address: str, settings: Settings, limit: int | None
) -> dict[str, Any]:
    """The figures that the module's docstring names; `limit` is of how many stories questions are asked."""
    source = folder / "accounts.jsonl"
    accounts = [account for story in stories for account in story.accounts]
    records = (
        {"title": one.title, "publisher": one.publisher, "published": one.published, "text": one.text}
        for one in accounts
    )
    source.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    questions = [question.standalone for story in stories[:limit] for question in story.questions]
    seconds: list[float] = []
    with (
        open_library(folder / "library", settings, create=True) as local,
        open_library(address, settings, create=True) as milvus,
    ):
        for library in (local, milvus):
            started = time.perf_counter()
            library.add(source, max_bytes=source.stat().st_size + 1)
            seconds.append(round(time.perf_counter() - started, 1))
        rows = [_ask_all(question, local, milvus, settings) for question in questions]
        passages = sum(len(local.chunks(article)) for article in local.articles())
    median_ms = {
        name: round(statistics.median(row[f"{name}_ms"] for row in rows), 1) for name in ("folder", "milvus")
    }
    return {
        "articles": len(accounts),
        "passages": passages,
        "questions": len(questions),
        "same_first_answer": _share(rows, "first"),
        "same_answer": _share(rows, "whole"),
        "same_passages_and_scores": _share(rows, "hits"),
        "added_s": {"folder": seconds[0], "milvus": seconds[1]},
        "retrieved_p50_ms": median_ms,
    }


def _ask_all(question: str, local: Library, milvus: Library, settings: Settings) -> dict[str, float]:
    """What is the same, 1 or 0, and how long retrieval took."""
    hits, times = [], []
    for library in (local, milvus):
        started = time.perf_counter()
        hits.append([_pick_scores(hit) for hit in library.search(question, k=settings.passages)])
        times.append(1000 * (time.perf_counter() - started))
    one, other = (ask(question, library=library, settings=settings) for library in (local, milvus))
    return {
        "first": _first(one) == _first(other),
        "whole": _strip_times(one) == _strip_times(other),
        "hits": hits[0] == hits[1],
        "folder_ms": times[0],
        "milvus_ms": times[1],
    }


def _pick_scores(hit: Hit) -> tuple[object, ...]:
    return hit.chunk, hit.rank, hit.score, hit.cosine, hit.bm25


def _first(answer: Answer) -> tuple[object, ...]:
    best = (*answer.citations, *answer.closest)[:1]
    return answer.status, answer.text, [(one.article_id, one.start, one.end) for one in best]


def _strip_times(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.to_dict().items() if name != "timings_ms"}


def _share(rows: Sequence[dict[str, float]], name: str) -> float:
    return round(sum(row[name] for row in rows) / len(rows), 4)


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", default="sealed", choices=("dev", "sealed"))
    parser.add_argument("--limit", type=int, help="ask the questions of so many stories")
    parser.add_argument("--address", help="an empty library on a server: milvus://host:port/name")
    arguments = parser.parse_args()
    stories = read_stories(STORIES / arguments.stories)
    with tempfile.TemporaryDirectory() as name:
        address = arguments.address or str(Path(name) / "milvus.db")
        figures = compare(stories, Path(name), address, Settings(), arguments.limit)
    limit = f" --limit {arguments.limit}" if arguments.limit else ""
    run = this_run(
        f"python -m eval.bench.milvus --stories {arguments.stories}{limit}",
        checksums(WEIGHTS, READER_WEIGHTS),
    )
    print(json.dumps({"stories": len(stories), **figures, "run": run.to_dict()}, indent=2))


if __name__ == "__main__":
    main()
