"""What was not added to a library, why and when: kept beside it, so that it can be looked up later.

One JSON object a line, the oldest first, no more than `MOST`. Nothing depends on it: where it cannot be
written, what was refused is still told at once.
"""

import json
import logging
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from index.records import Outcome

FILE = "refusals.jsonl"
MOST = 1_000
_NAME_CHARS, _REASON_CHARS = 300, 500
_LOCK_WAIT_S = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file, record or address by its name, and why it was not added; `refused` is UTC, ISO 8601."""

    source: str
    reason: str
    refused: str


def keep_refusals(folder: Path, outcomes: Iterable[Outcome], *, now: datetime | None = None) -> None:
    """Those of the outcomes that are refusals, after those kept before; of too many the oldest go."""
    at = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    found = [
        Refusal(_cut(one.source, _NAME_CHARS), _cut(one.reason, _REASON_CHARS), at)
        for one in outcomes
        if one.status == "refused"
    ]
    if not found:
        return
    path = folder / FILE
    fresh = folder / f"{FILE}.{os.getpid()}"
    try:
        with FileLock(folder / f"{FILE}.lock", timeout=_LOCK_WAIT_S):
            kept = [*_read(path), *found][-MOST:]
            lines = (json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in kept)
            try:
                fresh.write_text("".join(lines), encoding="utf-8", errors="replace")
                fresh.replace(path)
            finally:
                fresh.unlink(missing_ok=True)
    except (OSError, Timeout) as error:
        _log.warning("what was refused cannot be kept in %s: %s", path, error)


def read_refusals(folder: Path) -> tuple[Refusal, ...]:
    """All that are kept, the newest first; lines that are none are passed over."""
    return tuple(reversed(_read(folder / FILE)))


def count_passed_over(folder: Path) -> int:
    """The number of lines that are none."""
    return sum(_refusal(line) is None for line in _lines(folder / FILE) if line.strip())


def _read(path: Path) -> list[Refusal]:
    return [one for line in _lines(path) if (one := _refusal(line)) is not None]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _refusal(line: str) -> Refusal | None:
    try:
        told = json.loads(line)
        return Refusal(str(told["source"]), str(told["reason"]), str(told["refused"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
