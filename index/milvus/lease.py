"""One writer at a time to a library on a server: tickets that a writer draws, and that run out by themselves.

A writer writes its ticket, then reads all: it holds the lease when its own is the only one in force. Of two
that begin at once none may win, never both; each then tries again. A clock that is set makes a writer stop
early and never late. A ticket that no right clock could have dated, as those of the dead are after a clock
was set back, runs out when nobody has drawn it anew for one lease. Who takes the place of one that ran out
first says so (`overtake`), since that writer may only sleep: it may have looked at its lease just before, and
then write. What this does not protect from: clocks of several machines that differ by more than half a lease.
"""

import json
import logging
import os
import random
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from index.errors import LibraryError, LibraryInUse
from index.milvus.rows import Collections, Row, key_list, record

LEASE_S = 120.0
_log = logging.getLogger(__name__)
_OWN_KEYS = 1 << 62  # tickets have keys below minus this, far from those of commits


class Clock(Protocol):
    """What tells the time in seconds; the module `time` is one."""

    def time(self) -> float:
        """Of day: people set it."""

    def monotonic(self) -> float:
        """Of this machine: nobody sets it."""

    def sleep(self, seconds: float, /) -> None:
        """Until so many have passed."""


class Lease:
    """Of one library."""

    def __init__(self, collections: Collections, *, seconds: float = LEASE_S, clock: Clock = time) -> None:
        self._collections = collections
        self._seconds = seconds
        self._clock = clock
        self._key = 0
        self._until = self._until_here = 0.0
        self._odd: dict[int, float] = {}  # tickets of another time, and since when they stand unchanged
        self._dead: set[int] = set()  # of these such as stood so for one lease
        self._command = ""

    @contextmanager
    def hold(
        self, command: str, *, wait_s: float = 0.0, overtake: Callable[[], None] = lambda: None
    ) -> Iterator[None]:
        """Hold it for the block; LibraryInUse, with the holder, when it is not free within `wait_s`.

        `overtake` is called first where another's ran out, before its ticket goes.
        """
        self._command, deadline = command, self._clock.monotonic() + wait_s
        while True:
            self._draw()
            others, over = self._others()
            if not others:
                break
            self._collections.delete("state", f"key == {self._key}")
            late = self._clock.monotonic() - deadline
            waits_out = len(self._odd) == len(others) and late < 2 * self._seconds
            if late >= 0 and not waits_out:
                raise LibraryInUse(
                    f"The library {self._collections.address.text} is in use by {_holder(others[0])}; wait"
                    " until it is done, or stop it"
                )
            self._clock.sleep(random.uniform(0.05, 0.25))  # noqa: S311  # so that two do not collide for ever
        try:
            if over:
                overtake()
                self._collections.delete("state", f"key in {key_list(over)}")
            yield
        finally:
            try:
                self._collections.delete("state", f"key == {self._key}")
            except LibraryError as error:
                _log.warning("Other writers have to wait up to %.0f s: %s", self._seconds, error)

    def keep(self) -> None:
        """Before each write: draws anew in time. LibraryInUse where it ran out: another may be writing."""
        # Whichever is earlier: one clock may be set, and the other stands still while the machine sleeps.
        left = min(self._until - self._clock.time(), self._until_here - self._clock.monotonic())
        if left <= 0:
            raise LibraryInUse(
                f"Writing to {self._collections.address.text} paused for {self._seconds:.0f} s, and another"
                " may have begun: the change is not made; make it again"
            )
        if left < self._seconds / 2:
            before = self._key
            self._draw()
            self._collections.delete("state", f"key == {before}")

    def _draw(self) -> None:
        self._key = -_OWN_KEYS - secrets.randbelow(_OWN_KEYS)
        self._until = self._clock.time() + self._seconds
        self._until_here = self._clock.monotonic() + self._seconds
        note = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "command": self._command,
            "until": self._until,
        }
        self._collections.insert("state", [record(self._key, "writer", 0, json.dumps(note))])

    def _others(self) -> tuple[list[Row], list[int]]:
        """The notes of the others that are in force, and the tickets that ran out."""
        tickets = {
            int(row["key"]): dict(json.loads(row["data"]))
            for row in self._collections.query("state", 'kind == "writer"', ["key", "data"])
            if row["key"] != self._key
        }
        now, here, half = self._clock.time(), self._clock.monotonic(), self._seconds / 2
        odd = {key for key, note in tickets.items() if note["until"] > now + self._seconds + half}
        odd -= self._dead
        if odd - self._odd.keys():
            _log.warning(
                "A writer to %s has another time than this machine: it takes up to %.0f s to see if it lives",
                self._collections.address.text,
                self._seconds,
            )
        seen = {key: self._odd.get(key, here) for key in odd}
        self._odd = {key: since for key, since in seen.items() if here - since <= self._seconds}
        over = [key for key, note in tickets.items() if note["until"] < now - half]
        self._dead |= seen.keys() - self._odd.keys()
        over += sorted(self._dead & tickets.keys())
        return [note for key, note in sorted(tickets.items()) if key not in over], over


def _holder(note: Row) -> str:
    where = "" if note["host"] == socket.gethostname() else f" on {note['host']}"
    return f"process {note['pid']}{where} ({note['command']})"
