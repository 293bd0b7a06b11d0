"""A notebook held against its library: what still stands there word for word, and how it is named now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.errors import ArticleNotFound
from index.records import Article
from qa.conflicts.rulings import Standing, Verdict
from qa.language.attribution import attributed_to
from qa.notebook.clippings import Clipping, FindArticle, stands, text_checksum
from qa.records import Citation

QuoteState = Literal["stands", "gone", "changed"]
"""`stands`: the article says just this, there. `gone`: the article is no longer in the library. `changed`: it
is, and says something else there."""

STATES: dict[QuoteState, str] = {
    "stands": "",
    "gone": "As it was kept: its article is no longer in the library, so these words cannot be checked.",
    "changed": "As it was kept: the article in the library says something else there now.",
}


@dataclass(frozen=True, slots=True)
class CheckedClipping:
    """A clipping whose quotes are named as their articles name themselves now; `states` by place.

    `verdicts` are what people ruled on each of its conflicts, None for nothing.
    """

    clipping: Clipping
    states: Mapping[tuple[str, int, int], QuoteState]
    verdicts: tuple[Verdict | None, ...]

    def state(self, one: Citation) -> QuoteState:
        """How a quote of it stands."""
        return self.states[one.article_id, one.start, one.end]

    @property
    def worst(self) -> QuoteState:
        """`stands` where all quotes do."""
        found = set(self.states.values())
        return "gone" if "gone" in found else "changed" if "changed" in found else "stands"


def name_as_now(one: Citation, article: Article) -> Citation:
    """The citation with what its article, in which it stands, states of itself now."""
    source = attributed_to(article.text, one.sentence_start, one.sentence_end, article.publisher)
    return replace(
        one,
        title=article.title,
        publisher=article.publisher,
        published=article.published,
        uri=article.uri,
        name=article.name,
        updated=article.updated,
        according_to=source,
        author=article.author,
    )


class Checker:
    """Holds clippings against the articles of a library, each read once."""

    def __init__(self, find: FindArticle, standing: Standing) -> None:
        self._find = find
        self._standing = standing
        self._read: dict[str, Article | None] = {}
        self._checksums: dict[str, str] = {}

    def article(self, article_id: str) -> Article | None:
        """The article; None where there is none any more."""
        if article_id not in self._read:
            try:
                self._read[article_id] = self._find(article_id)
            except ArticleNotFound:
                self._read[article_id] = None
        return self._read[article_id]

    def checksum(self, article: Article) -> str:
        """That of the article's text as it is now."""
        if article.id not in self._checksums:
            self._checksums[article.id] = text_checksum(article.text)
        return self._checksums[article.id]

    def articles(self) -> dict[str, Article]:
        """Those that have been read and are there, by id."""
        return {own: one for own, one in self._read.items() if one is not None}

    def check(self, clipping: Clipping) -> CheckedClipping:
        """The clipping with what stands and what does not; its words are never other than they were kept."""
        states = {
            (one.article_id, one.start, one.end): self._state(one, clipping) for one in clipping.quotes()
        }
        verdicts = tuple(map(self._standing.verdict, clipping.conflicts))
        return CheckedClipping(clipping.map_quotes(self._named_as_now), states, verdicts)

    def check_all(self, clippings: Sequence[Clipping]) -> tuple[CheckedClipping, ...]:
        """Each of them, in order."""
        return tuple(map(self.check, clippings))

    def _state(self, one: Citation, clipping: Clipping) -> QuoteState:
        article = self.article(one.article_id)
        if article is None:
            return "gone"
        kept = clipping.checksums.get(one.article_id, "")
        same = stands(one, article.text) and kept in ("", self.checksum(article))
        return "stands" if same else "changed"

    def _named_as_now(self, one: Citation) -> Citation:
        article = self.article(one.article_id)
        return one if article is None or not stands(one, article.text) else name_as_now(one, article)
