"""Which articles tell of one story: pairs that come back to one name, share another, and are near in time.

Only articles that meet under a name are held against each other, so the work grows with the stories and not
with the square of the library; where very many tell of one name, each is paired with the nearest in time.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa.survey.facts import day_of

# So many names of an article say what it is about, the most often named first.
_MAIN_NAMES = 12
# Of one story are articles that share a main name, and another name or so many words that both come back to.
_LEAST_SHARED = 2
_LEAST_WORDS = 3
# Where no date says that they are near in time, they share so many names, and both come back to one.
_LEAST_SHARED_UNDATED = 3
# Two reports of one story are seldom further apart. Source: own choice.
_MOST_DAYS = 120
# Articles under one name that all meet; beyond, each with so many that follow it.
_BLOCK = 120
_NEIGHBOURS = 24


@dataclass(frozen=True, slots=True)
class Profile:
    """What an article is about: how often it names whom, its title and opening counting more; and the words
    that it comes back to."""

    names: Mapping[str, int]
    words: frozenset[str]
    published: str | None

    @property
    def main(self) -> frozenset[str]:
        """The names that it comes back to, or opens with."""
        often = sorted((-count, name) for name, count in self.names.items() if count > 1)
        return frozenset(name for _, name in often[:_MAIN_NAMES])


@dataclass(frozen=True, slots=True)
class Stories:
    """Places of two profiles, the smaller first, in order; `left_out` counts those that did not meet."""

    found: list[tuple[int, int]]
    left_out: int


def stories(profiles: Sequence[Profile]) -> Stories:
    """The pairs of articles that tell of one story."""
    days = [day_of(profile.published) for profile in profiles]
    blocks: dict[str, list[int]] = defaultdict(list)
    for place, profile in enumerate(profiles):
        for name in profile.names:
            blocks[name].append(place)
    main = [profile.main for profile in profiles]
    held = [frozenset(profile.names) for profile in profiles]
    met: set[tuple[int, int]] = set()
    left_out = 0
    for name, block in sorted(blocks.items()):
        reach = len(block)
        if len(block) > _BLOCK:
            block = sorted(block, key=lambda at: (profiles[at].published or "", at))  # noqa: PLW2901
            reach = _NEIGHBOURS
            left_out += math.comb(len(block) - reach, 2)
        for at, one in enumerate(block):
            for other in block[at + 1 : at + 1 + reach]:
                mine, theirs = days[one], days[other]
                shared = len(held[one] & held[other])
                if mine is None or theirs is None:
                    one_story = name in main[one] & main[other] and shared >= _LEAST_SHARED_UNDATED
                else:
                    alike = len(profiles[one].words & profiles[other].words) >= _LEAST_WORDS
                    near = abs((mine - theirs).days) <= _MOST_DAYS and name in main[one] | main[other]
                    one_story = near and (alike or shared >= _LEAST_SHARED)
                if one_story:
                    met.add((min(one, other), max(one, other)))
    return Stories(sorted(met), left_out)
