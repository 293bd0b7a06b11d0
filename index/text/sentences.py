"""Sentence spans: where each sentence of a view starts and ends.

nupunkt finds the boundaries: of the splitters measured it made the fewest errors (`python -m
eval.bench.splitters` prints the table). A boundary is taken back where the text plainly goes on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from index.text.clean import View

# A boundary is taken back where what stands before it fits the first pattern and what follows the second.
# Not wherever a small letter follows: in posts and reviews that took back 28 right ones for 2 wrong ones.
_CONTINUATIONS = tuple(
    (re.compile(rf"\b(?:{before})[.!] +$"), re.compile(after))
    for before, after in (
        (r"(?<=\d )(?:bn|mn|tn|pct|pts)|(?<=\d)(?:bn|mn|tn)", "[a-z]"),
        ("deg", r"[CFK]\b"),
        ("[Tt]ab|[Mm]ax|[Mm]in|[Nn]os?|[Ff]igs?|[Cc]h|[Ss]ecs?|[Aa]pprox|[Pp]p?|[Ee]st", r"[\d$€£¥]"),
        ("Lt|Col|Maj|Gen|Sgt|Capt|Cmdr|Adm", "[A-Z]"),
        ("Yahoo|Jeopardy", "[a-z]"),
        (r"(?:U\.S|U\.K|U\.N|E\.U)", r"[A-Z]{2,}\b"),
    )
)
# A boundary is added after an abbreviation or single capital before a word that mostly starts sentences.
_ENDS = re.compile(
    r"(?<![\w.&])(?:(?:[A-Z]\.){1,5}|[ap]\.m\.|(?:Inc|Co|Corp|Ltd|Jr|Sr|Dec|Nov|Oct|Sept|Aug|Jan|Feb|etc)\.)"
    r"[\"')\]]{0,3} +(?=(?:The|It|Its|He|She|They|We|In|On|At|This|That|These|Those|But|However|His|Her|"
    r"Their|There|When|While|If|As|Since|After|Before|Nobody|Both|Some|Many|Others) )"
)
# nupunkt looks at the whole word around each mark that may end a sentence, so a word of marks takes it time
# that is quadratic in the word. Of a longer word it is given the beginning and the end, and no sentence ends
# within. The longest word of the stories, of the news and of `seeds/` has 41 characters.
_WORD_CHARACTERS = 400
_LONG_WORD = re.compile(rf"(?<!\S)\S{{{_WORD_CHARACTERS + 1},}}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Characters `start` up to `end` of the view's text; `block` counts in `View.blocks`."""

    start: int
    end: int
    block: int


def sentences(view: View) -> tuple[Sentence, ...]:
    """The sentences of a view in order, trimmed of white space; page furniture is left out.

    None crosses a block; a heading is one sentence, whatever it holds.
    """
    found: list[Sentence] = []
    for number, block in enumerate(view.blocks):
        if block.kind == "furniture":
            continue
        text = view.text[block.start : block.end].replace("\n", " ")
        spans = [(0, len(text))] if block.kind == "heading" else split(text)
        found.extend(Sentence(block.start + start, block.start + end, number) for start, end in spans)
    return tuple(found)


def split(text: str) -> list[tuple[int, int]]:
    """The sentences of one paragraph without line breaks, as trimmed half-open offsets, in order."""
    cuts = [cut for cut in _boundaries(text) if not _goes_on(text, cut)]
    cuts += [match.end() for match in _ENDS.finditer(text)]
    edges = sorted({0, len(text), *cuts})
    return [span for start, end in pairwise(edges) if (span := _trim(text, start, end))]


def _boundaries(text: str) -> Iterator[int]:
    """Where nupunkt ends a sentence inside `text`, each at the start of the next one."""
    start = done = 0
    for word in _LONG_WORD.finditer(text):
        ends = _ends(text, start, word.start() + _WORD_CHARACTERS // 2)
        yield from (cut for cut in ends if done <= cut <= word.start())
        start, done = word.end() - _WORD_CHARACTERS // 2, word.end()
    yield from (cut for cut in _ends(text, start, len(text)) if done <= cut)


def _ends(text: str, start: int, end: int) -> Iterator[int]:
    from nupunkt import sent_spans  # loads its model on first use

    return (start + cut for _, cut in sent_spans(text[start:end])[:-1])


def _goes_on(text: str, cut: int) -> bool:
    """Whether a boundary stands where the text plainly goes on: "25 bn. in all", "Tab. 2", "Yahoo! was"."""
    while cut < len(text) and text[cut] == " ":
        cut += 1
    before = text[max(0, cut - 20) : cut]
    after = text[cut : cut + 20]
    return any(left.search(before) and right.match(after) for left, right in _CONTINUATIONS)


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return (start, end) if start < end else None
