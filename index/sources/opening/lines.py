"""The first and the last lines of a text, and the parts of each: names, days, and the words before them.

Only a bounded head and tail are looked at, so that the time does not grow with the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from index.sources.opening.cues import LEADING
from index.sources.opening.dates import Day, find_days

_HEAD_CHARS, _TAIL_CHARS = 3_000, 1_200
_HEAD_LINES, _TAIL_LINES = 14, 8
_LINE_CHARS = 240
_NAME_CHARS = 80  # a value that is longer is no name
_PARAGRAPH_CHARS = 100
_WRAPPED_CHARS = 50  # two such lines one below the other are of one paragraph
_FINAL = re.compile(r"[.!?…:][\"')\]»”’]*$")
_MARKS = re.compile(r"^\s*(?:[#>*•▪-]+\s+)?|[*`]+|(?<!\w)_+|_+(?!\w)|\\(?=\W)")
_RIGHTS = re.compile(r"©|\(c\)|\bcopyright\b", re.IGNORECASE)
_SIGN = re.compile(r"\([cC]\)")
_ADDRESS = re.compile(r"\s*<[^<>\s]{1,80}>|(?<=\s)@\w{1,40}")  # of the writer of a mail, a post
_SITE = re.compile(r"[\w-]+(?:\.[\w-]+)+")
# Between two parts of a line. A comma before "Ltd" or within a number parts nothing.
_BETWEEN = re.compile(
    r"\s+[-–—/]+\s+|\s*[|·•»>;\t\[\]()—]\s*|\s{2,}|,\s+|\s*--\s*|/(?=\s)|(?<=\s)/|:\s+"
    r"|(?:(?<=\w{5})|(?<=\d{4})|(?<=[”\"]))[.]\s+(?=[\w\"“])"
    r"|[.,]?\s+(?=all rights|alle rechte|tous droits|todos los derechos|tutti i diritti)",
    re.IGNORECASE,
)
_TRAILING = frozenset("on in by at and the for from of to via wrote writes reports - –".split())
_STRIPPED = " ,.:;'\"“”‘’<>()[]{}"
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_YEAR_AT_END = re.compile(r"[\s,]+(?:1[5-9]|20)\d\d$")
_MOST_PARTS, _MOST_PIECES = 12, 4
_CUE_CHARS, _CUE_WORDS = 40, 5
# Small words before a name within a part: "Ann Lee for the Morning Post", "in Bergen".
_INNER = re.compile(
    r"\s+(?=(?:by|for|in|from|at|on|via|with|von|par|por|di|av|and|published|updated|photographs?|photos?|pictures?)\s)"
    r"|\s+(?=<)"
)
_DATELINE = re.compile(
    r"(?P<place>[^\W\d_][^()/:;!?“”\"]{1,60}?)\s*"
    r"(?:\((?P<agency>[^()]{2,40})\)|/(?P<slashed>[^/]{2,40})/)?\s*(?:[-–—]{1,2})\s+(?=[\w\"“‘'])"
)
_DATELINE_CHARS = 140

Where = Literal["head", "first", "tail"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is no paragraph, or the dateline of one: `text` is stripped of marks and cut.

    `number` counts lines of its region from the text's edge, from 0; `gaps` says whether a blank line, or
    the edge, stands before and after it. `where` is "first" for the dateline of the first paragraph.
    """

    text: str
    written: str
    where: Where
    number: int
    gaps: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Part:
    """A name or a day in a line, with the words that stand before it (`cue`, in lower case).

    `label`: a colon ends them. `day` is None for a name. `place` counts the parts of the line from 0,
    `parts` is how many there are. A piece of a name is not `whole`.
    """

    line: Line
    text: str
    cue: str
    label: bool
    day: Day | None
    place: int
    parts: int
    whole: bool = True
    bracketed: bool = False


def find_lines(text: str) -> list[Line]:
    """The lines before the first paragraph, its dateline, and the lines after the last one."""
    head = [one.rstrip() for one in text[:_HEAD_CHARS].lstrip("\ufeff").split("\n")]
    found: list[Line] = []
    ended = False
    for number, (at, written) in enumerate(_filled(head)):
        if number >= _HEAD_LINES:
            break
        if _is_paragraph(head, at):
            if dateline := _DATELINE.match(written[:_DATELINE_CHARS].strip()):
                found.append(Line(dateline[0], written, "first", number, _gaps(head, at)))
            ended = True
            break
        found.append(_line(head, at, "head", number))
    if not ended and len(text) <= _HEAD_CHARS:
        return found
    tail = [one.rstrip() for one in text[max(0, len(text) - _TAIL_CHARS) :].split("\n")]
    if len(text) > _TAIL_CHARS:
        tail = tail[1:]  # the first one may be cut
    below = list(_filled(tail))[::-1][:_TAIL_LINES]
    seen = {(one.written, one.where) for one in found}
    for number, (at, written) in enumerate(below):
        if _is_paragraph(tail, at) or (len(text) <= _HEAD_CHARS and (written, "head") in seen):
            break
        found.append(_line(tail, at, "tail", number))
    return found


def find_parts(line: Line) -> list[Part]:
    """The names and days of a line, in order; of a name with small words inside also its pieces."""
    days = find_days(line.text)
    tokens = list(_tokens(line.text, days))
    if len(tokens) > _MOST_PARTS:  # a list, or noise
        return []
    found: list[Part] = []
    waiting, label = "", False
    for place, (start, end, day) in enumerate(tokens):
        if day is not None:
            found.append(Part(line, line.text[start:end], waiting, label, day, place, len(tokens)))
            waiting, label = "", False
            continue
        ends = line.text[end : end + 1] == ":"
        cue, name = split_cue(line.text[start:end])
        if label and not ends and not name:
            cue, name = "", _clean(line.text[start:end])
        if ends or not name:
            waiting, label = line.text[start:end].strip().casefold()[:_CUE_CHARS], ends
            continue
        cue, label = (cue, False) if cue else (waiting, label)
        for text, own, whole in _names(name):
            held = _is_bracketed(line.text, start, end)
            found.append(
                Part(line, text, own or cue, label and not own, None, place, len(tokens), whole, held)
            )
        waiting, label = "", False
    return found


def years_of_rights(line: Line) -> list[str]:
    """The years in a notice of rights: "© 2026 The Morning Post"."""
    return _YEAR.findall(line.text) if _RIGHTS.search(line.text) else []


def split_cue(text: str) -> tuple[str, str]:
    """The words before a name in lower case, and the name: "Posted by Ann Lee" as "posted by", "Ann Lee"."""
    words = text.strip(_STRIPPED).split()
    at = 0
    while at < min(len(words), _CUE_WORDS) and is_cue(words[at]):
        at += 1
    return " ".join(words[:at]).casefold()[:_CUE_CHARS], _clean(" ".join(words[at:]))


def is_cue(word: str) -> bool:
    """Whether a word cannot begin a name: it is known to lead to one, or bears no capital."""
    if _SITE.fullmatch(word.strip(_STRIPPED)) and not word.endswith("."):
        return False
    return word.casefold().strip(".,") in LEADING or not word[:1].isalnum() or word[:1].islower()


def _names(name: str) -> Iterator[tuple[str, str, bool]]:
    """A name as it stands, then its pieces, each with its own cue and whether it is whole."""
    pieces = _INNER.split(name)
    if len(name) <= _NAME_CHARS:
        yield name, "", True
    if 1 < len(pieces) <= _MOST_PIECES:
        for at, piece in enumerate(pieces):
            cue, rest = split_cue(piece) if at else ("", _clean(piece))
            if rest and len(rest) <= _NAME_CHARS:
                yield rest, cue, False


def _clean(name: str) -> str:
    """A name without what closes it: a full stop, quotation marks, the year of a notice of rights."""
    name = _YEAR_AT_END.sub("", name.strip(_STRIPPED)).strip(_STRIPPED)
    words = name.split()
    while words and words[-1] in _TRAILING:
        del words[-1]
    return " ".join(words)


def _is_bracketed(text: str, start: int, end: int) -> bool:
    before, after = text[:start].rstrip()[-1:], text[end:].lstrip()[:1]
    return before + after in ("()", "[]", "//")


def _tokens(text: str, days: Sequence[Day]) -> Iterator[tuple[int, int, Day | None]]:
    """The days and what stands between them and between the signs that part a line."""
    at = 0
    for day in [*days, None]:
        until = day.start if day else len(text)
        cuts = [one.span() for one in _BETWEEN.finditer(text, at, until)]
        for start, end in zip(
            [at, *(end for _, end in cuts)], [*(start for start, _ in cuts), until], strict=True
        ):
            if text[start:end].strip(_STRIPPED):
                yield start, end, None
        if day:
            yield day.start, day.end, day
            at = day.end


def _line(lines: Sequence[str], at: int, where: Where, number: int) -> Line:
    text = _ADDRESS.sub(" ", _SIGN.sub("©", _MARKS.sub("", lines[at][:_LINE_CHARS]))).strip()
    return Line(text, lines[at], where, number, _gaps(lines, at))


def _filled(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    return ((at, one) for at, one in enumerate(lines) if one.strip(" \t#*_-=~"))


def _gaps(lines: Sequence[str], at: int) -> tuple[bool, bool]:
    return (
        at == 0 or not lines[at - 1].strip(),
        at + 1 >= len(lines) or not lines[at + 1].strip(),
    )


def _is_paragraph(lines: Sequence[str], at: int) -> bool:
    line = lines[at].strip()
    if len(line) > _LINE_CHARS:
        return True
    if _RIGHTS.search(line):
        return False
    if len(line) >= _PARAGRAPH_CHARS and _FINAL.search(line):
        return True
    near = (lines[one].strip() for one in (at - 1, at + 1) if 0 <= one < len(lines))
    wrapped = len(line) >= _WRAPPED_CHARS and any(
        len(one) >= _WRAPPED_CHARS and not find_days(one[:_LINE_CHARS]) for one in near
    )
    return wrapped and not find_days(line)
