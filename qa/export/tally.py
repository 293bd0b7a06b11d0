"""How sources stand to each other in words, the same on every surface: tally, tiers, what was compared.

Source texts stand in it as they are: each surface escapes them in its own way.
"""

from qa.conflicts.tally import Relation, Tally
from qa.export.text import (
    ELSE,
    TIERS,
    comparison_text,
    count,
    limits,
    no_disagreement_text,
)
from qa.records import Answer, Citation, Conflict, Polarity, Position

# What one source, and what several, do to a yes/no question.
VERDICTS: dict[Polarity | None, tuple[str, str]] = {
    "yes": ("says yes", "say yes"),
    "no": ("says no", "say no"),
    "open": ("leaves it open", "leave it open"),
    None: ("gives no clear answer", "give no clear answer"),
}
ELSEWHERE = "elsewhere in the article"
UPDATE = "Perhaps an update"
RELATIONS: dict[Relation, str] = {
    "alone": "", "same": "", "else": ELSE, "update": UPDATE,
    "may_disagree": TIERS["may_disagree"], "disagree": TIERS["disagree"],
}  # fmt: skip
MOST_VALUES = 6  # told in one line
VALUE_CHARS = 60  # a longer quote is no value, but a statement


def tally_text(tally: Tally) -> str:
    """Who says what in one line, with the number of independent sources; "" where one source is all.

    "3 say yes · 1 says no", "7 dead (2), 11 (1)", "All 4 say June 24, 2026", "3 statements from 4 sources".
    """
    counted = [one for one in tally.stands if one.independent_sources]
    if tally.relation == "alone" or not counted:
        return ""
    if any(one.polarity is not None for one in counted):
        return _verdicts_text(counted)
    stands = tally.stands  # a value that an article gives beside another one is told, too
    if len(stands) == 1:
        every = "Both" if counted[0].independent_sources == 2 else f"All {counted[0].independent_sources:,}"
        return f"{every} say {counted[0].text}" if is_value(counted[0]) else f"{every} say the same"
    if all(map(is_value, stands)) and len(stands) <= MOST_VALUES:
        return ", ".join(f"{one.text} ({max(1, one.independent_sources):,})" for one in stands)
    return f"{count(len(stands), 'statement')} from {count(tally.sources, 'source')}"


def headline_text(tally: Tally) -> str:
    """The tier and the tally: "They disagree: 7 dead (2), 11 (1)"; of one source ""."""
    return ": ".join(part for part in (RELATIONS[tally.relation], tally_text(tally)) if part)


def is_value(position: Position) -> bool:
    """Whether what it says is told in few words, and no whole sentence."""
    first = position.citations[0]
    return first.quote != first.sentence and len(position.text) <= VALUE_CHARS


def lead_of(stand: Position) -> Citation:
    """Whose words stand for a position: the surest value; of sentences the shortest that says it itself."""
    if is_value(stand):
        return stand.citations[0]
    return min(stand.citations, key=lambda one: (one.elsewhere, len(one.quote)))


def stand_title(stand: Position, tally: Tally) -> str:
    """What stands above a position: its verdict, its value, or that it is something else; "" for none.

    Of what a conflict is told of, that tells how it stands to others.
    """
    if any(one.polarity is not None for one in tally.stands):
        return verdict_text(
            stand.polarity, elsewhere=lead_of(stand).elsewhere, several=len(stand.citations) > 1
        )
    if is_value(stand):
        return stand.text
    return else_text(stand) if is_beside(stand, tally) else ""


def is_beside(stand: Position, tally: Tally) -> bool:
    """Whether it is not the first, and no conflict is told of it."""
    opposed = {one for conflict in tally.conflicts for one in conflict.statements}
    return stand is not tally.stands[0] and opposed.isdisjoint(stand.citations)


def verdict_text(polarity: Polarity | None, *, elsewhere: bool = False, several: bool = False) -> str:
    """What is said to a yes/no question: "Says no", "Say yes", "Says no, elsewhere in the article"."""
    told = VERDICTS[polarity][several]
    mark = f", {ELSEWHERE}" if elsewhere and polarity is not None else ""
    return told[:1].upper() + told[1:] + mark


def else_text(position: Position) -> str:
    """That a position is neither the same as another nor judged to contradict it."""
    return "Says something else" if len(position.citations) == 1 else "Say something else"


def against_text(conflict: Conflict) -> str:
    """The tier of a conflict, or that it may be an update."""
    return UPDATE if conflict.possible_update else TIERS[conflict.tier]


def compared_text(answer: Answer, tally: Tally) -> tuple[str, str]:
    """What was compared, and all that is to be known of it; neither reassures.

    The first without a full stop: that nothing which is shown differs, only where all of it is one position
    of several sources.
    """
    check = answer.conflict_check
    if not tally.stands:
        told = answer.overview
        return no_disagreement_text(check, told.sections[0].heading if told and told.sections else "")
    if not check.pairs:
        return no_disagreement_text(check)
    none = "; none of those shown differ" if tally.relation == "same" else ""
    return f"{comparison_text(check)}{none}", _rest(answer, tally)


def _rest(answer: Answer, tally: Tally) -> str:
    """What of the sources compared is not quoted, and what was not compared; "" for neither."""
    check = answer.conflict_check
    quoted = {one.article_id for position in tally.stands for one in position.citations}
    repeated = sum(len(quoted.intersection(group)) - 1 for group in answer.copies if quoted & {*group})
    left = check.sources - (len(quoted) - repeated)
    told = f"{left:,} of these sources {'is' if left == 1 else 'are'} not quoted." if left > 0 else ""
    return f"{told} {limits(check)}".strip()


def _verdicts_text(stands: list[Position]) -> str:
    """ "3 say yes · 1 says no"; "All 3 say yes" where nobody says anything else."""
    parts = []
    for polarity, (one, several) in VERDICTS.items():
        number = sum(each.independent_sources for each in stands if each.polarity == polarity)
        if number and number == sum(each.independent_sources for each in stands):
            return f"{'Both' if number == 2 else f'All {number:,}'} {several}"
        if number:
            parts.append(f"{number:,} {one if number == 1 else several}")
    return " · ".join(parts)
