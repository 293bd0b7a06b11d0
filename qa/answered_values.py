"""The rule for answers: the spans that answer one question, in two sources, hold different amounts or dates.

What two statements share need not be words: the reader found both to answer one question. The rule asks
instead whether anything says that they speak of different things: another name, another time, a part of the
whole, a value that the other statement gives as well.
"""

import calendar
import datetime
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from index.clean import normalise
from qa.answering import clause_at, nouns
from qa.asked import Asked
from qa.claims import Claim, Name, clause_certainty, names_match
from qa.dates import Period
from qa.dates import agree as dates_agree
from qa.dates import comparable as dates_comparable
from qa.quantities import Quantity, comparable
from qa.quantities import agree as quantities_agree
from qa.records import Citation
from qa.rules import Pair, Side, Statement


class Placed(Protocol):
    """A value with its place in the text of its claim."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


# Words that set what a statement is of apart from what was asked, where the question does not use them.
_APART = re.compile(
    r"\b(?:rival|neighbou?ring|nearby|elsewhere|another|alone|semi-?final|women's|men's|youth|junior|"
    r"reserves?|average|own|including|excluding|before tax|after tax|debt|earlier|"
    r"previous\w*|former\w*|normally|usually|capacity|maximum|minimum|"
    r"of those|among|of them|of these|other|second|third|last time|in all|worldwide|forecast|target|record|"
    r"originally|initially|planned|subsidiary|sister|competitor|opponents?|visitors|losing|losers|"
    r"(?:two|three|four|five|six|seven|eight|nine|ten|\d+) years (?:ago|earlier|before)|a year earlier)\b",
    re.I,
)
# After a value so many characters still tell what it is of: "38 hotels in Spain alone".
_NEAR = 28
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ASKS_OF_REPORT = re.compile(r"\b(?:announc|report|publish|say|said|tell|told)", re.I)
_CHANGE = re.compile(
    r"\b(?:r[io]se|risen|fell|fallen|grew|up|down|raised|cut|increased?|lowered|dropped|to)\b", re.I
)


def compare_values(asked: Asked, one: Statement, other: Statement) -> Pair | None:
    """The disagreement of two spans that are amounts or dates, else None."""
    if asked.kind == "date":
        return _dates(asked, one, other)
    return _amounts(asked, one, other)


def differ(asked: Asked, one: Statement, other: Statement) -> bool:
    """Whether both spans are amounts, or both dates, that do not agree: then `compare_values` decides."""
    if asked.kind == "date":
        first, second = _date(asked, one), _date(asked, other)
        return first is not None and second is not None and not dates_agree(first, second)
    mine, theirs = _amount(one), _amount(other)
    if mine is None or theirs is None:
        return False
    return _comparable(mine, theirs) and not quantities_agree(mine, theirs)


def _amounts(asked: Asked, one: Statement, other: Statement) -> Pair | None:
    mine, theirs = _amount(one), _amount(other)
    if mine is None or theirs is None or not _comparable(mine, theirs) or quantities_agree(mine, theirs):
        return None
    if _gives(other.claim, mine) or _gives(one.claim, theirs) or _count_apart(asked, mine, theirs):
        return None
    if not of_one_thing(asked, (one, mine), (other, theirs)):
        return None
    return Pair("number", _side(mine, one), _side(theirs, other))


def _comparable(one: Quantity, other: Quantity) -> bool:
    """Whether two amounts that answer one question can be held against each other; whatever they count."""
    counts = {"count", "people"}
    return comparable(one, other) or {one.dimension, other.dimension} <= counts


def _count_apart(asked: Asked, one: Quantity, other: Quantity) -> bool:
    """Whether they count different things, and one of them not what is asked: "212 hotels", "600 jobs"."""
    counted = {value.noun for value in (one, other) if value.noun}
    return bool(asked.noun) and len(counted) > 1 and not counted <= nouns(asked)


def _gives(claim: Claim, value: Quantity) -> bool:
    """Whether the claim gives the value too: "to 63 from 47"."""
    return any(
        quantities_agree(value, met) if _comparable(value, met) else value.value == met.value
        for met in claim.quantities
    )


def _dates(asked: Asked, one: Statement, other: Statement) -> Pair | None:
    mine, theirs = _date(asked, one), _date(asked, other)
    if mine is None or theirs is None or not dates_comparable(mine, theirs) or dates_agree(mine, theirs):
        return None
    if _tells(other.claim, mine) or _tells(one.claim, theirs):
        return None
    if not of_one_thing(asked, (one, mine), (other, theirs)):
        return None
    return Pair("date", _side(mine, one), _side(theirs, other))


def _tells(claim: Claim, day: Period) -> bool:
    """Whether the claim gives a date that agrees: then the other one may be of something else."""
    return any(dates_agree(day, _bound(met)) for met in claim.dates if met.resolved)


def of_one_thing(asked: Asked, one: tuple[Statement, Placed], other: tuple[Statement, Placed]) -> bool:
    """Whether nothing sets the two answers apart."""
    for statement, value in (one, other):
        if _of_another(asked, statement, value) or not _plain(asked, statement.claim, value):
            return False
        if _other_time(asked, statement.claim, value, statement.citation.published):
            return False
    return not _named_apart(asked, one[0].claim, other[0].claim)


def _of_another(asked: Asked, statement: Statement, value: Placed) -> bool:
    """Whether the statement names others but none whom the question names, or says that it is of another."""
    claim = statement.claim
    told = [
        name
        for name in claim.names
        if not _met(name, claim.source_names) and _first_at(claim, name) < value.start
    ]
    told = told or [name for name in statement.about if not _met(name, claim.source_names)]
    if asked.names and told and not any(_met(name, asked.names) for name in told):
        return True
    cues = {match[0].lower() for match in _APART.finditer(claim.text[: value.end + _NEAR])}
    return any(cue not in asked.text.lower() for cue in cues)


def _first_at(claim: Claim, name: Name) -> int:
    """Where the first of the name's words stands."""
    lower = claim.text.lower()
    return min((place for word in name if (place := lower.find(word)) >= 0), default=len(lower))


def _named_apart(asked: Asked, one: Claim, other: Claim) -> bool:
    """Whether each statement has a name, beside its source, that neither the other nor the question has."""
    mine = [name for name in one.names if not _met(name, (*other.names, *asked.names, *one.source_names))]
    theirs = [name for name in other.names if not _met(name, (*one.names, *asked.names, *other.source_names))]
    return bool(mine and theirs)


def _other_time(asked: Asked, claim: Claim, value: Placed, published: str | None) -> bool:
    """Whether the value is of another year than the question names, or than that of the telling."""
    clause = claim.clauses[clause_at(claim, value.start)]
    times = [day for day in claim.dates if day.resolved and not day.reported and day.start != value.start]
    near = [day for day in times if day.start < clause.end]
    years = {year for day in near for year in _YEAR.findall(day.text)}
    wanted = {int(year) for year in _YEAR.findall(asked.text)} or (
        {int(published[:4])} if published else set()
    )
    return bool(years and wanted and not years & wanted)


def _plain(asked: Asked, claim: Claim, value: Placed) -> bool:
    certainty = clause_certainty(claim, clause_at(claim, value.start), asked=asked.cues)
    return certainty.level in ("fact", "future", "planned", "considered") and not certainty.negated


def _met(name: Name, names: Iterable[Name]) -> bool:
    return any(names_match(name, other) for other in names)


def _amount(statement: Statement) -> Quantity | None:
    place = span_in(statement.citation, statement.claim)
    if place is None:
        return None
    found = [
        value
        for value in statement.claim.quantities
        if value.start < place[1] and place[0] < value.end and not _is_part(statement.claim, value)
    ]
    return found[0] if len(found) == 1 else None


def _is_part(claim: Claim, value: Quantity) -> bool:
    """Whether the amount is a part of another, or what it was before a change."""
    out_of = claim.text[: value.start].endswith("from ") and not _CHANGE.search(claim.text)
    return value.modifier or (value.role == "part" and not out_of)


def _date(asked: Asked, statement: Statement) -> Period | None:
    place = span_in(statement.citation, statement.claim)
    if place is None:
        return None
    found = [day for day in statement.claim.dates if day.start < place[1] and place[0] < day.end]
    if any(day.reported for day in found) and not _ASKS_OF_REPORT.search(asked.text):
        return None
    dated = [day for day in found if any(sign.isdigit() for sign in day.text)]
    chosen = dated or found  # "Saturday, 22 August": the weekday adds nothing
    return _bound(chosen[0]) if len(chosen) == 1 and chosen[0].resolved else None


def _bound(day: Period) -> Period:
    """The day or period itself of "since 2 March" and "until 2029": when a thing begins, or ends.

    "By" leaves the day open, and stays as it is.
    """
    if re.match(r"(?:since|from|as of|starting)\b", day.text, re.I) and day.first is not None:
        return replace(day, last=_end_of(day, day.first))
    if re.match(r"(?:until|till)\b", day.text, re.I) and day.last is not None:
        return replace(day, first=_start_of(day, day.last))
    return day


def _end_of(day: Period, first: datetime.date) -> datetime.date:
    """The last day of the month or year that `first` opens, as far as the phrase names no day."""
    if re.search(r"\b\d{1,2}(?:st|nd|rd|th)?\b", day.text):
        return first
    if re.search(r"[A-Za-z]{3,}", re.sub(r"^\w+", "", day.text)):
        return first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return first.replace(month=12, day=31)


def _start_of(day: Period, last: datetime.date) -> datetime.date:
    """The first day of the month or year that `last` ends, as far as the phrase names no day."""
    if re.search(r"\b\d{1,2}(?:st|nd|rd|th)?\b", day.text):
        return last
    if re.search(r"\b(?:end|close)\b", day.text, re.I):
        return last - datetime.timedelta(days=9)
    if re.search(r"[A-Za-z]{3,}", re.sub(r"^\w+", "", day.text)):
        return last.replace(day=1)
    return last.replace(month=1, day=1)


def span_in(citation: Citation, claim: Claim) -> tuple[int, int] | None:
    """Where the span stands in the claim's text; None for a whole sentence."""
    text = " ".join(normalise(citation.quote).split())
    if citation.quote == citation.sentence or not text:
        return None
    about = citation.start - citation.sentence_start
    places = [match.start() for match in re.finditer(re.escape(text), claim.text)]
    if not places:
        return None
    start = min(places, key=lambda place: abs(place - about))
    return start, start + len(text)


def _side(value: Quantity | Period, statement: Statement) -> Side:
    return Side(value, value.text, (statement.citation,))
