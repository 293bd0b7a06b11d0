"""The statements that disagree between articles of one story: article by article, and remembered so."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.library import Progress
from index.records import Span
from qa.records import Citation
from qa.survey.cache import SurveyCache
from qa.survey.one_story import worth_comparing
from qa.survey.pairing import stories
from qa.survey.retold import retold
from qa.survey.sheets import Sheet, cited
from qa.survey.story_facts import StoryFact
from qa.survey.unasked import Difference

_HELD = 256  # articles whose statements are held at a time: some 30 MB
_BATCH = 200  # pairs of articles compared between two commits


@dataclass(frozen=True, slots=True)
class Told:
    """One side of a difference: the statement and its sentence."""

    fact: StoryFact
    citation: Citation


@dataclass(frozen=True, slots=True)
class StoryPairs:
    """Differences by the digests of their statements, `told` by digest; and how many pairs were compared.

    `compared` were not known from before, `many` are all; `left_out` counts articles' pairs.
    """

    found: dict[tuple[int, int], Difference]
    told: dict[int, Told]
    compared: int
    many: int
    left_out: int


def story_pairs(sheets: Sequence[Sheet], cache: SurveyCache, progress: Progress | None) -> StoryPairs:
    """All that the articles of each story disagree on, whatever their order."""
    proposed = stories([sheet.profile for sheet in sheets])
    digests = [sheet.digest for sheet in sheets]
    found: dict[tuple[int, int], Difference] = {}
    told: dict[int, Told] = {}
    compared = many = 0

    @lru_cache(_HELD)
    def read(at: int) -> list[tuple[Span, StoryFact]]:
        return [(span, fact) for span, facts in sheets[at].story() for fact in facts]

    for done, (first, second) in enumerate(proposed.found):
        if progress and done % 20 == 0:
            progress(done, len(proposed.found), "comparing stories")
        one, other = sorted((first, second), key=lambda at: (digests[at], at))
        known = cache.story(digests[one], digests[other])
        if known is None:
            pairs, places = _compare(read(one), read(other))
            known = pairs, places
            compared += pairs
            cache.keep_story(digests[one], digests[other], pairs, places)
            if done % _BATCH == 0:
                cache.commit()
        many += known[0]
        for mine, theirs in known[1]:
            sides = [(one, mine), (other, theirs)]
            if any(place >= len(read(at)) for at, place in sides):
                continue
            (_, fact), (_, met) = (read(at)[place] for at, place in sides)
            difference = retold(fact, met)
            if difference is None:
                continue
            pair = _digest(digests[one], mine), _digest(digests[other], theirs)
            found[pair] = difference
            for digest, (at, place) in zip(pair, sides, strict=True):
                span, statement = read(at)[place]
                quote = next(text for where, text in sheets[at].told if where == span)
                told[digest] = Told(statement, cited(sheets[at].article, span, quote))
    cache.commit()
    return StoryPairs(found, told, compared, many, proposed.left_out)


def _compare(
    mine: Sequence[tuple[Span, StoryFact]], theirs: Sequence[tuple[Span, StoryFact]]
) -> tuple[int, list[list[int]]]:
    """How many pairs were worth comparing, and the places of those that differ."""
    pairs = 0
    found: list[list[int]] = []
    for at, (_, one) in enumerate(mine):
        for place, (_, other) in enumerate(theirs):
            if worth_comparing(one, other):
                pairs += 1
                if retold(one, other) is not None:
                    found.append([at, place])
    return pairs, found


def _digest(article: int, place: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{article} {place}".encode()).digest()[:8], "big") >> 1
