"""The stories that weights are fitted and judged on."""

from collections import Counter
from pathlib import Path

from eval.gold.sets import STORIES
from eval.stories import Story, read_stories
from eval.training.data.questions import is_held_out, part_of


def held_out_stories(place: Path | None, limit: int | None = None) -> list[Story]:
    """The stories in a file or folder, by default the training part, that nothing was trained on.

    With `limit` so many at most of each kind: few sources, rumours, web pages.
    """
    taken: Counter[str] = Counter()
    kept: list[Story] = []
    for story in read_stories(place or STORIES["train"].file):
        if not is_held_out(story.id):
            continue
        part = part_of(story.to_dict())
        taken[part] += 1
        if limit is None or taken[part] <= limit:
            kept.append(story)
    return kept
