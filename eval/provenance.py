"""What a results row must carry to be repeated: command, commit, machine, date, version, models."""

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from index.models import WEIGHTS, checksums
from qa.reader.span_model import WEIGHTS as READER_WEIGHTS
from qa.settings import Settings

_HERE = Path(__file__).resolve()


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it ran. `cores` are those that this process may use."""

    cpu: str
    cores: int
    system: str
    python: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the evaluation. `command` names files without their folders; `date` is UTC, ISO 8601.

    `commit` is that of the checkout, followed by "+changes" when files differ from it; "unknown" elsewhere.
    `models` holds the SHA-256 of each model file.
    """

    command: str
    commit: str
    machine: Machine
    date: str
    version: str
    models: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain dictionaries and strings, ready for JSON."""
        return asdict(self)


def this_run(command: str, models: Mapping[str, str]) -> Run:
    """The run that starts now, in this process."""
    return Run(
        command=command,
        commit=_commit(),
        machine=Machine(
            cpu=_cpu(),
            cores=_cores(),
            system=f"{platform.system()} {platform.release()}",
            python=platform.python_version(),
        ),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        version=_version(),
        models=dict(models),
    )


def _commit() -> str:
    # An installed copy may lie in someone else's repository: only a file that git tracks tells its commit.
    if _output("git", "-C", str(_HERE.parent), "ls-files", "--error-unmatch", _HERE.name) is None:
        return "unknown"
    commit = _output("git", "-C", str(_HERE.parent), "rev-parse", "HEAD")
    if not commit:
        return "unknown"
    return f"{commit}+changes" if _output("git", "-C", str(_HERE.parent), "status", "--porcelain") else commit


def _output(*command: str) -> str | None:
    """What the command prints, stripped; None when it is not installed, fails or hangs."""
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands of this module
            (program, *command[1:]), capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _cpu() -> str:
    if platform.system() == "Darwin":
        return _output("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model")))
    return next(filter(None, models), platform.processor() or platform.machine())


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _version() -> str:
    try:
        return version("whosays")
    except PackageNotFoundError:
        return "unknown"


def models_of(settings: Settings) -> dict[str, str]:
    """The bundled models' checksums; a model that the user named has none, and stands by its name."""
    chosen = {"embedder": settings.embedder, "reader": settings.reader}
    named = {part: Path(name).name for part, name in chosen.items() if name != "bundled"}
    return {**checksums(WEIGHTS, READER_WEIGHTS), **named}
