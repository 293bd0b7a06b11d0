"""What articles of one story tell otherwise: the rules of the survey, for the statements of an answer.

Statements that answer one question in other words often share too little with it, and with each other, for
the rules of a question. That their articles tell of one story stands for the rest.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from index.records import Span
from qa.asked import Asked
from qa.claims import Claim, read_claim
from qa.facts import full_names
from qa.kinds import kind_of
from qa.one_story import worth_comparing
from qa.proposition import NEGATIVE
from qa.quantities import agree
from qa.records import Citation, ConflictKind
from qa.retold import retold
from qa.retold_acts import are_opposed
from qa.stories import Profile, stories
from qa.story_facts import StoryFact, profile_of, read_story, story_spans
from qa.unasked import Difference

# Reading one takes some 15 ms for each 1,000 characters, so only those are read whose statements may differ,
# and of longer ones none: they are left to the rules of a question.
MAX_ARTICLE_CHARACTERS = 20_000
_KEPT = 256  # articles: some 25 MB

# What may differ in an answer, by what is asked for; in an explanation all of it, in a name none. Not how
# certain a thing is: much is certain in one account of a story and open in another, and words alone do not
# tell whether it is what is asked about.
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
        kind = _VALUES.get(asked.kind)
        explains = kind_of(asked.text) == "explanation"
        self._kinds = (kind,) if kind else tuple(_UNLIKE) if explains else ()
        self._one_story: dict[tuple[str, str], bool] = {}

    def difference(self, one: Citation, other: Citation) -> Difference | None:
        """In what two statements of two articles differ that the question may ask for; the surest, if any."""
        if not self._may_differ(
            *(read_claim(each.sentence, published=each.published) for each in (one, other))
        ):
            return None
        mine, theirs = self._read(one), self._read(other)
        if mine is None or theirs is None or not self._meet(one, mine, other, theirs):
            return None
        found = [
            difference
            for fact in _at(mine, one)
            for met in _at(theirs, other)
            if worth_comparing(fact, met)
            and (difference := retold(fact, met)) is not None
            and difference.kind in self._kinds
        ]
        return max(found, key=lambda difference: difference.score, default=None)

    def _may_differ(self, one: Claim, other: Claim) -> bool:
        """Whether the sentences alone leave open that they differ: what does not need the articles."""
        return any(_UNLIKE[kind](one, other) for kind in self._kinds)

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


def _unlike_numbers(one: Claim, other: Claim) -> bool:
    return any(not agree(mine, met) for mine in one.quantities for met in other.quantities)


def _unlike_dates(one: Claim, other: Claim) -> bool:
    return bool(one.dates and other.dates)


def _unlike_acts(one: Claim, other: Claim) -> bool:
    """Whether one is negative, or they hold words that say the contrary of each other."""
    negative = NEGATIVE.search(one.text) or NEGATIVE.search(other.text)
    return negative is not None or are_opposed(one.text, other.text)


_UNLIKE: Mapping[ConflictKind, Callable[[Claim, Claim], bool]] = {
    "number": _unlike_numbers,
    "date": _unlike_dates,
    "polarity": _unlike_acts,
}


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
