"""Checksums of a library's rows: what a disk changed is told before it is quoted.

SQLite notices a broken page, not a changed letter. A checksum takes in the row's key, so that a row which
turns up under another key is told as well.
"""

import zlib
from collections.abc import Iterable

from index.records import Article


def of_article(key: int, article: Article) -> int:
    """CRC-32 of an article's row."""
    stated = (article.id, article.uri, article.title, article.publisher, article.author, article.published)
    return zlib.crc32(article.text.encode(), zlib.crc32(repr((key, *stated)).encode()))


def of_chunk(key: int, numbers: Iterable[int], sentences: bytes, text: str) -> int:
    """CRC-32 of a chunk's row; `numbers` are its article's key, ordinal, start, end, tokens and words."""
    head = " ".join(map(str, (key, *numbers)))
    return zlib.crc32(text.encode(), zlib.crc32(sentences, zlib.crc32(head.encode())))


def of_vector(key: int, data: bytes) -> int:
    """CRC-32 of a vector's row."""
    return zlib.crc32(data, key & 0xFFFFFFFF)
