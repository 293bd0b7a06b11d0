"""What each system finds and answers: accounts of open stories, cut into the same passages for all.

A passage is right that holds, in its account's own words, what the account answers. All embed with the same
weights, so that the difference is what else a system searches by, and how it cuts vectors and scores. Of an
answer the sentences count that the marked words stand in: they are right where they stand in such a passage
and give the account's answer, as `eval.stories.scoring` has it.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.bench.sizes import STORIES
from eval.stories import read_stories
from eval.stories.records import Account, Story
from eval.stories.scoring import gives
from index.embed import open_embedder
from index.records import Article
from index.text.chunk import chunk
from index.text.sentences import split
from index.text.tokens import TokenCounter

OPEN = ("dev", "web", "rumours")
FIGURES = {
    "first": "the first passage answers, %",
    "among_5": "one of five answers, %",
    "among_12": "one of twelve answers, %",
    "sources": "sources that answer, found among twelve, %",
}
ANSWERED = {
    "right": "the first answer is right, %",
    "wrong": "it is wrong, %",
    "silent": "there is none, %",
    "refused": "no answer where no source has one, %",
}


@dataclass(frozen=True, slots=True)
class Sought:
    """A question as it stands alone; of each source that answers, the passages that do, and its words."""

    question: str
    right: tuple[frozenset[int], ...]
    gold: tuple[str, ...] = ()


def gather(others: int, seed: int) -> tuple[list[dict[str, str]], list[Sought]]:
    """The passages, and what is sought in them; among them those of so many accounts of training stories."""
    count = TokenCounter(open_embedder().vocabulary())
    passages: list[dict[str, str]] = []
    places: dict[str, int] = {}  # of a text that stands in several accounts, one
    sought: list[Sought] = []

    def add(account: Account) -> list[int]:
        held = []
        for one in chunk(Article(account.title, "", account.text), count=count):
            text = account.text[one.start : one.end].strip()
            if text not in places:
                places[text] = len(passages)
                passages.append({"title": account.title, "text": text})
            held.append(places[text])
        return held

    for story in (one for part in OPEN for one in read_stories(STORIES.parent / part)):
        sought += _sought(story, {account.key: add(account) for account in story.accounts}, passages)
    strangers = [account for story in read_stories(STORIES) for account in story.accounts]
    for account in random.Random(seed).sample(strangers, min(others, len(strangers))):  # noqa: S311
        add(account)
    return passages, sought


def _sought(
    story: Story, places: Mapping[str, Sequence[int]], passages: Sequence[Mapping[str, str]]
) -> list[Sought]:
    found = []
    for question in story.questions:
        right = [
            (frozenset(at for at in places[key] if answer.text in passages[at]["text"]), answer.text)
            for key, answer in question.answers.items()
        ]
        held = [one for one in right if one[0]]
        if held or question.kind == "none":
            found.append(
                Sought(question.standalone, tuple(one for one, _ in held), tuple(text for _, text in held))
            )
    return found


def score(found: Sequence[Sequence[int]], sought: Sequence[Sought]) -> dict[str, float]:
    """The `FIGURES`, in per cent, of the passages that were found for each question, best first."""
    questions = [one for one in zip(found, sought, strict=True) if one[1].right]

    def answered(most: int) -> float:
        hits = sum(any(one.intersection(places[:most]) for one in asked.right) for places, asked in questions)
        return 100 * hits / len(questions)

    shares = [
        sum(bool(one.intersection(places)) for one in asked.right) / len(asked.right)
        for places, asked in questions
    ]
    return {
        "first": answered(1),
        "among_5": answered(5),
        "among_12": answered(12),
        "sources": 100 * sum(shares) / len(shares),
    }


def score_answers(
    said: Sequence[Mapping[str, Any] | None], sought: Sequence[Sought], passages: Sequence[Mapping[str, str]]
) -> dict[str, float]:
    """`ANSWERED`, in per cent, of each answer's passage (`place`), `start` and `end`; None is no answer."""
    pairs = list(zip(said, sought, strict=True))
    asked = [one for one in pairs if one[1].right]
    empty = [one for one, wanted in pairs if not wanted.right]
    right = sum(one is not None and _is_right(one, wanted, passages) for one, wanted in asked)
    silent = sum(one is None for one, _ in asked)
    return {
        "right": 100 * right / len(asked),
        "wrong": 100 * (len(asked) - right - silent) / len(asked),
        "silent": 100 * silent / len(asked),
        "refused": 100 * sum(one is None for one in empty) / len(empty) if empty else float("nan"),
    }


def _is_right(said: Mapping[str, Any], wanted: Sought, passages: Sequence[Mapping[str, str]]) -> bool:
    text = passages[said["place"]]["text"]
    spans = [one for one in split(text) if one[0] < said["end"] and said["start"] < one[1]]
    told = text[spans[0][0] : spans[-1][1]] if spans else ""
    golds = zip(wanted.right, wanted.gold, strict=True)
    return any(said["place"] in places and gives(told, gold) for places, gold in golds)
