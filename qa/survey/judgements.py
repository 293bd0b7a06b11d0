"""What models said of pairs of statements, as rows of numbers: those of a library are looked up at once."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.comparison.model import KINDS
from qa.conflicts.engine import PairJudgement
from qa.survey.columns import Marks, scatter

_JUDGED = np.dtype(
    [("one", "<i8"), ("other", "<i8"), ("score", "<f8"), ("same", "<f8"), ("update", "?"), ("kind", "i1")]
)


def pack_judged(judged: Mapping[tuple[int, int], PairJudgement]) -> bytes:
    """What was said, by both digests."""
    rows = [(*pair, one.score, one.same, one.update, KINDS.index(one.kind)) for pair, one in judged.items()]
    return np.array(rows, _JUDGED).tobytes()


class Judgements:
    """What models said of pairs of statements, by both digests as they were kept."""

    def __init__(self, said: NDArray[Any]) -> None:
        """As `pack_judged` packs them. The last word holds of what was said twice."""
        said = said[(said["kind"] >= 0) & (said["kind"] < len(KINDS))]
        keys = _pair_keys(said["one"], said["other"])
        order = np.argsort(keys, kind="stable")
        keys, said = keys[order], said[order]
        last = np.append(keys[1:] != keys[:-1], True)[: len(keys)]
        self._keys, self._said = keys[last], said[last]

    @classmethod
    def unpack(cls, packed: Sequence[bytes]) -> "Judgements":
        """What `pack_judged` made; without what it did not."""
        whole = [one for one in packed if not len(one) % _JUDGED.itemsize]
        return cls(np.frombuffer(b"".join(whole), _JUDGED))

    def find(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where each pair stands; -1 for those of which nothing was said."""
        if not len(self._said):
            return np.full(len(one), -1)
        at = np.searchsorted(self._keys, _pair_keys(one, other)).clip(max=len(self._said) - 1)
        known = (self._said["one"][at] == one) & (self._said["other"][at] == other)
        return np.where(known, at, -1)

    def scores(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Those at some places."""
        return np.asarray(self._said["score"][places])

    def among(self, digests: NDArray[np.int64]) -> dict[tuple[int, int], PairJudgement]:
        """What was said of statements that are all among these."""
        inside = np.isin(self._said["one"], digests) & np.isin(self._said["other"], digests)
        places = np.flatnonzero(inside).tolist()
        return {(int(self._said["one"][at]), int(self._said["other"][at])): self.at(at) for at in places}

    def at(self, place: int) -> PairJudgement:
        """What was said at a place."""
        one = self._said[place]
        return PairJudgement(float(one["score"]), float(one["same"]), bool(one["update"]), KINDS[one["kind"]])


def _pair_keys(one: NDArray[np.int64], other: NDArray[np.int64]) -> Marks:
    return scatter(one) + scatter(scatter(other))
