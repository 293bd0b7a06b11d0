"""What `whosays eval` measures: a gold set of its own by name, else a file or a folder of pairs."""

from dataclasses import dataclass
from pathlib import Path

_GOLD = Path(__file__).resolve().parent / "gold"
_OPEN, _HELD_OUT = _GOLD / "news" / "open", _GOLD / "news" / "held_out"


@dataclass(frozen=True, slots=True)
class GoldSource:
    """A set and what to do with it. `name` is fit for a file name.

    `articles` is the folder whose articles it is about, None where the library is named apart from it.
    `sealed`: nobody is to read it, so nothing that a run prints or writes may hold its texts.
    """

    name: str
    title: str
    file: Path
    articles: Path | None = None
    pairs: bool = False
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
    )
}


def gold_source(gold: str) -> GoldSource:
    """The named set, else the file; a folder is one of articles with a `pairs.jsonl`."""
    if gold in NAMED:
        return NAMED[gold]
    place = Path(gold)
    name = place.name.split(".")[0]
    if place.is_dir():
        return GoldSource(name, place.name, place / "pairs.jsonl", place, pairs=True)
    return GoldSource(name, place.name, place)
