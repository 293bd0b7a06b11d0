"""The facts of a library's articles, with every place where each is stated: read once, then remembered."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from index.clean import clean
from index.library import Progress
from index.records import Article, Span
from index.sentences import sentences
from qa.language.claims import Name, read_claim
from qa.records import Citation
from qa.survey.cache import SurveyCache, stamp_of
from qa.survey.facts import Fact, full_names, read_facts, small_words
from qa.survey.pairing import Profile
from qa.survey.story_facts import StoryFact, profile_of, read_story, story_spans

_BATCH = 50  # articles read between two commits
_FACTS_KEPT = 8_192  # rebuilt facts held at a time: some 50 MB
_STORY = tuple[list[Span], Profile]
_CARD = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact as it is kept: its digest, whom it is of, the words of its relation."""

    digest: int
    names: tuple[str, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence with facts. `opening` is its first word, where only its place may have made it a capital:
    `named` are the facts if it is a name, `plain` those if it is none."""

    span: Span
    opening: str
    named: tuple[Stated, ...]
    plain: tuple[Stated, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is read of one article. Its text is not held, only that of `lines`, in `quotes`.

    `told` are all sentences, without bylines, as they tell the story; `profile` is what that is about.
    """

    article: Article
    lines: tuple[Line, ...]
    quotes: tuple[str, ...]
    small: frozenset[str]
    full: Mapping[str, Name]
    told: tuple[tuple[Span, str], ...]
    profile: Profile

    @property
    def digest(self) -> int:
        """The same for articles that tell the same: 63 bits."""
        whole = repr((self.article.id, self.article.title, self.article.published, self.told))
        return int.from_bytes(hashlib.sha256(whole.encode("utf-8", "replace")).digest()[:8], "big") >> 1

    def story(self) -> list[tuple[Span, list[StoryFact]]]:
        """Its sentences, each with what its clauses state."""
        article, texts = self.article, [text for _, text in self.told]
        _, facts = read_story(texts, article.title or "", published=article.published, full_names=self.full)
        return [(span, several) for (span, _), several in zip(self.told, facts, strict=True)]

    @property
    def facts(self) -> bool:
        """Whether the article states anything that can be compared."""
        return bool(self.lines)


class Sheets:
    """All sheets, and where each fact stands; facts that are the same are one."""

    def __init__(self, sheets: tuple[Sheet, ...], read_anew: int) -> None:
        self.sheets = sheets
        self.read_anew = read_anew
        self._small = frozenset().union(*(sheet.small for sheet in sheets))
        self.places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._cards: dict[int, _CARD] = {}
        for at, sheet in enumerate(sheets):
            for number, line in enumerate(sheet.lines):
                for stated in line.plain if line.opening in self._small else line.named:
                    self.places[stated.digest].append((at, number))
                    self._cards.setdefault(stated.digest, (stated.names, stated.keys))
        self.fact = lru_cache(_FACTS_KEPT)(self._fact)

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
                progress(done, len(waiting), f"reading {article.title or article.uri}")
            stamp = stamp_of(f"{article.title}\n{article.text}", article.published)
            kept = cache.article(article.id, stamp)
            sheet = None if kept is None else _unpacked(article, kept)
            if sheet is None:
                sheet = _read(article)
                cache.keep_article(article.id, stamp, _packed(sheet))
                read_anew += 1
                if read_anew % _BATCH == 0:
                    cache.commit()
            found.append(sheet)
        cache.commit()
        return cls(tuple(found), read_anew)

    def card(self, digest: int) -> _CARD:
        """Names and words of a fact."""
        return self._cards[digest]

    def apart(self, one: int, other: int) -> bool:
        """Whether two facts stand in different articles."""
        mine = {at for at, _ in self.places[one]}
        return len(mine) > 1 or mine != {at for at, _ in self.places[other]}

    def cite(self, digest: int) -> list[Citation]:
        """Every place where the fact is stated, verbatim."""
        found = []
        for at, number in self.places[digest]:
            sheet = self.sheets[at]
            found.append(cited(sheet.article, sheet.lines[number].span, sheet.quotes[number]))
        return found

    def _fact(self, digest: int) -> Fact:
        """A fact read again from its first place."""
        at, number = self.places[digest][0]
        sheet = self.sheets[at]
        opening = sheet.lines[number].opening
        common = self._small & {opening}
        facts = read_facts(
            sheet.quotes[number],
            published=sheet.article.published,
            full_names=sheet.full,
            common_words=common,
        )
        return next(fact for fact in facts if fact.digest == digest)


def cited(article: Article, span: Span, quote: str) -> Citation:
    """A sentence of an article, all of it the quote."""
    return Citation(
        article.id, article.title, article.publisher, article.published, article.uri,
        span.start, span.end, quote, quote, span.start, span.end, 1.0,
    )  # fmt: skip


def _read(article: Article) -> Sheet:
    full = full_names(article.text)
    view = clean(article.text)
    lines: list[Line] = []
    seen: set[tuple[int, int]] = set()
    for sentence in sentences(view):
        span = view.original(sentence.start, sentence.end)
        text = article.text[span.start : span.end]
        opening = read_claim(text, published=article.published).opening
        named, plain = (
            tuple(
                Stated(
                    fact.digest,
                    tuple(sorted(" ".join(sorted(name)) for name in fact.names)),
                    tuple(sorted(fact.keys)),
                )
                for fact in read_facts(
                    text, published=article.published, full_names=full, common_words=common
                )
            )
            for common in (frozenset[str](), frozenset({opening}))
        )
        if (named or plain) and (span.start, span.end) not in seen:
            seen.add((span.start, span.end))
            lines.append(Line(span, opening, named, plain))
    told = story_spans(article.text)
    texts = [article.text[span.start : span.end] for span in told]
    scene, _ = read_story(texts, article.title or "", published=article.published, full_names=full)
    story = told, profile_of(scene, article.published)
    return _sheet(article, lines, (small_words(article.text), full), story)


def _sheet(
    article: Article, lines: list[Line], words: tuple[frozenset[str], Mapping[str, Name]], story: _STORY
) -> Sheet:
    quotes = tuple(article.text[line.span.start : line.span.end] for line in lines)
    texts = tuple((span, article.text[span.start : span.end]) for span in story[0])
    return Sheet(replace(article, text=""), tuple(lines), quotes, *words, texts, story[1])


def _packed(sheet: Sheet) -> Any:
    def facts(several: tuple[Stated, ...]) -> list[Any]:
        return [[one.digest, one.names, one.keys] for one in several]

    lines = [
        [
            line.span.start,
            line.span.end,
            line.opening,
            facts(line.named),
            facts(line.plain) if line.opening else 0,
        ]
        for line in sheet.lines
    ]
    full = {short: sorted(name) for short, name in sheet.full.items()}
    told = [[span.start, span.end] for span, _ in sheet.told]
    about = {"names": dict(sheet.profile.names), "words": sorted(sheet.profile.words)}
    return {"lines": lines, "small": sorted(sheet.small), "full": full, "told": told, **about}


def _unpacked(article: Article, kept: Any) -> Sheet | None:
    """The sheet as it was kept, None where that is not its shape."""

    def facts(several: Any) -> tuple[Stated, ...]:
        return tuple(
            Stated(int(digest), tuple(map(str, names)), tuple(map(str, keys)))
            for digest, names, keys in several
        )

    try:
        lines = []
        for start, end, opening, named, plain in kept["lines"]:
            if not 0 <= start < end <= len(article.text):
                return None
            first = facts(named)
            lines.append(Line(Span(start, end), str(opening), first, facts(plain) if opening else first))
        full = {str(short): frozenset(map(str, name)) for short, name in kept["full"].items()}
        told = [Span(int(start), int(end)) for start, end in kept["told"]]
        if any(not 0 <= span.start < span.end <= len(article.text) for span in told):
            return None
        names = {str(name): int(count) for name, count in kept["names"].items()}
        profile = Profile(names, frozenset(map(str, kept["words"])), article.published)
        return _sheet(article, lines, (frozenset(map(str, kept["small"])), full), (told, profile))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
