"""Groups of articles that tell of one event: the surest two are joined first, and strangers never by a chain.

Two groups are joined where the judgement of their articles is sure enough on average, not where any two of
them are near (average linkage: Sokal and Michener 1958). A large group is held against by its core alone,
those that were joined first, so that the work grows with the articles and not with their squares.
"""

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from qa.comparison.evidence import log_odds
from qa.events.pairs import Company
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
        self._known: dict[tuple[int, int], float] = {}
        self._beside: dict[int, set[int]] = defaultdict(set)
        self._waiting: list[tuple[float, int, int]] = []

    def run(self) -> None:
        """Join until no two groups are near enough."""
        looked_at = self._company.looked_at
        said = self._company.judge(looked_at).tolist()
        for (one, other), sure in zip(looked_at.tolist(), said, strict=True):
            self._known[one, other] = sure
            if sure >= self._least:
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
        for near in sorted(beside):
            self._beside[near] -= {one, other}
            sure = self._average(self.groups[near], self.groups[number])
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

    def _average(self, one: Sequence[int], other: Sequence[int]) -> float:
        """The mean log-odds of the articles of two cores."""
        pairs = [(min(pair), max(pair)) for pair in product(one[:_CORE], other[:_CORE])]
        self._judge(pairs)
        return sum(self._known[pair] for pair in pairs) / len(pairs)

    def _judge(self, pairs: Sequence[tuple[int, int]]) -> None:
        fresh = [pair for pair in pairs if pair not in self._known]
        if fresh:
            said = self._company.judge(np.array(fresh, np.int64)).tolist()
            self._known.update(zip(fresh, said, strict=True))

    def find_near(self, members: Sequence[Sequence[int]], least: float) -> dict[int, set[int]]:
        """By the number of a group those that are so near to it on average, of those with such a pair."""
        number_of = {place: number for number, places in enumerate(members) for place in places}
        met = {
            (min(mine, theirs), max(mine, theirs))
            for one, other in self._company.looked_at.tolist()
            if self._known[one, other] >= least and (mine := number_of[one]) != (theirs := number_of[other])
        }
        near: dict[int, set[int]] = defaultdict(set)
        for one, other in sorted(met):
            if self._average(members[one], members[other]) >= least:
                near[one].add(other)
                near[other].add(one)
        return near

    def find_central(self, places: Sequence[int]) -> int:
        """The place of a group that is surest of the others in its core, ties to the first."""
        core = places[:_CORE]
        pairs = [(min(one, other), max(one, other)) for one in places for other in core if one != other]
        self._judge(pairs)

        def nearness(place: int) -> float:
            others = [one for one in core if one != place]
            sure = [self._known[min(place, other), max(place, other)] for other in others]
            return round(sum(sure) / max(1, len(sure)), 9)

        return min(sorted(places), key=lambda place: -nearness(place))
