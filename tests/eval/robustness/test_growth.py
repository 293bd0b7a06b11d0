"""Time grows with the size of the input and no faster, whatever the input is a run of."""

import gc
from collections.abc import Iterator
from math import log

import pytest

from eval.robustness.growth import RUNS, STAGES, around, seconds

STAGE = {stage.name: stage for stage in STAGES}
# Punctuation, white space, brackets, hashes, pipes, quotes, digits, combining marks, nested lists and tags.
KINDS = [
    "space", "newline", "tab", "digit", "small letter", "combining mark", "zero-width space", "right-to-left",
    "!", "?", ".", "#", "|", "(", "[", '"', "'", "-", "_", "*", "emoji", '"a "', '"! "', '"A. "', '"1. "',
    '".)"', '"?!"', '"]("', '"[x]("', '"{#"', '"<b>"', '"<b>x</b>"', '"&amp;"', '"http://"', '" **"',
    '"a\u0301"', '". . "',
    "nested brackets", "nested links", "nested lists", "nested tags", "nested HTML lists",
]  # fmt: skip
MEASURED = [
    "load .txt", "load .md", "load .md, front matter", "load .html", "load .docx", "load .json", "load .csv",
    "load .eml", "opening", "stated", "clean", "sentences", "chunk", "statements", "reader's tokens", "export",
]  # fmt: skip
# Faster growth than this fails; quadratic time is 2. What takes less than LEAST_S is not looked at: of such
# times most is noise. What seems to grow is measured anew and larger, in up to three pairs: a slow
# phase of the machine spoils one of them.
MOST, LEAST_S, SMALL, LARGE = 1.35, 0.03, 24_000, 96_000


@pytest.fixture(scope="module", autouse=True)
def _nothing_else_is_collected() -> Iterator[None]:
    """Looking through all that is imported at each measurement would take most of the time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def measure(stage: str, kind: str, size: int) -> float:
    return seconds(STAGE[stage], around(RUNS[kind](size)))


def exponent(stage: str, kind: str) -> float:
    """How the time grows with the size; 1 where it is too short to tell."""
    late = measure(stage, kind, SMALL)
    if late < LEAST_S or late < measure(stage, kind, SMALL // 4) * 4**MOST:
        return 1.0
    found: list[float] = []
    while len(found) < 3 and min(found, default=2.0) > MOST:
        ratio = measure(stage, kind, LARGE) / measure(stage, kind, SMALL)
        found.append(log(ratio) / log(LARGE / SMALL))
    return min(found)


@pytest.mark.parametrize("stage", MEASURED)
def test_no_kind_of_run_takes_time_that_grows_faster_than_its_size(stage):
    steep = {kind: round(found, 2) for kind in KINDS if (found := exponent(stage, kind)) > MOST}
    assert steep == {}
