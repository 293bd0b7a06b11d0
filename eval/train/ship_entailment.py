"""Ship the trained entailment model: one int8 ONNX graph, and its entry in the manifest.

    python -m eval.train.ship_entailment OUT [FOLDER] [--seeds seeds]

reads what `eval.train.entailment` wrote to OUT and writes into FOLDER, by default qa/weights. The graph is
made of the same parts as the reader's, and comes out the same each time. It takes a premise and a hypothesis
as one row without padding, and gives three `logits`, in the order of `eval.train.pair.LABELS`; the linear
layer that makes them stays in float32. `eval.train.entailment_parity` compares it with what was trained.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
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
from eval.train.entailment import WEIGHTS_FILE
from eval.train.shipping import logit, quantised
from index.models import Tokenizer
from qa.span_model import WEIGHTS

MODEL_FILE = "entailment.int8.onnx"

_DATA = (
    "SNLI (development part), counterfactually revised SNLI, TaxiNLI, ConjNLI, Breaking NLI, ScoNe, MED, "
    "VitaminC, and pairs made of SQuAD 1.1 (training part), SQuADShifts and TyDi QA"
)
_LICENCES = "CC BY-SA 4.0 and 3.0, CC BY 4.0, C-UDA 1.0, MIT, Apache-2.0, CC0"


def entailment_model(
    weights: Weights, config: Mapping[str, Any], smoothing: Mapping[str, Array] | None = None
) -> tuple[onnx.ModelProto, dict[str, str]]:
    """Tokens to the logits; and, in float32, an output for each linear layer's input.

    The names of `weights` are those of `eval.train.pair_network.PairNetwork`.
    """
    graph = Graph(smoothing)
    inner = {name.removeprefix("encoder."): value for name, value in weights.items()}
    states = encoder(graph, inner, config)
    first = graph.node("Gather", [states, graph.constant("first token", np.array(0, dtype=np.int64))], axis=1)
    logits = logit(graph, "label", first, weights["label.weight"].T, weights["label.bias"])
    seen = graph.seen()
    return graph.model({"logits": logits, **seen}, {"logits": ["rows", 3]}), seen


def pairs(paragraphs: Sequence[str]) -> list[tuple[str, str]]:
    """Each paragraph with its own first sentence, about, and with that of the one before."""
    firsts = [one.split(". ")[0] for one in paragraphs]
    return [
        *zip(paragraphs, firsts, strict=True),
        *zip([*paragraphs[1:], *paragraphs[:1]], firsts, strict=True),
    ]


def ship(out: Path, folder: Path, paragraphs: Sequence[str], encoder_folder: Path) -> None:
    """Writes model and manifest into `folder`; `paragraphs` show which channels are outliers."""
    trained = (out / WEIGHTS_FILE).read_bytes()
    training = json.loads((out / "training.json").read_text(encoding="utf-8"))
    config = json.loads((encoder_folder / "config.json").read_text(encoding="utf-8"))
    rows = Tokenizer("tokenizer.json").encode(
        pairs(paragraphs), max_tokens=training["recipe"]["max_tokens"], cut="longest_first"
    )
    content = quantised(entailment_model, load(trained), config, rows)
    write_files(folder, {MODEL_FILE: content}, _source(trained, training))


def _source(trained: bytes, training: Mapping[str, Any]) -> str:
    seed, tokens = training["recipe"]["seed"], training["progress"]["tokens"]
    return (
        f"{SOURCE}, model.safetensors {PUBLISHED_SHA256}, trained by eval/train/entailment.py (seed {seed}, "
        f"{tokens} tokens; {WEIGHTS_FILE} {hashlib.sha256(trained).hexdigest()}), by "
        f"eval/train/ship_entailment.py; trained on {_DATA}, whose licences ({_LICENCES}) ask for "
        "attribution: ENTAILMENT_CARD.md"
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
