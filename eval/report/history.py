"""The figures of earlier runs, one JSON file a run in the user's cache: kept, listed, and read back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.errors import GoldError
from eval.provenance import Run

# Figures that a later version may read differently than they were meant get another number.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """A run's figures as they were; `source` is the gold set's name, `date` UTC, ISO 8601."""

    id: str
    source: str
    date: str
    version: str
    commit: str
    metrics: Mapping[str, Any]


class History:
    """The runs in `folder`, which is made when the first is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, source: str, metrics: Mapping[str, Any], run: Run) -> Kept:
        """Write a run's figures; a file is there whole or not at all. GoldError when it cannot be."""
        name = f"{source}-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
        record = {"format": FORMAT, "source": source, "metrics": dict(metrics), "run": run.to_dict()}
        file = self._folder / f"{name}.json"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
            part.replace(file)
        except OSError as error:
            raise GoldError(
                f"the figures cannot be written to {file} ({error.strerror}): allow writing, or free space"
            ) from error
        return Kept(name, source, run.date, run.version, run.commit, dict(metrics))

    def runs(self, source: str) -> list[Kept]:
        """Those of one gold set, newest first; files that are none are passed over."""
        files = sorted(self._folder.glob("*.json"), reverse=True)
        found = (_read(file) for file in files)
        return sorted(
            (one for one in found if one is not None and one.source == source),
            key=lambda one: (one.date, one.id),
            reverse=True,
        )


def _read(file: Path) -> Kept | None:
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        if record["format"] != FORMAT or not isinstance(record["metrics"], dict):
            return None
        run = record["run"]
        return Kept(
            file.stem,
            str(record["source"]),
            str(run["date"]),
            str(run["version"]),
            str(run["commit"]),
            record["metrics"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
