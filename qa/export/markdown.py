"""An answer in Markdown, and as a citation: an article's words stay words, whatever they look like."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol

from index.sources.metadata import web_address
from qa.conflicts.independence import Copies, with_copies
from qa.conflicts.merging import merge_conflicts
from qa.conflicts.tally import Tally, tally_of
from qa.export.lead import lead_text
from qa.export.tally import compared_text, headline_text, stand_title
from qa.export.text import (
    CLOSEST,
    MARKS,
    ONE_SOURCE,
    TIERS,
    Source,
    also_in_text,
    article_beside,
    comparison_text,
    entry_text,
    leaning_texts,
    limits,
    narrowing_text,
    nothing_found,
    nothing_near,
    order_text,
    printable,
    quoted_name,
    scope_text,
    section_heading,
    source_of,
    undated_sources,
)
from qa.records import Answer, Citation, Conflict, ConflictCheck, Position, Timeline

# What Markdown, or a dialect of it with tables, formulas and struck-out words, reads as more than itself.
_MARKS = re.compile(r"([\\`*_{}\[\]<>&|~$#])")
# What it reads so at the beginning of a line only: lists, rules, underlined headings.
_FIRST = re.compile(r"^(\d+(?=[.)])|(?=[-+=:]))(.)")


class Named(Source, Protocol):
    """What an article is named by."""

    @property
    def id(self) -> str: ...
    @property
    def published(self) -> str | None: ...
    @property
    def updated(self) -> str | None: ...


def heading(level: int, text: str) -> str:
    """A heading of our own."""
    return f"{'#' * level} {line(text)}"


def answer_section(answer: Answer) -> list[str]:
    """The question, the answer's quotes or the closest, other positions, the conflicts, what was compared.

    Last what was said when, where at least two statements have a date.
    """
    lines = [heading(2, answer.question), ""]
    if lead := lead_text(answer):
        lines += [line(lead), ""]
    if answer.about:
        lines += [f"About: {line(', '.join(answer.about))}", ""]
    elif not lead and answer.standalone_question != answer.question:  # as older conversations were exported
        lines += [f"Understood as: {line(answer.standalone_question)}", ""]
    if answer.scope.narrowed:
        named = [f"article {one}" for one in answer.scope.article_ids]
        lines += [f"Asked of {line(narrowing_text(answer.scope, named))}.", ""]
    if told := order_text(answer):
        lines += [told, ""]
    tally = tally_of(answer)
    if answer.status == "answered":
        lines += _stands(answer, tally)
    elif answer.status == "closest":
        lines += [f"{CLOSEST}:", "", *_statements(answer.closest, answer.copies)]
    elif answer.status == "overview":
        lines += _sections(answer)
    else:
        lines += [_nothing(answer), ""]
    if answer.scope.passages_read and answer.status != "unanswered":
        lines += [f"Read: {scope_text(answer.scope)}.", ""]
    compared = compared_text(answer, tally)
    lines += _conflicts(tally.conflicts, answer.conflict_check, compared, answer.copies)
    return lines + _timeline(answer.timeline)


def _stands(answer: Answer, tally: Tally) -> list[str]:
    """The tally; then each position with all who hold it, the surest first."""
    title = line(headline_text(tally)) or ONE_SOURCE
    lines = [f"**{title}** (confidence {answer.confidence:.0%})", ""]
    for number, stand in enumerate(tally.stands, 1):
        told = stand_title(stand, tally)
        if len(tally.stands) > 1:
            lines += [heading(3, f"{number}. {told}").rstrip(), ""]
        elif told:
            lines += [f"**{line(told)}**", ""]
        lines += [*_statements(stand.citations, answer.copies), *_leaning([stand])]
    return lines


def _timeline(timeline: Timeline) -> list[str]:
    if len(timeline.entries) < 2:
        return []
    lines = ["", heading(3, "In order of time"), ""]
    for entry in timeline.entries:
        mark = f" ({MARKS[entry.mark]})" if entry.mark else ""
        lines.append(f"- {line(f'{entry.day}, {entry_text(entry)}')}{mark}")
    rest = undated_sources(timeline)
    return [*lines, *(["", rest] if rest else [])]


def answer_citation(answer: Answer) -> str:
    """Plain text: each quote with source, title, date, address and characters, then what disagrees."""
    asked = _plain(answer.question)
    if answer.status == "unanswered":
        return f"{asked}\n{_nothing(answer)} (Whosays)"
    if answer.status == "closest":
        quotes = _references(answer.closest, answer.copies)
        return "\n".join([asked, f"{CLOSEST} (Whosays):", *quotes])
    lines = [asked] if answer.status == "overview" else []
    lines += _references(answer.citations, answer.copies)
    for conflict in merge_conflicts(answer):
        lines.append(f"{TIERS[conflict.tier]} ({_plain(conflict.explanation)}):")
        lines += [told for side in conflict.by_side() for told in _references(side, answer.copies)]
    return "\n".join(lines)


def _references(citations: Sequence[Citation], copies: Copies) -> list[str]:
    """A line a quote, with its reference and where it was copied."""
    return [
        f"“{_plain(one.sentence)}” {_reference(one)}{_also_in(others)}"
        for one, others in with_copies(citations, copies)
    ]


def _also_in(copies: Sequence[Citation]) -> str:
    return f" {_plain(also_in_text(copies))}." if copies else ""


def _leaning(positions: Sequence[Position]) -> list[str]:
    told = [line(one) for position in positions for one in leaning_texts(position)]
    return [part for one in told for part in (one, "")]


def source_line(source: Named, sha256: str | None) -> str:
    """One article in a list, with the checksum of the text that the offsets are of."""
    updated = f"updated {source.updated}" if source.updated else ""
    facts = [source_of(source), source.published or "undated", updated, _address(source.uri)]
    about = _escape(_plain(", ".join(one for one in [article_beside(source), *facts] if one)))
    checked = f"SHA-256 of its text: {line(sha256)}" if sha256 else "no longer in the library"
    return f"- {about}; article {line(source.id)}; {checked}"


def line(text: str) -> str:
    """`text` within a line of Markdown, where it shows just this text."""
    return _MARKS.sub(r"\\\1", _plain(text))


def _escape(text: str) -> str:
    """`text` where a line begins."""
    marked = _MARKS.sub(r"\\\1", text.strip())
    return _FIRST.sub(r"\1\\\2", marked)


def _quote(text: str) -> list[str]:
    """A quotation of Markdown; line breaks of the article stay line breaks."""
    return [f"> {_escape(_printable(part))}".rstrip() for part in text.splitlines()] or [">"]


def _statements(citations: Sequence[Citation], copies: Copies = ()) -> list[str]:
    return [told for one, others in with_copies(citations, copies) for told in quoted(one, others)]


def quoted(one: Citation, copies: Sequence[Citation] = ()) -> list[str]:
    """A quote in its sentence with its reference below, and the near-copies that hold it too."""
    return [*_quote(one.sentence), "", f"— {line(_reference(one) + _also_in(copies))}", ""]


def paragraphs(text: str) -> list[str]:
    """What a person wrote; their line breaks stay line breaks."""
    lines = [_escape(printable(part)) for part in text.splitlines()]
    return [f"{one}\\" if one and after else one for one, after in zip(lines, [*lines[1:], ""], strict=True)]


def _sections(answer: Answer) -> list[str]:
    """The sections of an overview, each under its heading."""
    lines: list[str] = []
    told = answer.overview
    assert told is not None
    for section in told.sections:
        lines += [heading(3, section_heading(told, section)), "", *_statements(section.citations)]
        if not section.citations and told.sort != "disagreements":
            lines += [line(nothing_near(section)), ""]
    return lines


def _nothing(answer: Answer) -> str:
    """That nothing was found; of older conversations, which tell no scope, only that they do not answer."""
    known = answer.scope.passages_read or not answer.passages
    return nothing_found(answer.scope) if known else "The articles do not answer this."


def _conflicts(
    conflicts: Sequence[Conflict], check: ConflictCheck, otherwise: tuple[str, str], copies: Copies
) -> list[str]:
    """The conflicts, or what holds `otherwise`."""
    if check.status == "not_checked":
        return [heading(3, "Conflicts: not checked"), "", f"Because {line(check.reason)}."]
    if not conflicts:
        title, rest = otherwise
        return [heading(3, title), *(["", line(rest)] if rest else [])]
    lines = [heading(3, f"Conflicts: {len(conflicts)}"), ""]
    lines += [f"{comparison_text(check)}. {line(limits(check))}".rstrip(), ""]
    for conflict in conflicts:
        update = ", possibly an update by the later report" if conflict.possible_update else ""
        lines += [
            f"**{TIERS[conflict.tier]}, {conflict.kind}**: {line(conflict.explanation)} "
            f"(score {conflict.score:.2f}{update})",
            "",
        ]
        for number, side in enumerate(conflict.by_side()):
            lines += [*(["against", ""] if number else []), *_statements(side, copies)]
    return lines


def _reference(one: Citation) -> str:
    quoted = f"characters {one.sentence_start}–{one.sentence_end}"
    if (one.start, one.end) != (one.sentence_start, one.sentence_end):
        quoted += f", the answer {one.start}–{one.end}"
    facts = [
        source_of(one),
        quoted_name(one),
        one.published or "undated",
        f"updated {one.updated}" if one.updated else "",
        f"according to {one.according_to}" if one.according_to else "",
        _address(one.uri),
        quoted,
    ]
    return _plain(", ".join([*(fact for fact in facts if fact), f"article {one.article_id}"]) + ".")


def _address(uri: str) -> str:
    """A web address; not where a file lies, which is nobody else's business."""
    return web_address(uri) or ""


def _plain(text: str) -> str:
    """One line without control characters."""
    return " ".join(printable(text).split())


def _printable(text: str) -> str:
    """Control characters, which steer a terminal, as spaces."""
    return "".join(" " if unicodedata.category(one) == "Cc" else one for one in text)
