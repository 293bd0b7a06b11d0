"""Ship the trained reader: one int8 ONNX graph, and the manifest that lists it.

    python -m eval.train.ship OUT [--folder qa/weights] [--seeds seeds]

reads what `eval.train.reader` wrote to OUT. The graph is made of the same parts as the embedder's in
`eval.export`, and comes out the same each time. It takes a question and a passage as one row without padding,
and gives the logits `start`, `end`, `sentence` and `needed` of shape (rows, tokens); the linear layers that
make them stay in float32. The tokenizer is the embedder's.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
from eval.train.shipping import logit, quantised
from index.models import Tokenizer

MODEL_FILE = "reader.int8.onnx"
WEIGHTS = Path(__file__).resolve().parents[2] / "qa" / "weights"

_QUESTION_WORDS = 10

_DATA = (
    "SQuAD 1.1 (training part), SQuADShifts, UnAnsQ (of SQuAD 2.0's training part), Natural Questions, "
    "TyDi QA, HotpotQA, BioASQ, QED, COVID-QA, PolicyQA, QAMR, CANARD, and stories of our own"
)
_LICENCES = "CC BY-SA 4.0 and 3.0, CC BY 4.0 and 2.5, MIT, Apache-2.0"


def span_reader(
    weights: Weights, config: Mapping[str, Any], smoothing: Mapping[str, Array] | None = None
) -> tuple[onnx.ModelProto, dict[str, str]]:
    """Tokens to the four logits; and, in float32, an output for each linear layer's input.

    The names of `weights` are those of `eval.train.network.SpanNetwork`.
    """
    graph = Graph(smoothing)
    inner = {name.removeprefix("encoder."): value for name, value in weights.items()}
    states = encoder(graph, inner, config)
    heads = {"start": ("span", 0), "end": ("span", 1), "sentence": ("sentence", 0), "needed": ("needed", 0)}
    outputs = {
        name: logit(graph, name, states, weights[f"{head}.weight"][place], weights[f"{head}.bias"][place])
        for name, (head, place) in heads.items()
    }
    seen = graph.seen()
    return graph.model({**outputs, **seen}, {name: ["rows", "tokens"] for name in heads}), seen


def pairs(paragraphs: Sequence[str]) -> list[tuple[str, str]]:
    """Each paragraph with a question made of how it begins, and with one of how the one before begins."""
    asked = [f"What of {' '.join(one.split()[:_QUESTION_WORDS])}?" for one in paragraphs]
    return [
        *zip(asked, paragraphs, strict=True),
        *zip(asked, [*paragraphs[1:], *paragraphs[:1]], strict=True),
    ]


def ship(out: Path, folder: Path, paragraphs: Sequence[str], encoder_folder: Path) -> None:
    """Writes model and manifest into `folder`; `paragraphs` show which channels are outliers."""
    trained = (out / "reader.safetensors").read_bytes()
    training = json.loads((out / "training.json").read_text(encoding="utf-8"))
    config = json.loads((encoder_folder / "config.json").read_text(encoding="utf-8"))
    rows = Tokenizer("tokenizer.json").encode(
        pairs(paragraphs), max_tokens=training["recipe"]["max_tokens"], cut="only_second"
    )
    content = quantised(span_reader, load(trained), config, rows)
    write_files(folder, {MODEL_FILE: content}, _source(trained, training))


def _source(trained: bytes, training: Mapping[str, Any]) -> str:
    seed, tokens = training["recipe"]["seed"], _tokens(training)
    return (
        f"{SOURCE}, model.safetensors {PUBLISHED_SHA256}, trained by eval/train/reader.py (seed {seed}, "
        f"{tokens} tokens; reader.safetensors {hashlib.sha256(trained).hexdigest()}), by eval/train/ship.py; "
        f"trained on {_DATA}, whose licences ({_LICENCES}) ask for attribution: MODEL_CARD.md"
    )


def _tokens(training: Mapping[str, Any]) -> int:
    """All that was trained on, in the trainings before this one too."""
    earlier = training.get("after")
    return int(training["progress"]["tokens"]) + (_tokens(earlier) if earlier else 0)


def main() -> None:
    """Reads the command line and ships."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, help="where the training wrote")
    parser.add_argument("--folder", type=Path, default=WEIGHTS, help="where to write")
    parser.add_argument("--seeds", type=Path, default=Path("seeds"), help="articles that show the outliers")
    arguments = parser.parse_args()
    ship(arguments.out, arguments.folder, read_paragraphs(arguments.seeds), published_folder())
    print(f"{(arguments.folder / MODEL_FILE).stat().st_size:,} bytes written to {arguments.folder}")


if __name__ == "__main__":
    main()
