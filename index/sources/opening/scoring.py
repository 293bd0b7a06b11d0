"""How likely a part of a line is the publisher, the author, or a day of publication or update.

Logistic regressions over the shape and place of the part and of its neighbours. `weights.json` holds their
weights and the words that they know, fitted by `python -m eval.openings.fit` on the open styles alone.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from index.sources.headline import headline
from index.sources.opening.cues import KNOWN, cue_classes
from index.sources.opening.lines import Line, Part

Role = Literal["publisher", "author", "published", "updated"]
NAME_ROLES: tuple[Role, ...] = ("publisher", "author")
DAY_ROLES: tuple[Role, ...] = ("published", "updated")
_BODY_CHARS = 6_000
_ROLE_WORDS = frozenset(
    "reporter correspondent editor writer staff columnist desk critic journalist contributor chief".split()
)
_TELLING = frozenset(("by", "writer", "outlet", "rights", "mail", "appeared"))
_UNCROSSED = ("gaps", "line of")
_WORD = re.compile(r"[^\W_]+")
_SMALL = frozenset(
    "and & of the for in on van von der den de del della di da dos du la le el al bin y et und".split()
)


@dataclass(frozen=True, slots=True)
class Weights:
    """A weight for each feature of a role, the probability from which on it is sure, and what a name is."""

    roles: Mapping[str, Mapping[str, float]]
    least: Mapping[str, float]
    outlet: Mapping[str, float]
    person: Mapping[str, float]


@cache
def load_weights() -> Weights:
    """The bundled ones."""
    held: Any = json.loads(files(__package__).joinpath("weights.json").read_text("utf-8"))
    return Weights(held["roles"], held["least"], held["outlet"], held["person"])


def probability(features: Sequence[str], role: Role, weights: Weights) -> float:
    """Of 0 to 1, that a part with these features has the role."""
    known = weights.roles[role]
    return 1 / (1 + math.exp(-math.fsum(known.get(one, 0.0) for one in ("bias", *features))))


def features(parts: Sequence[Part], lines: Sequence[Line], text: str, weights: Weights) -> list[list[str]]:
    """The names of each part's features, a list a part, for the lines of `text`."""
    body = text[: _BODY_CHARS + 1].partition("\n")[2][:_BODY_CHARS]
    headlines = _headlines(text, lines)
    by_line: dict[Line, list[Part]] = {}
    for part in parts:
        by_line.setdefault(part.line, []).append(part)
    times = Counter(key(part.text) for part in parts if part.whole and part.day is None)
    names = set(map(key, _WORD.findall(body)))
    order = {(line.where, line.number): line for line in lines}
    kinds = {line: _line_kind(by_line.get(line, []), weights) for line in lines}
    kinds_of_cue = [(part.line.number, part.line.where, set(cue_classes(part.cue))) for part in parts]
    odds = [name_odds(part.text, weights) if part.day is None and part.whole else None for part in parts]
    found: list[list[str]] = []
    for part in parts:
        beside = by_line[part.line]
        own = _day(part) if part.day else _name(part, times, names, weights)
        elsewhere = set().union(
            *(
                known
                for number, where, known in kinds_of_cue
                if (number, where) != (part.line.number, part.line.where)
            )
        )
        place = [*_place(part), *_heading(part, headlines), *_line_features(part, beside)]
        place += [f"{one} elsewhere" for one in elsewhere & _TELLING]
        if part.day is None:
            place += _ranks(
                part,
                name_odds(part.text, weights),
                [(other, one) for other, one in zip(parts, odds, strict=True) if one],
            )
        near = _near(part, order, kinds)
        crossed = _crossed_day(place) if part.day else _crossed(part, place, weights)
        found.append([*place, *near, *own, *crossed])
    return found


def _headlines(text: str, lines: Sequence[Line]) -> tuple[int, int]:
    """The numbers of the lines that are the headline: of the text, and of what its first line stands over."""
    head = [line for line in lines if line.where == "head"]
    below = text.lstrip().partition("\n")[2]
    found = [plain and key(plain) for plain in (headline(text[:_BODY_CHARS]), headline(below[:_BODY_CHARS]))]
    numbers = {key(line.text): line.number for line in reversed(head)}
    first, second = (numbers.get(one or "", -1) for one in found)
    return first, second


def _ranks(
    part: Part, own: tuple[float, float], others: Sequence[tuple[Part, tuple[float, float]]]
) -> list[str]:
    """Whether no other name of the line, and of the region, is more like an outlet's or a person's."""
    found: list[str] = []
    line = [odds for other, odds in others if other.line == part.line and other.text != part.text]
    region = [
        odds for other, odds in others if other.line.where == part.line.where and other.text != part.text
    ]
    for where, ones in (("line", line), ("region", region)):
        for at, what in enumerate(("outlet", "person")):
            if ones and own[at] >= max(one[at] for one in ones):
                found.append(f"most like an {what} in its {where}")
    return found


def _heading(part: Part, headlines: tuple[int, int]) -> Iterator[str]:
    """Where the part stands to the headline; where the first line may be none, to the one below it too."""
    if part.line.where != "head":
        return
    for name, at in zip(("headline", "second headline"), headlines, strict=True):
        if at < 0:
            yield f"no {name}"
        elif part.line.number == at:
            yield f"is the {name}"
        else:
            yield f"{name} {'above' if at < part.line.number else 'below'}"
            if abs(at - part.line.number) == 1:
                yield f"{name} next {'above' if at < part.line.number else 'below'}"
    if headlines[0] == part.line.number and headlines[1] >= 0:
        yield "is the headline over another"


def _crossed(part: Part, place: Sequence[str], weights: Weights) -> Iterator[str]:
    """Features of place that mean another thing for another kind of name."""
    shape = set(_shape(part, weights))
    kinds = ("role word", "as a site", "as an outlet", "as a person", "as neither")
    kind = next((one for one in kinds if one in shape), "other name")
    for one in place:
        if not one.startswith(_UNCROSSED):
            yield f"{kind} & {one}"


def key(name: str) -> str:
    """A name as it is compared: its letters and digits in lower case, without "The"."""
    return " ".join(_WORD.findall(name.casefold().removeprefix("the ")))


def _crossed_day(place: Sequence[str]) -> Iterator[str]:
    """Features of place that mean another thing within a sentence."""
    free = next(one for one in place if one.endswith("free words in line"))
    for one in place:
        if not one.startswith(_UNCROSSED):
            yield f"{free} & {one}"


def name_traits(name: str) -> list[str]:
    """What tells an outlet's name from a person's: its words, how they begin and end, and their number."""
    words = [one.casefold() for one in re.findall(r"[^\W_]+|&|\.(?=\w)", name)][:8]
    found = [f"{min(len(words), 5)} words"]
    if not words:
        return found
    found += [
        f"first {words[0]}",
        f"last {words[-1]}",
        f"first ends {words[0][-2:]}",
        f"first ends {words[0][-1:]}",
    ]
    found += [f"last ends {words[-1][-2:]}", f"last ends {words[-1][-3:]}", f"last begins {words[-1][:3]}"]
    found += [one for word in words for one in (f"word {word}", f"begins {word[:4]}", f"ends {word[-3:]}")]
    if name[:1].isupper() and all(one[:1].isupper() for one in name.split()):
        found.append("all capitals")
    return found


def name_odds(name: str, weights: Weights) -> tuple[float, float]:
    """That a name is an outlet's, and that it is a person's: natural logarithms of the odds."""
    traits = name_traits(name)
    outlet, person = (
        known.get("bias", 0.0) + sum(known.get(one, 0.0) for one in traits)
        for known in (weights.outlet, weights.person)
    )
    return outlet, person


def _level(odds: float) -> int:
    """In steps of 1.5, of -3 to 3, never 0."""
    return max(-3, min(3, math.ceil(abs(odds) / 1.5) * (1 if odds > 0 else -1)))


def _place(part: Part) -> Iterator[str]:
    line = part.line
    where = line.where
    yield f"in {where}"
    yield f"{where} line {min(line.number, 4)}"
    if part.place == 0:
        yield f"begins its line in {where}"
    if part.place == part.parts - 1:
        yield f"ends its line in {where}"
    yield f"{min(part.parts, 4)} parts"
    if part.parts == 1:
        yield f"alone in {where} line {min(line.number, 3)}"
    yield f"gaps {line.gaps} in {where}"
    classes = cue_classes(part.cue)
    for one in classes:
        yield f"cue {one}"
        if part.label:
            yield f"label {one}"
    if part.cue and not classes:
        yield "cue unknown" if not part.label else "label unknown"
    if not part.cue:
        yield f"no cue in {where}"
    if not part.whole:
        yield "piece"
    if part.bracketed:
        yield f"bracketed in {where}"


def _line_features(part: Part, beside: Sequence[Part]) -> Iterator[str]:
    text = part.line.text
    others = [one for one in beside if one is not part and one.place != part.place]
    if any(one.day and one.day.readings for one in others):
        yield "day beside"
        if part.day is None:
            yield f"day beside in {part.line.where}"
    for one in {name for other in others for name in cue_classes(other.cue)} - set(cue_classes(part.cue)):
        yield f"{one} beside"
    if text.endswith((".", "!", "?")):
        yield "line ends as a sentence"
    lower = sum(word[:1].islower() and word not in _SMALL for word in text.split())
    yield f"{min(lower, 4)} small words in line"
    free = sum(word.islower() and word not in _SMALL and word not in KNOWN for word in _WORD.findall(text))
    yield f"{min(free, 3)} free words in line"
    yield f"line of {min(len(text) // 20, 5)} score"
    if text.startswith(("(", "[")):
        yield "line in brackets"
    if any(sign in text for sign in '“”"'):
        yield "quotation in line"


def _line_kind(parts: Sequence[Part], weights: Weights) -> frozenset[str]:
    """What a line looks like to its neighbours."""
    kinds: set[str] = set()
    for part in parts:
        if part.day and part.day.readings:
            kinds.add("day")
        kinds.update(cue_classes(part.cue))
        if part.day is None and part.whole:
            kinds.update(
                one for one in _shape(part, weights) if one in ("as a person", "as an outlet", "as a site")
            )
    return frozenset(kinds)


def _near(
    part: Part, order: Mapping[tuple[str, int], Line], kinds: Mapping[Line, frozenset[str]]
) -> Iterator[str]:
    line = part.line
    step = -1 if line.where == "tail" else 1  # tail lines are counted from below
    for name, at in (("above", line.number - step), ("below", line.number + step)):
        other = order.get((line.where, at))
        if other is None:
            yield f"nothing {name} in {line.where}"
            continue
        for kind in kinds[other] & {
            "day",
            "by",
            "as a person",
            "as an outlet",
            "as a site",
            "published",
            "updated",
            "outlet",
        }:
            yield f"{kind} {name}"


def _day(part: Part) -> Iterator[str]:
    day = part.day
    assert day is not None
    yield f"{len(day.readings)} readings"
    if day.timed:
        yield "timed"
    if day.readings and len(day.readings[0]) < len("2026-03-12"):
        yield f"precise to {len(day.readings[0])}"
    elif part.parts == 1:
        yield "whole day alone"
    if not day.readings:
        yield "no year"


def _name(part: Part, times: Counter[str], body: set[str], weights: Weights) -> Iterator[str]:
    yield from _shape(part, weights)
    own = key(part.text)
    if times[own] > 1:
        yield "said twice"
    if own and all(word in body for word in own.split()):
        yield "in the body"


def _shape(part: Part, weights: Weights) -> Iterator[str]:
    words = part.text.split()
    plain = [one.strip(".,'’") for one in words]
    yield f"{min(len(words), 6)} words"
    small = [one for one in words if one[:1].islower() and one.casefold() not in _SMALL]
    if small:
        yield "small words"
    if part.text.isupper():
        yield "capitals"
        if part.line.where == "first":
            yield "capitals in dateline"
    if any(one.isdigit() for one in part.text):
        yield "digits"
    if words and words[0] == "The":
        yield "begins with The"
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", part.text) and "." in part.text.strip("."):
        yield "as a site"
    known = [one.casefold() for one in plain]
    outlet, person = map(_level, name_odds(part.text, weights))
    yield f"outlet {outlet}"
    yield f"person {person}"
    if outlet > 0 > person:
        yield "as an outlet"
    elif person > 0 > outlet:
        yield "as a person"
    elif outlet < 0 > person:
        yield "as neither"
    yield from _signs(part.text, known)


def _signs(name: str, words: Sequence[str]) -> Iterator[str]:
    if words and words[-1] in _ROLE_WORDS:
        yield "role word"
    if re.search(r"\b[A-Z]\. ?[A-Z]", name):
        yield "initial"
    if re.search(r"[!?“”\"=+@#]|https?:", name):
        yield "odd signs"
    if "&" in name:
        yield "ampersand"
