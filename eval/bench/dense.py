"""How fast, exact and large the dense index is, by number of passages: what its thresholds stand on.

    python -m eval.bench.dense [--sizes 10000 100000 300000 1000000] [--kinds flat pq]

Vectors are synthetic, of 384 dimensions, in clusters of about 50; questions lie near one of them. Recall is
that of the 10 best after the candidates have been scored exactly, as a search does. Times are for one
question at a time; memory is what the index itself takes.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.local.database import Counters
from index.local.dense import DenseIndex, Kind
from index.records import Vectors

_DIMENSION = 384
_QUESTIONS = 100
_CANDIDATES = 100


class _Synthetic:
    """Clustered unit vectors in memory, as a `VectorSource`."""

    def __init__(self, count: int, seed: int = 1) -> None:
        draw = np.random.default_rng(seed)
        centres = draw.standard_normal((max(1, count // 50), _DIMENSION), np.float32)
        self.vectors: Vectors = np.empty((count, _DIMENSION), np.float32)
        for start in range(0, count, 10_000):
            size = min(10_000, count - start)
            noise = draw.standard_normal((size, _DIMENSION), np.float32)
            self.vectors[start : start + size] = _unit(centres[draw.integers(0, len(centres), size)] + noise)
        near = self.vectors[draw.choice(count, _QUESTIONS, replace=False)]
        self.questions = _unit(near + 0.05 * draw.standard_normal((_QUESTIONS, _DIMENSION), np.float32))

    def vectors_after(self, key: int) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        for start in range(key, len(self.vectors), 8192):
            end = min(start + 8192, len(self.vectors))
            yield np.arange(start + 1, end + 1, dtype=np.int64), self.vectors[start:end]

    def removed_after(self, generation: int) -> list[int]:  # noqa: ARG002
        return []

    def sample(self, size: int, seed: int) -> Vectors:
        draw = np.random.default_rng(seed)
        chosen = np.sort(draw.choice(len(self.vectors), min(size, len(self.vectors)), replace=False))
        return self.vectors[chosen]


def _unit(vectors: Vectors) -> Vectors:
    normed: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return normed


def _measure(source: _Synthetic, kind: Kind, truth: list[set[int]]) -> str:
    count = len(source.vectors)
    began = time.perf_counter()
    index = DenseIndex.build(source, Counters(1, count, 1, count, 1), kind, _DIMENSION)
    built = time.perf_counter() - began
    times, found = [], 0
    for question, best in zip(source.questions, truth, strict=True):
        began = time.perf_counter()
        keys = index.candidates(question, _CANDIDATES)
        times.append(time.perf_counter() - began)
        scores = source.vectors[np.array(keys) - 1] @ question
        found += len(best & {keys[place] for place in np.argsort(-scores)[:10]})
    with tempfile.TemporaryDirectory() as folder:
        index.save(Path(folder), "bench")
        size = sum(file.stat().st_size for file in Path(folder).glob("*.faiss"))
    p50, p95 = np.quantile(times, (0.5, 0.95)) * 1000
    return (
        f"{count:>9,} {kind:>5} {built:>8.1f} {p50:>8.1f} {p95:>8.1f}"
        f" {found / (10 * _QUESTIONS):>9.3f} {size / 1e6:>7.0f}"
    )


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 300_000])
    parser.add_argument("--kinds", choices=["flat", "pq"], nargs="+", default=["flat", "pq"])
    arguments = parser.parse_args()
    print(" passages  kind  build s   p50 ms   p95 ms recall@10      MB")
    for size in arguments.sizes:
        source = _Synthetic(size)
        truth = [set((np.argsort(-(source.vectors @ one))[:10] + 1).tolist()) for one in source.questions]
        for kind in arguments.kinds:
            print(_measure(source, kind, truth), flush=True)


if __name__ == "__main__":
    main()
