"""Positions and conflicts as they are read: each stand once with all who take it, each disagreement once.

The answer keeps positions and pairs of sources as they were judged; this is for those who read it. Nothing is
joined here that the engine did not call the same, but sources that are shown with one verdict.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

from qa.conflicts.differences import difference
from qa.conflicts.independence import weigh
from qa.records import Answer, Citation, Conflict, ConflictTier, Position

Place = tuple[str, int, int]


def stands_of(answer: Answer) -> tuple[Position, ...]:
    """The positions of an answer, that of its text first unless it is in order of time.

    Positions with one verdict are one, since to a yes/no question they say the same. Values that differ by
    arithmetic are apart, even where the models called two statements the same.
    """
    told = {(one.article_id, one.start) for one in answer.citations}

    def is_other(position: Position) -> bool:
        return all((one.article_id, one.start) not in told for one in position.citations)

    positions = [one for one in answer.positions if one.citations]
    if answer.order == "best" and told:
        positions.sort(key=is_other)
    groups: dict[Hashable, list[Position]] = {}
    for at, position in enumerate(one for each in positions for one in _by_value(each, answer)):
        groups.setdefault(at if position.polarity is None else position.polarity, []).append(position)
    return tuple(_joined(group, answer) for group in groups.values())


def _joined(group: Sequence[Position], answer: Answer) -> Position:
    if len(group) == 1:
        return group[0]
    citations = tuple(one for position in group for one in position.citations)
    return weigh(replace(group[0], citations=citations), answer.copies)


def _by_value(position: Position, answer: Answer) -> list[Position]:
    """The position, apart by the values that its sources give where these are different ones."""
    groups: list[list[Citation]] = []
    for one in position.citations:
        fits = (own for own in groups if all(difference(one, other).verdict != "different" for other in own))
        own = next(fits, None)
        if own is None:
            groups.append([one])
        else:
            own.append(one)
    if len(groups) < 2:
        return [position]
    return [
        weigh(replace(position, text=own[0].quote, citations=tuple(own)), answer.copies) for own in groups
    ]


def merge_conflicts(answer: Answer) -> tuple[Conflict, ...]:
    """The answer's conflicts in order; those between the same two stands as one, as the surest tells it.

    A statement on no position is a side of its own. An update is never merged with what is none. The tier is
    the surest of all.
    """
    positions = {
        _place(citation): at
        for at, position in enumerate(stands_of(answer))
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
