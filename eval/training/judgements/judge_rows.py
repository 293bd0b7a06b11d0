"""What the judge learns from, as rows of word pieces: excerpts against questions, and two statements."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from eval.training.judgements.judgement import ANSWER, RELATION, STANCE, Judgement
from qa.comparison.excerpt import EXCERPT_TOKENS, QUESTION_TOKENS, Excerpt
from qa.comparison.model import JUDGE_RELATIONS, PAIR_TOKENS, STANCES

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ReadExcerpt:
    """An excerpt and what it says to a question.

    `verdict` is the article's to a yes/no question, "" for questions of other kinds and where it is not
    known; `answers` 1, 0, or -1 where that is not known. `gold` are the places in the excerpt of the
    sentences that answer; none of an excerpt that answers: not known. `span` is the answer's place within the
    first of them, None where its words are not learnt.
    """

    excerpt: Excerpt
    question: str
    verdict: str = ""
    answers: int = -1
    gold: tuple[int, ...] = ()
    span: tuple[int, int] | None = None
    spans: bool = False


@dataclass(frozen=True, slots=True)
class JudgeRow:
    """Token ids, where the second text begins, and what is to be judged, -1 for what is not.

    `sentence` numbers each token's sentence from 1, 0 for none; None for rows that are no excerpts. `gold`
    are the numbers of those that answer; `first` and `last` the answer's tokens, 0 for none; `spans`: whether
    the words are learnt.
    """

    ids: Ints
    second_at: int
    task: int
    label: int = -1
    kind: int = -1
    answers: int = -1
    sentence: Ints | None = field(default=None, compare=False)
    gold: tuple[int, ...] = ()
    first: int = 0
    last: int = 0
    spans: bool = False

    def __len__(self) -> int:
        return len(self.ids)


def statement_rows(tokenizer: Tokenizer, judgements: Sequence[Judgement]) -> list[JudgeRow]:
    """Rows of single statements and of pairs; the longer text is cut."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(PAIR_TOKENS, strategy="longest_first")
    encoded = tokenizer.encode_batch([(one.first, one.second) for one in judgements])
    made: list[JudgeRow] = []
    for one, row in zip(judgements, encoded, strict=True):
        label = JUDGE_RELATIONS.index("beside") if one.task == RELATION and one.beside else one.label
        ids = np.array(row.ids, dtype=np.int64)
        made.append(JudgeRow(ids, row.type_ids.index(1), one.task, label, one.kind, one.answers))
    return made


def excerpt_rows(tokenizer: Tokenizer, told: Sequence[ReadExcerpt]) -> list[JudgeRow]:
    """Rows of excerpts, `[CLS] title | sentences [SEP] question [SEP]`; the excerpt is cut."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(QUESTION_TOKENS, strategy="longest_first")
    cut = [
        one.question[: row.offsets[-2][1]] if len(row.ids) == QUESTION_TOKENS else one.question
        for one, row in zip(told, tokenizer.encode_batch([one.question for one in told]), strict=True)
    ]
    texts = [one.excerpt.text() for one in told]
    tokenizer.enable_truncation(EXCERPT_TOKENS, strategy="only_first")
    encoded = tokenizer.encode_batch([(text, asked) for (text, _), asked in zip(texts, cut, strict=True)])
    made: list[JudgeRow] = []
    for one, (_, places), row in zip(told, texts, encoded, strict=True):
        second_at = row.type_ids.index(1)
        offsets = np.array(row.offsets[:second_at], dtype=np.int64)
        sentence = np.zeros(len(row.ids), dtype=np.int64)
        for number, (first, last) in enumerate(places, 1):
            inside = (offsets[:, 0] >= first) & (offsets[:, 1] <= last) & (offsets[:, 1] > offsets[:, 0])
            sentence[:second_at][inside] = number
        held = set(sentence.tolist())
        gold = tuple(at + 1 for at in one.gold if at + 1 in held)
        start, end = _answer(one, places, offsets)
        answers = one.answers
        if answers == 1 and one.gold and not gold:  # cut off
            answers = -1
        label = STANCES.index(one.verdict) if one.verdict and (answers == one.answers) else -1
        task = STANCE if label >= 0 else ANSWER
        spans = one.spans and (answers == 0 or bool(end))
        ids = np.array(row.ids, dtype=np.int64)
        made.append(JudgeRow(ids, second_at, task, label, -1, answers, sentence, gold, start, end, spans))
    return made


def _answer(one: ReadExcerpt, places: Sequence[tuple[int, int]], offsets: Ints) -> tuple[int, int]:
    """The first and last token of the answer's words; 0, 0 where there are none, or not all of them."""
    if one.span is None or not one.gold:
        return 0, 0
    begin = places[one.gold[0]][0]
    first, last = begin + one.span[0], begin + one.span[1]
    inside = np.flatnonzero(
        (offsets[:, 1] > first) & (offsets[:, 0] < last) & (offsets[:, 1] > offsets[:, 0])
    )
    whole = inside.size and offsets[inside[-1], 1] >= last
    return (int(inside[0]), int(inside[-1])) if whole else (0, 0)
