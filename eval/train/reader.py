"""Train the bundled span reader.

    python -m eval.train.reader DATA OUT [--tokens 22e6] [--seed 1] [--rate 2.2e-4] [--end TOKENS]
                                         [--after DIR] [--encoder FILE] [--dropout 0.1] [--thesaurus DIR]

reads the public sets in the folder DATA and writes `reader.safetensors` and `training.json` to OUT. It keeps
checkpoints there: stopped, the same command goes on from the last one, to the same end; with `--end` it ends
earlier than the learning rate was planned for. With `--after` it begins from what an earlier training left in
the folder DIR and takes the rounds that come after that one's; with `--encoder` too, from the encoder in a
safetensors file that `eval.train.entailment` wrote. With `--thesaurus`, WordNet's files in DIR, questions are
put in other words (see `eval.train.synonyms`). It uses a GPU where there is one. On a CPU
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
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from eval.train.examples import read_held_out, read_source, read_sources
from eval.train.judging import judge, read
from eval.train.mixture import REWORDED, Mixture
from eval.train.network import SpanNetwork, begin, load, loss, save, take_encoder
from eval.train.precision import fast_precision
from eval.train.synonyms import Thesaurus
from eval.train.training import Recipe, Training, learn, published_encoder, say_aloud
from eval.train.windows import Row, Windows, batches, pad

WEIGHTS_FILE = "reader.safetensors"


def train(
    data: Path,
    out: Path,
    recipe: Recipe,
    *,
    encoder: Path | None = None,
    after: Path | None = None,
    encoder_of: Path | None = None,
    thesaurus: Path | None = None,
    checkpoint_steps: int = 100,
    end: float = math.inf,
    say: Callable[[str], None] = say_aloud,
) -> None:
    """As the command line above. `encoder`: its folder, if not the published; `say` is told each 25 steps.

    `after`: the folder of an earlier training, to begin from its weights; `encoder_of`: weights whose encoder
    is taken instead; `thesaurus`: the folder of WordNet's files.
    """
    out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    folder = encoder or published_encoder()
    torch.manual_seed(recipe.seed)
    network = begin(folder, recipe.dropout)
    if after is not None:
        recipe = following(recipe, after, WEIGHTS_FILE)
        network = load(folder, after / WEIGHTS_FILE, recipe.dropout)
    if encoder_of is not None:
        recipe = replace(recipe, encoder_of=checksum(encoder_of))
        take_encoder(network, encoder_of)
    training: Training[Row] = Training(
        network, lambda rows: _loss(network, rows, device), recipe, device, end
    )
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        training.resume(checkpoint)
    windows = Windows(Tokenizer.from_file(str(folder / "tokenizer.json")), recipe.max_tokens)
    if not training.done:
        words = Thesaurus(thesaurus) if thesaurus is not None else None
        mixture = Mixture(read_sources(data), recipe.seed, words)
        rounds = partial(_batches, mixture, windows, recipe, say)
        learn(training, rounds, checkpoint, checkpoint_steps, say)
    network.eval()
    save(network, out / WEIGHTS_FILE)
    report = judge(
        lambda examples: read(network, windows, examples, device),
        read_source(data, "squad11-heldout"),
        read_held_out(data),
    )
    made = {"recipe": asdict(recipe), "progress": asdict(training.progress), "held_out": report}
    if after is not None:
        made["after"] = json.loads((after / "training.json").read_text(encoding="utf-8"))
    (out / "training.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    say(json.dumps(report, indent=1))


def following(recipe: Recipe, after: Path, weights: str) -> Recipe:
    """The recipe begun from what the training in `after` left, with the rounds after those that it took."""
    earlier = json.loads((after / "training.json").read_text(encoding="utf-8"))
    first = earlier["progress"]["round"] + 1
    return replace(recipe, first_round=first, begun_from=checksum(after / weights))


def checksum(file: Path) -> str:
    """The SHA-256 of the file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _loss(network: SpanNetwork, rows: Sequence[Row], device: torch.device) -> tuple[Tensor, int]:
    """The loss of a batch, and its tokens with padding."""
    batch = pad(rows)
    inputs = [torch.from_numpy(one).to(device) for one in (batch.ids, batch.types, batch.mask)]
    first, last = (torch.from_numpy(one).to(device) for one in (batch.first, batch.last))
    with fast_precision(device):
        logits = network(*inputs)
    return loss(logits, first, last), batch.ids.size


def _batches(
    mixture: Mixture, windows: Windows, recipe: Recipe, say: Callable[[str], None], number: int
) -> list[list[Row]]:
    """The batches of round `number`."""
    draw = random.Random(f"rows {recipe.seed} {number}")  # noqa: S311 - no secret
    rows = windows.rows(mixture.round(number), draw)
    made = batches(rows, recipe.batch_tokens, draw)
    say(
        f"round {number}: {len(rows)} rows, {sum(map(len, rows)) / 1e6:.1f}M tokens, {len(made)} batches,"
        f" {sum(row.first == 0 for row in rows) / len(rows):.0%} without an answer"
    )
    return made


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the public sets, NAME.jsonl.gz")
    parser.add_argument("out", type=Path, help="where to write")
    parser.add_argument("--tokens", type=float, default=Recipe().tokens, help="padded, over all batches")
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--rate", type=float, default=Recipe().learning_rate, help="the highest one")
    parser.add_argument("--after", type=Path, help="folder of an earlier training to begin from")
    parser.add_argument("--encoder", type=Path, help="weights whose encoder is taken")
    parser.add_argument("--dropout", type=float, default=Recipe().dropout, help="share of what is dropped")
    parser.add_argument("--thesaurus", type=Path, help="folder of WordNet's files")
    parser.add_argument("--end", type=float, default=math.inf, help="tokens after which to end already")
    arguments = parser.parse_args()
    recipe = Recipe(
        tokens=arguments.tokens,
        learning_rate=arguments.rate,
        seed=arguments.seed,
        dropout=arguments.dropout,
        reworded=REWORDED if arguments.thesaurus else 0.0,
    )
    train(
        arguments.data,
        arguments.out,
        recipe,
        after=arguments.after,
        encoder_of=arguments.encoder,
        thesaurus=arguments.thesaurus,
        end=arguments.end,
    )


if __name__ == "__main__":
    main()
