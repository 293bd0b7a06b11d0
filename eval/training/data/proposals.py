"""What the shipped reader proposes for the questions of stories: the mistakes that a judge has to see.

    python -m eval.training.data.proposals STORIES OUT [--share 0.6]

reads the stories in STORIES, one a line, and writes to OUT, one a line, for each question and account how
probably each sentence of the account answers, and the words that the reader would quote of the likeliest
three. `--share` is that of the questions, drawn by story and number. What OUT holds already is not asked
again.
"""

import argparse
import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from eval.training.data.questions import Story, account_passage, read_stories
from qa.question.kinds import kind_of
from qa.reader.span_model import BundledSpanModel
from qa.reader.spans import Window, best_stretch, enclosing_stretch, sentence_logit
from qa.weights.fitted import load_fitted

PROPOSED = 3

# As the reader takes it where no retriever measured a passage.
_USUAL_COSINE = 0.6
_LIMIT = 12.0

Key = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """For one question and account: a probability for each sentence, and of the likeliest the words quoted.

    `quotes` holds for a sentence's number its characters from where to where.
    """

    scores: tuple[float, ...]
    quotes: Mapping[int, tuple[int, int]]

    def likeliest(self) -> list[int]:
        """The numbers of the sentences, likeliest first."""
        return sorted(range(len(self.scores)), key=lambda at: (-self.scores[at], at))


def propose(stories: Iterable[Story], model: BundledSpanModel, share: float) -> Iterator[dict[str, Any]]:
    """As the command line above, one plain value for each question and account."""
    for story in stories:
        draw = random.Random(f"proposals {story['id']}")  # noqa: S311 - no secret
        for number, question in enumerate(story["questions"]):
            if draw.random() >= share:
                continue
            passages = [account_passage(account, None) for account in story["accounts"]]
            texts, titles = [one.text for one in passages], [one.title for one in passages]
            read = model.windows(question["standalone"], texts, titles)
            for account, passage, windows in zip(story["accounts"], passages, read, strict=True):
                scores, quotes = _score(question["standalone"], passage.sentences, windows)
                yield {
                    "story": story["id"],
                    "question": number,
                    "account": account["key"],
                    "scores": scores,
                    "quotes": quotes,
                }


def _score(
    question: str, sentences: Sequence[str], windows: Sequence[Window]
) -> tuple[list[float], dict[int, tuple[int, int]]]:
    kind = kind_of(question)
    choose = enclosing_stretch if kind == "list" else best_stretch
    scores: list[float] = []
    stretches: list[tuple[int, int] | None] = []
    starts = [0, *accumulate(len(one) + 1 for one in sentences)]
    for start, sentence in zip(starts, sentences, strict=False):
        end = start + len(sentence)
        met = [found for one in windows if (found := choose(one, start, end)) is not None]
        if not met:
            scores.append(0.0)
            stretches.append(None)
            continue
        best = max(met, key=lambda one: one.margin)
        logit = sentence_logit(windows, start, end) or 0.0
        row = (np.clip(logit, -_LIMIT, _LIMIT), np.clip(best.margin, -_LIMIT, _LIMIT), _USUAL_COSINE, 1.0)
        scores.append(round(float(1 / (1 + np.exp(-np.dot(load_fitted().reader[kind], row)))), 4))
        stretches.append((best.start - start, best.end - start))
    likeliest = sorted(range(len(scores)), key=lambda at: (-scores[at], at))[:PROPOSED]
    return scores, {at: place for at in likeliest if (place := stretches[at]) is not None}


def read_proposals(file: Path) -> dict[Key, Proposal]:
    """By story, question's number and account's key."""
    found: dict[Key, Proposal] = {}
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            quotes = {int(at): (int(place[0]), int(place[1])) for at, place in one["quotes"].items()}
            found[one["story"], one["question"], one["account"]] = Proposal(tuple(one["scores"]), quotes)
    return found


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("stories", type=Path, help="stories, one a line")
    parser.add_argument("out", type=Path, help="where to write, or to go on")
    parser.add_argument("--share", type=float, default=0.6, help="of the questions")
    arguments = parser.parse_args()
    known = {key[0] for key in read_proposals(arguments.out)} if arguments.out.exists() else set()
    new = [one for one in read_stories(arguments.stories) if one["id"] not in known]
    with arguments.out.open("a", encoding="utf-8") as out:
        for one in propose(new, BundledSpanModel(), arguments.share):
            out.write(json.dumps(one) + "\n")


if __name__ == "__main__":
    main()
