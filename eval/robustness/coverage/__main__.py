"""Search for inputs that break what reads files, and what programs and browsers send, led by coverage.

    python -m eval.robustness.coverage [--seconds 300] [--target .pdf talk …] [--keep FOLDER]

Each target gets so many seconds. The search keeps every input that reaches a branch that none reached
before, and changes these further. It prints how many inputs each target read, how many branches they reached,
and what was found: an error that is not one of ours, more than 5 s of the processor or 300 MB for one input,
a crash. The exit code is 1 where anything was found; `--keep` keeps the inputs. `make fuzz` installs atheris
beside the environment and runs this: it is large, and there is none for every system.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic

from eval.robustness.coverage.targets import TARGETS

HANG_S, MOST_RSS_MB = 60, 2_500
# For imports, which a busy machine makes slow, and for the last input.
_GRACE_S = HANG_S + 240.0
_NATIVE = ("crash-", "timeout-", "oom-")
"""How libFuzzer names the inputs that ended the process."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What came of a target: inputs read, branches reached, and what was found."""

    inputs: int
    branches: int
    seconds: float
    findings: tuple[str, ...]


def search(name: str, folder: Path, *, seconds: float) -> Searched:
    """Search for so long; where an input ends the process, another one goes on."""
    folder.mkdir(parents=True, exist_ok=True)
    begun, inputs, branches = monotonic(), 0, 0
    while (left := seconds - (monotonic() - begun)) > 1:
        code, told = _run(name, folder, left)
        inputs += _number(folder / "inputs")
        branches = max([branches, *(int(one) for one in re.findall(r"\bcov: (\d+)", told))])
        if code != 0:
            _note_end(folder, code, told)
    found = sorted(file.read_text("utf-8").partition("\n")[0] for file in folder.glob("*.txt"))
    return Searched(inputs, branches, monotonic() - begun, tuple(found))


def _run(name: str, folder: Path, seconds: float) -> tuple[int, str]:
    options = [
        f"-max_total_time={max(1, round(seconds))}",
        f"-timeout={HANG_S}",
        f"-rss_limit_mb={MOST_RSS_MB}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=0",
    ]
    log = folder / "log"
    (folder / "inputs").unlink(missing_ok=True)
    with log.open("ab") as out:
        start = out.tell()
        process = subprocess.Popen(  # noqa: S603  # ourselves
            [
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "eval.robustness.coverage.loop",
                name,
                str(folder),
                *options,
            ],
            stdout=out,
            stderr=out,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        try:
            code = process.wait(seconds + _GRACE_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            code = process.wait()
    return code, log.read_bytes()[start:].decode("utf-8", "replace")


def _note_end(folder: Path, code: int, told: str) -> None:
    """What ended the process is a finding like another; its input, if it has one, lies beside it."""
    (folder / f"ended-{code}.txt").write_text(f"the process ended with {code}\n{told[-5_000:]}")
    for file in [one for one in folder.iterdir() if one.name.startswith(_NATIVE)]:
        file.rename(file.with_name(f"ended-{file.name}.input"))


def _number(file: Path) -> int:
    return int(file.read_text()) if file.exists() else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Search, print a table, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.robustness.coverage", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0, help="of each target (default: %(default)s)")
    parser.add_argument("--target", nargs="+", choices=list(TARGETS), default=list(TARGETS))
    parser.add_argument("--keep", type=Path, help="a folder for findings and for what reached new branches")
    given = parser.parse_args(arguments)
    if find_spec("atheris") is None:
        parser.error("atheris is not installed: use `make fuzz`, on Linux with an x86-64 processor")
    broken = False
    with tempfile.TemporaryDirectory() as name:
        work = given.keep or Path(name)
        print("| target | inputs | branches | seconds | findings |\n|---|---|---|---|---|")
        for target in given.target:
            found = search(target, work / target.strip(".").replace(" ", "-"), seconds=given.seconds)
            broken |= bool(found.findings)
            told = "; ".join(found.findings) or "none"
            row = f"{found.inputs:,} | {found.branches:,} | {found.seconds:.0f} | {told}"
            print(f"| {target} | {row} |", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
