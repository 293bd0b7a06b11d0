"""What a clipping says, block by block: the same wherever it is shown, on the page or in a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa.conflicts.independence import with_copies
from qa.conflicts.rulings import Verdict
from qa.export.tally import else_text, verdict_text
from qa.export.text import CLOSEST, TIERS
from qa.notebook.checked import CheckedClipping, QuoteState
from qa.notebook.clippings import ClippingKind, ClippingStatus
from qa.records import Citation, Conflict, ConflictKind, ConflictTier, Position

KINDS: dict[ClippingKind, str] = {
    "quote": "Quote",
    "disagreement": "Disagreement",
    "answer": "Answer",
    "note": "Note",
}
_SAID: dict[ClippingStatus, str] = {
    "": "",
    "answered": "Answer",
    "closest": CLOSEST,
    "overview": "Central statements",
}
_DIFFER: dict[ConflictKind, str] = {
    "number": "different numbers",
    "date": "different dates",
    "name": "different names",
    "polarity": "yes or no",
    "certainty": "different certainty",
}
_RULED: dict[Verdict, str] = {
    "conflict": "ruled a real conflict",
    "no conflict": "ruled no conflict",
    "update": "ruled an update",
    "withdrawn": "",
}


@dataclass(frozen=True, slots=True)
class KeptQuote:
    """A quote, how it stands in the library, and the near-copies that hold it too."""

    citation: Citation
    state: QuoteState
    copies: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class ClippingBlock:
    """Quotes under a heading; of a disagreement, of its `tier`, in two sides, or those against a quote alone.

    `told` is what the disagreement is about, in the two values, or who is against whom.
    """

    heading: str
    sides: tuple[tuple[KeptQuote, ...], ...]
    tier: ConflictTier | None = None
    told: str = ""


def _said(position: Position) -> str:
    """What stands above what others say: their verdict, or that it is something else."""
    if position.polarity is None:
        return else_text(position)
    return verdict_text(position.polarity, several=len(position.citations) > 1)


def title(one: CheckedClipping) -> str:
    """What a clipping is called: its question, or what it is."""
    return one.clipping.question or KINDS[one.clipping.kind]


def blocks(one: CheckedClipping) -> tuple[ClippingBlock, ...]:
    """What was said, then what others say, then who disagrees."""
    clipping = one.clipping
    found = []
    if clipping.statements:
        verdict = verdict_text(clipping.stance) if clipping.stance is not None else ""
        heading = ": ".join(part for part in (_SAID[clipping.status], verdict) if part)
        found.append(ClippingBlock(heading, (_quotes(one, clipping.statements),)))
    # What a disagreement shows anyway is told once, but for a verdict.
    opposed = {said for conflict in clipping.conflicts for said in conflict.statements}
    others = (
        ClippingBlock(_said(position), (_quotes(one, position.citations),))
        for position in clipping.others
        if position.polarity is not None or not opposed.issuperset(position.citations)
    )
    disputed = (
        _disagreement(one, conflict, ruled)
        for conflict, ruled in zip(clipping.conflicts, one.verdicts, strict=True)
    )
    return (*found, *others, *disputed)


def _disagreement(one: CheckedClipping, conflict: Conflict, verdict: Verdict | None) -> ClippingBlock:
    update = "possibly an update" if conflict.possible_update else ""
    ruled = _RULED[verdict] if verdict is not None else ""
    parts = [TIERS[conflict.tier], _DIFFER[conflict.kind], update, ruled]
    told = conflict.by_side()
    if one.clipping.kind == "quote":  # it stands above: of the disagreement the other side is told
        kept = one.clipping.statements[0]
        place = kept.article_id, kept.sentence_start, kept.sentence_end
        others = tuple(side for side in told if all(_sentence(said) != place for said in side))
        told = others or told
    sides = tuple(_quotes(one, side) for side in told)
    whole = all(said.quote == said.sentence for said in conflict.statements)
    heading = ", ".join(part for part in parts if part)
    return ClippingBlock(heading, sides, conflict.tier, "" if whole else conflict.explanation)


def _sentence(one: Citation) -> tuple[str, int, int]:
    return one.article_id, one.sentence_start, one.sentence_end


def _quotes(one: CheckedClipping, citations: Iterable[Citation]) -> tuple[KeptQuote, ...]:
    told: Sequence[Citation] = tuple(citations)
    return tuple(
        KeptQuote(said, one.state(said), tuple(copies))
        for said, copies in with_copies(told, one.clipping.copies)
    )
