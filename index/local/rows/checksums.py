"""Checksums of a library's rows: what a disk changed is told before it is quoted.

SQLite notices a broken page, not a changed letter. A checksum takes in the row's key, so that a row which
turns up under another key is told as well.
"""

import zlib
from collections.abc import Sequence

from index.records import Article

NO_ROW = -1  # of values that no row holds: a changed byte may change a value's type


def of_article(key: int, article: Article) -> int:
    """CRC-32 of an article's row."""
    stated: tuple[str | None, ...] = (
        article.id, article.uri, article.title, article.publisher, article.author, article.published,
    )  # fmt: skip
    if article.updated or article.edited:  # libraries of earlier versions have neither
        stated += (article.updated, repr(article.edited))
    if not isinstance(article.text, str) or not all(isinstance(one, str | None) for one in stated):
        return NO_ROW
    return zlib.crc32(_bytes(article.text), zlib.crc32(_bytes(repr((key, *stated)))))


def of_chunk(  # noqa: PLR0917  # what its row holds
    key: int, numbers: Sequence[int], sentences: bytes, text: str, article_id: str, title: str | None
) -> int:
    """CRC-32 of a chunk's row; `numbers` are its article's key, ordinal, start, end, tokens and words."""
    if not all(isinstance(one, str) for one in (text, article_id)) or not isinstance(sentences, bytes):
        return NO_ROW
    if len(sentences) % 8 or not all(isinstance(one, int) for one in numbers):
        return NO_ROW
    head = " ".join(map(str, (key, *numbers)))
    # Until version 4 a row stopped here.
    own = zlib.crc32(_bytes(text), zlib.crc32(sentences, zlib.crc32(head.encode())))
    return with_article(own, article_id, title)


def with_article(crc: int, article_id: str, title: str | None) -> int:
    """The CRC-32 of a chunk's own values, with what its row repeats of its article."""
    return zlib.crc32(_bytes(repr((article_id, title or ""))), crc)


def of_vector(key: int, data: bytes) -> int:
    """CRC-32 of a vector, as it is packed or, in 32 bits a number, as it was until version 4."""
    sized = isinstance(data, bytes) and (len(data) % 2 or not len(data) % 4)
    return zlib.crc32(data, key & 0xFFFFFFFF) if sized else NO_ROW


def of_aside(article_id: str, removed: int, head: str, data: bytes) -> int:
    """CRC-32 of the row of an article that was removed."""
    if not (isinstance(article_id, str) and isinstance(head, str) and isinstance(data, bytes)):
        return NO_ROW
    return zlib.crc32(data, zlib.crc32(_bytes(repr((article_id, removed, head)))))


def of_state(numbers: Sequence[int], token: str) -> int:
    """CRC-32 of the row of counters; until version 5 it had no token."""
    if not all(isinstance(one, int) for one in numbers) or not isinstance(token, str):
        return NO_ROW
    return zlib.crc32(_bytes(" ".join([*map(str, numbers), *([token] if token else [])])))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
