"""A survey by its points at issue, as files to take along: Markdown, and CSV with a row a statement."""

import csv
import io
from itertools import groupby

from qa.conflicts.independence import with_copies
from qa.export.markdown import line
from qa.export.text import TIERS, article_beside, comparison_text, count, limits, no_disagreement_text
from qa.records import Citation
from qa.survey.points import Point
from qa.survey.sources import SourceNames
from qa.survey.survey import Survey

COLUMNS = (
    "point", "event", "kind", "tier", "score", "possible_update", "position", "value", "independent_sources",
    "source", "title", "published", "address", "article_id", "start", "end", "quote",
)  # fmt: skip
NONE_FITS = "No disagreement that was found is among these."
# What a program for tables takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_markdown(found: Survey, *, narrowed: str = "") -> str:
    """Each event with its points, under each the positions with their quotes and places.

    `narrowed` says in words which of the disagreements these are, "" for all.
    """
    check, points = found.check, found.points
    lines = ["# Who disagrees", ""]
    if narrowed:
        lines += [f"Only these: {line(narrowed)}.", ""]
    if check.status == "not_checked":
        return "\n".join([*lines, f"Nothing was compared, because {line(check.reason)}.", ""])
    if not points and narrowed:
        return "\n".join([*lines, NONE_FITS, ""])
    if not points:
        return "\n".join([*lines, f"{'. '.join(no_disagreement_text(check)).rstrip()}.", ""])
    lines += [
        f"{count(len(points), 'point')} at issue. {comparison_text(check)}. {limits(check)}".rstrip(),
        "",
    ]
    names = _names(points, found)
    number = 0
    for event, some in groupby(points, lambda one: one.event):
        lines += [f"## {line(event.name)}", ""] if event else []
        for point in some:
            number += 1
            update = ", possibly an update" if point.possible_update else ""
            lines += [f"### {number}. “{line(point.heading)}”", ""]
            lines += [f"{TIERS[point.tier]} ({point.kind}{update}; score {point.score:.2f})", ""]
            for position in point.positions:
                many = count(position.independent_sources, "source")
                lines += [f"- **{line(position.value)}** ({many})" if position.value else f"- {many}", ""]
                for cited, others in with_copies(position.citations, found.copies):
                    lines += [f"  > “{line(cited.sentence)}”", "  >", f"  > — {_source(cited, names)}", ""]
                    also = ", ".join(line(names.name(one)) for one in others)
                    copies = count(len(others), "near-copy", "near-copies")
                    lines += [f"  Also in {copies}: {also}", ""] if others else []
    return "\n".join(lines)


def to_csv(found: Survey) -> str:
    """A row for each statement; rows of one point have its number. A cell that a table would compute is text.

    Such a cell gets an apostrophe before it, in a quote, too.
    """
    points = found.points
    names = _names(points, found)
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for number, point in enumerate(points, start=1):
        for place, position in enumerate(point.positions, start=1):
            for one in position.citations:
                row = (
                    number, point.event.name if point.event else "", point.kind, point.tier,
                    round(point.score, 4), point.possible_update, place, position.value,
                    position.independent_sources, names.name(one), article_beside(one), one.published or "",
                    one.uri if one.uri.lower().startswith(("http://", "https://")) else "", one.article_id,
                    one.sentence_start, one.sentence_end, one.sentence,
                )  # fmt: skip
                writer.writerow([_inert(value) for value in row])
    return file.getvalue()


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _names(points: tuple[Point, ...], found: Survey) -> SourceNames:
    return SourceNames((cited for one in points for cited in one.statements), found.copies)


def _source(cited: Citation, names: SourceNames) -> str:
    place = f"characters {cited.sentence_start}-{cited.sentence_end}"
    parts = (article_beside(cited), names.name(cited), cited.published or "undated", place)
    return " · ".join(line(part) for part in parts if part)
