"""Examples as rows of word pieces, `[CLS] question [SEP] context [SEP]`, in batches of like length."""

import random
from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from eval.training.data.examples import Example

QUESTION_TOKENS = 48

# Lengths are padded to a multiple of it.
_STEP = 8

Tokens = TypeVar("Tokens", bound=Sized)


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids of a pair, where its context begins, and the answer's first and last token; 0 for none."""

    ids: NDArray[np.int64]
    context_at: int
    first: int
    last: int

    def __len__(self) -> int:
        return len(self.ids)


class Windows:
    """Makes rows of at most `max_tokens`; a context that is longer is cut at random, around the answer."""

    def __init__(self, tokenizer: Tokenizer, max_tokens: int) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._max_tokens = max_tokens
        self._cls = tokenizer.token_to_id("[CLS]")
        self._sep = tokenizer.token_to_id("[SEP]")

    def rows(self, examples: Sequence[Example], draw: random.Random) -> list[Row]:
        """One row an example."""
        return [row for row, _ in self.rows_with_offsets(examples, draw)]

    def rows_with_offsets(
        self, examples: Sequence[Example], draw: random.Random
    ) -> Iterator[tuple[Row, NDArray[np.int64]]]:
        """Each row with the offsets of its context's tokens in the context, of shape (tokens, 2)."""
        contexts: dict[str, Encoding] = {}
        for first in range(0, len(examples), 4096):
            batch = examples[first : first + 4096]
            new = list(dict.fromkeys(one.context for one in batch if one.context not in contexts))
            if len(contexts) > 40_000:
                contexts.clear()
                new = list(dict.fromkeys(one.context for one in batch))
            encoded = self._tokenizer.encode_batch(new, add_special_tokens=False)
            contexts.update(zip(new, encoded, strict=True))
            questions = self._tokenizer.encode_batch(
                [one.question for one in batch], add_special_tokens=False
            )
            for example, question in zip(batch, questions, strict=True):
                yield self._row(example, question.ids[:QUESTION_TOKENS], contexts[example.context], draw)

    def _row(
        self, example: Example, question: Sequence[int], context: Encoding, draw: random.Random
    ) -> tuple[Row, NDArray[np.int64]]:
        room = self._max_tokens - len(question) - 3
        offsets = np.array(context.offsets, dtype=np.int64).reshape(-1, 2)
        first = last = -1
        if example.answerable:
            first = int(np.searchsorted(offsets[:, 1], example.start, side="right"))
            last = max(first, int(np.searchsorted(offsets[:, 0], example.end, side="left")) - 1)
        cut = 0
        if len(offsets) > room:
            latest = len(offsets) - room
            if example.answerable:
                last = min(last, first + room - 1)
                cut = draw.randint(max(0, min(last - room + 1, latest)), min(first, latest))
            else:
                cut = draw.randint(0, latest)
        kept = slice(cut, cut + room)
        at = len(question) + 2
        ids = np.array([self._cls, *question, self._sep, *context.ids[kept], self._sep], dtype=np.int64)
        moved = at - cut
        answered = example.answerable
        row = Row(ids, at, first + moved if answered else 0, last + moved if answered else 0)
        return row, offsets[kept]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows padded to one length: ids, types and mask of shape (rows, tokens); first and last of (rows,)."""

    ids: NDArray[np.int64]
    types: NDArray[np.int64]
    mask: NDArray[np.bool_]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


def pad(rows: Sequence[Row]) -> Batch:
    """One batch of `rows`."""
    ids, types, mask = pad_pairs([(row.ids, row.context_at) for row in rows])
    firsts = np.array([row.first for row in rows], dtype=np.int64)
    return Batch(ids, types, mask, firsts, np.array([row.last for row in rows], dtype=np.int64))


def pad_pairs(
    rows: Sequence[tuple[NDArray[np.int64], int]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Ids, types and mask of shape (rows, tokens). A row is its ids and where its second text begins."""
    length = -(-max(len(ids) for ids, _ in rows) // _STEP) * _STEP
    padded = np.zeros((len(rows), length), dtype=np.int64)
    types = np.zeros_like(padded)
    mask = np.zeros(padded.shape, dtype=np.bool_)
    for place, (ids, second_at) in enumerate(rows):
        padded[place, : len(ids)] = ids
        types[place, second_at : len(ids)] = 1
        mask[place, : len(ids)] = True
    return padded, types, mask


def batches(rows: Sequence[Tokens], batch_tokens: int, draw: random.Random) -> list[list[Tokens]]:
    """The rows in batches of about `batch_tokens` padded tokens, alike in length, in random order."""
    order = sorted(range(len(rows)), key=lambda place: (len(rows[place]), draw.random()))
    made: list[list[Tokens]] = []
    current: list[Tokens] = []
    for place in order:
        length = -(-len(rows[place]) // _STEP) * _STEP
        if current and (len(current) + 1) * length > batch_tokens:
            made.append(current)
            current = []
        current.append(rows[place])
    if current:
        made.append(current)
    draw.shuffle(made)
    return made
