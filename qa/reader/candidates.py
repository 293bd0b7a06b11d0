"""The sentences that are read: their place in the article, and their cleaned view with the way back."""

from dataclasses import dataclass
from functools import lru_cache

from index.records import Hit, Span
from index.text.clean import View, clean, normalise


@dataclass(frozen=True, slots=True)
class CandidateSentence:
    """A sentence of a hit: its place in the article, and its cleaned view with the way back.

    `heading`: it explains what follows and says nothing itself, so that it answers nothing.
    """

    hit: Hit
    span: Span
    view: View
    heading: bool = False

    def original(self, start: int, end: int) -> Span:
        """Where characters `start` up to `end` of the view stand in the article."""
        place = self.view.original(start, end)
        return Span(self.span.start + place.start, self.span.start + place.end)


@lru_cache(maxsize=4096)
def headline(publisher: str | None, title: str | None) -> str:
    """Who tells something, under which headline, in plain letters: what stands before it when it is read."""
    return normalise(": ".join(part for part in (publisher, title) if part))


def candidates(hit: Hit) -> list[CandidateSentence]:
    """The sentences of the hit that hold any word, in order."""
    found = []
    start = hit.chunk.start
    headings = _headings(hit.article.text[start : hit.chunk.end])
    for span in hit.chunk.sentences:
        view = view_of(hit.article.text[span.start : span.end])
        if view.text.strip():
            within = any(low <= span.start - start and span.end - start <= high for low, high in headings)
            found.append(CandidateSentence(hit, span, view, within or is_tags(view.text)))
    return found


@lru_cache(maxsize=4096)
def _headings(text: str) -> tuple[tuple[int, int], ...]:
    """The characters of the headings in a stretch of an article."""
    view = clean(text)
    places = (view.original(one.start, one.end) for one in view.blocks if one.kind == "heading")
    return tuple((place.start, place.end) for place in places)


def is_tags(sentence: str) -> bool:
    """Whether most words are tags or handles, as at the end of a post."""
    words = sentence.split()
    return 2 * sum(word[0] in "#@" for word in words) > len(words)


# Questions come back to the same passages: cleaning twelve takes 15 ms, which is a tenth of an answer's time.
view_of = lru_cache(maxsize=4096)(clean)
