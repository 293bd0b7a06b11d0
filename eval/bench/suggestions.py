"""How good the questions after an answer are; `python -m eval.bench.suggestions`; prints one JSON object.

Questions of stories that nothing was trained on are asked, each of a library of its story. A follow-up is
right where its answer's first quote stands in the very sentence that it was made of. The figures "asked" are
of all candidates that were asked, also of those that were then not offered. `--show FILE` writes those that
were, each with its sentence, for people to read.
"""

import argparse
import json
import statistics
import time
from collections import Counter
from pathlib import Path

from eval.stories import Story, read_stories
from eval.stories.run import open_shelf
from eval.training.fit.held_out import held_out_stories
from qa.ask import ask
from qa.records import Answer
from qa.settings import Settings
from qa.suggestions.candidates import CandidateQuestion, after_answer, collect_shown
from qa.suggestions.offer import answers, offers

QUESTIONS = 2  # of each story


def main() -> None:
    """Ask, count, print."""
    parser = argparse.ArgumentParser(
        description="Follow-ups that are offered, and whether they are answered rightly"
    )
    parser.add_argument("stories", type=Path, nargs="?", help="file or folder; by default those held out")
    parser.add_argument("--limit", type=int, help="so many stories at most")
    parser.add_argument("--skip", type=int, default=0, help="so many stories are left out first")
    parser.add_argument("--show", type=Path, help="where to write the questions that are offered")
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    milliseconds: dict[str, list[float]] = {"making": [], "asking": []}
    told: list[str] = []
    stories = read_stories(arguments.stories) if arguments.stories else held_out_stories(None)
    for story in stories[arguments.skip :][: arguments.limit]:
        _measure(story, counts, milliseconds, told)
    if arguments.show:
        arguments.show.write_text("\n".join(told) + "\n", encoding="utf-8")
    middle = {
        f"{name}_ms": round(statistics.median(spent), 1) for name, spent in milliseconds.items() if spent
    }
    print(json.dumps({**counts, **middle}, indent=2))


def _measure(
    story: Story, counts: Counter[str], milliseconds: dict[str, list[float]], told: list[str]
) -> None:
    """One story's questions, the first ones that open a conversation."""
    settings = Settings()
    with open_shelf([story], settings) as shelf:
        opening = [one.question for one in story.questions if not one.follow][:QUESTIONS]
        for question in opening:
            answer = ask(question, library=shelf.library, settings=settings)
            started = time.perf_counter()
            candidates = after_answer(answer, shelf.library)
            milliseconds["making"].append((time.perf_counter() - started) * 1000)
            found: dict[str, Answer] = {}

            def ask_timed(text: str, before: Answer = answer, found: dict[str, Answer] = found) -> Answer:
                started = time.perf_counter()
                found[text] = ask(text, library=shelf.library, history=[before], settings=settings)
                milliseconds["asking"].append((time.perf_counter() - started) * 1000)
                return found[text]

            offered = offers(candidates, ask_timed, shown=collect_shown(answer))
            by_question = {one.question: one for one in candidates}
            counts.update(
                answers=1, **{answer.status: 1}, offered=len(offered), **{f"answers_with_{len(offered)}": 1}
            )
            counts.update(disputed=sum(one.disputed for one in offered))
            for text, reply in found.items():
                counts.update(_judge(reply, by_question[text]))
            told += [
                f"{one.question}\t{origin.sentence}"
                for one in offered
                if (origin := by_question[one.question].origin) is not None
            ]


def _judge(answer: Answer, candidate: CandidateQuestion) -> dict[str, int]:
    origin = candidate.origin
    assert origin is not None
    first = next(iter(answer.citations), None)
    right = first is not None and (first.article_id, first.sentence_start) == (
        origin.article_id,
        origin.sentence_start,
    )
    return {
        "asked": 1,
        "asked_answered": int(answer.status == "answered"),
        "asked_right": int(right),
        "asked_quoted": int(answers(answer, candidate)),
    }


if __name__ == "__main__":
    main()
