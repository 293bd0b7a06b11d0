"""What a survey compares: the sentences of each article, and whom each names.

Read once, then remembered. A sentence that stands in several articles is one statement.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from index.adding import Progress
from index.names import OPENING_CHARS
from index.records import Article, Listed, Span
from index.text.clean import clean, normalise
from index.text.sentences import sentences
from qa.conflicts.copies import sequences_of
from qa.language.attribution import attribution_in
from qa.language.names import keep_names
from qa.language.terms import terms
from qa.reader.candidates import is_tags
from qa.records import Citation
from qa.survey.cache import SurveyCache, stamp_of
from qa.survey.columns import Columns, Packed, ReadLine, Rows, number_of, pack
from qa.survey.words import words_of

_BATCH = 50  # articles fetched at once, and read between two commits
_LEAST_WORDS = 4
_MOST_CHARACTERS = 420  # the comparison model reads no more of a sentence
# A question states nothing. Source: on 112 stories held out of training 338 pairs score 0.3 or more instead
# of 346, of which 45 instead of 43 in 100 are labelled disputes, and none of those is lost. Answers
# gained nothing without questions (sealed stories).
_ASKS = re.compile(r"\?[\"”’')\]»]*$")


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A sentence that states something: its place, its digest, and its names in small letters."""

    span: Span
    digest: int
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is read of one article. Of its text it holds the opening, which may name it, and `quotes`."""

    article: Article
    lines: tuple[SheetLine, ...]
    quotes: tuple[str, ...]


Fetch = Callable[[Sequence[str]], Iterable[Article]]
"""Articles by their ids, with their texts; without those that no longer stand in the library."""


class Sheets:
    """What is read of all articles, and where each statement stands.

    Articles are numbered as they come, lines are rows of `columns`, statements go by their `digests`, in
    order; `first` is the row where each stands first by date. Texts are not held: who cites fetches them.
    """

    def __init__(self, kept: Iterable[tuple[Listed | Article, Packed]], fetch: Fetch) -> None:
        self.ids: list[str] = []
        self.published: list[str | None] = []
        self.stamps: list[str] = []
        self.columns = Columns(map(self._note, kept))
        self.read_anew = 0
        self._fetch = fetch
        self._at_hand: dict[str, Article] = {}
        ranks = np.empty(len(self.ids), np.int64)
        by_date = sorted(range(len(self.ids)), key=lambda at: (self.published[at] or "9999", self.ids[at]))
        ranks[by_date] = np.arange(len(self.ids))
        digests = self.columns.digests
        rows = np.lexsort((ranks[self.columns.owner], digests))
        self.digests, lengths = np.unique(digests, return_counts=True)
        self.standing = Rows.of_lengths(lengths, rows)
        self.first = rows[self.standing.bounds[:-1]]

    def _note(self, kept: tuple[Listed | Article, Packed]) -> Packed:
        one, packed = kept
        self.ids.append(one.id)
        self.published.append(one.published)
        self.stamps.append(_stamp(one))
        return packed

    @classmethod
    def read(
        cls, articles: Iterable[Article], cache: SurveyCache, *, progress: Progress | None = None
    ) -> "Sheets":
        """Of articles that are at hand."""
        held = {one.id: one for one in articles}
        return cls.read_listed(
            list(held.values()), lambda ids: [held[one] for one in ids], cache, progress=progress
        )

    @classmethod
    def read_listed(
        cls,
        listed: Sequence[Listed | Article],
        fetch: Fetch,
        cache: SurveyCache,
        *,
        progress: Progress | None = None,
    ) -> "Sheets":
        """From the cache what is known, from the article what is not; without those that have gone."""
        reading = _Reading(listed, fetch, cache, progress)
        sheets = cls(reading.run(), fetch)
        sheets.read_anew = reading.anew
        cache.commit()
        return sheets

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {one: at for at, one in enumerate(self.ids)}

    def __len__(self) -> int:
        """How many articles."""
        return len(self.ids)

    @property
    def places(self) -> "Places":
        """Where each statement stands."""
        return Places(self)

    def number(self, digest: int) -> int:
        """The place of a statement among `digests`."""
        return int(np.searchsorted(self.digests, digest))

    def digest_at(self, article_id: str, start: int) -> int | None:
        """The statement that begins there in the article's text; None for none, or no article of these."""
        article = self._numbers.get(article_id)
        if article is None:
            return None
        first, end = self.columns.lines.bounds[article : article + 2].tolist()
        row = first + int(np.searchsorted(self.columns.starts[first:end], start))
        return int(self.columns.digests[row]) if row < end and self.columns.starts[row] == start else None

    def text(self, digest: int) -> str:
        """A statement in plain letters, as it stands first."""
        return plainly(self.columns.quote(self.first[self.number(digest)]))

    def names(self, number: int) -> NDArray[np.int32]:
        """Whom a statement, by its number, names where it stands first: places in the vocabulary."""
        return np.asarray(self.columns.names.row(int(self.first[number])), np.int32)

    def articles(self, number: int) -> NDArray[np.int32]:
        """The articles in which a statement, by its number, stands; by date, one perhaps twice."""
        return np.asarray(self.columns.owner[self.standing.row(number)], np.int32)

    def stated_in(self, ids: Collection[str]) -> NDArray[np.int64]:
        """The digests of what articles state, by their ids, in order."""
        some = [at for at, own in enumerate(self.ids) if own in ids]
        return np.unique(self.columns.digests[np.isin(self.columns.owner, some)])

    def texts(self, article: int) -> list[str]:
        """What an article states, in plain letters."""
        bounds = self.columns.lines.bounds
        return [plainly(self.columns.quote(row)) for row in range(bounds[article], bounds[article + 1])]

    def bring(self, digests: Iterable[int]) -> None:
        """Fetch the articles in which these statements stand, to cite them, and let go of others."""
        numbers = np.array([self.number(one) for one in digests], np.int64)
        owners = np.unique(self.columns.owner[self.standing.take(numbers).flat])
        wanted = [self.ids[at] for at in owners.tolist()]
        self._at_hand = {one: self._at_hand[one] for one in wanted if one in self._at_hand}
        missing = [one for one in wanted if one not in self._at_hand]
        self._at_hand |= {one.id: one for one in self._fetch(missing)} if missing else {}

    def cite(self, digest: int) -> list[Citation]:
        """Every place of the statement, verbatim; not those in articles that have gone."""
        rows = self.standing.row(self.number(digest)).tolist()
        ids = [self.ids[at] for at in self.columns.owner[rows].tolist()]
        if not self._at_hand.keys() >= {*ids}:
            self.bring([digest])
        found = []
        for row, own in zip(rows, ids, strict=True):
            if (article := self._at_hand.get(own)) is not None:
                span = Span(int(self.columns.starts[row]), int(self.columns.ends[row]))
                found.append(cite_statement(article, span, article.text[span.start : span.end]))
        return found


class _Reading:
    """What is kept of articles or read anew, one after the other; `anew` counts the latter."""

    def __init__(
        self, listed: Sequence[Listed | Article], fetch: Fetch, cache: SurveyCache, progress: Progress | None
    ) -> None:
        self.anew = 0
        self._listed, self._fetch, self._cache, self._progress = listed, fetch, cache, progress

    def run(self) -> Iterator[tuple[Listed | Article, Packed]]:
        """Those that stand in the library, in order."""
        for start in range(0, len(self._listed), _BATCH):
            batch = self._listed[start : start + _BATCH]
            kept = [self._read_kept(one) for one in batch]
            unknown = [one.id for one, packed in zip(batch, kept, strict=True) if packed is None]
            held = {one.id: one for one in self._fetch(unknown)} if unknown else {}
            for done, (one, packed) in enumerate(zip(batch, kept, strict=True), start):
                if self._progress:
                    self._progress(done, len(self._listed), f"reading {one.name}")
                read = self._read_anew(held[one.id], _stamp(one)) if one.id in held else packed
                if read is not None:
                    yield one, read
            if unknown:
                self._cache.commit()

    def _read_kept(self, one: Listed | Article) -> Packed | None:
        kept = self._cache.article(one.id, _stamp(one))
        characters = one.characters if isinstance(one, Listed) else len(one.text)
        return None if kept is None else Packed.read(kept, characters)

    def _read_anew(self, article: Article, stamp: str) -> Packed | None:
        data = pack_article(article)
        self._cache.keep_article(article.id, stamp, data)
        self.anew += 1
        return Packed.read(data)


def _stamp(one: Listed | Article) -> str:
    """What the reading of an article depends on beside its text, from which its id is made."""
    return stamp_of(one.title, one.published)


class Places(Mapping[int, list[tuple[int, int]]]):
    """By digest where a statement stands: the number of an article and of a line in it, by date."""

    def __init__(self, sheets: Sheets) -> None:
        self._sheets = sheets

    def __getitem__(self, digest: int) -> list[tuple[int, int]]:
        sheets = self._sheets
        number = sheets.number(digest)
        if number == len(sheets.digests) or sheets.digests[number] != digest:
            raise KeyError(digest)
        rows = sheets.standing.row(number)
        owners = sheets.columns.owner[rows]
        lines = rows - sheets.columns.lines.bounds[owners]
        return list(zip(owners.tolist(), lines.tolist(), strict=True))

    def __iter__(self) -> Iterator[int]:
        return iter(self._sheets.digests.tolist())

    def __len__(self) -> int:
        return len(self._sheets.digests)


@lru_cache(maxsize=4_096)  # the same statements are held against several others
def plainly(quote: str) -> str:
    """A sentence in plain letters, as the models were trained."""
    return " ".join(normalise(quote).split())


def cite_statement(article: Article, span: Span, quote: str) -> Citation:
    """A sentence of an article, all of it the quote, with a score of 1; no other is looked at."""
    return Citation(
        article.id, article.title, article.publisher, article.published, article.uri,
        span.start, span.end, quote, quote, span.start, span.end, 1.0, article.name, article.updated,
        attribution_in(quote, article.publisher), author=article.author,
    )  # fmt: skip


def read_sheet(article: Article) -> Sheet:
    """What the article states: no headlines, furniture, questions, tags, nor lines too short or too long."""
    view = clean(article.text)
    found = [
        (view.original(one.start, one.end), plainly(view.text[one.start : one.end]))
        for one in sentences(view)
        if view.blocks[one.block].kind != "heading"
    ]
    told = [(span, text) for span, text in found if _states(text)]
    small = {word for _, text in told for word in text.split() if word.islower()}
    lines: dict[Span, SheetLine] = {}
    for span, text in told:
        lines.setdefault(span, SheetLine(span, digest_of(text.casefold()), _names(text, small)))
    quotes = tuple(article.text[span.start : span.end] for span in lines)
    return Sheet(replace(article, text=article.text[:OPENING_CHARS]), tuple(lines.values()), quotes)


def pack_article(article: Article) -> bytes:
    """What a survey reads of an article, as `columns` packs it."""
    sheet = read_sheet(article)
    texts = [plainly(quote) for quote in sheet.quotes]
    told = [
        ReadLine(
            line.span.start,
            line.span.end,
            line.digest,
            digest_of(f"{article.published or ''}\0{before}\0{text}"),
            *words_of(text, line.names),
            tuple(sorted(map(number_of, terms(text)))),
            quote,
        )
        for line, before, text, quote in zip(sheet.lines, ["", *texts], texts, sheet.quotes, strict=False)
    ]
    return pack(told, sequences_of(" ".join(sheet.quotes)))


def _states(text: str) -> bool:
    long_enough = len(text.split()) >= _LEAST_WORDS
    return long_enough and len(text) <= _MOST_CHARACTERS and not is_tags(text) and not _ASKS.search(text)


def _names(text: str, small: set[str]) -> frozenset[str]:
    words = (
        word.strip(".,;:!?()[]\"'“”‘’«»-–—").removesuffix("'s").removesuffix("’s") for word in text.split()
    )
    return keep_names(words, small)


def digest_of(text: str) -> int:
    """63 bits, the same for the same text."""
    hashed = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return int.from_bytes(hashed[:8], "big") >> 1
