"""FAISS over the vectors proposes the nearest chunks: in memory, and saved when large.

Small libraries are read from the database at opening. Large ones have a file, which is written again only
when a tenth of the library has changed: between that, opening adds and removes the difference.
"""

import json
import logging
import os
import zlib
from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from index.errors import LibraryError
from index.local.database import Counters
from index.local.history import KEPT
from index.records import Vectors

_log = logging.getLogger(__name__)
Kind = Literal["flat", "pq"]
# Source: python -m eval.bench.dense, two cores, 384 dimensions.
FLAT_UP_TO = 50_000
SAVE_FROM = 20_000
_RENEW_SHARE = 0.1
_OLDEST = KEPT // 2  # changes: before the library forgets the state that the file is of
_FEW_NUMBERS = 128  # vectors of no more keep all of them
_TRAINED_PER_LIST = 50
_TRAINING_ROUNDS = 8
_SEED = 20260703
_STAMP = "dense.json"


def kind_for(chunks: int, now: str = "flat") -> Kind:
    """Exact search while it is quick; quantised lists beyond, and until the library has halved."""
    return "pq" if chunks > FLAT_UP_TO // (1 if now == "flat" else 2) else "flat"


@dataclass(frozen=True, slots=True)
class Saved:
    """What stands in the saved file, written after it and swapped in at once."""

    library: str
    generation: int
    last_key: int
    chunks: int
    kind: Kind
    dimension: int
    file: str
    crc32: int
    token: str = ""  # that of the state it is of; see `index.local.history`


class VectorSource(Protocol):
    """What the index is made of; `index.local.database.Database` is one, inside a snapshot."""

    def vectors_after(self, key: int) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        """Batches of keys of shape (n,), ascending, and vectors (n, dimension), added after `key`."""

    def removed_after(self, generation: int) -> list[int]:
        """Keys removed after `generation`, among them some never held."""

    def sample(self, size: int, seed: int) -> Vectors:
        """At most `size` vectors, drawn the same way each time."""


class DenseIndex:
    """Chunk keys by inner product with unit vectors; reflects `generation` of the library."""

    def __init__(
        self,
        kind: Kind,
        dimension: int,
        index: Any,
        *,
        generation: int = 0,
        last_key: int = 0,
        token: str = "",
    ) -> None:
        self.kind: Kind = kind
        self.dimension = dimension
        self.generation = generation
        self.last_key = last_key
        self.token = token
        self._index = index

    @classmethod
    def build(cls, source: VectorSource, counters: Counters, kind: Kind, dimension: int) -> Self:
        """From all vectors of the source; the same for the same vectors."""
        index = _flat(dimension) if kind == "flat" else _train(source, counters.chunks, dimension)
        # Nothing that was removed before is among the vectors.
        dense = cls(kind, dimension, index, generation=counters.generation)
        dense.catch_up(source, counters)
        return dense

    @property
    def coarse(self) -> bool:
        """Whether its order is so rough that twice as many candidates are worth their exact scores."""
        return self.kind == "pq"

    def __len__(self) -> int:
        """The number of vectors."""
        return int(self._index.ntotal)

    def catch_up(self, source: VectorSource, counters: Counters) -> bool:
        """Add and remove what changed since, inside a snapshot; False when that does not add up."""
        faiss = _faiss()
        removed = source.removed_after(self.generation) if self.generation < counters.generation else []
        if removed:
            self._index.remove_ids(faiss.IDSelectorBatch(np.array(removed, np.int64)))
        for keys, vectors in source.vectors_after(self.last_key):
            self._index.add_with_ids(vectors, keys)
        self.generation, self.last_key, self.token = counters.generation, counters.last_key, counters.token
        return len(self) == counters.chunks

    def has_outgrown(self, chunks: int) -> bool:
        """Whether so many chunks want at least twice as many lists."""
        return self.kind == "pq" and _lists(chunks) >= 2 * self._lists()

    def candidates(
        self, queries: Vectors, limit: int, allowed: NDArray[np.int64] | None = None
    ) -> list[list[int]]:
        """The `limit` keys nearest to each of `queries`, (queries, dimension), of `allowed` if given.

        They are fewer only where fewer stand in the index.
        """
        faiss = _faiss()
        selector = None
        if allowed is not None:
            if not len(allowed):
                return [[] for _ in queries]
            bits = np.zeros(self.last_key + 1, np.bool_)
            bits[allowed] = True
            packed = np.packbits(bits, bitorder="little")
            selector = faiss.IDSelectorBitmap(packed)
        wanted = min(limit, len(self) if allowed is None else len(allowed))
        if not wanted:
            return [[] for _ in queries]
        if self.kind == "flat":
            return self._search(queries, wanted, faiss.SearchParameters(sel=selector))
        # All lists: of a million vectors they take no longer than seven tenths of them, and lose nothing.
        parameters = faiss.SearchParametersIVF(sel=selector, nprobe=self._lists())
        if self._turned:
            parameters = faiss.SearchParametersPreTransform(index_params=parameters)
        return self._search(queries, wanted, parameters)

    def _lists(self) -> int:
        index = _faiss().downcast_index(self._index.index) if self._turned else self._index
        return int(index.nlist)

    @property
    def _turned(self) -> bool:
        """Whether vectors are turned before they are looked up."""
        return isinstance(self._index, _faiss().IndexPreTransform)

    def _search(self, queries: Vectors, wanted: int, parameters: Any) -> list[list[int]]:
        faiss = _faiss()
        # Of one query FAISS shares out nothing, and its threads wait for each other all the same: 8 ms on two
        # processors of which another thread uses one, 0.3 ms on one thread. The number is this thread's own.
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1 if len(queries) == 1 else threads)
        try:
            _, keys = self._index.search(queries, wanted, params=parameters)
        finally:
            faiss.omp_set_num_threads(threads)
        return [[int(key) for key in found if key >= 0] for found in keys]

    def save(self, folder: Path, library: str) -> None:
        """A new file, a new stamp in one swap, and the old file goes. LibraryError when disks fail."""
        faiss = _faiss()
        name = f"dense-{self.generation}.faiss"
        try:
            faiss.write_index(self._index, str(folder / name))
            stamp = Saved(
                library,
                self.generation,
                self.last_key,
                len(self),
                self.kind,
                self.dimension,
                name,
                0,
                self.token,
            )
            saved = replace(stamp, crc32=_crc32(folder / name, stamp))
            draft = folder / f"{_STAMP}.new"
            draft.write_text(json.dumps(asdict(saved)), encoding="utf-8")
            os.replace(draft, folder / _STAMP)  # noqa: PTH105
            for old in folder.glob("dense-*.faiss"):
                if old.name != name:
                    old.unlink(missing_ok=True)
        except (OSError, RuntimeError) as error:
            raise LibraryError(
                f"The dense index of {folder} cannot be written: {error}; free space on the disk"
            ) from error


def read_saved(folder: Path, library: str) -> Saved | None:
    """The stamp of the saved file; None when there is none for this library."""
    stamp = read_stamp(folder)
    return stamp if stamp and stamp.library == library else None


def read_stamp(folder: Path) -> Saved | None:
    """That of whichever library's file was saved there; None where none can be read."""
    try:
        return Saved(**json.loads((folder / _STAMP).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def flaw(folder: Path) -> str:
    """What is wrong with the saved file; "" for nothing, and where none was saved."""
    if not (folder / _STAMP).exists():
        return ""
    stamp = read_stamp(folder)
    if stamp is None:
        return f"{_STAMP} cannot be read"
    try:
        return "" if _crc32(folder / stamp.file, stamp) == stamp.crc32 else f"{stamp.file} has changed"
    except OSError as error:
        return f"{stamp.file} cannot be read ({error.strerror})"


def load(folder: Path, stamp: Saved) -> DenseIndex | None:
    """The saved index; None, with a line in the log, when its file is missing or damaged."""
    faiss = _faiss()
    path = folder / stamp.file
    try:
        if _crc32(path, stamp) != stamp.crc32:
            _log.warning("%s is damaged: the dense index is made again", path)
            return None
        index = faiss.read_index(str(path))
    except (OSError, RuntimeError) as error:
        _log.warning("%s cannot be read (%s): the dense index is made again", path, error)
        return None
    return DenseIndex(
        stamp.kind,
        stamp.dimension,
        index,
        generation=stamp.generation,
        last_key=stamp.last_key,
        token=stamp.token,
    )


def is_due(counters: Counters, stamp: Saved | None, removed: int) -> bool:
    """Whether enough has changed since the file was saved, `removed` chunks among it, for a new one."""
    if counters.chunks < SAVE_FROM:
        return False
    if stamp is None or counters.generation - stamp.generation > _OLDEST:
        return True
    changed = counters.last_key - stamp.last_key + removed
    return stamp.kind != kind_for(counters.chunks, stamp.kind) or changed > _RENEW_SHARE * counters.chunks


def _flat(dimension: int) -> Any:
    """Every vector compared, in half precision: candidates are scored again from the full vectors."""
    faiss = _faiss()
    half = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    return faiss.IndexIDMap(half)


def _train(source: VectorSource, chunks: int, dimension: int) -> Any:
    """About 2 sqrt(chunks) lists of vectors in half a byte a number, trained on a seeded sample.

    Of many numbers half are kept, along the axes on which the sample varies most. That is rough, but what it
    proposes is scored again from the full vectors. Source: own measurement, 100,000 passages of recombined
    sentences, 100 candidates, one core: 99.5 % of the ten best in 1.6 ms and 96 bytes a passage. All numbers:
    99.7 % in 2.7 ms and 192 bytes; all of them, two in half a byte: 97.7 % in 1.6 ms and 96 bytes.
    """
    faiss = _faiss()
    lists, kept = _lists(chunks), dimension // 2 if dimension > _FEW_NUMBERS else dimension
    sample = source.sample(_TRAINED_PER_LIST * lists, _SEED)
    index = faiss.IndexIVFPQFastScan(
        faiss.IndexFlatIP(kept), kept, lists, kept, 4, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.seed, index.cp.niter = _SEED, _TRAINING_ROUNDS
    index.cp.min_points_per_centroid = index.pq.cp.min_points_per_centroid = 1
    index.pq.cp.seed = _SEED
    if kept == dimension:
        index.train(sample)
        return index
    axes = _axes(sample, kept)
    index.train(np.ascontiguousarray(sample @ axes.T))
    turn = faiss.LinearTransform(dimension, kept, False)
    faiss.copy_array_to_vector(axes.ravel(), turn.A)
    turn.is_trained = True
    turned = faiss.IndexPreTransform(turn, index)
    turned.own_fields = False
    turned.referenced_objects = [turn, index]
    return turned


def _axes(sample: Vectors, kept: int) -> Vectors:
    """The directions that hold most of the sample's inner products, (kept, dimension), each of length 1."""
    moments = sample.T.astype(np.float64) @ sample
    _, directions = np.linalg.eigh(moments)
    return np.ascontiguousarray(directions[:, ::-1][:, :kept].T, np.float32)


def _faiss() -> Any:
    import faiss  # 0.07 s, which listing and removing articles need not spend; its stubs know no parameters

    return faiss


def _lists(chunks: int) -> int:
    return max(1, int(2 * chunks**0.5))


def _crc32(path: Path, stamp: Saved) -> int:
    """Of the file and what is stamped of it."""
    stamped = astuple(replace(stamp, crc32=0))
    checksum = zlib.crc32(repr(stamped if stamp.token else stamped[:-1]).encode())  # of earlier versions
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            checksum = zlib.crc32(block, checksum)
    return checksum
