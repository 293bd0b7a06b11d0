"""The blocks of a cleaned text: headings, list items, paragraphs, and what is page furniture.

Most articles hold one paragraph a line; books and PDF files break lines at a width. Two lines are one
paragraph when the second plainly goes on ("…at a\\nwidth"), or when their neighbourhood is wrapped: lines
of much the same width, too full to take the next line's first word, many of them ending mid-sentence.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from index.text.boilerplate import is_furniture

BlockKind = Literal["heading", "item", "paragraph", "furniture"]

_BULLET = re.compile(r"[·•‣◦▪▸►●○∙*–—-]\s+(?=\S)")
_NUMBERED = re.compile(r"(?:\(?\d{1,2}[.)]|\(?[a-zA-Z]\))\s+\S")
_HEADING_WORDS, _HEADING_CHARACTERS, _CAPITALS_CHARACTERS = 16, 130, 400
# What a sentence ends with; after it may stand closing quotes and brackets.
_FINAL = re.compile(r"[.!?。！？…;,][\"')\]»]*$")
_WRAP_WIDTHS = range(45, 131)  # characters: narrower are lists and verse, wider no one wraps at
_SENTENCE_END = re.compile(r"[.!?:。！？…][\"')\]»]*$")


@dataclass(frozen=True, slots=True)
class Block:
    """One line or paragraph, trimmed; `start` and `end` are offsets into the view's text.

    A list item starts after its bullet, but with its number.
    """

    kind: BlockKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str  # trimmed
    gap: bool  # whether a blank line stands before it
    furniture: bool
    item: bool
    marked: bool  # a markdown heading


def blocks(text: str, headings: Set[int] = frozenset()) -> tuple[Block, ...]:
    """The blocks of `text` in order; every character outside all blocks is white space or a bullet.

    `headings`: where lines start that bore a markdown heading mark.
    """
    lines = _lines(text, headings)
    groups = _paragraphs(lines)
    return tuple(
        Block(_kind(group, first=i == 0), _content_start(group[0]), group[-1].end)
        for i, group in enumerate(groups)
    )


def _lines(text: str, headings: Set[int]) -> list[_Line]:
    lines: list[_Line] = []
    start, gap = 0, True
    for raw in text.split("\n"):
        line = raw.strip()
        if line:
            at = start + raw.index(line[0])
            lines.append(
                _Line(
                    start=at,
                    end=at + len(line),
                    text=line,
                    gap=gap,
                    furniture=is_furniture(line),
                    item=bool(_BULLET.match(line) or _NUMBERED.match(line)),
                    marked=bool(headings) and (at in headings or start in headings),
                )
            )
        gap = not line
        start += len(raw) + 1
    return lines


def _paragraphs(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Lines joined where a line end is only the edge of a page."""
    wide = _wrapped_width(lines)
    groups: list[list[_Line]] = []
    for stanza in _stanzas(lines):
        width = (_wrapped_width(stanza) if len(stanza) > 3 else 0) or wide
        groups.append([stanza[0]])
        for line, after in pairwise(stanza):
            if _goes_on(line, after, width):
                groups[-1].append(after)
            else:
                groups.append([after])
    return groups


def _stanzas(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Runs of lines without a blank line between."""
    stanzas: list[list[_Line]] = []
    for line in lines:
        if line.gap or not stanzas:
            stanzas.append([])
        stanzas[-1].append(line)
    return stanzas


def _wrapped_width(lines: Sequence[_Line]) -> int:
    """The width in characters at which `lines` are wrapped, 0 when they are not.

    Wrapped text has full lines almost everywhere, and at least a third of them end mid-sentence.
    """
    pairs = [(a, b) for a, b in pairwise(lines) if not b.gap and _may_join(a, b)]
    if len(pairs) < 3:
        return 0
    lengths = sorted(len(line.text) for pair in pairs for line in pair)
    width = lengths[len(lengths) * 19 // 20]
    if width not in _WRAP_WIDTHS:
        return 0
    full = sum(_is_full(a, b, width) or _SENTENCE_END.search(a.text) is not None for a, b in pairs)
    midway = sum(_is_full(a, b, width) and not _SENTENCE_END.search(a.text) for a, b in pairs)
    return width if full >= 0.8 * len(pairs) and midway >= len(pairs) / 3 else 0


def _is_full(line: _Line, after: _Line, width: int) -> bool:
    """Whether the first word of `after` would not have fitted; an eighth of slack for proportional type."""
    word = after.text.split(" ", 1)[0]
    return len(line.text) + 1 + len(word) > width * 7 / 8


def _may_join(line: _Line, after: _Line) -> bool:
    return not (line.furniture or after.furniture or after.item or line.marked or after.marked)


def _goes_on(line: _Line, after: _Line, width: int) -> bool:
    """Whether `after` continues the paragraph of `line`."""
    runs_on = len(line.text) >= 30 and after.text[0].islower() and not _SENTENCE_END.search(line.text)
    if line.furniture:  # only a disclaimer is that long
        return runs_on and not (after.furniture or after.item)
    if not _may_join(line, after):
        return False
    if width and _is_full(line, after, width) and len(line.text) <= width * 5 / 4:
        return True
    return runs_on


def _content_start(line: _Line) -> int:
    bullet = _BULLET.match(line.text)
    return line.start + (bullet.end() if bullet and not line.furniture else 0)


def _kind(group: Sequence[_Line], *, first: bool) -> BlockKind:
    line = group[0]
    if line.furniture or (len(group) > 1 and is_furniture(" ".join(part.text for part in group))):
        return "furniture"
    if line.marked:
        return "heading"
    if line.item:
        return "item"
    return "heading" if len(group) == 1 and _is_heading(line.text, title=first) else "paragraph"


def _is_heading(line: str, *, title: bool) -> bool:
    """Whether a line names what follows: short, and no sentence of its own; a title may be a question."""
    if len(line) > _HEADING_CHARACTERS or line.count(" ") >= _HEADING_WORDS:
        return line.isupper() and len(line) <= _CAPITALS_CHARACTERS and not _FINAL.search(line)
    return not _FINAL.search(line) or (title and line[-1] in "?!")
