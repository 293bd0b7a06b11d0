"""`Library`: the index's library, which also lists what its articles disagree on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import index.library
from index.library import Progress
from index.records import Embedder
from qa.survey.cache import SurveyCache
from qa.survey.survey import Judge, Survey, survey


class Library(index.library.Library):
    """A folder of articles, open until `close`. Threads may share one, other processes may open it."""

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        embedder: Embedder | None = None,
        chunk_tokens: int = 200,
        overlap_sentences: int = 1,
        create: bool = True,
    ) -> Self:
        """As `index.library.Library.open`."""
        opened = super().open(
            path,
            embedder=embedder,
            chunk_tokens=chunk_tokens,
            overlap_sentences=overlap_sentences,
            create=create,
        )
        assert isinstance(opened, cls)
        return opened

    def __enter__(self) -> Self:
        return self

    def conflicts(
        self,
        *,
        publishers: Sequence[str] = (),
        since: str | None = None,
        until: str | None = None,
        judge: Judge | None = None,
        progress: Progress | None = None,
    ) -> Survey:
        """The disagreements between all articles, or those that the filters of `search` let in.

        What is read and compared is remembered beside the library, batch by batch: a call that was stopped
        goes on where it was, and after a change only what is new is read. `judge` is a further gate.
        """
        cache = SurveyCache(self.path)
        try:
            return survey(
                self.articles(publishers=publishers, since=since, until=until),
                cache,
                judge=judge,
                progress=progress,
                whole=not (publishers or since or until),
            )
        finally:
            cache.close()
