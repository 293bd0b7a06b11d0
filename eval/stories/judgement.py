"""One answer held against what each source of a story says: the answer, who says what, verdicts, disputes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from eval.cases import Case, is_hit
from eval.stories.funnel import Funnel, funnel_of
from eval.stories.records import DISPUTES, Relation, RelationLabel, Story, StoryAnswer, StoryQuestion
from eval.stories.scoring import Source, holds, word_f1
from qa.conflicts.merging import surest
from qa.records import Answer, Citation, Conflict, ConflictKind, ConflictTier, Polarity
from qa.stages import Examined

# A quote with this F1 against the gold span is the span.
SPAN_F1 = 0.5


@dataclass(frozen=True, slots=True)
class QuotedSource:
    """A source that answers a question (has a `gold`), is quoted in a position (`quotes`), or both.

    `right`: a sentence quoted of it holds its gold answer. `verdict` is that of the first position with it,
    None where none is shown. `rank`, from 1, is that of the first passage with its gold answer.
    """

    source: Source
    gold: StoryAnswer | None
    quotes: tuple[Citation, ...]
    right: bool
    verdict: Polarity | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class SourcePair:
    """Two sources whose answers are labelled, or that one conflict shows (`shown`, its kinds), or both.

    `tier` is that of the surest conflict that shows them, None where none does.
    """

    one: Source
    other: Source
    label: RelationLabel | None
    kind: ConflictKind | None
    shown: tuple[ConflictKind, ...]
    tier: ConflictTier | None

    @property
    def disputed(self) -> bool:
        """Whether the pair is to be shown."""
        return self.label in DISPUTES


@dataclass(frozen=True, slots=True)
class JudgedStoryQuestion:
    """A question, its answer, and all that is counted of it.

    `case.right`: the first citation's sentence holds a gold answer of its source; of an unanswerable
    question, that none was shown. `span_f1` is None but of spans and lists; `closest_right` but where an
    answerable question was not answered; `gold_verdict` but of a yes/no question rightly answered, and then
    `verdict` is what the position of the first citation shows.
    """

    case: Case
    story: str
    question: StoryQuestion
    answer: Answer
    funnel: Funnel
    span_f1: float | None
    closest_right: bool | None
    gold_verdict: Polarity | None
    verdict: Polarity | None
    sources: tuple[QuotedSource, ...]
    pairs: tuple[SourcePair, ...]

    def to_dict(self, *, texts: bool = True) -> dict[str, Any]:
        """One row; without `texts` nothing of the question and the accounts but ids, labels and figures."""
        case = self.case.to_dict()
        row = {
            **{
                key: value for key, value in case.items() if texts or key not in ("question", "golds", "text")
            },
            "story": self.story,
            "line": self.question.line,
            "follow": self.question.follow,
            "status": self.answer.status,
            "span_f1": self.span_f1,
            "closest_right": self.closest_right,
            "gold_verdict": self.gold_verdict,
            "verdict": self.verdict,
            "sources": [self._source_row(one, texts=texts) for one in self.sources],
            "pairs": [self._pair_row(one) for one in self.pairs],
            "funnel": self.funnel.to_dict(),
            "conflict_check": self.answer.conflict_check.status,
        }
        return {**row, **self._texts()} if texts else row

    def _source_row(self, one: QuotedSource, *, texts: bool) -> dict[str, Any]:
        row = {
            "source": one.source.within(self.story),
            "answers": one.gold is not None,
            "quoted": bool(one.quotes),
            "right": one.right,
            "gold_verdict": one.gold.verdict if one.gold else None,
            "verdict": one.verdict,
            "rank": one.rank,
        }
        told = {"gold": one.gold.text if one.gold else None, "quotes": [quote.quote for quote in one.quotes]}
        return {**row, **told} if texts else row

    def _pair_row(self, one: SourcePair) -> dict[str, Any]:
        return {
            "one": one.one.within(self.story),
            "other": one.other.within(self.story),
            "label": one.label,
            "kind": one.kind,
            "shown": list(one.shown),
            "tier": one.tier,
        }

    def _texts(self) -> dict[str, Any]:
        answer = self.answer
        return {
            "standalone": self.question.standalone,
            "asked_as": answer.standalone_question,
            "about": list(answer.about),
            "citation": _to_row(answer.citations[0]) if answer.citations else None,
            "closest": [_to_row(one) for one in answer.closest],
            "conflicts": [
                {
                    "kind": conflict.kind,
                    "tier": conflict.tier,
                    "explanation": conflict.explanation,
                    "score": conflict.score,
                    "possible_update": conflict.possible_update,
                    "statements": [_to_row(one) for one in conflict.statements],
                }
                for conflict in answer.conflicts
            ],
        }


def judge_story_question(
    story: Story,
    number: int,
    answer: Answer,
    sources: Mapping[str, Source],
    *,
    examined: Examined | None,
    milliseconds: float,
) -> JudgedStoryQuestion:
    """What became of question `number`, from 0; `sources` and `examined` as in `funnel_of`."""
    question = story.questions[number]
    golds = {Source(story.id, key): gold for key, gold in question.answers.items()}
    first = answer.citations[0] if answer.citations else None
    gold = golds.get(sources[first.article_id]) if first else None
    hit = first is not None and gold is not None and holds(first, gold.text)
    answered = answer.status == "answered"
    case = Case(
        id=f"{story.id}#{number + 1}",
        kind=question.group,
        question=question.question,
        golds=tuple(dict.fromkeys(one.text for one in golds.values())),
        text=answer.text,
        answered=answered,
        confidence=answer.confidence,
        answer_hit=is_hit(answer.text, [one.text for one in golds.values()]),
        right=hit if golds else not answered,
        milliseconds=milliseconds,
    )
    spans = golds and question.kind in ("span", "list")
    told = question.kind == "yesno" and hit
    return JudgedStoryQuestion(
        case=case,
        story=story.id,
        question=question,
        answer=answer,
        funnel=funnel_of(story, number, examined, answer, sources),
        span_f1=(word_f1(first.quote, gold.text) if first and gold else 0.0) if spans else None,
        closest_right=_closest_right(answer, golds, sources) if golds and not answered else None,
        gold_verdict=gold.verdict if told and gold else None,
        verdict=_verdict_beside(first, answer) if told and first else None,
        sources=_find_quoted(answer, golds, sources),
        pairs=_pairs(story, question, answer, sources),
    )


def _closest_right(
    answer: Answer, golds: Mapping[Source, StoryAnswer], sources: Mapping[str, Source]
) -> bool:
    found = ((one, golds.get(sources[one.article_id])) for one in answer.closest)
    return any(gold is not None and holds(one, gold.text) for one, gold in found)


def _verdict_beside(first: Citation, answer: Answer) -> Polarity | None:
    """What the position with the first citation says."""
    place = (first.article_id, first.start)
    with_it = (
        position.polarity
        for position in answer.positions
        if any((one.article_id, one.start) == place for one in position.citations)
    )
    return next(with_it, None)


def _find_quoted(
    answer: Answer, golds: Mapping[Source, StoryAnswer], sources: Mapping[str, Source]
) -> tuple[QuotedSource, ...]:
    quotes: dict[Source, list[Citation]] = {}
    verdicts: dict[Source, Polarity | None] = {}
    for position in answer.positions:
        for citation in position.citations:
            source = sources[citation.article_id]
            quotes.setdefault(source, []).append(citation)
            verdicts.setdefault(source, position.polarity)
    found = []
    for source in sorted({*golds, *quotes}):
        gold, own = golds.get(source), tuple(quotes.get(source, ()))
        passages = [one for one in answer.passages if sources[one.article_id] == source]
        rank = min((one.rank for one in passages if gold and gold.text in one.text), default=None)
        right = gold is not None and any(holds(one, gold.text) for one in own)
        found.append(QuotedSource(source, gold, own, right, verdicts.get(source), rank))
    return tuple(found)


def _pairs(
    story: Story, question: StoryQuestion, answer: Answer, sources: Mapping[str, Source]
) -> tuple[SourcePair, ...]:
    labelled: dict[tuple[Source, Source], Relation] = {}
    for relation in question.relations:
        one, other = (Source(story.id, key) for key in sorted(relation.pair))
        labelled[one, other] = relation
    shown: dict[tuple[Source, Source], list[Conflict]] = {}
    for conflict in answer.conflicts:
        for pair in combinations(_distinct(conflict.statements, sources), 2):
            shown.setdefault(pair, []).append(conflict)
    found = []
    for pair in sorted({*labelled, *shown}):
        gold, conflicts = labelled.get(pair), shown.get(pair, [])
        label, kind = (gold.label, gold.kind) if gold else (None, None)
        kinds = tuple(dict.fromkeys(one.kind for one in conflicts))
        found.append(SourcePair(*pair, label, kind, kinds, surest(conflicts)))
    return tuple(found)


def _distinct(statements: Iterable[Citation], sources: Mapping[str, Source]) -> list[Source]:
    return sorted({sources[one.article_id] for one in statements})


def _to_row(citation: Citation) -> dict[str, Any]:
    return {
        "publisher": citation.publisher,
        "quote": citation.quote,
        "sentence": citation.sentence,
        "score": citation.score,
    }
