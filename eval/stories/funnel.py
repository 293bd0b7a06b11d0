"""The funnel: what each stage of an answer still holds of what a story's sources say to a question.

A sentence is right as in all figures of stories: it gives what the account that it is from answers (`holds`).
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import asdict, dataclass
from itertools import combinations, product, starmap
from typing import Any

from eval.cases import QUESTION_STAGES, QuestionStages
from eval.stories.records import DISPUTES, Relation, RelationLabel, Story, StoryAnswer
from eval.stories.scoring import Source, holds
from index.records import Hit
from qa.records import Answer, Citation
from qa.stages import Examined

KeyOf = Callable[[Citation], str | None]

SOURCE_STAGES = ("read", "proposed", "best", "shown")
PAIR_STAGES = (*SOURCE_STAGES, "compared", "disputed", "disagree")

FUNNEL = (
    *(f"funnel_question_{stage}" for stage in QUESTION_STAGES),
    *(f"funnel_source_{stage}" for stage in SOURCE_STAGES),
    *(f"funnel_pair_{stage}" for stage in PAIR_STAGES),
)
"""The figures, in the order of the stages."""


@dataclass(frozen=True, slots=True)
class SourceStages:
    """Which stages held what a source, by its letter, answers.

    `read`: its answer lies in a passage that was read. `proposed`: a right sentence of it is among those that
    were judged; `best`: it is the source's likeliest. `shown`: a position quotes it.
    """

    source: str
    read: bool
    proposed: bool
    best: bool
    shown: bool


@dataclass(frozen=True, slots=True)
class PairStages:
    """Which stages held what two sources say that cannot both be right, or of which one is newer.

    The first four are those of both sources at once. `compared`: the two right sentences were held against
    each other; sources may be compared that no position quotes. `disputed`: a conflict of either tier shows
    them on two sides; `disagree`: one of the upper tier does.
    """

    one: str
    other: str
    label: RelationLabel
    read: bool
    proposed: bool
    best: bool
    shown: bool
    compared: bool
    disputed: bool
    disagree: bool


@dataclass(frozen=True, slots=True)
class Funnel:
    """What the stages held of one question, of each source that answers it, and of each pair in dispute.

    `question` is None where no source answers.
    """

    question: QuestionStages | None
    sources: tuple[SourceStages, ...]
    pairs: tuple[PairStages, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries and lists; letters, labels and truth values, no text."""
        plain = asdict(self)
        return {**plain, "sources": list(plain["sources"]), "pairs": list(plain["pairs"])}


def funnel_of(
    story: Story, number: int, examined: Examined | None, answer: Answer, sources: Mapping[str, Source]
) -> Funnel:
    """The stages of question `number`, from 0; `sources` names the account of each article by its id.

    `examined` is None where the question was taken for a request for an overview: it went through no stage.
    """
    question = story.questions[number]
    golds = {Source(story.id, key): gold for key, gold in question.answers.items()}

    def key_of(citation: Citation) -> str | None:
        """The letter of the source whose answer the citation gives."""
        source = sources[citation.article_id]
        gold = golds.get(source)
        return source.key if gold is not None and holds(citation, gold.text) else None

    found = [one.citation for one in examined.found] if examined else []
    bests: dict[str, Citation] = {}
    for one in found:
        bests.setdefault(one.article_id, one)
    proposed, best = {key_of(one) for one in found}, {key_of(one) for one in bests.values()}
    shown = {key_of(one) for position in answer.positions for one in position.citations}
    read = examined.read if examined else ()
    stages = {
        source.key: SourceStages(
            source=source.key,
            # A sentence may give the answer elsewhere than where it is labelled.
            read=source.key in proposed
            or any(sources[hit.article.id] == source and _within(hit, gold) for hit in read),
            proposed=source.key in proposed,
            best=source.key in best,
            shown=source.key in shown,
        )
        for source, gold in sorted(golds.items(), key=lambda each: each[0])
    }
    asked = QuestionStages(
        read=any(one.read for one in stages.values()),
        proposed=any(one.proposed for one in stages.values()),
        first=bool(found) and key_of(found[0]) is not None,
        shown=bool(answer.citations) and key_of(answer.citations[0]) is not None,
    )
    compared, disputed = _find_compared(examined, key_of), _find_disputed(answer, key_of)
    pairs = [
        _pair(relation, stages, compared, disputed)
        for relation in question.relations
        if relation.label in DISPUTES
    ]
    return Funnel(asked if golds else None, tuple(stages.values()), tuple(pairs))


def sum_funnels(funnels: Iterable[Funnel]) -> dict[str, tuple[float, int]]:
    """Of each figure how much of how many; those that no funnel says anything of are left out."""
    counted: dict[str, tuple[float, int]] = {}
    for one in funnels:
        questions = [] if one.question is None else [one.question]
        for name, stages, rows in (
            ("question", QUESTION_STAGES, questions),
            ("source", SOURCE_STAGES, one.sources),
            ("pair", PAIR_STAGES, one.pairs),
        ):
            for stage in stages if rows else ():
                part, whole = counted.get(f"funnel_{name}_{stage}", (0, 0))
                held = sum(getattr(row, stage) for row in rows)
                counted[f"funnel_{name}_{stage}"] = (part + held, whole + len(rows))
    return counted


def _pair(
    relation: Relation,
    stages: Mapping[str, SourceStages],
    compared: Set[frozenset[str]],
    disputed: Mapping[frozenset[str], bool],
) -> PairStages:
    one, other = (stages[key] for key in sorted(relation.pair))
    return PairStages(
        one=one.source,
        other=other.source,
        label=relation.label,
        read=one.read and other.read,
        proposed=one.proposed and other.proposed,
        best=one.best and other.best,
        shown=one.shown and other.shown,
        compared=relation.pair in compared,
        disputed=relation.pair in disputed,
        disagree=disputed.get(relation.pair, False),
    )


def _find_compared(examined: Examined | None, key_of: KeyOf) -> set[frozenset[str]]:
    """The pairs of sources of which two right sentences were held against each other."""
    if examined is None:
        return set()
    keys = [key_of(one.citation) for one in examined.statements]
    return {pair for one in examined.compared if (pair := _both(keys[one.one], keys[one.other]))}


def _find_disputed(answer: Answer, key_of: KeyOf) -> dict[frozenset[str], bool]:
    """The pairs of sources that a conflict shows on two sides with right sentences; whether they disagree."""
    shown: dict[frozenset[str], bool] = {}
    for conflict in answer.conflicts:
        sides = [[key_of(one) for one in side] for side in conflict.by_side()]
        for one, other in combinations(sides, 2):
            for pair in filter(None, starmap(_both, product(one, other))):
                shown[pair] = shown.get(pair, False) or conflict.tier == "disagree"
    return shown


def _both(one: str | None, other: str | None) -> frozenset[str] | None:
    """The two, where they are two."""
    return frozenset((one, other)) if one and other and one != other else None


def _within(hit: Hit, gold: StoryAnswer) -> bool:
    """Whether any of the answer lies in the passage."""
    return gold.start < hit.chunk.end and gold.start + len(gold.text) > hit.chunk.start
