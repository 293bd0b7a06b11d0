"""Articles that were removed, kept aside in their library for a day: put back, they stand as before.

Kept is all that stood there: the article with what people set of it, its places, chunks and vectors. So
nothing is cut or embedded again, and the same questions find the same passages. After a day they cannot be
put back, and the next change deletes them.
"""

import base64
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from index.edits import dump_edited, load_edited
from index.names import OPENING_CHARS
from index.records import Article, Change, Chunk, Removed, Span, Vectors

GRACE_S = 86_400
_FIELDS = ("id", "uri", "text", "title", "publisher", "author", "published", "updated")


@dataclass(frozen=True, slots=True, eq=False)
class Aside:
    """All that stood of an article: its places with their origins, its chunks and (chunks, dimension)."""

    article: Article
    places: tuple[tuple[str, str], ...]
    chunks: tuple[Chunk, ...]
    vectors: Vectors


def is_kept(removed: int) -> bool:
    """Whether what was removed in that second can still be put back."""
    return removed > time.time() - GRACE_S


def head_of(article: Article, removed: int, step: int) -> dict[str, Any]:
    """What a list of removed articles shows; see `Removed`."""
    fields = {name: getattr(article, name) for name in ("id", "uri", "title", "publisher", "published")}
    return {**fields, "opening": article.text[:OPENING_CHARS], "removed": removed, "step": step}


def removed_of(head: Mapping[str, Any]) -> Removed:
    """What `head_of` gave. ValueError or TypeError for anything else."""
    return Removed(**head)


def pack(aside: Aside) -> str:
    """As a store keeps it: ASCII, whatever stands in the text."""
    article = {name: getattr(aside.article, name) for name in _FIELDS}
    return json.dumps(
        {
            "article": {**article, "edited": dump_edited(aside.article)},
            "places": aside.places,
            "chunks": [_plain(one) for one in aside.chunks],
            "vectors": base64.b64encode(aside.vectors.astype("<f4").tobytes()).decode(),
        }
    )


def unpack(kept: str) -> Aside:
    """What `pack` gave. ValueError, KeyError or TypeError for anything else."""
    held = json.loads(kept)
    fields = dict(held["article"])
    article = Article(**{**fields, "edited": load_edited(fields["edited"])})
    chunks = tuple(_chunk(article.id, *one) for one in held["chunks"])
    flat = np.frombuffer(base64.b64decode(held["vectors"]), "<f4").astype(np.float32)
    vectors = flat.reshape(len(chunks), -1) if chunks else flat.reshape(0, 0)
    return Aside(article, tuple((place, origin) for place, origin in held["places"]), chunks, vectors)


def put_back(aside: Aside, change: Change) -> None:
    """Stand it where it stood, as far as nothing else stands there by now; else at a place of its own."""
    free = [one for one in aside.places if change.article_at(one[0]) is None]
    own = f"put back/{aside.article.id}"
    new = [change.put(aside.article, place=place, origin=origin) for place, origin in free or [(own, own)]]
    if any(new):
        change.add_chunks(aside.chunks, aside.vectors)


def _plain(chunk: Chunk) -> Sequence[Any]:
    spans = [[span.start, span.end] for span in chunk.sentences]
    return (chunk.id, chunk.ordinal, chunk.start, chunk.end, chunk.text, chunk.tokens, spans)


def _chunk(  # noqa: PLR0917  # as `_plain` lists them
    article_id: str,
    own: str,
    ordinal: int,
    start: int,
    end: int,
    text: str,
    tokens: int,
    spans: Sequence[Sequence[int]],
) -> Chunk:
    sentences = tuple(Span(first, last) for first, last in spans)
    return Chunk(own, article_id, ordinal, start, end, text, tokens, sentences)
