"""What articles of one story tell otherwise: the rules of the survey, for the statements of an answer.

Statements that answer one question in other words often share too little with it, and with each other, for
the rules of a question. That their articles tell of one story stands for the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from index.records import Span
from qa.asked import Asked
from qa.facts import full_names
from qa.kinds import kind_of
from qa.one_story import worth_comparing
from qa.records import Citation, ConflictKind
from qa.retold import retold
from qa.stories import Profile, stories
from qa.story_facts import StoryFact, profile_of, read_story, story_spans
from qa.unasked import Difference

# Reading one takes about 10 ms for each 5,000 characters; longer ones are left to the rules of a question.
MAX_ARTICLE_CHARACTERS = 40_000
_KEPT = 64  # articles: some 10 MB

# What may differ in an answer, by what is asked for. Not how certain a thing is: in one story much is certain
# in one account and open in another, and words alone do not tell whether it is what is asked about.
_VALUES: Mapping[str, ConflictKind] = {"number": "number", "date": "date", "certainty": "polarity"}


@dataclass(frozen=True, slots=True)
class _Story:
    profile: Profile
    spans: tuple[Span, ...]
    facts: tuple[tuple[StoryFact, ...], ...]


class Retelling:
    """Compares statements of the articles whose `texts` are given by id; each article is read once."""

    def __init__(self, asked: Asked, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._asked = asked
        self._one_story: dict[tuple[str, str], bool] = {}

    def difference(self, one: Citation, other: Citation) -> Difference | None:
        """In what two statements of two articles differ that the question may ask for; the surest, if any."""
        mine, theirs = self._read(one), self._read(other)
        if mine is None or theirs is None or not self._meet(one, mine, other, theirs):
            return None
        found = [
            difference
            for fact in _at(mine, one)
            for met in _at(theirs, other)
            if worth_comparing(fact, met) and (difference := retold(fact, met)) and self._asks_for(difference)
        ]
        return max(found, key=lambda difference: difference.score, default=None)

    def _asks_for(self, difference: Difference) -> bool:
        """Whether the question may ask for what differs; one for a name asks for none of it."""
        if self._asked.kind in _VALUES:
            return difference.kind == _VALUES[self._asked.kind]
        return difference.kind != "certainty" and kind_of(self._asked.text) == "explanation"

    def _meet(self, one: Citation, mine: _Story, other: Citation, theirs: _Story) -> bool:
        pair = one.article_id, other.article_id
        if pair not in self._one_story:
            self._one_story[pair] = bool(stories([mine.profile, theirs.profile]).found)
        return self._one_story[pair]

    def _read(self, citation: Citation) -> _Story | None:
        text = self._texts.get(citation.article_id, "")
        if not text or len(text) > MAX_ARTICLE_CHARACTERS:
            return None
        return _story(text, citation.title or "", citation.published)


@lru_cache(_KEPT)
def _story(text: str, title: str, published: str | None) -> _Story:
    spans = story_spans(text)
    scene, facts = read_story(
        [text[span.start : span.end] for span in spans],
        title,
        published=published,
        full_names=full_names(text),
    )
    return _Story(profile_of(scene, published), tuple(spans), tuple(tuple(several) for several in facts))


def _at(story: _Story, citation: Citation) -> tuple[StoryFact, ...]:
    """What the clauses of the cited sentence state."""
    for span, facts in zip(story.spans, story.facts, strict=True):
        if citation.sentence_start <= span.start and span.end <= citation.sentence_end:
            return facts
    return ()
