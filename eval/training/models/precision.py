"""In which precision a network runs: bfloat16 where the machine multiplies in it, float32 elsewhere."""

import time
from contextlib import AbstractContextManager
from functools import lru_cache

import torch
from torch import Tensor

_SIZE = 512
_TIMES = 60  # in turns: a busy machine must not decide it


def fast_precision(device: torch.device, *, half: bool = True) -> AbstractContextManager[object]:
    """Where the network is to run: in bfloat16, unless `half` is false or the device is slower in it."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=half and _is_faster_in_half(device.type))


@lru_cache(maxsize=2)
def _is_faster_in_half(device: str) -> bool:
    """Measured, for a CPU: one without instructions for bfloat16 took 7 times as long in it."""
    if device != "cpu":
        return True
    precisions = (torch.bfloat16, torch.float32)
    matrices = [torch.ones(_SIZE, _SIZE, dtype=one) for one in precisions]
    seconds = [[_seconds(one) for one in matrices] for _ in range(_TIMES)]
    return min(one for one, _ in seconds) < min(one for _, one in seconds)


def _seconds(matrix: Tensor) -> float:
    """How long its product with itself takes."""
    begun = time.perf_counter()
    torch.mm(matrix, matrix)
    return time.perf_counter() - begun
