"""What each system finds: the accounts of open stories, cut into the same passages for all, and questions.

A passage is right that holds, in its account's own words, what the account answers. All embed with the same
weights, so that the difference is what else a system searches by, and how it cuts vectors and scores.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.bench.sizes import STORIES
from eval.stories import read_stories
from eval.stories.records import Account, Story
from index.embed import open_embedder
from index.records import Article
from index.text.chunk import chunk
from index.text.tokens import TokenCounter

OPEN = ("dev", "web", "rumours")
FIGURES = {
    "first": "the first passage answers, %",
    "among_5": "one of five answers, %",
    "among_12": "one of twelve answers, %",
    "sources": "sources that answer, found among twelve, %",
}


@dataclass(frozen=True, slots=True)
class Sought:
    """A question as it stands alone, and the passages that hold the answer of each source that has one."""

    question: str
    right: tuple[frozenset[int], ...]


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
        right = (
            frozenset(at for at in places[key] if answer.text in passages[at]["text"])
            for key, answer in question.answers.items()
        )
        held = tuple(one for one in right if one)
        if held:
            found.append(Sought(question.standalone, held))
    return found


def score(found: Sequence[Sequence[int]], sought: Sequence[Sought]) -> dict[str, float]:
    """The `FIGURES`, in per cent, of the passages that were found for each question, best first."""
    questions = list(zip(found, sought, strict=True))

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
