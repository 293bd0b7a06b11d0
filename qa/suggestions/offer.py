"""Which candidates are offered: those that the library answers, each asked just as a click asks it.

Source: `python -m eval.bench.suggestions --limit 40`, on stories that nothing was trained on: of 224
candidates 223 were answered, 218 of them with their own statement first; 220 were offered, 2.8 an answer. Of
the 141 different ones, read one by one, 9 were no good English.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from qa.conflicts.merging import surest
from qa.records import Answer, Citation, ConflictTier
from qa.suggestions.candidates import CandidateQuestion, place_of

OFFERED = 3
# So many are asked at most. Source: own choice, for time: `python -m eval.bench.suggestions`.
ASKED = 8

Asker = Callable[[str], Answer]

_ORDER: tuple[ConflictTier | None, ...] = ("disagree", "may_disagree", None)


@dataclass(frozen=True, slots=True)
class Offer:
    """A question that is answered, and how surely its answer shows that articles disagree; None for not.

    `whole`: it is answered by the whole library, where a part of it was asked.
    """

    question: str
    tier: ConflictTier | None = None
    whole: bool = False

    @property
    def disputed(self) -> bool:
        """Whether the articles disagree, or may."""
        return self.tier is not None


def offers(
    candidates: Iterable[CandidateQuestion],
    ask: Asker,
    *,
    shown: Collection[Citation] = (),
    most: int = OFFERED,
    asked: int = ASKED,
) -> list[Offer]:
    """At most `most` of the candidates, of which `asked` are asked; those with sure disagreements first.

    An answer counts that quotes the statement which the question is made of, and begins with none that is
    `shown` already, or by another offer's answer. What `ask` raises ends it.
    """
    known = {place_of(one) for one in shown}
    found: list[Offer] = []
    for candidate in list(candidates)[:asked]:
        answer = ask(candidate.question)
        if not answers(answer, candidate) or (
            answer.overview is None and place_of(answer.citations[0]) in known
        ):
            continue
        known.update(map(place_of, answer.citations[:1]))
        found.append(Offer(candidate.question, surest(answer.conflicts)))
        if len(found) == most:
            break
    return sorted(found, key=lambda one: _ORDER.index(one.tier))


def answers(answer: Answer, candidate: CandidateQuestion) -> bool:
    """Whether what was asked for is told: the very statement, or an overview that holds anything."""
    if candidate.origin is None:
        return answer.status == "overview" and bool(answer.citations or answer.conflicts)
    return answer.status == "answered" and place_of(candidate.origin) in map(place_of, answer.citations)
