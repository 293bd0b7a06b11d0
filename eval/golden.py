"""All answers and all that surveys list on open sets, kept: a change of structure alone must leave them so.

    python -m eval.golden [--write] [--limit N]

asks the questions about the seeds, the open half of the news and the stories of the dev part, surveys each of
these libraries, and prints what differs from eval/gold/golden.jsonl; it exits with 1 where anything does.
`--write` keeps what it finds instead; `--limit` asks so many questions of a set, and stories, at most. Models
give slightly other figures on other processors: write and compare on one machine.
"""

import argparse
import difflib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from eval.gold.questions import GoldQuestion, read_gold, sample
from eval.gold.sets import NAMED, STORIES, GoldSource
from eval.stories import read_stories
from eval.stories.run import ask_story, open_shelf
from qa.ask import ask, build_embedder, open_library
from qa.library import Library, open_bundled
from qa.records import Answer, Citation, Conflict
from qa.settings import Settings

FILE = Path(__file__).resolve().parent / "gold" / "golden.jsonl"

Row = Mapping[str, Any]


def rows(settings: Settings, limit: int | None = None) -> Iterator[Row]:
    """A row for each question and for each survey, `id` first, always in the same order."""
    for source in (NAMED["seeds"], NAMED["news"]):
        yield from _of_library(source, settings, limit)
    for story in read_stories(STORIES["dev"].file)[:limit]:
        with open_shelf([story], settings) as shelf:
            answer = partial(ask, library=shelf.library, settings=settings)
            for one in ask_story(story, answer, shelf.sources):
                yield _answer_row(one.case.id, one.answer)
            yield _survey_row(story.id, shelf.library)


def _of_library(source: GoldSource, settings: Settings, limit: int | None) -> Iterator[Row]:
    with _open(source, settings) as library:
        # What people ruled is no part of what is kept; the bundled library is one that is used.
        answer = partial(ask, library=library, rulings=False, settings=settings)
        asked = [one for one in read_gold(source.file) if isinstance(one, GoldQuestion)]
        for one in sample(asked, limit):
            yield _answer_row(one.id, answer(one.question, history=one.history))
        yield _survey_row(source.name, library)


def _open(source: GoldSource, settings: Settings) -> Library:
    """The set's own articles, or the bundled ones."""
    if source.articles is None:
        return open_library("", settings)
    return open_bundled(
        build_embedder(settings.embedder),
        chunk_tokens=settings.chunk_tokens,
        overlap_sentences=settings.overlap_sentences,
        seeds=source.articles,
    )


def _answer_row(name: str, answer: Answer) -> Row:
    return {
        "id": name,
        "status": answer.status,
        "confidence": round(answer.confidence, 3),
        "asked_as": answer.standalone_question,
        "positions": [
            {"polarity": one.polarity, "citations": [_cite(cited) for cited in one.citations]}
            for one in answer.positions
        ],
        "conflicts": [_conflict(one) for one in answer.conflicts],
        "closest": [_cite(one) for one in answer.closest],
    }


def _survey_row(name: str, library: Library) -> Row:
    found = library.conflicts(rulings=False)
    return {"id": f"survey of {name}", "conflicts": [_conflict(one) for one in found.conflicts]}


def _cite(one: Citation) -> str:
    return f"{one.publisher} | {one.title} | {one.start}-{one.end} | {one.score:.3f}"


def _conflict(one: Conflict) -> Mapping[str, Any]:
    update = " (update)" if one.possible_update else ""
    return {
        "what": f"{one.kind}{update} {one.score:.3f}: {one.explanation}",
        "statements": [_cite(cited) for cited in one.statements],
    }


def differences(before: Iterable[Row], after: Iterable[Row]) -> Iterator[str]:
    """Lines as of `diff`, for each row that is new, gone or changed."""
    old, new = ({row["id"]: _lines(row) for row in several} for several in (before, after))
    for name in dict.fromkeys((*old, *new)):
        yield from difflib.unified_diff(
            old.get(name, []), new.get(name, []), f"{name} as kept", f"{name} now", n=1, lineterm=""
        )


def _lines(row: Row) -> list[str]:
    return json.dumps(row, indent=1, ensure_ascii=False).split("\n")


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="keep what is found")
    parser.add_argument("--limit", type=int, help="so many questions of a set, and stories, at most")
    arguments = parser.parse_args()
    found = list(rows(Settings(), arguments.limit))
    if arguments.write:
        FILE.write_text(
            "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found), encoding="utf-8"
        )
        print(f"{len(found)} rows written")
        return
    if not FILE.exists():
        sys.exit(f"there is no {FILE}; write it first: python -m eval.golden --write")
    kept = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    if arguments.limit:
        names = {one["id"] for one in found}
        kept = [one for one in kept if one["id"] in names]
    changed = list(differences(kept, found))
    print(*(changed or [f"{len(found)} rows, none differs"]), sep="\n")
    sys.exit(1 if changed else 0)


if __name__ == "__main__":
    main()
