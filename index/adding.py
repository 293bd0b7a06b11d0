"""One call of `Library.add` in progress: articles taken from their sources, in steps of whole files."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.edits import with_edits
from index.errors import SourceRefused
from index.lengths import hold_to_lengths
from index.publishers import MergedNames
from index.records import Article, Change, Chunk, Outcome, Vectors
from index.sources.load import Loaded
from index.sources.walk import refuse

Progress = Callable[[int, int | None, str], None]
"""Called with inputs done, inputs in all (None while unknown), and what is being read."""

EMBEDDED_AT_ONCE = 256  # chunks: bounds what an add holds in memory
_STEP = 10_000  # chunks, two minutes of embedding: what a larger add loses at most when it is stopped

Cut = Callable[[Article], tuple[Chunk, ...]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article with its chunks and their vectors, (chunks, dimension): all but the writing is done."""

    loaded: Loaded
    chunks: tuple[Chunk, ...]
    vectors: Vectors


Item = Loaded | Prepared | Outcome


class Adding:
    """One call of `add` in progress, in one change to the store or, when it is large, in several."""

    def __init__(
        self,
        embed: Callable[[Sequence[str]], Vectors],
        merged: MergedNames,
        cut: Cut,
        progress: Progress | None,
        total: int | None,
    ) -> None:
        """`embed` gives vectors of passages, (passages, dimension); `total` counts the inputs, if known."""
        self.outcomes: list[Outcome] = []
        self.ended = False
        self._vectors = embed
        self._cut = cut
        self._progress = progress
        self._total = total
        self._change: Change
        self._next: Item | None = None  # read, and left for the next change
        self._stored = 0  # chunks in this change
        self._done = 0
        self._origin: str | None = None
        self._seen: set[str] = set()  # places of the origin
        self._refused: set[str] = set()  # places and origins, which keep what they held
        self._waiting: list[Chunk] = []
        self._merged = merged

    def step(self, change: Change, items: Iterator[Item | None]) -> None:
        """Take what fits into one change: whole origins, to the end or until it holds enough."""
        self._change, self._stored = change, 0
        if self._next is not None:
            self._take(self._next)
        self._next = None
        for item in items:
            if item is None:
                self._end_origin()
            elif self._stored + len(self._waiting) >= _STEP and self._origin != self._origin_of(item):
                self._end_origin()
                self._next = item
                break
            else:
                self._take(item)
        else:
            self.ended = True
        self._embed()

    def _take(self, given: Item) -> None:
        """One article of a source, or the refusal of one."""
        item = given.loaded if isinstance(given, Prepared) else given
        origin = self._origin_of(item)
        if origin != self._origin:
            self._end_origin()
            self._origin = origin
            self._report()
        if isinstance(item, Outcome):
            self._refused.add(item.source)
            self.outcomes.append(item)
        else:
            self._seen.add(item.place)
            self.outcomes.append(self._put(item, given if isinstance(given, Prepared) else None))
        if len(self._waiting) >= EMBEDDED_AT_ONCE:
            self._embed()

    def _origin_of(self, item: Item) -> str:
        if isinstance(item, Prepared):
            return item.loaded.origin
        if isinstance(item, Loaded):
            return item.origin
        # The refusal of a record belongs to its file: "notes.jsonl#3".
        if self._origin and item.source.startswith(f"{self._origin}#"):
            return self._origin
        return item.source

    def _end_origin(self) -> None:
        """Places that the origin had and no longer has are cleared, unless it was refused as a whole."""
        if self._origin is None:
            return
        if self._origin not in self._refused:
            for place in self._change.places(origin=self._origin):
                if place not in self._seen and place not in self._refused:
                    self._change.clear(place)
        self._done += 1
        self._origin = None
        self._seen.clear()

    def _embed(self) -> None:
        """Store the chunks that wait, with their vectors."""
        for start in range(0, len(self._waiting), EMBEDDED_AT_ONCE):
            batch = self._waiting[start : start + EMBEDDED_AT_ONCE]
            self._change.add_chunks(batch, self._vectors([one.text for one in batch]))
            self._stored += len(batch)
            self._report()
        self._waiting.clear()

    def _put(self, loaded: Loaded, prepared: Prepared | None) -> Outcome:
        place = loaded.place
        article, cut = hold_to_lengths(loaded.article, place)
        merged = self._merged.name_of(article.publisher)
        if merged:
            article = with_edits(article, {"publisher": merged})
        before = self._change.article_at(place)
        if before == article.id:
            return Outcome(place, "unchanged", article_id=article.id)
        elsewhere = self._change.places(article_id=article.id)
        try:
            chunks = () if elsewhere else prepared.chunks if prepared else self._cut(article)
        except SourceRefused as refusal:
            return refuse(place, str(refusal))
        if not elsewhere and not chunks:
            return Outcome(place, "refused", "holds no sentence to search: add its text in another form")
        if self._change.put(article, place=place, origin=loaded.origin):
            if prepared:
                self._change.add_chunks(prepared.chunks, prepared.vectors)
                self._stored += len(prepared.chunks)
            else:
                self._waiting += chunks
        if elsewhere:
            return Outcome(place, "unchanged", f"the same article as {elsewhere[0]}", article.id)
        reasons = ("replaces the earlier text" if before else "", cut)
        return Outcome(place, "added", ", ".join(filter(None, reasons)), article.id)

    def _report(self) -> None:
        if self._progress:
            total = self._total if self._total is None else max(self._total, self._done)
            self._progress(self._done, total, self._origin or "")


def with_ends(sources: Iterable[Iterable[Item]]) -> Iterator[Item | None]:
    """What the sources hold, with None after each source."""
    for source in sources:
        yield from source
        yield None
