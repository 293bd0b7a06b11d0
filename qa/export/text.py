"""Quotes, conflicts, outcomes and article lists as plain text for a terminal; `answer` prints an answer."""

import shutil
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Protocol

from index.names import shortened, source_name, split_address
from index.records import Article, Listed, Listing, Outcome
from index.refusals import Refusal
from index.sources.opening import Suggestion
from qa.conflicts.engine import shorten_quote
from qa.conflicts.independence import Copies, shared_outlets, with_copies
from qa.records import (
    Answer,
    Citation,
    Conflict,
    ConflictCheck,
    ConflictTier,
    Coverage,
    Overview,
    Polarity,
    Position,
    Section,
    Timeline,
    TimelineEntry,
    TimeMark,
)
from qa.survey.estimate import Estimate
from qa.survey.points import Point
from qa.survey.survey import Survey

# The first two of the three steps in which an answer says how sure it is; `nothing_found` is the third.
# Source: Unicode Standard Annex 9, the explicit embeddings, overrides and isolates, and their ends.
_TURNING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
_LINE_CHARS = 80  # of a line that something is read from

ONE_SOURCE = "One source answers"
CLOSEST = "Closest statements, not sure"

STANCES: dict[Polarity, str] = {"yes": "Says yes", "no": "Says no", "open": "Leaves it open"}

# How two statements stand to each other: the tiers of a conflict, and what is none.
TIERS: dict[ConflictTier, str] = {"disagree": "They disagree", "may_disagree": "They may disagree"}
ELSE = "They say something else"

# In a timeline. That something is an update is never sure.
MARKS: dict[TimeMark, str] = {"": "", "latest": "latest", "superseded": "perhaps superseded"}


class Source(Protocol):
    """What says who speaks: a citation, an article, or a listed one."""

    @property
    def uri(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def publisher(self) -> str | None: ...


def source_of(one: Source) -> str:
    """Who speaks, wherever sources are named or counted; see `source_name`."""
    return source_name(one.publisher, one.uri)


def article_beside(one: Source) -> str:
    """What the article is called, to stand beside `source_of`; "" where that says it, as of a file."""
    file = "" if one.publisher else PurePosixPath(split_address(one.uri).path).name
    return "" if one.name in (source_of(one), file) else one.name


def survey_text(found: Survey) -> str:
    """What the articles of a library disagree on, point by point, or what was compared to find nothing."""
    points, check = found.points, found.check
    asked = asked_text(found, "`whosays conflicts --ask`")
    end = ["", asked] if asked else []
    if not points:
        return "\n".join([*conflict_lines((), check, no_disagreement_text(check)), *end])
    pairs = f"{count(check.pairs, 'pair')} of statements from {count(check.sources, 'source')}"
    lines = [f"Conflicts: {len(points)}, in {pairs}. {limits(check)}".rstrip()]
    for event, some in groupby(points, lambda one: one.event):
        lines += ["", printable(event.name)] if event else []
        for point in some:
            lines += ["", *_point(point, found.copies)]
    return "\n".join([*lines, *end])


def asked_text(found: Survey, way: str) -> str:
    """About how many statements a question was asked, and `way`, which asks about the others.

    "" where nothing was compared.
    """
    every = found.asked + found.unasked
    if found.check.status == "not_checked" or not every:
        return ""
    if not found.unasked:
        return f"A question was asked about each of {count(every, 'statement')}."
    if not found.asked:
        return (
            f"{way} also asks a question about each of {count(every, 'statement')} and may find more. "
            "It takes a second or more for each."
        )
    return f"A question was asked about {found.asked:,} of {count(every, 'statement')}. {way} goes on."


def estimate_text(ahead: Estimate) -> str:
    """A line before a comparison that takes a minute or more, else nothing."""
    minutes = round(ahead.seconds / 60)
    if not minutes:
        return ""
    time = f"{minutes:,} minutes" if minutes < 120 else f"{round(minutes / 60):,} hours"
    about = "a minute" if minutes == 1 else time
    return (
        f"{ahead.articles:,} articles have not been compared before: about {about}."
        " It can be stopped at any time; the same command continues.\n"
    )


def stance(position: Position) -> str:
    """What a position says to a yes/no question: "Says no"; "" where no verdict is sure enough."""
    return "" if position.polarity is None else STANCES[position.polarity]


def scope_text(coverage: Coverage) -> str:
    """What was read: "12 passages from 5 of 298 articles"; "" where that is not known."""
    if not coverage.passages_read:
        return ""
    of = f"{coverage.articles_read:,} of " if coverage.articles_read < coverage.articles else ""
    articles = max(coverage.articles, coverage.articles_read)
    return f"{count(coverage.passages_read, 'passage')} from {of}{count(articles, 'article')}"


def narrowing_text(coverage: Coverage, titles: Sequence[str] = ()) -> str:
    """To what a question was narrowed: "3 of 298 articles: Reuters; from 2026-07"; "" for a whole library.

    `titles` are those of the articles that were chosen, as far as they are known.
    """
    if not coverage.narrowed:
        return ""
    chosen = list(titles) or (
        [count(len(coverage.article_ids), "chosen article")] if coverage.article_ids else []
    )
    parts = [
        ", ".join(coverage.publishers),
        f"from {coverage.since}" if coverage.since else "",
        f"until {coverage.until}" if coverage.until else "",
        ", ".join(chosen),
        undated_text(coverage),
    ]
    of = count(max(coverage.library_articles, coverage.articles), "article")
    return f"{coverage.articles:,} of {of}: {'; '.join(part for part in parts if part)}"


def undated_text(coverage: Coverage) -> str:
    """How many articles the dates left out unread: "4 undated ones left out"; "" for none."""
    return left_out_text(coverage.undated)


def left_out_text(undated: int) -> str:
    """ "4 undated ones left out"; "" for none."""
    return f"{undated:,} undated {'one' if undated == 1 else 'ones'} left out" if undated else ""


def timeline_text(timeline: Timeline) -> str:
    """A line a statement, oldest first: day, who, what, its mark; then how many state no date."""
    if not timeline.entries:
        return "In order of time: nothing that is quoted states a date."
    width = max(len(entry.day) for entry in timeline.entries)
    lines = [
        printable(f"  {entry.day:{width}}  {entry_text(entry)}{_beside(MARKS[entry.mark])}")
        for entry in timeline.entries
    ]
    rest = undated_sources(timeline)
    return "\n".join(["In order of time:", "", *lines, *([f"  {rest}"] if rest else [])])


def entry_text(entry: TimelineEntry) -> str:
    """Who says what: "Morning Post: “It carried 40 people.”", a long sentence in its first words."""
    citation = entry.citation
    return f"{citation.publisher or citation.name}: {shorten_quote(citation.sentence)}"


def order_text(answer: Answer) -> str:
    """In which order the sources stand, in a sentence; "" where the surest come first."""
    if answer.order == "best":
        return ""
    many = answer.timeline.undated
    rest = (
        f"; {count(many, 'statement')} without a date {'comes' if many == 1 else 'come'} last" if many else ""
    )
    return f"Sources in order of time, the {answer.order} first{rest}."


def undated_sources(timeline: Timeline) -> str:
    """How many statements a timeline leaves out, in a sentence; "" for none."""
    many = timeline.undated
    return (
        f"{count(many, 'statement')} without a date {'is' if many == 1 else 'are'} left out." if many else ""
    )


def nothing_found(coverage: Coverage) -> str:
    """The third of the three steps, in a sentence."""
    if not coverage.passages_read:
        return "I found nothing: there was no article to read."
    passages, articles = count(coverage.passages_read, "passage"), count(coverage.articles, "article")
    return f"I found nothing in the {passages} read of {articles}."


def section_heading(overview: Overview, section: Section) -> str:
    """What a section of an overview holds, in words; of a comparison only what it is of."""
    if overview.sort == "disagreements":
        return f"What the articles disagree about: {section.heading}".removesuffix(": ")
    if overview.sort in ("comparison", "outlets"):
        return section.heading
    number = len(section.citations)
    many = count(number, "central sentence")
    return f"{many} about {section.heading}" if section.heading else f"{many} from the articles"


def nothing_near(section: Section) -> str:
    """That no article says anything of one side of a comparison."""
    return f"I found nothing about {section.heading}."


def comparison_text(check: ConflictCheck) -> str:
    """How much: "Compared 6 pairs of statements from 4 sources"."""
    return f"Compared {count(check.pairs, 'pair')} of statements from {count(check.sources, 'source')}"


def no_disagreement_text(check: ConflictCheck, topic: str = "") -> tuple[str, str]:
    """The same of a whole library, or of what is said of a topic there."""
    if not check.pairs:
        return f"{comparison_text(check)}: there was nothing to compare", limits(check)
    none = "no others" if check.ruled_out else "none"
    about = f" about {topic}" if topic else ""
    return f"{comparison_text(check)}; {none}{about} judged to contradict each other", limits(check)


def limits(check: ConflictCheck) -> str:
    """That not all was compared, and how many conflicts rulings leave out; "" for neither."""
    told = [f"Only {check.reason}."] if check.reason else []
    verb = "is" if check.ruled_out == 1 else "are"
    ruled = [f"{check.ruled_out:,} ruled no conflict {verb} left out."] if check.ruled_out else []
    return " ".join(told + ruled)


def also_in_text(copies: Sequence[Citation]) -> str:
    """Which near-copies hold it too: "Also in 2 near-copies: Valley Post, Harbour Gazette"; "" for none."""
    names = ", ".join(one.publisher or one.name for one in copies)
    return f"Also in {count(len(copies), 'near-copy', 'near-copies')}: {names}" if copies else ""


def leaning_texts(position: Position) -> list[str]:
    """Which sources go back to one outlet, a sentence each: "2 of these sources cite The Information."."""
    return [
        f"{one.citing:,} of these sources {'cites' if one.citing == 1 else 'cite'} {printable(one.name)}."
        for one in shared_outlets(position)
    ]


def outcome_text(outcome: Outcome) -> str:
    """One line on what became of one input."""
    reason = f": {outcome.reason}" if outcome.reason else ""
    return printable(f"{outcome.status:9}  {outcome.source}{reason}")


def lacking_text(number: int) -> str:
    """Of how many that were added something is not known, and how to take what their texts suggest."""
    return (
        f"of {number:,} of these the title, the publisher or the date is not known: `whosays list --missing` "
        "shows what the texts suggest, `whosays set --suggested` takes it over"
    )


def refusals_text(found: Sequence[Refusal]) -> str:
    """A line on each input that was not added: when, which, why."""
    lines = [printable(f"{one.refused:25}  {one.source}: {one.reason}") for one in found]
    return "\n".join(lines) if lines else "nothing was refused"


def quoted_name(citation: Citation) -> str:
    """`article_beside` in quotation marks; a name made of first words has them."""
    name = article_beside(citation)
    return f"“{name}”" if name and (citation.title or not name.startswith("“")) else name


def article_text(article: Article | Listed) -> str:
    """One line on an article: id, date, publisher, name, and what people set of these."""
    published = article.published or "undated"
    line = f"{article.id}  {published:10}  {article.publisher or '-'}  {article.name}"
    edited = ", ".join(name for name, _ in article.edited)
    return printable(f"{line}  (set by hand: {edited})" if edited else line)


def listing_text(
    found: Listing, first: int, suggested: Mapping[str, Sequence[Suggestion]] = MappingProxyType({})
) -> str:
    """One line an article, and which they are where there are more; `first` were left out before them.

    Below an article stands what its text suggests, by id, each value with the line that it is read from.
    """
    lines = [
        line for one in found.articles for line in (article_text(one), *_suggested(suggested.get(one.id, ())))
    ]
    if not found.total:
        return "no articles"
    end = first + len(found.articles)
    if len(found.articles) < found.total:
        told = f"{first + 1:,} to {end:,}" if lines else "none"
        after = f"; go on with --first {end}" if lines and end < found.total else ""
        lines.append(f"{told} of {count(found.total, 'article')}{after}")
    return "\n".join(lines)


def _suggested(found: Sequence[Suggestion]) -> Iterator[str]:
    for one in found:
        line = "" if one.line in {"", one.value} else f'  in "{shortened(one.line, _LINE_CHARS)}"'
        yield printable(f"    perhaps {one.field}: {one.value}{line}")


def conflict_lines(
    conflicts: Sequence[Conflict], check: ConflictCheck, otherwise: tuple[str, str], copies: Copies = ()
) -> list[str]:
    """The conflicts, or what holds `otherwise`."""
    if check.status == "not_checked":
        return [f"Conflicts: not checked, because {check.reason}."]
    if not conflicts:
        return [printable(". ".join(otherwise).rstrip())]
    pairs = f"{count(check.pairs, 'pair')} of statements from {count(check.sources, 'source')}"
    lines = [f"Conflicts: {len(conflicts)}, in {pairs}. {limits(check)}".rstrip()]
    for conflict in conflicts:
        lines += ["", *_conflict(conflict, copies)]
    return lines


def _conflict(conflict: Conflict, copies: Copies) -> Iterable[str]:
    later = " (possibly an update: the later report may describe a newer situation)"
    update = later if conflict.possible_update else ""
    yield f"  {TIERS[conflict.tier]}, {conflict.kind}: {printable(conflict.explanation)}{update}"
    for number, side in enumerate(conflict.by_side()):
        if number:
            yield "    against"
        for statement, others in with_copies(side, copies):
            yield from (f"  {line}" for line in quote_lines(statement.sentence))
            yield from (f"  {line}" for line in source_lines(statement, others))


def _point(point: Point, copies: Copies) -> Iterable[str]:
    """A point at issue: what it is about, then each position with its statements."""
    later = " (possibly an update: the later report may describe a newer situation)"
    update = later if point.possible_update else ""
    yield f"  {TIERS[point.tier]}, {point.kind}: “{printable(point.heading)}”{update}"
    for number, position in enumerate(point.positions):
        if number:
            yield "    against"
        value = f"{printable(position.value)}, " if position.value else ""
        yield f"    {value}{count(position.independent_sources, 'source')}:"
        for statement, others in with_copies(position.citations, copies):
            yield from (f"  {line}" for line in quote_lines(statement.sentence))
            yield from (f"  {line}" for line in source_lines(statement, others))


def quote_lines(text: str) -> list[str]:
    """A quotation, wrapped."""
    width = max(20, min(shutil.get_terminal_size((100, 24)).columns, 110))
    lines = textwrap.wrap(f"“{printable(text)}”", width - 2, initial_indent="  ", subsequent_indent="  ")
    return lines or ["  “”"]


def source_line(citation: Citation) -> str:
    """Who says it, when, and at which characters of the article."""
    place = f"characters {citation.sentence_start}-{citation.sentence_end}"  # of what is printed
    updated = f"updated {citation.updated}" if citation.updated else ""
    source = f"according to {citation.according_to}" if citation.according_to else ""
    who = (article_beside(citation), source_of(citation))
    parts = [*who, citation.published, updated, source, place]
    return "— " + printable(" · ".join(part for part in parts if part))


def source_lines(citation: Citation, copies: Sequence[Citation]) -> list[str]:
    """Where a quote is from, and where it was copied to, or from."""
    also = also_in_text(copies)
    return [f"  {source_line(citation)}", *([f"    {printable(also)}"] if also else [])]


def _beside(mark: str) -> str:
    return f"  ({mark})" if mark else ""


def opponents(conflict: Conflict, date: Callable[[str | None], str] | None = None) -> str:
    """Who is against whom, with the dates where one source stands on both sides; each as `date` writes it.

    "Two articles of Reuters" where the dates do not tell the sides apart either.
    """
    written = date or (lambda published: published or "undated")
    sides = conflict.by_side()
    names = [[shortened(source_of(one)) for one in side] for side in sides]
    if len(set().union(*names)) == sum(len(set(side)) for side in names):
        return " against ".join(map(join_names, names))
    dated = [
        join_names(f"{shortened(source_of(one))} ({written(one.published)})" for one in side)
        for side in sides
    ]
    if len(set(dated)) == len(dated):
        return " against ".join(dated)
    articles = len({one.article_id for one in conflict.statements})
    number = {1: "Two places in one article", 2: "Two articles"}.get(articles, f"{articles:,} articles")
    return f"{number} of {join_names(name for side in names for name in side)}"


def join_names(names: Iterable[str], most: int = 6, name_chars: int | None = None) -> str:
    """ "A, B and C"; after `most` names "and 4 more". With `name_chars` longer names are cut."""
    unique = list(dict.fromkeys(names))
    shown, rest = unique[:most], len(unique) - most
    if name_chars is not None:
        shown = [shortened(one, name_chars) for one in shown]
    last = [f"{rest:,} more"] if rest > 0 else shown[-1:] if len(shown) > 1 else []
    first = shown if rest > 0 or len(shown) == 1 else shown[:-1]
    return " and ".join([", ".join(first), *last]) if first else ""


def count(number: int, noun: str, many: str = "") -> str:
    """ "1 article", "3 articles"; `many` where an s is not enough."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def printable(text: str) -> str:
    """What can stand on a line of a terminal: control characters as spaces, turning marks as in JSON.

    Joiners, soft hyphens and direction marks are letters of the text and stay. What turns the reading order
    of all that follows, our own words included, is shown as `\\u202e`.
    """
    if text.isprintable():  # most is, and a list can be long
        return text
    return "".join(map(_printable, text))


def _printable(letter: str) -> str:
    if unicodedata.bidirectional(letter) in _TURNING:
        return f"\\u{ord(letter):04x}"
    return " " if unicodedata.category(letter) == "Cc" else letter
