"""Pairs made of one sentence, each by a rule that gives the label: the kinds of them, and how often each."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from eval.training.data.unanswerable import names_in, put
from eval.training.pairs.figures import bound, coarser, once, other_figure, other_year, respelt
from eval.training.pairs.pair import CONTRADICTION, ENTAILMENT, NEUTRAL
from eval.training.pairs.reworded import deny, doubt, opposite, plan, shorten

# Premise, hypothesis and label of each pair; none where the rule does not apply.
Found = list[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, and the other ones of its context."""

    text: str
    near: tuple[str, ...]


def _clause(sentence: str, draw: random.Random) -> str:
    """The sentence, or sometimes a shorter one that follows from it."""
    return (shorten(sentence, draw) or sentence) if draw.random() < 0.4 else sentence


def _either(one: str, other: str, label: int, draw: random.Random) -> Found:
    return [(one, other, label) if draw.random() < 0.6 else (other, one, label)]


def _figure(told: Told, draw: random.Random) -> Found:
    changed = other_figure(told.text, told.near, draw)
    return _either(told.text, changed, CONTRADICTION, draw) if changed else []


def _year(told: Told, draw: random.Random) -> Found:
    changed = other_year(told.text, told.near, draw)
    return _either(told.text, changed, CONTRADICTION, draw) if changed else []


def _day(told: Told, draw: random.Random) -> Found:
    made = coarser(told.text, draw)
    if made is None:
        return []
    return draw.choice(
        (
            [(told.text, made[0], ENTAILMENT)],
            [(made[0], told.text, NEUTRAL)],
            _either(told.text, made[1], CONTRADICTION, draw),
        )
    )


def _bound(told: Told, draw: random.Random) -> Found:
    made = bound(told.text, draw)
    if made is None:
        return []
    return draw.choice(
        (
            [(told.text, made[0], ENTAILMENT)],
            [(made[0], told.text, NEUTRAL)],
            _either(told.text, made[1], CONTRADICTION, draw),
        )
    )


def _respelt(told: Told, draw: random.Random) -> Found:
    changed = respelt(told.text, draw)
    return _either(told.text, changed, ENTAILMENT, draw) if changed else []


def _deny(told: Told, draw: random.Random) -> Found:
    changed = deny(told.text, draw)
    if changed is None:
        return []
    if draw.random() < 0.5:
        shorter = shorten(told.text, draw)
        kept = deny(shorter, random.Random(0)) if shorter else None  # noqa: S311 - no secret
        if shorter is None or kept is None:
            return [(changed, told.text, CONTRADICTION)]
        # What is denied with its details is denied without them, as people tell it.
        return [
            (changed, shorter, CONTRADICTION) if draw.random() < 0.7 else (told.text, kept, CONTRADICTION)
        ]
    return _either(told.text, changed, CONTRADICTION, draw)


def _doubt(told: Told, draw: random.Random) -> Found:
    made = doubt(told.text, draw)
    if made is None:
        return []
    if draw.random() < 0.3:
        return [(made[0], made[1], ENTAILMENT)]
    return [(made[0], _clause(told.text, draw), NEUTRAL)]


def _opposite(told: Told, draw: random.Random) -> Found:
    changed = opposite(told.text, draw)
    return _either(told.text, changed, CONTRADICTION, draw) if changed else []


def _plan(told: Told, draw: random.Random) -> Found:
    changed = plan(told.text, draw)
    return [(changed, _clause(told.text, draw), NEUTRAL)] if changed else []


def _shorten(told: Told, draw: random.Random) -> Found:
    shorter = shorten(told.text, draw)
    if shorter is None:
        return []
    details = len(told.text.split()) - len(shorter.split())
    if details < 4 or draw.random() < 0.6:
        return [(told.text, shorter, ENTAILMENT)]
    return [(shorter, told.text, NEUTRAL)]


def _same(told: Told, draw: random.Random) -> Found:  # noqa: ARG001
    return [(told.text, told.text, ENTAILMENT)]


def _pair_unrelated(told: Told, draw: random.Random) -> Found:
    return [(told.text, draw.choice(told.near), NEUTRAL)] if told.near else []


_DOER = re.compile(r"\bby (?=[A-Z])")
_OPENS = re.compile(
    r"(?:has|had|was born|employs|employed|covers|sold|joined|died|served|studied|lost|moved)\b"
)


def _doer(told: Told, draw: random.Random) -> Found:
    """Of what happens once, another doer."""
    if not once(told.text) or len(_DOER.findall(told.text)) != 1:
        return []
    place = _DOER.search(told.text)
    assert place is not None
    names = [
        one
        for one in names_in(told.text)
        if one.start() == place.end() and not re.match(r"['’]|\. ?[A-Z]", told.text[one.end() :])
    ]
    others = sorted(
        {
            one[0]
            for text in told.near
            for one in names_in(text)
            if " " in one[0]
            and one[0] not in told.text
            and not re.search(r"\b(?:of|the|and|[A-Z]\w*ster|President|King|Queen|Emperor)\b", one[0])
        }
    )
    if not names or " " not in names[0][0] or not others:
        return []
    return [(told.text, put(told.text, names[0].span(), draw.choice(others)), CONTRADICTION)]


def _other_subject(told: Told, draw: random.Random) -> Found:
    """The same said of somebody else, perhaps with another figure: not about the same thing."""
    names = names_in(told.text)
    if (
        not names
        or names[0].start() > 0
        or " " not in names[0][0]
        or not _OPENS.match(told.text, names[0].end() + 1)
    ):
        return []
    others = sorted(
        {
            one[0]
            for text in told.near
            for one in names_in(text)
            if " " in one[0] and one[0] not in told.text and names[0][0] not in one[0]
        }
    )
    if not others:
        return []
    changed = put(told.text, names[0].span(), draw.choice(others))
    changed = (draw.random() < 0.5 and other_figure(changed, told.near, draw)) or changed
    return [(told.text, changed, NEUTRAL)]


# How often each kind is made, and how.
RATES = {
    "figure": 2.0,
    "year": 1.2,
    "day": 1.5,
    "bounded": 3.0,
    "respelt": 0.8,
    "denied": 2.0,
    "opposite": 1.0,
    "doubted": 3.0,
    "planned": 2.0,
    "shortened": 3.0,
    "same": 0.4,
    "unrelated": 1.0,
    "doer": 0.6,
    "other_subject": 0.6,
}
KINDS: dict[str, Callable[[Told, random.Random], Found]] = {
    "figure": _figure,
    "year": _year,
    "day": _day,
    "bounded": _bound,
    "respelt": _respelt,
    "denied": _deny,
    "opposite": _opposite,
    "doubted": _doubt,
    "planned": _plan,
    "shortened": _shorten,
    "same": _same,
    "unrelated": _pair_unrelated,
    "doer": _doer,
    "other_subject": _other_subject,
}
