"""How well the outlet or filing is found that a sentence attributes to; prints one JSON object.

    python -m eval.bench.attribution [--misses]

Of labelled sentences, open and sealed: precision of what is found, recall of what is labelled. `--misses`
lists what went wrong among the open ones; nobody looks at the sealed ones.
"""

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.language.attribution import attribution_in

FOLDER = Path(__file__).resolve().parents[1] / "gold"
FILES = {"open": "attribution.jsonl", "sealed": "attribution-sealed.jsonl"}
_PLAIN = frozenset("the a an newspaper magazine agency daily".split())


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence of an article by `publisher`; `according_to` is what it attributes to, None for none.

    `made` is "story" where it was drawn from a story that trains, "written" where it was written for this.
    """

    id: str
    publisher: str
    sentence: str
    according_to: str | None
    made: str


def read_sentences(part: str) -> Iterator[LabelledSentence]:
    """Those of a part of `FILES`."""
    for line in (FOLDER / FILES[part]).read_text("utf-8").splitlines():
        yield LabelledSentence(**json.loads(line))


def same_source(one: str | None, other: str | None) -> bool:
    """Whether two names are of one source: one has all words of the other, articles and the like apart."""
    mine, theirs = ({*re.findall(r"\w+", (name or "").casefold())} - _PLAIN for name in (one, other))
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)


def measure(part: str) -> dict[str, Any]:
    """Precision and recall of a part."""
    told = [(one, attribution_in(one.sentence, one.publisher)) for one in read_sentences(part)]
    right = sum(same_source(found, one.according_to) for one, found in told)
    found = sum(name is not None for _, name in told)
    there = sum(one.according_to is not None for one, _ in told)
    return {
        "sentences": len(told),
        "attributed": there,
        "found": found,
        "right": right,
        "precision": round(right / max(1, found), 3),
        "recall": round(right / max(1, there), 3),
    }


def main() -> None:
    """Look, count, print."""
    parser = argparse.ArgumentParser(description="Outlets and filings that sentences attribute to")
    parser.add_argument("--misses", action="store_true", help="list what went wrong among the open ones")
    arguments = parser.parse_args()
    print(json.dumps({part: measure(part) for part in FILES}, indent=2))
    if arguments.misses:
        for one in read_sentences("open"):
            found = attribution_in(one.sentence, one.publisher)
            if found != one.according_to:
                print(f"{one.id}  {one.according_to} / {found}  {one.sentence}")


if __name__ == "__main__":
    main()
