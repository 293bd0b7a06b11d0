"""Sentence spans: where each sentence of a view starts and ends.

nupunkt finds the boundaries: of the splitters measured it made the fewest errors (`python -m
eval.bench.splitters` prints the table). A boundary is taken back where the text plainly goes on.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from index.clean import View

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
    from nupunkt import sent_spans  # loads its model on first use

    cuts = [end for _, end in sent_spans(text)]
    cuts = [cut for cut in cuts if not _goes_on(text, cut)]
    cuts += [match.end() for match in _ENDS.finditer(text)]
    edges = sorted({0, len(text), *cuts})
    return [span for start, end in pairwise(edges) if (span := _trimmed(text, start, end))]


def _goes_on(text: str, cut: int) -> bool:
    """Whether a boundary stands where the text plainly goes on: "25 bn. in all", "Tab. 2", "Yahoo! was"."""
    while cut < len(text) and text[cut] == " ":
        cut += 1
    before = text[max(0, cut - 20) : cut]
    after = text[cut : cut + 20]
    return any(left.search(before) and right.match(after) for left, right in _CONTINUATIONS)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    return (start, end) if start < end else None
