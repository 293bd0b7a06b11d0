"""A text's first and last lines, read: what they surely state, and what they may state."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from index.sources.headline import headline
from index.sources.metadata import Metadata, clean_author, clean_title, one_line
from index.sources.opening.cues import CUES
from index.sources.opening.dates import day_of_file
from index.sources.opening.front_matter import read_front_matter, split_front_matter
from index.sources.opening.lines import Line, Part, find_lines, find_parts, years_of_rights
from index.sources.opening.scoring import (
    DAY_ROLES,
    NAME_ROLES,
    Role,
    Weights,
    features,
    key,
    load_weights,
    probability,
)

_BODY_CHARS = 6_000
_LINE_CHARS = 200  # of a line that is quoted
_MOST_SUGGESTIONS = 3  # of one field
_LEAST_LIKELY = 0.2  # of what is suggested
_LIKELY = 0.5  # of a line that is passed over in the search for a headline

_NOTHING = Metadata()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value that a line may state for `field`, one of Metadata's; `line` is that line as it stands, cut."""

    field: str
    value: str
    line: str


@dataclass(frozen=True, slots=True)
class Opening:
    """`stated`: what is read surely. `suggested`: what is not, for a person to decide, likeliest first."""

    stated: Metadata = _NOTHING
    suggested: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A part with one of its readings, and how likely it has each role."""

    part: Part
    value: str
    sure: bool
    scores: Mapping[Role, float]
    features: Sequence[str]


def read_opening(text: str, *, file_name: str | None = None, weights: Weights | None = None) -> Opening:
    """What `text` states of itself in a block above it, its first lines and its last ones.

    A day in `file_name` counts where the text states none. Days that can be read in two ways, and what is
    likely but not sure, are suggested. The time does not grow with the text. `weights`: None for the bundled
    ones.
    """
    weights = weights or load_weights()
    values, below = split_front_matter(text)
    stated = read_front_matter(values)
    lines, found = find_candidates(below, weights)
    read = choose(found, weights)
    title = (
        _labelled_title(lines)
        or _title_below(below, lines, {one.part.line for one in found if max(one.scores.values()) >= _LIKELY})
        or headline(below)
    )
    stated = stated.fill_from(replace(read, title=title))
    if not stated.published and (day := day_of_file(file_name or "")):
        stated = replace(stated, published=day)
    return Opening(stated, tuple(_suggestions(found, stated)))


def find_candidates(text: str, weights: Weights) -> tuple[list[Line], list[Candidate]]:
    """The lines that are looked at, and every reading of every part of them, with its likelihoods."""
    lines = find_lines(text)
    parts = _complete([part for line in lines for part in find_parts(line)], lines)
    described = features(parts, lines, text, weights)
    found: list[Candidate] = []
    for part, names in zip(parts, described, strict=True):
        scores = {one: probability(names, one, weights) for one in (DAY_ROLES if part.day else NAME_ROLES)}
        readings = part.day.readings if part.day else (part.text,)
        found += (Candidate(part, one, len(readings) == 1, scores, names) for one in readings)
    return lines, found


def choose(found: Sequence[Candidate], weights: Weights) -> Metadata:
    """The values that are sure."""
    values: dict[str, str] = {}
    for role in get_args(Role):
        least = weights.least[role]
        ranked = _ranked(found, role)
        # Who printed an agency's copy is its publisher, not the agency.
        if any(one.part.line.where != "first" and likely >= least for likely, one in ranked):
            ranked = [pair for pair in ranked if pair[1].part.line.where != "first"]
        if not ranked or not ranked[0][1].sure or ranked[0][0] < least:
            continue
        if len(ranked) > 1 and ranked[1][0] >= least:
            continue
        values[role] = _as_written(ranked[0][1], found)
    if "updated" in values and values.get("published", "") > values["updated"]:
        del values["updated"]
    author = clean_author(values.get("author"))
    return replace(Metadata(**values), author=author)


def _ranked(found: Sequence[Candidate], role: Role) -> list[tuple[float, Candidate]]:
    """The values that may have the role before any other, the likeliest first; all places of one count."""
    places: dict[str, dict[Line, Candidate]] = {}
    for one in found:
        if role in one.scores and one.scores[role] == max(one.scores.values()):
            lines = places.setdefault(key(one.value), {})
            if one.part.line not in lines or one.scores[role] > lines[one.part.line].scores[role]:
                lines[one.part.line] = one
    ranked = [
        (
            1 - math.prod(1 - one.scores[role] for one in lines.values()),
            max(lines.values(), key=lambda one: one.scores[role]),
        )
        for lines in places.values()
    ]
    return sorted(ranked, key=lambda pair: -pair[0])


def _as_written(chosen: Candidate, found: Sequence[Candidate]) -> str:
    """A name in small letters where it stands so elsewhere; a person's name in capitals is written small."""
    value = one_line(chosen.value) or ""
    if chosen.part.day or not value.isupper():
        return value
    for one in found:
        if key(one.value) == key(value) and not one.value.isupper():
            return one.value
    return (
        value.title()
        if "author" in chosen.scores and chosen.scores["author"] > chosen.scores["publisher"]
        else value
    )


def _complete(parts: Sequence[Part], lines: Sequence[Line]) -> list[Part]:
    """The parts; a day without a year has it where the lines around the text know one year only."""
    years = {reading[:4] for part in parts if part.day for reading in part.day.readings}
    years |= {year for line in lines for year in years_of_rights(line)}
    if len(years) != 1:
        return list(parts)
    year = years.pop()
    return [
        replace(part, day=replace(part.day, readings=(f"{year}-{part.day.monthday}",)))
        if part.day and part.day.monthday
        else part
        for part in parts
    ]


def _labelled_title(lines: Sequence[Line]) -> str | None:
    for line in lines:
        label, colon, rest = line.text.partition(":")
        if line.where == "head" and colon and rest[:1] == " " and label.strip().casefold() in CUES["title"]:
            return clean_title(rest[:_LINE_CHARS])
    return None


def _title_below(text: str, lines: Sequence[Line], taken: set[Line]) -> str | None:
    """The headline below lines that state something else; None where the text begins with none of them."""
    at = 0
    for line in (one for one in lines if one.where == "head"):
        if line not in taken:
            break
        at = text.index(line.written, at) + len(line.written)
    return headline(text[at : at + _BODY_CHARS]) if at else None


def _suggestions(found: Sequence[Candidate], stated: Metadata) -> Iterator[Suggestion]:
    for role in get_args(Role):
        if getattr(stated, role):
            continue
        seen: set[str] = set()
        likely = [one for one in found if one.scores.get(role, 0.0) >= _LEAST_LIKELY]
        for one in sorted(likely, key=lambda one: -one.scores[role]):
            if key(one.value) not in seen and len(seen) < _MOST_SUGGESTIONS:
                seen.add(key(one.value))
                yield Suggestion(role, one.value, one.part.line.written.strip()[:_LINE_CHARS])
