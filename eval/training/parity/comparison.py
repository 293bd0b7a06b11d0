"""How near the shipped comparison model comes to the trained network in float32.

    python -m eval.training.parity.comparison OUT --stories FILE [--folder qa/weights] [--limit N]

prints JSON: both judge what the held-out stories of FILE give, at most N judgements of it.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from tokenizers import Tokenizer

from eval.training.comparison import WEIGHTS_FILE, held_out_judgements, report_of
from eval.training.judgements.judgement import Judgement
from eval.training.loop import published_encoder
from eval.training.models.comparison_network import SIZES, begin, logits_of, rows
from eval.training.parity.reader import pick_spread
from eval.training.reading_material import read_held_out_stories
from eval.training.weights.ship import MODELS
from index.models import Model, checksums
from index.models import Tokenizer as BundledTokenizer
from qa.comparison.model import PAIR_TOKENS
from qa.reader.span_model import WEIGHTS

Outputs = Sequence[NDArray[np.float32]]


def measure(out: Path, stories: Path, folder: Path, limit: int, encoder: Path) -> dict[str, Any]:
    """All that is reported; `encoder` is the folder of what the training began from."""
    made = pick_spread(held_out_judgements(read_held_out_stories(stories)), limit)
    network = begin(encoder)
    network.load_state_dict(load_file(out / WEIGHTS_FILE))
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    exact = logits_of(network.eval(), rows(tokenizer, made), torch.device("cpu"), half=False)
    int8 = _run_shipped(made, folder)
    return {
        "judgements": len(made),
        "float32": report_of(made, exact),
        "int8": report_of(made, int8),
        "same": {
            name: round(float(np.mean(one.argmax(1) == other.argmax(1))), 4)
            for name, one, other in zip(("stance", "relation", "kind"), exact, int8, strict=False)
        },
        "models": checksums(folder),
    }


def _run_shipped(made: Sequence[Judgement], folder: Path) -> Outputs:
    model = Model(MODELS["comparison"].file, folder)
    tokenizer = BundledTokenizer("tokenizer.json")
    outputs = [np.empty((len(made), size), np.float32) for size in SIZES]
    for start in range(0, len(made), 256):
        texts = [(one.first, one.second) for one in made[start : start + 256]]
        found = model.run(tokenizer.encode(texts, max_tokens=PAIR_TOKENS, cut="longest_first"))
        for place, row in enumerate(found, start):
            for output, value in zip(outputs, row, strict=True):
                output[place] = value
    return outputs


def main() -> None:
    """Reads the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, help="where the training wrote")
    parser.add_argument("--stories", type=Path, required=True, help="stories, one a line")
    parser.add_argument("--folder", type=Path, default=WEIGHTS, help="where the shipped model lies")
    parser.add_argument("--limit", type=int, default=100_000, help="judgements, at most")
    arguments = parser.parse_args()
    figures = measure(
        arguments.out, arguments.stories, arguments.folder, arguments.limit, published_encoder()
    )
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
