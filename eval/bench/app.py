"""The served app under load: many users ask at once; `python -m eval.bench.app`; prints one JSON object.

Starts `whosays chat` (or takes `--at ADDRESS`), and lets each user ask the bundled gold questions one after
the other until the time is up. A user waits from sending the question to having the whole answer. The target:
no error, and a 95th percentile of 4 s on two cores with 20 users. `fairness` is Jain's index of how many
answers each user got: 1 where all got as many, 1 / users where one got all. Of a server that it starts itself
it tells the memory when the models are loaded and at the end, and by how much it grew a question after the
first fifth. `--unmended` starts it without what lets many ask at once, for the figures beside.
"""

import argparse
import base64
import http.client
import itertools
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from eval.bench.processes import resident_mb
from eval.gold.questions import GoldQuestion, read_gold
from eval.metrics import percentile
from eval.provenance import this_run
from index.models import WEIGHTS, checksums
from qa.reader.span_model import WEIGHTS as READER_WEIGHTS

GOLD = Path(__file__).resolve().parents[1] / "gold" / "seeds.jsonl"
TIMEOUT_S = 60.0
# Without what lets many ask: nothing of a row is remembered, and the judge is never spared.
UNMENDED = """
import index.models, qa.app.talks.answer_job
index.models.REMEMBERED_BYTES, qa.app.talks.answer_job.BUSY_FROM = 0, 10**9
"""


@dataclass(slots=True)
class Waits:
    """What all users saw, written by their threads."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # of each user


def ask(address: str, question: str, headers: dict[str, str]) -> dict[str, Any]:
    """The answer through the queue, as Gradio's client and the page go: join, then listen."""
    place = urlsplit(address)
    assert place.hostname is not None
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=TIMEOUT_S)
    try:
        body = json.dumps({"data": [question, *[None] * 6]})
        sent = {**headers, "Content-Type": "application/json"}
        connection.request("POST", f"{place.path}gradio_api/call/ask", body, sent)
        joined = connection.getresponse()
        told = joined.read().decode()
        if joined.status != 200:
            raise OSError(f"{joined.status}: {told[:80]}")
        event = json.loads(told)["event_id"]
        connection.request("GET", f"{place.path}gradio_api/call/ask/{event}", headers=headers)
        stream = connection.getresponse().read().decode()
    finally:
        connection.close()
    name, _, data = stream.rpartition("event: ")[2].partition("\ndata: ")
    if name != "complete":
        raise OSError(f"{name or 'nothing'}: {data.strip()[:80]}")
    answer: dict[str, Any] = json.loads(data)[0]
    return answer


def user(address: str, questions: list[str], end: float, headers: dict[str, str], waits: Waits) -> None:
    """One user, who asks the next question as soon as the last is answered."""
    answers = 0
    for question in itertools.cycle(questions):
        start = time.perf_counter()
        if start >= end:
            waits.answers.append(answers)
            return
        try:
            ask(address, question, headers)
        except (OSError, http.client.HTTPException, ValueError, LookupError) as error:
            waits.errors.append(f"{type(error).__name__}: {error}")
            time.sleep(0.1)
        else:
            answers += 1
        waits.seconds.append(time.perf_counter() - start)


def load(
    address: str, *, users: int, seconds: float, headers: dict[str, str], pid: int | None = None
) -> dict[str, Any]:
    """Questions asked, errors, the seconds waited, of `users` over `seconds`; memory of the process `pid`."""
    questions = [
        item.question for item in read_gold(GOLD) if isinstance(item, GoldQuestion) and not item.history
    ]
    ask(address, questions[0], headers)  # the models load on the first question
    waits, start = Waits(), time.perf_counter()
    threads = [
        threading.Thread(
            target=user,
            args=(address, [*questions[at:], *questions[:at]], start + seconds, headers, waits),
        )
        for at in (number * len(questions) // users for number in range(users))
    ]
    for thread in threads:
        thread.start()
    memory = _watch_memory(threads, waits, pid)
    took = time.perf_counter() - start
    return {
        "users": users,
        "seconds": round(took, 1),
        "questions": len(waits.seconds),
        "a_second": round(len(waits.seconds) / took, 2),
        "errors": len(waits.errors),
        "first_errors": waits.errors[:3],
        "p50_s": round(percentile(waits.seconds, 50) or 0, 2),
        "p95_s": round(percentile(waits.seconds, 95) or 0, 2),
        "longest_s": round(max(waits.seconds), 2),
        "answers_of_a_user": [min(waits.answers), max(waits.answers)],
        "fairness": round(jain(waits.answers), 3),
        **memory,
    }


def jain(shares: Sequence[float]) -> float:
    """1 where all are equal, 1 / n where one has all. Source: Jain, Chiu and Hawe 1984."""
    squares = len(shares) * sum(one * one for one in shares)
    return sum(shares) ** 2 / squares if squares else 1.0


def _watch_memory(threads: Sequence[threading.Thread], waits: Waits, pid: int | None) -> dict[str, float]:
    """The memory of the process while the threads run, each second, until they have ended."""
    seen = []
    for thread in threads:
        while thread.is_alive():
            thread.join(1.0)
            if pid is not None:
                seen.append((len(waits.seconds), resident_mb(pid)))
    settled = [one for one in seen if one[0] >= len(waits.seconds) / 5]
    if len(settled) < 3:
        return {}
    asked, megabytes = np.array(settled).T
    growth = float(np.polyfit(asked, megabytes, 1)[0])
    return {
        "first_mb": round(seen[0][1]),
        "last_mb": round(seen[-1][1]),
        "kb_a_question": round(1000 * growth, 2),
    }


def start_app(*flags: str, before: str = "") -> tuple[subprocess.Popen[str], str]:
    """`whosays chat` with `flags` on a free port, listening, and its address; whoever calls ends it.

    `before` is Python that its process runs first.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    program = f"{before}\nimport sys\nfrom qa.cli import main\nsys.exit(main())"
    command = [sys.executable, "-c", program, "chat", "--no-browser", "--port", str(port), *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stdout is not None
    if not process.stdout.readline():  # it says where it is when it is ready
        raise SystemExit("whosays chat did not start")
    return process, f"http://127.0.0.1:{port}/"


def main() -> None:
    """Parse, start the app unless one is named, load it, print."""
    parser = argparse.ArgumentParser(description="Many users of the served app at once")
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--at", metavar="ADDRESS", help="an app that runs already")
    parser.add_argument("--unmended", action="store_true", help="remember nothing, never spare the judge")
    parser.add_argument("--workers", type=int, default=0, help="as `whosays chat --workers`")
    parser.add_argument("--user", metavar="NAME:PASSWORD", help="whom to sign in as")
    arguments = parser.parse_args()
    headers = {}
    workers = ("--workers", str(arguments.workers)) if arguments.workers else ()
    if arguments.user:
        headers["Authorization"] = f"Basic {base64.b64encode(arguments.user.encode()).decode()}"
    process, address = (
        (None, arguments.at)
        if arguments.at
        else start_app(*workers, before=UNMENDED if arguments.unmended else "")
    )
    try:
        found = load(
            address,
            users=arguments.users,
            seconds=arguments.seconds,
            headers=headers,
            pid=process.pid if process else None,
        )
    finally:
        if process is not None:
            process.terminate()
            process.wait(timeout=30)
    command = f"python -m eval.bench.app --users {arguments.users} --seconds {arguments.seconds:g}"
    command += " --unmended" if arguments.unmended else ""
    command += f" --workers {arguments.workers}" if arguments.workers else ""
    run = this_run(command, checksums(WEIGHTS, READER_WEIGHTS)).to_dict()
    print(json.dumps({**found, "run": run}, indent=2))


if __name__ == "__main__":
    main()
