"""How the sources of an answer stand to each other: every position with all who hold it, and how far apart.

The whole page of an answer, and all that is exported of it, is told from this one value.
"""

from dataclasses import dataclass
from typing import Literal

from qa.conflicts.merging import merge_conflicts, stands_of, surest
from qa.records import Answer, Citation, Conflict, Position

Sentence = tuple[str, int, int]
Relation = Literal["alone", "same", "else", "update", "may_disagree", "disagree"]


@dataclass(frozen=True, slots=True)
class Tally:
    """`stands` are the positions, the answer's first; then statements that only take part in a conflict.

    A position counts by its independent sources. What an article says a second time counts 0: it has been
    counted with what it says first. `conflicts` are merged: each two stands have one at most, and one update.
    `relation` is how far apart the furthest two are: "alone" where one source is all, "same" where all are
    one position, "else" where they say something else and nothing was judged to contradict.
    """

    stands: tuple[Position, ...]
    conflicts: tuple[Conflict, ...]
    relation: Relation

    @property
    def sources(self) -> int:
        """How many independent sources speak."""
        return sum(one.independent_sources for one in self.stands)

    @property
    def differs(self) -> bool:
        """Whether not all that is shown is one position."""
        return self.relation not in {"alone", "same"}


def sentence_of(citation: Citation) -> Sentence:
    """The sentence in its article: two quotes of one sentence are one statement of one source."""
    return citation.article_id, citation.sentence_start, citation.sentence_end


def tally_of(answer: Answer) -> Tally:
    """The tally of what is answered; of anything else one without positions."""
    conflicts = merge_conflicts(answer)
    if answer.status != "answered":
        return Tally((), conflicts, "alone")
    held = stands_of(answer) or (Position(answer.text, answer.citations, len(answer.citations)),)
    stands = (*held, *_beside(answer, held))
    return Tally(stands, conflicts, _relation(answer, stands, conflicts))


def _beside(answer: Answer, held: tuple[Position, ...]) -> list[Position]:
    """What takes part in a conflict and is on no position, each sentence alone."""
    known = {sentence_of(one) for position in held for one in position.citations}
    counted = {one.article_id for position in held for one in position.citations}
    found: list[Position] = []
    for one in (one for conflict in answer.conflicts for one in conflict.statements):
        if sentence_of(one) not in known:
            found.append(Position(one.quote, (one,), int(one.article_id not in counted)))
            known.add(sentence_of(one))
            counted.add(one.article_id)
    return found


def _relation(answer: Answer, stands: tuple[Position, ...], conflicts: tuple[Conflict, ...]) -> Relation:
    """Two verdicts that are both shown and opposed may disagree at least, unless people ruled on them."""
    told = surest(one for one in conflicts if not one.possible_update)
    if told is not None:
        return told
    opposed = {"yes", "no"} <= {one.polarity for one in stands}
    if conflicts:
        return "update"
    if opposed and not answer.conflict_check.ruled_out:
        return "may_disagree"
    if len(stands) > 1:
        return "else"
    return "same" if stands[0].independent_sources > 1 else "alone"
