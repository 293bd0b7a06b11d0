"""Fits what tells follow-ups to an answer itself from questions (`qa.question.followups`), and measures it.

    python -m eval.training.fit.followups [--write]

Fitted on are `followups.txt` and `requests.txt`, of our own, and the questions of the stories' training
part. It is measured in two rounds, each told by the fit on the other half: halves of the wordings, capitals
and marks apart, and of the stories. From these comes the threshold: of the stories' questions one in 1,000
may be lost to what is no question to the articles. A story's question whose very words stand among ours as
a follow-up ("why?") does not count. What is then fitted on all is told on the sealed stories and on the
gold questions.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.errors import GoldError
from eval.gold.sets import STORIES
from eval.training.fit.requests import (
    Typed,
    _part,
    _read_typed,
    gold_questions,
    odds_of,
    read_requests,
    story_questions,
    story_topics,
    wording_of,
    words,
)
from index.embed import BundledEmbedder
from index.records import Vectors
from qa.question.followups import (
    ASKED_ANYWAY,
    ENDS,
    FILE,
    FOLLOW_UPS,
    OPENING,
    OPENS,
    FollowUp,
    follow_up_features,
    follow_up_shares,
    runs_in,
    tell_follow_ups,
)
from qa.question.requests import WEIGHTS, Weights, topics_of, write_weights

FOLLOW_UP_LINES = Path(__file__).resolve().parent / "followups.txt"
HALVES = 2
STORY = "a story's"  # in place of the wording of a question
FALSE_SHARE = 0.001
_LETTERS: dict[str, FollowUp] = {
    "s": "sure", "w": "source", "y": "why", "o": "others", "t": "since",
    "a": "about", "n": "news", "l": "least", "q": "question",
}  # fmt: skip
_CROSSED = 4  # variants with other topics of the same half
# Of a wording of ours, and of a question of ours that looks like one, beside a story's question.
_WEIGHT, _OWN_QUESTION = 20.0, 8.0
_C = 1.0


def read_follow_ups(path: Path = FOLLOW_UP_LINES) -> list[Typed]:
    """The lines of the file, dealt to the halves by their words; GoldError for a line of no sort."""
    found = []
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        letter, _, typed = raw.strip().partition(" ")
        if not letter or letter.startswith("#"):
            continue
        if letter not in _LETTERS or not typed:
            raise GoldError(
                f"{path}, line {number}: begins with {letter!r}; begin with one of {', '.join(_LETTERS)}"
            )
        one = _read_typed(typed, "question", _half(typed))
        wording = one.wording or ("" if letter == "q" else one.text)
        found.append(replace(one, sort=_LETTERS[letter], wording=wording))
    return found


def _half(text: str) -> int:
    return _part(_plain(text)) % HALVES


def _plain(text: str) -> str:
    return " ".join(words(text))


def cross_topics(own: Sequence[Typed], names: Sequence[str], seed: int = 7) -> list[Typed]:
    """The follow-ups that name a topic with others, so that what is asked of tells nothing."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    return [
        replace(one, text=one.wording.replace("|", name, 1), topics=(name,))
        for one in own
        if one.topics
        for name in chance.sample(list(names), _CROSSED)
    ]


@dataclass(frozen=True, slots=True)
class Material:
    """What is fitted on: `own` with others crossed in, then questions; `vectors` are those of all texts."""

    own: list[Typed]
    typed: list[Typed]
    vectors: Vectors


def gather(embedder: BundledEmbedder) -> Material:
    """Own follow-ups, our requests and the stories' questions, without those whose words are a follow-up."""
    own = read_follow_ups()
    train = STORIES["train"].file
    taken = {_plain(one.text) for one in own if one.sort != "question"}
    asked = [replace(one, part=_half(one.text)) for one in read_requests()]
    asked += [replace(one, part=one.part % HALVES, wording=STORY) for one in story_questions(train)]
    questions = [
        replace(one, sort="question", topics=(), wording=one.wording if one.wording == STORY else "")
        for one in asked
        if _plain(one.text) not in taken
    ]
    typed = [*own, *cross_topics(own, [one.text for one in story_topics(train)]), *questions]
    return Material(own, typed, embedder.embed([one.text for one in typed]))


def tell_in_halves(material: Material) -> NDArray[np.float64]:
    """How probably each text is of each sort, by the fit on the other half."""
    typed, vectors = material.typed, material.vectors
    shares = np.zeros((len(typed), len(FOLLOW_UPS)))
    for half in range(HALVES):
        apart = np.array([one.part == half for one in typed])
        weights = _fit(
            [one for one in typed if one.part != half],
            vectors[~apart],
            [one for one in material.own if one.part != half],
        )
        told = [one.text for one in typed if one.part == half]
        shares[apart] = follow_up_shares(told, vectors[apart], weights)
    return shares


def _fit(typed: Sequence[Typed], vectors: Vectors, own: Sequence[Typed]) -> Weights:
    """Weights without thresholds, from all of `typed`; the wording from `own` follow-ups."""
    from sklearn.linear_model import LogisticRegression  # part of the developers' tools

    asking = [one for one in own if one.sort != "question"]
    wording = (*wording_of(asking), *runs_of(asking))
    ours = set(own)
    # Of the questions that open a conversation a third is enough to fit on; all are told.
    chosen = [
        at
        for at, one in enumerate(typed)
        if one in ours or one.sort != "question" or one.follows or at % 3 == 0
    ]
    vectors, typed = vectors[chosen], [typed[at] for at in chosen]
    labels = np.array([FOLLOW_UPS.index(one.sort) for one in typed])
    weight = [_WEIGHT if one.sort != "question" else _OWN_QUESTION if one in ours else 1.0 for one in typed]
    model = LogisticRegression(C=_C, max_iter=400)
    model.fit(follow_up_features([one.text for one in typed], vectors, wording), labels, sample_weight=weight)
    inside, between = odds_of(asking)
    return Weights(wording, model.coef_.T, model.intercept_, inside, between, 0.5, 0.5)


def runs_of(own: Sequence[Typed]) -> tuple[str, ...]:
    """The runs of words that two wordings hold at least, without those of a topic."""
    found = Counter[str]()
    for one in own:
        first, *others = one.wording.split("|")
        parts = [first, *others]
        held = set()
        for at, part in enumerate(parts):
            runs = runs_in(part)
            held |= {
                run
                for run in runs
                if (at == 0 or not run.startswith(OPENS)) and (at == len(parts) - 1 or not run.endswith(ENDS))
            }
        found.update(held)
    return tuple(sorted(run for run, many in found.items() if many > 1))


def least_of(typed: Sequence[Typed], shares: NDArray[np.float64]) -> tuple[float, float]:
    """From where on words are no question: opening a conversation, where only some sorts count, and in one.

    `typed` are questions; those that would be asked all the same are not lost.
    """
    sure = 1.0 - shares[:, 0]
    best = [FOLLOW_UPS[1 + int(at)] for at in np.argmax(shares[:, 1:], axis=1)]
    lost = np.sort(np.where([one not in ASKED_ANYWAY for one in best], sure, 0.0))[::-1]
    opening = np.sort(np.where([one in OPENING for one in best], sure, 0.0))[::-1]
    most = int(FALSE_SHARE * len(typed))
    return round(float(max(opening[most], 0.5)), 3), round(float(max(lost[most], 0.5)), 3)


def measure(typed: Sequence[Typed], told: Sequence[str]) -> dict[str, dict[str, float]]:
    """By sort: how many there are, the precision and the recall."""
    pairs = Counter(zip((one.sort for one in typed), told, strict=True))
    found: dict[str, dict[str, float]] = {}
    for sort in FOLLOW_UPS:
        right = pairs[sort, sort]
        given = sum(many for (_, name), many in pairs.items() if name == sort)
        there = sum(many for (name, _), many in pairs.items() if name == sort)
        found[sort] = {
            "wordings": there,
            "precision": round(right / max(1, given), 3),
            "recall": round(right / max(1, there), 3),
        }
    return found


def main() -> None:
    """Prints what came of it as one JSON object."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the weights into qa/weights")
    parser.add_argument("--wrong", action="store_true", help="list what is told wrongly")
    arguments = parser.parse_args()
    embedder = BundledEmbedder()
    material = gather(embedder)
    shares = tell_in_halves(material)
    many = len(material.own)
    stories = [place for place, one in enumerate(material.typed) if place >= many and one.wording == STORY]
    alone, least = least_of([material.typed[place] for place in stories], shares[stories])
    told = tell_follow_ups(shares, least)
    wrong = [
        f"{one.sort} as {sort}: {one.text}"
        for place, (one, sort) in enumerate(zip(material.typed, told, strict=True))
        if one.sort != sort and (place < many or one.sort == "question")
    ]
    weights = replace(_fit(material.typed, material.vectors, material.own), least=alone, least_in_talk=least)
    topics = [
        topics_of(one.text, weights) == one.topics
        for one in material.own
        if one.topics and one.sort != "question"
    ]
    report = {
        "thresholds": [alone, least],
        "own wordings, the other half": measure(material.own, told[:many]),
        "stories' questions": len(stories),
        "taken for a follow-up": dict(Counter(told[place] for place in stories)),
        "topics found whole": round(sum(topics) / len(topics), 3),
    }
    for name, typed in (
        ("sealed stories", story_questions(STORIES["sealed"].file)),
        ("gold", gold_questions()),
    ):
        texts = [one.text for one in typed]
        seen = tell_follow_ups(follow_up_shares(texts, embedder.embed(texts), weights), least)
        report[name] = {"questions": len(texts), "told as": dict(Counter(seen))}
    print(json.dumps(report | ({"wrong": wrong} if arguments.wrong else {}), indent=1))
    if arguments.write:
        write_weights(WEIGHTS / FILE, weights)


if __name__ == "__main__":
    main()
