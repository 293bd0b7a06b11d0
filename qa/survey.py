"""The disagreements of a whole library, without a question: facts read, paired, compared, and merged.

Facts are kept per article, and what came of each pair, so that a survey that was stopped goes on where it
was, and one after a change does only what the change brought. What it says depends on the articles alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from index.library import Progress
from index.records import Article
from qa.pairing import Card, pairs
from qa.records import Citation, Conflict, ConflictCheck, ConflictKind
from qa.sheets import Sheets
from qa.survey_cache import SurveyCache
from qa.unasked import LEAST_SHARED, Difference, Value, differ, same, timely

_BATCH = 2_000  # pairs compared between two commits
_JUDGED_AT_ONCE = 64
# Below it the judge does not see a contradiction. Source: own choice.
_LEAST_PROBABILITY = 0.5


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
    if judge is not None:
        found = _judged(judge, found, sheets, cache, progress)
    cache.commit()
    sources = sum(1 for sheet in sheets.sheets if sheet.facts)
    return Survey(
        disagreements=_merged(found, sheets),
        check=_check(sources, len(sheets.places), many, left_out),
        articles=len(sheets.sheets),
        read=sheets.read_anew,
        compared=compared,
    )


def _check(sources: int, statements: int, many: int, left_out: int) -> ConflictCheck:
    if sources < 2:
        reason = "fewer than two articles state anything that can be compared"
        return ConflictCheck("not_checked", statements, sources, 0, reason)
    reason = f"the nearest of very many alike: {left_out:,} pairs were left out" if left_out else ""
    return ConflictCheck("checked", statements, sources, many, reason)


_Pair = tuple[int, int]


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
    sheets: Sheets,
    cache: SurveyCache,
    progress: Progress | None,
) -> dict[_Pair, Difference]:
    """Those that the judge, asked in both directions, takes for contradictions too.

    What is done and what is only planned do not contradict each other to it, so it is not asked of them.
    """
    sure = {pair: one for pair, one in found.items() if one.kind == "certainty"}
    said = {pair: cache.probability(judge.name, *pair) for pair in found if pair not in sure}
    asked = [pair for pair, known in said.items() if known is None]
    for start in range(0, len(asked), _JUDGED_AT_ONCE):
        if progress:
            progress(start, len(asked), "judging")
        batch = asked[start : start + _JUDGED_AT_ONCE]
        texts = [(sheets.fact(one).claim.text, sheets.fact(other).claim.text) for one, other in batch]
        both = [*texts, *((other, one) for one, other in texts)]
        told = [float(one) for one in judge.contradiction(both)]
        rows = [(*pair, max(told[at], told[at + len(batch)])) for at, pair in enumerate(batch)]
        said.update({(one, other): probability for one, other, probability in rows})
        cache.keep_probability(judge.name, rows)
        cache.commit()
    kept = {pair for pair, probability in said.items() if (probability or 0.0) >= _LEAST_PROBABILITY}
    return {pair: one for pair, one in found.items() if pair in sure or pair in kept}


def _merged(found: dict[_Pair, Difference], sheets: Sheets) -> tuple[Disagreement, ...]:
    """Pairs with a fact in common and the same two values as one, with all their statements."""
    parents: dict[_Pair, _Pair] = {pair: pair for pair in found}

    def root(pair: _Pair) -> _Pair:
        while parents[pair] != pair:
            parents[pair] = parents[parents[pair]]
            pair = parents[pair]
        return pair

    of_fact: dict[tuple[int, str], list[tuple[_Pair, Value, Value]]] = defaultdict(list)
    for pair, one in found.items():
        for fact, own, theirs in zip(pair, one.values, one.values[::-1], strict=True):
            met = of_fact[fact, one.kind]
            for earlier, first, second in met:
                if root(earlier) != root(pair) and same(own, first) and same(theirs, second):
                    parents[root(pair)] = root(earlier)
            met.append((pair, own, theirs))
    groups: dict[_Pair, list[_Pair]] = defaultdict(list)
    for pair in found:
        groups[root(pair)].append(pair)
    merged = [_disagreement(group, found, sheets) for group in groups.values()]
    return tuple(sorted((one for one in merged if one is not None), key=_rank))


def _sides(group: Sequence[_Pair]) -> dict[int, int]:
    """For each fact of the group the side that it is on: each pair has one on either."""
    beside: dict[int, list[int]] = defaultdict(list)
    for one, other in group:
        beside[one].append(other)
        beside[other].append(one)
    sides = {group[0][0]: 0}
    waiting = [group[0][0]]
    while waiting:
        fact = waiting.pop()
        for other in beside[fact]:
            if other not in sides:
                sides[other] = 1 - sides[fact]
                waiting.append(other)
    return sides


def _rank(one: Disagreement) -> tuple[float, str, str, int]:
    first = one.one.citations[0]
    return -one.score, one.conflict.explanation, first.article_id, first.sentence_start


def _disagreement(
    group: Sequence[_Pair], found: dict[_Pair, Difference], sheets: Sheets
) -> Disagreement | None:
    best = max(group, key=lambda pair: (found[pair].score, pair))
    sides = _sides(group)
    cited: tuple[set[Citation], set[Citation]] = (set(), set())
    for pair in group:
        kind = found[pair].kind
        one_fact, other_fact = sheets.fact(pair[0]), sheets.fact(pair[1])
        for mine in sheets.cite(pair[0]):
            for theirs in sheets.cite(pair[1]):
                apart = mine.article_id != theirs.article_id
                if apart and timely(kind, one_fact, mine.published, other_fact, theirs.published):
                    cited[sides[pair[0]]].add(mine)
                    cited[sides[pair[1]]].add(theirs)
    words = found[best].words if sides[best[0]] == 0 else found[best].words[::-1]
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
