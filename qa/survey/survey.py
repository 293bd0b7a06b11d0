"""The disagreements of a whole library, without a question: facts read, paired, compared, and merged.

Facts are kept per article, and what came of each pair, so that a survey that was stopped goes on where it
was, and one after a change does only what the change brought. What it says depends on the articles alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from index.library import Progress
from index.records import Article
from qa.records import Citation, Conflict, ConflictCheck, ConflictKind
from qa.survey.cache import SurveyCache
from qa.survey.pairing import Card, pairs
from qa.survey.sheets import Sheets
from qa.survey.story_pairs import Told, story_pairs
from qa.survey.unasked import LEAST_SHARED, Difference, Value, differ, same, timely

_Pair = tuple[int, int]

_BATCH = 2_000  # pairs compared between two commits
_JUDGED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Judge:
    """A further gate: for pairs of premise and hypothesis, the probability that they contradict each other.

    `name` changes whenever what it says would.
    """

    name: str
    contradiction: Callable[[Sequence[tuple[str, str]]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Account:
    """One value and the statements that give it, by date."""

    value: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two accounts that cannot both hold. `score` is in 0..1; `possible_update` as in `Conflict`."""

    kind: ConflictKind
    one: Account
    other: Account
    score: float
    possible_update: bool

    @property
    def conflict(self) -> Conflict:
        """The same as an answer carries it."""
        statements = (*self.one.citations, *self.other.citations)
        explanation = f"{self.one.value} against {self.other.value}"
        sides = (0,) * len(self.one.citations) + (1,) * len(self.other.citations)
        return Conflict(self.kind, explanation, statements, self.score, self.possible_update, sides)


@dataclass(frozen=True, slots=True)
class Survey:
    """All disagreements found, surest first, and what was compared to find them.

    `read` articles and `compared` pairs were not known from an earlier survey.
    """

    disagreements: tuple[Disagreement, ...]
    check: ConflictCheck
    articles: int
    read: int
    compared: int

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """As answers carry them."""
        return tuple(one.conflict for one in self.disagreements)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; `values` are the words of both accounts."""
        shown = [
            {**_listed(asdict(one.conflict)), "values": [one.one.value, one.other.value]}
            for one in self.disagreements
        ]
        return {"conflicts": shown, "conflict_check": asdict(self.check), "articles": self.articles}


def survey(
    articles: Iterable[Article],
    cache: SurveyCache,
    *,
    judge: Judge | None = None,
    progress: Progress | None = None,
    whole: bool = False,
) -> Survey:
    """What the articles disagree on. `whole`: they are all of the library, so that others are forgotten."""
    sheets = Sheets.read(articles, cache, progress=progress)
    if whole:
        cache.forget_articles(one.article.id for one in sheets.sheets)
    found, compared, left_out, many = _compared(sheets, cache, progress)
    story = story_pairs(sheets.sheets, cache, progress)
    sides = _Sides(sheets, story.told)
    known = {places for pair in found for places in sides.places(pair)}
    found |= {pair: one for pair, one in story.found.items() if not sides.places(pair) & known}
    if judge is not None:
        found = _judged(judge, found, sides, cache, progress)
    cache.commit()
    sources = sum(1 for sheet in sheets.sheets if sheet.facts or sheet.told)
    return Survey(
        disagreements=_merged(found, sides),
        check=_check(sources, len(sheets.places), many + story.many, left_out + story.left_out),
        articles=len(sheets.sheets),
        read=sheets.read_anew,
        compared=compared + story.compared,
    )


@dataclass(frozen=True, slots=True)
class _Sides:
    """The statements of the differences, by digest: facts of the whole library, and those told in a story."""

    sheets: Sheets
    told: Mapping[int, Told]

    def text(self, digest: int) -> str:
        told = self.told.get(digest)
        return told.fact.claim.text if told else self.sheets.fact(digest).claim.text

    def cite(self, digest: int) -> list[Citation]:
        told = self.told.get(digest)
        return [told.citation] if told else self.sheets.cite(digest)

    def places(self, pair: _Pair) -> set[frozenset[tuple[str, int]]]:
        """Where both sentences of the pair end, in every two articles that have them."""
        mine, theirs = ([(cited.article_id, cited.end) for cited in self.cite(digest)] for digest in pair)
        return {frozenset((one, other)) for one in mine for other in theirs}

    def timely(self, kind: ConflictKind, pair: _Pair, mine: Citation, theirs: Citation) -> bool:
        """As the rule says; what is told in a story was asked before."""
        if pair[0] in self.told:
            return True
        one, other = (self.sheets.fact(digest) for digest in pair)
        return timely(kind, one, mine.published, other, theirs.published)


def _check(sources: int, statements: int, many: int, left_out: int) -> ConflictCheck:
    if sources < 2:
        reason = "fewer than two articles state anything that can be compared"
        return ConflictCheck("not_checked", statements, sources, 0, reason)
    reason = f"the nearest of very many alike: {left_out:,} pairs were left out" if left_out else ""
    return ConflictCheck("checked", statements, sources, many, reason)


def _compared(
    sheets: Sheets, cache: SurveyCache, progress: Progress | None
) -> tuple[dict[_Pair, Difference], int, int, int]:
    """Pairs of digests that differ; how many were compared now, were left out, and stand in all."""
    order = sorted(sheets.places)
    cards = [Card(*sheets.card(digest)) for digest in order]
    proposed = pairs(cards, least_shared=LEAST_SHARED)
    known: dict[_Pair, Difference] = {}
    fresh: list[tuple[int, int, bool]] = []
    compared = many = 0
    for done, (one, other) in enumerate(proposed.found):
        if progress and done % 500 == 0:
            progress(done, len(proposed.found), "comparing")
        pair = order[one], order[other]
        if not sheets.apart(*pair):
            continue
        many += 1
        told = cache.differ(*pair)
        if told is False:
            continue
        difference = differ(sheets.fact(pair[0]), sheets.fact(pair[1]))
        if difference is not None:
            known[pair] = difference
        if told is None:
            compared += 1
            fresh.append((*pair, difference is not None))
        if len(fresh) >= _BATCH:
            cache.keep_differ(fresh)
            cache.commit()
            fresh.clear()
    cache.keep_differ(fresh)
    cache.commit()
    return known, compared, proposed.left_out, many


def _judged(
    judge: Judge,
    found: dict[_Pair, Difference],
    sides: _Sides,
    cache: SurveyCache,
    progress: Progress | None,
) -> dict[_Pair, Difference]:
    """Those that the judge, asked in both directions, lets pass, and those that it is not asked of."""
    said = {pair: cache.probability(judge.name, *pair) for pair, one in found.items() if one.least}
    asked = [pair for pair, known in said.items() if known is None]
    for start in range(0, len(asked), _JUDGED_AT_ONCE):
        if progress:
            progress(start, len(asked), "judging")
        batch = asked[start : start + _JUDGED_AT_ONCE]
        texts = [(sides.text(one), sides.text(other)) for one, other in batch]
        both = [*texts, *((other, one) for one, other in texts)]
        told = [float(one) for one in judge.contradiction(both)]
        rows = [(*pair, max(told[at], told[at + len(batch)])) for at, pair in enumerate(batch)]
        said.update({(one, other): probability for one, other, probability in rows})
        cache.keep_probability(judge.name, rows)
        cache.commit()
    return {pair: one for pair, one in found.items() if (said.get(pair) or 0.0) >= one.least}


def _merged(found: dict[_Pair, Difference], sides: _Sides) -> tuple[Disagreement, ...]:
    """Pairs with a sentence in common and the same two values as one, with all their statements."""
    parents: dict[_Pair, _Pair] = {pair: pair for pair in found}

    def root(pair: _Pair) -> _Pair:
        while parents[pair] != pair:
            parents[pair] = parents[parents[pair]]
            pair = parents[pair]
        return pair

    met: dict[tuple[str, int, str], list[tuple[_Pair, Value, Value]]] = defaultdict(list)
    for pair, one in found.items():
        for digest, own, theirs in zip(pair, one.values, one.values[::-1], strict=True):
            for cited in sides.cite(digest):
                before = met[cited.article_id, cited.start, one.kind]
                for earlier, first, second in before:
                    if root(earlier) != root(pair) and same(own, first) and same(theirs, second):
                        parents[root(pair)] = root(earlier)
                before.append((pair, own, theirs))
    groups: dict[_Pair, list[_Pair]] = defaultdict(list)
    for pair in found:
        groups[root(pair)].append(pair)
    merged = [_disagreement(group, found, sides) for group in groups.values()]
    return tuple(sorted((one for one in merged if one is not None), key=_rank))


def _on_sides(group: Sequence[_Pair], sides: _Sides) -> dict[tuple[str, int], int]:
    """For each sentence of the group the side that it is on: each pair has some on either."""
    beside: dict[tuple[str, int], set[tuple[tuple[str, int], bool]]] = defaultdict(set)
    for pair in group:
        mine, theirs = ([(one.article_id, one.start) for one in sides.cite(digest)] for digest in pair)
        beside[mine[0]].update([(theirs[0], True), *((place, False) for place in mine)])
        beside[theirs[0]].update([(mine[0], True), *((place, False) for place in theirs)])
        for first, several in ((mine[0], mine), (theirs[0], theirs)):
            for place in several:
                beside[place].add((first, False))
    first = min(beside)
    found = {first: 0}
    waiting = [first]
    while waiting:
        place = waiting.pop()
        for other, across in sorted(beside[place]):
            if other not in found:
                found[other] = 1 - found[place] if across else found[place]
                waiting.append(other)
    return found


def _rank(one: Disagreement) -> tuple[float, str, str, int]:
    first = one.one.citations[0]
    return -one.score, one.conflict.explanation, first.article_id, first.sentence_start


def _disagreement(
    group: Sequence[_Pair], found: dict[_Pair, Difference], sides: _Sides
) -> Disagreement | None:
    best = max(group, key=lambda pair: (found[pair].score, pair))
    side = _on_sides(group, sides)
    cited: tuple[set[Citation], set[Citation]] = (set(), set())
    for pair in group:
        for mine in sides.cite(pair[0]):
            for theirs in sides.cite(pair[1]):
                apart = mine.article_id != theirs.article_id
                if apart and sides.timely(found[pair].kind, pair, mine, theirs):
                    cited[side[mine.article_id, mine.start]].add(mine)
                    cited[side[theirs.article_id, theirs.start]].add(theirs)
    leads = sides.cite(best[0])[0]
    words = found[best].words[:: -1 if side[leads.article_id, leads.start] else 1]
    accounts = [
        Account(said, tuple(sorted(several, key=_by_date)))
        for said, several in zip(words, cited, strict=True)
    ]
    if not all(account.citations for account in accounts):
        return None
    one, other = sorted(accounts, key=lambda account: (_by_date(account.citations[0]), account.value))
    update = _later(one, other) or _later(other, one)
    return Disagreement(found[best].kind, one, other, found[best].score, update)


def _by_date(citation: Citation) -> tuple[str, str, int]:
    return citation.published or "9999", citation.article_id, citation.sentence_start


def _later(one: Account, other: Account) -> bool:
    """Whether every dated statement of `one` was published after every one of `other`."""
    dates = [[cited.published for cited in side.citations if cited.published] for side in (one, other)]
    if not dates[0] or not dates[1]:
        return False
    precision = min(len(date) for side in dates for date in side)
    return min(date[:precision] for date in dates[0]) > max(date[:precision] for date in dates[1])


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _listed(inner) for name, inner in value.items()}
    return [_listed(inner) for inner in value] if isinstance(value, tuple) else value
