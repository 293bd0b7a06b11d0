"""How well a network reads questions that it was not trained on."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from eval.metrics import auroc, exact_match, f1
from eval.training.data.examples import Example
from eval.training.data.windows import Windows, pad
from eval.training.models.precision import fast_precision
from eval.training.models.reader_network import SpanNetwork
from qa.reader.spans import Window, best_stretch

_BATCH_ROWS = 32


@dataclass(frozen=True, slots=True)
class Read:
    """The best span's text, and its logit over that of no answer."""

    text: str
    margin: float


Reader = Callable[[Sequence[Example]], list[Read]]


def read(
    network: SpanNetwork,
    windows: Windows,
    examples: Sequence[Example],
    device: torch.device,
    *,
    half: bool = True,
) -> list[Read]:
    """The best span of each example, whatever its margin; in bfloat16, as trained, unless `half` is false."""
    rows = list(windows.rows_with_offsets(examples, random.Random(0)))  # noqa: S311 - no secret
    order = sorted(range(len(rows)), key=lambda place: len(rows[place][0]))
    found: dict[int, Read] = {}
    for first in range(0, len(order), _BATCH_ROWS):
        places = order[first : first + _BATCH_ROWS]
        batch = pad([rows[place][0] for place in places])
        inputs = [torch.from_numpy(one).to(device) for one in (batch.ids, batch.types, batch.mask)]
        with torch.no_grad(), fast_precision(device, half=half):
            logits = network(*inputs)
        starts, ends = logits.start.cpu().numpy(), logits.end.cpu().numpy()
        for index, place in enumerate(places):
            row, offsets = rows[place]
            context = slice(row.context_at, row.context_at + len(offsets))
            start, end = starts[index], ends[index]
            window = Window(offsets, start[context], end[context], float(start[0] + end[0]))
            found[place] = best([window], examples[place].context)
    return [found[place] for place in range(len(rows))]


def best(windows: Sequence[Window], context: str) -> Read:
    """The span of the highest margin in the windows of one context."""
    stretches = [best_stretch(window, 0, len(context)) for window in windows]
    reads = [
        Read(context[stretch.start : stretch.end], stretch.margin)
        for stretch in stretches
        if stretch is not None
    ]
    return max(reads, key=lambda one: one.margin)


def judge(reader: Reader, answerable: Sequence[Example], human: Sequence[Example]) -> dict[str, float]:
    """F1 and exact match on answerable questions; AUROC of abstention against unanswerable ones of people.

    `human` holds the unanswerable ones and their answerable twins; against these is `twins_auroc`.
    `answered_f1` is the best F1 over all thresholds with both kinds weighing the same, as in SQuAD 2.0.
    """
    reads = reader(answerable)
    pairs = list(zip(reads, answerable, strict=True))
    scores = np.array([f1(one.text, example.answers) for one, example in pairs])
    exact = [exact_match(one.text, example.answers) for one, example in pairs]
    others = list(zip(reader(human), human, strict=True))
    good = np.array([one.margin for one in reads])
    bad = np.array([one.margin for one, example in others if not example.answerable])
    near = np.array([one.margin for one, example in others if example.answerable])
    thresholds = np.quantile(np.concatenate([good, bad]), np.linspace(0.02, 0.98, 97))
    weighed = [(np.mean(np.where(good >= one, scores, 0.0)) + np.mean(bad < one)) / 2 for one in thresholds]
    report = {
        "f1": float(np.mean(scores)),
        "exact_match": float(np.mean(exact)),
        "auroc": _auroc(good, bad),
        "twins_auroc": _auroc(near, bad),
        "answered_f1": float(max(weighed)),
        "threshold": float(thresholds[int(np.argmax(weighed))]),
    }
    return {name: round(number, 4) for name, number in report.items()}


def _auroc(good: NDArray[np.float64], bad: NDArray[np.float64]) -> float:
    return auroc([*good, *bad], [True] * len(good) + [False] * len(bad)) or 0.0
