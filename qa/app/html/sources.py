"""The sources of an answer: each sentence that it quotes or compares once, numbered as it is shown."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from index.records import Span
from qa.app.html import words
from qa.conflicts.independence import Copies, with_copies
from qa.conflicts.merging import merge_conflicts
from qa.records import Answer, Citation, Conflict, Polarity, Position

Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """One sentence of one article: `number` counts from 1, `spans` are what is quoted of it.

    `position` is what it says on the question, None of a sentence that was only compared. `own` is the
    answer itself; `same` says what the answer says. `copies` are near-copies that say it too.
    """

    number: int
    citation: Citation
    spans: tuple[Span, ...]
    position: Position | None
    own: bool
    same: bool
    copies: tuple[Citation, ...] = ()

    @property
    def polarity(self) -> Polarity | None:
        """What it surely says to a yes/no question."""
        return self.position.polarity if self.position is not None else None


@dataclass(frozen=True, slots=True)
class Dispute:
    """That a source is on one side of a conflict: the conflict's number, and the sources on the other."""

    number: int
    conflict: Conflict
    against: tuple[SourceSentence, ...]


def place(citation: Citation) -> Place:
    """The sentence in its article: two quotes of one sentence are of one source."""
    return citation.article_id, citation.sentence_start, citation.sentence_end


def sources(answer: Answer) -> tuple[SourceSentence, ...]:
    """All that an answer quotes or compares: the answer, then what conflicts with its position, then others.

    Of the others those that say the same come first, then the positions in their order, then what only
    takes part in a conflict. Asked for by date, all stand in the positions' order.
    """
    own = words.own_position(answer)
    held: dict[Place, list[Citation]] = {}
    takes: dict[Place, Position] = {}
    for citation, position in _statements(answer, own):
        held.setdefault(place(citation), []).append(citation)
        if position is not None:
            takes.setdefault(place(citation), position)
    if not held:
        return ()
    copied = _fold(held, takes, answer.copies)
    first = next(iter(held))
    mine = {place(one) for one in words.own_citations(answer)}
    against = _opponents(answer.conflicts, mine)

    by_date = [place(one) for position in answer.positions for one in position.citations]

    def rank(at: Place) -> int:
        if answer.order != "best":  # asked for by date, as the positions stand
            return by_date.index(at) if at in by_date else len(by_date)
        return 0 if at == first else 1 if at in against else 2 if at in mine else 3

    return tuple(
        SourceSentence(
            number, held[at][0], _spans(held[at]), takes.get(at), at == first, at in mine, copied.get(at, ())
        )
        for number, at in enumerate(sorted(held, key=rank), 1)
    )


def _fold(
    held: dict[Place, list[Citation]], takes: Mapping[Place, Position], copies: Copies
) -> dict[Place, tuple[Citation, ...]]:
    """Takes from `held` what repeats another of its position, and gives it by the place that it repeats."""
    folded: dict[Place, tuple[Citation, ...]] = {}
    for position in dict.fromkeys(takes.values()):
        mine = [held[at][0] for at in held if takes.get(at) is position]
        for one, others in with_copies(mine, copies):
            if others:
                folded[place(one)] = others
    for one in (one for others in folded.values() for one in others):
        del held[place(one)]
    return folded


def disputes(answer: Answer, known: Sequence[SourceSentence]) -> dict[int, list[Dispute]]:
    """The conflicts, as `merge_conflicts` gives them, that each source takes part in, by its number."""
    of = {place(said): one for one in known for said in (one.citation, *one.copies)}
    found: dict[int, list[Dispute]] = {}
    for number, conflict in enumerate(merge_conflicts(answer), 1):
        told = [[of[place(one)] for one in side] for side in conflict.by_side()]
        for source in _unique(chain(*told)):
            own = [source in side for side in told]  # on both, where one sentence contradicts itself
            others = (side for side, mine in zip(told, own, strict=True) if not mine or sum(own) > 1)
            against = tuple(one for one in _unique(chain(*others)) if one != source)
            found.setdefault(source.number, []).append(Dispute(number, conflict, against))
    return found


def _statements(answer: Answer, own: Position | None) -> Iterator[tuple[Citation, Position | None]]:
    for citation in words.own_citations(answer):
        yield citation, own
    for position in answer.positions:
        for citation in position.citations:
            yield citation, position
    for conflict in answer.conflicts:
        for citation in conflict.statements:
            yield citation, None


def _opponents(conflicts: Iterable[Conflict], mine: set[Place]) -> set[Place]:
    """The sentences on the other side of a conflict that one of `mine` takes part in."""
    found: set[Place] = set()
    for conflict in conflicts:
        told = [{place(one) for one in side} for side in conflict.by_side()]
        if any(side & mine for side in told):
            found |= {at for side in told if not side & mine for at in side}
    return found


def _spans(citations: Iterable[Citation]) -> tuple[Span, ...]:
    """The quotes' characters in their sentence, in order; of two that overlap the first."""
    spans: list[Span] = []
    for one in citations:
        span = Span(one.start - one.sentence_start, one.end - one.sentence_start)
        inside = 0 <= span.start < span.end <= len(one.sentence)
        if inside and all(span.end <= other.start or other.end <= span.start for other in spans):
            spans.append(span)
    return tuple(sorted(spans, key=lambda span: span.start))


def _unique(found: Iterable[SourceSentence]) -> tuple[SourceSentence, ...]:
    return tuple(sorted({one.number: one for one in found}.values(), key=lambda one: one.number))
