"""The page of a survey: who disagrees with whom, as a picture, and every pair of accounts side by side.

One HTML file that needs nothing else; everything from an article is escaped.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from index.errors import SettingsError
from qa.export.survey_page import TEMPLATE
from qa.export.text import (
    TIERS,
    article_beside,
    comparison_text,
    limits,
    no_disagreement_text,
    opponents,
    source_of,
)
from qa.records import Citation
from qa.survey.disagreement import Account, Disagreement
from qa.survey.survey import Survey

SHOWN = 500  # disagreements on the page; the command's --json has all
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
    """Writes `report.html` into `folder`, made if need be; returns its path. SettingsError when it cannot."""
    file = folder / "report.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(render(found), encoding="utf-8", errors="replace")
    except OSError as error:
        reason = f"the report cannot be written to {file}: {error.strerror}; name another folder"
        raise SettingsError(reason) from error
    return file


def render(found: Survey) -> str:
    """The page, with the first 500 disagreements."""
    from jinja2 import Environment, StrictUndefined  # only a report needs it

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    shown = found.disagreements[:SHOWN]
    tiers = Counter(one.tier for one in found.disagreements)
    return environment.from_string(TEMPLATE).render(
        survey=found,
        compared=comparison_text(found.check),
        limits=limits(found.check),
        unopposed=no_disagreement_text(found.check)[0],
        tiers=[(words, tiers[tier]) for tier, words in TIERS.items() if tiers[tier]],
        kinds=sorted(Counter(one.kind for one in found.disagreements).items()),
        matrix=matrix_of(found.disagreements),
        cell=_CELL,
        pairs=[_pair(number, one) for number, one in enumerate(shown, start=1)],
    )


def matrix_of(disagreements: Sequence[Disagreement], most_sources: int = _SOURCES) -> _Matrix:
    """Who disagrees with whom how often, of the sources that do so most."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in disagreements:
        sides = [{source_of(cited) for cited in side.citations} for side in (one.one, one.other)]
        counts.update({(min(a, b), max(a, b)) for a in sides[0] for b in sides[1]})
    total: Counter[str] = Counter()
    for both, count in counts.items():
        for name in set(both):
            total[name] += count
    ranked = sorted(total, key=lambda name: (-total[name], name))
    kept = ranked[:most_sources]
    most = max((count for both, count in counts.items() if set(both) <= set(kept)), default=1)
    label = 16 + _LETTER * max((len(_short(name)) for name in kept), default=0)
    cells = []
    for row, mine in enumerate(kept):
        for column, theirs in enumerate(kept):
            count = counts[min(mine, theirs), max(mine, theirs)]
            words = f"{mine} and {theirs}: {_times(count)}"
            place = label + column * _CELL, label + row * _CELL
            cells.append(_Cell(*place, count, round(0.2 + 0.8 * count / most, 2) if count else 0.0, words))
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


def _times(count: int) -> str:
    return "1 disagreement" if count == 1 else f"{count} disagreements"


def _pair(number: int, one: Disagreement) -> dict[str, Any]:
    return {
        "number": number,
        "kind": one.kind,
        "tier": one.tier.replace("_", "-"),
        "stand": TIERS[one.tier],
        "score": one.score,
        "possible_update": one.possible_update,
        "heading": _heading(one),
        "sides": [_side(one.one, one.other), _side(one.other, one.one)],
    }


def _heading(one: Disagreement) -> str:
    """The two values; of sentences without, who is against whom."""
    amounts = one.one.amount, one.other.amount
    return " against ".join(amounts) if all(amounts) else opponents(one.conflict)


def _side(account: Account, against: Account) -> dict[str, Any]:
    other = against.citations[0].sentence
    return {
        "value": account.amount,
        "statements": [
            {"parts": _mark(cited.sentence, other), "source": _source(cited), "link": _link(cited.uri)}
            for cited in account.citations
        ],
    }


def _source(cited: Citation) -> str:
    place = f"characters {cited.sentence_start}-{cited.sentence_end}"
    return " · ".join(
        part for part in (article_beside(cited), source_of(cited), cited.published, place) if part
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
