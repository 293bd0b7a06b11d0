"""The disagreements of a whole library, without a question: statements read, matched, judged, and merged.

Statements are kept per article, and what the comparison model said of each pair, so that a survey that was
stopped goes on where it was, and one after a change does only what the change brought. What it says depends
on the articles alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from time import perf_counter
from typing import Any

from index.adding import Progress
from index.records import Article, Embedder
from qa.comparison.model import Comparison, ModelStatement
from qa.conflicts.copies import Sequences, copies_by, sequences_of
from qa.conflicts.differences import differing_values
from qa.conflicts.engine import PairJudgement, Thresholds, dispute, shorten_quote, survey_thresholds
from qa.conflicts.groups import group_linked
from qa.records import AnswerEvent, Citation, Conflict, ConflictCheck, ConflictTier
from qa.survey.cache import SurveyCache
from qa.survey.candidates import AreApart, Memory, candidates, never_apart
from qa.survey.disagreement import Account, Disagreement
from qa.survey.near_copies import NearCopies, Pair
from qa.survey.points import Point, points_of
from qa.survey.statements import Sheets, digest_of, plainly
from qa.survey.vectors import StatementVectors

_JUDGED_AT_ONCE = 64
_KEPT_AFTER_S = 2.0  # of judging: no more is lost with a kill, and one batch

# Two statements are one side of a disagreement from this probability on that they say the same.
_SAME = 0.5
_FIGURES = {"number", "date"}  # kinds of disagreements that figures decide
_TWINS = 8  # earlier pairs with the same statement that each is held against


@dataclass(frozen=True, slots=True)
class Survey:
    """All disagreements found, surest first, and what was compared to find them.

    `read` articles and `compared` pairs were not known from an earlier survey. `copies` are groups of the ids
    of articles that are near-copies, `events` what the articles in the disagreements tell of, where known.
    `seconds` are those of each stage.
    """

    disagreements: tuple[Disagreement, ...]
    check: ConflictCheck
    articles: int
    read: int
    compared: int
    copies: tuple[tuple[str, ...], ...] = ()
    events: tuple[AnswerEvent, ...] = ()
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
        }


def survey(
    articles: Iterable[Article],
    cache: SurveyCache,
    *,
    embedder: Embedder,
    comparison: Comparison | None,
    are_apart: AreApart = never_apart,
    progress: Progress | None = None,
    whole: bool = False,
    memory: Memory | None = None,
) -> Survey:
    """What the articles disagree on. `whole`: they are all of the library, so that others are forgotten.

    Articles that `are_apart`, by their ids, are not held against each other. `memory` keeps what was matched.
    """
    stages = _Stages()
    sheets = Sheets.read(articles, cache, progress=progress)
    if whole:
        cache.forget_articles(one.article.id for one in sheets.sheets)
    stages.end("reading")
    if comparison is None:
        check = ConflictCheck("not_checked", len(sheets.places), reason="no model compares statements")
        return Survey((), check, len(sheets.sheets), sheets.read_anew, 0, seconds=stages.seconds)
    vectors = StatementVectors.read(sheets, cache, embedder, progress)
    stages.end("vectors")
    copies = NearCopies(sheets)
    stages.end("near copies")
    pairs = candidates(sheets, copies, vectors, progress, are_apart=are_apart, memory=memory)
    stages.end("matching")
    judge = _Judge(sheets, cache, vectors, comparison, f"{comparison.name} {embedder.name}")
    judged = judge.of(pairs, progress)
    stages.end("judging")
    at = survey_thresholds(judged=comparison.judge is not None)
    sure = [
        pair
        for pair, one in judged.items()
        if one.score >= at.lower and not (one.kind in _FIGURES and copies.same_figures(*pair))
    ]
    found = {pair: judged[pair] for pair in copies.without_series(sure)}
    compared = judge.asked
    shown = _merge(found, judge, at)
    stages.end("grouping")
    repeated = _copies(sheets, cache)
    cache.commit()
    stages.end("copies")
    sources = sum(bool(sheet.lines) for sheet in sheets.sheets) - sum(len(group) - 1 for group in repeated)
    return Survey(
        disagreements=shown,
        check=_check(sources, len(sheets.places), len(pairs)),
        articles=len(sheets.sheets),
        read=sheets.read_anew,
        compared=compared,
        copies=repeated,
        seconds=stages.seconds,
    )


class _Stages:
    """How long each took that has come to its end."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = perf_counter()

    def end(self, name: str) -> None:
        now = perf_counter()
        self.seconds[name], self._began = now - self._began, now


def _copies(sheets: Sheets, cache: SurveyCache) -> tuple[tuple[str, ...], ...]:
    """Groups of articles of which all statements are mostly the same."""
    told: dict[str, Sequences] = {}
    for sheet in sheets.sheets:
        if sheet.lines:
            held = cache.sequences(sheet.article.id, sheet.stamp)
            if held is None:
                held = sequences_of(" ".join(sheet.quotes))
                cache.keep_sequences(sheet.article.id, sheet.stamp, held)
            told[sheet.article.id] = held
    return copies_by(told)


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
        comparison: Comparison,
        name: str,
    ) -> None:
        """`name` is that of all the models whose word is remembered."""
        self.sheets = sheets
        self.asked = 0
        self._cache = cache
        self._vectors = vectors
        self._comparison = comparison
        self._name = name

    def of(self, pairs: Mapping[Pair, float], progress: Progress | None = None) -> dict[Pair, PairJudgement]:
        """Each pair judged, by the cosine of its sentences; those not known yet in batches."""
        heard = {digest: statement(self.sheets, digest) for digest in sorted({*chain(*pairs)})}
        names = {digest: _name(one) for digest, one in heard.items()}
        keys = {(one, other): _order(names[one], names[other]) for one, other in pairs}
        said = {pair: self._cache.read_judgement(self._name, *keys[pair]) for pair in pairs}
        fresh = [pair for pair, known in said.items() if known is None]
        kept = perf_counter()
        for start in range(0, len(fresh), _JUDGED_AT_ONCE):
            if progress:
                progress(start, len(fresh), "comparing")
            batch = fresh[start : start + _JUDGED_AT_ONCE]
            statements = [(heard[one], heard[other]) for one, other in batch]
            cosines = [pairs[pair] for pair in batch]
            told = dict(zip(batch, dispute(statements, cosines, self._comparison), strict=True))
            said.update(told)
            self._cache.keep_judged(self._name, {keys[pair]: one for pair, one in told.items()})
            if perf_counter() - kept >= _KEPT_AFTER_S:
                self._cache.commit()
                kept = perf_counter()
        self.asked += len(fresh)
        return {pair: one for pair, one in said.items() if one is not None}

    def cosines(self, pairs: Iterable[Pair]) -> dict[Pair, float]:
        """Those of pairs that no search has brought, in order."""
        return {pair: self._vectors.cosine(*pair) for pair in sorted(set(pairs))}


def statement(sheets: Sheets, digest: int) -> ModelStatement:
    """As the comparison model hears it, where it stands first."""
    at, number = sheets.places[digest][0]
    sheet = sheets.sheets[at]
    before = plainly(sheet.quotes[number - 1]) if number else ""
    return ModelStatement(sheets.text(digest), before=before, published=sheet.article.published)


def _name(heard: ModelStatement) -> int:
    """What its judgement depends on: of when it was told first and what stood before it, too."""
    return digest_of(f"{heard.published or ''}\0{heard.before}\0{heard.sentence}")


def _order(one: int, other: int) -> Pair:
    return min(one, other), max(one, other)


def _merge(found: Mapping[Pair, PairJudgement], judge: _Judge, at: Thresholds) -> tuple[Disagreement, ...]:
    """Pairs with a statement in common whose others say the same as one, with all their statements."""
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
    same = judge.of(judge.cosines(twins.values()))
    links = (pairs for pairs, ends in twins.items() if same[ends].same >= _SAME and ends not in found)
    groups = group_linked(sorted(found), links)
    merged = [_disagreement(group, found, judge.sheets, at) for group in groups]
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
    cited: tuple[set[Citation], set[Citation]] = (set(), set())
    for pair in group:
        if side[pair[0]] == side[pair[1]]:
            continue
        for mine in sheets.cite(pair[0]):
            for theirs in sheets.cite(pair[1]):
                if mine.article_id != theirs.article_id:
                    cited[side[pair[0]]].add(mine)
                    cited[side[pair[1]]].add(theirs)
    if not all(cited):
        return None
    leads = [sheets.cite(digest)[0] for digest in best]
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
