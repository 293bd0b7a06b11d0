"""The page of a survey: who disagrees with whom, as a picture, and each point at issue with its positions.

One HTML file that needs nothing else; everything from an article is escaped.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from index.errors import SettingsError
from qa.conflicts.independence import Copies, with_copies
from qa.export.survey_files import NONE_FITS, to_csv, to_markdown
from qa.export.survey_page import TEMPLATE
from qa.export.text import (
    TIERS,
    also_in_text,
    article_beside,
    comparison_text,
    count,
    limits,
    no_disagreement_text,
)
from qa.records import Citation
from qa.survey.points import Point, PointPosition
from qa.survey.sources import SourceNames
from qa.survey.survey import Survey

SHOWN = 500  # points on the page; the command's --json has all
_SOURCES = 30  # rows of the matrix, those with the most disagreements
_CELL, _LETTER, _CHARACTERS = 26, 7, 26  # picture units: a field, a letter; and letters of a source's name


_PIECE = re.compile(r"\s+|\d+(?:[.,]\d+)*|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class _Cell:
    x: int
    y: int
    count: int
    strength: float
    words: str


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Names along both sides, and how often each disagrees with each."""

    names: tuple[tuple[str, str], ...]
    cells: tuple[_Cell, ...]
    label: int
    size: int
    summary: str
    left_out: int


def write_report(folder: Path, found: Survey) -> Path:
    """Writes `report.html`, and the same as Markdown and CSV, into `folder`, made if need be.

    Returns the path of the page. SettingsError when it cannot.
    """
    file = folder / "report.html"
    with _telling(file):
        folder.mkdir(parents=True, exist_ok=True)
        for text, ending in ((render(found), ".html"), (to_markdown(found), ".md"), (to_csv(found), ".csv")):
            file.with_suffix(ending).write_text(text, encoding="utf-8", errors="replace", newline="")
    return file


def check_report(folder: Path) -> None:
    """SettingsError where no report can be written there: a survey may take long, and is made before it."""
    with _telling(folder / "report.html"):
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()


@contextmanager
def _telling(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = f"the report cannot be written to {file}: {error.strerror}; name another folder"
        raise SettingsError(reason) from error


def render(found: Survey, *, narrowed: str = "") -> str:
    """The page, with the first 500 points; `narrowed` says in words which these are, "" for all."""
    from jinja2 import Environment, StrictUndefined  # only a report needs it

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    points = found.points
    tiers = Counter(one.tier for one in points)
    names = SourceNames((cited for one in points for cited in one.statements), found.copies)
    opposed = [{pair for each in one.disagreements for pair in names.opposed(each)} for one in points]
    shown = [_shown(number, one, names, found.copies) for number, one in enumerate(points[:SHOWN], start=1)]
    events = [(name, list(some)) for name, some in groupby(shown, lambda one: one["event"])]
    return environment.from_string(TEMPLATE).render(
        survey=found,
        points=len(points),
        compared=comparison_text(found.check),
        limits=limits(found.check),
        narrowed=narrowed,
        unopposed=NONE_FITS if narrowed else f"{no_disagreement_text(found.check)[0]}.",
        tiers=[(words, tiers[tier]) for tier, words in TIERS.items() if tiers[tier]],
        kinds=sorted(Counter(one.kind for one in points).items()),
        matrix=matrix_of(opposed),
        cell=_CELL,
        shown=len(shown),
        events=events,
    )


def matrix_of(points: Iterable[Iterable[tuple[str, str]]], most_sources: int = _SOURCES) -> _Matrix:
    """On how many points who is against whom, of the sources that are so most; a point is such pairs."""
    counts = Counter(pair for opposed in points for pair in opposed)
    total: Counter[str] = Counter()
    for both, often in counts.items():
        for name in set(both):
            total[name] += often
    ranked = sorted(total, key=lambda name: (-total[name], name))
    kept = ranked[:most_sources]
    most = max((often for both, often in counts.items() if set(both) <= set(kept)), default=1)
    label = 16 + _LETTER * max((len(_short(name)) for name in kept), default=0)
    cells = []
    for row, mine in enumerate(kept):
        for column, theirs in enumerate(kept):
            held = counts[min(mine, theirs), max(mine, theirs)]
            words = f"{mine} and {theirs}: {count(held, 'disagreement')}"
            place = label + column * _CELL, label + row * _CELL
            cells.append(_Cell(*place, held, round(0.2 + 0.8 * held / most, 2) if held else 0.0, words))
    (most_pair, often), *_ = sorted(counts.items(), key=lambda item: (-item[1], item[0])) or [(("", ""), 0)]
    between = " and ".join(dict.fromkeys(most_pair))
    summary = f"{len(ranked)} sources; the most disagreements, {often}, are between {between}."
    return _Matrix(
        names=tuple((name, _short(name)) for name in kept),
        cells=tuple(cells),
        label=label,
        size=label + _CELL * len(kept) + 1,
        summary=summary,
        left_out=len(ranked) - len(kept),
    )


def _short(name: str) -> str:
    return name if len(name) <= _CHARACTERS else f"{name[: _CHARACTERS - 1].rstrip()}…"


def _shown(number: int, one: Point, names: SourceNames, copies: Copies) -> dict[str, Any]:
    return {
        "number": number,
        "event": one.event.name if one.event else "",
        "kind": one.kind,
        "tier": one.tier.replace("_", "-"),
        "stand": TIERS[one.tier],
        "score": one.score,
        "possible_update": one.possible_update,
        "heading": one.heading,
        "positions": [_position(each, one, names, copies) for each in one.positions],
    }


def _position(position: PointPosition, point: Point, names: SourceNames, copies: Copies) -> dict[str, Any]:
    against = next((one.shortest.sentence for one in point.positions if one is not position), "")
    return {
        "value": position.value,
        "sources": count(position.independent_sources, "source"),
        "statements": [
            {
                "parts": _mark(cited.sentence, against),
                "source": _source(cited, names),
                "link": _link(cited.uri),
                "also": also_in_text(others),
            }
            for cited, others in with_copies(position.citations, copies)
        ],
    }


def _source(cited: Citation, names: SourceNames) -> str:
    place = f"characters {cited.sentence_start}-{cited.sentence_end}"
    return " · ".join(
        part for part in (article_beside(cited), names.name(cited), cited.published, place) if part
    )


def _link(uri: str) -> str:
    """An address to follow; "" for what is none, such as a file or a script."""
    return uri if re.match(r"https?://", uri, re.I) else ""


def _mark(text: str, other: str) -> list[tuple[str, bool]]:
    """The text in parts, each with whether its words are not those of the other."""
    mine, theirs = (_PIECE.findall(one) for one in (text, other))
    folded = [word.casefold() for word in mine]
    matcher = SequenceMatcher(None, folded, [word.casefold() for word in theirs], autojunk=False)
    parts: list[tuple[str, bool]] = []
    for kind, start, end, _, _ in matcher.get_opcodes():
        if start < end:
            parts.append(("".join(mine[start:end]), kind != "equal"))
    return parts
