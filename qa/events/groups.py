"""Groups of articles that tell of one event: the surest two are joined first, and strangers never by a chain.

Two groups are joined where the judgement of their articles is sure enough on average, not where any two of
them are near (average linkage: Sokal and Michener 1958). A large group is held against by its core alone,
those that were joined first, so that the work grows with the articles and not with their squares.
"""

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, product

import numpy as np
from numpy.typing import NDArray

from qa.comparison.evidence import log_odds
from qa.events.pairs import Company, Pairs
from qa.weights.fitted import load_fitted

# So many of a group are held against another. Source: own choice; on held-out stories, whose groups have at
# most nine, 6 and 9 give the same figures.
_CORE = 8


@dataclass(frozen=True, slots=True)
class EventGroup:
    """Places in a company that tell of one event, in order, and the one that is nearest to all others.

    `near` are the numbers of the groups of which it is not sure that they tell of another event.
    """

    places: tuple[int, ...]
    central: int
    near: tuple[int, ...]


def group(
    company: Company, least: float | None = None, surely_apart: float | None = None
) -> list[EventGroup]:
    """Every place in one group, alone where nobody tells of the same; in the order of their first places.

    Groups are joined from log-odds of `least` on, and below `surely_apart` they tell of two events; by
    default these are as fitted.
    """
    thresholds = load_fitted().thresholds
    joining = _Joining(company, log_odds(thresholds["event"]) if least is None else least)
    joining.run()
    apart = log_odds(thresholds["stranger_event"]) if surely_apart is None else surely_apart
    members = sorted(joining.groups.values(), key=min)
    near = joining.find_near(members, apart)
    return [
        EventGroup(tuple(sorted(places)), joining.find_central(places), tuple(sorted(near[number])))
        for number, places in enumerate(members)
    ]


class _Joining:
    """`groups` by number, each with its places in the order in which they were joined."""

    def __init__(self, company: Company, least: float) -> None:
        self.groups: dict[int, list[int]] = {place: [place] for place in range(len(company))}
        self._company = company
        self._least = least
        self._looked_at = company.looked_at
        self._said = company.judge(company.looked_at)
        self._keys = self._key(company.looked_at)
        self._known: dict[int, float] = {}  # of pairs that are not looked at
        self._beside: dict[int, set[int]] = defaultdict(set)
        self._waiting: list[tuple[float, int, int]] = []

    def run(self) -> None:
        """Join until no two groups are near enough."""
        near = np.flatnonzero(self._said >= self._least)
        for (one, other), sure in zip(self._looked_at[near].tolist(), self._said[near].tolist(), strict=True):
            self._link(one, other, sure)
        heapq.heapify(self._waiting)
        number = len(self._company)
        while self._waiting:
            _, one, other = heapq.heappop(self._waiting)
            if one not in self.groups or other not in self.groups:
                continue
            self._join(one, other, number)
            number += 1

    def _join(self, one: int, other: int, number: int) -> None:
        """Two groups become the group of that number."""
        first, second = sorted((one, other), key=lambda each: (-len(self.groups[each]), self.groups[each]))
        self.groups[number] = [*self.groups.pop(first), *self.groups.pop(second)]
        beside = (self._beside.pop(one) | self._beside.pop(other)) - {one, other}
        several = sorted(beside)
        averages = self._average([(self.groups[near], self.groups[number]) for near in several])
        for near, sure in zip(several, averages, strict=True):
            self._beside[near] -= {one, other}
            if sure >= self._least:
                self._link(near, number, sure)
            else:
                # They may become near enough again when either grows.
                self._beside[near].add(number)
                self._beside[number].add(near)

    def _link(self, one: int, other: int, sure: float) -> None:
        self._beside[one].add(other)
        self._beside[other].add(one)
        heapq.heappush(self._waiting, (-round(sure, 9), one, other))

    def _average(self, several: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[float]:
        """For each two groups the mean log-odds of the articles of their cores."""
        pairs = [list(product(one[:_CORE], other[:_CORE])) for one, other in several]
        if not pairs:
            return []
        said = self._judge(np.sort(np.array(list(chain.from_iterable(pairs)), np.int64), axis=1))
        lengths = np.array([len(some) for some in pairs])
        sums = np.add.reduceat(said, np.cumsum(lengths) - lengths)
        return [float(one) for one in sums / lengths]

    def _judge(self, pairs: Pairs) -> NDArray[np.float64]:
        """The log-odds of pairs, the smaller place first; each is judged once."""
        keys = self._key(pairs)
        at = np.searchsorted(self._keys, keys).clip(max=max(0, len(self._keys) - 1))
        looked_at = self._keys[at] == keys if len(self._keys) else np.zeros(len(keys), bool)
        said = self._said[at] if len(self._keys) else np.empty(len(keys))
        others = np.flatnonzero(~looked_at)
        fresh = [place for place, key in zip(others.tolist(), keys[others].tolist(), strict=True)
                 if key not in self._known]  # fmt: skip
        if fresh:
            told = self._company.judge(pairs[fresh]).tolist()
            self._known.update(zip(keys[fresh].tolist(), told, strict=True))
        said[others] = [self._known[key] for key in keys[others].tolist()]
        return said

    def _key(self, pairs: Pairs) -> NDArray[np.int64]:
        return pairs[:, 0] * len(self._company) + pairs[:, 1]

    def find_near(self, members: Sequence[Sequence[int]], least: float) -> dict[int, set[int]]:
        """By the number of a group those that are so near to it on average, of those with such a pair."""
        number_of = {place: number for number, places in enumerate(members) for place in places}
        perhaps = self._looked_at[self._said >= least]
        met = {
            (min(mine, theirs), max(mine, theirs))
            for one, other in perhaps.tolist()
            if (mine := number_of[one]) != (theirs := number_of[other])
        }
        near: dict[int, set[int]] = defaultdict(set)
        between = sorted(met)
        averages = self._average([(members[one], members[other]) for one, other in between])
        for (one, other), sure in zip(between, averages, strict=True):
            if sure >= least:
                near[one].add(other)
                near[other].add(one)
        return near

    def find_central(self, places: Sequence[int]) -> int:
        """The place of a group that is surest of the others in its core, ties to the first."""
        if len(places) == 1:
            return places[0]
        core = places[:_CORE]
        pairs = [(min(one, other), max(one, other)) for one in places for other in core if one != other]
        said = iter(self._judge(np.array(pairs, np.int64)).tolist())
        near: dict[int, float] = {}
        for place in places:
            others = [next(said) for one in core if one != place]
            near[place] = round(sum(others) / max(1, len(others)), 9)
        return min(sorted(places), key=lambda place: -near[place])
