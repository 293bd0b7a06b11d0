"""How near the shipped span reader comes to the trained network in float32.

    python -m eval.train.parity OUT DATA [--folder qa/weights] [--limit N]

prints JSON. Read are questions of `squad11-heldout` and those of people about held-out contexts, at most N of
each, spread evenly. `float32` and `int8` are judged where the passage takes one window, so that both read the
same rows; `int8_all` on longer passages as well, in windows that overlap.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from eval.train.examples import Example, read_held_out, read_source
from eval.train.judging import Read, best, judge, read
from eval.train.network import load
from eval.train.training import Item, Recipe, published_encoder
from eval.train.windows import Windows
from index.models import checksums
from qa.span_model import WEIGHTS, BundledSpanModel


def measure(out: Path, data: Path, folder: Path, limit: int, encoder: Path) -> dict[str, Any]:
    """All that is reported; `encoder` is the folder of what the training began from."""
    answerable = spread(read_source(data, "squad11-heldout"), limit)
    human = spread(read_held_out(data), limit)
    every = [*answerable, *human]
    shipped_model = BundledSpanModel(folder)
    windows = [shipped_model.windows(one.question, [one.context])[0] for one in every]
    shipped = {one: best(found, one.context) for one, found in zip(every, windows, strict=True)}
    short = [one for one, found in zip(every, windows, strict=True) if len(found) == 1]
    exact = dict(zip(short, read_exactly(out / "reader.safetensors", short, encoder), strict=True))
    kept = [[one for one in examples if one in exact] for examples in (answerable, human)]
    apart = np.array([abs(exact[one].margin - shipped[one].margin) for one in short])
    return {
        "questions": {"squad11-heldout": len(answerable), "human": len(human), "in one window": len(short)},
        "float32": _judged(exact, *kept),
        "int8": _judged(shipped, *kept),
        "int8_all": _judged(shipped, answerable, human),
        "same_text": float(np.mean([exact[one].text == shipped[one].text for one in short])),
        "margins_apart": {"mean": float(apart.mean()), "p99": float(np.quantile(apart, 0.99))},
        "models": checksums(folder),
    }


def spread(examples: Sequence[Item], limit: int) -> list[Item]:
    """At most `limit` examples, evenly spaced."""
    count = min(limit, len(examples))
    return [examples[place * len(examples) // count] for place in range(count)]


def read_exactly(file: Path, examples: Sequence[Example], encoder: Path) -> list[Read]:
    """What the trained network reads in float32."""
    network = load(encoder, file)
    network.eval()
    windows = Windows(Tokenizer.from_file(str(encoder / "tokenizer.json")), Recipe().max_tokens)
    return read(network, windows, examples, torch.device("cpu"), half=False)


def _judged(
    reads: Mapping[Example, Read], answerable: Sequence[Example], human: Sequence[Example]
) -> dict[str, float]:
    return judge(lambda examples: [reads[one] for one in examples], answerable, human)


def main() -> None:
    """Reads the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, help="where the training wrote")
    parser.add_argument("data", type=Path, help="folder of the public sets")
    parser.add_argument("--folder", type=Path, default=WEIGHTS, help="where the shipped model lies")
    parser.add_argument("--limit", type=int, default=10_000, help="questions of each kind, at most")
    arguments = parser.parse_args()
    figures = measure(arguments.out, arguments.data, arguments.folder, arguments.limit, published_encoder())
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
