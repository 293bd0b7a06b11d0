"""Lay accounts of the stories out in the styles: `python -m eval.openings.make` writes the rows anew.

The sealed half takes accounts of other stories than the open one.
"""

import json
import random
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path

from eval.openings import open_styles, sealed_styles
from eval.openings.compose import compose
from eval.openings.records import FIELDS, Half, Piece, Row, Style
from eval.stories import Account, read_stories

HERE = Path(__file__).parent
STORIES = HERE.parent / "stories"
TURNS = {"open": 12, "sealed": 12}
_STYLES: Mapping[Half, Mapping[str, Style]] = {"open": open_styles.STYLES, "sealed": sealed_styles.STYLES}
_FIRST: Mapping[Half, Sequence[str]] = {
    "open": "Anna Bogdan Carmen Dirk Eliza Farid Greta Hamish Ingrid Jamal Kirsten Luca".split(),
    "sealed": "Maeve Niko Oona Pascal Rhiannon Stefan Tamsin Umar Vera Wendell Yasmin Zoltan".split(),
}
_LAST: Mapping[Half, Sequence[str]] = {
    "open": "Abara Birch Costa Dvorak Ellison Fontaine Grey Haddad Ito Jensen Kowalski Vries".split(),
    "sealed": "Lindqvist McRae Novak O'Dowd Pretorius Quigley Rossi Szabo Thorne Ueda Whitlam Yilmaz".split(),
}
# A name and no more, unlike "Radio X (transcript)". One with furniture of its own states what no row expects.
_NAME = re.compile(r"[\w .'’&-]{3,40}")
_LISTED = re.compile(r"[|·>=~\[\]]|\.\.\.")
_FURNISHED = re.compile(r"[^.]{0,60}(?:\d{4}|\||·|:)|\.\.\.|[A-Z][A-Z]|[^.]{0,60}\([^)]*\) ?[-–—]")


def is_sealed(story: str) -> bool:
    """Whether a story that trains lends its accounts to the sealed half."""
    return zlib.crc32(story.encode()) % 3 == 0


def accounts(half: Half, *, plain: bool = True) -> list[Account]:
    """The accounts of a half, in an order of its own; `plain`: those that can be laid out."""
    found: list[Account] = []
    parts = ("train", "web", "rumours") if half == "sealed" else ("train",)
    for part in parts:
        for story in read_stories(STORIES / part):
            if part != "train" or is_sealed(story.id) == (half == "sealed"):
                found += (one for one in story.accounts if not plain or _is_plain(one))
    random.Random(half).shuffle(found)
    return found


def lends_its_name(account: Account) -> bool:
    """Whether an account that cannot be laid out lends its source's name to a layout drawn at random."""
    held = bool(_NAME.fullmatch(account.publisher)) and not _is_plain(account)
    return held and zlib.crc32(account.publisher.encode()) % 2 == 0


def lay_out(half: Half, *, turns: int, skip: int = 0) -> Iterator[Row]:
    """Each style of the half, `turns` times, on accounts of its own; `skip` accounts are left out before."""
    waiting = iter(accounts(half)[skip:])
    for name, style in _STYLES[half].items():
        for turn in range(turns):
            laid = style(_piece(next(waiting), half, random.Random(f"{half} {name} {turn} {skip}")), turn)
            expected = {one: laid.stated.get(one) for one in FIELDS}
            yield Row(laid.text, laid.file_name, expected, name)


def composed(number: int) -> Iterator[Row]:
    """Layouts drawn at random on accounts of the open half: to fit on, and not part of the set."""
    pool = accounts("open")[400:]
    texts = [one.text for one in pool]
    names = sorted({one.publisher for one in accounts("open", plain=False) if lends_its_name(one)})
    draw = random.Random("composed")
    for _ in range(number):
        piece = _piece(draw.choice(pool), "open", draw)
        if draw.random() < 0.8:
            piece = replace(piece, publisher=draw.choice(names))
        laid = compose(piece, texts, draw)
        yield Row(laid.text, laid.file_name, {one: laid.stated.get(one) for one in FIELDS}, "composed")


def pasted(half: Half) -> Iterator[Row]:
    """The texts that were written by hand; each is a style."""
    for written in (HERE / f"pasted_{half}.txt").read_text("utf-8").split("=== ")[1:]:
        head, _, text = written.partition("\n---\n")
        first, *stated = head.removesuffix("\n---").split("\n")
        if not text:  # nothing is stated
            first, _, text = written.partition("\n---\n")
        name, _, file_name = first.partition(" | ")
        values = dict(line.split(": ", 1) for line in stated if ": " in line)
        yield Row(text.rstrip("\n"), file_name, {one: values.get(one) for one in FIELDS}, name)


def write(half: Half) -> None:
    """The half's rows, one JSON object a line."""
    rows = [*lay_out(half, turns=TURNS[half]), *pasted(half)]
    lines = (json.dumps(asdict(row), ensure_ascii=False) for row in rows)
    (HERE / f"{half}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def read(half: Half) -> list[Row]:
    """The rows as they were written."""
    lines = (HERE / f"{half}.jsonl").read_text("utf-8").splitlines()
    return [Row(**json.loads(line)) for line in lines]


def _is_plain(account: Account) -> bool:
    return (
        bool(_NAME.fullmatch(account.publisher))
        and len(account.published) == len("2026-03-12")
        and not _FURNISHED.match(account.text)
        and not _LISTED.search(account.text)
        and all(len(one) > 90 and one[-1] in '.!?"”' for one in account.text.split("\n") if one.strip())
    )


def _piece(account: Account, half: Half, draw: random.Random) -> Piece:
    author, other = (
        f"{first} {last}"
        for first, last in zip(draw.sample(_FIRST[half], 2), draw.sample(_LAST[half], 2), strict=True)
    )
    day = date.fromisoformat(account.published)
    paragraphs = account.text.split("\n")
    paragraphs = [one for one in paragraphs if one.strip()]
    shown = paragraphs if len(paragraphs) <= 3 else [*paragraphs[:2], paragraphs[-1]]
    later = day + timedelta(days=draw.randint(1, 9))
    return Piece(account.title, account.publisher, author, other, day, later, tuple(shown), draw)


if __name__ == "__main__":
    for one in ("open", "sealed"):
        write(one)
