"""Reading story files: a text format that people write by hand, each fault told with its line.

A file holds stories one after the other:

    === STORY-ID
    --- A | PUBLISHER | ISO DATE | TITLE           then the account's text, to the next marked line
    ? KIND QUESTION                                span, why, how, yesno, list or none
    ?> KIND QUESTION => WHOLE QUESTION             a follow-up to the question before it
    A: VERBATIM ANSWER                             of yesno: "A: yes: SENTENCE", no or open
    ~ A B LABEL KIND                               KIND for conflict and update

Lines that begin with # are comments outside of accounts.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import TypeVar, get_args

from eval.errors import GoldError
from eval.stories.records import (
    DISPUTES,
    QUESTION_KINDS,
    RELATION_LABELS,
    Account,
    QuestionKind,
    Relation,
    Story,
    StoryAnswer,
    StoryQuestion,
)
from qa.records import ConflictKind, Polarity

_KINDS: tuple[ConflictKind, ...] = get_args(ConflictKind)
_VERDICTS: tuple[Polarity, ...] = get_args(Polarity)
_ANSWER = re.compile(r"([A-Z]): (.*)")
_DATE = re.compile(r"\d{4}(?:-\d\d){0,2}")
_Choice = TypeVar("_Choice", bound=str)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line and what to do; `excerpt` repeats the text, if it is not sealed."""

    file: Path
    line: int
    problem: str
    excerpt: str = ""

    @property
    def place(self) -> str:
        """The file and line."""
        return f"{self.file}, line {self.line}"

    def __str__(self) -> str:
        told = f" ({self.excerpt[:70]!r})" if self.excerpt else ""
        return f"{self.place}: {self.problem}{told}"


def read_stories(place: Path) -> tuple[Story, ...]:
    """The stories of a file, or of all text files of a folder by name, ids unique.

    Remembered until a file changes: the training stories alone take 1.5 s to read and check.
    Raises GoldError, which tells the first fault, for files with any.
    """
    return _read(place, tuple(map(_state, story_files(place))))


def _state(file: Path) -> tuple[Path, int, int, int]:
    """What differs once a file was written anew; zeros where it cannot be looked at."""
    try:
        told = file.stat()
    except OSError:
        return file, 0, 0, 0
    return file, told.st_ino, told.st_mtime_ns, told.st_size


@lru_cache(maxsize=8)
def _read(place: Path, state: Sequence[tuple[Path, int, int, int]]) -> tuple[Story, ...]:
    stories, faults = check_stories(file for file, *_ in state)
    if faults:
        more = f"; {len(faults) - 1} more faults stand there" if len(faults) > 1 else ""
        raise GoldError(f"{faults[0]}{more}")
    if not stories:
        raise GoldError(f"{place} holds no story; a story begins with a line === STORY-ID")
    return stories


def story_files(place: Path) -> list[Path]:
    """The file itself, or the text files of a folder by name."""
    return sorted(place.glob("*.txt")) if place.is_dir() else [place]


def check_stories(files: Iterable[Path]) -> tuple[tuple[Story, ...], tuple[Fault, ...]]:
    """All stories, without what could not be understood, and all faults, in the order of files and lines.

    Raises GoldError for a file that cannot be read.
    """
    stories: list[Story] = []
    faults: list[Fault] = []
    first: dict[str, str] = {}
    for file in files:
        reading = _Reading(file)
        for number, line in enumerate(_lines(file), 1):
            reading.take(number, line)
        for story in reading.finish():
            if story.id in first:
                reading.fault(story.line, f"this id stands at {first[story.id]} too; give each story its own")
            first.setdefault(story.id, f"{file}, line {story.line}")
            stories.append(story)
        faults += sorted(reading.faults, key=lambda fault: fault.line)
    return tuple(stories), tuple(faults)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        raise GoldError(f"there are no stories at {file}; check the path") from error
    except OSError as error:
        raise GoldError(f"{file} cannot be read: {error.strerror}; name a readable file") from error
    except UnicodeDecodeError as error:
        raise GoldError(f"{file} is not UTF-8 (byte {error.start}); save it as UTF-8") from error


@dataclass(slots=True)
class _Account:
    key: str
    publisher: str
    published: str
    title: str
    line: int
    text: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Question:
    kind: QuestionKind | None
    question: str
    standalone: str
    follow: bool
    line: int
    answers: list[tuple[int, str, str]] = field(default_factory=list)  # line, source, what stands there
    relations: list[tuple[int, Relation]] = field(default_factory=list)


@dataclass(slots=True)
class _Story:
    id: str
    line: int
    accounts: list[_Account] = field(default_factory=list)
    questions: list[_Question] = field(default_factory=list)


class _Reading:
    """One file, line by line: what each line is, then what a story's parts say of each other."""

    def __init__(self, file: Path) -> None:
        self.faults: list[Fault] = []
        self._file = file
        self._stories: list[_Story] = []
        self._account: _Account | None = None
        self._question: _Question | None = None

    def fault(self, line: int, problem: str, excerpt: str = "") -> None:
        """Keep a fault."""
        self.faults.append(Fault(self._file, line, problem, excerpt))

    def take(self, number: int, line: str) -> None:
        """Understand one line, given those before it."""
        answer = _ANSWER.fullmatch(line)
        if line.startswith("=== "):
            self._stories.append(_Story(line[4:].strip(), number))
            self._account = self._question = None
        elif line.startswith("--- "):
            self._take_account(number, line[4:])
        elif line.startswith(("? ", "?> ")):
            self._take_question(number, line.split(" ", 1)[1], follow=line[1] == ">")
        elif self._question is not None and line.startswith("~ "):
            self._take_relation(number, line[2:].split(), self._question)
        elif self._question is not None and answer:
            self._question.answers.append((number, answer[1], answer[2].strip()))
        elif self._account is not None:
            self._account.text.append(line)
        elif line.strip() and not line.startswith("#"):
            self.fault(number, "not understood; lines begin with ===, ---, ?, ?>, ~ or A:", line)

    def finish(self) -> list[Story]:
        """The stories of all lines taken."""
        return [self._finish(story) for story in self._stories]

    def _take_account(self, number: int, line: str) -> None:
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 4:
            self.fault(number, "an account begins with --- LETTER | PUBLISHER | DATE | TITLE", line)
        key, publisher, published, title = (*parts, "", "", "", "")[:4]
        self._account, self._question = _Account(key, publisher, published, title, number), None
        if not self._stories:
            self.fault(number, "an account before any story; begin with === STORY-ID")
            return
        if any(one.key == key for one in self._stories[-1].accounts):
            self.fault(number, f"the story has an account {key} already; give each its own letter")
        self._stories[-1].accounts.append(self._account)

    def _take_question(self, number: int, line: str, *, follow: bool) -> None:
        word, _, typed = line.strip().partition(" ")
        kind = _choose(word, QUESTION_KINDS)
        if kind is None:
            self.fault(number, f"unknown kind {word!r}; known are {', '.join(QUESTION_KINDS)}")
        asked, arrow, whole = typed.partition("=>") if follow else (typed, "", typed)
        question = _Question(kind, asked.strip(), whole.strip(), follow, number)
        self._account, self._question = None, question
        if follow and not arrow:
            self.fault(number, "a follow-up goes on with => and the whole question", typed)
        elif not (question.question and question.standalone):
            self.fault(number, "a kind without a question; write ? KIND QUESTION")
        if not self._stories:
            self.fault(number, "a question before any story; begin with === STORY-ID")
            return
        if follow and not self._stories[-1].questions:
            self.fault(number, "a follow-up without a question before it; ask the first one whole")
        self._stories[-1].questions.append(question)

    def _take_relation(self, number: int, words: Sequence[str], question: _Question) -> None:
        label = _choose(words[2], RELATION_LABELS) if len(words) > 2 else None
        if label is None or len(words) > 4:
            self.fault(number, f"a relation is ~ A B LABEL, the label one of {', '.join(RELATION_LABELS)}")
            return
        kind = _choose(words[3], _KINDS) if len(words) == 4 else None
        if kind is None and label in DISPUTES:
            self.fault(number, f"{label} goes on with its kind: {', '.join(_KINDS)}")
            return
        if len(words) == 4 and label not in DISPUTES:
            self.fault(number, f"{label} has no kind; leave it out")
        question.relations.append((number, Relation(words[0], words[1], label, kind)))

    def _finish(self, story: _Story) -> Story:
        if not story.id or not story.accounts or not story.questions:
            self.fault(story.line, "a story has an id, accounts and questions")
        accounts = tuple(self._finish_account(one) for one in story.accounts)
        texts = {one.key: one.text for one in accounts}
        questions = [self._finish_question(one, texts) for one in story.questions]
        return Story(story.id, accounts, tuple(one for one in questions if one is not None), story.line)

    def _finish_account(self, account: _Account) -> Account:
        text = "\n".join(account.text).strip()
        if not text:
            self.fault(account.line, "an account without text")
        if not re.fullmatch("[A-Z]", account.key):
            self.fault(account.line, f"{account.key!r} is not a letter A to Z")
        if not _DATE.fullmatch(account.published):
            self.fault(account.line, f"{account.published!r} is not a date such as 2024-11-18")
        return Account(account.key, account.publisher, account.published, account.title, text)

    def _finish_question(self, question: _Question, texts: dict[str, str]) -> StoryQuestion | None:
        answers: dict[str, StoryAnswer] = {}
        for line, source, stated in question.answers:
            answer = self._answer(line, source, stated, question, texts)
            if source in answers:
                self.fault(line, f"{source} has answered already; give each source one answer")
            elif answer is not None:
                answers[source] = answer
        if question.kind is None:
            return None
        if question.kind != "none" and not question.answers:
            self.fault(question.line, "no answer is given; mark it as none, or quote one", question.question)
        self._relate(question, {source for _, source, _ in question.answers})
        return StoryQuestion(
            kind=question.kind,
            question=question.question,
            standalone=question.standalone,
            follow=question.follow,
            answers=answers,
            relations=tuple(relation for _, relation in question.relations),
            line=question.line,
        )

    def _answer(
        self, line: int, source: str, stated: str, question: _Question, texts: dict[str, str]
    ) -> StoryAnswer | None:
        """The answer where it first stands; None, and a fault, where it is none."""
        verdict = None
        if question.kind == "none":
            self.fault(line, "a question marked as none has no answers; mark it otherwise, or leave them out")
        if question.kind == "yesno":
            word, colon, rest = stated.partition(": ")
            verdict, stated = _choose(word, _VERDICTS), rest.strip()
            if verdict is None or not colon:
                self.fault(line, "an answer to yesno begins with yes:, no: or open:")
                return None
        if source not in texts:
            self.fault(line, f"the story has no account {source}")
            return None
        if not stated or stated not in texts[source]:
            self.fault(line, f"not verbatim in {source}; copy it from the account", stated)
            return None
        return StoryAnswer(stated, texts[source].find(stated), verdict, texts[source].count(stated))

    def _relate(self, question: _Question, answering: set[str]) -> None:
        """Each two sources that answer are related once, and no others."""
        for line, relation in question.relations:
            for source in sorted({relation.a, relation.b} - answering):
                self.fault(line, f"a relation of {source}, which does not answer")
            if relation.a == relation.b:
                self.fault(line, f"{relation.a} is related to itself; name two sources")
        times = Counter(relation.pair for _, relation in question.relations)
        for one, other in combinations(sorted(answering), 2):
            found = times[frozenset((one, other))]
            if found != 1:
                self.fault(
                    question.line,
                    f"{found or 'no'} relation{'s' * (found > 1)} of {one} and {other}; give one",
                )


def _choose(word: str, known: Sequence[_Choice]) -> _Choice | None:
    return next((one for one in known if one == word), None)
