"""What the shipping of the trained models has in common: outputs in float32, all else in int8."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import onnx
from tokenizers import Encoding

from eval.export import Array, Graph, Weights, measure_smoothing

_LARGEST_BYTES = 25_000_000  # in the repository


class Build(Protocol):
    """Makes a model's graph of its weights: in float32, or with `smoothing` in int8.

    With it come, in float32, the names of the outputs that show what goes into each linear layer.
    """

    def __call__(
        self, weights: Weights, config: Mapping[str, Any], smoothing: Mapping[str, Array] | None = None
    ) -> tuple[onnx.ModelProto, dict[str, str]]:
        """The graph, and the names."""


def logit(graph: Graph, name: str, x: str, weight: Array, bias: Array) -> str:
    """One number, or for a `weight` of shape (in, out) several, for each vector of `x`, in float32."""
    product = graph.node("MatMul", [x, graph.constant(f"{name}.weight", weight)])
    return graph.node("Add", [product, graph.constant(f"{name}.bias", bias)])


def quantised(build: Build, weights: Weights, config: Mapping[str, Any], rows: Sequence[Encoding]) -> bytes:
    """The model in int8, the same bytes each time; `rows` show which channels are outliers."""
    exact, seen = build(weights, config)
    model, _ = build(weights, config, measure_smoothing(exact, list(seen), rows))
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString(deterministic=True)
    if len(content) > _LARGEST_BYTES:
        raise SystemExit(f"The model has {len(content):,} bytes; {_LARGEST_BYTES:,} fit the repository.")
    return content
