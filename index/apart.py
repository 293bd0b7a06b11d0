"""A source loaded in a process of its own, with limits on time and memory, so that it can take nothing down.

Parsers of PDF and office files are large programs, and a file may be made to crash or to stall one. Time
and the length of what comes back are limited on every system. Memory, processor time and the writing of
files are limited where the system knows `setrlimit` and keeps to it: Linux does; macOS keeps to processor
time but not to memory; Windows has neither. The process is no jail: it reads what its user may read.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index.errors import SourceRefused
from index.load import Loaded, load
from index.records import Article, Outcome
from index.walk import refused

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
# JSON writes one character as up to 12 ("\\ud83d\\ude00"), and few bytes of a packed file may hold many.
_BACK_PER_BYTE = 12
_MB = 1_000_000
_OUT_OF_TIME = getattr(signal, "SIGXCPU", 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one source: bytes, seconds from start to end, megabytes of memory; which addresses are fetched."""

    max_bytes: int
    seconds: int = 60
    memory_mb: int = 2_000
    public_only: bool = True


def load_apart(source: str | Path, limits: Limits) -> list[Loaded | Outcome]:
    """What `load` gives for `source`, or one refusal where that process was stopped or broke."""
    command = [sys.executable, "-BP", "-m", "index.apart", str(source), json.dumps(asdict(limits))]
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1"}
    most = _BACK_PER_BYTE * limits.max_bytes + _MB
    with subprocess.Popen(  # noqa: S603  # our own module; the source is one argument, whatever it holds
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        assert process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        clock = threading.Timer(limits.seconds, stop)
        clock.start()
        try:
            written = process.stdout.read(most + 1)
            if len(written) <= most:
                process.wait()
        finally:
            clock.cancel()
            process.kill()
    if late.is_set() or (_OUT_OF_TIME and process.returncode == -_OUT_OF_TIME):
        return [refused(str(source), f"was still being read after {limits.seconds} s: {_SMALLER}")]
    if len(written) > most:
        return [refused(str(source), f"unpacks to more than {most:,} bytes: {_SMALLER}")]
    found = list(_understood(written))
    if found and found[-1] is None:
        return [one for one in found if one is not None]
    _log.warning("the process that read %r ended early (code %s)", str(source), process.returncode)
    return [refused(str(source), f"broke the program that reads it: {_SMALLER}")]


_SMALLER = "open it and save it anew, as smaller files or as plain text"


def _understood(written: bytes) -> Iterator[Loaded | Outcome | None]:
    """One value a line; None for the line that says that this was all."""
    for line in written.splitlines():
        try:
            value = json.loads(line)
            if value == "end":
                yield None
            elif "article" in value:
                yield Loaded(value["place"], value["origin"], _article(value["article"]))
            else:
                yield refused(value["source"], value["reason"])
        except (ValueError, KeyError, TypeError):
            return


def _article(fields: Mapping[str, object]) -> Article:
    required = [fields[name] for name in ("id", "uri", "text")]
    stated = [fields[name] for name in ("title", "publisher", "author", "published")]
    texts = [one for one in required if isinstance(one, str)]
    if len(texts) < len(required) or not all(one is None or isinstance(one, str) for one in stated):
        raise TypeError("an article is made of texts")
    return Article(*texts, *(one if isinstance(one, str) else None for one in stated))


def limit_this_process(limits: Limits) -> None:
    """No more memory or processor time than stated, and no file written; where the system can tell."""
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {
        resource.RLIMIT_AS: limits.memory_mb * _MB,
        resource.RLIMIT_CPU: limits.seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in wanted.items():
        try:
            resource.setrlimit(which, (most, most))
        except (ValueError, OSError):  # this system does not limit that
            continue


def main(arguments: Sequence[str]) -> None:
    """Load one source and write what came of it, a line each: what the process apart does."""
    source, limits = arguments[0], Limits(**json.loads(arguments[1]))
    limit_this_process(limits)
    try:
        for one in load(source, max_bytes=limits.max_bytes, public_only=limits.public_only):
            _write(asdict(one))
    except MemoryError:
        _write(asdict(refused(source, f"needs more than {limits.memory_mb:,} MB to be read: {_SMALLER}")))
    except SourceRefused as refusal:
        _write(asdict(refused(source, str(refusal))))
    _write("end")


def _write(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
