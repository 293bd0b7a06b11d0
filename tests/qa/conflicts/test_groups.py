"""What hangs together by links."""

from qa.conflicts.groups import group_linked


def test_links_join_by_way_of_others_and_the_order_is_that_of_the_items() -> None:
    assert group_linked("fedcba", [("a", "c"), ("e", "a"), ("b", "d")]) == [
        ["f"],
        ["e", "c", "a"],
        ["d", "b"],
    ]
    assert group_linked([], []) == []


def test_the_order_and_direction_of_links_change_nothing() -> None:
    links = [(1, 2), (3, 4), (2, 3), (6, 7), (4, 1)]
    groups = group_linked(range(9), links)
    assert groups == [[0], [1, 2, 3, 4], [5], [6, 7], [8]]
    assert group_linked(range(9), [link[::-1] for link in links[::-1]]) == groups


def test_a_long_chain_is_one_group() -> None:
    assert group_linked(range(5_000), ((at + 1, at) for at in range(4_999))) == [list(range(5_000))]
