"""How near the shipped entailment model comes to the trained network in float32.

    python -m eval.train.models.entailment_parity OUT DATA [--folder qa/weights] [--limit N]

prints JSON: both judge at most N pairs of each set that was never trained on.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from eval.train.entailment import WEIGHTS_FILE, Logits, judge
from eval.train.models.entailment_network import judge_rows, load, rows
from eval.train.models.reader_parity import spread
from eval.train.pairs.pair import Pair
from eval.train.pairs.statements import read_data
from eval.train.training import published_encoder
from index.models import checksums
from qa.comparison.entailment import BundledEntailment
from qa.reader.span_model import WEIGHTS


def measure(out: Path, data: Path, folder: Path, limit: int, encoder: Path) -> dict[str, Any]:
    """All that is reported; `encoder` is the folder of what the training began from."""
    judged = {name: spread(pairs, limit) for name, pairs in read_data(data).judged.items()}
    max_tokens = json.loads((out / "training.json").read_text(encoding="utf-8"))["recipe"]["max_tokens"]
    network = load(encoder, out / WEIGHTS_FILE)
    network.eval()
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    device = torch.device("cpu")
    # At temperature 1 the logarithms of the probabilities are logits.
    shipped = BundledEntailment(folder, temperature=1.0)
    exact = {
        name: judge_rows(network, rows(tokenizer, pairs, max_tokens), device, half=False)
        for name, pairs in judged.items()
    }
    int8 = {name: _logits(shipped, pairs) for name, pairs in judged.items()}
    every = np.concatenate([*exact.values()]), np.concatenate([*int8.values()])
    apart = np.abs(_likely(every[0]) - _likely(every[1])).max(axis=1)
    return {
        "float32": _judged(exact, judged),
        "int8": _judged(int8, judged),
        "same_label": float(np.mean(every[0].argmax(axis=1) == every[1].argmax(axis=1))),
        "probabilities_apart": {"mean": float(apart.mean()), "p99": float(np.quantile(apart, 0.99))},
        "models": checksums(folder),
    }


def _logits(shipped: BundledEntailment, pairs: Sequence[Pair]) -> Logits:
    found = shipped.judge([(one.premise, one.hypothesis) for one in pairs])
    likely = np.array([(one.entailment, one.neutral, one.contradiction) for one in found])
    logits: Logits = np.log(np.maximum(likely.reshape(-1, 3), 1e-30)).astype(np.float32)
    return logits


def _likely(logits: Logits) -> Logits:
    scaled = np.exp(logits - logits.max(axis=1, keepdims=True))
    likely: Logits = scaled / scaled.sum(axis=1, keepdims=True)
    return likely


def _judged(found: Mapping[str, Logits], judged: Mapping[str, Sequence[Pair]]) -> dict[str, Any]:
    rows_of = {id(pairs): found[name] for name, pairs in judged.items()}
    return judge(lambda pairs: rows_of[id(pairs)], judged)


def main() -> None:
    """Reads the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, help="where the training wrote")
    parser.add_argument("data", type=Path, help="folder that holds the public sets in nli/ and qa/")
    parser.add_argument("--folder", type=Path, default=WEIGHTS, help="where the shipped model lies")
    parser.add_argument("--limit", type=int, default=10_000, help="pairs of each set, at most")
    arguments = parser.parse_args()
    figures = measure(arguments.out, arguments.data, arguments.folder, arguments.limit, published_encoder())
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
