"""Pairs with other names and other figures, the same ones in both texts.

What follows from what rests on the words around a name and on which of two figures is larger; a model that
meets one pair round after round learns its names and figures by heart instead.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from eval.training.data.unanswerable import MONTHS
from eval.training.pairs.pair import Pair

# A word is a name when it was seen capitalised within a sentence so often, so many times as often as small.
_LEAST_SEEN, _TIMES = 2, 10
# Of the names that both texts hold, so many are changed; figures in so many of the pairs that have some.
_NAMES, _FIGURES = 0.7, 0.6
_TRIES = 6
_SAME_STEM = 4  # letters: "America" stays where "American" stands beside it

_WORD = re.compile(r"(?<![\w'’-])[A-Za-z][a-z]+(?![\w’-])")
_KEPT = MONTHS | frozenset(
    """monday tuesday wednesday thursday friday saturday sunday north south east west northern southern
    eastern western""".split()
)
_MONTH = "|".join(one.capitalize() for one in sorted(MONTHS))
# Not a score, nor the day of a month.
_FIGURE = re.compile(
    rf"(?<![\w.,–-])(?P<after>(?:{_MONTH}) )?(?P<figure>\d(?:[\d,]*\d)?(?:\.\d+)?)(?![\w–-]|[.,]\d)"
    rf"(?! (?:{_MONTH})\b)"
)
_SCALED = re.compile(r"\b(?:thousand|million|billion|trillion)s?\b", re.IGNORECASE)
_LEAST = 11  # smaller ones count rounds, places and stars
_MOST_PERCENT = 100


class Names:
    """The names that stand in `texts`, to put in the place of others."""

    def __init__(self, texts: Iterable[str]) -> None:
        within: Counter[str] = Counter()
        small: Counter[str] = Counter()
        for text in texts:
            for match in _WORD.finditer(text):
                word = match[0]
                if word[0].islower():
                    small[word] += 1
                elif re.search(r"[\w,;:] $", text[: match.start()]):
                    within[word] += 1
        self._names = sorted(
            word
            for word, count in within.items()
            if count >= _LEAST_SEEN and count >= _TIMES * small[word.lower()] and word.lower() not in _KEPT
        )
        self._known = frozenset(self._names)

    def find_shared(self, one: str, other: str) -> list[str]:
        """The names that stand in both texts, and that no other word of theirs is formed of."""
        words = [{match[0] for match in _WORD.finditer(text)} for text in (one, other)]
        stems = Counter(word[:_SAME_STEM].lower() for word in words[0] | words[1])
        return sorted(
            word for word in words[0] & words[1] & self._known if stems[word[:_SAME_STEM].lower()] == 1
        )

    def draw(self, count: int, draw: random.Random) -> list[str]:
        """So many names, no two alike."""
        return draw.sample(self._names, count)


def rename_pair(pair: Pair, names: Names, draw: random.Random) -> Pair:
    """The pair with other names and figures; its label holds as before."""
    texts = pair.premise, pair.hypothesis
    chosen = [one for one in names.find_shared(*texts) if draw.random() < _NAMES]
    others = dict(zip(chosen, names.draw(len(chosen), draw), strict=True))
    if not set(others.values()).isdisjoint(_words(texts)):
        others = {}
    figures = other_figures(texts, draw) if draw.random() < _FIGURES else {}
    premise, hypothesis = (_put(text, others, figures) for text in texts)
    return replace(pair, premise=premise, hypothesis=hypothesis)


def exchange(text: str, name: str, other: str) -> str:
    """The text with another name wherever the whole name stands."""
    return re.sub(rf"(?<![\w’'-]){re.escape(name)}(?![\w-])", other, text)


def other_figures(texts: Sequence[str], draw: random.Random) -> dict[str, str]:
    """Another figure for those of the texts, in the same order of size; empty where there is no safe one.

    Years move together by some years, all else from 11 on by one factor.
    """
    written = sorted({match["figure"] for text in texts for match in _FIGURE.finditer(text) if _plain(match)})
    large = any(_value(one) >= 1e5 for one in written)
    if not written or (large and any(_SCALED.search(text) for text in texts)):
        return {}  # "1.2 million" and "1,200,000" would come apart
    percent = any("%" in text or "percent" in text or "per cent" in text for text in texts)
    values = {one: _value(one) for one in written}
    for _ in range(_TRIES):
        factor, years = draw.uniform(0.4, 2.5), draw.choice([*range(-9, 0), *range(1, 10)])
        made = {one: _change(one, factor, years) for one in written}
        moved = {one: _value(other) for one, other in made.items()}
        over = percent and any(moved[one] > _MOST_PERCENT >= values[one] for one in written)
        if not over and _order(values) == _order(moved):
            return made
    return {}


def _change(written: str, factor: float, years: int) -> str:
    value = _value(written)
    if _is_year(written):
        return str(int(value) + years)
    if value < _LEAST and "." not in written:
        return written
    decimals = len(written.partition(".")[2])
    return f"{value * factor:{',' if ',' in written else ''}.{decimals}f}"


def _is_year(written: str) -> bool:
    return re.fullmatch(r"1[5-9]\d\d|20[0-4]\d", written) is not None


def _value(written: str) -> float:
    return float(written.replace(",", ""))


def _order(values: Mapping[str, float]) -> list[list[bool]]:
    """For each two figures whether the first is the smaller one; equal ones stay equal."""
    names = sorted(values)
    return [[values[one] < values[other] for other in names] for one in names]


def _words(texts: Iterable[str]) -> set[str]:
    return {match[0] for text in texts for match in _WORD.finditer(text)}


def _put(text: str, names: Mapping[str, str], figures: Mapping[str, str]) -> str:
    text = _WORD.sub(lambda match: names.get(match[0], match[0]), text)
    return _FIGURE.sub(
        lambda match: (
            (match["after"] or "") + figures.get(match["figure"], match["figure"])
            if _plain(match)
            else match[0]
        ),
        text,
    )


def _plain(match: re.Match[str]) -> bool:
    """Whether the figure is no day of a month; "March 2020" has a year."""
    return match["after"] is None or len(match["figure"]) > 2
