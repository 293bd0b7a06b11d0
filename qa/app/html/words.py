"""Plain words for dates, doubt, support and the names of sources; not escaped, that is `render`'s part."""

from collections.abc import Iterable, Mapping, Sequence

from index import names
from index.records import Article
from index.sources.metadata import web_address
from qa.conflicts.independence import shared_outlets
from qa.conflicts.tally import tally_of
from qa.export import text
from qa.export.tally import compared_text, headline_text
from qa.export.text import (
    limits,
    quoted_name,
    scope_text,
    source_of,
)
from qa.records import (
    Answer,
    Citation,
    Conflict,
    ConflictCheck,
    ConflictKind,
    ConflictTier,
    Position,
)

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

KINDS: dict[ConflictKind, str] = {
    "number": "Different numbers",
    "date": "Different dates",
    "name": "Different names",
    "polarity": "Yes or no",
    "certainty": "Different certainty",
}

# From so many hundredths on, the word. There is none for certainty: the figures were calibrated on hundreds
# of cases, and do not tell 99 of 100 from all.
# Source: the IPCC's guidance note on uncertainty (2010), table 1, with its middle step in fewer words.
LIKELIHOOD = ((90, "Very likely"), (66, "Likely"), (33, "As likely as not"), (0, "Unlikely"))

# Of the pairs of a tier so many cannot both be right. Source: `Conflict` in `qa.records`.
OFTEN: dict[ConflictTier, str] = {"disagree": "four in five", "may_disagree": "one in two"}

SPEAKER_CHARS = 40

shortened = names.shortened
join_names = text.join_names


def count(number: int, one: str, many: str = "") -> str:
    """ "1 article", "3 articles"; `many` where an s is not enough."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """A message as a sentence: a capital first, a full stop last."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "…")) else ".")


def date(published: str | None) -> str:
    """ "3 July 2026", "July 2026" or "2026", as exact as stated; "undated"; any other shape as it stands."""
    if published is None:
        return "undated"
    parts = published[:10].split("-")
    if not all(part.isdecimal() for part in parts) or len(parts) > 3:
        return published
    if len(parts) > 1 and not 1 <= int(parts[1]) <= 12:
        return published
    day = [str(int(parts[2]))] if len(parts) == 3 else []
    month = [MONTHS[int(parts[1]) - 1]] if len(parts) > 1 else []
    return " ".join([*day, *month, parts[0]])


def source_facts(source: Article | Citation) -> str:
    """What follows a name: "3 July 2026, updated 5 July 2026"; "no publisher, undated"."""
    return ", ".join([*([] if source.publisher else ["no publisher"]), days(source)])


def days(source: Article | Citation) -> str:
    """When it was published and, where stated, updated: "3 July 2026, updated 5 July 2026"."""
    updated = f", updated {date(source.updated)}" if source.updated else ""
    return date(source.published) + updated


def hundredths(share: float) -> int:
    """A share as it is shown, 0 to 100; never 100 or 0 for what is not certain."""
    rounded = round(share * 100)
    return min(99, max(1, rounded)) if 0 < share < 1 else rounded


def percent(share: float) -> str:
    """As `hundredths` gives it: "87%"."""
    return f"{hundredths(share)}%"


def likelihood(probability: float) -> str:
    """A probability in words: "Very likely". The word goes by the figure that is shown beside it."""
    shown = hundredths(probability)
    return next(word for least, word in LIKELIHOOD if shown >= least)


def confidence(probability: float) -> str:
    """How surely an answer quotes what the question asks for: "Likely the right quote (87%)".

    It says nothing of whether the quote is true.
    """
    return f"{likelihood(probability)} the right quote ({percent(probability)})"


def how_often(tier: ConflictTier, *, update: bool = False) -> str:
    """How often two statements of a tier cannot both be right: "About four in five such pairs disagree".

    Of a possible `update` only that they differ: both may be right, each at its time.
    """
    return f"About {OFTEN[tier]} such pairs {'differ' if update else 'disagree'}"


def speaker(citation: Citation) -> str:
    """Who speaks, in few words: as `source_of`, never by a title, which says nothing of who it is."""
    return shortened(source_of(citation), SPEAKER_CHARS)


def answering_articles(answer: Answer) -> set[str]:
    """The articles that say something on the question."""
    stated = [one for position in answer.positions for one in position.citations]
    against = [one for conflict in answer.conflicts for one in conflict.statements]
    return {citation.article_id for citation in (*answer.citations, *stated, *against)}


def silent_articles(answer: Answer) -> set[str]:
    """The articles of which passages were read, and in which nothing was found; none that was not read."""
    read = {passage.article_id for passage in answer.passages[: answer.scope.passages_read]}
    return read - answering_articles(answer)


def reading_summary(answer: Answer) -> str:
    """What was looked through, and in how much of it an answer was found; "" where that is told already."""
    if not answer.scope.passages_read or answer.status == "unanswered":
        return ""
    read = f"Read: {scope_text(answer.scope)}."
    silent = len(silent_articles(answer)) if answer.status == "answered" else 0
    if not silent:
        return read
    return f"{read} No answer found in {count(silent, 'of these articles', 'of these articles')}."


def _speakers(position: Position) -> set[str]:
    return {citation.article_id for citation in position.citations}


def sources(position: Position) -> str:
    """On how many legs a position stands: "2 independent sources, 1 near-copy not counted"."""
    counted = count(position.independent_sources, "independent source")
    repeating = len(_speakers(position)) - position.independent_sources
    return ", ".join([counted, *_repeating(repeating, [position])])


def _repeating(number: int, positions: Sequence[Position]) -> list[str]:
    """Of `number` articles that are not counted, which cite one outlet; the rest are near-copies."""
    shared = [one for position in positions for one in shared_outlets(position)]
    copies = number - sum(one.sources - 1 for one in shared)
    told = [f"{count(copies, 'near-copy', 'near-copies')} not counted"] if copies > 0 else []
    return told + [f"{one.citing:,} {'cites' if one.citing == 1 else 'cite'} {one.name}" for one in shared]


def check_summary(answer: Answer) -> str:
    """How the sources stand to each other, and what came of comparing them, in one or two sentences."""
    check, tally = answer.conflict_check, tally_of(answer)
    told = headline_text(tally)
    if check.status == "not_checked":
        compared = f"Not checked for conflicts: {check.reason}."
    elif tally.conflicts:
        told = told or disagreements(tally.conflicts)
        compared = limits(check)
    else:
        compared = ". ".join(part for part in compared_text(answer, tally) if part)
    return " ".join(sentence(part) for part in (told, compared) if part)


def update_note(conflict: Conflict, names: Mapping[str, str]) -> str:
    """What a possible update is, in plain words; `names` maps article ids to who speaks."""
    newest = max(conflict.statements, key=lambda one: one.published or "")
    said = [any(one.published == newest.published for one in side) for side in conflict.by_side()]
    if sum(said) > 1:  # what people ruled an update need not have dates that tell which is later
        return "The later report may describe a newer situation. If so, both are right."
    who = shortened(names.get(newest.article_id, newest.publisher or ""))
    by = ", ".join([*([f"by {who}"] if who else []), *([date(newest.published)] if newest.published else [])])
    whose = f" ({by})" if by else ""
    return f"The later report{whose} may describe a newer situation. If so, both are right."


def quotation(citation: Citation) -> str:
    """A quote's sentence with all that one needs to find it again, as plain text of two lines.

    The address only where it is one on the web: where a file lies is nobody else's business.
    """
    place = f"characters {citation.sentence_start}-{citation.sentence_end}"
    if (citation.start, citation.end) != (citation.sentence_start, citation.sentence_end):
        place += f" (the answer {citation.start}-{citation.end})"
    facts = [
        quoted_name(citation),
        source_of(citation),
        date(citation.published),
        web_address(citation.uri),
        place,
    ]
    return f"“{citation.sentence}”\n" + ", ".join(fact for fact in facts if fact)


def disagreements(conflicts: Sequence[Conflict]) -> str:
    """How many there are of either tier."""
    return f"{in_tiers(conflict.tier for conflict in conflicts)} between the articles"


def in_tiers(tiers: Iterable[ConflictTier]) -> str:
    """ "3 disagreements", "1 possible disagreement", "1 disagreement and 2 possible ones"; "" for none."""
    told = list(tiers)
    sure = told.count("disagree")
    possible = len(told) - sure
    if not sure:
        return count(possible, "possible disagreement") if possible else ""
    rest = f" and {count(possible, 'possible one')}" if possible else ""
    return count(sure, "disagreement") + rest


def comparison_summary(check: ConflictCheck) -> str:
    """What stands under the conflicts found."""
    pairs = count(check.pairs, "pair")
    statements = count(check.statements, "statement")
    return f"Compared: {statements} from {count(check.sources, 'source')}, in {pairs}."
