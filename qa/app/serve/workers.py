"""Questions answered in processes of their own: `whosays chat --workers N`, for a machine of many processors.

The app stays one process, with one queue and one place for its sessions; what reads and judges runs in the
workers, a question in each. Each opens the library that a question is asked of, and sees what others change
there, as every process does.
"""

import multiprocessing
import os
import signal
import sys
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, Literal, Self

from index.errors import LibraryError, WhosaysError
from index.local.schema import identify_folder
from qa.ask import ask, build_embedder, build_models, open_library
from qa.language.terminal import HarmlessStream
from qa.library import Library
from qa.records import Answer, OnFirst, OnStage, Stage, Turn, ignore_stage
from qa.settings import Settings

# Libraries that a worker holds open; beyond, the one goes that was asked longest ago.
_OPEN_LIBRARIES = 8
_END_S = 5.0
_DIED = "The process that was looking for the answer ended; another has taken its place. Ask again."

_UNDER_WAY = ("stage", "first")

Heard = tuple[Literal["stage", "first", "answer", "refused", "stopped"], Any]


@dataclass(frozen=True, slots=True)
class _Question:
    """What a worker is asked; `early` where a first answer is wanted. `options` are those of `ask`."""

    question: str
    history: Sequence[Turn | Answer]
    address: str
    early: bool
    options: Mapping[str, Any]


class Workers:
    """So many processes, begun at once and ended with the block."""

    def __init__(self, number: int, settings: Settings) -> None:
        """`settings` are those of `ask`."""
        self._settings = settings
        self._number = number
        self._ended = False
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._all = [_Worker(place, number, settings) for place in range(number)]
        for one in self._all:
            self._idle.put(one)

    def __len__(self) -> int:
        return self._number

    def processes(self) -> list[int]:
        """Their numbers, as the system counts."""
        return [one.process_id for one in self._all]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        for one in self._all:
            one.stop()
        for one in self._all:
            one.end()

    def ask(
        self,
        question: str,
        history: Sequence[Turn | Answer],
        *,
        library: Library,
        on_stage: OnStage = ignore_stage,
        on_first: OnFirst | None = None,
        **options: Any,
    ) -> Answer:
        """As `qa.ask.ask`, by a worker that is free; waits for one. LibraryError where the worker ends."""
        sent = _Question(question, tuple(history), str(library.address), on_first is not None, options)
        worker = self._idle.get()
        try:
            worker = self._renew(worker)  # it may have been killed while it had nothing to do
            return worker.ask(sent, on_stage, on_first)
        finally:
            with suppress(OSError):  # tried again before the next question
                worker = self._renew(worker)
            self._idle.put(worker)

    def _renew(self, worker: "_Worker") -> "_Worker":
        """Itself while it lives, else another in its place."""
        if worker.is_alive() or self._ended:
            return worker
        worker.end()
        place = self._all.index(worker)
        self._all[place] = _Worker(place, self._number, self._settings)
        return self._all[place]


class _Worker:
    """One process, and the line to it."""

    def __init__(self, place: int, number: int, settings: Settings) -> None:
        # Not forked: the app has threads, and what they hold would be held for ever.
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(
            target=_work, args=(theirs, settings, _processors(place, number)), daemon=True, name="whosays-ask"
        )
        self._process.start()
        theirs.close()

    @property
    def process_id(self) -> int:
        return self._process.pid or 0

    def is_alive(self) -> bool:
        return self._process.is_alive() and not self._line.closed

    def ask(self, sent: _Question, on_stage: OnStage, on_first: OnFirst | None) -> Answer:
        """What a listener raises ends the work, and is raised once that has ended."""
        try:
            self._say(sent)
            while (heard := self._hear())[0] in _UNDER_WAY:
                listener: Any = on_stage if heard[0] == "stage" else on_first
                try:
                    listener(heard[1])
                except BaseException:
                    self._say(None)
                    while self._hear()[0] in _UNDER_WAY:
                        pass
                    raise
        except _GoneError as error:
            raise LibraryError(_DIED) from error
        kind, told = heard
        if kind == "refused":
            raise told
        assert isinstance(told, Answer)
        return told

    def _say(self, what: _Question | None) -> None:
        try:
            self._line.send(what)
        except OSError as error:
            self._line.close()
            raise _GoneError from error

    def _hear(self) -> Heard:
        """What comes next. Where that fails the line is given up: the next to ask must not hear the rest."""
        try:
            heard: Heard = self._line.recv()
        except BaseException as error:
            self._line.close()
            if isinstance(error, EOFError | OSError):
                raise _GoneError from error
            raise
        return heard

    def stop(self) -> None:
        """Whatever it does: it only reads."""
        self._line.close()
        self._process.terminate()

    def end(self) -> None:
        """Wait for its end, before which it may tell why, and make it where that takes long."""
        self._line.close()
        self._process.join(_END_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


class _GoneError(Exception):
    """The process has ended, or its line."""


class _StoppedError(Exception):
    """Nobody wants the answer any more."""


def _processors(place: int, number: int) -> tuple[int, ...]:
    """The processors that the worker runs on, of which each has its share; none where no system says."""
    if not hasattr(os, "sched_getaffinity"):
        return ()
    usable = sorted(os.sched_getaffinity(0))
    return tuple(usable[place::number]) if number <= len(usable) else (usable[place % len(usable)],)


def _work(line: Connection, settings: Settings, processors: Sequence[int]) -> None:
    """Answer what comes, until the app has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the app's: it ends the line
    # An error that is none of ours ends this process, and is told there.
    sys.stderr = HarmlessStream(sys.stderr)
    if processors:
        os.sched_setaffinity(0, processors)  # models run on as many threads
    build_embedder(settings.embedder)
    build_models(settings)
    libraries = _Libraries(settings)
    with suppress(EOFError, OSError):  # the app has gone, or ends
        while True:
            sent = line.recv()
            if isinstance(sent, _Question):  # else the end of what has ended meanwhile
                line.send(_answer(line, sent, libraries, settings))
    libraries.close()


def _answer(line: Connection, sent: _Question, libraries: "_Libraries", settings: Settings) -> Heard:
    def on_stage(stage: Stage) -> None:
        line.send(("stage", stage))
        if line.poll():
            line.recv()
            raise _StoppedError

    def on_first(first: Answer) -> None:
        line.send(("first", first))

    try:
        answer = ask(
            sent.question,
            history=sent.history,
            library=libraries.get(sent.address),
            settings=settings,
            on_stage=on_stage,
            on_first=on_first if sent.early else None,
            **sent.options,
        )
    except _StoppedError:
        return "stopped", None
    except WhosaysError as error:
        return "refused", error
    return "answer", answer


class _Libraries:
    """The libraries that are open here, by address."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: OrderedDict[str, tuple[int, Library]] = OrderedDict()

    def get(self, address: str) -> Library:
        """The library, opened once, and again where another stands there by now."""
        made, library = self._open.pop(address, (0, None))
        if library is None or made != identify_folder(library.path):
            if library is not None:
                library.close()
            library = open_library(address, self._settings)
            made = identify_folder(library.path)
        self._open[address] = (made, library)
        while len(self._open) > _OPEN_LIBRARIES:
            _, (_, oldest) = self._open.popitem(last=False)
            oldest.close()
        return library

    def close(self) -> None:
        for _, library in self._open.values():
            library.close()
