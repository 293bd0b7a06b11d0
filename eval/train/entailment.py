"""Train the bundled entailment model.

    python -m eval.train.entailment DATA OUT [--tokens 10e6] [--rate 2e-4] [--seed 1] [--end TOKENS]
                                   [--dropout 0.1] [--reader DIR | --after DIR] [--thesaurus DIR]

reads the public sets in DATA/nli and DATA/qa and writes `entailment.safetensors` and `training.json` to OUT.
It keeps checkpoints there, and `--end` ends it earlier, as `eval.train.reader` does, which also says what
environment makes it faster. With `--reader` it begins from the encoder of the span reader that was trained in
DIR, which has learnt already to hold two texts against each other; with `--after`, from what an earlier
training left in DIR, with the rounds that follow. With `--thesaurus`, WordNet's files in DIR, hypotheses are
put in other words (see `eval.train.data.synonyms`). `eval.train.ship` makes the
bundled file of what was trained.
"""

import argparse
import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from eval.train.data.synonyms import Thesaurus
from eval.train.data.windows import batches
from eval.train.models.entailment_network import PairRow, begin, judge_rows, load, loss, rows
from eval.train.models.reader_network import save
from eval.train.pairs.pair import CONTRADICTION, ENTAILMENT, Pair
from eval.train.pairs.statements import PairMixture, read_data
from eval.train.reader import WEIGHTS_FILE as READER_FILE
from eval.train.reader import checksum, following
from eval.train.training import Recipe, Training, learn, published_encoder, say_aloud

WEIGHTS_FILE = "entailment.safetensors"
RECIPE = Recipe(tokens=10e6, batch_tokens=4096, max_tokens=128, learning_rate=2e-4)

Logits = NDArray[np.float32]


def train(
    data: Path,
    out: Path,
    recipe: Recipe,
    *,
    encoder: Path | None = None,
    reader: Path | None = None,
    after: Path | None = None,
    thesaurus: Path | None = None,
    checkpoint_steps: int = 100,
    end: float = math.inf,
    say: Callable[[str], None] = say_aloud,
) -> None:
    """As the command line above. `encoder`: its folder, if not the published; `say` is told each 25 steps.

    `reader`: the folder of the span reader's training from whose weights to begin; `after`: that of an
    earlier training of this model; `thesaurus`: the folder of WordNet's files.
    """
    out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    folder = encoder or published_encoder()
    torch.manual_seed(recipe.seed)
    network = begin(folder, dropout=recipe.dropout)
    if reader is not None:
        recipe = replace(recipe, begun_from=checksum(reader / READER_FILE))
        network = begin(folder, dropout=recipe.dropout, reader=reader / READER_FILE)
    if after is not None:
        recipe = following(recipe, after, WEIGHTS_FILE)
        network = load(folder, after / WEIGHTS_FILE, dropout=recipe.dropout)
    training: Training[PairRow] = Training(
        network, lambda made: loss(network, made, device), recipe, device, end
    )
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        training.resume(checkpoint)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    read = read_data(data)
    if not training.done:
        words = Thesaurus(thesaurus) if thesaurus is not None else None
        rounds = partial(_batches, PairMixture(read, recipe.seed, words), tokenizer, recipe, say)
        learn(training, rounds, checkpoint, checkpoint_steps, say)
    network.eval()
    save(network, out / WEIGHTS_FILE)
    report = judge(
        lambda pairs: judge_rows(network, rows(tokenizer, pairs, recipe.max_tokens), device), read.judged
    )
    made = {"recipe": asdict(recipe), "progress": asdict(training.progress), "held_out": report}
    if after is not None:
        made["after"] = json.loads((after / "training.json").read_text(encoding="utf-8"))
    (out / "training.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    say(json.dumps(report, indent=1))


def judge(
    logits_of: Callable[[Sequence[Pair]], Logits], judged: Mapping[str, Sequence[Pair]]
) -> dict[str, dict[str, float]]:
    """The pairs of each set, the accuracy and the mean negative log-likelihood; made pairs by kind as well.

    Where a set has no neutral pairs, the two logits that are left are compared.
    """
    report: dict[str, dict[str, float]] = {}
    for name, pairs in judged.items():
        if not pairs:
            continue
        logits = logits_of(pairs)
        report[name] = _figures(logits, pairs)
        if name == "made":
            for kind in sorted({one.source for one in pairs}):
                of_kind = [place for place, one in enumerate(pairs) if one.source == kind]
                report[f"made: {kind}"] = _figures(logits[of_kind], [pairs[place] for place in of_kind])
    return report


def _figures(logits: Logits, pairs: Sequence[Pair]) -> dict[str, float]:
    labels = np.array([one.label for one in pairs])
    if {*labels.tolist()} == {ENTAILMENT, CONTRADICTION}:
        logits, labels = logits[:, [ENTAILMENT, CONTRADICTION]], labels // CONTRADICTION
    likely = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return {
        "pairs": len(pairs),
        "accuracy": round(float(np.mean(logits.argmax(axis=1) == labels)), 4),
        "log_loss": round(float(-np.mean(likely[np.arange(len(labels)), labels])), 4),
    }


def _batches(
    mixture: PairMixture, tokenizer: Tokenizer, recipe: Recipe, say: Callable[[str], None], number: int
) -> list[list[PairRow]]:
    """The batches of round `number`."""
    made = rows(tokenizer, mixture.round(number), recipe.max_tokens)
    draw = random.Random(f"rows {recipe.seed} {number}")  # noqa: S311 - no secret
    taken = batches(made, recipe.batch_tokens, draw)
    shares = np.bincount([row.label for row in made], minlength=3) / len(made)
    say(
        f"round {number}: {len(made)} rows, {sum(map(len, made)) / 1e6:.1f}M tokens, {len(taken)} batches,"
        f" {shares[0]:.0%} entailed, {shares[1]:.0%} neutral, {shares[2]:.0%} contradicted"
    )
    return taken


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder that holds the public sets in nli/ and qa/")
    parser.add_argument("out", type=Path, help="where to write")
    parser.add_argument("--tokens", type=float, default=RECIPE.tokens, help="padded, over all batches")
    parser.add_argument("--seed", type=int, default=RECIPE.seed)
    parser.add_argument("--rate", type=float, default=RECIPE.learning_rate, help="the highest one")
    parser.add_argument("--dropout", type=float, default=RECIPE.dropout, help="share of what is dropped")
    parser.add_argument("--reader", type=Path, help="folder of a reader's training to begin from")
    parser.add_argument("--after", type=Path, help="folder of an earlier training to begin from")
    parser.add_argument("--thesaurus", type=Path, help="folder of WordNet's files")
    parser.add_argument("--end", type=float, default=math.inf, help="tokens after which to end already")
    arguments = parser.parse_args()
    recipe = replace(
        RECIPE,
        tokens=arguments.tokens,
        learning_rate=arguments.rate,
        seed=arguments.seed,
        dropout=arguments.dropout,
    )
    train(
        arguments.data,
        arguments.out,
        recipe,
        reader=arguments.reader,
        after=arguments.after,
        thesaurus=arguments.thesaurus,
        end=arguments.end,
    )


if __name__ == "__main__":
    main()
