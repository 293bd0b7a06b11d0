"""What the judge reads of an article: its likeliest sentences and those beside them, in the article's order.

A whole article would cost too much, and a sentence alone hides what "it" stands for and what is taken back in
the next one. Training and use choose and write an excerpt here, so that the model meets what it was trained
on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

EXCERPT_TOKENS = 224
"""Word pieces of a row: title, excerpt, question and three marks."""
QUESTION_TOKENS = 48
TITLE_CHARACTERS = 120

# What stands between two sentences that do not follow each other.
_GAP = " … "
_GAP_TOKENS = 1


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Sentences of one article in its order; `numbers` says which of the article's they are.

    `title` says who tells it under which headline.
    """

    title: str
    sentences: tuple[str, ...]
    numbers: tuple[int, ...]

    def text(self) -> tuple[str, tuple[tuple[int, int], ...]]:
        """The excerpt as the judge reads it, and the characters of each sentence in it."""
        told = " ".join(self.title.split())[:TITLE_CHARACTERS]
        told = f"{told} | " if told else ""
        places: list[tuple[int, int]] = []
        before: int | None = None
        for sentence, number in zip(self.sentences, self.numbers, strict=True):
            if before is not None:
                told += " " if number == before + 1 else _GAP
            places.append((len(told), len(told) + len(sentence)))
            told += sentence
            before = number
        return told, tuple(places)


def choose_sentences(scores: Sequence[float], tokens: Sequence[int], room: int) -> list[int]:
    """The numbers of the sentences that fit in `room` word pieces, in order; the likeliest in any case.

    Taken are the likeliest, with the sentence before each and, of the first, the one after it: it may take
    back what is said. `tokens` is how many word pieces each sentence has.
    """
    ranked = sorted(range(len(scores)), key=lambda at: (-scores[at], at))
    wanted: dict[int, None] = {}
    for rank, at in enumerate(ranked):
        around = (at, at - 1, at + 1) if rank == 0 else (at, at - 1) if rank < 3 else (at,)
        wanted.update(dict.fromkeys(one for one in around if 0 <= one < len(scores)))
    chosen: list[int] = []
    for at in wanted:
        if not chosen or tokens[at] + _GAP_TOKENS <= room:
            chosen.append(at)
            room -= tokens[at] + _GAP_TOKENS
    return sorted(chosen)
