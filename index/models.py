"""The bundled models: files checked against their manifest, texts to tokens, tokens through ONNX Runtime.

Each row of tokens runs through a model by itself, several rows at a time on several threads. Dynamic
quantisation takes the scale of the activations from all that a run holds, so a text that shared a run with
others would come out differently beside other neighbours; alone it always comes out the same, bit for bit.
It is also the faster way. Source: own measurement, an earlier form of the graph that took a mask for
padding, passages of 170 tokens on two cores: 86 a second one by one on two threads, 73 in padded batches of
8, 71 in batches of 32; and in batches of 32 a vector moved to a cosine of 0.989 with what it was alone.

For that reason what came of a row can be remembered, and is the same as if it ran again: see `RowMemory`.

A model that a user brings is called by what it holds: see `identity`.
"""

import hashlib
import json
import os
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, Literal
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding
from tokenizers import Tokenizer as WordPieces

from index.errors import ModelError

WEIGHTS = Path(__file__).resolve().parent / "weights"

# What a model remembers of rows at most, where it is to remember any. Source: own measurement, a row of the
# judge of 150 word pieces takes 3 kB, so that some 300 questions fit.
REMEMBERED_BYTES = 8_000_000
# Of one run so many rows for each thread run or wait to run: enough that no thread is ever without one.
_WAITING = 2
# A row's entry and each of its arrays take so much beside the numbers.
_ENTRY_BYTES, _ARRAY_BYTES = 400, 128

_REINSTALL = "reinstall Whosays, or in a checkout restore the file with git"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What the manifest says of one file; `licence` is an SPDX name, `source` says what it was made from."""

    file: str
    bytes: int
    sha256: str
    licence: str
    source: str


def read_manifest(folder: Path = WEIGHTS) -> dict[str, ModelFile]:
    """The files that `folder`'s manifest.json lists, by name. Raises ModelError when it cannot be read."""
    path = folder / "manifest.json"
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {entry["file"]: ModelFile(**entry) for entry in entries}
    except FileNotFoundError as error:
        raise ModelError(f"The list of bundled models, {path}, is missing: {_REINSTALL}.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"The list of bundled models, {path}, is damaged ({error}): {_REINSTALL}."
        ) from error


def read_model_file(name: str, folder: Path = WEIGHTS) -> bytes:
    """The bytes of a bundled file, after checking their number and SHA-256. Raises ModelError.

    The check is made on every load: 14 ms for 23 MB (own measurement), of a start that takes 400.
    """
    path = folder / name
    expected = read_manifest(folder).get(name)
    if expected is None:
        raise ModelError(f"The bundled models in {folder} do not include {name}: {_REINSTALL}.")
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(f"The model file {path} is missing: {_REINSTALL}.") from error
    except OSError as error:
        raise ModelError(f"The model file {path} cannot be read ({error}): check its permissions.") from error
    if len(content) != expected.bytes:
        raise ModelError(
            f"The model file {path} has {len(content):,} bytes instead of {expected.bytes:,}: {_REINSTALL}."
        )
    digest = hashlib.sha256(content).hexdigest()
    if digest != expected.sha256:
        raise ModelError(
            f"The model file {path} is damaged: its SHA-256 begins {digest[:12]} instead of "
            f"{expected.sha256[:12]}: {_REINSTALL}."
        )
    return content


def checksums(*folders: Path) -> dict[str, str]:
    """SHA-256 by "package/file", as the manifests of `folders` list them; by default of our own."""
    return {
        f"{folder.parent.name}/{name}": entry.sha256
        for folder in folders or (WEIGHTS,)
        for name, entry in read_manifest(folder).items()
    }


class Tokenizer:
    """A bundled word-piece tokenizer; where a row is cut is said in each call."""

    def __init__(self, name: str, folder: Path = WEIGHTS) -> None:
        self._pieces = WordPieces.from_buffer(read_model_file(name, folder))
        self._lock = Lock()  # the cut is a state of the tokenizer, and the app asks from several threads

    def encode(
        self,
        rows: Sequence[str | tuple[str, str]],
        *,
        max_tokens: int,
        cut: Literal["longest_first", "only_first", "only_second"] = "longest_first",
        stride: int = 0,
    ) -> list[Encoding]:
        """One encoding per text or pair of texts, special tokens included, at most `max_tokens` each.

        `cut` says which text of a pair gives way. What was cut stands in the encoding's `overflowing`, as
        further rows that repeat `stride` tokens. `offsets` are in characters of the text that `sequence_ids`
        name.
        """
        with self._lock:
            self._pieces.enable_truncation(max_tokens, stride=stride, strategy=cut)
            return self._pieces.encode_batch(list(rows))

    def vocabulary(self) -> Mapping[str, int]:
        """Token to id, special tokens included."""
        return self._pieces.get_vocab(with_added_tokens=True)


Outputs = tuple[NDArray[np.float32], ...]
_MEMORIES: "WeakSet[RowMemory]" = WeakSet()


class RowMemory:
    """What a model made of the rows that it met last, by the SHA-256 of their tokens; no text is kept.

    At most `most_bytes`; what was asked for longest ago goes first. Threads may share it.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held: OrderedDict[bytes, Outputs] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        _MEMORIES.add(self)

    def recall(self, keys: Sequence[bytes]) -> dict[bytes, Outputs]:
        """What is known of these rows."""
        with self._lock:
            known = {key: self._held[key] for key in keys if key in self._held}
            for key in known:
                self._held.move_to_end(key)
            return known

    def keep(self, made: Mapping[bytes, Outputs]) -> None:
        """Remember what was made of rows, and forget what is too much."""
        if not self._most:
            return
        with self._lock:
            for key, outputs in made.items():
                if key in self._held:  # by another thread meanwhile
                    continue
                for output in outputs:
                    output.setflags(write=False)  # whoever is given it again is given the same
                self._held[key] = outputs
                self._bytes += _bytes_of(outputs)
            while self._bytes > self._most:
                _, outputs = self._held.popitem(last=False)
                self._bytes -= _bytes_of(outputs)

    def forget(self) -> None:
        """Know nothing any more."""
        with self._lock:
            self._held.clear()
            self._bytes = 0

    def __len__(self) -> int:
        """How many rows it knows."""
        return len(self._held)


def forget_rows() -> None:
    """Let all models forget what they made of rows: whoever measures asks as if for the first time."""
    for memory in list(_MEMORIES):
        memory.forget()


def _bytes_of(outputs: Outputs) -> int:
    return _ENTRY_BYTES + sum(_ARRAY_BYTES + output.nbytes for output in outputs)


def row_key(row: Encoding) -> bytes:
    """The SHA-256 of all that a model is told of a row."""
    return hashlib.sha256(np.array([row.ids, row.type_ids], dtype=np.int64).tobytes()).digest()


@cache
def _threads(many: int) -> ThreadPoolExecutor:
    """Threads that live as long as the process: to begin some for each run took 12 ms a question.

    All models and all who ask share them: as many rows run at once as there are processors.
    """
    return ThreadPoolExecutor(many, thread_name_prefix="whosays-rows")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # a child process has none of them


Between = Callable[[], None]
"""Called between two rows: what it raises ends the work."""


def go_on() -> None:
    """Where nobody may end it."""


class Model:
    """A bundled ONNX model with the inputs `input_ids` and `token_type_ids`, both of shape (rows, tokens).

    `threads` is how many rows run at once; by default one per processor that this process may use. With
    `words`, a file that makes vectors of `input_ids`, the model takes these for its one input instead.
    `remembered_bytes` is how much it keeps of what it made of rows: those that come back do not run again.
    """

    def __init__(
        self,
        name: str,
        folder: Path = WEIGHTS,
        *,
        threads: int | None = None,
        words: str | None = None,
        remembered_bytes: int = 0,
    ) -> None:
        self._session = _session(name, folder)
        self._words = _session(words, folder) if words else None
        self._threads = threads or usable_processors()
        self._memory = RowMemory(remembered_bytes)

    def run(self, rows: Sequence[Encoding], between: Between = go_on) -> list[Outputs]:
        """The model's outputs for each row, in the order of `rows`, without the axis of rows.

        What comes back for a row does not depend on the other rows; of rows that are alike one runs.
        `between` is called once for each, after it ran where it had to; what it raises ends the work.
        """
        keys = [row_key(row) for row in rows]
        known = self._memory.recall(keys)
        missing = {key: row for key, row in zip(keys, rows, strict=True) if key not in known}
        for _ in range(len(rows) - len(missing)):
            between()
        made = dict(zip(missing, self._run_rows(list(missing.values()), between), strict=True))
        self._memory.keep(made)
        known.update(made)
        return [known[key] for key in keys]

    def _run_rows(self, rows: Sequence[Encoding], between: Between) -> list[Outputs]:
        longest_first = sorted(range(len(rows)), key=lambda i: -len(rows[i]))  # no thread ends on a long one
        ordered = [rows[i] for i in longest_first]
        alone = len(rows) < 2 or self._threads == 1
        made = map(self._run_row, ordered) if alone else self._run_shared(ordered)
        outputs: dict[int, Outputs] = {}
        for at, output in zip(longest_first, made, strict=True):
            outputs[at] = output
            between()
        return [outputs[i] for i in range(len(rows))]

    def _run_shared(self, rows: Sequence[Encoding]) -> Iterator[Outputs]:
        """What comes of each row, in order; few of them wait at a time, so that others' rows come between."""
        pool, waiting, left = _threads(self._threads), deque[Future[Outputs]](), iter(rows)
        try:
            while True:
                for row in islice(left, _WAITING * self._threads - len(waiting)):
                    waiting.append(pool.submit(self._run_row, row))
                if not waiting:
                    return
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()

    def _run_row(self, row: Encoding) -> Outputs:
        ids = np.array([row.ids], dtype=np.int64)
        if self._words is not None:
            inputs: dict[str, Any] = {"words": self._words.run(None, {"input_ids": ids})[0]}
        else:
            inputs = {"input_ids": ids, "token_type_ids": np.array([row.type_ids], dtype=np.int64)}
        return tuple(output[0] for output in self._session.run(None, inputs))


def _session(name: str, folder: Path) -> Any:
    """The model in a file of `folder`, ready to run on one thread. Raises ModelError."""
    ort = onnx_runtime()
    from onnxruntime.capi import onnxruntime_pybind11_state as failures  # type: ignore[import-untyped]

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # The graph is written in fused operators already. The next level would make SkipLayerNormalization of
    # Add and LayerNormalization: 4.0 ms of a passage's run instead of 0.7 (ONNX Runtime 1.31).
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    content = read_model_file(name, folder)
    try:
        return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except (
        failures.Fail,
        failures.InvalidArgument,
        failures.InvalidGraph,
        failures.InvalidProtobuf,
        failures.NotImplemented,
        failures.RuntimeException,
    ) as error:
        raise ModelError(
            f"The model {name} does not run on ONNX Runtime {ort.__version__} ({error}): install the "
            "version that constraints.txt names."
        ) from error


def onnx_runtime() -> ModuleType:
    """ONNX Runtime, with its telemetry off: the only place that imports it, so that nothing is sent.

    From 1.29 on it reports each session to its maker, through sockets of its own, and keeps a device id and a
    queue in the user's cache. Only this variable, set before the first import, prevents all of it; the call
    does so on Windows.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # type: ignore[import-untyped]  # 0.2 s, which not every command needs

    onnxruntime.disable_telemetry_events()
    module: ModuleType = onnxruntime
    return module


def usable_processors() -> int:
    """How many processors this process may use; a container or `taskset` may allow fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def identity(name_or_folder: str) -> str:
    """The name of a model that a user names, by hub id or folder: it changes whenever its weights do.

    A folder's name with the SHA-256 of its files, or a hub id with the commit that was loaded.
    The commit is the one that the hub's local cache holds, so the model must be loaded before it is named.
    """
    folder = Path(name_or_folder)
    if folder.is_dir():
        return f"{folder.resolve().name}:{_folder_digest(folder)[:12]}"
    commit = _cached_commit(name_or_folder)
    return f"{name_or_folder}:{commit[:12]}" if commit else name_or_folder


def _cached_commit(name: str) -> str | None:
    """The commit is the name of the cache's folder: since transformers 5.23 no loaded model states it."""
    from huggingface_hub import try_to_load_from_cache  # only a model that a user names needs it

    # Every transformers model has the first file, every sentence-transformers model the second.
    for file in ("config.json", "modules.json"):
        found = try_to_load_from_cache(name, file)
        if isinstance(found, str):
            return Path(found).parent.name
    return None


def _folder_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of a model's files; its readme and hidden files compute nothing."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if (
            path.is_file()
            and path.suffix != ".md"
            and not any(part.startswith(".") for part in relative.parts)
        ):
            digest.update(f"{relative.as_posix()}\0".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
