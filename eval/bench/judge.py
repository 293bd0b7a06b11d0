"""The judge's tokens a second beside the same network exported plainly; `python -m eval.bench.judge`.

Three graphs read the same rows, excerpts of sealed stories with their questions, one after another on one
thread, in turns, so that what else the machine does meets all alike: ours; MPNet-base as PyTorch's exporter
writes it, with ONNX Runtime's dynamic quantisation and all its graph optimisations; and that in float32. The
two are of the published shape with made weights, as speed does not ask what they hold; both also read word
vectors, so that all three do the same work. Then one large product in int8, as the graphs multiply: how many
multiply-adds a second the machine can do, and what share of them the judge's linear layers reach.

Prints one JSON object: of each graph the median over the rounds in tokens a second, and ours in ratio.
"""

import argparse
import io
import json
import platform
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from operator import truediv
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from eval.gold.sets import STORIES
from eval.stories import read_stories
from index.models import Tokenizer, onnx_runtime
from qa.comparison.excerpt import EXCERPT_TOKENS
from qa.comparison.judge import JUDGE_FILE
from qa.reader.span_model import WEIGHTS

HIDDEN, LAYERS, HEADS, INNER = 768, 12, 12, 3072
# Multiply-adds of the linear layers a token: four square products of attention, two of the wider layer.
PER_TOKEN = LAYERS * (4 * HIDDEN * HIDDEN + 2 * HIDDEN * INNER)
_LARGE = (1024, 3072, 3072)


def plain_graph() -> bytes:
    """MPNet-base of made weights in float32, `words` to hidden states, as PyTorch's exporter writes it."""
    import torch
    from transformers import MPNetConfig, MPNetModel

    torch.manual_seed(0)
    shape = MPNetConfig(
        vocab_size=8,
        hidden_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=INNER,
    )
    network: Any = MPNetModel(shape, add_pooling_layer=False)
    network.eval()

    class OfWords(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, words: torch.Tensor) -> torch.Tensor:
            hidden: torch.Tensor = self.network(inputs_embeds=words).last_hidden_state
            return hidden

    written = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's, of its own age
        torch.onnx.export(
            OfWords(),
            (torch.zeros(1, 16, HIDDEN),),
            written,  # type: ignore[arg-type]
            input_names=["words"],
            output_names=["hidden"],
            dynamic_axes={"words": {1: "tokens"}, "hidden": {1: "tokens"}},
            dynamo=False,
        )
    return written.getvalue()


def quantise(content: bytes) -> bytes:
    """The same with ONNX Runtime's dynamic quantisation, as its guide says."""
    onnx_runtime()
    from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]

    with tempfile.TemporaryDirectory() as folder:
        plain, quantised = Path(folder) / "plain.onnx", Path(folder) / "int8.onnx"
        plain.write_bytes(content)
        quantize_dynamic(plain, quantised, weight_type=QuantType.QInt8)
        return quantised.read_bytes()


def _session(content: bytes, *, optimised: bool) -> Any:
    ort = onnx_runtime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    levels = ort.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if optimised else levels.ORT_ENABLE_BASIC
    return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def large_product() -> Callable[[], int]:
    """Multiplies one large matrix in int8 by another; the call returns how many multiply-adds that were."""
    rows, inside, columns = _LARGE
    rng = np.random.default_rng(0)
    steps = numpy_helper.from_array(rng.integers(-64, 65, (inside, columns), dtype=np.int8), "steps")
    scales = numpy_helper.from_array(np.full(columns, 0.01, dtype=np.float32), "scales")
    zero = numpy_helper.from_array(np.zeros(columns, dtype=np.int8), "zero")
    node = helper.make_node(
        "DynamicQuantizeMatMul", ["x", "steps", "scales", "zero"], ["y"], domain="com.microsoft"
    )
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows, inside])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [rows, columns])],
        [steps, scales, zero],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    onnx.checker.check_model(model)
    session = _session(model.SerializeToString(), optimised=False)
    x = rng.standard_normal((rows, inside), dtype=np.float32)

    def multiply() -> int:
        session.run(None, {"x": x})
        return rows * inside * columns

    return multiply


def lengths(most: int) -> list[int]:
    """Tokens of each row: accounts of sealed stories with a question of theirs, as the judge cuts them."""
    stories = read_stories(STORIES["sealed"].file)
    pairs = [(account.text, story.questions[0].question) for story in stories for account in story.accounts]
    step = max(1, len(pairs) // most)
    rows = Tokenizer("tokenizer.json").encode(
        pairs[::step][:most], max_tokens=EXCERPT_TOKENS, cut="only_first"
    )
    return [len(row) for row in rows]


def measure(told: Sequence[int], rounds: int) -> dict[str, Any]:
    """Tokens a second of each graph, and the share of the machine's int8 that ours reaches."""
    plain = plain_graph()
    sessions = {
        "ours": _session((WEIGHTS / JUDGE_FILE).read_bytes(), optimised=False),
        "plain int8": _session(quantise(plain), optimised=True),
        "plain float32": _session(plain, optimised=True),
    }
    rng = np.random.default_rng(0)
    rows = [rng.standard_normal((1, tokens, HIDDEN), dtype=np.float32) for tokens in told]
    multiply = large_product()
    rates: dict[str, list[float]] = {name: [] for name in sessions}
    peaks: list[float] = []
    for number in range(rounds + 1):
        for name, session in sessions.items():
            started = time.perf_counter()
            for row in rows:
                session.run(None, {"words": row})
            taken = time.perf_counter() - started
            if number:  # the first warms
                rates[name].append(sum(told) / taken)
        started = time.perf_counter()
        done = multiply()
        if number:
            peaks.append(done / (time.perf_counter() - started))
    ours, peak = statistics.median(rates["ours"]), statistics.median(peaks)
    return {
        "processor": platform.processor() or platform.machine(),
        "rows": len(told),
        "tokens": sum(told),
        "tokens a second": {name: round(statistics.median(each)) for name, each in rates.items()},
        "ours in ratio": {
            name: round(statistics.median(map(truediv, rates["ours"], each)), 2)
            for name, each in rates.items()
            if name != "ours"
        },
        "int8 multiply-adds a second of a large product": f"{peak:.3g}",
        "share of these in the judge's linear layers": round(ours * PER_TOKEN / peak, 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The judge beside plain dynamic quantisation")
    parser.add_argument("--rows", type=int, default=24, help="how many rows are read a round")
    parser.add_argument("--rounds", type=int, default=7, help="how often each graph reads them")
    given = parser.parse_args()
    print(json.dumps(measure(lengths(given.rows), given.rounds), indent=2))


if __name__ == "__main__":
    main()
