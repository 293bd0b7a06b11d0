"""Make weights to train further of a model that was shipped in int8.

    python -m eval.training.weights.restore MODEL OUT [--round 6]

writes the weights in the ONNX file MODEL, of the reader, the comparison model or the judge, to the folder
OUT as the trainings write theirs, so that `eval.training.average` and the trainings' `--after` and
`--encoder` can begin from them; `--round` says how many rounds of the sets the model has taken. The word
embeddings, which no training changes, are the published ones; each other weight lies within half a step of
what was trained, where a step is a 64th of its row's largest weight, outlying channels scaled up as
shipped.
"""

import argparse
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from safetensors.numpy import load_file, save_file

from eval.training.loop import Recipe
from eval.training.weights.export import published_folder
from eval.training.weights.judge_export import FIRST_POSITION, JUDGE_HEADS, relative_buckets
from qa.comparison.judge import JUDGE_FILE

_WORDS = "embeddings.word_embeddings.weight"
_JUDGE_NAMES = re.compile(r"attention\.(?:(out)\.dense|self\.(query|key|value))")
_TOGETHER = ".attention.self"  # query, key and value are one linear layer in what is shipped
_HEADS = {
    "span": ("start", "end"),
    **{name: (name,) for name in ("sentence", "needed", "stance", "relation", "kind", "answers")},
}

Array = NDArray[Any]


def restore(model: onnx.ModelProto, published: Mapping[str, Array]) -> dict[str, NDArray[np.float32]]:
    """The weights by their names in our networks; `published` gives the word embeddings."""
    constants = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    weights: dict[str, Array] = {_WORDS: published[_WORDS]}
    weights["embeddings.position_embeddings.weight"] = constants["positions"]
    weights["embeddings.token_type_embeddings.weight"] = constants["types"]
    for name, value in constants.items():
        layer, _, part = name.rpartition(".")
        if f"{layer}.scales" in constants and part == "weight":
            weights.update(_linear(layer, constants))
        elif layer.endswith("LayerNorm"):
            weights[name] = value
    named = {f"encoder.{name}": value for name, value in weights.items()}
    for head, outputs in _HEADS.items():
        if f"{outputs[0]}.weight" in constants:
            named |= _head(head, [(constants[f"{one}.weight"], constants[f"{one}.bias"]) for one in outputs])
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in named.items()}


def restore_judge(model: onnx.ModelProto) -> dict[str, NDArray[np.float32]]:
    """All but the word embeddings, by their names in `eval.training.models.judge_network`; for `--start`."""
    constants = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    positions = constants["positions"]
    unread = np.zeros((FIRST_POSITION, positions.shape[1]), np.float32)
    weights: dict[str, Array] = {
        "encoder.rel.weight": _relative_weights(constants["relative bias"]),
        "encoder.emb.position_embeddings.weight": np.concatenate([unread, positions]),
    }
    for name, value in constants.items():
        layer, _, part = name.rpartition(".")
        if not layer.startswith(("layers.", "emb.")):
            continue
        if layer.endswith("LayerNorm"):
            weights[f"encoder.{name}"] = value
        elif part == "weight":
            for inner, matrix in _linear(layer, constants).items():
                weights[f"encoder.{_JUDGE_NAMES.sub(_judge_name, inner)}"] = matrix
    for head in JUDGE_HEADS:
        weights |= _head(head, [(constants[f"{head}.weight"], constants[f"{head}.bias"])])
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in weights.items()}


def _relative_weights(laid_out: Array) -> Array:
    """One number for each bucket and head, from what is added to the scores, (1, heads, tokens, tokens)."""
    places = np.arange(laid_out.shape[-1])
    buckets = relative_buckets(places[:, None] - places[None, :])
    weights = np.zeros((buckets.max() + 1, laid_out.shape[1]))
    for number in np.unique(buckets):  # one bucket, of no distance that is later, is never met
        one, other = np.argwhere(buckets == number)[0]
        weights[number] = laid_out[0, :, one, other]
    return weights


def _judge_name(found: re.Match[str]) -> str:
    return f"attention.attn.{'o' if found[1] == 'out' else found[2][0]}"


def _linear(layer: str, constants: Mapping[str, Array]) -> dict[str, Array]:
    """Weight and bias of a linear layer, its outlying channels made large again."""
    weight = constants[f"{layer}.weight"].T * constants[f"{layer}.scales"][:, None]
    smoothing = constants.get(f"{layer}.smoothing")
    weight = weight if smoothing is None else weight * smoothing
    bias = constants[f"{layer}.bias"]
    if not layer.endswith(_TOGETHER):
        return {f"{layer}.dense.weight": weight, f"{layer}.dense.bias": bias}
    names = ("query", "key", "value")
    parts = zip(names, np.split(weight, 3), np.split(bias, 3), strict=True)
    return {
        f"{layer}.{name}.{part}": value
        for name, matrix, vector in parts
        for part, value in (("weight", matrix), ("bias", vector))
    }


def _head(name: str, outputs: list[tuple[Array, Array]]) -> dict[str, Array]:
    """The linear layer in float32 that gives these outputs, each of shape (in,) or (in, out)."""
    columns = [weight.reshape(len(weight), -1) for weight, _ in outputs]
    return {
        f"{name}.weight": np.concatenate(columns, axis=1).T,
        f"{name}.bias": np.concatenate([np.atleast_1d(bias) for _, bias in outputs]),
    }


def write(model: Path, out: Path, rounds: int) -> None:
    """As the command line above."""
    content = model.read_bytes()
    graph = onnx.load_from_string(content)
    if model.name == JUDGE_FILE:
        weights = restore_judge(graph)
    else:
        weights = restore(graph, load_file(published_folder() / "model.safetensors"))
    out.mkdir(parents=True, exist_ok=True)
    name = model.name.split(".")[0]
    save_file(weights, out / f"{name}.safetensors")
    taken = re.search(r"(\d+) tokens", _source(model))
    progress = {"round": rounds - 1, "batch": 0, "step": 0, "tokens": int(taken[1]) if taken else 0}
    digest = hashlib.sha256(content).hexdigest()
    told = {"recipe": asdict(Recipe()), "progress": progress, "restored": digest}
    (out / "training.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _source(model: Path) -> str:
    """What the manifest beside the model says of how it was made; nothing where there is none."""
    manifest = model.parent / "manifest.json"
    files = json.loads(manifest.read_text(encoding="utf-8"))["files"] if manifest.exists() else []
    return next((str(one["source"]) for one in files if one["file"] == model.name), "")


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path, help="the shipped model, NAME.int8.onnx")
    parser.add_argument("out", type=Path, help="the folder to write to")
    parser.add_argument("--round", type=int, default=0, help="rounds of the sets that it has taken")
    arguments = parser.parse_args()
    write(arguments.model, arguments.out, arguments.round)


if __name__ == "__main__":
    main()
