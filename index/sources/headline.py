"""The head of a text that states nothing apart from itself: its headline, and in Markdown its byline."""

import re
from collections.abc import Sequence

from index.sources.metadata import Metadata, iso_date, one_line
from index.text.clean import View, clean
from index.text.layout import Block

# What is read: a headline, a byline and a first paragraph stand well within it.
_HEAD_CHARS = 4_000
_LEAST_WORDS = 2
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
# Lines between a headline and its first paragraph: a subtitle, a byline, a date, a place.
_BETWEEN = 4
# The first paragraph: it ends like one, and is longer than its headline.
_PARAGRAPH_CHARS = 60
_ENDS = re.compile(r"[.!?:。！？…][\"')\]»]*$")
# "(Photo: AP, Yonhap News)", "#chips #AI news", "@desk": what stands beside an article, not over it.
_BESIDE = re.compile(r"[(\[#@]")
# Who speaks, in an interview or a hearing: "HOST: Mr Lee, are the pumps working?" above "LEE: Two of five."
_SPEAKER = re.compile(r"[^\W\d_][^:.?!]{0,40}:\s")
_EMPHASIS = re.compile(r"[*`]|(?<!\w)_|_(?!\w)|!?\[")
_EMPHASIS_OR_LINK = re.compile(rf"{_EMPHASIS.pattern}|\]\([^)]*\)")
_BYLINE = re.compile(r"(?:written\s+)?by:?\s+(?=\S)", re.IGNORECASE)
_BETWEEN_PARTS = re.compile(r"\s*(?:[,|·•;]|\s[-–—])\s+")
_PERSON = re.compile(r"[^\W\d_][\w.'’-]*(?: [\w.'’&-]+){1,6}")
# Parts of names that bear no capital: "Ludwig van Beethoven", "Ann Lee and Bo Ray".
_SMALL = frozenset("and & van von der den de del della di da dos du la le el al bin ibn y".split())


def headline(text: str) -> str | None:
    """The first line of a plain text, where it is its headline; else None.

    It is one by its place and shape: a line of its own of 3 to 16 words that does not end like a sentence (as
    a question it may), above a paragraph that is longer than it and does. Page furniture and a date may stand
    before it; a subtitle, a byline and a date between.

    Source: `python -m eval.bench.headlines`: each account of the stories laid out in four ways with its
    headline and in four without. Of 497 accounts of sealed stories, which nobody read, 93 % of the headlines
    are found and 98.5 % of what is found is right (of 4,905 others 95 % and 99 %). On the open news set 26 of
    26; of the five example articles the two that open with one, and nothing else.
    """
    view = clean(text[:_HEAD_CHARS])
    blocks = [block for block in view.blocks if not _is_skipped(view, block)]
    if not blocks or blocks[0].kind != "heading":
        return None
    line = view.text[blocks[0].start : blocks[0].end]
    if (
        len(_WORD.findall(line)) < _LEAST_WORDS
        or _BESIDE.match(line)
        or line.endswith(":")
        or read_byline(line) != Metadata()
    ):
        return None
    if not _leads_to_a_paragraph(view, blocks[1:], line):
        return None
    at = view.original(blocks[0].start, blocks[0].end)
    return plain_line(text[at.start :].partition("\n")[0])


def plain_line(written: str) -> str | None:
    """A line of Markdown, or of a text that bears its marks, without them."""
    before, end, after = written.rpartition(")")  # after the last one no link ends, nor is one looked for
    return one_line(_EMPHASIS_OR_LINK.sub("", before + end) + _EMPHASIS.sub("", after))


def read_byline(line: str) -> Metadata:
    """What a line such as "*By Ann Lee, Morning Post, 3 July 2026*" states; nothing for any other line.

    The first part is one or two names: words that begin with capitals. A last part that is a date is the
    day of publication, and what then stands between the two is the publisher; without a date it may as well
    be a place or an office, and is left out.
    """
    plain = plain_line(line) or ""
    match = _BYLINE.match(plain)
    if not match or len(plain) > 160:
        return Metadata()
    author, *rest = _BETWEEN_PARTS.split(_keep_date(plain[match.end() :]).rstrip(". "))
    if not _is_person(author):
        return Metadata()
    published = iso_date(rest[-1].replace("\0", ", ")) if rest else None
    publisher = rest[0] if published and len(rest) == 2 and rest[0][:1].isupper() else None
    return Metadata(author=author, publisher=publisher, published=published)


def find_byline(lines: Sequence[str]) -> Metadata:
    """What the first byline states among the few lines of a Markdown text that follow its title."""
    return next(
        (found for line in lines[: _BETWEEN + 1] if (found := read_byline(line)) != Metadata()), Metadata()
    )


def _keep_date(line: str) -> str:
    """The comma within a date ("July 3, 2026") put out of the way of splitting."""
    return re.sub(r"(?<=\w \d),\s+(?=\d{4}\b)|(?<=\w \d\d),\s+(?=\d{4}\b)", "\0", line)


def _is_person(name: str) -> bool:
    return bool(_PERSON.fullmatch(name)) and all(
        word[:1].isupper() or word in _SMALL for word in name.split()
    )


def _is_skipped(view: View, block: Block) -> bool:
    return block.kind == "furniture" or iso_date(view.text[block.start : block.end]) is not None


def _leads_to_a_paragraph(view: View, blocks: Sequence[Block], line: str) -> bool:
    below = [view.text[block.start : block.end] for block in blocks[: _BETWEEN + 1]]
    if below and _SPEAKER.match(line) and _SPEAKER.match(below[0]):
        return False
    least = max(_PARAGRAPH_CHARS, len(line))
    return any(len(one) >= least and _ENDS.search(one) for one in below)
