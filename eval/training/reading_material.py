"""What each round of the reader's training reads: stories, contrast sets, public sets, and follow-ups."""

import gzip
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from eval.training.data.examples import read_sources
from eval.training.data.mixture import Mixture
from eval.training.data.questions import (
    FollowUp,
    StoryQuestions,
    canard_follow_ups,
    is_held_out,
    public_questions,
    read_stories,
    story_follow_ups,
)
from eval.training.data.reading_rows import Asked, NeededRow, Rows, question_batches
from eval.training.data.windows import batches
from eval.training.dialogue import half_of
from eval.training.judgements.contrast import ContrastSet, contrast_questions
from eval.training.judgements.literal import Literal

# Of the tokens of a round, so many for each of a story's or contrast set's: public sets keep the reader good
# at encyclopedia.
PUBLIC = 0.5
# So many questions of each story's in its own words, of those that can be made.
LITERAL = 4
_FIRST_PUBLIC_ROUND = 2  # the later rounds of `Mixture` lean to what resembles news

Batch = list[Asked] | list[NeededRow]


class ReadingMaterial:
    """The batches of each round: the same ones every time."""

    def __init__(
        self,
        data: Path,
        stories: Sequence[dict[str, Any]],
        contrast: Sequence[ContrastSet],
        tokenizer: Tokenizer,
        *,
        seed: int,
        batch_tokens: int,
    ) -> None:
        trained = [one for one in stories if not is_held_out(one["id"])]
        self._stories = StoryQuestions(trained, seed)
        self._trained = trained
        self._literal = Literal(account["text"] for story in trained for account in story["accounts"])
        self._contrast = contrast
        self._public = Mixture(read_sources(data), seed)
        self._follow_ups = [*story_follow_ups(trained), *canard_follow_ups(read_canard(data)[0])]
        self._rows = Rows(tokenizer)
        self._seed = seed
        self._batch_tokens = batch_tokens

    def round(self, number: int) -> list[Batch]:
        """The batches of round `number`."""
        draw = random.Random(f"reading {self._seed} {number}")  # noqa: S311 - no secret
        own = [*self._stories.round(number), *contrast_questions(self._contrast, draw)]
        own += [one for _ in range(LITERAL) for one in self._literal.questions(self._trained, draw)]
        asked = [self._rows.build_rows(one, draw) for one in own]
        wanted = PUBLIC * sum(len(row) for one in asked for row in one.rows)
        public = self._some_public(number, wanted, draw)
        needed = [self._rows.build_needed_row(one) for one in self._follow_ups]
        made: list[Batch] = [*question_batches([*asked, *public], self._batch_tokens, draw)]
        made += batches([one for one in needed if one is not None], self._batch_tokens, draw)
        draw.shuffle(made)
        return made

    def _some_public(self, number: int, tokens: float, draw: random.Random) -> list[Asked]:
        """Questions of public sets that hold about so many tokens."""
        taken: list[Asked] = []
        for question in public_questions(self._public.round(_FIRST_PUBLIC_ROUND + number), draw):
            if tokens <= 0:
                break
            asked = self._rows.build_rows(question, draw)
            tokens -= sum(map(len, asked.rows))
            taken.append(asked)
        return taken


def read_canard(data: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """CANARD's rows to train on and those to judge by, split by talk."""
    path = data.parent / "dialogue" / "canard-dev.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    designed: list[dict[str, Any]] = []
    judged: list[dict[str, Any]] = []
    for row in rows:
        half = half_of("\t".join(row["history"][:2]))
        (designed if half == "design" else judged).append(row)
    return designed, judged


def read_held_out_stories(file: Path) -> list[dict[str, Any]]:
    """The stories of the training part that choose between trainings."""
    return [one for one in read_stories(file) if is_held_out(one["id"])]


def held_out_follow_ups(data: Path, stories: Sequence[dict[str, Any]]) -> list[FollowUp]:
    """Follow-ups that were not trained on: of held-out stories, and of CANARD."""
    return [*story_follow_ups(stories), *canard_follow_ups(read_canard(data)[1])]
