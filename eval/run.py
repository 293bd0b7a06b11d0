"""A run over our own gold set: ask every question, judge every answer, sum up, write one row a question."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from eval.cases import Asker, Case, QuestionStages, by_kind, question_funnel, summarise
from eval.errors import GoldError
from eval.gold.questions import GoldQuestion
from eval.judge import RECALL_AT, Judge, Judgement, Place
from eval.metrics import mean, mrr, percentile, precision_recall, ratio, recall_at_k
from eval.pairs.judging import JudgedPair
from eval.provenance import Run
from index.records import Article
from qa.records import Answer, Citation
from qa.stages import Examined


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run found: metrics by name, one row a question or pair, and what became of each."""

    metrics: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    cases: Sequence[Case] = ()
    pairs: Sequence[JudgedPair] = ()


def evaluate(
    questions: Sequence[GoldQuestion],
    ask: Asker,
    articles: Iterable[Article],
    *,
    watch: Callable[[Sequence[GoldQuestion]], Iterable[GoldQuestion]] = iter,
) -> tuple[Judgement, ...]:
    """One judgement a question, in order; `ask` answers from `articles`, `watch` shows progress.

    Raises GoldError, before the first question is asked, when an article does not hold a gold quote.
    """
    judge = Judge(articles)
    for question in questions:
        judge.locate(question)
    return tuple(_judge(judge, question, ask) for question in watch(questions))


def _judge(judge: Judge, question: GoldQuestion, ask: Asker) -> Judgement:
    """The judgement, with the stages of a question of which it is known what answers it, and where."""
    examined: list[Examined] = []
    answer = ask(question.question, history=question.history, on_examined=examined.append)
    judged = judge.judge(question, answer)
    evidence = [place for places in judge.locate(question).evidence for place in places]
    if not question.answers or not evidence:
        return judged
    stages = _stages(evidence, examined[-1] if examined else None, answer)
    return replace(judged, case=replace(judged.case, stages=stages))


def _stages(evidence: Sequence[Place], examined: Examined | None, answer: Answer) -> QuestionStages:
    """A sentence is right that stands where the evidence does; an overview goes through no stage."""

    def right(article_id: str, start: int, end: int) -> bool:
        return any(one.matches(Place(article_id, start, end)) for one in evidence)

    def is_cited(one: Citation) -> bool:
        return right(one.article_id, one.sentence_start, one.sentence_end)

    found = [one.citation for one in examined.found] if examined else []
    read = examined.read if examined else ()
    return QuestionStages(
        read=any(right(hit.article.id, one.start, one.end) for hit in read for one in hit.chunk.sentences),
        proposed=any(map(is_cited, found)),
        first=bool(found) and is_cited(found[0]),
        shown=bool(answer.citations) and is_cited(answer.citations[0]),
    )


def summarise_judgements(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """Metrics by name of at least one judgement: `cases.summarise`, then sources, conflicts, stages, kinds.

    `evidence_hit`, recall and MRR are over the answerable questions, `every_side_shown` over those on which
    the articles disagree, `false_alarms` over the answerable ones on which they agree, the funnel over those
    whose evidence is named; the others over all.
    """
    answerable = [one for one in judgements if one.case.answerable]
    return {
        **summarise([one.case for one in judgements]),
        "evidence_hit": mean([float(one.evidence_hit) for one in answerable]),
        "citation_precision": ratio(
            sum(one.citations_right for one in judgements), sum(one.citations for one in judgements)
        ),
        "misquotes": sum(one.misquotes for one in judgements),
        **{f"recall@{k}": _mean_recall(answerable, k) for k in RECALL_AT},
        "mrr": mrr([one.first_rank for one in answerable]),
        **_conflict_metrics(judgements),
        **question_funnel([one.case for one in judgements]),
        "stages_ms_p50": {
            stage: percentile([one.timings_ms[stage] for one in judgements], 50)
            for stage in judgements[0].timings_ms
        },
        "kinds": by_kind([one.case for one in judgements]),
    }


def write_rows(file: Path, rows: Iterable[Mapping[str, Any]], run: Run) -> None:
    """One JSON object a line: the row's fields, then the run's. Raises GoldError if it cannot be written."""
    carried = run.to_dict()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8") as lines:
            for row in rows:
                lines.write(json.dumps({**row, **carried}, ensure_ascii=False) + "\n")
    except OSError as error:
        reason = f"the results cannot be written to {file}: {error}; name another place with --out"
        raise GoldError(reason) from error


def _mean_recall(answerable: Sequence[Judgement], k: int) -> float | None:
    recalls = [recall_at_k(one.ranks, k) for one in answerable]
    return mean([recall for recall in recalls if recall is not None])


def _conflict_metrics(judgements: Sequence[Judgement]) -> dict[str, float | None]:
    conflicts = precision_recall(
        right=sum(one.conflicts_right for one in judgements),
        predicted=sum(one.conflicts_shown for one in judgements),
        found=sum(one.conflicts_found for one in judgements),
        gold=sum(one.conflicts_gold for one in judgements),
    )
    statements = precision_recall(
        right=sum(one.statements_right for one in judgements),
        predicted=sum(one.statements_shown for one in judgements),
        found=sum(one.statements_found for one in judgements),
        gold=sum(one.statements_gold for one in judgements),
    )
    disputed = [one for one in judgements if one.conflicts_gold]
    agreed = [one for one in judgements if one.case.answerable and not one.conflicts_gold]
    answered = [one for one in judgements if one.case.answered]
    return {
        **{f"conflict_{name}": value for name, value in asdict(conflicts).items()},
        **{f"statement_{name}": value for name, value in asdict(statements).items()},
        "conflict_kind_accuracy": ratio(
            sum(one.conflict_kinds_right for one in judgements),
            sum(one.conflicts_right for one in judgements),
        ),
        "every_side_shown": mean([float(one.every_side_shown) for one in disputed]),
        "false_alarms": mean([float(one.conflicts_shown > 0) for one in agreed]),
        "conflicts_checked": mean([float(one.conflict_check == "checked") for one in answered]),
    }
