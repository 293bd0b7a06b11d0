"""One long piece of work at a time, in a thread of its own, which all visitors may watch and stop."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from index.adding import Progress
from index.errors import WhosaysError

LOOK_EVERY_S = 0.25
BROKEN = "Something went wrong inside Whosays. Its terminal shows what. Trying again may help."

Result = TypeVar("Result")


class Stopped(Exception):
    """Raised inside the work, where it next reports progress, once somebody asked for its end."""


@dataclass(frozen=True, slots=True)
class State(Generic[Result]):
    """How far the work is. `total` is None while unknown.

    `result` is that of the last work that came to its end; `problem` and `stopped` tell how the newest ended.
    """

    running: bool = False
    name: str = ""
    done: int = 0
    total: int | None = None
    label: str = ""
    result: Result | None = None
    problem: str = ""
    stopped: bool = False


class Job(Generic[Result]):
    """Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: State[Result] = State()
        self._stop = threading.Event()

    @property
    def state(self) -> State[Result]:
        """As it is now."""
        return self._state

    def start(self, work: Callable[[Progress], Result], *, name: str = "") -> bool:
        """Begin; False, and nothing begins, while earlier work runs. `work` gets a function to report to."""
        with self._lock:
            if self._state.running:
                return False
            self._stop = threading.Event()
            self._state = State(running=True, name=name, result=self._state.result)
        threading.Thread(target=self._run, args=(work, self._stop), daemon=True).start()
        return True

    def stop(self) -> None:
        """Ask the work to end where it next reports progress; at once back."""
        self._stop.set()

    def _run(self, work: Callable[[Progress], Result], stop: threading.Event) -> None:
        def report(done: int, total: int | None, label: str) -> None:
            if stop.is_set():
                raise Stopped
            self._state = replace(self._state, done=done, total=total, label=label)

        ended = replace(self._state, running=False, problem=BROKEN)
        try:
            ended = replace(ended, result=work(report), problem="")
        except Stopped:
            ended = replace(ended, problem="", stopped=True)
        except WhosaysError as error:
            ended = replace(ended, problem=str(error))
        finally:  # also after what nobody foresaw, which the terminal shows
            self._state = ended


async def watch(job: Job[Result]) -> AsyncIterator[State[Result]]:
    """The state at once, then whenever it has changed, until the work has ended."""
    shown = job.state
    yield shown
    while shown.running:
        await asyncio.sleep(LOOK_EVERY_S)
        if job.state is not shown:
            shown = job.state
            yield shown
