"""Whosays' part of `eval.bench.peers`; run as `systems.py` is."""

import json
from pathlib import Path
from typing import Any

from eval.bench.peers.systems import GIVEN_AT_ONCE, READ, Articles, Said, run
from eval.bench.scale import MeanEmbedder
from index.models import forget_rows
from qa.ask import ask
from qa.library import Library


class Whosays:
    """This project, with what it ships."""

    def __init__(self, models: Path) -> None:
        self._models = models

    def add(self, articles: Articles, folder: Path) -> None:
        """Makes the library."""
        source = folder.with_suffix(".json")
        source.write_text(json.dumps(articles), encoding="utf-8")
        with Library.open(folder) as library:
            library.add(source, max_bytes=1_000_000_000)

    def open(self, folder: Path) -> None:
        """Opens it."""
        self._library = Library.open(folder)

    def fill(self, articles: Articles, vectors: Any, folder: Path) -> None:
        """Makes the library of passages whose vectors are known, and opens it."""
        del vectors  # this embedder gives the same
        folder.mkdir()
        for first in range(0, len(articles), GIVEN_AT_ONCE):
            part = articles[first : first + GIVEN_AT_ONCE]
            (folder / f"{first:07d}.json").write_text(json.dumps(part), encoding="utf-8")
        self._library = Library.open(folder / "library", embedder=MeanEmbedder(self._models))
        self._library.add(folder, max_bytes=1_000_000_000)

    def find(self, question: str) -> list[str]:
        """The texts that are found, each of one passage."""
        return [one.article.text for one in self._library.search(question, k=READ)]

    def answer(self, question: str) -> None:
        """Finds, reads and compares, as if nobody had asked before."""
        forget_rows()
        ask(question, library=self._library)

    def say(self, question: str) -> Said | None:
        """What it quotes first, where it answers."""
        found = ask(question, library=self._library)
        if found.status != "answered":
            return None
        first = found.citations[0]
        return self._library.article(first.article_id).text, first.start, first.end


if __name__ == "__main__":
    run({"whosays": Whosays})
