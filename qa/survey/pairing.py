"""Which facts may be of one thing: pairs that share a name and enough words, without comparing all with all.

The longer of two word sets must be shared to a given part. Then the rarest few words of the one and of the
other meet in at least one (prefix filtering: Chaudhuri, Ganti and Kaushik 2006), so that only facts under
the same name and the same rare word are ever held against each other. The work grows with the facts that
really are alike; where a block holds very many, each is paired with its nearest neighbours in order.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

# Facts of a block that are all compared with each other; beyond, each with so many that follow it.
_BLOCK = 200
_NEIGHBOURS = 32


@dataclass(frozen=True, slots=True)
class Card:
    """What pairing needs of a fact: whom it is of, and the words of its relation."""

    names: tuple[str, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Places in the sequence of cards, the smaller first, in order; `left_out` counts those not proposed."""

    found: list[tuple[int, int]]
    left_out: int


def pairs(cards: Sequence[Card], *, least_shared: float) -> Pairs:
    """Pairs that share a name, and `least_shared` of the longer one's words."""
    often = Counter(key for card in cards for key in card.keys)
    blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, card in enumerate(cards):
        rare = sorted(card.keys, key=lambda key: (often[key], key))
        for key in rare[: len(rare) - math.ceil(least_shared * len(rare) - 1e-9) + 1]:
            for name in card.names:
                blocks[name, key].append(place)
    held = [frozenset(card.keys) for card in cards]
    found: set[tuple[int, int]] = set()
    left_out = 0
    for _, block in sorted(blocks.items()):
        reach = len(block)
        if len(block) > _BLOCK:
            block = sorted(block, key=lambda place: (cards[place].keys, place))  # noqa: PLW2901
            reach = _NEIGHBOURS
            left_out += math.comb(len(block) - reach, 2)
        for at, one in enumerate(block):
            for other in block[at + 1 : at + 1 + reach]:
                most = max(len(held[one]), len(held[other]))
                if len(held[one] & held[other]) >= least_shared * most:
                    found.add((min(one, other), max(one, other)))
    return Pairs(sorted(found), left_out)
