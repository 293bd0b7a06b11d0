"""Whosays' part of `eval.bench.peers`; run as `systems.py` is."""

import json
from pathlib import Path

from eval.bench.peers.systems import READ, Articles, run
from qa.ask import ask
from qa.library import Library


class Whosays:
    """This project, with what it ships."""

    def __init__(self, models: Path) -> None:
        del models

    def add(self, articles: Articles, folder: Path) -> None:
        """Makes the library."""
        source = folder.with_suffix(".json")
        source.write_text(json.dumps(articles), encoding="utf-8")
        with Library.open(folder) as library:
            library.add(source, max_bytes=1_000_000_000)

    def open(self, folder: Path) -> None:
        """Opens it."""
        self._library = Library.open(folder)

    def retrieve(self, question: str) -> int:
        """How many passages are found."""
        return len(self._library.search(question, k=READ))

    def answer(self, question: str) -> None:
        """Finds, reads and compares."""
        ask(question, library=self._library)


if __name__ == "__main__":
    run({"whosays": Whosays})
