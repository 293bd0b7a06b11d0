"""Whole sentences packed into chunks of at most so many tokens, each sentence traced to the original text."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.errors import SettingsError
from index.records import Article, Chunk
from index.text.clean import View, clean
from index.text.sentences import sentences
from index.text.tokens import TokenCounter

__all__ = ["TokenCounter", "chunk"]

# One character can be four tokens in a vocabulary that does not hold it, and is never cut.
SMALLEST_CHUNK_TOKENS = 8

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, or a part of one too long for a chunk; offsets into the view."""

    start: int
    end: int
    block: int
    heading: bool
    text: str
    tokens: int


_Group = list[_Piece]
_Pack = tuple[_Group, str, int]  # the pieces of a chunk, its text, the tokens of that


def chunk(
    article: Article, *, count: Count, chunk_tokens: int = 200, overlap_sentences: int = 1
) -> tuple[Chunk, ...]:
    """The chunks of an article in reading order; none for a text without sentences.

    Every sentence lies in a chunk. The last `overlap_sentences` of a chunk begin the next one too, where they
    fit into half of it. A heading goes with the text after it where both fit. A sentence of more than
    `chunk_tokens` is cut between words, a word of more than that between characters. `count` gives the tokens
    of a text. Raises SettingsError for sizes that cannot work.
    """
    if chunk_tokens < SMALLEST_CHUNK_TOKENS:
        raise SettingsError(f"chunk_tokens is {chunk_tokens}; set it to {SMALLEST_CHUNK_TOKENS} or more.")
    if overlap_sentences < 0:
        raise SettingsError(f"overlap_sentences is {overlap_sentences}; set it to 0 or more.")
    view = clean(article.text)
    groups = _groups(_pieces(view, count, chunk_tokens), chunk_tokens)
    packed = _pack(groups, count, chunk_tokens, overlap_sentences)
    return tuple(_chunk(article.id, ordinal, view, pack) for ordinal, pack in enumerate(packed))


def _chunk(article_id: str, ordinal: int, view: View, pack: _Pack) -> Chunk:
    pieces, text, tokens = pack
    spans = tuple(view.original(piece.start, piece.end) for piece in pieces)
    return Chunk(
        id=f"{article_id}:{ordinal:06d}",
        article_id=article_id,
        ordinal=ordinal,
        start=spans[0].start,
        end=spans[-1].end,
        text=text,
        tokens=tokens,
        sentences=spans,
    )


def _pieces(view: View, count: Count, limit: int) -> Iterator[_Piece]:
    """Each sentence with its tokens, counted once; those over `limit` cut."""
    for sentence in sentences(view):
        heading = view.blocks[sentence.block].kind == "heading"
        for start, end, text, tokens in _fit(view.text, sentence.start, sentence.end, count, limit):
            yield _Piece(start, end, sentence.block, heading, text, tokens)


def _fit(text: str, start: int, end: int, count: Count, limit: int) -> Iterator[tuple[int, int, str, int]]:
    """`text[start:end]` in stretches of at most `limit` tokens: (start, end, on one line, tokens)."""
    raw = text[start:end]
    start += len(raw) - len(raw.lstrip())
    end -= len(raw) - len(raw.rstrip())
    if start >= end:
        return
    line = " ".join(raw.split())
    tokens = count(line)
    if tokens <= limit or end - start == 1:
        yield start, end, line, tokens
        return
    parts = min(-(-tokens // limit), end - start)
    at = start
    for part in range(1, parts):
        target = max(at + 1, start + (end - start) * part // parts)
        space = max(text.rfind(" ", at + 1, target + 1), text.rfind("\n", at + 1, target + 1))
        cut = space if space > 0 else target
        yield from _fit(text, at, cut, count, limit)
        at = cut
    yield from _fit(text, at, end, count, limit)


def _groups(pieces: Iterator[_Piece], limit: int) -> Iterator[_Group]:
    """What stays together: headings, at most half a chunk of them, and the piece after them if it fits."""
    headings: _Group = []
    for piece in pieces:
        room = limit // 2 if piece.heading else limit
        while headings and _tokens(headings) + piece.tokens > room:
            yield [headings.pop(0)]
        headings.append(piece)
        if not piece.heading:
            yield headings
            headings = []
    yield from ([heading] for heading in headings)


def _tokens(pieces: Sequence[_Piece]) -> int:
    return sum(piece.tokens for piece in pieces)


def _pack(groups: Iterator[_Group], count: Count, limit: int, overlap: int) -> Iterator[_Pack]:
    """Groups packed greedily; what fits of the end of one chunk begins the next."""
    waiting = deque(groups)
    carried: _Group = []
    while waiting:
        taken = [waiting.popleft()]
        while carried and (_tokens(carried) > limit // 2 or _tokens(carried) + _tokens(taken[0]) > limit):
            carried = carried[1:]
        tokens = _tokens(carried) + _tokens(taken[0])
        while waiting and tokens + _tokens(waiting[0]) <= limit:
            tokens += _tokens(waiting[0])
            taken.append(waiting.popleft())
        text = _text(carried, taken)
        tokens = count(text)
        while tokens > limit:  # joining may cost tokens in an encoding that joins over blanks
            if len(taken) > 1:
                waiting.appendleft(taken.pop())
            elif carried:
                carried = carried[1:]
            elif len(taken[0]) > 1:
                *first, last = taken[0]
                waiting.appendleft([last])
                taken = [first]
            else:
                break
            text = _text(carried, taken)
            tokens = count(text)
        pieces = carried + [piece for group in taken for piece in group]
        yield pieces, text, tokens
        carried = pieces[-overlap:] if overlap else []


def _text(carried: _Group, taken: Sequence[_Group]) -> str:
    """The pieces in one text: a blank within a block, a line end between blocks."""
    parts: list[str] = []
    block = -1
    for piece in (*carried, *(piece for group in taken for piece in group)):
        if parts:
            parts.append(" " if piece.block == block else "\n")
        parts.append(piece.text)
        block = piece.block
    return "".join(parts)
