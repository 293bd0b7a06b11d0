"""How long a survey of a library takes, stage by stage, and how many planted disagreements it finds.

    python -m eval.bench.survey [--articles 500 2000 8000] [--seed 1] [--stand-ins]

Each size runs in a process of its own. What is printed is a table: the seconds of each stage of a survey from
nothing, of bringing what it found to points, of one after one article was added, of what one article
disagrees on and the share of it that is found so, the most memory, what was estimated beforehand, and how
each figure grows: with articles to the power of x, fitted over the sizes.

The articles are made by rule: short reports on invented places, firms and people, each fact told by about
three of them in different words. One fact in ten is told wrongly once: these are to be found. Among the rest
stand rounded numbers, other years, parts of a whole, coarser dates and reposts, which are to be left alone.
Made sentences are plainer than those of the press: the figures say that the machinery works, no more.

With `--stand-ins` a few lines of arithmetic stand in for both models, whose time is linear in statements and
pairs, so that a large library is measured in minutes: a sentence's vector is the sum of its words' own, and
two sentences conflict where their figures differ. What is found then means nothing, and is not told.
"""

import argparse
import json
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from eval.bench.scale import rows, run_phase
from eval.provenance import this_run
from index.embed import open_embedder
from index.library import Library as PlainLibrary
from index.records import Vectors
from qa.comparison.judge import judged_comparison
from qa.comparison.model import (
    KINDS,
    Comparison,
    ModelStatement,
    RelationShares,
    StanceShares,
)
from qa.library import Library
from qa.survey.disagreement import Disagreement
from qa.survey.survey import Survey

_FACTS_EACH = 5
_WRONG_ONE_IN = 10
_ASKED_ALONE = 40  # articles
_LARGEST = 1_000_000_000  # bytes of the file of all articles
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
    """Invented names, no two the same: the short ones first."""
    short = [f"{stem}{middle}{place}" for place in _PLACES for middle in ("", *_MIDDLES) for stem in _STEMS]
    long = [
        f"{first}{middle}{second.lower()}{place}"
        for second in _STEMS
        for place in _PLACES
        for middle in _MIDDLES
        for first in _STEMS
    ]
    names = [
        f"{prefix} {name}".strip()
        for several in (short, long)
        for prefix in ("", "Upper", "Port", "Saint")
        for name in several
    ]
    if count > len(names):
        raise SystemExit(f"{count} facts are more than the {len(names)} names: ask for fewer articles")
    return names[:count]


class StandInEmbedder:
    """The sum of a direction for each word, of length 1."""

    name = "stand-in"
    window_tokens = 256

    def __init__(self) -> None:
        self.vocabulary = open_embedder().vocabulary

    def embed(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """As `index.records.Embedder` says."""
        del query
        sums = np.array([np.sum([_direction(one) for one in text.lower().split()], 0) for text in texts])
        unit: Vectors = (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
        return unit


@lru_cache(maxsize=300_000)
def _direction(word: str) -> Vectors:
    drawn = np.random.default_rng(list(word.encode())).standard_normal(384)
    return drawn.astype(np.float32)


class StandInComparison:
    """A conflict where figures differ."""

    name = "stand-in"
    judge = None

    def stances(self, question: str, statements: Sequence[ModelStatement]) -> list[StanceShares]:
        """Nobody asks."""
        raise NotImplementedError

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        """As `qa.comparison.model.Comparison` says."""
        del question
        kinds = (1.0, *(0.0,) * (len(KINDS) - 1))
        differ = [_figures(one.sentence) != _figures(other.sentence) for one, other in pairs]
        return [RelationShares(0.95 - 0.9 * one, 0.05, 0.9 * one, 0.0, kinds) for one in differ]


def _figures(text: str) -> set[str]:
    return set(re.findall(r"\d+", text))


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


def measure(articles: int, seed: int, *, stand_ins: bool) -> dict[str, Any]:
    """The figures of one size, by name; what was found wrongly or not at all goes to standard error."""
    made = make(articles, seed)
    embedder = StandInEmbedder() if stand_ins else open_embedder()
    model: Comparison = StandInComparison() if stand_ins else judged_comparison()
    found: dict[str, Any] = {"articles": articles}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "articles.jsonl"
        with source.open("w", encoding="utf-8") as file:
            for text, publisher, published in made.texts:
                file.write(json.dumps({"text": text, "publisher": publisher, "published": published}) + "\n")
        began = time.perf_counter()
        with PlainLibrary.open(Path(folder) / "library", embedder=embedder) as plain:
            outcomes = plain.add(source, max_bytes=_LARGEST)
            if len(added := [one for one in outcomes if one.status == "added"]) < articles:
                raise SystemExit(f"of {articles} articles {len(added)} were added: {outcomes[:1]}")
        found["add_s"] = time.perf_counter() - began
        with Library.open(Path(folder) / "library", embedder=embedder) as library:
            began = time.perf_counter()
            estimated = library.conflicts_estimate(comparison=model).seconds
            found["estimate_s"] = time.perf_counter() - began
            told, seconds = _survey(library, model, "first")
            found |= seconds | {"pairs": told.check.pairs, "statements": told.check.statements}
            began = time.perf_counter()
            found["points"] = len(told.points)
            found["points_s"] = time.perf_counter() - began
            found["estimate_over_actual"] = estimated / found["first_s"]
            found |= {} if stand_ins else _judged(made, told) | _of_one(library, told)
            one = Path(folder) / "one.json"
            text = made.texts[0][0].replace("Report 0", "Report of today") + " The mill is shut again."
            one.write_text(json.dumps({"text": text, "published": "2026-05-03"}), encoding="utf-8")
            library.add(one)
            more, seconds = _survey(library, model, "one_more")
            found |= seconds | {"one_more_compared": more.compared}
        found["disk_mb"] = sum(one.stat().st_size for one in Path(folder).rglob("conflicts*")) / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return found


def _survey(library: Library, model: Comparison, name: str) -> tuple[Survey, dict[str, float]]:
    began, used = time.perf_counter(), time.process_time()
    found = library.conflicts(comparison=model)
    stages = {f"{name} {stage}": seconds for stage, seconds in found.seconds.items()}
    both = {f"{name}_s": time.perf_counter() - began, f"{name}_cpu_s": time.process_time() - used}
    return found, stages | both


def _of_one(library: Library, whole: Survey) -> dict[str, float]:
    """How long it takes to ask of one article alone, and how much of what all show of it that finds."""
    ids = sorted({said.article_id for one in whole.conflicts for said in one.statements})
    drawn = random.Random(1).sample(ids, min(_ASKED_ALONE, len(ids)))  # noqa: S311
    seconds: list[float] = []
    hit = of = 0
    for article_id in drawn:
        began = time.perf_counter()
        alone = library.conflicts(of=[article_id])
        seconds.append(time.perf_counter() - began)
        wanted = {_values(one) for one in whole.disagreements if _states(one, article_id)}
        hit += len(wanted & {_values(one) for one in alone.disagreements})
        of += len(wanted)
    return {"of_one_s": float(np.median(seconds)), "of_one_recall": hit / max(1, of)} if drawn else {}


def _values(one: Disagreement) -> frozenset[str]:
    return frozenset((one.one.value, one.other.value))


def _states(one: Disagreement, article_id: str) -> bool:
    return any(said.article_id == article_id for said in one.conflict.statements)


def _judged(made: Made, found: Survey) -> dict[str, Any]:
    told = judge(made, found)
    for name in ("false_alarms", "missed"):
        print(f"{name}: {json.dumps(told.pop(name))}", file=sys.stderr)
    return told


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.bench.survey",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--articles", type=int, nargs="+", default=[500, 2_000, 8_000])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stand-ins", action="store_true", help="arithmetic instead of the models")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        print(json.dumps(measure(asked.articles[0], asked.seed, stand_ins=asked.stand_ins)))
        return
    same = ["--seed", str(asked.seed), *(["--stand-ins"] if asked.stand_ins else [])]
    sizes: dict[int, dict[str, Any]] = {}
    for articles in asked.articles:
        sizes[articles] = run_phase("eval.bench.survey", ["--alone", "--articles", str(articles), *same])
        print("\n".join(rows(sizes, "articles")), flush=True)
    print(json.dumps(this_run(f"python -m eval.bench.survey {' '.join(same)}", {}).to_dict()))


if __name__ == "__main__":
    main()
