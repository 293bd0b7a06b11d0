"""Which points at issue are wanted: by topic, kind, source, date and ruling, as the page's link holds it."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import get_args
from urllib.parse import parse_qs, urlencode

from index.errors import QuestionError
from index.scope import days
from index.text.clean import one_to_one
from qa.conflicts.independence import Copies
from qa.conflicts.rulings import Ruling, Standing
from qa.language.names import names_in
from qa.language.terms import FUNCTION_WORDS, stem
from qa.records import AnswerEvent, ConflictKind, ConflictTier
from qa.survey.disagreement import Account, Disagreement
from qa.survey.points import Point, points_of
from qa.survey.sources import SourceNames

NAMES_SHOWN = 10
NAMED_LEAST = 2  # disagreements that hold a name, for it to be a choice
MOST_CHARS = 300  # of a filter; a link is typed by anyone
_LINK_CHARS = 10_000
_OTHERWISE_NAMED = {"since": "from", "until": "to", "ruled": "rulings", "of": "article"}  # in a link

_WORD = re.compile(r"\w+(?:['’.-]\w+)*")

Rulings = Mapping[str, Ruling]
"""By the key of a disagreement, what was ruled on it last."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which to show; "" lets all through.

    `topic` are words that all have to stand in the statements or titles. `source` and `against` are names
    as `SourceNames` gives them. `since` and `until` are ISO dates of any precision, both included, between
    which a statement was published. `ruled` is "open" or "ruled". `of` is the id of an article that has to
    take part.
    """

    topic: str = ""
    kind: str = ""
    source: str = ""
    against: str = ""
    since: str = ""
    until: str = ""
    ruled: str = ""
    of: str = ""

    @classmethod
    def from_fields(cls, *values: str | None) -> "Wanted":
        """From what the page's fields hold, in this order; a field that was never touched may hold None."""
        return cls(*((value or "").strip()[:MOST_CHARS] for value in values))

    def with_changes(self, told: object) -> "Wanted":
        """With what a button tells: a JSON object of fields and their values; the same for anything else."""
        try:
            changes = json.loads(told) if isinstance(told, str) else None
        except (ValueError, RecursionError):
            changes = None
        if not isinstance(changes, dict):
            return self
        known = {one.name for one in fields(self)}
        fitting = {
            name: value[:MOST_CHARS]
            for name, value in changes.items()
            if name in known and isinstance(value, str)
        }
        return replace(self, **fitting)

    def active(self) -> dict[str, str]:
        """The filters that are set, by their field."""
        return {name: value for name, value in asdict(self).items() if value}

    def with_whole_days(self) -> "Wanted":
        """With its dates as days, as fields for dates hold them: since a first one, until a last one."""
        since, until = days(self.since), days(self.until)
        return replace(self, since=since[0] if since else self.since, until=until[1] if until else self.until)

    def without(self, *names: str) -> "Wanted":
        """As if these fields were empty."""
        return replace(self, **dict.fromkeys(names, ""))


def to_query(wanted: Wanted) -> str:
    """The part of the page's address after the question mark; "" where all are shown."""
    return urlencode({_OTHERWISE_NAMED.get(name, name): value for name, value in wanted.active().items()})


def from_query(query: str) -> Wanted:
    """What an address asks for, with or without its question mark; what it cannot mean is left out."""
    try:
        held = parse_qs(query[:_LINK_CHARS].removeprefix("?"), errors="replace", max_num_fields=40)
    except ValueError:
        return Wanted()
    first = {name: values[0] for name, values in held.items()}
    found = Wanted.from_fields(
        *(first.get(_OTHERWISE_NAMED.get(one.name, one.name)) for one in fields(Wanted))
    )
    kind = found.kind if found.kind in get_args(ConflictKind) else ""
    ruled = found.ruled if found.ruled in ("open", "ruled") else ""
    return replace(found, kind=kind, ruled=ruled)


def key_of(one: Disagreement) -> str:
    """What the page calls a disagreement: of its kind and its first statements, so the same next time."""
    places = [(side.citations[0].article_id, side.citations[0].start) for side in (one.one, one.other)]
    return hashlib.sha256(repr((one.kind, one.one.value, one.other.value, places)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class DisagreementEntry:
    """A disagreement with what it is filtered by: each side's sources, stems, days, and names as written.

    `published` are the dates of its statements as stated, `days` the first and last day of each.
    """

    disagreement: Disagreement
    key: str
    sides: tuple[frozenset[str], frozenset[str]]
    stems: frozenset[str]
    published: frozenset[str]
    days: frozenset[tuple[str, str]]
    names: frozenset[str]

    @property
    def sources(self) -> frozenset[str]:
        """Those of both sides."""
        return self.sides[0] | self.sides[1]


@dataclass(frozen=True, slots=True)
class PointEntry:
    """A point at issue, with the entries of its disagreements; `key` is what the page calls it."""

    point: Point
    key: str
    entries: tuple[DisagreementEntry, ...]

    @property
    def sources(self) -> frozenset[str]:
        """All that take part."""
        return frozenset[str]().union(*(one.sources for one in self.entries))

    @property
    def published(self) -> frozenset[str]:
        """The dates of its statements as stated."""
        return frozenset[str]().union(*(one.published for one in self.entries))

    @property
    def names(self) -> frozenset[str]:
        """Those in its statements, as written."""
        return frozenset[str]().union(*(one.names for one in self.entries))

    def standing(self, rulings: Rulings) -> tuple[DisagreementEntry, ...]:
        """Those that nobody ruled none, surest first."""
        return tuple(one for one in self.entries if not is_ruled_out(one, rulings))

    def tier(self, rulings: Rulings) -> ConflictTier:
        """That of the surest which stands; of the surest where none does."""
        return (self.standing(rulings) or self.entries)[0].disagreement.tier


def is_ruled_out(one: DisagreementEntry, rulings: Rulings) -> bool:
    """Whether people ruled it none."""
    ruling = rulings.get(one.key)
    return ruling is not None and ruling.verdict == "no conflict"


def entry_of(one: Disagreement, names: SourceNames) -> DisagreementEntry:
    """What a disagreement is filtered by."""
    statements = one.conflict.statements
    sentences = {said.sentence for said in statements}
    texts = sentences | {said.title or "" for said in statements}
    dates = frozenset(said.published for said in statements if said.published and days(said.published))
    return DisagreementEntry(
        one,
        key_of(one),
        (_sources(one.one, names), _sources(one.other, names)),
        frozenset(stem(part) for text in texts for part in _words(text)),
        dates,
        frozenset(covered for date in dates if (covered := days(date)) is not None),
        frozenset(name for sentence in sentences for name in names_in(sentence)),
    )


class Entries:
    """All that a survey found, surest first, by the points at issue, and what of it is wanted."""

    def __init__(
        self, found: Iterable[Disagreement], events: Sequence[AnswerEvent] = (), copies: Copies = ()
    ) -> None:
        every = tuple(found)
        self.source_names = SourceNames((cited for one in every for cited in one.conflict.statements), copies)
        self.all = tuple(entry_of(one, self.source_names) for one in every)
        self.copies = copies
        entry_by = {id(one.disagreement): one for one in self.all}
        self.points = tuple(
            _point_entry(point, [entry_by[id(one)] for one in point.disagreements])
            for point in points_of(every, events, copies)
        )
        self._stems: frozenset[str] = frozenset().union(*(one.stems for one in self.all))

    def rulings(self, standing: Standing) -> Rulings:
        """What was ruled on each, where anything was."""
        ruled = {one.key: standing.of(one.disagreement.conflict) for one in self.all}
        return {key: ruling for key, ruling in ruled.items() if ruling is not None}

    def select(self, wanted: Wanted, rulings: Rulings, kept: str = "") -> tuple[PointEntry, ...]:
        """The points of which a disagreement is wanted, and the one of the key `kept`, or of a part of it.

        QuestionError for a date that is none.
        """
        holds = self._predicate(wanted, rulings)
        return tuple(
            one
            for one in self.points
            if one.key == kept or any(each.key == kept or holds(each) for each in one.entries)
        )

    def count(self, wanted: Wanted, rulings: Rulings) -> tuple[PointEntry, ...]:
        """As `select`, without those ruled none, unless what is ruled is asked for: these are counted."""
        found = self.select(wanted, rulings)
        return found if wanted.ruled == "ruled" else tuple(one for one in found if one.standing(rulings))

    def opposed(self, one: PointEntry, wanted: Wanted, rulings: Rulings) -> frozenset[tuple[str, str]]:
        """Who is against whom on a point, of the disagreements in it that `count` goes by."""
        holds = self._predicate(wanted, rulings)
        return frozenset(
            pair
            for each in one.entries
            if holds(each) and (wanted.ruled == "ruled" or not is_ruled_out(each, rulings))
            for pair in self.source_names.opposed(each.disagreement)
        )

    def sources(self) -> list[tuple[str, int]]:
        """Each source and on how many points it takes part, most first."""
        return _rank(name for one in self.points for name in one.sources)

    def topics(self, wanted: Wanted, rulings: Rulings) -> list[tuple[str, int]]:
        """The names most often in those wanted, whatever the topic, and how many each as the topic leaves."""
        apart = wanted.without("topic")
        held = self.count(apart, rulings)
        often = _rank(name for one in held for name in one.names)
        chosen = [name for name, many in often if many >= NAMED_LEAST][:NAMES_SHOWN]
        return [(name, len(self.count(replace(apart, topic=name), rulings))) for name in chosen]

    def _predicate(self, wanted: Wanted, rulings: Rulings) -> Callable[[DisagreementEntry], bool]:
        since, until = (_limit(value, end) for end, value in enumerate((wanted.since, wanted.until)))
        asked = [self._stems_meant(word) for word in _words(wanted.topic)]
        return partial(_holds, wanted, rulings, asked, since, until)

    def _stems_meant(self, word: str) -> frozenset[str]:
        """The stems that a word of the topic stands for: its own; where nothing has it, those it begins."""
        own = stem(word)
        if own in self._stems:
            return frozenset({own})
        return frozenset(one for one in self._stems if one.startswith((own, word.lower())))


def _holds(  # noqa: PLR0917  # all but the entry are bound once
    wanted: Wanted,
    rulings: Rulings,
    asked: Sequence[frozenset[str]],
    since: str,
    until: str,
    one: DisagreementEntry,
) -> bool:
    if wanted.kind and one.disagreement.kind != wanted.kind:
        return False
    if wanted.ruled and (wanted.ruled == "ruled") != (one.key in rulings):
        return False
    if not all(meant & one.stems for meant in asked) or not _takes_part(wanted.of, one.disagreement):
        return False
    if (since or until) and not any(
        (not since or last >= since) and (not until or first <= until) for first, last in one.days
    ):
        return False
    if wanted.source and wanted.against:
        mine, theirs = one.sides
        return (wanted.source in mine and wanted.against in theirs) or (
            wanted.against in mine and wanted.source in theirs
        )
    return not (wanted.source or wanted.against) or bool({wanted.source, wanted.against} & one.sources)


def _takes_part(article_id: str, one: Disagreement) -> bool:
    """Whether an article states one side of it; "" for any."""
    return not article_id or any(said.article_id == article_id for said in one.conflict.statements)


def _limit(value: str, end: int) -> str:
    """The first day (0) or the last one (1) of a date; "" for none. QuestionError for what is no date."""
    covered = days(value)
    if value and covered is None:
        raise QuestionError(f"“{value}” is no date: write 2026, 2026-07 or 2026-07-03")
    return covered[end] if covered else ""


def _point_entry(point: Point, entries: Sequence[DisagreementEntry]) -> PointEntry:
    return PointEntry(point, f"point-{entries[0].key}", tuple(entries))


def _sources(account: Account, names: SourceNames) -> frozenset[str]:
    """By their own names, and by the one that near-copies have together."""
    return frozenset(name for one in account.citations for name in (names.name(one), names.folded(one)))


def _rank(names: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(names).items(), key=lambda item: (-item[1], item[0]))


def _words(text: str) -> list[str]:
    """Content words; those with hyphens in parts, too."""
    found = [word for match in _WORD.findall(one_to_one(text)) for word in {match, *match.split("-")}]
    return [word for word in found if word and word.lower() not in FUNCTION_WORDS]
