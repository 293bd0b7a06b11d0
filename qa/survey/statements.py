"""What a survey compares: the sentences of each article, and whom each names.

Read once, then remembered. A sentence that stands in several articles is one statement.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from index.adding import Progress
from index.names import OPENING_CHARS
from index.records import Article, Span
from index.text.clean import clean, normalise
from index.text.sentences import sentences
from qa.language.attribution import attribution_in
from qa.language.names import keep_names
from qa.reader.candidates import is_tags
from qa.records import Citation
from qa.survey.cache import SurveyCache, stamp_of

_BATCH = 50  # articles read between two commits
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
    stamp: str


class Sheets:
    """All sheets, and where each statement stands: places in `sheets` and in their lines, by date."""

    def __init__(self, sheets: tuple[Sheet, ...], read_anew: int) -> None:
        self.sheets = sheets
        self.read_anew = read_anew
        self.places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._texts: dict[int, str] = {}
        for at, sheet in enumerate(sheets):
            for number, line in enumerate(sheet.lines):
                self.places[line.digest].append((at, number))
        for places in self.places.values():
            places.sort(key=self._by_date)

    @classmethod
    def read(
        cls, articles: Iterable[Article], cache: SurveyCache, *, progress: Progress | None = None
    ) -> "Sheets":
        """From the cache what is known, from the article what is not."""
        waiting = list(articles)
        found: list[Sheet] = []
        read_anew = 0
        for done, article in enumerate(waiting):
            if progress:
                progress(done, len(waiting), f"reading {article.name}")
            stamp = stamp_of(f"{article.title}\n{article.text}", article.published)
            kept = cache.article(article.id, stamp)
            sheet = None if kept is None else _unpack(article, stamp, kept)
            if sheet is None:
                sheet = read_sheet(article, stamp)
                cache.keep_article(article.id, stamp, _pack(sheet))
                read_anew += 1
                if read_anew % _BATCH == 0:
                    cache.commit()
            found.append(sheet)
        cache.commit()
        return cls(tuple(found), read_anew)

    def text(self, digest: int) -> str:
        """A statement in plain letters, as it stands first."""
        if digest not in self._texts:
            at, number = self.places[digest][0]
            self._texts[digest] = plainly(self.sheets[at].quotes[number])
        return self._texts[digest]

    def names(self, digest: int) -> frozenset[str]:
        """Whom a statement names, where it stands first."""
        at, number = self.places[digest][0]
        return self.sheets[at].lines[number].names

    def _by_date(self, place: tuple[int, int]) -> tuple[str, str, int]:
        article = self.sheets[place[0]].article
        return article.published or "9999", article.id, place[1]

    def cite(self, digest: int) -> list[Citation]:
        """Every place of the statement, verbatim."""
        return [
            cite_statement(
                self.sheets[at].article, self.sheets[at].lines[number].span, self.sheets[at].quotes[number]
            )
            for at, number in self.places[digest]
        ]


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


def read_sheet(article: Article, stamp: str = "") -> Sheet:
    """What the article states: no headlines, furniture, questions, tags, nor sentences too short or too long.

    `stamp` is kept with it, for who remembers sheets.
    """
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
    return _sheet(article, stamp, tuple(lines.values()))


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


def _sheet(article: Article, stamp: str, lines: tuple[SheetLine, ...]) -> Sheet:
    quotes = tuple(article.text[line.span.start : line.span.end] for line in lines)
    return Sheet(replace(article, text=article.text[:OPENING_CHARS]), lines, quotes, stamp)


def _pack(sheet: Sheet) -> Any:
    return [[line.span.start, line.span.end, line.digest, sorted(line.names)] for line in sheet.lines]


def _unpack(article: Article, stamp: str, kept: Any) -> Sheet | None:
    """The sheet as it was kept, None where that is not its shape."""
    try:
        lines = []
        for start, end, digest, names in kept:
            if not 0 <= start < end <= len(article.text):
                return None
            lines.append(SheetLine(Span(start, end), int(digest), frozenset(map(str, names))))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return _sheet(article, stamp, tuple(lines))
