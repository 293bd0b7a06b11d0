"""How long a survey of a library takes, and how many planted disagreements it finds: one JSON object.

    python -m eval.bench.survey [--articles 2000] [--seed 1]

The articles are made by rule: short reports on invented places, firms and people, each fact told by about
three of them in different words. One fact in ten is told wrongly once: these are to be found. Among the rest
stand rounded numbers, other years, parts of a whole, coarser dates and reposts, which are to be left alone.
Made sentences are plainer than those of the press: the figures say that the machinery works, no more.
"""

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.embed import open_embedder
from index.library import Library as PlainLibrary
from qa.library import Library
from qa.survey.survey import Survey

_FACTS_EACH = 5
_WRONG_ONE_IN = 10
_PLACES = "ville stad mouth burg holm field ford haven dal minster".split()
_STEMS = "Kel Mar Tor Ves Bru Lind Ost Ral Sten Vel Har Nor Quil Dra Fen Gal Jor Pel Ruth Sol".split()
_MIDDLES = "a o i e an or in el un ar".split()
# Wordings of one fact; {p} is the place, {v} the value.
_NUMBERS = (
    ("The hospital in {p} has {v} beds.", "The {p} hospital has {v} beds, its director said."),
    ("The flood in {p} killed {v} people.", "In {p}, {v} people were killed by the flood."),
    (
        "The bridge in {p} cost {v} million euros.",
        "The cost of the bridge in {p} was {v} million euros.",
    ),
    ("The steel plant in {p} employs {v} workers.", "In {p} the steel plant employs {v} people."),
    ("The wind park of {p} has a capacity of {v} megawatts.", "The capacity of the {p} wind park is {v} MW."),
    ("The strike at {p} Harbour delayed {v} ships.", "At {p} Harbour, {v} ships were delayed by the strike."),
)
_DATES = (
    ("The museum of {p} opened on {v}.", "On {v} the museum of {p} opened."),
    ("The council of {p} approved the plan on {v}.", "On {v} the council of {p} approved the plan."),
)  # fmt: skip
_SURE = (
    ("The city of {p} has signed the treaty.", "The city of {p} has denied that it has signed the treaty."),
    ("The port of {p} has closed its fish market.", "The port of {p} has not closed its fish market."),
)  # fmt: skip
_FILLER = (
    "Residents spoke of a long winter and an early spring.",
    "The weather office sees rain for the rest of the week.",
    "Buses ran as usual, and the schools stayed open.",
    "What will follow is for the next meeting to say.",
    "A local choir sang before the doors were shut.",
)
_MONTHS = "January February March April June July August September October".split()


@dataclass(frozen=True, slots=True)
class Made:
    """A text, and for each planted fact the sentence that is wrong."""

    texts: list[tuple[str, str, str]]  # text, publisher, date
    fact_of: dict[str, int]
    wrong: dict[int, str]


def make(articles: int, seed: int) -> Made:
    """The same for the same numbers."""
    draw = random.Random(seed)  # noqa: S311
    facts = articles * _FACTS_EACH // 3
    places = _places(facts)
    told: list[tuple[int, str]] = []
    fact_of: dict[str, int] = {}
    wrong: dict[int, str] = {}
    for number in range(facts):
        sentences = list(_tell(draw, number, places[number]))
        if number % _WRONG_ONE_IN == 0:
            wrong[number] = sentences[-1]
        else:
            sentences = sentences[:-1]
        for sentence in sentences:
            fact_of[sentence] = number
            told.append((number, sentence))
    draw.shuffle(told)
    held: list[dict[int, str]] = [{} for _ in range(articles)]
    for at, (number, sentence) in enumerate(told):
        place = at % articles
        while number in held[place]:
            place = (place + 1) % articles
        held[place][number] = sentence
    texts = []
    for at, one in enumerate(held):
        lines = [*one.values(), *draw.sample(_FILLER, 2)]
        draw.shuffle(lines)
        text = f"Report {at} of the day.\n\n{' '.join(lines)}"
        texts.append((text, f"Paper {at % 25}", f"2026-05-{draw.randint(1, 28):02d}"))
    return Made(texts, fact_of, wrong)


def _tell(draw: random.Random, number: int, place: str) -> Iterator[str]:
    """Three right sentences of a fact, of which the third only looks wrong; then a wrong one."""
    kind = number % 10
    if kind < 6:
        first, second = _NUMBERS[kind]
        value = draw.randint(41, 390)
        rounded = round(value, -1)
        yield first.format(p=place, v=value)
        yield second.format(p=place, v=value)
        yield first.format(p=place, v=f"about {rounded}")
        yield second.format(p=place, v=value + draw.randint(60, 400))
    elif kind < 8:
        first, second = _DATES[kind - 6]
        month, day = draw.randrange(len(_MONTHS)), draw.randint(1, 28)
        yield first.format(p=place, v=f"{day} {_MONTHS[month]} 2025")
        yield second.format(p=place, v=f"{_MONTHS[month]} {day}, 2025")
        coarse = f"{_MONTHS[month]} 2025"
        yield first.format(p=place, v=coarse).replace(f"on {coarse}", f"in {coarse}")
        yield second.format(p=place, v=f"{day} {_MONTHS[month - 3]} 2025")
    else:
        right, denial = _SURE[kind - 8]
        yield right.format(p=place)
        yield right.format(p=place).replace(" has ", " has already ")
        yield right.format(p=place).replace(" has ", " has now ")
        yield denial.format(p=place)


def _places(count: int) -> list[str]:
    """Invented names, no two the same."""
    names = [f"{stem}{middle}{place}" for place in _PLACES for middle in ("", *_MIDDLES) for stem in _STEMS]
    doubled = [f"{prefix} {name}" for prefix in ("", "Upper", "Port", "Saint") for name in names]
    if count > len(doubled):
        raise SystemExit(f"{count} facts are more than the {len(doubled)} names: ask for fewer articles")
    return [name.strip() for name in doubled[:count]]


def judge(made: Made, found: Survey) -> dict[str, Any]:
    """Precision over what was found, recall over what was planted."""
    right = 0
    hit: set[int] = set()
    false: list[str] = []
    for one in found.disagreements:
        sides = [{cited.sentence for cited in side.citations} for side in (one.one, one.other)]
        numbers = {made.fact_of.get(sentence, -1) for side in sides for sentence in side}
        number = next(iter(numbers))
        lone = len(numbers) == 1 and number in made.wrong
        if lone and any(side == {made.wrong[number]} for side in sides):
            right += 1
            hit.add(number)
        else:
            false.append(f"{sorted(sides[0])[0]} | {sorted(sides[1])[0]}")
    return {
        "planted": len(made.wrong),
        "shown": len(found.disagreements),
        "precision": round(right / max(1, len(found.disagreements)), 4),
        "recall": round(len(hit) / max(1, len(made.wrong)), 4),
        "false_alarms": false[:10],
        "missed": [made.wrong[number] for number in made.wrong if number not in hit][:10],
    }


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    made = make(arguments.articles, arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "articles.jsonl"
        with source.open("w", encoding="utf-8") as file:
            for text, publisher, published in made.texts:
                file.write(json.dumps({"text": text, "publisher": publisher, "published": published}) + "\n")
        result: dict[str, Any] = {"articles": arguments.articles, "seed": arguments.seed}
        began = time.perf_counter()
        with PlainLibrary.open(Path(folder) / "library", embedder=open_embedder()) as plain:
            plain.add(source)
        result["add_minutes"] = round((time.perf_counter() - began) / 60, 2)
        with Library.open(Path(folder) / "library") as library:
            result["estimated_minutes"] = round(library.conflicts_estimate().seconds / 60, 3)
            for name in ("first", "again"):
                began = time.perf_counter()
                found = library.conflicts()
                result[f"{name}_minutes"] = round((time.perf_counter() - began) / 60, 3)
                result[f"{name}_pairs_compared"] = found.compared
        result["pairs"] = found.check.pairs
    unit = 1 if sys.platform == "darwin" else 1024
    result["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)
    print(json.dumps(result | judge(made, found), indent=1))


if __name__ == "__main__":
    main()
