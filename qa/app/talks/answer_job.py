"""An answer sought in a thread of its own: its stages as they begin, and its end once nobody wants it."""

import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any, Generic, TypeVar

from qa.app.shelf.background import Stopped
from qa.records import Stage

LOOK_EVERY_S = 0.1
# So long nobody is told that others come first; then each second, by which those who have gone are noticed.
UNTOLD_S, TOLD_EVERY_S = 2.0, 1.0

ASKS_AT_ONCE = 2  # one a core of the laptop that the budgets are for; the others wait their turn

# From so many questions that wait on, the judge is spared. Source: with the judge a laptop of two cores gives
# three answers a second, so that this many wait for two seconds already.
BUSY_FROM = 6

Result = TypeVar("Result")


class Crowd:
    """How many questions wait, of pages and of programs: those that are begun while many do, are hurried.

    `at_once` are answered together, of pages and again of programs.
    """

    def __init__(self, at_once: int = ASKS_AT_ONCE) -> None:
        self.at_once = at_once
        self._counts: list[Callable[[], int]] = []

    def watch(self, count_waiting: Callable[[], int]) -> None:
        """One more place where questions wait."""
        self._counts.append(count_waiting)

    def is_busy(self) -> bool:
        """Whether so many wait that the judge is spared."""
        return sum(count() for count in self._counts) >= BUSY_FROM * self.at_once / ASKS_AT_ONCE


@dataclass(frozen=True, slots=True)
class Sketch:
    """A turn as HTML while its answer is still sought."""

    html: str


Told = Stage | Sketch


class Line(ThreadPoolExecutor):
    """Work is begun in the order in which it came, and it is known how much waits before one's own."""

    def __init__(self, threads: int, name: str) -> None:
        super().__init__(threads, thread_name_prefix=name)
        self._came: list[Future[Any]] = []
        self._changing = Lock()

    def submit(self, fn: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        """As `Executor.submit`."""
        with self._changing:
            future = super().submit(fn, *arguments, **options)
            self._came = [*filter(_waits, self._came), future]
            return future

    def count_waiting(self) -> int:
        """How much has not begun."""
        with self._changing:
            return sum(map(_waits, self._came))

    def place_of(self, future: Future[Any]) -> int | None:
        """How much waits before what `submit` gave; None once that has begun."""
        with self._changing:
            waiting = list(filter(_waits, self._came))
            return waiting.index(future) if future in waiting else None


def _waits(future: Future[Any]) -> bool:
    return not (future.running() or future.done())


class Seeking(Generic[Result]):
    """Work that tells its stages. Whoever waits is back at once when it is no longer `wanted`.

    The work itself then ends by `Stopped` where it next tells a stage.
    """

    def __init__(
        self, pool: Executor, work: Callable[[Callable[[Told], None]], Result], *, wanted: Callable[[], bool]
    ) -> None:
        self._pool = pool
        self._wanted = wanted
        self._left = False
        self._heard: SimpleQueue[Told | None] = SimpleQueue()
        self._told: Stage | None = None
        # The context tells whose question it is, and so which library.
        self._future = pool.submit(copy_context().run, work, self._tell)
        self._future.add_done_callback(lambda _: self._heard.put(None))

    def _tell(self, told: Told) -> None:
        if self._left or not self._wanted():
            raise Stopped
        if told != self._told:
            if not isinstance(told, Sketch):
                self._told = told
            self._heard.put(told)

    def stages(self) -> Generator[Told | int, None, None]:
        """Each stage as it begins, and each sketch, until the work has ended or is no longer wanted.

        Of several that began since the last look only the newest: nobody waits for what is past. What takes
        long tells the same each second, and, while it waits in a `Line`, how much comes before it. Whoever
        leaves the iterator gives up the work.
        """
        tell_at = time.monotonic() + UNTOLD_S
        try:
            while self._wanted():
                try:
                    newest = self._heard.get(timeout=LOOK_EVERY_S)
                    while newest is not None and not self._heard.empty():
                        newest = self._heard.get()
                except Empty:
                    if time.monotonic() >= tell_at:
                        tell_at = time.monotonic() + TOLD_EVERY_S
                        yield from self._repeat()
                    continue
                if newest is None:
                    return
                yield newest
        finally:
            self._left = True
            self._future.cancel()  # it may not have begun

    def _repeat(self) -> Iterator[Told | int]:
        before = self._pool.place_of(self._future) if isinstance(self._pool, Line) else None
        if before is not None:
            yield before
        elif self._told is not None:
            yield self._told

    def result(self) -> Result:
        """What came of the work; raises what it raised."""
        return self._future.result()
