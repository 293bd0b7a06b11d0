"""An answer as plain text for a terminal: the tally, each position once, then which of them conflict."""

from collections.abc import Iterator

from qa.conflicts.independence import with_copies
from qa.conflicts.tally import Tally, sentence_of, tally_of
from qa.export.lead import lead_text
from qa.export.tally import (
    against_text,
    compared_text,
    headline_text,
    is_value,
    lead_of,
    stand_title,
    verdict_text,
)
from qa.export.text import (
    CLOSEST,
    ONE_SOURCE,
    conflict_lines,
    count,
    leaning_texts,
    limits,
    narrowing_text,
    nothing_found,
    nothing_near,
    order_text,
    printable,
    quote_lines,
    scope_text,
    section_heading,
    source_line,
    source_lines,
)
from qa.records import Answer, Conflict, Coverage, Position

UPDATE_NOTE = " (possibly an update: the later report may describe a newer situation)"


def answer_text(answer: Answer) -> str:
    """How the sources stand and what each says, or the closest statements, or that nothing was found.

    Then which statements conflict, by their numbers; else what was compared. Of an overview its sections.
    """
    tally = tally_of(answer)
    lines = [f"About: {printable(', '.join(answer.about))}", ""] if answer.about else []
    lines += [printable(lead), ""] if (lead := lead_text(answer)) else []
    lines += _narrowing_lines(answer.scope)
    lines += [order, ""] if (order := order_text(answer)) else []
    if answer.status == "answered":
        lines += _answered_lines(answer, tally)
    elif answer.status == "closest":
        lines += _closest_lines(answer)
    elif answer.status == "overview":
        lines += _overview_lines(answer)
    else:
        lines += [nothing_found(answer.scope)]
    further = [line for one in answer.further for line in ("", one.question, "", answer_text(one))]
    return "\n".join([*lines, "", *_conflicts(answer, tally), *further])


def _answered_lines(answer: Answer, tally: Tally) -> list[str]:
    """Each position under its number; the first, the surest, with how surely it is the right quote."""
    lines = [f"{printable(headline_text(tally) or ONE_SOURCE)}:"]
    numbered = len(tally.stands) > 1
    for number, stand in enumerate(tally.stands, 1):
        lines += ["", *_stand_lines(answer, stand, f"{number}. " if numbered else "", tally)]
        if number == 1:
            lines.append(f"  Confidence: {answer.confidence:.0%}")
    return [*lines, *_scope_lines(answer.scope)]


def _stand_lines(answer: Answer, stand: Position, number: str, tally: Tally) -> Iterator[str]:
    first, title = stand.citations[0], printable(stand_title(stand, tally))
    if stand.polarity is None and is_value(stand):
        title += f" (characters {first.start}-{first.end})"
    elif title:
        title += ":"
    if number or title:
        yield f"{number}{title}".rstrip()
    apart = stand.polarity is not None and not lead_of(stand).elsewhere
    quoted: set[str] = set()
    for one, copies in with_copies(stand.citations, answer.copies):
        if one.elsewhere and apart:
            yield f"  {verdict_text(stand.polarity, elsewhere=True)}:"
        if one.sentence not in quoted:
            yield from quote_lines(one.sentence)
        quoted.add(one.sentence)
        yield from source_lines(one, copies)
    yield from (f"  {told}" for told in leaning_texts(stand))


def _closest_lines(answer: Answer) -> list[str]:
    lines = [f"{CLOSEST}:"]
    for one, copies in with_copies(answer.closest, answer.copies):
        lines += ["", *quote_lines(one.sentence), *source_lines(one, copies)]
    return [*lines, *_scope_lines(answer.scope)]


def _overview_lines(answer: Answer) -> list[str]:
    lines: list[str] = []
    told = answer.overview
    assert told is not None
    for section in told.sections:
        lines += [*([""] if lines else []), f"{printable(section_heading(told, section))}:"]
        for one in section.citations:
            lines += ["", *quote_lines(one.sentence), f"  {source_line(one)}"]
        if not section.citations and told.sort != "disagreements":
            lines += ["", f"  {printable(nothing_near(section))}"]
    return [*lines, *_scope_lines(answer.scope)]


def _conflicts(answer: Answer, tally: Tally) -> list[str]:
    """The conflicts between what was numbered; of an overview with both sides; else what was compared."""
    check = answer.conflict_check
    if not tally.stands or check.status == "not_checked" or not tally.conflicts:
        return conflict_lines(tally.conflicts, check, compared_text(answer, tally), answer.copies)
    pairs = f"{count(check.pairs, 'pair')} of statements from {count(check.sources, 'source')}"
    lines = [f"Conflicts: {len(tally.conflicts)}, in {pairs}. {limits(check)}".rstrip(), ""]
    return [*lines, *(_conflict_line(one, tally) for one in tally.conflicts)]


def _conflict_line(conflict: Conflict, tally: Tally) -> str:
    """Tier and kind, and between which positions; the two values where they are few words."""
    place = {sentence_of(one): at for at, stand in enumerate(tally.stands, 1) for one in stand.citations}
    sides = [sorted({place[sentence_of(one)] for one in side}) for side in conflict.by_side()]
    who = " against ".join(" and ".join(map(str, side)) for side in sides)
    values = all(one.quote != one.sentence for one in conflict.statements)
    what = f", {conflict.explanation}" if values or len(tally.stands) == 1 else ""
    update = UPDATE_NOTE if conflict.possible_update else ""
    return f"  {against_text(conflict)}, {conflict.kind}: {who}{printable(what)}{update}"


def _scope_lines(coverage: Coverage) -> list[str]:
    return ["", f"Read: {scope_text(coverage)}."] if coverage.passages_read else []


def _narrowing_lines(coverage: Coverage) -> list[str]:
    return [f"Asked of {printable(narrowing_text(coverage))}.", ""] if coverage.narrowed else []
