"""What hangs together by links, directly or by way of others, in groups."""

from collections.abc import Hashable, Iterable
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)


def group_linked(items: Iterable[Item], links: Iterable[tuple[Item, Item]]) -> list[list[Item]]:
    """The items in groups of those that `links` join; groups and items in the order in which items come.

    Both ends of a link are among the items. Source: disjoint sets with path halving (Tarjan and van Leeuwen
    1984).
    """
    parents = {item: item for item in items}

    def find_root(item: Item) -> Item:
        while parents[item] != item:
            parents[item] = parents[parents[item]]
            item = parents[item]
        return item

    for one, other in links:
        parents[find_root(one)] = find_root(other)
    groups: dict[Item, list[Item]] = {}
    for item in parents:
        groups.setdefault(find_root(item), []).append(item)
    return list(groups.values())
