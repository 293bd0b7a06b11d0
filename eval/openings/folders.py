"""Folders in which each outlet has several articles: `python -m eval.openings.folders`.

An outlet prints its articles in one layout: a style of a half, in one of its turns. Told is how much of the
publishers is read from each text alone, and with the articles beside it.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from eval.openings.make import STYLES, accounts, piece_of
from eval.openings.records import Half
from eval.openings.scoring import Count, same
from index.sources.opening import read_opening, recognise_outlets

_TURNS, _EACH, _OUTLETS, _FOLDERS = 6, 4, 10, 30


def folders(half: Half) -> Iterator[list[tuple[str, str | None]]]:
    """Texts with the publisher that each states, None for none; a folder holds ten outlets."""
    draw = random.Random(f"folders {half}")
    pool = accounts(half)
    for _ in range(_FOLDERS):
        folder: list[tuple[str, str | None]] = []
        for outlet in draw.sample(sorted({one.publisher for one in pool}), _OUTLETS):
            style, turn = STYLES[half][draw.choice(sorted(STYLES[half]))], draw.randrange(_TURNS)
            writers = [piece_of(draw.choice(pool), half, draw) for _ in range(2)]
            for number in range(_EACH):
                piece = piece_of(draw.choice(pool), half, draw)
                laid = style(replace(piece, publisher=outlet, author=writers[number % 2].author), turn)
                folder.append((laid.text, laid.stated.get("publisher")))
        draw.shuffle(folder)
        yield folder


def count_alone_and_together(found: Sequence[Sequence[tuple[str, str | None]]]) -> tuple[Count, Count]:
    """Publishers read from each text alone, and with those beside it."""
    alone, together = Count(), Count()
    for folder in found:
        read = [read_opening(text) for text, _ in folder]
        known = [one.stated.publisher for one in read if one.stated.publisher]
        others = recognise_outlets([one.outlets for one in read], known)
        for one, other, (_, stated) in zip(read, others, folder, strict=True):
            alone += _count(one.stated.publisher, stated)
            together += _count(one.stated.publisher or other, stated)
    return alone, together


def _count(read: str | None, stated: str | None) -> Count:
    return Count(bool(stated), bool(read), bool(stated) and same(read, stated))


def main() -> None:
    """Lay out, read, print."""
    for half in ("open", "sealed"):
        alone, together = count_alone_and_together(list(folders(half)))
        for name, one in (("each text alone", alone), ("with the articles beside it", together)):
            print(f"{half:7} {name:28} precision {one.precision:6.1%}  recall {one.recall:6.1%}")


if __name__ == "__main__":
    main()
