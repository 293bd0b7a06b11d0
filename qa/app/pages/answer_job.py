"""An answer sought in a thread of its own: its stages as they begin, and its end once nobody wants it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from qa.app.serve.background import Stopped
from qa.progress import OnStage, Stage

LOOK_EVERY_S = 0.1

Result = TypeVar("Result")


class Seeking(Generic[Result]):
    """Work that tells its stages. Whoever waits is back at once when it is no longer `wanted`.

    The work itself then ends by `Stopped` where it next tells a stage.
    """

    def __init__(
        self, pool: Executor, work: Callable[[OnStage], Result], *, wanted: Callable[[], bool]
    ) -> None:
        self._wanted = wanted
        self._heard: SimpleQueue[Stage | None] = SimpleQueue()
        self._told: Stage | None = None
        # The context tells whose question it is, and so which library.
        self._future = pool.submit(copy_context().run, work, self._tell)
        self._future.add_done_callback(lambda _: self._heard.put(None))

    def _tell(self, stage: Stage) -> None:
        if not self._wanted():
            raise Stopped
        if stage != self._told:
            self._told = stage
            self._heard.put(stage)

    def stages(self) -> Iterator[Stage]:
        """Each stage as it begins, until the work has ended or is no longer wanted.

        Of several that began since the last look only the newest: nobody waits for what is past.
        """
        while self._wanted():
            try:
                newest = self._heard.get(timeout=LOOK_EVERY_S)
                while newest is not None and not self._heard.empty():
                    newest = self._heard.get()
            except Empty:
                continue
            if newest is None:
                return
            yield newest
        self._future.cancel()  # it may not have begun

    def result(self) -> Result:
        """What came of the work; raises what it raised."""
        return self._future.result()
