"""Questions as rows of word pieces, `[CLS] talk | question | headline [SEP] passage [SEP]`, in batches.

The rows of one question stay together, since the softmax runs over all of them (Clark and Gardner 2018).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from eval.training.data.questions import FollowUp, Passage, Question
from eval.training.data.windows import pad_pairs
from qa.language.terms import terms

QUESTION_TOKENS = 48
TALK_TOKENS = 40
TITLE_TOKENS = 24
ROW_TOKENS = 320

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One passage with its question.

    `sentence` numbers each token's sentence from 1, 0 for tokens of none; `gold` are the numbers of sentences
    that answer; `first` and `last` are the answer's tokens, 0 where there is none.
    """

    ids: Ints
    context_at: int
    sentence: Ints
    gold: tuple[int, ...]
    first: int
    last: int

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's rows. `spans`: whether the answer's words are learnt too, not its sentence alone."""

    rows: tuple[ReadingRow, ...]
    spans: bool

    def __len__(self) -> int:
        """Tokens of the longest row: what the others are padded to."""
        return max(map(len, self.rows))


@dataclass(frozen=True, slots=True)
class NeededRow:
    """A follow-up and its talk, `[CLS] question [SEP] talk [SEP]`, with 1 for each token that is needed.

    `counted` is 1 for the tokens that are judged: content words of the talk.
    """

    ids: Ints
    context_at: int
    needed: Ints
    counted: Ints

    def __len__(self) -> int:
        return len(self.ids)


class Rows:
    """Makes rows; a passage longer than its room is cut at random, around the answer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._cls = tokenizer.token_to_id("[CLS]")
        self._sep = tokenizer.token_to_id("[SEP]")
        self._bar: int = tokenizer.encode("|", add_special_tokens=False).ids[0]
        self._known: dict[str, Encoding] = {}

    def build_rows(self, question: Question, draw: random.Random) -> Asked:
        """The rows of one question."""
        head: list[int] = []
        if question.history:
            head = [*self._ids(question.history)[:TALK_TOKENS], self._bar]
        head += self._ids(question.text)[:QUESTION_TOKENS]
        rows = tuple(self._row(head, passage, draw) for passage in question.passages)
        return Asked(rows, question.kind != "yesno")

    def build_needed_row(self, follow_up: FollowUp) -> NeededRow | None:
        """The row of one follow-up, the oldest talk cut; None where nothing was said before."""
        question = self._ids(follow_up.question)[:QUESTION_TOKENS]
        text = " | ".join(one for one in follow_up.history if one)
        told = self._encode(text)
        room = 256 - len(question) - 3
        kept = slice(max(0, len(told.ids) - room), None)
        ids, offsets = told.ids[kept], told.offsets[kept]
        if not ids:
            return None
        words = [self._word(text, *place) for place in offsets]
        needed = [int(bool(word) and bool(set(terms(f"- {word}")) & follow_up.needed)) for word in words]
        counted = [int(bool(terms(word))) for word in words]
        at = len(question) + 2
        row = np.array([self._cls, *question, self._sep, *ids, self._sep], dtype=np.int64)
        before = [0] * at
        return NeededRow(
            row, at, np.array([*before, *needed, 0], np.int64), np.array([*before, *counted, 0], np.int64)
        )

    def _row(self, head: Sequence[int], passage: Passage, draw: random.Random) -> ReadingRow:
        title = self._ids(passage.title)[:TITLE_TOKENS] if passage.title else []
        start = [self._cls, *head, *([self._bar, *title] if title else []), self._sep]
        room = ROW_TOKENS - len(start) - 1
        ids: list[int] = []
        numbers: list[int] = []
        places: list[tuple[int, int]] = []
        length = 0
        for number, sentence in enumerate(passage.sentences, 1):
            encoded = self._encode(sentence)
            ids += encoded.ids
            numbers += [number] * len(encoded.ids)
            places += [(length + first, length + last) for first, last in encoded.offsets]
            length += len(sentence) + 1
        answer = [at for at, (a, b) in enumerate(places) if b > passage.start and a < passage.end]
        cut = _cut(len(ids), room, answer, draw)
        at = len(start)
        ids, numbers = ids[cut : cut + room], numbers[cut : cut + room]
        kept = [one - cut + at for one in answer if cut <= one < cut + room]
        gold = tuple(sorted({numbers[one - at] for one in kept}))
        row = np.array([*start, *ids, self._sep], dtype=np.int64)
        sentence_of = np.array([*[0] * at, *numbers, 0], dtype=np.int64)
        return ReadingRow(row, at, sentence_of, gold, kept[0] if kept else 0, kept[-1] if kept else 0)

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._encode(text).ids
        return ids

    def _encode(self, text: str) -> Encoding:
        known = self._known.get(text)
        if known is None:
            if len(self._known) > 400_000:
                self._known.clear()
            known = self._known[text] = self._tokenizer.encode(text, add_special_tokens=False)
        return known

    @staticmethod
    def _word(text: str, start: int, end: int) -> str:
        """The whole word that characters of a token lie in."""
        while start and (text[start - 1].isalnum() or text[start - 1] in "'’-"):
            start -= 1
        while end < len(text) and (text[end].isalnum() or text[end] in "'’-"):
            end += 1
        return text[start:end]


def _cut(tokens: int, room: int, answer: Sequence[int], draw: random.Random) -> int:
    """Where a passage of so many tokens begins, so that it fits and keeps the answer."""
    if tokens <= room:
        return 0
    latest = tokens - room
    if not answer:
        return draw.randint(0, latest)
    low, high = max(0, answer[-1] - room + 1), min(answer[0], latest)
    return draw.randint(min(low, high), high)


@dataclass(frozen=True, slots=True)
class ReadingBatch:
    """Rows padded to one length; `ids`, `types`, `mask` and `sentence` of shape (rows, tokens).

    `gold`, of shape (rows, sentences), is true for sentences that answer. Of shape (rows,) are `first` and
    `last`, `owner`, which numbers each row's question, and `spans`: whether its words are learnt.
    """

    ids: Ints
    types: Ints
    mask: NDArray[np.bool_]
    sentence: Ints
    gold: NDArray[np.bool_]
    first: Ints
    last: Ints
    owner: Ints
    spans: NDArray[np.bool_]


def pad_asked(asked: Sequence[Asked]) -> ReadingBatch:
    """One batch of questions."""
    rows = [row for one in asked for row in one.rows]
    ids, types, mask = pad_pairs([(row.ids, row.context_at) for row in rows])
    sentence = np.zeros_like(ids)
    most = max(int(row.sentence.max()) for row in rows)
    gold = np.zeros((len(rows), most), dtype=np.bool_)
    for place, row in enumerate(rows):
        sentence[place, : len(row)] = row.sentence
        gold[place, [one - 1 for one in row.gold]] = True
    counts = [len(one.rows) for one in asked]
    return ReadingBatch(
        ids,
        types,
        mask,
        sentence,
        gold,
        np.array([row.first for row in rows], dtype=np.int64),
        np.array([row.last for row in rows], dtype=np.int64),
        np.repeat(np.arange(len(asked)), counts),
        np.repeat(np.array([one.spans for one in asked]), counts),
    )


def question_batches(asked: Sequence[Asked], batch_tokens: int, draw: random.Random) -> list[list[Asked]]:
    """The questions in batches of about `batch_tokens` padded tokens, alike in length, in random order."""
    order = sorted(range(len(asked)), key=lambda place: (len(asked[place]), draw.random()))
    made: list[list[Asked]] = []
    current: list[Asked] = []
    rows = 0
    for place in order:
        one = asked[place]
        if current and (rows + len(one.rows)) * len(one) > batch_tokens:
            made.append(current)
            current, rows = [], 0
        current.append(one)
        rows += len(one.rows)
    if current:
        made.append(current)
    draw.shuffle(made)
    return made
