"""Train the bundled reader.

    python -m eval.training.reader DATA OUT --stories FILE [--contrast DIR] [--tokens 20e6] [--seed 1]
                                [--rate 1.5e-4] [--end TOKENS] [--after DIR] [--encoder FILE] [--dropout 0.1]

reads the public sets in the folder DATA, CANARD beside it, the stories in FILE, which `python -m
eval.stories eval/stories/train/*.txt --json FILE` writes, and the contrast sets in DIR
(`eval.training.judgements.contrast`); it writes `reader.safetensors` and `training.json` to OUT. It keeps
checkpoints there: stopped, the same command goes on from the last one, to the same end; with `--end` it
ends earlier than the learning rate was planned for. With `--after` it begins from the weights that lie in
the folder DIR, of an earlier training or of `eval.training.weights.restore`, and takes the rounds that come
after that one's; with `--encoder` too, from the encoder in a safetensors file. It uses a GPU where there is
one. On a CPU under Linux the environment

    MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=20000000000 GLIBC_TUNABLES=glibc.malloc.hugetlb=1

keeps freed memory, in large pages: 4,000 tokens a second instead of 3,400 (own measurement, two cores with
AVX-512). `eval.training.weights.ship` makes the bundled file of what was trained.
"""

import argparse
import hashlib
import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from eval.training.data.examples import read_held_out, read_source
from eval.training.data.questions import read_stories
from eval.training.data.reading_rows import ROW_TOKENS, Asked, NeededRow, pad_asked
from eval.training.data.windows import Windows, pad_pairs
from eval.training.judgements.contrast import ContrastSet, contrast_questions, read_parts
from eval.training.loop import Recipe, Training, learn, published_encoder, say_aloud
from eval.training.models.judging import judge, read
from eval.training.models.precision import fast_precision
from eval.training.models.reader_network import (
    SpanNetwork,
    begin,
    needed_loss,
    reading_loss,
    save,
    take_encoder,
    take_shared,
)
from eval.training.models.reading_judge import judge_needed, judge_questions, judge_stories
from eval.training.reading_material import ReadingMaterial, held_out_follow_ups, read_held_out_stories

WEIGHTS_FILE = "reader.safetensors"


def train(
    data: Path,
    stories: Path,
    out: Path,
    recipe: Recipe,
    *,
    contrast: Path | None = None,
    encoder: Path | None = None,
    after: Path | None = None,
    encoder_of: Path | None = None,
    checkpoint_steps: int = 100,
    end: float = math.inf,
    say: Callable[[str], None] = say_aloud,
) -> None:
    """As the command line above. `encoder`: its folder, if not the published; `say` is told each 25 steps.

    `after`: the folder of an earlier training, to begin from its weights; `encoder_of`: weights whose encoder
    is taken instead.
    """
    out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    folder = encoder or published_encoder()
    torch.manual_seed(recipe.seed)
    network = begin(folder, recipe.dropout)
    if after is not None:
        recipe = follow(recipe, after, WEIGHTS_FILE)
        take_shared(network, after / WEIGHTS_FILE)
    if encoder_of is not None:
        recipe = replace(recipe, encoder_of=checksum(encoder_of))
        take_encoder(network, encoder_of)
    training: Training[Any] = Training(
        network, lambda batch: _loss(network, batch, device), recipe, device, end
    )
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        training.resume(checkpoint)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    trained_sets, held_out = read_parts(contrast)
    if not training.done:
        material = ReadingMaterial(
            data,
            read_stories(stories),
            trained_sets,
            tokenizer,
            seed=recipe.seed,
            batch_tokens=recipe.batch_tokens,
        )
        learn(training, material.round, checkpoint, checkpoint_steps, say)
    network.eval()
    save(network, out / WEIGHTS_FILE)
    report = report_of(network, tokenizer, data, stories, contrast=held_out, device=device)
    made = {"recipe": asdict(recipe), "progress": asdict(training.progress), "held_out": report}
    if after is not None:
        made["after"] = json.loads((after / "training.json").read_text(encoding="utf-8"))
    (out / "training.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    say(json.dumps(report, indent=1))


def report_of(
    network: SpanNetwork,
    tokenizer: Tokenizer,
    data: Path,
    stories: Path,
    *,
    contrast: Sequence[ContrastSet],
    device: torch.device,
) -> dict[str, float]:
    """How the network reads what it was not trained on: stories, follow-ups, contrast sets, public sets."""
    held_out = read_held_out_stories(stories)
    windows = Windows(tokenizer, ROW_TOKENS)
    return {
        **judge_stories(network, tokenizer, held_out, device),
        **judge_needed(network, tokenizer, held_out_follow_ups(data, held_out), device),
        **_judge_contrast(network, tokenizer, contrast, device),
        **judge(
            lambda examples: read(network, windows, examples, device),
            read_source(data, "squad11-heldout")[::4],
            read_held_out(data),
        ),
    }


def _judge_contrast(
    network: SpanNetwork, tokenizer: Tokenizer, sets: Sequence[ContrastSet], device: torch.device
) -> dict[str, float]:
    if not sets:
        return {}
    asked = contrast_questions(sets, random.Random(0))  # noqa: S311 - no secret
    judged = judge_questions(network, tokenizer, asked, device)
    return {f"contrast_{name}": value for name, value in judged.items()}


def follow(recipe: Recipe, after: Path, weights: str) -> Recipe:
    """The recipe begun from what the training in `after` left, with the rounds after those that it took."""
    earlier = json.loads((after / "training.json").read_text(encoding="utf-8"))
    first = earlier["progress"]["round"] + 1
    return replace(recipe, first_round=first, begun_from=checksum(after / weights))


def checksum(file: Path) -> str:
    """The SHA-256 of the file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _loss(
    network: SpanNetwork, batch: Sequence[Asked] | Sequence[NeededRow], device: torch.device
) -> tuple[Tensor, int]:
    """The loss of a batch, of questions or of follow-ups, and its tokens with padding."""
    if isinstance(batch[0], NeededRow):
        return _judge_needed(network, [one for one in batch if isinstance(one, NeededRow)], device)
    made = pad_asked([one for one in batch if isinstance(one, Asked)])
    inputs = [torch.from_numpy(one).to(device) for one in (made.ids, made.types, made.mask)]
    targets = {
        name: torch.from_numpy(getattr(made, name)).to(device)
        for name in ("sentence", "gold", "first", "last", "owner", "spans")
    }
    with fast_precision(device):
        logits = network(*inputs)
    return reading_loss(logits, **targets), made.ids.size


def _judge_needed(
    network: SpanNetwork, rows: Sequence[NeededRow], device: torch.device
) -> tuple[Tensor, int]:
    ids, types, mask = pad_pairs([(row.ids, row.context_at) for row in rows])
    needed, counted = torch.zeros(2, *ids.shape, device=device)
    for place, row in enumerate(rows):
        needed[place, : len(row)] = torch.from_numpy(row.needed)
        counted[place, : len(row)] = torch.from_numpy(row.counted)
    with fast_precision(device):
        logits = network(*(torch.from_numpy(one).to(device) for one in (ids, types, mask)))
    return needed_loss(logits, needed, counted), ids.size


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the public sets, NAME.jsonl.gz")
    parser.add_argument("out", type=Path, help="where to write")
    parser.add_argument("--stories", type=Path, required=True, help="stories, one a line")
    parser.add_argument("--contrast", type=Path, help="folder of contrast sets")
    parser.add_argument("--tokens", type=float, default=20e6, help="padded, over all batches")
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--rate", type=float, default=1.5e-4, help="the highest one")
    parser.add_argument("--after", type=Path, help="folder of an earlier training to begin from")
    parser.add_argument("--encoder", type=Path, help="weights whose encoder is taken")
    parser.add_argument("--dropout", type=float, default=0.1, help="share of what is dropped")
    parser.add_argument("--end", type=float, default=math.inf, help="tokens after which to end already")
    arguments = parser.parse_args()
    recipe = Recipe(
        tokens=arguments.tokens,
        max_tokens=ROW_TOKENS,
        learning_rate=arguments.rate,
        seed=arguments.seed,
        dropout=arguments.dropout,
    )
    train(
        arguments.data,
        arguments.stories,
        arguments.out,
        recipe,
        contrast=arguments.contrast,
        after=arguments.after,
        encoder_of=arguments.encoder,
        end=arguments.end,
    )


if __name__ == "__main__":
    main()
