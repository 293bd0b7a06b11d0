import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.reader.spans import MAX_ANSWER_TOKENS, Window, best_stretch, enclosing_stretch


def _window(words: list[str], start: list[float], end: list[float], none: float = 0.0) -> Window:
    offsets, place = [], 0
    for word in words:
        offsets.append((place, place + len(word)))
        place += len(word) + 1
    return Window(
        np.array(offsets, dtype=np.int64).reshape(-1, 2),
        np.array(start, dtype=np.float32),
        np.array(end, dtype=np.float32),
        none,
    )


def test_the_stretch_with_the_highest_sum_of_logits_is_found_with_its_margin_over_no_answer():
    window = _window(["Ada", "Holm", "is", "harbour", "master"], [5, 1, 0, 2, 0], [1, 4, 0, 0, 3], none=2.0)
    best = best_stretch(window, 0, 100)
    assert best is not None
    assert (best.start, best.end, best.margin) == (0, 8, 7.0)


def test_a_stretch_never_runs_backward():
    window = _window(["one", "two", "three"], [0, 0, 9], [9, 0, 0])
    best = best_stretch(window, 0, 100)
    assert best is not None
    assert best.start < best.end


def test_a_stretch_stays_inside_its_part_of_the_passage():
    window = _window(["one", "two", "three", "four"], [9, 1, 0, 0], [0, 0, 1, 9])
    best = best_stretch(window, 4, 13)
    assert best is not None
    assert (best.start, best.end) == (4, 13)


def test_a_part_without_a_whole_token_has_no_stretch():
    assert best_stretch(_window(["Lindby"], [1], [1]), 1, 6) is None
    assert best_stretch(_window([], [], []), 0, 9) is None


_logits = st.lists(st.integers(-8, 8), min_size=1, max_size=45)


@settings(max_examples=60)
@given(_logits, st.randoms(use_true_random=False))
def test_the_best_stretch_is_the_first_and_shortest_best_of_all(start, draw):
    end = [draw.randint(-8, 8) for _ in start]
    window = _window(["a"] * len(start), start, end)
    all_of_them = [
        (start[one] + end[other], -one, -other)
        for one in range(len(start))
        for other in range(one, min(len(start), one + MAX_ANSWER_TOKENS))
    ]
    total, one, other = max(all_of_them)
    best = best_stretch(window, 0, 2 * len(start))
    assert best is not None
    assert (best.margin, best.start, best.end) == (total, -2 * one, -2 * other + 1)


@pytest.mark.parametrize("length", [1, 5])
def test_padding_around_the_part_changes_nothing(length):
    words = ["word"] * length
    inner = best_stretch(_window(words, [1.0] * length, [2.0] * length), 0, 99)
    outer = best_stretch(
        _window(["x", *words, "x"], [9.0, *[1.0] * length, 9.0], [9.0, *[2.0] * length, 9.0]),
        2,
        2 + 5 * length,
    )
    assert inner is not None
    assert outer is not None
    assert (inner.end - inner.start, inner.margin) == (outer.end - outer.start, outer.margin)


def test_an_enumeration_is_enclosed_from_its_first_to_its_last_part():
    words = ["Chips", "from", "Orbis", "Kestrel", "and", "Tarn", "sold", "well", "today"]
    start = [-5, -5, 4, 4.5, -5, 3.5, -5, -5, -5]
    window = _window(words, start, start)
    best = enclosing_stretch(window, 0, 99)
    assert best is not None
    assert " ".join(words)[best.start : best.end] == "Orbis Kestrel and Tarn"
    assert best.margin == 9.0


def test_what_is_far_less_likely_or_below_no_answer_is_not_enclosed():
    start = [0, -9, 6, -9, 0]
    best = enclosing_stretch(_window(list("abcde"), start, start), 0, 99)
    assert best is not None
    assert (best.start, best.end) == (4, 5)
    low = enclosing_stretch(_window(list("abc"), [1, -9, 1], [1, -9, 1], none=5.0), 0, 99)
    assert low is not None
    assert low.end - low.start == 1
