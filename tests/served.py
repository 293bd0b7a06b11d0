"""The app as a process of its own, and small articles for it: what the tests of the served app share.

Run as a script, this file is a program that calls the app's endpoints by Gradio's client, as its own process:
that client leaves loops and sockets open, which here would be errors.
"""

import json
import multiprocessing
import os
import runpy
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self, TextIO

from qa.cli import main
from tests.paths import ROOT
from tests.waits import LONGEST_S

FERRY = "The ferry Aurora came in late on Friday. The ferry Aurora carried 40 people, the captain said."
POLICE = "Police said on Friday: the ferry Aurora carried 45 people. The pier was full."
MILL = "The mill in Aarup employs 120 people. It was built in 1912."


@cache
def _ports(process: int) -> Iterator[int]:
    """Those that a process tries: below the ones that a system gives away, and apart from other processes'."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    return count(20_000 + 2_000 * (worker % 6) + process % 1_000)


def free_port() -> int:
    """A port that nobody listens on; a process is given each only once, even before anybody does."""
    while True:
        port = next(_ports(os.getpid()))
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def shelve(folder: Path) -> Path:
    """A library of three articles, two of which disagree."""
    articles = folder / "articles"
    articles.mkdir()
    for name, publisher, published, text in (
        ("ferry", "Morning Post", "2026-07-03", FERRY),
        ("police", "Evening News", "2026-07-04", POLICE),
        ("mill", "", "", MILL),
    ):
        stated = {"title": name.title(), "publisher": publisher, "published": published}
        (articles / f"{name}.json").write_text(
            json.dumps({"text": text, **{key: value for key, value in stated.items() if value}})
        )
    library = folder / "library"
    assert main(["add", str(articles), "--library", str(library)]) == 0
    return library


# The browser contexts that tests opened: a page must not outlive its server, or it reports lost connections.
VISITS: list[Any] = []


def leave(address: str) -> None:
    """Close every context that has a page at `address`."""
    for context in VISITS:
        if any(page.url.startswith(address) for page in context.pages):
            context.close()


# Where who may do what is tested, not what is answered: the small models answer in a third of the time.
SMALL = {"WHOSAYS_JUDGE": "small"}


WHOSAYS = "whosays"


@contextmanager
def served(*flags: str, library: Path | None = None, log: Path, **environment: str) -> Iterator[str]:
    """The address of `whosays chat` with `flags`, which runs until the block ends."""
    of = ["--library", str(library)] if library else []
    command = [WHOSAYS, "chat", "--no-browser", "--json", "--port", str(free_port())]
    with _running([*command, *of, *flags], log, {"GRADIO_ALLOWED_PATHS": "/", **environment}) as output:
        lines = []
        while not lines or (lines[-1] and lines[-1] != "}\n"):
            lines.append(output.readline())
        assert lines[-1], log.read_text()
        address = json.loads("".join(lines))["address"]
        try:
            yield address
        finally:
            leave(address)


@contextmanager
def started(script: str, *arguments: str, log: Path, **environment: str) -> Iterator[str]:
    """The address of the server that `script` is when it is run, which runs until the block ends.

    Uploads have a folder of their own: Gradio names them by content, and servers share its usual one.
    """
    own = {"GRADIO_TEMP_DIR": str(log.parent / "uploads"), **environment}
    with _running([script, *arguments], log, own) as output:
        address = output.readline().strip()
        assert address, log.read_text()
        try:
            yield address
        finally:
            leave(address)


def stay(blocks: Any, *, articles: Any, pages: Sequence[Any] = ()) -> None:
    """Serve until killed, as `started` expects: the address is the first line of output."""
    from qa.app.serve.host import launch, wait

    sys.stdout.write(launch(blocks, articles=articles, pages=pages, port=free_port()) + "\n")
    sys.stdout.flush()
    wait(blocks)


# Forked from a process that has imported what an app needs: each start takes 1.2 s, not 3.
_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["tests.preloaded"])
# Gradio takes the package for tools along as it is imported, or never.
_FRESH = multiprocessing.get_context("spawn")


@contextmanager
def _running(arguments: Sequence[str], log: Path, environment: dict[str, str]) -> Iterator[TextIO]:
    """What a program of ours prints, which runs until the block ends; its errors go to `log`."""
    begin: Any = _FRESH if "--mcp" in arguments else _FORKED
    reading, writing = begin.Pipe(duplex=False)
    own = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    process = begin.Process(target=_become, args=(arguments, own, log, writing))
    process.start()
    writing.close()
    with reading, open(reading.fileno(), encoding="utf-8", closefd=False) as output:
        try:
            yield output
        finally:
            process.terminate()
            process.join(timeout=LONGEST_S)
            ended = process.exitcode is not None
            process.kill()
    assert ended, f"what was started did not end: {log.read_text()}"


def _become(arguments: Sequence[str], environment: dict[str, str], log: Path, output: Connection) -> None:
    """Be the program, with its own environment, its output in the pipe and its errors in the log."""
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(output.fileno(), 1)
    with log.open("w") as errors:
        os.dup2(errors.fileno(), 2)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # until the process ends
    warnings.simplefilter("ignore")
    program, *rest = arguments
    if program == WHOSAYS:
        sys.exit(main(rest))
    sys.argv, sys.path[0] = [program, *rest], str(Path(program).parent)
    runpy.run_path(program, run_name="__main__")


class Refusal(Exception):
    """What the client raised: its kind, and what it said."""


class Caller:
    """Gradio's client, signed in when `auth` says as whom. `calls` gives several results, asked for at once."""

    def __init__(self, address: str, *auth: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__, address, *auth],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=LONGEST_S)
        self._process.stdout.close()

    def endpoints(self) -> Any:
        """What the client knows of the endpoints."""
        return self._ask({"endpoints": True})

    def __call__(self, name: str, *arguments: Any, file: Path | None = None, **named: Any) -> Any:
        """The result of one call; `file` is uploaded."""
        sent = {"name": name, "arguments": arguments, "named": named, "file": str(file) if file else None}
        return self.calls([sent])[0]

    def calls(self, calls: list[dict[str, Any]]) -> list[Any]:
        """The results of calls as `__call__` sends them."""
        return self._ask({"calls": calls})

    def _ask(self, request: dict[str, Any]) -> Any:
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        if "error" in reply:
            raise Refusal(reply["error"])
        return reply["result"]


def call_for(address: str, *auth: str) -> None:
    """Make the calls that come line by line, until there are no more."""
    from gradio_client import Client, handle_file
    from gradio_client.exceptions import AppError, AuthenticationError

    made: list[Client] = []

    def result(request: dict[str, Any]) -> Any:
        if not made:
            options = {"verbose": False, "download_files": False, "analytics_enabled": False}
            made.append(Client(address, auth=auth or None, **options))
        if request.get("endpoints"):
            return made[0].view_api(return_format="dict", print_info=False)["named_endpoints"]
        jobs = [
            made[0].submit(
                *call["arguments"],
                **call["named"],
                **({"file": handle_file(call["file"])} if call.get("file") else {}),
                api_name=call["name"],
            )
            for call in request["calls"]
        ]
        return [job.result() for job in jobs]

    for line in sys.stdin:
        try:
            reply = {"result": result(json.loads(line))}
        except (AppError, AuthenticationError, ValueError) as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    call_for(*sys.argv[1:])
