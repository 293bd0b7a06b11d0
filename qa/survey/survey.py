"""The disagreements of a whole library, without a question: statements read, matched, judged, and merged.

Statements are kept per article, and what the comparison model said of each pair, so that a survey that was
stopped goes on where it was, and one after a change does only what the change brought. What it says depends
on the articles, and on what was asked about them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import chain
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.adding import Progress
from index.records import Article, Embedder, Listed
from qa.comparison.model import KINDS, Comparison, Judge, ModelStatement
from qa.conflicts.copies import copies_by
from qa.conflicts.differences import differing_values
from qa.conflicts.engine import PairJudgement, Thresholds, dispute, shorten_quote, survey_thresholds
from qa.conflicts.groups import group_linked
from qa.records import AnswerEvent, Citation, Conflict, ConflictCheck, ConflictTier
from qa.survey.cache import SurveyCache
from qa.survey.candidates import AreApart, CandidatePairs, Memory, candidates, never_apart
from qa.survey.columns import Numbers
from qa.survey.disagreement import Account, Disagreement
from qa.survey.judgements import Judgements
from qa.survey.near_copies import NearCopies, Pair
from qa.survey.points import Point, points_of
from qa.survey.statements import Fetch, Sheets, plainly
from qa.survey.vectors import StatementVectors

ToldPair = tuple[ModelStatement, ModelStatement]

_JUDGED_AT_ONCE = 64
_CITED_AT_ONCE = 200  # disagreements, whose articles are held together
_KEPT_AFTER_S = 2.0  # of judging: no more is lost with a kill, and one batch

# Two statements are one side of a disagreement from this probability on that they say the same.
_SAME = 0.5
_FIGURES = {"number", "date"}  # kinds of disagreements that figures decide
_TWINS = 8  # earlier pairs with the same statement that each is held against


@dataclass(frozen=True, slots=True)
class Asked:
    """What answers showed to be in conflict. A question was asked of `done` statements, of `left` none."""

    pairs: Mapping[Pair, PairJudgement] = field(default_factory=dict)
    done: int = 0
    left: int = 0


AskAbout = Callable[[Sheets, SurveyCache, NDArray[np.float64], Numbers | None, Progress | None], Asked]
"""What questions bring to a survey, about all statements or those of some digests.

The numbers say how near each statement, in the order of the digests, comes to one that it is held against.
"""


@dataclass(frozen=True, slots=True)
class Survey:
    """All disagreements found, surest first, and what was compared to find them.

    `read` articles and `compared` pairs were not known from an earlier survey. `copies` are groups of the ids
    of articles that are near-copies, `events` what the articles in the disagreements tell of, where known.
    About `asked` statements a question was asked, about `unasked` not. `seconds` are those of each stage.
    """

    disagreements: tuple[Disagreement, ...]
    check: ConflictCheck
    articles: int
    read: int
    compared: int
    copies: tuple[tuple[str, ...], ...] = ()
    events: tuple[AnswerEvent, ...] = ()
    asked: int = 0
    unasked: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def points(self) -> tuple[Point, ...]:
        """The disagreements by what they are about; see `points_of`."""
        return points_of(self.disagreements, self.events, self.copies)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """As answers carry them."""
        return tuple(one.conflict for one in self.disagreements)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; `values` are the words of both accounts, a point's `conflicts` places here."""
        shown = [
            {**_to_lists(asdict(one.conflict)), "values": [one.one.value, one.other.value]}
            for one in self.disagreements
        ]
        places = {id(one): place for place, one in enumerate(self.disagreements)}
        points = [
            {
                "kind": point.kind,
                "tier": point.tier,
                "score": point.score,
                "possible_update": point.possible_update,
                "heading": point.heading,
                "event": point.event.name if point.event else None,
                "positions": [_to_lists(asdict(one)) for one in point.positions],
                "conflicts": [places[id(one)] for one in point.disagreements],
            }
            for point in self.points
        ]
        return {
            "conflicts": shown,
            "conflict_check": asdict(self.check),
            "articles": self.articles,
            "points": points,
            "copies": _to_lists(self.copies),
            "asked": self.asked,
            "unasked": self.unasked,
        }


def survey(
    listed: Sequence[Listed | Article],
    fetch: Fetch,
    cache: SurveyCache,
    *,
    embedder: Embedder,
    comparison: Comparison | None,
    are_apart: AreApart = never_apart,
    progress: Progress | None = None,
    whole: bool = False,
    memory: Memory | None = None,
    of: Collection[str] = (),
    questions: AskAbout | None = None,
) -> Survey:
    """What the articles disagree on; `fetch` brings their texts where these are needed.

    `whole`: they are all of the library, so that others are forgotten. Articles that `are_apart`, by their
    ids, are not held against each other. `memory` keeps what was matched. `of`: only what these articles, by
    their ids, disagree on with any of them. `questions` are asked last.
    """
    stages = _Stages()
    sheets = Sheets.read_listed(listed, fetch, cache, progress=progress)
    if whole:
        cache.forget_articles(sheets.ids)
    stages.end("reading")
    if comparison is None:
        check = ConflictCheck("not_checked", len(sheets.digests), reason="no model compares statements")
        return Survey((), check, len(sheets), sheets.read_anew, 0, seconds=stages.seconds)
    vectors = StatementVectors.read(sheets, cache, embedder, progress)
    stages.end("vectors")
    copies = NearCopies(sheets)
    stages.end("near copies")
    among = sheets.stated_in(of) if of else None
    pairs = candidates(sheets, copies, vectors, progress, are_apart=are_apart, memory=memory, among=among)
    stages.end("matching")
    name = f"{comparison.name} {embedder.name}"
    judge = _Judge(sheets, cache, vectors, name, partial(dispute, comparison=comparison))
    at = survey_thresholds(judged=comparison.judge is not None)
    judged = judge.of(pairs, progress, at.lower)
    stages.end("judging")
    near = pairs.nearness(sheets.digests)
    asked = questions(sheets, cache, near, among, progress) if questions else Asked()
    judged |= {pair: one for pair, one in asked.pairs.items() if one.score > _score_of(judged.get(pair))}
    stages.end("asking")
    sure = [pair for pair, one in judged.items() if not (one.kind in _FIGURES and copies.same_figures(*pair))]
    found = {pair: judged[pair] for pair in copies.without_series(sure)}
    compared = judge.asked
    judges = [judge]
    if comparison.judge is not None:
        alike = partial(_confirm_same, comparison.judge)
        judges.append(_Judge(sheets, cache, vectors, f"{name} alike", alike))
    shown = _merge(found, judges, at)
    stages.end("grouping")
    repeated = _copies(sheets)
    cache.commit()
    stages.end("copies")
    sources = int((sheets.columns.lines.lengths > 0).sum()) - sum(len(group) - 1 for group in repeated)
    return Survey(
        disagreements=shown,
        check=_check(sources, len(sheets.digests), len(pairs)),
        articles=len(sheets),
        read=sheets.read_anew,
        compared=compared,
        copies=repeated,
        asked=asked.done,
        unasked=asked.left,
        seconds=stages.seconds,
    )


def _score_of(one: PairJudgement | None) -> float:
    return -1.0 if one is None else one.score


class _Stages:
    """How long each took that has come to its end."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = perf_counter()

    def end(self, name: str) -> None:
        now = perf_counter()
        self.seconds[name], self._began = now - self._began, now


def _copies(sheets: Sheets) -> tuple[tuple[str, ...], ...]:
    """Groups of articles of which all statements are mostly the same."""
    sequences = sheets.columns.sequences
    return copies_by({own: sequences.row(at) for at, own in enumerate(sheets.ids) if len(sequences.row(at))})


def _check(sources: int, statements: int, many: int) -> ConflictCheck:
    if sources < 2:
        reason = "fewer than two articles state anything that can be compared"
        return ConflictCheck("not_checked", statements, sources, 0, reason)
    return ConflictCheck("checked", statements, sources, many)


class _Judge:
    """What the models say of pairs of statements, remembered; `asked` counts those not known before."""

    def __init__(
        self,
        sheets: Sheets,
        cache: SurveyCache,
        vectors: StatementVectors,
        name: str,
        say: Callable[[Sequence[ToldPair], Sequence[float]], list[PairJudgement]],
    ) -> None:
        """`name` is that of all the models whose word is remembered, `say` asks them, with the cosines."""
        self.sheets = sheets
        self.asked = 0
        self._cache = cache
        self._vectors = vectors
        self._say = say
        self._name = name
        self._judgements: Judgements | None = None
        self._fresh: dict[Pair, PairJudgement] = {}

    def of(
        self, pairs: CandidatePairs, progress: Progress | None = None, least: float = 0.0
    ) -> dict[Pair, PairJudgement]:
        """Each pair judged, by the cosine of its sentences; those not known yet in batches.

        Pairs that score less than `least` are left out.
        """
        heard = self.sheets.columns.heard[self.sheets.first]
        ends = [heard[np.searchsorted(self.sheets.digests, some)] for some in (pairs.one, pairs.other)]
        one, other = np.minimum(*ends), np.maximum(*ends)
        known = self._known()
        places = known.find(one, other)
        fresh = np.flatnonzero(places < 0)
        kept = perf_counter()
        for start in range(0, len(fresh), _JUDGED_AT_ONCE):
            if progress:
                progress(start, len(fresh), "comparing")
            batch = fresh[start : start + _JUDGED_AT_ONCE]
            told = [
                (statement(self.sheets, mine), statement(self.sheets, theirs))
                for mine, theirs in zip(pairs.one[batch].tolist(), pairs.other[batch].tolist(), strict=True)
            ]
            said = self._say(told, pairs.cosines[batch].tolist())
            keys = zip(one[batch].tolist(), other[batch].tolist(), strict=True)
            judged = dict(zip(keys, said, strict=True))
            self._cache.keep_judged(self._name, judged)
            self._fresh |= {pair: each for pair, each in judged.items() if each.score >= least}
            if perf_counter() - kept >= _KEPT_AFTER_S:
                self._cache.commit()
                kept = perf_counter()
        self.asked += len(fresh)
        return self._above(pairs, (one, other), places, least)

    def _above(
        self, pairs: CandidatePairs, heard: tuple[Numbers, Numbers], places: Numbers, least: float
    ) -> dict[Pair, PairJudgement]:
        known = self._known()
        wanted = places < 0
        wanted[~wanted] = known.scores(places[~wanted]) >= least
        found: dict[Pair, PairJudgement] = {}
        for at in np.flatnonzero(wanted).tolist():
            key = int(heard[0][at]), int(heard[1][at])
            said = known.at(int(places[at])) if places[at] >= 0 else self._fresh.get(key)
            if said is not None:
                found[int(pairs.one[at]), int(pairs.other[at])] = said
        return found

    def _known(self) -> Judgements:
        if self._judgements is None:
            self._judgements = self._cache.judgements(self._name)
        return self._judgements

    def measured(self, pairs: Iterable[Pair]) -> CandidatePairs:
        """Pairs that no search has brought, with their cosines."""
        listed = sorted(set(pairs))
        ends = np.array(listed, np.int64).reshape(-1, 2)
        cosines = [self._vectors.cosine(*pair) for pair in listed]
        return CandidatePairs(ends[:, 0], ends[:, 1], np.array(cosines, np.float64))


def _confirm_same(judge: Judge, pairs: Sequence[ToldPair], _: Sequence[float]) -> list[PairJudgement]:
    """What the judge alone says of pairs that the small model calls the same."""
    return [
        PairJudgement(0.0, round(one.same, 4), update=False, kind=KINDS[0])
        for one in judge.relations("", pairs)
    ]


def statement(sheets: Sheets, digest: int) -> ModelStatement:
    """As the comparison model hears it, where it stands first."""
    row = int(sheets.first[sheets.number(digest)])
    owner = int(sheets.columns.owner[row])
    opens = row == sheets.columns.lines.bounds[owner]
    before = "" if opens else plainly(sheets.columns.quote(row - 1))
    return ModelStatement(sheets.text(digest), before=before, published=sheets.published[owner])


def _merge(
    found: Mapping[Pair, PairJudgement], judges: Sequence[_Judge], at: Thresholds
) -> tuple[Disagreement, ...]:
    """Pairs with a statement in common whose others say the same as one, with all their statements.

    Each of the `judges` has to say so; those after the first are asked of what is left.
    """
    beside: dict[int, list[Pair]] = defaultdict(list)
    for pair in sorted(found):
        for digest in pair:
            beside[digest].append(pair)
    twins = {
        (one, other): (min(apart), max(apart))
        for digest, several in beside.items()
        for at, one in enumerate(several)
        for other in several[max(0, at - _TWINS) : at]
        if len(apart := {*one, *other} - {digest}) == 2
    }
    same = {ends for ends in twins.values() if ends not in found}
    for judge in judges:
        same = {ends for ends, said in judge.of(judge.measured(same)).items() if said.same >= _SAME}
    sheets = judges[0].sheets
    links = (pairs for pairs, ends in twins.items() if ends in same)
    groups = group_linked(sorted(found), links)
    merged = []
    for start in range(0, len(groups), _CITED_AT_ONCE):
        some = groups[start : start + _CITED_AT_ONCE]
        sheets.bring({*chain.from_iterable(chain.from_iterable(some))})
        merged += [_disagreement(group, found, sheets, at) for group in some]
    return tuple(sorted((one for one in merged if one is not None), key=_rank))


def _on_sides(group: Sequence[Pair]) -> dict[int, int]:
    """For each statement of the group the side that it is on: each pair has one on either."""
    across: dict[int, set[int]] = defaultdict(set)
    for one, other in group:
        across[one].add(other)
        across[other].add(one)
    first = min(across)
    found = {first: 0}
    waiting = [first]
    while waiting:
        place = waiting.pop()
        for other in sorted(across[place]):
            if other not in found:
                found[other] = 1 - found[place]
                waiting.append(other)
    return found


def _rank(one: Disagreement) -> tuple[float, str, str, int]:
    first = one.one.citations[0]
    return -one.score, one.conflict.explanation, first.article_id, first.sentence_start


def _disagreement(
    group: Sequence[Pair], found: Mapping[Pair, PairJudgement], sheets: Sheets, at: Thresholds
) -> Disagreement | None:
    best = max(group, key=lambda pair: (found[pair].score, pair))
    side = _on_sides(group)
    cites = {digest: sheets.cite(digest) for digest in dict.fromkeys(chain.from_iterable(group))}
    cited: tuple[set[Citation], set[Citation]] = (set(), set())
    for pair in group:
        if side[pair[0]] == side[pair[1]]:
            continue
        both = [cites[digest] for digest in pair]
        for digest, mine, theirs in zip(pair, both, reversed(both), strict=True):
            others = {one.article_id for one in theirs}
            cited[side[digest]].update(one for one in mine if others and others != {one.article_id})
    if not all(cited) or not all(cites[digest] for digest in best):
        return None
    leads = [cites[digest][0] for digest in best]
    words = differing_values(*leads) or tuple(shorten_quote(one.quote) for one in leads)
    told = {side[digest]: said for digest, said in zip(best, words, strict=True)}
    accounts = [Account(told[at], tuple(sorted(several, key=_by_date))) for at, several in enumerate(cited)]
    one, other = sorted(accounts, key=lambda account: (_by_date(account.citations[0]), account.value))
    update = found[best].update and (_later(one, other) or _later(other, one))
    score = found[best].score
    tier: ConflictTier = "disagree" if score >= at.upper else "may_disagree"
    return Disagreement(found[best].kind, one, other, score, update, tier)


def _by_date(citation: Citation) -> tuple[str, str, int]:
    return citation.published or "9999", citation.article_id, citation.sentence_start


def _later(one: Account, other: Account) -> bool:
    """Whether every dated statement of `one` was published after every one of `other`."""
    dates = [[cited.published for cited in side.citations if cited.published] for side in (one, other)]
    if not dates[0] or not dates[1]:
        return False
    precision = min(len(date) for side in dates for date in side)
    return min(date[:precision] for date in dates[0]) > max(date[:precision] for date in dates[1])


def _to_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _to_lists(inner) for name, inner in value.items()}
    return [_to_lists(inner) for inner in value] if isinstance(value, tuple) else value
