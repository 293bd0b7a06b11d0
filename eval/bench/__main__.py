"""Speed and memory as a user meets them: `make bench`, or `python -m eval.bench`; prints one JSON object.

Cold figures are whole processes, measured by the operating system; warm ones ask the bundled gold questions,
each as if for the first time. Crash safety and the dense index have benchmarks of their own:
`eval.robustness.crash`, `eval.bench.dense`; the embedder's stands in `eval.training.parity.embedder`.
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eval.bench.processes import resident_mb
from eval.gold.questions import GoldQuestion, read_gold
from eval.metrics import percentile
from eval.provenance import this_run
from index.models import WEIGHTS, Tokenizer, checksums, forget_rows
from qa.ask import ask, open_library
from qa.reader.span_model import WEIGHTS as READER_WEIGHTS
from qa.reader.span_model import BundledSpanModel
from qa.records import Timings
from qa.settings import Settings

QUESTION = "How large is Samsung's foundry order backlog expected to be?"
GOLD = Path(__file__).resolve().parents[1] / "gold" / "seeds.jsonl"


def cold(program: str) -> tuple[float, float]:
    """Seconds and peak megabytes of one Python process that runs `program`."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL)  # noqa: S603
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"the measured program failed: {program}")
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes there, in kilobytes elsewhere
    return time.perf_counter() - start, usage.ru_maxrss * unit / 1e6


def repeat(measure: Callable[[], tuple[float, float]], times: int) -> dict[str, float]:
    """Median seconds and megabytes of several runs, after one that is not counted."""
    measure()
    runs = [measure() for _ in range(times)]
    return {
        "seconds": round(statistics.median(seconds for seconds, _ in runs), 2),
        "megabytes": round(statistics.median(megabytes for _, megabytes in runs)),
    }


def first_paint() -> tuple[float, float]:
    """Seconds from starting `whosays chat` to its first whole page, and the server's megabytes then."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    command = [sys.executable, "-m", "qa.cli", "chat", "--no-browser", "--port", str(port)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        while process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
                    page.read()
                return time.perf_counter() - start, resident_mb(process.pid)
            except OSError:
                time.sleep(0.02)
        raise SystemExit("whosays chat ended before it showed a page")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def warm() -> dict[str, Any]:
    """Milliseconds of `ask()` over the gold questions, whole and by stage; and of each asked once again."""
    settings = Settings()
    questions = [item for item in read_gold(GOLD) if isinstance(item, GoldQuestion)]
    timings: list[Timings] = []
    again: list[Timings] = []
    with open_library("", settings) as library:
        ask(QUESTION, library=library, settings=settings)
        for item in questions:
            forget_rows()
            for taken in (timings, again):
                told = ask(item.question, library=library, history=item.history, settings=settings)
                taken.append(told.timings_ms)
    return {
        "questions": len(timings),
        "p50_ms": percentile([one.total for one in timings], 50),
        "p95_ms": percentile([one.total for one in timings], 95),
        "again_p50_ms": percentile([one.total for one in again], 50),
        "stages_p50_ms": {
            stage: percentile([getattr(one, stage) for one in timings], 50)
            for stage in ("standalone", "retrieve", "read", "conflict")
        },
    }


def measure_reading(passages: int = 12, tokens: int = 200, times: int = 30) -> dict[str, Any]:
    """Milliseconds that the bundled span model takes for passages of so many word pieces each."""
    model = BundledSpanModel()
    words = Tokenizer("tokenizer.json")
    with open_library("", Settings()) as library:
        text = " ".join(article.text for article in library.articles())
    offsets = words.encode([text], max_tokens=1_000_000)[0].offsets[1:-1]
    slices = [offsets[first : first + tokens] for first in range(0, passages * tokens, tokens)]
    texts = [text[one[0][0] : one[-1][1]] for one in slices]
    model.windows(QUESTION, texts)
    taken = []
    for _ in range(times):
        forget_rows()
        start = time.perf_counter()
        model.windows(QUESTION, texts)
        taken.append(1000 * (time.perf_counter() - start))
    return {"passages": len(texts), "tokens": tokens, "p50_ms": round(statistics.median(taken), 1)}


def main() -> None:
    """Prints every figure with what is needed to repeat it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=7, help="counted runs of each cold figure")
    times = parser.parse_args().times
    asking = f"from qa.cli import main; raise SystemExit(main(['ask', {QUESTION!r}, '--json']))"
    result = {
        "ask_cold": repeat(lambda: cold(asking), times),
        "import_qa": repeat(lambda: cold("import qa"), times),
        "chat_first_paint": repeat(first_paint, max(3, times // 2)),
        "ask_warm": warm(),
        "reading": measure_reading(),
        **this_run("python -m eval.bench", checksums(WEIGHTS, READER_WEIGHTS)).to_dict(),
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
