"""The public question sets as examples: marks stripped, offsets moved with them, sources weighted."""

import gzip
import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

# What is trained on, and which share of it in the first round, the second, and the later ones: they lean more
# and more to what resembles encyclopedia and news, with questions that people asked or wrote with care.
# Source: our own trials, on questions of `squad11-heldout` and held-out human-written unanswerable ones.
SHARES = {
    "squad-train": (1.0, 1.0, 1.0),
    "squadshifts-new_wiki": (1.0, 1.0, 1.0),
    "squadshifts-reddit": (0.8, 0.35, 0.25),
    "squadshifts-amazon_reviews": (0.8, 0.25, 0.15),
    "unansq": (2.0, 2.0, 2.0),
    "naturalquestions-train": (0.8, 0.6, 0.7),
    "tydiqa-en-train": (1.0, 1.0, 1.0),
    "tydiqa-en-dev": (1.0, 1.0, 1.0),
    "hotpotqa-train": (1.0, 0.5, 0.3),
    "bioasq-train": (1.0, 0.4, 0.3),
    "qed-dev": (1.0, 1.0, 1.0),
    "covidqa": (0.3, 0.2, 0.1),
    "policyqa-dev": (0.25, 0.1, 0.05),
    "policyqa-test": (0.25, 0.1, 0.05),
    "qamr-dev": (0.5, 0.25, 0.1),
    "qamr-test": (0.5, 0.25, 0.1),
}

# Marks that two sets carry in their text; `<P>` and its like stand for paragraph tags.
_MARKS = re.compile(r"\[(?:PAR|TLE|SEP|DOC)\]|</?[A-Za-z][A-Za-z0-9]{0,9}>")

# Of the contexts of `unansq`, about 12 in 100 are never trained on: what people wrote to look answerable is
# the best judge of abstention.
_HELD_OUT_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Example:
    """A question about a context; `start == end == -1` where the context does not answer.

    `start` and `end` are character offsets into `context`.
    """

    question: str
    context: str
    start: int
    end: int
    title: str
    source: str
    answers: tuple[str, ...] = ()  # all that are right

    @property
    def answerable(self) -> bool:
        """Whether the context holds an answer."""
        return self.end > self.start >= 0

    @property
    def answer(self) -> str:
        """The answer's text, "" where there is none."""
        return self.context[self.start : self.end] if self.answerable else ""


def leave_unanswered(example: Example, *, question: str | None = None, context: str | None = None) -> Example:
    """The example with a question or a context that leaves it without an answer."""
    return replace(
        example,
        question=example.question if question is None else question,
        context=example.context if context is None else context,
        start=-1,
        end=-1,
        answers=(),
    )


def read_sources(folder: Path) -> dict[str, list[Example]]:
    """All examples of each source in `folder`, without what is held out."""
    sources = {name: read_source(folder, name) for name in SHARES}
    sources["unansq"] = [one for one in sources["unansq"] if not is_held_out(one.context)]
    return sources


def read_held_out(folder: Path) -> list[Example]:
    """The questions of `unansq`, written by people, whose contexts are not trained on."""
    return [one for one in read_source(folder, "unansq") if is_held_out(one.context)]


def read_source(folder: Path, name: str) -> list[Example]:
    """The examples of one set. An answer that its offsets do not give is left out."""
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        made = (to_example(json.loads(line), name) for line in lines)
        return [one for one in made if one is not None]


def is_held_out(context: str) -> bool:
    """By the context's own words, so that all questions about it fall on one side."""
    return random.Random(" ".join(context.split())[:200]).random() < _HELD_OUT_SHARE  # noqa: S311 - no secret


def to_example(record: Mapping[str, Any], source: str) -> Example | None:
    """The first answer of a question in its context without marks; None where the two do not agree."""
    published: str = record["context"]
    context, moved = _strip(published)
    question, title = record["question"].strip(), record.get("title") or ""
    if not record["answers"]:
        return Example(question, context, -1, -1, title, source)
    for answer in record["answers"]:
        first, last = answer["start"], answer["start"] + len(answer["text"])
        if published[first:last] != answer["text"]:
            continue
        start, end = moved[first], moved[last]
        while start < end and context[start].isspace():
            start += 1
        while start < end and context[end - 1].isspace():
            end -= 1
        if start < end:
            answers = tuple(dict.fromkeys(one["text"] for one in record["answers"]))
            return Example(question, context, start, end, title, source, answers)
    return None


def _strip(context: str) -> tuple[str, Sequence[int]]:
    """The text with marks replaced by one space, and for each old offset the new one."""
    kept: list[str] = []
    moved = [0] * (len(context) + 1)
    length = position = 0
    for mark in _MARKS.finditer(context):
        for offset in range(position, mark.start()):
            moved[offset] = length + offset - position
        kept.append(context[position : mark.start()] + " ")
        length += mark.start() - position + 1
        for offset in range(mark.start(), mark.end()):
            moved[offset] = length
        position = mark.end()
    for offset in range(position, len(context) + 1):
        moved[offset] = length + offset - position
    kept.append(context[position:])
    return "".join(kept), moved
