"""Files read and articles cut in a process of its own, with limits on time and memory.

Parsers of PDF and office files are large programs, and a file may be made to crash or to stall one. The
process gets the bytes of a file and gives back its articles, then gets the text of each and gives back its
chunks; it serves many files, and is started anew when one stopped or broke it. Time and the length of what
comes back are limited on every system. Memory, processor time and the writing of files are limited where the
system knows `setrlimit` and keeps to it: Linux does; macOS keeps to processor time but not to memory; Windows
has neither. The process is no jail: it reads what its user may read.
"""

import json
import logging
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from index.errors import SourceRefused
from index.records import Article, Chunk, Span
from index.sources.formats import MAX_BYTES, parse
from index.sources.metadata import Document, Metadata
from index.sources.record_files import Record
from index.text.chunk import TokenCounter, chunk

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[2]
# JSON writes one character as up to 12 ("\\ud83d\\ude00"), and few bytes of a packed file may hold many.
_BACK_PER_BYTE = 12
# The chunks of a text hold it up to twice, and the places of each sentence.
_BACK_PER_CHARACTER = 60
_MB = 1_000_000
_LOOK_EVERY_S = 60.0  # where nothing is asked for
_OUT_OF_TIME = getattr(signal, "SIGXCPU", 0)
Value = TypeVar("Value")
_SMALLER = "open it and save it anew, as smaller files or as plain text"


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """Of one file and all of its articles: seconds, and megabytes of memory."""

    seconds: float = 60
    memory_mb: int = 2_000


def limits_of(max_bytes: int) -> SandboxLimits:
    """The usual ones; larger in proportion where larger files than usual are allowed."""
    times = max(1.0, max_bytes / MAX_BYTES)
    return SandboxLimits(60 * times, round(2_000 * times))


@dataclass(frozen=True, slots=True)
class ChunkSettings:
    """How articles are cut, as `index.text.chunk.chunk` takes it; tokens are those of `vocabulary`."""

    vocabulary: Mapping[str, int]
    chunk_tokens: int
    overlap_sentences: int


class Sandbox:
    """The process. `parse` is a parser for `load`; threads may not share one."""

    def __init__(self, limits: SandboxLimits, chunk_settings: ChunkSettings | None = None) -> None:
        """Without `chunk_settings` nothing can be cut. It starts with the first file."""
        self.limits = limits
        self._chunk_settings = chunk_settings
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: _Watch | None = None
        self._used = False  # whether the process has served anything yet
        self._left = limits.seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process; what is asked for later starts another one."""
        process, self._process = self._process, None
        self._used = False
        if self._watch is not None:
            self._watch.close()
        if process is not None:
            process.kill()
            process.communicate()

    def parse(
        self,
        extension: str,
        data: bytes,
        *,
        max_bytes: int,
        declared: str | None = None,
        address: str | None = None,
    ) -> list[Record]:
        """As `parse` of `formats`; a SourceRefused too where the file went beyond a limit, or broke it."""
        self._left = self.limits.seconds
        asked = {"extension": extension, "max_bytes": max_bytes, "declared": declared, "address": address}
        return self._ask(asked, data, _BACK_PER_BYTE * max_bytes + _MB, _records)

    def chunks(self, article: Article) -> tuple[Chunk, ...]:
        """As `chunk` of `index.text`, in what is left of its file's time; SourceRefused beyond a limit."""
        data = article.text.encode("utf-8", "surrogatepass")
        most = _BACK_PER_CHARACTER * len(article.text) + _MB
        return self._ask({"article": article.id}, data, most, lambda value: _chunks(article, value))

    def _ask(
        self, asked: Mapping[str, Any], data: bytes, most: int, understood: Callable[[Any], Value]
    ) -> Value:
        """What comes back; where a process that had served other files breaks, a fresh one is asked again."""
        while True:
            fresh = not self._used
            line = json.dumps({**asked, "bytes": len(data), "seconds": self._left})
            written = self._exchange(f"{line}\n".encode() + data, most)
            try:
                value = json.loads(written)
                if value["kind"] == "refused":
                    raise SourceRefused(str(value["found"]))
                if value["kind"] == "found":
                    return understood(value["found"])
                self.close()
                reason = f"needs more than {self.limits.memory_mb:,} MB to be read: {_SMALLER}"
            except (ValueError, KeyError, TypeError):
                self.close()
                reason = f"broke the program that reads it: {_SMALLER}"
            if fresh:
                raise SourceRefused(reason)

    def _exchange(self, request: bytes, most: int) -> bytes:
        """The line that answers, or a part of it where the process broke.

        Raises SourceRefused for an answer that is late or too long.
        """
        process, watch = self._start()
        assert process.stdout is not None
        begun = time.monotonic()
        watch.begin(self._left)
        try:
            _send(process, request)
            written = process.stdout.readline(most + 1)
        finally:
            watch.end()
            self._left = max(0.0, self._left - (time.monotonic() - begun))
        if written.endswith(b"\n"):
            self._used = True
            return written
        process.kill()
        code = process.wait()
        if watch.late or (_OUT_OF_TIME and code == -_OUT_OF_TIME):
            self._left = 0.0
            self.close()
            raise SourceRefused(f"was still being read after {self.limits.seconds:g} s: {_SMALLER}")
        if len(written) > most:
            self.close()
            raise SourceRefused(f"unpacks to more than {most:,} bytes: {_SMALLER}")
        _log.warning("the process that reads files ended early (code %s)", code)
        return written

    def _start(self) -> tuple["subprocess.Popen[bytes]", "_Watch"]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1"}
            self._process = subprocess.Popen(
                [sys.executable, "-BP", "-m", "index.sources.sandbox"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            self._watch = _Watch(self._process)
            how = self._chunk_settings
            chunk_settings = how and {
                "vocabulary": dict(how.vocabulary),
                "chunk_tokens": how.chunk_tokens,
                "overlap_sentences": how.overlap_sentences,
            }
            told = {"memory_mb": self.limits.memory_mb, "chunk_settings": chunk_settings}
            _send(self._process, f"{json.dumps(told)}\n".encode())
        assert self._watch is not None
        return self._process, self._watch


class _Watch:
    """Ends a process that is late; one thread for all requests, a timer for each costs more than it."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.late = False
        self._process = process
        self._clock = threading.Condition()
        self._end = self._wakes = math.inf
        self._closed = False
        threading.Thread(target=self._run, daemon=True).start()

    def begin(self, seconds: float) -> None:
        """A request, to be answered in so many seconds."""
        with self._clock:
            self.late, self._end = False, time.monotonic() + seconds
            if self._end < self._wakes:
                self._clock.notify()

    def end(self) -> None:
        """The request is answered."""
        with self._clock:
            self._end = math.inf

    def close(self) -> None:
        """There will be no more requests."""
        with self._clock:
            self._closed = True
            self._clock.notify()

    def _run(self) -> None:
        with self._clock:
            while not self._closed:
                now = time.monotonic()
                if self._end <= now:
                    self.late = True
                    self._process.kill()
                    return
                self._wakes = min(self._end, now + _LOOK_EVERY_S)
                self._clock.wait(self._wakes - now)


def _send(process: "subprocess.Popen[bytes]", data: bytes) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # a process that broke gives no answer either, and that is told
        process.stdin.write(data)
        process.stdin.flush()


def _records(value: Any) -> list[Record]:
    """The records of a file, as `_plain` wrote them. Raises TypeError for any other shape."""
    found: list[Record] = []
    for one in value:
        if "refused" in one:
            found.append(SourceRefused(_text(one["refused"])))
            continue
        stated = {name: None if held is None else _text(held) for name, held in one["stated"].items()}
        found.append(Document(_text(one["text"]), Metadata(**stated)))
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} where a text is needed")
    return value


def _chunks(article: Article, value: Any) -> tuple[Chunk, ...]:
    """The chunks of the article, as `_plain` wrote them. Raises ValueError or TypeError for another shape."""
    found: list[Chunk] = []
    for ordinal, (text, tokens, places) in enumerate(value):
        ends = [int(place) for place in places]
        spans = tuple(Span(start, end) for start, end in zip(ends[::2], ends[1::2], strict=True))
        if not spans or not all(0 <= one.start <= one.end <= len(article.text) for one in spans):
            raise ValueError(f"chunk {ordinal} lies outside its article")
        start, end, name = spans[0].start, spans[-1].end, f"{article.id}:{ordinal:06d}"
        found.append(Chunk(name, article.id, ordinal, start, end, _text(text), int(tokens), spans))
    return tuple(found)


def _plain(found: Sequence[Record | Chunk]) -> list[Any]:
    """As JSON values."""
    plain: list[Any] = []
    for one in found:
        if isinstance(one, Chunk):
            plain.append(
                [one.text, one.tokens, [at for span in one.sentences for at in (span.start, span.end)]]
            )
        elif isinstance(one, Document):
            plain.append({"text": one.text, "stated": asdict(one.stated)})
        else:
            plain.append({"refused": str(one)})
    return plain


def limit_this_process(memory_mb: int) -> None:
    """No more memory than stated, and no file written; where the system can tell."""
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {
        resource.RLIMIT_AS: memory_mb * _MB,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in wanted.items():
        try:
            resource.setrlimit(which, (most, most))
        except (ValueError, OSError):  # this system does not limit that
            continue


def _limit_time(seconds: float) -> None:
    """Of the processor, from now on: also where nobody is left to watch the clock."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    with suppress(ValueError, OSError):  # this system does not limit that
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds) + 1, most))


def main() -> None:
    """Answer each request in a line, until there is none: what the process of the sandbox does."""
    asking, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints is no answer
    told = json.loads(asking.readline())
    limit_this_process(told["memory_mb"])
    cut = _cut(ChunkSettings(**told["chunk_settings"])) if told["chunk_settings"] else None
    while line := asking.readline():
        asked = json.loads(line)
        data = asking.read(asked["bytes"])
        _limit_time(asked["seconds"])
        kind = "found"
        try:
            found: Any = _plain(_answer(asked, data, cut))
        except MemoryError:
            kind, found = "memory", ""
        except SourceRefused as refusal:
            kind, found = "refused", str(refusal)
        answers.write(json.dumps({"kind": kind, "found": found}).encode() + b"\n")
        answers.flush()


def _answer(
    asked: Mapping[str, Any], data: bytes, cut: Callable[[Article], Sequence[Chunk]] | None
) -> Sequence[Record | Chunk]:
    if "article" in asked and cut is not None:
        return cut(Article(asked["article"], "", data.decode("utf-8", "surrogatepass")))
    limits = {name: asked[name] for name in ("max_bytes", "declared", "address")}
    return parse(asked["extension"], data, **limits)


def _cut(chunk_settings: ChunkSettings) -> Callable[[Article], Sequence[Chunk]]:
    count = TokenCounter(chunk_settings.vocabulary)
    tokens, overlap = chunk_settings.chunk_tokens, chunk_settings.overlap_sentences
    return lambda article: chunk(article, count=count, chunk_tokens=tokens, overlap_sentences=overlap)


if __name__ == "__main__":
    main()
