"""What may be held against what, without comparing all with all: facts of one thing, articles of one story.

Facts share a name and enough words. The longer of two word sets must be shared to a given part. Then the
rarest few words of the one and of the other meet in at least one (prefix filtering: Chaudhuri, Ganti and
Kaushik 2006), so that only facts under the same name and the same rare word are ever held against each
other. Articles of one story come back to one name, share another, and are near in time. Either way the work
grows with what really is alike and not with the square of the library; where very many meet, each is paired
with the nearest in order.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from qa.survey.facts import day_of

_Key = TypeVar("_Key")

# How many under one key all meet; beyond, each with so many that follow it.
_FACTS, _NEXT_FACTS = 200, 32
_ARTICLES, _NEXT_ARTICLES = 120, 24
# So many names of an article say what it is about, the most often named first.
_MAIN_NAMES = 12
# Of one story are articles that share a main name, and another name or so many words that both come back to.
_LEAST_SHARED = 2
_LEAST_WORDS = 3
# Where no date says that they are near in time, they share so many names, and both come back to one.
_LEAST_SHARED_UNDATED = 3
# Two reports of one story are seldom further apart. Source: own choice.
_MOST_DAYS = 120


@dataclass(frozen=True, slots=True)
class Card:
    """What pairing needs of a fact: whom it is of, and the words of its relation."""

    names: tuple[str, ...]
    keys: tuple[str, ...]


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
class Pairs:
    """Places in the sequence of cards or profiles, the smaller first, in order; `left_out` counts those that
    were not held against each other."""

    found: list[tuple[int, int]]
    left_out: int


def pairs(cards: Sequence[Card], *, least_shared: float) -> Pairs:
    """Facts that share a name, and `least_shared` of the longer one's words."""
    often = Counter(key for card in cards for key in card.keys)
    blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, card in enumerate(cards):
        rare = sorted(card.keys, key=lambda key: (often[key], key))
        for key in rare[: len(rare) - math.ceil(least_shared * len(rare) - 1e-9) + 1]:
            for name in card.names:
                blocks[name, key].append(place)
    held = [frozenset(card.keys) for card in cards]

    def alike(_: tuple[str, str], one: int, other: int) -> bool:
        most = max(len(held[one]), len(held[other]))
        return len(held[one] & held[other]) >= least_shared * most

    return _met(blocks, alike, _FACTS, _NEXT_FACTS, lambda place: (cards[place].keys, place))


def stories(profiles: Sequence[Profile]) -> Pairs:
    """Articles that tell of one story."""
    days = [day_of(profile.published) for profile in profiles]
    blocks: dict[str, list[int]] = defaultdict(list)
    for place, profile in enumerate(profiles):
        for name in profile.names:
            blocks[name].append(place)
    main = [profile.main for profile in profiles]
    held = [frozenset(profile.names) for profile in profiles]

    def of_one_story(name: str, one: int, other: int) -> bool:
        mine, theirs = days[one], days[other]
        shared = len(held[one] & held[other])
        if mine is None or theirs is None:
            return name in main[one] & main[other] and shared >= _LEAST_SHARED_UNDATED
        if abs((mine - theirs).days) > _MOST_DAYS or name not in main[one] | main[other]:
            return False
        return shared >= _LEAST_SHARED or len(profiles[one].words & profiles[other].words) >= _LEAST_WORDS

    return _met(
        blocks,
        of_one_story,
        _ARTICLES,
        _NEXT_ARTICLES,
        lambda place: (profiles[place].published or "", place),
    )


def _met(
    blocks: Mapping[_Key, list[int]],
    alike: Callable[[_Key, int, int], bool],
    most: int,
    nearest: int,
    order: Callable[[int], Any],
) -> Pairs:
    """The places of each block that are alike; of one with more than `most`, each with so many after it."""
    found: set[tuple[int, int]] = set()
    left_out = 0
    for key, block in blocks.items():
        reach, ordered = len(block), block
        if len(block) > most:
            reach, ordered = nearest, sorted(block, key=order)
            left_out += math.comb(len(block) - reach, 2)
        for at, one in enumerate(ordered):
            for other in ordered[at + 1 : at + 1 + reach]:
                if alike(key, one, other):
                    found.add((min(one, other), max(one, other)))
    return Pairs(sorted(found), left_out)
