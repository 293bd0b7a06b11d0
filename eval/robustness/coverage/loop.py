"""One target under atheris, in a process that libFuzzer ends; `eval.robustness.coverage` starts it.

What is imported below is instrumented, so that the search sees which branches an input takes. A finding is
written down, by what was raised and where, and the search goes on. Only what ends the process ends it: a
crash of native code, an input that never ends, more memory than is allowed.
"""

import json
import os
import re
import resource
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from types import TracebackType

import atheris
import numpy as np

# What is not wanted of a target slows it down.
_LED_BY = (
    "index mammoth trafilatura htmldate courlan justext docx email tomllib zipfile html csv"
    if sys.argv[1].startswith(".")
    else "index qa tomllib"
)
_INSTRUMENTED = atheris.instrument_imports(include=_LED_BY.split())
_INSTRUMENTED.__enter__()  # a block would hide the imports from whoever looks at a module's beginning

import mammoth  # type: ignore[import-untyped]  # noqa: E402, F401  # else imported where it is first needed
import trafilatura.metadata  # noqa: E402, F401

from eval.robustness.coverage.targets import TARGETS, FuzzTarget, try_out  # noqa: E402
from eval.robustness.mutants import ODD  # noqa: E402

_INSTRUMENTED.__exit__(None, None, None)

MOST_S, MOST_MB = 5.0, 300
"""What one input may take of the processor, and add to the most memory that the process has held."""
MOST_WORDS, MOST_ADDED = 300, 256
_TOLD_EVERY_S = 1.0
_MB = 1_000_000


class Search:
    """Tries inputs, and keeps one of each finding in `folder`."""

    def __init__(self, name: str, folder: Path) -> None:
        self.inputs = 0
        self._target = TARGETS[name]
        self._folder = folder
        self._known = {file.stem for file in folder.glob("*.txt")}
        self._told = 0.0

    def one(self, data: bytes) -> None:
        """What atheris calls with each input."""
        self.inputs += 1
        now = time.monotonic()
        if now - self._told > _TOLD_EVERY_S:
            self._told = now
            (self._folder / "inputs").write_text(str(self.inputs))
        held, begun = _peak_mb(), time.process_time()
        error = try_out(self._target, data)
        took, more = time.process_time() - begun, _peak_mb() - held
        if error is not None:
            self._keep(f"{type(error).__name__} at {_place(error.__traceback__)}", error, data)
        if took > MOST_S:
            self._keep(f"slow, {round(took)} s", None, data)
        # The first inputs fill caches and load what is loaded once.
        if more > MOST_MB and self.inputs > 100:
            self._keep(f"memory, {more} MB", None, data)

    def _keep(self, what: str, error: BaseException | None, data: bytes) -> None:
        stem = "".join(one if one.isalnum() else "-" for one in what)
        if stem in self._known:
            return
        self._known.add(stem)
        told = "".join(traceback.format_exception(error)) if error else ""
        (self._folder / f"{stem}.input").write_bytes(data)
        (self._folder / f"{stem}.txt").write_text(f"{what}\n{told}", "utf-8", "backslashreplace")


def _place(at: TracebackType | None) -> str:
    """The last line of ours in it."""
    frames = traceback.extract_tb(at)
    root = str(Path(__file__).parents[3])
    own = [one for one in frames if one.filename.startswith(root) and "site-packages" not in one.filename]
    last = (own or frames)[-1]
    return f"{Path(last.filename).name} {last.lineno}"


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024 // _MB


def _changing(target: FuzzTarget) -> dict[str, object]:
    """What atheris is told of a target that changes inputs in its own way."""
    change = target.change
    if change is None:
        return {}

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        def bytewise(part: bytes) -> bytes:
            # No less than it has: that is not checked, and takes all memory.
            return bytes(atheris.Mutate(part, len(part) + MOST_ADDED))

        return change(bytewise, bytes(data), np.random.default_rng(seed))[:most]

    return {"custom_mutator": mutate}


def _words(corpus: Path) -> list[str]:
    """Parts that inputs are made of, as libFuzzer has them written: of the seeds, and odd ones."""
    held = b"".join(file.read_bytes() for file in sorted(corpus.glob("seed-*")))
    common = Counter(re.findall(rb"[<{&]?/?[\w.:-]{2,30}[ =:>\"(]{0,3}", held)).most_common(MOST_WORDS)
    parts = [word for word, _ in common] + [part for part in ODD if len(part) < 60]
    return ["".join(f"\\x{byte:02x}" for byte in part) for part in parts]


def main() -> None:
    """`NAME FOLDER OPTION…`: libFuzzer takes the options, and `FOLDER/corpus` holds what it begins with."""
    _, name, folder, *options = sys.argv
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    target = TARGETS[name]
    corpus = Path(folder) / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    print(json.dumps({"seeds": len(list(corpus.iterdir()))}), flush=True)
    search = Search(name, Path(folder))
    words = Path(folder) / "words"
    words.write_text("".join(f'"{one}"\n' for one in _words(corpus)))
    arguments = [sys.argv[0], f"-max_len={target.longest}", f"-dict={words}", *options, str(corpus)]
    atheris.Setup(arguments, search.one, **_changing(target))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
