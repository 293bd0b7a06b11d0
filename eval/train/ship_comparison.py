"""Ship the trained comparison model: one int8 ONNX graph, and its entry in the manifest.

    python -m eval.train.ship_comparison OUT [FOLDER] [--seeds seeds]

reads what `eval.train.comparison` wrote to OUT and writes into FOLDER, by default qa/weights. The graph is
made of the same parts as the reader's, and comes out the same each time. It takes two texts as one row
without padding, and gives logits for `stance`, `relation` and `kind`, in the orders of `qa.comparison`, and
the log-odds `answers`.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from safetensors.numpy import load

from eval.export import (
    PUBLISHED_SHA256,
    SOURCE,
    Array,
    Graph,
    Weights,
    encoder,
    published_folder,
    read_paragraphs,
    write_files,
)
from eval.train.comparison import WEIGHTS_FILE
from eval.train.ship_entailment import pairs
from eval.train.shipping import logit, quantised
from index.models import Tokenizer
from qa.comparison import KINDS, RELATIONS, STANCES
from qa.span_model import WEIGHTS

MODEL_FILE = "comparison.int8.onnx"

# How wide each is.
_OUTPUTS = {"stance": len(STANCES), "relation": len(RELATIONS), "kind": len(KINDS), "answers": 1}

_DATA = (
    "stories of our own, SNLI (development part), counterfactually revised SNLI, TaxiNLI, ConjNLI, "
    "Breaking NLI, ScoNe, MED, VitaminC, and pairs made of SQuAD 1.1 (training part), SQuADShifts and TyDi QA"
)
_LICENCES = "Apache-2.0, CC BY-SA 4.0 and 3.0, CC BY 4.0, C-UDA 1.0, MIT, CC0"


def comparison_model(
    weights: Weights, config: Mapping[str, Any], smoothing: Mapping[str, Array] | None = None
) -> tuple[onnx.ModelProto, dict[str, str]]:
    """Tokens to the four outputs; and, in float32, an output for each linear layer's input.

    The names of `weights` are those of `eval.train.comparison_network.ComparisonNetwork`.
    """
    graph = Graph(smoothing)
    inner = {name.removeprefix("encoder."): value for name, value in weights.items()}
    states = encoder(graph, inner, config)
    first = graph.node("Gather", [states, graph.constant("first token", np.array(0, dtype=np.int64))], axis=1)
    outputs = {
        name: logit(graph, name, first, weights[f"{name}.weight"].T, weights[f"{name}.bias"])
        for name in _OUTPUTS
    }
    seen = graph.seen()
    shapes: dict[str, list[int | str]] = {name: ["rows", size] for name, size in _OUTPUTS.items()}
    return graph.model({**outputs, **seen}, shapes), seen


def ship(out: Path, folder: Path, paragraphs: list[str], encoder_folder: Path) -> None:
    """Writes model and manifest into `folder`; `paragraphs` show which channels are outliers."""
    trained = (out / WEIGHTS_FILE).read_bytes()
    training = json.loads((out / "training.json").read_text(encoding="utf-8"))
    config = json.loads((encoder_folder / "config.json").read_text(encoding="utf-8"))
    rows = Tokenizer("tokenizer.json").encode(
        pairs(paragraphs), max_tokens=training["recipe"]["max_tokens"], cut="longest_first"
    )
    content = quantised(comparison_model, load(trained), config, rows)
    write_files(folder, {MODEL_FILE: content}, _source(trained, training))


def _source(trained: bytes, training: Mapping[str, Any]) -> str:
    seed, tokens = training["recipe"]["seed"], training["progress"]["tokens"]
    return (
        f"{SOURCE}, model.safetensors {PUBLISHED_SHA256}, trained by eval/train/comparison.py (seed {seed}, "
        f"{tokens} tokens last; {WEIGHTS_FILE} {hashlib.sha256(trained).hexdigest()}), by "
        f"eval/train/ship_comparison.py; trained on {_DATA}, whose licences ({_LICENCES}) ask for "
        "attribution: COMPARISON_CARD.md"
    )


def main() -> None:
    """Reads the command line and ships."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, help="where the training wrote")
    parser.add_argument("folder", type=Path, nargs="?", default=WEIGHTS, help="where to write")
    parser.add_argument("--seeds", type=Path, default=Path("seeds"), help="articles that show the outliers")
    arguments = parser.parse_args()
    ship(arguments.out, arguments.folder, read_paragraphs(arguments.seeds), published_folder())
    print(f"{(arguments.folder / MODEL_FILE).stat().st_size:,} bytes written to {arguments.folder}")


if __name__ == "__main__":
    main()
