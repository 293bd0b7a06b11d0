"""Disagreements that are about one thing, as one point at issue with all that is said to it.

Two disagreements are about one thing where they are of one kind and one event, share a statement, and oppose
it for the same words in it: a sentence may hold a number of dead and a sum, and both may be disputed. One
amount joins any number of them; sentences only those that share a statement with the surest.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise

from index.text.clean import one_to_one
from qa.conflicts.groups import group_linked
from qa.conflicts.independence import Copies, weigh
from qa.language.clauses import main_clause, opens_with_pronoun
from qa.language.numbers import DIGITS, SCALE, WORDS
from qa.language.quantities import read_quantities, same_value
from qa.language.terms import FUNCTION_WORDS, stem
from qa.records import AnswerEvent, Citation, ConflictKind, ConflictTier, Position
from qa.survey.disagreement import Disagreement

_WORD = re.compile(r"\w+(?:['’.,-]\w+)*")
# Of a statement that names the point: two lines of a card. Source: own choice, on 41 points of 40 stories.
_HEADING_WORDS = 26
_PAUSES, _ENDING = ",;:", " ,;:–—-"  # after these, or at a dash, a sentence is cut
_DASH = re.compile(r"[–—-]+$")
_NUMBER = re.compile(rf"(?:{DIGITS}|\b(?:{WORDS}))(?:{SCALE})?", re.I)

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

    `heading` is a statement of either side, verbatim but for "…": in the place of the number or date that is
    disputed, and where a long one is cut. `event` is what the articles tell of, None where that is not known.
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
    links = [link for link in _of_one_issue(disagreements) if told[link.mine] == told[link.theirs]]
    groups = _around_surest(disagreements, links)
    copies_of = {article: group for group in copies for article in group}
    points = [_point([disagreements[one] for one in group], told[group[0]], copies_of) for group in groups]
    first: dict[AnswerEvent | None, int] = {}
    for number, point in enumerate(points):
        first.setdefault(point.event, number)
    return tuple(sorted(points, key=lambda one: (one.event is None, first[one.event])))


def excerpt(sentence: str, value: str = "", most: int = _HEADING_WORDS) -> str:
    """So many words of a sentence at most, verbatim, with `value` among them; "…" for the rest.

    Where there is a choice it is cut where the sentence pauses.
    """
    words = list(re.finditer(r"\S+", sentence))
    if len(words) <= most:
        return sentence.strip()
    pauses = [at for at, word in enumerate(words, 1) if word[0][-1] in _PAUSES or _DASH.match(word[0])]
    found = sentence.find(value) if value else -1
    last = max(sum(word.start() < found + len(value) for word in words), 1)  # words up to the value's end
    start = 0 if last <= most else max((at for at in pauses if last - most <= at < last), default=last - most)
    least = max(last, start + most // 2)
    end = max((at for at in pauses if least <= at <= start + most), default=start + most)
    end = min(end, len(words))
    text = sentence[words[start].start() : words[end - 1].end()]
    return f"{'… ' if start else ''}{text.rstrip(_ENDING)}{' …' if end < len(words) else ''}"


def _event(one: Disagreement, event_of: Mapping[str, AnswerEvent]) -> AnswerEvent | None:
    """What most of its articles tell of, of as many the one that comes first; None where none is known."""
    ids = dict.fromkeys(cited.article_id for side in one.accounts for cited in side.citations)
    found = [event for article in ids if (event := event_of.get(article)) is not None]
    count = Counter(found)
    return max(found, key=lambda event: count[event], default=None)


@dataclass(frozen=True, slots=True)
class _Link:
    """Two disagreements, by number, about one thing; `amount`: because of a value that both give."""

    mine: int
    theirs: int
    amount: bool


def _around_surest(disagreements: Sequence[Disagreement], links: Sequence[_Link]) -> list[list[int]]:
    """Those about one thing: what one amount joins, and what shares a statement with the surest of them.

    Sentences join no further: where all write of the same few names, each is about one thing with the next.
    """
    every = range(len(disagreements))
    joined = group_linked(every, [(one.mine, one.theirs) for one in links if one.amount])
    group_of = {number: at for at, group in enumerate(joined) for number in group}
    near: dict[int, set[int]] = defaultdict(set)
    for one in links:
        near[group_of[one.mine]].add(group_of[one.theirs])
        near[group_of[one.theirs]].add(group_of[one.mine])
    free, groups = set(range(len(joined))), []
    for number in sorted(every, key=lambda number: (-disagreements[number].score, number)):
        head = group_of[number]
        if head in free:
            taken = {head, *near[head]} & free
            free -= taken
            groups.append(sorted(each for at in taken for each in joined[at]))
    return sorted(groups)


def _of_one_issue(disagreements: Sequence[Disagreement]) -> Iterator[_Link]:
    """Each two that share a statement and oppose it for the same words."""
    at: dict[_Place, list[tuple[int, int]]] = defaultdict(list)
    for number, one in enumerate(disagreements):
        for side, account in enumerate(one.accounts):
            for place in dict.fromkeys(map(_place, account.citations)):
                at[place].append((number, side))
    # A sentence that stands in thousands of articles brings the same disagreements as often.
    sharing = dict.fromkeys(pair for held in {*map(tuple, at.values())} for pair in combinations(held, 2))

    @cache
    def shared_words(number: int) -> frozenset[str]:
        one, other = disagreements[number].accounts
        return _content(one.citations) & _content(other.citations)

    for (mine, here), (theirs, there) in sharing:
        if mine == theirs or disagreements[mine].kind != disagreements[theirs].kind:
            continue
        values = disagreements[mine].accounts[here].amount, disagreements[theirs].accounts[there].amount
        amount = all(values)
        if _same_amount(*values) if amount else shared_words(mine) & shared_words(theirs):
            yield _Link(mine, theirs, amount)


def _same_amount(one: str, other: str) -> bool:
    if " ".join(one.casefold().split()) == " ".join(other.casefold().split()):
        return True
    read = read_quantities(one), read_quantities(other)
    return [len(found) for found in read] == [1, 1] and same_value(read[0][0], read[1][0])


def _point(
    group: Sequence[Disagreement], event: AnswerEvent | None, copies_of: Mapping[str, Sequence[str]]
) -> Point:
    """`copies_of` gives the group of near-copies that an article is in, by its id."""
    surest = sorted(group, key=lambda one: -one.score)
    positions = [_position(some, surest, copies_of) for some in _alike(surest)]
    positions.sort(key=lambda one: (-one.independent_sources, one.citations[0].published or "9999"))
    return Point(surest[0].kind, _heading(surest[0]), tuple(positions), tuple(surest), event)


def _alike(found: Sequence[Disagreement]) -> list[list[Citation]]:
    """The statements by what they say: those of one side together, and sides of one value; none opposed.

    The surest disagreements come first: where two call for something else, theirs holds.
    """
    cited: dict[_Place, Citation] = {}
    accounts: dict[_Place, set[int]] = defaultdict(set)  # of each disagreement two, opposed: 2n and 2n + 1
    for number, side in enumerate(side for each in found for side in each.accounts):
        for citation in side.citations:
            cited[_place(citation)] = citation
            accounts[_place(citation)].add(number)
    group_of = {place: ([place], accounts[place]) for place in cited}
    for one, other in _links(found):
        (mine, on), (theirs, against) = sorted((group_of[one], group_of[other]), key=lambda it: -len(it[0]))
        if mine is not theirs and on.isdisjoint(number ^ 1 for number in against):
            mine += theirs
            on |= against
            group_of.update(dict.fromkeys(theirs, group_of[mine[0]]))
    groups = {id(group): group for group, _ in group_of.values()}
    return [[cited[place] for place in group] for group in groups.values()]


def _links(found: Sequence[Disagreement]) -> Iterator[tuple[_Place, _Place]]:
    """Statements that say the same: of one account, then of two that give one value."""
    accounts = [side for each in found for side in each.accounts]
    for side in accounts:
        yield from pairwise(map(_place, side.citations))
    for one, other in combinations([side for side in accounts if side.amount], 2):
        if _same_amount(one.amount, other.amount):
            yield _place(one.citations[0]), _place(other.citations[0])


def _position(
    some: Sequence[Citation], found: Sequence[Disagreement], copies_of: Mapping[str, Sequence[str]]
) -> PointPosition:
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
    copies = {tuple(copies_of.get(one.article_id, ())): None for one in citations}
    legs = weigh(Position("", citations, len(citations)), tuple(copies)).independent_sources
    return PointPosition(value, citations, legs)


def _heading(one: Disagreement) -> str:
    """The statement of both sides that is best understood alone, without the number that is disputed."""
    told = dict.fromkeys((cited.sentence, side.amount) for side in one.accounts for cited in side.citations)
    sentence, amount = min(told, key=lambda each: _needs(*each))
    value = amount if one.kind in _FIGURES else ""
    return _left_open(excerpt(sentence, value), value, one.kind)


def _needs(sentence: str, amount: str) -> tuple[bool, bool, bool, bool, int, str]:
    """What it lacks, gravest first: a named subject, the amount, brevity, a plain clause; its length."""
    plain = one_to_one(sentence)
    long = len(plain.split()) > _HEADING_WORDS
    return (
        opens_with_pronoun(plain),
        amount not in sentence,
        long,
        main_clause(plain) is None,
        len(sentence),
        sentence,
    )


def _left_open(text: str, value: str, kind: ConflictKind) -> str:
    """With "…" in the place of a date, or of the number of an amount: its unit tells what is counted."""
    at = text.find(value) if value else -1
    if at < 0:
        return text
    if kind == "date":
        start, end = at, at + len(value)
    else:
        numbers = list(_NUMBER.finditer(text, at, at + len(value)))
        if not numbers:
            return text
        start, end = numbers[0].start(), numbers[-1].end()
    after = text[end:]
    return f"{text[:start]}…{'' if after == '.' else after}"


def _content(citations: Iterable[Citation]) -> frozenset[str]:
    """The stems of what the statements are of, their figures left aside."""
    return frozenset(
        stem(word)
        for sentence in {one.sentence for one in citations}
        for word in _words(sentence)
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
