"""Attack a running app as strangers do, and say which promises of SECURITY.md held.

`python -m eval.robustness.attack` starts an app of its own on a small library and attacks it for a minute;
`--seconds 3600` for an hour, each round with other values, `--address` one that runs. The exit code is 1
where a promise did not hold. Cases stand in `attack_cases`.
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from eval.robustness.attack_cases import CASES, PROMISES, Case
from eval.robustness.attack_target import FERRY, Target

# Of the process that is attacked. Source: measured, 0.7 to 0.9 GB after a minute of attacks.
MOST_MB = 2_500


@dataclass(slots=True)
class Report:
    """What was tried and what broke, by case."""

    tries: Counter[str] = field(default_factory=Counter)
    broken: dict[str, list[str]] = field(default_factory=dict)

    def note(self, case: str, flaws: Sequence[str]) -> None:
        """One more try, and what was wrong with it."""
        self.tries[case] += 1
        if flaws:
            self.broken.setdefault(case, []).extend(flaws)

    def lines(self) -> list[str]:
        """A table: each case under its promise, how often it was tried, and whether it held."""
        lines = []
        for promise, told in PROMISES.items():
            lines.append(told)
            for case in (one for one in CASES if one.promise == promise and self.tries[one.name]):
                flaws = self.broken.get(case.name, [])
                held = f"BROKEN {len(flaws)} times, first: {flaws[0]}" if flaws else "held"
                lines.append(f"  {case.name:<22} {self.tries[case.name]:>6} tries   {held}")
        return lines


def attack(
    target: Target,
    *,
    seconds: float,
    seed: int = 0,
    cases: Sequence[Case] = CASES,
    clock: Callable[[], float] = monotonic,
) -> Report:
    """Each case at least once, and again in rounds until the time is over."""
    report, chance, end = Report(), random.Random(seed), clock() + seconds  # noqa: S311
    first = True
    while first or clock() < end:
        for case in cases:
            if not first and clock() > end:
                break
            try:
                flaws = case.attempt(target, chance)
            except OSError as error:
                flaws = [f"the app did not answer ({type(error).__name__}: {error})"]
            report.note(case.name, flaws)
        first = False
    return report


@contextmanager
def app(*flags: str) -> Iterator[Target]:
    """An app of its own on a small library, one article of which is hostile; gone at the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        articles = folder / "articles"
        articles.mkdir()
        for number, text in enumerate((FERRY, f"<script>alert(1)</script> & {FERRY} \x1b]0;title\x07")):
            (articles / f"{number}.json").write_text(json.dumps({"text": text, "title": text[:60]}))
        run = [sys.executable, "-W", "ignore", "-m", "qa.cli"]
        library = ["--library", str(folder / "library")]
        own = {**os.environ, "WHOSAYS_JUDGE": "small"}
        subprocess.run(  # noqa: S603  # ourselves
            [*run, "add", str(articles), *library], check=True, capture_output=True, env=own
        )
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        log = folder / "log"
        command = [*run, "chat", "--no-browser", "--json", "--port", str(port), *library, *flags]
        with log.open("wb") as errors:
            process = subprocess.Popen(  # noqa: S603  # ourselves
                command, stdout=subprocess.PIPE, stderr=errors, env=own
            )
            try:
                assert process.stdout is not None
                lines = [process.stdout.readline() for _ in range(3)]
                yield Target(json.loads(b"".join(lines))["address"], process=process.pid, log=log)
            finally:
                process.terminate()
                process.communicate(timeout=120)


def main(arguments: Sequence[str] | None = None) -> int:
    """Attack, print the table, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.robustness.attack", description=__doc__)
    parser.add_argument("--address", help="of an app that runs; else one is started")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the values that are tried")
    given = parser.parse_args(arguments)
    if given.address:
        report = attack(Target(given.address), seconds=given.seconds, seed=given.seed)
    else:
        with app() as target:
            report = attack(target, seconds=given.seconds, seed=given.seed)
            if (held := target.memory_mb()) is not None:
                flaws = [] if held < MOST_MB else [f"{held} MB"]
                report.note("memory", flaws)
                sys.stdout.write(f"memory of the app at the end: {held} MB\n")
    sys.stdout.write("\n".join(report.lines()) + "\n")
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
