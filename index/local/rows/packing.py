"""How texts and vectors stand in a library's rows: texts deflated, vectors with 16 bits a number.

Half the bytes of a text, and half of a vector in 32 bits. A vector has one power of two for all its numbers,
so what comes out is packed again into the very same bytes; a cosine moves by about 0.000001, a seventh of
what half precision would move it by. Rows of earlier versions hold plain text and 32 bits a number: both
are read.

What is unpacked has an end: a library may be a stranger's, and a megabyte of deflated zeros is a gigabyte.
"""

import zlib
from collections.abc import Sequence

import numpy as np

from index.records import Vectors

_LEVEL, _RAW = 6, -15  # no header and no checksum of zlib's: each row has one of its own
_MOST = 32_767
# Bytes that an article may unpack to, and a passage with its title; beyond them so many times the packed.
# Texts deflate to a third. What deflates further than that is packed as it is, so that it is read again.
ARTICLE_ROOM, PASSAGE_ROOM = 1 << 26, 1 << 20
_TIMES = 100


def pack_text(text: str) -> bytes:
    """Deflated UTF-8."""
    return deflate(text.encode(), _RAW, level=_LEVEL, room=PASSAGE_ROOM)


def unpack_text(data: str | bytes, room: int = ARTICLE_ROOM) -> str:
    """What was packed; a text as it is. ValueError for anything else, and for more bytes than may be."""
    if isinstance(data, str):
        return data
    try:
        return inflate(data, _RAW, room=room).decode()
    except (zlib.error, TypeError) as error:
        raise ValueError(f"no text was packed so: {error}") from error


def deflate(data: bytes, window: int, *, level: int, room: int) -> bytes:
    """What `inflate` gives back with that room or more; `window` is zlib's number for a format."""
    for one in (level, 0):
        packer = zlib.compressobj(one, zlib.DEFLATED, window)
        packed = packer.compress(data) + packer.flush()
        if len(data) <= max(room, _TIMES * len(packed)):
            break
    return packed


def inflate(data: bytes, window: int, *, room: int) -> bytes:
    """At most `room` bytes, or what many times `data` are. zlib.error and ValueError for anything else."""
    most = max(room, _TIMES * len(data))
    unpacker = zlib.decompressobj(window)
    unpacked = unpacker.decompress(data, most + 1)
    if len(unpacked) > most:
        raise ValueError(f"{len(data):,} bytes unpack to more than {most:,}")
    if not unpacker.eof:
        raise zlib.error("it is cut off")
    return unpacked


def pack_vector(vector: Vectors) -> bytes:
    """One byte for the power of two, then two bytes a number; an odd number of bytes."""
    _, exponent = np.frexp(np.abs(vector).max(initial=0.0))
    power = 15 - int(exponent)
    if np.abs(np.ldexp(vector, power)).max(initial=0.0) > _MOST:
        power -= 1
    if not -128 <= power <= 127:  # no vector of length 1
        return vector.astype("<f4").tobytes()
    return np.int8(power).tobytes() + np.rint(np.ldexp(vector, power)).astype("<i2").tobytes()


def as_packed(vectors: Vectors) -> Vectors:
    """The vectors, (vectors, dimension), as they come out of rows: so other stores score alike."""
    return unpack_vectors([pack_vector(one) for one in vectors]).reshape(vectors.shape)


def unpack_vectors(rows: Sequence[bytes]) -> Vectors:
    """Of shape (rows, dimension), (0, 0) for none. ValueError where they are not of one dimension."""
    if not rows:
        return np.zeros((0, 0), np.float32)
    if len({len(row) for row in rows}) > 1:
        return np.array([_unpack_alike([row])[0] for row in rows], np.float32)
    return _unpack_alike(rows)


def _unpack_alike(rows: Sequence[bytes]) -> Vectors:
    joined = np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), -1)
    if joined.shape[1] % 2 == 0:
        return joined.view("<f4").astype(np.float32, copy=False)
    powers = joined[:, :1].view(np.int8).astype(np.int32)
    numbers = np.ascontiguousarray(joined[:, 1:]).view("<i2")
    scaled: Vectors = np.ldexp(numbers.astype(np.float32), -powers)
    return scaled
