"""Fits what tells questions from other requests (`qa.question.requests`), and tells what it gets wrong.

    python -m eval.training.fit.requests [--write]

The requests are `requests.txt`, of our own, and the questions of the stories' training part. In three rounds
it is fitted on two thirds, by theme and by story, and told on the others. From these come the thresholds: of
the stories' questions two in 1,000 that open a conversation, and one in 1,000 that follows in one, may be
taken for something else. What is then fitted on all is told on the sealed stories and on the gold questions,
which nothing is fitted on. `--write` puts it into `qa/weights`.
"""

import argparse
import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.errors import GoldError
from eval.gold.sets import NAMED, STORIES
from eval.stories import read_stories
from index.embed import BundledEmbedder
from index.records import Embedder, Vectors
from qa.language.terms import FUNCTION_WORDS, stem
from qa.question.requests import (
    FILE,
    SORTS,
    WEIGHTS,
    Rows,
    Sort,
    Weights,
    features,
    shares_of,
    topics_of,
    write_weights,
)

REQUESTS = Path(__file__).resolve().parent / "requests.txt"
ROUNDS = 3
_SORTS: Sequence[str] = SORTS
FALSE_SHARE, FALSE_SHARE_IN_TALK = 0.002, 0.001
_LETTERS: dict[str, Sort] = {
    "o": "overview", "t": "topic", "d": "disagreements", "c": "comparison", "q": "question"
}  # fmt: skip
_CROSSED = 3  # variants of a request with other topics of the same round
_BRACKETS = re.compile(r"\[([^]]*)]")
_WORD = re.compile(r"\w+(?:['’.&-]\w+)*")
_OWN_WEIGHT = 4.0  # of a request, beside a story's question
_WEIGHTS = {False: 1.0, True: 0.5}  # of a story's question, and of a request made of others


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody types, its sort, its topics, and the part, 0 to 2, that it is told in.

    `wording` is the request with "|" in place of each topic; "" where all of it is topic. `follows`: of a
    story's question, that it is a follow-up.
    """

    text: str
    sort: str
    part: int
    topics: tuple[str, ...] = ()
    wording: str = ""
    follows: bool = False


def read_requests(path: Path = REQUESTS) -> list[Typed]:
    """The lines of the file; the themes are dealt to the parts by name, those of "anything" line by line.

    Raises GoldError for a line that is none of the five sorts.
    """
    found: list[Typed] = []
    theme, dealt = "", Counter[str]()
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("=== "):
            theme = line[4:]
            continue
        letter, _, typed = line.partition(" ")
        if letter not in _LETTERS or not typed:
            raise GoldError(
                f"{path}, line {number}: begins with {letter!r}; begin with one of {', '.join(_LETTERS)}"
            )
        dealt[letter] += 1
        part = dealt[letter] % ROUNDS if theme == "anything" else _part(theme)
        found.append(_read_typed(typed, _LETTERS[letter], part))
    return found


def _read_typed(typed: str, sort: Sort, part: int) -> Typed:
    topics = tuple(_BRACKETS.findall(typed))
    plain = _BRACKETS.sub(r"\1", typed)
    if not topics and sort == "topic":
        return Typed(plain, sort, part, (plain,))
    wording = _BRACKETS.sub("|", typed) if topics or sort in ("overview", "disagreements") else ""
    return Typed(plain, sort, part, topics, wording)


def _part(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % ROUNDS


def story_questions(place: Path) -> list[Typed]:
    """Every question of the stories as typed; dealt to the parts by story."""
    return [
        Typed(one.question, "question", _part(story.id), follows=one.follow)
        for story in read_stories(place)
        for one in story.questions
    ]


def cross(requests: Sequence[Typed], stories: Sequence[Typed], seed: int = 7) -> list[Typed]:
    """The requests with topics of others of their part, so that what is asked of tells nothing."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    made = list(stories)
    for part in range(ROUNDS):
        topics = sorted({name for one in requests if one.part == part for name in one.topics})
        topics += [one.text for one in stories if one.part == part]
        for one in requests:
            if one.part != part or "|" not in one.wording:
                continue
            for _ in range(_CROSSED):
                chosen = chance.sample(topics, one.wording.count("|"))
                text = one.wording
                for name in chosen:
                    text = text.replace("|", name, 1)
                made.append(Typed(text, one.sort, part, tuple(chosen), one.wording))
    return made


def story_topics(place: Path) -> list[Typed]:
    """The stories' names as bare topics: "ferry on reef". They are fitted on, and not told."""
    names = ((one.id, one.id.partition("-")[2].replace("-", " ")) for one in read_stories(place))
    return [Typed(name, "topic", _part(key), (name,)) for key, name in names if name]


def words(text: str) -> list[str]:
    """In small letters."""
    return [match[0].lower() for match in _WORD.finditer(text)]


def wording_of(requests: Iterable[Typed]) -> tuple[str, ...]:
    """The stems that people ask in, found in two requests at least."""
    found = Counter(
        word for one in requests for word in {stem(word) for word in words(one.wording.replace("|", " "))}
    )
    return tuple(sorted(word for word, many in found.items() if many > 1))


def odds_of(requests: Sequence[Typed]) -> tuple[dict[str, float], dict[str, float]]:
    """Of each stem the log-odds to stand in a topic; of each word those to stand between two topics."""
    inside, asking = Counter[str](), Counter[str]()
    between, elsewhere = Counter[str](), Counter[str]()
    for one in requests:
        for name in one.topics:
            inside.update(stem(word) for word in words(name))
            elsewhere.update(words(name))
        parts = one.wording.split("|")
        asking.update(stem(word) for part in parts for word in words(part))
        if one.sort == "comparison" and len(parts) == 3:
            between.update(words(parts[1]))
            elsewhere.update(words(parts[0]) + words(parts[2]))
    # Only what asks is kept: any other word names a topic.
    names = {
        word: _log_odds(inside[word], many)
        for word, many in sorted(asking.items())
        if word not in FUNCTION_WORDS
    }
    return names, {word: _log_odds(many, elsewhere[word]) for word, many in sorted(between.items())}


def _log_odds(many: int, others: int) -> float:
    return round(float(np.log((many + 0.25) / (others + 0.25))), 3)


def fit(typed: Sequence[Typed], vectors: Vectors, own: Sequence[Typed]) -> Weights:
    """Weights without thresholds, from all of `typed`; the wording from `own` requests."""
    from sklearn.linear_model import LogisticRegression  # part of the developers' tools

    wording = wording_of(own)
    labels = np.array([_SORTS.index(one.sort) for one in typed])
    typed_by_us = set(own)
    weight = [_OWN_WEIGHT if one in typed_by_us else _WEIGHTS[bool(one.topics)] for one in typed]
    model = LogisticRegression(C=0.5, max_iter=400)
    model.fit(features([one.text for one in typed], vectors, wording), labels, sample_weight=weight)
    inside, between = odds_of(own)
    return Weights(wording, model.coef_.T, model.intercept_, inside, between, 0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Told:
    """Texts, and how probably each is of each sort, by a model that was not fitted on it."""

    typed: list[Typed]
    shares: Rows
    topics: list[tuple[str, ...]]

    def surely(self) -> NDArray[np.float64]:
        """How probably each is no question."""
        return np.asarray(1.0 - self.shares[:, 0])

    def sorts(self, least: float) -> list[Sort]:
        """As `qa.question.requests` tells them."""
        best = 1 + np.argmax(self.shares[:, 1:], axis=1)
        return [
            SORTS[int(at)] if sure >= least else "question"
            for at, sure in zip(best, self.surely(), strict=True)
        ]


def tell_in_rounds(typed: Sequence[Typed], vectors: Vectors, own: Sequence[Typed], made: int) -> Told:
    """All but the last `made`, which are only fitted on, each told by the fit on the two other parts."""
    kept = len(typed) - made
    shares = np.zeros((kept, len(SORTS)))
    topics: list[tuple[str, ...]] = [()] * kept
    for part in range(ROUNDS):
        fitted = np.array([one.part != part for one in typed])
        weights = fit(
            [one for one in typed if one.part != part],
            vectors[fitted],
            [one for one in own if one.part != part],
        )
        apart = [at for at in range(kept) if typed[at].part == part]
        texts = [typed[at].text for at in apart]
        shares[apart] = shares_of(texts, vectors[apart], weights)
        for at in apart:
            topics[at] = topics_of(typed[at].text, weights, apart=typed[at].sort == "comparison")
    return Told(list(typed[:kept]), shares, topics)


def thresholds(told: Told) -> tuple[float, float]:
    """From where on what opens a conversation, and what may follow in one, is taken for no question."""
    sure = told.surely()
    stories = np.array([one.sort == "question" for one in told.typed])
    follows = np.array([one.follows for one in told.typed])
    opening, following = (np.sort(sure[stories & one])[::-1] for one in (~follows, follows))
    least = opening[int(FALSE_SHARE * len(opening))], following[int(FALSE_SHARE_IN_TALK * len(following))]
    return round(float(least[0]), 3), round(float(max(least)), 3)


def confusion(told: Told, least: float) -> dict[str, dict[str, int]]:
    """By sort what the requests were told as."""
    counted: dict[str, Counter[str]] = {name: Counter() for name in SORTS}
    for one, sort in zip(told.typed, told.sorts(least), strict=True):
        counted[one.sort][sort] += 1
    return {name: dict(many) for name, many in counted.items()}


def topic_words(told: Told) -> dict[str, float]:
    """Of the content words of topics: how many are found, and how many of those found are right."""
    found = right = wanted = whole = rows = sides = compared = 0
    for one, topics in zip(told.typed, told.topics, strict=True):
        if not one.topics:
            continue
        gold = [_content(name) for name in one.topics]
        got = [_content(name) for name in topics]
        held, given = set().union(*gold), set().union(*got)
        found, wanted, right = found + len(given), wanted + len(held), right + len(held & given)
        rows += 1
        whole += held == given
        if one.sort == "comparison":
            compared += 1
            sides += len(got) == 2 and all(mine & theirs for mine, theirs in zip(gold, got, strict=False))
    shares = {"recall": right / wanted, "precision": right / found, "all right": whole / rows}
    return {name: round(value, 3) for name, value in shares.items()} | {
        "both sides apart": round(sides / max(1, compared), 3)
    }


def _content(text: str) -> set[str]:
    return {stem(word) for word in words(text) if word not in FUNCTION_WORDS}


def gold_questions() -> list[Typed]:
    """Those of the gold sets that open a conversation."""
    found = []
    for name in ("seeds", "news", "news-held-out"):
        for line in NAMED[name].file.read_text(encoding="utf-8").splitlines():
            plain = json.loads(line)
            found.append(Typed(plain["question"], "question", 0, follows=bool(plain.get("history"))))
    return found


def false_share(typed: Sequence[Typed], embedder: Embedder, weights: Weights) -> dict[str, Any]:
    """Of questions, how many are taken for something else."""
    shares = shares_of([one.text for one in typed], embedder.embed([one.text for one in typed]), weights)
    least = np.where([one.follows for one in typed], weights.least_in_talk, weights.least)
    wrong = int(np.sum(1.0 - shares[:, 0] >= least))
    return {"questions": len(typed), "taken for something else": wrong, "share": round(wrong / len(typed), 4)}


def main() -> None:
    """Prints what came of it as one JSON object."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the weights into qa/weights")
    arguments = parser.parse_args()
    embedder = BundledEmbedder()
    train = STORIES["train"].file
    own, asked = read_requests(), story_questions(train)
    made = cross(own, story_topics(train))
    typed = [*own, *asked, *made]
    vectors = embedder.embed([one.text for one in typed])
    told = tell_in_rounds(typed, vectors, own, len(made))
    least, in_talk = thresholds(Told(asked, told.shares[len(own) :], []))
    mine = Told(own, told.shares[: len(own)], told.topics[: len(own)])
    weights = fit(typed, vectors, own)
    weights = Weights(
        weights.wording, weights.weights, weights.bias, weights.inside, weights.between, least, in_talk
    )
    stories = Told(asked, told.shares[len(own) :], [])
    opening = [one for one in range(len(asked)) if not asked[one].follows]
    print(
        json.dumps(
            {
                "thresholds": [least, in_talk],
                "requests of themes not fitted on": confusion(mine, least),
                "of these in a conversation": confusion(mine, in_talk),
                "topics' words": topic_words(mine),
                "stories not fitted on": {
                    "opening": len(opening),
                    "taken for something else": int(np.sum(stories.surely()[opening] >= least)),
                },
                "sealed stories": false_share(story_questions(STORIES["sealed"].file), embedder, weights),
                "gold questions": false_share(gold_questions(), embedder, weights),
            },
            indent=1,
        )
    )
    if arguments.write:
        write_weights(WEIGHTS / FILE, weights)


if __name__ == "__main__":
    main()
