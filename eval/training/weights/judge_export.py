"""Ship the trained judge: two ONNX graphs in int8, word embeddings and encoder, each under 100 MB.

    python -m eval.training.weights.judge_export OUT [FOLDER] --encoder DIR [--stories FILE]

reads what `eval.training.judge` wrote to OUT and writes into FOLDER, by default qa/weights. The graphs are
made of the operators that `eval.training.weights.export` describes and come out the same each time: fused
attention with MPNet's relative bias, which is laid out once a run for all layers; linear layers in int8,
those of the outputs in float32. The first graph takes the bundled tokenizer's ids: the rows of its table
are in that order. The accounts of the stories in FILE, else the example articles, show which channels are
outliers.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper
from safetensors.numpy import load

from eval.training.data.questions import read_stories
from eval.training.weights.export import (
    Array,
    Graph,
    Weights,
    outlier_divisors,
    quantise_rows,
    read_paragraphs,
    write_files,
)
from eval.training.weights.mpnet import SHA256
from index.models import Tokenizer, onnx_runtime
from qa.comparison.excerpt import EXCERPT_TOKENS
from qa.comparison.judge import JUDGE_FILE, WORDS_FILE
from qa.reader.span_model import WEIGHTS

SOURCE = "sentence-transformers/all-mpnet-base-v2"
CARD = "JUDGE_CARD.md"
DATA = (
    "stories, contrast sets and rival statements of our own, SQuAD 1.1 (training part), UnAnsQ (of SQuAD "
    "2.0's training part), SQuADShifts, Natural Questions, TyDi QA, HotpotQA, BioASQ, QED, FairytaleQA, "
    "QAMR, BoolQ_3L, PubMedQA, QACC, SNLI (development part), counterfactually revised SNLI, TaxiNLI, "
    "ConjNLI, Breaking NLI, ScoNe, MED and VitaminC"
)
LICENCES = "Apache-2.0, CC BY-SA 4.0 and 3.0, CC BY 4.0 and 2.5, C-UDA 1.0, MIT, CC0"

_LARGEST_BYTES = 100_000_000
_VOCABULARY = 30_522
_SHIFTED = {101: 0, 102: 2, 100: 104}  # BERT's [CLS], [SEP], [UNK] in MPNet
FIRST_POSITION = 2  # the embeddings before it are of no token
_BUCKETS, _FARTHEST = 32, 128
_ROWS = 160  # that show the outliers

JUDGE_HEADS = ("stance", "relation", "kind", "answers", "sentence", "span")


def words_model(weights: Weights) -> onnx.ModelProto:
    """`input_ids`, BERT's, to `words`, (rows, tokens, hidden)."""
    table = weights["encoder.emb.word_embeddings.weight"]
    order = np.arange(_VOCABULARY) + 4
    for bert, mpnet in _SHIFTED.items():
        order[bert] = mpnet
    steps, scales = quantise_rows(table[order], 127)
    graph = Graph()
    words = graph.node("Gather", [graph.constant("table", steps), "input_ids"])
    scale = graph.node("Gather", [graph.constant("table.scales", scales[:, None]), "input_ids"])
    made = graph.node("Mul", [graph.node("Cast", [words], to=TensorProto.FLOAT), scale])
    return graph.model({"words": made}, {"words": ["rows", "tokens", table.shape[1]]}, inputs=("input_ids",))


def judge_model(
    weights: Weights, config: Mapping[str, Any], smoothing: Mapping[str, Array] | None = None
) -> tuple[onnx.ModelProto, dict[str, str]]:
    """`words` to the outputs of the `JudgeNetwork`; in float32 what is seen too.

    `stance`, `relation`, `kind` and `answers` are of shape (rows, outputs), `sentence` and `span`
    (rows, tokens, outputs).
    """
    graph = Graph(smoothing)
    inner = {name.removeprefix("encoder."): value for name, value in weights.items()}
    epsilon = config["layer_norm_eps"]
    heads = config["num_attention_heads"]
    tokens = graph.node("Shape", ["words"], start=1, end=2)
    zero = graph.constant("zero", np.zeros(1, dtype=np.int64))
    positions = graph.constant("positions", inner["emb.position_embeddings.weight"][FIRST_POSITION:])
    x = graph.node("Add", ["words", graph.node("Slice", [positions, zero, tokens, zero])])
    x = graph.normalise("emb.LayerNorm", x, inner, epsilon)
    bias = _relative_bias(graph, inner["rel.weight"], tokens)
    for number in range(config["num_hidden_layers"]):
        x = _layer(graph, f"layers.{number}", x, bias, weights=inner, epsilon=epsilon, heads=heads)
    first = graph.node("Gather", [x, graph.constant("first token", np.array(0, dtype=np.int64))], axis=1)
    outputs: dict[str, str] = {}
    shapes: dict[str, Sequence[int | str]] = {}
    for name in JUDGE_HEADS:
        weight, each = inner[f"{name}.weight"], name in ("sentence", "span")
        product = graph.node("MatMul", [x if each else first, graph.constant(f"{name}.weight", weight.T)])
        outputs[name] = graph.node("Add", [product, graph.constant(f"{name}.bias", inner[f"{name}.bias"])])
        shapes[name] = ["rows", "tokens", len(weight)] if each else ["rows", len(weight)]
    seen = graph.watch_inputs()
    hidden = config["hidden_size"]
    words = helper.make_tensor_value_info("words", TensorProto.FLOAT, ["rows", "tokens", hidden])
    return graph.model({**outputs, **seen}, shapes, inputs=(words,)), seen


def relative_buckets(distances: Array) -> Array:
    """The bucket of each distance, the query's place less the key's. Source: Raffel et al. 2020, 2.1."""
    half = _BUCKETS // 2
    buckets = np.where(distances < 0, half, 0)
    size = np.abs(distances)
    exact = half // 2
    growth = np.log(np.maximum(size, 1).astype(np.float32) / exact) / np.float32(np.log(_FARTHEST / exact))
    far = exact + (growth * (half - exact)).astype(np.int64)
    return buckets + np.where(size < exact, size, np.minimum(far, half - 1))


def _relative_bias(graph: Graph, table: Array, tokens: str) -> str:
    """What is added to the scores of attention, (1, heads, tokens, tokens), the same in all layers."""
    places = np.arange(EXCERPT_TOKENS)
    laid_out = (
        table[relative_buckets(places[:, None] - places[None, :])].transpose(2, 0, 1)[None].astype(np.float32)
    )
    two = graph.node("Concat", [tokens, tokens], axis=0)
    begins = graph.constant("begins", np.zeros(2, dtype=np.int64))
    axes = graph.constant("axes", np.array([2, 3], dtype=np.int64))
    return graph.node("Slice", [graph.constant("relative bias", laid_out), begins, two, axes])


def _layer(
    graph: Graph, name: str, x: str, bias: str, *, weights: Weights, epsilon: float, heads: int
) -> str:
    own = f"{name}.attention.attn"
    together = graph.linear(
        f"{name}.attention.self",
        x,
        np.concatenate([weights[f"{own}.{part}.weight"] for part in "qkv"]),
        np.concatenate([weights[f"{own}.{part}.bias"] for part in "qkv"]),
    )
    parts = graph.nodes("Split", [together], 3, axis=-1, num_outputs=3)
    mixed = graph.node("MultiHeadAttention", [*parts, "", "", bias], num_heads=heads)
    out = graph.linear(f"{name}.attention.out", mixed, weights[f"{own}.o.weight"], weights[f"{own}.o.bias"])
    x = graph.normalise(f"{name}.attention.LayerNorm", graph.node("Add", [out, x]), weights, epsilon)

    def dense(part: str, inputs: str) -> str:
        weight, shift = weights[f"{name}.{part}.dense.weight"], weights[f"{name}.{part}.dense.bias"]
        return graph.linear(f"{name}.{part}", inputs, weight, shift)

    inner = graph.node("Gelu", [dense("intermediate", x)])
    return graph.normalise(
        f"{name}.output.LayerNorm", graph.node("Add", [dense("output", inner), x]), weights, epsilon
    )


def measure_smoothing(
    words: onnx.ModelProto, exact: onnx.ModelProto, seen: Sequence[str], rows: Sequence[Any]
) -> dict[str, Array]:
    """For each linear layer the divisors of its input's channels, as `.export` takes them."""
    ort = onnx_runtime()
    table, encoder = (
        ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        for model in (words, exact)
    )
    largest: dict[str, Array] = {}
    for row in rows:
        (told,) = table.run(None, {"input_ids": np.array([row.ids], dtype=np.int64)})
        for name, output in zip(seen, encoder.run(list(seen), {"words": told}), strict=True):
            peaks = np.abs(output[0]).max(axis=0)
            largest[name] = np.maximum(largest.get(name, 0), peaks)
    return {name.removesuffix(".input"): outlier_divisors(peaks) for name, peaks in largest.items()}


def shown_rows(paragraphs: Sequence[str]) -> list[tuple[str, str]]:
    """Paragraphs with a question made of how they begin, with that of another, and with another paragraph."""
    some = list(paragraphs)[: _ROWS // 2]
    asked = [f"What of {' '.join(one.split()[:10])}?" for one in some]
    return [*zip(some, asked, strict=True), *zip(some, [*asked[1:], *asked[:1]], strict=True)]


def ship(out: Path, folder: Path, encoder: Path, paragraphs: Sequence[str]) -> None:
    """Writes both graphs and their entries in the manifest into `folder`."""
    trained = (out / "judge.safetensors").read_bytes()
    training = json.loads((out / "training.json").read_text(encoding="utf-8"))
    config = json.loads((encoder / "config.json").read_text(encoding="utf-8"))
    weights = load(trained)
    rows = Tokenizer("tokenizer.json").encode(
        shown_rows(paragraphs), max_tokens=EXCERPT_TOKENS, cut="longest_first"
    )
    words = words_model(weights)
    exact, seen = judge_model(weights, config)
    model, _ = judge_model(weights, config, measure_smoothing(words, exact, list(seen), rows))
    files = {
        name: made.SerializeToString(deterministic=True)
        for name, made in ((WORDS_FILE, words), (JUDGE_FILE, model))
    }
    for name, content in files.items():
        if len(content) > _LARGEST_BYTES:
            raise SystemExit(f"{name} has {len(content):,} bytes; {_LARGEST_BYTES:,} fit the repository.")
    source = (
        f"{SOURCE}, model.safetensors {SHA256}, trained by eval/training/judge.py "
        f"(seed {training['recipe']['seed']}, {training['progress']['tokens']} tokens; judge.safetensors "
        f"{hashlib.sha256(trained).hexdigest()}), "
        f"by eval/training/weights/judge_export.py; trained on {DATA}, whose "
        f"licences ({LICENCES}) ask for attribution: {CARD}"
    )
    write_files(folder, files, source)


def main() -> None:
    """Reads the command line and ships."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, help="where the training wrote")
    parser.add_argument("folder", type=Path, nargs="?", default=WEIGHTS, help="where to write")
    parser.add_argument("--encoder", type=Path, required=True, help="folder of MPNet-base as published")
    parser.add_argument("--stories", type=Path, help="stories, one a line, that show the outliers")
    given = parser.parse_args()
    told = read_stories(given.stories) if given.stories else []
    paragraphs = [one["text"] for story in told for one in story["accounts"][:1]]
    ship(given.out, given.folder, given.encoder, paragraphs or read_paragraphs(Path("seeds")))
    for name in (WORDS_FILE, JUDGE_FILE):
        print(f"{name}: {(given.folder / name).stat().st_size:,} bytes written to {given.folder}")


if __name__ == "__main__":
    main()
