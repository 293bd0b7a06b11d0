"""What the reader's weights are fitted and judged on: questions that it was not trained on, read by it.

Questions of `squad11-heldout` are asked of a library of the paragraphs about their topic, a third of them
with every passage that mentions the answer taken away, and of their own paragraph, as they are and altered so
that it no longer answers; questions that people wrote to look answerable, of the paragraph that they were
written for. Of the kinds that are rare there (why, how, lists) all are asked. Yes/no questions are made from
claims of `vitaminc-train` and `feversym-dev` and asked of a library of the statements that bear on them. The
questions of the open half of the news set are asked of its articles.
"""

import gzip
import json
import random
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.cases import is_hit
from eval.data import AnswerSpan, GoldQuestion, Question, read_gold, sample
from eval.paragraphs import all_paragraphs
from eval.sets import NAMED
from eval.train.asking import as_question
from eval.train.examples import Example, read_held_out, read_sources
from eval.train.unanswerable import alter, learn_opposites
from index.chunk import TokenCounter, chunk
from index.library import Library
from index.records import Article, Embedder, Hit
from qa.kinds import Kind, kind_of
from qa.reader import Found, SpanReader

PASSAGES = 12

# Of so many claims of `vitaminc-train` questions are made.
_CLAIMS = 1_700

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the features of each sentence read, (n, features), and which of them answer, (n,).

    `fitted` says on which half it is; `way` how it was asked.
    """

    way: str
    kind: Kind
    features: Rows
    right: NDArray[np.bool_]
    answerable: bool
    fitted: bool


def ask_library(
    questions: Sequence[Question], limit: int, reader: SpanReader, embedder: Embedder
) -> Iterable[Asked]:
    """Some questions asked of the paragraphs about their topic; every third without those that answer.

    A user's library is about few topics too: there the retriever brings many passages that are near.
    """
    asked = _with_rare(questions, limit)
    with all_paragraphs(questions, embedder) as paragraphs:
        for number, question in enumerate(asked):
            hits = paragraphs.library.search(question.question, k=PASSAGES + 4)
            taken_away = number % 3 == 2
            if taken_away:
                hits = [hit for hit in hits if not _mentions(hit, question)]
            own = "" if taken_away else paragraphs.ids[question.context]
            yield _asked("removed" if taken_away else "library", question, hits[:PASSAGES], own, reader)


def ask_own(
    questions: Iterable[Question], way: str, reader: SpanReader, embedder: Embedder
) -> Iterable[Asked]:
    """Each question asked of the paragraph that it comes with, as `whosays eval` does."""
    count = TokenCounter(embedder.vocabulary())
    for question in questions:
        article = Article("own", "", question.context)
        chunks = chunk(article, count=count, chunk_tokens=200, overlap_sentences=1)
        hits = [Hit(article, one, rank, 1.0, None, None) for rank, one in enumerate(chunks, 1)]
        yield _asked(way, question, hits, "own", reader)


def ask_claims(
    pairs: Sequence[tuple[str, str, str]], reader: SpanReader, embedder: Embedder
) -> Iterable[Asked]:
    """Claims as yes/no questions, asked of all statements; a statement that decides one is right."""
    deciding: dict[str, set[str]] = {}
    for statement, claim, label in pairs:
        question = as_question(claim)
        if question is not None:
            deciding.setdefault(question, set())
            if label != "neutral":
                deciding[question].add(statement)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "statements.jsonl"
        statements = sorted({statement for statement, *_ in pairs})
        file.write_text("".join(json.dumps({"text": text}) + "\n" for text in statements), encoding="utf-8")
        with Library.open(Path(folder) / "library", embedder=embedder) as library:
            library.add(file)
            for number, (question, right) in enumerate(sorted(deciding.items())):
                hits = library.search(question, k=PASSAGES + 4)
                if number % 3 == 2:
                    hits = [hit for hit in hits if hit.article.text not in right]
                found = reader.find(question, hits[:PASSAGES], "yes_no")
                marks = np.array([one.candidate.hit.article.text in right for one in found])
                if found:
                    features = np.stack([one.features for one in found])
                    way = "claims" if marks.any() else "claims, removed"
                    yield Asked(way, "yes_no", features, marks, bool(marks.any()), _is_fitted(question))


def ask_news(reader: SpanReader, embedder: Embedder) -> Iterable[Asked]:
    """The questions of the open half of the news set, asked of all its articles."""
    source = NAMED["news"]
    assert source.articles is not None
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder), embedder=embedder) as library:
        library.add(*sorted(source.articles.glob("*.txt")))
        for question in read_gold(source.file):
            assert isinstance(question, GoldQuestion)
            kind = kind_of(question.question)
            found = reader.find(question.question, library.search(question.question, k=PASSAGES), kind)
            marks = np.array([_is_evidence(one, question, kind) for one in found], dtype=bool)
            if found:
                features = np.stack([one.features for one in found])
                fitted = _is_fitted(question.id)
                yield Asked("news", kind, features, marks, bool(question.answers), fitted)


def _is_evidence(one: Found, question: GoldQuestion, kind: Kind) -> bool:
    """Whether the sentence is gold evidence, and for a span or a list, the span a right answer."""
    article, sentence = one.candidate.hit.article, one.candidate.span
    text = article.text[sentence.start : sentence.end]
    name = article.uri.rsplit("/", 1)[-1]
    if not any(
        name == told.article and (told.quote in text or text in told.quote) for told in question.evidence
    ):
        return False
    place = one.candidate.original(one.stretch.start, one.stretch.end)
    return kind not in ("span", "list") or is_hit(article.text[place.start : place.end], question.answers)


def _asked(way: str, question: Question, hits: Sequence[Hit], own: str, reader: SpanReader) -> Asked:
    kind = kind_of(question.question)
    found = reader.find(question.question, hits, kind)
    features = np.stack([one.features for one in found]) if found else np.zeros((0, 0))
    right = np.array([_answers(one, question, own, kind) for one in found], dtype=bool)
    fitted = _is_fitted(question.title or question.context)
    return Asked(way, kind, features, right, bool(question.answers) and way != "removed", fitted)


def _is_fitted(group: str) -> bool:
    return random.Random(group).random() < 0.5  # noqa: S311 - no secret


def _mentions(hit: Hit, question: Question) -> bool:
    text = hit.article.text.lower()
    return hit.article.text == question.context or any(answer.lower() in text for answer in question.texts)


def _answers(one: Found, question: Question, own: str, kind: Kind) -> bool:
    """Whether the span is right; for a question that a sentence answers, whether the sentence holds it."""
    candidate = one.candidate
    if candidate.hit.article.id != own:
        return False
    place = candidate.span
    if kind == "span":
        place = candidate.original(one.stretch.start, one.stretch.end)
        near = is_hit(candidate.hit.article.text[place.start : place.end], question.texts)
    else:
        near = True
    return near and any(
        min(answer.start + len(answer.text), place.end) > max(answer.start, place.start)
        for answer in question.answers
    )


def gather(folder: Path, questions: int, reader: SpanReader, embedder: Embedder) -> list[Asked]:
    """All that is asked, in every way."""
    held_out = [
        one for one in read_gold(folder / "qa" / "squad11-heldout.jsonl.gz") if isinstance(one, Question)
    ]
    human = [
        Question(
            str(number),
            "",
            one.context,
            one.question,
            tuple(AnswerSpan(one.answer, one.start) for _ in range(one.answerable)),
        )
        for number, one in enumerate(read_held_out(folder / "qa"))
    ]
    pairs = [
        (record["premise"], record["hypothesis"], record["label"])
        for name, most in (("vitaminc-train", _CLAIMS), ("feversym-dev", _CLAIMS))
        for record in list(_lines(folder / "nli" / f"{name}.jsonl.gz"))[:most]
    ]
    own = _with_rare(held_out, questions // 2)
    topics = [
        [one for one in held_out if one.title == title] for title in sorted({one.title for one in held_out})
    ]
    made = [
        *(one for topic in topics for one in ask_library(topic, questions // len(topics), reader, embedder)),
        *ask_own(own, "own", reader, embedder),
        *ask_own(_altered(own, folder / "qa"), "altered", reader, embedder),
        *ask_own(human, "human", reader, embedder),
        *ask_claims(pairs, reader, embedder),
        *ask_news(reader, embedder),
    ]
    return [one for one in made if len(one.features)]


def _with_rare(questions: Sequence[Question], limit: int) -> list[Question]:
    """A sample, and all questions of the kinds that few are of."""
    some = sample(questions, limit)
    rare = (one for one in questions if kind_of(one.question) in ("explanation", "list"))
    return list(dict.fromkeys([*some, *rare]))


def _altered(questions: Sequence[Question], folder: Path) -> Iterable[Question]:
    """The questions changed in one thing, so that their paragraphs do not answer them."""
    opposites = learn_opposites(read_sources(folder)["unansq"])
    draw = random.Random(1)  # noqa: S311 - no secret
    for question in questions:
        answer = question.answers[0]
        end = answer.start + len(answer.text)
        example = Example(question.question, question.context, answer.start, end, question.title, "held out")
        changed = alter(example, opposites, draw)
        if changed is not None:
            yield replace(question, question=changed.question, answers=())


def _lines(file: Path) -> Iterable[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)
