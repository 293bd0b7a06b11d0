"""The stories that weights are fitted and judged on, and the command line by which all fits choose them."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from eval.sets import STORIES
from eval.stories import Story, read_stories
from eval.train.data.questions import is_held_out


@dataclass(frozen=True, slots=True)
class Chosen:
    """Stories to fit on; with `every`, to judge with the weights as they stand."""

    stories: list[Story]
    every: bool


def held_out_stories(place: Path | None, limit: int | None, *, every: bool = False) -> list[Story]:
    """The stories in a file or folder, by default the training part, that nothing was trained on; or all."""
    told = read_stories(place or STORIES["train"].file)
    return [one for one in told if every or is_held_out(one.id)][:limit]


def chosen(purpose: str | None) -> Chosen:
    """What the command line asks for; `purpose` is the module's docstring, its first line the help's."""
    parser = argparse.ArgumentParser(description=(purpose or "").partition("\n")[0])
    parser.add_argument("stories", type=Path, nargs="?", help="file or folder; by default the training part")
    parser.add_argument("--limit", type=int, help="so many stories at most")
    parser.add_argument("--all", action="store_true", help="judge all these stories, fit nothing")
    arguments = parser.parse_args()
    stories = held_out_stories(arguments.stories, arguments.limit, every=arguments.all)
    return Chosen(stories, every=arguments.all)
