"""The normalised view of a text and the map from each of its characters to the original.

The view is what is split, embedded and indexed; what is shown is always the original, found by the map.
A character is rewritten in two steps. First one for one, so that offsets stay: bold and full-width letters,
curly quotes, odd spaces and line ends. Then where the length changes: combining sequences and expansions in
Unicode's NFKC form, invisible characters and markdown marks left out. NFKC alone would change what a number
says ("10²" to "102", "5½" to "51⁄2"): such signs stay apart from the digits beside them.
"""

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import merge
from itertools import chain

from index.records import Span
from index.text.layout import Block, BlockKind, blocks

__all__ = ["Block", "BlockKind", "OffsetMap", "View", "clean", "normalise"]

# Left out: controls, soft hyphens, zero-width and bidi characters, variation selectors, tags (the default
# ignorable code points of Unicode that text has a use for), and marks that say who owns a name.
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff®™℠]"
)
# Written where a word was broken over a line end: the soft hyphen, and what PDF readers put in its place.
_BREAKS = "\xad\x02\ufffe"
_PLAIN = {
    **dict.fromkeys("‘’‚‛′ʼ´", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("‐‑−", "-"),
    "⁄": "/",
    **dict.fromkeys("\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", "\n"),
}
_PLAIN_TABLE = str.maketrans(_PLAIN)
# Beside a digit these would become a digit of it, or a letter: "10²", "25º".
_RAISED = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱºª₀₁₂₃₄₅₆₇₈₉₊₋")
# Marks of one cluster; more start another, since sorting them takes quadratic time.
# Source: Unicode Standard Annex 15, Stream-Safe Text Format.
_CLUSTER_MARKS = 30

# Each body stops at its own mark and at the line's end and gives nothing back, so that time is linear.
_BOLD = re.compile(r"(?<![A-Za-z0-9_*\\])(\*\*\*?)(?=[^\s*])[^*\n]*+(?<!\s)(\1)(?![A-Za-z0-9_*])")
# A blank inside tells bold words from the names of programs, as in `__init__`.
_UNDERLINED = re.compile(r"(?<![\w\\])(__)(?=[^\s_])[^\s_]++(?=[ ])[^_\n]*+(?<!\s)(__)(?!\w)")
_HEADING = re.compile(r"^ {0,3}+(#{1,6} ++)(?=\S)", re.MULTILINE)

Edit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Where view and original differ in length: stretch `i` of one came from stretch `i` of the other.

    Four parallel arrays of 32-bit offsets, ascending; between two stretches characters stand one to one.
    """

    view_starts: "array[int]"
    view_ends: "array[int]"
    origin_starts: "array[int]"
    origin_ends: "array[int]"

    def first(self, offset: int) -> int:
        """Start of the original characters behind the view's character at `offset`."""
        return self._locate(offset, self.origin_starts, 0)

    def last(self, offset: int) -> int:
        """End of the original characters behind the view's character at `offset`."""
        return self._locate(offset, self.origin_ends, 1)

    def _locate(self, offset: int, inside: "array[int]", width: int) -> int:
        i = bisect_right(self.view_starts, offset) - 1
        if i < 0:
            return offset + width
        if offset < self.view_ends[i]:
            return inside[i]
        return self.origin_ends[i] + offset - self.view_ends[i] + width


@dataclass(frozen=True, slots=True)
class View:
    """A cleaned text, its blocks in order, and the way back to the original."""

    text: str
    blocks: tuple[Block, ...]
    offsets: OffsetMap

    def original(self, start: int, end: int) -> Span:
        """The smallest stretch of the original that yields `text[start:end]`.

        A stretch of no characters stands before the character at `start`. Raises ValueError outside the text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"no characters {start} to {end} in a view of {len(self.text)} characters")
        if start < end:
            return Span(self.offsets.first(start), self.offsets.last(end - 1))
        at = (
            self.offsets.first(start) if start < len(self.text) or not start else self.offsets.last(start - 1)
        )
        return Span(at, at)


def clean(text: str) -> View:
    """The view of a whole article, in time linear in its length."""
    plain = one_to_one(text)
    cleaned, offsets, headings = _rewrite(
        plain, merge(_clusters(plain), _marks(plain), _heading_marks(plain))
    )
    return View(cleaned, blocks(cleaned, headings), offsets)


def normalise(text: str) -> str:
    """The same characters for a short piece, a sentence or a question: on one line, single spaces."""
    plain = one_to_one(text)
    return " ".join(_rewrite(plain, merge(_clusters(plain), _marks(plain)))[0].split())


def one_to_one(text: str) -> str:
    """`text` with each character that has one plain counterpart replaced; as long as `text`."""
    text = text.replace("\r\n", "\0\n")  # the one break of two characters; the first is left out later
    table = {ord(char): plain for char in set(text) if (plain := _counterpart(char)) != char}
    return text.translate(table) if table else text


@lru_cache(maxsize=4096)
def _counterpart(char: str) -> str:
    """The one plain character for `char`; `char` itself when there is none, or not exactly one."""
    if char in _PLAIN:
        return _PLAIN[char]
    if char == "\n" or char in _RAISED or _DROPPED.match(char) or _continues(char):
        return char
    if char.isspace():
        return " "
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"  # half a character: neither a database nor a tokenizer takes it
    form = _form(char)
    return form if len(form) == 1 and not _is_sign(char) else char


@lru_cache(maxsize=4096)
def _form(cluster: str) -> str:
    """The plain form of a base character with its marks."""
    form = unicodedata.normalize("NFKC", cluster)
    if form[0] == " " and cluster[0] != " ":  # an accent that stands alone would leave a blank in a word
        form = unicodedata.normalize("NFC", cluster)
    return form.translate(_PLAIN_TABLE)


@lru_cache(maxsize=4096)
def _continues(char: str) -> bool:
    """Whether `char` can join the character before it under NFKC: marks, vowels and finals of Hangul."""
    first = unicodedata.normalize("NFKD", char)[0]
    return (
        unicodedata.category(first)[0] == "M"
        or "\u1160" <= first <= "\u11ff"
        or "\U00016d63" <= first <= "\U00016d6a"
    )


@lru_cache(maxsize=4096)
def _is_sign(char: str) -> bool:
    """Whether `char` is no digit itself but reads as one at either end: "½", "²", "①", "㎡"."""
    if char.isascii() or char.isdecimal():
        return False
    form = unicodedata.normalize("NFKC", char)
    return form[0].isdecimal() or form[-1].isdecimal()


def _clusters(plain: str) -> Iterator[Edit]:
    """Where characters are left out, expanded, or composed with the marks after them."""
    dropped, marks, others = [], [], []
    for char in sorted(set(plain)):
        if _DROPPED.match(char):
            dropped.append(char)
        elif _continues(char):
            marks.append(char)
        elif char in _RAISED or _form(char) != char:
            others.append(char)
    special = dropped + marks + others
    if not special:
        return
    cluster = _cluster_pattern(_any_of(dropped), _any_of(marks), _any_of(others))
    done = 0
    for run in re.finditer(f"{_any_of(special)}+", plain):  # a class alone is found at the speed of C
        at = max(done, run.start() - 1)
        while at < run.end() and (match := cluster.search(plain, at)):
            at = done = match.end()
            source = match.group()
            form = "" if match.lastgroup == "gone" else _form(_DROPPED.sub("", source))
            if form != source:
                yield *match.span(), form


def _any_of(chars: list[str]) -> str:
    return f"[{re.escape(''.join(chars))}]" if chars else "(?!)"


def _cluster_pattern(dropped: str, mark: str, other: str) -> re.Pattern[str]:
    """A base with its marks, a character that expands, or ("gone") what is left out; never a plain one."""
    base = rf"(?!{dropped})[^\s*_#]"  # no mark composes with a blank or with the marks of markdown
    return re.compile(
        rf"{base}(?:{dropped}*+{mark}){{1,{_CLUSTER_MARKS}}}+|{mark}|{other}"
        rf"|(?P<gone>[{_BREAKS}]{dropped}*+ *+{dropped}?\n *+(?=\w)|{dropped}+)"
    )


def _marks(plain: str) -> Iterator[Edit]:
    """The marks around bold words, in order."""
    return merge(
        *(
            ((*match.span(i), "") for match in pattern.finditer(plain) for i in (1, 2))
            for pattern, mark in ((_BOLD, "**"), (_UNDERLINED, "__"))
            if mark in plain
        )
    )


def _heading_marks(plain: str) -> Iterator[Edit]:
    """The marks before markdown headings."""
    return ((*match.span(1), "") for match in _HEADING.finditer(plain)) if "#" in plain else iter(())


def _rewrite(plain: str, edits: Iterable[Edit]) -> tuple[str, OffsetMap, frozenset[int]]:
    """`plain` with the edits applied, the map back, and the view offsets where markdown headings start."""
    offsets = OffsetMap(array("i"), array("i"), array("i"), array("i"))
    out: list[str] = []
    headings: set[int] = set()
    at = done = 0  # how far the view and `plain` are written
    last = ""  # the last character written
    after_sign = after_raised = False  # whether it belongs to a sign that reads as a digit; to a raised one
    for start, end, form in chain(edits, [(len(plain), len(plain), "")]):
        if start > done:
            gap = plain[done:start]
            if after_sign and gap[0].isdecimal():
                out.append(" ")
                offsets.view_ends[-1] += 1
                at += 1
            out.append(gap)
            at, done, last, after_sign, after_raised = at + len(gap), start, gap[-1], False, False
        source = plain[start:end]
        raised = source in _RAISED
        if raised and not after_raised and (last.isdecimal() or last in _RAISED):
            continue  # stays as published
        piece = form
        if form:
            sign = len(source) == 1 and _is_sign(source)
            apart = (sign or after_sign) and not (raised and after_raised)
            if apart and last.isdecimal() and form[0].isdecimal():
                piece = " " + form
            last, after_sign, after_raised = form[-1], sign and form[-1].isdecimal(), raised
        elif source.startswith("#"):
            headings.add(at)
        if end > start:
            offsets.view_starts.append(at)
            offsets.view_ends.append(at + len(piece))
            offsets.origin_starts.append(start)
            offsets.origin_ends.append(end)
            out.append(piece)
            at, done = at + len(piece), end
    return "".join(out), offsets, frozenset(headings)
