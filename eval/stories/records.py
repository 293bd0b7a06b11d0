"""What a story file holds: sources' accounts of one story, questions, and how the sources' answers relate.

A source that is not among a question's answers is silent on it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from qa.records import ConflictKind, Polarity

QuestionKind = Literal["span", "why", "how", "yesno", "list", "none"]
RelationLabel = Literal["conflict", "update", "agree", "compatible"]

QUESTION_KINDS: tuple[QuestionKind, ...] = get_args(QuestionKind)
RELATION_LABELS: tuple[RelationLabel, ...] = get_args(RelationLabel)
DISPUTES: tuple[RelationLabel, ...] = ("conflict", "update")
"""The labels that name a kind, and that an answer is to show."""


@dataclass(frozen=True, slots=True)
class Account:
    """What one source says; `key` is its letter within the story, `published` an ISO 8601 date."""

    key: str
    publisher: str
    published: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class StoryAnswer:
    """A source's own words, at `start` in its text and `times` in all; `verdict` of yes/no questions only."""

    text: str
    start: int
    verdict: Polarity | None
    times: int = 1


@dataclass(frozen=True, slots=True)
class Relation:
    """How the answers of the sources `a` and `b` relate; `kind` of a conflict or an update only."""

    a: str
    b: str
    label: RelationLabel
    kind: ConflictKind | None = None

    @property
    def pair(self) -> frozenset[str]:
        """The two sources, in no order."""
        return frozenset((self.a, self.b))


@dataclass(frozen=True, slots=True)
class StoryQuestion:
    """A question as typed and as it stands alone; `answers` by source, none where no source answers.

    A follow-up (`follow`) is asked after the question before it. `line` is its place in the file.
    """

    kind: QuestionKind
    question: str
    standalone: str
    follow: bool
    answers: Mapping[str, StoryAnswer]
    relations: tuple[Relation, ...]
    line: int

    @property
    def group(self) -> str:
        """The kind, with ">" for a follow-up: the questions that are counted together."""
        return f"{self.kind}>" if self.follow else self.kind


@dataclass(frozen=True, slots=True)
class Story:
    """One story; `line` is its place in the file."""

    id: str
    accounts: tuple[Account, ...]
    questions: tuple[StoryQuestion, ...]
    line: int

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries and lists, the shape of the JSONL that training reads."""
        plain = asdict(self)
        questions = [{**one, "relations": list(one["relations"])} for one in plain["questions"]]
        return {**plain, "accounts": list(plain["accounts"]), "questions": questions}
