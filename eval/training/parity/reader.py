"""How near the shipped reader comes to the trained network in float32.

    python -m eval.training.parity.reader OUT DATA --stories FILE [--folder qa/weights] [--limit N]

prints JSON. Read are held-out stories, with follow-ups, questions of `squad11-heldout`, and those of people
about held-out contexts, at most N of each, spread evenly. Of the public sets `float32` and `int8` are judged
where the passage takes one window, so that both read the same rows; `int8_all` on longer passages as well, in
windows that overlap. Stories are read in the same rows by both.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from eval.training.data.examples import Example, read_held_out, read_source
from eval.training.data.reading_rows import ROW_TOKENS
from eval.training.data.windows import Windows
from eval.training.loop import Item, published_encoder
from eval.training.models.judging import Read, best, judge, read
from eval.training.models.reader_network import Logits, SpanNetwork, load
from eval.training.models.reading_judge import Network, judge_needed, judge_stories
from eval.training.reading_material import held_out_follow_ups, read_held_out_stories
from eval.training.weights.ship import MODELS
from index.models import Model, checksums
from qa.reader.span_model import WEIGHTS, BundledSpanModel

_CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row as `Model` takes it."""

    ids: list[int]
    type_ids: list[int]

    def __len__(self) -> int:
        return len(self.ids)


class ShippedNetwork:
    """The shipped graph in the place of the network: it reads each row without its padding."""

    def __init__(self, folder: Path) -> None:
        self._model = Model(MODELS["reader"].file, folder)

    def __call__(self, ids: Tensor, types: Tensor, mask: Tensor) -> Logits:
        """As `SpanNetwork` says, start and end without its mask."""
        rows: list[Any] = [
            _Row(some[kept].tolist(), of[kept].tolist())
            for some, of, kept in zip(ids, types, mask, strict=True)
        ]
        padded = torch.zeros(4, *ids.shape)
        for place, outputs in enumerate(self._model.run(rows)):
            padded[:, place, : len(rows[place])] = torch.from_numpy(np.stack(outputs))
        return Logits(*padded)


def measure(
    out: Path, data: Path, stories: Path, *, folder: Path, limit: int, encoder: Path
) -> dict[str, Any]:
    """All that is reported; `encoder` is the folder of what the training began from."""
    network = load(encoder, out / "reader.safetensors")
    network.eval()
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    told = pick_spread(read_held_out_stories(stories), limit)
    follow_ups = pick_spread(held_out_follow_ups(data, told), limit)
    networks: dict[str, Network] = {"float32": network, "int8": ShippedNetwork(folder)}
    return {
        **measure_public(network, tokenizer, data, folder, limit),
        "stories": {"stories": len(told), "follow_ups": len(follow_ups)}
        | {
            name: judge_stories(one, tokenizer, told, _CPU, half=False)
            | judge_needed(one, tokenizer, follow_ups, _CPU, half=False)
            for name, one in networks.items()
        },
        "models": checksums(folder),
    }


def measure_public(
    network: SpanNetwork, tokenizer: Tokenizer, data: Path, folder: Path, limit: int
) -> dict[str, Any]:
    """What is reported of the public sets."""
    answerable = pick_spread(read_source(data, "squad11-heldout"), limit)
    human = pick_spread(read_held_out(data), limit)
    every = [*answerable, *human]
    shipped_model = BundledSpanModel(folder)
    windows = [shipped_model.windows(one.question, [one.context])[0] for one in every]
    shipped = {one: best(found, one.context) for one, found in zip(every, windows, strict=True)}
    short = [one for one, found in zip(every, windows, strict=True) if len(found) == 1]
    read_exactly = read(network, Windows(tokenizer, ROW_TOKENS), short, _CPU, half=False)
    exact = dict(zip(short, read_exactly, strict=True))
    kept = [[one for one in examples if one in exact] for examples in (answerable, human)]
    apart = np.array([abs(exact[one].margin - shipped[one].margin) for one in short])
    return {
        "questions": {"squad11-heldout": len(answerable), "human": len(human), "in one window": len(short)},
        "float32": _judge(exact, *kept),
        "int8": _judge(shipped, *kept),
        "int8_all": _judge(shipped, answerable, human),
        "same_text": float(np.mean([exact[one].text == shipped[one].text for one in short])),
        "margins_apart": {"mean": float(apart.mean()), "p99": float(np.quantile(apart, 0.99))},
    }


def pick_spread(examples: Sequence[Item], limit: int) -> list[Item]:
    """At most `limit` examples, evenly spaced."""
    count = min(limit, len(examples))
    return [examples[place * len(examples) // count] for place in range(count)]


def _judge(
    reads: Mapping[Example, Read], answerable: Sequence[Example], human: Sequence[Example]
) -> dict[str, float]:
    return judge(lambda examples: [reads[one] for one in examples], answerable, human)


def main() -> None:
    """Reads the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, help="where the training wrote")
    parser.add_argument("data", type=Path, help="folder of the public sets")
    parser.add_argument("--stories", type=Path, required=True, help="stories, one a line")
    parser.add_argument("--folder", type=Path, default=WEIGHTS, help="where the shipped model lies")
    parser.add_argument("--limit", type=int, default=10_000, help="questions of each kind, at most")
    arguments = parser.parse_args()
    figures = measure(
        arguments.out,
        arguments.data,
        arguments.stories,
        folder=arguments.folder,
        limit=arguments.limit,
        encoder=published_encoder(),
    )
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
