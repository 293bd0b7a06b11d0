"""Questions with the passages that are read for them: from stories of several sources, and from public sets.

A question of a story is read in the accounts that answer it, in some that are silent and now and then in one
of another story, as retrieval brings them; one of a public set in its context and, where one was found, in
the context most like it that lacks the answer.
"""

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from eval.training.data.examples import Example
from index.text.clean import clean
from index.text.sentences import sentences, split
from qa.language.terms import terms

# Shares of a round; own choice, so that a round of 1,200 stories is about 10 million tokens.
_SILENT = 0.6  # of the accounts that say nothing to a question
_STRANGE = 0.12  # of the questions that also meet an account of another story
_FOLLOWED = 0.15  # of the questions that stand alone and yet come after another one
_FORMS = (0.6, 0.8)  # follow-ups with the talk before them; then whole; then with the words they need

Story = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Passage:
    """Cleaned sentences that follow each other, and the answer in them.

    `title` says who tells it and under which headline. `start` and `end` are characters of `text`, -1 where
    the passage does not answer.
    """

    title: str
    sentences: tuple[str, ...]
    start: int = -1
    end: int = -1

    @property
    def text(self) -> str:
        """The sentences with a blank between each two."""
        return " ".join(self.sentences)

    @property
    def answers(self) -> bool:
        """Whether it holds an answer."""
        return self.end > self.start >= 0


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, what was said before it ("" for nothing), and what is read for it.

    `kind` is span, list, why, how, yesno or none; "span" for questions of public sets.
    """

    text: str
    history: str
    kind: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question, the talk before it, oldest first, and which words of that talk it needs."""

    question: str
    history: tuple[str, ...]
    needed: frozenset[str]


def read_stories(file: Path) -> list[dict[str, Any]]:
    """The stories in a file that `python -m eval.stories FILES --json` wrote, one a line."""
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def is_held_out(story: str) -> bool:
    """One story in twelve of the training part, by its id: it chooses and calibrates, and trains nothing."""
    return random.Random(f"story {story}").random() < 1 / 12  # noqa: S311 - no secret


def part_of(story: Story) -> str:
    """Of which kind a story is: of many sources, rumours and web pages apart, or of few."""
    first = str(story["id"])[0]
    return {"r": "rumours", "w": "web"}.get(first, "few") if len(story["accounts"]) >= 3 else "few"


def headline(publisher: str | None, title: str | None) -> str:
    """What stands before a passage: who tells it, and the headline."""
    return ": ".join(part for part in (publisher, title) if part)


def account_passage(account: Mapping[str, Any], answer: Mapping[str, Any] | None) -> Passage:
    """The account as one passage, with where the answer stands in it."""
    title = headline(account["publisher"], account["title"])
    texts, places = _sentences_of(account["text"])
    if answer is None:
        return Passage(title, texts)
    first, last = answer["start"], answer["start"] + len(answer["text"])
    inside: list[int] = []
    length = 0
    for text, originals in zip(texts, places, strict=True):
        inside += [length + at for at, original in enumerate(originals) if first <= original < last]
        length += len(text) + 1
    return Passage(title, texts, inside[0], inside[-1] + 1) if inside else Passage(title, texts)


@lru_cache(maxsize=20_000)
def _sentences_of(text: str) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """The cleaned sentences of an article, and where in it each of their characters stands."""
    view = clean(text)
    found = [one for one in sentences(view) if view.text[one.start : one.end].strip()]
    texts = tuple(" ".join(view.text[one.start : one.end].split("\n")) for one in found)
    places = tuple(
        tuple(view.original(at, at + 1).start for at in range(one.start, one.end)) for one in found
    )
    return texts, places


class StoryQuestions:
    """The questions of stories, round after round."""

    def __init__(self, stories: Sequence[Story], seed: int) -> None:
        self._stories = list(stories)
        self._seed = seed
        self._strangers = [account for story in self._stories for account in story["accounts"]]
        self._held = [frozenset(terms(account["text"])) for account in self._strangers]

    def round(self, number: int) -> list[Question]:
        """The questions of round `number`: the same ones every time."""
        draw = random.Random(f"stories {self._seed} {number}")  # noqa: S311 - no secret
        return [made for story in self._stories for made in self._of(story, draw)]

    def _of(self, story: Story, draw: random.Random) -> Iterable[Question]:
        before: Mapping[str, Any] | None = None
        for question in story["questions"]:
            passages = [
                account_passage(account, question["answers"].get(account["key"]))
                for account in story["accounts"]
            ]
            chosen = [one for one in passages if one.answers or draw.random() < _SILENT] or passages[:1]
            if draw.random() < _STRANGE:
                chosen.append(self._stranger(question["standalone"], story, draw))
            draw.shuffle(chosen)
            text, history = put_question(question, before, draw)
            yield Question(text, history, question["kind"], tuple(chosen))
            before = question

    def _stranger(self, question: str, story: Story, draw: random.Random) -> Passage:
        """The account of another story that shares most words with the question, of some drawn."""
        own = {account["text"] for account in story["accounts"]}
        asked = frozenset(terms(question))
        some = draw.sample(range(len(self._strangers)), min(200, len(self._strangers)))
        others = [at for at in some if self._strangers[at]["text"] not in own] or some[:1]
        best = max(others, key=lambda at: (len(asked & self._held[at]), -at))
        return account_passage(self._strangers[best], None)


def whole_story(story: Story) -> Iterable[Question]:
    """Each question of a story with all its accounts, follow-ups with the talk before them: to judge by."""
    before: Mapping[str, Any] | None = None
    for question in story["questions"]:
        passages = tuple(
            account_passage(account, question["answers"].get(account["key"])) for account in story["accounts"]
        )
        history = talk(before, None) if question["follow"] and before is not None else ""
        yield Question(question["question"], history, question["kind"], passages)
        before = question


def put_question(
    question: Mapping[str, Any], before: Mapping[str, Any] | None, draw: random.Random
) -> tuple[str, str]:
    """The question as it is put in this round, and the talk before it."""
    chance = draw.random()
    if not question["follow"]:
        followed = before is not None and chance < _FOLLOWED
        return question["question"], talk(before, draw) if followed and before else ""
    if before is None or _FORMS[0] <= chance < _FORMS[1]:
        return question["standalone"], ""
    if chance < _FORMS[0]:
        return question["question"], talk(before, draw)
    return question["question"], ", ".join(needed_words(question["question"], question["standalone"]))


def talk(before: Mapping[str, Any], draw: random.Random | None) -> str:
    """The earlier question and one of its answers; now and then none, as a refusal leaves it."""
    answers = [before["answers"][key]["text"] for key in sorted(before["answers"])]
    if draw is None:
        answer = answers[0] if answers else ""
    else:
        answer = draw.choice(answers) if answers and draw.random() < 0.85 else ""
    return f"{before['standalone']} {answer}".strip()


def needed_words(question: str, standalone: str) -> list[str]:
    """The content words of the whole question that the follow-up does not hold, in order."""
    held = set(terms(question))
    return [word for word in standalone.replace("?", " ").split() if set(terms(word)) - held]


def story_follow_ups(stories: Sequence[Story]) -> list[FollowUp]:
    """The questions of stories that come after another one, whether they need it or not."""
    found: list[FollowUp] = []
    for story in stories:
        before: Mapping[str, Any] | None = None
        for number, question in enumerate(story["questions"]):
            if before is not None:
                answers = [before["answers"][key]["text"] for key in sorted(before["answers"])]
                answer = answers[number % len(answers)] if answers else ""
                needed = (
                    frozenset(terms(question["standalone"])) - frozenset(terms(question["question"]))
                    if question["follow"]
                    else frozenset()
                )
                found.append(FollowUp(question["question"], (before["standalone"], answer), needed))
            before = question
    return found


def canard_follow_ups(rows: Iterable[Mapping[str, Any]]) -> list[FollowUp]:
    """CANARD's questions with title, section and the last two turns of their talk."""
    found: list[FollowUp] = []
    for row in rows:
        history = [*row["history"][:2], *row["history"][2:][-4:]]
        needed = frozenset(terms(row["standalone"])) - frozenset(terms(row["question"]))
        found.append(FollowUp(row["question"], tuple(history), needed))
    return found


def public_questions(examples: Iterable[Example], draw: random.Random) -> Iterator[Question]:
    """Examples that ask the same as one question with several passages, in random order, made when due."""
    asked: dict[str, list[Example]] = {}
    for one in examples:
        asked.setdefault(one.question, []).append(one)
    for text in draw.sample(list(asked), len(asked)):
        passages = tuple(_public_passage(one.context, one.start, one.end) for one in asked[text])
        if all(passage.sentences for passage in passages):
            yield Question(text, "", "span", passages)


def _public_passage(context: str, start: int, end: int) -> Passage:
    spans = _public_sentences(context)
    text = "".join(" " if char.isspace() else char for char in context)
    texts = tuple(text[first:last] for first, last in spans)
    if start < 0:
        return Passage("", texts)
    moved: dict[int, int] = {}
    length = 0
    for first, last in spans:
        moved.update({at: length + at - first for at in range(max(first, start), min(last, end))})
        length += last - first + 1
    return Passage("", texts, min(moved.values()), max(moved.values()) + 1) if moved else Passage("", texts)


@lru_cache(maxsize=200_000)
def _public_sentences(context: str) -> tuple[tuple[int, int], ...]:
    return tuple(split("".join(" " if char.isspace() else char for char in context)))
