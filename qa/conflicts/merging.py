"""Conflicts that are one disagreement: pairs between the same two positions, shown as one with two sides.

The answer keeps a conflict for each pair of sources, as they were compared; this is for those who read it.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

from qa.records import Answer, Citation, Conflict, ConflictTier

Place = tuple[str, int, int]


def merge_conflicts(answer: Answer) -> tuple[Conflict, ...]:
    """The answer's conflicts in order; those between the same two positions as one, as the surest tells it.

    A statement on no position is a side of its own. An update is never merged with what is none. The tier is
    the surest of all.
    """
    positions = {
        _place(citation): at
        for at, position in enumerate(answer.positions)
        for citation in position.citations
    }
    groups: dict[Hashable, list[Conflict]] = {}
    for number, conflict in enumerate(answer.conflicts):
        names = _names(conflict, positions)
        apart = len(names) != 2 or names[0] == names[1]
        key = ("alone", number) if apart else (frozenset(names), conflict.possible_update)
        groups.setdefault(key, []).append(conflict)
    return tuple(_one(group, positions) for group in groups.values())


def surest(conflicts: Iterable[Conflict]) -> ConflictTier | None:
    """The tier of the surest; None of none."""
    tiers = {one.tier for one in conflicts}
    return None if not tiers else "disagree" if "disagree" in tiers else "may_disagree"


def _one(conflicts: Sequence[Conflict], positions: Mapping[Place, int]) -> Conflict:
    first = conflicts[0]
    if len(conflicts) == 1:
        return first
    mine = _names(first, positions)[0]
    sides: tuple[dict[Place, Citation], dict[Place, Citation]] = ({}, {})
    for conflict in conflicts:
        turned = _names(conflict, positions)[0] != mine
        for at, statements in enumerate(conflict.by_side()):
            for statement in statements:
                sides[at ^ turned].setdefault(_place(statement), statement)
    one, other = (tuple(side.values()) for side in sides)
    return replace(
        first,
        statements=(*one, *other),
        sides=(0,) * len(one) + (1,) * len(other),
        tier=surest(conflicts) or first.tier,
    )


def _names(conflict: Conflict, positions: Mapping[Place, int]) -> list[Hashable]:
    """What tells each side from others: its position, or its statements where these are on none."""
    names: list[Hashable] = []
    for side in conflict.by_side():
        held = {positions.get(_place(statement)) for statement in side}
        at = held.pop() if len(held) == 1 else None
        names.append(tuple(map(_place, side)) if at is None else at)
    return names


def _place(citation: Citation) -> Place:
    return citation.article_id, citation.start, citation.end
