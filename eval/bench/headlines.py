"""How well headlines are found; `python -m eval.bench.headlines`; prints one JSON object.

Each account of the stories is laid out as plain text in four ways, with its headline and without. Without
one, a line that is found counts as wrong.
"""

import argparse
import json
import re
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.stories import Account, read_stories
from index.sources.headline import headline
from index.sources.sidecar import SIDECAR

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("train", "dev", "sealed")
FOLDERS = ("seeds", "eval/gold/news/open")
LAYOUTS = ("blank line", "no blank line", "wrapped", "date below")
WIDTH = 72


def layouts(title: str, account: Account) -> Iterator[tuple[str, str]]:
    """Each of LAYOUTS and the text in it; without a headline where `title` is ""."""
    paragraphs = account.text.split("\n")
    wrapped = "\n\n".join(textwrap.fill(one, WIDTH) for one in paragraphs)
    apart, close = "\n\n".join(paragraphs), "\n".join(paragraphs)
    below = (("\n\n", apart), ("\n", close), ("\n\n", wrapped), ("\n", f"{account.published}\n\n{apart}"))
    for name, (above, body) in zip(LAYOUTS, below, strict=True):
        yield name, f"{title}{above}{body}" if title else body


def same(one: str | None, other: str | None) -> bool:
    """Whether two headlines have the same words; signs and emphasis apart."""
    return bool(one and other) and re.findall(r"\w+", one or "") == re.findall(r"\w+", other or "")


def main() -> None:
    """Lay out, look, count, print."""
    argparse.ArgumentParser(description="Headlines found in plain texts").parse_args()
    print(
        json.dumps(
            {
                **{part: _stories(ROOT / "eval" / "stories" / part) for part in PARTS},
                **{name: _folder(ROOT / name) for name in FOLDERS},
            },
            indent=2,
        )
    )


def _stories(folder: Path) -> dict[str, Any]:
    """Counts alone: of the sealed stories nothing else may be told."""
    accounts = [account for story in read_stories(folder) for account in story.accounts]
    counts = {name: dict.fromkeys(("there", "right", "wrong"), 0) for name in LAYOUTS}
    for account in accounts:
        for title in (account.title, ""):
            for name, text in layouts(title, account):
                found = headline(text)
                count = counts[name]
                count["there"] += bool(title)
                count["right"] += same(found, title)
                count["wrong"] += found is not None and not same(found, title)
    there, right, wrong = (sum(one[what] for one in counts.values()) for what in ("there", "right", "wrong"))
    return {
        "accounts": len(accounts),
        "recall": round(right / there, 4),
        "precision": round(right / (right + wrong), 4),
        "layouts": counts,
    }


def _folder(folder: Path) -> dict[str, Any]:
    """Of texts whose titles people stated beside them."""
    stated = tomllib.loads((folder / SIDECAR).read_text("utf-8"))
    found = {file.name: headline(file.read_text("utf-8")) for file in sorted(folder.glob("*.txt"))}
    titles = {name: stated.get(name, {}).get("title") for name in found}
    return {
        "titled": sum(title is not None for title in titles.values()),
        "right": sum(same(found[name], title) for name, title in titles.items()),
        "wrong": {
            name: one for name, one in found.items() if one is not None and not same(one, titles[name])
        },
        "missed": [name for name, title in titles.items() if title and found[name] is None],
    }


if __name__ == "__main__":
    main()
