"""What `whosays eval` measures: a gold set of its own by name, else a file or a folder of pairs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from eval.errors import GoldError

StoryPart = Literal["train", "dev", "sealed", "rumours", "web"]
# Nobody reads them: they measure only.
_SEALED: tuple[StoryPart, ...] = ("sealed", "rumours", "web")

_GOLD = Path(__file__).resolve().parent
_STORIES = _GOLD.parent / "stories"
_OPEN, _HELD_OUT = _GOLD / "news" / "open", _GOLD / "news" / "held_out"
_MINIMAL = _GOLD / "minimal"


@dataclass(frozen=True, slots=True)
class GoldSource:
    """A set and what to do with it. `name` is fit for a file name.

    `articles` is the folder whose articles it is about, None where the library is named apart from it.
    `stories`: `file` is one of stories, or a folder of such files; they bring their accounts.
    `sealed`: nobody is to read it, so nothing that a run prints or writes may hold its texts.
    """

    name: str
    title: str
    file: Path
    articles: Path | None = None
    pairs: bool = False
    stories: bool = False
    sealed: bool = False


NAMED = {
    one.name: one
    for one in (
        GoldSource("seeds", "The bundled gold set", _GOLD / "seeds.jsonl"),
        GoldSource("news", "News questions, the open half", _OPEN / "questions.jsonl", _OPEN),
        GoldSource(
            "news-held-out",
            "News questions, the held-out half",
            _HELD_OUT / "questions.jsonl",
            _HELD_OUT,
            sealed=True,
        ),
        GoldSource("pairs", "News pairs, the open half", _OPEN / "pairs.jsonl", _OPEN, pairs=True),
        GoldSource(
            "pairs-held-out",
            "News pairs, the held-out half",
            _HELD_OUT / "pairs.jsonl",
            _HELD_OUT,
            pairs=True,
            sealed=True,
        ),
        GoldSource(
            "minimal-pairs",
            "Minimal pairs of short statements",
            _MINIMAL / "pairs.jsonl",
            _MINIMAL,
            pairs=True,
        ),
    )
}


STORIES = {
    part: GoldSource(
        "stories" if part == "sealed" else f"stories-{part}",
        f"Stories told by several sources, the {part} part",
        _STORIES / part,
        stories=True,
        sealed=part in _SEALED,
    )
    for part in get_args(StoryPart)
}


ON_PAGE = {**NAMED, "stories": STORIES["sealed"]}
"""The sets that the app offers."""


def gold_source(gold: str, *, part: StoryPart | None = None) -> GoldSource:
    """The named set, else the file: of stories when it is a text file; a folder is one with a `pairs.jsonl`.

    `part` is that of the stories, by default the sealed one. Raises GoldError for a part of
    another set, and for one that is not here.
    """
    if gold == "stories":
        stories = STORIES[part or "sealed"]
        if not stories.file.exists():
            raise GoldError(
                f"the part {part} of the stories is not here: what models are trained on comes with a "
                "checkout of Whosays, not with the installed package"
            )
        return stories
    if part:
        raise GoldError(f"{gold} has no parts; leave out --part, or ask for stories")
    if gold in NAMED:
        return NAMED[gold]
    place = Path(gold)
    name = place.name.split(".")[0]
    if place.is_dir():
        return GoldSource(name, place.name, place / "pairs.jsonl", place, pairs=True)
    if place.suffix == ".txt":
        sealed = place.resolve().parent in [STORIES[name].file for name in _SEALED]
        return GoldSource(name, place.name, place, stories=True, sealed=sealed)
    return GoldSource(name, place.name, place)
