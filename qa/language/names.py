"""Names in running text, by their capitals."""

import re
from collections.abc import Iterable, Set

from index.text.clean import one_to_one
from qa.language.dates import read_periods
from qa.language.terms import FUNCTION_WORDS

_WORD = re.compile(r"\w+(?:['’&.-]\w+)*")
_OPENING = '.!?:…"“‘('  # before what opens a sentence


def keep_names(words: Iterable[str], small: Set[str]) -> frozenset[str]:
    """Those of the words that are names, in small letters: with a capital, and nowhere written without one.

    `small` are the words that are. Single letters are no names.
    """
    return frozenset(
        word.lower() for word in words if word[:1].isupper() and len(word) > 1 and word.lower() not in small
    )


def names_in(text: str) -> set[str]:
    """Runs of words with a capital, as they stand; what opens a sentence counts only as part of a run.

    Not those in a date, nor single letters.
    """
    plain = one_to_one(text)
    dates = [(one.start, one.end) for one in read_periods(plain, published=None)]
    runs: list[list[re.Match[str]]] = [[]]
    for match in _WORD.finditer(plain):
        dated = any(start < match.end() and match.start() < end for start, end in dates)
        capital = match[0][:1].isupper() and match[0].lower() not in FUNCTION_WORDS and not dated
        touching = bool(runs[-1]) and plain[runs[-1][-1].end() : match.start()] == " "
        if not capital:
            runs.append([])
        elif touching or not runs[-1]:
            runs[-1].append(match)
        else:
            runs.append([match])
    named = [run for run in runs if len(run) > 1 or (run and not _opens(plain, run[0].start()))]
    found = {plain[run[0].start() : run[-1].end()] for run in named}
    return {name.removesuffix("'s").removesuffix("’s") for name in found if len(name) > 1}


def _opens(text: str, start: int) -> bool:
    before = text[max(0, start - 4) : start].rstrip()
    return not before or before[-1] in _OPENING
