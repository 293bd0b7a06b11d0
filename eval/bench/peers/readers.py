"""Train the readers that the others get in `eval.bench.peers --answers`.

    python -m eval.bench.peers.readers DATA FOLDER [--sizes L6 base] [--mpnet FOLDER]

Their own recipe: that of the readers most people take from model hubs (transformers' example of SQuAD 2 with
the settings on deepset's cards): a window of 384 tokens, cut every 128, the first and the last token of the
answer learnt apart, the first token of all where there is none, at a rate that rises for a fifth of the steps
and then falls. What they read is what the reader of Whosays reads of public questions: the first two rounds
of `eval.training.data.mixture`, unanswerable ones among them, so that the difference is neither data nor
size. DATA is the folder that `eval.training.reader` names. FOLDER gets `reader-L6`, of MiniLM-L6 as
published, and `reader-base`, of MPNet-base as `eval.training.weights.mpnet` writes it. A graphics card is
used where there is one: an H100 takes two minutes for both, two cores most of a night.
"""

import argparse
import math
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch

from eval.training.data.examples import read_sources
from eval.training.data.mixture import Mixture
from eval.training.weights.export import published_folder

WINDOW, STRIDE, QUESTION = 384, 128, 64  # tokens
WARM_UP = 0.2  # of the steps
ROUNDS = 2
_SORTED_AT_ONCE = 64  # batches: rows of one length are padded little
_SAID_STEPS = 200


@dataclass(frozen=True, slots=True)
class Recipe:
    """Rows in a step, the highest rate. MiniLM's card has 12 rows at 4e-5: four times as many, twice that."""

    rows: int
    rate: float


RECIPES = {"L6": Recipe(48, 8e-5), "base": Recipe(96, 3e-5)}


class Asked(NamedTuple):
    """A question about a context; its answer's characters there, -1 where it has none."""

    question: str
    context: str
    start: int
    end: int


class Row(NamedTuple):
    """A window's tokens and the places of the answer's first and last one; 0 where the window has none."""

    ids: list[int]
    types: list[int]
    first: int
    last: int


def windows(tokenizer: Any, asked: Sequence[Asked]) -> list[Row]:
    """The rows of all questions, each as long as it is."""
    cut = tokenizer(
        [" ".join(one.question.split()[:QUESTION]) for one in asked],
        [one.context for one in asked],
        truncation="only_second",
        max_length=WINDOW,
        stride=STRIDE,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        return_token_type_ids=True,
    )
    rows = []
    for at, of in enumerate(cut["overflow_to_sample_mapping"]):
        ids = cut["input_ids"][at]
        places = cut["offset_mapping"][at]
        inside = [place for place, part in enumerate(cut.sequence_ids(at)) if part == 1]
        one = asked[of]
        held = [p for p in inside if places[p][0] < one.end and places[p][1] > one.start] if inside else []
        whole = held and places[inside[0]][0] <= one.start and one.end <= places[inside[-1]][1]
        first, last = (held[0], held[-1]) if whole and one.start >= 0 else (0, 0)
        rows.append(Row(ids, cut["token_type_ids"][at], first, last))
    return rows


def batches(rows: Sequence[Row], size: int, draw: random.Random) -> Iterator[list[Row]]:
    """All rows in random order, those of a batch about equally long."""
    mixed = draw.sample(rows, len(rows))
    for first in range(0, len(mixed), size * _SORTED_AT_ONCE):
        some = sorted(mixed[first : first + size * _SORTED_AT_ONCE], key=lambda row: len(row.ids))
        cut = [some[at : at + size] for at in range(0, len(some), size)]
        yield from draw.sample(cut, len(cut))


def train(rounds: Sequence[Sequence[Asked]], start: Path, folder: Path, recipe: Recipe, *, seed: int) -> None:
    """Learns each round once and writes model and tokenizer into `folder`; `start` is a published encoder."""
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(start)
    model = AutoModelForQuestionAnswering.from_pretrained(start, dtype=torch.float32).to(device).train()
    with_types = "token_type_ids" in tokenizer.model_input_names
    draw = random.Random(seed)  # noqa: S311  # no secret
    every = [one for asked in rounds for one in batches(windows(tokenizer, asked), recipe.rows, draw)]
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=0.01, fused=True)
    rising = max(1, math.ceil(WARM_UP * len(every)))
    began, losses, said_at = time.monotonic(), 0.0, 0
    for step, rows in enumerate(every, start=1):
        share = min(step / rising, (len(every) - step + 1) / max(1, len(every) - rising))
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * share
        given = _tensors(rows, tokenizer.pad_token_id, device, with_types=with_types)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            loss = model(**given).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses += loss.detach().float()
        if step % _SAID_STEPS == 0 or step == len(every):
            seconds = time.monotonic() - began
            said = f"step {step} of {len(every)}, loss {losses / (step - said_at):.3f}, {seconds:.0f} s"
            print(said, flush=True)
            losses, said_at = 0.0, step
    shutil.rmtree(folder, ignore_errors=True)
    model.float().cpu().save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _tensors(rows: Sequence[Row], pad: int, device: torch.device, *, with_types: bool) -> dict[str, Any]:
    longest = max(len(row.ids) for row in rows)
    given = {
        "input_ids": [row.ids + [pad] * (longest - len(row.ids)) for row in rows],
        "attention_mask": [[1] * len(row.ids) + [0] * (longest - len(row.ids)) for row in rows],
        "start_positions": [row.first for row in rows],
        "end_positions": [row.last for row in rows],
    }
    if with_types:
        given["token_type_ids"] = [row.types + [0] * (longest - len(row.ids)) for row in rows]
    return {name: torch.tensor(value, device=device) for name, value in given.items()}


def questions(data: Path, seed: int) -> list[list[Asked]]:
    """The public questions of each round of Whosays' own reader."""
    mixture = Mixture(read_sources(data), seed)
    return [
        [Asked(one.question, one.context, one.start, one.end) for one in mixture.round(number)]
        for number in range(ROUNDS)
    ]


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.bench.peers.readers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("data", type=Path, help="public questions, as `eval.training.reader` reads them")
    parser.add_argument("folder", type=Path, help="gets a folder for each reader")
    parser.add_argument("--sizes", nargs="+", choices=RECIPES, default=list(RECIPES))
    parser.add_argument("--mpnet", type=Path, help="MPNet-base as published, for the size base")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if "base" in asked.sizes and asked.mpnet is None:
        parser.error(
            "--mpnet says where MPNet-base is: python -m eval.training.weights.mpnet FOLDER writes it"
        )
    rounds = questions(asked.data, asked.seed)
    starts = {"L6": published_folder(), "base": asked.mpnet}
    for size in asked.sizes:
        train(rounds, starts[size], asked.folder / f"reader-{size}", RECIPES[size], seed=asked.seed)


if __name__ == "__main__":
    main()
