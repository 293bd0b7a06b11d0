"""Wrong tries, counted by who made them: after a few the next one has to wait, each time longer."""

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import monotonic

FIRST_WAIT_S = 15.0
LONGEST_WAIT_S = 15 * 60.0
# So long after the last wrong try all of them are forgotten.
FORGOTTEN_S = 60 * 60.0
MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class _Wrong:
    """How many wrong tries there were, when the last one was, and until when there may be no other."""

    number: int
    last: float
    until: float


class Tries:
    """Counts for `MOST_KNOWN` at most: of more, the one whose last wrong try is longest ago is forgotten."""

    def __init__(self, free: int, *, clock: Callable[[], float] = monotonic) -> None:
        """`free` wrong tries cost no waiting. `clock` gives seconds that never go back."""
        self._free = free
        self._clock = clock
        self._wrong: dict[Hashable, _Wrong] = {}  # the last wrong try of all is the last one here

    def wait_s(self, who: Hashable) -> int:
        """Whole seconds until the next try is heard; 0 when it is now."""
        found = self._find(who)
        return math.ceil(max(0.0, found.until - self._clock())) if found else 0

    def count_wrong(self, who: Hashable) -> None:
        """One more was wrong."""
        now, found = self._clock(), self._find(who)
        number = (found.number if found else 0) + 1
        beyond = number - self._free
        wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(beyond, 20)) if beyond >= 0 else 0.0
        self._wrong.pop(who, None)
        self._wrong[who] = _Wrong(number, now, now + wait)
        while len(self._wrong) > MOST_KNOWN:
            del self._wrong[next(iter(self._wrong))]

    def forgive(self, who: Hashable) -> None:
        """Forget what was wrong before."""
        self._wrong.pop(who, None)

    def __len__(self) -> int:
        return len(self._wrong)

    def _find(self, who: Hashable) -> _Wrong | None:
        found = self._wrong.get(who)
        return found if found and self._clock() - found.last < FORGOTTEN_S else None
