"""Disagreements that are about one thing, as one point at issue with all that is said to it.

Two disagreements are about one thing where they are of one kind and one event, share a statement, and oppose
it for the same words in it: a sentence may hold a number of dead and a sum, and both may be disputed.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from index.text.clean import one_to_one
from qa.conflicts.groups import group_linked
from qa.conflicts.independence import Copies, weigh
from qa.language.quantities import read_quantities, same_value
from qa.language.terms import FUNCTION_WORDS, stem
from qa.records import AnswerEvent, Citation, ConflictKind, ConflictTier, Position
from qa.survey.disagreement import Disagreement

_WORD = re.compile(r"\w+(?:['’.,-]\w+)*")
_QUOTED_WORDS = 14  # of a statement that names the point
# What two statements share names the point where it is so many content words, or fewer but most of one of
# them. Source: own choice, on the disagreements of 80 articles that nothing was fitted on.
_ENOUGH, _FEWEST, _MOST = 3, 2, 0.5

_FIGURES = {"number", "date"}  # kinds of disagreements that a value decides

_Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class PointPosition:
    """What is said to a point by some: `value` is an amount or a date, "" where only sentences tell it.

    The statements come by date. In `independent_sources` near-copies count once.
    """

    value: str
    citations: tuple[Citation, ...]
    independent_sources: int

    @property
    def shortest(self) -> Citation:
        """The statement that takes the fewest words."""
        return min(self.citations, key=lambda one: len(one.sentence))


@dataclass(frozen=True, slots=True)
class Point:
    """One thing at issue: its `positions`, that of most sources first; its `disagreements`, surest first.

    `heading` is verbatim but for "…" where words of the sentence are left out: what two opposed statements
    share, else the shortest of them. `event` is what the articles tell of, None where that is not known.
    """

    kind: ConflictKind
    heading: str
    positions: tuple[PointPosition, ...]
    disagreements: tuple[Disagreement, ...]
    event: AnswerEvent | None = None

    @property
    def score(self) -> float:
        """That of the surest disagreement."""
        return self.disagreements[0].score

    @property
    def tier(self) -> ConflictTier:
        """That of the surest disagreement."""
        return self.disagreements[0].tier

    @property
    def possible_update(self) -> bool:
        """Whether all that is opposed may be a newer state of things."""
        return all(one.possible_update for one in self.disagreements)

    @property
    def statements(self) -> Iterator[Citation]:
        """All of them."""
        return (one for position in self.positions for one in position.citations)


def points_of(
    disagreements: Sequence[Disagreement], events: Sequence[AnswerEvent] = (), copies: Copies = ()
) -> tuple[Point, ...]:
    """The disagreements by what they are about: events with the surest point first, in each the surest first.

    `copies` are groups of article ids, each of near-copies.
    """
    event_of = {article: event for event in events for article in event.article_ids}
    told = [_event(one, event_of) for one in disagreements]
    at: dict[_Place, list[tuple[int, int]]] = defaultdict(list)
    for number, one in enumerate(disagreements):
        for side, account in enumerate(one.accounts):
            for place in dict.fromkeys(map(_place, account.citations)):
                at[place].append((number, side))
    links = [
        (mine, theirs)
        for held in at.values()
        for (mine, one), (theirs, other) in combinations(held, 2)
        if mine != theirs
        and told[mine] == told[theirs]
        and _same_issue((disagreements[mine], one), (disagreements[theirs], other))
    ]
    groups = group_linked(range(len(disagreements)), links)
    points = [_point([disagreements[one] for one in group], told[group[0]], copies) for group in groups]
    first: dict[AnswerEvent | None, int] = {}
    for number, point in enumerate(points):
        first.setdefault(point.event, number)
    return tuple(sorted(points, key=lambda one: (one.event is None, first[one.event])))


def excerpt(sentence: str, value: str = "", most: int = _QUOTED_WORDS) -> str:
    """So many words of a sentence, verbatim, those around `value` where it stands later; "…" for the rest."""
    words = list(re.finditer(r"\S+", sentence))
    if len(words) <= most:
        return sentence.strip()
    at = sentence.find(value) if value else 0
    reached = sum(word.start() <= at for word in words)
    start = 0 if reached <= most - 2 else min(reached - most // 2, len(words) - most)
    end = min(start + most, len(words))
    text = sentence[words[start].start() : words[end - 1].end()]
    return f"{'… ' if start else ''}{text}{' …' if end < len(words) else ''}"


def _event(one: Disagreement, event_of: Mapping[str, AnswerEvent]) -> AnswerEvent | None:
    """What most of its articles tell of, of as many the one that comes first; None where none is known."""
    ids = dict.fromkeys(cited.article_id for side in one.accounts for cited in side.citations)
    found = [event for article in ids if (event := event_of.get(article)) is not None]
    return max(found, key=found.count, default=None)


def _same_issue(one: tuple[Disagreement, int], other: tuple[Disagreement, int]) -> bool:
    """Whether two that share a statement, each with the side that it is on, oppose it for the same words."""
    (mine, here), (theirs, there) = one, other
    if mine.kind != theirs.kind:
        return False
    values = mine.accounts[here].amount, theirs.accounts[there].amount
    if all(values):
        return _same_amount(*values)
    shared = [
        _content(opposed.accounts[side].citations) & _content(opposed.accounts[1 - side].citations)
        for opposed, side in (one, other)
    ]
    return bool(shared[0] & shared[1])


def _same_amount(one: str, other: str) -> bool:
    if " ".join(one.casefold().split()) == " ".join(other.casefold().split()):
        return True
    read = read_quantities(one), read_quantities(other)
    return [len(found) for found in read] == [1, 1] and same_value(read[0][0], read[1][0])


def _point(group: Sequence[Disagreement], event: AnswerEvent | None, copies: Copies) -> Point:
    surest = sorted(group, key=lambda one: -one.score)
    positions = [_position(some, surest, copies) for some in _alike(surest)]
    positions.sort(key=lambda one: (-one.independent_sources, one.citations[0].published or "9999"))
    return Point(surest[0].kind, _heading(surest[0]), tuple(positions), tuple(surest), event)


def _alike(found: Sequence[Disagreement]) -> list[list[Citation]]:
    """The statements by what they say: those of one side together, and sides of one value; none opposed.

    The surest disagreements come first: where two call for something else, theirs holds.
    """
    cited = {_place(one): one for each in found for side in each.accounts for one in side.citations}
    group_of = {place: [place] for place in cited}
    opposed = {
        frozenset((_place(one), _place(other)))
        for each in found
        for one in each.one.citations
        for other in each.other.citations
    }
    for one, other in _links(found):
        mine, theirs = group_of[one], group_of[other]
        if mine is not theirs and not any(frozenset((a, b)) in opposed for a in mine for b in theirs):
            mine += theirs
            group_of.update(dict.fromkeys(theirs, mine))
    groups = {id(group): group for group in group_of.values()}
    return [[cited[place] for place in group] for group in groups.values()]


def _links(found: Sequence[Disagreement]) -> Iterator[tuple[_Place, _Place]]:
    """Statements that say the same: of one account, then of two that give one value."""
    accounts = [side for each in found for side in each.accounts]
    for side in accounts:
        yield from pairwise(map(_place, side.citations))
    for one, other in combinations([side for side in accounts if side.amount], 2):
        if _same_amount(one.amount, other.amount):
            yield _place(one.citations[0]), _place(other.citations[0])


def _position(some: Sequence[Citation], found: Sequence[Disagreement], copies: Copies) -> PointPosition:
    citations = tuple(sorted(some, key=_by_date))
    places = set(map(_place, citations))
    value = next(
        (
            side.amount
            for each in found
            if each.kind in _FIGURES
            for side in each.accounts
            if side.amount and places.intersection(map(_place, side.citations))
        ),
        "",
    )
    legs = weigh(Position("", citations, len(citations)), copies).independent_sources
    return PointPosition(value, citations, legs)


def _heading(one: Disagreement) -> str:
    """What the shortest statements of both sides share, as the shorter has it; else that one's words."""
    leads = [min(side.citations, key=lambda cited: len(cited.sentence)) for side in one.accounts]
    side = min((0, 1), key=lambda at: len(leads[at].sentence))
    shorter, longer = leads[side].sentence, leads[1 - side].sentence
    value = one.accounts[side].amount if one.kind in _FIGURES else ""
    return _shared(shorter, longer, value) or excerpt(shorter, value)


def _shared(sentence: str, other: str, value: str) -> str:
    """The words of a sentence that the other has in some form, those of `value` left out; "" for too few."""
    words = list(_WORD.finditer(sentence))
    theirs = {stem(word) for word in _words(other)}
    start = sentence.find(value) if value else -1
    within = range(start, start + len(value)) if start >= 0 else range(0)
    free = [word for word in words if word.start() not in within]
    kept = [word for word in free if _is_content(word[0]) and stem(word[0]) in theirs]
    content = [word for word in free if _is_content(word[0])]
    if len(kept) < _ENOUGH and (len(kept) < _FEWEST or len(kept) < _MOST * len(content)):
        return ""
    return _joined(sentence, words, [words.index(word) for word in kept], within)


def _joined(sentence: str, words: Sequence[re.Match[str]], kept: Sequence[int], left_out: range) -> str:
    """The kept words with the small ones between them and before the first; "…" for what is left out."""
    places = set(kept)
    for one, other in pairwise(kept):
        between = range(one + 1, other)
        if all(not _is_content(words[at][0]) and words[at].start() not in left_out for at in between):
            places.update(between)
    before = kept[0] - 1
    if before >= 0 and words[before][0].lower() in ("the", "a", "an"):
        places.add(before)
    runs: list[list[int]] = []
    for at in sorted(places):
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return " … ".join(sentence[words[run[0]].start() : words[run[-1]].end()] for run in runs)


def _content(citations: Iterable[Citation]) -> frozenset[str]:
    """The stems of what the statements are of, their figures left aside."""
    return frozenset(
        stem(word)
        for one in citations
        for word in _words(one.sentence)
        if _is_content(word) and not word[0].isdigit()
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(one_to_one(text))


def _is_content(word: str) -> bool:
    return word.lower() not in FUNCTION_WORDS


def _place(one: Citation) -> _Place:
    return one.article_id, one.sentence_start


def _by_date(one: Citation) -> tuple[str, str, int]:
    return one.published or "9999", one.article_id, one.sentence_start
