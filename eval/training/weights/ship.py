"""Ship a trained model: one int8 ONNX graph, and its entry in the manifest.

    python -m eval.training.weights.ship {reader,comparison} OUT [FOLDER] [--seeds seeds]

reads what `eval.training.reader` or `.comparison` wrote to OUT and writes into FOLDER, by default
qa/weights. A graph is made of the same parts as the embedder's in `eval.training.weights.export`, and comes
out the same each time. It takes two texts as one row without padding; the linear layers that make its
outputs stay in float32. The tokenizer is the embedder's.
"""

import argparse
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import onnx
from safetensors.numpy import load
from tokenizers import Encoding

from eval.training.weights.export import (
    PUBLISHED_SHA256,
    SOURCE,
    Array,
    Graph,
    Weights,
    encoder,
    measure_smoothing,
    published_folder,
    read_paragraphs,
    write_files,
)
from index.models import Tokenizer
from qa.comparison.model import KINDS, RELATIONS, STANCES
from qa.reader.span_model import WEIGHTS

_LARGEST_BYTES = 25_000_000  # in the repository
_QUESTION_WORDS = 10


class Build(Protocol):
    """Makes a model's graph of its weights: in float32, or with `smoothing` in int8.

    With it come, in float32, the names of the outputs that show what goes into each linear layer.
    """

    def __call__(
        self, weights: Weights, config: Mapping[str, Any], smoothing: Mapping[str, Array] | None = None
    ) -> tuple[onnx.ModelProto, dict[str, str]]:
        """The graph, and the names."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """A bundled model: its file, the weights that its training writes, and how one is made of the other.

    `rows` are pairs of texts, made of paragraphs, that show which channels are outliers; of a row that is
    too long `cut` says what is cut. `card`, `data` and `licences` are for the manifest.
    """

    file: str
    weights: str
    build: Build
    rows: Callable[[Sequence[str]], list[tuple[str, str]]]
    cut: Literal["only_second", "longest_first"]
    card: str
    data: str
    licences: str


def span_reader(
    weights: Weights, config: Mapping[str, Any], smoothing: Mapping[str, Array] | None = None
) -> tuple[onnx.ModelProto, dict[str, str]]:
    """Tokens to the logits `start`, `end`, `sentence` and `needed`, of shape (rows, tokens).

    The names of `weights` are those of `eval.training.models.reader_network.SpanNetwork`.
    """
    graph, states = _encode(weights, config, smoothing)
    heads = {"start": ("span", 0), "end": ("span", 1), "sentence": ("sentence", 0), "needed": ("needed", 0)}
    outputs = {
        name: _logit(graph, name, states, weights[f"{head}.weight"][place], weights[f"{head}.bias"][place])
        for name, (head, place) in heads.items()
    }
    return _model(graph, outputs, {name: ["rows", "tokens"] for name in heads})


def comparison_model(
    weights: Weights, config: Mapping[str, Any], smoothing: Mapping[str, Array] | None = None
) -> tuple[onnx.ModelProto, dict[str, str]]:
    """Tokens to logits for `stance`, `relation` and `kind`, in the orders of the product, and for `answers`.

    The names of `weights` are those of `eval.training.models.comparison_network.ComparisonNetwork`.
    """
    sizes = {"stance": len(STANCES), "relation": len(RELATIONS), "kind": len(KINDS), "answers": 1}
    graph, states = _encode(weights, config, smoothing)
    first = _first_token(graph, states)
    outputs = {
        name: _logit(graph, name, first, weights[f"{name}.weight"].T, weights[f"{name}.bias"])
        for name in sizes
    }
    return _model(graph, outputs, {name: ["rows", size] for name, size in sizes.items()})


def _encode(
    weights: Weights, config: Mapping[str, Any], smoothing: Mapping[str, Array] | None
) -> tuple[Graph, str]:
    graph = Graph(smoothing)
    inner = {name.removeprefix("encoder."): value for name, value in weights.items()}
    return graph, encoder(graph, inner, config)


def _first_token(graph: Graph, states: str) -> str:
    return graph.node("Gather", [states, graph.constant("first token", np.array(0, dtype=np.int64))], axis=1)


def _logit(graph: Graph, name: str, x: str, weight: Array, bias: Array) -> str:
    """One number, or for a `weight` of shape (in, out) several, for each vector of `x`, in float32."""
    product = graph.node("MatMul", [x, graph.constant(f"{name}.weight", weight)])
    return graph.node("Add", [product, graph.constant(f"{name}.bias", bias)])


def _model(
    graph: Graph, outputs: Mapping[str, str], shapes: Mapping[str, Sequence[int | str]]
) -> tuple[onnx.ModelProto, dict[str, str]]:
    seen = graph.watch_inputs()
    return graph.model({**outputs, **seen}, {name: list(shape) for name, shape in shapes.items()}), seen


def questions_and_passages(paragraphs: Sequence[str]) -> list[tuple[str, str]]:
    """Each paragraph with a question made of how it begins, and with one of how the one before begins."""
    asked = [f"What of {' '.join(one.split()[:_QUESTION_WORDS])}?" for one in paragraphs]
    return [
        *zip(asked, paragraphs, strict=True),
        *zip(asked, [*paragraphs[1:], *paragraphs[:1]], strict=True),
    ]


def paragraphs_and_sentences(paragraphs: Sequence[str]) -> list[tuple[str, str]]:
    """Each paragraph with its own first sentence, about, and with that of the one before."""
    firsts = [one.split(". ")[0] for one in paragraphs]
    return [
        *zip(paragraphs, firsts, strict=True),
        *zip([*paragraphs[1:], *paragraphs[:1]], firsts, strict=True),
    ]


MODELS: Mapping[str, Shipped] = {
    "reader": Shipped(
        file="reader.int8.onnx",
        weights="reader.safetensors",
        build=span_reader,
        rows=questions_and_passages,
        cut="only_second",
        card="MODEL_CARD.md",
        data="SQuAD 1.1 (training part), SQuADShifts, UnAnsQ (of SQuAD 2.0's training part), Natural "
        "Questions, TyDi QA, HotpotQA, BioASQ, QED, COVID-QA, PolicyQA, QAMR, CANARD, and stories of our own",
        licences="CC BY-SA 4.0 and 3.0, CC BY 4.0 and 2.5, MIT, Apache-2.0",
    ),
    "comparison": Shipped(
        file="comparison.int8.onnx",
        weights="comparison.safetensors",
        build=comparison_model,
        rows=paragraphs_and_sentences,
        cut="longest_first",
        card="COMPARISON_CARD.md",
        data="stories and contrast sets of our own, SNLI (development part), counterfactually revised SNLI, "
        "TaxiNLI, ConjNLI, Breaking NLI, ScoNe, MED, VitaminC, and pairs made of SQuAD 1.1 (training part), "
        "SQuADShifts and TyDi QA",
        licences="Apache-2.0, CC BY-SA 4.0 and 3.0, CC BY 4.0, C-UDA 1.0, MIT, CC0",
    ),
}


def ship(name: str, out: Path, folder: Path, paragraphs: Sequence[str], encoder_folder: Path) -> None:
    """Writes a model of `MODELS` and its entry in the manifest into `folder`."""
    model = MODELS[name]
    trained = (out / model.weights).read_bytes()
    training = json.loads((out / "training.json").read_text(encoding="utf-8"))
    config = json.loads((encoder_folder / "config.json").read_text(encoding="utf-8"))
    rows = Tokenizer("tokenizer.json").encode(
        model.rows(paragraphs), max_tokens=training["recipe"]["max_tokens"], cut=model.cut
    )
    content = quantise_model(model.build, load(trained), config, rows)
    source = (
        f"{SOURCE}, model.safetensors {PUBLISHED_SHA256}, trained by eval/training/{name}.py "
        f"(seed {training['recipe']['seed']}, {_tokens(training)} tokens; {model.weights} "
        f"{hashlib.sha256(trained).hexdigest()}), "
        f"by eval/training/weights/ship.py; trained on {model.data}, whose "
        f"licences ({model.licences}) ask for attribution: {model.card}"
    )
    write_files(folder, {model.file: content}, source)


def quantise_model(
    build: Build, weights: Weights, config: Mapping[str, Any], rows: Sequence[Encoding]
) -> bytes:
    """The model in int8, the same bytes each time; `rows` show which channels are outliers."""
    exact, seen = build(weights, config)
    model, _ = build(weights, config, measure_smoothing(exact, list(seen), rows))
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString(deterministic=True)
    if len(content) > _LARGEST_BYTES:
        raise SystemExit(f"The model has {len(content):,} bytes; {_LARGEST_BYTES:,} fit the repository.")
    return content


def _tokens(training: Mapping[str, Any]) -> int:
    """All that was trained on, in the trainings before this one too."""
    earlier = training.get("after")
    return int(training["progress"]["tokens"]) + (_tokens(earlier) if earlier else 0)


def main() -> None:
    """Reads the command line and ships."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", choices=MODELS, help="which one")
    parser.add_argument("out", type=Path, help="where the training wrote")
    parser.add_argument("folder", type=Path, nargs="?", default=WEIGHTS, help="where to write")
    parser.add_argument("--seeds", type=Path, default=Path("seeds"), help="articles that show the outliers")
    arguments = parser.parse_args()
    ship(
        arguments.model, arguments.out, arguments.folder, read_paragraphs(arguments.seeds), published_folder()
    )
    written = arguments.folder / MODELS[arguments.model].file
    print(f"{written.stat().st_size:,} bytes written to {arguments.folder}")


if __name__ == "__main__":
    main()
